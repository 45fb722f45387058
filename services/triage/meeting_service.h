// RPC handlers of chanyan.triage.v1.MeetingService (TRI-10, S1 三(三)3). Thread-safe.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"

namespace chanyan::triage {

class MeetingService {
 public:
  explicit MeetingService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::WorkMeeting> GetWorkMeeting(const rpc::Call&,
                                                 const v1::GetWorkMeetingRequest&);
  absl::StatusOr<v1::ListWorkMeetingsResponse> ListWorkMeetings(const rpc::Call&,
                                                                const v1::ListWorkMeetingsRequest&);
  absl::StatusOr<v1::WorkMeeting> CreateWorkMeeting(const rpc::Call&,
                                                    const v1::CreateWorkMeetingRequest&);
  absl::StatusOr<v1::WorkMeeting> UpdateWorkMeeting(const rpc::Call&,
                                                    const v1::UpdateWorkMeetingRequest&);
  absl::StatusOr<v1::WorkMeeting> CompleteWorkMeetingItem(
      const rpc::Call&, const v1::CompleteWorkMeetingItemRequest&);
  absl::StatusOr<google::api::HttpBody> ExportWorkMeetings(const rpc::Call&,
                                                           const v1::ExportWorkMeetingsRequest&);

  // A job's: journals as "reminded" each record of which an open item has come near its last day,
  // or past it, since (NoteTerms): each once for either. How many records.
  absl::StatusOr<int> NoteTermsDue(const db::Lease& lease);

 private:
  // What organizations are called, asked before a transaction.
  using Titles = std::map<std::string, std::string>;
  v1::WorkMeeting Present(const rpc::Call& call, v1::WorkMeeting row) const;
  // Of all that a record names; what the registry does not have goes to `violations`.
  absl::StatusOr<Titles> TitlesIn(const rpc::Call& call, const v1::WorkMeeting& row,
                                  std::vector<status::Violation>* violations) const;
  // Names, owners and the count of open items, after `before`; INVALID_ARGUMENT with all that is
  // wrong, `unknown` with it.
  absl::Status Complete(rpc::Change& change, const v1::WorkMeeting& before, const Titles& titles,
                        std::vector<status::Violation> unknown, v1::WorkMeeting* row) const;

  const Deps deps_;
  const db::Table<v1::WorkMeeting> meetings_;
};

}  // namespace chanyan::triage
