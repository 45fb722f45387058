// Bookings of an instrument that turns out to be out of order: nobody pays for what could not be
// used (REG-4).
#include <gmock/gmock.h>

#include <string>

#include "common/time/timestamp.h"
#include "services/registry/charge_rules.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
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
  static int64_t Owed(const v1::Booking& booking) {
    EXPECT_TRUE(booking.has_settlement());
    return FenOf(booking.settlement().total());
  }

  const std::string instrument_;
};

TEST_F(OutageTest, WhoCouldNotUseASuspendedInstrumentDidNotStayAway) {
  const std::string before = BookedFrom(8, 9);
  const std::string broken = BookedFrom(9, 11);
  const std::string behind = BookedFrom(11, 12);
  // It breaks down at 8:30, in the first one's time, and at 9:30 in that of the second it is back.
  clock_.now = InChina(4, 3, 8, 30);
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  clock_.now = InChina(4, 3, 9, 30);
  EXPECT_EQ(*service_.RunClock(), 2) << "one that did not come at 8:00, and a reminder";
  EXPECT_EQ(Stored(before).state(), v1::BOOKING_STATE_NO_SHOW) << "at 8:00 it was in order";
  EXPECT_EQ(Owed(Stored(before)), 10'000);
  ASSERT_TRUE(Do("resume", instrument_).ok());
  clock_.now = InChina(4, 3, 12, 15);
  EXPECT_EQ(*service_.RunClock(), 2);
  const v1::Booking missed = Stored(broken);
  EXPECT_EQ(missed.state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(missed.reason(), "预约时段内仪器停机：暂停开放");
  EXPECT_EQ(Owed(missed), 0);
  EXPECT_THAT(missed.settlement().derivation(), HasSubstr("不收费"));
  EXPECT_EQ(Stored(behind).state(), v1::BOOKING_STATE_NO_SHOW) << "it was back by then";
  EXPECT_EQ(*service_.RunClock(), 0) << "once";
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type = 'chanyan.registry.v1.Booking' AND "
                    "kind IN ('noshow', 'cancel') ORDER BY id"),
              ElementsAre("noshow", "cancel", "noshow"));
}

TEST_F(OutageTest, AnInstrumentThatIsStillSuspendedCostsNobodyAnything) {
  const std::string name = BookedFrom(9, 11);
  clock_.now = InChina(4, 3, 8, 59);
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  clock_.now = InChina(4, 3, 11, 15);
  ASSERT_EQ(*service_.RunClock(), 1);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_CANCELLED);
  EXPECT_EQ(Stored(name).reason(), "仪器暂停开放");
  EXPECT_EQ(Owed(Stored(name)), 0);
}

TEST_F(OutageTest, GivingBackATimeThatIsClosedMeanwhileIsFreeHoweverLate) {
  const std::string closed = BookedFrom(9, 11);
  const std::string touching = BookedFrom(11, 12);
  CloseFor(InChina(4, 3, 10), InChina(4, 3, 11));
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
  CloseFor(InChina(4, 3, 9), InChina(4, 3, 9, 10));
  clock_.now = InChina(4, 3, 9, 10);
  ASSERT_TRUE(DoAs(kOuc, "checkin", name).ok());
  clock_.now = InChina(4, 3, 11, 15);
  EXPECT_EQ(*service_.RunClock(), 0);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_CHECKED_IN);
}

}  // namespace
}  // namespace chanyan::registry
