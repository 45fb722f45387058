// Handlers that answer with an .xlsx: forms, returns and ledgers.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/wire.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/form_versions.h"
#include "services/cycle/ids.h"
#include "services/cycle/ledger_sheet.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

// Every enterprise that a unit was sent rows of; those that gave rows are added by their rows.
constexpr absl::string_view kAtUnits =
    "SELECT DISTINCT unit, enterprise, enterprise_title, unified_social_credit_code, "
    "former_enterprise <> '' FROM form_row WHERE cycle = ? AND enterprise <> '' AND distributed = "
    "1";
constexpr absl::string_view kOfUnit = " AND unit = ?";

std::vector<std::string> KindNames(const policy::Pack& pack) {
  std::vector<std::string> names;
  for (const auto& kind : pack.proto().co_build_kinds()) names.push_back(kind.display_name());
  return names;
}

std::vector<const v1::Row*> Sorted(const std::vector<v1::Row>& rows) {
  std::vector<const v1::Row*> sorted;
  sorted.reserve(rows.size());
  for (const v1::Row& row : rows) sorted.push_back(&row);
  SortForSheet(&sorted);
  return sorted;
}

// A form's file depends on its rows alone, so it is dated by the opening of the cycle.
absl::StatusOr<FormSheet> HeadOf(const v1::Cycle& cycle, const v1::Form& form,
                                 const policy::Pack& pack) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(api::IdOfName(cycle.name())));
  return FormSheet{.quarter = quarter,
                   .rehearsal = cycle.rehearsal(),
                   .university_title = form.university_title(),
                   .enterprise_title = "",
                   .kinds = KindNames(pack),
                   .created = time::ToTime(cycle.open_time())};
}

// Whose ledger is asked for; empty = all units'.
absl::StatusOr<std::string> LedgerUnit(const rpc::Call& call, const std::string& wanted) {
  if (call.principal.Has(options::v1::ROLE_SECRETARIAT)) return wanted;
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("您的账号没有所属单位，不能下载管理台账");
  // What is out of scope looks as if it were not there.
  if (!wanted.empty() && wanted != own) return status::NotFound(wanted);
  return own;
}

// An enterprise of the ledger before its names are known.
struct LedgerEntry {
  std::string title;
  std::string code;
  // Of a row of its own, not of one that has become part of it.
  bool own = false;
  std::vector<const v1::Row*> rows;

  void Call(const std::string& name, const std::string& its_code, bool is_own) {
    if (own && !is_own) return;
    if (is_own && !own)
      *this = LedgerEntry{.title = "", .code = "", .own = true, .rows = std::move(rows)};
    // Of two spellings always the same one.
    title = std::max(title, name);
    code = std::max(code, its_code);
  }
};
// By unit and enterprise.
using LedgerEntries = std::map<std::pair<std::string, std::string>, LedgerEntry>;

absl::StatusOr<LedgerEntries> LoadLedgerEntries(db::Session& session, const std::string& cycle,
                                                const std::string& unit) {
  db::Values values = {cycle};
  if (!unit.empty()) values.push_back(unit);
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat(kAtUnits, unit.empty() ? "" : kOfUnit), values));
  LedgerEntries entries;
  for (const db::Values& row : found.rows) {
    LedgerEntry& entry = entries[{std::get<std::string>(row[0]), std::get<std::string>(row[1])}];
    entry.Call(std::get<std::string>(row[2]), std::get<std::string>(row[3]),
               std::get<int64_t>(row[4]) == 0);
  }
  return entries;
}

std::vector<LedgerSection> Sections(LedgerEntries entries,
                                    const std::map<std::string, EnterpriseReturn>& returns,
                                    const std::map<std::string, std::string>& unit_titles) {
  std::vector<LedgerSection> sections;
  sections.reserve(entries.size());
  for (auto& [key, entry] : entries) {
    LedgerSection& section = sections.emplace_back();
    section.enterprise_title = std::move(entry.title);
    section.unified_social_credit_code = std::move(entry.code);
    section.unit_title = key.first.empty() ? "（未定责任单位）" : TitleOf(unit_titles, key.first);
    const auto given = returns.find(key.second);
    if (given != returns.end()) {
      section.return_time = given->second.first_time;
      section.on_time = given->second.on_time;
    }
    SortForSheet(&entry.rows);
    std::stable_sort(entry.rows.begin(), entry.rows.end(), [](const v1::Row* a, const v1::Row* b) {
      return a->university() < b->university();
    });
    section.rows = std::move(entry.rows);
  }
  std::stable_sort(sections.begin(), sections.end(),
                   [](const LedgerSection& a, const LedgerSection& b) {
                     return std::tie(a.unit_title, a.enterprise_title) <
                            std::tie(b.unit_title, b.enterprise_title);
                   });
  return sections;
}

}  // namespace

absl::StatusOr<google::api::HttpBody> CycleService::ExportForm(
    const rpc::Call& call, const v1::ExportFormRequest& request) {
  FormSheet sheet{.quarter = time::Quarter(time::kMinYear, 1)};
  std::vector<v1::Row> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::Form form,
        forms_.Get(session, request.name(), auth::Readable<v1::Form>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             LoadCycle(session, call, CycleOfName(form.name())));
    CHANYAN_ASSIGN_OR_RETURN(sheet, HeadOf(cycle, form, deps_.pack));
    if (request.revision() > 0) {
      // A copy for the file: what was said then is not said anew.
      sheet.filed = true;
      CHANYAN_ASSIGN_OR_RETURN(rows, RowsOfVersion(session, call, form, request.revision()));
      return absl::OkStatus();
    }
    CHANYAN_ASSIGN_OR_RETURN(
        rows, rows_.Select(session, db::And(Below(absl::StrCat(form.name(), "/rows")),
                                            auth::Readable<v1::Row>(call.principal))));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, WriteFormSheet(sheet, Sorted(rows)));
  return FileBody(kXlsx, std::move(bytes));
}

absl::StatusOr<google::api::HttpBody> CycleService::ExportReturn(
    const rpc::Call& call, const v1::ExportReturnRequest& request) {
  registry::v1::Organization enterprise;
  if (request.revision() == 0) {
    CHANYAN_ASSIGN_OR_RETURN(enterprise, ServedEnterprise(call, request.enterprise()));
  }
  FormSheet sheet{.quarter = time::Quarter(time::kMinYear, 1)};
  std::vector<v1::Row> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::Form form,
        forms_.Get(session, request.parent(), auth::Readable<v1::Form>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             LoadCycle(session, call, CycleOfName(form.name())));
    CHANYAN_ASSIGN_OR_RETURN(sheet, HeadOf(cycle, form, deps_.pack));
    if (request.revision() > 0) {
      // Who may read the version is asked of it, for it stays with the names of its time.
      CHANYAN_ASSIGN_OR_RETURN(
          const v1::ReturnVersion version,
          ReturnVersionOf(session, call, form.name(), request.enterprise(), request.revision()));
      sheet.filed = true;
      enterprise.set_display_name(version.enterprise_title());
      CHANYAN_ASSIGN_OR_RETURN(rows,
                               LoadVersionRows(session, version.name(), version.content_sha256()));
      return absl::OkStatus();
    }
    db::Predicate its =
        db::And(Below(absl::StrCat(form.name(), "/rows")), {"enterprise = ?", {enterprise.name()}});
    CHANYAN_ASSIGN_OR_RETURN(
        rows,
        rows_.Select(session, db::And(std::move(its), auth::Readable<v1::Row>(call.principal))));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  sheet.enterprise_title = enterprise.display_name();
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, WriteFormSheet(sheet, Sorted(rows)));
  return FileBody(kXlsx, std::move(bytes));
}

absl::StatusOr<std::vector<v1::Row>> CycleService::LedgerRows(db::Session& session,
                                                              const v1::Cycle& cycle,
                                                              const std::string& unit) {
  if (!unit.empty()) {
    return rows_.Select(session,
                        db::And({"cycle = ? AND unit = ?", {cycle.name(), unit}}, CameBack(cycle)));
  }
  CHANYAN_ASSIGN_OR_RETURN(const absl::flat_hash_set<std::string> back,
                           NamesThatCameBack(session, cycle));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> forms,
                           forms_.Select(session, Below(absl::StrCat(cycle.name(), "/forms"))));
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Row> rows,
      RowsOfForms(session, rows_, forms, {"enterprise <> '' AND sent_back = 0", {}}));
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const v1::Row& row) { return !back.contains(row.name()); }),
             rows.end());
  return rows;
}

absl::StatusOr<google::api::HttpBody> CycleService::ExportLedger(
    const rpc::Call& call, const v1::ExportLedgerRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string unit, LedgerUnit(call, request.unit()));
  CHANYAN_ASSIGN_OR_RETURN(const auto unit_titles,
                           FetchUnitTitles(deps_.peers, rpc::AsService(call)));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(api::IdOfName(request.name())));
  Ledger ledger{.quarter = quarter};
  ledger.scope_title = unit.empty() ? "全部责任单位" : TitleOf(unit_titles, unit);
  UniversityTitles universities;
  LedgerEntries entries;
  std::map<std::string, EnterpriseReturn> returns;
  std::vector<v1::Row> rows;
  // A transaction, so that all of it is of one moment.
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, request.name()));
    ledger.rehearsal = cycle.rehearsal();
    ledger.as_of = NowIn(cycle, deps_.store.clock.Now());
    CHANYAN_ASSIGN_OR_RETURN(universities, LoadUniversityTitles(session, forms_, cycle.name()));
    CHANYAN_ASSIGN_OR_RETURN(returns, LoadReturns(session, cycle.name()));
    CHANYAN_ASSIGN_OR_RETURN(entries, LoadLedgerEntries(session, cycle.name(), unit));
    CHANYAN_ASSIGN_OR_RETURN(rows, LedgerRows(session, cycle, unit));
    return absl::OkStatus();
  };
  db::TransactOptions options;
  options.deadline = call.deadline;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(options, read));
  for (const v1::Row& row : rows) {
    LedgerEntry& entry = entries[{row.unit(), row.enterprise()}];
    entry.Call(row.enterprise_title(), row.unified_social_credit_code(),
               row.former_enterprise().empty());
    entry.rows.push_back(&row);
  }
  ledger.sections = Sections(std::move(entries), returns, unit_titles);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, WriteLedger(ledger, universities));
  if (bytes.size() > kMostFileBytes) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("管理台账有 ", ledger.sections.size(), " 家企业、", rows.size(),
                     " 行，文件超过 ", rpc::kMaxMessageBytes >> 20, " MB，请按责任单位分别下载"));
  }
  return FileBody(kXlsx, std::move(bytes));
}

}  // namespace chanyan::cycle
