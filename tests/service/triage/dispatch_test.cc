// Disposition and dispatch (TRI-3, TRI-4) on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/parties.h"
#include "services/triage/push_life.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using policy::v1::TRIAGE_CLASS_FINANCING;
using policy::v1::TRIAGE_CLASS_HORIZONTAL;
using policy::v1::TRIAGE_CLASS_SPINOUT;
using policy::v1::TRIAGE_CLASS_TRANSFER;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TriageDispositionTest : public ::testing::Test, protected World {
 protected:
  std::string Published(v1::Result draft) {
    const auto made = Create(draft);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(Publish(made->name()).ok());
    return made->name();
  }
  void Change(const std::string& name, v1::Result update, const char* path) {
    update.set_name(name);
    v1::UpdateResultRequest request;
    *request.mutable_result() = update;
    request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    const auto done = results.UpdateResult(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.UpdateResult"), request);
    ASSERT_TRUE(done.ok()) << done.status();
  }
};

TEST_F(TriageDispositionTest, ConfirmedAsTheRulesSayOrDecidedOtherwiseWithAReason) {
  const std::string name = Published(Draft("海水淡化膜"));
  v1::PreviewDispositionRequest preview;
  preview.set_name(name);
  const auto proposed = dispositions.PreviewDisposition(
      As(ROLE_RESEARCH_OFFICE, kOuc, "DispositionService.PreviewDisposition"), preview);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_THAT(proposed->classes(), ElementsAre(TRIAGE_CLASS_TRANSFER));
  EXPECT_EQ(Count("disposition"), 0);

  EXPECT_FALSE(Dispose(name, {TRIAGE_CLASS_HORIZONTAL}).ok());
  EXPECT_FALSE(Dispose(name, {TRIAGE_CLASS_FINANCING}, "只看融资").ok());
  const auto confirmed = Dispose(name);
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->name(), absl::StrCat(name, "/dispositions/1"));
  EXPECT_FALSE(confirmed->overridden());
  EXPECT_GT(confirmed->verdicts().verdicts_size(), 10);

  const auto other =
      Dispose(name, {TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_HORIZONTAL}, "学校同意先合作后许可");
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE(other->overridden());
  EXPECT_THAT(other->proposed(), ElementsAre(TRIAGE_CLASS_TRANSFER));
  EXPECT_THAT(Stored(name).classes(), ElementsAre(TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_HORIZONTAL));
  EXPECT_EQ(Stored(name).funnel_stage(), v1::FUNNEL_STAGE_CLASSIFIED);
  EXPECT_THAT(Texts("SELECT superseded FROM disposition ORDER BY number"), ElementsAre("1", "0"));
}

TEST_F(TriageDispositionTest, ChangedFactsAskForANewDecisionAndTheOldOneStays) {
  const std::string name = Published(Draft("海水淡化膜"));
  ASSERT_TRUE(Dispose(name).ok());
  v1::Result update;
  update.set_benefits("年节水百万吨");
  Change(name, update, "benefits");
  EXPECT_FALSE(Stored(name).disposition_stale());
  update.set_financing_yuan(3'000'000);
  Change(name, update, "financing_yuan");
  EXPECT_TRUE(Stored(name).disposition_stale());
  EXPECT_EQ(status::ReasonOf(Dispatch(name).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Dispose(name).ok());
  EXPECT_FALSE(Stored(name).disposition_stale());
  EXPECT_THAT(Stored(name).classes(), ElementsAre(TRIAGE_CLASS_TRANSFER, TRIAGE_CLASS_FINANCING));
  EXPECT_EQ(Count("disposition"), 2);
}

TEST_F(TriageDispositionTest, WhereTheRulesDoNotSayAPersonMust) {
  v1::Result draft = Draft("权属有争议的成果");
  draft.clear_conversion_modes();
  draft.set_stage(v1::STAGE_MATURE);
  draft.set_ownership_disputed(true);
  v1::Right* right = draft.add_rights();
  right->set_kind(v1::RIGHT_KIND_INVENTION);
  right->set_number("ZL1");
  right->set_status(v1::RIGHT_STATUS_GRANTED);
  const std::string name = Published(draft);
  const absl::Status undecided = Dispose(name).status();
  EXPECT_THAT(status::ViolationsOf(undecided).at(0).description, HasSubstr("人工选定"));
  EXPECT_TRUE(Dispose(name, {TRIAGE_CLASS_HORIZONTAL}, "争议不妨碍合作").ok());
}

class DispatchTest : public TriageDispositionTest {
 protected:
  template <class Request>
  absl::StatusOr<v1::Push> By(const std::string& organization, const char* method,
                              absl::StatusOr<v1::Push> (DispatchService::*handler)(const rpc::Call&,
                                                                                   const Request&),
                              const Request& request, Role role = ROLE_SERVICE_TEAM) {
    return (dispatch.*handler)(As(role, organization, absl::StrCat("DispatchService.", method)),
                               request);
  }
  // Each verb by the recipient.
  absl::StatusOr<v1::Push> Do(const std::string& verb, const std::string& push,
                              const std::string& organization, Role role = ROLE_SERVICE_TEAM) {
    if (verb == "receive") {
      return By(organization, "ReceivePush", &DispatchService::ReceivePush,
                Named<v1::ReceivePushRequest>(push), role);
    }
    if (verb == "accept") {
      return By(organization, "AcceptPush", &DispatchService::AcceptPush,
                Named<v1::AcceptPushRequest>(push), role);
    }
    if (verb == "decline") {
      auto request = Named<v1::DeclinePushRequest>(push);
      request.set_reason("不属本机构领域");
      return By(organization, "DeclinePush", &DispatchService::DeclinePush, request, role);
    }
    auto request = Named<v1::AnswerPushRequest>(push);
    request.set_answer("已列入项目指南");
    return By(organization, "AnswerPush", &DispatchService::AnswerPush, request, role);
  }
  absl::StatusOr<v1::Push> Pause(const std::string& push, const std::string& organization,
                                 const char* reason = "waiting-university") {
    auto request = Named<v1::PausePushRequest>(push);
    request.set_pause_reason(reason);
    return By(organization, "PausePush", &DispatchService::PausePush, request);
  }
  absl::StatusOr<v1::Push> Extend(const std::string& push, const std::string& organization,
                                  int workdays) {
    auto request = Named<v1::ExtendPushRequest>(push);
    request.set_workdays(workdays);
    request.set_reason("需实地考察");
    return By(organization, "ExtendPush", &DispatchService::ExtendPush, request);
  }
  v1::ClockReading Clock(const std::string& push, absl::Time as_of) {
    v1::ReadPushClockRequest request;
    request.set_name(push);
    api::SetTime(as_of, request.mutable_as_of());
    const auto reading = dispatch.ReadPushClock(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.ReadPushClock"), request);
    EXPECT_TRUE(reading.ok()) << reading.status();
    return reading.ok() ? *reading : v1::ClockReading();
  }
  std::vector<std::string> Overdue(const std::string& organization) {
    const auto page = dispatch.ListOverduePushes(
        As(ROLE_SERVICE_TEAM, organization, "DispatchService.ListOverduePushes"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> names;
    for (const v1::Push& push : page->pushes()) names.push_back(push.name());
    return names;
  }
  // A horizontal, marine one: one push, to the marine department.
  v1::Result Horizontal(const std::string& title) {
    v1::Result draft = Draft(title);
    draft.clear_conversion_modes();
    draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
    return Pushed(draft);
  }
  static std::string DueDay(const google::protobuf::Timestamp& due) {
    return time::FormatDate(time::DayOf(TimeIn(due)));
  }
};

TEST_F(DispatchTest, OnePushForEachRecipientAndClassAndNeverTwice) {
  v1::Result draft = Draft("海水淡化膜");
  draft.add_conversion_modes(v1::CONVERSION_MODE_SPINOUT);
  draft.set_financing_yuan(1);
  draft.set_settle_place("黄岛区");
  const v1::Result row = Pushed(draft);
  EXPECT_THAT(PushesOf(row.name()), SizeIs(6 + 2 + 2));
  EXPECT_EQ(row.funnel_stage(), v1::FUNNEL_STAGE_PUSHED);
  EXPECT_THAT(row.recipients(), Contains(kHuangdao));
  EXPECT_THAT(row.recipients(), Not(Contains(kLaoshan)));
  // Again, and of eight at once.
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto again = Dispatch(row.name());
      EXPECT_TRUE(again.ok()) << again.status();
      done += again.ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 8);
  EXPECT_THAT(PushesOf(row.name()), SizeIs(10));
  EXPECT_EQ(Count("journal WHERE kind = 'sent'"), 10);
}

TEST_F(DispatchTest, ARecipientSeesWhatWasPushedToItAndNoOther) {
  v1::Result draft = Draft("海水淡化膜");
  draft.clear_conversion_modes();
  draft.add_conversion_modes(v1::CONVERSION_MODE_SPINOUT);
  draft.set_settle_place("黄岛区");
  const v1::Result row = Pushed(draft);
  EXPECT_TRUE(See(row.name(), ROLE_UNIT, kHuangdao).ok());
  EXPECT_TRUE(absl::IsNotFound(See(row.name(), ROLE_UNIT, kLaoshan).status()));
  const v1::Push push = PushTo(row.name(), kHuangdao, TRIAGE_CLASS_SPINOUT);
  EXPECT_TRUE(absl::IsNotFound(Do("receive", push.name(), kLaoshan, ROLE_UNIT).status()));
  // The owner does not act in the recipient's place.
  EXPECT_TRUE(absl::IsPermissionDenied(Do("receive", push.name(), kMarineAgency).status()));
  EXPECT_TRUE(Do("receive", push.name(), kHuangdao, ROLE_UNIT).ok());
}

TEST_F(DispatchTest, WhatIsLackingIsNamedAndNothingIsPushed) {
  v1::Result draft = Draft("海水淡化膜");
  draft.add_conversion_modes(v1::CONVERSION_MODE_SPINOUT);
  const std::string name = Published(draft);
  EXPECT_FALSE(Dispatch(name).ok());
  ASSERT_TRUE(Dispose(name).ok());
  const absl::Status refused = Dispatch(name).status();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("拟落地区（市）"));
  EXPECT_THAT(PushesOf(name), IsEmpty());
  EXPECT_EQ(Count("listing"), 0);
}

TEST_F(DispatchTest, EveryStateAndVerbOfAPush) {
  const std::vector<std::string> verbs = {"receive", "accept", "decline", "answer"};
  const std::vector<std::vector<std::string>> ways = {
      {}, {"receive"}, {"accept"}, {"decline"}, {"receive", "answer"}};
  int number = 0;
  for (const auto& way : ways) {
    for (const std::string& verb : verbs) {
      const v1::Result row = Horizontal(absl::StrCat("成果", ++number));
      const std::string push =
          PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
      v1::PushState state = v1::PUSH_STATE_SENT;
      for (const std::string& step : way) {
        const auto done = Do(step, push, kMarineDepartment, ROLE_DEPARTMENT);
        ASSERT_TRUE(done.ok()) << step << " " << done.status();
        state = done->state();
      }
      const auto expected = policy::Next(PushLife(), state, verb);
      const auto done = Do(verb, push, kMarineDepartment, ROLE_DEPARTMENT);
      EXPECT_EQ(done.ok(), expected.ok()) << verb << " from " << state << " " << done.status();
      if (done.ok()) {
        EXPECT_EQ(done->state(), *expected);
      } else {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE);
      }
    }
  }
}

TEST_F(DispatchTest, TheClockCountsWorkdaysStandsStillAndSaysWhatItSaid) {
  const v1::Result row = Horizontal("海水淡化膜");
  const std::string push = PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  EXPECT_EQ(DueDay(PushesOf(row.name())[0].due_time()), "2025-04-03");
  Go(absl::CivilDay(2025, 4, 2));
  const auto received = Do("receive", push, kMarineDepartment, ROLE_DEPARTMENT);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(DueDay(received->due_time()), "2025-04-17");
  EXPECT_FALSE(received->late());
  Go(absl::CivilDay(2025, 4, 8));
  const auto paused = Pause(push, kMarineDepartment);
  ASSERT_TRUE(paused.ok()) << paused.status();
  EXPECT_THAT(paused->actions(), Contains("resume"));
  EXPECT_EQ(status::ReasonOf(Pause(push, kMarineDepartment).status()), ERROR_REASON_WRONG_STATE);
  Go(absl::CivilDay(2025, 4, 10));
  const auto resumed = By(kMarineDepartment, "ResumePush", &DispatchService::ResumePush,
                          Named<v1::ResumePushRequest>(push));
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(DueDay(resumed->due_time()), "2025-04-21");
  const auto extended = Extend(push, kMarineAgency, 5);
  ASSERT_TRUE(extended.ok()) << extended.status();
  // The 27th is a Sunday on which people work.
  EXPECT_EQ(DueDay(extended->due_time()), "2025-04-27");
  // At any past moment it says what it said then.
  const auto at = [](int month, int day) {
    return time::StartOfDay(absl::CivilDay(2025, month, day)) + absl::Hours(18);
  };
  EXPECT_EQ(DueDay(Clock(push, at(4, 1)).due_time()), "2025-04-03");
  EXPECT_EQ(DueDay(Clock(push, at(4, 3)).due_time()), "2025-04-17");
  EXPECT_TRUE(Clock(push, at(4, 9)).paused());
  EXPECT_EQ(DueDay(Clock(push, at(4, 11)).due_time()), "2025-04-27");
  EXPECT_EQ(PushesOf(row.name())[0].clock_size(), 5);
}

TEST_F(DispatchTest, MoreTimeIsTheOwnersToGiveAndThePackSaysHowOften) {
  const v1::Result row = Horizontal("海水淡化膜");
  const std::string push = PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  EXPECT_EQ(status::ViolationsOf(Extend(push, kMarineAgency, 11).status()).at(0).field, "workdays");
  EXPECT_TRUE(Extend(push, kMarineAgency, 10).ok());
  EXPECT_TRUE(Extend(push, kMarineAgency, 10).ok());
  EXPECT_EQ(status::ReasonOf(Extend(push, kMarineAgency, 1).status()), ERROR_REASON_RULE_VIOLATED);
  // The recipient alone has none to give: here it is no owner.
  v1::Result draft = Draft("采油机器人");
  const v1::Result other = Pushed(draft);
  const std::string foreign = PushTo(other.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER).name();
  EXPECT_TRUE(absl::IsPermissionDenied(Extend(foreign, kHighTechAgency, 1).status()));
}

TEST_F(DispatchTest, OverdueFromTheVerySecondAndOffTheListOnceDone) {
  const v1::Result row = Horizontal("海水淡化膜");
  const std::string push = PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  clock.now = time::EndOfDay(absl::CivilDay(2025, 4, 3));
  EXPECT_THAT(Overdue(kMarineDepartment), IsEmpty());
  clock.now += absl::Seconds(1);
  EXPECT_THAT(Overdue(kMarineDepartment), ElementsAre(push));
  EXPECT_THAT(Overdue(kMarineAgency), ElementsAre(push));
  EXPECT_THAT(Overdue(kHighTechAgency), IsEmpty());
  const auto late = Do("receive", push, kMarineDepartment, ROLE_DEPARTMENT);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_TRUE(late->late());
  EXPECT_THAT(Overdue(kMarineDepartment), IsEmpty());
}

TEST_F(DispatchTest, WhatIsDeclinedComesBackToTheOwnerOnce) {
  const v1::Result row = Horizontal("海水淡化膜");
  const std::string push = PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  auto reroute = Named<v1::ReroutePushRequest>(push);
  reroute.set_recipient(kHighTechDepartment);
  reroute.set_reason("改由高新处结合指南");
  EXPECT_EQ(status::ReasonOf(
                By(kMarineAgency, "ReroutePush", &DispatchService::ReroutePush, reroute).status()),
            ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Do("decline", push, kMarineDepartment, ROLE_DEPARTMENT).ok());
  v1::ListPushesRequest list;
  list.set_parent("results/-");
  list.set_filter("state = DECLINED AND settled = false");
  const auto returned =
      dispatch.ListPushes(As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.ListPushes"), list);
  ASSERT_THAT(returned->pushes(), SizeIs(1));
  EXPECT_THAT(returned->pushes(0).actions(), ElementsAre("reroute", "settle"));
  reroute = Named<v1::ReroutePushRequest>(push);
  reroute.set_recipient(kHighTechDepartment);
  reroute.set_reason("改由高新处结合指南");
  const auto next = By(kMarineAgency, "ReroutePush", &DispatchService::ReroutePush, reroute);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->reroute_of(), push);
  EXPECT_EQ(next->state(), v1::PUSH_STATE_SENT);
  EXPECT_TRUE(See(row.name(), ROLE_DEPARTMENT, kHighTechDepartment).ok());
  auto settle = Named<v1::SettlePushRequest>(push);
  settle.set_reason("不再推送");
  EXPECT_EQ(status::ReasonOf(
                By(kMarineAgency, "SettlePush", &DispatchService::SettlePush, settle).status()),
            ERROR_REASON_WRONG_STATE);
  // It does not go to the department again by a new dispatch.
  ASSERT_TRUE(Dispatch(row.name()).ok());
  EXPECT_THAT(PushesOf(row.name()), SizeIs(2));
}

TEST_F(DispatchTest, TheMarketShowsThePublicPartAndFollowsTheResult) {
  v1::Result draft = Draft("海水淡化膜");
  draft.add_people()->set_person("张三（演示）");
  v1::Right* right = draft.add_rights();
  right->set_kind(v1::RIGHT_KIND_INVENTION);
  right->set_number("CN-pending");
  right->set_status(v1::RIGHT_STATUS_PENDING);
  const v1::Result row = Pushed(draft);
  const auto listed = [&](const char* filter = "") {
    v1::ListListingsRequest request;
    request.set_filter(filter);
    const auto page =
        dispatch.ListListings(As(ROLE_PUBLIC, "", "DispatchService.ListListings"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return *page;
  };
  ASSERT_THAT(listed().listings(), SizeIs(1));
  EXPECT_THAT(listed().listings(0).DebugString(), Not(HasSubstr("CN-pending")));
  EXPECT_EQ(listed().listings(0).revision(), 1);
  EXPECT_THAT(listed("keywords:\"海水淡化\"").listings(), SizeIs(1));

  v1::Result update;
  update.set_benefits("年节水百万吨");
  Change(row.name(), update, "benefits");
  EXPECT_EQ(listed().listings(0).benefits(), "年节水百万吨");
  EXPECT_EQ(listed().listings(0).revision(), 2);
  update.set_disclosure(v1::DISCLOSURE_LIMITED);
  Change(row.name(), update, "disclosure");
  EXPECT_THAT(listed().listings(), IsEmpty());
}

TEST_F(DispatchTest, WhatIsNotForEverybodyIsPushedAndNotListed) {
  v1::Result draft = Draft("不公开的成果");
  draft.set_disclosure(v1::DISCLOSURE_LIMITED);
  const v1::Result row = Pushed(draft);
  EXPECT_THAT(PushesOf(row.name()), SizeIs(6));
  EXPECT_EQ(Count("listing"), 0);
}

TEST_F(DispatchTest, AWithdrawnResultEndsItsPushesItsListingAndItsTenure) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  ASSERT_TRUE(Do("receive", PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER).name(),
                 kHighTechAgency)
                  .ok());
  const auto withdrawn = Withdraw(row.name());
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_THAT(Texts("SELECT DISTINCT state FROM push"), ElementsAre("ENDED"));
  EXPECT_EQ(Count("push WHERE due_time IS NOT NULL"), 0);
  EXPECT_EQ(Count("listing WHERE listed"), 0);
  EXPECT_EQ(Count("tenure WHERE end_time IS NULL"), 0);
  EXPECT_TRUE(absl::IsNotFound(See(row.name(), ROLE_SERVICE_TEAM, kHighTechAgency).status()));
}

TEST_F(DispatchTest, NoPushIsLostOrDoubledWhenCommitsAreLost) {
  std::vector<std::string> names;
  for (int i = 0; i < 6; ++i) {
    const std::string name = Published(Draft(absl::StrCat("成果", i)));
    ASSERT_TRUE(Dispose(name).ok());
    names.push_back(name);
  }
  database.db().InjectFaults({.inject_retry_every = 3,
                              .inject_ambiguous_commit_every = 4,
                              .inject_ambiguous_nocommit_every = 5});
  std::vector<std::thread> threads;
  std::atomic<int> unanswered{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (const std::string& name : names) {
        const auto request = Named<v1::DispatchResultRequest>(name);
        for (int attempt = 0; attempt < 20; ++attempt) {
          const auto done = dispatch.DispatchResult(
              As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.DispatchResult"), request);
          if (done.ok()) break;
          EXPECT_TRUE(absl::IsUnavailable(done.status()) || absl::IsAborted(done.status()))
              << done.status();
          if (attempt == 19) ++unanswered;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  database.db().InjectFaults({});
  EXPECT_EQ(unanswered, 0);
  for (const std::string& name : names) EXPECT_THAT(PushesOf(name), SizeIs(6)) << name;
  EXPECT_EQ(Count("journal WHERE kind = 'sent'"), 36);
}

}  // namespace
}  // namespace chanyan::triage
