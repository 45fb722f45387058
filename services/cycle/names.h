// Names of organizations, platforms and people beside their ids, for custody tables and exports
// (CYC-4). What this service has itself is enough for universities, enterprises, platforms and
// people; units and the secretariat are the registry's, and without it their names are left empty.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"

namespace chanyan::cycle {

class Names {
 public:
  // Of organizations/{o}, organizations/{o}/platforms/{p} or accounts/{a}; empty if it is not
  // known.
  const std::string& Of(absl::string_view name) const;
  void Add(std::string name, std::string title);

 private:
  absl::flat_hash_map<std::string, std::string> titles_;
};

// Those of `wanted` as they are called in a cycle; empty names are nobody.
absl::StatusOr<Names> FindNames(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                                absl::string_view cycle, const std::set<std::string>& wanted);

// Fills in the titles of hand-overs, and of who holds rows.
absl::Status NameHandovers(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                           std::vector<v1::Handover>* handovers);
absl::Status NameHolders(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                         absl::string_view cycle, v1::Conservation* proof);

}  // namespace chanyan::cycle
