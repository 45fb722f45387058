#include "services/pairing/submissions.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/journal/journal.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/report_rules.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

// A project as it was stored, and as the reports have left it.
struct Reported {
  const v1::Project* before;
  v1::Project now;
};

}  // namespace

absl::Status Submissions::Bring(rpc::Change& change,
                                absl::Span<const ReportBook::Versioned> reports) const {
  CHANYAN_RETURN_IF_ERROR(book_.Settle(change, reports));
  // Quarters in their order. Where a form's row counts, the project has its progress and its
  // problem from there.
  std::map<std::string, std::vector<const ReportBook::Versioned*>> by_quarter;
  for (const ReportBook::Versioned& report : reports) {
    if (CountedOf(report.versions)->name() != NewestOf(report.versions)->name()) continue;
    by_quarter[report.quarter].push_back(&report);
  }
  std::map<std::string, Reported> projects;
  for (const auto& [quarter, counted] : by_quarter) {
    for (const ReportBook::Versioned* report : counted) {
      const v1::ReportVersion& version = *NewestOf(report->versions);
      Reported& project =
          projects.try_emplace(report->project->name(), Reported{report->project, *report->project})
              .first->second;
      TakeProgress(quarter, version.progress(), version.no_change(), version.problem(),
                   &project.now);
    }
  }
  std::vector<v1::Project> updated;
  std::vector<const v1::Project*> before;
  for (const auto& [name, project] : projects) {
    if (MessageDifferencer::Equals(*project.before, project.now)) continue;
    updated.push_back(project.now);
    before.push_back(project.before);
  }
  CHANYAN_RETURN_IF_ERROR(projects_.UpdateAll(change.session(), change.now(), &updated));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < updated.size(); ++i) alterations.push_back({before[i], &updated[i]});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("reported", alterations));
  for (const auto& [quarter, counted] : by_quarter) {
    std::vector<ProblemBook::Reported> named;
    for (const ReportBook::Versioned* report : counted) {
      const v1::ReportVersion& version = *NewestOf(report->versions);
      named.push_back({report->project, version.problem(), version.organization()});
    }
    CHANYAN_RETURN_IF_ERROR(problems_.RaiseReported(change, quarter, named));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
