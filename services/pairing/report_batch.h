// The rows of a quarter on their way into projects and their reports (PAIR-4).
//
// What is there is read in few statements, the rows are applied one after the other in memory as if
// each had come alone, and what they have changed is written in few statements: a city's quarter
// has tens of thousands. Inside one transaction, used by one thread, once.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::pairing {

class ReportBatch {
 public:
  struct Deps {
    const db::Table<v1::Project>& projects;
    const db::Table<v1::ProgressReport>& reports;
    const policy::Pack& pack;
  };

  // `quarter` is "2025q2".
  ReportBatch(Deps deps, absl::string_view quarter) : deps_(deps), quarter_(quarter) {}

  // Loads and locks the projects of the rows' pairs and what they reported in the quarter.
  absl::Status Load(db::Session& session,
                    const google::protobuf::RepeatedPtrField<v1::Report>& reports);
  // What becomes of a row, after those before it. A refusal changes nothing. Fails only if the life
  // cycle contradicts itself.
  absl::StatusOr<v1::RecordOutcome> Apply(const v1::Report& report);
  // Writes and journals what has changed.
  absl::Status Write(rpc::Change& change);

 private:
  // A message as it was stored, if it was, and as it is now.
  template <class T>
  struct Work {
    T before;
    T now;
    bool created = false;
  };
  using Project = Work<v1::Project>;

  absl::Status LoadEnded(db::Session& session, const std::vector<std::string>& enterprises);
  absl::Status LoadReports(db::Session& session);
  // The ended project of the pair that the row was reported to before; null if there is none.
  const v1::Project* EndedBy(const std::string& pair, const v1::Report& report) const;
  // The project after the report, or why not.
  absl::Status Move(const v1::Report& report, bool created, v1::Project* project,
                    std::string* refusal) const;
  void Keep(const v1::Report& report, const v1::Project& project);
  template <class T>
  static absl::Status WriteAll(rpc::Change& change, const db::Table<T>& table,
                               absl::string_view created, absl::string_view changed,
                               const std::vector<Work<T>*>& works);

  const Deps deps_;
  const std::string quarter_;
  // All that were loaded or made, in the order of their appearance; addresses stay.
  std::deque<Project> projects_;
  // By pair: the one that has not ended, and those that have, by name.
  absl::flat_hash_map<std::string, Project*> open_;
  absl::flat_hash_map<std::string, std::vector<Project*>> ended_;
  // By name.
  std::map<std::string, Work<v1::ProgressReport>> reports_;
};

}  // namespace chanyan::pairing
