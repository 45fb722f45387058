// RPC handlers of chanyan.pairing.v1.CoverageService: coverage over time, the work list of
// enterprises that are not paired, and their follow-up. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/pairing/coverage.h"
#include "services/pairing/platform_advice.h"

namespace chanyan::pairing {

// Quarters of one trend.
inline constexpr int kMaxTrendQuarters = 20;

class CoverageService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
    // Null = work lists come without suggestions.
    PlatformAdvice* advice = nullptr;
  };
  explicit CoverageService(Deps deps) : deps_(std::move(deps)), counter_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  // coverage_outputs.cc
  absl::StatusOr<v1::CoverageTrend> QueryCoverageTrend(const rpc::Call&,
                                                       const v1::QueryCoverageTrendRequest&);
  absl::StatusOr<google::api::HttpBody> ExportCoverage(const rpc::Call&,
                                                       const v1::ExportCoverageRequest&);
  absl::StatusOr<v1::ListRostersResponse> ListRosters(const rpc::Call&,
                                                      const v1::ListRostersRequest&);
  absl::StatusOr<google::api::HttpBody> ExportRoster(const rpc::Call&,
                                                     const v1::ExportRosterRequest&);

  // unpaired.cc
  absl::StatusOr<v1::ListUnpairedEnterprisesResponse> ListUnpairedEnterprises(
      const rpc::Call&, const v1::ListUnpairedEnterprisesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportUnpairedEnterprises(
      const rpc::Call&, const v1::ExportUnpairedEnterprisesRequest&);

  // outreaches.cc
  absl::StatusOr<v1::Outreach> GetOutreach(const rpc::Call&, const v1::GetOutreachRequest&);
  absl::StatusOr<v1::Outreach> UpdateOutreach(const rpc::Call&, const v1::UpdateOutreachRequest&);
  absl::StatusOr<v1::ListContactAttemptsResponse> ListContactAttempts(
      const rpc::Call&, const v1::ListContactAttemptsRequest&);
  absl::StatusOr<v1::ContactAttempt> CreateContactAttempt(const rpc::Call&,
                                                          const v1::CreateContactAttemptRequest&);
  absl::StatusOr<v1::ContactAttempt> VoidContactAttempt(const rpc::Call&,
                                                        const v1::VoidContactAttemptRequest&);

  // enterprise_coverage.cc
  absl::StatusOr<v1::EnterpriseCoverage> CheckEnterpriseCoverage(
      const rpc::Call&, const v1::CheckEnterpriseCoverageRequest&);
  absl::StatusOr<v1::Outreach> OverrideEnterpriseCoverage(
      const rpc::Call&, const v1::OverrideEnterpriseCoverageRequest&);
  absl::StatusOr<v1::Outreach> RestoreEnterpriseCoverage(
      const rpc::Call&, const v1::RestoreEnterpriseCoverageRequest&);

  // outreach_sheets.cc
  absl::StatusOr<v1::ImportOutreachResponse> ImportOutreach(const rpc::Call&,
                                                            const v1::ImportOutreachRequest&);

  // contact_sheets.cc
  absl::StatusOr<v1::ImportContactAttemptsResponse> ImportContactAttempts(
      const rpc::Call&, const v1::ImportContactAttemptsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportContactAttempts(
      const rpc::Call&, const v1::ExportContactAttemptsRequest&);

  // Follow-ups go to the units that the newest roster names, once for each roster that comes into
  // force. A job calls it under its lease.
  absl::Status AlignOutreaches(const db::Lease& lease);

 private:
  // The follow-up of an enterprise, locked, and whether it was there.
  struct Head {
    v1::Outreach row;
    bool created = false;
  };
  // A new one for an enterprise of the newest roster that the caller may see; NOT_FOUND otherwise.
  absl::StatusOr<Head> HeadForUpdate(const rpc::Call& call, rpc::Change& change,
                                     const std::string& name);
  // Those of a roster that the caller may see; of the one of `day` if `roster` is empty.
  absl::StatusOr<std::vector<v1::RosterEntry>> EntriesOf(db::Session& session,
                                                         const rpc::Call& call,
                                                         absl::string_view roster,
                                                         absl::CivilDay day) const;
  // The roster's entry of the enterprise that the follow-up is called after.
  absl::StatusOr<v1::RosterEntry> EntryFor(db::Session& session, const rpc::Call& call,
                                           const v1::Roster& roster, const std::string& outreach);
  // The follow-up that is called so, or that of the enterprise that it would be called after.
  absl::StatusOr<v1::Outreach> FetchHead(const rpc::Call& call, const std::string& name);
  // The follow-up of an enterprise, locked, if the caller may change it.
  absl::StatusOr<v1::Outreach> HeadOf(db::Session& session, const rpc::Call& call,
                                      const std::string& enterprise);
  // Derives the head of its contacts, writes and journals it as `kind`.
  absl::Status WriteHead(rpc::Change& change, absl::string_view kind, const v1::Outreach& before,
                         Head* head);
  // enterprise_coverage.cc: sets the verdicts of rows that are complete.
  absl::Status Judge(db::Session& session, std::vector<v1::UnpairedEnterprise>* rows) const;
  // The verdicts on an enterprise of the newest roster as they are now, with no exception.
  absl::StatusOr<policy::v1::Verdicts> VerdictsOn(db::Session& session,
                                                  const std::string& enterprise) const;
  // Fills in what the roster's row does not hold.
  absl::Status Complete(db::Session& session, std::vector<v1::UnpairedEnterprise>* rows) const;
  // The best platforms of each; false if none can be told at the moment.
  absl::StatusOr<bool> Suggest(const rpc::Call& call,
                               absl::Span<v1::UnpairedEnterprise* const> rows) const;

  const Deps deps_;
  const CoverageCounter counter_;
  const db::Table<v1::Roster> rosters_;
  const db::Table<v1::RosterEntry> entries_;
  const db::Table<v1::UnpairedEnterprise> unpaired_;
  const db::Table<v1::Outreach> outreaches_;
  const db::Table<v1::ContactAttempt> attempts_;
};

}  // namespace chanyan::pairing
