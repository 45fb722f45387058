// What becomes of pushes and of the market when a result is classified anew, and when recipients
// become part of others (TRI-4, REG-1), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "services/triage/push_life.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_SERVICE_TEAM;
using policy::v1::TRIAGE_CLASS_HORIZONTAL;
using policy::v1::TRIAGE_CLASS_TRANSFER;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kMerged[] = "organizations/merged-unit";

class RedispatchTest : public ::testing::Test, protected World {
 protected:
  explicit RedispatchTest(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack())
      : World(std::move(pack)) {}

  absl::Status Receive(const std::string& push, const std::string& by,
                       Role role = ROLE_SERVICE_TEAM) {
    return dispatch
        .ReceivePush(As(role, by, "DispatchService.ReceivePush"),
                     Named<v1::ReceivePushRequest>(push))
        .status();
  }
  absl::Status Answer(const std::string& push, const std::string& by) {
    auto request = Named<v1::AnswerPushRequest>(push);
    request.set_answer("已与企业对接");
    return dispatch.AnswerPush(As(ROLE_SERVICE_TEAM, by, "DispatchService.AnswerPush"), request)
        .status();
  }
  absl::Status Decline(const std::string& push, const std::string& by,
                       Role role = ROLE_SERVICE_TEAM) {
    auto request = Named<v1::DeclinePushRequest>(push);
    request.set_reason("不属本单位领域");
    return dispatch.DeclinePush(As(role, by, "DispatchService.DeclinePush"), request).status();
  }
  absl::StatusOr<v1::Push> Reroute(const std::string& push, const std::string& to) {
    auto request = Named<v1::ReroutePushRequest>(push);
    request.set_recipient(to);
    request.set_reason("改由其他单位办理");
    return dispatch.ReroutePush(As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.ReroutePush"),
                                request);
  }
  std::vector<v1::Push> Overdue() {
    const auto page = dispatch.ListOverduePushes(
        As(ROLE_DEPARTMENT, kOffice, "DispatchService.ListOverduePushes"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->pushes().begin(), page->pushes().end()};
  }
  int Listed() {
    const auto page =
        dispatch.ListListings(As(ROLE_PUBLIC, "", "DispatchService.ListListings"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->listings_size() : -1;
  }
  v1::Result Horizontally(const std::string& title) {
    v1::Result draft = Draft(title);
    draft.clear_conversion_modes();
    draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
    return Pushed(draft);
  }
  // `from` becomes part of `into`, as the registry's journal tells it.
  void Absorb(const std::string& from, const std::string& from_title, const std::string& into,
              const std::string& into_title) {
    registry::v1::Organization survivor;
    survivor.set_name(into);
    survivor.set_display_name(into_title);
    survivor.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
    auto* absorbed = survivor.add_absorbed();
    absorbed->set_organization(from);
    absorbed->set_display_name(from_title);
    journal::v1::Entry entry;
    entry.set_type(registry::v1::Organization::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(survivor));
    const absl::Status followed = database.db().Transact(
        [&](db::Session& session) { return follower.Follow(session, clock.now, entry); });
    ASSERT_TRUE(followed.ok()) << followed;
  }
};

TEST_F(RedispatchTest, WhatIsOfAnotherClassNowLeavesTheDesksOfTheOldOne) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  ASSERT_THAT(PushesOf(row.name()), SizeIs(6));
  ASSERT_EQ(Listed(), 1);
  const auto transfer = [&](const std::string& recipient) {
    return PushTo(row.name(), recipient, TRIAGE_CLASS_TRANSFER);
  };
  const std::string answering = "organizations/qd-agency-1";
  const std::string declining = "organizations/qd-agency-4";
  ASSERT_EQ(Receive(transfer(kHighTechAgency).name(), kHighTechAgency), absl::OkStatus());
  ASSERT_EQ(Receive(transfer(answering).name(), answering), absl::OkStatus());
  ASSERT_EQ(Answer(transfer(answering).name(), answering), absl::OkStatus());
  ASSERT_EQ(Decline(transfer(declining).name(), declining), absl::OkStatus());

  ASSERT_TRUE(Dispose(row.name(), {TRIAGE_CLASS_HORIZONTAL}, "单位改为合作开发").ok());
  ASSERT_TRUE(Dispatch(row.name()).ok());
  // Qingdao lists every class.
  EXPECT_EQ(Listed(), 1);
  EXPECT_EQ(transfer(answering).state(), v1::PUSH_STATE_ANSWERED);
  EXPECT_EQ(transfer(declining).state(), v1::PUSH_STATE_DECLINED);
  EXPECT_EQ(Count("push WHERE state = 'ENDED'"), 4);
  EXPECT_THAT(Texts("SELECT settle_note FROM push WHERE state = 'ENDED'"),
              Each(AllOf(HasSubstr("第2次"), HasSubstr("横向合作"))));
  EXPECT_EQ(Count("push WHERE state = 'ENDED' AND due_time IS NOT NULL"), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'end'"), 4);
  EXPECT_EQ(PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).state(),
            v1::PUSH_STATE_SENT);
  // Nobody is asked to go on with it: neither the desk that had it nor another in its place.
  EXPECT_EQ(status::ReasonOf(Answer(transfer(kHighTechAgency).name(), kHighTechAgency)),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Reroute(transfer(declining).name(), kLaoshan).status()),
            ERROR_REASON_WRONG_STATE);
  const int64_t entries = Count("journal");
  ASSERT_TRUE(Dispatch(row.name()).ok());
  EXPECT_EQ(Count("journal WHERE kind = 'end'"), 4);
  EXPECT_EQ(Count("push"), 7);
  EXPECT_GE(Count("journal"), entries);
  // What is late a quarter on is the new class's alone.
  Go(absl::CivilDay(2025, 7, 1));
  const std::vector<v1::Push> late = Overdue();
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(late[0].triage_class(), TRIAGE_CLASS_HORIZONTAL);
}

// A city that lists what is to be transferred and nothing else.
class OneClassListedTest : public RedispatchTest {
 protected:
  OneClassListedTest()
      : RedispatchTest(PackWith({{"    on_market: true\n    request: \"请与项目指南结合",
                                  "    request: \"请与项目指南结合"}})) {}
};

TEST_F(OneClassListedTest, WhatNoRouteListsAnyMoreIsTakenFromTheMarket) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  ASSERT_EQ(Listed(), 1);
  ASSERT_TRUE(Dispose(row.name(), {TRIAGE_CLASS_HORIZONTAL}, "单位改为合作开发").ok());
  const auto plan = Dispatch(row.name());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->on_market());
  EXPECT_EQ(Listed(), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'withdrawn'"), 1);
  ASSERT_TRUE(Dispatch(row.name()).ok());
  EXPECT_EQ(Count("journal WHERE kind = 'withdrawn'"), 1);
  ASSERT_TRUE(
      Dispose(row.name(), {TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_HORIZONTAL}, "两类并行").ok());
  ASSERT_TRUE(Dispatch(row.name()).ok());
  EXPECT_EQ(Listed(), 1);
}

TEST_F(RedispatchTest, AClassThatIsDecidedAgainGoesOnWithTheSamePushes) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  const std::string agency = PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER).name();
  ASSERT_EQ(Receive(agency, kHighTechAgency), absl::OkStatus());
  ASSERT_TRUE(Dispose(row.name(), {TRIAGE_CLASS_HORIZONTAL}, "单位改为合作开发").ok());
  ASSERT_TRUE(Dispatch(row.name()).ok());
  Go(absl::CivilDay(2025, 7, 1));
  ASSERT_TRUE(Dispose(row.name(), {TRIAGE_CLASS_TRANSFER}, "单位仍拟许可").ok());
  ASSERT_TRUE(Dispatch(row.name()).ok());
  EXPECT_EQ(Count("push"), 7);
  EXPECT_EQ(Count("push WHERE triage_class = 'TRANSFER' AND state = 'SENT'"), 6);
  EXPECT_EQ(Count("push WHERE triage_class = 'HORIZONTAL' AND state = 'ENDED'"), 1);
  EXPECT_EQ(Listed(), 1);
  // Its time begins anew, and what was counted before stays on the record.
  EXPECT_THAT(Overdue(), IsEmpty());
  const v1::Push again = PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER);
  EXPECT_EQ(again.name(), agency);
  EXPECT_EQ(again.settle_note(), "");
  ASSERT_EQ(again.clock_size(), 4);
  EXPECT_EQ(again.clock(3).kind(), v1::CLOCK_EVENT_KIND_START);
  EXPECT_TRUE(again.has_due_time());
  EXPECT_EQ(Receive(agency, kHighTechAgency), absl::OkStatus());
}

TEST_F(RedispatchTest, APushThatItsSuccessorHasAlreadyEndsAndSaysWhereItGoesOn) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  const std::string answered = Pushed(Draft("海水淡化泵")).name();
  const std::string done = PushTo(answered, kMarineAgency, TRIAGE_CLASS_TRANSFER).name();
  ASSERT_EQ(Receive(done, kMarineAgency), absl::OkStatus());
  ASSERT_EQ(Answer(done, kMarineAgency), absl::OkStatus());
  const std::string twin = PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER).name();
  Absorb(kMarineAgency, "第三专班服务机构", kHighTechAgency, "第二专班服务机构");
  const v1::Push ended = PushTo(row.name(), kMarineAgency, TRIAGE_CLASS_TRANSFER);
  EXPECT_EQ(ended.state(), v1::PUSH_STATE_ENDED);
  EXPECT_FALSE(ended.has_due_time());
  EXPECT_THAT(ended.settle_note(), AllOf(HasSubstr("第二专班服务机构"), HasSubstr(twin)));
  EXPECT_EQ(PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER).state(),
            v1::PUSH_STATE_SENT);
  // What was done with it before stays as it was.
  EXPECT_EQ(PushTo(answered, kMarineAgency, TRIAGE_CLASS_TRANSFER).state(),
            v1::PUSH_STATE_ANSWERED);
  Go(absl::CivilDay(2025, 7, 1));
  for (const v1::Push& push : Overdue()) EXPECT_NE(push.recipient(), kMarineAgency);
  // Dispatched again nothing comes of it.
  ASSERT_TRUE(Dispatch(row.name(), kHighTechAgency).ok());
  EXPECT_THAT(PushesOf(row.name()), SizeIs(6));
  EXPECT_EQ(PushTo(row.name(), kMarineAgency, TRIAGE_CLASS_TRANSFER).state(), v1::PUSH_STATE_ENDED);
}

TEST_F(RedispatchTest, NewPushesGoToWhoGoesOn) {
  // An agency that is part of another has none of its own; a department outside the pack has its
  // predecessor's.
  Absorb(kMarineAgency, "第三专班服务机构", kHighTechAgency, "第二专班服务机构");
  Absorb(kMarineDepartment, "海洋科技处", kMerged, "海洋与高新处（演示）");
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string name = made->name();
  ASSERT_TRUE(Publish(name, kOffice).ok());
  ASSERT_TRUE(
      Dispose(name, {TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_HORIZONTAL}, "两类并行", kOffice).ok());
  v1::PreviewDispatchRequest preview;
  preview.set_name(name);
  const auto plan = dispatch.PreviewDispatch(
      As(ROLE_DEPARTMENT, kOffice, "DispatchService.PreviewDispatch"), preview);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->recipients_size(), 5 + 1);
  ASSERT_TRUE(Dispatch(name, kOffice).ok());
  EXPECT_THAT(PushesOf(name), SizeIs(5 + 1));
  EXPECT_EQ(Count("push WHERE recipient = 'organizations/qd-agency-3'"), 0);
  EXPECT_EQ(Count("push WHERE recipient = 'organizations/qdst-hy'"), 0);
  const v1::Push push = PushTo(name, kMerged, TRIAGE_CLASS_HORIZONTAL);
  EXPECT_EQ(push.recipient_title(), "海洋与高新处（演示）");
  EXPECT_EQ(Receive(push.name(), kMerged, ROLE_DEPARTMENT), absl::OkStatus());
}

TEST_F(RedispatchTest, APushThatWasHandedOnIsNotSentAgain) {
  const v1::Result row = Horizontally("海水淡化膜");
  const std::string push = PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  Absorb(kMarineDepartment, "海洋科技处", kMerged, "海洋与高新处（演示）");
  EXPECT_EQ(PushTo(row.name(), kMerged, TRIAGE_CLASS_HORIZONTAL).name(), push);
  const auto again = Dispatch(row.name());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(PushesOf(row.name()), SizeIs(1));
}

TEST_F(RedispatchTest, ReroutedToAUnitThatIsNoMoreItGoesToItsSuccessor) {
  const v1::Result row = Horizontally("海水淡化膜");
  const std::string push = PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  Absorb(kHighTechDepartment, "高新技术处", kMerged, "海洋与高新处（演示）");
  ASSERT_EQ(Decline(push, kMarineDepartment, ROLE_DEPARTMENT), absl::OkStatus());
  const auto next = Reroute(push, kHighTechDepartment);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->recipient(), kMerged);
  EXPECT_EQ(next->recipient_title(), "海洋与高新处（演示）");
  EXPECT_THAT(Texts(absl::StrCat("SELECT settle_note FROM push WHERE name = '", push, "'")),
              ElementsAre(HasSubstr("海洋与高新处（演示）")));
  EXPECT_EQ(Receive(next->name(), kMerged, ROLE_DEPARTMENT), absl::OkStatus());
}

}  // namespace
}  // namespace chanyan::triage
