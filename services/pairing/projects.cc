// Handlers of projects (PAIR-1, PAIR-2).
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/pairing/doubled_projects.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_life.h"
#include "services/pairing/project_name.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/registry_reading.h"

namespace chanyan::pairing {
namespace {

// The others of a pair that have not ended.
constexpr char kOpenOthers[] =
    "platform = ? AND enterprise = ? AND name <> ? AND state NOT IN ('COMPLETED', 'TERMINATED')";
constexpr char kCountPair[] = "SELECT COUNT(*) FROM project WHERE platform = ? AND enterprise = ?";

// With what the pack says of a second project beside `existing` (POL-2).
absl::Status Taken(const policy::Pack& pack, const v1::Project& wanted,
                   const v1::Project& existing) {
  absl::Status taken = status::AlreadyExists(
      existing.name(), absl::StrCat("该平台与该企业已有在办项目“", existing.title(), "”（",
                                    existing.name(), "），请在其上继续填报"));
  status::SetDetail(taken, CreateVerdicts(pack, wanted, existing.name()));
  return taken;
}

}  // namespace

v1::Project PairingService::Present(const rpc::Call& call, v1::Project project) const {
  if (auth::Reaches(call.principal, project, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, ProjectLife(), project.state(), "Project")) {
      project.add_actions(std::move(verb));
    }
    const auto* settle = call.method == nullptr
                             ? nullptr
                             : call.method->service()->FindMethodByName("SettleProject");
    if (!project.doubled_by().empty() && settle != nullptr &&
        auth::CheckMethod(call.principal, settle).ok()) {
      project.add_actions("settle");
    }
  }
  return project;
}

absl::StatusOr<v1::ListProjectsResponse> PairingService::ListProjects(
    const rpc::Call& call, const v1::ListProjectsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, projects_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListProjectsResponse response;
  for (v1::Project& project : page.rows) {
    *response.add_projects() = Present(call, std::move(project));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Project> PairingService::OpenProjectOf(db::Session& session,
                                                          absl::string_view platform,
                                                          absl::string_view enterprise) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Project> found,
      projects_.Select(session, {"open_pair = ?", {absl::StrCat(platform, "+", enterprise)}},
                       db::kByNameLocked));
  if (found.empty()) return status::NotFound(absl::StrCat(platform, "+", enterprise));
  return std::move(found.front());
}

absl::StatusOr<std::string> PairingService::NewProjectName(db::Session& session,
                                                           absl::string_view platform,
                                                           absl::string_view enterprise) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows rows,
      session.Query(kCountPair, {std::string(platform), std::string(enterprise)}));
  return ProjectName(platform, enterprise, std::get<int64_t>(rows.rows.at(0).at(0)));
}

absl::StatusOr<registry::v1::Platform> PairingService::PlatformOf(const rpc::Call& call,
                                                                  const std::string& name,
                                                                  RegistryReading* reading) {
  reading->Note(name);
  registry::v1::GetPlatformRequest request;
  request.set_name(name);
  return rpc::CallPeer<registry::v1::Platform>(deps_.peers, "registry",
                                               "chanyan.registry.v1.RegistryService.GetPlatform",
                                               request, rpc::AsService(call));
}

absl::StatusOr<registry::v1::Organization> PairingService::OrganizationOf(
    const rpc::Call& call, const std::string& name, RegistryReading* reading) {
  registry::v1::GetOrganizationRequest request;
  request.set_name(name);
  const auto fetch = [&] {
    reading->Note(request.name());
    return rpc::CallPeer<registry::v1::Organization>(
        deps_.peers, "registry", "chanyan.registry.v1.RegistryService.GetOrganization", request,
        rpc::AsService(call));
  };
  CHANYAN_ASSIGN_OR_RETURN(registry::v1::Organization organization, fetch());
  if (organization.state() != registry::v1::ORGANIZATION_STATE_MERGED) return organization;
  request.set_name(organization.merged_into());
  return fetch();
}

absl::StatusOr<v1::Project> PairingService::CreateProject(const rpc::Call& call,
                                                          const v1::CreateProjectRequest& request) {
  return WithRegistry<v1::Project>(deps_.store, call, [&](RegistryReading& reading) {
    return CreateAsRead(call, request, reading);
  });
}

absl::StatusOr<v1::Project> PairingService::CreateAsRead(const rpc::Call& call,
                                                         const v1::CreateProjectRequest& request,
                                                         RegistryReading& reading) {
  v1::Project wanted = request.project();
  CHANYAN_ASSIGN_OR_RETURN(const auto platform, PlatformOf(call, wanted.platform(), &reading));
  CHANYAN_ASSIGN_OR_RETURN(const auto enterprise,
                           OrganizationOf(call, wanted.enterprise(), &reading));
  wanted.set_enterprise(enterprise.name());
  if (enterprise.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
    return status::InvalidField("project.enterprise",
                                absl::StrCat("“", enterprise.display_name(), "”不是企业"));
  }
  if (enterprise.state() == registry::v1::ORGANIZATION_STATE_SUSPENDED) {
    return status::InvalidField("project.enterprise", absl::StrCat("“", enterprise.display_name(),
                                                                   "”已停用，不能新增项目"));
  }
  if (platform.state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    return status::InvalidField(
        "project.platform",
        absl::StrCat("“", platform.display_name(), "”尚未发布或已撤回，不能新增项目"));
  }
  wanted.set_platform_title(platform.display_name());
  wanted.set_university(platform.organization());
  wanted.set_enterprise_title(enterprise.display_name());
  wanted.set_unit(enterprise.unit());
  wanted.set_state(v1::PROJECT_STATE_INTENT);
  if (IsOwnPlatform(wanted)) {
    return status::InvalidField("project.platform", OwnPlatformProblem(wanted));
  }
  if (!auth::Reaches(call.principal, wanted, options::v1::ACCESS_WRITE)) {
    return status::PermissionDenied("只能为本单位的科创平台或本企业新增项目");
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Project project,
      rpc::Mutate<v1::Project>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Project> {
            CHANYAN_RETURN_IF_ERROR(reading.Hold(change.session()));
            v1::Project row = wanted;
            CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(
                change.session(), {row.enterprise(), row.university(), row.unit()}));
            const absl::StatusOr<v1::Project> existing =
                OpenProjectOf(change.session(), row.platform(), row.enterprise());
            if (!existing.ok() && !absl::IsNotFound(existing.status())) return existing.status();
            if (existing.ok()) return Taken(deps_.pack, row, *existing);
            CHANYAN_RETURN_IF_ERROR(JudgeKinds(deps_.pack, nullptr, call.principal.roles,
                                               request.override_reason(), &row));
            CHANYAN_ASSIGN_OR_RETURN(
                const std::string name,
                NewProjectName(change.session(), row.platform(), row.enterprise()));
            row.set_name(name);
            if (!request.intent().empty()) {
              CHANYAN_RETURN_IF_ERROR(
                  LinkIntent(call, change, request.intent(), row, request.validate_only()));
            }
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(projects_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(project));
}

absl::StatusOr<v1::Project> PairingService::UpdateProject(const rpc::Call& call,
                                                          const v1::UpdateProjectRequest& request) {
  const v1::Project& update = request.project();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Project project,
      rpc::Edit<v1::Project>(
          deps_.store, call, request, projects_, update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::Project& row) -> absl::Status {
            if (HasEnded(row.state())) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "项目已结束，不能修改");
            }
            v1::Project wanted = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            CHANYAN_RETURN_IF_ERROR(JudgeKinds(deps_.pack, &row, call.principal.roles,
                                               request.override_reason(), &wanted));
            if (request.validate_only()) return absl::OkStatus();
            CHANYAN_RETURN_IF_ERROR(
                records_.Follow(change.session(), change.now(), change.origin(), row, wanted));
            row = std::move(wanted);
            return absl::OkStatus();
          }));
  return Present(call, std::move(project));
}

absl::StatusOr<v1::Project> PairingService::Transit(const rpc::Call& call,
                                                    const google::protobuf::Message& request,
                                                    const std::string& name,
                                                    const std::string& etag, absl::string_view verb,
                                                    RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Project project,
      rpc::Edit<v1::Project>(
          deps_.store, call, request, projects_, name, etag, verb,
          [&](rpc::Change& change, v1::Project& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const v1::ProjectState next,
                                     policy::Next(ProjectLife(), row.state(), verb));
            const v1::Project before = row;
            row.set_state(next);
            if (HasEnded(next)) row.clear_doubled_by();
            CHANYAN_RETURN_IF_ERROR(edit(change, row));
            return records_.Follow(change.session(), change.now(), change.origin(), before, row);
          },
          [&](rpc::Change& change, const v1::Project& row) {
            return HasEnded(row.state()) ? Promote(change, projects_, row) : absl::OkStatus();
          }));
  return Present(call, std::move(project));
}

absl::StatusOr<v1::Project> PairingService::NegotiateProject(
    const rpc::Call& call, const v1::NegotiateProjectRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "negotiate",
                 [](rpc::Change&, v1::Project&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Project> PairingService::SignProject(const rpc::Call& call,
                                                        const v1::SignProjectRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "sign",
      [&](rpc::Change& change, v1::Project& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day, time::ToCivilDay(request.sign_date()));
        if (day > time::DayOf(change.now())) {
          return status::InvalidField("sign_date", "签约日期不能晚于今天");
        }
        *row.mutable_sign_date() = request.sign_date();
        v1::Agreement agreement = request.agreement();
        if (request.has_agreement()) {
          if (!agreement.has_sign_date()) *agreement.mutable_sign_date() = request.sign_date();
          CHANYAN_RETURN_IF_ERROR(
              agreements_.File(change, row, "agreement", /*dry_run=*/false, &agreement));
          row.set_agreement(agreement.name());
        }
        policy::v1::Verdicts verdicts =
            SignVerdicts(deps_.pack, row, request.has_agreement() ? &agreement : nullptr);
        CHANYAN_RETURN_IF_ERROR(policy::SetAside(deps_.pack, call.principal.roles,
                                                 request.override_reason(), verdicts));
        CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
        *row.mutable_sign_verdicts() = std::move(verdicts);
        return reports_.Recategorize(change, row);
      });
}

absl::StatusOr<v1::Project> PairingService::StartProject(const rpc::Call& call,
                                                         const v1::StartProjectRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "start",
                 [](rpc::Change&, v1::Project&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Project> PairingService::CompleteProject(
    const rpc::Call& call, const v1::CompleteProjectRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "complete",
                 [](rpc::Change&, v1::Project&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Project> PairingService::TerminateProject(
    const rpc::Call& call, const v1::TerminateProjectRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "terminate",
                 [&](rpc::Change&, v1::Project& row) -> absl::Status {
                   row.set_termination_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Project> PairingService::SettleProject(const rpc::Call& call,
                                                          const v1::SettleProjectRequest& request) {
  const auto settle = [&](rpc::Change& change, v1::Project& row) -> absl::Status {
    if (HasEnded(row.state())) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        "项目已结束，不能确定由它继续；请选择在办的项目");
    }
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Project> others,
        projects_.Select(change.session(),
                         {kOpenOthers, {row.platform(), row.enterprise(), row.name()}},
                         db::kByNameLocked));
    if (others.empty()) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        "该平台与该企业只有这一个在办项目，无需处理");
    }
    for (const v1::Project& other : others) {
      v1::Project ended = other;
      ended.set_state(v1::PROJECT_STATE_TERMINATED);
      ended.clear_doubled_by();
      ended.set_termination_reason(absl::StrCat("与 ", row.name(),
                                                " 合并办理（同一平台与同一企业只有一个在办项目）：",
                                                request.reason()));
      CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &ended));
      CHANYAN_RETURN_IF_ERROR(change.Record("settled", &other, &ended));
      CHANYAN_RETURN_IF_ERROR(
          records_.Follow(change.session(), change.now(), change.origin(), other, ended));
    }
    row.clear_doubled_by();
    return absl::OkStatus();
  };
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Project project,
      rpc::Edit<v1::Project>(deps_.store, call, request, projects_, request.name(), request.etag(),
                             "settled", settle));
  return Present(call, std::move(project));
}

}  // namespace chanyan::pairing
