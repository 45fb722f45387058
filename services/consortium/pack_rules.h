// The pack's part on consortia, looked up by what rows call things. Immutable, thread-safe;
// pointers live as long as the pack.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/party.pb.h"
#include "common/policy/pack.h"

namespace chanyan::consortium {

class ConsortiumPack {
 public:
  // The pack must have a part on consortia; it outlives this.
  explicit ConsortiumPack(const policy::Pack& pack);

  const policy::Pack& pack() const { return pack_; }
  const policy::v1::ConsortiumPolicy& proto() const { return pack_.proto().consortium(); }
  const std::string& Office() const { return proto().office(); }

  const policy::v1::ConsortiumItem* FindClause(absl::string_view id) const {
    return Find(clauses_, id);
  }
  const policy::v1::ConsortiumItem* FindMechanism(absl::string_view id) const {
    return Find(mechanisms_, id);
  }
  const policy::v1::ConsortiumItem* FindSupport(absl::string_view id) const {
    return Find(support_, id);
  }
  // Whether a support measure takes an excellent last evaluation.
  bool IsForExcellent(const policy::v1::ConsortiumItem& measure) const;
  const policy::v1::ConsortiumItem* FindCreditEvent(absl::string_view id) const {
    return Find(credit_, id);
  }
  // Null if nothing runs in that state.
  const policy::v1::ConsortiumClock* FindClock(v1::ConsortiumState state) const;
  // Who recommends an applicant: the department of its zone, else of its district, else of the city
  // or province that the district lies in; null if the pack has none.
  const policy::v1::ConsortiumDistrict* FindDistrict(const v1::Party& lead) const;
  // 我市独立注册.
  bool InCity(absl::string_view region_code) const;
  // 领军企业, by what the registry says.
  bool IsLeading(const v1::Party& party) const;
  // Names of the industries of the system ("10+1"), in the pack's order.
  const std::vector<std::string>& Industries() const { return industries_; }
  bool HasIndustry(absl::string_view name) const { return industry_names_.contains(name); }

 private:
  using Index = absl::flat_hash_map<std::string, const policy::v1::ConsortiumItem*>;
  static const policy::v1::ConsortiumItem* Find(const Index& index, absl::string_view id) {
    const auto it = index.find(id);
    return it == index.end() ? nullptr : it->second;
  }

  const policy::Pack& pack_;
  Index clauses_;
  Index mechanisms_;
  Index support_;
  Index credit_;
  absl::flat_hash_map<std::string, const policy::v1::ConsortiumClock*> clocks_;
  std::vector<std::string> industries_;
  absl::flat_hash_set<std::string> industry_names_;
};

// "DISTRICT_REVIEW".
std::string ShortName(v1::ConsortiumState state);

}  // namespace chanyan::consortium
