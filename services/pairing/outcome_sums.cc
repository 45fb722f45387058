// Sums of outcomes by platform, university, unit or enterprise (PAIR-7), one query over the rows
// that the caller may see.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/outcome_rules.h"
#include "services/pairing/outcome_service.h"
#include "services/pairing/sql_values.h"

namespace chanyan::pairing {
namespace {

// $0 = key column, $1 = title column, $2 = the rows.
constexpr char kSums[] =
    "SELECT $0, MAX($1), kind, MAX(measure_unit),"
    " SUM(state = 'CONFIRMED'), SUM(IF(state = 'CONFIRMED', amount_yuan, 0)),"
    " SUM(IF(state = 'CONFIRMED', quantity, 0)),"
    " SUM(state <> 'CONFIRMED'), SUM(IF(state <> 'CONFIRMED', amount_yuan, 0)),"
    " SUM(IF(state <> 'CONFIRMED', quantity, 0))"
    " FROM outcome WHERE state <> 'WITHDRAWN' AND ($2) GROUP BY $0, kind";

struct Columns {
  absl::string_view key;
  absl::string_view title;
};

Columns ColumnsOf(v1::OutcomeGrouping grouping) {
  switch (grouping) {
    case v1::OUTCOME_GROUPING_PLATFORM:
      return {"platform", "platform_title"};
    case v1::OUTCOME_GROUPING_UNIVERSITY:
      return {"university", "''"};
    case v1::OUTCOME_GROUPING_UNIT:
      return {"unit", "''"};
    case v1::OUTCOME_GROUPING_ENTERPRISE:
      return {"enterprise", "enterprise_title"};
    default:
      return {"''", "''"};
  }
}

absl::StatusOr<db::Predicate> RowsOf(const rpc::Call& call,
                                     const v1::QueryOutcomesRequest& request) {
  db::Predicate rows = auth::Readable<v1::Outcome>(call.principal);
  const auto bound = [&rows](const google::type::Date& date, const char* sql) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day, time::ToCivilDay(date));
    rows = db::And(std::move(rows), {sql, {time::FormatDate(day)}});
    return absl::OkStatus();
  };
  if (request.has_first_date()) {
    CHANYAN_RETURN_IF_ERROR(bound(request.first_date(), "period_last >= ?"));
  }
  if (request.has_last_date()) {
    CHANYAN_RETURN_IF_ERROR(bound(request.last_date(), "period_last <= ?"));
  }
  return rows;
}

// Money of both in nanos of yuan, exactly.
google::type::Money Plus(const google::type::Money& a, const google::type::Money& b) {
  constexpr int kNanos = 1'000'000'000;
  google::type::Money sum = b;
  const int64_t nanos = int64_t{a.nanos()} + b.nanos();
  sum.set_units(a.units() + b.units() + nanos / kNanos);
  sum.set_nanos(static_cast<int32_t>(nanos % kNanos));
  return sum;
}

v1::OutcomeSum SumOf(const policy::Pack& pack, const db::Values& row) {
  v1::OutcomeSum sum;
  sum.set_kind(TextOf(row[2]));
  sum.set_measure_unit(TextOf(row[3]));
  sum.set_confirmed_count(static_cast<int32_t>(WholeOf(row[4])));
  sum.set_pending_count(static_cast<int32_t>(WholeOf(row[7])));
  const policy::v1::OutcomeKind* kind = FindOutcomeKindByName(pack, sum.kind());
  if (kind != nullptr && kind->measure() == policy::v1::OUTCOME_MEASURE_MONEY) {
    *sum.mutable_confirmed_amount() = MoneyOf(TextOf(row[5]));
    *sum.mutable_pending_amount() = MoneyOf(TextOf(row[8]));
  }
  sum.set_confirmed_quantity(WholeOf(row[6]));
  sum.set_pending_quantity(WholeOf(row[9]));
  return sum;
}

void Add(const v1::OutcomeSum& part, v1::OutcomeSum* whole) {
  whole->set_kind(part.kind());
  whole->set_measure_unit(part.measure_unit());
  whole->set_confirmed_count(whole->confirmed_count() + part.confirmed_count());
  whole->set_confirmed_quantity(whole->confirmed_quantity() + part.confirmed_quantity());
  whole->set_pending_count(whole->pending_count() + part.pending_count());
  whole->set_pending_quantity(whole->pending_quantity() + part.pending_quantity());
  if (!part.has_confirmed_amount()) return;
  *whole->mutable_confirmed_amount() = Plus(whole->confirmed_amount(), part.confirmed_amount());
  *whole->mutable_pending_amount() = Plus(whole->pending_amount(), part.pending_amount());
}

// Position of a kind in the pack; one that the pack has no more comes last.
size_t Position(const policy::Pack& pack, absl::string_view kind) {
  const auto& kinds = pack.proto().outcome_kinds();
  for (int i = 0; i < kinds.size(); ++i) {
    if (kinds[i].display_name() == kind) return static_cast<size_t>(i);
  }
  return static_cast<size_t>(kinds.size());
}

// By position and name.
using Sums = std::map<std::pair<size_t, std::string>, v1::OutcomeSum>;

}  // namespace

absl::StatusOr<v1::OutcomeReport> OutcomeService::QueryOutcomes(
    const rpc::Call& call, const v1::QueryOutcomesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Predicate rows, RowsOf(call, request));
  const Columns columns = ColumnsOf(request.group_by());
  // Column names come from the table above, the scope from the descriptors: no text of the caller.
  const std::string sql = absl::Substitute(kSums, columns.key, columns.title, rows.sql);
  Sums totals;
  std::map<std::string, std::pair<std::string, Sums>> groups;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        totals.clear();
        groups.clear();
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, rows.params));
        for (const db::Values& row : found.rows) {
          const v1::OutcomeSum sum = SumOf(deps_.pack, row);
          const std::pair<size_t, std::string> key(Position(deps_.pack, sum.kind()), sum.kind());
          Add(sum, &totals[key]);
          auto& [title, sums] = groups[TextOf(row[0])];
          title = std::max(title, TextOf(row[1]));
          sums[key] = sum;
        }
        return absl::OkStatus();
      }));
  v1::OutcomeReport report;
  api::SetTime(deps_.store.clock.Now(), report.mutable_as_of());
  for (const auto& [key, sum] : totals) *report.add_totals() = sum;
  if (request.group_by() == v1::OUTCOME_GROUPING_UNSPECIFIED) return report;
  for (const auto& [name, titled] : groups) {
    v1::OutcomeGroup& group = *report.add_groups();
    group.set_key(name);
    group.set_title(titled.first);
    for (const auto& [key, sum] : titled.second) *group.add_sums() = sum;
  }
  return report;
}

}  // namespace chanyan::pairing
