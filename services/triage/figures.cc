#include "services/triage/figures.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "common/status/status.h"

namespace chanyan::triage {
namespace {

// Each is answered from an index alone; a deadline is its last whole second.
constexpr char kPushesOverdue[] =
    "SELECT COUNT(*) FROM push WHERE state IN ('SENT', 'RECEIVED', 'ACCEPTED') AND due_time <= ?";
// What is closed or concluded has no count.
constexpr char kIdleByRung[] =
    "SELECT rung_count, COUNT(*) FROM result WHERE rung_count >= 1 GROUP BY rung_count";

std::vector<std::string> RungLabels(const TriagePack& pack) {
  std::vector<std::string> labels;
  for (const auto& rung : pack.proto().first_contact().rungs()) labels.push_back(rung.id());
  return labels;
}

}  // namespace

Figures::Figures(db::Database& db, const time::Clock& clock, const TriagePack& pack,
                 metrics::Registry& metrics)
    : db_(db),
      clock_(clock),
      rungs_(RungLabels(pack).size()),
      failed_(metrics.Counters("chanyan_triage_job_failures_total",
                               "Runs of a part of a job that failed, each run counted.",
                               {{"part", {std::begin(kJobPartLabels), std::end(kJobPartLabels)}}})),
      overdue_(metrics.Gauges("chanyan_triage_pushes_overdue",
                              "Pushes under way whose term has run out.")),
      idle_(metrics.Gauges("chanyan_triage_results_idle",
                           "Open results whose holder does nothing, by the last rung called.",
                           {{"rung", RungLabels(pack)}})) {}

absl::Status Figures::Measure() const {
  int64_t overdue = 0;
  std::vector<int64_t> idle;
  CHANYAN_RETURN_IF_ERROR(db_.Read([&](db::Session& session) -> absl::Status {
    idle.assign(rungs_, 0);
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows late,
                             session.Query(kPushesOverdue, {clock_.Now() - absl::Seconds(1)}));
    overdue = std::get<int64_t>(late.rows.at(0).at(0));
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kIdleByRung));
    for (const db::Values& row : found.rows) {
      // Of a pack that had more rungs: the last one of now.
      const auto taken = static_cast<size_t>(std::get<int64_t>(row.at(0)));
      if (rungs_ > 0) idle[std::min(taken, rungs_) - 1] += std::get<int64_t>(row.at(1));
    }
    return absl::OkStatus();
  }));
  overdue_.One().Set(static_cast<double>(overdue));
  for (size_t i = 0; i < rungs_; ++i) idle_.At({i}).Set(static_cast<double>(idle[i]));
  return absl::OkStatus();
}

}  // namespace chanyan::triage
