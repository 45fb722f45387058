#include "services/triage/escalation_book.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/escalation_life.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;
using policy::v1::LadderRung;

constexpr char kLocked[] = "name FOR UPDATE";

}  // namespace

std::string EscalationBook::DeciderOf(const LadderRung& rung, const v1::Escalation& row) const {
  return rung.unit().empty() ? row.department() : pack_.OrganizationOf(rung.unit());
}

int EscalationBook::RungOf(const v1::Escalation& row) const {
  const auto& rungs = pack_.proto().escalation().rungs();
  for (int i = 0; i < rungs.size(); ++i) {
    if (rungs[i].id() == row.rung()) return i;
  }
  return -1;
}

absl::Status EscalationBook::Place(absl::Time now, int from, absl::string_view not_by,
                                   v1::Escalation* row) const {
  const auto& rungs = pack_.proto().escalation().rungs();
  for (int i = from; i < rungs.size(); ++i) {
    const std::string decider = DeciderOf(rungs[i], *row);
    if (decider.empty() || decider == not_by) continue;
    const policy::v1::TriageUnit* unit = pack_.FindOrganization(decider);
    row->set_rung(rungs[i].id());
    row->set_rung_title(rungs[i].display_name());
    row->set_decider(decider);
    row->set_decider_title(unit == nullptr ? rungs[i].display_name() : unit->display_name());
    CHANYAN_ASSIGN_OR_RETURN(const policy::Term term,
                             pack_.pack().calendar().TermAfter(
                                 time::DayOf(now), static_cast<int>(rungs[i].decide_workdays())));
    api::SetTime(term.deadline, row->mutable_due_time());
    return absl::OkStatus();
  }
  return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                    "已在最高层级，没有可以再上报的层级，请在本级批示");
}

void EscalationBook::Note(absl::Time now, absl::string_view verb, absl::string_view organization,
                          absl::string_view title, absl::string_view account,
                          absl::string_view text, v1::Escalation* row) const {
  v1::EscalationStep* step = row->add_steps();
  step->set_verb(std::string(verb));
  step->set_rung_title(row->rung_title());
  step->set_organization(std::string(organization));
  step->set_organization_title(std::string(title));
  step->set_account(std::string(account));
  api::SetTime(now, step->mutable_step_time());
  step->set_text(std::string(text));
}

void EscalationBook::CopyResult(const v1::Result& result, v1::Escalation* row) const {
  CopyParties(result, row);
  if (row->department().empty()) row->set_department(row->office());
}

absl::Status EscalationBook::RaiseIdle(rpc::Change& change, const v1::Result& result,
                                       const v1::IdleAlert& alert) const {
  v1::Escalation wanted;
  wanted.set_rung(alert.rung());
  const int rung = RungOf(wanted);
  if (rung < 0) return absl::OkStatus();
  const std::string why = absl::StrCat("首问责任单位“", alert.holder_title(), "”已",
                                       alert.idle_workdays(), "个工作日没有办理记录");
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Escalation> present,
      escalations_.Select(change.session(), {"idle_result = ?", {result.name()}}, kLocked));
  if (!present.empty()) {
    v1::Escalation& row = present.front();
    if (RungOf(row) >= rung) return absl::OkStatus();
    const v1::Escalation before = row;
    row.set_alert(alert.name());
    CHANYAN_RETURN_IF_ERROR(Place(change.now(), rung, "", &row));
    Note(change.now(), "pass", "", "", "", why, &row);
    CHANYAN_RETURN_IF_ERROR(escalations_.Update(change.session(), change.now(), &row));
    return change.Record("pass", &before, &row);
  }
  v1::Escalation row;
  row.set_name(absl::StrCat("escalations/", api::NewShortId()));
  row.set_result(result.name());
  row.set_matter("成果转化长期无进展");
  row.set_reason(why);
  row.set_cause(v1::ESCALATION_CAUSE_IDLE);
  row.set_alert(alert.name());
  row.set_state(v1::ESCALATION_STATE_RAISED);
  CopyResult(result, &row);
  CHANYAN_RETURN_IF_ERROR(Place(change.now(), rung, "", &row));
  Note(change.now(), "raise", "", "", "", why, &row);
  CHANYAN_RETURN_IF_ERROR(escalations_.Insert(change.session(), change.now(), &row));
  return change.Record("raise", nullptr, &row);
}

absl::Status EscalationBook::Follow(rpc::Change& change, const v1::Result& result) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Escalation> open,
      escalations_.Select(change.session(),
                          {"result = ? AND state NOT IN ('CLOSED', 'WITHDRAWN')", {result.name()}},
                          kLocked));
  for (v1::Escalation& row : open) {
    const v1::Escalation before = row;
    CopyResult(result, &row);
    // One that waits for its department waits for the one that has the result now.
    if (row.state() == v1::ESCALATION_STATE_RAISED && before.decider() == before.department() &&
        row.decider() != row.department()) {
      const policy::v1::TriageUnit* unit = pack_.FindOrganization(row.department());
      row.set_decider(row.department());
      row.set_decider_title(unit == nullptr ? row.rung_title() : unit->display_name());
    }
    if (MessageDifferencer::Equals(before, row)) continue;
    CHANYAN_RETURN_IF_ERROR(escalations_.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::EscalationTask> tasks,
        tasks_.Select(change.session(),
                      {"escalation = ? AND department <> ?", {row.name(), row.department()}},
                      kLocked));
    for (v1::EscalationTask& task : tasks) {
      const v1::EscalationTask was = task;
      task.set_department(row.department());
      CHANYAN_RETURN_IF_ERROR(tasks_.Update(change.session(), change.now(), &task));
      CHANYAN_RETURN_IF_ERROR(change.Record("followed", &was, &task));
    }
  }
  return absl::OkStatus();
}

absl::Status EscalationBook::End(rpc::Change& change, const v1::Result& result,
                                 absl::string_view why) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Escalation> open,
      escalations_.Select(change.session(), {"idle_result = ?", {result.name()}}, kLocked));
  for (v1::Escalation& row : open) {
    const v1::Escalation before = row;
    CHANYAN_ASSIGN_OR_RETURN(const auto next,
                             policy::Next(EscalationLife(), row.state(), "withdraw"));
    row.set_state(next);
    row.set_conclusion(std::string(why));
    api::SetTime(change.now(), row.mutable_end_time());
    Note(change.now(), "withdraw", "", "", "", why, &row);
    CHANYAN_RETURN_IF_ERROR(escalations_.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("withdraw", &before, &row));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::triage
