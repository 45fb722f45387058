// Periods, industries, lines of lists and files of reports, without a database.
#include "services/triage/issue_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/api/well_known.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "services/triage/list_lines.h"
#include "services/triage/report_content.h"
#include "services/triage/report_files.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using policy::v1::PERIODICITY_MONTH;
using policy::v1::PERIODICITY_QUARTER;
using policy::v1::PERIODICITY_WEEK;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(PeriodTest, EveryDayLiesInItsPeriodAndPeriodsFollowOneAnother) {
  for (const auto periodicity : {PERIODICITY_WEEK, PERIODICITY_MONTH, PERIODICITY_QUARTER}) {
    Period before = PeriodOf(periodicity, absl::CivilDay(2023, 12, 20));
    for (absl::CivilDay day(2023, 12, 20); day < absl::CivilDay(2025, 3, 10); ++day) {
      const Period period = PeriodOf(periodicity, day);
      ASSERT_LE(period.first, day);
      ASSERT_GE(period.last, day);
      if (period.first != before.first) {
        ASSERT_EQ(period.first, before.last + 1) << day;
        ASSERT_EQ(day, period.first);
      }
      before = period;
    }
  }
}

TEST(PeriodTest, AsPeopleSayIt) {
  EXPECT_EQ(PeriodOf(PERIODICITY_WEEK, absl::CivilDay(2025, 4, 2)).label, "2025年3月31日至4月6日");
  EXPECT_EQ(PeriodOf(PERIODICITY_WEEK, absl::CivilDay(2025, 1, 1)).label,
            "2024年12月30日至2025年1月5日");
  EXPECT_EQ(absl::GetWeekday(PeriodOf(PERIODICITY_WEEK, absl::CivilDay(2025, 3, 31)).first),
            absl::Weekday::monday);
  EXPECT_EQ(PeriodOf(PERIODICITY_MONTH, absl::CivilDay(2024, 2, 29)).label, "2024年2月");
  EXPECT_EQ(PeriodOf(PERIODICITY_MONTH, absl::CivilDay(2024, 2, 1)).last,
            absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(PeriodOf(PERIODICITY_QUARTER, absl::CivilDay(2025, 6, 30)).label, "2025年第二季度");
  EXPECT_EQ(IssueLabel(2025, 3), "〔2025〕第3期");
}

// Whether people work on one of its days.
bool HasWorkday(const policy::WorkCalendar& calendar, const Period& period) {
  return calendar.WorkdaysBetween(period.first, period.last).value() > 0;
}

TEST(DuePeriodTest, EachPeriodInWhichPeopleWorkIsDueOnTheFirstWorkdayAfterItAndNoOtherEver) {
  const auto pack = testing::ShippedPack();
  const policy::WorkCalendar& calendar = pack->calendar();
  for (const auto periodicity : {PERIODICITY_WEEK, PERIODICITY_MONTH, PERIODICITY_QUARTER}) {
    absl::CivilDay due_since(2025, 1, 1);
    for (absl::CivilDay day(2025, 4, 1); day < absl::CivilDay(2026, 12, 1); ++day) {
      const auto due = DuePeriod(periodicity, calendar, day);
      ASSERT_TRUE(due.ok()) << day << due.status();
      EXPECT_LT(due->last, day);
      EXPECT_TRUE(HasWorkday(calendar, *due)) << day << due->label;
      // Never back to an older one, and nothing new on a day off.
      EXPECT_GE(due->first, due_since) << day;
      if (due->first > due_since && due_since > absl::CivilDay(2025, 1, 1)) {
        EXPECT_TRUE(calendar.IsWorkday(day).value()) << day;
      }
      due_since = due->first;
    }
    for (Period period = PeriodOf(periodicity, absl::CivilDay(2025, 4, 1));
         period.last < absl::CivilDay(2026, 11, 1);
         period = PeriodOf(periodicity, period.last + 1)) {
      if (!HasWorkday(calendar, period)) continue;
      const absl::CivilDay first = calendar.NthWorkday(period.last + 1, 1).value();
      EXPECT_EQ(DuePeriod(periodicity, calendar, first)->label, period.label);
    }
  }
}

TEST(DuePeriodTest, HolidaysHoldItUpAndAWeekOfThemHasNone) {
  const auto pack = testing::ShippedPack();
  const policy::WorkCalendar& calendar = pack->calendar();
  // 国庆节、中秋节 to the eighth of October.
  EXPECT_EQ(DuePeriod(PERIODICITY_MONTH, calendar, absl::CivilDay(2025, 10, 8))->label,
            "2025年8月");
  EXPECT_EQ(DuePeriod(PERIODICITY_MONTH, calendar, absl::CivilDay(2025, 10, 9))->label,
            "2025年9月");
  EXPECT_EQ(DuePeriod(PERIODICITY_QUARTER, calendar, absl::CivilDay(2025, 10, 9))->label,
            "2025年第三季度");
  // 春节: people are off from the fifteenth to the twenty-third of February.
  EXPECT_EQ(DuePeriod(PERIODICITY_WEEK, calendar, absl::CivilDay(2026, 2, 23))->label,
            "2026年2月2日至2月8日");
  EXPECT_EQ(DuePeriod(PERIODICITY_WEEK, calendar, absl::CivilDay(2026, 2, 24))->label,
            "2026年2月9日至2月15日");
  EXPECT_EQ(DuePeriod(PERIODICITY_WEEK, calendar, absl::CivilDay(2026, 3, 2))->label,
            "2026年2月23日至3月1日");
  EXPECT_EQ(
      status::ReasonOf(DuePeriod(PERIODICITY_WEEK, calendar, absl::CivilDay(2031, 1, 6)).status()),
      options::v1::ERROR_REASON_CALENDAR_MISSING);
}

class ListRulesTest : public ::testing::Test {
 protected:
  v1::Result Open() {
    v1::Result result;
    result.set_name("results/r");
    result.set_title("海水淡化膜");
    result.set_university("organizations/ouc");
    result.set_university_title("中国海洋大学");
    result.add_industries("海水淡化与综合利用");
    result.add_industries("海洋电子信息");
    result.set_stage(v1::STAGE_MIDDLE);
    v1::Maturity* maturity = result.add_maturity();
    maturity->set_scale("trl");
    maturity->set_level(6);
    maturity->set_evidence("内部试验报告");
    result.set_abstract("已完成中试。");
    result.set_indicators("通量三倍");
    result.set_contact_person("王某");
    result.set_contact_phone("13800000000");
    result.set_financing_purpose("建线");
    v1::Right* secret = result.add_rights();
    secret->set_kind(v1::RIGHT_KIND_KNOW_HOW);
    secret->set_title("配方");
    return result;
  }

  const std::unique_ptr<const policy::Pack> shipped_ = testing::ShippedPack();
  const TriagePack pack_{*shipped_};
};

TEST_F(ListRulesTest, AnIndustryAGroupAndAWholeTaxonomy) {
  EXPECT_THAT(ScopeOf(*shipped_, "qingdao10p1/ai").names, ElementsAre("人工智能"));
  EXPECT_EQ(ScopeOf(*shipped_, "qingdao10p1/ai").title, "人工智能");
  EXPECT_THAT(ScopeOf(*shipped_, "qingdao10p1/future").names, SizeIs(8));
  EXPECT_THAT(ScopeOf(*shipped_, "qingdao10p1").names, SizeIs(18));
  EXPECT_THAT(ScopeOf(*shipped_, "qingdao-marine").names, Contains("海水淡化与综合利用"));
  for (const char* none : {"", "x", "qingdao10p1/", "qingdao10p1/x", "/ai", "qingdao10p1/ai/ai"}) {
    EXPECT_THAT(ScopeOf(*shipped_, none).names, IsEmpty()) << none;
  }
}

TEST_F(ListRulesTest, AChainIsMadeOfWhatTheCityCallsOtherwise) {
  const auto* supply = pack_.FindListKind("supply");
  ASSERT_NE(supply, nullptr);
  EXPECT_TRUE(MayList(*supply, "shandong11/it"));
  const IndustryScope chain = ListedScope(pack_, *supply, "shandong11/it");
  EXPECT_EQ(chain.title, "新一代信息技术产业链");
  // Itself and below it, then what corresponds to either: by the tables, each once.
  EXPECT_THAT(chain.names, ::testing::IsSupersetOf({"新一代信息技术产业链", "集成电路", "高端软件",
                                                    "新一代信息技术", "人工智能"}));
  EXPECT_THAT(chain.names, Not(Contains("生命健康")));
  EXPECT_EQ(std::set<std::string>(chain.names.begin(), chain.names.end()).size(),
            chain.names.size());
  EXPECT_THAT(ListedScope(pack_, *supply, "shandong11/marine.offshore").names,
              ::testing::IsSupersetOf({"深海开发", "海洋装备"}));
  // Where a task force stands, its industries are what they are.
  EXPECT_EQ(ListedScope(pack_, *supply, "qingdao10p1/ai").names,
            ScopeOf(*shipped_, "qingdao10p1/ai").names);
  EXPECT_THAT(ListedScope(pack_, *supply, "shandong11/none").names, IsEmpty());
}

TEST_F(ListRulesTest, WhatIsCalledByItsChainComesToTheTaskForcesThatCorrespond) {
  google::protobuf::RepeatedPtrField<std::string> chain;
  *chain.Add() = "集成电路";
  std::set<std::string> titles;
  for (const auto* unit : TaskForcesOf(pack_, chain)) titles.insert(unit->display_name());
  EXPECT_THAT(titles, Contains("新一代信息技术产业专班"));
  EXPECT_THAT(titles, Not(Contains("生命健康产业专班")));
}

TEST_F(ListRulesTest, EachIndustryHasATaskForceThatSpeaksForIt) {
  for (const char* taxonomy : {"qingdao10p1", "qingdao-marine"}) {
    for (const std::string& name : ScopeOf(*shipped_, taxonomy).names) {
      google::protobuf::RepeatedPtrField<std::string> industries;
      *industries.Add() = name;
      EXPECT_THAT(TaskForcesOf(pack_, industries), Not(IsEmpty())) << name;
    }
  }
  google::protobuf::RepeatedPtrField<std::string> both;
  *both.Add() = "人工智能";
  *both.Add() = "量子信息";
  EXPECT_THAT(TaskForcesOf(pack_, both), SizeIs(2));
  EXPECT_THAT(TaskForcesOf(pack_, {}), IsEmpty());
}

TEST_F(ListRulesTest, ALineIsThePublicPartAndNothingElse) {
  const v1::ListLine line = LineOf(pack_, Open());
  EXPECT_EQ(line.title(), "海水淡化膜");
  EXPECT_EQ(line.stage(), "中期阶段");
  EXPECT_THAT(line.maturity(), HasSubstr("6级"));
  EXPECT_THAT(line.recipients(),
              ElementsAre("organizations/qd-tf-future", "organizations/qd-tf-marine"));
  const std::string all = line.DebugString() + line.SerializeAsString();
  for (const char* inside : {"通量三倍", "王某", "13800000000", "配方", "内部试验报告", "建线"}) {
    EXPECT_THAT(all, Not(HasSubstr(inside)));
  }
}

TEST_F(ListRulesTest, EveryListIsOfATaxonomyOfItsKind) {
  const auto* supply = pack_.FindListKind("supply");
  ASSERT_NE(supply, nullptr);
  EXPECT_TRUE(MayList(*supply, "qingdao10p1/ai"));
  EXPECT_TRUE(MayList(*supply, "qingdao-marine"));
  EXPECT_FALSE(MayList(*supply, "gbt4754/c"));
  EXPECT_EQ(pack_.FindListKind("nothing"), nullptr);
}

TEST(ReportFilesTest, YuanInTenThousandsExactly) {
  EXPECT_EQ(TenThousands(0), "0");
  EXPECT_EQ(TenThousands(1), "0.0001");
  EXPECT_EQ(TenThousands(10'000), "1");
  EXPECT_EQ(TenThousands(12'345'600), "1234.56");
  EXPECT_EQ(TenThousands(1'000'000'000'000), "100000000");
}

v1::Report Issued() {
  v1::Report report;
  report.set_title("周报（2025年4月）");
  report.set_issuer_title("成果转化与创新孵化处");
  report.add_recipient_titles("局主要领导、局分管领导");
  report.set_year(2025);
  report.set_number(3);
  api::SetTime(absl::FromUnixSeconds(1'743'469'200), report.mutable_issue_time());
  *report.mutable_content()->mutable_as_of_time() = report.issue_time();
  v1::ReportNarrative* part = report.add_narratives();
  part->set_heading("本周小结");
  part->set_text("进展\t顺利\r\n第二段");
  report.add_narratives()->set_heading("没有写的");
  v1::ReportTable* table = report.mutable_content()->add_tables();
  table->set_part("FOCUS");
  table->set_title("需重点对接事项");
  table->add_columns("成果名称");
  table->add_columns("金额（万元）");
  v1::ReportRow* row = table->add_rows();
  row->add_cells("<甲&乙>\n第二行");
  row->add_cells("80.5");
  table->set_total(1);
  v1::ReportTable* empty = report.mutable_content()->add_tables();
  empty->set_part("MAJOR");
  empty->set_title("重大和跨部门事项");
  empty->add_columns("成果名称");
  return report;
}

TEST(ReportFilesTest, TheSameReportIsTheSameBytes) {
  const auto pack = testing::ShippedPack();
  const auto& kind = pack->proto().triage().report_kinds(0);
  const auto document = ReportDocument(kind, Issued());
  const auto sheet = ReportSheet(Issued());
  ASSERT_TRUE(document.ok()) << document.status();
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(*document, *ReportDocument(kind, Issued()));
  EXPECT_EQ(*sheet, *ReportSheet(Issued()));
  v1::Report other = Issued();
  other.set_number(4);
  EXPECT_NE(*document, *ReportDocument(kind, other));
  EXPECT_NE(*sheet, *ReportSheet(other));
}

TEST(ReportFilesTest, WhatHasNoPlaceInADocumentIsRefusedByName) {
  const auto pack = testing::ShippedPack();
  v1::Report report = Issued();
  report.mutable_content()->mutable_tables(0)->mutable_rows(0)->set_cells(0, "甲\x01");
  const auto document = ReportDocument(pack->proto().triage().report_kinds(0), report);
  ASSERT_FALSE(document.ok());
  EXPECT_THAT(status::ViolationsOf(document.status()).front().description,
              HasSubstr("第1张表第1行第2列"));
}

TEST(ReportFilesTest, TheSheetHasTheRowsOfTheTables) {
  const auto bytes = ReportSheet(Issued());
  ASSERT_TRUE(bytes.ok());
  const auto book = sheet::ReadWorkbook(*bytes, "a.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  ASSERT_THAT(book->sheets, SizeIs(2));
  EXPECT_EQ(book->sheets[0].name, "需重点对接事项");
  const auto& rows = book->sheets[0].rows;
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_THAT(rows[1].cells[0].text, AllOf(HasSubstr("〔2025〕第3期"), HasSubstr("2025年4月1日")));
  EXPECT_EQ(rows[3].cells[1].text, "<甲&乙>\n第二行");
  EXPECT_EQ(rows[3].cells[2].text, "80.5");
}

}  // namespace
}  // namespace chanyan::triage
