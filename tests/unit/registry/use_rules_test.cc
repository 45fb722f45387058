// Yearly figures, with the sums done by hand.
#include "services/registry/use_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/registry/charge_rules.h"
#include "services/registry/instrument_rules.h"
#include "tests/support/service_test.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UseRulesTest : public ::testing::Test {
 protected:
  UseRulesTest() {
    *instrument_.mutable_open_time() = time::ToTimestamp(InChina(2024, 6, 1));
    instrument_.set_state(v1::INSTRUMENT_STATE_OPEN);
  }
  int64_t OpenHours(int year, absl::Time as_of) {
    const auto minutes = OpenMinutesOf(*pack_, instrument_, year, as_of);
    EXPECT_TRUE(minutes.ok()) << minutes.status();
    return minutes.value_or(-60) / 60;
  }

  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
  v1::Instrument instrument_ = InstrumentWith("周一至周五 08:00-18:00");
};

TEST_F(UseRulesTest, OpenHoursAreCountedByTheCalendar) {
  const absl::Time later = InChina(2026, 3, 1);
  // 261 days from Monday to Friday in 2025, ten hours each.
  EXPECT_EQ(OpenHours(2025, later), 2610);
  instrument_.set_closed_on_holidays(true);
  // 248 workdays less the five make-up days, which are Saturdays and Sundays.
  EXPECT_EQ(OpenHours(2025, later), 2430);
  v1::OpeningHours makeup = instrument_.hours(0);
  makeup.set_day(v1::OPENING_DAY_MAKEUP_WORKDAY);
  *instrument_.add_hours() = makeup;
  EXPECT_EQ(OpenHours(2025, later), 2480);
}

TEST_F(UseRulesTest, PastYearsAreReckonedWithTheHoursOfTheirTime) {
  const absl::Time later = InChina(2026, 3, 1);
  const int64_t before = OpenHours(2025, later);
  // From 2026 on it is open two hours a day; before, and until 1 July 2025 on five hours.
  v1::Instrument was = instrument_;
  *was.mutable_hours() = InstrumentWith("周一至周五 08:00-13:00").hours();
  KeepOpening(was, InChina(2025, 7, 1), &instrument_);
  was = instrument_;
  KeepOpening(was, InChina(2025, 9, 1), &instrument_);
  EXPECT_EQ(instrument_.past_openings_size(), 1) << "nothing of its opening changed";
  *instrument_.mutable_hours() = InstrumentWith("周一至周五 08:00-10:00").hours();
  KeepOpening(was, InChina(2026, 1, 1), &instrument_);
  ASSERT_EQ(instrument_.past_openings_size(), 2);
  // 129 weekdays until the end of June, 132 after.
  EXPECT_EQ(before, 2610);
  EXPECT_EQ(OpenHours(2025, later), 129 * 5 + 132 * 10);
  EXPECT_EQ(OpenHours(2025, InChina(2025, 7, 2)), 129 * 5 + 10);
  // 42 weekdays of January and February 2026.
  EXPECT_EQ(OpenHours(2026, later), 42 * 2);
  v1::Instrument draft = instrument_;
  draft.clear_open_time();
  draft.clear_past_openings();
  v1::Instrument changed = draft;
  changed.clear_hours();
  KeepOpening(draft, later, &changed);
  EXPECT_EQ(changed.past_openings_size(), 0) << "it was never open";
}

TEST_F(UseRulesTest, OnlyTimeThatHasPassedAndInWhichItWasInServiceCounts) {
  // Tuesday 1 April 2025 noon: 64 weekdays before, and four hours.
  EXPECT_EQ(OpenHours(2025, InChina(2025, 4, 1, 12)), 644);
  EXPECT_EQ(OpenHours(2025, InChina(2024, 12, 31)), 0) << "a year that has not begun";
  *instrument_.mutable_open_time() = time::ToTimestamp(InChina(2025, 3, 31, 9));
  EXPECT_EQ(OpenHours(2025, InChina(2025, 4, 1, 12)), 9 + 4);
  *instrument_.mutable_suspend_time() = time::ToTimestamp(InChina(2025, 4, 1, 9));
  EXPECT_EQ(OpenHours(2025, InChina(2025, 4, 3)), 9 + 1);
  instrument_.clear_suspend_time();
  Close(InChina(2025, 4, 1, 9), InChina(2025, 4, 1, 11), &instrument_);
  EXPECT_EQ(OpenHours(2025, InChina(2025, 4, 2)), 9 + 8);
  *instrument_.mutable_retire_time() = time::ToTimestamp(InChina(2025, 4, 1, 12));
  EXPECT_EQ(OpenHours(2025, InChina(2025, 4, 9)), 9 + 2);
  instrument_.clear_open_time();
  EXPECT_EQ(OpenHours(2025, InChina(2025, 4, 9)), 0) << "never opened";
}

TEST_F(UseRulesTest, AFigureIsBookedAndDeclaredOverOpenHoursAndSaysSo) {
  BookedUse booked;
  booked.teaching_minutes = 90;
  booked.research_minutes = 60;
  booked.service_minutes = 30;
  booked.open_minutes = 30;
  booked.samples = 7;
  booked.income_fen = 12'345;
  v1::UseRecord declared;
  declared.set_research_hours(9.5);
  declared.set_open_hours(1);
  declared.set_samples(3);
  declared.set_trainees(4);
  declared.set_papers(2);
  declared.set_patents(1);
  *declared.mutable_income() = MoneyOf(55);
  const absl::Time as_of = InChina(2025, 1, 4);
  instrument_.set_organization_title("海洋大学（演示）");
  const v1::Utilisation figure = UtilisationOf(*pack_, instrument_, 2025, booked, declared, as_of);
  EXPECT_EQ(figure.key(), instrument_.name());
  EXPECT_DOUBLE_EQ(figure.teaching_hours(), 1.5);
  EXPECT_DOUBLE_EQ(figure.research_hours(), 10.5);
  EXPECT_DOUBLE_EQ(figure.service_hours(), 0.5);
  EXPECT_DOUBLE_EQ(figure.open_hours(), 1.5);
  EXPECT_DOUBLE_EQ(figure.used_hours(), 12.5) << "open hours are part of these, not more";
  EXPECT_EQ(figure.samples(), 10);
  EXPECT_EQ(figure.trainees(), 4);
  EXPECT_EQ(figure.papers(), 2);
  EXPECT_EQ(figure.patents(), 1);
  EXPECT_EQ(FenOf(figure.income()), 12'400);
  // Wednesday to Friday, 1 to 3 January.
  EXPECT_DOUBLE_EQ(figure.available_hours(), 30);
  EXPECT_DOUBLE_EQ(figure.rate_percent(), 41.7);
  EXPECT_EQ(figure.derivation(),
            "总机时12.5小时（预约完成3.0小时＋申报9.5小时）÷应开放机时30.0小时＝41.7%");
  EXPECT_EQ(time::ToTime(figure.as_of()), as_of);
  EXPECT_DOUBLE_EQ(figure.booked().open_hours(), 0.5);
  EXPECT_DOUBLE_EQ(figure.declared().open_hours(), 1);
}

TEST_F(UseRulesTest, WithoutADenominatorThereIsNoRate) {
  instrument_.set_closed_on_holidays(true);
  BookedUse booked;
  booked.research_minutes = 60;
  const v1::Utilisation unknown =
      UtilisationOf(*pack_, instrument_, 2027, booked, {}, InChina(2027, 3, 1));
  EXPECT_FALSE(unknown.has_available_hours());
  EXPECT_FALSE(unknown.has_rate_percent());
  EXPECT_DOUBLE_EQ(unknown.used_hours(), 1);
  EXPECT_THAT(unknown.derivation(), HasSubstr("不计利用率：工作日历没有2027年的数据"));
  instrument_.clear_hours();
  instrument_.set_closed_on_holidays(false);
  const v1::Utilisation never =
      UtilisationOf(*pack_, instrument_, 2025, booked, {}, InChina(2025, 3, 1));
  EXPECT_DOUBLE_EQ(never.available_hours(), 0);
  EXPECT_FALSE(never.has_rate_percent());
  EXPECT_THAT(never.derivation(), HasSubstr("分母为零"));
  const auto shandong = testing::ShippedPack("shandong");
  EXPECT_THAT(
      UtilisationOf(*shandong, instrument_, 2025, booked, {}, InChina(2025, 3, 1)).derivation(),
      HasSubstr("政策包没有规定利用率的分母"));
}

TEST_F(UseRulesTest, ACityMayDivideByRatedHours) {
  const auto linyi = testing::ShippedPack("linyi");
  BookedUse booked;
  booked.research_minutes = 700 * 60;
  EXPECT_DOUBLE_EQ(
      UtilisationOf(*linyi, instrument_, 2025, booked, {}, InChina(2026, 1, 1)).rate_percent(), 50);
  const v1::Utilisation running =
      UtilisationOf(*linyi, instrument_, 2025, booked, {}, InChina(2025, 7, 2, 12));
  EXPECT_DOUBLE_EQ(running.available_hours(), 700) << "half the year";
  EXPECT_DOUBLE_EQ(running.rate_percent(), 100);
  EXPECT_THAT(running.derivation(), HasSubstr("÷定额机时700.0小时"));
}

TEST_F(UseRulesTest, AGroupIsTheSumOfItsInstruments) {
  const absl::Time as_of = InChina(2025, 1, 4);
  BookedUse booked;
  booked.research_minutes = 600;
  booked.income_fen = 100;
  UtilisationSum sum(2025, as_of);
  sum.Add(UtilisationOf(*pack_, instrument_, 2025, booked, {}, as_of));
  v1::UseRecord declared;
  declared.set_service_hours(5);
  declared.set_open_hours(5);
  sum.Add(UtilisationOf(*pack_, instrument_, 2025, {}, declared, as_of));
  v1::Utilisation total = sum.Done(*pack_);
  EXPECT_EQ(total.instrument_count(), 2);
  EXPECT_DOUBLE_EQ(total.used_hours(), 15);
  EXPECT_DOUBLE_EQ(total.open_hours(), 5);
  EXPECT_EQ(FenOf(total.income()), 100);
  EXPECT_DOUBLE_EQ(total.available_hours(), 60);
  EXPECT_DOUBLE_EQ(total.rate_percent(), 25);
  // One whose denominator nobody knows is in the hours and not in the rate.
  v1::Utilisation unknown = UtilisationOf(*pack_, instrument_, 2025, booked, {}, as_of);
  unknown.clear_available_hours();
  unknown.clear_rate_percent();
  sum.Add(unknown);
  total = sum.Done(*pack_);
  EXPECT_DOUBLE_EQ(total.used_hours(), 25);
  EXPECT_DOUBLE_EQ(total.rate_percent(), 25);
  EXPECT_EQ(
      total.derivation(),
      "总机时25.0小时（预约完成20.0小时＋申报5.0小时），其中2台可计利用率的15.0小时（另1台无法"
      "确定应开放机时）÷应开放机时60.0小时＝25.0%");
  UtilisationSum none(2025, as_of);
  EXPECT_THAT(none.Done(*pack_).derivation(), HasSubstr("不计利用率"));
}

TEST_F(UseRulesTest, DeclaredHoursThatCannotBeAreRefused) {
  v1::UseRecord record;
  record.set_teaching_hours(8784);
  EXPECT_THAT(UseRecordViolations(record), IsEmpty());
  record.set_research_hours(0.5);
  record.set_open_hours(8785);
  *record.mutable_income() = MoneyOf(-1);
  EXPECT_THAT(FieldsOf(UseRecordViolations(record)),
              ElementsAre("teaching_hours", "open_hours", "income"));
}

}  // namespace
}  // namespace chanyan::registry
