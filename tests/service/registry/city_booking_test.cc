// Bookings under the packs of other cities: other figures, and none (REG-4, POL-1).
#include <gmock/gmock.h>

#include <string>

#include "common/status/status.h"
#include "services/registry/charge_rules.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using ::testing::HasSubstr;

class LinyiBookingTest : public InstrumentWorld {
 protected:
  LinyiBookingTest() : InstrumentWorld("linyi") {}
};

TEST_F(LinyiBookingTest, AnotherCityHasItsOwnRules) {
  const std::string name = Opened("A1", [](v1::Instrument* row) {
                             row->mutable_charges(1)->set_user_type("partner");
                             row->mutable_charges(2)->set_user_type("local");
                             row->mutable_charges()->RemoveLast();
                           }).name();
  // Two workdays' notice, which nobody sets aside there: over Qingming only the 7th is too near.
  clock_.now = InChina(4, 3, 9);
  const auto refused = Book(kE1, name, InChina(4, 7, 9), InChina(4, 7, 10));
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_RULE_VIOLATED);
  const v1::Booking booking = Booked(kE1, name, InChina(4, 8, 9), InChina(4, 8, 9, 50));
  EXPECT_EQ(booking.user_type(), "local");
  EXPECT_EQ(FenOf(booking.quote().total()), 10'000) << "whole hours";
  EXPECT_EQ(booking.quote().pack_id(), "linyi");
  ASSERT_TRUE(DoAs(kOuc, "approve", booking.name()).ok());
  clock_.now = InChina(4, 8, 0);
  const auto cancelled = DoAs(kE1, "cancel", booking.name());
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(FenOf(cancelled->settlement().total()), 2'000) << "after the last workday's end";
}

class ShandongBookingTest : public InstrumentWorld {
 protected:
  ShandongBookingTest() : InstrumentWorld("shandong") {}
};

TEST_F(ShandongBookingTest, WithoutRulesOfThePackNothingIsBooked) {
  const std::string name = Opened("A1", [](v1::Instrument* row) { row->clear_charges(); }).name();
  const auto refused = Book(kE1, name, InChina(4, 3, 9), InChina(4, 3, 10));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("没有规定仪器设备的预约办法"));
  EXPECT_EQ(*service_.RunClock(), 0);
}

}  // namespace
}  // namespace chanyan::registry
