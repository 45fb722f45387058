// 新成果和贡献度榜单 (CYC-8): who has how many points, from frozen inputs and the formulas of the
// policy pack. Pure: the same inputs and the same pack make the same boards.
//
// What is counted for a subject:
//   NEW_PROJECT         rows 新增结对共建项目 with an enterprise
//   PROJECT_IN_PROGRESS rows 在建 with an enterprise that report progress, not 本季度无变化
//   INTENT              rows 结对共建意向, with or without an enterprise
//   PAIRED_ENTERPRISE   distinct enterprises of the rows 新增 and 在建
//   COMPLETED_PROJECT   completed projects of the inputs
//   ON_TIME_FORM        1 if every report that was due came in its window; not for platforms
//   RESOLVED_PROBLEM    problems of the inputs, by their project; not for platforms
//   PUBLISHED_PLATFORM  platforms of the inputs; not for units
//
// Items for which nothing is recorded (the three exceptions above, and problems of versions of
// before they were kept) are not counted as zero: they are left out of the board, and its formula
// says so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "chanyan/registry/v1/registry.pb.h"

namespace chanyan::cycle {

// Reports that were due from one subject, by the cycle's clock.
struct DueReports {
  policy::v1::LeaderboardSubject kind;
  // University, unit or enterprise.
  std::string subject;
  int64_t expected = 0;
  int64_t on_time = 0;
};

struct LeaderboardInputs {
  // Rows that came back to their universities.
  std::vector<v1::Row> rows;
  // Everybody who had to report is ranked, with no points too.
  std::vector<DueReports> reports;
  // Completed in the quarter.
  std::vector<pairing::v1::Project> completed;
  // Resolved in the quarter, and not reopened since; none = they were not looked for.
  std::optional<std::vector<pairing::v1::Problem>> resolved;
  // Published or confirmed in the quarter.
  std::vector<registry::v1::Platform> published;
  // Resource name → what people call it; platforms and enterprises of rows and projects bring
  // theirs.
  std::map<std::string, std::string> titles;
};

// Whether the system records an item for that kind of subject.
bool IsRecorded(policy::v1::CountedItem item, policy::v1::LeaderboardSubject subject);

// Whether any board of the pack counts the item and it is recorded for it.
bool Counts(const policy::v1::PolicyPack& pack, policy::v1::CountedItem item);

// What the boards depend on, one fact a line, sorted: same text, same boards under the same pack.
std::string CanonicalInputs(const LeaderboardInputs& inputs);

// The formula in words, with what is left out of a board of these inputs.
std::string FormulaInWords(const policy::v1::Leaderboard& board, const LeaderboardInputs& inputs);

// One board for each of the pack, in its order. Equal score and equal tie-breakers share a rank and
// stand in byte order of the resource name; the ranks behind them are skipped.
std::vector<v1::Board> ComputeBoards(const policy::v1::PolicyPack& pack,
                                     const LeaderboardInputs& inputs);

}  // namespace chanyan::cycle
