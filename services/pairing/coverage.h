// The one place where coverage is counted (PAIR-6): RPC, export and trend ask here, so that the
// same question has the same answer everywhere.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"

namespace chanyan::pairing {

struct CoverageQuestion {
  // rosters/{day}; empty = the newest of the day that is looked at.
  std::string roster;
  v1::CoverageGrouping group_by = v1::COVERAGE_GROUPING_UNSPECIFIED;
  // Unset or not set = today; its figures are those at its end.
  google::type::Date as_of_date;
};

// Immutable, thread-safe.
class CoverageCounter {
 public:
  // The pack must outlive it.
  explicit CoverageCounter(const policy::Pack& pack);

  // Of the roster entries that hold `scope`. INVALID_ARGUMENT for a day to come;
  // FAILED_PRECONDITION if there was no roster; UNAVAILABLE if the history of the day is not yet
  // complete.
  absl::StatusOr<v1::Coverage> Count(db::Session& session, absl::Time now,
                                     const db::Predicate& scope,
                                     const CoverageQuestion& question) const;
  // The statement of it, of today or of a past day; parameters are the minimum twice, the two ends
  // of the roster's names, those of the scope, and a past day twice.
  std::string Statement(v1::CoverageGrouping group_by, bool past,
                        absl::string_view scope_sql) const;
  // The roster asked for, or the newest that holds on the day; FAILED_PRECONDITION with reason
  // NOT_FOUND if there is none yet.
  absl::StatusOr<v1::Roster> RosterOf(db::Session& session, absl::string_view name,
                                      absl::CivilDay day) const;

  // Rows of `table`, which has a column `enterprise`, that are not paired today; with a standing
  // UNDER_WAY or NONE only those.
  db::Predicate Unpaired(absl::string_view table, v1::EnterpriseStanding standing) const;
  // Where an enterprise stands, and how many platforms count for it.
  struct Standing {
    v1::EnterpriseStanding standing = v1::ENTERPRISE_STANDING_NONE;
    int64_t platforms = 0;
  };
  // Where enterprises stand today; those that the answer leaves out have nothing yet.
  absl::StatusOr<absl::flat_hash_map<std::string, Standing>> StandingsOf(
      db::Session& session, const std::vector<std::string>& enterprises) const;
  // The projects of an enterprise that are not terminated, by name, and which of them count today.
  absl::StatusOr<std::vector<v1::CountedProject>> ProjectsOf(db::Session& session,
                                                             const std::string& enterprise) const;

  const policy::Pack& pack() const { return pack_; }

 private:
  const policy::Pack& pack_;
  const std::vector<v1::ProjectState> paired_;
  const std::vector<v1::ProjectState> under_way_;
  const int64_t minimum_;
  const db::Table<v1::Roster> rosters_;
  const db::Table<v1::Project> projects_;
};

}  // namespace chanyan::pairing
