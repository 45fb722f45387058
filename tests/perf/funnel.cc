// The funnel of a city's library: 100,000 results with the entries of their stages and their logs,
// counted in one answer. Held against the least that can be asked of the same rows: how many the
// join of results and entries has, counted by the driver.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/api/well_known.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "tests/perf/clients.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"

namespace chanyan::perf {
namespace {

constexpr char kSchema[] = "chanyan_triage";
constexpr char kOffice[] = "organizations/qdst-cg";
constexpr int kResults = 100'000;
constexpr int kUniversities = 60;
constexpr int kTeams = 6;
constexpr int kRowsPerTransaction = 1'000;
// Answers of one round.
constexpr int kAnswers = 3;
constexpr char kFloor[] =
    "SELECT COUNT(*) FROM result JOIN stage_entry ON stage_entry.result = result.name "
    "WHERE result.state <> 'MERGED' AND stage_entry.leave_time IS NOT NULL AND result.office = ?";

// A result, the entries of its stages and its contract, if it has come to one.
struct Rows {
  std::vector<triage::v1::Result> results;
  std::vector<triage::v1::StageEntry> entries;
  std::vector<triage::v1::FollowUp> log;
};

void AddResult(int number, absl::Time now, Rows* rows) {
  triage::v1::Result& row = rows->results.emplace_back();
  const int team = number % kTeams;
  row.set_name(absl::StrFormat("results/perf%06d", number));
  row.set_title(absl::StrFormat("性能海水淡化膜第%06d号", number));
  row.set_university(absl::StrFormat("organizations/perf-u%03d", number % kUniversities));
  row.set_university_title(absl::StrFormat("演示大学第%03d号", number % kUniversities));
  row.set_team(absl::StrCat("teams/perf", team));
  row.set_team_title(absl::StrCat("演示专班", team));
  row.set_office(kOffice);
  row.set_holder(kOffice);
  row.add_industries(absl::StrCat("产业", number % 11));
  if (number % 3 == 0) row.add_industries(absl::StrCat("产业", number / 11 % 11));
  // What a library's texts weigh in its table.
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(row.mutable_abstract(), "已完成中试，联合开展材料与结构的研究和检测。");
  }
  row.set_state(triage::v1::RESULT_STATE_PUBLISHED);
  row.set_funnel_stage(static_cast<triage::v1::FunnelStage>(1 + number % 7));
  for (int stage = 1; stage <= row.funnel_stage(); ++stage) {
    triage::v1::StageEntry& entry = rows->entries.emplace_back();
    entry.set_name(absl::StrCat(row.name(), "/stages/", stage));
    entry.set_stage(static_cast<triage::v1::FunnelStage>(stage));
    entry.set_office(kOffice);
    const absl::Time entered = now - absl::Hours(24 * (10 - stage));
    api::SetTime(entered, entry.mutable_enter_time());
    if (stage < row.funnel_stage()) {
      api::SetTime(entered + absl::Hours(20), entry.mutable_leave_time());
    }
  }
  if (row.funnel_stage() < triage::v1::FUNNEL_STAGE_CONTRACTED) return;
  triage::v1::FollowUp& contract = rows->log.emplace_back();
  contract.set_name(absl::StrCat(row.name(), "/followUps/1"));
  contract.set_kind(triage::v1::FOLLOW_UP_KIND_CONTRACT);
  contract.set_state(triage::v1::FOLLOW_UP_STATE_RECORDED);
  contract.set_amount_yuan(10'000 + number);
  contract.set_office(kOffice);
}

void EnsureLibrary(const Options& options) {
  const std::string url =
      absl::StrCat("mysql://root@localhost/", kSchema, "?read-timeout=60s&socket=", options.run_dir,
                   "/mariadb.sock");
  const auto db =
      Require(db::Database::Open(Require(db::Config::FromUrl(url), "url")), "connecting");
  const db::Table<triage::v1::Result> results;
  const db::Table<triage::v1::StageEntry> entries;
  const db::Table<triage::v1::FollowUp> log;
  int64_t there = 0;
  Require(db->Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(there, results.Count(session, {"name LIKE 'results/perf%'", {}}));
    return absl::OkStatus();
  }),
          "counting");
  for (int first = static_cast<int>(there); first < kResults; first += kRowsPerTransaction) {
    Rows rows;
    const int last = std::min(first + kRowsPerTransaction, kResults);
    for (int i = first; i < last; ++i) AddResult(i, absl::Now(), &rows);
    Require(db->Transact([&](db::Session& session) -> absl::Status {
      Rows written = rows;
      CHANYAN_RETURN_IF_ERROR(results.InsertAll(session, absl::Now(), &written.results));
      CHANYAN_RETURN_IF_ERROR(entries.InsertAll(session, absl::Now(), &written.entries));
      return log.InsertAll(session, absl::Now(), &written.log);
    }),
            "writing a library");
  }
}

// Milliseconds of one answer, over some.
template <class Ask>
double MillisecondsOf(Ask ask) {
  const absl::Time start = absl::Now();
  for (int i = 0; i < kAnswers; ++i) ask();
  return absl::ToDoubleMilliseconds(absl::Now() - start) / kAnswers;
}

}  // namespace

Figures Funnel(const Options& options) {
  EnsureLibrary(options);
  RawConnection connection(options, kSchema);
  connection.Run("ANALYZE TABLE result, stage_entry, follow_up");
  RawStatement count(connection, kFloor);
  const auto floor = [&] { return MillisecondsOf([&] { count.Query({kOffice}); }); };
  // Both find the rows in memory.
  floor();

  FunnelClient client(options);
  triage::v1::QueryFunnelRequest request;
  Figures figures;
  const auto measure = [&](absl::string_view what, triage::v1::FunnelGrouping grouping,
                           absl::string_view bound) {
    request.set_group_by(grouping);
    const Compared compared = Compare(
        [&] {
          const std::string token = TokenOf(options, options::v1::ROLE_DEPARTMENT, kOffice);
          return MillisecondsOf([&] {
            if (client.QueryFunnel(token, request).total() < kResults)
              Die("the funnel is not whole");
          });
        },
        floor);
    figures.push_back({std::string(what), absl::StrFormat("%.0f ms", compared.ours),
                       absl::StrFormat("%.0f ms", compared.floor), compared.ratio,
                       std::string(bound)});
  };
  measure(absl::StrFormat("funnel of %d results by team: QueryFunnel by gRPC / COUNT(*) of their "
                          "join with the entries of stages",
                          kResults),
          triage::v1::FUNNEL_GROUPING_TEAM, "< 3 s");
  measure("… by industry, a third in two", triage::v1::FUNNEL_GROUPING_INDUSTRY, "");
  measure("… the total alone", triage::v1::FUNNEL_GROUPING_NONE, "");
  return figures;
}

}  // namespace chanyan::perf
