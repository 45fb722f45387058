#include "services/triage/team_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/broker_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kOpenResults[] = "state NOT IN ('WITHDRAWN', 'MERGED')";

absl::Status OfficeOnly(const rpc::Call& call, const TriagePack& pack) {
  if (IsOffice(call, pack.Office())) return absl::OkStatus();
  return status::PermissionDenied("服务专班由领导小组办公室（成果处）设立、调整和撤销");
}

}  // namespace

std::vector<rpc::UnaryMethod> TeamService::Methods() {
  using S = TeamService;
  return {
      rpc::Unary("GetServiceTeam", this, &S::GetServiceTeam),
      rpc::Unary("ListServiceTeams", this, &S::ListServiceTeams),
      rpc::Unary("CreateServiceTeam", this, &S::CreateServiceTeam),
      rpc::Unary("UpdateServiceTeam", this, &S::UpdateServiceTeam),
      rpc::Unary("DissolveServiceTeam", this, &S::DissolveServiceTeam),
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
  return row;
}

v1::Broker TeamService::Present(const rpc::Call& call, v1::Broker row) const {
  for (std::string& course :
       MissingCourses(deps_.pack, row, time::DayOf(deps_.store.clock.Now()))) {
    row.add_missing_courses(std::move(course));
  }
  if (row.state() == v1::BROKER_STATE_ACTIVE &&
      (call.principal.organization == row.organization() || IsOffice(call, row.office()))) {
    row.add_actions("leave");
  }
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
  row->set_department_title(TitleOf(deps_, call, row->department()));
  row->set_agency_title(TitleOf(deps_, call, row->agency()));
  row->set_investor_title(TitleOf(deps_, call, row->investor()));
  row->set_office(deps_.pack.Office());
  return absl::OkStatus();
}

absl::Status TeamService::CheckServes(rpc::Change& change, const v1::ServiceTeam& row) const {
  // All of them locked in one order, so that two changes at once see each other.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ServiceTeam> others,
      teams_.Select(change.session(), {"state = 'ACTIVE' AND name <> ?", {row.name()}},
                    "name FOR UPDATE"));
  for (int i = 0; i < row.serves_size(); ++i) {
    for (const v1::ServiceTeam& other : others) {
      for (const std::string& served : other.serves()) {
        if (TextKey(served) != TextKey(row.serves(i))) continue;
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
  CHANYAN_RETURN_IF_ERROR(OfficeOnly(call, deps_.pack));
  v1::ServiceTeam wanted = request.service_team();
  wanted.set_name(absl::StrCat("teams/", request.service_team_id()));
  wanted.set_state(v1::TEAM_STATE_ACTIVE);
  CHANYAN_RETURN_IF_ERROR(NameUnits(call, &wanted));
  return rpc::Mutate<v1::ServiceTeam>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ServiceTeam> {
        v1::ServiceTeam row = wanted;
        CHANYAN_RETURN_IF_ERROR(CheckServes(change, row));
        CHANYAN_RETURN_IF_ERROR(teams_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, row);
      });
}

absl::StatusOr<v1::ServiceTeam> TeamService::UpdateServiceTeam(
    const rpc::Call& call, const v1::UpdateServiceTeamRequest& request) {
  CHANYAN_RETURN_IF_ERROR(OfficeOnly(call, deps_.pack));
  const v1::ServiceTeam& update = request.service_team();
  // Names are asked for before the transaction; who else changes it meanwhile makes the etag stale.
  v1::GetServiceTeamRequest get;
  get.set_name(update.name());
  CHANYAN_ASSIGN_OR_RETURN(v1::ServiceTeam wanted, GetServiceTeam(call, get));
  const std::string read = wanted.etag();
  CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
  CHANYAN_RETURN_IF_ERROR(NameUnits(call, &wanted));
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
            CHANYAN_RETURN_IF_ERROR(CheckServes(change, next));
            row = std::move(next);
            return absl::OkStatus();
          },
          [&](rpc::Change& change, const v1::ServiceTeam& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(
                std::vector<v1::Result> served,
                book_.table().Select(change.session(),
                                     {absl::StrCat("team = ? AND ", kOpenResults), {row.name()}},
                                     "name FOR UPDATE"));
            for (v1::Result& result : served) {
              const v1::Result before = result;
              book_.SetTeam(&row, &result);
              CHANYAN_RETURN_IF_ERROR(book_.Save(change, "assigned", before, &result));
            }
            return absl::OkStatus();
          }));
  return Present(call, std::move(team));
}

absl::Status TeamService::PassAll(rpc::Change& change, const db::Predicate& where, const Holder& to,
                                  v1::TenureCause cause) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Result> held,
      book_.table().Select(change.session(), db::And({kOpenResults, {}}, where),
                           "name FOR UPDATE"));
  for (v1::Result& result : held) {
    const v1::Result before = result;
    CHANYAN_RETURN_IF_ERROR(book_.Pass(change, to, cause, &result));
    CHANYAN_RETURN_IF_ERROR(book_.Save(change, "passed", before, &result));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ServiceTeam> TeamService::DissolveServiceTeam(
    const rpc::Call& call, const v1::DissolveServiceTeamRequest& request) {
  CHANYAN_RETURN_IF_ERROR(OfficeOnly(call, deps_.pack));
  const Holder office = {deps_.pack.Office(), TitleOf(deps_, call, deps_.pack.Office()), ""};
  return rpc::Mutate<v1::ServiceTeam>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ServiceTeam> {
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ServiceTeam row,
            teams_.GetForUpdate(change.session(), request.name(),
                                auth::Writable<v1::ServiceTeam>(call.principal)));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (row.state() != v1::TEAM_STATE_ACTIVE) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "专班已经撤销");
        }
        const v1::ServiceTeam before = row;
        row.set_state(v1::TEAM_STATE_DISSOLVED);
        row.set_dissolve_reason(request.reason());
        CHANYAN_RETURN_IF_ERROR(teams_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("dissolve", &before, &row));
        // Held by its agency, department or investor: the office is responsible from now on. What
        // others hold stays theirs and only loses the team.
        CHANYAN_RETURN_IF_ERROR(
            PassAll(change,
                    {"team = ? AND holder IN (?, ?, ?)",
                     {row.name(), row.agency(), row.department(), row.investor()}},
                    office, v1::TENURE_CAUSE_TEAM_DISSOLVED));
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Result> served,
            book_.table().Select(change.session(),
                                 {absl::StrCat("team = ? AND ", kOpenResults), {row.name()}},
                                 "name FOR UPDATE"));
        for (v1::Result& result : served) {
          const v1::Result was = result;
          book_.SetTeam(nullptr, &result);
          CHANYAN_RETURN_IF_ERROR(book_.Save(change, "assigned", was, &result));
        }
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Broker> TeamService::GetBroker(const rpc::Call& call,
                                                  const v1::GetBrokerRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Broker row,
                           rpc::Fetch(deps_.store.db, call, brokers_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListBrokersResponse> TeamService::ListBrokers(
    const rpc::Call& call, const v1::ListBrokersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, brokers_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListBrokersResponse response;
  for (v1::Broker& row : page.rows) *response.add_brokers() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Broker> TeamService::CreateBroker(const rpc::Call& call,
                                                     const v1::CreateBrokerRequest& request) {
  v1::Broker wanted = request.broker();
  wanted.set_office(deps_.pack.Office());
  wanted.set_state(v1::BROKER_STATE_ACTIVE);
  for (const auto& course : deps_.pack.proto().broker_training().courses()) {
    const std::string& trainer = deps_.pack.OrganizationOf(course.provider());
    const auto& trainers = wanted.trainers();
    if (std::find(trainers.begin(), trainers.end(), trainer) == trainers.end()) {
      wanted.add_trainers(trainer);
    }
  }
  if (wanted.organization() != call.principal.organization && !IsOffice(call, wanted.office())) {
    return status::InvalidField("broker.organization", "只能登记本机构的技术经纪人");
  }
  wanted.set_organization_title(TitleOf(deps_, call, wanted.organization()));
  if (deps_.pack.FindOrganization(wanted.organization()) == nullptr) {
    CHANYAN_RETURN_IF_ERROR(
        OrganizationOf(deps_, call, wanted.organization(), "broker.organization").status());
  }
  return rpc::Mutate<v1::Broker>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Broker> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.organization()}));
        v1::Broker row = wanted;
        row.set_name(absl::StrCat("brokers/", api::NewShortId()));
        CHANYAN_RETURN_IF_ERROR(brokers_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, row);
      });
}

absl::StatusOr<v1::Broker> TeamService::RecordTraining(const rpc::Call& call,
                                                       const v1::RecordTrainingRequest& request) {
  const policy::v1::TrainingCourse* course = deps_.pack.FindCourse(request.training().course());
  if (course == nullptr) {
    return status::InvalidField("training.course", "政策包中没有这一培训");
  }
  const bool gives = deps_.pack.OrganizationOf(course->provider()) == call.principal.organization;
  if (!gives && !IsOffice(call, deps_.pack.Office())) {
    return status::PermissionDenied(
        absl::StrCat("“", course->display_name(), "”由",
                     deps_.pack.FindUnit(course->provider())->display_name(), "或成果处登记"));
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Broker broker,
      rpc::Edit<v1::Broker>(
          deps_.store, call, request, brokers_, request.name(), request.etag(), "trained",
          [&](rpc::Change& change, v1::Broker& row) -> absl::Status {
            v1::Training training = request.training();
            CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay completed,
                                     time::ToCivilDay(training.complete_date()));
            if (completed > time::DayOf(change.now())) {
              return status::InvalidField("training.complete_date", "完成日期不能晚于今天");
            }
            for (const v1::Training& known : row.trainings()) {
              if (known.course() == training.course() &&
                  MessageDifferencer::Equals(known.complete_date(), training.complete_date())) {
                return absl::OkStatus();
              }
            }
            training.set_course_title(course->display_name());
            training.set_recorded_by(call.principal.organization);
            api::SetTime(change.now(), training.mutable_record_time());
            *row.add_trainings() = std::move(training);
            return absl::OkStatus();
          }));
  return Present(call, std::move(broker));
}

absl::StatusOr<v1::Broker> TeamService::LeaveBroker(const rpc::Call& call,
                                                    const v1::LeaveBrokerRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Broker broker,
      rpc::Edit<v1::Broker>(
          deps_.store, call, request, brokers_, request.name(), request.etag(), "leave",
          [&](rpc::Change&, v1::Broker& row) -> absl::Status {
            if (call.principal.organization != row.organization() &&
                !IsOffice(call, row.office())) {
              return status::PermissionDenied("离岗由所在机构或成果处登记");
            }
            if (row.state() != v1::BROKER_STATE_ACTIVE) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "已经离岗");
            }
            row.set_state(v1::BROKER_STATE_LEFT);
            row.set_leave_reason(request.reason());
            return absl::OkStatus();
          },
          [&](rpc::Change& change, const v1::Broker& row) -> absl::Status {
            return PassAll(change, {"broker = ?", {row.name()}},
                           {row.organization(), row.organization_title(), ""},
                           v1::TENURE_CAUSE_BROKER_LEFT);
          }));
  return Present(call, std::move(broker));
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
