// The world of random life histories: the model beside the services, requests whose COMMIT is lost
// or whose answer is, the jobs by one replica after another, and the comparison of the two.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/life_model.h"
#include "tests/service/consortium/notice_world.h"

namespace chanyan::consortium {

// How often each kind of thing happened, by its name.
using LifeEvents = std::map<std::string, int>;

class LifeWorld : public NoticeWorld {
 public:
  // Terms, bars and the time without a lead are so short that histories within the calendars see
  // their ends.
  LifeWorld(uint32_t seed, LifeEvents* events)
      : NoticeWorld(PackWith({{"max_months: 36", absl::StrCat("max_months: ", kTerm)},
                              {"years: 3", absl::StrCat("years: ", LifeModel::kBarYears)},
                              {"workdays: 60", "workdays: 20"}})),
        events_(*events),
        random_(seed) {
    Go(model_.today = absl::CivilDay(2025, 1, 2));
    notices.SetGates(book);
  }

 protected:
  static constexpr int kTerm = LifeModel::kTermMonths;

  size_t Pick(size_t below) { return random_() % below; }
  bool OneIn(size_t chances) { return Pick(chances) == 0; }
  template <class T>
  const T& OneOf(const std::vector<T>& all) {
    return all[Pick(all.size())];
  }
  void Happened(const std::string& what, int times = 1) {
    if (times > 0) events_[what] += times;
  }

  // What becomes of the transactions of a moment. A lost COMMIT is what a service that is killed
  // before it leaves behind; an ambiguous one what it leaves when it is killed behind it.
  static db::Faults FaultsOf(size_t fate) {
    switch (fate) {
      case 0:
        return {.inject_ambiguous_nocommit_every = 1};
      case 1:
        return {.inject_ambiguous_commit_every = 1};
      case 2:
        return {.inject_retry_every = 2};
      default:
        return {};
    }
  }
  // Runs `work` under a fate; whether a COMMIT was lost on the way.
  template <class Work>
  bool UnderFate(size_t fate, Work work) {
    const int64_t before = database.db().stats().ambiguous;
    database.db().InjectFaults(FaultsOf(fate));
    work();
    database.db().InjectFaults({});
    return database.db().stats().ambiguous > before;
  }

  // Sends a request, which has its id in it, as a client does: what is UNAVAILABLE has left nothing
  // and is sent again, and what was answered has the same answer when it comes twice.
  template <class Send>
  auto Ask(const std::string& what, Send send) -> decltype(send()) {
    const size_t fate = Pick(6);
    decltype(send()) answer = absl::UnknownError("not asked");
    const bool lost = UnderFate(fate, [&] { answer = send(); });
    if (absl::IsUnavailable(answer.status())) {
      EXPECT_TRUE(lost) << what << answer.status();
      Compare(/*whole=*/false);
      answer = send();
    } else if (answer.ok() && OneIn(4)) {
      const auto again = send();
      EXPECT_TRUE(again.ok()) << what << again.status();
      if (again.ok()) {
        EXPECT_EQ(again->SerializeAsString(), answer->SerializeAsString()) << what;
      }
      Happened("sent twice");
    }
    if (lost && answer.ok()) Happened(absl::StrCat("crash at ", what));
    return answer;
  }

  // One job, which may be killed after a row or before it, and then by the next replica.
  template <class Run>
  bool Job(Run run) {
    absl::StatusOr<int> done = 0;
    const bool lost = UnderFate(Pick(5), [&] { done = run(); });
    EXPECT_TRUE(done.ok() || (lost && absl::IsUnavailable(done.status()))) << done.status();
    if (lost) done = run();
    EXPECT_TRUE(done.ok()) << done.status();
    return lost;
  }
  void Jobs() {
    const LifeModel::Passed passed = model_.Pass();
    const std::string replica = absl::StrCat("replica-", ++replicas_);
    const auto jobs = JobLease(replica);
    const auto lease = NoticeLease(replica);
    const bool ended = Job([&] { return clocks.Expire(*jobs); });
    const bool ran_out = Job([&] { return clocks.RunOut(*jobs); });
    Job([&] { return filings.Remind(*jobs); });
    const bool bar = Job([&] { return bars.Expire(*jobs); });
    const bool notice = Job([&] { return notices.EndDue(*lease); });
    Job([&] { return notices.RemindOfObjections(*lease); });
    Job([&] { return notices.MarkLateObjections(*lease); });
    EXPECT_TRUE(jobs->Release().ok());
    EXPECT_TRUE(lease->Release().ok());
    Happened("expired", passed.expired);
    Happened("no new lead in time", passed.abandoned);
    Happened("not corrected in time", passed.lapsed);
    CarryOn();
    Happened("filed", passed.filed);
    Happened("renewed", passed.renewed);
    Happened("replaced by its renewal", passed.replaced);
    Happened("notice held", passed.held);
    Happened("bar ended by time", passed.bars_ended);
    if (ended && passed.expired > 0) Happened("crash at expiry");
    if (ran_out && passed.abandoned + passed.lapsed > 0) Happened("crash at a clock");
    if (bar && passed.bars_ended > 0) Happened("crash at the end of a bar");
    // Only the first row meets its fate.
    if (notice && passed.filed > 0 && passed.waiting == 0) Happened("crash at filing");
    if (notice && passed.first_renewed) Happened("crash at a renewal");
    if (notice && passed.held > 0 && passed.filed == 0) Happened("crash at notice end");
  }
  // Each project of a filing that was renewed goes on once, below the new one.
  void CarryOn() {
    for (LifeModel::Story& story : model_.stories) {
      for (const std::string& before : std::exchange(story.carried, {})) {
        const auto next = testing::Texts(
            database.db(), absl::StrCat("SELECT name FROM held_project WHERE state = 'OPEN' AND "
                                        "consortium = '",
                                        story.name, "' AND continues = '", before, "'"));
        ASSERT_EQ(next.size(), 1) << before << " below " << story.name;
        EXPECT_EQ(Count(absl::StrCat("held_project WHERE continues = '", before, "'")), 1);
        EXPECT_EQ(Count(absl::StrCat("held_project WHERE state = 'TRANSFERRED' AND name = '",
                                     before, "'")),
                  1);
        EXPECT_FALSE(World::Close(before).ok()) << "it goes on elsewhere";
        std::replace(story.projects.begin(), story.projects.end(), before, next[0]);
        Happened("project carried on");
      }
    }
  }
  void Rest() {
    // Long rests see terms end, short ones notices and appeals.
    const size_t days = OneIn(2) ? 1 + Pick(60) : 1 + Pick(10);
    Go(model_.today += static_cast<int64_t>(days));
    Jobs();
  }

  void Compare(const LifeModel::Story& story) {
    const v1::Consortium row = Stored(story.name);
    EXPECT_EQ(ShortName(row.state()), story.state) << story.name;
    EXPECT_EQ(row.lead_unit(), story.lead) << story.name;
    std::set<std::string> members;
    std::set<std::string> core;
    for (const auto& member : row.members()) {
      members.insert(member.organization());
      if (member.layer() == v1::MEMBER_LAYER_CORE) core.insert(member.organization());
    }
    EXPECT_EQ(members, story.members) << story.name;
    EXPECT_EQ(core, story.core) << story.name;
    EXPECT_EQ(row.held_projects(), static_cast<int64_t>(story.projects.size())) << story.name;
    if (story.state == "PUBLIC_NOTICE") {
      EXPECT_EQ(row.overdue(), story.late) << story.name;
      EXPECT_EQ(Notice(story.notice).has_wait_time(), story.waited) << story.name;
    }
    if (story.Open()) {
      std::set<std::string> barred;
      for (const v1::BarredParty& party : row.barred_parties()) barred.insert(party.organization());
      EXPECT_EQ(barred, model_.BarredOf(story)) << story.name << " " << story.state;
    }
    EXPECT_EQ(Count(absl::StrCat("membership WHERE end_time IS NULL AND consortium = '", story.name,
                                 "'")),
              story.InForce() ? static_cast<int64_t>(members.size()) + !story.lead.empty() : 0)
        << story.name;
    EXPECT_EQ(row.transition_count(), static_cast<int>(TransitionsOf(story.name).size()));
    EXPECT_EQ(row.renews(), FilingOf(story.renews)) << story.name;
    EXPECT_EQ(row.filing(), story.Filing()) << story.name;
    if (!story.Filed() || row.filing().empty()) return;
    const v1::Filing filing = StoredFiling(row.filing());
    EXPECT_EQ(filing.renews(), FilingOf(story.renews)) << story.name;
    EXPECT_EQ(filing.renewed_by(), FilingOf(story.renewed_by)) << story.name;
    EXPECT_EQ(filing.year(), story.year);
    EXPECT_EQ(filing.number(), story.number);
    EXPECT_EQ(time::DayIn(filing.valid_until()), story.last);
    EXPECT_EQ(v1::FilingState_Name(filing.state()),
              absl::StrCat("FILING_STATE_", story.InForce() ? "VALID" : story.state))
        << story.name;
  }
  // What the services hold is the model: in numbers, bars, and dossiers, of which the ones are read
  // whole that have changed here or there since, or all if asked.
  void Compare(bool whole) {
    std::map<std::string, std::string> versions;
    for (const std::string& row :
         testing::Texts(database.db(), "SELECT CONCAT(name, ' ', version) FROM consortium")) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(row, ' ');
      versions.insert(parts);
    }
    EXPECT_EQ(versions.size(), model_.stories.size());
    for (const LifeModel::Story& story : model_.stories) {
      Seen now = {story, model_.BarredOf(story), versions[story.name]};
      Seen& before = seen_[story.name];
      if (whole || now != before) Compare(story);
      before = std::move(now);
    }
    std::set<std::string> barred;
    for (const LifeModel::Bar& bar : model_.bars) {
      const char* state = bar.appeal == LifeModel::Appeal::kGranted ? "LIFTED"
                          : bar.ended                               ? "EXPIRED"
                                                                    : "IN_FORCE";
      barred.insert(
          absl::StrCat(bar.name, " ", bar.on, " ", state, " ", time::FormatDate(bar.last)));
    }
    EXPECT_EQ(TextsOf("CONCAT_WS(' ', name, organization, state, end_date) FROM bar"), barred);
    // Each number of a year once and none left out.
    std::set<std::string> numbers;
    for (const auto& [year, last] : model_.filed) {
      for (int number = 1; number <= last; ++number) {
        numbers.insert(absl::StrCat(year, "-", number));
      }
    }
    EXPECT_EQ(TextsOf("CONCAT(year, '-', number) FROM filing"), numbers);
    EXPECT_EQ(Count("filing"), static_cast<int64_t>(numbers.size()));
  }

  // Of the story with that index; empty without one.
  std::string FilingOf(const std::optional<size_t>& story) const {
    return story ? model_.stories[*story].Filing() : "";
  }

  LifeModel model_;

 private:
  // A dossier when it was compared last.
  struct Seen {
    LifeModel::Story story;
    std::set<std::string> barred;
    std::string version;

    bool operator==(const Seen&) const = default;
  };
  std::set<std::string> TextsOf(const std::string& what) {
    const auto texts = testing::Texts(database.db(), absl::StrCat("SELECT ", what));
    return {texts.begin(), texts.end()};
  }

  LifeEvents& events_;
  std::map<std::string, Seen> seen_;
  int replicas_ = 0;
  std::mt19937 random_;
};

}  // namespace chanyan::consortium
