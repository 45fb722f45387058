// A small model of several consortia as they look from outside, which knows nothing of the service:
// states, members, bars and appeals, notices and objections, numbers and terms, what renews what.
// Stories and bars go by the order in which they came, so that a seed tells the same history
// whatever names the service gives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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
    // Of these, those that stand under the name which they had below the filing before.
    std::vector<std::string> carried;
    // Who has agreed to a dissolution, by the parties of that time.
    std::map<std::set<std::string>, std::set<std::string>> consents;
    // Of its filing; 0 = none.
    int year = 0;
    int number = 0;
    absl::CivilDay last;
    // Which stories it renews and is renewed by.
    std::optional<size_t> renews;
    std::optional<size_t> renewed_by;
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
    bool Filed() const { return number > 0; }
    std::string Filing() const {
      return Filed() ? absl::StrCat("filings/", year, "-", number) : "";
    }
    std::set<std::string> Parties() const {
      std::set<std::string> all = members;
      if (!lead.empty()) all.insert(lead);
      return all;
    }
    // Its filing may be renewed, as long as nobody has.
    bool Renewable() const { return InForce() || state == "EXPIRED"; }
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
    int renewed = 0;
    // Those of them that ended what was in force.
    int replaced = 0;
    // The first notice that was due filed one.
    bool first_renewed = false;
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
  // Whose filing it renews is another's now or has ended otherwise.
  bool RenewsInVain(const Story& story) const {
    if (!story.renews) return false;
    const Story& old = stories[*story.renews];
    const bool others = !old.lead.empty() && old.lead != story.lead;
    return !old.Renewable() || others;
  }
  // No step that asks the rules is possible.
  bool Stopped(const Story& story) const { return AnyBarred(story) || RenewsInVain(story); }
  // It cannot be filed.
  bool Kept(const Story& story) const {
    return Stopped(story) || (story.renews && stories[*story.renews].renewed_by);
  }
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
      if (!story.open_objections.empty() || Kept(story)) {
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
      if (!story.renews) continue;
      ++passed.renewed;
      passed.first_renewed |= of == std::get<Story*>(due.front());
      passed.replaced += Renew(&story) ? 1 : 0;
    }
    return passed;
  }

 private:
  // What the former one holds goes on; whether it was in force until then.
  bool Renew(Story* story) {
    Story& old = stories[*story->renews];
    old.renewed_by = static_cast<size_t>(story - stories.data());
    story->projects = story->carried = old.projects;
    old.projects.clear();
    if (!old.InForce()) return false;
    old.state = "RENEWED";
    return true;
  }
};

}  // namespace chanyan::consortium
