// Bookings of an instrument that turns out to be out of order: nobody pays for what could not be
// used, and whoever has booked it is told once, why and whom to ask (REG-4, CYC-9).
#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/registry/charge_rules.h"
#include "services/registry/diary.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using ::testing::HasSubstr;

class OutageTest : public InstrumentWorld {
 protected:
  OutageTest() : instrument_(Opened("A1").name()) {}

  std::string BookedFrom(int hour, int end) {
    return ApprovedBooking(kE1, instrument_, InChina(4, 3, hour), InChina(4, 3, end)).name();
  }
  void CloseFor(absl::Time begin, absl::Time end) {
    v1::Instrument instrument = *Get(Owner("GetInstrument"), instrument_);
    v1::Closure& closure = *instrument.add_closures();
    *closure.mutable_start_time() = time::ToTimestamp(begin);
    *closure.mutable_end_time() = time::ToTimestamp(end);
    closure.set_reason("更换离子源");
    const auto closed = Update(instrument, {"closures"});
    ASSERT_TRUE(closed.ok()) << closed.status();
  }
  // Kinds of the journal's entries of a booking, in their order.
  std::vector<std::string> KindsOf(const std::string& booking) {
    return Texts(
        absl::StrCat("SELECT kind FROM journal WHERE resource = '", booking, "' ORDER BY id"));
  }
  static int64_t Owed(const v1::Booking& booking) {
    EXPECT_TRUE(booking.has_settlement());
    return FenOf(booking.settlement().total());
  }

  const std::string instrument_;
};

TEST_F(OutageTest, WhoHasBookedASuspendedInstrumentIsToldAtOnceAndOwesNothing) {
  const std::string before = BookedFrom(8, 9);
  const std::string broken = BookedFrom(9, 11);
  const std::string asked =
      Booked(kE2, instrument_, InChina(4, 10, 8, 15), InChina(4, 10, 9)).name();
  // It breaks down at 8:30, in the first one's time, and at 9:30 it is back.
  clock_.now = InChina(4, 3, 8, 30);
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  for (const std::string& name : {broken, asked}) {
    const v1::Booking row = Stored(name);
    EXPECT_EQ(row.state(), v1::BOOKING_STATE_CANCELLED);
    EXPECT_EQ(row.reason(), "仪器暂停开放");
    EXPECT_EQ(Owed(row), 0);
    EXPECT_EQ(row.settlement().derivation(), "仪器暂停开放，不收费");
    EXPECT_EQ(row.outage().kind(), v1::OUTAGE_KIND_SUSPENSION);
    EXPECT_EQ(row.outage().reason(), "更换灯丝");
    EXPECT_EQ(row.outage().organization_title(), "ouc（演示）");
    EXPECT_EQ(row.outage().contact_person(), "王老师");
    EXPECT_EQ(row.outage().contact_phone(), "0532-52345678");
    EXPECT_EQ(time::ToTime(row.outage().notice_time()), clock_.now);
    EXPECT_EQ(KindsOf(name).back(), "cancel");
  }
  EXPECT_EQ(Stored(before).state(), v1::BOOKING_STATE_APPROVED) << "it has begun";
  for (const std::string& json : Texts("SELECT after_json FROM journal WHERE type = "
                                       "'chanyan.registry.v1.Booking' AND kind = 'cancel'")) {
    EXPECT_THAT(json, HasSubstr("王老师"));
    EXPECT_THAT(json, ::testing::Not(HasSubstr("52345678"))) << "telephones are not journalled";
  }
  clock_.now = InChina(4, 3, 9, 30);
  EXPECT_EQ(*service_.RunClock(), 1);
  EXPECT_EQ(Stored(before).state(), v1::BOOKING_STATE_NO_SHOW) << "at 8:00 it was in order";
  EXPECT_EQ(Owed(Stored(before)), 10'000);
  ASSERT_TRUE(Do("resume", instrument_).ok());
  EXPECT_EQ(*service_.RunClock(), 0);
  EXPECT_EQ(Stored(broken).state(), v1::BOOKING_STATE_CANCELLED) << "given up for good";
  EXPECT_EQ(KindsOf(broken).size(), 3u) << "asked for, approved, cancelled";
  EXPECT_TRUE(Book(kE2, instrument_, InChina(4, 10, 8, 15), InChina(4, 10, 9)).ok())
      << "its time is free";
}

TEST_F(OutageTest, WhatIsFarAheadStandsUntilItComesNearAndItsHolderIsToldBoth) {
  const absl::Time begin = InChina(4, 20, 9);
  const std::string near =
      ApprovedBooking(kE1, instrument_, InChina(4, 8, 9), InChina(4, 8, 10)).name();
  const std::string later = ApprovedBooking(kE1, instrument_, begin, InChina(4, 20, 10)).name();
  const std::string asked = Booked(kE2, instrument_, InChina(5, 20, 9), InChina(5, 20, 10)).name();
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  EXPECT_EQ(Stored(near).state(), v1::BOOKING_STATE_CANCELLED) << "seven days to the minute";
  EXPECT_EQ(Stored(later).state(), v1::BOOKING_STATE_APPROVED);
  EXPECT_EQ(time::ToTime(Stored(later).outage().cancel_time()), begin - absl::Hours(7 * 24));
  EXPECT_EQ(Stored(asked).state(), v1::BOOKING_STATE_REQUESTED);
  EXPECT_EQ(KindsOf(later).back(), "outage");
  EXPECT_EQ(KindsOf(asked).back(), "outage");
  EXPECT_EQ(*service_.RunClock(), 0) << "told once";
  clock_.now = begin - absl::Hours(7 * 24) - absl::Minutes(1);
  EXPECT_EQ(*service_.RunClock(), 0);
  clock_.now += absl::Minutes(1);
  InstrumentService replica({{database_.db(), clock_, nullptr}, *pack_});
  EXPECT_EQ(*replica.RunClock() + *service_.RunClock(), 1);
  EXPECT_EQ(Stored(later).state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(Owed(Stored(later)), 0);
  ASSERT_TRUE(Do("resume", instrument_).ok());
  EXPECT_EQ(Stored(asked).state(), v1::BOOKING_STATE_REQUESTED);
  EXPECT_FALSE(Stored(asked).has_outage());
  EXPECT_EQ(KindsOf(asked), (std::vector<std::string>{"created", "outage", "restored"}));
  EXPECT_EQ(*service_.RunClock(), 0);
}

TEST_F(OutageTest, WhoGivesBackWhatStandsForTheTimeBeingOwesNothing) {
  const std::string name =
      ApprovedBooking(kE1, instrument_, InChina(4, 20, 9), InChina(4, 20, 10)).name();
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  const auto given = DoAs(kE1, "cancel", name);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(Owed(*given), 0);
  EXPECT_EQ(given->settlement().derivation(), "仪器暂停开放，不收费");
  EXPECT_FALSE(given->has_outage()) << "it was given back";
}

TEST_F(OutageTest, AnInstrumentThatIsStillSuspendedCostsNobodyAnything) {
  // Suspended before bookings were looked at then, and nothing ran until it was over.
  const std::string name = BookedFrom(9, 11);
  database_.Apply(
      "UPDATE instrument SET state = 'SUSPENDED', suspend_time = '2025-04-03 00:59:00'");
  clock_.now = InChina(4, 3, 11, 15);
  ASSERT_EQ(*service_.RunClock(), 1);
  const v1::Booking row = Stored(name);
  EXPECT_EQ(row.state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(row.reason(), "仪器暂停开放");
  EXPECT_EQ(row.outage().contact_person(), "王老师");
  EXPECT_EQ(Owed(row), 0);
}

TEST_F(OutageTest, ADayThatIsClosedEndsTheBookingsOfThatDayAlone) {
  const std::string day = BookedFrom(9, 11);
  const std::string asked = Booked(kE2, instrument_, InChina(4, 3, 11), InChina(4, 3, 12)).name();
  const std::string next =
      ApprovedBooking(kE1, instrument_, InChina(4, 4, 8), InChina(4, 4, 9)).name();
  v1::Instrument bad = *Get(Owner("GetInstrument"), instrument_);
  v1::Closure& closure = *bad.add_closures();
  *closure.mutable_start_time() = time::ToTimestamp(InChina(4, 4));
  *closure.mutable_end_time() = time::ToTimestamp(InChina(4, 3));
  closure.set_reason("更换离子源");
  EXPECT_FALSE(Update(bad, {"closures"}).ok());
  EXPECT_EQ(Stored(day).state(), v1::BOOKING_STATE_APPROVED) << "a bad closure closes nothing";
  CloseFor(InChina(4, 3), InChina(4, 4));
  for (const std::string& name : {day, asked}) {
    EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_CANCELLED);
    EXPECT_EQ(Stored(name).reason(), "预约时段内仪器停机：更换离子源");
    EXPECT_EQ(Stored(name).outage().kind(), v1::OUTAGE_KIND_CLOSURE);
    EXPECT_EQ(Owed(Stored(name)), 0);
  }
  EXPECT_EQ(Stored(next).state(), v1::BOOKING_STATE_APPROVED);
  EXPECT_EQ(KindsOf(next).size(), 2u);
}

TEST_F(OutageTest, APlatformThatIsWithdrawnTakesTheBookingsOfOthersAlong) {
  const std::string others = BookedFrom(9, 11);
  const std::string own =
      ApprovedBooking(kOuc, instrument_, InChina(4, 3, 12), InChina(4, 3, 13)).name();
  ASSERT_TRUE(WithdrawPlatform(kLab).ok());
  const v1::Booking row = Stored(others);
  EXPECT_EQ(row.state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(row.outage().kind(), v1::OUTAGE_KIND_NOT_PUBLIC);
  EXPECT_EQ(row.outage().reason(), "搬迁");
  EXPECT_EQ(Owed(row), 0);
  EXPECT_EQ(Stored(own).state(), v1::BOOKING_STATE_APPROVED) << "its own people have it still";
  EXPECT_FALSE(WithdrawPlatform(kLab).ok());
  EXPECT_EQ(*service_.RunClock(), 0);
}

TEST_F(OutageTest, WhoDidNotComeBeforeAPlatformWasWithdrawnIsNotExcusedByThat) {
  const std::string begun = BookedFrom(9, 11);
  const std::string next = BookedFrom(11, 12);
  clock_.now = InChina(4, 3, 10);
  ASSERT_TRUE(WithdrawPlatform(kLab).ok());
  EXPECT_EQ(Stored(begun).state(), v1::BOOKING_STATE_APPROVED) << "it has begun";
  EXPECT_EQ(Stored(next).state(), v1::BOOKING_STATE_CANCELLED);
  clock_.now = InChina(4, 3, 12);
  EXPECT_EQ(*service_.RunClock(), 1);
  EXPECT_EQ(Stored(begun).state(), v1::BOOKING_STATE_NO_SHOW);
  EXPECT_GT(Owed(Stored(begun)), 0);
}

TEST_F(OutageTest, AMoveTouchesTheInstrumentBeforeItLocksTheBooking) {
  const std::string name = BookedFrom(9, 11);
  std::thread mover;
  absl::StatusOr<v1::Booking> moved = absl::UnknownError("not done");
  absl::Status locked = absl::UnknownError("not tried");
  const auto stuck = [this] {
    return Texts(
               "SELECT CAST(p.ID AS CHAR) FROM information_schema.innodb_trx t "
               "JOIN information_schema.processlist p ON p.ID = t.trx_mysql_thread_id "
               "WHERE p.DB = DATABASE() AND t.trx_state = 'LOCK WAIT'")
        .size();
  };
  // As whoever suspends the instrument: the instrument, and then its bookings.
  const absl::Status settled = database_.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(Touch(session, instrument_));
    if (!mover.joinable()) {
      mover = std::thread([&] { moved = Move(kE1, name, InChina(4, 4, 9), InChina(4, 4, 11)); });
    }
    const absl::Time until = absl::Now() + absl::Seconds(30);
    while (stuck() == 0 && absl::Now() < until) {
      // What is asked oftener is answered from before.
      absl::SleepFor(absl::Milliseconds(200));
    }
    EXPECT_EQ(stuck(), 1u) << "the move waits for the instrument";
    locked =
        session.Query("SELECT name FROM booking WHERE name = ? FOR UPDATE NOWAIT", {name}).status();
    return absl::OkStatus();
  });
  mover.join();
  EXPECT_TRUE(settled.ok()) << settled;
  EXPECT_TRUE(locked.ok()) << locked;
  EXPECT_TRUE(moved.ok()) << moved.status();
}

TEST_F(OutageTest, WhatCannotBeRemindedOfIsStillMarkedInItsTime) {
  const std::string name =
      ApprovedBooking(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 9, 15)).name();
  database_.Apply("ALTER TABLE booking ADD CONSTRAINT no_reminder CHECK (remind_time IS NULL)");
  clock_.now = InChina(4, 3, 8, 29);
  for (const int minutes : {2, 4, 8, 16, 32}) {
    EXPECT_FALSE(service_.RunClock().ok()) << minutes;
    clock_.now += absl::Minutes(minutes);
  }
  // The reminder waits until 9:31, and nobody has come by 9:30.
  clock_.now = InChina(4, 3, 9, 30);
  EXPECT_EQ(*service_.RunClock(), 1);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_NO_SHOW);
}

TEST_F(OutageTest, WhatWasLeftOfAPlatformThatWasWithdrawnBeforeIsPutRightOnce) {
  const std::string name = BookedFrom(9, 11);
  // As it was left when nobody looked at bookings.
  database_.Apply("UPDATE platform SET state = 'WITHDRAWN', withdraw_reason = '搬迁'");
  database_.Apply("UPDATE instrument SET platform_published = 0");
  InstrumentService replica({{database_.db(), clock_, nullptr}, *pack_});
  EXPECT_EQ(*service_.RunClock() + *replica.RunClock(), 1);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(Stored(name).outage().reason(), "搬迁");
  EXPECT_EQ(KindsOf(name).size(), 3u);
}

TEST_F(OutageTest, BookingsThatCannotBeChangedGoToTheBack) {
  const std::string automatic = Opened("A2", [](v1::Instrument* row) {
                                  row->set_booking_mode(v1::BOOKING_MODE_AUTOMATIC);
                                }).name();
  // More than one run takes, all overdue before the one that is in order.
  constexpr int kBroken = 205;
  constexpr int kOfADay = 12 * 4;
  for (int i = 0; i < kBroken; ++i) {
    const absl::Time begin = InChina(4, 3 + i / kOfADay, 8) + absl::Minutes(15 * (i % kOfADay));
    Booked(kE1, automatic, begin, begin + absl::Minutes(15));
  }
  const std::string sound =
      ApprovedBooking(kE1, instrument_, InChina(4, 20, 9), InChina(4, 20, 10)).name();
  database_.Apply(
      absl::StrCat("UPDATE booking SET instrument = 'organizations/ouc/instruments/gone' "
                   "WHERE instrument = '",
                   automatic, "'"));
  clock_.now = InChina(4, 20, 12);
  EXPECT_FALSE(service_.RunClock().ok()) << "what is wrong is said";
  EXPECT_EQ(Stored(sound).state(), v1::BOOKING_STATE_APPROVED) << "not its turn yet";
  EXPECT_FALSE(service_.RunClock().ok());
  EXPECT_EQ(Stored(sound).state(), v1::BOOKING_STATE_NO_SHOW);
  EXPECT_EQ(*service_.RunClock(), 0) << "all the others wait";
  // Mended, they are done when their wait is over.
  database_.Apply(absl::StrCat("UPDATE booking SET instrument = '", automatic,
                               "' WHERE instrument = 'organizations/ouc/instruments/gone'"));
  EXPECT_EQ(*service_.RunClock(), 0);
  clock_.now += absl::Minutes(2);
  EXPECT_EQ(*service_.RunClock() + *service_.RunClock(), kBroken);
}

TEST_F(OutageTest, GivingBackATimeThatIsClosedMeanwhileIsFreeHoweverLate) {
  const std::string closed = BookedFrom(9, 11);
  const std::string touching = BookedFrom(11, 12);
  // Closed before bookings were looked at then.
  database_.Apply(
      "UPDATE instrument SET closures = JSON_ARRAY(JSON_OBJECT('start_time', "
      "'2025-04-03T02:00:00Z', 'end_time', '2025-04-03T03:00:00Z', 'reason', '更换离子源'))");
  clock_.now = InChina(4, 3, 8, 59);
  const auto free = DoAs(kE1, "cancel", closed);
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_EQ(Owed(*free), 0);
  EXPECT_THAT(free->settlement().derivation(), HasSubstr("更换离子源"));
  EXPECT_EQ(free->reason(), "样品未到") << "what the requester said stays";
  const auto late = DoAs(kE1, "cancel", touching);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(Owed(*late), 5'000) << "its own time is open";
}

TEST_F(OutageTest, WhoWasThereAfterAllIsCheckedIn) {
  const std::string name = BookedFrom(9, 11);
  clock_.now = InChina(4, 3, 9, 5);
  CloseFor(InChina(4, 3, 9), InChina(4, 3, 9, 10));
  clock_.now = InChina(4, 3, 9, 10);
  ASSERT_TRUE(DoAs(kOuc, "checkin", name).ok());
  clock_.now = InChina(4, 3, 11, 15);
  EXPECT_EQ(*service_.RunClock(), 0);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_CHECKED_IN);
}

}  // namespace
}  // namespace chanyan::registry
