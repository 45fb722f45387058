// A request of many rows leaves what the same rows leave that come one by one (PAIR-4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAreArray;

constexpr int kEnterprises = 8;

// Everything that reports write, but versions and times of rows: a row that is written once has
// one version less than one that is written twice.
constexpr const char* kWritten[] = {
    "SELECT CONCAT_WS('|', name, platform, platform_title, university, enterprise, "
    "enterprise_title, unit, title, kinds, content, state, IFNULL(sign_date, '-'), progress, "
    "progress_quarter, problem, IFNULL(create_verdicts, '-'), IFNULL(sign_verdicts, '-')) "
    "FROM project ORDER BY name",
    "SELECT CONCAT_WS('|', name, quarter, `row`, university, enterprise, unit, progress, "
    "no_change, problem, category, counted_version, conflicts) FROM progress_report ORDER BY name",
    "SELECT CONCAT_WS('|', name, sequence, origin, state, progress, no_change, problem, `row`, "
    "organization, submission, project_title, enterprise_title, unit) FROM report_version "
    "ORDER BY name",
    "SELECT CONCAT_WS('|', name, content, origin, quarter, raised_by, state, "
    "IFNULL(due_time, '-'), due_derivation, history, project_title, unit) FROM problem "
    "ORDER BY name",
    "SELECT CONCAT_WS('|', resource, kind, alarm_time) FROM alarm ORDER BY 1",
};

// Rows of few pairs, so that many meet: of other forms, of other stages, some that are refused.
std::vector<v1::Report> RandomRows(std::mt19937& random, int count) {
  const auto one_of = [&](size_t n) { return static_cast<int>(random() % n); };
  constexpr v1::ProjectState kStates[] = {v1::PROJECT_STATE_INTENT,   v1::PROJECT_STATE_NEGOTIATING,
                                          v1::PROJECT_STATE_SIGNED,   v1::PROJECT_STATE_BUILDING,
                                          v1::PROJECT_STATE_BUILDING, v1::PROJECT_STATE_COMPLETED};
  std::vector<v1::Report> rows;
  for (int i = 0; i < count; ++i) {
    v1::Report row = City::ReportOf(one_of(2) == 0 ? kLab : kCenter, 1 + one_of(kEnterprises),
                                    kStates[one_of(std::size(kStates))]);
    if (one_of(6) == 0) row.set_row(absl::StrCat(row.row(), "-other"));
    if (one_of(5) == 0) row.clear_sign_date();
    if (one_of(9) == 0) row.set_kinds(0, "联谊");
    if (one_of(3) == 0) row.set_title("共建实验室（演示）");
    if (one_of(4) == 0) row.set_unit(kTown);
    if (one_of(3) == 0) row.set_problem(one_of(2) == 0 ? "缺场地" : "缺资金");
    if (one_of(3) == 0) {
      row.set_no_change(true);
      row.clear_progress();
    } else {
      row.set_progress(absl::StrCat("进展", one_of(3)));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(ReportBatchTest, ManyRowsAtOnceLeaveWhatTheyLeaveOneByOne) {
  for (const uint32_t seed : {1u, 2u, 3u, 4u}) {
    City together, alone;
    std::mt19937 random(seed);
    int created = 0, refused = 0;
    for (const char* quarter : {"2025q2", "2025q3", "2025q2", "2025q3"}) {
      const std::vector<v1::Report> rows = RandomRows(random, 60);
      const auto all = together.Record(quarter, rows);
      ASSERT_TRUE(all.ok()) << all.status();
      ASSERT_EQ(all->outcomes_size(), 60);
      for (int i = 0; i < all->outcomes_size(); ++i) {
        const auto one = alone.Record(quarter, {rows[i]});
        ASSERT_TRUE(one.ok()) << one.status();
        EXPECT_EQ(all->outcomes(i).DebugString(), one->outcomes(0).DebugString())
            << "seed " << seed << ", " << quarter << ", row " << i;
        created += all->outcomes(i).created() ? 1 : 0;
        refused += all->outcomes(i).refusal().empty() ? 0 : 1;
      }
      for (const char* sql : kWritten) {
        EXPECT_THAT(together.Texts(sql), ElementsAreArray(alone.Texts(sql)))
            << "seed " << seed << ", " << quarter << ": " << sql;
      }
    }
    EXPECT_GT(created, 10) << "seed " << seed;
    EXPECT_GT(refused, 10) << "seed " << seed;
  }
}

TEST(ReportBatchTest, AFullRequestIsTakenWhole) {
  City city;
  std::vector<v1::Report> rows;
  for (int i = 1; i <= 500; ++i) {
    rows.push_back(City::ReportOf(kLab, 1000 + i, v1::PROJECT_STATE_BUILDING));
    rows.back().set_problem("缺资金");
  }
  for (const char* progress : {"设备到位", "已调试"}) {
    for (v1::Report& row : rows) row.set_progress(progress);
    const auto recorded = city.Record("2025q2", rows);
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    for (const auto& outcome : recorded->outcomes()) ASSERT_EQ(outcome.refusal(), "");
  }
  EXPECT_EQ(city.Count("report_version"), 1000);
  EXPECT_EQ(city.Count("progress_report WHERE progress = '已调试'"), 500);
  EXPECT_EQ(city.Count("problem"), 500) << "raised once";
}

}  // namespace
}  // namespace chanyan::pairing
