// RPC handlers of chanyan.cycle.v1.CycleService. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/custody.h"
#include "services/cycle/directory.h"
#include "services/cycle/form_rows.h"
#include "services/cycle/late_opening_rules.h"
#include "services/cycle/opening.h"
#include "services/cycle/return_rules.h"
#include "services/cycle/return_versions.h"
#include "services/cycle/succession.h"

namespace chanyan::cycle {

// As what an organization takes receipt. An enterprise with platforms of its own is both sides.
struct SignsAs {
  bool university = false;
  bool enterprise_or_office = false;
};
inline SignsAs AsEnterprise() { return {.university = false, .enterprise_or_office = true}; }

class CycleService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    rpc::Peers& peers;
  };
  explicit CycleService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // Opens the live cycle of the quarter we are in, in the service's own name and under `lease`:
  // ALREADY_EXISTS if it is open. By the scheduler.
  absl::Status OpenRunningQuarter(const db::Lease& lease, absl::Time deadline);
  // What the peers say that a cycle begins with.
  absl::StatusOr<OpeningFacts> AskForOpening(const rpc::Caller& caller);

  // mergers.cc: what the registry's journal says of mergers, once for each.
  absl::Status FollowRegistry(db::Session& session, absl::Time now,
                              const journal::v1::Entry& entry);

  // cycles.cc
  absl::StatusOr<v1::Cycle> OpenCycle(const rpc::Call&, const v1::OpenCycleRequest&);
  absl::StatusOr<v1::Cycle> GetCycle(const rpc::Call&, const v1::GetCycleRequest&);
  absl::StatusOr<v1::ListCyclesResponse> ListCycles(const rpc::Call&, const v1::ListCyclesRequest&);
  absl::StatusOr<v1::Cycle> AdvanceClock(const rpc::Call&, const v1::AdvanceClockRequest&);
  absl::StatusOr<v1::Cycle> CloseStep(const rpc::Call&, const v1::CloseStepRequest&);
  absl::StatusOr<v1::Cycle> ExtendStep(const rpc::Call&, const v1::ExtendStepRequest&);

  // forms.cc
  absl::StatusOr<v1::Form> GetForm(const rpc::Call&, const v1::GetFormRequest&);
  absl::StatusOr<v1::ListFormsResponse> ListForms(const rpc::Call&, const v1::ListFormsRequest&);
  absl::StatusOr<v1::ListRowsResponse> ListRows(const rpc::Call&, const v1::ListRowsRequest&);
  absl::StatusOr<v1::Form> SubmitForm(const rpc::Call&, const v1::SubmitFormRequest&);
  absl::StatusOr<v1::Form> AcceptForm(const rpc::Call&, const v1::AcceptFormRequest&);
  absl::StatusOr<v1::Form> ReturnForm(const rpc::Call&, const v1::ReturnFormRequest&);
  absl::StatusOr<v1::Form> GrantLockException(const rpc::Call&,
                                              const v1::GrantLockExceptionRequest&);

  // form_import.cc
  absl::StatusOr<v1::ImportFormResponse> ImportForm(const rpc::Call&, const v1::ImportFormRequest&);
  absl::StatusOr<v1::ImportFormResponse> ImportReturn(const rpc::Call&,
                                                      const v1::ImportReturnRequest&);

  // form_versions.cc
  absl::StatusOr<v1::ListFormVersionsResponse> ListFormVersions(const rpc::Call&,
                                                                const v1::ListFormVersionsRequest&);

  // return_exceptions.cc
  absl::StatusOr<v1::ReturnException> GrantReturnException(const rpc::Call&,
                                                           const v1::GrantReturnExceptionRequest&);
  absl::StatusOr<v1::ListReturnExceptionsResponse> ListReturnExceptions(
      const rpc::Call&, const v1::ListReturnExceptionsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportReturnExceptions(
      const rpc::Call&, const v1::ExportReturnExceptionsRequest&);

  // sending_back.cc
  absl::StatusOr<v1::ReturnToEnterpriseResponse> ReturnToEnterprise(
      const rpc::Call&, const v1::ReturnToEnterpriseRequest&);
  absl::StatusOr<v1::Package> ReturnPackage(const rpc::Call&, const v1::ReturnPackageRequest&);

  // exchange.cc
  absl::StatusOr<v1::DistributeFormsResponse> DistributeForms(const rpc::Call&,
                                                              const v1::DistributeFormsRequest&);
  absl::StatusOr<v1::DistributeToEnterprisesResponse> DistributeToEnterprises(
      const rpc::Call&, const v1::DistributeToEnterprisesRequest&);
  absl::StatusOr<v1::ReceiveHandoversResponse> ReceiveHandovers(const rpc::Call&,
                                                                const v1::ReceiveHandoversRequest&);
  absl::StatusOr<v1::ListHandoversResponse> ListHandovers(const rpc::Call&,
                                                          const v1::ListHandoversRequest&);
  absl::StatusOr<v1::SubmitReturnsResponse> SubmitReturns(const rpc::Call&,
                                                          const v1::SubmitReturnsRequest&);
  absl::StatusOr<v1::Conservation> CheckConservation(const rpc::Call&,
                                                     const v1::CheckConservationRequest&);

  // exports.cc
  // What came back, of one unit or, if that is empty, of all; by name.
  absl::StatusOr<std::vector<v1::Row>> LedgerRows(db::Session& session, const v1::Cycle& cycle,
                                                  const std::string& unit);

  // returning.cc
  absl::StatusOr<v1::ReturnToUniversitiesResponse> ReturnToUniversities(
      const rpc::Call&, const v1::ReturnToUniversitiesRequest&);

  // return_versions.cc
  absl::StatusOr<v1::ListReturnVersionsResponse> ListReturnVersions(
      const rpc::Call&, const v1::ListReturnVersionsRequest&);

  // packages.cc
  absl::StatusOr<v1::SubmitPackagesResponse> SubmitPackages(const rpc::Call&,
                                                            const v1::SubmitPackagesRequest&);
  absl::StatusOr<v1::ListPackagesResponse> ListPackages(const rpc::Call&,
                                                        const v1::ListPackagesRequest&);

  // package_versions.cc
  absl::StatusOr<v1::ListPackageVersionsResponse> ListPackageVersions(
      const rpc::Call&, const v1::ListPackageVersionsRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadPackage(const rpc::Call&,
                                                        const v1::DownloadPackageRequest&);

  // bundles.cc
  absl::StatusOr<google::api::HttpBody> DownloadBundle(const rpc::Call&,
                                                       const v1::DownloadBundleRequest&);

  // exports.cc
  absl::StatusOr<google::api::HttpBody> ExportForm(const rpc::Call&, const v1::ExportFormRequest&);
  absl::StatusOr<google::api::HttpBody> ExportReturn(const rpc::Call&,
                                                     const v1::ExportReturnRequest&);
  absl::StatusOr<google::api::HttpBody> ExportLedger(const rpc::Call&,
                                                     const v1::ExportLedgerRequest&);

  // events.cc
  absl::StatusOr<v1::Event> CreateEvent(const rpc::Call&, const v1::CreateEventRequest&);
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const rpc::Call&, const v1::ListEventsRequest&);

  // leaderboards.cc
  absl::StatusOr<v1::Leaderboard> ComputeLeaderboard(const rpc::Call&,
                                                     const v1::ComputeLeaderboardRequest&);
  absl::StatusOr<v1::Leaderboard> PublishLeaderboard(const rpc::Call&,
                                                     const v1::PublishLeaderboardRequest&);
  absl::StatusOr<v1::Leaderboard> GetLeaderboard(const rpc::Call&,
                                                 const v1::GetLeaderboardRequest&);
  absl::StatusOr<v1::ReplayLeaderboardResponse> ReplayLeaderboard(
      const rpc::Call& call, const v1::ReplayLeaderboardRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportLeaderboard(const rpc::Call& call,
                                                          const v1::ExportLeaderboardRequest&);
  absl::StatusOr<v1::ListLeaderboardsResponse> ListLeaderboards(const rpc::Call&,
                                                                const v1::ListLeaderboardsRequest&);

  // punctuality.cc
  absl::StatusOr<v1::Punctuality> QueryPunctuality(const rpc::Call&,
                                                   const v1::QueryPunctualityRequest&);
  absl::StatusOr<google::api::HttpBody> ExportPunctuality(const rpc::Call&,
                                                          const v1::ExportPunctualityRequest&);

 private:
  // The cycle, locked if `for_update`, within the caller's read scope.
  absl::StatusOr<v1::Cycle> LoadCycle(db::Session& session, const rpc::Call& call,
                                      absl::string_view name, bool for_update = false);
  // What time it is in a cycle: a rehearsal's own clock, or ours.
  absl::Time NowIn(const v1::Cycle& cycle, absl::Time now) const;

  // return_acts.cc
  // As they stand now, with what the caller may do in them.
  absl::StatusOr<std::vector<v1::Cycle>> Present(const rpc::Call& call,
                                                 std::vector<v1::Cycle> cycles) const;
  absl::StatusOr<ReturnDesk> ReturnDeskOf(db::Session& session, const v1::Cycle& cycle,
                                          const std::string& enterprise) const;
  // Until when enterprises of a unit may give back though their steps have ended.
  absl::StatusOr<std::map<std::string, absl::Time>> ExceptionsOfUnit(db::Session& session,
                                                                     const v1::Cycle& cycle,
                                                                     const std::string& unit) const;
  // Whether CheckSubmitReturns holds of the caller, or of an enterprise of its unit.
  absl::StatusOr<bool> MaySubmitReturns(db::Session& session, const auth::Principal& principal,
                                        const v1::Cycle& cycle, absl::Time now) const;
  absl::StatusOr<ReturnOffers> ReturnOffersOf(db::Session& session,
                                              const auth::Principal& principal,
                                              const v1::Cycle& cycle, absl::Time now) const;

  // cycles.cc
  struct PlannedCycle {
    v1::Cycle cycle;
    // Of a live one, steps that are over already.
    std::vector<LateStep> late;
  };
  absl::StatusOr<PlannedCycle> PlanCycle(absl::string_view name, absl::Time open_time,
                                         bool rehearsal);
  absl::Status RefuseIfOpen(absl::string_view name, absl::Time deadline);
  // Tells the secretariat of what is late at it, too.
  absl::Status WriteOpening(rpc::Change& change, const PlannedCycle& plan, Opening opening,
                            v1::Cycle* written);
  // `edit` gets the time in the cycle.
  using CycleEdit = absl::FunctionRef<absl::Status(rpc::Change&, absl::Time, v1::Cycle&)>;
  absl::StatusOr<v1::Cycle> EditCycle(const rpc::Call& call,
                                      const google::protobuf::Message& request,
                                      const std::string& name, absl::string_view kind,
                                      CycleEdit edit);

  // mergers.cc
  absl::Status TakeOver(rpc::Change& change, const std::string& from,
                        const registry::v1::Organization& survivor);
  // In a cycle that runs.
  absl::Status TakeOverIn(rpc::Change& change, const v1::Cycle& cycle, const std::string& from,
                          const registry::v1::Organization& survivor);

  // forms.cc
  // What the caller may do with the form now.
  v1::Form Present(const rpc::Call& call, const v1::Cycle& cycle, v1::Form form,
                   const ReturnOffers& offers = {});
  // One transition of FormLife; `edit` does what it brings besides the state.
  using FormEdit =
      absl::FunctionRef<absl::Status(rpc::Change&, const v1::Cycle&, absl::Time, v1::Form&)>;
  absl::StatusOr<v1::Form> Transit(const rpc::Call& call, const google::protobuf::Message& request,
                                   const std::string& name, absl::string_view etag,
                                   absl::string_view verb, FormEdit edit);
  // Rows of the form, by name.
  absl::StatusOr<std::vector<v1::Row>> RowsOf(db::Session& session, absl::string_view form,
                                              bool for_update = false) const;
  absl::Status HandOverForm(rpc::Change& change, const rpc::Call& call, const v1::Cycle& cycle,
                            absl::Time now, v1::Form& form);

  // form_versions.cc
  // The next version of a form that is submitted with these rows.
  absl::Status KeepVersion(rpc::Change& change, const rpc::Call& call, absl::Time cycle_now,
                           const v1::Form& form, const std::vector<v1::Row>& rows);
  // Within the caller's read scope.
  absl::StatusOr<std::vector<v1::Row>> RowsOfVersion(db::Session& session, const rpc::Call& call,
                                                     const v1::Form& form, int revision) const;

  // sending_back.cc
  // What the secretariat holds of a package, locked.
  absl::StatusOr<std::vector<v1::Row>> LockRowsOfPackage(db::Session& session,
                                                         const v1::Cycle& cycle,
                                                         const v1::Package& package);

  // return_exceptions.cc
  // Whatever else was granted to the enterprise, before others became part of it, ends with this
  // one.
  absl::Status BringInLine(rpc::Change& change, const v1::ReturnException& granted);
  // Until when an enterprise may give back though its steps have ended; nothing if it was not
  // granted.
  absl::StatusOr<std::optional<absl::Time>> ReturnExceptionOf(db::Session& session,
                                                              absl::string_view cycle,
                                                              absl::string_view enterprise) const;
  // An enterprise that the caller may except: the secretariat each, a unit its own.
  absl::StatusOr<registry::v1::Organization> ExceptedEnterprise(const rpc::Call& call,
                                                                absl::string_view enterprise);

  // exchange.cc
  // The enterprise, if the caller acts for it or for its unit; NOT_FOUND otherwise.
  absl::StatusOr<registry::v1::Organization> ServedEnterprise(const rpc::Call& call,
                                                              absl::string_view enterprise);
  // Receives everything that waits for `receiver` as what it signs, except what forms decide about
  // (step 1).
  absl::StatusOr<v1::ReceiveHandoversResponse> ReceiveAll(rpc::Change& change,
                                                          const v1::Cycle& cycle, absl::Time now,
                                                          absl::string_view receiver,
                                                          absl::string_view account,
                                                          const SignsAs& as);
  // Sends the groups to the organizations that are their keys.
  struct Sent {
    int receivers = 0;
    int rows = 0;
  };
  absl::StatusOr<Sent> SendGroups(rpc::Change& change, const v1::Cycle& cycle, absl::Time now,
                                  int step, absl::string_view sender, const Custody::Groups& groups,
                                  absl::string_view set_sql);
  // Units that the registry knows now of enterprises whose rows the secretariat holds without one.
  using UnitsByEnterprise = std::map<std::string, std::string>;
  absl::StatusOr<UnitsByEnterprise> NewlyServed(const rpc::Call& call,
                                                const std::string& cycle_name);
  // Opens intents without enterprise that the secretariat holds to all; how many.
  absl::StatusOr<int> ReleaseIntents(rpc::Change& change, const v1::Cycle& cycle);
  // Rows of an enterprise that it holds, and of the same forms what it gave back before. Refused
  // with every form that is not filled in, unless it is said that there is no change.
  absl::StatusOr<GivenBack> CollectGiven(db::Session& session, const v1::Cycle& cycle,
                                         const registry::v1::Organization& enterprise,
                                         const Custody::Groups& groups, bool no_change) const;
  // Hands an enterprise's rows to its unit and notes when; nothing without rows. Names of the
  // versions that they are handed over as.
  absl::StatusOr<std::vector<std::string>> GiveBack(rpc::Change& change, const rpc::Call& call,
                                                    const v1::SubmitReturnsRequest& request,
                                                    const v1::Cycle& cycle, absl::Time now,
                                                    const registry::v1::Organization& enterprise,
                                                    const Custody::Groups& groups);

  // return_versions.cc
  // The version of each form that says what is given back now; new ones are kept.
  absl::StatusOr<std::vector<std::string>> KeepReturnVersions(rpc::Change& change,
                                                              const GivenBack& given);
  // Reasons of the hand-over that sent some of the rows of one form back to the enterprise last;
  // none if none did.
  absl::StatusOr<std::vector<std::string>> WhySentBack(db::Session& session,
                                                       const std::string& enterprise,
                                                       const std::vector<v1::Row>& rows) const;
  // Within the caller's read scope.
  absl::StatusOr<v1::ReturnVersion> ReturnVersionOf(db::Session& session, const rpc::Call& call,
                                                    absl::string_view form,
                                                    absl::string_view enterprise,
                                                    int revision) const;

  // packages.cc
  // With what the caller may do with them now.
  absl::StatusOr<std::vector<v1::Package>> Present(const rpc::Call& call,
                                                   std::vector<v1::Package> packages);
  // Tells whoever watches how many enterprises are still to be packed.
  absl::Status ExpectEnterprises(const rpc::Call& call, const std::string& cycle_name,
                                 const std::string& unit);

  // leaderboards.cc
  // With what the caller may do with them now.
  absl::StatusOr<std::vector<v1::Leaderboard>> Present(const rpc::Call& call,
                                                       std::vector<v1::Leaderboard> versions);
  absl::StatusOr<v1::Leaderboard> PresentOne(const rpc::Call& call, v1::Leaderboard version);

  // returning.cc
  // By name, those whose rows the secretariat holds.
  absl::StatusOr<std::vector<std::string>> UniversitiesToReturn(const rpc::Call& call,
                                                                const std::string& cycle_name);
  // What an earlier call answered to a part; NOT_FOUND if the part is still to be done.
  absl::StatusOr<v1::ReturnToUniversitiesResponse> ReturnedBefore(
      const rpc::Call& call, const v1::ReturnToUniversitiesRequest& request);
  // Records and returns the rows of one university; nothing if it is empty. `ran` stays false if
  // the reply is a remembered one.
  absl::StatusOr<v1::ReturnToUniversitiesResponse> ReturnToOne(
      const rpc::Call& call, const v1::ReturnToUniversitiesRequest& request,
      const std::string& university, bool* ran);
  // Records the rows in the projects; sentences of refusals go to `response`.
  absl::Status RecordInProjects(const rpc::Call& call, absl::string_view quarter,
                                const std::vector<v1::Row>& rows, const CycleSuccession& succession,
                                v1::ReturnToUniversitiesResponse* response);

  const Deps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Form> forms_;
  const db::Table<v1::Row> rows_;
  const db::Table<v1::Handover> handovers_;
  const db::Table<v1::Package> packages_;
  const db::Table<v1::FormVersion> form_versions_;
  const db::Table<v1::ReturnVersion> return_versions_;
  const db::Table<v1::PackageVersion> package_versions_;
  const db::Table<v1::ReturnException> return_exceptions_;
  const db::Table<v1::Event> events_;
  const db::Table<v1::Leaderboard> leaderboards_;
  const Custody custody_;
};

}  // namespace chanyan::cycle
