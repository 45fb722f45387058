#include "services/pairing/report_batch.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/ids.h"
#include "services/pairing/project_life.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

// As the column open_pair.
std::string PairOf(absl::string_view platform, absl::string_view enterprise) {
  return absl::StrCat(platform, "+", enterprise);
}

// What the report says goes onto the project; an empty answer leaves what is there.
void Overlay(absl::string_view quarter, const v1::Report& report, v1::Project* project) {
  // An older quarter that comes late does not hide a newer one; only a day of signing that nobody
  // has told yet is taken from it.
  if (quarter < project->progress_quarter()) {
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
  if (report.has_sign_date()) *project->mutable_sign_date() = report.sign_date();
  project->set_progress_quarter(std::string(quarter));
  if (!report.no_change()) project->set_progress(report.progress());
  project->set_problem(report.problem());
}

// Rows whose `column` has one of `values`, locked; `more` is a constant condition.
template <class T, class Take>
absl::Status SelectIn(db::Session& session, const db::Table<T>& table, absl::string_view column,
                      absl::string_view more, const std::vector<std::string>& values, Take take) {
  return db::InChunks(values, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<T> found,
        table.Select(session,
                     {absl::StrCat(column, " IN ", db::Marks(chunk.size()), more),
                      db::Values(chunk.begin(), chunk.end())},
                     "name FOR UPDATE"));
    for (T& one : found) take(std::move(one));
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status ReportBatch::Load(db::Session& session,
                               const google::protobuf::RepeatedPtrField<v1::Report>& reports) {
  absl::flat_hash_set<std::string> seen;
  std::vector<std::string> pairs;
  for (const v1::Report& report : reports) {
    std::string pair = PairOf(report.platform(), report.enterprise());
    if (seen.insert(pair).second) pairs.push_back(std::move(pair));
  }
  CHANYAN_RETURN_IF_ERROR(
      SelectIn(session, deps_.projects, "open_pair", "", pairs, [&](v1::Project project) {
        const std::string pair = PairOf(project.platform(), project.enterprise());
        open_[pair] = &projects_.emplace_back(Project{project, project});
      }));
  std::vector<std::string> enterprises;
  for (const v1::Report& report : reports) {
    if (open_.contains(PairOf(report.platform(), report.enterprise()))) continue;
    if (seen.insert(report.enterprise()).second) enterprises.push_back(report.enterprise());
  }
  CHANYAN_RETURN_IF_ERROR(LoadEnded(session, enterprises));
  return LoadReports(session);
}

// Also what is not asked for: an enterprise has few projects that have ended.
absl::Status ReportBatch::LoadEnded(db::Session& session,
                                    const std::vector<std::string>& enterprises) {
  return SelectIn(session, deps_.projects, "enterprise",
                  " AND state IN ('COMPLETED', 'TERMINATED')", enterprises,
                  [&](v1::Project project) {
                    const std::string pair = PairOf(project.platform(), project.enterprise());
                    ended_[pair].push_back(&projects_.emplace_back(Project{project, project}));
                  });
}

absl::Status ReportBatch::LoadReports(db::Session& session) {
  std::vector<std::string> names;
  for (const Project& project : projects_) {
    names.push_back(absl::StrCat(project.now.name(), "/reports/", quarter_));
  }
  return SelectIn(session, deps_.reports, "name", "", names, [&](v1::ProgressReport report) {
    const std::string name = report.name();
    reports_[name] = {report, report};
  });
}

const v1::Project* ReportBatch::EndedBy(const std::string& pair, const v1::Report& report) const {
  const auto ended = ended_.find(pair);
  if (ended == ended_.end()) return nullptr;
  for (const Project* project : ended->second) {
    const auto stored = reports_.find(absl::StrCat(project->now.name(), "/reports/", quarter_));
    if (stored != reports_.end() && stored->second.now.row() == report.row()) return &project->now;
  }
  return nullptr;
}

absl::Status ReportBatch::Move(const v1::Report& report, bool created, v1::Project* project,
                               std::string* refusal) const {
  Overlay(quarter_, report, project);
  const auto refuse = [refusal](const absl::Status& why) {
    *refusal = std::string(why.message());
    return absl::OkStatus();
  };
  const absl::StatusOr<std::vector<absl::string_view>> verbs =
      VerbsTowards(project->state(), report.state());
  if (!verbs.ok()) return refuse(verbs.status());
  if (created) {
    const absl::Status allowed = policy::RequireSatisfied(CreateVerdicts(deps_.pack, *project, ""));
    if (!allowed.ok()) return refuse(allowed);
  }
  for (absl::string_view verb : *verbs) {
    if (verb == "sign") {
      const absl::Status signable = policy::RequireSatisfied(SignVerdicts(deps_.pack, *project));
      if (!signable.ok()) return refuse(signable);
    }
    CHANYAN_ASSIGN_OR_RETURN(const v1::ProjectState next,
                             policy::Next(ProjectLife(), project->state(), verb));
    project->set_state(next);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::RecordOutcome> ReportBatch::Apply(const v1::Report& report) {
  v1::RecordOutcome outcome;
  outcome.set_row(report.row());
  const std::string pair = PairOf(report.platform(), report.enterprise());
  const auto found = open_.find(pair);
  const bool created = found == open_.end();
  v1::Project project;
  if (created) {
    // The row again, after the project it made has ended: it makes no second one.
    if (const v1::Project* ended = EndedBy(pair, report); ended != nullptr) {
      outcome.set_project(ended->name());
      return outcome;
    }
    project.set_platform(report.platform());
    project.set_university(std::string(api::ParentOfName(report.platform())));
    project.set_enterprise(report.enterprise());
    project.set_state(v1::PROJECT_STATE_INTENT);
  } else {
    project = found->second->now;
  }
  std::string refusal;
  CHANYAN_RETURN_IF_ERROR(Move(report, created, &project, &refusal));
  if (!refusal.empty()) {
    outcome.set_refusal(std::move(refusal));
    return outcome;
  }
  Project* work = created ? &projects_.emplace_back(Project{{}, {}, true}) : found->second;
  if (created) {
    project.set_name(ProjectName(report.platform(), report.enterprise(), ended_[pair].size()));
  }
  work->now = std::move(project);
  if (HasEnded(work->now.state())) {
    open_.erase(pair);
    ended_[pair].push_back(work);
  } else {
    open_[pair] = work;
  }
  outcome.set_project(work->now.name());
  outcome.set_created(created);
  Keep(report, work->now);
  return outcome;
}

void ReportBatch::Keep(const v1::Report& report, const v1::Project& project) {
  const std::string name = absl::StrCat(project.name(), "/reports/", quarter_);
  const auto [it, fresh] = reports_.try_emplace(name);
  it->second.created = it->second.created || fresh;
  v1::ProgressReport& progress = it->second.now;
  progress.set_name(name);
  progress.set_quarter(quarter_);
  progress.set_row(report.row());
  progress.set_university(project.university());
  progress.set_enterprise(project.enterprise());
  progress.set_unit(project.unit());
  progress.set_progress(report.progress());
  progress.set_no_change(report.no_change());
  progress.set_problem(report.problem());
}

template <class T>
absl::Status ReportBatch::WriteAll(rpc::Change& change, const db::Table<T>& table,
                                   absl::string_view created, absl::string_view changed,
                                   const std::vector<Work<T>*>& works) {
  std::vector<T> rows;
  std::vector<journal::Alteration> updated;
  for (Work<T>* work : works) {
    if (work->created) {
      rows.push_back(work->now);
    } else if (!MessageDifferencer::Equals(work->before, work->now)) {
      CHANYAN_RETURN_IF_ERROR(table.Update(change.session(), change.now(), &work->now));
      updated.push_back({&work->before, &work->now});
    }
  }
  CHANYAN_RETURN_IF_ERROR(table.InsertAll(change.session(), change.now(), &rows));
  std::vector<journal::Alteration> made;
  for (const T& row : rows) made.push_back({nullptr, &row});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll(created, made));
  return change.RecordAll(changed, updated);
}

absl::Status ReportBatch::Write(rpc::Change& change) {
  std::vector<Project*> projects;
  for (Project& project : projects_) projects.push_back(&project);
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, deps_.projects, "reported", "reported", projects));
  std::vector<Work<v1::ProgressReport>*> reports;
  for (auto& [name, report] : reports_) reports.push_back(&report);
  return WriteAll(change, deps_.reports, "created", "updated", reports);
}

}  // namespace chanyan::pairing
