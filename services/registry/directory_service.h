// RPC handlers of chanyan.registry.v1.DirectoryService: history, former names and duplicates of
// organizations. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "chanyan/registry/v1/directory.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/registry/held_back.h"
#include "services/registry/name_index.h"

namespace chanyan::registry {

class DirectoryService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit DirectoryService(Deps deps) : deps_(std::move(deps)), names_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::LookupOrganizationsResponse> LookupOrganizations(
      const rpc::Call& call, const v1::LookupOrganizationsRequest& request);
  absl::StatusOr<v1::ListOrganizationEventsResponse> ListOrganizationEvents(
      const rpc::Call& call, const v1::ListOrganizationEventsRequest& request);
  absl::StatusOr<v1::ListDuplicatesResponse> ListDuplicates(
      const rpc::Call& call, const v1::ListDuplicatesRequest& request);
  absl::StatusOr<v1::DistinctPair> DismissDuplicate(const rpc::Call& call,
                                                    const v1::DismissDuplicateRequest& request);
  absl::StatusOr<v1::ListDistinctPairsResponse> ListDistinctPairs(
      const rpc::Call& call, const v1::ListDistinctPairsRequest& request);
  absl::StatusOr<v1::DistinctPair> WithdrawDistinctPair(
      const rpc::Call& call, const v1::WithdrawDistinctPairRequest& request);

  // directory_exports.cc
  absl::StatusOr<google::api::HttpBody> ExportOrganizationEvents(
      const rpc::Call& call, const v1::ExportOrganizationEventsRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportDuplicates(
      const rpc::Call& call, const v1::ExportDuplicatesRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportDistinctPairs(
      const rpc::Call& call, const v1::ExportDistinctPairsRequest& request);

  // Makes the keys of organizations anew that were not made by this procedure and pack; all of
  // them, some hundred a transaction. One whose keys cannot be made keeps no other from its own,
  // and is tried later and later. Returns how many. A job calls it.
  absl::StatusOr<int> RefreshKeys();

 private:
  // The same of these, in one transaction.
  absl::Status MakeKeys(absl::Span<const std::string> names);
  // One organization that a lookup found, if the caller may see it and the one it is part of.
  absl::Status AddMatch(db::Session& session, const rpc::Call& call, v1::OrganizationMatchKind kind,
                        const v1::Organization& found, v1::LookupOrganizationsResponse* response);
  // Names of the organizations as they are now.
  absl::Status SetTitles(db::Session& session, absl::Span<v1::OrganizationEvent> events) const;
  absl::StatusOr<v1::DuplicatePair> PairOf(db::Session& session, const rpc::Call& call,
                                           const Likeness& likeness);

  const Deps deps_;
  const NameIndex names_;
  HeldBack held_back_;
  const db::Table<v1::Organization> organizations_;
  const db::Table<v1::OrganizationEvent> events_;
  const db::Table<v1::DistinctPair> distinct_pairs_;
};

}  // namespace chanyan::registry
