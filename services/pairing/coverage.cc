// Coverage of the roster (PAIR-6): one query each, over the rows the caller may see.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/time_util.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

// Paired means signed at least once and not broken off (PAIR-6: 与之结对共建).
// $0 = key column, $1 = title column, $2 = the caller's rows. Best = 2 paired, 1 under way, 0 none.
constexpr char kCoverage[] =
    "SELECT $0, MAX($1), COUNT(*), SUM(best = 2), SUM(best = 1) FROM ("
    "SELECT roster_entry.*, COALESCE((SELECT MAX(CASE"
    " WHEN project.state IN ('SIGNED', 'BUILDING', 'COMPLETED') THEN 2"
    " WHEN project.state IN ('INTENT', 'NEGOTIATING') THEN 1 ELSE 0 END)"
    " FROM project WHERE project.enterprise = roster_entry.enterprise), 0) AS best"
    " FROM roster_entry WHERE roster = ? AND ($2)) AS counted GROUP BY $0 ORDER BY $0";

constexpr char kUnpaired[] =
    "roster = ? AND NOT EXISTS (SELECT 1 FROM project WHERE project.enterprise ="
    " roster_entry.enterprise AND project.state IN ('SIGNED', 'BUILDING', 'COMPLETED'))";

int32_t Count(const db::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return static_cast<int32_t>(*number);
  if (const auto* number = std::get_if<double>(&value)) return static_cast<int32_t>(*number);
  // SUM is a DECIMAL, which travels as text.
  int32_t count = 0;
  if (const auto* text = std::get_if<std::string>(&value)) (void)absl::SimpleAtoi(*text, &count);
  return count;
}

std::string Text(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

struct Columns {
  absl::string_view key;
  absl::string_view title;
};

Columns ColumnsOf(v1::CoverageGrouping grouping) {
  switch (grouping) {
    case v1::COVERAGE_GROUPING_UNIT:
      return {"unit", "unit_title"};
    case v1::COVERAGE_GROUPING_ZONE:
      return {"zone", "zone"};
    case v1::COVERAGE_GROUPING_INDUSTRY:
      return {"industry", "industry"};
    default:
      return {"roster", "''"};
  }
}

}  // namespace

absl::StatusOr<v1::Coverage> PairingService::QueryCoverage(
    const rpc::Call& call, const v1::QueryCoverageRequest& request) {
  const db::Predicate scope = auth::Readable<v1::RosterEntry>(call.principal);
  const Columns columns = ColumnsOf(request.group_by());
  // Column names come from the table above, the scope from the descriptors: no text of the caller.
  const std::string sql = absl::Substitute(kCoverage, columns.key, columns.title, scope.sql);
  v1::Coverage coverage;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        coverage.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster, RosterOf(session, request.roster()));
        coverage.set_roster(roster.name());
        db::Values params = {roster.name()};
        params.insert(params.end(), scope.params.begin(), scope.params.end());
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
        v1::CoverageGroup& total = *coverage.mutable_total();
        total.set_title("合计");
        for (const db::Values& row : rows.rows) {
          v1::CoverageGroup group;
          group.set_key(Text(row[0]));
          group.set_title(Text(row[1]));
          group.set_enterprise_count(Count(row[2]));
          group.set_paired_count(Count(row[3]));
          group.set_intent_count(Count(row[4]));
          total.set_enterprise_count(total.enterprise_count() + group.enterprise_count());
          total.set_paired_count(total.paired_count() + group.paired_count());
          total.set_intent_count(total.intent_count() + group.intent_count());
          if (request.group_by() != v1::COVERAGE_GROUPING_UNSPECIFIED) {
            *coverage.add_groups() = std::move(group);
          }
        }
        return absl::OkStatus();
      }));
  *coverage.mutable_as_of() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(deps_.store.clock.Now()));
  return coverage;
}

absl::StatusOr<v1::ListUnpairedResponse> PairingService::ListUnpaired(
    const rpc::Call& call, const v1::ListUnpairedRequest& request) {
  v1::ListUnpairedResponse response;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster, RosterOf(session, request.roster()));
        db::ListQuery query;
        query.parent = absl::StrCat(roster.name(), "/entries");
        query.filter = request.filter();
        query.page_size = request.page_size();
        query.page_token = request.page_token();
        query.scope = db::And(auth::Readable<v1::RosterEntry>(call.principal),
                              db::Predicate{kUnpaired, {roster.name()}});
        CHANYAN_ASSIGN_OR_RETURN(auto page, entries_.List(session, query));
        response.mutable_entries()->Assign(page.rows.begin(), page.rows.end());
        response.set_next_page_token(page.next_page_token);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace chanyan::pairing
