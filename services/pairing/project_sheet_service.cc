#include "services/pairing/project_sheet_service.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/doubled_projects.h"
#include "services/pairing/parties.h"
#include "services/pairing/project_name.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/registry_reading.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;
// Platform and enterprise, or the names of university and platform.
using Pair = std::pair<std::string, std::string>;

// A row with what the registry knows of it.
struct Resolved {
  v1::ProjectRow row;
  uint32_t number = 0;
  registry::v1::Platform platform;
  registry::v1::Organization enterprise;
};

// StoredProjects projects that the caller may change, by what a row can be recognised by.
struct StoredProjects {
  std::vector<v1::Project> rows;
  absl::flat_hash_map<std::string, const v1::Project*> by_name;
  // All of a pair, ended ones too.
  absl::flat_hash_map<Pair, std::vector<const v1::Project*>> of_pair;
};

absl::StatusOr<StoredProjects> LoadStored(db::Session& session, const rpc::Call& call,
                                          const db::Table<v1::Project>& table) {
  StoredProjects stored;
  CHANYAN_ASSIGN_OR_RETURN(stored.rows,
                           table.Select(session, auth::Writable<v1::Project>(call.principal)));
  for (const v1::Project& project : stored.rows) {
    stored.by_name[project.name()] = &project;
    stored.of_pair[Pair(project.platform(), project.enterprise())].push_back(&project);
  }
  return stored;
}

// All platforms, whatever their state, by the names of owner and platform.
using PlatformsByTitle = absl::flat_hash_map<Pair, registry::v1::Platform>;

PlatformsByTitle ByTitle(std::vector<registry::v1::Platform> platforms,
                         const Organizations& organizations) {
  PlatformsByTitle out;
  for (registry::v1::Platform& platform : platforms) {
    const auto* owner = organizations.ByName(platform.organization());
    if (owner == nullptr) continue;
    Pair key(owner->display_name(), platform.display_name());
    out[std::move(key)] = std::move(platform);
  }
  return out;
}

// The university's name of today; a sheet may know one that has become part of another.
std::string UniversityToday(const Organizations& organizations, const std::string& title) {
  const auto* named = organizations.ByTitle(title);
  return named == nullptr ? title : organizations.Living(*named).display_name();
}

// Finds platform and enterprise of a row; violations otherwise.
Violations Resolve(const Organizations& organizations, const PlatformsByTitle& platforms,
                   const std::string& own, Resolved* resolved) {
  Violations violations;
  const v1::ProjectRow& row = resolved->row;
  const auto platform = platforms.find(
      Pair(UniversityToday(organizations, row.university_title()), row.platform_title()));
  if (platform == platforms.end()) {
    violations.push_back(
        {"platform_title", absl::StrCat("“", row.university_title(), "”的“", row.platform_title(),
                                        "”不在科创平台目录中，请核对名称")});
  } else if (!own.empty() && platform->second.organization() != own) {
    violations.push_back({"university_title", "只能导入本单位科创平台的项目"});
  } else {
    resolved->platform = platform->second;
  }
  const auto* enterprise = organizations.ByCode(row.unified_social_credit_code());
  if (enterprise == nullptr) {
    violations.push_back(
        {"unified_social_credit_code", absl::StrCat("代码“", row.unified_social_credit_code(),
                                                    "”的企业不在单位名录中，请先导入该企业")});
  } else if (enterprise->display_name() != row.enterprise_title()) {
    violations.push_back(
        {"enterprise_title",
         absl::StrCat("该代码在单位名录中的企业名称是“", enterprise->display_name(), "”，请核对")});
  } else {
    resolved->enterprise = organizations.Living(*enterprise);
  }
  return violations;
}

// The project of the row's number; null if it has none or it is nobody's.
const v1::Project* Numbered(const StoredProjects& stored, const v1::ProjectRow& row) {
  if (row.project_number().empty()) return nullptr;
  const auto found = stored.by_name.find(absl::StrCat("projects/", row.project_number()));
  return found == stored.by_name.end() ? nullptr : found->second;
}

// A project that has ended keeps the names of its time: it is known by them too.
bool BearsNames(const v1::Project& project, const v1::ProjectRow& row) {
  return project.platform_title() == row.platform_title() &&
         project.enterprise_title() == row.enterprise_title();
}

// Why a number cannot be meant.
Violations NumberViolations(const v1::Project* numbered, const Resolved& resolved) {
  const std::string& number = resolved.row.project_number();
  if (number.empty()) return {};
  if (numbered == nullptr) {
    return {{"project_number", absl::StrCat("没有编号为“", number, "”的项目；新增项目请留空")}};
  }
  if (numbered->platform() == resolved.platform.name() &&
      numbered->enterprise() == resolved.enterprise.name()) {
    return {};
  }
  return {{"project_number", absl::StrCat("编号“", number, "”是“", numbered->title(),
                                          "”，与本行的科创平台或企业不符")}};
}

// Of a pair's projects the one that a row without number means: one that is as the row says, or the
// open one. Null if it means a new one; then `ended` is one that it must not be taken for.
const v1::Project* Unnumbered(const std::vector<const v1::Project*>& of_pair,
                              const v1::ProjectRow& row, const v1::Project** ended) {
  for (const v1::Project* project : of_pair) {
    if (SaysTheSame(row, *project)) return project;
  }
  // Of several open ones the one that reports go to.
  const v1::Project* open = nullptr;
  for (const v1::Project* project : of_pair) {
    if (!HasEnded(project->state())) {
      if (open == nullptr || project->doubled_by().empty()) open = project;
    } else if (HasEnded(row.state())) {
      *ended = project;
    }
  }
  return open;
}

v1::Project Begin(const Resolved& resolved, const std::string& name) {
  v1::Project project;
  project.set_name(name);
  project.set_platform(resolved.platform.name());
  project.set_platform_title(resolved.platform.display_name());
  project.set_university(resolved.platform.organization());
  project.set_enterprise(resolved.enterprise.name());
  project.set_enterprise_title(resolved.enterprise.display_name());
  project.set_unit(resolved.enterprise.unit());
  project.set_state(v1::PROJECT_STATE_INTENT);
  return project;
}

Violations BeginViolations(const Resolved& resolved) {
  Violations violations;
  if (std::string own = OwnPlatformProblem(Begin(resolved, "")); !own.empty()) {
    violations.push_back({"platform_title", std::move(own)});
  }
  if (resolved.platform.state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    violations.push_back({"platform_title", "该科创平台尚未发布或已撤回，不能新增项目"});
  }
  if (resolved.enterprise.state() == registry::v1::ORGANIZATION_STATE_SUSPENDED) {
    violations.push_back({"enterprise_title", "该企业已停用，不能新增项目"});
  }
  return violations;
}

// What all rows of a sheet are to do. Violations are placed at their cells.
class ProjectPlanner {
 public:
  ProjectPlanner(const policy::Pack& pack, const sheet::TablePlaces& places,
                 const Importing& importing, StoredProjects& stored)
      : pack_(pack), places_(places), importing_(importing), stored_(stored) {}

  // A row that names a project as it is stored.
  bool AddKnown(const v1::ProjectRow& row, uint32_t number) {
    const v1::Project* known = Numbered(stored_, row);
    if (known == nullptr || !BearsNames(*known, row)) return false;
    Write(row, number, known, *known);
    return true;
  }

  void Add(const Resolved& resolved) {
    const Pair pair(resolved.platform.name(), resolved.enterprise.name());
    const std::vector<const v1::Project*>& of_pair = stored_.of_pair[pair];
    const v1::Project* present = Numbered(stored_, resolved.row);
    Violations wrong = NumberViolations(present, resolved);
    if (resolved.row.project_number().empty()) {
      const v1::Project* ended = nullptr;
      present = Unnumbered(of_pair, resolved.row, &ended);
      if (present == nullptr && ended != nullptr) {
        wrong.push_back(
            {"project_number",
             absl::StrCat("该平台与该企业已有结束的项目“", ended->title(), "”，请填写其项目编号",
                          api::IdOfName(ended->name()), "；确属另一项目的，请先以在办状态导入")});
      }
    }
    if (wrong.empty() && present == nullptr) wrong = BeginViolations(resolved);
    if (!wrong.empty()) return Place(resolved.number, std::move(wrong));
    Write(resolved.row, resolved.number, present,
          present != nullptr ? *present
                             : Begin(resolved, ProjectName(pair.first, pair.second,
                                                           static_cast<int64_t>(of_pair.size()))));
  }

  void Place(uint32_t number, Violations wrong) {
    for (status::Violation& violation : wrong) {
      violations_.push_back(
          {places_.Place(number, violation.field), std::move(violation.description)});
    }
  }

  absl::StatusOr<rpc::ImportPlan<v1::Project>> Take() && {
    if (!violations_.empty()) {
      return status::InvalidFields(std::move(violations_), options::v1::ERROR_REASON_INVALID_FILE);
    }
    return std::move(plan_);
  }

 private:
  void Write(const v1::ProjectRow& row, uint32_t number, const v1::Project* present,
             v1::Project project) {
    const auto [first, fresh] = seen_.try_emplace(project.name(), number);
    if (!fresh) {
      return Place(number, {{"platform_title",
                             absl::StrCat("与第 ", first->second, " 行是同一项目，请只保留一行")}});
    }
    Violations wrong = TakeRow(pack_, row, importing_, present == nullptr, &project);
    if (!wrong.empty()) return Place(number, std::move(wrong));
    if (HasEnded(project.state())) project.clear_doubled_by();
    plan_.Add(present, std::move(project));
  }

  const policy::Pack& pack_;
  const sheet::TablePlaces& places_;
  const Importing& importing_;
  StoredProjects& stored_;
  absl::flat_hash_map<std::string, uint32_t> seen_;
  rpc::ImportPlan<v1::Project> plan_;
  Violations violations_;
};

// Of the registry, what the plan's rows have their names, units and universities from.
std::vector<std::string> CopiedOf(const rpc::ImportPlan<v1::Project>& plan) {
  std::vector<std::string> copied;
  const auto add = [&copied](const v1::Project& project) {
    copied.insert(copied.end(), {project.enterprise(), project.platform()});
  };
  for (const v1::Project& project : plan.creates) add(project);
  for (const auto& [before, after] : plan.updates) {
    if (!SameParties(before, after) || before.platform_title() != after.platform_title()) {
      add(after);
    }
  }
  return copied;
}

}  // namespace

std::vector<rpc::UnaryMethod> ProjectSheetService::Methods() {
  using S = ProjectSheetService;
  return {
      rpc::Unary("ImportProjects", this, &S::ImportProjects),
      rpc::Unary("ExportProjects", this, &S::ExportProjects),
  };
}

absl::Status ProjectSheetService::FollowAll(rpc::Change& change,
                                            const rpc::ImportPlan<v1::Project>& plan) const {
  for (const auto& [before, after] : plan.updates) {
    CHANYAN_RETURN_IF_ERROR(
        records_.Follow(change.session(), change.now(), change.origin(), before, after));
    if (HasEnded(after.state()) && !HasEnded(before.state())) {
      CHANYAN_RETURN_IF_ERROR(Promote(change, projects_, after));
    }
    if (before.state() == after.state() &&
        google::protobuf::util::MessageDifferencer::Equals(before.sign_date(), after.sign_date())) {
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(reports_.Recategorize(change, after));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ImportProjectsResponse> ProjectSheetService::ImportProjects(
    const rpc::Call& call, const v1::ImportProjectsRequest& request) {
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  sheet::ReadOptions options;
  options.check = [&](google::protobuf::Message& message, uint32_t) {
    Violations violations = api::Violations(message);
    for (status::Violation& violation :
         RowViolations(static_cast<const v1::ProjectRow&>(message), today)) {
      violations.push_back(std::move(violation));
    }
    return violations;
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ProjectRow> data,
      rpc::ReadUpload<v1::ProjectRow>(request.file(), request.file_name(), options));
  const auto import = [&](RegistryReading& reading) -> absl::StatusOr<v1::ImportProjectsResponse> {
    CHANYAN_ASSIGN_OR_RETURN(const Organizations organizations,
                             LoadOrganizations(deps_.peers, rpc::AsService(call)));
    CHANYAN_ASSIGN_OR_RETURN(std::vector<registry::v1::Platform> all,
                             LoadPlatforms(deps_.peers, rpc::AsService(call), "organizations/-"));
    const PlatformsByTitle platforms = ByTitle(std::move(all), organizations);
    const bool whole_city = call.principal.Has(options::v1::ROLE_SECRETARIAT);
    const std::string own = whole_city ? "" : call.principal.organization;
    const Importing importing{call.principal.roles, request.override_reason(), today};

    return rpc::Mutate<v1::ImportProjectsResponse>(
        deps_.store, call, request,
        [&](rpc::Change& change) -> absl::StatusOr<v1::ImportProjectsResponse> {
          CHANYAN_RETURN_IF_ERROR(reading.Hold(change.session()));
          CHANYAN_ASSIGN_OR_RETURN(StoredProjects stored,
                                   LoadStored(change.session(), call, projects_));
          ProjectPlanner planner(deps_.pack, data.places, importing, stored);
          for (const auto& [row, number] : data.rows) {
            if (planner.AddKnown(row, number)) continue;
            Resolved resolved;
            resolved.row = row;
            resolved.number = number;
            Violations wrong = Resolve(organizations, platforms, own, &resolved);
            if (wrong.empty()) {
              planner.Add(resolved);
            } else {
              planner.Place(number, std::move(wrong));
            }
          }
          CHANYAN_ASSIGN_OR_RETURN(rpc::ImportPlan<v1::Project> plan, std::move(planner).Take());
          v1::ImportProjectsResponse response;
          response.set_created(static_cast<int32_t>(plan.creates.size()));
          response.set_updated(static_cast<int32_t>(plan.updates.size()));
          response.set_unchanged(plan.unchanged);
          response.set_dry_run(request.validate_only());
          if (request.validate_only()) return response;
          std::vector<std::string> referred;
          for (const v1::Project& project : plan.creates) {
            referred.insert(referred.end(),
                            {project.enterprise(), project.university(), project.unit()});
          }
          CHANYAN_RETURN_IF_ERROR(reading.Require(CopiedOf(plan)));
          CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(referred)));
          CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, projects_, &plan));
          CHANYAN_RETURN_IF_ERROR(FollowAll(change, plan));
          return response;
        });
  };
  return WithRegistry<v1::ImportProjectsResponse>(deps_.store, call, import);
}

absl::StatusOr<google::api::HttpBody> ProjectSheetService::ExportProjects(
    const rpc::Call& call, const v1::ExportProjectsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const Organizations organizations,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));
  std::vector<v1::Project> projects;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 projects_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            projects, projects_.Select(
                          session, db::And(auth::Readable<v1::Project>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  std::vector<v1::ProjectRow> rows;
  rows.reserve(projects.size());
  for (const v1::Project& project : projects) {
    v1::ProjectRow& row = rows.emplace_back();
    row.set_project_number(std::string(api::IdOfName(project.name())));
    const auto* university = organizations.ByName(project.university());
    if (university != nullptr) row.set_university_title(university->display_name());
    row.set_platform_title(project.platform_title());
    row.set_enterprise_title(project.enterprise_title());
    const auto* enterprise = organizations.ByName(project.enterprise());
    if (enterprise != nullptr) {
      row.set_unified_social_credit_code(enterprise->unified_social_credit_code());
    }
    row.set_title(project.title());
    *row.mutable_kinds() = project.kinds();
    row.set_content(project.content());
    row.set_state(project.state());
    if (project.has_sign_date()) *row.mutable_sign_date() = project.sign_date();
  }
  return rpc::ExportSheet<v1::ProjectRow>("结对共建项目", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::pairing
