// RPC handlers of chanyan.cycle.v1.DeadlineService (CYC-1, CYC-10). Thread-safe.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/cycle_deps.h"
#include "services/cycle/opening.h"
#include "services/cycle/simulation_play.h"

namespace chanyan::cycle {

class DeadlineService {
 public:
  // What the peers say when a cycle is opened.
  using Ask = std::function<absl::StatusOr<OpeningFacts>(const rpc::Caller&)>;
  DeadlineService(CycleDeps deps, Ask ask) : deps_(std::move(deps)), ask_(std::move(ask)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ReprojectDeadlinesResponse> ReprojectDeadlines(
      const rpc::Call&, const v1::ReprojectDeadlinesRequest&);
  absl::StatusOr<v1::ProjectDeadlinesResponse> ProjectDeadlines(const rpc::Call&,
                                                                const v1::ProjectDeadlinesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportDeadlines(const rpc::Call&,
                                                        const v1::ExportDeadlinesRequest&);

  // simulation.cc
  absl::StatusOr<v1::Simulation> SimulateQuarter(const rpc::Call&,
                                                 const v1::SimulateQuarterRequest&);
  absl::StatusOr<google::api::HttpBody> ExportSimulation(const rpc::Call&,
                                                         const v1::ExportSimulationRequest&);

 private:
  // That of the cycle's version in force, if it is open; who stands on it is told.
  absl::Status MoveWindow(rpc::Change& change, const v1::ReprojectDeadlinesRequest& request,
                          const v1::Cycle& cycle, absl::Time now,
                          v1::ReprojectDeadlinesResponse* response) const;
  // A cycle that is not open, as the pack would open it at its first instant.
  absl::StatusOr<v1::Cycle> VirtualCycle(const std::string& name) const;
  // A copy of what is stored: the cycle with its forms, parts and rows, if it is open, and habits.
  absl::Status CopyStored(db::Session& session, const std::string& name, absl::Time now,
                          SimulationInputs* inputs) const;
  // What was done in a cycle that is open.
  absl::StatusOr<QuarterSoFar> CopySoFar(db::Session& session, const std::string& name) const;
  // Adds the reminders of the parts' terms.
  absl::Status AddPartReminders(SimulationInputs* inputs) const;

  const CycleDeps deps_;
  const Ask ask_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Leaderboard> leaderboards_;
  const db::Table<v1::Form> forms_;
  const db::Table<v1::Row> rows_;
  const db::Table<v1::PlatformPart> parts_;
  const db::Table<v1::Handover> handovers_;
};

}  // namespace chanyan::cycle
