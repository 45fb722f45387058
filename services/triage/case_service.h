// RPC handlers of chanyan.triage.v1.CaseService (TRI-8, S1 二(二)4). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/case.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"

namespace chanyan::triage {

class CaseService {
 public:
  explicit CaseService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::TypicalCase> GetTypicalCase(const rpc::Call&,
                                                 const v1::GetTypicalCaseRequest&);
  absl::StatusOr<v1::ListTypicalCasesResponse> ListTypicalCases(const rpc::Call&,
                                                                const v1::ListTypicalCasesRequest&);
  absl::StatusOr<v1::TypicalCase> CreateTypicalCase(const rpc::Call&,
                                                    const v1::CreateTypicalCaseRequest&);
  absl::StatusOr<v1::TypicalCase> UpdateTypicalCase(const rpc::Call&,
                                                    const v1::UpdateTypicalCaseRequest&);
  absl::StatusOr<v1::TypicalCase> PublishTypicalCase(const rpc::Call&,
                                                     const v1::PublishTypicalCaseRequest&);
  absl::StatusOr<v1::TypicalCase> WithdrawTypicalCase(const rpc::Call&,
                                                      const v1::WithdrawTypicalCaseRequest&);
  absl::StatusOr<google::api::HttpBody> ExportTypicalCases(const rpc::Call&,
                                                           const v1::ExportTypicalCasesRequest&);

 private:
  // Rows that are shown to the caller: to others than those whose they are no longer than their
  // results are open to everybody.
  static db::Predicate Shown(const rpc::Call& call);
  // Figures, texts and actions, as they are now.
  static absl::Status Present(db::Session& session, const rpc::Call& call,
                              std::vector<v1::TypicalCase>* rows);
  // The same of one that was written.
  absl::StatusOr<v1::TypicalCase> Presented(const rpc::Call& call, v1::TypicalCase row) const;
  // INVALID_ARGUMENT with all that is wrong with what becomes published or stays so.
  absl::Status Check(rpc::Change& change, const v1::TypicalCase& row) const;

  const Deps deps_;
  const db::Table<v1::TypicalCase> cases_;
  const db::Table<v1::Result> results_;
};

}  // namespace chanyan::triage
