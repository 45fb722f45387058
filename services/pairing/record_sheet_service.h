// RPC handlers of chanyan.pairing.v1.RecordSheetService (PAIR-2 to PAIR-5, PAIR-7, REG-10).
// Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/record_sheet.pb.h"
#include "common/rpc/method.h"
#include "services/pairing/agreement_book.h"
#include "services/pairing/problem_book.h"
#include "services/pairing/record_service.h"
#include "services/pairing/report_book.h"
#include "services/pairing/submissions.h"

namespace chanyan::pairing {

class RecordSheetService {
 public:
  explicit RecordSheetService(RecordDeps deps)
      : deps_(std::move(deps)),
        book_(deps_.pack),
        agreements_(deps_.pack),
        submissions_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  // contact_rows.cc
  absl::StatusOr<v1::ImportRecordsResponse> ImportContacts(const rpc::Call&,
                                                           const v1::ImportContactsRequest&);
  // problem_rows.cc
  absl::StatusOr<v1::ImportRecordsResponse> ImportProblems(const rpc::Call&,
                                                           const v1::ImportProblemsRequest&);
  // outcome_rows.cc
  absl::StatusOr<v1::ImportRecordsResponse> ImportOutcomes(const rpc::Call&,
                                                           const v1::ImportOutcomesRequest&);
  // agreement_rows.cc
  absl::StatusOr<v1::ImportRecordsResponse> ImportAgreements(const rpc::Call&,
                                                             const v1::ImportAgreementsRequest&);
  // progress_rows.cc
  absl::StatusOr<v1::ImportRecordsResponse> ImportProgress(const rpc::Call&,
                                                           const v1::ImportProgressRequest&);

 private:
  const RecordDeps deps_;
  const ProblemBook book_;
  const AgreementBook agreements_;
  const ReportBook reports_{};
  const Submissions submissions_;
  const db::Table<v1::Project> projects_;
  const db::Table<v1::Contact> contacts_;
  const db::Table<v1::Outcome> outcomes_;
};

}  // namespace chanyan::pairing
