// A small model of several consortia as they look from outside, which knows nothing of the service:
// states, members, bars and appeals, notices and objections, numbers and terms. Stories and bars go
// by the order in which they came, so that a seed tells the same history whatever names the service
// gives.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"

namespace chanyan::consortium {

struct LifeModel {
  // As the test's pack has them.
  static constexpr int kTermMonths = 3;
  static constexpr int kBarYears = 1;

  struct Story {
    std::string name;
    std::string state = "DRAFT";
    std::string lead;
    std::set<std::string> core;
    std::set<std::string> members;
    // Held and not closed.
    std::vector<std::string> projects;
    // Of its filing; 0 = none.
    int year = 0;
    int number = 0;
    absl::CivilDay last;
    // Of the clock that ends RETURNED and LEAD_VACANT.
    absl::CivilDay until;
    // On notice.
    std::string notice;
    absl::CivilDay notice_until;
    bool late = false;
    bool waited = false;
    // Objections that nobody has decided, also when the notice has ended.
    std::vector<std::string> open_objections;

    bool operator==(const Story&) const = default;
    bool InForce() const { return state == "FILED" || state == "LEAD_VACANT"; }
    // Not decided yet.
    bool Open() const {
      static const auto& open = *new std::set<std::string>{
          "DRAFT",      "RETURNED", "DISTRICT_REVIEW", "CITY_REVIEW",  "EXPERT_REVIEW",
          "SITE_VISIT", "DEFENCE",  "SELECTED",        "PUBLIC_NOTICE"};
      return open.contains(state);
    }
  };
  enum class Appeal { kNone, kPending, kUpheld, kGranted };
  struct Bar {
    std::string name;
    std::string on;
    absl::CivilDay last;
    absl::CivilDay appeal_until;
    Appeal appeal = Appeal::kNone;
    // The job has seen that it is over.
    bool ended = false;

    bool Holds(absl::CivilDay day) const { return appeal != Appeal::kGranted && day <= last; }
  };
  // What time did.
  struct Passed {
    int expired = 0;
    int abandoned = 0;
    int lapsed = 0;
    int filed = 0;
    // Notices that were over and did not clear, and those for which that is new.
    int waiting = 0;
    int held = 0;
    int bars_ended = 0;
  };

  std::vector<Story> stories;
  std::vector<Bar> bars;
  // Numbers given, by year.
  std::map<int, int> filed;
  absl::CivilDay today;

  bool Barred(const std::string& who) const {
    return std::any_of(bars.begin(), bars.end(),
                       [&](const Bar& bar) { return bar.on == who && bar.Holds(today); });
  }
  // Lead and core that are barred.
  std::set<std::string> BarredOf(const Story& story) const {
    std::set<std::string> barred;
    for (const std::string& who : story.core) {
      if (Barred(who)) barred.insert(who);
    }
    if (Barred(story.lead)) barred.insert(story.lead);
    return barred;
  }
  bool AnyBarred(const Story& story) const { return !BarredOf(story).empty(); }
  // The day before the same day so many months on, at most the end of that month.
  static absl::CivilDay LastOfTerm(absl::CivilDay first, int months) {
    const absl::CivilMonth month = absl::CivilMonth(first) + months;
    const absl::CivilDay last = absl::CivilDay(month.year(), month.month(), first.day()) - 1;
    return absl::CivilMonth(last + 1) == month ? last : absl::CivilDay(month + 1) - 1;
  }
  int AllFiled() const {
    int all = 0;
    for (const auto& [year, numbers] : filed) all += numbers;
    return all;
  }
  // What time and the jobs do, in the order in which notices were due.
  Passed Pass() {
    Passed passed;
    std::vector<std::tuple<absl::CivilDay, std::string, Story*>> due;
    for (Story& story : stories) {
      if (story.InForce() && today > story.last) {
        story.state = "EXPIRED";
        ++passed.expired;
      } else if (story.state == "LEAD_VACANT" && today > story.until) {
        story.state = "CANCELLED";
        ++passed.abandoned;
      } else if (story.state == "RETURNED" && today > story.until) {
        story.state = "LAPSED";
        ++passed.lapsed;
      } else if (story.state == "PUBLIC_NOTICE" && today > story.notice_until) {
        due.emplace_back(story.notice_until, story.notice, &story);
      }
    }
    for (Bar& bar : bars) {
      if (bar.ended || bar.appeal == Appeal::kGranted || today <= bar.last) continue;
      bar.ended = true;
      ++passed.bars_ended;
    }
    std::sort(due.begin(), due.end());
    for (const auto& [until, notice, of] : due) {
      Story& story = *of;
      story.waited |= !story.open_objections.empty();
      if (!story.open_objections.empty() || AnyBarred(story)) {
        ++passed.waiting;
        passed.held += story.late ? 0 : 1;
        story.late = true;
        continue;
      }
      story.state = "FILED";
      story.late = false;
      story.year = static_cast<int>(today.year());
      story.number = ++filed[story.year];
      story.last = LastOfTerm(today, kTermMonths);
      ++passed.filed;
    }
    return passed;
  }
};

}  // namespace chanyan::consortium
