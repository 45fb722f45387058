// The demonstration's month of triage (deploy/demo/qingdao/triage.tsv), played by chanyan-quarter
// against a whole suite as tools/up does: what it prints, what the funnel counts and what the
// month's reports say are one and the same (TRI-1 to TRI-8), and played once more it does nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "tests/e2e/quarter/quarter_walks.h"
#include "tests/support/suite/suite.h"

namespace chanyan::e2e {
namespace {

using testing::Api;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HttpReply;
using testing::Json;
using testing::Suite;

// Six results by the routes of 青科办字〔2025〕2号 三、（二）1: to six agencies each what is
// licensed or transferred (r1, r4, r5), to 高新处 and 农社处 what is developed (r2, r6), to the
// district and the incubators what is founded (r3), to 资配处 and the team's investor what needs
// money (r3, r5), to the city's leaders what is major (r4): 3 × 6 + 2 + 2 + 2 × 2 + 1. Of them five
// are answered and one is given back, all are shown, and one is sold for 1,800,000 yuan.
constexpr char kWords[] =
    "成果转化产研对接一个月：收集成果 6 项、需求 4 项，分类 6 项，推送 27 件（已答复 5，退回 1），"
    "公布 6 项，签约 1 项";
constexpr char kYuan[] = "1800000";

class MonthTest : public QuarterWalks {
 protected:
  static Json Read(Api& api, const std::string& target) {
    const HttpReply reply = api.Get(target);
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body << reply.failure;
    return reply.json();
  }
  // None is not said.
  static std::string Number(const Json& json, const std::string& path) {
    const std::string number = json.At(path);
    return number.empty() ? "0" : number;
  }
  // How many results came to each stage, in the order of the stages.
  static std::vector<std::string> Reached(const Json& group) {
    std::vector<std::string> reached;
    for (int i = 0; i < group.Size("steps"); ++i) {
      reached.push_back(Number(group, absl::StrCat("steps.", i, ".reached")));
    }
    return reached;
  }
  // Lines of one table of a report, each its cells.
  static std::vector<std::vector<std::string>> Table(const Json& report, const std::string& part) {
    std::vector<std::vector<std::string>> rows;
    for (int t = 0; t < report.Size("content.tables"); ++t) {
      const std::string table = absl::StrCat("content.tables.", t);
      if (report.At(table + ".part") != part) continue;
      for (int r = 0; r < report.Size(table + ".rows"); ++r) {
        const std::string cells = absl::StrCat(table, ".rows.", r, ".cells");
        auto& row = rows.emplace_back();
        for (int c = 0; c < report.Size(cells); ++c) {
          row.push_back(report.At(absl::StrCat(cells, ".", c)));
        }
      }
    }
    return rows;
  }
};

TEST_F(MonthTest, WhatIsPrintedIsTheFunnelAndTheMonthsReports) {
  // As far as the institutions that bring results, with enough companies that have accounts.
  Seed({"--universities=10", "--platforms=20", "--companies=24", "--units=6", "--rows=60"},
       {std::begin(kBesideTheQuarter), std::end(kBesideTheQuarter)});
  if (HasFatalFailure()) return;
  Suite suite(NoQuarterOfItsOwn());
  Walk(suite, "month");
  if (HasFailure()) return;
  EXPECT_THAT(ReadFile(log()), HasSubstr(kWords));

  Api office = suite.SignIn("qdst-cg", PasswordOf("month", "qdst-cg"));
  const Json funnel = Read(office, "/v1/funnel");
  EXPECT_EQ(funnel.At("total"), "6");
  const Json all = funnel.Sub("groups.0");
  // Collected, classified, pushed, contacted, negotiated, contracted, registered.
  EXPECT_THAT(Reached(all), ElementsAre("6", "6", "6", "3", "2", "1", "0"));
  EXPECT_EQ(all.At("contracts"), "1");
  EXPECT_EQ(all.At("contractYuan"), kYuan);
  EXPECT_EQ(Number(all, "companies"), "0");

  // What was done lies on the month's workdays, as people would.
  const Json followed = Read(office, "/v1/results/-/followUps");
  std::set<std::string> days;
  for (int i = 0; i < followed.Size("followUps"); ++i) {
    const std::string date = absl::StrCat("followUps.", i, ".happenDate.");
    const absl::CivilDay day(std::stoi(followed.At(date + "year")),
                             std::stoi(followed.At(date + "month")),
                             std::stoi(followed.At(date + "day")));
    days.insert(absl::FormatCivilTime(day));
    if (followed.At(absl::StrCat("followUps.", i, ".kind")) == "FOLLOW_UP_KIND_CONTRACT") continue;
    EXPECT_NE(absl::GetWeekday(day), absl::Weekday::saturday) << day;
    EXPECT_NE(absl::GetWeekday(day), absl::Weekday::sunday) << day;
  }
  EXPECT_EQ(days.size(), 5U);

  const Json reports = Read(office, "/v1/reports");
  int issued = 0;
  std::vector<std::string> months;
  for (int i = 0; i < reports.Size("reports"); ++i) {
    const Json report = reports.Sub(absl::StrCat("reports.", i));
    if (report.At("state") != "REPORT_STATE_ISSUED") continue;
    ++issued;
    const Json one = Read(office, "/v1/" + report.At("name"));
    EXPECT_EQ(one.At("content.results"), "6") << one.At("kind");
    EXPECT_EQ(Reached(one.Sub("content.total")), Reached(all)) << one.At("kind");
    EXPECT_EQ(one.At("content.total.contractYuan"), kYuan) << one.At("kind");
    if (one.At("kind") == "monthly-special") {
      // The contract, and the major result.
      const auto highlights = Table(one, "HIGHLIGHTS");
      ASSERT_EQ(highlights.size(), 1U);
      EXPECT_THAT(highlights[0], ::testing::Contains("签订技术合同"));
      EXPECT_THAT(highlights[0], ::testing::Contains("180"));
      const auto major = Table(one, "MAJOR");
      ASSERT_EQ(major.size(), 1U);
      EXPECT_THAT(major[0], ::testing::Contains(HasSubstr("海洋工程重防腐技术（演示）")));
      // The case of that contract.
      const auto shown = Table(one, "CASES");
      ASSERT_EQ(shown.size(), 1U);
      EXPECT_THAT(shown[0], ::testing::Contains("海水淡化膜元件许可转化（演示）"));
      EXPECT_THAT(shown[0], ::testing::Contains("签订技术合同1项、180万元"));
      months.push_back("special");
    }
    if (one.At("kind") == "monthly-dispatch") months.push_back("dispatch");
  }
  EXPECT_EQ(issued, 3);
  EXPECT_THAT(months, ::testing::UnorderedElementsAre("special", "dispatch"));

  // Everybody may read the case, and the university whose team stands misses none.
  Api anybody = suite.Anonymous();
  const Json cases = Read(anybody, "/v1/cases");
  ASSERT_EQ(cases.Size("typicalCases"), 1);
  EXPECT_EQ(cases.At("typicalCases.0.contractYuan"), kYuan);
  EXPECT_EQ(cases.Size("typicalCases.0.publicities"), 1);
  const Json without = Read(office, "/v1/universityTeams:without");
  EXPECT_EQ(without.Size("universities"), std::stoi(without.At("served")) - 1);
  EXPECT_EQ(Number(Read(office, "/v1/universityTeams"), "universityTeams.0.openSteps"), "0");

  Walk(suite, "month");
  EXPECT_THAT(ReadFile(log()), HasSubstr(kWords));
  EXPECT_EQ(Read(office, "/v1/funnel").At("total"), "6");

  // Nor when it does not know that it did: what a year without a calendar left undone stays so.
  for (const char* notes : {"triage.tsv", "chain.tsv"}) {
    std::filesystem::remove(absl::StrCat(dir_, "/month/", notes));
  }
  Walk(suite, "month");
  EXPECT_THAT(ReadFile(log()), HasSubstr(kWords));
  EXPECT_EQ(Read(office, "/v1/funnel").At("total"), "6");
}

}  // namespace
}  // namespace chanyan::e2e
