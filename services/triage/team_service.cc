#include "services/triage/team_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/normalize.h"
#include "common/db/bound_token.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/serving.h"

namespace chanyan::triage {

namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kMembersAt[] = "start_time <= ? AND (end_time IS NULL OR end_time > ?)";

}  // namespace

absl::Status TeamService::OfficeOnly(const rpc::Call& call) const {
  if (IsOffice(call, deps_.pack.Office())) return absl::OkStatus();
  return status::PermissionDenied("服务专班由领导小组办公室（成果处）设立、调整和撤销");
}

std::vector<rpc::UnaryMethod> TeamService::Methods() {
  using S = TeamService;
  return {
      rpc::Unary("GetServiceTeam", this, &S::GetServiceTeam),
      rpc::Unary("ListServiceTeams", this, &S::ListServiceTeams),
      rpc::Unary("CreateServiceTeam", this, &S::CreateServiceTeam),
      rpc::Unary("UpdateServiceTeam", this, &S::UpdateServiceTeam),
      rpc::Unary("DissolveServiceTeam", this, &S::DissolveServiceTeam),
      rpc::Unary("ListTeamMemberships", this, &S::ListTeamMemberships),
      rpc::Unary("GetBroker", this, &S::GetBroker),
      rpc::Unary("ListBrokers", this, &S::ListBrokers),
      rpc::Unary("CreateBroker", this, &S::CreateBroker),
      rpc::Unary("RecordTraining", this, &S::RecordTraining),
      rpc::Unary("LeaveBroker", this, &S::LeaveBroker),
      rpc::Unary("ExportServiceTeams", this, &S::ExportServiceTeams),
  };
}

v1::ServiceTeam TeamService::Present(const rpc::Call& call, v1::ServiceTeam row) const {
  if (IsOffice(call, deps_.pack.Office()) && row.state() == v1::TEAM_STATE_ACTIVE) {
    row.add_actions("update");
    row.add_actions("dissolve");
  }
  for (std::string& gap : GapsOf(row)) row.add_gaps(std::move(gap));
  return row;
}

v1::ServiceTeam TeamService::Planned(const policy::v1::ServiceTeamPlan& plan) const {
  const auto unit = [&](const std::string& id) -> const policy::v1::TriageUnit& {
    return *deps_.pack.FindUnit(id);
  };
  v1::ServiceTeam team;
  team.set_name(absl::StrCat("teams/", plan.id()));
  team.set_display_name(plan.display_name());
  team.set_leader(plan.leader());
  team.set_department(unit(plan.department()).organization());
  team.set_department_title(unit(plan.department()).display_name());
  team.set_agency(unit(plan.agency()).organization());
  team.set_agency_title(unit(plan.agency()).display_name());
  team.set_investor(unit(plan.investor()).organization());
  team.set_investor_title(unit(plan.investor()).display_name());
  *team.mutable_serves() = plan.serves();
  team.set_state(v1::TEAM_STATE_ACTIVE);
  team.set_office(deps_.pack.Office());
  return team;
}

absl::Status TeamService::Seed() {
  std::vector<v1::ServiceTeam> missing;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    missing.clear();
    for (const policy::v1::ServiceTeamPlan& plan : deps_.pack.proto().teams()) {
      const absl::Status found = teams_.Get(session, absl::StrCat("teams/", plan.id())).status();
      if (absl::IsNotFound(found)) missing.push_back(Planned(plan));
      if (!found.ok() && !absl::IsNotFound(found)) return found;
    }
    return absl::OkStatus();
  }));
  if (missing.empty()) return absl::OkStatus();
  const journal::Origin origin{.method = "chanyan.triage.Jobs/seed", .actor = "services/triage"};
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    const absl::Time now = deps_.store.clock.Now();
    for (v1::ServiceTeam team : missing) {
      const absl::Status inserted = teams_.Insert(session, now, &team);
      // Another replica was faster.
      if (absl::IsAlreadyExists(inserted)) continue;
      CHANYAN_RETURN_IF_ERROR(inserted);
      CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "created", nullptr, &team));
    }
    return absl::OkStatus();
  }));
  if (deps_.store.changed) deps_.store.changed();
  return absl::OkStatus();
}

absl::StatusOr<v1::ServiceTeam> TeamService::GetServiceTeam(
    const rpc::Call& call, const v1::GetServiceTeamRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ServiceTeam row,
                           rpc::Fetch(deps_.store.db, call, teams_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListServiceTeamsResponse> TeamService::ListServiceTeams(
    const rpc::Call& call, const v1::ListServiceTeamsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, teams_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListServiceTeamsResponse response;
  for (v1::ServiceTeam& row : page.rows) {
    *response.add_service_teams() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListTeamMembershipsResponse> TeamService::ListTeamMemberships(
    const rpc::Call& call, const v1::ListTeamMembershipsRequest& request) {
  db::ListQuery query;
  query.parent = absl::StrCat(request.parent(), "/memberships");
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.scope = auth::Readable<v1::TeamMembership>(call.principal);
  std::string then;
  if (request.has_as_of()) {
    const absl::Time as_of = TimeIn(request.as_of());
    then = absl::FormatTime(absl::RFC3339_full, as_of, absl::UTCTimeZone());
    query.scope = db::And(query.scope, {kMembersAt, {as_of, as_of}});
  }
  CHANYAN_ASSIGN_OR_RETURN(query.page_token, db::UnbindPageToken(request.page_token(), then));
  db::Page<v1::TeamMembership> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, memberships_.List(session, query));
        return absl::OkStatus();
      }));
  v1::ListTeamMembershipsResponse response;
  for (v1::TeamMembership& row : page.rows) *response.add_team_memberships() = std::move(row);
  response.set_next_page_token(db::BindPageToken(page.next_page_token, then));
  return response;
}

absl::Status TeamService::NameUnits(const rpc::Call& call, v1::ServiceTeam* row) const {
  struct Part {
    const std::string& name;
    const char* field;
    policy::v1::TriageUnitKind kind;
    const char* label;
  };
  for (const Part& part :
       {Part{row->department(), "department", policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT, "局内处室"},
        Part{row->agency(), "agency", policy::v1::TRIAGE_UNIT_KIND_AGENCY, "服务机构"},
        Part{row->investor(), "investor", policy::v1::TRIAGE_UNIT_KIND_INVESTOR,
             "国有企业投资平台"}}) {
    const policy::v1::TriageUnit* unit = deps_.pack.FindOrganization(part.name);
    if (unit != nullptr && unit->kind() == part.kind) continue;
    // Agencies and investors beyond the pack's are asked of the registry.
    if (unit == nullptr && part.kind != policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT) {
      CHANYAN_RETURN_IF_ERROR(
          OrganizationOf(deps_, call, part.name, absl::StrCat("service_team.", part.field))
              .status());
      continue;
    }
    return status::InvalidField(absl::StrCat("service_team.", part.field),
                                absl::StrCat("“", part.name, "”不是", part.label));
  }
  CHANYAN_ASSIGN_OR_RETURN(*row->mutable_department_title(),
                           TitleOf(deps_, call, row->department()));
  CHANYAN_ASSIGN_OR_RETURN(*row->mutable_agency_title(), TitleOf(deps_, call, row->agency()));
  CHANYAN_ASSIGN_OR_RETURN(*row->mutable_investor_title(), TitleOf(deps_, call, row->investor()));
  row->set_office(deps_.pack.Office());
  return absl::OkStatus();
}

absl::Status TeamService::CheckServes(rpc::Change& change, const v1::ServiceTeam& row) const {
  // All of them locked in one order, so that two changes at once see each other.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ServiceTeam> others,
      teams_.Select(change.session(), {"state = 'ACTIVE' AND name <> ?", {row.name()}},
                    db::kByNameLocked));
  for (int i = 0; i < row.serves_size(); ++i) {
    for (const v1::ServiceTeam& other : others) {
      for (const std::string& served : other.serves()) {
        if (api::TextKey(served) != api::TextKey(row.serves(i))) continue;
        return status::InvalidField(
            absl::StrCat("service_team.serves[", i, "]"),
            absl::StrCat("“", served, "”已由“", other.display_name(), "”对接，请先从该专班移出"));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ServiceTeam> TeamService::CreateServiceTeam(
    const rpc::Call& call, const v1::CreateServiceTeamRequest& request) {
  CHANYAN_RETURN_IF_ERROR(OfficeOnly(call));
  v1::ServiceTeam wanted = request.service_team();
  wanted.set_name(absl::StrCat("teams/", request.service_team_id()));
  wanted.set_state(v1::TEAM_STATE_ACTIVE);
  CHANYAN_RETURN_IF_ERROR(Refuse(MemberViolations(wanted), "service_team"));
  CHANYAN_RETURN_IF_ERROR(NameUnits(call, &wanted));
  CHANYAN_RETURN_IF_ERROR(Refuse(OfficerViolations(wanted), "service_team"));
  return rpc::Mutate<v1::ServiceTeam>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ServiceTeam> {
        v1::ServiceTeam row = wanted;
        CHANYAN_RETURN_IF_ERROR(CheckServes(change, row));
        CHANYAN_RETURN_IF_ERROR(teams_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        CHANYAN_RETURN_IF_ERROR(members_.Follow(change, v1::ServiceTeam(), row));
        CHANYAN_RETURN_IF_ERROR(FollowServiceTeam(change, row));
        return Present(call, row);
      });
}

absl::StatusOr<v1::ServiceTeam> TeamService::UpdateServiceTeam(
    const rpc::Call& call, const v1::UpdateServiceTeamRequest& request) {
  CHANYAN_RETURN_IF_ERROR(OfficeOnly(call));
  const v1::ServiceTeam& update = request.service_team();
  // Names are asked for before the transaction; who else changes it meanwhile makes the etag stale.
  v1::GetServiceTeamRequest get;
  get.set_name(update.name());
  CHANYAN_ASSIGN_OR_RETURN(v1::ServiceTeam wanted, GetServiceTeam(call, get));
  const std::string read = wanted.etag();
  CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
  CHANYAN_RETURN_IF_ERROR(Refuse(MemberViolations(wanted), "service_team"));
  CHANYAN_RETURN_IF_ERROR(NameUnits(call, &wanted));
  CHANYAN_RETURN_IF_ERROR(Refuse(OfficerViolations(wanted), "service_team"));
  v1::ServiceTeam before;
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ServiceTeam team,
      rpc::Edit<v1::ServiceTeam>(
          deps_.store, call, request, teams_, update.name(), read, "updated",
          [&](rpc::Change& change, v1::ServiceTeam& row) -> absl::Status {
            if (row.state() != v1::TEAM_STATE_ACTIVE) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "专班已撤销，不能修改");
            }
            v1::ServiceTeam next = wanted;
            next.clear_actions();
            next.clear_gaps();
            CHANYAN_RETURN_IF_ERROR(CheckServes(change, next));
            before = row;
            row = std::move(next);
            return absl::OkStatus();
          },
          [&](rpc::Change& change, const v1::ServiceTeam& row) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(members_.Follow(change, before, row));
            if (ServesOtherwise(before, row)) {
              CHANYAN_RETURN_IF_ERROR(FollowServiceTeam(change, row));
            }
            CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Result> served,
                                     book_.LockOpen(change, {"team = ?", {row.name()}}));
            const std::vector<v1::Result> were = served;
            for (v1::Result& result : served) book_.SetTeam(&row, &result);
            return book_.SaveAll(change, "assigned", were, &served);
          }));
  return Present(call, std::move(team));
}

absl::StatusOr<google::api::HttpBody> TeamService::ExportServiceTeams(
    const rpc::Call& call, const v1::ExportServiceTeamsRequest& request) {
  std::vector<v1::ServiceTeam> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, teams_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, teams_.Select(session,
                                db::And(auth::Readable<v1::ServiceTeam>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::ServiceTeam>("服务专班", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
