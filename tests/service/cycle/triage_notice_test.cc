// What triage's journal says waits for somebody is in the inbox, in the digest and on the way to
// the office system, until it is done (CYC-9, TRI-4, TRI-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/lease.h"
#include "common/journal/journal.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/notification_service.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

constexpr char kAgency[] = "organizations/agency";
constexpr char kDistrict[] = "organizations/district";

absl::Time OnJanuary(int day, int hour) {
  return absl::FromCivil(absl::CivilSecond(2026, 1, day, hour), time::Shanghai());
}

class TriageNoticeTest : public ::testing::Test {
 protected:
  TriageNoticeTest() : notifier_(Deps()), service_(Deps()) {
    world_.clock.now = OnJanuary(6, 8);
    world_.SignUp("team", kAgency, {options::v1::ROLE_SERVICE_TEAM});
    world_.SignUp("broker", kAgency, {options::v1::ROLE_BROKER});
    world_.SignUp("clerk", kAgency, {options::v1::ROLE_ENTERPRISE});
    world_.SignUp("district", kDistrict, {options::v1::ROLE_UNIT});
  }

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }

  // One change, as the journal tells of it; the row becomes what it is after it.
  template <class T>
  void Happens(const char* kind, T* row, const T& after) {
    journal::v1::Entry entry;
    entry.set_event_id(World::Uuid());
    entry.set_type(T::descriptor()->full_name());
    entry.set_resource(after.name());
    entry.set_kind(kind);
    *entry.mutable_time() = time::ToTimestamp(world_.clock.now);
    if (!row->name().empty()) entry.set_before_json(journal::CanonicalJson(*row));
    entry.set_after_json(journal::CanonicalJson(after));
    *row = after;
    page_.push_back(std::move(entry));
  }
  // What has happened is read, in one page.
  void Follow() {
    std::vector<const journal::v1::Entry*> entries;
    for (const journal::v1::Entry& entry : page_) {
      if (ConcernsNotices(entry)) entries.push_back(&entry);
    }
    const absl::Status followed = world_.database.db().Transact([&](db::Session& session) {
      return notifier_.FollowPeer(session, world_.clock.now, entries);
    });
    EXPECT_TRUE(followed.ok()) << followed;
    page_.clear();
  }
  // "account kind state" of all there are.
  std::vector<std::string> All() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) "
                          "FROM notification ORDER BY account, kind, state");
  }
  rpc::Call AsTeam(const char* method) {
    rpc::Call call = testing::CallAs(options::v1::ROLE_SERVICE_TEAM, kAgency,
                                     absl::StrCat("chanyan.cycle.v1.NotificationService.", method));
    call.principal.account = "accounts/team";
    return call;
  }

  World world_;
  Notifier notifier_;
  NotificationService service_;
  std::vector<journal::v1::Entry> page_;
};

triage::v1::Push SentPush() {
  triage::v1::Push push;
  push.set_name("results/r/pushes/p");
  push.set_result_title("海水淡化膜（演示）");
  push.set_recipient(kAgency);
  push.set_holder(kDistrict);
  push.set_state(triage::v1::PUSH_STATE_SENT);
  *push.mutable_due_time() = time::ToTimestamp(OnJanuary(8, 23));
  return push;
}

TEST_F(TriageNoticeTest, APushIsInItsRecipientsInboxAndDigestUntilItIsReceived) {
  triage::v1::Push push;
  Happens("sent", &push, SentPush());
  Follow();
  EXPECT_THAT(All(), ::testing::ElementsAre("broker REMINDER UNREAD", "team REMINDER UNREAD"));
  const auto inbox = service_.ListNotifications(AsTeam("ListNotifications"), {});
  ASSERT_TRUE(inbox.ok()) << inbox.status();
  ASSERT_EQ(inbox->notifications_size(), 1);
  EXPECT_EQ(inbox->notifications(0).title(), "成果“海水淡化膜（演示）”已推送至贵单位，待签收");
  EXPECT_EQ(inbox->notifications(0).subject(), push.name());
  EXPECT_EQ(time::ToTime(inbox->notifications(0).due_time()), OnJanuary(8, 23));
  world_.clock.now = OnJanuary(6, 9);
  db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
  ASSERT_TRUE(lease.Acquire().ok());
  const absl::Status looked = notifier_.Run(lease);
  EXPECT_TRUE(looked.ok()) << looked;
  const auto digests = service_.ListDigests(AsTeam("ListDigests"), {});
  ASSERT_TRUE(digests.ok()) << digests.status();
  ASSERT_EQ(digests->digests_size(), 1);
  EXPECT_EQ(digests->digests(0).items_size(), 1);

  triage::v1::Push received = push;
  received.set_state(triage::v1::PUSH_STATE_RECEIVED);
  Happens("receive", &push, received);
  Follow();
  EXPECT_THAT(All(), ::testing::ElementsAre("broker REMINDER SETTLED", "team REMINDER SETTLED"));
}

TEST_F(TriageNoticeTest, ADeclinedPushComesBackToWhoServesTheResultInTheSamePageOrLater) {
  triage::v1::Push push;
  Happens("sent", &push, SentPush());
  triage::v1::Push declined = push;
  declined.set_state(triage::v1::PUSH_STATE_DECLINED);
  Happens("decline", &push, declined);
  Follow();
  world_.SignUp("district", kDistrict, {options::v1::ROLE_DEPARTMENT});
  EXPECT_THAT(All(), ::testing::ElementsAre("broker REMINDER SETTLED", "team REMINDER SETTLED"))
      << "a unit does not serve results";
  triage::v1::Push again = SentPush();
  again.set_name("results/r/pushes/q");
  triage::v1::Push other;
  Happens("sent", &other, again);
  Follow();
  again.set_state(triage::v1::PUSH_STATE_DECLINED);
  Happens("decline", &other, again);
  Follow();
  EXPECT_THAT(All(),
              ::testing::UnorderedElementsAre("broker REMINDER SETTLED", "broker REMINDER SETTLED",
                                              "team REMINDER SETTLED", "team REMINDER SETTLED",
                                              "district REMINDER UNREAD"));
}

TEST_F(TriageNoticeTest, ABatchOfOffersIsOneReminder) {
  std::vector<triage::v1::Handover> offers(3);
  for (int i = 0; i < 3; ++i) {
    triage::v1::Handover offer;
    offer.set_name(absl::StrCat("results/r", i, "/handovers/h"));
    offer.set_to_holder(kAgency);
    offer.set_batch("b1");
    offer.set_state(triage::v1::HANDOVER_STATE_OFFERED);
    Happens("offered", &offers[i], offer);
  }
  Follow();
  EXPECT_THAT(All(), ::testing::ElementsAre("broker REMINDER UNREAD", "team REMINDER UNREAD"));
  for (triage::v1::Handover& offer : offers) {
    triage::v1::Handover accepted = offer;
    accepted.set_state(triage::v1::HANDOVER_STATE_ACCEPTED);
    Happens("accept", &offer, accepted);
  }
  Follow();
  EXPECT_THAT(All(), ::testing::ElementsAre("broker REMINDER SETTLED", "team REMINDER SETTLED"));
}

TEST_F(TriageNoticeTest, AnAlertIsSettledOnceSomebodyActsOnItsResult) {
  triage::v1::IdleAlert alert;
  triage::v1::IdleAlert raised;
  raised.set_name("results/r/idleAlerts/a");
  raised.set_department(kDistrict);
  raised.set_holder(kAgency);
  raised.set_told_role(options::v1::ROLE_UNIT);
  Happens("raised", &alert, raised);
  triage::v1::Result result;
  triage::v1::Result idle;
  idle.set_name("results/r");
  idle.set_state(triage::v1::RESULT_STATE_PUBLISHED);
  idle.add_rungs("department");
  Happens("escalated", &result, idle);
  Follow();
  EXPECT_THAT(All(), ::testing::ElementsAre("broker REMINDER UNREAD", "district ESCALATION UNREAD",
                                            "team REMINDER UNREAD"));
  idle.clear_rungs();
  Happens("followed up", &result, idle);
  Follow();
  EXPECT_THAT(All(),
              ::testing::ElementsAre("broker REMINDER SETTLED", "district ESCALATION SETTLED",
                                     "team REMINDER SETTLED"));
}

}  // namespace
}  // namespace chanyan::cycle
