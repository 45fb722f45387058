#include "services/triage/period_drafts.h"

#include <variant>

#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::triage {
namespace {

constexpr char kHad[] =
    "SELECT industry FROM period_draft WHERE series = ? AND period_start_date = ?";
constexpr char kTakeDraft[] =
    "INSERT INTO period_draft (series, industry, period_start_date, draft) VALUES (?, ?, ?, ?)";
constexpr char kAnything[] =
    "SELECT EXISTS (SELECT 1 FROM result WHERE create_time < ?) OR "
    "EXISTS (SELECT 1 FROM demand WHERE create_time < ?)";

}  // namespace

journal::Origin DraftOrigin() { return {.method = "chanyan.triage.Jobs/draft", .actor = kDrafter}; }

absl::StatusOr<std::vector<std::string>> HadTurn(db::Session& session, absl::string_view series,
                                                 absl::CivilDay period_start) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(kHad, {std::string(series), time::FormatDate(period_start)}));
  std::vector<std::string> industries;
  for (const db::Values& row : found.rows) industries.push_back(std::get<std::string>(row[0]));
  return industries;
}

absl::StatusOr<bool> TakeTurn(db::Session& session, absl::string_view series,
                              absl::string_view industry, absl::CivilDay period_start,
                              absl::string_view draft) {
  const absl::Status taken =
      session
          .Execute(kTakeDraft, {std::string(series), std::string(industry),
                                time::FormatDate(period_start), std::string(draft)})
          .status();
  if (absl::IsAlreadyExists(taken)) return false;
  if (!taken.ok()) return taken;
  return true;
}

absl::StatusOr<bool> AnythingBefore(db::Session& session, absl::CivilDay day) {
  const absl::Time instant = time::StartOfDay(day);
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kAnything, {instant, instant}));
  return std::get<int64_t>(found.rows.at(0)[0]) != 0;
}

}  // namespace chanyan::triage
