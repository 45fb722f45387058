// Who belonged to a filed consortium from when until when (CON-8): kept in step with the dossier.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"

namespace chanyan::consortium {

// Thread-safe.
class MembershipBook {
 public:
  // Of a dossier that is filed just now. Nothing is locked beside what is written, so that many may
  // be filed at once.
  absl::Status Begin(rpc::Change& change, const v1::Consortium& row, absl::string_view cause) const;
  // Open memberships become those of the dossier: who is no more ends now, who is new begins now,
  // and who is something else begins anew. With `ended` nobody goes on.
  absl::Status Align(rpc::Change& change, const v1::Consortium& row, absl::string_view cause,
                     bool ended = false) const;

 private:
  // By organization.
  using Wanted = std::map<std::string, v1::Membership>;
  static Wanted WantedOf(const v1::Consortium& row);
  absl::Status Insert(rpc::Change& change, const v1::Consortium& row, absl::string_view cause,
                      Wanted wanted) const;

  const db::Table<v1::Membership> memberships_;
};

}  // namespace chanyan::consortium
