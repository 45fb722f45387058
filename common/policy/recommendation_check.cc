#include "common/policy/recommendation_check.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

using v1::RecommendationPlan;

// Points that all weights make together, and the whole of which a share is taken.
constexpr uint32_t kWholeScore = 1000;

class RecommendationChecker : private ItemChecks {
 public:
  explicit RecommendationChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()), plan_(source.pack().recommendation()) {}

  std::vector<PackError> Run() {
    if (!pack_.has_recommendation()) return TakeErrors();
    absl::flat_hash_set<std::string> ids;
    of_ = NamedIdentity(plan_, "推荐参数", ids);
    HasClause(plan_, of_);
    HasOrigin(plan_, of_);
    Weights();
    Share(RecommendationPlan::kMappedIndustryPermilleFieldNumber, plan_.mapped_industry_permille());
    Share(RecommendationPlan::kSameGroupPermilleFieldNumber, plan_.same_group_permille());
    Share(RecommendationPlan::kSameDistrictPermilleFieldNumber, plan_.same_district_permille());
    Share(RecommendationPlan::kSameCityPermilleFieldNumber, plan_.same_city_permille());
    Days();
    Fits();
    return TakeErrors();
  }

 private:
  void Weights() {
    const uint64_t sum = uint64_t{plan_.words_weight()} + plan_.industry_weight() +
                         plan_.place_weight() + plan_.co_build_weight() + plan_.freshness_weight();
    if (sum != kWholeScore) {
      Add(plan_, 0, absl::StrCat(of_, "：五项权重（weight）之和应为1000，现为", sum));
    }
    if (plan_.full_rarity_bits() == 0) {
      Add(plan_, RecommendationPlan::kFullRarityBitsFieldNumber,
          absl::StrCat(of_, "：满分稀有度（full_rarity_bits）应大于0"));
    }
    if (plan_.least_content_points() == 0) {
      Add(plan_, RecommendationPlan::kLeastContentPointsFieldNumber,
          absl::StrCat(of_, "：最低内容分（least_content_points）应大于0，否则仅同城也会推荐"));
    }
  }

  void Share(int field, uint32_t permille) {
    if (permille > kWholeScore) {
      Add(plan_, field, absl::StrCat(of_, "：比例以千分之一计，不得超过1000，现为", permille));
    }
  }

  void Days() {
    if (plan_.stale_days() <= plan_.fresh_days()) {
      Add(plan_, RecommendationPlan::kStaleDaysFieldNumber,
          absl::StrCat(of_, "：stale_days 应大于 fresh_days"));
    }
  }

  void Fits() {
    absl::flat_hash_set<std::string> kinds;
    for (const v1::CoBuildKind& kind : pack_.co_build_kinds()) kinds.insert(kind.id());
    absl::flat_hash_set<std::string> seen;
    for (const v1::CoBuildFit& fit : plan_.co_build_fits()) {
      const int field = v1::CoBuildFit::kCoBuildKindFieldNumber;
      if (!kinds.contains(fit.co_build_kind())) {
        Add(fit, field, absl::StrCat(of_, "：没有共建类型“", fit.co_build_kind(), "”"));
      } else if (!seen.insert(fit.co_build_kind()).second) {
        Add(fit, field, absl::StrCat(of_, "：共建类型“", fit.co_build_kind(), "”重复"));
      }
      if (fit.platform_kinds().empty()) {
        Add(fit, 0, absl::StrCat(of_, "：“", fit.co_build_kind(), "”没有对应的平台类型"));
      }
    }
  }

  const v1::PolicyPack& pack_;
  const RecommendationPlan& plan_;
  std::string of_;
};

}  // namespace

std::vector<PackError> CheckRecommendation(const PackSource& source) {
  return RecommendationChecker(source).Run();
}

}  // namespace chanyan::policy
