// RPC handlers of chanyan.pairing.v1.PairingService. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Longest time an intent may run ahead.
inline constexpr absl::Duration kMaxIntentLife = absl::Hours(24 * 366);

class PairingService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    rpc::Peers& peers;
  };
  explicit PairingService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // intents.cc
  absl::StatusOr<v1::Intent> GetIntent(const rpc::Call&, const v1::GetIntentRequest&);
  absl::StatusOr<v1::ListIntentsResponse> ListIntents(const rpc::Call&,
                                                      const v1::ListIntentsRequest&);
  absl::StatusOr<v1::Intent> CreateIntent(const rpc::Call&, const v1::CreateIntentRequest&);
  absl::StatusOr<v1::Intent> RenewIntent(const rpc::Call&, const v1::RenewIntentRequest&);
  absl::StatusOr<v1::Intent> WithdrawIntent(const rpc::Call&, const v1::WithdrawIntentRequest&);
  // OPEN intents whose time is up become EXPIRED, each journalled, a few hundred a
  // run. A job calls it.
  absl::StatusOr<int> ExpireIntents();

  // projects.cc
  absl::StatusOr<v1::Project> GetProject(const rpc::Call&, const v1::GetProjectRequest&);
  absl::StatusOr<v1::ListProjectsResponse> ListProjects(const rpc::Call&,
                                                        const v1::ListProjectsRequest&);
  absl::StatusOr<v1::Project> CreateProject(const rpc::Call&, const v1::CreateProjectRequest&);
  absl::StatusOr<v1::Project> UpdateProject(const rpc::Call&, const v1::UpdateProjectRequest&);
  absl::StatusOr<v1::Project> NegotiateProject(const rpc::Call&,
                                               const v1::NegotiateProjectRequest&);
  absl::StatusOr<v1::Project> SignProject(const rpc::Call&, const v1::SignProjectRequest&);
  absl::StatusOr<v1::Project> StartProject(const rpc::Call&, const v1::StartProjectRequest&);
  absl::StatusOr<v1::Project> CompleteProject(const rpc::Call&, const v1::CompleteProjectRequest&);
  absl::StatusOr<v1::Project> TerminateProject(const rpc::Call&,
                                               const v1::TerminateProjectRequest&);
  absl::StatusOr<v1::Project> SettleProject(const rpc::Call&, const v1::SettleProjectRequest&);

  // reports.cc
  absl::StatusOr<v1::RecordReportsResponse> RecordReports(const rpc::Call&,
                                                          const v1::RecordReportsRequest&);

  // rosters.cc
  absl::StatusOr<v1::Roster> ImportRoster(const rpc::Call&, const v1::ImportRosterRequest&);
  absl::StatusOr<v1::Roster> GetRoster(const rpc::Call&, const v1::GetRosterRequest&);

  // coverage.cc
  absl::StatusOr<v1::Coverage> QueryCoverage(const rpc::Call&, const v1::QueryCoverageRequest&);
  absl::StatusOr<v1::ListUnpairedResponse> ListUnpaired(const rpc::Call&,
                                                        const v1::ListUnpairedRequest&);

  // registry_follower.cc: applies one entry of the registry's journal: names and units of
  // enterprises and platforms as the registry has them now.
  absl::Status FollowRegistry(db::Session& session, absl::Time now,
                              const journal::v1::Entry& entry);

 private:
  // Intents that the caller may see at `now`: an overdue one is its owner's alone, whether or not
  // the job has marked it yet.
  db::Predicate VisibleIntents(const rpc::Call& call, absl::Time now) const;
  // What a caller may not say of an intent.
  absl::StatusOr<std::vector<status::Violation>> IntentViolations(const rpc::Call& call,
                                                                  const v1::Intent& intent);
  // As the registry has it.
  absl::StatusOr<registry::v1::Platform> PlatformOf(const rpc::Call& call, const std::string& name);
  // The same of an organization; of one that is part of another, that one.
  absl::StatusOr<registry::v1::Organization> OrganizationOf(const rpc::Call& call,
                                                            const std::string& name);
  // Links the intent that a new project comes of.
  absl::Status LinkIntent(const rpc::Call& call, rpc::Change& change, const std::string& name,
                          const v1::Project& project, bool validate_only);
  // Changes the projects of `rows` as `follow` says, each journalled as `followed`.
  absl::Status FollowInto(rpc::Change& change, const db::Predicate& rows,
                          absl::FunctionRef<void(v1::Project&)> follow);
  // mergers.cc: what was of organizations that have become part of `survivor` is its own from now
  // on, once for each.
  absl::Status FollowMergers(rpc::Change& change, const registry::v1::Organization& survivor);
  // Projects of the enterprise `from`; a second open one of a pair waits to be settled.
  absl::Status TakeOverProjects(rpc::Change& change, const std::string& from,
                                const registry::v1::Organization& survivor);
  // Rosters count it once.
  absl::Status TakeOverRosterEntries(rpc::Change& change, const std::string& from,
                                     const std::string& to);
  // Who owns a platform, where its name does not say it.
  absl::Status NotePlatformOwner(db::Session& session, const registry::v1::Platform& platform);
  absl::StatusOr<std::string> OwnerOf(db::Session& session, const std::string& platform);
  // After the end of a project: the first of those that it doubled takes its place.
  absl::Status Promote(rpc::Change& change, const v1::Project& ended);
  // The open project that a report of this row belongs to, or NOT_FOUND; locked.
  absl::StatusOr<v1::Project> ProjectFor(db::Session& session, const v1::Report& report);
  // A report as of today: of an enterprise or unit that is part of another, the other's.
  absl::StatusOr<v1::Report> Succeeded(db::Session& session, const v1::Report& report);
  v1::Project Present(const rpc::Call& call, v1::Project project) const;
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Project&)>;
  // One transition of ProjectLife; `edit` writes what it brings besides the state.
  absl::StatusOr<v1::Project> Transit(const rpc::Call& call,
                                      const google::protobuf::Message& request,
                                      const std::string& name, const std::string& etag,
                                      absl::string_view verb, RowEdit edit);
  // The open project of a pair, or NOT_FOUND; locked.
  absl::StatusOr<v1::Project> OpenProjectOf(db::Session& session, absl::string_view platform,
                                            absl::string_view enterprise);
  // A name for a new project of the pair: the same pair gets the same, numbered from the second on.
  absl::StatusOr<std::string> NewProjectName(db::Session& session, absl::string_view platform,
                                             absl::string_view enterprise);
  // The ended project of the pair whose report of the quarter came from the same row; empty if
  // none.
  absl::StatusOr<std::string> EndedProjectOf(db::Session& session, absl::string_view quarter,
                                             const v1::Report& report);
  absl::StatusOr<v1::RecordOutcome> RecordReport(rpc::Change& change, absl::string_view quarter,
                                                 const v1::Report& report);
  // The roster asked for, or the newest.
  absl::StatusOr<v1::Roster> RosterOf(db::Session& session, absl::string_view name);

  const Deps deps_;
  const db::Table<v1::Intent> intents_;
  const db::Table<v1::Project> projects_;
  const db::Table<v1::ProgressReport> reports_;
  const db::Table<v1::Roster> rosters_;
  const db::Table<v1::RosterEntry> entries_;
};

}  // namespace chanyan::pairing
