#include "services/cycle/step_notices.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/notice_words.h"
#include "services/cycle/spoken_rules.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

// Acts, or places, that are spelled out in one notice.
constexpr size_t kSpelledOut = 10;

std::string SomeOf(const std::vector<std::string>& all, absl::string_view measure) {
  if (all.size() <= kSpelledOut) return absl::StrJoin(all, "；");
  const std::vector<std::string> some(all.begin(), all.begin() + kSpelledOut);
  return absl::StrCat(absl::StrJoin(some, "；"), "等", all.size(), measure);
}

std::string HeadOfStepNews(const v1::Cycle& changed, int number, StepChange change) {
  return absl::StrCat("本季度第", number, "步“", StepOf(changed, number).label(), "”",
                      change == StepChange::kClosedEarly ? "已提前结束" : "已延期");
}

std::string WhenAndWhy(const v1::Cycle& changed, int number, StepChange change) {
  return absl::StrCat(change == StepChange::kClosedEarly ? "结束时间：" : "截止时间延至",
                      SpokenToTheSecond(EndOf(changed, number)), "。",
                      Worded("原因", StepOf(changed, number).reason()));
}

// What is left to those who have not done it.
std::string WhatToDo(int number, StepChange change, const std::string& acts) {
  if (change == StepChange::kExtended) return absl::StrCat("请在截止前完成：", acts, "。");
  const std::string open = absl::StrCat("贵单位尚未完成：", acts, "。");
  if (number == kReportStep || number == kCollectStep) {
    return absl::StrCat(open, "确需补报的，请申请逾期补报许可。");
  }
  return absl::StrCat(open, "请尽快办理。");
}

std::string WhatFollows(const v1::Cycle& changed, int number, StepChange change) {
  if (change == StepChange::kExtended || number >= kSteps) return "";
  return absl::StrCat("第", number + 1, "步“", StepOf(changed, number + 1).label(), "”自",
                      SpokenToTheSecond(BeginOf(changed, number + 1)), "开始。");
}

}  // namespace

std::vector<Notice> StepNews(const v1::Cycle& changed, int number, StepChange change,
                             const std::vector<Duty>& duties) {
  const std::string title = HeadOfStepNews(changed, number, change);
  const std::string why = WhenAndWhy(changed, number, change);
  // Of a university's platforms its platform managers are told together.
  std::map<std::pair<std::string, options::v1::Role>, std::vector<std::string>> acts;
  for (const Duty& duty : duties) {
    const std::string organization(IsPlatform(duty.debtor) ? OwnerOfPlatform(duty.debtor)
                                                           : absl::string_view(duty.debtor));
    acts[{organization, duty.role}].push_back(duty.what);
  }
  std::vector<Notice> notices;
  for (const auto& [who, what] : acts) {
    notices.push_back(NewsTo(who.first, {who.second}, title,
                             absl::StrCat(why, WhatToDo(number, change, SomeOf(what, "项")))));
  }
  const options::v1::Role owner = StepOf(changed, number).owner_role();
  if (owner != options::v1::ROLE_UNSPECIFIED) {
    const bool secretariat = owner == options::v1::ROLE_SECRETARIAT;
    notices.push_back(NewsTo(secretariat ? changed.secretariat() : "", {owner}, title,
                             absl::StrCat(why, WhatFollows(changed, number, change))));
  }
  if (change == StepChange::kExtended) {
    for (Notice& notice : notices) notice.due = EndOf(changed, number);
  }
  return notices;
}

std::vector<Notice> BoardNews(const v1::Leaderboard& version) {
  std::map<std::string, std::vector<std::string>> places;
  for (const v1::Board& board : version.boards()) {
    for (const v1::LeaderboardEntry& entry : board.entries()) {
      const bool platform = IsPlatform(entry.subject());
      const std::string organization(platform ? OwnerOfPlatform(entry.subject())
                                              : absl::string_view(entry.subject()));
      places[organization].push_back(absl::StrCat(platform ? Quoted(entry.title()) : "贵单位", "列",
                                                  Quoted(board.title()), "第", entry.rank(), "名（",
                                                  entry.score(), "分）"));
    }
  }
  std::string until;
  if (version.has_objection_deadline()) {
    until = absl::StrCat("对榜单有异议的，请于",
                         SpokenToTheSecond(time::ToTime(version.objection_deadline())), "前提出。");
  }
  std::vector<Notice> notices;
  for (const auto& [organization, all] : places) {
    Notice& notice = notices.emplace_back(
        NewsTo(organization,
               {options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER,
                options::v1::ROLE_ENTERPRISE, options::v1::ROLE_UNIT, options::v1::ROLE_DEPARTMENT},
               "新成果和贡献度榜单已发布", absl::StrCat(SomeOf(all, "处"), "。", until)));
    if (version.has_objection_deadline()) {
      notice.due = time::ToTime(version.objection_deadline());
    }
  }
  return notices;
}

absl::Status TellOfStep(db::Session& session, absl::Time now, const v1::Cycle& changed, int number,
                        StepChange change) {
  if (changed.rehearsal()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Duty> duties, DutiesOf(session, changed, number));
  // About the quarter, not the step: what is told of that is settled when it is done.
  return TellAllNow(session, now, changed.name(), StepNews(changed, number, change, duties));
}

absl::Status TellOfBoard(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                         const v1::Leaderboard& version) {
  if (cycle.rehearsal()) return absl::OkStatus();
  return TellAllNow(session, now, version.name(), BoardNews(version));
}

}  // namespace chanyan::cycle
