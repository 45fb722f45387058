#include "services/pairing/report_batch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/project_life.h"
#include "services/pairing/project_name.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr absl::string_view kRowsOf = "SELECT name, `row` FROM progress_report WHERE name IN ";

// As the column open_pair.
std::string PairOf(absl::string_view platform, absl::string_view enterprise) {
  return absl::StrCat(platform, "+", enterprise);
}
template <class Message>
std::string PairOf(const Message& message) {
  return PairOf(message.platform(), message.enterprise());
}

// The enterprise that a project was begun for, if that is another than it is of now.
std::string OriginOf(const v1::Project& project) {
  return project.former_enterprises().empty() ? std::string() : project.former_enterprises(0);
}

// What the report says goes onto the project; an empty answer leaves what is there.
void Overlay(absl::string_view quarter, const v1::Report& report, v1::Project* project) {
  // Of an older quarter that comes late only a day of signing that nobody has told yet is taken.
  if (!TakeProgress(quarter, report.progress(), report.no_change(), report.problem(), project)) {
    if (report.has_sign_date() && !project->has_sign_date()) {
      *project->mutable_sign_date() = report.sign_date();
    }
    return;
  }
  if (!report.platform_title().empty()) project->set_platform_title(report.platform_title());
  if (!report.enterprise_title().empty()) {
    project->set_enterprise_title(report.enterprise_title());
  }
  if (!report.unit().empty()) project->set_unit(report.unit());
  project->set_title(report.title());
  if (report.kinds_size() > 0) *project->mutable_kinds() = report.kinds();
  if (!report.content().empty()) project->set_content(report.content());
  // Where the agreement is filed, it says when it was signed.
  if (report.has_sign_date() && project->agreement().empty()) {
    *project->mutable_sign_date() = report.sign_date();
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::Report>> ReportBatch::Succeeded(
    db::Session& session, const google::protobuf::RepeatedPtrField<v1::Report>& given) {
  std::vector<v1::Report> reports(given.begin(), given.end());
  std::vector<std::string> names;
  for (const v1::Report& report : reports) names.push_back(report.enterprise());
  CHANYAN_ASSIGN_OR_RETURN(const auto enterprises, rpc::SuccessorsOf(session, std::move(names)));
  names.clear();
  for (v1::Report& report : reports) {
    const auto successor = enterprises.find(report.enterprise());
    if (successor != enterprises.end()) {
      if (report.former_enterprise().empty()) report.set_former_enterprise(report.enterprise());
      report.set_enterprise(successor->second.organization);
      report.set_enterprise_title(successor->second.title);
      report.set_unit(successor->second.unit);
    }
    names.push_back(report.unit());
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto units, rpc::SuccessorsOf(session, std::move(names)));
  for (v1::Report& report : reports) {
    const auto successor = units.find(report.unit());
    if (successor != units.end()) report.set_unit(successor->second.organization);
  }
  return reports;
}

absl::Status ReportBatch::LoadOpen(db::Session& session, const std::vector<v1::Report>& reports) {
  std::vector<std::string> pairs;
  for (const v1::Report& report : reports) pairs.push_back(PairOf(report));
  std::vector<std::string> holders;
  CHANYAN_RETURN_IF_ERROR(SelectIn(session, deps_.projects, "open_pair", std::move(pairs),
                                   db::Predicate::Everything(), db::kByNameLocked,
                                   [&](v1::Project project) {
                                     holders.push_back(project.name());
                                     const std::string pair = PairOf(project);
                                     ++count_[pair];
                                     open_[pair] = {&works_.emplace_back(Work{project, project})};
                                   }));
  return SelectIn(session, deps_.projects, "doubled_by", std::move(holders),
                  db::Predicate::Everything(), db::kByNameLocked, [&](v1::Project project) {
                    const std::string pair = PairOf(project);
                    ++count_[pair];
                    open_[pair].push_back(&works_.emplace_back(Work{project, project}));
                  });
}

absl::Status ReportBatch::LoadEnded(db::Session& session,
                                    const std::vector<std::string>& enterprises) {
  std::vector<std::string> missing;
  for (const std::string& enterprise : enterprises) {
    if (ended_loaded_.insert(enterprise).second) missing.push_back(enterprise);
  }
  if (missing.empty()) return absl::OkStatus();
  const size_t from = works_.size();
  absl::flat_hash_map<std::string, std::vector<Work*>> ended;
  CHANYAN_RETURN_IF_ERROR(
      SelectIn(session, deps_.projects, "enterprise", std::move(missing),
               {"state IN ('COMPLETED', 'TERMINATED')", {}}, "name", [&](v1::Project project) {
                 const std::string pair = PairOf(project);
                 ++count_[pair];
                 ended[pair].push_back(&works_.emplace_back(Work{project, project}));
               }));
  // What the rows of this request have ended comes behind.
  for (auto& [pair, works] : ended) {
    std::vector<Work*>& all = ended_[pair];
    all.insert(all.begin(), works.begin(), works.end());
  }
  return LoadRows(session, from);
}

absl::Status ReportBatch::LoadRows(db::Session& session, size_t from) {
  std::vector<std::string> names;
  for (size_t i = from; i < works_.size(); ++i) {
    names.push_back(ReportName(works_[i].now.name(), quarter_));
  }
  absl::flat_hash_map<std::string, std::string> rows;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows found,
            session.Query(absl::StrCat(kRowsOf, db::Marks(chunk.size()), " FOR UPDATE"),
                          db::Values(chunk.begin(), chunk.end())));
        for (const db::Values& row : found.rows) {
          rows[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
        }
        return absl::OkStatus();
      }));
  for (size_t i = from; i < works_.size(); ++i) {
    const auto row = rows.find(names[i - from]);
    if (row != rows.end()) row_of_[works_[i].now.name()] = row->second;
  }
  return absl::OkStatus();
}

ReportBatch::Work* ReportBatch::ProjectFor(const v1::Report& report) {
  const auto found = open_.find(PairOf(report));
  if (found == open_.end()) return nullptr;
  for (Work* work : found->second) {
    if (OriginOf(work->now) == report.former_enterprise()) return work;
  }
  return found->second.front();
}

std::string ReportBatch::EndedBy(const v1::Report& report) const {
  const auto ended = ended_.find(PairOf(report));
  if (ended == ended_.end()) return "";
  for (const Work* work : ended->second) {
    const auto row = row_of_.find(work->now.name());
    if (row != row_of_.end() && row->second == report.row()) return work->now.name();
  }
  return "";
}

absl::StatusOr<bool> ReportBatch::BelongsElsewhere(db::Session& session, const v1::Report& report,
                                                   const v1::Project& project,
                                                   v1::RecordOutcome* outcome) {
  const auto stored = row_of_.find(project.name());
  // What people reported has no row: a form's counts before it.
  if (stored == row_of_.end() || stored->second.empty() || stored->second == report.row()) {
    return false;
  }
  const std::string other = stored->second;
  CHANYAN_RETURN_IF_ERROR(LoadEnded(session, {report.enterprise()}));
  const std::string ended = EndedBy(report);
  if (!ended.empty()) {
    outcome->set_project(ended);
  } else {
    outcome->set_refusal(absl::StrCat("项目“", project.title(), "”本季度已登记另一行（", other,
                                      "）的进展；企业合并前各报一行的，请在一行中填报"));
  }
  return true;
}

absl::StatusOr<v1::Project> ReportBatch::NewProject(const v1::Report& report) {
  v1::Project project;
  project.set_platform(report.platform());
  const auto [owner, unknown] = owners_.try_emplace(report.platform());
  if (unknown) {
    CHANYAN_ASSIGN_OR_RETURN(owner->second, deps_.owner_of(report.platform()));
  }
  project.set_university(owner->second);
  project.set_enterprise(report.enterprise());
  if (!report.former_enterprise().empty()) {
    project.add_former_enterprises(report.former_enterprise());
  }
  project.set_state(v1::PROJECT_STATE_INTENT);
  return project;
}

absl::Status ReportBatch::MoveTo(v1::ProjectState wanted, v1::Project* project) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<absl::string_view> verbs,
                           VerbsTowards(project->state(), wanted));
  for (absl::string_view verb : verbs) {
    if (verb == "sign") {
      // A row brings no agreement and nobody who could say why: soft rules are on the record.
      *project->mutable_sign_verdicts() = SignVerdicts(deps_.pack, *project);
      CHANYAN_RETURN_IF_ERROR(policy::RequireHard(project->sign_verdicts()));
    }
    CHANYAN_ASSIGN_OR_RETURN(const v1::ProjectState next,
                             policy::Next(ProjectLife(), project->state(), verb));
    project->set_state(next);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::RecordOutcome> ReportBatch::Apply(db::Session& session,
                                                     const v1::Report& report) {
  v1::RecordOutcome outcome;
  outcome.set_row(report.row());
  Work* work = ProjectFor(report);
  v1::Project project;
  if (work == nullptr) {
    CHANYAN_RETURN_IF_ERROR(LoadEnded(session, {report.enterprise()}));
    // The row again, after the project it made has ended: it makes no second one.
    if (const std::string ended = EndedBy(report); !ended.empty()) {
      outcome.set_project(ended);
      return outcome;
    }
    CHANYAN_ASSIGN_OR_RETURN(project, NewProject(report));
  } else {
    project = work->now;
  }
  Overlay(quarter_, report, &project);
  absl::Status allowed;
  if (work == nullptr) {
    if (IsOwnPlatform(project)) {
      outcome.set_refusal(OwnPlatformProblem(project));
      return outcome;
    }
    *project.mutable_create_verdicts() = CreateVerdicts(deps_.pack, project, "");
    allowed = policy::RequireHard(project.create_verdicts());
  } else {
    CHANYAN_ASSIGN_OR_RETURN(const bool elsewhere,
                             BelongsElsewhere(session, report, project, &outcome));
    if (elsewhere) return outcome;
  }
  if (allowed.ok()) allowed = MoveTo(report.state(), &project);
  if (!allowed.ok()) {
    outcome.set_refusal(std::string(allowed.message()));
    return outcome;
  }
  outcome.set_created(work == nullptr);
  work = Keep(report, work, std::move(project));
  outcome.set_project(work->now.name());
  taken_.push_back({&report, work});
  return outcome;
}

ReportBatch::Work* ReportBatch::Keep(const v1::Report& report, Work* work, v1::Project project) {
  const std::string pair = PairOf(report);
  if (work == nullptr) {
    project.set_name(ProjectName(report.platform(), report.enterprise(), count_[pair]++));
    work = &works_.emplace_back(Work{{}, {}, true});
    open_[pair] = {work};
  }
  work->now = std::move(project);
  row_of_[work->now.name()] = report.row();
  if (HasEnded(work->now.state())) {
    std::vector<Work*>& open = open_[pair];
    open.erase(std::find(open.begin(), open.end(), work));
    // Those that doubled it wait for somebody to settle them.
    if (open.empty() || !open.front()->now.doubled_by().empty()) open_.erase(pair);
    ended_[pair].push_back(work);
  }
  return work;
}

absl::Status ReportBatch::WriteProjects(rpc::Change& change) {
  std::vector<v1::Project> created, updated;
  std::vector<Work*> changed;
  for (Work& work : works_) {
    if (work.created) {
      created.push_back(work.now);
    } else if (!MessageDifferencer::Equals(work.before, work.now)) {
      changed.push_back(&work);
      updated.push_back(work.now);
    }
  }
  db::Session& session = change.session();
  // What has ended makes room for a new one of its pair.
  CHANYAN_RETURN_IF_ERROR(deps_.projects.UpdateAll(session, change.now(), &updated));
  CHANYAN_RETURN_IF_ERROR(deps_.projects.InsertAll(session, change.now(), &created));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < changed.size(); ++i) {
    alterations.push_back({&changed[i]->before, &updated[i]});
  }
  for (const v1::Project& project : created) alterations.push_back({nullptr, &project});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("reported", alterations));
  for (const Work* work : changed) {
    CHANYAN_RETURN_IF_ERROR(
        deps_.records.Follow(session, change.now(), change.origin(), work->before, work->now));
    // What is known of the signing now puts earlier reports where they belong.
    if (work->before.state() == work->now.state() &&
        MessageDifferencer::Equals(work->before.sign_date(), work->now.sign_date())) {
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(deps_.reports.Recategorize(change, work->now));
  }
  return absl::OkStatus();
}

absl::Status ReportBatch::WriteReports(rpc::Change& change) {
  std::vector<ReportBook::FormRow> rows;
  for (const Taken& taken : taken_) {
    rows.push_back({&taken.work->now, taken.report, taken.work->created});
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<bool> fresh,
                           deps_.reports.TakeForms(change, quarter_, rows));
  std::vector<ProblemBook::Reported> problems;
  for (size_t i = 0; i < taken_.size(); ++i) {
    if (!fresh[i]) continue;
    const v1::Project& project = taken_[i].work->now;
    problems.push_back({&project, taken_[i].report->problem(), project.university()});
  }
  return deps_.problems.RaiseReported(change, quarter_, problems);
}

absl::StatusOr<v1::RecordReportsResponse> ReportBatch::Record(
    rpc::Change& change, const google::protobuf::RepeatedPtrField<v1::Report>& given) {
  db::Session& session = change.session();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Report> reports, Succeeded(session, given));
  CHANYAN_RETURN_IF_ERROR(LoadOpen(session, reports));
  CHANYAN_RETURN_IF_ERROR(LoadRows(session, 0));
  std::vector<std::string> enterprises;
  for (const v1::Report& report : reports) {
    if (!open_.contains(PairOf(report))) enterprises.push_back(report.enterprise());
  }
  CHANYAN_RETURN_IF_ERROR(LoadEnded(session, enterprises));
  v1::RecordReportsResponse response;
  for (const v1::Report& report : reports) {
    CHANYAN_ASSIGN_OR_RETURN(*response.add_outcomes(), Apply(session, report));
  }
  CHANYAN_RETURN_IF_ERROR(WriteProjects(change));
  CHANYAN_RETURN_IF_ERROR(WriteReports(change));
  return response;
}

}  // namespace chanyan::pairing
