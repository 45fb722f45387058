// What journals of other services find due is told, exactly once (CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_feed.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/notification_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class JournalNoticeTest : public NotificationTest {};

TEST_F(JournalNoticeTest, WhatPairingFindsDueIsToldOnceAndSettledByTheAnswer) {
  world_.clock.now = At(1, 6, 9);
  FollowContact(pairing::v1::CONTACT_STATE_AWAITING, "unanswered", At(1, 6, 8));
  const std::vector<v1::Notification> inbox =
      Inbox("company", ROLE_ENTERPRISE, World::Enterprise(0));
  ASSERT_THAT(inbox, SizeIs(1));
  EXPECT_EQ(inbox[0].title(), "“海洋装备联合研发（演示）”有一条接洽逾期未答复");
  EXPECT_EQ(inbox[0].subject(), "projects/p/contacts/c");
  FollowContact(pairing::v1::CONTACT_STATE_ANSWERED, "answer", At(1, 6, 9));
  EXPECT_THAT(Inbox("company", ROLE_ENTERPRISE, World::Enterprise(0), "state = UNREAD"), IsEmpty());
  EXPECT_THAT(All(), ElementsAre("company OVERDUE SETTLED"));
}

TEST_F(JournalNoticeTest, ABookingAsksItsOwnerAndRemindsWhoBooked) {
  registry::v1::Booking booking;
  booking.set_name("organizations/ouc/instruments/a/bookings/b");
  booking.set_instrument_title("冻干机（演示）");
  booking.set_organization(kOuc);
  booking.set_requester(World::Enterprise(0));
  *booking.mutable_start_time() = time::ToTimestamp(At(1, 9, 9));
  *booking.mutable_end_time() = time::ToTimestamp(At(1, 9, 12));
  booking.set_state(registry::v1::BOOKING_STATE_REQUESTED);
  Follow(booking, "created", At(1, 6, 8));
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER UNREAD"));
  booking.set_state(registry::v1::BOOKING_STATE_APPROVED);
  Follow(booking, "approve", At(1, 6, 9));
  Follow(booking, "reminded", At(1, 8, 9));
  EXPECT_THAT(Inbox("company", ROLE_ENTERPRISE, World::Enterprise(0)), SizeIs(2));
  booking.set_state(registry::v1::BOOKING_STATE_CHECKED_IN);
  Follow(booking, "checkin", At(1, 9, 9));
  EXPECT_THAT(All(), UnorderedElementsAre("ouc-office REMINDER SETTLED", "company NEWS UNREAD",
                                          "company REMINDER SETTLED"));
}

TEST_F(JournalNoticeTest, TheEndOfADossierSettlesItsReturnAndIsNewsThatStays) {
  world_.clock.now = At(1, 6, 9);
  consortium::v1::Consortium row;
  row.set_name("consortia/a");
  row.set_display_name("水下传感联合体（演示）");
  row.set_lead_unit(World::Enterprise(0));
  row.add_participants(World::Enterprise(0));
  Follow(row, "announce", At(1, 6, 8));
  Follow(row, "return", At(1, 6, 8));
  EXPECT_THAT(All(), UnorderedElementsAre("company NEWS UNREAD", "company REMINDER UNREAD"));
  Follow(row, "lapse", At(1, 6, 9));
  EXPECT_THAT(All(), UnorderedElementsAre("company NEWS UNREAD", "company NEWS UNREAD",
                                          "company REMINDER SETTLED"));
  Follow(row, "removeLead", At(1, 6, 9));
  Follow(row, "cancel", At(1, 6, 9));
  EXPECT_THAT(All(), UnorderedElementsAre("company NEWS UNREAD", "company NEWS UNREAD",
                                          "company NEWS UNREAD", "company REMINDER SETTLED",
                                          "company REMINDER SETTLED"));
}

TEST_F(JournalNoticeTest, ADecidedObjectionIsSettledForTheOfficeAndNewsToWhoObjected) {
  world_.clock.now = At(1, 6, 9);
  SignedUp("clerk", "organizations/bureau", {options::v1::ROLE_DEPARTMENT});
  consortium::v1::NoticeObjection row;
  row.set_name("notices/n/objections/o");
  row.set_receipt_number("YY-20260106-a");
  row.set_office("organizations/bureau");
  row.set_organization(World::Enterprise(0));
  Follow(row, "created", At(1, 6, 8));
  EXPECT_THAT(All(), ElementsAre("clerk REMINDER UNREAD"));
  row.set_state(consortium::v1::NOTICE_OBJECTION_STATE_REJECTED);
  Follow(row, "reject", At(1, 6, 9));
  EXPECT_THAT(All(), UnorderedElementsAre("clerk REMINDER SETTLED", "company NEWS UNREAD"));
}

TEST_F(JournalNoticeTest, ALiftedBarAndASignedSupplementAreNewsAndAskForNothing) {
  world_.clock.now = At(1, 6, 9);
  consortium::v1::Bar bar;
  bar.set_name("bars/a");
  bar.set_organization(World::Enterprise(0));
  Follow(bar, "created", At(1, 6, 8));
  Follow(bar, "lifted", At(1, 6, 9));
  EXPECT_THAT(All(), UnorderedElementsAre("company NEWS UNREAD", "company REMINDER SETTLED"));
  consortium::v1::Supplement supplement;
  supplement.set_name("consortia/a/supplements/b");
  supplement.add_required_units(World::Enterprise(0));
  Follow(supplement, "created", At(1, 6, 8));
  Follow(supplement, "effective", At(1, 6, 9));
  EXPECT_THAT(All(), UnorderedElementsAre("company NEWS UNREAD", "company NEWS UNREAD",
                                          "company REMINDER SETTLED", "company REMINDER SETTLED"));
}

// Counts what is asked of a table.
class CountingSession : public db::Session {
 public:
  CountingSession(db::Session& session, absl::string_view table)
      : session_(session), from_(absl::StrCat("FROM ", table, " ")) {}
  absl::StatusOr<db::Rows> Query(absl::string_view sql, const db::Values& params) override {
    if (absl::StrContains(absl::StrReplaceAll(sql, {{"`", ""}}), from_)) ++queries;
    return session_.Query(sql, params);
  }
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const db::Values& params) override {
    return session_.Execute(sql, params);
  }
  int queries = 0;

 private:
  db::Session& session_;
  const std::string from_;
};

TEST_F(JournalNoticeTest, WhomAPageOfEntriesConcernsIsReadOnce) {
  world_.clock.now = At(1, 6, 9);
  SignedUp("second", World::Enterprise(1), {options::v1::ROLE_ENTERPRISE});
  SignedUp("third", World::Enterprise(2), {options::v1::ROLE_ENTERPRISE});
  std::vector<journal::v1::Entry> page;
  for (int i = 0; i < 3; ++i) {
    consortium::v1::Bar bar;
    bar.set_name(absl::StrCat("bars/", i));
    bar.set_organization(World::Enterprise(i));
    page.push_back(EntryOf(bar, "created", At(1, 6, 8)));
    // Told and over in the same page.
    if (i == 1) page.push_back(EntryOf(bar, "lifted", At(1, 6, 8)));
  }
  std::vector<const journal::v1::Entry*> entries;
  for (const journal::v1::Entry& entry : page) entries.push_back(&entry);
  const absl::Status followed =
      world_.database.db().Transact([&](db::Session& session) -> absl::Status {
        CountingSession people(session, "person");
        CountingSession endpoints(people, "webhook_endpoint");
        CHANYAN_RETURN_IF_ERROR(notifier_.FollowPeer(endpoints, world_.clock.now, entries));
        EXPECT_EQ(people.queries, 1);
        EXPECT_EQ(endpoints.queries, 2) << "before what is settled, and at the end";
        return absl::OkStatus();
      });
  ASSERT_TRUE(followed.ok()) << followed;
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER UNREAD", "second REMINDER SETTLED",
                                          "second NEWS UNREAD", "third REMINDER UNREAD"));
}

TEST_F(JournalNoticeTest, AJournalIsReadInPagesAndEachEntryHasItsEffectOnce) {
  // Twelve hundred entries, of which every hundredth is of interest.
  const journal::EntrySource source =
      [](int64_t after, int limit) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
    std::vector<journal::v1::Entry> page;
    for (int64_t seq = after + 1; seq <= std::min<int64_t>(1200, after + limit); ++seq) {
      page.emplace_back().set_seq(seq);
    }
    return page;
  };
  const NoticeFeed feed = {
      "cycle-notices<test", source,
      [](const journal::v1::Entry& entry) { return entry.seq() % 100 == 0; },
      [](db::Session& session, absl::Time,
         absl::Span<const journal::v1::Entry* const> entries) -> absl::Status {
        EXPECT_THAT(entries, SizeIs(::testing::AnyOf(2, 5)));
        for (const journal::v1::Entry* entry : entries) {
          CHANYAN_RETURN_IF_ERROR(
              session
                  .Execute("INSERT INTO person (account, organization, roles, disabled) "
                           "VALUES (?, ?, ?, 0)",
                           {absl::StrCat("accounts/", entry->seq()), std::string(kOuc),
                            std::string(",2,")})
                  .status());
        }
        return absl::OkStatus();
      }};
  const int64_t before = world_.Count("person");
  world_.database.db().InjectFaults(
      {.inject_ambiguous_commit_every = 5, .inject_ambiguous_nocommit_every = 7});
  for (int look = 0; look < 12; ++look) {
    db::Lease lease(world_.database.db(), "feed", db::NewLeaseOwner(), absl::Minutes(2));
    if (lease.Acquire().ok()) {
      (void)FollowFeed(world_.database.db(), world_.clock, lease, feed);
    }
    world_.database.Apply("DELETE FROM lease WHERE name = 'feed'");
  }
  world_.database.db().InjectFaults({});
  EXPECT_EQ(world_.Count("person") - before, 12);
  EXPECT_EQ(world_.Count("`cursor` WHERE follower = 'cycle-notices<test' AND seq = 1200"), 1);
}

TEST_F(JournalNoticeTest, OldNewsOfAJournalReadForTheFirstTimeIsNoNews) {
  world_.clock.now = At(1, 20, 9);
  FollowContact(pairing::v1::CONTACT_STATE_AWAITING, "unanswered", At(1, 6, 8));
  EXPECT_THAT(All(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
