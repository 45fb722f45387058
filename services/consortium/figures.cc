#include "services/consortium/figures.h"

#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {
namespace {

// Each is answered from an index alone.
constexpr char kByState[] = "SELECT state, COUNT(*) FROM consortium GROUP BY state";
constexpr char kOverdue[] = "SELECT COUNT(*) FROM consortium WHERE overdue = 1";
constexpr char kNotices[] = "SELECT COUNT(*) FROM public_notice WHERE state = 'OPEN'";
constexpr char kNoticesOver[] =
    "SELECT COUNT(*) FROM public_notice WHERE state = 'OPEN' AND deadline < ?";
constexpr char kFilings[] = "SELECT COUNT(*) FROM filing WHERE year = ?";

// "filed" of each state, in the order of the enum.
std::vector<std::string> StateLabels() {
  std::vector<std::string> labels;
  const auto* states = v1::ConsortiumState_descriptor();
  for (int i = 1; i < states->value_count(); ++i) {
    labels.push_back(absl::AsciiStrToLower(
        ShortName(static_cast<v1::ConsortiumState>(states->value(i)->number()))));
  }
  return labels;
}

absl::StatusOr<int64_t> Number(db::Session& session, absl::string_view sql,
                               const db::Values& params = {}) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
  return std::get<int64_t>(rows.rows.at(0).at(0));
}

}  // namespace

Figures::Figures(db::Database& db, const time::Clock& clock, metrics::Registry& metrics)
    : db_(db),
      clock_(clock),
      failed_(metrics.Counters("chanyan_consortium_job_failures_total",
                               "Rows that a job found due and could not do, at each run.",
                               {{"job", {std::begin(kDueJobs), std::end(kDueJobs)}}})),
      dossiers_(metrics.Gauges("chanyan_consortium_dossiers", "Dossiers by state.",
                               {{"state", StateLabels()}})),
      overdue_(metrics.Gauges("chanyan_consortium_overdue",
                              "Dossiers whose step is later than its clock allows.")),
      notices_(metrics.Gauges("chanyan_consortium_notices",
                              "Notices that are open, and those of them whose window is over.",
                              {{"window", {"open", "over"}}})),
      filings_(metrics.Gauges("chanyan_consortium_filings", "Filings by the year of their number.",
                              {{"year", {"this", "last"}}})) {}

absl::Status Figures::Measure() const {
  const absl::Time now = clock_.Now();
  const auto year = static_cast<int64_t>(time::DayOf(now).year());
  return db_.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows states, session.Query(kByState));
    std::map<std::string, int64_t> count;
    for (const db::Values& row : states.rows) {
      count[absl::AsciiStrToLower(std::get<std::string>(row.at(0)))] = std::get<int64_t>(row.at(1));
    }
    const std::vector<std::string> labels = StateLabels();
    for (size_t i = 0; i < labels.size(); ++i) {
      dossiers_.At({i}).Set(static_cast<double>(count[labels[i]]));
    }
    CHANYAN_ASSIGN_OR_RETURN(const int64_t late, Number(session, kOverdue));
    overdue_.One().Set(static_cast<double>(late));
    CHANYAN_ASSIGN_OR_RETURN(const int64_t open, Number(session, kNotices));
    CHANYAN_ASSIGN_OR_RETURN(const int64_t over, Number(session, kNoticesOver, {now}));
    notices_.At({0}).Set(static_cast<double>(open - over));
    notices_.At({1}).Set(static_cast<double>(over));
    for (size_t back = 0; back < 2; ++back) {
      CHANYAN_ASSIGN_OR_RETURN(const int64_t filed,
                               Number(session, kFilings, {year - static_cast<int64_t>(back)}));
      filings_.At({back}).Set(static_cast<double>(filed));
    }
    return absl::OkStatus();
  });
}

}  // namespace chanyan::consortium
