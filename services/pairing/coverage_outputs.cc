// Coverage over quarters and as sheets (PAIR-6).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_rules.h"
#include "services/pairing/coverage_service.h"

namespace chanyan::pairing {
namespace {

constexpr absl::string_view kNewestRosterFirst = "effective_date desc";

// The question's answer in one consistent view.
absl::StatusOr<v1::Coverage> CountOnce(const rpc::StoreDeps& store, const rpc::Call& call,
                                       const CoverageCounter& counter,
                                       const CoverageQuestion& question) {
  const db::Predicate scope = auth::Readable<v1::RosterEntry>(call.principal);
  v1::Coverage coverage;
  CHANYAN_RETURN_IF_ERROR(store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(coverage, counter.Count(session, store.clock.Now(), scope, question));
    return absl::OkStatus();
  }));
  return coverage;
}

// Roster, day, instant and pack, as they stand above every sheet.
std::string CountedInWords(const v1::Coverage& coverage) {
  const auto day = [](const google::type::Date& date) {
    const auto civil = time::ToCivilDay(date);
    return civil.ok() ? time::FormatDateZh(*civil) : std::string();
  };
  return absl::StrCat(
      "名册基准日 ", day(coverage.roster_date()), "，统计日 ", day(coverage.as_of_date()),
      "，统计时间 ",
      absl::FormatTime("%Y-%m-%d %H:%M:%S", time::ToTime(coverage.as_of()), time::Shanghai()),
      "，政策包 ", coverage.pack_version());
}

}  // namespace

absl::StatusOr<v1::CoverageTrend> CoverageService::QueryCoverageTrend(
    const rpc::Call& call, const v1::QueryCoverageTrendRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter first,
                           time::Quarter::Parse(request.first_quarter()));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter last, time::Quarter::Parse(request.last_quarter()));
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  if (last < first) {
    return status::InvalidField("last_quarter", "截止季度不能早于起始季度");
  }
  if (last > time::Quarter::Of(today)) {
    return status::InvalidField("last_quarter", "截止季度不能晚于本季度");
  }
  if (first.Plus(kMaxTrendQuarters) <= last) {
    return status::InvalidField(
        "last_quarter", absl::StrCat("一次最多查询 ", kMaxTrendQuarters, " 个季度，请缩短时段"));
  }
  v1::CoverageTrend trend;
  for (time::Quarter quarter = first; quarter <= last; quarter = quarter.Plus(1)) {
    CoverageQuestion question{.roster = request.roster()};
    question.as_of_date = time::ToProto(std::min(quarter.LastDay(), today));
    absl::StatusOr<v1::Coverage> coverage = CountOnce(deps_.store, call, counter_, question);
    // Before the first roster there is nothing to count.
    if (absl::IsFailedPrecondition(coverage.status())) continue;
    CHANYAN_RETURN_IF_ERROR(coverage.status());
    v1::CoveragePoint& point = *trend.add_points();
    point.set_quarter(quarter.Id());
    *point.mutable_coverage() = *std::move(coverage);
  }
  return trend;
}

absl::StatusOr<google::api::HttpBody> CoverageService::ExportCoverage(
    const rpc::Call& call, const v1::ExportCoverageRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Coverage coverage,
                           CountOnce(deps_.store, call, counter_,
                                     {request.roster(), request.group_by(), request.as_of_date()}));
  std::vector<v1::CoverageGroup> rows(coverage.groups().begin(), coverage.groups().end());
  for (v1::CoverageGroup& row : rows) {
    if (row.title().empty()) row.set_title(row.key().empty() ? "（未填写）" : row.key());
  }
  rows.push_back(coverage.total());
  sheet::TableLayout layout;
  layout.title_rows = {"结对覆盖率", CountedInWords(coverage)};
  if (request.group_by() != v1::COVERAGE_GROUPING_UNSPECIFIED) {
    layout.title_rows[0] =
        absl::StrCat("结对覆盖率（按", policy::LabelOf(request.group_by()), "）");
  }
  return rpc::ExportSheet<v1::CoverageGroup>("结对覆盖率", deps_.store.clock.Now(), rows, layout);
}

absl::StatusOr<v1::ListRostersResponse> CoverageService::ListRosters(
    const rpc::Call& call, const v1::ListRostersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page,
      rpc::FetchPage(deps_.store.db, call, rosters_, request, "", request.filter(),
                     request.order_by().empty() ? kNewestRosterFirst : request.order_by()));
  v1::ListRostersResponse response;
  response.mutable_rosters()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<std::vector<v1::RosterEntry>> CoverageService::EntriesOf(db::Session& session,
                                                                        const rpc::Call& call,
                                                                        absl::string_view roster,
                                                                        absl::CivilDay day) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Roster found, counter_.RosterOf(session, roster, day));
  return entries_.Select(session, db::And({"roster = ?", {found.name()}},
                                          auth::Readable<v1::RosterEntry>(call.principal)));
}

absl::StatusOr<google::api::HttpBody> CoverageService::ExportRoster(
    const rpc::Call& call, const v1::ExportRosterRequest& request) {
  std::vector<v1::RosterEntry> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            rows, EntriesOf(session, call, request.name(), time::DayOf(deps_.store.clock.Now())));
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::RosterEntry>("企业名册", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::pairing
