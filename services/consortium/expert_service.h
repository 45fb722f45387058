// RPC handlers of chanyan.consortium.v1.ExpertService (CON-4). Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "common/auth/scope.h"
#include "common/db/database.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/status/status.h"
#include "services/consortium/review_deps.h"

namespace chanyan::consortium {

// Grants reach rows by organization, and several experts may work for one: who calls as an expert
// alone reaches what is his own. Everything for the office.
db::Predicate OwnRows(const rpc::Call& call);
// The same for one row.
bool IsOwnRow(const rpc::Call& call, const std::string& account);

// A row that is the caller's own; NOT_FOUND otherwise. One of a colleague's is not even read, so
// that it takes the work that an absent one takes.
template <class T>
absl::StatusOr<T> FetchOwn(db::Database& db, const rpc::Call& call, const db::Table<T>& table,
                           const std::string& name) {
  T row;
  CHANYAN_RETURN_IF_ERROR(db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        row, table.Get(session, name, db::And(auth::Readable<T>(call.principal), OwnRows(call))));
    return absl::OkStatus();
  }));
  if (!IsOwnRow(call, row.account())) return status::NotFound(name);
  return row;
}

class ExpertService {
 public:
  // Called behind a declaration with something new of an expert who has scored in a dossier that is
  // not decided (ReviewService::RecheckDeclared).
  using Recheck = std::function<void(const rpc::Call&, const std::string& expert)>;

  explicit ExpertService(ReviewDeps deps) : deps_(std::move(deps)) {}

  // Before the first call. Without it RecheckDue alone looks again.
  void SetRecheck(Recheck recheck) { recheck_ = std::move(recheck); }

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Expert> CreateExpert(const rpc::Call&, const v1::CreateExpertRequest&);
  absl::StatusOr<v1::Expert> GetExpert(const rpc::Call&, const v1::GetExpertRequest&);
  absl::StatusOr<v1::ListExpertsResponse> ListExperts(const rpc::Call&,
                                                      const v1::ListExpertsRequest&);
  absl::StatusOr<v1::Expert> UpdateExpert(const rpc::Call&, const v1::UpdateExpertRequest&);
  absl::StatusOr<v1::Expert> DeclareInterests(const rpc::Call&, const v1::DeclareInterestsRequest&);
  absl::StatusOr<v1::Expert> SuspendExpert(const rpc::Call&, const v1::SuspendExpertRequest&);
  absl::StatusOr<v1::Expert> RestoreExpert(const rpc::Call&, const v1::RestoreExpertRequest&);

 private:
  v1::Expert Present(const rpc::Call& call, v1::Expert row) const;
  // What the expert says of organizations is so, and they are called by their names.
  absl::Status NameOrganizations(const rpc::Call& call, v1::Expert* expert) const;

  const ReviewDeps deps_;
  Recheck recheck_;
  const db::Table<v1::Expert> experts_;
};

}  // namespace chanyan::consortium
