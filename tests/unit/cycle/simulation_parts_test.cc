// The platforms in a simulated quarter (CYC-10), against a clock that is walked second by second:
// nobody there adds up times, each looks at the clock and at what he has.
#include "services/cycle/simulation_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kSpring[] = "cycles/2025q2";
constexpr absl::Duration kOneDay = absl::Hours(24);

absl::Time OfSpring(int month, int day, int hour = 9, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour, minute, second),
                         time::Shanghai());
}

class SimulationPartsTest : public ::testing::Test {
 protected:
  SimulationPartsTest() {
    const auto pack = testing::ShippedPack();
    const auto steps = PlanSteps(*pack, time::Quarter(2025, 2));
    in_.cycle.set_name(kSpring);
    in_.cycle.mutable_steps()->Assign(steps->begin(), steps->end());
    in_.cycle.set_secretariat("organizations/secretariat");
  }
  v1::Form& AddForm(const std::string& university) {
    v1::Form& form = in_.forms.emplace_back();
    form.set_name(FormName(kSpring, university));
    form.set_university(university);
    form.set_university_title("海洋大学");
    form.set_state(v1::FORM_STATE_DRAFT);
    return form;
  }
  std::string AddPlatform(const std::string& university, const std::string& id) {
    registry::v1::Platform& platform = platforms_.emplace_back();
    platform.set_name(absl::StrCat(university, "/platforms/", id));
    platform.set_organization(university);
    platform.set_display_name(absl::StrCat("平台", id));
    platform.set_college("工程学院");
    return platform.name();
  }
  void AddRow(const std::string& university, const std::string& platform, int enterprise,
              bool home = true) {
    v1::Row& row = in_.rows.emplace_back();
    const std::string name = absl::StrCat("organizations/e", enterprise);
    row.set_name(RowName(FormName(kSpring, university), platform, name));
    row.set_university(university);
    row.set_platform(platform);
    row.set_platform_title("实验室");
    row.set_college("工程学院");
    if (!home) return;
    row.set_enterprise(name);
    row.set_unit("organizations/zone");
  }
  v1::PlatformPart& AddPart(const std::string& university, const std::string& platform,
                            v1::PartState state, absl::Time issued, absl::Time due) {
    v1::PlatformPart& part = in_.parts.emplace_back();
    part.set_name(PartName(FormName(kSpring, university), platform));
    part.set_university(university);
    part.set_platform(platform);
    part.set_platform_title("实验室");
    part.set_state(state);
    *part.mutable_issue_time() = time::ToTimestamp(issued);
    *part.mutable_due_time() = time::ToTimestamp(due);
    return part;
  }
  static Habit::Quarter Quarter(absl::Duration lead, bool late = false) {
    return {.label = "2025年第一季度", .late = late, .lead = lead, .absent = false};
  }

  v1::Simulation Played(absl::Time as_of) {
    SimulationInputs inputs = in_;
    inputs.parts = PlanParts(in_, platforms_, as_of);
    return Simulate(inputs, as_of);
  }
  static const v1::SimulatedTask* Find(const v1::Simulation& simulation, int step,
                                       const std::string& who) {
    for (const v1::SimulatedTask& task : simulation.tasks()) {
      if (task.step() == step && task.organization() == who) return &task;
    }
    return nullptr;
  }
  static std::vector<std::string> PlatformsOf(const v1::Simulation& simulation, int step) {
    std::vector<std::string> names;
    for (const v1::SimulatedTask& task : simulation.tasks()) {
      if (task.step() == step && IsPlatform(task.organization())) {
        names.push_back(task.organization());
      }
    }
    return names;
  }

  const std::string sea_ = "organizations/sea";
  SimulationInputs in_;
  std::vector<registry::v1::Platform> platforms_;
};

TEST_F(SimulationPartsTest, AFormThatIsNotWithItsUniversityIsHandedOutToNobody) {
  AddPlatform(sea_, "p");
  EXPECT_THAT(PlatformsOf(Played(OfSpring(4, 1)), 1), IsEmpty()) << "there is no form";
  AddForm(sea_);
  AddPlatform("organizations/other", "p");
  EXPECT_THAT(PlatformsOf(Played(OfSpring(4, 1)), 1), ElementsAre("organizations/sea/platforms/p"));
  in_.forms[0].set_state(v1::FORM_STATE_SUBMITTED);
  EXPECT_THAT(PlatformsOf(Played(OfSpring(4, 1)), 1), IsEmpty());
  in_.forms[0].set_state(v1::FORM_STATE_RETURNED);
  *in_.forms[0].mutable_submit_time() = time::ToTimestamp(OfSpring(4, 2));
  EXPECT_THAT(PlatformsOf(Played(OfSpring(4, 3)), 1), IsEmpty()) << "it was handed in once";
  in_.forms[0].clear_submit_time();
  EXPECT_THAT(PlatformsOf(Played(OfSpring(4, 9)), 1), IsEmpty()) << "the window is over";
  // Leave opens it again, and the clock of that counts.
  *in_.forms[0].mutable_exception_until() = time::ToTimestamp(OfSpring(4, 10));
  const v1::Simulation late = Played(OfSpring(4, 9));
  ASSERT_THAT(PlatformsOf(late, 1), ElementsAre("organizations/sea/platforms/p"));
  EXPECT_EQ(time::ToTime(Find(late, 1, "organizations/sea/platforms/p")->deadline()),
            OfSpring(4, 10));
}

TEST_F(SimulationPartsTest, WhatIsTakenBackOrStruckIsNobodys) {
  AddForm(sea_);
  const std::string platform = AddPlatform(sea_, "p");
  AddPart(sea_, platform, v1::PART_STATE_KEPT, OfSpring(4, 1), OfSpring(4, 8, 23, 59, 59));
  AddPart("organizations/nobody", "organizations/nobody/platforms/x", v1::PART_STATE_DRAFT,
          OfSpring(4, 1), OfSpring(4, 8));
  const v1::Simulation simulation = Played(OfSpring(4, 3));
  EXPECT_THAT(PlatformsOf(simulation, 1), IsEmpty());
  EXPECT_EQ(simulation.part_count(), 0);
  EXPECT_EQ(Find(simulation, 1, sea_)->act(), "填报并报送季度报表");
}

TEST_F(SimulationPartsTest, WithoutAPastAllPlatformsAreAskedWithinADayAndTheUniversityGathers) {
  AddForm(sea_);
  const std::string first = AddPlatform(sea_, "a");
  AddPlatform(sea_, "b");
  AddRow(sea_, first, 1);
  AddRow(sea_, first, 2);
  const v1::Simulation simulation = Played(OfSpring(3, 31));
  EXPECT_EQ(simulation.part_count(), 2);
  const v1::SimulatedTask* part = Find(simulation, 1, first);
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->title(), "平台a");
  EXPECT_EQ(part->owner_title(), "海洋大学工程学院");
  EXPECT_EQ(part->row_count(), 2);
  EXPECT_EQ(time::ToTime(part->receive_time()), OfSpring(4, 2, 0));
  EXPECT_EQ(time::ToTime(part->deadline()), OfSpring(4, 8, 23, 59, 59));
  EXPECT_EQ(time::ToTime(part->expected_time()), OfSpring(4, 8, 16, 59, 59));
  EXPECT_FALSE(part->late());
  EXPECT_THAT(Find(simulation, 1, sea_)->act(), HasSubstr("组织2个科创平台填报"));
  EXPECT_EQ(Find(simulation, 1, sea_)->owner_title(), "");
}

TEST_F(SimulationPartsTest, AUniversityThatFilledInAPartItselfDoesSoAgain) {
  AddForm(sea_);
  const std::string asked = AddPlatform(sea_, "asked");
  const std::string kept = AddPlatform(sea_, "kept");
  const std::string fresh = AddPlatform(sea_, "new");
  std::map<std::string, HandingOut> known;
  v1::PlatformPart out;
  out.set_university(sea_);
  out.set_platform(asked);
  *out.mutable_issue_time() = time::ToTimestamp(OfSpring(4, 2, 12));
  *out.mutable_due_time() = time::ToTimestamp(OfSpring(4, 7, 23, 59, 59));
  v1::PlatformPart own;
  own.set_university(sea_);
  own.set_platform(kept);
  own.set_state(v1::PART_STATE_KEPT);
  AddHandingOut(in_.cycle, {out, own}, &known);
  // What is known of a later quarter stays.
  *out.mutable_issue_time() = time::ToTimestamp(OfSpring(4, 1, 12));
  AddHandingOut(in_.cycle, {out}, &known);
  in_.handing_out = known;
  const v1::Simulation simulation = Played(OfSpring(3, 31));
  EXPECT_THAT(PlatformsOf(simulation, 1), ElementsAre(asked, fresh));
  for (const std::string& one : {asked, fresh}) {
    EXPECT_EQ(time::ToTime(Find(simulation, 1, one)->receive_time()), OfSpring(4, 2, 12));
    EXPECT_EQ(time::ToTime(Find(simulation, 1, one)->deadline()), OfSpring(4, 7, 23, 59, 59));
  }
  // Nor does who filled in all of it ask anybody.
  in_.handing_out[sea_].parts.clear();
  in_.handing_out[sea_].parts[kept] = HandingOut::Part();
  EXPECT_THAT(PlatformsOf(Played(OfSpring(3, 31)), 1), IsEmpty());
}

TEST_F(SimulationPartsTest, ALatePlatformIsWaitedForUntilItsTermAndTakenBack) {
  AddForm(sea_);
  const std::string slow = AddPlatform(sea_, "slow");
  AddPart(sea_, slow, v1::PART_STATE_DRAFT, OfSpring(4, 2), OfSpring(4, 7, 18));
  in_.habits[slow].quarters = {Quarter(-kOneDay, true)};
  in_.habits[sea_].quarters = {Quarter(3 * kOneDay)};
  const v1::Simulation simulation = Played(OfSpring(4, 3));
  EXPECT_EQ(time::ToTime(Find(simulation, 1, slow)->expected_time()), OfSpring(4, 8, 18));
  EXPECT_TRUE(Find(simulation, 1, slow)->late());
  const v1::SimulatedTask* university = Find(simulation, 1, sea_);
  EXPECT_EQ(time::ToTime(university->expected_time()), OfSpring(4, 7, 18));
  EXPECT_FALSE(university->late());
  EXPECT_THAT(university->reason(), HasSubstr("1个平台可能逾期"));
}

TEST_F(SimulationPartsTest, APartOfTwoFormsOfOneUniversityIsOnOne) {
  AddForm(sea_);
  // A merger gave it the form of another, with the platforms of its time.
  v1::Form& other = AddForm("organizations/river");
  other.set_university(sea_);
  AddPlatform(sea_, "own");
  registry::v1::Platform moved;
  moved.set_name("organizations/river/platforms/boat");
  moved.set_organization(sea_);
  platforms_.push_back(moved);
  std::vector<std::string> forms;
  for (const v1::PlatformPart& part : PlanParts(in_, platforms_, OfSpring(4, 1))) {
    forms.push_back(absl::StrCat(part.platform(), " on ", FormOfName(part.name())));
  }
  EXPECT_THAT(forms, ::testing::UnorderedElementsAre(
                         "organizations/sea/platforms/own on cycles/2025q2/forms/sea",
                         "organizations/river/platforms/boat on cycles/2025q2/forms/river"));
}

TEST_F(SimulationPartsTest, RemindersOfPartsCountThePartsOfTheirTermAlone) {
  AddForm(sea_);
  for (const char* id : {"a", "b"}) {
    AddPart(sea_, absl::StrCat(sea_, "/platforms/", id), v1::PART_STATE_DRAFT, OfSpring(4, 1),
            OfSpring(4, 7, 23, 59, 59));
  }
  AddPart(sea_, absl::StrCat(sea_, "/platforms/c"), v1::PART_STATE_DRAFT, OfSpring(4, 1),
          OfSpring(4, 8, 23, 59, 59));
  const auto add = [&](std::vector<v1::Reminder>* to, absl::Time end) {
    v1::Reminder& reminder = to->emplace_back();
    reminder.set_step(1);
    reminder.set_kind(v1::NOTIFICATION_KIND_REMINDER);
    *reminder.mutable_schedule_time() = time::ToTimestamp(OfSpring(4, 3));
    *reminder.mutable_deadline() = time::ToTimestamp(end);
  };
  add(&in_.part_reminders, OfSpring(4, 7, 23, 59, 59));
  add(&in_.reminders, OfSpring(4, 8, 23, 59, 59));
  std::vector<std::string> texts;
  const v1::Simulation simulation = Played(OfSpring(4, 1));
  for (const v1::SimulatedMoment& moment : simulation.moments()) texts.push_back(moment.text());
  EXPECT_THAT(texts, ::testing::Contains("到期前提醒科创平台：预计2个未报送学校"));
  EXPECT_THAT(texts, ::testing::Contains("到期前提醒：预计1件未完成")) << "the university's form";
  EXPECT_THAT(PartsToCome(in_), ::testing::SizeIs(3));
}

// --- The walk

// What an actor was like in the quarters before, in the oracle's words.
struct Past {
  bool known = false;
  bool absent = false;
  int64_t lead = 0;
  // Of how many quarters, how many late.
  int quarters = 0;
  int late = 0;

  bool Notorious() const { return known && late * 2 >= quarters; }
};

struct Outcome {
  absl::Time received = absl::InfinitePast();
  absl::Time deadline = absl::InfinitePast();
  absl::Time given = absl::InfinitePast();
  bool late = false;
};

int64_t Seconds(absl::Duration duration) { return absl::ToInt64Seconds(duration); }

// Walks from when something was got until it is given: each second it is looked how long there is
// until the end. Who got it when his time had passed already gives a day later; nothing is given
// before `now`.
absl::Time WalkUntilGiven(absl::Time got, absl::Time end, absl::Time now, const Past& past,
                          int64_t lead) {
  const int64_t over = absl::ToUnixSeconds(end);
  const int64_t start = absl::ToUnixSeconds(got);
  const auto has_come = [&](int64_t t) {
    return past.known && past.absent ? over - t <= -1 : over - t <= lead;
  };
  const bool missed = has_come(start - 1);
  int64_t t = start;
  while (missed ? t - start < 24 * 3600 : !has_come(t)) ++t;
  while (t < absl::ToUnixSeconds(now)) ++t;
  return absl::FromUnixSeconds(t);
}

// The first second from `from` on, and before `until`, at which `wait` has passed since `begin`;
// `from` if there is none.
absl::Time WalkUntilHandedOut(absl::Time begin, absl::Time from, absl::Time until,
                              absl::Duration wait) {
  const int64_t start = absl::ToUnixSeconds(begin);
  for (int64_t t = absl::ToUnixSeconds(from); t < absl::ToUnixSeconds(until); ++t) {
    if (t - start >= Seconds(wait)) return absl::FromUnixSeconds(t);
  }
  return from;
}

class SimulationWalkTest : public SimulationPartsTest, public ::testing::WithParamInterface<int> {
 protected:
  SimulationWalkTest() : random_(static_cast<unsigned>(GetParam())) {}

  int Draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Draw(1, 100) <= percent; }

  // A past, told to the simulation and to the walk.
  Past Remember(Habits* habits, const std::string& who, int most_lead, int least_lead) {
    Past past;
    if (Chance(30)) return past;
    past.known = true;
    past.quarters = Draw(1, 4);
    for (int i = 0; i < past.quarters; ++i) {
      Habit::Quarter quarter = {.label = absl::StrCat("前", i + 1, "季"), .lead = absl::Seconds(0)};
      quarter.absent = Chance(15);
      quarter.late = quarter.absent || Chance(30);
      if (!quarter.absent) quarter.lead = absl::Seconds(Draw(least_lead, most_lead));
      past.late += quarter.late ? 1 : 0;
      if (i == 0) {
        past.absent = quarter.absent;
        past.lead = Seconds(quarter.lead);
      }
      (*habits)[who].quarters.push_back(quarter);
    }
    return past;
  }

  std::mt19937 random_;
};

TEST_P(SimulationWalkTest, EachPlatformGetsAndGivesWhenAWalkedClockSaysSo) {
  const absl::Time begin = BeginOf(in_.cycle, 1);
  const absl::Time end = EndOf(in_.cycle, 1);
  const absl::Time home_end = EndOf(in_.cycle, 4);
  const absl::Time came = home_end - absl::Hours(7);
  const absl::Time as_of =
      Chance(40) ? begin - absl::Hours(1) : begin + absl::Seconds(Draw(0, 9 * 24 * 3600));
  std::map<std::string, Outcome> parts;
  std::map<std::string, Outcome> signings;
  std::map<std::string, Outcome> reports;
  std::map<std::string, Outcome> sendings;
  for (int u = Draw(1, 2); u > 0; --u) {
    const std::string university = absl::StrCat("organizations/u", u);
    AddForm(university);
    const Past reporting = Remember(&in_.habits, university, 5 * 24 * 3600, -2 * 24 * 3600);
    const Past sending = Remember(&in_.return_habits, university, 0, -9 * 3600);
    // How it handed out: never, or so long after the beginning with so long a term.
    const bool handed_before = Chance(60);
    const absl::Duration after = absl::Seconds(Draw(0, 9 * 24 * 3600));
    const absl::Duration before = absl::Seconds(Draw(0, 4 * 24 * 3600));
    absl::Time gathered = absl::InfinitePast();
    std::map<std::string, Past> signers;
    for (int p = Draw(0, 3); p > 0; --p) {
      const std::string platform = AddPlatform(university, absl::StrCat("p", p));
      for (int e = Draw(0, 2); e > 0; --e) AddRow(university, platform, e);
      if (Chance(30)) AddRow(university, platform, 0, /*home=*/false);
      const Past giving = Remember(&in_.habits, platform, 5 * 24 * 3600, -2 * 24 * 3600);
      signers[platform] = Remember(&in_.return_habits, platform, 0, -12 * 3600);
      const bool kept = handed_before && Chance(20);
      if (handed_before) {
        HandingOut::Part& how = in_.handing_out[university].parts[platform];
        if (!kept) how = {after, before};
      }
      Outcome outcome;
      const bool stored = as_of > begin && Chance(30);
      if (stored) {
        const absl::Time issued = begin + absl::Seconds(Draw(0, Seconds(as_of - begin)));
        outcome.received = std::min(issued, end - absl::Seconds(2));
        outcome.deadline =
            outcome.received + absl::Seconds(Draw(1, Seconds(end - outcome.received)));
        AddPart(university, platform, v1::PART_STATE_DRAFT, outcome.received, outcome.deadline);
      } else {
        if (kept) continue;
        outcome.deadline = end - (handed_before ? before
                                  : reporting.known && !reporting.absent
                                      ? absl::Seconds(std::max<int64_t>(reporting.lead, 0))
                                      : absl::ZeroDuration());
        // To the second: the last one is in time.
        if (as_of >= outcome.deadline + absl::Seconds(1)) continue;
        outcome.received = WalkUntilHandedOut(begin, std::max(begin, as_of), outcome.deadline,
                                              handed_before ? after : kOneDay);
        if (outcome.received >= outcome.deadline) outcome.deadline = end;
      }
      // Without a past in the afternoon of the last day, or at the end if that is sooner.
      const absl::Time afternoon =
          time::StartOfDay(time::DayOf(outcome.deadline) + 1) - absl::Hours(7) - absl::Seconds(1);
      const int64_t lead =
          giving.known ? giving.lead : std::max<int64_t>(0, Seconds(outcome.deadline - afternoon));
      outcome.given = WalkUntilGiven(outcome.received, outcome.deadline, as_of, giving, lead);
      outcome.late = giving.Notorious() || outcome.given > outcome.deadline;
      parts[platform] = outcome;
      gathered = std::max(gathered, std::min(outcome.given, outcome.deadline));
    }
    Outcome& report = reports[university];
    report.received = begin;
    report.deadline = end;
    report.given = std::max(
        WalkUntilGiven(begin, end, as_of, reporting, reporting.known ? reporting.lead : 7 * 3600),
        gathered);
    report.late = reporting.Notorious() || report.given > end;
    // Fourth week.
    std::map<std::string, int> home;
    for (const v1::Row& row : in_.rows) {
      if (row.university() == university && !row.enterprise().empty()) ++home[row.platform()];
    }
    if (home.empty()) continue;
    const auto on_the_way = [&](absl::Time got, const Past& past) {
      Outcome outcome = {.received = got, .deadline = home_end};
      const absl::Time after_all = home_end + absl::Seconds(1);
      if (past.known && past.absent) {
        outcome.given = got > after_all ? got + kOneDay : after_all;
      } else {
        outcome.given = got;
        for (int64_t left = past.known ? -past.lead : 0; left > 0; --left) {
          outcome.given += absl::Seconds(1);
        }
      }
      outcome.given = std::max(outcome.given, as_of);
      outcome.late = past.Notorious() || outcome.given > home_end;
      return outcome;
    };
    sendings[university] = on_the_way(came, sending);
    for (const auto& [platform, rows] : home) {
      signings[platform] = on_the_way(sendings[university].given, signers[platform]);
    }
  }

  const v1::Simulation simulation = Played(as_of);
  const auto same = [&](int step, const std::map<std::string, Outcome>& expected) {
    for (const auto& [who, outcome] : expected) {
      SCOPED_TRACE(absl::StrCat("step ", step, " ", who));
      const v1::SimulatedTask* task = Find(simulation, step, who);
      ASSERT_NE(task, nullptr);
      EXPECT_EQ(time::ToTime(task->receive_time()), outcome.received);
      EXPECT_EQ(time::ToTime(task->deadline()), outcome.deadline);
      EXPECT_EQ(time::ToTime(task->expected_time()), outcome.given) << task->reason();
      EXPECT_EQ(task->late(), outcome.late) << task->reason();
      int rows = 0;
      for (const v1::Row& row : in_.rows) {
        const bool counts = step == 1 ? row.platform() == who
                                      : !row.enterprise().empty() &&
                                            (row.platform() == who || row.university() == who);
        rows += counts ? 1 : 0;
      }
      if (step == 4 || IsPlatform(who)) {
        EXPECT_EQ(task->row_count(), rows);
      }
    }
  };
  same(1, parts);
  same(1, reports);
  same(4, sendings);
  same(4, signings);
  EXPECT_EQ(PlatformsOf(simulation, 1).size(), parts.size());
  EXPECT_EQ(PlatformsOf(simulation, 4).size(), signings.size());
  EXPECT_EQ(simulation.part_count(), static_cast<int>(parts.size()));
  EXPECT_EQ(Played(as_of).SerializeAsString(), simulation.SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimulationWalkTest, ::testing::Range(1, 61));

}  // namespace
}  // namespace chanyan::cycle
