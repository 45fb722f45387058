// Reports of progress: periods, terms, what is missing, and their lives (CON-7).
#include "services/consortium/construction_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/construction_life.h"
#include "tests/support/expect_life.h"
#include "tests/support/service_test.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using testing::ExpectLife;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ConstructionRulesTest, ThePeriodIsTheLatestThatIsOver) {
  struct Case {
    uint32_t months;
    const char* today;
    const char* id;
    const char* first;
    const char* last;
    const char* title;
  };
  const Case cases[] = {
      {6, "2026-01-01", "2025h2", "2025-07-01", "2025-12-31", "2025年7月至12月"},
      {6, "2026-06-30", "2025h2", "2025-07-01", "2025-12-31", "2025年7月至12月"},
      {6, "2026-07-01", "2026h1", "2026-01-01", "2026-06-30", "2026年1月至6月"},
      {6, "2026-12-31", "2026h1", "2026-01-01", "2026-06-30", "2026年1月至6月"},
      {3, "2026-03-31", "2025q4", "2025-10-01", "2025-12-31", "2025年10月至12月"},
      {3, "2026-04-01", "2026q1", "2026-01-01", "2026-03-31", "2026年1月至3月"},
      {12, "2026-01-01", "2025", "2025-01-01", "2025-12-31", "2025年"},
      {12, "2026-12-31", "2025", "2025-01-01", "2025-12-31", "2025年"},
  };
  for (const Case& one : cases) {
    const ReportPeriod period = LatestPeriod(one.months, *time::ParseDate(one.today));
    EXPECT_EQ(period.id, one.id) << one.today;
    EXPECT_EQ(time::FormatDate(period.first), one.first) << one.today;
    EXPECT_EQ(time::FormatDate(period.last), one.last) << one.today;
    EXPECT_EQ(period.title, one.title) << one.today;
  }
}

class ConstructionTermTest : public ::testing::Test {
 protected:
  const std::unique_ptr<const policy::Pack> shipped_ = testing::ShippedPack();
  const ConsortiumPack pack_{*shipped_};
};

TEST_F(ConstructionTermTest, ANewTermIsNeitherRemindedOfNorOver) {
  v1::ConstructionReport report;
  report.set_reminded(true);
  report.set_overdue(true);
  // Fifteen workdays after New Year's Day 2026, with Sunday the 4th at work: the 22nd.
  const absl::CivilDay day(2026, 1, 1);
  ASSERT_TRUE(SetTerm(pack_, day, 15, &report).ok());
  EXPECT_EQ(time::ToTime(report.due_time()), time::EndOfDay(absl::CivilDay(2026, 1, 22)));
  EXPECT_EQ(time::ToTime(report.remind_time()), time::StartOfDay(absl::CivilDay(2026, 1, 19)));
  EXPECT_THAT(report.due_note(), HasSubstr("15个工作日"));
  EXPECT_FALSE(report.reminded());
  EXPECT_FALSE(report.overdue());
  // A term shorter than the days before its end is reminded of as it begins.
  ASSERT_TRUE(SetTerm(pack_, day, 1, &report).ok());
  EXPECT_EQ(time::ToTime(report.remind_time()), time::StartOfDay(day));
  EXPECT_EQ(status::ReasonOf(SetTerm(pack_, absl::CivilDay(2090, 1, 1), 15, &report)),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST_F(ConstructionTermTest, EverythingThatIsWrongIsSaidAtOnce) {
  const auto fields = [&](const v1::ConstructionVersion& version, bool whole) {
    std::vector<std::string> all;
    for (const auto& one : ConstructionViolations(pack_, version, whole)) all.push_back(one.field);
    return all;
  };
  v1::ConstructionVersion version;
  EXPECT_THAT(fields(version, false), IsEmpty()) << "a draft may be empty";
  EXPECT_THAT(fields(version, true), ElementsAre("items", "items", "items"));
  version.add_items()->set_part("research");
  version.add_items()->set_part("none");
  version.add_items()->set_part("research");
  EXPECT_THAT(fields(version, false), ElementsAre("items[1].part", "items[2].part"));
  EXPECT_THAT(fields(version, true),
              ElementsAre("items[1].part", "items[2].part", "items", "items"));
  version.set_no_change(true);
  EXPECT_THAT(fields(version, true), ElementsAre("items[1].part", "items[2].part", "no_change"));
  version.clear_items();
  EXPECT_THAT(fields(version, true), IsEmpty()) << "an explicit answer is one";
  EXPECT_EQ(ProgressText(pack_, version), "本期无变化");
  version.set_no_change(false);
  v1::ConstructionItem* item = version.add_items();
  item->set_part("research");
  item->set_content("样机完成。");
  EXPECT_EQ(ProgressText(pack_, version), "科研攻关：样机完成。");
}

TEST(ConstructionLifeTest, EveryStateAndVerbOfAReport) {
  using S = v1::ConstructionReportState;
  const S due = v1::CONSTRUCTION_REPORT_STATE_DUE,
          submitted = v1::CONSTRUCTION_REPORT_STATE_SUBMITTED,
          returned = v1::CONSTRUCTION_REPORT_STATE_RETURNED;
  ExpectLife<S>(ConstructionReportLife(), v1::ConstructionReportState_MAX,
                {{{due, "submit"}, submitted},
                 {{returned, "submit"}, submitted},
                 {{submitted, "accept"}, v1::CONSTRUCTION_REPORT_STATE_ACCEPTED},
                 {{submitted, "return"}, returned},
                 {{due, "end"}, v1::CONSTRUCTION_REPORT_STATE_ENDED},
                 {{returned, "end"}, v1::CONSTRUCTION_REPORT_STATE_ENDED}});
}

TEST(ConstructionLifeTest, EveryStateAndVerbOfAVersion) {
  using S = v1::ConstructionVersionState;
  const S submitted = v1::CONSTRUCTION_VERSION_STATE_SUBMITTED;
  ExpectLife<S>(ConstructionVersionLife(), v1::ConstructionVersionState_MAX,
                {{{v1::CONSTRUCTION_VERSION_STATE_DRAFT, "submit"}, submitted},
                 {{submitted, "accept"}, v1::CONSTRUCTION_VERSION_STATE_ACCEPTED},
                 {{submitted, "return"}, v1::CONSTRUCTION_VERSION_STATE_RETURNED}});
}

}  // namespace
}  // namespace chanyan::consortium
