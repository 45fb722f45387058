// RPC handlers of chanyan.consortium.v1.SupervisionService (CON-8): held projects, supplements,
// memberships. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/status/status.h"
#include "services/consortium/bar_book.h"
#include "services/consortium/deps.h"
#include "services/consortium/membership_book.h"
#include "services/consortium/supplement_book.h"

namespace chanyan::consortium {

class SupervisionService {
 public:
  explicit SupervisionService(Deps deps)
      : deps_(std::move(deps)), bars_(deps_.book), supplement_book_(deps_.book) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::HeldProject> CreateHeldProject(const rpc::Call&,
                                                    const v1::CreateHeldProjectRequest&);
  absl::StatusOr<v1::HeldProject> CloseHeldProject(const rpc::Call&,
                                                   const v1::CloseHeldProjectRequest&);
  absl::StatusOr<v1::ListHeldProjectsResponse> ListHeldProjects(const rpc::Call&,
                                                                const v1::ListHeldProjectsRequest&);
  absl::StatusOr<v1::Supplement> CreateSupplement(const rpc::Call&,
                                                  const v1::CreateSupplementRequest&);
  absl::StatusOr<v1::Supplement> SignSupplement(const rpc::Call&, const v1::SignSupplementRequest&);
  absl::StatusOr<v1::Supplement> OverrideSupplementRule(const rpc::Call&,
                                                        const v1::OverrideSupplementRuleRequest&);
  absl::StatusOr<v1::Supplement> CancelSupplement(const rpc::Call&,
                                                  const v1::CancelSupplementRequest&);
  absl::StatusOr<v1::ListSupplementsResponse> ListSupplements(const rpc::Call&,
                                                              const v1::ListSupplementsRequest&);
  absl::StatusOr<v1::ListMembershipsResponse> ListMemberships(const rpc::Call&,
                                                              const v1::ListMembershipsRequest&);

 private:
  struct Locked {
    v1::Consortium dossier;
    v1::Supplement supplement;
  };
  // One that the caller may change, with its dossier; NOT_FOUND otherwise. The dossier first, as
  // everybody does; that it is there is no secret to who reads the other.
  absl::StatusOr<Locked> LockSupplement(rpc::Change& change, const rpc::Call& call,
                                        const std::string& name) const;
  // Everything that is wrong with it for the dossier as it stands, after `wrong`: what it changes,
  // and each that comes closer and is barred. INVALID_FIELD; RULE_VIOLATED if it is bars alone.
  absl::Status RequireAllowed(rpc::Change& change, const v1::Consortium& row,
                              const v1::Supplement& supplement,
                              std::vector<status::Violation> wrong = {}) const;
  // Judges it anew; with the signatures of all it is completed. RULE_VIOLATED if a hard rule stands
  // in its way whoever signs.
  absl::Status Advance(rpc::Change& change, v1::Consortium* row, v1::Supplement* supplement) const;
  // One that is judged and signed by all takes effect, unless a rule of principle is not met that
  // nobody has set aside: then it waits for the bureau. RULE_VIOLATED if a hard rule is not met.
  absl::Status Complete(rpc::Change& change, const ConsortiumBook::Judged& judged,
                        v1::Consortium* row, v1::Supplement* supplement) const;
  // Members, lead and memberships are those of the agreement from now on.
  absl::Status TakeEffect(rpc::Change& change, const ConsortiumBook::Judged& judged,
                          v1::Consortium* row, v1::Supplement* supplement) const;

  const Deps deps_;
  const BarBook bars_;
  const SupplementBook supplement_book_;
  const MembershipBook memberships_book_;
  const db::Table<v1::HeldProject> projects_;
  const db::Table<v1::Supplement> supplements_;
  const db::Table<v1::Membership> memberships_;
};

}  // namespace chanyan::consortium
