#include "services/triage/guide_service.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/guide_fit.h"
#include "services/triage/guide_life.h"
#include "services/triage/library_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kUnderWayAt[] = "recipient = ? AND state IN ('SENT', 'RECEIVED', 'ACCEPTED')";
constexpr char kNaming[] = "JSON_CONTAINS(guides, ?)";

// Pushes as one of the guide's classes.
db::Predicate OfClasses(const v1::ProjectGuide& guide) {
  db::Predicate of{absl::StrCat("triage_class IN ", db::Marks(guide.triage_classes_size())), {}};
  for (const int one : guide.triage_classes()) {
    of.params.emplace_back(ClassName(static_cast<policy::v1::TriageClass>(one)));
  }
  return of;
}

}  // namespace

std::vector<rpc::UnaryMethod> GuideService::Methods() {
  using S = GuideService;
  return {
      rpc::Unary("GetProjectGuide", this, &S::GetProjectGuide),
      rpc::Unary("ListProjectGuides", this, &S::ListProjectGuides),
      rpc::Unary("CreateProjectGuide", this, &S::CreateProjectGuide),
      rpc::Unary("UpdateProjectGuide", this, &S::UpdateProjectGuide),
      rpc::Unary("PublishProjectGuide", this, &S::PublishProjectGuide),
      rpc::Unary("WithdrawProjectGuide", this, &S::WithdrawProjectGuide),
  };
}

v1::ProjectGuide GuideService::Present(const rpc::Call& call, v1::ProjectGuide row) const {
  row.set_accepting(IsAccepting(row, time::DayOf(deps_.store.clock.Now())));
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) return row;
  for (std::string& verb : rpc::ActionsOf(call, ProjectGuideLife(), row.state(), "ProjectGuide")) {
    row.add_actions(std::move(verb));
  }
  return row;
}

absl::StatusOr<v1::ProjectGuide> GuideService::GetProjectGuide(
    const rpc::Call& call, const v1::GetProjectGuideRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ProjectGuide row,
                           rpc::Fetch(deps_.store.db, call, guides_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListProjectGuidesResponse> GuideService::ListProjectGuides(
    const rpc::Call& call, const v1::ListProjectGuidesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, guides_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListProjectGuidesResponse response;
  for (v1::ProjectGuide& row : page.rows) {
    *response.add_project_guides() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ProjectGuide> GuideService::CreateProjectGuide(
    const rpc::Call& call, const v1::CreateProjectGuideRequest& request) {
  v1::ProjectGuide wanted = request.project_guide();
  if (wanted.department().empty()) wanted.set_department(call.principal.organization);
  if (wanted.department() != call.principal.organization && !IsOffice(call, deps_.pack.Office())) {
    return status::InvalidField("project_guide.department", "只能录入本处室的项目指南");
  }
  wanted.set_office(deps_.pack.Office());
  wanted.set_state(v1::PROJECT_GUIDE_STATE_DRAFT);
  UsePackNames(deps_.pack, &wanted);
  CHANYAN_RETURN_IF_ERROR(Refuse(GuideViolations(deps_.pack, wanted), "project_guide"));
  CHANYAN_ASSIGN_OR_RETURN(*wanted.mutable_department_title(),
                           TitleOf(deps_, call, wanted.department()));
  return rpc::Mutate<v1::ProjectGuide>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ProjectGuide> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.department()}));
        v1::ProjectGuide row = wanted;
        row.set_name(absl::StrCat("guides/", api::NewShortId()));
        if (request.validate_only()) return Present(call, row);
        CHANYAN_RETURN_IF_ERROR(guides_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::ProjectGuide> GuideService::UpdateProjectGuide(
    const rpc::Call& call, const v1::UpdateProjectGuideRequest& request) {
  const v1::ProjectGuide& update = request.project_guide();
  return rpc::Mutate<v1::ProjectGuide>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ProjectGuide> {
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ProjectGuide row,
            guides_.GetForUpdate(change.session(), update.name(),
                                 auth::Writable<v1::ProjectGuide>(call.principal)));
        if (!update.etag().empty() && update.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, update.etag(), row);
        }
        if (row.state() == v1::PROJECT_GUIDE_STATE_WITHDRAWN) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "项目指南已撤回，不能修改");
        }
        const v1::ProjectGuide before = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
        UsePackNames(deps_.pack, &row);
        CHANYAN_RETURN_IF_ERROR(Refuse(GuideViolations(deps_.pack, row), "project_guide"));
        if (request.validate_only() ||
            google::protobuf::util::MessageDifferencer::Equals(before, row)) {
          return Present(call, std::move(row));
        }
        CHANYAN_RETURN_IF_ERROR(guides_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("updated", &before, &row));
        return Present(call, std::move(row));
      });
}

absl::Status GuideService::EachPush(rpc::Change& change, const v1::ProjectGuide& guide,
                                    const db::Predicate& which, absl::string_view kind,
                                    PushEdit edit) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Push> pushes,
      pushes_.Select(change.session(), db::And({kUnderWayAt, {guide.department()}}, which),
                     db::kByNameLocked));
  std::vector<std::string> names;
  for (const v1::Push& push : pushes) names.push_back(ResultOfName(push.name()));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Result> results,
                           results_.GetAll(change.session(), names));
  absl::flat_hash_map<std::string, const v1::Result*> by_name;
  for (const v1::Result& result : results) by_name[result.name()] = &result;
  std::vector<v1::Push> before;
  std::vector<v1::Push> after;
  for (v1::Push& push : pushes) {
    const auto result = by_name.find(ResultOfName(push.name()));
    v1::Push next = push;
    if (result == by_name.end() || !edit(*result->second, &next)) continue;
    before.push_back(std::move(push));
    after.push_back(std::move(next));
  }
  if (after.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(pushes_.UpdateAll(change.session(), change.now(), &after));
  std::vector<journal::Alteration> changed;
  for (size_t i = 0; i < after.size(); ++i) changed.push_back({&before[i], &after[i]});
  return change.RecordAll(kind, changed);
}

absl::StatusOr<v1::ProjectGuide> GuideService::PublishProjectGuide(
    const rpc::Call& call, const v1::PublishProjectGuideRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ProjectGuide guide,
      rpc::Edit<v1::ProjectGuide>(
          deps_.store, call, request, guides_, request.name(), request.etag(), "publish",
          [&](rpc::Change& change, v1::ProjectGuide& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const auto next,
                                     policy::Next(ProjectGuideLife(), row.state(), "publish"));
            if (IsOver(row, time::DayOf(change.now()))) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                                "申报截止日期已过，请先修改再发布");
            }
            row.set_state(next);
            api::SetTime(change.now(), row.mutable_publish_time());
            return absl::OkStatus();
          },
          [&](rpc::Change& change, const v1::ProjectGuide& row) -> absl::Status {
            return EachPush(change, row, OfClasses(row), "guide published",
                            [&](const v1::Result& result, v1::Push* push) {
                              return Fits(deps_.pack, row, push->triage_class(), result) &&
                                     AddGuide(row, push);
                            });
          }));
  return Present(call, std::move(guide));
}

absl::StatusOr<v1::ProjectGuide> GuideService::WithdrawProjectGuide(
    const rpc::Call& call, const v1::WithdrawProjectGuideRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ProjectGuide guide,
      rpc::Edit<v1::ProjectGuide>(
          deps_.store, call, request, guides_, request.name(), request.etag(), "withdraw",
          [&](rpc::Change&, v1::ProjectGuide& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const auto next,
                                     policy::Next(ProjectGuideLife(), row.state(), "withdraw"));
            row.set_state(next);
            row.set_withdraw_reason(request.reason());
            return absl::OkStatus();
          },
          [&](rpc::Change& change, const v1::ProjectGuide& row) -> absl::Status {
            return EachPush(change, row, {kNaming, {api::JsonString(row.name())}},
                            "guide withdrawn", [&](const v1::Result&, v1::Push* push) {
                              DropGuide(row.name(), push);
                              return true;
                            });
          }));
  return Present(call, std::move(guide));
}

}  // namespace chanyan::triage
