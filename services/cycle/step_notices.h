// Who is told at once that a step ends sooner or later than it was said, that deadlines were
// reckoned anew, and that a leaderboard is published (CYC-1, CYC-8, CYC-9): news, each person once.
// A rehearsal tells nobody.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "common/db/database.h"
#include "services/cycle/duties.h"
#include "services/cycle/late_opening_rules.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// --- What is said. Pure.

enum class StepChange { kClosedEarly, kExtended };
// Of step `number` of a cycle that has been changed: first to those who still have something to do
// in it, with what that is, and whoever answers for some of it by name with that alone; then to all
// others whose step it is. Of several that reach one person the first is meant.
std::vector<Notice> StepNews(const v1::Cycle& changed, int number, StepChange change,
                             const std::vector<Duty>& duties);
// Of all steps that were reckoned anew together, in one notice: first to each organization that has
// something to do in one of them, with what that is (`duties`, by step); then to all others whose
// steps they are.
std::vector<Notice> ReprojectedNews(const v1::Cycle& changed,
                                    const std::vector<v1::MovedStep>& moved,
                                    absl::string_view reason,
                                    const std::map<int, std::vector<Duty>>& duties);
// "第3步“企业提交”由2025年4月16日至2025年4月23日改为2025年4月16日至2025年4月22日", of each.
std::string MovesInWords(const std::vector<v1::MovedStep>& moved);
// To its secretariat, at the opening of a live cycle: which steps were over and what was done about
// them, and whether `skipped`, the quarter before, was never opened ("" = it was, or there is
// none). Nothing if nothing is late.
std::vector<Notice> LateOpeningNews(const v1::Cycle& opened, const std::vector<LateStep>& late,
                                    absl::string_view skipped);
// To every organization on a board of a published version, or that has a platform there: its
// places, and until when one may object.
std::vector<Notice> BoardNews(const v1::Leaderboard& version);
// To the same, that the window of which BoardNews spoke ends at another time.
std::vector<Notice> WindowNews(const v1::Leaderboard& version, const v1::MovedWindow& moved,
                               absl::string_view reason);
// "榜单异议期限由……改为……".
std::string WindowMoveInWords(const v1::MovedWindow& moved);

// --- Telling, in the transaction of what is told.

absl::Status TellOfStep(db::Session& session, absl::Time now, const v1::Cycle& changed, int number,
                        StepChange change);
absl::Status TellOfReprojection(db::Session& session, absl::Time now, const v1::Cycle& changed,
                                const std::vector<v1::MovedStep>& moved, absl::string_view reason);
absl::Status TellOfLateOpening(db::Session& session, absl::Time now, const v1::Cycle& opened,
                               const std::vector<LateStep>& late);
absl::Status TellOfBoard(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                         const v1::Leaderboard& version);
absl::Status TellOfWindow(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                          const v1::Leaderboard& version, const v1::MovedWindow& moved,
                          absl::string_view reason);

}  // namespace chanyan::cycle
