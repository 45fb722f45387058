#include "services/triage/report_content.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "chanyan/triage/v1/case.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "chanyan/triage/v1/list.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/api/well_known.h"
#include "common/db/table.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "services/triage/case_figures.h"
#include "services/triage/funnel.h"
#include "services/triage/openness.h"
#include "services/triage/parties.h"
#include "services/triage/report_openness.h"
#include "services/triage/report_progress.h"

namespace chanyan::triage {
namespace {

using policy::v1::ReportPart;

// Results that somebody is responsible for.
constexpr char kOpen[] = "state NOT IN ('WITHDRAWN', 'MERGED')";
constexpr char kNotFinanced[] =
    "financing_yuan > 0 AND NOT EXISTS (SELECT 1 FROM follow_up f WHERE f.result = result.name AND "
    "f.kind = 'FINANCING' AND f.state = 'RECORDED')";
constexpr char kTroubled[] =
    "(state IN ('SENT', 'RECEIVED', 'ACCEPTED') AND due_time < ?) OR "
    "(state = 'DECLINED' AND settled = 0)";
constexpr char kAchieved[] =
    "state = 'RECORDED' AND kind IN ('CONTRACT', 'REGISTRATION', 'SPINOUT', 'FINANCING') AND "
    "happen_date BETWEEN ? AND ?";
// Of the period, and those of before that are waited for.
constexpr char kDelivered[] = "done = 0 OR (issue_time >= ? AND issue_time < ?)";
// Of a list of results and a task force: its listed results, and how many of them came to 对接,
// 签约 and 登记; one that was merged is what it became.
constexpr char kAdvanced[] =
    "SELECT d.name, "
    "CAST(SUM(COALESCE(m.funnel_stage, r.funnel_stage) IN "
    "('CONTACTED', 'NEGOTIATING', 'CONTRACTED', 'REGISTERED')) AS SIGNED), "
    "CAST(SUM(COALESCE(m.funnel_stage, r.funnel_stage) IN ('CONTRACTED', 'REGISTERED')) AS "
    "SIGNED), "
    "CAST(SUM(COALESCE(m.funnel_stage, r.funnel_stage) = 'REGISTERED') AS SIGNED) "
    "FROM list_delivery d "
    "JOIN list_line l ON l.list = d.list AND l.left_out = 0 "
    "AND JSON_CONTAINS(l.recipients, JSON_QUOTE(d.recipient)) "
    "JOIN result r ON r.name = l.subject "
    "LEFT JOIN result m ON r.state = 'MERGED' AND m.name = r.merged_into "
    "WHERE d.done = 0 OR (d.issue_time >= ? AND d.issue_time < ?) GROUP BY d.name";
constexpr char kContacts[] =
    "SELECT list, unit, COUNT(*) FROM list_feedback WHERE kind = 'CONTACTED' AND list IN "
    "(SELECT list FROM list_delivery WHERE done = 0 OR (issue_time >= ? AND issue_time < ?)) "
    "GROUP BY list, unit";
// Decided in the period, or in the hands of somebody.
constexpr char kMatters[] =
    "state IN ('RAISED', 'DECIDED', 'IN_PROGRESS') OR (decide_time >= ? AND decide_time < ?)";
constexpr char kCasesOfPeriod[] = "state = 'PUBLISHED' AND publish_time >= ? AND publish_time < ?";
constexpr char kTasks[] = "state = 'OPEN' OR (state = 'DONE' AND end_time >= ? AND end_time < ?)";

// What everybody may see of a report that goes to others than leaders: rows about results that are
// in the library and open to everybody, whose or whoever's they are.
template <class T>
std::string OpenToAll() = delete;
template <>
std::string OpenToAll<v1::Result>() {
  return kOpenToEverybody;
}
template <>
std::string OpenToAll<v1::Push>() {
  return OfOpenResult();
}
template <>
std::string OpenToAll<v1::FollowUp>() {
  return OfOpenResult();
}
template <>
std::string OpenToAll<v1::Escalation>() {
  return absl::StrCat("result = '' OR ", OfOpenResult());
}
template <>
std::string OpenToAll<v1::EscalationTask>() {
  return absl::StrCat("escalation IN (SELECT name FROM escalation WHERE ",
                      OpenToAll<v1::Escalation>(), ")");
}
template <>
std::string OpenToAll<v1::TypicalCase>() {
  return OfOpenResult();
}
// Deliveries tell of lists, which have open entries alone.
template <>
std::string OpenToAll<v1::ListDelivery>() {
  return "1 = 1";
}

std::string DayIn(const google::type::Date& date) {
  const auto day = api::DayOf(date);
  return day.has_value() ? time::FormatDate(*day) : "";
}
std::string DayIn(const google::protobuf::Timestamp& time) {
  return time::FormatDate(time::DayOf(TimeIn(time)));
}

class Reading {
 public:
  Reading(db::Session& session, const TriagePack& pack, const Period& period, absl::Time now)
      : session_(session),
        pack_(pack),
        period_(period),
        now_(now),
        span_{time::StartOfDay(period.first), time::StartOfDay(period.last + 1)} {}

  absl::StatusOr<v1::ReportContent> Of(const policy::v1::ReportKind& kind) {
    v1::ReportContent content;
    api::SetTime(now_, content.mutable_as_of_time());
    open_only_ = IsOpenOnly(kind, pack_);
    CHANYAN_RETURN_IF_ERROR(Funnel(&content));
    for (const int part : kind.parts()) {
      v1::ReportTable* table = content.add_tables();
      table->set_part(Short(static_cast<ReportPart>(part)));
      table->set_title(policy::LabelOf(static_cast<ReportPart>(part)));
      CHANYAN_RETURN_IF_ERROR(Fill(static_cast<ReportPart>(part), content, table));
      if (part == policy::v1::REPORT_PART_PROGRESS) {
        FillProgressOfPeriod(content, table->title(), content.add_tables());
      }
    }
    return content;
  }

 private:
  static std::string Short(ReportPart part) {
    return policy::v1::ReportPart_Name(part).substr(sizeof("REPORT_PART_") - 1);
  }

  absl::Status Funnel(v1::ReportContent* content) {
    v1::QueryFunnelRequest all;
    v1::QueryFunnelRequest by_team;
    by_team.set_group_by(v1::FUNNEL_GROUPING_TEAM);
    FunnelScope scope;
    scope.period = FunnelPeriod{period_.first, period_.last};
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::QueryFunnelResponse> counted,
                             CountFunnel(session_, scope, {all, by_team}));
    const v1::QueryFunnelResponse& total = counted[0];
    const v1::QueryFunnelResponse& teams = counted[1];
    content->set_results(total.total());
    if (total.groups_size() > 0) *content->mutable_total() = total.groups(0);
    *content->mutable_teams() = teams.groups();
    return absl::OkStatus();
  }

  absl::Status Fill(ReportPart part, const v1::ReportContent& content, v1::ReportTable* table) {
    switch (part) {
      case policy::v1::REPORT_PART_PROGRESS:
        FillProgress(content, table);
        return absl::OkStatus();
      case policy::v1::REPORT_PART_FOCUS:
        return Focus(table);
      case policy::v1::REPORT_PART_FINANCING:
        return Financing(table);
      case policy::v1::REPORT_PART_PROBLEMS:
        return Problems(table);
      case policy::v1::REPORT_PART_HIGHLIGHTS:
        return Highlights(table);
      case policy::v1::REPORT_PART_LISTS:
        return Lists(table);
      case policy::v1::REPORT_PART_MAJOR:
        return Major(table);
      case policy::v1::REPORT_PART_ESCALATIONS:
        return Escalations(table);
      case policy::v1::REPORT_PART_CASES:
        return Cases(table);
      default:
        return absl::OkStatus();
    }
  }

  // All rows that hold `which` and that all recipients may see: those that are shown, and how many
  // there are.
  template <class T>
  absl::StatusOr<std::vector<T>> Select(const db::Predicate& which, absl::string_view order,
                                        v1::ReportTable* table) {
    const db::Predicate where = open_only_ ? db::And({OpenToAll<T>(), {}}, which) : which;
    const db::Table<T> rows;
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<T> found,
        rows.Select(session_, where, absl::StrCat(order, " LIMIT ", kMaxReportRows)));
    CHANYAN_ASSIGN_OR_RETURN(const int64_t total, rows.Count(session_, where));
    // AddReportRow counts those that were found.
    table->set_total(table->total() + static_cast<int32_t>(total - found.size()));
    return found;
  }

  // The last rung that an idle result has come to, as people call it.
  std::string IdleText(const v1::Result& row) const {
    if (row.rungs().empty()) return "";
    for (const auto& rung : pack_.proto().first_contact().rungs()) {
      if (rung.id() == *row.rungs().rbegin()) {
        return absl::StrCat("自", DayIn(row.act_time()), "起无进展，已", rung.display_name());
      }
    }
    return absl::StrCat("自", DayIn(row.act_time()), "起无进展");
  }

  static bool IsMajor(const v1::Result& row) {
    for (const int one : row.classes()) {
      if (one == policy::v1::TRIAGE_CLASS_MAJOR) return true;
    }
    return false;
  }

  absl::Status Focus(v1::ReportTable* table) {
    AddColumns(table, {"成果名称", "成果单位", "首问责任单位", "转化阶段", "重点事由"});
    const db::Table<v1::Result> results;
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Predicate which,
        results.core().Where("(classes:MAJOR OR rungs:*) AND concluded = false"));
    CHANYAN_ASSIGN_OR_RETURN(
        const auto rows, Select<v1::Result>(db::And({kOpen, {}}, which), "act_time, name", table));
    for (const v1::Result& row : rows) {
      std::vector<std::string> why;
      if (IsMajor(row)) why.push_back("重大成果");
      if (!row.rungs().empty()) why.push_back(IdleText(row));
      AddReportRow(table, row.name(),
                   {row.title(), row.university_title(), row.holder_title(),
                    policy::LabelOf(row.funnel_stage()), absl::StrJoin(why, "；")});
    }
    return absl::OkStatus();
  }

  absl::Status Financing(v1::ReportTable* table) {
    AddColumns(table, {"成果名称", "成果单位", "首问责任单位", "融资需求（万元）", "融资用途"});
    CHANYAN_ASSIGN_OR_RETURN(const auto rows,
                             Select<v1::Result>(db::And({kOpen, {}}, {kNotFinanced, {}}),
                                                "financing_yuan DESC, name", table));
    for (const v1::Result& row : rows) {
      AddReportRow(table, row.name(),
                   {row.title(), row.university_title(), row.holder_title(),
                    TenThousands(row.financing_yuan()), row.financing_purpose()});
    }
    return absl::OkStatus();
  }

  absl::Status Problems(v1::ReportTable* table) {
    AddColumns(table, {"成果名称", "收件单位", "推送类别", "问题"});
    CHANYAN_ASSIGN_OR_RETURN(const auto rows,
                             Select<v1::Push>({kTroubled, {now_}}, "due_time, name", table));
    for (const v1::Push& row : rows) {
      const bool declined = row.state() == v1::PUSH_STATE_DECLINED;
      const absl::string_view what =
          row.state() == v1::PUSH_STATE_SENT ? "逾期未签收" : "逾期未答复";
      AddReportRow(table, row.name(),
                   {row.result_title(), row.recipient_title(), policy::LabelOf(row.triage_class()),
                    declined ? absl::StrCat("退回未处理：", row.decline_reason())
                             : absl::StrCat(what, "（应于", DayIn(row.due_time()), "前）")});
    }
    return absl::OkStatus();
  }

  absl::Status Highlights(v1::ReportTable* table) {
    AddColumns(table, {"日期", "成果名称", "成果单位", "进展", "合作单位", "金额（万元）"});
    CHANYAN_ASSIGN_OR_RETURN(
        const auto rows,
        Select<v1::FollowUp>(
            {kAchieved, {time::FormatDate(period_.first), time::FormatDate(period_.last)}},
            "happen_date, name", table));
    for (const v1::FollowUp& row : rows) {
      const std::string& partner = row.has_contract()    ? row.contract().buyer_title()
                                   : row.has_company()   ? row.company().title()
                                   : row.has_financing() ? row.financing().investor_title()
                                                         : row.partner_title();
      AddReportRow(table, row.name(),
                   {DayIn(row.happen_date()), row.result_title(), row.university_title(),
                    policy::LabelOf(row.kind()), partner,
                    row.amount_yuan() > 0 ? TenThousands(row.amount_yuan()) : ""});
    }
    return absl::OkStatus();
  }

  absl::Status Lists(v1::ReportTable* table) {
    AddColumns(table, {"清单", "产业专班", "条目数", "已反馈", "已组织对接", "成果已对接",
                       "成果已签约", "成果已登记", "反馈截止", "情况"});
    std::map<std::pair<std::string, std::string>, int64_t> contacts;
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows counted, session_.Query(kContacts, span_));
    for (const db::Values& row : counted.rows) {
      contacts[{std::get<std::string>(row[0]), std::get<std::string>(row[1])}] =
          std::get<int64_t>(row[2]);
    }
    // Of deliveries of results: what a list of demands is about has no stages.
    std::map<std::string, std::vector<std::string>> advanced;
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows listed, session_.Query(kAdvanced, span_));
    for (const db::Values& row : listed.rows) {
      for (size_t i = 1; i < row.size(); ++i) {
        advanced[std::get<std::string>(row[0])].push_back(absl::StrCat(std::get<int64_t>(row[i])));
      }
    }
    CHANYAN_ASSIGN_OR_RETURN(
        const auto rows, Select<v1::ListDelivery>({kDelivered, span_}, "due_time, name", table));
    for (const v1::ListDelivery& row : rows) {
      const bool late = !row.done() && time::IsPastDeadline(now_, TimeIn(row.due_time()));
      const auto contacted = contacts.find({ResultOfName(row.name()), row.recipient()});
      std::vector<std::string> stages = advanced[row.name()];
      stages.resize(3, "—");
      AddReportRow(table, ResultOfName(row.name()),
                   {row.list_title(), row.recipient_title(), absl::StrCat(row.line_count()),
                    absl::StrCat(row.answered_count()),
                    absl::StrCat(contacted == contacts.end() ? 0 : contacted->second), stages[0],
                    stages[1], stages[2], DayIn(row.due_time()),
                    row.done() ? "已办结"
                    : late     ? "逾期未反馈"
                               : "反馈中"});
    }
    return absl::OkStatus();
  }

  absl::Status Major(v1::ReportTable* table) {
    AddColumns(table, {"成果名称", "成果单位", "首问责任单位", "重大事由", "转化阶段"});
    const db::Table<v1::Result> results;
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Predicate which,
        results.core().Where("classes:MAJOR OR major_grounds:CROSS_DEPARTMENT"));
    CHANYAN_ASSIGN_OR_RETURN(const auto rows,
                             Select<v1::Result>(db::And({kOpen, {}}, which), "title, name", table));
    for (const v1::Result& row : rows) {
      std::vector<std::string> why;
      for (const int ground : row.major_grounds()) {
        why.push_back(policy::LabelOf(static_cast<v1::MajorGround>(ground)));
      }
      if (why.empty()) why.push_back("按规则认定为重大成果");
      AddReportRow(table, row.name(),
                   {row.title(), row.university_title(), row.holder_title(),
                    absl::StrJoin(why, "、"), policy::LabelOf(row.funnel_stage())});
    }
    return absl::OkStatus();
  }

  absl::Status Tasks(v1::ReportTable* table) {
    CHANYAN_ASSIGN_OR_RETURN(
        const auto rows,
        Select<v1::EscalationTask>({kTasks, span_}, "state DESC, due_date, name", table));
    const absl::CivilDay today = time::DayOf(now_);
    for (const v1::EscalationTask& row : rows) {
      const auto due = api::DayOf(row.due_date());
      const bool open = row.state() == v1::ESCALATION_TASK_STATE_OPEN;
      const bool late = open && due.has_value() && *due < today;
      AddReportRow(table, ResultOfName(row.name()),
                   {row.matter(), absl::StrCat("批示跟踪：", row.task()), row.owner_title(),
                    DayIn(row.due_date()),
                    late   ? absl::StrCat("逾期", today - *due, "天未完成")
                    : open ? "办理中"
                           : absl::StrCat(row.late() ? "逾期完成：" : "已完成：", row.outcome())});
    }
    return absl::OkStatus();
  }

  // What follows from decisions first, then what waits for one; what is overdue on top of each.
  absl::Status Escalations(v1::ReportTable* table) {
    AddColumns(table, {"事项", "内容", "责任单位", "期限", "情况"});
    CHANYAN_RETURN_IF_ERROR(Tasks(table));
    CHANYAN_ASSIGN_OR_RETURN(
        const auto rows,
        Select<v1::Escalation>({kMatters, span_}, "state <> 'RAISED', due_time, name", table));
    for (const v1::Escalation& row : rows) {
      const bool raised = row.state() == v1::ESCALATION_STATE_RAISED;
      const bool late = raised && time::IsPastDeadline(now_, TimeIn(row.due_time()));
      const std::string matter = row.result_title().empty()
                                     ? row.matter()
                                     : absl::StrCat(row.result_title(), "：", row.matter());
      AddReportRow(table, row.name(),
                   {matter, raised ? row.reason() : absl::StrCat("批示：", row.decision()),
                    raised ? row.decider_title() : row.rung_title(),
                    raised ? DayIn(row.due_time()) : DayIn(row.decide_time()),
                    late ? absl::StrCat("逾期", policy::LabelOf(row.state()))
                         : policy::LabelOf(row.state())});
    }
    return absl::OkStatus();
  }

  absl::Status Cases(v1::ReportTable* table) {
    AddColumns(table, {"案例名称", "成果名称", "成果单位", "服务专班", "转化成效", "发布范围",
                       "发布日期"});
    CHANYAN_ASSIGN_OR_RETURN(const auto rows, Select<v1::TypicalCase>({kCasesOfPeriod, span_},
                                                                      "publish_time, name", table));
    std::vector<std::string> results;
    for (const v1::TypicalCase& row : rows) results.push_back(row.result());
    CHANYAN_ASSIGN_OR_RETURN(auto figures, FiguresOfResults(session_, results));
    for (const v1::TypicalCase& row : rows) {
      AddReportRow(table, row.name(),
                   {row.title(), row.result_title(), row.university_title(), row.team_title(),
                    OutcomeText(figures[row.result()]), policy::LabelOf(row.audience()),
                    DayIn(row.publish_time())});
    }
    return absl::OkStatus();
  }

  db::Session& session_;
  const TriagePack& pack_;
  const Period& period_;
  const absl::Time now_;
  const db::Values span_;
  // Rows about what is for few are left out.
  bool open_only_ = false;
};

}  // namespace

absl::StatusOr<v1::ReportContent> ReadContent(db::Session& session, const TriagePack& pack,
                                              const policy::v1::ReportKind& kind,
                                              const Period& period, absl::Time now) {
  return Reading(session, pack, period, now).Of(kind);
}

std::string TenThousands(int64_t yuan) {
  std::string text = absl::StrFormat("%d.%04d", yuan / 10'000, yuan % 10'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace chanyan::triage
