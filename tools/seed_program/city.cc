#include "tools/seed_program/city.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/status/status.h"
#include "tools/demo/draw.h"
#include "tools/demo/uscc.h"

namespace chanyan::seed {
namespace {

using cycle::v1::ROW_CATEGORY_INTENT;
using cycle::v1::ROW_CATEGORY_NEW;
using cycle::v1::ROW_CATEGORY_ONGOING;
using cycle::v1::ROW_CATEGORY_UNSPECIFIED;

// Of a hundred companies.
constexpr int kPairedPercent = 73;
constexpr int kIntentPercent = 11;
constexpr int kSilentPercent = 8;
// Of a hundred rows, those whose platform works for the company's industry.
constexpr int kSameIndustryPercent = 70;
// Coprime to the number of first and second characters together, so that neighbours differ.
constexpr int kNameStride = 367;

constexpr char kInventedMark[] = "（演示）";

// The registry names organizations without a code by a digest of their names.
std::string IdOf(absl::string_view name) { return api::DigestId("o", name); }

template <class List, class Weight>
int Weighted(const List& list, Weight weight, uint64_t bits) {
  int64_t sum = 0;
  for (const auto& item : list) sum += weight(item);
  int64_t at = static_cast<int64_t>(bits % static_cast<uint64_t>(sum));
  for (size_t i = 0; i < list.size(); ++i) {
    at -= weight(list[i]);
    if (at < 0) return static_cast<int>(i);
  }
  return 0;
}

void AddUniversities(const Catalog& catalog, int count, City* city) {
  const demo::Draw draw(city->seed, "university");
  for (int i = 0; i < count; ++i) {
    University one;
    if (i < static_cast<int>(catalog.institutions.size())) {
      const Institution& text = catalog.institutions[i];
      one = {text.name, "", text.login, text.kind, text.fields, false};
    } else {
      one.name = absl::StrCat("青岛第", i + 1, "高校", kInventedMark);
      one.login = absl::StrCat("university-", i + 1);
      one.kind = registry::v1::ORGANIZATION_KIND_UNIVERSITY;
      one.invented = true;
      for (int k = 0; k < 4; ++k) {
        const int field = static_cast<int>(draw.Below(catalog.fields.size(), i, k));
        if (!std::count(one.fields.begin(), one.fields.end(), field)) one.fields.push_back(field);
      }
    }
    one.id = IdOf(one.name);
    city->universities.push_back(std::move(one));
  }
}

void AddPlatforms(const Catalog& catalog, int count, City* city) {
  const int universities = static_cast<int>(city->universities.size());
  const int directions = static_cast<int>(catalog.directions.size());
  for (int i = 0; i < count; ++i) {
    Platform one;
    one.university = i % universities;
    const std::vector<int>& fields = city->universities[one.university].fields;
    const int number = i / universities;
    one.field = fields[number % fields.size()];
    const Field& field = catalog.fields[one.field];
    const int round = number / static_cast<int>(fields.size());
    one.direction = catalog.directions[round % directions];
    const std::string laboratory =
        round < directions ? "" : absl::StrCat("第", round / directions + 1, "研究室");
    // Invented universities share few fields: theirs say whose they are, or all would be namesakes.
    const std::string owner = city->universities[one.university].invented
                                  ? absl::StrCat("第", one.university + 1, "高校")
                                  : "";
    one.name = absl::StrCat(owner, field.title, one.direction, laboratory, field.kind_label,
                            kInventedMark);
    if (one.direction.empty()) one.direction = field.title;
    city->platforms.push_back(std::move(one));
  }
  std::stable_sort(
      city->platforms.begin(), city->platforms.end(),
      [](const Platform& a, const Platform& b) { return a.university < b.university; });
}

// Two companies differ in the two characters, in the trade's word or in the form.
std::string CompanyName(const Catalog& catalog, const demo::Draw& draw, const Trade& trade, int i) {
  const auto& first = catalog.name_parts.at("first");
  const auto& second = catalog.name_parts.at("second");
  const auto& form = catalog.name_parts.at("form");
  const size_t cores = first.size() * second.size();
  const size_t core = (static_cast<size_t>(i) % cores * kNameStride + 101) % cores;
  const size_t level = static_cast<size_t>(i) / cores;
  const size_t words = trade.words.size();
  const size_t word = (level + draw.Below(words, core)) % words;
  const size_t end = (level / words + draw.Below(2, core, 1)) % form.size();
  return absl::StrCat("青岛", first[core / second.size()], second[core % second.size()],
                      trade.words[word], form[end], kInventedMark);
}

void AddCompanies(const Catalog& catalog, int count, City* city) {
  const demo::Draw draw(city->seed, "company");
  const demo::Draw names(city->seed, "name");
  std::vector<int> zoned;
  for (size_t i = 0; i < city->units.size(); ++i) {
    if (!city->units[i].text->zone.empty()) zoned.push_back(static_cast<int>(i));
  }
  int accounts = 0;
  for (int i = 0; i < count; ++i) {
    Company one;
    const Trade& trade = catalog.trades[Weighted(
        catalog.trades, [](const Trade& t) { return t.weight; }, draw.Bits(i, 0))];
    one.industry = trade.industry;
    one.name = CompanyName(catalog, names, trade, i);
    one.unit = Weighted(
        city->units, [](const Unit& u) { return u.text->weight; }, draw.Bits(i, 1));
    const UnitText* place = city->units[one.unit].text;
    if (place->zone.empty()) place = city->units[zoned[draw.Below(zoned.size(), i, 2)]].text;
    one.zone = place->zone;
    one.region = place->region;
    one.uscc = demo::InventedUscc(one.region, static_cast<uint64_t>(i) + 1);
    one.id = absl::AsciiStrToLower(one.uscc);
    const int lot = static_cast<int>(draw.Below(100, i, 3));
    one.standing = lot < kPairedPercent                    ? Standing::kPaired
                   : lot < kPairedPercent + kIntentPercent ? Standing::kIntent
                                                           : Standing::kNone;
    one.returns = one.standing != Standing::kNone && !draw.Chance(kSilentPercent, i, 4);
    one.own_account = one.returns && accounts < kCompaniesWithAccount;
    if (one.own_account) ++accounts;
    city->companies.push_back(std::move(one));
  }
}

struct Story {
  int percent;
  cycle::v1::RowCategory reported;
  cycle::v1::RowCategory returned;
};
constexpr Story kFirstOfPaired[] = {{45, ROW_CATEGORY_ONGOING, ROW_CATEGORY_ONGOING},
                                    {25, ROW_CATEGORY_NEW, ROW_CATEGORY_NEW},
                                    {15, ROW_CATEGORY_INTENT, ROW_CATEGORY_NEW},
                                    {15, ROW_CATEGORY_UNSPECIFIED, ROW_CATEGORY_NEW}};
constexpr Story kFirstOfIntent[] = {{70, ROW_CATEGORY_INTENT, ROW_CATEGORY_INTENT},
                                    {30, ROW_CATEGORY_UNSPECIFIED, ROW_CATEGORY_INTENT}};
constexpr Story kFurther[] = {{40, ROW_CATEGORY_ONGOING, ROW_CATEGORY_ONGOING},
                              {25, ROW_CATEGORY_NEW, ROW_CATEGORY_NEW},
                              {20, ROW_CATEGORY_INTENT, ROW_CATEGORY_INTENT},
                              {15, ROW_CATEGORY_UNSPECIFIED, ROW_CATEGORY_NEW}};

const Story& Pick(absl::Span<const Story> stories, int lot) {
  for (const Story& story : stories) {
    lot -= story.percent;
    if (lot < 0) return story;
  }
  return stories.back();
}

// Finds a platform that the company does not have a row with yet.
class Matchmaker {
 public:
  Matchmaker(const Catalog& catalog, const City& city) : city_(city), draw_(city.seed, "match") {
    for (size_t i = 0; i < city.platforms.size(); ++i) {
      by_industry_[catalog.fields[city.platforms[i].field].industry].push_back(static_cast<int>(i));
    }
  }

  int PlatformFor(int company, int number) {
    const auto near = by_industry_.find(city_.companies[company].industry);
    int platform = static_cast<int>(draw_.Below(city_.platforms.size(), company, number));
    if (near != by_industry_.end() && draw_.Chance(kSameIndustryPercent, number, company)) {
      platform = near->second[draw_.Below(near->second.size(), company, number)];
    }
    while (!taken_.insert({platform, company}).second) {
      platform = (platform + 1) % static_cast<int>(city_.platforms.size());
    }
    return platform;
  }

 private:
  const City& city_;
  const demo::Draw draw_;
  absl::flat_hash_map<std::string, std::vector<int>> by_industry_;
  absl::flat_hash_set<std::pair<int, int>> taken_;
};

void AddRows(const Catalog& catalog, int count, City* city) {
  const demo::Draw draw(city->seed, "row");
  std::vector<int> active;
  std::vector<int> paired;
  for (size_t i = 0; i < city->companies.size(); ++i) {
    if (city->companies[i].standing == Standing::kNone) continue;
    active.push_back(static_cast<int>(i));
    if (city->companies[i].standing == Standing::kPaired) paired.push_back(static_cast<int>(i));
  }
  for (size_t i = 0; i < city->platforms.size(); ++i) {
    city->rows.push_back({static_cast<int>(i), -1, ROW_CATEGORY_INTENT, ROW_CATEGORY_INTENT});
  }
  Matchmaker matchmaker(catalog, *city);
  const int left = count - static_cast<int>(city->rows.size());
  const int firsts = static_cast<int>(active.size());
  for (int i = 0; i < left && (i < firsts || !paired.empty()); ++i) {
    const bool first = i < firsts;
    const int company = first ? active[i] : paired[draw.Below(paired.size(), i, 0)];
    const bool intent = city->companies[company].standing == Standing::kIntent;
    const absl::Span<const Story> stories = !first   ? absl::MakeConstSpan(kFurther)
                                            : intent ? absl::MakeConstSpan(kFirstOfIntent)
                                                     : absl::MakeConstSpan(kFirstOfPaired);
    const Story& story = Pick(stories, static_cast<int>(draw.Below(100, i, 1)));
    city->rows.push_back(
        {matchmaker.PlatformFor(company, i), company, story.reported, story.returned});
  }
  std::stable_sort(
      city->rows.begin(), city->rows.end(),
      [](const PlannedRow& a, const PlannedRow& b) { return a.platform < b.platform; });
}

absl::Status CheckSizes(const Catalog& catalog, const Sizes& sizes) {
  if (sizes.universities < 3 || sizes.platforms < sizes.universities || sizes.units < 1 ||
      sizes.companies < 1 || sizes.rows < sizes.platforms) {
    return status::InvalidField(
        "--size", "至少要有 3 所高校，每所至少 1 个平台，1 个责任单位，1 家企业，每个平台 1 行");
  }
  if (sizes.units > static_cast<int>(catalog.units.size())) {
    return status::InvalidField(
        "--units", absl::StrCat("units.tsv 只有 ", catalog.units.size(), " 个责任单位，请先增补"));
  }
  size_t words = catalog.trades[0].words.size();
  for (const Trade& trade : catalog.trades) words = std::min(words, trade.words.size());
  const size_t names = catalog.name_parts.at("first").size() *
                       catalog.name_parts.at("second").size() *
                       catalog.name_parts.at("form").size() * words;
  if (static_cast<size_t>(sizes.companies) > names) {
    return status::InvalidField(
        "--companies", absl::StrCat("字号只够 ", names, " 家企业，请先增补 name_parts.tsv"));
  }
  const int64_t pairs = int64_t{sizes.companies} * sizes.platforms;
  if (sizes.rows - sizes.platforms > pairs / 4) {
    return status::InvalidField("--rows", "行数超过平台和企业的组合所能容纳，请减少行数");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<City> MakeCity(const Catalog& catalog, const Sizes& sizes, uint64_t seed,
                              absl::CivilDay quarter_begin) {
  CHANYAN_RETURN_IF_ERROR(CheckSizes(catalog, sizes));
  City city{seed, quarter_begin};
  city.secretariat_id = IdOf(catalog.secretariat.name);
  AddUniversities(catalog, sizes.universities, &city);
  for (int i = 0; i < sizes.units; ++i) {
    city.units.push_back({&catalog.units[i], IdOf(catalog.units[i].name)});
  }
  AddPlatforms(catalog, sizes.platforms, &city);
  AddCompanies(catalog, sizes.companies, &city);
  AddRows(catalog, sizes.rows, &city);
  return city;
}

}  // namespace chanyan::seed
