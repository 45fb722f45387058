// Who is told what, exactly once (CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
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
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_service.h"
#include "services/cycle/notice_feed.h"
#include "services/cycle/notification_service.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/world.h"
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

constexpr char kQuarter[] = "cycles/2026q1";

absl::Time At(int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute), time::Shanghai());
}

class NotificationTest : public ::testing::Test {
 protected:
  NotificationTest() : notifier_(Deps()), service_(Deps()) {
    world_.clock.now = At(1, 4, 8);
    SignedUp("ouc-office", kOuc, {ROLE_RESEARCH_OFFICE});
    SignedUp("ouc-leader", kOuc, {ROLE_LEADER});
    SignedUp("upc-office", kUpc, {ROLE_RESEARCH_OFFICE});
    SignedUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
    SignedUp("company", World::Enterprise(0), {ROLE_ENTERPRISE});
  }

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }
  void SignedUp(const std::string& id, const std::string& organization,
                const std::vector<Role>& roles, bool disabled = false) {
    world_.SignUp(id, organization, roles, disabled);
  }
  // The live cycle of the first quarter of 2026: both universities report until 8 January.
  void OpenLive() {
    const auto opened = world_.OpenLive(kQuarter);
    ASSERT_TRUE(opened.ok()) << opened.status();
  }
  void Submit(const char* university, const std::vector<v1::Row>& rows) {
    const std::string form = absl::StrCat(kQuarter, "/forms/", api::IdOfName(university));
    v1::ImportFormRequest import;
    import.set_name(form);
    import.mutable_file()->set_data(World::Sheet(rows));
    import.set_request_id(World::Uuid());
    const auto imported = world_.service->ImportForm(
        world_.CallOf("ImportForm", ROLE_RESEARCH_OFFICE, university), import);
    ASSERT_TRUE(imported.ok()) << imported.status();
    v1::SubmitFormRequest submit;
    submit.set_name(form);
    submit.set_request_id(World::Uuid());
    const auto submitted = world_.service->SubmitForm(
        world_.CallOf("SubmitForm", ROLE_RESEARCH_OFFICE, university), submit);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
  }
  // One look of one replica.
  void Look(absl::Time now) {
    world_.clock.now = now;
    db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
    ASSERT_TRUE(lease.Acquire().ok());
    const absl::Status done = notifier_.Run(lease);
    EXPECT_TRUE(done.ok()) << done;
    ASSERT_TRUE(lease.Release().ok());
  }
  void FollowContact(pairing::v1::ContactState state, const char* kind, absl::Time time) {
    pairing::v1::Contact contact;
    contact.set_name("projects/p/contacts/c");
    contact.set_project_title("海洋装备联合研发（演示）");
    contact.set_respondent(World::Enterprise(0));
    contact.set_state(state);
    *contact.mutable_respond_by() = time::ToTimestamp(At(1, 5, 23, 59));
    Follow(contact, kind, time);
  }
  template <class T>
  static journal::v1::Entry EntryOf(const T& after, const char* kind, absl::Time time) {
    journal::v1::Entry entry;
    entry.set_event_id(World::Uuid());
    entry.set_type(T::descriptor()->full_name());
    entry.set_resource(after.name());
    entry.set_kind(kind);
    *entry.mutable_time() = time::ToTimestamp(time);
    entry.set_after_json(journal::CanonicalJson(after));
    return entry;
  }
  template <class T>
  void Follow(const T& after, const char* kind, absl::Time time) {
    const journal::v1::Entry entry = EntryOf(after, kind, time);
    const absl::Status followed = world_.database.db().Transact([&](db::Session& session) {
      return notifier_.FollowPeer(session, world_.clock.now, {&entry});
    });
    ASSERT_TRUE(followed.ok()) << followed;
  }
  std::vector<v1::Notification> Inbox(const std::string& id, Role role, const std::string& own,
                                      const std::string& filter = "") {
    v1::ListNotificationsRequest request;
    request.set_filter(filter);
    const auto page = service_.ListNotifications(As(id, role, own, "ListNotifications"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->notifications().begin(), page->notifications().end()};
  }
  rpc::Call As(const std::string& id, Role role, const std::string& own, const char* method) {
    rpc::Call call =
        testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.NotificationService.", method));
    call.principal.account = absl::StrCat("accounts/", id);
    return call;
  }
  // "account kind state" of all there are.
  std::vector<std::string> All() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) "
                          "FROM notification ORDER BY due_time, kind, account");
  }
  std::vector<std::string> Outcomes() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(name, 25), ' ', outcome) FROM reminder "
                          "WHERE step = 1 ORDER BY schedule_time");
  }

  World world_;
  Notifier notifier_;
  NotificationService service_;
};

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

TEST_F(NotificationTest, WhatPairingFindsDueIsToldOnceAndSettledByTheAnswer) {
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

TEST_F(NotificationTest, ABookingAsksItsOwnerAndRemindsWhoBooked) {
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
  *postpone.mutable_start_time() = time::ToTimestamp(At(2, 15, 9));
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

TEST_F(NotificationTest, TheEndOfADossierSettlesItsReturnAndIsNewsThatStays) {
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

TEST_F(NotificationTest, ADecidedObjectionIsSettledForTheOfficeAndNewsToWhoObjected) {
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

TEST_F(NotificationTest, ALiftedBarAndASignedSupplementAreNewsAndAskForNothing) {
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

TEST_F(NotificationTest, WhomAPageOfEntriesConcernsIsReadOnce) {
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

TEST_F(NotificationTest, AJournalIsReadInPagesAndEachEntryHasItsEffectOnce) {
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

TEST_F(NotificationTest, OldNewsOfAJournalReadForTheFirstTimeIsNoNews) {
  world_.clock.now = At(1, 20, 9);
  FollowContact(pairing::v1::CONTACT_STATE_AWAITING, "unanswered", At(1, 6, 8));
  EXPECT_THAT(All(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
