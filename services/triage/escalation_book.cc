#include "services/triage/escalation_book.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/escalation_life.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kNotOver[] = "state NOT IN ('CLOSED', 'WITHDRAWN')";

template <class T>
absl::Status WriteFollowed(rpc::Change& change, const db::Table<T>& table,
                           const std::vector<T>& before, std::vector<T>* after) {
  if (after->empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), after));
  std::vector<journal::Alteration> followed;
  for (size_t i = 0; i < after->size(); ++i) followed.push_back({&before[i], &(*after)[i]});
  return change.RecordAll("followed", followed);
}

}  // namespace

int EscalationBook::RungOf(const v1::Escalation& row) const {
  const auto& rungs = pack_.proto().escalation().rungs();
  for (int i = 0; i < rungs.size(); ++i) {
    if (rungs[i].id() == row.rung()) return i;
  }
  return -1;
}

absl::Status EscalationBook::Place(absl::Time now, int from, absl::string_view not_by,
                                   v1::Escalation* row) const {
  const int at = pack_.RungFrom(from, not_by, row->department());
  if (at < 0) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      "已在最高层级，没有可以再上报的层级，请在本级批示");
  }
  const policy::v1::LadderRung& rung = pack_.proto().escalation().rungs(at);
  const std::string& decider = pack_.DeciderAt(at, row->department());
  const policy::v1::TriageUnit* unit = pack_.FindOrganization(decider);
  row->set_rung(rung.id());
  row->set_rung_title(rung.display_name());
  row->set_decider(decider);
  row->set_decider_title(unit == nullptr ? rung.display_name() : unit->display_name());
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term,
                           pack_.pack().calendar().TermAfter(
                               time::DayOf(now), static_cast<int>(rung.decide_workdays())));
  api::SetTime(term.deadline, row->mutable_due_time());
  return absl::OkStatus();
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
      escalations_.Select(change.session(), {"idle_result = ?", {result.name()}},
                          db::kByNameLocked));
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

absl::Status EscalationBook::FollowTasks(rpc::Change& change,
                                         absl::Span<const v1::Escalation> matters) const {
  absl::flat_hash_map<std::string, std::string> departments;
  for (const v1::Escalation& row : matters) departments[row.name()] = row.department();
  return db::InChunks(matters, [&](absl::Span<const v1::Escalation> chunk) -> absl::Status {
    db::Predicate of{absl::StrCat("escalation IN ", db::Marks(chunk.size())), {}};
    for (const v1::Escalation& row : chunk) of.params.emplace_back(row.name());
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::EscalationTask> tasks,
                             tasks_.Select(change.session(), of, db::kByNameLocked));
    std::erase_if(tasks, [&](const v1::EscalationTask& task) {
      return task.department() == departments[std::string(api::ParentOfName(task.name()))];
    });
    const std::vector<v1::EscalationTask> were = tasks;
    for (v1::EscalationTask& task : tasks) {
      task.set_department(departments[std::string(api::ParentOfName(task.name()))]);
    }
    return WriteFollowed(change, tasks_, were, &tasks);
  });
}

absl::Status EscalationBook::Follow(rpc::Change& change,
                                    absl::Span<const v1::Result* const> results) const {
  absl::flat_hash_map<std::string, const v1::Result*> by_name;
  for (const v1::Result* result : results) by_name[result->name()] = result;
  return db::InChunks(results, [&](absl::Span<const v1::Result* const> chunk) -> absl::Status {
    db::Predicate of{absl::StrCat("result IN ", db::Marks(chunk.size()), " AND ", kNotOver), {}};
    for (const v1::Result* result : chunk) of.params.emplace_back(result->name());
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Escalation> open,
                             escalations_.Select(change.session(), of, db::kByNameLocked));
    std::vector<v1::Escalation> before;
    std::vector<v1::Escalation> after;
    for (v1::Escalation& row : open) {
      v1::Escalation next = row;
      CopyResult(*by_name.at(row.result()), &next);
      // One that waits for its department waits for the one that has the result now.
      if (row.state() == v1::ESCALATION_STATE_RAISED && row.decider() == row.department() &&
          next.decider() != next.department()) {
        const policy::v1::TriageUnit* unit = pack_.FindOrganization(next.department());
        next.set_decider(next.department());
        next.set_decider_title(unit == nullptr ? next.rung_title() : unit->display_name());
      }
      if (MessageDifferencer::Equals(row, next)) continue;
      before.push_back(std::move(row));
      after.push_back(std::move(next));
    }
    CHANYAN_RETURN_IF_ERROR(WriteFollowed(change, escalations_, before, &after));
    return FollowTasks(change, after);
  });
}

absl::Status EscalationBook::End(rpc::Change& change, const v1::Result& result,
                                 absl::string_view why) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Escalation> open,
      escalations_.Select(change.session(), {"idle_result = ?", {result.name()}},
                          db::kByNameLocked));
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
