// Finding what the libraries hold (TRI-1): the sources of the index, its host, and the handler of
// chanyan.triage.v1.LibrarySearchService. Thread-safe.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/discovery.pb.h"
#include "chanyan/triage/v1/search.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/runtime.h"
#include "common/search/index.h"
#include "common/search/source.h"
#include "common/time/clock.h"

namespace chanyan::triage {

// A row for each type that is found. Words are looked for in what a listing shows and in nothing
// else.
std::vector<search::Source> LibrarySources();

class LibrarySearchService {
 public:
  LibrarySearchService(const time::Clock& clock, const search::Sources& sources,
                       const search::Index& index)
      : clock_(clock), sources_(sources), index_(index) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<pairing::v1::SearchResponse> SearchLibraries(const rpc::Call&,
                                                              const v1::SearchLibrariesRequest&);

 private:
  const time::Clock& clock_;
  const search::Sources& sources_;
  const search::Index& index_;
};

// An index of this replica over triage's own journal, made anew at each start; until it is made,
// SearchLibraries is UNAVAILABLE and nothing waits for it.
absl::Status HostLibrarySearch(rpc::Runtime& runtime);

}  // namespace chanyan::triage
