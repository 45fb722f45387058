#include "services/triage/report_openness.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "services/triage/openness.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

constexpr char kResultPrefix[] = "results/";
constexpr char kEscalations[] = "escalations/";
constexpr char kCases[] = "cases/";
// A matter's result stays what it is.
constexpr char kResultsOf[] = "SELECT name, result FROM escalation WHERE result <> '' AND name IN ";
constexpr char kResultsOfCases[] = "SELECT name, result FROM typical_case WHERE name IN ";
constexpr char kResultsThat[] = "SELECT name FROM result WHERE ";
constexpr char kInOrderLocked[] = " ORDER BY name FOR UPDATE";
constexpr size_t kMostResultsNamed = 5;

// Gives `take` each row of those that are named, in the order of their names.
template <class Take>
absl::Status Each(db::Session& session, absl::string_view select,
                  const absl::btree_set<std::string>& names, absl::string_view end, Take take) {
  const std::vector<std::string> all(names.begin(), names.end());
  return db::InChunks(all, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                             session.Query(absl::StrCat(select, db::Marks(chunk.size()), end),
                                           db::Values(chunk.begin(), chunk.end())));
    for (const db::Values& row : found.rows) take(row);
    return absl::OkStatus();
  });
}

}  // namespace

bool IsOpenOnly(const policy::v1::ReportKind& kind, const TriagePack& pack) {
  for (const policy::v1::ReportRecipient& recipient : kind.recipients()) {
    const policy::v1::TriageUnit* unit = pack.FindUnit(recipient.unit());
    const policy::v1::TriageUnitKind reads = unit == nullptr ? recipient.kind() : unit->kind();
    if (reads != policy::v1::TRIAGE_UNIT_KIND_LEADING_GROUP &&
        reads != policy::v1::TRIAGE_UNIT_KIND_CITY_LEADERS) {
      return true;
    }
  }
  return false;
}

absl::Status CheckOpen(db::Session& session, const v1::ReportContent& content) {
  absl::btree_set<std::string> results;
  absl::btree_set<std::string> matters;
  absl::btree_set<std::string> cases;
  for (const v1::ReportTable& table : content.tables()) {
    for (const v1::ReportRow& row : table.rows()) {
      std::string about = ResultOfName(row.subject());
      if (absl::StartsWith(about, kResultPrefix)) {
        results.insert(std::move(about));
      } else if (absl::StartsWith(about, kEscalations)) {
        matters.insert(std::move(about));
      } else if (absl::StartsWith(about, kCases)) {
        cases.insert(std::move(about));
      }
    }
  }
  absl::flat_hash_map<std::string, std::string> result_of;
  const auto note = [&](const db::Values& row) {
    const std::string& result = std::get<std::string>(row[1]);
    result_of[std::get<std::string>(row[0])] = result;
    results.insert(result);
  };
  CHANYAN_RETURN_IF_ERROR(Each(session, kResultsOf, matters, "", note));
  CHANYAN_RETURN_IF_ERROR(Each(session, kResultsOfCases, cases, "", note));
  absl::flat_hash_set<std::string> open;
  CHANYAN_RETURN_IF_ERROR(Each(
      session, absl::StrCat(kResultsThat, kOpenToEverybody, " AND name IN "), results,
      kInOrderLocked, [&](const db::Values& row) { open.insert(std::get<std::string>(row[0])); }));
  // What people know it by.
  const auto named = [](const v1::ReportTable& table, const v1::ReportRow& row) {
    const auto title = absl::c_find(table.columns(), "成果名称") - table.columns().begin();
    return row.cells(title < row.cells_size() ? static_cast<int>(title) : 0);
  };
  absl::flat_hash_set<std::string> seen;
  std::vector<std::string> closed;
  for (const v1::ReportTable& table : content.tables()) {
    for (const v1::ReportRow& row : table.rows()) {
      std::string about = ResultOfName(row.subject());
      const auto matter = result_of.find(about);
      if (matter != result_of.end()) about = matter->second;
      if (!absl::StartsWith(about, kResultPrefix) || open.contains(about)) continue;
      if (closed.size() < kMostResultsNamed && seen.insert(about).second) {
        closed.push_back(absl::StrCat(table.title(), "“", named(table, row), "”"));
      }
    }
  }
  if (closed.empty()) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat(absl::StrJoin(closed, "、"),
                   "所涉成果不再公开，请先刷新数据并核对文字，再印发"));
}

}  // namespace chanyan::triage
