#include "services/pairing/cooperation_rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

std::optional<absl::CivilDay> DayIn(const google::type::Date& date) {
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(date);
  return day.ok() ? std::optional<absl::CivilDay>(*day) : std::nullopt;
}

bool IsOutputOnly(const FieldDescriptor* field) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) {
      return true;
    }
  }
  return false;
}

// Of each value that is no name of `known`.
template <class Values, class Known>
void CheckNames(const Values& values, absl::string_view field, const Known& known,
                absl::string_view list, Violations* out) {
  for (int i = 0; i < values.size(); ++i) {
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& one) { return one.display_name() == values[i]; })) {
      out->push_back(
          {absl::StrCat(field, "[", i, "]"), absl::StrCat("“", values[i], "”不在", list, "中")});
    }
  }
}

// Of what stands twice in a list of names.
template <class Values>
void CheckOnce(const Values& values, absl::string_view field, Violations* out) {
  std::set<std::string> seen;
  for (int i = 0; i < values.size(); ++i) {
    if (!seen.insert(values[i]).second) {
      out->push_back({absl::StrCat(field, "[", i, "]"), "与前面重复，请只保留一项"});
    }
  }
}

}  // namespace

absl::Status RequireCooperation(const policy::Pack& pack) {
  if (pack.proto().pairing().has_cooperation()) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_RULE_VIOLATED,
      absl::StrCat("政策包“", pack.id(), "”没有市校合作（cooperation）的规定；请先补全政策包"));
}

Violations FrozenViolations(const Message& before, const Message& after,
                            absl::Span<const absl::string_view> free, absl::string_view why) {
  Violations out;
  const auto* descriptor = before.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const bool is_key = field->name() == "name" || field->name() == "etag";
    if (is_key || IsOutputOnly(field) ||
        std::find(free.begin(), free.end(), field->name()) != free.end()) {
      continue;
    }
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {field}, {field})) {
      out.push_back({field->name(), std::string(why)});
    }
  }
  return out;
}

v1::FrameAgreementState StateOn(const v1::FrameAgreement& agreement, absl::CivilDay day) {
  const auto last = DayIn(agreement.end_date());
  const bool over = agreement.state() == v1::FRAME_AGREEMENT_STATE_IN_FORCE && last && *last < day;
  return over ? v1::FRAME_AGREEMENT_STATE_EXPIRED : agreement.state();
}

Violations AgreementViolations(const policy::Pack& pack, const v1::FrameAgreement& agreement) {
  Violations out;
  CheckOnce(agreement.universities(), "universities", &out);
  CheckOnce(agreement.city_parties(), "city_parties", &out);
  CheckNames(agreement.areas(), "areas", pack.proto().pairing().cooperation().areas(),
             "合作领域目录", &out);
  CheckOnce(agreement.areas(), "areas", &out);
  const auto first = DayIn(agreement.start_date());
  const auto last = DayIn(agreement.end_date());
  if (first && last && *last < *first) {
    out.push_back({"end_date", "截止日期不能早于起始日期"});
  }
  return out;
}

Violations AgreementChangeViolations(const v1::FrameAgreement& before,
                                     const v1::FrameAgreement& after) {
  static constexpr absl::string_view kFree[] = {"areas", "content", "lead", "documents"};
  if (before.state() == v1::FRAME_AGREEMENT_STATE_DRAFT) return {};
  return FrozenViolations(before, after, kFree, "协议签署后不能修改；期限请通过续签变更");
}

void SetExpireTime(v1::FrameAgreement* agreement) {
  const auto last = DayIn(agreement->end_date());
  if (last) *agreement->mutable_expire_time() = time::ToTimestamp(time::StartOfDay(*last + 1));
}

Violations ConferenceChangeViolations(const v1::Conference& before, const v1::Conference& after) {
  static constexpr absl::string_view kBefore[] = {"kind",     "title",     "agreement",
                                                  "convener", "meet_time", "place",
                                                  "agenda",   "attendees", "documents"};
  // Participants know the time of a conference that was called.
  static constexpr absl::string_view kCalled[] = {"title",  "agreement", "convener", "place",
                                                  "agenda", "attendees", "documents"};
  static constexpr absl::string_view kAfter[] = {"agenda", "attendees", "minutes", "documents",
                                                 "decisions"};
  switch (before.state()) {
    case v1::CONFERENCE_STATE_PLANNED:
      return FrozenViolations(before, after, kBefore, "会议召开后再填写");
    case v1::CONFERENCE_STATE_CONVENED:
      return FrozenViolations(
          before, after, kCalled,
          "会议已通知，不能修改；改期请用“延期召开”，纪要和议定事项在召开后填写");
    case v1::CONFERENCE_STATE_HELD:
      return FrozenViolations(before, after, kAfter, "会议已召开，不能再修改");
    default:
      return FrozenViolations(
          before, after, {},
          absl::StrCat("会议当前状态为“", policy::LabelOf(before.state()), "”，不能修改"));
  }
}

Violations ConveneViolations(const v1::Conference& conference, absl::Time now) {
  Violations out;
  if (time::ToTime(conference.meet_time()) <= now) {
    out.push_back({"meet_time", "会议时间已过，请先改定会议时间"});
  }
  if (conference.place().empty()) out.push_back({"place", "发出通知前应填写会议地点"});
  if (conference.agenda().empty()) out.push_back({"agenda", "发出通知前应列出议程"});
  if (conference.attendees().empty()) out.push_back({"attendees", "发出通知前应列出参会人员"});
  return out;
}

Violations IssueViolations(const v1::Conference& conference) {
  Violations out;
  if (conference.minutes().empty()) out.push_back({"minutes", "印发前应填写会议纪要"});
  for (int i = 0; i < conference.attendees_size(); ++i) {
    const v1::Attendance attendance = conference.attendees(i).attendance();
    if (attendance == v1::ATTENDANCE_UNSPECIFIED || attendance == v1::ATTENDANCE_INVITED) {
      out.push_back({absl::StrCat("attendees[", i, "].attendance"),
                     absl::StrCat("“", conference.attendees(i).person(), "”是否到会尚未登记")});
    }
  }
  const absl::CivilDay met = time::DayOf(time::ToTime(conference.meet_time()));
  std::set<int> numbers;
  for (int i = 0; i < conference.decisions_size(); ++i) {
    const v1::ConferenceDecision& decision = conference.decisions(i);
    if (!numbers.insert(decision.number()).second) {
      out.push_back({absl::StrCat("decisions[", i, "].number"),
                     absl::StrCat("序号 ", decision.number(), " 重复")});
    }
    for (int k = 0; k < decision.assignments_size(); ++k) {
      const auto due = DayIn(decision.assignments(k).due_date());
      if (due && *due < met) {
        out.push_back({absl::StrCat("decisions[", i, "].assignments[", k, "].due_date"),
                       "完成期限不能早于会议日期"});
      }
    }
  }
  return out;
}

std::vector<std::string> OrganizationsOf(const v1::Conference& conference) {
  std::set<std::string> names;
  names.insert(conference.convener());
  for (const v1::ConferenceAttendee& attendee : conference.attendees()) {
    names.insert(attendee.organization());
  }
  names.erase("");
  return {names.begin(), names.end()};
}

std::vector<v1::FollowUp> FollowUpsOf(const v1::Conference& conference) {
  std::vector<v1::FollowUp> out;
  for (const v1::ConferenceDecision& decision : conference.decisions()) {
    for (int i = 0; i < decision.assignments_size(); ++i) {
      const v1::DecisionAssignment& assignment = decision.assignments(i);
      v1::FollowUp& row = out.emplace_back();
      row.set_name(absl::StrCat(conference.name(), "/followUps/", decision.number(), "-", i + 1));
      row.set_conference_title(conference.title());
      row.set_decision_number(decision.number());
      row.set_task(assignment.task());
      row.set_unit(assignment.unit());
      *row.mutable_co_units() = assignment.co_units();
      *row.mutable_due_date() = assignment.due_date();
      row.set_state(v1::FOLLOW_UP_STATE_ASSIGNED);
    }
  }
  return out;
}

absl::CivilDay NextDue(absl::CivilDay last, int interval_months) {
  const absl::CivilMonth month = absl::CivilMonth(last) + interval_months;
  const absl::CivilDay end = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (last.day() - 1), end);
}

bool IsOpen(v1::FollowUpState state) {
  return state == v1::FOLLOW_UP_STATE_ASSIGNED || state == v1::FOLLOW_UP_STATE_IN_PROGRESS;
}

absl::CivilDay LastDueSoon(const policy::WorkCalendar& calendar, absl::CivilDay today,
                           int workdays) {
  if (!calendar.HasYear(today.year())) return today - 1;
  const absl::StatusOr<absl::CivilDay> last = calendar.AddWorkdays(today, workdays);
  if (last.ok()) return *last;
  // It lies behind the last year that is known, so that all of that year is near.
  absl::civil_year_t year = today.year();
  while (calendar.HasYear(static_cast<int>(year + 1))) ++year;
  return absl::CivilDay(year, 12, 31);
}

bool IsOverdue(const v1::FollowUp& follow_up, absl::CivilDay today) {
  const auto due = DayIn(follow_up.due_date());
  if (!due || follow_up.state() == v1::FOLLOW_UP_STATE_CANCELLED) return false;
  if (IsOpen(follow_up.state())) return *due < today;
  return *due < time::DayOf(time::ToTime(follow_up.submit_time()));
}

void AddReport(absl::string_view text, absl::string_view organization, absl::Time now,
               v1::FollowUp* follow_up) {
  v1::FollowUpReport& report = *follow_up->add_reports();
  *report.mutable_time() = time::ToTimestamp(now);
  report.set_text(std::string(text));
  report.set_organization(std::string(organization));
}

void SetEvidence(absl::string_view evidence, absl::string_view account, absl::Time submitted,
                 v1::FollowUp* follow_up) {
  follow_up->set_evidence(std::string(evidence));
  follow_up->clear_evidence_documents();
  *follow_up->mutable_submit_time() = time::ToTimestamp(submitted);
  follow_up->set_submitter(std::string(account));
}

Violations BaseViolations(const policy::Pack& pack, const v1::CoBuiltBase& base) {
  Violations out;
  const policy::v1::CoBuildKind* kind = pack.FindCoBuildKindByName(base.kind());
  const auto& bases = pack.proto().pairing().cooperation().base_kinds();
  if (kind == nullptr || std::find(bases.begin(), bases.end(), kind->id()) == bases.end()) {
    std::string known;
    for (const std::string& id : bases) {
      absl::StrAppend(&known, known.empty() ? "" : "、", pack.FindCoBuildKind(id)->display_name());
    }
    out.push_back({"kind", absl::StrCat("“", base.kind(), "”不是共建基地的类型，可填：", known)});
  }
  CheckOnce(base.universities(), "universities", &out);
  CheckOnce(base.partners(), "partners", &out);
  for (int i = 0; i < base.industries_size(); ++i) {
    if (pack.FindIndustriesByName(base.industries(i)).empty()) {
      out.push_back({absl::StrCat("industries[", i, "]"),
                     absl::StrCat("“", base.industries(i), "”不在产业目录中")});
    }
  }
  return out;
}

Violations BaseDayViolations(const v1::CoBuiltBase& base, absl::CivilDay today) {
  Violations out;
  const struct {
    const char* field;
    const char* label;
    std::optional<absl::CivilDay> day;
  } days[] = {{"start_date", "开工日期", DayIn(base.start_date())},
              {"open_date", "运行日期", DayIn(base.open_date())},
              {"close_date", "关闭日期", DayIn(base.close_date())}};
  std::optional<absl::CivilDay> before;
  for (const auto& one : days) {
    if (!one.day) continue;
    if (*one.day > today) {
      out.push_back({one.field, absl::StrCat(one.label, "不能晚于今天")});
    } else if (before && *one.day < *before) {
      out.push_back({one.field, absl::StrCat(one.label, "不能早于前一阶段的日期")});
    }
    before = one.day;
  }
  return out;
}

Violations EvaluationViolations(const v1::CoBuiltBase& base, absl::CivilDay today) {
  Violations out;
  const bool evaluated = base.evaluation() != v1::BASE_EVALUATION_UNSPECIFIED;
  if (evaluated || base.has_evaluation_date() || !base.evaluator().empty()) {
    if (base.evaluator().empty()) out.push_back({"evaluator", "请填写第三方评价机构"});
    if (!base.has_evaluation_date()) out.push_back({"evaluation_date", "请填写绩效评价日期"});
    if (!evaluated) out.push_back({"evaluation", "请填写绩效评价结果"});
  }
  const bool recommended = !base.recommended_as().empty();
  if (recommended && !base.has_recommend_date()) {
    out.push_back({"recommend_date", "请填写推荐申报日期"});
  } else if (!recommended && base.has_recommend_date()) {
    out.push_back({"recommended_as", "请填写推荐申报的省级以上平台"});
  }
  if (recommended && !evaluated) {
    out.push_back({"recommended_as", "尚无第三方绩效评价结果，不能登记推荐申报；请先填写绩效评价"});
  }
  const auto check = [&](const char* field, const char* label, const google::type::Date& date,
                         const google::type::Date& earlier, const char* earlier_label) {
    const std::optional<absl::CivilDay> day = DayIn(date);
    const std::optional<absl::CivilDay> before = DayIn(earlier);
    if (!day) return;
    if (*day > today) {
      out.push_back({field, absl::StrCat(label, "不能晚于今天")});
    } else if (before && *day < *before) {
      out.push_back({field, absl::StrCat(label, "不能早于", earlier_label)});
    }
  };
  check("evaluation_date", "绩效评价日期", base.evaluation_date(), base.start_date(), "开工日期");
  check("recommend_date", "推荐申报日期", base.recommend_date(), base.evaluation_date(),
        "绩效评价日期");
  return out;
}

policy::v1::Verdicts RecommendVerdicts(const policy::Pack& pack, const v1::CoBuiltBase& base) {
  // Of each result the facts that it brings: it is that good, or better.
  static constexpr std::pair<v1::BaseEvaluation, const char*> kAtLeast[] = {
      {v1::BASE_EVALUATION_PASSED, "evaluated_passed"},
      {v1::BASE_EVALUATION_GOOD, "evaluated_good"},
      {v1::BASE_EVALUATION_EXCELLENT, "evaluated_excellent"}};
  policy::Facts facts;
  facts.Set("recommended_as", base.recommended_as());
  facts.Set("evaluator", base.evaluator());
  if (const auto day = DayIn(base.evaluation_date()); day) facts.SetDate("evaluation_date", *day);
  for (const auto& [least, fact] : kAtLeast) {
    // The best result has the least number.
    if (base.evaluation() != v1::BASE_EVALUATION_UNSPECIFIED && base.evaluation() <= least) {
      facts.Set(fact, policy::LabelOf(base.evaluation()));
    }
  }
  return policy::Evaluate(pack, policy::v1::DECISION_BASE_RECOMMEND, facts);
}

absl::Status JudgeRecommendation(const policy::Pack& pack, const v1::CoBuiltBase* stored,
                                 const std::vector<options::v1::Role>& roles,
                                 absl::string_view reason, v1::CoBuiltBase* wanted) {
  if (wanted->recommended_as().empty()) {
    wanted->clear_recommend_verdicts();
    return absl::OkStatus();
  }
  if (stored != nullptr && stored->recommended_as() == wanted->recommended_as() &&
      stored->evaluation() == wanted->evaluation() && stored->evaluator() == wanted->evaluator() &&
      MessageDifferencer::Equals(stored->evaluation_date(), wanted->evaluation_date())) {
    return absl::OkStatus();
  }
  policy::v1::Verdicts verdicts = RecommendVerdicts(pack, *wanted);
  CHANYAN_RETURN_IF_ERROR(policy::SetAside(pack, roles, reason, verdicts));
  CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
  *wanted->mutable_recommend_verdicts() = std::move(verdicts);
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
