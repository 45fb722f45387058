#include "services/cycle/work_notices.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/notice_words.h"
#include "services/cycle/people.h"
#include "services/cycle/spoken_rules.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;

constexpr char kUnreadObjections[] =
    "SELECT 1 FROM notification WHERE subject = ? AND state = 'UNREAD' LIMIT 1";
// Of two that are dealt with at once, one sees that the other is.
constexpr char kOtherOpenObjections[] =
    "SELECT COUNT(*) FROM objection WHERE name >= ? AND name < ? AND state = 'OPEN' "
    "AND name <> ? FOR UPDATE";
constexpr absl::string_view kWaysBack =
    "SELECT DISTINCT h.name FROM handover_row r JOIN handover h ON h.name = r.handover "
    "WHERE h.sent_back = 1 AND r.form_row IN ";

// Whose, what is said, and what is asked of them, in S0's words.
struct ArrivalWords {
  options::v1::Role role;
  int step;
  const char* title;
  const char* before_term;
  const char* asked;
};

ArrivalWords WordsOf(Arrival arrival) {
  switch (arrival) {
    case Arrival::kAtUnit:
      return {ROLE_UNIT, kDistributeStep, "本季度报表已发至贵单位，请签收并发至企业", "发至企业",
              "督促企业主动联系高校院所科创平台联系人，策划确定共建项目、签订共建项目协议。"};
    case Arrival::kAtEnterprise:
      return {ROLE_ENTERPRISE, kCollectStep, "本季度报表已发至贵单位，请联系科创平台并填报",
              "填报并报送责任单位",
              "请主动联系高校院所科创平台联系人，策划确定共建项目、签订共建项目协议；"
              "与几个高校院所合作就填报几张表，不要合并表格。"};
    case Arrival::kAtUniversity:
    default:
      return {ROLE_RESEARCH_OFFICE, kReturnStep, "企业填报的报表已返回，请签收并发至科创平台",
              "发至学院等科创平台管理单位", "督促提出新的结对共建意向、筹备路演推介活动。"};
  }
}

template <class Reasons>
std::string Why(const Reasons& reasons) {
  return Worded("退回原因", absl::StrJoin(reasons, "；"));
}

std::string UntilWhen(absl::Time until) {
  return absl::StrCat("请于", SpokenToTheSecond(until), "前修改并重新报送。");
}

}  // namespace

Notice ArrivedAt(const std::string& receiver, Arrival arrival, size_t rows, absl::Time due,
                 absl::Time now) {
  const ArrivalWords words = WordsOf(arrival);
  const bool ahead = !time::IsPastDeadline(now, due);
  Notice notice =
      NewsTo(receiver, {words.role}, words.title,
             absl::StrCat("共 ", rows, " 行，请",
                          ahead ? absl::StrCat("于", SpokenToTheSecond(due), "前") : "尽快",
                          words.before_term, "。", words.asked));
  if (ahead) notice.due = due;
  return notice;
}

Notice FormSentBack(const v1::Cycle& cycle, const v1::Form& form, absl::Time now) {
  Notice notice = ReminderTo(form.university(), {ROLE_RESEARCH_OFFICE});
  notice.title = "季度报表已退回，请修改后重新报送";
  absl::Time due = EndOf(cycle, kReportStep);
  if (form.has_exception_until()) due = std::max(due, time::ToTime(form.exception_until()));
  const std::string why = Why(form.return_reasons());
  if (!RequireFormWindow(cycle, form, now, "").ok()) {
    notice.content =
        absl::StrCat(why, "填报时间已过，请先向高校理事会秘书处申请逾期补报许可，再修改报送。");
    return notice;
  }
  notice.due = due;
  notice.content = absl::StrCat(why, UntilWhen(due));
  return notice;
}

Notice RowsSentBack(const v1::Form& form, const v1::Handover& handover, absl::Time due) {
  Notice notice = ReminderTo(handover.receiver(), {ROLE_ENTERPRISE});
  notice.title =
      absl::StrCat("填报给", Quoted(form.university_title()), "的报表已退回，请修改后重新报送");
  notice.due = due;
  notice.content =
      absl::StrCat("共 ", handover.row_count(), " 行。", Why(handover.reasons()), UntilWhen(due));
  return notice;
}

Notice PackageSentBack(const v1::Package& package) {
  Notice notice = ReminderTo(package.unit(), {ROLE_UNIT});
  notice.title = absl::StrCat(Quoted(package.enterprise_title()), "的企业包已退回");
  notice.content = absl::StrCat(Why(package.return_reasons()),
                                "请签收后退回企业修改，或代企业填报，再重新打包报送。");
  return notice;
}

Notice LeaveForForm(const v1::Form& form) {
  return NewsTo(form.university(), {ROLE_RESEARCH_OFFICE}, "已准予逾期补报季度报表",
                absl::StrCat("可补报至", SpokenToTheSecond(time::ToTime(form.exception_until())),
                             "，仍计为逾期。", Worded("原因", form.exception_reason())));
}

Notice LeaveForEnterprise(const v1::ReturnException& exception) {
  return NewsTo(exception.enterprise(), {ROLE_ENTERPRISE}, "已准予逾期补报企业报表",
                absl::StrCat("可补报至", SpokenToTheSecond(time::ToTime(exception.until())),
                             "，仍计为逾期。", Worded("原因", exception.reason())));
}

Notice PlatformsUnpublished(const v1::Cycle& cycle) {
  // More are not read; all stand in the figures of punctuality.
  constexpr int kNamed = 20;
  std::vector<std::string> names;
  for (const v1::UnpublishedOwner& owner : cycle.unpublished()) {
    if (names.size() < kNamed) names.push_back(owner.title());
  }
  const int all = cycle.unpublished_size();
  return NewsTo(
      cycle.secretariat(), {ROLE_SECRETARIAT},
      absl::StrCat(all, "家高校院所尚未发布科创平台，本季度没有报表"),
      absl::StrCat(absl::StrJoin(names, "、"), all > kNamed ? absl::StrCat("等", all, "家") : "",
                   "。请督促其发布科创平台，发布后自下一季度起填报；名单见按时报送率。"));
}

Notice DisputeRaised(const v1::Cycle& cycle, const v1::RowDispute& dispute) {
  Notice notice = ReminderTo(cycle.secretariat(), {ROLE_SECRETARIAT});
  notice.title = absl::StrCat("报表行", Quoted(dispute.row_title()), "有争议，请核实办结");
  notice.content = Worded("争议内容", dispute.reason());
  return notice;
}

Notice DisputeSettled(const v1::RowDispute& dispute) {
  return NewsTo(dispute.organization(), {ROLE_RESEARCH_OFFICE, ROLE_ENTERPRISE, ROLE_UNIT},
                absl::StrCat("报表行", Quoted(dispute.row_title()), "的争议已办结"),
                Worded("办理结果", dispute.finding()));
}

Notice ObjectionsWait(const v1::Cycle& cycle, const v1::Objection& objection) {
  Notice notice = ReminderTo(cycle.secretariat(), {ROLE_SECRETARIAT});
  notice.title = "榜单收到异议，请核实答复";
  notice.content = absl::StrCat("异议对象：", Quoted(objection.subject_title()),
                                "。全部异议（含其后收到的）答复后，榜单方可确定；详见异议列表。");
  return notice;
}

Notice ObjectionAnswered(const v1::Objection& objection) {
  return NewsTo(
      objection.organization(),
      {ROLE_RESEARCH_OFFICE, ROLE_PLATFORM_MANAGER, ROLE_ENTERPRISE, ROLE_UNIT, ROLE_DEPARTMENT},
      absl::StrCat("对榜单中", Quoted(objection.subject_title()), "的异议已答复"),
      Worded("答复", objection.finding()));
}

std::string RowsOfForm(absl::string_view form) { return absl::StrCat(form, "/rows"); }

std::string ObjectionsBeside(absl::string_view objection) {
  return std::string(objection.substr(0, objection.rfind('/')));
}

absl::Status TellOfWork(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                        const std::string& subject, const Notice& notice) {
  if (cycle.rehearsal()) return absl::OkStatus();
  return TellNow(session, now, subject, notice);
}

absl::Status TellOfArrivals(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                            Arrival arrival,
                            const std::map<std::string, std::vector<std::string>>& groups) {
  if (cycle.rehearsal() || groups.empty()) return absl::OkStatus();
  std::set<std::string> receivers;
  for (const auto& [receiver, names] : groups) receivers.insert(receiver);
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session, receivers));
  // As if a journal had said so.
  journal::v1::Entry entry;
  entry.set_event_id(api::NewUuid());
  entry.set_resource(absl::StrCat(cycle.name(), "/handovers"));
  const absl::Time due = EndOf(cycle, WordsOf(arrival).step);
  std::vector<v1::Notification> tellings;
  for (const auto& [receiver, names] : groups) {
    AddTellings(entry, ArrivedAt(receiver, arrival, names.size(), due, now), people, &tellings);
  }
  return Tell(session, now, &tellings);
}

absl::Status TellOfObjection(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                             const v1::Objection& objection) {
  const std::string subject = ObjectionsBeside(objection.name());
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows unread, session.Query(kUnreadObjections, {subject}));
  if (!unread.rows.empty()) return absl::OkStatus();
  return TellOfWork(session, now, cycle, subject, ObjectionsWait(cycle, objection));
}

absl::Status SettleObjection(db::Session& session, absl::Time now, const std::string& objection) {
  const std::string all = ObjectionsBeside(objection);
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows open, session.Query(kOtherOpenObjections,
                                                              {absl::StrCat(all, "/"),
                                                               absl::StrCat(all, "0"), objection}));
  if (std::get<int64_t>(open.rows.at(0).at(0)) > 0) return absl::OkStatus();
  return Settle(session, now, all);
}

absl::Status SettleSentBack(db::Session& session, absl::Time now,
                            const std::vector<v1::Row>& rows) {
  std::vector<std::string> names;
  for (const v1::Row& row : rows) {
    if (row.sent_back()) names.push_back(row.name());
  }
  return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows ways,
                             session.Query(absl::StrCat(kWaysBack, db::Marks(chunk.size())),
                                           db::Values(chunk.begin(), chunk.end())));
    for (const db::Values& way : ways.rows) {
      CHANYAN_RETURN_IF_ERROR(Settle(session, now, std::get<std::string>(way[0])));
    }
    return absl::OkStatus();
  });
}

}  // namespace chanyan::cycle
