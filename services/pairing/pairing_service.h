// RPC handlers of chanyan.pairing.v1.PairingService. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"
#include "services/pairing/agreement_book.h"
#include "services/pairing/coverage.h"
#include "services/pairing/problem_book.h"
#include "services/pairing/project_records.h"
#include "services/pairing/registry_reading.h"
#include "services/pairing/report_book.h"

namespace chanyan::pairing {

// How long the registry may take to say all it has when intents are aligned, however often it is
// asked: well below the lease of the jobs, and no longer than the pause between two looks.
inline constexpr absl::Duration kPatienceForAlignment = absl::Seconds(40);

class PairingService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    rpc::Peers& peers;
  };
  explicit PairingService(Deps deps) : deps_(std::move(deps)), counter_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  // intents.cc
  absl::StatusOr<v1::Intent> GetIntent(const rpc::Call&, const v1::GetIntentRequest&);
  absl::StatusOr<v1::ListIntentsResponse> ListIntents(const rpc::Call&,
                                                      const v1::ListIntentsRequest&);
  absl::StatusOr<v1::Intent> CreateIntent(const rpc::Call&, const v1::CreateIntentRequest&);
  absl::StatusOr<v1::Intent> UpdateIntent(const rpc::Call&, const v1::UpdateIntentRequest&);
  absl::StatusOr<v1::Intent> RenewIntent(const rpc::Call&, const v1::RenewIntentRequest&);
  absl::StatusOr<v1::Intent> WithdrawIntent(const rpc::Call&, const v1::WithdrawIntentRequest&);
  // For the job that holds the lease, a few hundred rows a call (due_rows.h): OPEN intents whose
  // time is up become EXPIRED.
  absl::StatusOr<int> ExpireIntents(const db::Lease& lease);
  // Those whose expiry is near are journalled as `expiring`, once for each reminder of the pack.
  absl::StatusOr<int> RemindIntents(const db::Lease& lease);

  // intent_align.cc: for the same job, once after each start: intents are as the registry has their
  // organizations and platforms and as their projects say, whatever was not followed in its day.
  // DEADLINE_EXCEEDED if the registry has not said all it has after `patience`, or something else
  // each time.
  absl::Status AlignIntents(const db::Lease& lease,
                            absl::Duration patience = kPatienceForAlignment);

  // intent_sheets.cc
  absl::StatusOr<v1::ImportIntentsResponse> ImportIntents(const rpc::Call&,
                                                          const v1::ImportIntentsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportIntents(const rpc::Call&,
                                                      const v1::ExportIntentsRequest&);

  // agreement_reminders.cc: for the same job. Agreements of projects whose term ends soon are
  // journalled as `expiring`, once for each reminder of the pack; one that a later agreement
  // prolonged, or whose project was broken off, is not.
  absl::StatusOr<int> RemindAgreements(const db::Lease& lease);

  // projects.cc
  absl::StatusOr<v1::ListProjectsResponse> ListProjects(const rpc::Call&,
                                                        const v1::ListProjectsRequest&);
  absl::StatusOr<v1::Project> CreateProject(const rpc::Call&, const v1::CreateProjectRequest&);
  // With what the registry says since `reading`.
  absl::StatusOr<v1::Project> CreateAsRead(const rpc::Call&, const v1::CreateProjectRequest&,
                                           RegistryReading& reading);
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
  absl::StatusOr<v1::Coverage> QueryCoverage(const rpc::Call&, const v1::QueryCoverageRequest&);
  absl::StatusOr<v1::ListUnpairedResponse> ListUnpaired(const rpc::Call&,
                                                        const v1::ListUnpairedRequest&);

  // registry_follower.cc: applies one entry of the registry's journal: names and units of
  // organizations and platforms as the registry has them now.
  absl::Status FollowRegistry(db::Session& session, absl::Time now,
                              const journal::v1::Entry& entry);

 private:
  // With what is computed for the caller.
  v1::Intent PresentIntent(const rpc::Call& call, v1::Intent intent) const;
  // What the pack does not know of an intent's kinds and industries.
  std::vector<status::Violation> ContentViolations(const v1::Intent& intent) const;
  // Why the caller may not publish it; fills in the names of organization and platform.
  absl::StatusOr<std::vector<status::Violation>> PublisherViolations(const rpc::Call& call,
                                                                     v1::Intent* intent,
                                                                     RegistryReading* reading);
  // With what the registry says since `reading`.
  absl::StatusOr<v1::Intent> PublishAsRead(const rpc::Call& call,
                                           const v1::CreateIntentRequest& request,
                                           RegistryReading& reading);
  // An organization that has become part of another publishes nothing any more. Locks as
  // SuccessorOf.
  static absl::Status RefuseMerged(db::Session& session, const std::string& organization);
  static absl::Status PublishesNoMore(absl::string_view successor_title);
  using IntentEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Intent&)>;
  // One verb of IntentLife, journalled as `kind`; `edit` writes what it brings besides the state,
  // `first` comes before the intent is locked.
  absl::StatusOr<v1::Intent> ChangeIntent(
      const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
      const std::string& etag, absl::string_view verb, absl::string_view kind, IntentEdit edit,
      absl::FunctionRef<absl::Status(rpc::Change&)> first = [](rpc::Change&) {
        return absl::OkStatus();
      });
  // With what the registry says since `reading`.
  absl::Status AlignAsRead(const db::Lease& lease, absl::Time deadline, RegistryReading& reading);
  // A new expiry, judged by the pack; it is reminded of anew.
  absl::Status SetExpiry(const google::protobuf::Timestamp& expire_time, absl::Time now,
                         absl::string_view field, v1::Intent* row) const;
  // As the registry has them, for a change that rests on it.
  absl::StatusOr<registry::v1::Platform> PlatformOf(const rpc::Call& call, const std::string& name,
                                                    RegistryReading* reading);
  // The same of an organization; of one that is part of another, that one.
  absl::StatusOr<registry::v1::Organization> OrganizationOf(const rpc::Call& call,
                                                            const std::string& name,
                                                            RegistryReading* reading);
  // Links the intent that a new project comes of.
  absl::Status LinkIntent(const rpc::Call& call, rpc::Change& change, const std::string& name,
                          const v1::Project& project, bool validate_only);
  // mergers.cc: what was of organizations that have become part of `survivor` is its own from now
  // on, once for each.
  absl::Status FollowMergers(rpc::Change& change, const registry::v1::Organization& survivor);
  // What was of `from`.
  absl::Status TakeOver(rpc::Change& change, const std::string& from,
                        const registry::v1::Organization& survivor);
  // Writes a project that followed, and its records with it.
  absl::Status WriteFollowed(rpc::Change& change, const v1::Project& before, v1::Project* after);
  // Follow-ups of enterprises, with their contacts: the two become one.
  absl::Status TakeOverOutreach(rpc::Change& change, const std::string& from,
                                const registry::v1::Organization& survivor);
  // A pair has one.
  absl::Status TakeOverDismissals(rpc::Change& change, const std::string& from,
                                  const registry::v1::Organization& survivor);
  // Of two parties of a project that became one: one draft of a report is enough.
  absl::Status DiscardTwinDrafts(rpc::Change& change, const std::string& from,
                                 const std::string& to);
  // Projects of `from`, as enterprise, university or unit; a second open one of a pair waits to be
  // settled.
  absl::Status TakeOverProjects(rpc::Change& change, const std::string& from,
                                const registry::v1::Organization& survivor);
  // Rosters count it once.
  absl::Status TakeOverRosterEntries(rpc::Change& change, const std::string& from,
                                     const std::string& to);
  // Who owns a platform, where its name does not say it.
  absl::Status NotePlatformOwner(db::Session& session, const registry::v1::Platform& platform);
  absl::StatusOr<std::string> OwnerOf(db::Session& session, const std::string& platform);
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

  const Deps deps_;
  const CoverageCounter counter_;
  const db::Table<v1::Intent> intents_;
  const db::Table<v1::Project> projects_;
  const AgreementBook agreements_{deps_.pack};
  const ReportBook reports_{};
  const ProblemBook problems_{deps_.pack};
  const ProjectRecords records_{};
  const db::Table<v1::Roster> rosters_;
  const db::Table<v1::RosterEntry> entries_;
};

}  // namespace chanyan::pairing
