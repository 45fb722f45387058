// What an instrument must be, and the life cycles of instruments and bookings.
#include "services/registry/instrument_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "services/registry/booking_life.h"
#include "services/registry/charge_rules.h"
#include "services/registry/instrument_life.h"
#include "tests/support/service_test.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::CivilDay kToday(2025, 4, 1);

class InstrumentRulesTest : public ::testing::Test {
 protected:
  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
  v1::Instrument instrument_ =
      InstrumentWith("周一至周五 08:30-17:30", pack_.get(), "企业用户 200元/小时");
};

TEST_F(InstrumentRulesTest, AllThatIsWrongIsSaidAtOnce) {
  EXPECT_THAT(InstrumentViolations(*pack_, instrument_, kToday), IsEmpty());
  *instrument_.mutable_purchase_date() = time::ToProto(kToday + 1);
  *instrument_.mutable_original_price() = MoneyOf(-1);
  instrument_.mutable_hours(0)->set_end_minute(0);
  instrument_.mutable_charges(0)->set_user_type("nobody");
  instrument_.mutable_terms()->set_notice_hours(721);
  instrument_.mutable_terms()->set_notice_workdays(1);
  instrument_.mutable_terms()->set_longest_minutes(29);
  instrument_.mutable_terms()->set_advance_days(6);
  instrument_.mutable_terms()->set_free_cancellation_hours(169);
  EXPECT_THAT(FieldsOf(InstrumentViolations(*pack_, instrument_, kToday)),
              ElementsAre("hours[0]", "charges[0].user_type", "terms.notice_hours",
                          "terms.notice_workdays", "terms.longest_minutes", "terms.advance_days",
                          "terms.free_cancellation_hours", "purchase_date", "original_price"));
}

TEST_F(InstrumentRulesTest, TheCitySaysWhichFiguresAreOnesOwn) {
  instrument_.mutable_terms()->set_notice_hours(0);
  instrument_.mutable_terms()->set_late_cancellation_percent(100);
  EXPECT_THAT(InstrumentViolations(*pack_, instrument_, kToday), IsEmpty());
  const auto linyi = testing::ShippedPack("linyi");
  instrument_.clear_charges();
  const auto violations = InstrumentViolations(*linyi, instrument_, kToday);
  EXPECT_THAT(FieldsOf(violations),
              ElementsAre("terms.notice_hours", "terms.late_cancellation_percent"));
  EXPECT_THAT(violations[0].description, HasSubstr("本市统一规定“最短提前小时数”，不能自定"));
}

TEST_F(InstrumentRulesTest, OpeningNeedsWhatThePackAsks) {
  policy::v1::Verdicts verdicts = OpenVerdicts(*pack_, instrument_);
  EXPECT_TRUE(policy::HasHardFailure(verdicts));
  EXPECT_THAT(verdicts.verdicts(0).reason(), HasSubstr("缺少开放条件和服务方式、联系人"));
  instrument_.set_access_conditions("来样测试");
  instrument_.set_contact_person("王老师");
  EXPECT_TRUE(policy::HasHardFailure(OpenVerdicts(*pack_, instrument_)))
      << "a name nobody can reach";
  instrument_.set_contact_phone("0532-82345678");
  verdicts = OpenVerdicts(*pack_, instrument_);
  EXPECT_TRUE(policy::RequireSatisfied(verdicts).ok());
  EXPECT_THAT(verdicts.DebugString(), Not(HasSubstr("2345678")));
  EXPECT_EQ(policy::Encode(verdicts), policy::Encode(OpenVerdicts(*pack_, instrument_)));
  EXPECT_EQ(OpenVerdicts(*testing::ShippedPack("shandong"), instrument_).verdicts_size(), 0);
}

TEST_F(InstrumentRulesTest, WhatWasSetAsideAtTheOpeningStaysSoUntilItIsMet) {
  policy::v1::PolicyPack lenient = pack_->proto();
  for (policy::v1::Rule& rule : *lenient.mutable_rules()) {
    if (rule.decision() != policy::v1::DECISION_INSTRUMENT_OPEN) continue;
    rule.set_strength(policy::v1::STRENGTH_SOFT);
    rule.add_override_roles(options::v1::ROLE_RESEARCH_OFFICE);
  }
  const auto pack = policy::Pack::Parse({{"lenient.textproto", lenient.DebugString()}});
  ASSERT_TRUE(pack.ok()) << pack.status();
  instrument_.set_state(v1::INSTRUMENT_STATE_DRAFT);
  v1::Instrument wanted = instrument_;
  wanted.set_room("101");
  ASSERT_TRUE(RejudgeOpening(**pack, instrument_, &wanted).ok());
  EXPECT_FALSE(wanted.has_open_verdicts()) << "a draft is judged when it is opened";

  instrument_.set_state(v1::INSTRUMENT_STATE_OPEN);
  policy::v1::Verdicts& opened = *instrument_.mutable_open_verdicts();
  opened = OpenVerdicts(**pack, instrument_);
  ASSERT_TRUE(
      policy::SetAside(**pack, {options::v1::ROLE_RESEARCH_OFFICE}, "校内先用", opened).ok());
  wanted = instrument_;
  ASSERT_TRUE(RejudgeOpening(**pack, instrument_, &wanted).ok());
  EXPECT_EQ(policy::Encode(wanted.open_verdicts()), policy::Encode(opened)) << "nothing changes";
  wanted.set_access_conditions("来样测试");
  ASSERT_TRUE(RejudgeOpening(**pack, instrument_, &wanted).ok());
  const policy::v1::Verdict& still = wanted.open_verdicts().verdicts(0);
  EXPECT_EQ(still.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(still.override().reason(), "校内先用");
  EXPECT_THAT(still.reason(), Not(HasSubstr("开放条件"))) << "it says what is missing now";
  v1::Instrument complete = wanted;
  complete.set_contact_person("王老师");
  complete.set_contact_phone("0532-82345678");
  ASSERT_TRUE(RejudgeOpening(**pack, wanted, &complete).ok());
  EXPECT_EQ(complete.open_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
}

TEST_F(InstrumentRulesTest, TheFigureOfARuleIsTheInstrumentsOwnWithinBounds) {
  EXPECT_EQ(FigureFor(*pack_, instrument_, kNoticeHours), 24);
  EXPECT_EQ(FigureFor(*pack_, instrument_, kNoticeWorkdays), std::nullopt);
  EXPECT_EQ(FigureFor(*pack_, instrument_, kBookedMinutes), 4320);
  EXPECT_EQ(FigureFor(*pack_, instrument_, kAdvanceDays), 60);
  instrument_.mutable_terms()->set_notice_hours(0);
  instrument_.mutable_terms()->set_advance_days(1000);
  EXPECT_EQ(FigureFor(*pack_, instrument_, kNoticeHours), 0);
  EXPECT_EQ(FigureFor(*pack_, instrument_, kAdvanceDays), 366);
  const auto linyi = testing::ShippedPack("linyi");
  EXPECT_EQ(FigureFor(*linyi, instrument_, kNoticeHours), std::nullopt);
  EXPECT_EQ(FigureFor(*linyi, instrument_, kNoticeWorkdays), 2);
}

TEST_F(InstrumentRulesTest, TermsAreSaidInWords) {
  EXPECT_EQ(
      TermsText(*pack_, instrument_),
      "提前24小时预约；单次最长72小时；最早提前60天；开始前24小时以前取消不收费，此后收取50%；"
      "未到收取100%");
  instrument_.mutable_terms()->set_notice_hours(0);
  instrument_.mutable_terms()->set_longest_minutes(90);
  EXPECT_EQ(TermsText(*pack_, instrument_),
            "单次最长90分钟；最早提前60天；开始前24小时以前取消不收费，此后收取50%；未到收取100%");
  EXPECT_EQ(TermsText(*testing::ShippedPack("linyi"), v1::Instrument()),
            "提前2个工作日预约；单次最长8小时；开始前第1个工作日结束前取消不收费，此后收取20%；"
            "未到收取50%");
  EXPECT_EQ(TermsText(*testing::ShippedPack("shandong"), instrument_), "");
  instrument_.set_booking_mode(v1::BOOKING_MODE_CONTACT);
  EXPECT_EQ(TermsText(*pack_, instrument_), "请电话联系");
}

TEST(InstrumentLifeTest, EveryStateAndVerb) {
  using S = v1::InstrumentState;
  const S states[] = {v1::INSTRUMENT_STATE_DRAFT, v1::INSTRUMENT_STATE_OPEN,
                      v1::INSTRUMENT_STATE_SUSPENDED, v1::INSTRUMENT_STATE_RETIRED};
  EXPECT_EQ(std::size(states) + 1, static_cast<size_t>(v1::InstrumentState_ARRAYSIZE));
  constexpr S kNo = v1::INSTRUMENT_STATE_UNSPECIFIED;
  constexpr S kOpen = v1::INSTRUMENT_STATE_OPEN;
  constexpr S kRetired = v1::INSTRUMENT_STATE_RETIRED;
  struct Case {
    const char* verb;
    // Result from each of `states`; kNo = refused.
    S to[4];
  };
  const Case cases[] = {
      {"open", {kOpen, kNo, kNo, kNo}},
      {"suspend", {kNo, v1::INSTRUMENT_STATE_SUSPENDED, kNo, kNo}},
      {"resume", {kNo, kNo, kOpen, kNo}},
      {"retire", {kRetired, kRetired, kRetired, kNo}},
  };
  EXPECT_EQ(std::size(cases), InstrumentLife().size());
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      const auto next = policy::Next(InstrumentLife(), states[i], one.verb);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << one.verb << " from " << states[i];
      } else {
        ASSERT_TRUE(next.ok()) << next.status();
        EXPECT_EQ(*next, one.to[i]) << one.verb << " from " << states[i];
      }
    }
  }
}

TEST(BookingLifeTest, EveryStateAndVerb) {
  using S = v1::BookingState;
  const S states[] = {v1::BOOKING_STATE_REQUESTED, v1::BOOKING_STATE_APPROVED,
                      v1::BOOKING_STATE_DECLINED,  v1::BOOKING_STATE_CHECKED_IN,
                      v1::BOOKING_STATE_COMPLETED, v1::BOOKING_STATE_CANCELLED,
                      v1::BOOKING_STATE_NO_SHOW};
  EXPECT_EQ(std::size(states) + 1, static_cast<size_t>(v1::BookingState_ARRAYSIZE));
  constexpr S kNo = v1::BOOKING_STATE_UNSPECIFIED;
  constexpr S kAsked = v1::BOOKING_STATE_REQUESTED;
  constexpr S kIn = v1::BOOKING_STATE_CHECKED_IN;
  constexpr S kDeclined = v1::BOOKING_STATE_DECLINED;
  constexpr S kGone = v1::BOOKING_STATE_CANCELLED;
  struct Case {
    const char* verb;
    S to[7];
  };
  const Case cases[] = {
      {"approve", {v1::BOOKING_STATE_APPROVED, kNo, kNo, kNo, kNo, kNo, kNo}},
      {"decline", {kDeclined, kNo, kNo, kNo, kNo, kNo, kNo}},
      {"reschedule", {kAsked, kAsked, kNo, kNo, kNo, kNo, kNo}},
      {"checkin", {kNo, kIn, kNo, kNo, kNo, kNo, kIn}},
      {"complete", {kNo, kNo, kNo, v1::BOOKING_STATE_COMPLETED, kNo, kNo, kNo}},
      {"cancel", {kGone, kGone, kNo, kNo, kNo, kNo, kNo}},
      {"lapse", {kDeclined, kNo, kNo, kNo, kNo, kNo, kNo}},
      {"noshow", {kNo, v1::BOOKING_STATE_NO_SHOW, kNo, kNo, kNo, kNo, kNo}},
  };
  EXPECT_EQ(std::size(cases), BookingLife().size());
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      const auto next = policy::Next(BookingLife(), states[i], one.verb);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << one.verb << " from " << states[i];
      } else {
        ASSERT_TRUE(next.ok()) << next.status();
        EXPECT_EQ(*next, one.to[i]) << one.verb << " from " << states[i];
        // A time that was let go is never taken back: nothing leads from a state that does not hold
        // its time to one that does.
        EXPECT_TRUE(HoldsItsTime(states[i]) || !HoldsItsTime(*next)) << one.verb;
      }
    }
  }
}

}  // namespace
}  // namespace chanyan::registry
