// What people are told of bookings of instruments (REG-4, CYC-9).
#include "services/cycle/booking_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/journal/journal.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/registry/booking_life.h"

namespace chanyan::cycle {
namespace {

using registry::v1::Booking;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOwner[] = "organizations/ouc";
constexpr char kUser[] = "organizations/e1";

Booking MakeBooking(registry::v1::BookingState state) {
  Booking booking;
  booking.set_name("organizations/ouc/instruments/a/bookings/b");
  booking.set_instrument_title("冻干机");
  booking.set_organization(kOwner);
  booking.set_requester(kUser);
  booking.set_requester_title("海工装备（演示）");
  booking.set_state(state);
  booking.set_reason("设备检修");
  const auto at = [](int hour) {
    return time::ToTimestamp(
        absl::FromCivil(absl::CivilMinute(2025, 4, 8, hour, 30), time::Shanghai()));
  };
  *booking.mutable_start_time() = at(9);
  *booking.mutable_end_time() = at(12);
  return booking;
}

journal::v1::Entry Entry(const Booking& booking, const std::string& kind) {
  journal::v1::Entry entry;
  entry.set_type(Booking::descriptor()->full_name());
  entry.set_resource(booking.name());
  entry.set_kind(kind);
  entry.set_after_json(journal::CanonicalJson(booking));
  return entry;
}

// Whom the journal's entry is told to, as "kind organization title | content".
std::string Told(registry::v1::BookingState state, const std::string& kind) {
  const auto notice = NoticeOf(Entry(MakeBooking(state), kind));
  if (!notice) return "nothing";
  EXPECT_THAT(notice->roles,
              ElementsAre(options::v1::ROLE_PLATFORM_MANAGER, options::v1::ROLE_RESEARCH_OFFICE,
                          options::v1::ROLE_ENTERPRISE));
  return absl::StrCat(v1::NotificationKind_Name(notice->kind).substr(18), " ", notice->organization,
                      " ", notice->title, " | ", notice->content);
}

TEST(BookingNoticesTest, WhatWaitsForTheOwnerIsTheOwnersToDo) {
  EXPECT_EQ(Told(registry::v1::BOOKING_STATE_REQUESTED, "created"),
            "REMINDER organizations/ouc “冻干机”有新的预约待审批 | "
            "预约单位：海工装备（演示）；时间：2025年4月8日09:30至12:30。"
            "请在预约开始前办理，逾期预约自动失效。");
  EXPECT_THAT(Told(registry::v1::BOOKING_STATE_REQUESTED, "reschedule"),
              HasSubstr("改期，待重新审批"));
  EXPECT_EQ(Told(registry::v1::BOOKING_STATE_APPROVED, "created"), "nothing")
      << "booked without approval, it waits for nobody";
}

TEST(BookingNoticesTest, TheRequesterLearnsWhatBecameOfItAndIsReminded) {
  EXPECT_THAT(Told(registry::v1::BOOKING_STATE_APPROVED, "approve"),
              HasSubstr("NEWS organizations/e1 “冻干机”的预约已同意"));
  EXPECT_THAT(Told(registry::v1::BOOKING_STATE_DECLINED, "decline"),
              AllOf(HasSubstr("NEWS organizations/e1"), HasSubstr("原因：设备检修。")));
  EXPECT_THAT(Told(registry::v1::BOOKING_STATE_DECLINED, "lapse"), HasSubstr("已失效"));
  EXPECT_THAT(Told(registry::v1::BOOKING_STATE_NO_SHOW, "noshow"), HasSubstr("记为未到"));
  EXPECT_EQ(Told(registry::v1::BOOKING_STATE_APPROVED, "reminded"),
            "REMINDER organizations/e1 “冻干机”的预约即将开始 | "
            "预约时间：2025年4月8日09:30至12:30。请按时到场；不能使用的请尽早取消，以便他人预约。");
  EXPECT_EQ(Told(registry::v1::BOOKING_STATE_COMPLETED, "complete"), "nothing");
}

TEST(BookingNoticesTest, WhatIsGivenBackIsToldToBothSides) {
  const auto notice = NoticeOf(Entry(MakeBooking(registry::v1::BOOKING_STATE_CANCELLED), "cancel"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, kOwner);
  EXPECT_THAT(notice->also, ElementsAre(kUser));
  EXPECT_EQ(NoticesOf(Entry(MakeBooking(registry::v1::BOOKING_STATE_CANCELLED), "cancel")).size(),
            1u);
}

Booking OutOfOrder(registry::v1::BookingState state, registry::v1::OutageKind kind,
                   const char* reason, const char* why) {
  Booking booking = MakeBooking(state);
  booking.set_reason(reason);
  booking.mutable_outage()->set_kind(kind);
  booking.mutable_outage()->set_reason(why);
  booking.mutable_outage()->set_organization_title("海洋大学（演示）");
  booking.mutable_outage()->set_contact_person("王老师");
  booking.mutable_outage()->set_contact_phone("0532-52345678");
  return booking;
}

TEST(BookingNoticesTest, WhoCannotUseWhatIsOutOfOrderLearnsWhyAndWhomToAsk) {
  Booking booking = OutOfOrder(registry::v1::BOOKING_STATE_CANCELLED,
                               registry::v1::OUTAGE_KIND_SUSPENSION, "仪器暂停开放", "更换灯丝");
  auto notice = NoticeOf(Entry(booking, "cancel"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, kUser);
  EXPECT_THAT(notice->also, ::testing::IsEmpty());
  EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_EQ(notice->title, "“冻干机”的预约已取消，不收费");
  EXPECT_EQ(notice->content,
            "预约单位：海工装备（演示）；时间：2025年4月8日09:30至12:30。仪器暂停开放。"
            "原因：更换灯丝。请与“海洋大学（演示）”（联系人：王老师）联系，联系方式见预约详情。");
  // The owner learns of it, but need not be told to ask itself.
  const std::vector<Notice> both = NoticesOf(Entry(booking, "cancel"));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].content, notice->content);
  EXPECT_EQ(both[1].organization, kOwner);
  EXPECT_EQ(both[1].kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_EQ(both[1].title, notice->title);
  EXPECT_EQ(both[1].content,
            "预约单位：海工装备（演示）；时间：2025年4月8日09:30至12:30。仪器暂停开放。"
            "原因：更换灯丝。");
  EXPECT_TRUE(IsSettled(Entry(booking, "cancel")));
  booking = OutOfOrder(registry::v1::BOOKING_STATE_CANCELLED, registry::v1::OUTAGE_KIND_CLOSURE,
                       "预约时段内仪器停机：检修", "检修");
  booking.mutable_outage()->clear_contact_person();
  notice = NoticeOf(Entry(booking, "cancel"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->content,
            "预约单位：海工装备（演示）；时间：2025年4月8日09:30至12:30。预约时段内仪器停机：检修。"
            "请与“海洋大学（演示）”联系，联系方式见预约详情。");
  EXPECT_EQ(notice->content.find("5234"), std::string::npos);
}

TEST(BookingNoticesTest, WhatStandsForTheTimeBeingIsToldAndThatItIsBack) {
  Booking booking = OutOfOrder(registry::v1::BOOKING_STATE_APPROVED,
                               registry::v1::OUTAGE_KIND_SUSPENSION, "", "更换灯丝");
  *booking.mutable_outage()->mutable_cancel_time() =
      time::ToTimestamp(absl::FromCivil(absl::CivilMinute(2025, 4, 1, 9, 30), time::Shanghai()));
  auto notice = NoticeOf(Entry(booking, "outage"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, kUser);
  EXPECT_THAT(notice->also, ::testing::IsEmpty());
  EXPECT_EQ(notice->title, "“冻干机”暂停开放，您的预约暂予保留");
  EXPECT_EQ(notice->content,
            "预约时间：2025年4月8日09:30至12:30。至2025年4月1日09:30仍未恢复开放的，"
            "预约即行取消，不收费。原因：更换灯丝。请与“海洋大学（演示）”（联系人：王老师）联系，"
            "联系方式见预约详情。");
  EXPECT_FALSE(IsSettled(Entry(booking, "outage"))) << "who was reminded comes all the same";
  booking.clear_outage();
  notice = NoticeOf(Entry(booking, "restored"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, kUser);
  EXPECT_EQ(notice->title, "“冻干机”已恢复开放，您的预约照常");
  EXPECT_FALSE(IsSettled(Entry(booking, "restored")));
  booking.set_state(registry::v1::BOOKING_STATE_REQUESTED);
  notice = NoticeOf(Entry(booking, "restored"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->title, "“冻干机”已恢复开放，您的预约申请继续审批") << "nobody agreed yet";
}

TEST(BookingNoticesTest, AMoveThatIsAgreedToAtOnceIsToldToWhoDidNotMakeIt) {
  Booking booking = MakeBooking(registry::v1::BOOKING_STATE_APPROVED);
  booking.add_earlier_times()->set_changed_by(kUser);
  booking.add_earlier_times()->set_changed_by(kOwner);
  auto notice = NoticeOf(Entry(booking, "reschedule"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, kUser);
  EXPECT_EQ(notice->kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_EQ(notice->title, "“冻干机”的预约已改期");
  EXPECT_EQ(notice->content, "现预约时间：2025年4月8日09:30至12:30。请按时到场。原因：设备检修。");
  booking.add_earlier_times()->set_changed_by(kUser);
  notice = NoticeOf(Entry(booking, "reschedule"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->organization, kOwner);
  EXPECT_THAT(notice->content, HasSubstr("预约单位：海工装备（演示）；时间：2025年4月8日09:30"));
}

TEST(BookingNoticesTest, AnAskIsSettledByItsAnswerAndAReminderByTheUse) {
  const auto settled = [](registry::v1::BookingState state, const char* kind) {
    const journal::v1::Entry entry = Entry(MakeBooking(state), kind);
    EXPECT_TRUE(ConcernsNotices(entry));
    return IsSettled(entry);
  };
  EXPECT_FALSE(settled(registry::v1::BOOKING_STATE_REQUESTED, "created"));
  EXPECT_TRUE(settled(registry::v1::BOOKING_STATE_APPROVED, "approve"));
  EXPECT_FALSE(settled(registry::v1::BOOKING_STATE_APPROVED, "reminded"));
  EXPECT_TRUE(settled(registry::v1::BOOKING_STATE_CHECKED_IN, "checkin"));
  EXPECT_TRUE(settled(registry::v1::BOOKING_STATE_CANCELLED, "cancel"));
  for (const auto moved :
       {registry::v1::BOOKING_STATE_REQUESTED, registry::v1::BOOKING_STATE_APPROVED}) {
    EXPECT_TRUE(settled(moved, "reschedule")) << "the old time is nobody's any more";
  }
}

TEST(BookingNoticesTest, EveryVerbOfABookingIsToldOrKnownToBeSilent) {
  for (const auto& transition : registry::BookingLife()) {
    const std::string verb(transition.verb);
    const bool silent = verb == "checkin" || verb == "complete";
    EXPECT_EQ(Told(transition.to, verb) == "nothing", silent) << verb;
  }
}

}  // namespace
}  // namespace chanyan::cycle
