// Events and problems of a quarter, line by line (CYC-7, PAIR-5).
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/outputs.h"

namespace chanyan::quarter {
namespace {

constexpr char kNoProject[] = "未立项";
constexpr char kNoTerm[] = "期限未定";

using ProblemsOfPair =
    std::map<std::pair<std::string, std::string>, std::vector<const pairing::v1::Problem*>>;

std::string Names(const std::vector<std::string>& names) {
  return absl::StrJoin(names, demo::kListSeparator);
}

// What the register has of a row's problem: the same words, or what was reported in the quarter;
// null if there is nothing.
const pairing::v1::Problem* RegisteredOf(const cycle::v1::Row& row, absl::string_view quarter,
                                         const ProblemsOfPair& registered) {
  const auto found = registered.find({row.platform(), row.enterprise()});
  if (found == registered.end()) return nullptr;
  for (const pairing::v1::Problem* one : found->second) {
    if (one->content() == row.problem()) return one;
  }
  for (const pairing::v1::Problem* one : found->second) {
    if (one->quarter() == quarter) return one;
  }
  return nullptr;
}

}  // namespace

std::string EventsTsv(const Outcome& outcome) {
  std::string text =
      demo::TsvLine({"event", "kind", "title", "date", "time", "place", "state", "invited", "came",
                     "invited_names", "came_names", "outcomes", "summary"});
  for (const cycle::v1::Event& event : outcome.events) {
    std::vector<std::string> invited, came, results;
    if (const auto of = outcome.participants.find(event.name()); of != outcome.participants.end()) {
      for (const cycle::v1::EventParticipant& one : of->second) {
        if (one.invited()) invited.push_back(one.organization_title());
        if (one.state() == cycle::v1::PARTICIPANT_STATE_ATTENDED) {
          came.push_back(one.organization_title());
        }
      }
    }
    if (const auto of = outcome.outcomes.find(event.name()); of != outcome.outcomes.end()) {
      for (const cycle::v1::EventOutcome& one : of->second) {
        results.push_back(absl::StrCat(policy::LabelOf(one.kind()), "：", one.title(),
                                       one.project_title().empty() ? "" : "，项目",
                                       one.project_title()));
      }
    }
    const absl::Time start = time::ToTime(event.start_time());
    text += demo::TsvLine(
        {std::string(api::IdOfName(event.name())), policy::LabelOf(event.kind()), event.title(),
         time::FormatDate(time::DayOf(start)), absl::FormatTime("%H:%M", start, time::Shanghai()),
         event.place(), policy::LabelOf(event.state()), absl::StrCat(invited.size()),
         absl::StrCat(came.size()), Names(invited), Names(came), Names(results), event.summary()});
  }
  return text;
}

std::string ProblemsTsv(const Outcome& outcome) {
  ProblemsOfPair registered;
  for (const pairing::v1::Problem& one : outcome.registered) {
    registered[{one.platform(), one.enterprise()}].push_back(&one);
  }
  std::map<std::string, std::string> titles;
  for (const cycle::v1::PunctualityLine& line : outcome.punctuality.lines()) {
    titles[line.organization()] = line.title();
  }
  const std::string quarter(api::IdOfName(outcome.cycle.name()));
  std::vector<std::string> lines;
  for (const cycle::v1::Row& row : outcome.problems) {
    const pairing::v1::Problem* problem = RegisteredOf(row, quarter, registered);
    // Whoever is at work on it, or the unit whose enterprise it is.
    std::string owner = titles[row.unit()];
    std::string due = kNoTerm, state = kNoProject;
    if (problem != nullptr) {
      if (!problem->assignee_title().empty()) {
        owner = absl::StrCat(problem->assignee_title(), problem->owner().empty() ? "" : " ",
                             problem->owner());
      }
      if (problem->has_due_time()) {
        due = time::FormatDate(time::DayOf(time::ToTime(problem->due_time())));
      }
      state = policy::LabelOf(problem->state());
    }
    lines.push_back(
        demo::TsvLine({titles[row.university()], row.platform_title(), row.enterprise_title(),
                       row.title(), row.problem(), owner, due, state}));
  }
  std::sort(lines.begin(), lines.end());
  return absl::StrCat(demo::TsvLine({"university", "platform", "company", "project", "problem",
                                     "owner", "due", "state"}),
                      absl::StrJoin(lines, ""));
}

}  // namespace chanyan::quarter
