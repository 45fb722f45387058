// RPC handlers of chanyan.consortium.v1.FilingService (CON-6, CON-9), and the jobs on filings that
// end. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "common/db/lease.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class FilingService {
 public:
  explicit FilingService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListFilingsResponse> ListFilings(const rpc::Call&,
                                                      const v1::ListFilingsRequest&);
  absl::StatusOr<v1::Certificate> GetCertificate(const rpc::Call&,
                                                 const v1::GetCertificateRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadCertificate(const rpc::Call&,
                                                            const v1::DownloadCertificateRequest&);
  absl::StatusOr<v1::VerifyCertificateResponse> VerifyCertificate(
      const rpc::Call&, const v1::VerifyCertificateRequest&);
  absl::StatusOr<v1::ListExpiryRemindersResponse> ListExpiryReminders(
      const rpc::Call&, const v1::ListExpiryRemindersRequest&);
  absl::StatusOr<v1::ConsortiumCoverage> GetConsortiumCoverage(
      const rpc::Call&, const v1::GetConsortiumCoverageRequest&);

  // Reminders that are due, each once; of how many filings.
  absl::StatusOr<int> Remind(const db::Lease& lease);

 private:
  // A filing and what is printed of it.
  struct Paper {
    v1::Filing filing;
    v1::Certificate certificate;
  };
  // Of a filing whose dossier is in `scope`; ROLE_NOT_PERMITTED with `refusal` for everybody else.
  absl::StatusOr<Paper> ReadPaper(const rpc::Call& call, const std::string& name,
                                  const db::Predicate& scope, absl::string_view refusal) const;
  absl::StatusOr<bool> RemindOf(rpc::Change& change, const std::string& name,
                                absl::CivilDay today) const;

  const Deps deps_;
  const db::Table<v1::Filing> filings_;
  const db::Table<v1::ExpiryReminder> reminders_;
};

}  // namespace chanyan::consortium
