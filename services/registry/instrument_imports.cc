// Import and export of instruments as .xlsx (REG-10).
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/differences.h"
#include "common/api/validate.h"
#include "common/policy/verdict.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/booking_outages.h"
#include "services/registry/contact_lines.h"
#include "services/registry/diary.h"
#include "services/registry/ids.h"
#include "services/registry/instrument_following.h"
#include "services/registry/instrument_life.h"
#include "services/registry/instrument_lines.h"
#include "services/registry/instrument_rules.h"
#include "services/registry/instrument_service.h"
#include "services/registry/instrument_text_rules.h"
#include "services/registry/organization_rules.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

// Shape of a row before names and texts of it are resolved.
std::vector<status::Violation> RowViolations(google::protobuf::Message& message, uint32_t) {
  v1::Instrument shaped = static_cast<const v1::Instrument&>(message);
  shaped.clear_organization_title();
  shaped.clear_platform_title();
  shaped.clear_hours_text();
  shaped.clear_charges_text();
  shaped.clear_closures_text();
  shaped.clear_own_terms_text();
  std::vector<status::Violation> violations = api::Violations(shaped);
  // The sheet has the platform by its title.
  std::erase_if(violations,
                [](const status::Violation& violation) { return violation.field == "platform"; });
  return violations;
}

// The cell that shows a field: what is no column of its own stands in the sheet as text.
std::string ColumnOf(const std::string& field) {
  if (absl::StartsWith(field, "hours")) return "hours_text";
  if (absl::StartsWith(field, "charges")) return "charges_text";
  if (absl::StartsWith(field, "closures")) return "closures_text";
  if (absl::StartsWith(field, "terms")) return "own_terms_text";
  if (absl::StartsWith(field, "platform")) return "platform_title";
  return field;
}

// Hours, prices, closures and terms as the sheet has them, where it has them.
std::vector<status::Violation> ReadTexts(const policy::Pack& pack, const sheet::TablePlaces& places,
                                         const v1::Instrument& row, v1::Instrument* to) {
  std::vector<status::Violation> violations;
  const auto wrong = [&](const char* field, const absl::Status& why) {
    violations.push_back({field, status::ViolationsOf(why).front().description});
  };
  if (places.HasColumn("hours_text")) {
    auto hours = ParseHours(row.hours_text());
    if (hours.ok()) {
      to->mutable_hours()->Assign(hours->begin(), hours->end());
    } else {
      wrong("hours_text", hours.status());
    }
  }
  if (places.HasColumn("charges_text")) {
    auto charges = ParseCharges(pack, row.charges_text());
    if (charges.ok()) {
      to->mutable_charges()->Assign(charges->begin(), charges->end());
    } else {
      wrong("charges_text", charges.status());
    }
  }
  const auto add = [&violations](std::vector<status::Violation> more) {
    for (status::Violation& violation : more) violations.push_back(std::move(violation));
  };
  if (places.HasColumn("closures_text")) add(ReadClosures(row.closures_text(), to));
  if (places.HasColumn("own_terms_text")) add(ReadOwnTerms(row.own_terms_text(), to));
  return violations;
}

// Whether bookings would come out the same.
bool BooksTheSame(const v1::Instrument& a, const v1::Instrument& b) {
  const auto* type = v1::Instrument::descriptor();
  for (const char* name :
       {"hours", "closed_on_holidays", "closures", "charges", "terms", "platform_published"}) {
    if (!api::SameField(a, b, type->FindFieldByName(name))) return false;
  }
  return true;
}

// Whom to ask, where the columns of `row` were copied to `merged`. Empty cells leave what is
// stored, unless they stand beside another name; kContactsCleared in place of a name takes it away
// with whatever else the row does not give.
void TakeContact(const v1::Instrument* stored, const v1::Instrument& row, v1::Instrument* merged) {
  if (merged->contact_person() == kContactsCleared) {
    merged->clear_contact_person();
    merged->set_contact_phone(row.contact_phone());
    merged->set_contact_email(row.contact_email());
    return;
  }
  if (stored == nullptr) return;
  if (merged->contact_person().empty()) merged->set_contact_person(stored->contact_person());
  if (merged->contact_person() != stored->contact_person()) return;
  if (merged->contact_phone().empty()) merged->set_contact_phone(stored->contact_phone());
  if (merged->contact_email().empty()) merged->set_contact_email(stored->contact_email());
}

std::string KeyOf(const v1::Instrument& row) {
  return absl::StrCat(row.organization(), "\n", row.asset_number());
}

}  // namespace

std::vector<status::Violation> InstrumentService::PlanRow(const rpc::Call& call, absl::Time now,
                                                          const ImportFacts& facts,
                                                          const v1::Instrument& message, bool open,
                                                          v1::Instrument* merged,
                                                          const v1::Instrument** stored) const {
  const v1::Organization* owner = facts.directory->Resolve(message.organization_title());
  if (owner == nullptr) {
    return {{"organization_title", absl::StrCat("依托单位“", message.organization_title(),
                                                "”不在单位名录中，请核对名称")}};
  }
  v1::Instrument row = message;
  row.set_organization(owner->name());
  if (!MayOwnPlatforms(owner->kind())) {
    return {{"organization_title", absl::StrCat("“", message.organization_title(),
                                                "”不是高校、科研机构或企业，不能开放仪器设备")}};
  }
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    return {{"organization_title", "只能导入本单位的仪器设备"}};
  }
  const auto platform =
      facts.platforms.find(absl::StrCat(row.organization(), "\n", message.platform_title()));
  if (platform == facts.platforms.end()) {
    return {{"platform_title",
             absl::StrCat("“", message.organization_title(), "”没有名为“", message.platform_title(),
                          "”的科创平台，请先导入该平台或核对名称")}};
  }
  const auto found = facts.stored.find(KeyOf(row));
  *stored = found == facts.stored.end() ? nullptr : found->second;
  if (*stored != nullptr) {
    *merged = **stored;
  } else {
    merged->set_organization(row.organization());
    merged->set_asset_number(row.asset_number());
    merged->set_name(absl::StrCat(row.organization(), "/instruments/", InstrumentId(row)));
    merged->set_state(v1::INSTRUMENT_STATE_DRAFT);
  }
  rpc::CopyColumns(facts.copied, row, merged);
  TakeContact(*stored, row, merged);
  merged->set_platform(platform->second->name());
  merged->set_platform_published(IsPublished(*platform->second));
  std::vector<status::Violation> violations = ReadTexts(deps_.pack, *facts.places, message, merged);
  Normalize(deps_.pack, merged);
  if (*stored != nullptr) KeepOpening(**stored, now, merged);
  if (!violations.empty()) return violations;
  if (open && merged->state() == v1::INSTRUMENT_STATE_DRAFT) {
    const absl::Status opened = MarkOpen(call, now, "", merged);
    if (!opened.ok()) return {{"", std::string(opened.message())}};
  }
  // What changes nothing is always right.
  if (*stored != nullptr && MessageDifferencer::Equals(**stored, *merged)) return {};
  if (owner->state() != v1::ORGANIZATION_STATE_ACTIVE) {
    return {{"organization_title",
             absl::StrCat("“", message.organization_title(), "”已停用，不能开放仪器设备")}};
  }
  if (merged->state() == v1::INSTRUMENT_STATE_RETIRED) {
    return {{"asset_number", "该仪器已停用，不能再导入；请从表中删除该行"}};
  }
  if (platform->second->state() == v1::PLATFORM_STATE_WITHDRAWN) {
    return {{"platform_title", "该科创平台已撤回，请选择其他平台"}};
  }
  violations = InstrumentViolations(deps_.pack, *merged, time::DayOf(now));
  for (status::Violation& violation : violations) violation.field = ColumnOf(violation.field);
  // One that the file opens was judged as it was opened.
  if (violations.empty() && *stored != nullptr) {
    const absl::Status judged = RejudgeOpening(deps_.pack, **stored, merged);
    if (!judged.ok()) violations.push_back({"", std::string(judged.message())});
  }
  return violations;
}

absl::StatusOr<v1::ImportResult> InstrumentService::ImportInstruments(
    const rpc::Call& call, const v1::ImportInstrumentsRequest& request) {
  sheet::ReadOptions options;
  options.check = RowViolations;
  CHANYAN_ASSIGN_OR_RETURN(
      sheet::TableData<v1::Instrument> data,
      rpc::ReadUpload<v1::Instrument>(request.file(), request.file_name(), options));
  return rpc::Mutate<v1::ImportResult>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
        db::Session& session = change.session();
        ImportFacts facts;
        facts.places = &data.places;
        facts.copied =
            rpc::CopiedColumns(data.places, v1::Instrument::descriptor(),
                               {"organization_title", "platform_title", "asset_number",
                                "hours_text", "charges_text", "closures_text", "own_terms_text"});
        CHANYAN_ASSIGN_OR_RETURN(facts.directory,
                                 Directory::Load(session, organizations_, call.principal));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Platform> platforms,
            platforms_.Select(session, auth::Writable<v1::Platform>(call.principal)));
        for (const v1::Platform& one : platforms) {
          facts.platforms[absl::StrCat(one.organization(), "\n", one.display_name())] = &one;
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Instrument> existing,
            instruments_.Select(session, auth::Writable<v1::Instrument>(call.principal)));
        for (const v1::Instrument& one : existing) facts.stored[KeyOf(one)] = &one;
        std::vector<status::Violation> violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        std::set<std::string> touched;
        rpc::ImportPlan<v1::Instrument> plan;
        for (const auto& [message, number] : data.rows) {
          v1::Instrument merged;
          const v1::Instrument* stored = nullptr;
          std::vector<status::Violation> wrong =
              PlanRow(call, change.now(), facts, message, request.open(), &merged, &stored);
          const auto [first, fresh] = seen.try_emplace(
              absl::StrCat(message.organization_title(), "\n", message.asset_number()), number);
          if (!fresh) {
            wrong.push_back({"asset_number",
                             absl::StrCat("与第 ", first->second, " 行是同一仪器，请只保留一行")});
          }
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          if (stored == nullptr || stored->platform() != merged.platform()) {
            touched.insert(merged.platform());
          }
          // Bookings made meanwhile see either the old hours and prices or the new ones.
          if (stored != nullptr && !BooksTheSame(*stored, merged)) touched.insert(merged.name());
          plan.Add(stored, std::move(merged));
        }
        // They were read above: whoever published or booked one of them since makes this run again.
        for (const std::string& subject : touched) {
          CHANYAN_RETURN_IF_ERROR(Touch(session, subject));
        }
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ImportResult result,
            rpc::Settle<v1::ImportResult>(change, instruments_, std::move(violations),
                                          request.validate_only(), &plan));
        if (request.validate_only()) return result;
        for (const auto& [before, after] : plan.updates) {
          if (!touched.contains(after.name())) continue;
          CHANYAN_RETURN_IF_ERROR(SettleOutages(change, deps_.pack, after).status());
        }
        return result;
      });
}

absl::StatusOr<google::api::HttpBody> InstrumentService::ExportInstruments(
    const rpc::Call& call, const v1::ExportInstrumentsRequest& request) {
  std::vector<v1::Instrument> rows;
  TitlesByName titles;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        titles.clear();
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 instruments_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, instruments_.Select(
                      session, db::And(auth::Readable<v1::Instrument>(call.principal), wanted)));
        return AddTitles(session, rows, &titles);
      }));
  for (v1::Instrument& row : rows) {
    Describe(titles, &row);
    row.set_closures_text(ClosuresText(row));
    row.set_own_terms_text(OwnTermsText(row));
  }
  return rpc::ExportSheet<v1::Instrument>("大型科学仪器设备", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
