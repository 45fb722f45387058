// The versions of quarterly reports and what counts of them, in the transaction of whoever brings
// one: a row of an accepted form (RecordReports) or people on the project (ReportService). The
// project's row is locked.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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

  // Takes the row of an accepted form as a version, unless the last one of a form says the same
  // already, and settles the report. False if nothing is new.
  absl::StatusOr<bool> TakeForm(rpc::Change& change, const v1::Project& project,
                                absl::string_view quarter, const v1::Report& report) const;

  // Writes what counts for the quarter by `versions`, which hold at least one that is submitted, if
  // the stored report says otherwise.
  absl::Status Settle(rpc::Change& change, const v1::Project& project, absl::string_view quarter,
                      const std::vector<v1::ReportVersion>& versions) const;
  // Puts the project's reports into their categories anew, after its signing became known.
  absl::Status Recategorize(rpc::Change& change, const v1::Project& project) const;

  const db::Table<v1::ReportVersion>& versions() const { return versions_; }
  const db::Table<v1::ProgressReport>& reports() const { return reports_; }

 private:
  const db::Table<v1::ReportVersion> versions_;
  const db::Table<v1::ProgressReport> reports_;
};

// A version of the report with the next number, with the project's parties and nothing said yet.
v1::ReportVersion NextVersion(const v1::Project& project, absl::string_view quarter,
                              const std::vector<v1::ReportVersion>& versions);
// Makes a version the one submitted last.
void MarkSubmitted(absl::Time now, const std::vector<v1::ReportVersion>& versions,
                   v1::ReportVersion* version);

}  // namespace chanyan::pairing
