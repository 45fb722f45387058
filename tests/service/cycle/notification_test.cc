// Who is told what, exactly once (CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_service.h"
#include "services/cycle/notification_service.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/notification_world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(NotificationTest, WhoHasReportedIsNotReminded) {
  OpenLive();
  Look(At(1, 6, 9) - absl::Seconds(1));
  EXPECT_THAT(All(), IsEmpty());
  Look(At(1, 6, 9));
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER UNREAD", "upc-office REMINDER UNREAD"));
  const std::vector<v1::Notification> inbox = Inbox("ouc-office", ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_THAT(inbox, SizeIs(1));
  EXPECT_EQ(inbox[0].title(), "2026年第一季度第1步“高校填报”将于1月8日截止");
  EXPECT_THAT(inbox[0].content(), HasSubstr("请于2026年1月8日23:59:59前填报并报送本季度报表"));
  EXPECT_THAT(inbox[0].content(), HasSubstr("期限依据：第1周＝2026年第一季度第1—5个工作日"));
  EXPECT_THAT(inbox[0].content(), HasSubstr("调休上班"));

  Submit(kOuc, {World::Ongoing(kOucLab, 0)});
  Look(At(1, 8, 9));
  EXPECT_THAT(All(),
              UnorderedElementsAre("ouc-office REMINDER SETTLED", "upc-office REMINDER UNREAD",
                                   "upc-office REMINDER UNREAD"));
  Look(At(1, 9, 9));
  EXPECT_THAT(All(), SizeIs(4));
  EXPECT_THAT(Inbox("upc-office", ROLE_RESEARCH_OFFICE, kUpc, "kind = OVERDUE"), SizeIs(1));
  EXPECT_THAT(Outcomes(), ElementsAre("1-before-2026010609 SENT", "1-before-2026010809 SENT",
                                      "1-after-2026010909 SENT"));
}

TEST_F(NotificationTest, WhenAllHaveReportedNobodyIsTold) {
  OpenLive();
  Submit(kOuc, {World::Ongoing(kOucLab, 0)});
  Submit(kUpc, {World::Ongoing(kUpcLab, 2)});
  Look(At(1, 6, 9));
  EXPECT_THAT(All(), IsEmpty());
  EXPECT_THAT(Outcomes(), ElementsAre("1-before-2026010609 NOTHING_DUE"));
}

TEST_F(NotificationTest, TheLeaderIsAskedAndWhereThereIsNoneTheSecretariat) {
  OpenLive();
  Look(At(1, 12, 9));
  const std::vector<v1::Notification> leader =
      Inbox("ouc-leader", ROLE_LEADER, kOuc, "kind = ESCALATION");
  ASSERT_THAT(leader, SizeIs(1));
  EXPECT_THAT(leader[0].content(), HasSubstr("本单位未按期完成：填报并报送本季度报表"));
  const std::vector<v1::Notification> secretary =
      Inbox("secretary", ROLE_SECRETARIAT, kSecretariat, "kind = ESCALATION");
  ASSERT_THAT(secretary, SizeIs(1));
  EXPECT_THAT(secretary[0].content(), HasSubstr("石油大学（演示）有未办事项"));
  v1::ListRemindersRequest request;
  request.set_parent(kQuarter);
  request.set_filter("kind = ESCALATION AND step = 1");
  const auto reminders = service_.ListReminders(
      As("secretary", ROLE_SECRETARIAT, kSecretariat, "ListReminders"), request);
  ASSERT_TRUE(reminders.ok()) << reminders.status();
  ASSERT_EQ(reminders->reminders_size(), 1);
  EXPECT_THAT(reminders->reminders(0).unreachable(), ElementsAre(kUpc));
  EXPECT_EQ(reminders->reminders(0).debtor_count(), 2);
}

TEST_F(NotificationTest, WhoHasLeftIsNotTold) {
  SignedUp("upc-office", kUpc, {ROLE_RESEARCH_OFFICE}, /*disabled=*/true);
  OpenLive();
  Look(At(1, 6, 9));
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER UNREAD", "secretary REMINDER UNREAD"));
}

TEST_F(NotificationTest, ARehearsalRemindsNobody) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 20)).ok());
  Look(At(1, 20, 9));
  EXPECT_EQ(world_.Count("reminder"), 0);
}

TEST_F(NotificationTest, ClockStepsNeitherRepeatNorLose) {
  OpenLive();
  Look(At(1, 6, 9));
  // A day ahead and back again, over midnight and over the hour.
  Look(At(1, 8, 9));
  Look(At(1, 5, 12));
  Look(At(1, 6, 8, 59));
  Look(At(1, 6, 9));
  Look(At(1, 8, 23, 59));
  EXPECT_THAT(Outcomes(), ElementsAre("1-before-2026010609 SENT", "1-before-2026010809 SENT"));
  EXPECT_THAT(All(), SizeIs(4));
}

TEST_F(NotificationTest, AnExtendedStepIsRemindedOfAnew) {
  OpenLive();
  Look(At(1, 6, 9));
  v1::ExtendStepRequest request;
  request.set_name(kQuarter);
  request.set_step(1);
  request.mutable_last_day()->set_year(2026);
  request.mutable_last_day()->set_month(1);
  request.mutable_last_day()->set_day(9);
  request.set_reason("平台检修");
  ASSERT_TRUE(world_.service
                  ->ExtendStep(world_.CallOf("ExtendStep", ROLE_SECRETARIAT, kSecretariat), request)
                  .ok());
  Look(At(1, 8, 9));
  EXPECT_THAT(Outcomes(), ElementsAre("1-before-2026010609 SENT", "1-before-2026010709 SENT"));
  Look(At(1, 9, 9));
  EXPECT_THAT(Outcomes(), ElementsAre("1-before-2026010609 SENT", "1-before-2026010709 SENT",
                                      "1-before-2026010909 SENT"));
}

// Three replicas look all the time while leases are taken over, conflicts are many, and the answers
// of COMMITs are lost; each reminder fires once and each person is told once of each.
TEST_F(NotificationTest, SeveralReplicasAndLostCommitsTellEachOnce) {
  OpenLive();
  world_.clock.now = At(1, 8, 9);
  world_.database.db().InjectFaults({.inject_retry_every = 3,
                                     .inject_ambiguous_commit_every = 5,
                                     .inject_ambiguous_nocommit_every = 7});
  std::vector<std::thread> replicas;
  for (int i = 0; i < 3; ++i) {
    replicas.emplace_back([this] {
      for (int look = 0; look < 12; ++look) {
        db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(),
                        absl::Minutes(2));
        if (!lease.Acquire().ok()) continue;
        (void)notifier_.Run(lease);
        (void)lease.Release();
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  world_.database.db().InjectFaults({});
  // A lease whose release was lost is another's once it has run out.
  world_.database.Apply("DELETE FROM lease WHERE name = 'cycle-notifier'");
  Look(At(1, 8, 9));
  EXPECT_THAT(Outcomes(),
              ElementsAre("1-before-2026010609 SUPERSEDED", "1-before-2026010809 SENT"));
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER UNREAD", "upc-office REMINDER UNREAD"));
  EXPECT_EQ(world_.Count("digest"), 2);
}

TEST_F(NotificationTest, AReplicaThatLostItsLeaseTellsNobody) {
  OpenLive();
  world_.clock.now = At(1, 6, 9);
  db::Lease stale(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
  ASSERT_TRUE(stale.Acquire().ok());
  world_.database.Apply("UPDATE lease SET owner = 'another', token = token + 1");
  EXPECT_TRUE(absl::IsFailedPrecondition(notifier_.Run(stale)));
  EXPECT_EQ(world_.Count("notification"), 0);
  EXPECT_EQ(world_.Count("reminder"), 0);
}

TEST_F(NotificationTest, OneDigestAPersonAndDayOfWhatIsStillToBeDone) {
  OpenLive();
  Look(At(1, 6, 9));
  const auto digests = [&](const std::string& id, const std::string& own) {
    const auto page = service_.ListDigests(As(id, ROLE_RESEARCH_OFFICE, own, "ListDigests"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    return std::vector<v1::Digest>(page->digests().begin(), page->digests().end());
  };
  ASSERT_THAT(digests("ouc-office", kOuc), SizeIs(1));
  EXPECT_EQ(digests("ouc-office", kOuc)[0].title(), "2026年1月6日待办事项1件");
  // What comes later on the same day waits for the next one.
  FollowContact(pairing::v1::CONTACT_STATE_AWAITING, "unanswered", At(1, 6, 10));
  Look(At(1, 6, 20));
  EXPECT_EQ(world_.Count("digest"), 3);
  Look(At(1, 6, 21));
  Look(At(1, 7, 8, 59));
  EXPECT_EQ(world_.Count("digest"), 3) << "not before the hour";
  Look(At(1, 8, 9));
  // Read or done, it is not brought up again.
  EXPECT_THAT(digests("ouc-office", kOuc), SizeIs(2));
  EXPECT_EQ(digests("ouc-office", kOuc)[0].items_size(), 1);
}

TEST_F(NotificationTest, WhatIsReadIsNotInTheDigest) {
  OpenLive();
  Look(At(1, 6, 9));
  world_.database.Apply("DELETE FROM digest; UPDATE notification SET digest = ''");
  v1::MarkNotificationsReadRequest request;
  request.set_request_id(World::Uuid());
  const auto marked = service_.MarkNotificationsRead(
      As("ouc-office", ROLE_RESEARCH_OFFICE, kOuc, "MarkNotificationsRead"), request);
  ASSERT_TRUE(marked.ok()) << marked.status();
  EXPECT_EQ(marked->marked_count(), 1);
  Look(At(1, 7, 9));
  EXPECT_THAT(testing::Texts(world_.database.db(), "SELECT account FROM digest"),
              ElementsAre("accounts/upc-office"));
}

TEST_F(NotificationTest, AnInboxIsItsOwnersAlone) {
  SignedUp("ouc-second", kOuc, {ROLE_RESEARCH_OFFICE});
  OpenLive();
  Look(At(1, 6, 9));
  const std::vector<v1::Notification> mine = Inbox("ouc-office", ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_THAT(mine, SizeIs(1));
  v1::MarkNotificationsReadRequest request;
  request.add_names(mine[0].name());
  request.set_request_id(World::Uuid());
  const auto by_colleague = service_.MarkNotificationsRead(
      As("ouc-second", ROLE_RESEARCH_OFFICE, kOuc, "MarkNotificationsRead"), request);
  ASSERT_TRUE(by_colleague.ok()) << by_colleague.status();
  EXPECT_EQ(by_colleague->marked_count(), 0);
  EXPECT_THAT(Inbox("ouc-second", ROLE_RESEARCH_OFFICE, kOuc), SizeIs(1));
  EXPECT_THAT(Inbox("stranger", ROLE_RESEARCH_OFFICE, kOuc), IsEmpty());
  v1::ListNotificationsRequest list;
  const auto page = service_.ListNotifications(
      As("ouc-office", ROLE_RESEARCH_OFFICE, kOuc, "ListNotifications"), list);
  EXPECT_EQ(page->unread_count(), 1);
}

TEST_F(NotificationTest, WhoIsInvitedIsAskedOnceAndToldIfItIsAnotherTimeOrNotAtAll) {
  OpenLive();
  world_.clock.now = At(1, 6, 9);
  EventService events(
      CycleDeps{{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()});
  const auto as = [](Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.EventService.", method));
  };
  v1::CreateEventRequest create;
  create.set_request_id(World::Uuid());
  create.set_parent(kQuarter);
  create.set_event_id("roadshow");
  create.mutable_event()->set_kind(v1::EVENT_KIND_MATCHMAKING);
  create.mutable_event()->set_title("供需对接会（演示）");
  create.mutable_event()->set_place("古镇口");
  *create.mutable_event()->mutable_start_time() = time::ToTimestamp(At(2, 8, 9));
  create.mutable_event()->add_organizations(kOuc);
  create.mutable_event()->add_organizations(World::Enterprise(0));
  const auto event = world_.service->CreateEvent(
      world_.CallOf("CreateEvent", ROLE_SECRETARIAT, kSecretariat), create);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER UNREAD", "ouc-office REMINDER UNREAD"));
  // Again is not twice; somebody new is told.
  v1::InviteOrganizationsRequest invite;
  invite.set_request_id(World::Uuid());
  invite.set_parent(event->name());
  invite.add_organizations(kOuc);
  invite.add_organizations(kUpc);
  const auto invited =
      events.InviteOrganizations(as(ROLE_SECRETARIAT, kSecretariat, "InviteOrganizations"), invite);
  ASSERT_TRUE(invited.ok()) << invited.status();
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER UNREAD", "ouc-office REMINDER UNREAD",
                                          "upc-office REMINDER UNREAD"));
  // Who has answered owes nothing.
  v1::DeclineInvitationRequest decline;
  decline.set_request_id(World::Uuid());
  decline.set_parent(event->name());
  decline.set_reason("当日另有安排");
  ASSERT_TRUE(
      events.DeclineInvitation(as(ROLE_RESEARCH_OFFICE, kOuc, "DeclineInvitation"), decline).ok());
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER UNREAD", "ouc-office REMINDER SETTLED",
                                          "upc-office REMINDER UNREAD"));
  // At another time, who has not answered is asked anew, who comes is told, who declined is not.
  v1::SignUpRequest sign_up;
  sign_up.set_parent(event->name());
  sign_up.set_people_count(1);
  sign_up.set_request_id(World::Uuid());
  ASSERT_TRUE(events.SignUp(as(ROLE_ENTERPRISE, World::Enterprise(0), "SignUp"), sign_up).ok());
  v1::PostponeEventRequest postpone;
  postpone.set_name(event->name());
  postpone.set_reason("场地检修");
  *postpone.mutable_start_time() = time::ToTimestamp(At(2, 12, 9));
  postpone.set_request_id(World::Uuid());
  const auto postponed =
      events.PostponeEvent(as(ROLE_SECRETARIAT, kSecretariat, "PostponeEvent"), postpone);
  ASSERT_TRUE(postponed.ok()) << postponed.status();
  EXPECT_THAT(All(),
              UnorderedElementsAre("company REMINDER SETTLED", "company NEWS UNREAD",
                                   "ouc-office REMINDER SETTLED", "upc-office REMINDER SETTLED",
                                   "upc-office REMINDER UNREAD"));
  v1::CancelEventRequest cancel;
  cancel.set_request_id(World::Uuid());
  cancel.set_name(event->name());
  cancel.set_reason("场地停电");
  ASSERT_TRUE(events.CancelEvent(as(ROLE_SECRETARIAT, kSecretariat, "CancelEvent"), cancel).ok());
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER SETTLED", "company NEWS UNREAD",
                                          "company NEWS UNREAD", "ouc-office REMINDER SETTLED",
                                          "upc-office REMINDER SETTLED",
                                          "upc-office REMINDER SETTLED", "upc-office NEWS UNREAD"));
}

TEST_F(NotificationTest, WithWhomAnEventIsHeldIsToldOfItAndOfItsEndOnce) {
  OpenLive();
  SignedUp("zone-desk", kZone, {options::v1::ROLE_UNIT});
  SignedUp("town-desk", kTown, {options::v1::ROLE_UNIT});
  world_.clock.now = At(1, 6, 9);
  v1::CreateEventRequest create;
  create.set_request_id(World::Uuid());
  create.set_parent(kQuarter);
  create.set_event_id("roadshow");
  create.mutable_event()->set_kind(v1::EVENT_KIND_ROADSHOW);
  create.mutable_event()->set_title("成果路演（演示）");
  create.mutable_event()->set_place("古镇口");
  *create.mutable_event()->mutable_start_time() = time::ToTimestamp(At(2, 9, 9));
  // The zone is on the list, too.
  create.mutable_event()->add_organizations(kZone);
  create.mutable_event()->add_co_hosts(kZone);
  create.mutable_event()->add_co_hosts(kTown);
  for (int i = 0; i < 2; ++i) {
    const auto event = world_.service->CreateEvent(
        world_.CallOf("CreateEvent", ROLE_SECRETARIAT, kSecretariat), create);
    ASSERT_TRUE(event.ok()) << event.status();
  }
  EXPECT_THAT(All(), UnorderedElementsAre("zone-desk REMINDER UNREAD", "zone-desk NEWS UNREAD",
                                          "town-desk NEWS UNREAD"));
  const auto inbox = Inbox("town-desk", options::v1::ROLE_UNIT, kTown);
  ASSERT_THAT(inbox, SizeIs(1));
  EXPECT_EQ(inbox[0].title(), "请会同举办“成果路演（演示）”");
  EXPECT_THAT(inbox[0].content(), HasSubstr("时间：2026年2月9日09:00；地点：古镇口。"));
  EventService events(Deps());
  v1::CancelEventRequest cancel;
  cancel.set_request_id(World::Uuid());
  cancel.set_name(absl::StrCat(kQuarter, "/events/roadshow"));
  cancel.set_reason("场地停电");
  ASSERT_TRUE(events
                  .CancelEvent(testing::CallAs(ROLE_SECRETARIAT, kSecretariat,
                                               "chanyan.cycle.v1.EventService.CancelEvent"),
                               cancel)
                  .ok());
  EXPECT_THAT(All(), UnorderedElementsAre("zone-desk REMINDER SETTLED", "zone-desk NEWS UNREAD",
                                          "zone-desk NEWS UNREAD", "town-desk NEWS UNREAD",
                                          "town-desk NEWS UNREAD"));
}

}  // namespace
}  // namespace chanyan::cycle
