#include "services/cycle/step_notices.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
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
constexpr char kNewestBefore[] = "SELECT name FROM cycle WHERE name < ? ORDER BY name DESC LIMIT 1";

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

// Whose places a board shows.
std::string StandingThere(const v1::LeaderboardEntry& entry) {
  return std::string(IsPlatform(entry.subject()) ? OwnerOfPlatform(entry.subject())
                                                 : absl::string_view(entry.subject()));
}

const NoticeRoles& RolesOnBoards() {
  static const auto* const kRoles = new NoticeRoles{
      options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER,
      options::v1::ROLE_ENTERPRISE, options::v1::ROLE_UNIT, options::v1::ROLE_DEPARTMENT};
  return *kRoles;
}

// What somebody has to do, and by when the first of it.
struct OwedWork {
  std::string organization;
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  // Empty: whoever has the role there.
  std::vector<std::string> accounts;
  absl::Time due = absl::InfiniteFuture();
  std::vector<std::string> what;

  void Add(const OwedWork& more) {
    due = std::min(due, more.due);
    what.insert(what.end(), more.what.begin(), more.what.end());
  }
};

// What is still to be done in a step, behind what is `already` known.
std::vector<OwedWork> WorkOwed(const v1::Cycle& cycle, int step, const std::vector<Duty>& duties,
                               std::vector<OwedWork> already = {}) {
  for (const Duty& duty : duties) {
    already.push_back({std::string(IsPlatform(duty.debtor) ? OwnerOfPlatform(duty.debtor)
                                                           : absl::string_view(duty.debtor)),
                       duty.role,
                       duty.accounts,
                       EndOf(cycle, step),
                       {duty.what}});
  }
  return already;
}

// Each who is named for some of it with that and with what anybody there may do, and then all
// others there.
std::vector<OwedWork> ByDoer(const std::vector<OwedWork>& owed) {
  using Doers = std::pair<std::string, options::v1::Role>;
  std::map<Doers, std::map<std::string, OwedWork>> named;
  std::map<Doers, OwedWork> shared;
  for (const OwedWork& one : owed) {
    const Doers doers = {one.organization, one.role};
    if (one.accounts.empty()) shared[doers].Add(one);
    for (const std::string& account : one.accounts) named[doers][account].Add(one);
  }
  std::vector<OwedWork> all;
  const auto add = [&all](const Doers& doers, OwedWork work) {
    work.organization = doers.first;
    work.role = doers.second;
    all.push_back(std::move(work));
  };
  for (auto& [doers, accounts] : named) {
    const auto beside = shared.find(doers);
    for (auto& [account, work] : accounts) {
      if (beside != shared.end()) work.Add(beside->second);
      work.accounts = {account};
      add(doers, std::move(work));
    }
  }
  for (const auto& [doers, work] : shared) add(doers, work);
  return all;
}

std::string DaysInWords(const google::type::Date& first, const google::type::Date& last) {
  return absl::StrCat(time::FormatDateZh(time::DayIn(first)), "至",
                      time::FormatDateZh(time::DayIn(last)));
}

}  // namespace

std::vector<Notice> StepNews(const v1::Cycle& changed, int number, StepChange change,
                             const std::vector<Duty>& duties) {
  const std::string title = HeadOfStepNews(changed, number, change);
  const std::string why = WhenAndWhy(changed, number, change);
  std::vector<Notice> notices;
  for (const OwedWork& work : ByDoer(WorkOwed(changed, number, duties))) {
    notices
        .emplace_back(NewsTo(work.organization, {work.role}, title,
                             absl::StrCat(why, WhatToDo(number, change, SomeOf(work.what, "项")))))
        .accounts = work.accounts;
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

std::string MovesInWords(const std::vector<v1::MovedStep>& moved) {
  std::vector<std::string> all;
  for (const v1::MovedStep& one : moved) {
    all.push_back(absl::StrCat("第", one.number(), "步“", one.step().label(), "”由",
                               DaysInWords(one.first_day_before(), one.last_day_before()), "改为",
                               DaysInWords(one.step().first_day(), one.step().last_day())));
  }
  return absl::StrJoin(all, "；");
}

std::vector<Notice> ReprojectedNews(const v1::Cycle& changed,
                                    const std::vector<v1::MovedStep>& moved,
                                    absl::string_view reason,
                                    const std::map<int, std::vector<Duty>>& duties) {
  const std::string title = "本季度步骤期限已重新推算";
  const std::string moves = absl::StrCat(MovesInWords(moved), "。", Worded("原因", reason));
  std::vector<OwedWork> owed;
  for (const auto& [step, of_step] : duties) {
    owed = WorkOwed(changed, step, of_step, std::move(owed));
  }
  std::vector<Notice> notices;
  for (const OwedWork& work : ByDoer(owed)) {
    Notice& notice = notices.emplace_back(
        NewsTo(work.organization, {work.role}, title,
               absl::StrCat(moves, "请按新的期限完成：", SomeOf(work.what, "项"), "。")));
    notice.accounts = work.accounts;
    notice.due = work.due;
  }
  std::set<options::v1::Role> owners;
  for (const v1::MovedStep& one : moved) owners.insert(one.step().owner_role());
  owners.erase(options::v1::ROLE_UNSPECIFIED);
  for (const options::v1::Role owner : owners) {
    const bool secretariat = owner == options::v1::ROLE_SECRETARIAT;
    notices.push_back(NewsTo(secretariat ? changed.secretariat() : "", {owner}, title, moves));
  }
  return notices;
}

std::vector<Notice> LateOpeningNews(const v1::Cycle& opened, const std::vector<LateStep>& late,
                                    absl::string_view skipped) {
  if (late.empty() && skipped.empty()) return {};
  std::string content =
      absl::StrCat("本季度周期于", SpokenToTheSecond(time::ToTime(opened.open_time())), "开启。");
  if (!late.empty()) {
    absl::StrAppend(&content, "开启时以下步骤已过截止时间：", LateStepsInWords(opened, late));
  }
  if (!skipped.empty()) {
    absl::StrAppend(&content, skipped,
                    "未曾开启周期，不会自动补开；需要补录的，请以演练时钟开启该季度后填报。");
  }
  return {NewsTo(opened.secretariat(), {options::v1::ROLE_SECRETARIAT},
                 late.empty() ? "上一季度未开启周期" : "本季度周期开启较晚，请核对期限", content)};
}

std::vector<Notice> BoardNews(const v1::Leaderboard& version) {
  std::map<std::string, std::vector<std::string>> places;
  for (const v1::Board& board : version.boards()) {
    for (const v1::LeaderboardEntry& entry : board.entries()) {
      places[StandingThere(entry)].push_back(
          absl::StrCat(IsPlatform(entry.subject()) ? Quoted(entry.title()) : "贵单位", "列",
                       Quoted(board.title()), "第", entry.rank(), "名（", entry.score(), "分）"));
    }
  }
  std::string until;
  if (version.has_objection_deadline()) {
    until = absl::StrCat("对榜单有异议的，请于",
                         SpokenToTheSecond(time::ToTime(version.objection_deadline())), "前提出。");
  }
  std::vector<Notice> notices;
  for (const auto& [organization, all] : places) {
    Notice& notice =
        notices.emplace_back(NewsTo(organization, RolesOnBoards(), "新成果和贡献度榜单已发布",
                                    absl::StrCat(SomeOf(all, "处"), "。", until)));
    if (version.has_objection_deadline()) {
      notice.due = time::ToTime(version.objection_deadline());
    }
  }
  return notices;
}

std::string WindowMoveInWords(const v1::MovedWindow& moved) {
  return absl::StrCat("榜单异议期限由", SpokenToTheSecond(time::ToTime(moved.before())), "改为",
                      SpokenToTheSecond(time::ToTime(moved.after())));
}

std::vector<Notice> WindowNews(const v1::Leaderboard& version, const v1::MovedWindow& moved,
                               absl::string_view reason) {
  std::set<std::string> standing;
  for (const v1::Board& board : version.boards()) {
    for (const v1::LeaderboardEntry& entry : board.entries()) {
      standing.insert(StandingThere(entry));
    }
  }
  std::vector<Notice> notices;
  for (const std::string& organization : standing) {
    Notice& notice = notices.emplace_back(
        NewsTo(organization, RolesOnBoards(), "榜单异议期限已调整",
               absl::StrCat(WindowMoveInWords(moved), "。", Worded("原因", reason))));
    notice.due = time::ToTime(moved.after());
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

absl::Status TellOfReprojection(db::Session& session, absl::Time now, const v1::Cycle& changed,
                                const std::vector<v1::MovedStep>& moved, absl::string_view reason) {
  if (changed.rehearsal() || moved.empty()) return absl::OkStatus();
  std::map<int, std::vector<Duty>> duties;
  for (const v1::MovedStep& one : moved) {
    CHANYAN_ASSIGN_OR_RETURN(duties[one.number()], DutiesOf(session, changed, one.number()));
  }
  return TellAllNow(session, now, changed.name(), ReprojectedNews(changed, moved, reason, duties));
}

absl::Status TellOfLateOpening(db::Session& session, absl::Time now, const v1::Cycle& opened,
                               const std::vector<LateStep>& late) {
  if (opened.rehearsal()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(opened.name()));
  const time::Quarter before = quarter.Plus(-1);
  // Names of cycles sort as their quarters do. Where none is older, nobody has begun before.
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows newest, session.Query(kNewestBefore, {opened.name()}));
  std::string skipped;
  if (!newest.rows.empty() &&
      std::get<std::string>(newest.rows[0][0]) != absl::StrCat("cycles/", before.Id())) {
    skipped = before.LabelZh();
  }
  const std::vector<Notice> news = LateOpeningNews(opened, late, skipped);
  if (news.empty()) return absl::OkStatus();
  return TellAllNow(session, now, opened.name(), news);
}

absl::Status TellOfBoard(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                         const v1::Leaderboard& version) {
  if (cycle.rehearsal()) return absl::OkStatus();
  return TellAllNow(session, now, version.name(), BoardNews(version));
}

absl::Status TellOfWindow(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                          const v1::Leaderboard& version, const v1::MovedWindow& moved,
                          absl::string_view reason) {
  if (cycle.rehearsal()) return absl::OkStatus();
  return TellAllNow(session, now, version.name(), WindowNews(version, moved, reason));
}

}  // namespace chanyan::cycle
