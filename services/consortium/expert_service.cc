#include "services/consortium/expert_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/expert_rules.h"
#include "services/consortium/expert_standing.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_facts.h"
#include "services/consortium/review_life.h"

namespace chanyan::consortium {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_EXPERT;
using options::v1::ROLE_LEADER;

}  // namespace

db::Predicate OwnRows(const rpc::Call& call) {
  if (call.principal.Has(ROLE_DEPARTMENT) || call.principal.Has(ROLE_LEADER)) {
    return db::Predicate::Everything();
  }
  return {"account = ?", {call.principal.account}};
}

bool IsOwnRow(const rpc::Call& call, const std::string& account) {
  return call.principal.Has(ROLE_DEPARTMENT) || call.principal.Has(ROLE_LEADER) ||
         (!account.empty() && call.principal.account == account);
}

std::vector<rpc::UnaryMethod> ExpertService::Methods() {
  using S = ExpertService;
  return {
      rpc::Unary("CreateExpert", this, &S::CreateExpert),
      rpc::Unary("GetExpert", this, &S::GetExpert),
      rpc::Unary("ListExperts", this, &S::ListExperts),
      rpc::Unary("UpdateExpert", this, &S::UpdateExpert),
      rpc::Unary("DeclareInterests", this, &S::DeclareInterests),
      rpc::Unary("SuspendExpert", this, &S::SuspendExpert),
      rpc::Unary("RestoreExpert", this, &S::RestoreExpert),
  };
}

v1::Expert ExpertService::Present(const rpc::Call& call, v1::Expert row) const {
  if (call.principal.Has(ROLE_DEPARTMENT)) {
    row.add_actions("update");
    for (std::string& verb : rpc::ActionsOf(call, ExpertLife(), row.state(), "Expert")) {
      row.add_actions(std::move(verb));
    }
  }
  if (call.principal.Has(ROLE_EXPERT) && call.principal.account == row.account()) {
    row.add_actions("declareInterests");
  }
  return row;
}

absl::Status ExpertService::NameOrganizations(const rpc::Call& call, v1::Expert* expert) const {
  std::vector<std::string> names = {expert->employer()};
  for (const auto& past : expert->past_employers()) names.push_back(past.organization());
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LookUp(deps_.peers, rpc::AsService(call), names));
  CHANYAN_RETURN_IF_ERROR(RequireKnown(known, expert->employer(), "expert.employer", false));
  expert->set_employer_title(known.at(expert->employer()).display_name());
  for (int i = 0; i < expert->past_employers_size(); ++i) {
    v1::PastEmployment& past = *expert->mutable_past_employers(i);
    CHANYAN_RETURN_IF_ERROR(RequireKnown(
        known, past.organization(), absl::StrCat("expert.past_employers[", i, "].organization"),
        /*may_be_ended=*/true));
    past.set_organization_title(known.at(past.organization()).display_name());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Expert> ExpertService::CreateExpert(const rpc::Call& call,
                                                       const v1::CreateExpertRequest& request) {
  v1::Expert wanted = request.expert();
  CHANYAN_RETURN_IF_ERROR(Refuse(ExpertViolations(deps_.pack.proto().consortium().review(), wanted,
                                                  time::DayOf(deps_.store.clock.Now())),
                                 "expert"));
  CHANYAN_RETURN_IF_ERROR(NameOrganizations(call, &wanted));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Expert made,
      rpc::Mutate<v1::Expert>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Expert> {
            v1::Expert row = wanted;
            row.set_name(absl::StrCat("experts/", api::NewShortId()));
            row.set_state(v1::EXPERT_STATE_ACTIVE);
            row.set_office(OfficeOf(deps_.pack));
            // The expert's own to say.
            row.clear_interests();
            row.clear_declare_time();
            row.clear_suspend_reason();
            row.clear_actions();
            CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {row.employer()}));
            if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
              return status::PermissionDenied("专家库由备案单位管理");
            }
            const absl::Status inserted = experts_.Insert(change.session(), change.now(), &row);
            if (absl::IsAlreadyExists(inserted)) {
              return status::AlreadyExists(row.account(),
                                           absl::StrCat("账号“", row.account(), "”已是库内专家"));
            }
            CHANYAN_RETURN_IF_ERROR(inserted);
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(made));
}

absl::StatusOr<v1::Expert> ExpertService::GetExpert(const rpc::Call& call,
                                                    const v1::GetExpertRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Expert row,
                           FetchOwn(deps_.store.db, call, experts_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListExpertsResponse> ExpertService::ListExperts(
    const rpc::Call& call, const v1::ListExpertsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, experts_, request, "", request.filter(),
                                request.order_by(), OwnRows(call)));
  v1::ListExpertsResponse response;
  for (v1::Expert& row : page.rows) *response.add_experts() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Expert> ExpertService::UpdateExpert(const rpc::Call& call,
                                                       const v1::UpdateExpertRequest& request) {
  const v1::Expert& wanted = request.expert();
  CHANYAN_ASSIGN_OR_RETURN(const v1::Expert present,
                           rpc::Fetch(deps_.store.db, call, experts_, wanted.name()));
  v1::Expert asked = present;
  CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), wanted, &asked));
  CHANYAN_RETURN_IF_ERROR(NameOrganizations(call, &asked));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Expert changed,
      rpc::Edit<v1::Expert>(
          deps_.store, call, request, experts_, wanted.name(), wanted.etag(), "updated",
          [&](rpc::Change& change, v1::Expert& row) -> absl::Status {
            const v1::Expert before = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), wanted, &row));
            // Names as they were asked for.
            row.set_employer_title(row.employer() == asked.employer() ? asked.employer_title()
                                                                      : before.employer_title());
            if (row.past_employers_size() == asked.past_employers_size()) {
              *row.mutable_past_employers() = asked.past_employers();
            }
            CHANYAN_RETURN_IF_ERROR(
                Refuse(ExpertViolations(deps_.pack.proto().consortium().review(), row,
                                        time::DayOf(change.now())),
                       "expert"));
            return rpc::RefuseSucceeded(change.session(), {row.employer()});
          },
          // Who works elsewhere now may have a conflict that scores are counted in spite of.
          [&](rpc::Change& change, const v1::Expert& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> panels,
                                     ScoredUndecided(change.session(), row.name()));
            return LookAgain(change, panels, change.now());
          }));
  return Present(call, std::move(changed));
}

absl::StatusOr<v1::Expert> ExpertService::DeclareInterests(
    const rpc::Call& call, const v1::DeclareInterestsRequest& request) {
  std::vector<status::Violation> wrong =
      InterestViolations(request, time::DayOf(deps_.store.clock.Now()));
  if (!wrong.empty()) return status::InvalidFields(std::move(wrong));
  std::vector<std::string> names;
  for (const auto& one : request.interests()) names.push_back(one.organization());
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LookUp(deps_.peers, rpc::AsService(call), names));
  auto interests = request.interests();
  for (int i = 0; i < interests.size(); ++i) {
    const std::string& organization = interests[i].organization();
    CHANYAN_RETURN_IF_ERROR(
        RequireKnown(known, organization, absl::StrCat("interests[", i, "].organization"), true));
    interests[i].set_organization_title(known.at(organization).display_name());
  }
  bool changed = false;
  bool scored = false;
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Expert declared,
      rpc::Edit<v1::Expert>(
          deps_.store, call, request, experts_, request.name(), request.etag(), "declared",
          [&](rpc::Change& change, v1::Expert& row) -> absl::Status {
            // His own alone, also of an office that is an expert besides.
            if (call.principal.account != row.account()) return status::NotFound(request.name());
            const v1::Expert before = row;
            *row.mutable_interests() = interests;
            changed = !MessageDifferencer::Equals(before, row);
            api::SetTime(change.now(), row.mutable_declare_time());
            return absl::OkStatus();
          },
          // Panels whose scores are counted on are looked at again, whatever becomes of us.
          [&](rpc::Change& change, const v1::Expert& row) -> absl::Status {
            scored = false;
            if (!changed) return absl::OkStatus();
            CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> panels,
                                     ScoredUndecided(change.session(), row.name()));
            if (panels.empty()) return absl::OkStatus();
            scored = true;
            CHANYAN_RETURN_IF_ERROR(LookAgain(change, panels, change.now()));
            return change.Record("declared after scoring", &row, &row);
          }));
  if (scored && recheck_) recheck_(call, declared.name());
  return Present(call, std::move(declared));
}

absl::StatusOr<v1::Expert> ExpertService::SuspendExpert(const rpc::Call& call,
                                                        const v1::SuspendExpertRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Expert row,
      rpc::Transit<v1::Expert>(deps_.store, call, request, experts_, ExpertLife(), request.name(),
                               request.etag(), "suspend",
                               [&](rpc::Change&, v1::Expert& changed) -> absl::Status {
                                 changed.set_suspend_reason(request.reason());
                                 return absl::OkStatus();
                               }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::Expert> ExpertService::RestoreExpert(const rpc::Call& call,
                                                        const v1::RestoreExpertRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Expert row,
      rpc::Transit<v1::Expert>(deps_.store, call, request, experts_, ExpertLife(), request.name(),
                               request.etag(), "restore",
                               [](rpc::Change&, v1::Expert& changed) -> absl::Status {
                                 changed.clear_suspend_reason();
                                 return absl::OkStatus();
                               }));
  return Present(call, std::move(row));
}

}  // namespace chanyan::consortium
