// What counts as done in a quarter that runs (CYC-10).
#include "services/cycle/simulation_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/simulation_play.h"
#include "tests/support/service_test.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

constexpr char kOffice[] = "organizations/secretariat";
constexpr char kSpringCycle[] = "cycles/2025q2";

absl::Time On(int month, int day, int hour = 9) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour, 0, 0), time::Shanghai());
}

v1::Handover Sent(int step, const std::string& sender, const std::string& receiver, absl::Time at) {
  v1::Handover handover;
  handover.set_step(step);
  handover.set_sender(sender);
  handover.set_receiver(receiver);
  handover.set_state(v1::HANDOVER_STATE_SENT);
  *handover.mutable_send_time() = time::ToTimestamp(at);
  return handover;
}

TEST(LegsTest, WhatWasRefusedOrWentBackIsNoLegAndTheOrderIsThatOfTheClock) {
  std::vector<v1::Handover> handovers = {
      Sent(3, "u", kOffice, On(4, 24)), Sent(3, "u", kOffice, On(4, 17)),
      Sent(3, "u", "e", On(4, 18)), Sent(2, "u", "e", On(4, 9)), Sent(2, "u", "f", On(4, 10))};
  handovers[2].set_sent_back(true);
  handovers[4].set_state(v1::HANDOVER_STATE_REFUSED);
  const Legs legs(handovers);
  const Sends& packed = legs.Between(3, "u", kOffice);
  EXPECT_EQ(packed.first(), On(4, 17));
  EXPECT_EQ(packed.last(), On(4, 24));
  EXPECT_EQ(packed.DoneAt(On(4, 22)), On(4, 17)) << "what came later was added";
  EXPECT_EQ(packed.DoneAt(On(4, 25)), On(4, 24));
  EXPECT_EQ(packed.DoneAt(On(4, 16)), On(4, 17)) << "none was in time: the first";
  EXPECT_FALSE(legs.Between(3, "u", "e").any());
  EXPECT_FALSE(legs.Between(2, "u", "f").any());
  EXPECT_EQ(legs.From(2, "u").last(), On(4, 9));
  EXPECT_FALSE(legs.From(4, "u").any());
}

TEST(RowStateTest, WhereARowIsSaysWhatWasDoneWithIt) {
  const v1::Row base = RowOf(1, 1, 3, v1::ROW_CATEGORY_ONGOING);
  const std::string to_office = "cycles/2025q2/handovers/3-z0-secretariat-1";
  const struct {
    const char* what;
    std::string holder;
    std::string in_transit;
    bool confirmed;
    bool sent_back;
    bool given, packed, returned;
  } kCases[] = {
      {"at its university", base.university(), "", false, false, false, false, false},
      {"with its enterprise", base.enterprise(), "", false, false, false, false, false},
      {"filled in, not given", base.enterprise(), "", true, false, false, false, false},
      {"under way to its unit", base.enterprise(), "x", true, false, true, false, false},
      {"with its unit", base.unit(), "", true, false, true, false, false},
      {"under way to the office", base.unit(), to_office, true, false, true, true, false},
      {"at the office", kOffice, "", true, false, true, true, false},
      {"on its way back to its unit", kOffice, to_office, true, true, true, false, false},
      {"back with its unit", base.unit(), "", true, true, true, false, false},
      {"on its way back to it", base.unit(), "x", false, true, false, false, false},
      {"under way home", kOffice, "cycles/2025q2/handovers/4-secretariat-u1-1", true, false, true,
       true, true},
      {"home", base.university(), "", true, false, true, true, true},
      {"at its platform", base.platform(), "", true, false, true, true, true},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.what);
    v1::Row row = base;
    row.set_holder(one.holder);
    row.set_in_transit(one.in_transit);
    row.set_confirmed(one.confirmed);
    row.set_sent_back(one.sent_back);
    EXPECT_EQ(IsGiven(row), one.given);
    EXPECT_EQ(IsPacked(row), one.packed);
    EXPECT_EQ(IsReturned(row), one.returned);
  }
}

// A quarter at some instant: each row is somewhere on its way, and what was sent was sent before.
class RunningQuarter {
 public:
  RunningQuarter(int seed, const v1::Cycle& cycle) : random_(static_cast<unsigned>(seed)) {
    in_.cycle = cycle;
    now_ = BeginOf(cycle, 1) + absl::Hours(Draw(0, 24 * 50));
    for (int u = 1; u <= 3; ++u) AddForm(u);
    for (int i = 0; i < 12; ++i) AddRow(Draw(1, 3), i, Draw(1, 5));
    if (Chance(20)) in_.so_far.published = Before();
    if (Chance(20)) in_.so_far.exchanged = Before();
  }
  const SimulationInputs& inputs() const { return in_; }
  absl::Time now() const { return now_; }

 private:
  int Draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Draw(1, 100) <= percent; }
  absl::Time Before() { return now_ - absl::Minutes(Draw(0, 60 * 24 * 10)); }
  void Send(int step, const std::string& sender, const std::string& receiver) {
    in_.so_far.handovers.push_back(Sent(step, sender, receiver, Before()));
  }

  void AddForm(int university) {
    v1::Form& form = in_.forms.emplace_back();
    const std::string name = absl::StrCat("organizations/u", university);
    form.set_name(FormName(kSpringCycle, name));
    form.set_university(name);
    form.set_university_title(name);
    if (Chance(30)) return;
    form.set_state(Chance(80) ? v1::FORM_STATE_ACCEPTED : v1::FORM_STATE_RETURNED);
    *form.mutable_submit_time() = time::ToTimestamp(Before());
    form.set_on_time(Chance(70));
  }

  void AddRow(int university, int platform, int enterprise) {
    v1::Row row = RowOf(university, platform, enterprise, v1::ROW_CATEGORY_ONGOING);
    row.set_holder(row.university());
    const int way = Draw(0, 6);
    if (way >= 1) {
      Send(2, kOffice, row.unit());
      row.set_distributed(true);
      row.set_holder(row.unit());
    }
    if (way >= 2) {
      Send(2, row.unit(), row.enterprise());
      row.set_delivered(true);
      row.set_holder(row.enterprise());
    }
    if (way >= 3) {
      in_.so_far.returns.try_emplace(row.enterprise(), QuarterSoFar::Gave{Before(), Chance(60)});
      row.set_confirmed(true);
      row.set_holder(row.unit());
    }
    if (way == 4) {
      row.set_sent_back(true);
      row.set_confirmed(Chance(50));
      if (!row.confirmed()) row.set_holder(row.enterprise());
    }
    if (way >= 5) {
      Send(3, row.unit(), kOffice);
      row.set_holder(kOffice);
    }
    if (way >= 6) {
      Send(4, kOffice, row.university());
      row.set_holder(row.university());
    }
    in_.rows.push_back(row);
  }

  std::mt19937 random_;
  SimulationInputs in_;
  absl::Time now_;
};

class RunningQuarterTest : public ::testing::TestWithParam<int> {
 protected:
  RunningQuarterTest() {
    const auto pack = testing::ShippedPack();
    const auto steps = PlanSteps(*pack, time::Quarter(2025, 2));
    cycle_.set_name(kSpringCycle);
    cycle_.mutable_steps()->Assign(steps->begin(), steps->end());
    cycle_.set_secretariat(kOffice);
  }
  v1::Cycle cycle_;
};

TEST_P(RunningQuarterTest, WhatIsDoneWasBeforeNowAndStaysAndWhatIsOpenComesAfterIt) {
  const RunningQuarter quarter(GetParam(), cycle_);
  const absl::Time now = std::min(quarter.now(), EndOf(cycle_, 6));
  const v1::Simulation simulation = Simulate(quarter.inputs(), quarter.now());
  const absl::Time later = quarter.now() + absl::Hours(30);
  std::map<std::tuple<int, std::string, std::string>, v1::SimulatedTask> afterwards;
  const v1::Simulation again = Simulate(quarter.inputs(), later);
  for (const v1::SimulatedTask& task : again.tasks()) {
    afterwards[{task.step(), task.organization(), task.act()}] = task;
  }
  int done = 0;
  int late = 0;
  for (const v1::SimulatedTask& task : simulation.tasks()) {
    SCOPED_TRACE(task.ShortDebugString());
    const absl::Time at = time::ToTime(task.expected_time());
    const absl::Time end = time::ToTime(task.deadline());
    done += task.done() ? 1 : 0;
    late += task.late() ? 1 : 0;
    if (!task.done()) {
      EXPECT_GE(at, now);
      if (task.reason().find("退回") == std::string::npos &&
          task.reason().find("待报") == std::string::npos) {
        EXPECT_EQ(task.late(), time::IsPastDeadline(at, end));
      }
      continue;
    }
    EXPECT_LE(at, quarter.now());
    const v1::SimulatedTask& still = afterwards.at({task.step(), task.organization(), task.act()});
    EXPECT_EQ(still.expected_time().seconds(), task.expected_time().seconds());
    EXPECT_EQ(still.late(), task.late());
    EXPECT_TRUE(still.done());
  }
  EXPECT_EQ(simulation.done_count(), done);
  EXPECT_EQ(simulation.late_count(), late);
}

// Counted in another way than it is played.
TEST_P(RunningQuarterTest, AnEnterpriseIsDoneOnceNothingIsWithItOrOnItsWayToIt) {
  const RunningQuarter quarter(GetParam(), cycle_);
  std::map<std::string, int> open;
  for (const v1::Row& row : quarter.inputs().rows) {
    open[row.enterprise()] += row.delivered() && row.confirmed() ? 0 : 1;
  }
  const v1::Simulation simulation = Simulate(quarter.inputs(), quarter.now());
  for (const v1::SimulatedTask& task : simulation.tasks()) {
    const auto found = open.find(task.organization());
    if (task.step() != kCollectStep || found == open.end()) continue;
    EXPECT_EQ(task.done(), found->second == 0) << task.ShortDebugString();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RunningQuarterTest, ::testing::Range(1, 81));

}  // namespace
}  // namespace chanyan::cycle
