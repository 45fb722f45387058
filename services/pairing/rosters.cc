// Rosters: the dated denominator of coverage (PAIR-6).
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/pairing/pairing_service.h"

namespace chanyan::pairing {
namespace {

constexpr char kDropEntries[] = "DELETE FROM roster_entry WHERE roster = ?";
constexpr int kRegistryPage = 200;

// The registry's enterprises by code, and everybody's names.
struct Enterprises {
  absl::flat_hash_map<std::string, registry::v1::Organization> by_code;
  absl::flat_hash_map<std::string, registry::v1::Organization> by_name;
  absl::flat_hash_map<std::string, std::string> titles;

  // The one that goes on for it.
  const registry::v1::Organization& Living(const registry::v1::Organization& organization) const {
    if (organization.state() != registry::v1::ORGANIZATION_STATE_MERGED) return organization;
    const auto survivor = by_name.find(organization.merged_into());
    return survivor == by_name.end() ? organization : survivor->second;
  }
};

absl::StatusOr<Enterprises> LoadEnterprises(rpc::Peers& peers, const rpc::Caller& caller) {
  Enterprises enterprises;
  registry::v1::ListOrganizationsRequest request;
  request.set_page_size(kRegistryPage);
  do {
    CHANYAN_ASSIGN_OR_RETURN(
        const auto page,
        rpc::CallPeer<registry::v1::ListOrganizationsResponse>(
            peers, "registry", "chanyan.registry.v1.RegistryService.ListOrganizations", request,
            caller));
    for (const auto& organization : page.organizations()) {
      enterprises.titles[organization.name()] = organization.display_name();
      if (organization.kind() == registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
        enterprises.by_code[organization.unified_social_credit_code()] = organization;
        enterprises.by_name[organization.name()] = organization;
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return enterprises;
}

}  // namespace

absl::StatusOr<v1::Roster> PairingService::ImportRoster(const rpc::Call& call,
                                                        const v1::ImportRosterRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day,
                           time::ParseDate(api::IdOfName(request.name())));
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    return api::Violations(message);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      sheet::TableData<v1::RosterEntry> data,
      rpc::ReadUpload<v1::RosterEntry>(request.file(), request.file_name(), options));
  CHANYAN_ASSIGN_OR_RETURN(const Enterprises known,
                           LoadEnterprises(deps_.peers, rpc::AsService(call)));

  std::vector<status::Violation> violations;
  std::vector<v1::RosterEntry> entries;
  absl::flat_hash_map<std::string, uint32_t> seen;
  for (auto& [entry, number] : data.rows) {
    const auto place = [&](absl::string_view field) { return data.places.Place(number, field); };
    const auto enterprise = known.by_code.find(entry.unified_social_credit_code());
    if (enterprise == known.by_code.end()) {
      violations.push_back({place("unified_social_credit_code"),
                            absl::StrCat("代码“", entry.unified_social_credit_code(),
                                         "”的企业不在单位名录中，请先导入该企业")});
      continue;
    }
    if (enterprise->second.display_name() != entry.enterprise_title()) {
      violations.push_back({place("enterprise_title"),
                            absl::StrCat("该代码在单位名录中的企业名称是“",
                                         enterprise->second.display_name(), "”，请核对")});
    }
    const registry::v1::Organization& organization = known.Living(enterprise->second);
    const auto [first, fresh] = seen.try_emplace(organization.name(), number);
    if (!fresh) {
      violations.push_back({place("unified_social_credit_code"),
                            absl::StrCat("与第 ", first->second, " 行是同一企业（",
                                         organization.display_name(), "），请只保留一行")});
      continue;
    }
    const auto unit = known.titles.find(organization.unit());
    const std::string unit_title = unit == known.titles.end() ? "" : unit->second;
    if (!entry.unit_title().empty() && entry.unit_title() != unit_title) {
      violations.push_back({place("unit_title"), absl::StrCat("该企业在单位名录中的责任单位是“",
                                                              unit_title, "”，请先在名录中调整")});
    }
    entry.set_name(absl::StrCat(request.name(), "/entries/", api::IdOfName(organization.name())));
    entry.set_enterprise(organization.name());
    entry.set_unit(organization.unit());
    entry.set_unit_title(unit_title);
    entries.push_back(entry);
  }
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FILE);
  }
  const std::string digest = api::Sha256Hex(request.file().data());

  return rpc::Mutate<v1::Roster>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Roster> {
        std::vector<std::string> referred;
        for (const v1::RosterEntry& entry : entries) {
          referred.insert(referred.end(), {entry.enterprise(), entry.unit()});
        }
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(referred)));
        const absl::StatusOr<v1::Roster> stored =
            rosters_.GetForUpdate(change.session(), request.name());
        if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
        v1::Roster roster = stored.ok() ? *stored : v1::Roster();
        if (stored.ok() && stored->file_sha256() == digest) return roster;
        roster.set_name(request.name());
        *roster.mutable_effective_date() = time::ToProto(day);
        roster.set_entry_count(static_cast<int32_t>(entries.size()));
        roster.set_file_sha256(digest);
        if (request.validate_only()) return roster;
        std::vector<v1::RosterEntry> rows = entries;
        CHANYAN_RETURN_IF_ERROR(change.session().Execute(kDropEntries, {request.name()}).status());
        if (!rows.empty()) {
          CHANYAN_RETURN_IF_ERROR(entries_.InsertAll(change.session(), change.now(), &rows));
        }
        if (stored.ok()) {
          CHANYAN_RETURN_IF_ERROR(rosters_.Update(change.session(), change.now(), &roster));
          CHANYAN_RETURN_IF_ERROR(change.Record("imported", &*stored, &roster));
        } else {
          CHANYAN_RETURN_IF_ERROR(rosters_.Insert(change.session(), change.now(), &roster));
          CHANYAN_RETURN_IF_ERROR(change.Record("imported", nullptr, &roster));
        }
        return roster;
      });
}

absl::StatusOr<v1::Roster> PairingService::GetRoster(const rpc::Call& call,
                                                     const v1::GetRosterRequest& request) {
  return rpc::Fetch(deps_.store.db, call, rosters_, request.name());
}

absl::StatusOr<v1::Roster> PairingService::RosterOf(db::Session& session, absl::string_view name) {
  if (!name.empty()) return rosters_.Get(session, name);
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Roster> newest,
      rosters_.Select(session, db::Predicate::Everything(), "effective_date DESC LIMIT 1"));
  if (newest.empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_NOT_FOUND,
                                      "还没有企业名册，请秘书处先导入名册再统计覆盖率");
  }
  return std::move(newest.front());
}

}  // namespace chanyan::pairing
