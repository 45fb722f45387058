// Rosters, the dated denominator of coverage, and coverage itself (PAIR-6).
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/policy/place_names.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_rules.h"
#include "services/pairing/outreach_align.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/registry_lists.h"

namespace chanyan::pairing {
namespace {

constexpr char kDropEntries[] = "DELETE FROM roster_entry WHERE roster = ?";

// Zone, town and size of an enterprise in a district as the pack calls them; what it does not know.
// A pack without streets and towns leaves the town as it is written.
std::vector<status::Violation> TakePlaceAndSize(const policy::Pack& pack,
                                                absl::string_view region_code,
                                                v1::RosterEntry* entry) {
  std::vector<status::Violation> out;
  if (std::string wrong = policy::TakeZone(pack, region_code, entry->mutable_zone());
      !wrong.empty()) {
    out.push_back({"zone", std::move(wrong)});
  }
  const auto is_town = [](const policy::v1::Place& place) {
    return place.kind() == policy::v1::PLACE_KIND_STREET ||
           place.kind() == policy::v1::PLACE_KIND_TOWN;
  };
  const auto& places = pack.proto().places();
  const auto first = std::find_if(places.begin(), places.end(), is_town);
  if (!entry->town().empty() && first != places.end()) {
    const policy::v1::Place* place = pack.FindPlaceByName(entry->town());
    if (place == nullptr || !is_town(*place)) {
      out.push_back(
          {"town", absl::StrCat("“", entry->town(), "”不是街道或镇，请按行政区划的名称填写，如“",
                                first->display_name(), "”")});
    } else {
      entry->set_town(place->display_name());
    }
  }
  const auto& sizes = pack.proto().enterprise_sizes();
  if (!entry->size().empty() &&
      std::none_of(sizes.begin(), sizes.end(), [&](const policy::v1::EnterpriseSize& size) {
        return size.display_name() == entry->size();
      })) {
    out.push_back(
        {"size", absl::StrCat("“", entry->size(), "”不是企业规模，可填：",
                              absl::StrJoin(sizes, "、", [](std::string* text, const auto& size) {
                                absl::StrAppend(text, size.display_name());
                              }))});
  }
  return out;
}

// Some at a time, so that one who watches sees them go in.
absl::Status InsertEntries(rpc::Change& change, const db::Table<v1::RosterEntry>& table,
                           std::vector<v1::RosterEntry>* rows) {
  std::vector<google::protobuf::Message*> messages;
  for (v1::RosterEntry& row : *rows) messages.push_back(&row);
  const auto total = static_cast<int64_t>(messages.size());
  for (absl::Span<google::protobuf::Message* const> left = messages; !left.empty();) {
    rpc::LongWork::OfThisThread().Say(rpc::Stage::kWriting,
                                      total - static_cast<int64_t>(left.size()), total);
    const auto some = left.subspan(0, rpc::kRowsBetweenSigns);
    CHANYAN_RETURN_IF_ERROR(table.core().Insert(change.session(), change.now(), some));
    left.remove_prefix(some.size());
  }
  return absl::OkStatus();
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
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));

  std::vector<status::Violation> violations;
  std::vector<v1::RosterEntry> entries;
  absl::flat_hash_map<std::string, uint32_t> seen;
  for (auto& [entry, number] : data.rows) {
    const auto place = [&data, number = number](absl::string_view field) {
      return data.places.Place(number, field);
    };
    const registry::v1::Organization* enterprise = known.ByCode(entry.unified_social_credit_code());
    if (enterprise == nullptr) {
      violations.push_back({place("unified_social_credit_code"),
                            absl::StrCat("代码“", entry.unified_social_credit_code(),
                                         "”的企业不在单位名录中，请先导入该企业")});
      continue;
    }
    if (enterprise->display_name() != entry.enterprise_title()) {
      violations.push_back(
          {place("enterprise_title"), absl::StrCat("该代码在单位名录中的企业名称是“",
                                                   enterprise->display_name(), "”，请核对")});
    }
    const registry::v1::Organization& organization = known.Living(*enterprise);
    const auto [first, fresh] = seen.try_emplace(organization.name(), number);
    if (!fresh) {
      violations.push_back({place("unified_social_credit_code"),
                            absl::StrCat("与第 ", first->second, " 行是同一企业（",
                                         organization.display_name(), "），请只保留一行")});
      continue;
    }
    const registry::v1::Organization* unit = known.ByName(organization.unit());
    const std::string unit_title = unit == nullptr ? "" : unit->display_name();
    if (!entry.unit_title().empty() && entry.unit_title() != unit_title) {
      violations.push_back({place("unit_title"), absl::StrCat("该企业在单位名录中的责任单位是“",
                                                              unit_title, "”，请先在名录中调整")});
    }
    rpc::AddPlaced(TakePlaceAndSize(deps_.pack, organization.region_code(), &entry), number,
                   data.places, &violations);
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
        CHANYAN_RETURN_IF_ERROR(InsertEntries(change, entries_, &rows));
        if (stored.ok()) {
          CHANYAN_RETURN_IF_ERROR(rosters_.Update(change.session(), change.now(), &roster));
          CHANYAN_RETURN_IF_ERROR(change.Record("imported", &*stored, &roster));
        } else {
          CHANYAN_RETURN_IF_ERROR(rosters_.Insert(change.session(), change.now(), &roster));
          CHANYAN_RETURN_IF_ERROR(change.Record("imported", nullptr, &roster));
        }
        // Only the newest one says who follows up whom; a past day's changes nothing of that.
        const absl::CivilDay today = time::DayOf(change.now());
        if (day > today) return roster;
        CHANYAN_ASSIGN_OR_RETURN(const v1::Roster newest,
                                 counter_.RosterOf(change.session(), "", today));
        if (newest.name() == roster.name()) {
          CHANYAN_RETURN_IF_ERROR(
              AlignWith(change.session(), change.now(), roster.name(),
                        [&](const auto& moved) { return change.RecordAll("moved", moved); }));
        }
        return roster;
      });
}

absl::StatusOr<v1::Roster> PairingService::GetRoster(const rpc::Call& call,
                                                     const v1::GetRosterRequest& request) {
  return rpc::Fetch(deps_.store.db, call, rosters_, request.name());
}

absl::StatusOr<v1::Coverage> PairingService::QueryCoverage(
    const rpc::Call& call, const v1::QueryCoverageRequest& request) {
  const db::Predicate scope = auth::Readable<v1::RosterEntry>(call.principal);
  v1::Coverage coverage;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            coverage, counter_.Count(session, deps_.store.clock.Now(), scope,
                                     {request.roster(), request.group_by(), request.as_of_date()}));
        return absl::OkStatus();
      }));
  return coverage;
}

absl::StatusOr<v1::ListUnpairedResponse> PairingService::ListUnpaired(
    const rpc::Call& call, const v1::ListUnpairedRequest& request) {
  v1::ListUnpairedResponse response;
  const absl::Time now = deps_.store.clock.Now();
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster,
                                 counter_.RosterOf(session, request.roster(), time::DayOf(now)));
        db::ListQuery query;
        query.parent = absl::StrCat(roster.name(), "/entries");
        query.filter = request.filter();
        query.page_size = request.page_size();
        query.page_token = request.page_token();
        query.scope =
            db::And(auth::Readable<v1::RosterEntry>(call.principal),
                    counter_.Unpaired("roster_entry", v1::ENTERPRISE_STANDING_UNSPECIFIED));
        CHANYAN_ASSIGN_OR_RETURN(auto page, entries_.List(session, query));
        response.mutable_entries()->Assign(page.rows.begin(), page.rows.end());
        response.set_next_page_token(page.next_page_token);
        response.set_roster(roster.name());
        return absl::OkStatus();
      }));
  *response.mutable_as_of() = time::ToTimestamp(now);
  response.set_pack_version(PackLabel(deps_.pack));
  return response;
}

}  // namespace chanyan::pairing
