#include "services/pairing/conference_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/conference_lines.h"
#include "services/pairing/cooperation_life.h"
#include "services/pairing/cooperation_sheets.h"
#include "services/pairing/record_rows.h"

namespace chanyan::pairing {
namespace {

template <class Meeting>
absl::CivilDay DayOfMeeting(const Meeting& meeting) {
  return time::DayOf(time::ToTime(meeting.meet_time()));
}

template <class Meeting>
std::string KeyOfMeeting(const Meeting& meeting) {
  return absl::StrCat(meeting.kind(), "\n", time::FormatDate(DayOfMeeting(meeting)), "\n",
                      meeting.title());
}

// Whether the table leads from one state to the other, or they are the same: what a file said when
// it was written is not wrong for what has come since.
template <class State>
bool CanBecome(absl::Span<const policy::Transition<State>> life, State from, State to) {
  uint32_t reached = policy::Bits(from);
  for (uint32_t before = 0; before != reached;) {
    before = reached;
    for (const auto& transition : life) {
      if ((transition.from & reached) != 0) reached |= policy::Bits(transition.to);
    }
  }
  return (reached & policy::Bits(to)) != 0;
}

template <class State>
void RefuseState(State is, Violations* out) {
  out->push_back({"state", absl::StrCat("状态不能通过导入更改，按本表和已登记的情况为“",
                                        policy::LabelOf(is), "”，请照此填写或留空")});
}

v1::ConferenceState StateOfNew(const v1::Conference& said, absl::Time now) {
  if (time::ToTime(said.meet_time()) > now) return v1::CONFERENCE_STATE_PLANNED;
  return said.has_issue_date() ? v1::CONFERENCE_STATE_ISSUED : v1::CONFERENCE_STATE_HELD;
}

Violations NewViolations(const v1::Conference& conference, const v1::Conference& said,
                         absl::Time now) {
  Violations out;
  switch (conference.state()) {
    case v1::CONFERENCE_STATE_PLANNED: {
      v1::Conference nothing;
      nothing.set_state(v1::CONFERENCE_STATE_PLANNED);
      out = ConferenceChangeViolations(nothing, conference);
      if (said.has_issue_date()) {
        out.push_back({"issue_date", "会议尚未召开，不能填写纪要印发日期；请核对会议时间"});
      }
      break;
    }
    case v1::CONFERENCE_STATE_ISSUED: {
      out = IssueViolations(conference);
      const auto issued = time::ToCivilDay(conference.issue_date());
      if (!issued.ok()) break;
      if (*issued < DayOfMeeting(conference)) {
        out.push_back({"issue_date", "纪要印发日期不能早于会议日期"});
      } else if (*issued > time::DayOf(now)) {
        out.push_back({"issue_date", "纪要印发日期不能晚于今天"});
      }
      break;
    }
    default:
      break;
  }
  if (said.state() != v1::CONFERENCE_STATE_UNSPECIFIED && said.state() != conference.state()) {
    RefuseState(conference.state(), &out);
  }
  return out;
}

// Decisions that assign something and that the sheet leaves out.
Violations LostDecisions(const v1::Conference& before, const v1::Conference& after) {
  Violations out;
  for (const v1::ConferenceDecision& decision : before.decisions()) {
    if (decision.assignments().empty() ||
        std::any_of(after.decisions().begin(), after.decisions().end(),
                    [&](const auto& one) { return one.number() == decision.number(); })) {
      continue;
    }
    out.push_back({"decisions", absl::StrCat("第 ", decision.number(),
                                             " 项已有交办，不能用导入删去；请保留该项")});
  }
  return out;
}

Violations ChangeViolations(const v1::Conference& before, const v1::Conference& after,
                            const v1::Conference& said) {
  Violations out;
  if (before.state() == v1::CONFERENCE_STATE_ISSUED) {
    out = FrozenViolations(before, after, {},
                           "该会议纪要已印发，不能用导入更改；请改回原值，或从表中删除该行");
  } else if (before.state() == v1::CONFERENCE_STATE_CANCELLED) {
    out = FrozenViolations(before, after, {},
                           "该会议已取消，不能用导入更改；请改回原值，或从表中删除该行");
  } else {
    out = ConferenceChangeViolations(before, after);
    Append(LostDecisions(before, after), &out);
  }
  if (said.state() != v1::CONFERENCE_STATE_UNSPECIFIED &&
      !CanBecome(ConferenceLife(), said.state(), before.state())) {
    RefuseState(before.state(), &out);
  }
  Append(NotImported(said, before, {"issue_date"}), &out);
  return out;
}

// Whether the decision that the row names takes follow-ups from a sheet.
Violations DecisionViolations(const v1::FollowUpRow& row, const v1::Conference& conference) {
  if (conference.state() != v1::CONFERENCE_STATE_ISSUED) {
    return {
        {"conference_title", absl::StrCat("该会议当前状态为“", policy::LabelOf(conference.state()),
                                          "”，纪要印发后才能导入议定事项")}};
  }
  if (conference.decisions().empty()) return {};
  const auto decision =
      std::find_if(conference.decisions().begin(), conference.decisions().end(),
                   [&](const auto& one) { return one.number() == row.decision_number(); });
  if (decision == conference.decisions().end()) {
    return {{"decision_number",
             absl::StrCat("该会议纪要没有第 ", row.decision_number(), " 项议定内容，请核对序号")}};
  }
  if (decision->assignments().empty()) return {};
  return {
      {"task", absl::StrCat(
                   "第 ", row.decision_number(),
                   " 项的交办已随纪要印发，不能用导入增加；请核对事项和责任单位，或填写事项编号")}};
}

// What is wrong with the times of what was done before it was brought in.
Violations DoneViolations(const v1::FollowUpRow& row, const v1::Conference& conference,
                          absl::Time now) {
  Violations out;
  if (row.evidence().empty()) {
    constexpr char kNoEvidence[] = "未填写办结依据的，请留空";
    if (row.has_submit_time()) out.push_back({"submit_time", kNoEvidence});
    if (row.has_finish_time()) out.push_back({"finish_time", kNoEvidence});
    return out;
  }
  const absl::Time met = time::StartOfDay(DayOfMeeting(conference));
  if (row.has_submit_time()) {
    const absl::Time submitted = time::ToTime(row.submit_time());
    if (submitted > now) out.push_back({"submit_time", "报送办结时间不能晚于现在"});
    if (submitted < met) out.push_back({"submit_time", "报送办结时间不能早于会议日期"});
  }
  if (!row.has_finish_time()) return out;
  const absl::Time finished = time::ToTime(row.finish_time());
  if (finished < (row.has_submit_time() ? time::ToTime(row.submit_time()) : met)) {
    out.push_back({"finish_time", "办结时间不能早于会议日期和报送办结时间"});
  }
  if (finished > time::ToTime(conference.create_time())) {
    out.push_back({"finish_time",
                   "会议登记以后办结的事项，不能用导入办结；请留空，导入后由另一账号确认办结"});
  }
  return out;
}

}  // namespace

bool SameText(absl::string_view a, absl::string_view b) {
  return absl::StrReplaceAll(a, {{"\r", ""}}) == absl::StrReplaceAll(b, {{"\r", ""}});
}

v1::ConferenceRow RowOf(const v1::Conference& conference, absl::string_view agreement_number) {
  v1::ConferenceRow row;
  row.set_conference_number(std::string(api::IdOfName(conference.name())));
  row.set_kind(conference.kind());
  row.set_title(conference.title());
  row.set_convener_title(conference.convener_title());
  if (conference.has_meet_time()) *row.mutable_meet_time() = conference.meet_time();
  row.set_place(conference.place());
  row.set_agreement_number(std::string(agreement_number));
  row.set_agenda(LinesOf(conference.agenda()));
  row.set_attendees(LinesOf(conference.attendees()));
  row.set_minutes(conference.minutes());
  row.set_decisions(LinesOf(conference.decisions()));
  row.set_state(conference.state());
  if (conference.has_issue_date()) *row.mutable_issue_date() = conference.issue_date();
  return row;
}

std::string KeyOf(const v1::ConferenceRow& row) { return KeyOfMeeting(row); }
std::string KeyOf(const v1::Conference& conference) { return KeyOfMeeting(conference); }

std::string NameOfConference(absl::string_view key) {
  return absl::StrCat("conferences/", api::DigestId("c", key));
}

v1::Conference MergeConference(const v1::Conference* before, const v1::Conference& said,
                               const HasColumn& has, absl::Time now, Violations* out) {
  v1::Conference merged = before == nullptr ? v1::Conference() : *before;
  merged.set_kind(said.kind());
  merged.set_title(said.title());
  // A sheet has whole seconds.
  if (merged.meet_time().seconds() != said.meet_time().seconds()) {
    *merged.mutable_meet_time() = said.meet_time();
  }
  if (has("place")) merged.set_place(said.place());
  if (has("agreement_number")) merged.set_agreement(said.agreement());
  if (has("convener_title")) {
    merged.set_convener(said.convener());
    merged.set_convener_title(said.convener_title());
  }
  if (has("agenda")) *merged.mutable_agenda() = said.agenda();
  if (has("attendees")) *merged.mutable_attendees() = said.attendees();
  if (has("minutes") && !SameText(merged.minutes(), said.minutes())) {
    merged.set_minutes(said.minutes());
  }
  if (has("decisions")) *merged.mutable_decisions() = said.decisions();
  for (v1::ConferenceAttendee& attendee : *merged.mutable_attendees()) {
    if (attendee.attendance() == v1::ATTENDANCE_UNSPECIFIED) {
      attendee.set_attendance(v1::ATTENDANCE_INVITED);
    }
  }
  merged.clear_organizations();
  for (std::string& name : OrganizationsOf(merged)) merged.add_organizations(std::move(name));
  if (before != nullptr) {
    Append(ChangeViolations(*before, merged, said), out);
    return merged;
  }
  merged.set_state(StateOfNew(said, now));
  if (merged.state() == v1::CONFERENCE_STATE_ISSUED) {
    *merged.mutable_issue_date() = said.issue_date();
  }
  Append(NewViolations(merged, said, now), out);
  return merged;
}

v1::FollowUpRow RowOf(const v1::FollowUp& follow_up, const v1::Conference* conference) {
  v1::FollowUpRow row;
  row.set_conference_number(std::string(api::IdOfName(api::ParentOfName(follow_up.name()))));
  row.set_follow_up_number(std::string(api::IdOfName(follow_up.name())));
  row.set_conference_title(follow_up.conference_title());
  if (conference != nullptr) {
    *row.mutable_conference_date() = time::ToProto(DayOfMeeting(*conference));
  }
  row.set_decision_number(follow_up.decision_number());
  row.set_task(follow_up.task());
  row.set_unit_title(follow_up.unit_title());
  *row.mutable_co_unit_titles() = follow_up.co_unit_titles();
  if (follow_up.has_due_date()) *row.mutable_due_date() = follow_up.due_date();
  row.set_state(follow_up.state());
  if (!follow_up.reports().empty()) row.set_progress(follow_up.reports().rbegin()->text());
  row.set_evidence(follow_up.evidence());
  if (follow_up.has_submit_time()) *row.mutable_submit_time() = follow_up.submit_time();
  if (follow_up.has_finish_time()) *row.mutable_finish_time() = follow_up.finish_time();
  row.set_overdue(follow_up.overdue());
  return row;
}

v1::FollowUp NewFollowUp(const v1::FollowUpRow& row, const v1::Conference& conference,
                         const Writer& writer, absl::Time now, Violations* out) {
  v1::FollowUp made;
  made.set_conference_title(conference.title());
  made.set_decision_number(row.decision_number());
  made.set_task(row.task());
  *made.mutable_due_date() = row.due_date();
  made.set_state(v1::FOLLOW_UP_STATE_ASSIGNED);
  if (!row.progress().empty()) {
    AddReport(row.progress(), writer.organization, now, &made);
    made.set_state(v1::FOLLOW_UP_STATE_IN_PROGRESS);
  }
  if (!row.evidence().empty()) {
    SetEvidence(row.evidence(), writer.account,
                row.has_submit_time()   ? time::ToTime(row.submit_time())
                : row.has_finish_time() ? time::ToTime(row.finish_time())
                                        : now,
                &made);
    made.set_state(v1::FOLLOW_UP_STATE_SUBMITTED);
  }
  if (row.has_finish_time()) {
    *made.mutable_finish_time() = row.finish_time();
    made.set_state(v1::FOLLOW_UP_STATE_DONE);
  }
  Append(DecisionViolations(row, conference), out);
  const auto due = time::ToCivilDay(row.due_date());
  if (due.ok() && *due < DayOfMeeting(conference)) {
    out->push_back({"due_date", "完成期限不能早于会议日期"});
  }
  Append(DoneViolations(row, conference, now), out);
  if (row.state() != v1::FOLLOW_UP_STATE_UNSPECIFIED && row.state() != made.state()) {
    RefuseState(made.state(), out);
  }
  return made;
}

void ActOn(const v1::FollowUpRow& row, const v1::Conference& conference, absl::string_view unit,
           const Writer& writer, absl::Time now, v1::FollowUp* follow_up, Violations* out) {
  const v1::FollowUpRow is = RowOf(*follow_up, &conference);
  Append(
      NotImported(row, is, {"decision_number", "task", "due_date", "submit_time", "finish_time"}),
      out);
  if (row.unit_title() != is.unit_title() && unit != follow_up->unit()) {
    Append(NotImported(row, is, {"unit_title"}), out);
  }
  if (!row.co_unit_titles().empty() && !SameIn(row, is, {"co_unit_titles"})) {
    out->push_back({"co_unit_titles", "配合单位不能通过导入更改，请改回原值或留空"});
  }
  // Verbs as the table has them, each said at the cell that asks for it.
  const auto next = [&](absl::string_view verb, absl::string_view column) {
    const auto state = policy::Next(FollowUpLife(), follow_up->state(), verb);
    if (!state.ok()) {
      out->push_back(
          {std::string(column), absl::StrCat(state.status().message(), "；请改回原值或留空")});
      return false;
    }
    follow_up->set_state(*state);
    return true;
  };
  const bool reported =
      row.progress().empty() ||
      std::any_of(follow_up->reports().begin(), follow_up->reports().end(),
                  [&](const auto& report) { return SameText(report.text(), row.progress()); });
  if (!reported && next("report", "progress")) {
    AddReport(row.progress(), writer.organization, now, follow_up);
  }
  if (!row.evidence().empty() && !SameText(row.evidence(), follow_up->evidence()) &&
      next("submit", "evidence")) {
    SetEvidence(row.evidence(), writer.account, now, follow_up);
  }
  if (row.state() != v1::FOLLOW_UP_STATE_UNSPECIFIED &&
      !CanBecome(FollowUpLife(), row.state(), follow_up->state())) {
    RefuseState(follow_up->state(), out);
  }
}

}  // namespace chanyan::pairing
