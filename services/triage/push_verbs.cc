// What recipients do with a push (TRI-4): receive, accept, decline, answer, and say under which
// project guides they take it up.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/clock_rules.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/guide_fit.h"
#include "services/triage/parties.h"
#include "services/triage/push_life.h"
#include "services/triage/push_parties.h"

namespace chanyan::triage {

using options::v1::ERROR_REASON_WRONG_STATE;

absl::StatusOr<v1::Push> DispatchService::ByRecipient(const rpc::Call& call,
                                                      const google::protobuf::Message& request,
                                                      const std::string& name,
                                                      const std::string& etag,
                                                      absl::string_view verb, RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(deps_.store, call, request, pushes_, name, etag, verb,
                          [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                            CHANYAN_RETURN_IF_ERROR(RequireRecipient(call, row));
                            CHANYAN_ASSIGN_OR_RETURN(const v1::PushState next,
                                                     policy::Next(PushLife(), row.state(), verb));
                            CHANYAN_RETURN_IF_ERROR(NoteLate(change.now(), &row));
                            const bool fresh = row.state() == v1::PUSH_STATE_SENT;
                            row.set_state(next);
                            if (fresh && IsUnderWay(next)) {
                              CHANYAN_RETURN_IF_ERROR(Clock(
                                  change, call, v1::CLOCK_EVENT_KIND_START, kAnswerPhase,
                                  static_cast<int>(deps_.pack.proto().clock().answer_workdays()),
                                  "", &row));
                            }
                            return edit(change, row);
                          }));
  return Present(call, std::move(push));
}

absl::StatusOr<v1::Push> DispatchService::ReceivePush(const rpc::Call& call,
                                                      const v1::ReceivePushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "receive",
                     [](rpc::Change&, v1::Push&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Push> DispatchService::AcceptPush(const rpc::Call& call,
                                                     const v1::AcceptPushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "accept",
                     [](rpc::Change&, v1::Push&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Push> DispatchService::DeclinePush(const rpc::Call& call,
                                                      const v1::DeclinePushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "decline",
                     [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                       row.set_decline_reason(request.reason());
                       return Clock(change, call, v1::CLOCK_EVENT_KIND_STOP, "", 0,
                                    request.reason(), &row);
                     });
}

absl::StatusOr<v1::Push> DispatchService::AnswerPush(const rpc::Call& call,
                                                     const v1::AnswerPushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "answer",
                     [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                       row.set_answer(request.answer());
                       api::SetTime(change.now(), row.mutable_answer_time());
                       return Clock(change, call, v1::CLOCK_EVENT_KIND_STOP, "", 0, "已答复", &row);
                     });
}

absl::StatusOr<std::vector<v1::ProjectGuide>> DispatchService::GuidesToTie(
    db::Session& session, absl::CivilDay today, const v1::TiePushRequest& request,
    const v1::Push& push) const {
  std::vector<status::Violation> wrong;
  std::vector<v1::ProjectGuide> tied;
  for (int i = 0; i < request.guides_size(); ++i) {
    const std::string place = absl::StrCat("guides[", i, "]");
    const auto& all = request.guides();
    if (std::find(all.begin(), all.begin() + i, all[i]) != all.begin() + i) {
      wrong.push_back({place, "与前面的项目指南重复"});
      continue;
    }
    const absl::StatusOr<v1::ProjectGuide> guide = guides_.GetForUpdate(session, all[i]);
    if (absl::IsNotFound(guide.status()) ||
        (guide.ok() && guide->state() != v1::PROJECT_GUIDE_STATE_PUBLISHED)) {
      wrong.push_back({place, "没有这一项目指南，或未发布"});
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(guide.status());
    if (const std::string why = WhyNotTied(*guide, push, today); !why.empty()) {
      wrong.push_back({place, absl::StrCat("“", guide->title(), "”", why)});
    }
    tied.push_back(*guide);
  }
  if (request.guides().empty() && request.note().empty()) {
    wrong.push_back({"note", "没有结合项目指南的，请说明理由"});
  }
  if (!wrong.empty()) return status::InvalidFields(std::move(wrong));
  return tied;
}

absl::StatusOr<v1::Push> DispatchService::TiePush(const rpc::Call& call,
                                                  const v1::TiePushRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(
          deps_.store, call, request, pushes_, request.name(), request.etag(), "tie",
          [&](rpc::Change& change, v1::Push& row) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(RequireRecipient(call, row));
            if (!IsUnderWay(row.state()) && row.state() != v1::PUSH_STATE_ANSWERED) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  absl::StrCat("当前状态为“", policy::LabelOf(row.state()), "”，不再结合项目指南"));
            }
            CHANYAN_ASSIGN_OR_RETURN(
                const std::vector<v1::ProjectGuide> guides,
                GuidesToTie(change.session(), time::DayOf(change.now()), request, row));
            NameGuides(guides, &row);
            row.set_guide_note(request.note());
            return absl::OkStatus();
          }));
  return Present(call, std::move(push));
}

}  // namespace chanyan::triage
