#include "common/policy/match_check.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

using v1::MatchPlan;

// Points that all weights make together.
constexpr uint32_t kWhole = 1000;

class MatchChecker : private ItemChecks {
 public:
  explicit MatchChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()), plan_(source.pack().triage().matching()) {}

  std::vector<PackError> Run() {
    if (!pack_.triage().has_matching()) return TakeErrors();
    absl::flat_hash_set<std::string> ids;
    of_ = NamedIdentity(plan_, "匹配参数", ids);
    HasClause(plan_, of_);
    HasOrigin(plan_, of_);
    if (!pack_.has_recommendation()) {
      Add(plan_, 0, absl::StrCat(of_, "：产业关联取自推荐参数（recommendation），请一并填写"));
    }
    Weights();
    Fits();
    return TakeErrors();
  }

 private:
  void Weights() {
    const uint64_t sum = uint64_t{plan_.words_weight()} + plan_.industry_weight() +
                         plan_.field_weight() + plan_.way_weight() + plan_.freshness_weight() +
                         plan_.place_weight();
    if (sum != kWhole) {
      Add(plan_, 0, absl::StrCat(of_, "：各项权重（weight）之和应为1000，现为", sum));
    }
    if (plan_.full_rarity_bits() == 0) {
      Add(plan_, MatchPlan::kFullRarityBitsFieldNumber,
          absl::StrCat(of_, "：满分稀有度（full_rarity_bits）应大于0"));
    }
    if (plan_.least_content_points() == 0) {
      Add(plan_, MatchPlan::kLeastContentPointsFieldNumber,
          absl::StrCat(of_,
                       "：最低内容分（least_content_points）应大于0，否则毫无相合之处也会列出"));
    }
  }

  void Fits() {
    absl::flat_hash_set<std::string> seen;
    for (const v1::MatchFit& fit : plan_.fits()) {
      const bool of_result = !fit.stage().empty();
      if (of_result == !fit.demand_kind().empty()) {
        Add(fit, 0, absl::StrCat(of_, "：stage 和 demand_kind 应填且只填一个"));
        continue;
      }
      const std::string what = of_result ? fit.stage() : fit.demand_kind();
      if (!seen.insert(absl::StrCat(of_result ? "s/" : "d/", what)).second) {
        Add(fit, 0, absl::StrCat(of_, "：“", what, "”重复"));
      }
      if (fit.platform_kinds().empty()) {
        Add(fit, 0, absl::StrCat(of_, "：“", what, "”没有对应的平台类型"));
      }
    }
  }

  const v1::PolicyPack& pack_;
  const MatchPlan& plan_;
  std::string of_;
};

}  // namespace

std::vector<PackError> CheckMatching(const PackSource& source) {
  return MatchChecker(source).Run();
}

}  // namespace chanyan::policy
