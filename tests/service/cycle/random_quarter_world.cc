// What there is in a random quarter, and how it changes: organizations, platforms, projects,
// mergers, the calendar.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/deadline_service.h"
#include "tests/service/cycle/random_quarter.h"
#include "tests/support/pack_reading.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;

constexpr char kQau[] = "organizations/qau";

}  // namespace

testing::QuarterOracle RandomQuarterTest::DrawQuarter() {
  struct Reading {
    testing::WeeksBy weeks;
    policy::v1::WeekReading reading;
  };
  constexpr Reading kReadings[] = {
      {testing::WeeksBy::kWorkdays, policy::v1::WEEK_READING_WORKDAY_BLOCKS},
      {testing::WeeksBy::kSevenDays, policy::v1::WEEK_READING_SEVEN_DAY_BLOCKS},
      {testing::WeeksBy::kFirstMonday, policy::v1::WEEK_READING_FROM_FIRST_MONDAY},
      {testing::WeeksBy::kThursdays, policy::v1::WEEK_READING_ISO_WEEKS}};
  // Each in its turn, so that a few seeds have them all.
  const Reading& drawn = kReadings[GetParam() % 4];
  while (true) {
    const int year = Draw(2025, 2026);
    const int quarter = Draw(1, 4);
    testing::QuarterOracle oracle(year, quarter, drawn.weeks);
    if (!oracle.HasAll(kSteps)) continue;
    auto pack = testing::PackReading(*world_.pack, drawn.reading);
    EXPECT_TRUE(pack.ok()) << pack.status();
    world_.service.reset();
    world_.pack = *std::move(pack);
    world_.service = std::make_unique<CycleService>(CycleService::Deps{
        {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()});
    world_.cycle = absl::StrCat("cycles/", year, "q", quarter);
    world_.clock.now = time::StartOfDay(oracle.FirstDay()) + absl::Hours(8);
    RecordProperty("cycle", world_.cycle);
    RecordProperty("reading", static_cast<int>(drawn.reading));
    return oracle;
  }
}

void RandomQuarterTest::Found() {
  registry::v1::Organization third;
  third.set_name(kQau);
  third.set_display_name("农业大学（演示）");
  third.set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  third.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  world_.fakes.Add(third);
  universities_ = {kOuc, kUpc, kQau};
  enterprises_ = Draw(3, 7);
  for (int i = 3; i < enterprises_; ++i) {
    registry::v1::Organization one;
    one.set_name(World::Enterprise(i));
    one.set_display_name(World::TitleOf(i));
    one.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
    one.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
    one.set_unified_social_credit_code(World::CodeOf(i));
    one.set_unit(Chance(50) ? kZone : kTown);
    world_.fakes.Add(one);
  }
  platforms_ = {{kOucLab, kOuc}, {kOucCenter, kOuc}, {kUpcLab, kUpc}};
  for (int i = Draw(1, 3); i > 0; --i) AddPlatform(i);
  int number = 0;
  for (const auto& [platform, university] : platforms_) {
    for (int e = 0; e < enterprises_; ++e) {
      if (Chance(20)) AddProject(platform, e, ++number);
    }
  }
  for (const std::string& one : universities_) {
    SignUp(one, ROLE_RESEARCH_OFFICE);
    if (Chance(70)) SignUp(one, options::v1::ROLE_PLATFORM_MANAGER, "-platforms");
  }
  for (int i = 0; i < enterprises_; ++i) SignUp(World::Enterprise(i), ROLE_ENTERPRISE);
  SignUp(kZone, ROLE_UNIT);
  SignUp(kTown, ROLE_UNIT);
  SignUp(kSecretariat, ROLE_SECRETARIAT);
}

void RandomQuarterTest::AddPlatform(int i) {
  registry::v1::Platform platform;
  const std::string title = absl::StrCat("农业平台", i, "（演示）");
  platform.set_name(absl::StrCat(kQau, "/platforms/p", i));
  platform.set_organization(kQau);
  platform.set_organization_title("农业大学（演示）");
  platform.set_display_name(title);
  platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  world_.fakes.Add(platform);
  platforms_[title] = kQau;
  names_[title] = platform.name();
}

void RandomQuarterTest::AddProject(const std::string& platform, int enterprise, int number) {
  const std::string name = names_.contains(platform) ? names_[platform]
                           : platform == kOucLab     ? "organizations/ouc/platforms/lab"
                           : platform == kOucCenter  ? "organizations/ouc/platforms/center"
                                                     : "organizations/upc/platforms/lab";
  pairing::v1::Project project;
  project.set_name(absl::StrCat("projects/r", number));
  project.set_platform(name);
  project.set_platform_title(platform);
  project.set_university(platforms_[platform]);
  project.set_enterprise(World::Enterprise(enterprise));
  project.set_title("随机项目（演示）");
  project.add_kinds("技术研发");
  project.set_state(pairing::v1::PROJECT_STATE_BUILDING);
  project.mutable_sign_date()->set_year(2025);
  project.mutable_sign_date()->set_month(2);
  project.mutable_sign_date()->set_day(10);
  world_.fakes.Add(project);
}

std::map<std::string, std::string> RandomQuarterTest::PlatformsOf(const std::string& university) {
  std::map<std::string, std::string> its;
  for (const auto& [title, owner] : platforms_) {
    const auto added = names_.find(title);
    if (owner != university) continue;
    its[title] = added != names_.end() ? added->second
                 : title == kOucCenter ? "organizations/ouc/platforms/center"
                                       : absl::StrCat(owner, "/platforms/lab");
  }
  return its;
}

void RandomQuarterTest::Merge() {
  const int from = Draw(0, enterprises_ - 1);
  const int into = (from + Draw(1, enterprises_ - 1)) % enterprises_;
  if (merged_.contains(from) || merged_.contains(into)) return;
  absl::Status merged = world_.Merge(World::Enterprise(from), World::Enterprise(into));
  for (int i = 0; i < 20 && Again(merged); ++i) {
    journal::v1::Entry entry;
    entry.set_type(registry::v1::Organization::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(world_.fakes.At(World::Enterprise(into))));
    merged = world_.database.db().Transact([&](db::Session& session) {
      return world_.service->FollowRegistry(session, world_.clock.now, entry);
    });
  }
  ASSERT_TRUE(merged.ok()) << merged;
  merged_.insert(from);
  // Of two that gave, the earlier one counts for both.
  if (gave_.contains(from)) {
    const absl::Time time = gave_[from];
    const auto [known, fresh] = gave_.try_emplace(into, time);
    if (!fresh) known->second = std::min(known->second, time);
    gave_.erase(from);
  }
}

bool RandomQuarterTest::MayBeAmended(const testing::QuarterOracle& amended) const {
  if (!amended.HasAll(kSteps)) return false;
  const absl::Time today = time::EndOfDay(time::DayOf(world_.clock.now));
  for (int step = 1; step <= kSteps; ++step) {
    if (oracle_.End(step) >= world_.clock.now && amended.End(step) < today) return false;
    const auto from = from_.find(step);
    if (from != from_.end() && amended.Begin(step) > from->second) return false;
  }
  return true;
}

void RandomQuarterTest::Extend(int step) {
  if (!InTime(step, world_.clock.now)) return;
  absl::CivilDay day = time::DayOf(End(step)) + Draw(1, 5);
  const auto extend = [&] {
    v1::ExtendStepRequest request;
    request.set_name(world_.cycle);
    request.set_step(step);
    *request.mutable_last_day() = time::ToProto(day);
    request.set_reason("填报量大");
    return Surely("ExtendStep", &CycleService::ExtendStep, ROLE_SECRETARIAT, kSecretariat, request);
  };
  for (; !oracle_.Works(day); ++day) {
    if (day == amended_) continue;
    EXPECT_TRUE(absl::IsInvalidArgument(extend().status())) << day;
  }
  if (step < kSteps && day > time::DayOf(End(step + 1))) {
    EXPECT_TRUE(absl::IsInvalidArgument(extend().status())) << "beyond the next step " << day;
    return;
  }
  const auto extended = extend();
  ASSERT_TRUE(extended.ok()) << extended.status();
  extended_[step] = time::EndOfDay(day);
  EXPECT_EQ(time::ToTime(extended->steps(step - 1).deadline()), End(step)) << "step " << step;
}

void RandomQuarterTest::Close(int step) {
  // After what was done in this second.
  world_.clock.now += absl::Seconds(1);
  v1::CloseStepRequest request;
  request.set_name(world_.cycle);
  request.set_step(step);
  request.set_reason("各方均已办完");
  const auto closed =
      Surely("CloseStep", &CycleService::CloseStep, ROLE_SECRETARIAT, kSecretariat, request);
  const absl::Time now = world_.clock.now;
  if (!InTime(step, now)) {
    EXPECT_EQ(status::ReasonOf(closed.status()), options::v1::ERROR_REASON_WRONG_STATE);
    return;
  }
  ASSERT_TRUE(closed.ok()) << closed.status();
  closed_early_[step] = now;
  EXPECT_EQ(time::ToTime(closed->steps(step - 1).closed_early()), now) << "step " << step;
  EXPECT_EQ(time::ToTime(closed->steps(step - 1).deadline()), End(step)) << "step " << step;
}

void RandomQuarterTest::Amend() {
  const absl::Time now = world_.clock.now;
  const testing::QuarterOracle before = oracle_;
  absl::CivilDay day;
  for (int tries = 0;; ++tries) {
    day = time::DayOf(now) + 1 + Draw(0, 12);
    while (!before.Works(day) || before.IsMakeup(day)) ++day;
    testing::QuarterOracle amended = before;
    amended.TakeOff(day);
    if (MayBeAmended(amended)) {
      oracle_.TakeOff(day);
      amended_ = day;
      break;
    }
    if (tries == 50) return;
  }
  const auto pack = testing::PackWithDayOff(*world_.pack, day);
  ASSERT_TRUE(pack.ok()) << pack.status();
  DeadlineService deadlines(
      {{world_.database.db(), world_.clock, nullptr}, **pack, world_.fakes.peers()}, nullptr);
  v1::ReprojectDeadlinesRequest request;
  request.set_name(world_.cycle);
  request.set_reason("国办补充通知");
  request.set_request_id(World::Uuid());
  absl::Status moved = status::Unavailable("not yet");
  const rpc::Call call = testing::CallAs(ROLE_SECRETARIAT, kSecretariat,
                                         "chanyan.cycle.v1.DeadlineService.ReprojectDeadlines");
  for (int i = 0; i < 20 && Again(moved); ++i) {
    moved = deadlines.ReprojectDeadlines(call, request).status();
  }
  ASSERT_TRUE(moved.ok()) << moved;
  for (int step = 1; step <= kSteps; ++step) {
    const absl::Time end = EndBy(before, step);
    if (now > end || closed_early_.contains(step)) closed_.try_emplace(step, end);
  }
  v1::GetCycleRequest get;
  get.set_name(world_.cycle);
  const auto cycle =
      world_.service->GetCycle(world_.CallOf("GetCycle", ROLE_SECRETARIAT, kSecretariat), get);
  ASSERT_TRUE(cycle.ok()) << cycle.status();
  for (int step = 1; step <= kSteps; ++step) {
    EXPECT_EQ(time::ToTime(cycle->steps(step - 1).deadline()), End(step)) << "step " << step;
  }
}

}  // namespace chanyan::cycle
