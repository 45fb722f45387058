// Problems from a sheet (PAIR-5, REG-10).
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/pairing/problem_life.h"
#include "services/pairing/problem_rules.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/record_rows.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/record_sheets.h"
#include "services/pairing/registry_lists.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

constexpr std::initializer_list<absl::string_view> kDerivedOfProblem = {
    "origin", "quarter", "resolve_time", "escalation_level", "escalated_to"};

// StoredProblems problems by name, and those of a project by their words.
class StoredProblems {
 public:
  explicit StoredProblems(const std::vector<v1::Problem>& rows) {
    for (const v1::Problem& row : rows) {
      by_name_[row.name()] = &row;
      if (row.state() == v1::PROBLEM_STATE_WITHDRAWN) continue;
      const v1::Problem*& at = by_words_[KeyOf(ProjectOfName(row.name()), row.content())];
      if (at == nullptr || !IsUnsolved(at->state())) at = &row;
    }
  }
  static std::string KeyOf(absl::string_view project, absl::string_view content) {
    return absl::StrCat(project, "\n", content);
  }
  // Null if the row is a new one; a number that nobody has, and other words than the problem of the
  // number has, are violations.
  const v1::Problem* Find(const v1::ProblemRow& row, Violations* wrong) const {
    if (row.problem_number().empty()) {
      const auto found = by_words_.find(KeyOf(ProjectOf(row), row.content()));
      return found == by_words_.end() ? nullptr : found->second;
    }
    const auto found =
        by_name_.find(absl::StrCat(ProjectOf(row), "/problems/", row.problem_number()));
    if (found == by_name_.end()) {
      wrong->push_back(NoSuchRecord("problem_number", row.problem_number()));
      return nullptr;
    }
    if (found->second->content() != row.content()) {
      wrong->push_back({"content", "问题提出后内容不修改；提法有误的请撤回后另行提出"});
    }
    return found->second;
  }

 private:
  absl::flat_hash_map<std::string, const v1::Problem*> by_name_;
  absl::flat_hash_map<std::string, const v1::Problem*> by_words_;
};

// What rows make of problems. The unit that works on one is looked up in the directory.
class ProblemPlanner {
 public:
  ProblemPlanner(const policy::Pack& pack, const Organizations& organizations,
                 const rpc::Call& call, absl::Time now)
      : pack_(pack),
        organizations_(organizations),
        call_(call),
        actor_(ActorOf(call.principal)),
        now_(now) {}

  // `problem` is the stored one, or empty; then `project` is its project.
  Violations Take(const v1::ProblemRow& row, const v1::Project* project,
                  v1::Problem* problem) const {
    const v1::ProblemRow is = problem->name().empty() ? v1::ProblemRow() : RowOf(*problem);
    Violations wrong = NotImported(row, is, kDerivedOfProblem);
    if (problem->name().empty()) Append(Raise(row, *project, problem), &wrong);
    if (wrong.empty() && WantsAssignment(row, RowOf(*problem)))
      Append(Assign(row, problem), &wrong);
    if (wrong.empty() && !row.resolution().empty() && row.resolution() != problem->resolution()) {
      Append(Resolve(row, problem), &wrong);
    }
    if (wrong.empty() && !HasBeen(row.state(), *problem)) {
      wrong = NotImported(row, RowOf(*problem), {"state"});
    }
    return wrong;
  }

 private:
  static void Append(Violations more, Violations* to) {
    for (status::Violation& violation : more) to->push_back(std::move(violation));
  }

  // Whether a row may call it that: as it is, or was when it was exported.
  static bool HasBeen(v1::ProblemState state, const v1::Problem& problem) {
    return std::any_of(problem.history().begin(), problem.history().end(),
                       [state](const v1::ProblemStep& step) { return step.state() == state; });
  }

  // What keeps the caller from a verb, at a cell of the row.
  Violations Refusal(const char* method, absl::string_view verb, const v1::Problem& problem,
                     absl::string_view cell) const {
    const auto* found = v1::Problem::descriptor()
                            ->file()
                            ->FindServiceByName("ProblemService")
                            ->FindMethodByName(method);
    if (!auth::CheckMethod(call_.principal, found).ok() || !MayAct(problem, verb, actor_)) {
      return {{std::string(cell), WhoMayAct(verb)}};
    }
    const auto next = policy::Next(ProblemLife(), problem.state(), verb);
    if (!next.ok()) return {{std::string(cell), std::string(next.status().message())}};
    return {};
  }

  Violations Raise(const v1::ProblemRow& row, const v1::Project& project,
                   v1::Problem* problem) const {
    if (actor_.secretariat) return {{"content", "问题由高校院所、企业和责任单位提出"}};
    *problem = ProblemOf(row);
    problem->set_name(absl::StrCat(project.name(), "/problems/", api::NewShortId()));
    problem->set_raised_by(call_.principal.organization);
    return ViolationsIn(OpenProblem(pack_, project, now_, problem), "content");
  }

  static bool WantsAssignment(const v1::ProblemRow& row, const v1::ProblemRow& is) {
    const auto differs = [&](absl::string_view field, bool given) {
      return given && !SameIn(row, is, {field});
    };
    return differs("assignee_title", !row.assignee_title().empty()) ||
           differs("owner", !row.owner().empty()) || differs("due_date", row.has_due_date());
  }

  Violations Assign(const v1::ProblemRow& row, v1::Problem* problem) const {
    Violations wrong = Refusal("AssignProblem", "assign", *problem, "assignee_title");
    if (row.assignee_title().empty()) wrong.push_back({"assignee_title", "交办须填写承办单位"});
    if (row.owner().empty()) wrong.push_back({"owner", "交办须填写责任人"});
    if (!wrong.empty()) return wrong;
    const auto* named = organizations_.ByTitle(row.assignee_title());
    if (named == nullptr) {
      return {{"assignee_title",
               absl::StrCat("“", row.assignee_title(), "”不在单位名录中，请核对名称")}};
    }
    const registry::v1::Organization& unit = organizations_.Living(*named);
    const std::string unfit = AssigneeProblem(unit);
    if (!unfit.empty()) return {{"assignee_title", unfit}};
    const absl::StatusOr<policy::Term> term =
        TermOf(pack_, time::DayOf(now_), row.has_due_date() ? &row.due_date() : nullptr);
    if (!term.ok()) return ViolationsIn(term.status(), "due_date");
    AssignProblem(now_, call_.principal.organization, unit, row.owner(), *term, problem);
    return {};
  }

  Violations Resolve(const v1::ProblemRow& row, v1::Problem* problem) const {
    Violations wrong = Refusal("ResolveProblem", "resolve", *problem, "resolution");
    if (wrong.empty())
      ResolveProblem(now_, call_.principal.organization, row.resolution(), problem);
    return wrong;
  }

  // An error as violations: its own, or its sentence at `cell`.
  static Violations ViolationsIn(const absl::Status& status, absl::string_view cell) {
    if (status.ok()) return {};
    Violations violations = status::ViolationsOf(status);
    if (violations.empty()) {
      violations.push_back({std::string(cell), std::string(status.message())});
    }
    return violations;
  }

  const policy::Pack& pack_;
  const Organizations& organizations_;
  const rpc::Call& call_;
  const Actor actor_;
  const absl::Time now_;
};

}  // namespace

absl::StatusOr<v1::ImportRecordsResponse> RecordSheetService::ImportProblems(
    const rpc::Call& call, const v1::ImportProblemsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ProblemRow> data,
      ReadRecords<v1::ProblemRow>(request, [](const v1::ProblemRow&) { return Violations(); }));
  CHANYAN_ASSIGN_OR_RETURN(const Organizations organizations,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));
  return rpc::Mutate<v1::ImportRecordsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportRecordsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const Projects projects,
                                 LockProjects(change.session(), call, projects_, data.rows));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Problem> rows,
            RecordsOf(change.session(), book_.table(), data.rows,
                      auth::Writable<v1::Problem>(call.principal), db::kByNameLocked));
        const StoredProblems stored(rows);
        const ProblemPlanner planner(deps_.pack, organizations, call, change.now());
        RowsSeen seen;
        Violations violations;
        rpc::ImportPlan<v1::Problem> plan;
        const auto add = [&](const v1::ProblemRow& row, uint32_t number) -> Violations {
          Violations wrong;
          const v1::Problem* known = stored.Find(row, &wrong);
          const auto found = projects.find(ProjectOf(row));
          const v1::Project* project = found == projects.end() ? nullptr : &found->second;
          // Whoever works on a problem need not reach its project.
          if (known == nullptr && project == nullptr) return {NoSuchProject(row.project_number())};
          if (!wrong.empty()) return wrong;
          wrong = known != nullptr ? TitleViolations(row, *known) : TitleViolations(row, *project);
          const std::string key = known != nullptr
                                      ? known->name()
                                      : StoredProblems::KeyOf(project->name(), row.content());
          if (!wrong.empty() || !seen.Add(key, number, "content", &wrong)) return wrong;
          v1::Problem problem = known == nullptr ? v1::Problem() : *known;
          wrong = planner.Take(row, project, &problem);
          if (wrong.empty()) plan.Add(known, std::move(problem));
          return wrong;
        };
        for (const auto& [row, number] : data.rows) {
          rpc::AddPlaced(add(row, number), number, data.places, &violations);
        }
        std::vector<std::string> assignees;
        for (const v1::Problem& problem : plan.creates) assignees.push_back(problem.assignee());
        for (const auto& [before, after] : plan.updates) {
          if (before.assignee() != after.assignee()) assignees.push_back(after.assignee());
        }
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(assignees)));
        CHANYAN_ASSIGN_OR_RETURN(
            const auto result,
            rpc::Settle<v1::ImportRecordsResponse>(change, book_.table(), std::move(violations),
                                                   request.validate_only(), &plan));
        if (request.validate_only()) return result;
        CHANYAN_RETURN_IF_ERROR(book_.AddClocks(change.session(), change.now(), plan.creates));
        for (const auto& [before, after] : plan.updates) {
          CHANYAN_RETURN_IF_ERROR(book_.SetClocks(change.session(), change.now(), after));
        }
        return result;
      });
}

}  // namespace chanyan::pairing
