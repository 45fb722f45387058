#include "services/triage/issue_number.h"

#include <string>

#include "common/status/status.h"

namespace chanyan::triage {
namespace {

constexpr char kTake[] =
    "INSERT INTO issue_number (series, year, last_number) VALUES (?, ?, 1) "
    "ON DUPLICATE KEY UPDATE last_number = last_number + 1";
constexpr char kRead[] =
    "SELECT last_number FROM issue_number WHERE series = ? AND year = ? FOR UPDATE";

}  // namespace

absl::StatusOr<int> NextIssueNumber(db::Session& session, absl::string_view series, int year) {
  const db::Values key = {std::string(series), int64_t{year}};
  CHANYAN_RETURN_IF_ERROR(session.Execute(kTake, key).status());
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kRead, key));
  return static_cast<int>(std::get<int64_t>(found.rows.at(0)[0]));
}

}  // namespace chanyan::triage
