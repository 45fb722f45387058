// An instrument's way through the gateway: published, found free by anybody, booked once, settled
// (REG-4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kInstrument[] = R"({
  "platform": "PLATFORM", "assetNumber": "YQ-1", "displayName": "演示电镜",
  "bookingMode": "BOOKING_MODE_APPROVAL", "accessConditions": "来样测试",
  "hours": [HOURS],
  "charges": [{"userType": "enterprise", "basis": "CHARGE_BASIS_HOUR",
               "price": {"currencyCode": "CNY", "units": "200"}}],
  "contactPerson": "演示联系人", "contactPhone": "0532-85880000", "demonstration": true})";
constexpr char kBooking[] = R"({
  "startTime": "START", "endTime": "END", "subject": "断口形貌",
  "contact": {"person": "演示联系人"}, "demonstration": true})";

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

TEST(InstrumentSharingTest, AnInstrumentIsFoundBookedOnceAndSettled) {
  City city;
  const HttpReply draft = city.research_office().Post(
      absl::StrCat("/v1/", city.university(), "/platforms"), PlatformBody("演示材料实验室"));
  ASSERT_EQ(draft.status, 200) << draft.body;
  const std::string platform = draft.json().At("name");
  ASSERT_EQ(city.research_office().Post("/v1/" + platform + ":submit", "{}").status, 200);
  ASSERT_EQ(city.secretariat().Post("/v1/" + platform + ":publish", "{}").status, 200);

  std::string hours;
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}) {
    absl::StrAppend(&hours, hours.empty() ? "" : ",", R"({"day":"OPENING_DAY_)", day,
                    R"(","startMinute":480,"endMinute":1200})");
  }
  const HttpReply created = city.research_office().Post(
      absl::StrCat("/v1/", city.university(), "/instruments"),
      absl::StrReplaceAll(kInstrument, {{"PLATFORM", platform}, {"HOURS", hours}}));
  ASSERT_EQ(created.status, 200) << created.body;
  const std::string instrument = created.json().At("name");
  Api anyone = city.suite().Anonymous();
  EXPECT_EQ(anyone.Get("/v1/" + instrument).status, 404) << "a draft is not public";
  ASSERT_EQ(city.research_office().Post("/v1/" + instrument + ":open", "{}").status, 200);
  const HttpReply shown = anyone.Get("/v1/" + instrument);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.json().At("hoursText"), "每天 08:00-20:00");
  EXPECT_THAT(shown.body, Not(HasSubstr("85880000"))) << "the public sees no telephone number";

  const absl::Time day = time::StartOfDay(time::DayOf(absl::Now()) + 3);
  const std::string asked =
      absl::StrCat("/v1/", instrument, ":queryAvailability?startTime=", Rfc3339(day),
                   "&endTime=", Rfc3339(day + absl::Hours(24)));
  const HttpReply free = anyone.Get(asked);
  ASSERT_EQ(free.status, 200) << free.body;
  EXPECT_EQ(free.json().Size("freeTimes"), 1);
  EXPECT_EQ(free.json().At("freeTimes.0.startTime"), Rfc3339(day + absl::Hours(8)));

  Api enterprise = city.suite().As("ROLE_ENTERPRISE", city.enterprise());
  const auto booking = [&](int from, int to) {
    return absl::StrReplaceAll(kBooking, {{"START", Rfc3339(day + absl::Hours(from))},
                                          {"END", Rfc3339(day + absl::Hours(to))}});
  };
  const std::string bookings = absl::StrCat("/v1/", instrument, "/bookings");
  const HttpReply booked = enterprise.Post(bookings, booking(9, 11));
  ASSERT_EQ(booked.status, 200) << booked.body;
  EXPECT_EQ(booked.json().At("quote.total.units"), "400");
  const std::string name = booked.json().At("name");
  const HttpReply taken = enterprise.Post(bookings, booking(10, 12));
  EXPECT_EQ(taken.status, 409) << taken.body;
  EXPECT_THAT(taken.body, Not(HasSubstr(name)));
  EXPECT_EQ(anyone.Get(asked).json().Size("freeTimes"), 2);
  EXPECT_EQ(anyone.Get("/v1/" + name).status, 401);
  Api other = city.suite().As("ROLE_ENTERPRISE", city.Enterprise(2));
  EXPECT_EQ(other.Get("/v1/" + name).status, 404);

  EXPECT_EQ(enterprise.Post("/v1/" + name + ":approve", "{}").status, 403);
  const HttpReply approved = city.research_office().Post("/v1/" + name + ":approve", "{}");
  ASSERT_EQ(approved.status, 200) << approved.body;
  const HttpReply cancelled =
      enterprise.Post("/v1/" + name + ":cancel", R"({"reason": "样品未到"})");
  ASSERT_EQ(cancelled.status, 200) << cancelled.body;
  EXPECT_EQ(cancelled.json().At("settlement.kind"), "SETTLEMENT_KIND_CANCELLATION");
  EXPECT_EQ(anyone.Get(asked).json().Size("freeTimes"), 1) << "free again";

  const HttpReply sheet = city.research_office().Get("/v1/instruments:export");
  EXPECT_EQ(sheet.status, 200) << sheet.body;
  EXPECT_GT(sheet.body.size(), 1000u);
  const HttpReply figures =
      city.research_office().Get(absl::StrCat("/v1/", city.university(), "/utilisation:summarize"));
  ASSERT_EQ(figures.status, 200) << figures.body;
  EXPECT_EQ(figures.json().At("total.instrumentCount"), "1");
}

}  // namespace
}  // namespace chanyan::e2e
