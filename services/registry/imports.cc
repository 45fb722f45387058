// Import and export of organizations as .xlsx (REG-10).
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/registry/ids.h"
#include "services/registry/import_support.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

// Names in a sheet's reference columns become resource names; what is not found is kept as it is
// and reported. `rows` are the sheet's own, so that units and enterprises can come in one file.
absl::StatusOr<std::string> ResolveTitle(const Titles& stored, const Titles& in_file,
                                         const std::string& title, v1::OrganizationKind* kind) {
  for (const Titles* titles : {&stored, &in_file}) {
    const auto found = titles->find(title);
    if (found != titles->end()) {
      *kind = found->second->kind();
      return found->second->name();
    }
  }
  return status::NotFound(title);
}

// Copies what the sheet holds onto what is stored; what the sheet has no column for stays.
v1::Organization Merge(const v1::Organization* stored, const v1::Organization& row,
                       const google::protobuf::FieldMask& copied, absl::CivilDay day) {
  if (stored == nullptr) {
    v1::Organization created = row;
    created.set_state(v1::ORGANIZATION_STATE_ACTIVE);
    return created;
  }
  v1::Organization merged = *stored;
  Rename(row.display_name(), day, &merged);
  // A row that was recognised by its name says nothing against the code that is known.
  if (!row.unified_social_credit_code().empty()) {
    merged.set_unified_social_credit_code(row.unified_social_credit_code());
  }
  rpc::CopyColumns(copied, row, &merged);
  return merged;
}

}  // namespace

absl::StatusOr<v1::ImportResult> RegistryService::ImportOrganizations(
    const rpc::Call& call, const v1::ImportOrganizationsRequest& request) {
  sheet::ReadOptions options;
  // The unit column holds a name; its shape as a reference is checked once it is resolved.
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::Organization shaped = static_cast<const v1::Organization&>(message);
    shaped.clear_unit();
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      sheet::TableData<v1::Organization> data,
      rpc::ReadUpload<v1::Organization>(request.file(), request.file_name(), options));

  const google::protobuf::FieldMask copied = rpc::CopiedColumns(
      data.places, v1::Organization::descriptor(), {"display_name", "unified_social_credit_code"});

  return rpc::Mutate<v1::ImportResult>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
        CHANYAN_ASSIGN_OR_RETURN(const Directory directory,
                                 LoadDirectory(change.session(), organizations_));
        std::vector<status::Violation> violations;
        std::vector<v1::Organization> rows;
        std::vector<const v1::Organization*> stored;
        absl::flat_hash_map<std::string, uint32_t> seen;
        Titles in_file;
        rows.reserve(data.rows.size());
        for (const auto& [message, number] : data.rows) {
          const auto by_code = directory.by_code.find(message.unified_social_credit_code());
          const auto by_title = directory.by_title.find(message.display_name());
          const v1::Organization* match = nullptr;
          if (!message.unified_social_credit_code().empty()) {
            if (by_code != directory.by_code.end()) {
              match = by_code->second;
            } else if (by_title != directory.by_title.end() &&
                       by_title->second->unified_social_credit_code().empty()) {
              // It was registered before its code was known.
              match = by_title->second;
            }
          } else if (by_title != directory.by_title.end()) {
            match = by_title->second;
          }
          rows.push_back(message);
          rows.back().set_name(match != nullptr
                                   ? match->name()
                                   : absl::StrCat("organizations/", OrganizationId(message)));
          stored.push_back(match);
          const auto [first, fresh] = seen.try_emplace(rows.back().name(), number);
          if (!fresh) {
            violations.push_back(
                {data.places.Place(number, "display_name"),
                 absl::StrCat("与第 ", first->second, " 行是同一单位，请只保留一行")});
          }
        }
        for (const v1::Organization& row : rows) in_file[row.display_name()] = &row;
        rpc::ImportPlan<v1::Organization> plan;
        for (size_t i = 0; i < rows.size(); ++i) {
          v1::Organization row = rows[i];
          const uint32_t number = data.rows[i].number;
          v1::OrganizationKind unit_kind = v1::ORGANIZATION_KIND_UNSPECIFIED;
          if (!row.unit().empty()) {
            const auto unit = ResolveTitle(directory.by_title, in_file, row.unit(), &unit_kind);
            if (!unit.ok()) {
              violations.push_back({data.places.Place(number, "unit"),
                                    absl::StrCat("责任单位“", row.unit(),
                                                 "”不在单位名录中，请先导入该单位或核对名称")});
            } else if (!MayBeResponsibleUnit(unit_kind)) {
              violations.push_back(
                  {data.places.Place(number, "unit"),
                   absl::StrCat("“", row.unit(), "”不是大功能区、镇街或推进单位，不能作责任单位")});
            }
            row.set_unit(unit.ok() ? *unit : "");
          }
          rpc::AddPlaced(OrganizationViolations(row), number, data.places, &violations);
          rpc::AddPlaced(IndustryViolations(deps_.pack, row.industries()), number, data.places,
                         &violations);
          if (stored[i] != nullptr && stored[i]->kind() != row.kind()) {
            violations.push_back(
                {data.places.Place(number, "kind"),
                 absl::StrCat("该单位已登记为“", policy::LabelOf(stored[i]->kind()),
                              "”，单位类型不能更改")});
          }
          plan.Add(stored[i], Merge(stored[i], row, copied, time::DayOf(change.now())));
        }
        if (!violations.empty()) {
          return status::InvalidFields(std::move(violations),
                                       options::v1::ERROR_REASON_INVALID_FILE);
        }
        const auto result = rpc::ResultOf<v1::ImportResult>(plan, request.validate_only());
        if (!request.validate_only()) {
          CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, organizations_, &plan));
        }
        return result;
      });
}

absl::StatusOr<google::api::HttpBody> RegistryService::ExportOrganizations(
    const rpc::Call& call, const v1::ExportOrganizationsRequest& request) {
  std::vector<v1::Organization> rows;
  absl::flat_hash_map<std::string, std::string> titles;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 organizations_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, organizations_.Select(
                      session, db::And(auth::Readable<v1::Organization>(call.principal), wanted)));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Organization> units,
                                 organizations_.Select(session, {"kind <> 'ENTERPRISE'", {}}));
        for (const v1::Organization& unit : units) titles[unit.name()] = unit.display_name();
        return absl::OkStatus();
      }));
  for (v1::Organization& row : rows) {
    if (!row.unit().empty()) row.set_unit(titles[row.unit()]);
  }
  return rpc::ExportSheet<v1::Organization>("单位名录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
