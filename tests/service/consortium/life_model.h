// A small model of several consortia as they look from outside, which knows nothing of the service:
// states, members, bars and appeals, notices and objections, numbers and terms.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"

namespace chanyan::consortium {

struct LifeModel {
  struct Story {
    std::string state = "DRAFT";
    std::string lead;
    std::set<std::string> core;
    std::set<std::string> members;
    int projects = 0;
    int number = 0;
    absl::CivilDay last;
    absl::CivilDay vacant_until;
    // On notice.
    std::string notice;
    absl::CivilDay notice_until;
    bool late = false;
    bool waited = false;
    // Objections that nobody has decided, also when the notice has ended.
    std::set<std::string> open_objections;
  };
  enum class Appeal { kNone, kPending, kUpheld };
  struct Bar {
    std::string on;
    absl::CivilDay last;
    absl::CivilDay appeal_until;
    Appeal appeal = Appeal::kNone;
  };
  // By the names that the service gave them. A bar that was lifted is none.
  std::map<std::string, Bar> bars;
  std::map<std::string, Story> stories;
  int filed = 0;
  absl::CivilDay today;

  bool Barred(const std::string& who) const {
    return std::any_of(bars.begin(), bars.end(), [&](const auto& bar) {
      return bar.second.on == who && today <= bar.second.last;
    });
  }
  bool AnyBarred(const Story& story) const {
    return Barred(story.lead) || std::any_of(story.core.begin(), story.core.end(),
                                             [&](const auto& who) { return Barred(who); });
  }
  // Five months, at most to the end of the fifth.
  absl::CivilDay LastOfTerm() const {
    const absl::CivilMonth month = absl::CivilMonth(today) + 5;
    const absl::CivilDay last = absl::CivilDay(month.year(), month.month(), today.day()) - 1;
    return absl::CivilMonth(last + 1) == month ? last : absl::CivilDay(month + 1) - 1;
  }
  // What time and the jobs do, in the order in which notices were due.
  void Pass() {
    std::vector<std::pair<absl::CivilDay, std::string>> due;
    std::map<std::string, Story*> on_notice;
    for (auto& [name, story] : stories) {
      const bool in_force = story.state == "FILED" || story.state == "LEAD_VACANT";
      if (in_force && today > story.last) {
        story.state = "EXPIRED";
      } else if (story.state == "LEAD_VACANT" && today > story.vacant_until) {
        story.state = "CANCELLED";
      } else if (story.state == "PUBLIC_NOTICE" && today > story.notice_until) {
        due.emplace_back(story.notice_until, story.notice);
        on_notice[story.notice] = &story;
      }
    }
    std::sort(due.begin(), due.end());
    for (const auto& [until, notice] : due) {
      Story& story = *on_notice[notice];
      story.waited |= !story.open_objections.empty();
      if (!story.open_objections.empty() || AnyBarred(story)) {
        story.late = true;
        continue;
      }
      story.state = "FILED";
      story.late = false;
      story.number = ++filed;
      story.last = LastOfTerm();
    }
  }
};

}  // namespace chanyan::consortium
