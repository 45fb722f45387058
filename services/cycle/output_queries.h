// Queries that packages, ledgers, punctuality and leaderboards share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/table.h"
#include "common/rpc/peers.h"
#include "common/rpc/wire.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/package_archive.h"

namespace chanyan::cycle {

// Rows of the forms that hold `where`, by name: a form at a time, for all of a city's rows are more
// than one statement has time for.
absl::StatusOr<std::vector<v1::Row>> RowsOfForms(db::Session& session,
                                                 const db::Table<v1::Row>& rows,
                                                 const std::vector<v1::Form>& forms,
                                                 const db::Predicate& where);

// Rows of form_row that an enterprise gave back to its unit, filled in or not, and that were not
// sent back since. What it has only imported so far is still its own.
db::Predicate CameBack(const v1::Cycle& cycle);
// Names of those rows; some may be struck out or sent back since.
absl::StatusOr<absl::flat_hash_set<std::string>> NamesThatCameBack(db::Session& session,
                                                                   const v1::Cycle& cycle);

// Names of rows of form_row that were returned to a university in step 4 and received there. Asked
// once, not of each row: at 50,000 rows that would be as many look-ups in two tables.
absl::StatusOr<absl::flat_hash_set<std::string>> NamesReturned(db::Session& session,
                                                               const v1::Cycle& cycle);

// Rows whose names begin with `prefix` + "/".
db::Predicate Below(absl::string_view prefix);

// When an enterprise gave back.
struct EnterpriseReturn {
  std::string unit;
  absl::Time first_time;
  bool on_time = false;
};
// By enterprise, of the whole cycle or of those from `first` to `last`.
absl::StatusOr<std::map<std::string, EnterpriseReturn>> LoadReturns(
    db::Session& session, absl::string_view cycle, absl::string_view first = "",
    absl::string_view last = "organizations0");

// Enterprises of which a unit expects a return: it sent them rows, or they gave some. By unit; an
// enterprise that gave to one unit is expected by that one alone.
using Expected = std::map<std::string, std::set<std::string>>;
absl::StatusOr<Expected> LoadExpected(db::Session& session, const v1::Cycle& cycle,
                                      const std::map<std::string, EnterpriseReturn>& returns);

// Names of the universities that report in the cycle, as they were when it was opened.
absl::StatusOr<UniversityTitles> LoadUniversityTitles(db::Session& session,
                                                      const db::Table<v1::Form>& forms,
                                                      absl::string_view cycle);

// Names of all responsible units, from the registry.
absl::StatusOr<std::map<std::string, std::string>> FetchUnitTitles(rpc::Peers& peers,
                                                                   const rpc::Caller& caller);
// The unit's name, or its id if the registry does not know it.
std::string TitleOf(const std::map<std::string, std::string>& titles, const std::string& name);

// The largest file of one answer: the rest of a message is what a reply says besides.
inline constexpr size_t kMostFileBytes = rpc::kMaxMessageBytes - 1024;

// The answer of an export.
inline constexpr absl::string_view kXlsx =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
inline constexpr absl::string_view kZip = "application/zip";
google::api::HttpBody FileBody(absl::string_view content_type, std::string bytes);

}  // namespace chanyan::cycle
