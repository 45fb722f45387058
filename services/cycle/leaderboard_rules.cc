#include "services/cycle/leaderboard_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/policy/life.h"

namespace chanyan::cycle {
namespace {

using policy::v1::CountedItem;
using policy::v1::LeaderboardSubject;

// What is known of one subject.
struct Tally {
  std::map<CountedItem, int64_t> counts;
  std::set<std::string> enterprises;
  std::string title;

  int64_t Count(CountedItem item) const {
    const auto found = counts.find(item);
    return found == counts.end() ? 0 : found->second;
  }
};
// In byte order of the resource name.
using Tallies = std::map<std::string, Tally>;

// Measure word of an item.
absl::string_view Measure(CountedItem item) {
  switch (item) {
    case policy::v1::COUNTED_ITEM_PAIRED_ENTERPRISE:
      return "家";
    case policy::v1::COUNTED_ITEM_ON_TIME_FORM:
      return "次";
    case policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM:
    case policy::v1::COUNTED_ITEM_PUBLISHED_PLATFORM:
      return "个";
    default:
      return "项";
  }
}

// `from` is a row or a project: both name the four.
template <class T>
const std::string& SubjectOf(LeaderboardSubject subject, const T& from) {
  static const std::string kNobody;
  switch (subject) {
    case policy::v1::LEADERBOARD_SUBJECT_UNIVERSITY:
      return from.university();
    case policy::v1::LEADERBOARD_SUBJECT_PLATFORM:
      return from.platform();
    case policy::v1::LEADERBOARD_SUBJECT_ENTERPRISE:
      return from.enterprise();
    case policy::v1::LEADERBOARD_SUBJECT_UNIT:
      return from.unit();
    default:
      return kNobody;
  }
}

template <class T>
const std::string& TitleOf(LeaderboardSubject subject, const T& from) {
  static const std::string kUnknown;
  if (subject == policy::v1::LEADERBOARD_SUBJECT_PLATFORM) return from.platform_title();
  if (subject == policy::v1::LEADERBOARD_SUBJECT_ENTERPRISE) return from.enterprise_title();
  return kUnknown;
}

template <class T>
Tally* TallyOf(LeaderboardSubject subject, const T& from, Tallies* tallies) {
  const std::string& name = SubjectOf(subject, from);
  if (name.empty()) return nullptr;
  Tally& tally = (*tallies)[name];
  // Of two spellings the first in the order of the inputs' names.
  if (tally.title.empty()) tally.title = TitleOf(subject, from);
  return &tally;
}

void AddRow(const v1::Row& row, Tally* tally) {
  const bool paired = !row.enterprise().empty();
  switch (row.category()) {
    case v1::ROW_CATEGORY_INTENT:
      ++tally->counts[policy::v1::COUNTED_ITEM_INTENT];
      break;
    case v1::ROW_CATEGORY_NEW:
      if (!paired) break;
      ++tally->counts[policy::v1::COUNTED_ITEM_NEW_PROJECT];
      tally->enterprises.insert(row.enterprise());
      break;
    case v1::ROW_CATEGORY_ONGOING:
      if (!paired) break;
      if (!row.no_change()) ++tally->counts[policy::v1::COUNTED_ITEM_PROJECT_IN_PROGRESS];
      tally->enterprises.insert(row.enterprise());
      break;
    default:
      break;
  }
}

// Whether a board counts an item or parts equals by it.
bool HasItem(const policy::v1::Leaderboard& board, CountedItem item) {
  for (const policy::v1::LeaderboardTerm& term : board.terms()) {
    if (term.item() == item) return true;
  }
  for (int tie_breaker : board.tie_breakers()) {
    if (tie_breaker == item) return true;
  }
  return false;
}

// Recorded, and looked for when these inputs were gathered.
bool IsCounted(CountedItem item, LeaderboardSubject subject, const LeaderboardInputs& inputs) {
  return IsRecorded(item, subject) &&
         (item != policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM || inputs.resolved.has_value());
}

// A problem counts for those of its project.
void AddProblem(LeaderboardSubject subject, const pairing::v1::Problem& problem, Tallies* tallies) {
  const std::string& name =
      subject == policy::v1::LEADERBOARD_SUBJECT_UNIVERSITY   ? problem.university()
      : subject == policy::v1::LEADERBOARD_SUBJECT_ENTERPRISE ? problem.enterprise()
                                                              : problem.unit();
  if (name.empty()) return;
  Tally& tally = (*tallies)[name];
  ++tally.counts[policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM];
  if (tally.title.empty() && subject == policy::v1::LEADERBOARD_SUBJECT_ENTERPRISE) {
    tally.title = problem.enterprise_title();
  }
}

// A platform counts for itself, and for its owner where the owner is on the board already.
void AddPlatform(LeaderboardSubject subject, const registry::v1::Platform& platform,
                 Tallies* tallies) {
  constexpr auto kItem = policy::v1::COUNTED_ITEM_PUBLISHED_PLATFORM;
  if (subject == policy::v1::LEADERBOARD_SUBJECT_PLATFORM) {
    Tally& tally = (*tallies)[platform.name()];
    ++tally.counts[kItem];
    if (tally.title.empty()) tally.title = platform.display_name();
    return;
  }
  const auto owner = tallies->find(platform.organization());
  if (owner != tallies->end()) ++owner->second.counts[kItem];
}

Tallies TallyAll(const policy::v1::Leaderboard& board, const LeaderboardInputs& inputs) {
  const LeaderboardSubject subject = board.subject();
  Tallies tallies;
  for (const v1::Row& row : inputs.rows) {
    if (Tally* tally = TallyOf(subject, row, &tallies)) AddRow(row, tally);
  }
  for (const pairing::v1::Project& project : inputs.completed) {
    if (Tally* tally = TallyOf(subject, project, &tallies)) {
      ++tally->counts[policy::v1::COUNTED_ITEM_COMPLETED_PROJECT];
    }
  }
  for (const DueReports& reports : inputs.reports) {
    if (reports.kind != subject) continue;
    Tally& tally = tallies[reports.subject];
    if (reports.expected > 0 && reports.on_time == reports.expected) {
      tally.counts[policy::v1::COUNTED_ITEM_ON_TIME_FORM] = 1;
    }
  }
  if (IsCounted(policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM, subject, inputs) &&
      HasItem(board, policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM)) {
    for (const pairing::v1::Problem& problem : *inputs.resolved) {
      AddProblem(subject, problem, &tallies);
    }
  }
  if (IsRecorded(policy::v1::COUNTED_ITEM_PUBLISHED_PLATFORM, subject)) {
    for (const registry::v1::Platform& platform : inputs.published) {
      AddPlatform(subject, platform, &tallies);
    }
  }
  for (auto& [name, tally] : tallies) {
    tally.counts[policy::v1::COUNTED_ITEM_PAIRED_ENTERPRISE] =
        static_cast<int64_t>(tally.enterprises.size());
    const auto title = inputs.titles.find(name);
    if (title != inputs.titles.end()) tally.title = title->second;
  }
  return tallies;
}

v1::LeaderboardEntry EntryOf(const policy::v1::Leaderboard& board, const LeaderboardInputs& inputs,
                             const std::string& name, const Tally& tally) {
  v1::LeaderboardEntry entry;
  entry.set_subject(name);
  entry.set_title(tally.title.empty() ? name : tally.title);
  int64_t score = 0;
  for (const policy::v1::LeaderboardTerm& formula : board.terms()) {
    if (!IsCounted(formula.item(), board.subject(), inputs)) continue;
    v1::LeaderboardTerm& term = *entry.add_terms();
    term.set_item(formula.item());
    term.set_label(policy::LabelOf(formula.item()));
    term.set_count(tally.Count(formula.item()));
    term.set_counted(formula.cap() == 0 ? term.count()
                                        : std::min<int64_t>(term.count(), formula.cap()));
    term.set_points(formula.points());
    term.set_score(term.counted() * term.points());
    score += term.score();
  }
  entry.set_score(score);
  return entry;
}

// An entry with what it is ordered by: score and tie-breakers, the greater first.
struct Ranked {
  v1::LeaderboardEntry entry;
  std::vector<int64_t> strength;
};

v1::Board BoardOf(const policy::v1::Leaderboard& board, const LeaderboardInputs& inputs) {
  std::vector<Ranked> ranked;
  for (const auto& [name, tally] : TallyAll(board, inputs)) {
    Ranked& one = ranked.emplace_back();
    one.entry = EntryOf(board, inputs, name, tally);
    one.strength.push_back(one.entry.score());
    for (int item : board.tie_breakers()) {
      one.strength.push_back(tally.Count(static_cast<CountedItem>(item)));
    }
  }
  // The map gave them in byte order of the name, which stays among equals.
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.strength > b.strength; });
  v1::Board result;
  result.set_id(board.id());
  result.set_title(board.display_name());
  result.set_formula(FormulaInWords(board, inputs));
  for (size_t i = 0; i < ranked.size(); ++i) {
    const bool shares = i > 0 && ranked[i].strength == ranked[i - 1].strength;
    ranked[i].entry.set_rank(shares ? result.entries().rbegin()->rank()
                                    : static_cast<int32_t>(i + 1));
    *result.add_entries() = std::move(ranked[i].entry);
  }
  return result;
}

}  // namespace

bool IsRecorded(CountedItem item, LeaderboardSubject subject) {
  switch (item) {
    case policy::v1::COUNTED_ITEM_NEW_PROJECT:
    case policy::v1::COUNTED_ITEM_PROJECT_IN_PROGRESS:
    case policy::v1::COUNTED_ITEM_INTENT:
    case policy::v1::COUNTED_ITEM_PAIRED_ENTERPRISE:
    case policy::v1::COUNTED_ITEM_COMPLETED_PROJECT:
      return true;
    case policy::v1::COUNTED_ITEM_ON_TIME_FORM:
    case policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM:
      return subject != policy::v1::LEADERBOARD_SUBJECT_PLATFORM;
    case policy::v1::COUNTED_ITEM_PUBLISHED_PLATFORM:
      return subject != policy::v1::LEADERBOARD_SUBJECT_UNIT;
    default:
      return false;
  }
}

bool Counts(const policy::v1::PolicyPack& pack, CountedItem item) {
  for (const policy::v1::Leaderboard& board : pack.leaderboards()) {
    if (IsRecorded(item, board.subject()) && HasItem(board, item)) return true;
  }
  return false;
}

std::string CanonicalInputs(const LeaderboardInputs& inputs) {
  std::vector<std::string> lines;
  for (const v1::Row& row : inputs.rows) {
    lines.push_back(
        absl::StrJoin({absl::string_view("row"), absl::string_view(row.name()),
                       absl::string_view(row.university()), absl::string_view(row.platform()),
                       absl::string_view(row.platform_title()), absl::string_view(row.enterprise()),
                       absl::string_view(row.enterprise_title()), absl::string_view(row.unit()),
                       absl::string_view(v1::RowCategory_Name(row.category())),
                       absl::string_view(row.no_change() ? "no change" : "")},
                      "\t"));
  }
  for (const DueReports& due : inputs.reports) {
    lines.push_back(absl::StrCat("reports\t", due.subject, "\t", due.expected, "\t", due.on_time));
  }
  for (const pairing::v1::Project& project : inputs.completed) {
    lines.push_back(absl::StrJoin(
        {absl::string_view("completed"), absl::string_view(project.name()),
         absl::string_view(project.university()), absl::string_view(project.platform()),
         absl::string_view(project.platform_title()), absl::string_view(project.enterprise()),
         absl::string_view(project.enterprise_title()), absl::string_view(project.unit())},
        "\t"));
  }
  if (inputs.resolved) {
    lines.push_back("resolved");
    for (const pairing::v1::Problem& problem : *inputs.resolved) {
      lines.push_back(absl::StrJoin(
          {absl::string_view("resolved"), absl::string_view(problem.name()),
           absl::string_view(problem.university()), absl::string_view(problem.enterprise()),
           absl::string_view(problem.enterprise_title()), absl::string_view(problem.unit())},
          "\t"));
    }
  }
  for (const registry::v1::Platform& platform : inputs.published) {
    lines.push_back(absl::StrCat("published\t", platform.name(), "\t", platform.organization(),
                                 "\t", platform.display_name()));
  }
  for (const auto& [name, title] : inputs.titles) {
    lines.push_back(absl::StrCat("title\t", name, "\t", title));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
  return text;
}

std::string FormulaInWords(const policy::v1::Leaderboard& board, const LeaderboardInputs& inputs) {
  std::vector<std::string> terms;
  std::vector<std::string> left_out;
  for (const policy::v1::LeaderboardTerm& term : board.terms()) {
    const std::string label = policy::LabelOf(term.item());
    if (!IsCounted(term.item(), board.subject(), inputs)) {
      left_out.push_back(absl::StrCat("“", label, "”"));
      continue;
    }
    const absl::string_view measure = Measure(term.item());
    std::string text = absl::StrCat(label, "每", measure, term.points(), "分");
    if (term.cap() > 0) absl::StrAppend(&text, "，最多计", term.cap(), measure);
    terms.push_back(std::move(text));
  }
  std::string formula = absl::StrCat(absl::StrJoin(terms, "；"), "。");
  if (board.tie_breakers().empty()) {
    absl::StrAppend(&formula, "得分相同的名次并列。");
  } else {
    absl::StrAppend(&formula, "得分相同的，依次比较",
                    absl::StrJoin(board.tie_breakers(), "、",
                                  [](std::string* out, int item) {
                                    out->append(policy::LabelOf(static_cast<CountedItem>(item)));
                                  }),
                    "，多者在前；仍相同的名次并列。");
  }
  if (!left_out.empty()) {
    absl::StrAppend(&formula, absl::StrJoin(left_out, "、"), "系统尚无记录，本榜未计分。");
  }
  return formula;
}

std::vector<v1::Board> ComputeBoards(const policy::v1::PolicyPack& pack,
                                     const LeaderboardInputs& inputs) {
  std::vector<v1::Board> boards;
  for (const policy::v1::Leaderboard& board : pack.leaderboards()) {
    boards.push_back(BoardOf(board, inputs));
  }
  return boards;
}

}  // namespace chanyan::cycle
