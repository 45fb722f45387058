// The rows of a quarter on their way into projects and their reports (PAIR-4).
//
// What is there is read in few statements, the rows are applied one after the other in memory, each
// with its own verdicts and its own refusal, and what they have changed is written in few
// statements: a city's quarter has tens of thousands. Inside one transaction, used by one thread,
// once.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "common/rpc/succession.h"
#include "google/protobuf/repeated_field.h"
#include "services/pairing/problem_book.h"
#include "services/pairing/project_records.h"
#include "services/pairing/report_book.h"

namespace chanyan::pairing {

class ReportBatch {
 public:
  struct Deps {
    const policy::Pack& pack;
    const db::Table<v1::Project>& projects;
    const ProjectRecords& records;
    const ReportBook& reports;
    const ProblemBook& problems;
    // Who owns a platform now.
    std::function<absl::StatusOr<std::string>(const std::string& platform)> owner_of;
  };

  // `quarter` is "2025q2".
  ReportBatch(Deps deps, absl::string_view quarter) : deps_(std::move(deps)), quarter_(quarter) {}

  // What becomes of each of the rows, in order; a refused one changes nothing.
  absl::StatusOr<v1::RecordReportsResponse> Record(
      rpc::Change& change, const google::protobuf::RepeatedPtrField<v1::Report>& given);

 private:
  // A project as it was stored, if it was, and as the rows so far have left it.
  struct Work {
    v1::Project before;
    v1::Project now;
    bool created = false;
  };

  // The rows as of today: of an enterprise or unit that is part of another, the other's.
  static absl::StatusOr<std::vector<v1::Report>> Succeeded(
      db::Session& session, const google::protobuf::RepeatedPtrField<v1::Report>& given);

  // Loads and locks the open projects of the rows' pairs, with those that double them.
  absl::Status LoadOpen(db::Session& session, const std::vector<v1::Report>& reports);
  // Loads the ended projects of enterprises that are not loaded yet: an enterprise has few.
  absl::Status LoadEnded(db::Session& session, const std::vector<std::string>& enterprises);
  // Loads and locks which rows the projects behind the first `from` reported in the quarter.
  absl::Status LoadRows(db::Session& session, size_t from);

  // The open project that a report of this row belongs to; null if there is none.
  Work* ProjectFor(const v1::Report& report);
  // The ended project of the pair whose report of the quarter came from the same row; empty if
  // none.
  std::string EndedBy(const v1::Report& report) const;
  // Of two rows that became one pair's by a merger, the second does not hide the first, nor does
  // one whose project was settled since go into the other: true with the outcome of such a row.
  absl::StatusOr<bool> BelongsElsewhere(db::Session& session, const v1::Report& report,
                                        const v1::Project& project, v1::RecordOutcome* outcome);
  absl::StatusOr<v1::Project> NewProject(const v1::Report& report);
  // Walks a project along its life cycle to where a row says it stands; why not, if it may not.
  absl::Status MoveTo(v1::ProjectState wanted, v1::Project* project) const;
  absl::StatusOr<v1::RecordOutcome> Apply(db::Session& session, const v1::Report& report);
  // Keeps what a row has made of a project.
  Work* Keep(const v1::Report& report, Work* work, v1::Project project);

  // Writes and journals the projects that changed, and their records with them.
  absl::Status WriteProjects(rpc::Change& change);
  // Writes the rows that were taken as versions and reports, and raises the problems that they
  // name.
  absl::Status WriteReports(rpc::Change& change);

  const Deps deps_;
  const std::string quarter_;
  // All that were loaded or made, in the order of their appearance; addresses stay.
  std::deque<Work> works_;
  // By pair: the one that has not ended, with those that double it behind it.
  absl::flat_hash_map<std::string, std::vector<Work*>> open_;
  // By pair: those that have ended, by name.
  absl::flat_hash_map<std::string, std::vector<Work*>> ended_;
  absl::flat_hash_set<std::string> ended_loaded_;
  // By pair: projects that it has had, for the name of a new one. Complete where `ended_` is.
  absl::flat_hash_map<std::string, int64_t> count_;
  // The row of a project's report of the quarter, by the project's name; empty if people typed it.
  absl::flat_hash_map<std::string, std::string> row_of_;
  absl::flat_hash_map<std::string, std::string> owners_;
  struct Taken {
    const v1::Report* report;
    const Work* work;
  };
  std::vector<Taken> taken_;
};

}  // namespace chanyan::pairing
