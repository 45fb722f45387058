#include "services/triage/match_rules.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/search/quote.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::triage {
namespace {

using policy::v1::MatchFit;

absl::Status NoSuch(absl::string_view what, absl::string_view name) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    absl::StrCat("政策包匹配参数中没有“", name, "”这种", what));
}

template <class Modes>
uint32_t BitsOf(const Modes& modes) {
  uint32_t bits = 0;
  for (const int mode : modes) {
    if (mode > 0 && mode < 32) bits |= 1U << mode;
  }
  return bits;
}

uint32_t BitsIn(const absl::flat_hash_map<int, uint32_t>& bits, int of) {
  const auto found = bits.find(of);
  return found == bits.end() ? 0 : found->second;
}

// Of a demand and something else the demand's text is read, of a result and a platform the
// result's: whichever is asked for, the same is quoted.
bool IsRead(const Matchable& a, const Matchable& b) {
  if (a.kind == b.kind) return a.name <= b.name;
  if (b.kind == v1::MATCH_KIND_DEMAND) return false;
  return a.kind == v1::MATCH_KIND_DEMAND || b.kind == v1::MATCH_KIND_PLATFORM;
}

struct Nearest {
  uint32_t permille = 0;
  std::string one;
  std::string other;
};

Nearest NearestIndustries(const MatchWeights& weights, const Matchable& read,
                          const Matchable& other) {
  Nearest nearest;
  for (const std::string& a : read.industries) {
    for (const std::string& b : other.industries) {
      const uint32_t permille = weights.points().Relation(a, b);
      if (permille > nearest.permille) nearest = {permille, a, b};
    }
  }
  return nearest;
}

// Empty if they share none.
std::string SharedField(const Matchable& read, const Matchable& other) {
  for (const std::string& field : read.fields) {
    if (std::find(other.fields.begin(), other.fields.end(), field) != other.fields.end()) {
      return field;
    }
  }
  return "";
}

absl::CivilDay ConfirmedOf(const Matchable& a, const Matchable& b) {
  return a.kind == v1::MATCH_KIND_PLATFORM ? a.confirmed : b.confirmed;
}

v1::MatchReason Reason(v1::MatchReasonKind kind, std::string text, int points) {
  v1::MatchReason reason;
  reason.set_kind(kind);
  reason.set_text(std::move(text));
  reason.set_points(points);
  return reason;
}

void AddWords(const search::PlacedText& read, const std::vector<search::Phrase>& phrases,
              int points, std::vector<v1::MatchReason>* reasons) {
  for (search::Quote& quote : search::QuotePhrases(read, phrases, points)) {
    reasons->push_back(Reason(v1::MATCH_REASON_KIND_WORDS, std::move(quote.text), quote.points));
  }
}

std::string IndustryText(const Nearest& nearest) {
  if (nearest.permille == policy::kWholePermille) {
    return absl::StrCat("同属“", nearest.one, "”产业");
  }
  return absl::StrCat("“", nearest.one, "”与“", nearest.other, "”产业相关");
}

std::string WayText(const Matchable& a, const Matchable& b) {
  const int way = SharedWay(a, b);
  if (!IsPlatformPair(a, b)) {
    return absl::StrCat("双方都可以", policy::LabelOf(static_cast<v1::ConversionMode>(way)));
  }
  const bool of_demand = a.kind == v1::MATCH_KIND_DEMAND || b.kind == v1::MATCH_KIND_DEMAND;
  return absl::StrCat(policy::LabelOf(static_cast<registry::v1::PlatformKind>(way)), "可服务",
                      of_demand ? "这类需求" : "这一阶段的成果");
}

// What the words of a pair come to.
struct SharedWords {
  uint64_t milli_bits = 0;
  search::PlacedText read;
  std::vector<search::Phrase> phrases;
};

SharedWords WordsOf(RarityIn rarity, const Matchable& read, const Matchable& other) {
  SharedWords words;
  words.read = search::PlaceTerms(read.text);
  const std::vector<std::string> terms = search::TellingTerms(other.text);
  words.phrases = search::SharedPhrases(
      words.read,
      [&terms](const std::string& term) {
        return std::binary_search(terms.begin(), terms.end(), term);
      },
      rarity);
  for (const search::Phrase& phrase : words.phrases) words.milli_bits += phrase.milli_bits;
  return words;
}

MatchPoints PointsOf(const MatchWeights& weights, const SharedWords& words, const Matchable& read,
                     const Matchable& other, absl::CivilDay today) {
  MatchPoints points;
  points.words = weights.Words(words.milli_bits);
  points.industry = weights.Industry(NearestIndustries(weights, read, other).permille);
  points.field = weights.Field(!SharedField(read, other).empty());
  points.way = weights.Way(SharedWay(read, other) != 0);
  if (IsPlatformPair(read, other)) {
    points.freshness = weights.Freshness(ConfirmedOf(read, other), today);
    points.place = weights.Place(read.where, other.where);
  }
  return points;
}

}  // namespace

MatchWeights::MatchWeights(const policy::Pack& pack)
    : plan_(&pack.proto().triage().matching()), points_(pack) {}

absl::StatusOr<std::unique_ptr<const MatchWeights>> MatchWeights::Make(const policy::Pack& pack) {
  if (!pack.proto().triage().has_matching() || !pack.proto().has_recommendation()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("政策包“", pack.id(), "”没有匹配参数，不能匹配成果和需求"));
  }
  std::unique_ptr<MatchWeights> weights(new MatchWeights(pack));
  CHANYAN_RETURN_IF_ERROR(weights->ReadFits());
  return weights;
}

absl::Status MatchWeights::ReadFits() {
  for (const MatchFit& fit : plan_->fits()) {
    uint32_t bits = 0;
    for (const std::string& name : fit.platform_kinds()) {
      registry::v1::PlatformKind kind;
      if (!registry::v1::PlatformKind_Parse(absl::StrCat("PLATFORM_KIND_", name), &kind)) {
        return NoSuch("平台类型", name);
      }
      bits |= 1U << kind;
    }
    v1::Stage stage;
    v1::DemandKind demand;
    if (!fit.stage().empty()) {
      if (!v1::Stage_Parse(absl::StrCat("STAGE_", fit.stage()), &stage)) {
        return NoSuch("成果阶段", fit.stage());
      }
      stage_kinds_[stage] |= bits;
    } else {
      if (!v1::DemandKind_Parse(absl::StrCat("DEMAND_KIND_", fit.demand_kind()), &demand)) {
        return NoSuch("需求类别", fit.demand_kind());
      }
      demand_kinds_[demand] |= bits;
    }
  }
  return absl::OkStatus();
}

int MatchWeights::Words(uint64_t milli_bits) const {
  const uint64_t full = uint64_t{plan_->full_rarity_bits()} * 1000;
  return static_cast<int>(plan_->words_weight() * std::min(milli_bits, full) / full);
}

int MatchWeights::Industry(uint32_t permille) const {
  return static_cast<int>(uint64_t{plan_->industry_weight()} * permille / policy::kWholePermille);
}

int MatchWeights::Freshness(absl::CivilDay confirmed, absl::CivilDay today) const {
  // The age counts as in the recommendation plan, the weight is this plan's.
  const uint32_t whole = points_.plan().freshness_weight();
  if (whole == 0) return 0;
  const auto part = static_cast<uint64_t>(points_.FreshnessPoints(confirmed, today));
  return static_cast<int>(plan_->freshness_weight() * part / whole);
}

int MatchWeights::Place(const policy::Whereabouts& a, const policy::Whereabouts& b) const {
  // What is near counts as in the recommendation plan, the weight is this plan's.
  const uint32_t whole = points_.plan().place_weight();
  if (whole == 0) return 0;
  const auto part = static_cast<uint64_t>(points_.PlacePoints(a, b));
  return static_cast<int>(plan_->place_weight() * part / whole);
}

template <class Row>
Matchable MatchWeights::OfPublicPart(const Row& row) const {
  Matchable one;
  one.kind = v1::MATCH_KIND_RESULT;
  one.name = row.name();
  one.title = row.title();
  one.organization_title = row.university_title();
  one.text = row.title();
  for (const std::string& keyword : row.keywords()) {
    absl::StrAppend(&one.text, search::kBetweenTexts, keyword);
  }
  absl::StrAppend(&one.text, search::kBetweenTexts, row.abstract(), search::kBetweenTexts,
                  row.benefits());
  one.industries.assign(row.industries().begin(), row.industries().end());
  one.fields.assign(row.fields().begin(), row.fields().end());
  one.modes = BitsOf(row.conversion_modes());
  one.platform_kinds = BitsIn(stage_kinds_, row.stage());
  return one;
}

Matchable MatchWeights::Of(const v1::Result& result) const { return OfPublicPart(result); }

Matchable MatchWeights::Of(const v1::Listing& listing) const {
  Matchable one = OfPublicPart(listing);
  one.name = listing.result();
  return one;
}

Matchable MatchWeights::Of(const v1::Demand& demand) const {
  Matchable one;
  one.kind = v1::MATCH_KIND_DEMAND;
  one.name = demand.name();
  one.title = demand.title();
  one.organization = demand.enterprise();
  one.organization_title = demand.enterprise_title();
  one.text = demand.title();
  for (const std::string& keyword : demand.keywords()) {
    absl::StrAppend(&one.text, search::kBetweenTexts, keyword);
  }
  absl::StrAppend(&one.text, search::kBetweenTexts, demand.description(), search::kBetweenTexts,
                  demand.indicators());
  one.industries.assign(demand.industries().begin(), demand.industries().end());
  one.fields.assign(demand.fields().begin(), demand.fields().end());
  one.modes = BitsOf(demand.cooperation_modes());
  one.platform_kinds = BitsIn(demand_kinds_, demand.kind());
  return one;
}

Matchable MatchWeights::Of(const registry::v1::Platform& platform) const {
  Matchable one;
  one.kind = v1::MATCH_KIND_PLATFORM;
  one.name = platform.name();
  one.title = platform.display_name();
  one.organization = platform.organization();
  one.organization_title = platform.organization_title();
  one.text = absl::StrCat(platform.display_name(), search::kBetweenTexts, platform.introduction());
  for (const std::string& capability : platform.capabilities()) {
    absl::StrAppend(&one.text, search::kBetweenTexts, capability);
  }
  for (const registry::v1::Service& service : platform.services()) {
    absl::StrAppend(&one.text, search::kBetweenTexts, service.title());
  }
  one.industries.assign(platform.industries().begin(), platform.industries().end());
  if (platform.kind() > 0) one.platform_kinds = 1U << platform.kind();
  one.confirmed = time::DayOf(
      time::ToTime(platform.has_confirm_time() ? platform.confirm_time() : platform.update_time()));
  return one;
}

bool IsPlatformPair(const Matchable& a, const Matchable& b) {
  return a.kind == v1::MATCH_KIND_PLATFORM || b.kind == v1::MATCH_KIND_PLATFORM;
}

int SharedWay(const Matchable& a, const Matchable& b) {
  const uint32_t shared =
      IsPlatformPair(a, b) ? a.platform_kinds & b.platform_kinds : a.modes & b.modes;
  return shared == 0 ? 0 : __builtin_ctz(shared);
}

MatchPoints WeighMatch(const MatchWeights& weights, RarityIn rarity, const Matchable& a,
                       const Matchable& b, absl::CivilDay today) {
  const auto& [read, other] = IsRead(a, b) ? std::tie(a, b) : std::tie(b, a);
  return PointsOf(weights, WordsOf(rarity, read, other), read, other, today);
}

std::vector<v1::MatchReason> MatchReasons(const MatchWeights& weights, RarityIn rarity,
                                          const Matchable& a, const Matchable& b,
                                          absl::CivilDay today) {
  const auto& [read, other] = IsRead(a, b) ? std::tie(a, b) : std::tie(b, a);
  const SharedWords words = WordsOf(rarity, read, other);
  const MatchPoints points = PointsOf(weights, words, read, other, today);
  std::vector<v1::MatchReason> reasons;
  AddWords(words.read, words.phrases, points.words, &reasons);
  const auto add = [&reasons](v1::MatchReasonKind kind, int part, std::string text) {
    if (part > 0) reasons.push_back(Reason(kind, std::move(text), part));
  };
  add(v1::MATCH_REASON_KIND_INDUSTRY, points.industry,
      IndustryText(NearestIndustries(weights, read, other)));
  add(v1::MATCH_REASON_KIND_FIELD, points.field,
      absl::StrCat("同属“", SharedField(read, other), "”技术领域"));
  if (points.way > 0) add(v1::MATCH_REASON_KIND_WAY, points.way, WayText(read, other));
  add(v1::MATCH_REASON_KIND_FRESHNESS, points.freshness,
      absl::StrCat("平台信息于", time::FormatDateZh(ConfirmedOf(read, other)), "确认"));
  add(v1::MATCH_REASON_KIND_PLACE, points.place,
      weights.points().PlaceText(read.where, other.where));
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& x, const auto& y) { return x.points() > y.points(); });
  return reasons;
}

}  // namespace chanyan::triage
