// Outcomes from a sheet (PAIR-7, REG-10).
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/time/civil.h"
#include "services/pairing/outcome_life.h"
#include "services/pairing/outcome_rules.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/record_lines.h"
#include "services/pairing/record_rows.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/record_sheets.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

constexpr std::initializer_list<absl::string_view> kContent = {
    "kind",        "amount",      "quantity",  "period_first",
    "period_last", "description", "reference", "evidence"};
constexpr std::initializer_list<absl::string_view> kDerivedOfOutcome = {"state", "confirm_time",
                                                                        "dispute_reason"};

// What makes two outcomes of a project one and the same.
std::string KeyOf(const v1::OutcomeRow& row) {
  const std::string head = absl::StrCat(ProjectOf(row), "\n", row.kind(), "\n");
  if (!row.reference().empty()) return absl::StrCat(head, "№", row.reference());
  const auto day = [](const google::type::Date& date) {
    return absl::StrCat(date.year(), "-", date.month(), "-", date.day());
  };
  return absl::StrCat(head, day(row.period_first()), "\n", day(row.period_last()), "\n",
                      row.description());
}

// StoredOutcomes outcomes by name and by what makes them one; a withdrawn one is found by its
// number alone.
class StoredOutcomes {
 public:
  explicit StoredOutcomes(const std::vector<v1::Outcome>& rows) {
    for (const v1::Outcome& row : rows) {
      by_name_[row.name()] = &row;
      if (row.state() != v1::OUTCOME_STATE_WITHDRAWN) by_key_[KeyOf(RowOf(row))] = &row;
    }
  }
  const v1::Outcome* ByKey(const v1::OutcomeRow& row) const {
    const auto found = by_key_.find(KeyOf(row));
    return found == by_key_.end() ? nullptr : found->second;
  }
  // Null if the row is a new one; a number that nobody has, and a reference that another outcome
  // has, are violations.
  const v1::Outcome* Find(const v1::OutcomeRow& row, Violations* wrong) const {
    const v1::Outcome* same = ByKey(row);
    if (row.outcome_number().empty()) return same;
    const auto found =
        by_name_.find(absl::StrCat(ProjectOf(row), "/outcomes/", row.outcome_number()));
    if (found == by_name_.end()) {
      wrong->push_back(NoSuchRecord("outcome_number", row.outcome_number()));
      return nullptr;
    }
    if (same != nullptr && same != found->second && !row.reference().empty()) {
      wrong->push_back(
          {"reference", absl::StrCat("本项目已申报编号为“", row.reference(), "”的", row.kind(),
                                     "（成效编号", api::IdOfName(same->name()), "）")});
    }
    return found->second;
  }

 private:
  absl::flat_hash_map<std::string, const v1::Outcome*> by_name_;
  absl::flat_hash_map<std::string, const v1::Outcome*> by_key_;
};

// The row onto a stored outcome: nothing to do, or a change by who declared it.
Violations Rewrite(const v1::OutcomeRow& row, absl::string_view own, v1::Outcome* outcome) {
  const v1::OutcomeRow is = RowOf(*outcome);
  v1::OutcomeRow derived = row;
  // Every one was declared once, and may have been exported then.
  if (row.state() == v1::OUTCOME_STATE_DECLARED) derived.clear_state();
  Violations violations = NotImported(derived, is, kDerivedOfOutcome);
  if (SameIn(row, is, kContent)) return violations;
  const auto next = policy::Next(OutcomeLife(), outcome->state(), "update");
  if (!MayAct(*outcome, "update", own)) {
    violations.push_back({"kind", absl::StrCat("该成效（成效编号", api::IdOfName(outcome->name()),
                                               "）由对方单位申报，本单位不能修改")});
  } else if (!next.ok()) {
    violations.push_back({"kind", std::string(next.status().message())});
  } else {
    outcome->set_state(*next);
    outcome->clear_dispute_reason();
    TakeRow(row, outcome);
  }
  return violations;
}

Violations Begin(const v1::OutcomeRow& row, const v1::Project& project, absl::string_view own,
                 v1::Outcome* outcome) {
  if (!IsSigned(project.state())) return {{"project_number", "已签约的项目才能申报成效"}};
  outcome->set_name(absl::StrCat(project.name(), "/outcomes/", api::NewShortId()));
  DeclareOutcome(project, own, outcome);
  TakeRow(row, outcome);
  return NotImported(row, v1::OutcomeRow(), kDerivedOfOutcome);
}

// What the pack says of an outcome that is new or changed.
Violations TakeKind(const policy::Pack& pack, const v1::OutcomeRow& row, absl::CivilDay today,
                    v1::Outcome* outcome) {
  Violations violations = OutcomeViolations(pack, *outcome, today);
  if (!violations.empty()) return violations;
  outcome->set_measure_unit(FindOutcomeKindByName(pack, outcome->kind())->unit());
  return NotImported(row, RowOf(*outcome), {"measure_unit"});
}

}  // namespace

absl::StatusOr<v1::ImportRecordsResponse> RecordSheetService::ImportOutcomes(
    const rpc::Call& call, const v1::ImportOutcomesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::OutcomeRow> data,
                           ReadRecords<v1::OutcomeRow>(request, [](const v1::OutcomeRow& row) {
                             return EvidenceViolations(row.evidence(), "evidence");
                           }));
  const std::string& own = call.principal.organization;
  return rpc::Mutate<v1::ImportRecordsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportRecordsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const Projects projects,
                                 LockProjects(change.session(), call, projects_, data.rows));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Outcome> rows,
            RecordsOf(change.session(), outcomes_, data.rows,
                      auth::Writable<v1::Outcome>(call.principal), db::kByNameLocked));
        const StoredOutcomes stored(rows);
        const absl::CivilDay today = time::DayOf(change.now());
        RowsSeen seen;
        Violations violations;
        rpc::ImportPlan<v1::Outcome> plan;
        const auto add = [&](const v1::OutcomeRow& row, uint32_t number) -> Violations {
          const auto project = projects.find(ProjectOf(row));
          if (project == projects.end()) return {NoSuchProject(row.project_number())};
          Violations wrong = TitleViolations(row, project->second);
          const v1::Outcome* known = stored.Find(row, &wrong);
          // Two rows may meet in what makes them one, or in the outcome that they name.
          if (!wrong.empty() || !seen.Add(KeyOf(row), number, "kind", &wrong)) return wrong;
          if (known != nullptr && !seen.Add(known->name(), number, "outcome_number", &wrong)) {
            return wrong;
          }
          v1::Outcome outcome = known == nullptr ? v1::Outcome() : *known;
          wrong = known == nullptr ? Begin(row, project->second, own, &outcome)
                                   : Rewrite(row, own, &outcome);
          if (wrong.empty() && (known == nullptr || !SameIn(row, RowOf(*known), kContent))) {
            wrong = TakeKind(deps_.pack, row, today, &outcome);
          }
          if (!wrong.empty()) return wrong;
          plan.Add(known, std::move(outcome));
          return {};
        };
        for (const auto& [row, number] : data.rows) {
          rpc::AddPlaced(add(row, number), number, data.places, &violations);
        }
        return rpc::Settle<v1::ImportRecordsResponse>(change, outcomes_, std::move(violations),
                                                      request.validate_only(), &plan);
      });
}

}  // namespace chanyan::pairing
