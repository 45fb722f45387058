// When a booking may be made, moved, checked in and completed.
#include "services/registry/booking_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "common/policy/verdict.h"
#include "services/registry/charge_rules.h"
#include "services/registry/instrument_rules.h"
#include "tests/support/service_test.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class BookingRulesTest : public ::testing::Test {
 protected:
  // Rules that are not satisfied.
  std::vector<std::string> Failed(const policy::Pack& pack, const Interval& time) {
    const auto verdicts =
        BookingVerdicts(pack, instrument_, "organizations/e1", "enterprise", time, now_);
    EXPECT_TRUE(verdicts.ok()) << verdicts.status();
    std::vector<std::string> out;
    if (!verdicts.ok()) return out;
    for (const auto& verdict : verdicts->verdicts()) {
      if (verdict.outcome() != policy::v1::OUTCOME_SATISFIED) out.push_back(verdict.rule_id());
    }
    return out;
  }
  static Interval For(absl::Time begin, absl::Duration length) { return {begin, begin + length}; }

  // Tuesday.
  absl::Time now_ = InChina(2025, 4, 1, 9);
  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
  const std::unique_ptr<const policy::Pack> linyi_ = testing::ShippedPack("linyi");
  v1::Instrument instrument_ = InstrumentWith("每天 08:00-20:00");
};

TEST_F(BookingRulesTest, TimesThatCannotBeAreNamed) {
  const auto fields = [&](absl::Time begin, absl::Time end) {
    return FieldsOf(TimeViolations({begin, end}, now_));
  };
  EXPECT_THAT(fields(now_, now_ + absl::Hours(1)), IsEmpty());
  EXPECT_THAT(fields(now_ + absl::Hours(1), now_ + kMaxBooking + absl::Hours(1)), IsEmpty());
  EXPECT_THAT(fields(now_ + absl::Hours(1), now_ + kMaxBooking + absl::Minutes(61)),
              ElementsAre("end_time"));
  EXPECT_THAT(fields(now_ - absl::Minutes(1), now_ + absl::Hours(1)), ElementsAre("start_time"));
  EXPECT_THAT(fields(now_ + absl::Hours(1), now_ + absl::Hours(1)), ElementsAre("end_time"));
  EXPECT_THAT(fields(now_ + absl::Seconds(1), now_ + absl::Minutes(1) + absl::Microseconds(1)),
              ElementsAre("start_time", "end_time"));
}

TEST_F(BookingRulesTest, NoticeLengthAndHorizonHaveTheirBorders) {
  const absl::Duration hour = absl::Hours(1);
  EXPECT_THAT(Failed(*pack_, For(now_ + absl::Hours(24), hour)), IsEmpty());
  EXPECT_THAT(Failed(*pack_, For(now_ + absl::Hours(24) - absl::Minutes(1), hour)),
              ElementsAre("booking.notice"));
  EXPECT_THAT(Failed(*pack_, For(now_ + absl::Hours(48), absl::Hours(72))), IsEmpty());
  EXPECT_THAT(Failed(*pack_, For(now_ + absl::Hours(48), absl::Hours(72) + absl::Minutes(1))),
              ElementsAre("booking.length"));
  // Sixty days after 1 April is 31 May, to its last minute.
  EXPECT_THAT(Failed(*pack_, For(InChina(2025, 5, 31, 23, 59), hour)), IsEmpty());
  EXPECT_THAT(Failed(*pack_, For(InChina(2025, 6, 1), hour)), ElementsAre("booking.horizon"));
  instrument_.mutable_terms()->set_notice_hours(0);
  instrument_.mutable_terms()->set_longest_minutes(30);
  instrument_.mutable_terms()->set_advance_days(7);
  EXPECT_THAT(Failed(*pack_, For(now_, absl::Minutes(30))), IsEmpty());
  EXPECT_THAT(Failed(*pack_, For(InChina(2025, 4, 9, 9), hour)),
              UnorderedElementsAre("booking.length", "booking.horizon"));
}

TEST_F(BookingRulesTest, VerdictsShowTheFactsAndAreTheSameBytesAgain) {
  instrument_.mutable_terms()->set_notice_hours(48);
  const Interval time = For(now_ + absl::Hours(47), absl::Hours(1));
  const auto verdicts =
      BookingVerdicts(*pack_, instrument_, "organizations/e1", "enterprise", time, now_);
  EXPECT_EQ(policy::Encode(*verdicts),
            policy::Encode(*BookingVerdicts(*pack_, instrument_, "organizations/e1", "enterprise",
                                            time, now_)));
  const auto notice = std::find_if(
      verdicts->verdicts().begin(), verdicts->verdicts().end(),
      [](const policy::v1::Verdict& verdict) { return verdict.rule_id() == "booking.notice"; });
  EXPECT_EQ(notice->reason(), "提前预约的小时数：现为47，应不少于48");
  ASSERT_EQ(notice->facts_size(), 2);
  EXPECT_EQ(notice->facts(0).name(), "notice_hours");
  EXPECT_EQ(notice->facts(1).name(), "own_notice_hours");
  EXPECT_FALSE(policy::HasHardFailure(*verdicts)) << "the owner may judge";
}

TEST_F(BookingRulesTest, NoticeInWorkdaysSkipsWeekendsAndHolidays) {
  const auto& calendar = linyi_->calendar();
  const struct {
    absl::Time now;
    absl::Time start;
    int workdays;
  } kCases[] = {
      // Friday for Monday.
      {InChina(2025, 3, 28, 23, 59), InChina(2025, 3, 31, 8), 1},
      // Thursday for Monday.
      {InChina(2025, 3, 27), InChina(2025, 3, 31, 8), 2},
      // The same day.
      {InChina(2025, 3, 31, 1), InChina(2025, 3, 31, 8), 0},
      // Over Qingming: Thursday alone counts.
      {InChina(2025, 4, 3, 9), InChina(2025, 4, 7, 9), 1},
      // Over the make-up Sunday of 27 April: Friday and Sunday.
      {InChina(2025, 4, 25, 9), InChina(2025, 4, 28, 9), 2},
      // A weekend counts nothing.
      {InChina(2025, 3, 29, 9), InChina(2025, 3, 31, 9), 0},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(*NoticeWorkdays(calendar, one.now, one.start), one.workdays) << one.now;
  }
  now_ = InChina(2025, 4, 2, 23, 59);
  EXPECT_THAT(Failed(*linyi_, For(InChina(2025, 4, 7, 9), absl::Hours(1))), IsEmpty());
  now_ = InChina(2025, 4, 3);
  EXPECT_THAT(Failed(*linyi_, For(InChina(2025, 4, 7, 9), absl::Hours(1))),
              ElementsAre("booking.notice"));
  const auto unknown = BookingVerdicts(*linyi_, instrument_, "a", "local",
                                       For(InChina(2027, 1, 4), absl::Hours(1)), now_);
  EXPECT_EQ(status::ReasonOf(unknown.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_TRUE(BookingVerdicts(*pack_, instrument_, "a", "local",
                              For(InChina(2027, 1, 4), absl::Hours(1)), now_)
                  .ok())
      << "where no rule counts workdays no calendar is asked";
}

TEST_F(BookingRulesTest, ABookingLiesWithinTheOpeningHours) {
  Close(InChina(2025, 4, 2, 12), InChina(2025, 4, 2, 13), &instrument_);
  const auto open = [&](int from, int to) {
    return RequireOpen(*pack_, instrument_, {InChina(2025, 4, 2, from), InChina(2025, 4, 2, to)});
  };
  EXPECT_TRUE(open(8, 12).ok());
  EXPECT_TRUE(open(13, 20).ok());
  for (const auto& [from, to] : {std::pair(7, 9), std::pair(11, 13), std::pair(11, 14),
                                 std::pair(19, 21), std::pair(21, 22)}) {
    EXPECT_EQ(status::ReasonOf(open(from, to)), options::v1::ERROR_REASON_WINDOW_CLOSED)
        << from << "—" << to;
  }
  EXPECT_THAT(
      std::string(open(11, 14).message()),
      HasSubstr("开放时间为每天 08:00-20:00；该时段内可用的只有04月02日11:00—04月02日12:00、"
                "04月02日13:00—04月02日14:00"));
  EXPECT_THAT(std::string(open(21, 22).message()), HasSubstr("该时段均不开放"));
}

TEST_F(BookingRulesTest, FreeTimesAreOpenBookableAndNotTaken) {
  const auto free = [&](const policy::Pack& pack, absl::Time begin, absl::Time end,
                        std::vector<Interval> taken = {}) {
    return InWords(*FreeTimes(pack, instrument_, std::move(taken), {begin, end}, now_));
  };
  EXPECT_THAT(free(*pack_, InChina(2025, 4, 1), InChina(2025, 4, 3),
                   {{InChina(2025, 4, 2, 10), InChina(2025, 4, 2, 11)},
                    {InChina(2025, 4, 2, 19), InChina(2025, 4, 3, 9)}}),
              ElementsAre("04-02 09:00—04-02 10:00", "04-02 11:00—04-02 19:00"))
      << "from 24 hours on";
  EXPECT_THAT(free(*pack_, InChina(2025, 5, 31), InChina(2025, 6, 3)),
              ElementsAre("05-31 08:00—05-31 20:00"))
      << "not beyond sixty days";
  now_ += absl::Seconds(1);
  EXPECT_THAT(free(*pack_, InChina(2025, 4, 1), InChina(2025, 4, 2, 10)),
              ElementsAre("04-02 09:01—04-02 10:00"))
      << "a whole minute";
  // Two workdays' notice on Thursday 3 April: Thursday and Monday, so from Tuesday on.
  now_ = InChina(2025, 4, 3, 9);
  EXPECT_THAT(free(*linyi_, InChina(2025, 4, 3), InChina(2025, 4, 9)),
              ElementsAre("04-08 08:00—04-08 20:00"));
}

TEST_F(BookingRulesTest, EveryFreeMinuteCanBeBookedAndNoOther) {
  // What is shown as free is what the rules let book: each against the other.
  Close(InChina(2025, 4, 2, 12), InChina(2025, 4, 2, 13), &instrument_);
  const Interval window{InChina(2025, 4, 1), InChina(2025, 4, 4)};
  const auto free = *FreeTimes(*pack_, instrument_, {}, window, now_);
  for (absl::Time at = window.begin; at < window.end; at += absl::Minutes(15)) {
    const Interval time = For(at, absl::Minutes(15));
    const bool bookable = TimeViolations(time, now_).empty() && Failed(*pack_, time).empty() &&
                          RequireOpen(*pack_, instrument_, time).ok();
    EXPECT_EQ(Covers(free, time), bookable) << at;
  }
}

TEST_F(BookingRulesTest, OutsidersAreServedAndOwnPeopleSayWhatFor) {
  EXPECT_EQ(*PurposeOf(false, v1::USE_PURPOSE_TEACHING), v1::USE_PURPOSE_SERVICE);
  EXPECT_EQ(*PurposeOf(false, v1::USE_PURPOSE_UNSPECIFIED), v1::USE_PURPOSE_SERVICE);
  EXPECT_EQ(*PurposeOf(true, v1::USE_PURPOSE_TEACHING), v1::USE_PURPOSE_TEACHING);
  EXPECT_FALSE(PurposeOf(true, v1::USE_PURPOSE_UNSPECIFIED).ok());
}

TEST_F(BookingRulesTest, TheClockLetsEachVerbBeCalledInItsTime) {
  v1::Booking booking;
  const absl::Time start = InChina(2025, 4, 3, 9);
  *booking.mutable_start_time() = time::ToTimestamp(start);
  *booking.mutable_quote()->mutable_free_cancellation_time() =
      time::ToTimestamp(start - absl::Hours(24));
  booking.set_state(v1::BOOKING_STATE_APPROVED);
  const absl::Duration second = absl::Seconds(1);
  const struct {
    const char* verb;
    bool by_owner;
    absl::Duration from_start;
    bool ok;
  } kCases[] = {
      {"approve", true, -second, true},
      {"approve", true, absl::ZeroDuration(), false},
      {"decline", true, absl::Hours(1), true},
      {"reschedule", false, -absl::Hours(24), true},
      {"reschedule", false, -absl::Hours(24) + second, false},
      {"reschedule", true, -second, true},
      {"reschedule", true, absl::ZeroDuration(), false},
      {"cancel", false, -second, true},
      {"cancel", false, absl::ZeroDuration(), false},
      {"cancel", true, absl::Hours(5), true},
      {"checkin", true, -absl::Hours(1), true},
      {"checkin", true, -absl::Hours(1) - second, false},
      {"checkin", true, absl::Hours(100), true},
      {"complete", true, absl::Hours(100), true},
  };
  for (const auto& one : kCases) {
    const absl::Status in_time =
        RequireInTime(*pack_, one.verb, booking, one.by_owner, start + one.from_start);
    EXPECT_EQ(in_time.ok(), one.ok) << one.verb << " " << one.by_owner << " " << one.from_start;
    if (!one.ok) {
      EXPECT_EQ(status::ReasonOf(in_time), options::v1::ERROR_REASON_WINDOW_CLOSED) << one.verb;
    }
  }
  booking.set_state(v1::BOOKING_STATE_REQUESTED);
  EXPECT_TRUE(RequireInTime(*pack_, "reschedule", booking, false, start - second).ok())
      << "what was not agreed to costs nothing to move";
}

std::string SaidOf(const std::optional<v1::Outage>& outage) {
  return outage.has_value() ? OutageText(*outage) : "";
}

TEST_F(BookingRulesTest, AnOutageIsAClosureOrASuspensionThatGoesOn) {
  const auto at = [](int hour, int minute = 0) { return InChina(2025, 4, 3, hour, minute); };
  const Interval time{at(9), at(11)};
  v1::Booking booking;
  *booking.mutable_start_time() = time::ToTimestamp(time.begin);
  *booking.mutable_end_time() = time::ToTimestamp(time.end);
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "");
  Close(at(8), at(9), &instrument_);
  Close(at(11), at(12), &instrument_);
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "") << "touching ends";
  Close(at(10, 59), at(11), &instrument_);
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "预约时段内仪器停机：维护");
  EXPECT_EQ(SaidOf(OutageAtBeginning(instrument_, booking)), "") << "it began in order";
  Close(at(9), at(9, 1), &instrument_);
  EXPECT_EQ(SaidOf(OutageAtBeginning(instrument_, booking)), "预约时段内仪器停机：维护");
  instrument_.clear_closures();
  *instrument_.mutable_suspend_time() = time::ToTimestamp(at(11));
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "");
  *instrument_.mutable_suspend_time() = time::ToTimestamp(at(10, 59));
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "仪器暂停开放");
  EXPECT_EQ(SaidOf(OutageAtBeginning(instrument_, booking)), "");
  *instrument_.mutable_suspend_time() = time::ToTimestamp(at(9));
  EXPECT_EQ(SaidOf(OutageAtBeginning(instrument_, booking)), "仪器暂停开放");
}

TEST_F(BookingRulesTest, WhatIsNotPublicIsOutOfReachForOthersOnly) {
  v1::Booking booking;
  *booking.mutable_start_time() = time::ToTimestamp(InChina(2025, 4, 3, 9));
  *booking.mutable_end_time() = time::ToTimestamp(InChina(2025, 4, 3, 11));
  booking.set_organization("organizations/ouc");
  booking.set_requester("organizations/ouc");
  instrument_.set_platform_published(false);
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "") << "its own people";
  booking.set_requester("organizations/e1");
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "仪器所属科创平台不再对外开放");
  EXPECT_EQ(SaidOf(OutageAtBeginning(instrument_, booking)), "") << "it is not since then";
  *instrument_.mutable_suspend_time() = booking.start_time();
  instrument_.set_state_reason("更换灯丝");
  EXPECT_EQ(OutageOf(instrument_, booking)->kind(), v1::OUTAGE_KIND_NOT_PUBLIC)
      << "a suspension may pass";
  Close(InChina(2025, 4, 3, 10), InChina(2025, 4, 3, 12), &instrument_);
  EXPECT_EQ(SaidOf(OutageOf(instrument_, booking)), "预约时段内仪器停机：维护");
  instrument_.clear_closures();
  instrument_.set_platform_published(true);
  EXPECT_EQ(OutageOf(instrument_, booking)->kind(), v1::OUTAGE_KIND_SUSPENSION);
  EXPECT_EQ(OutageOf(instrument_, booking)->reason(), "更换灯丝");
  instrument_.clear_suspend_time();
  EXPECT_FALSE(OutageOf(instrument_, booking).has_value());
}

TEST_F(BookingRulesTest, ASuspensionCancelsAsFarAheadAsThePackSays) {
  const absl::Time now = InChina(2025, 4, 1, 9);
  EXPECT_EQ(CancelledUntil(*pack_, now), now + absl::Hours(7 * 24));
  const auto without = testing::ShippedPack("shandong");
  EXPECT_GT(CancelledUntil(*without, now), now + absl::Hours(24 * 366 * 50)) << "all";
}

TEST_F(BookingRulesTest, NoMoreIsUsedThanTheClockAllows) {
  v1::Booking booking;
  *booking.mutable_start_time() = time::ToTimestamp(InChina(2025, 4, 3, 9));
  *booking.mutable_checkin_time() = time::ToTimestamp(InChina(2025, 4, 3, 9, 10));
  const absl::Time now = InChina(2025, 4, 3, 10);
  EXPECT_TRUE(CheckUsedMinutes(booking, 60, now).ok());
  EXPECT_FALSE(CheckUsedMinutes(booking, 61, now).ok());
  EXPECT_TRUE(CheckUsedMinutes(booking, 61, now + absl::Seconds(1)).ok()) << "a minute has begun";
  *booking.mutable_checkin_time() = time::ToTimestamp(InChina(2025, 4, 3, 8, 30));
  EXPECT_TRUE(CheckUsedMinutes(booking, 90, now).ok()) << "who came early";
  EXPECT_FALSE(CheckUsedMinutes(booking, 91, now).ok());
  // Whoever is done at once was there for a minute, whatever second he came at.
  const absl::Time came = InChina(2025, 4, 3, 8, 30) + absl::Seconds(20);
  *booking.mutable_checkin_time() = time::ToTimestamp(came);
  EXPECT_TRUE(CheckUsedMinutes(booking, 1, came + absl::Seconds(1)).ok());
  EXPECT_FALSE(CheckUsedMinutes(booking, 2, came + absl::Seconds(60)).ok());
  EXPECT_TRUE(CheckUsedMinutes(booking, 2, came + absl::Seconds(61)).ok());
}

}  // namespace
}  // namespace chanyan::registry
