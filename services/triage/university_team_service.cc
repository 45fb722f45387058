#include "services/triage/university_team_service.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/normalize.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/export_rows.h"
#include "services/triage/list_text.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/serving.h"
#include "services/triage/team_members.h"
#include "services/triage/university_team_life.h"
#include "services/triage/university_team_rules.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kActiveTeams[] = "state = 'ACTIVE'";
constexpr char kByUniversity[] = "university_title, name";
constexpr int kMostGuidances = 100;

void WriteGuidancesText(v1::UniversityTeam* row) {
  row->set_guidances_text(ListText(
      *row, row->GetDescriptor()->FindFieldByNumber(v1::UniversityTeam::kGuidancesFieldNumber)));
}

// Members once each, as of a service team.
std::vector<status::Violation> OwnMemberViolations(const v1::UniversityTeam& row) {
  v1::ServiceTeam members;
  *members.mutable_members() = row.members();
  return MemberViolations(members);
}

bool IsUniversityOrInstitute(registry::v1::OrganizationKind kind) {
  return kind == registry::v1::ORGANIZATION_KIND_UNIVERSITY ||
         kind == registry::v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE;
}

}  // namespace

std::vector<rpc::UnaryMethod> UniversityTeamService::Methods() {
  using S = UniversityTeamService;
  return {
      rpc::Unary("GetUniversityTeam", this, &S::GetUniversityTeam),
      rpc::Unary("ListUniversityTeams", this, &S::ListUniversityTeams),
      rpc::Unary("CreateUniversityTeam", this, &S::CreateUniversityTeam),
      rpc::Unary("UpdateUniversityTeam", this, &S::UpdateUniversityTeam),
      rpc::Unary("EstablishUniversityTeam", this, &S::EstablishUniversityTeam),
      rpc::Unary("DissolveUniversityTeam", this, &S::DissolveUniversityTeam),
      rpc::Unary("GuideUniversityTeam", this, &S::GuideUniversityTeam),
      rpc::Unary("CompleteUniversityTeamStep", this, &S::CompleteUniversityTeamStep),
      rpc::Unary("QueryUniversitiesWithoutTeam", this, &S::QueryUniversitiesWithoutTeam),
      rpc::Unary("ExportUniversityTeams", this, &S::ExportUniversityTeams),
  };
}

v1::UniversityTeam UniversityTeamService::Present(const rpc::Call& call,
                                                  v1::UniversityTeam row) const {
  WriteGuidancesText(&row);
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) return row;
  for (std::string& verb :
       rpc::ActionsOf(call, UniversityTeamLife(), row.state(), "UniversityTeam")) {
    row.add_actions(std::move(verb));
  }
  if (row.open_steps() > 0) row.add_actions("completeStep");
  return row;
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::GetUniversityTeam(
    const rpc::Call& call, const v1::GetUniversityTeamRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::UniversityTeam row,
                           rpc::Fetch(deps_.store.db, call, university_teams_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListUniversityTeamsResponse> UniversityTeamService::ListUniversityTeams(
    const rpc::Call& call, const v1::ListUniversityTeamsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, university_teams_, request, "",
                                          request.filter(), request.order_by()));
  v1::ListUniversityTeamsResponse response;
  for (v1::UniversityTeam& row : page.rows) {
    *response.add_university_teams() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::CreateUniversityTeam(
    const rpc::Call& call, const v1::CreateUniversityTeamRequest& request) {
  v1::UniversityTeam wanted = request.university_team();
  if (wanted.university().empty()) wanted.set_university(call.principal.organization);
  std::vector<status::Violation> violations = OwnMemberViolations(wanted);
  const auto university = OrganizationOf(deps_, call, wanted.university(), "university");
  if (absl::IsInvalidArgument(university.status())) {
    for (auto& one : status::ViolationsOf(university.status())) {
      violations.push_back(std::move(one));
    }
  } else if (!university.ok()) {
    return university.status();
  }
  CHANYAN_RETURN_IF_ERROR(Refuse(std::move(violations), "university_team"));
  wanted.set_name(absl::StrCat("universityTeams/", api::IdOfName(wanted.university())));
  wanted.set_university_title(university->display_name());
  wanted.set_state(v1::UNIVERSITY_TEAM_STATE_PREPARING);
  wanted.set_office(deps_.pack.Office());
  // Who guides it where no service team serves it.
  const auto* unit = deps_.pack.FindOrganization(call.principal.organization);
  const bool by_department =
      unit != nullptr && unit->kind() == policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT;
  wanted.set_department(by_department ? unit->organization() : deps_.pack.Office());
  CHANYAN_ASSIGN_OR_RETURN(*wanted.mutable_department_title(),
                           TitleOf(deps_, call, wanted.department()));
  return rpc::Mutate<v1::UniversityTeam>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::UniversityTeam> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.university()}));
        v1::UniversityTeam row = wanted;
        CHANYAN_ASSIGN_OR_RETURN(const auto serving,
                                 ServingTeam(change.session(), row.university_title()));
        if (!serving.has_value() && !IsUniversityOrInstitute(university->kind())) {
          return status::InvalidField(
              "university_team.university",
              absl::StrCat("“", row.university_title(), "”不是高校院所，也不在专班对接范围内"));
        }
        SetServing(serving, &row);
        if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
          return status::PermissionDenied(absl::StrCat("“", row.university_title(),
                                                       "”的专班由该单位、", row.department_title(),
                                                       "或成果处登记"));
        }
        if (request.validate_only()) return Present(call, std::move(row));
        CHANYAN_RETURN_IF_ERROR(university_teams_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::UpdateUniversityTeam(
    const rpc::Call& call, const v1::UpdateUniversityTeamRequest& request) {
  const v1::UniversityTeam& update = request.university_team();
  return rpc::Mutate<v1::UniversityTeam>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::UniversityTeam> {
        CHANYAN_ASSIGN_OR_RETURN(
            v1::UniversityTeam row,
            university_teams_.GetForUpdate(change.session(), update.name(),
                                           auth::Writable<v1::UniversityTeam>(call.principal)));
        if (!update.etag().empty() && update.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, update.etag(), row);
        }
        CHANYAN_RETURN_IF_ERROR(policy::Next(UniversityTeamLife(), row.state(), "update").status());
        const v1::UniversityTeam before = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
        CHANYAN_RETURN_IF_ERROR(Refuse(OwnMemberViolations(row), "university_team"));
        CHANYAN_ASSIGN_OR_RETURN(const auto serving,
                                 ServingTeam(change.session(), row.university_title()));
        SetServing(serving, &row);
        if (request.validate_only() ||
            google::protobuf::util::MessageDifferencer::Equals(before, row)) {
          return Present(call, std::move(row));
        }
        CHANYAN_RETURN_IF_ERROR(university_teams_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("updated", &before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::EstablishUniversityTeam(
    const rpc::Call& call, const v1::EstablishUniversityTeamRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::UniversityTeam team,
      rpc::Transit<v1::UniversityTeam>(
          deps_.store, call, request, university_teams_, UniversityTeamLife(), request.name(),
          request.etag(), "establish",
          [&](rpc::Change& change, v1::UniversityTeam& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day,
                                     time::ToCivilDay(request.establish_date()));
            if (day > time::DayOf(change.now())) {
              return status::InvalidField("establish_date", "成立日期不能晚于今天");
            }
            *row.mutable_establish_date() = request.establish_date();
            row.set_document_number(request.document_number());
            row.clear_dissolve_reason();
            return absl::OkStatus();
          }));
  return Present(call, std::move(team));
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::DissolveUniversityTeam(
    const rpc::Call& call, const v1::DissolveUniversityTeamRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::UniversityTeam team,
      rpc::Transit<v1::UniversityTeam>(
          deps_.store, call, request, university_teams_, UniversityTeamLife(), request.name(),
          request.etag(), "dissolve", [&](rpc::Change&, v1::UniversityTeam& row) -> absl::Status {
            row.set_dissolve_reason(request.reason());
            return absl::OkStatus();
          }));
  return Present(call, std::move(team));
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::GuideUniversityTeam(
    const rpc::Call& call, const v1::GuideUniversityTeamRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string title,
                           TitleOf(deps_, call, call.principal.organization));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::UniversityTeam team,
      rpc::Transit<v1::UniversityTeam>(
          deps_.store, call, request, university_teams_, UniversityTeamLife(), request.name(),
          request.etag(), "guide",
          [&](rpc::Change& change, v1::UniversityTeam& row) -> absl::Status {
            v1::TeamGuidance guidance = request.guidance();
            CHANYAN_RETURN_IF_ERROR(
                Refuse(GuidanceViolations(guidance, time::DayOf(change.now())), "guidance"));
            if (row.guidances_size() >= kMostGuidances) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  absl::StrCat("一个专班最多登记", kMostGuidances, "次指导"));
            }
            guidance.set_department_title(title);
            guidance.clear_outcome();
            guidance.clear_done_date();
            *row.add_guidances() = std::move(guidance);
            SumUpGuidance(&row);
            return absl::OkStatus();
          }));
  return Present(call, std::move(team));
}

absl::StatusOr<v1::UniversityTeam> UniversityTeamService::CompleteUniversityTeamStep(
    const rpc::Call& call, const v1::CompleteUniversityTeamStepRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::UniversityTeam team,
      rpc::Edit<v1::UniversityTeam>(
          deps_.store, call, request, university_teams_, request.name(), request.etag(),
          "step done", [&](rpc::Change& change, v1::UniversityTeam& row) -> absl::Status {
            if (request.guidance() > row.guidances_size()) {
              return status::InvalidField(
                  "guidance", absl::StrCat("该专班只有", row.guidances_size(), "次指导记录"));
            }
            v1::TeamGuidance& guidance = *row.mutable_guidances(request.guidance() - 1);
            if (!IsStepOpen(guidance)) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  guidance.step().empty() ? "该次指导没有后续事项" : "该事项已报告完成");
            }
            guidance.set_outcome(request.outcome());
            *guidance.mutable_done_date() = time::ToProto(time::DayOf(change.now()));
            SumUpGuidance(&row);
            return absl::OkStatus();
          }));
  return Present(call, std::move(team));
}

absl::StatusOr<v1::QueryUniversitiesWithoutTeamResponse>
UniversityTeamService::QueryUniversitiesWithoutTeam(
    const rpc::Call& call, const v1::QueryUniversitiesWithoutTeamRequest& request) {
  std::vector<v1::ServiceTeam> teams;
  std::vector<v1::UniversityTeam> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        db::Predicate which = {kActiveTeams, {}};
        if (!request.service_team().empty()) {
          CHANYAN_RETURN_IF_ERROR(teams_
                                      .Get(session, request.service_team(),
                                           auth::Readable<v1::ServiceTeam>(call.principal))
                                      .status());
          which = db::And(which, {"name = ?", {request.service_team()}});
        }
        CHANYAN_ASSIGN_OR_RETURN(teams, teams_.Select(session, which));
        CHANYAN_ASSIGN_OR_RETURN(rows,
                                 university_teams_.Select(session, db::Predicate::Everything()));
        return absl::OkStatus();
      }));
  absl::flat_hash_map<std::string, const v1::UniversityTeam*> by_title;
  for (const v1::UniversityTeam& row : rows) {
    const v1::UniversityTeam*& known = by_title[api::TextKey(row.university_title())];
    if (known == nullptr || row.state() == v1::UNIVERSITY_TEAM_STATE_ESTABLISHED) known = &row;
  }
  v1::QueryUniversitiesWithoutTeamResponse response;
  for (const v1::ServiceTeam& team : teams) {
    for (const std::string& served : team.serves()) {
      response.set_served(response.served() + 1);
      const auto found = by_title.find(api::TextKey(served));
      const v1::UniversityTeam* own = found == by_title.end() ? nullptr : found->second;
      if (own != nullptr && own->state() == v1::UNIVERSITY_TEAM_STATE_ESTABLISHED) continue;
      v1::UniversityWithoutTeam* one = response.add_universities();
      one->set_title(served);
      one->set_service_team(team.name());
      one->set_service_team_title(team.display_name());
      one->set_department_title(team.department_title());
      if (own == nullptr) continue;
      one->set_university_team(own->name());
      one->set_state(own->state());
      if (own->has_last_guide_date()) *one->mutable_last_guide_date() = own->last_guide_date();
    }
  }
  return response;
}

absl::StatusOr<google::api::HttpBody> UniversityTeamService::ExportUniversityTeams(
    const rpc::Call& call, const v1::ExportUniversityTeamsRequest& request) {
  std::vector<v1::UniversityTeam> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted,
                                 university_teams_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, university_teams_,
                             db::And(auth::Readable<v1::UniversityTeam>(call.principal), wanted),
                             kByUniversity));
        return absl::OkStatus();
      }));
  for (v1::UniversityTeam& row : rows) WriteGuidancesText(&row);
  return rpc::ExportSheet<v1::UniversityTeam>("高校院所专班", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
