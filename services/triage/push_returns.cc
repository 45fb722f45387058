// Pushes that were declined (TRI-4): their owner sends them to somebody else, or says why to
// nobody.
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/guide_fit.h"
#include "services/triage/parties.h"
#include "services/triage/push_parties.h"

namespace chanyan::triage {

using options::v1::ERROR_REASON_WRONG_STATE;

absl::StatusOr<v1::Push> DispatchService::ReroutePush(const rpc::Call& call,
                                                      const v1::ReroutePushRequest& request) {
  const policy::v1::TriageUnit* unit = deps_.pack.FindOrganization(request.recipient());
  if (unit == nullptr) {
    return status::InvalidField("recipient", "只能改送政策包列出的单位");
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Mutate<v1::Push>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Push> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Result result,
                                     book_.LockAny(change, ResultOfName(request.name())));
            CHANYAN_ASSIGN_OR_RETURN(
                v1::Push declined, pushes_.GetForUpdate(change.session(), request.name(),
                                                        auth::Writable<v1::Push>(call.principal)));
            if (!request.etag().empty() && request.etag() != declined.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), declined);
            }
            CHANYAN_RETURN_IF_ERROR(RequireOwner(call, declined));
            CHANYAN_RETURN_IF_ERROR(RequireReturned(declined));
            if (result.state() != v1::RESULT_STATE_PUBLISHED) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "成果已不在库中");
            }
            if (!absl::c_linear_search(result.classes(),
                                       static_cast<int>(declined.triage_class()))) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  absl::StrCat("成果已不再归入“", policy::LabelOf(declined.triage_class()),
                               "”，不能改送，请说明理由办结"));
            }
            // A unit of the pack that has become part of another is that one.
            CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor successor,
                                     rpc::SuccessorOf(change.session(), unit->organization()));
            const bool goes_on = successor.organization.empty();
            v1::Push next;
            next.set_triage_class(declined.triage_class());
            next.set_recipient(goes_on ? unit->organization() : successor.organization);
            next.set_recipient_title(goes_on ? unit->display_name() : successor.title);
            next.set_request(request.reason());
            next.set_reroute_of(declined.name());
            CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ProjectGuide> open,
                                     OpenGuides(change.session(), time::DayOf(change.now())));
            NameGuides(
                FittingGuides(deps_.pack, open, next.recipient(), next.triage_class(), result),
                &next);
            CHANYAN_ASSIGN_OR_RETURN(
                const std::string known,
                PushTo(change.session(), result.name(), next.recipient(), next.triage_class()));
            if (!known.empty()) {
              return status::AlreadyExists(
                  known, absl::StrCat("已按“", policy::LabelOf(next.triage_class()), "”推送给",
                                      next.recipient_title(), "，不再重复推送"));
            }
            const v1::Push was = declined;
            declined.set_settled(true);
            declined.set_settle_note(
                absl::StrCat("改送", next.recipient_title(), "：", request.reason()));
            CHANYAN_RETURN_IF_ERROR(pushes_.Update(change.session(), change.now(), &declined));
            CHANYAN_RETURN_IF_ERROR(change.Record("reroute", &was, &declined));
            const v1::Result before = result;
            CHANYAN_RETURN_IF_ERROR(Send(change, call, result, &next));
            result.add_recipients(next.recipient());
            if (call.principal.organization == result.holder()) {
              ResultBook::Act(change.now(), &result);
            }
            CHANYAN_RETURN_IF_ERROR(book_.Save(change, "rerouted", before, &result));
            return next;
          }));
  return Present(call, std::move(push));
}

absl::StatusOr<v1::Push> DispatchService::SettlePush(const rpc::Call& call,
                                                     const v1::SettlePushRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(deps_.store, call, request, pushes_, request.name(), request.etag(),
                          "settle", [&](rpc::Change&, v1::Push& row) -> absl::Status {
                            CHANYAN_RETURN_IF_ERROR(RequireOwner(call, row));
                            CHANYAN_RETURN_IF_ERROR(RequireReturned(row));
                            row.set_settled(true);
                            row.set_settle_note(request.reason());
                            return absl::OkStatus();
                          }));
  return Present(call, std::move(push));
}

}  // namespace chanyan::triage
