// What concerns one person alone, and what is settled for one of several who were told: inbox,
// digest and webhooks (CYC-9, CON-4, TRI-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/db/lease.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/notification_service.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kReviewBureau[] = "organizations/bureau";
constexpr char kEmployer[] = "organizations/employer";

class PrivateNoticeTest : public ::testing::Test {
 protected:
  PrivateNoticeTest() : notifier_(Deps()), service_(Deps()) {
    world_.clock.now = absl::FromCivil(absl::CivilSecond(2026, 1, 6, 8), time::Shanghai());
    world_.SignUp("office", kReviewBureau, {options::v1::ROLE_DEPARTMENT});
    world_.SignUp("expert", kEmployer, {options::v1::ROLE_EXPERT});
    world_.SignUp("other", kEmployer, {options::v1::ROLE_EXPERT});
    world_.SignUp("research", kEmployer, {options::v1::ROLE_RESEARCH_OFFICE});
    // The employer, which may be an applicant, has what it is told sent to its own system.
    for (const char* organization : {kReviewBureau, kEmployer}) {
      world_.database.Apply(absl::StrCat(
          "INSERT INTO webhook_endpoint (name, organization, url, events, disabled, "
          "secret_generation, create_time, update_time, version) VALUES ('webhookEndpoints/",
          organization + 14, "', '", organization,
          "', 'https://example.invalid/', '[\"NOTIFICATION\",\"DIGEST\"]', 0, 1, NOW(6), NOW(6), "
          "1)"));
    }
  }

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }
  template <class T>
  void Happens(const char* kind, const T& before, const T& after) {
    journal::v1::Entry entry;
    entry.set_event_id(World::Uuid());
    entry.set_type(T::descriptor()->full_name());
    entry.set_resource(after.name());
    entry.set_kind(kind);
    *entry.mutable_time() = time::ToTimestamp(world_.clock.now);
    if (!before.name().empty()) entry.set_before_json(journal::CanonicalJson(before));
    entry.set_after_json(journal::CanonicalJson(after));
    const absl::Status followed = world_.database.db().Transact([&](db::Session& session) {
      const std::vector<const journal::v1::Entry*> page = {&entry};
      return notifier_.FollowPeer(session, world_.clock.now, page);
    });
    EXPECT_TRUE(followed.ok()) << followed;
  }
  std::vector<std::string> Texts(const std::string& sql) {
    return testing::Texts(world_.database.db(), sql);
  }
  std::vector<std::string> All() {
    return Texts(
        "SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) FROM notification "
        "ORDER BY account, kind, state");
  }
  int Inbox(const char* account, options::v1::Role role, const char* organization) {
    rpc::Call call = testing::CallAs(role, organization,
                                     "chanyan.cycle.v1.NotificationService.ListNotifications");
    call.principal.account = absl::StrCat("accounts/", account);
    const auto inbox = service_.ListNotifications(call, {});
    EXPECT_TRUE(inbox.ok()) << inbox.status();
    return inbox.ok() ? inbox->notifications_size() : -1;
  }

  World world_;
  Notifier notifier_;
  NotificationService service_;
};

TEST_F(PrivateNoticeTest, AStruckOutScoreIsInNobodysInboxButTheOfficesAndTheExperts) {
  consortium::v1::ReviewAssignment before;
  before.set_name("consortia/a/panels/p/assignments/s");
  before.set_consortium_title("水下传感联合体");
  before.set_person("专家甲");
  before.set_account("accounts/expert");
  before.set_employer(kEmployer);
  before.set_office(kReviewBureau);
  before.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED);
  consortium::v1::ReviewAssignment after = before;
  after.set_state(consortium::v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  after.set_reason("复核发现利益关系");
  Happens("remove", before, after);
  EXPECT_THAT(All(), ElementsAre("expert NEWS UNREAD", "office NEWS UNREAD"));
  EXPECT_EQ(Inbox("expert", options::v1::ROLE_EXPERT, kEmployer), 1);
  EXPECT_EQ(Inbox("other", options::v1::ROLE_EXPERT, kEmployer), 0);
  EXPECT_EQ(Inbox("research", options::v1::ROLE_RESEARCH_OFFICE, kEmployer), 0);
  // Not by the way of the organization's own system either, at once or with the digest.
  EXPECT_THAT(Texts("SELECT organization FROM webhook_delivery"), ElementsAre(kReviewBureau));
  world_.clock.now += absl::Hours(2);
  db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
  ASSERT_TRUE(lease.Acquire().ok());
  const absl::Status looked = notifier_.Run(lease);
  EXPECT_TRUE(looked.ok()) << looked;
  EXPECT_THAT(Texts("SELECT account FROM digest"), ElementsAre("accounts/office"));
  EXPECT_THAT(Texts("SELECT DISTINCT organization FROM webhook_delivery"),
              ElementsAre(kReviewBureau));
}

TEST_F(PrivateNoticeTest, WhatOneOwnerOfAMeetingHasDoneIsSettledForThatOneAlone) {
  world_.SignUp("district", "organizations/district", {options::v1::ROLE_UNIT});
  triage::v1::WorkMeeting row;
  row.set_name("workMeetings/m");
  row.set_title("调度会");
  for (const char* owner : {kReviewBureau, "organizations/district"}) {
    triage::v1::WorkMeetingItem* item = row.add_items();
    item->set_task("落实场地");
    item->set_owner(owner);
    *item->mutable_due_date() = time::ToProto(absl::CivilDay(2026, 1, 20));
  }
  Happens("created", triage::v1::WorkMeeting(), row);
  EXPECT_THAT(All(), ElementsAre("district REMINDER UNREAD", "office REMINDER UNREAD"));
  triage::v1::WorkMeeting done = row;
  *done.mutable_items(1)->mutable_done_date() = time::ToProto(absl::CivilDay(2026, 1, 7));
  Happens("item done", row, done);
  EXPECT_THAT(All(), ElementsAre("district REMINDER SETTLED", "office REMINDER UNREAD"));
  triage::v1::WorkMeeting late = done;
  late.mutable_items(0)->set_overdue(true);
  Happens("reminded", done, late);
  EXPECT_THAT(All(), ElementsAre("district REMINDER SETTLED", "office OVERDUE UNREAD",
                                 "office REMINDER SETTLED"));
}

}  // namespace
}  // namespace chanyan::cycle
