// RPC handlers of chanyan.consortium.v1.ReviewMeetingService (CON-4). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/review_meeting.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/review_book.h"
#include "services/consortium/review_deps.h"

namespace chanyan::consortium {

class MeetingService {
 public:
  MeetingService(ReviewDeps deps, const ReviewBook& book) : deps_(std::move(deps)), book_(book) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ReviewMeeting> CreateReviewMeeting(const rpc::Call&,
                                                        const v1::CreateReviewMeetingRequest&);
  absl::StatusOr<v1::ReviewMeeting> GetReviewMeeting(const rpc::Call&,
                                                     const v1::GetReviewMeetingRequest&);
  absl::StatusOr<v1::ListReviewMeetingsResponse> ListReviewMeetings(
      const rpc::Call&, const v1::ListReviewMeetingsRequest&);
  absl::StatusOr<v1::ReviewMeeting> MoveReviewMeeting(const rpc::Call&,
                                                      const v1::MoveReviewMeetingRequest&);
  absl::StatusOr<v1::ReviewMeeting> RecordReviewMeeting(const rpc::Call&,
                                                        const v1::RecordReviewMeetingRequest&);
  absl::StatusOr<v1::ReviewMeeting> CancelReviewMeeting(const rpc::Call&,
                                                        const v1::CancelReviewMeetingRequest&);

 private:
  v1::ReviewMeeting Present(const rpc::Call& call, v1::ReviewMeeting row) const;
  // The dossier of a meeting, locked first.
  absl::StatusOr<v1::Consortium> LockDossier(rpc::Change& change, const rpc::Call& call,
                                             const std::string& meeting) const;

  const ReviewDeps deps_;
  const ReviewBook& book_;
  const db::Table<v1::ReviewMeeting> meetings_;
};

}  // namespace chanyan::consortium
