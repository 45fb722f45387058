// The versions of quarterly reports and what counts of them, in the transaction of whoever brings
// one: a row of an accepted form (RecordReports) or people on the project (ReportService, sheets).
// The project's row is locked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"

namespace chanyan::pairing {

class ReportBook {
 public:
  // All versions of projects/{p}/reports/{q}, drafts too, by sequence; locked, so that they are
  // those of now also late in a long transaction.
  absl::StatusOr<std::vector<v1::ReportVersion>> VersionsOf(db::Session& session,
                                                            absl::string_view project,
                                                            absl::string_view quarter) const;

  // A row of an accepted form and the project it goes to. Of a project that is new nothing is
  // there yet.
  struct FormRow {
    const v1::Project* project;
    const v1::Report* report;
    bool project_is_new;
  };
  // Takes each row, in order, as a version of its project's report, unless the last one of a form
  // says the same already, and settles the reports: in few statements. For each whether it was new.
  absl::StatusOr<std::vector<bool>> TakeForms(rpc::Change& change, absl::string_view quarter,
                                              absl::Span<const FormRow> rows) const;

  // The report of one quarter with its versions, of which at least one is submitted.
  struct Versioned {
    const v1::Project* project;
    std::string quarter;
    std::vector<v1::ReportVersion> versions;
    // Then nothing of it is stored yet.
    bool project_is_new = false;
  };
  // Writes what counts by the versions of each, which are stored, where the stored report says
  // otherwise: in few statements.
  absl::Status Settle(rpc::Change& change, absl::Span<const Versioned> reports) const;
  // Puts the project's reports into their categories anew, after its signing became known.
  absl::Status Recategorize(rpc::Change& change, const v1::Project& project) const;

  // As VersionsOf for many projects: those that hold `where`, by quarter and sequence.
  absl::Status LoadVersions(db::Session& session, std::vector<std::string> projects,
                            const db::Predicate& where,
                            const std::function<void(v1::ReportVersion)>& take) const;

  const db::Table<v1::ReportVersion>& versions() const { return versions_; }
  const db::Table<v1::ProgressReport>& reports() const { return reports_; }

 private:
  const db::Table<v1::ReportVersion> versions_;
  const db::Table<v1::ProgressReport> reports_;
};

// projects/{p}/reports/{q}.
std::string ReportName(absl::string_view project, absl::string_view quarter);
// A version of the report with the next number, with the project's parties and nothing said yet.
v1::ReportVersion NextVersion(const v1::Project& project, absl::string_view quarter,
                              const std::vector<v1::ReportVersion>& versions);
// Makes a version the one submitted last.
void MarkSubmitted(absl::Time now, const std::vector<v1::ReportVersion>& versions,
                   v1::ReportVersion* version);

}  // namespace chanyan::pairing
