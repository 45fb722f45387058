#include "common/policy/place_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/normalize.h"
#include "common/api/text.h"

namespace chanyan::policy {
namespace {

using v1::Place;

// How many of the nearest are named.
constexpr size_t kNamedPlaces = 3;
constexpr absl::string_view kTownEndings[] = {"街道", "镇", "乡"};

using PlaceCharacters = std::vector<absl::string_view>;

PlaceCharacters CharactersOfName(absl::string_view text) {
  PlaceCharacters out;
  while (!text.empty()) {
    bool cut = false;
    const size_t bytes = std::max<size_t>(api::CharacterBytes(text, &cut), 1);
    out.push_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return out;
}

bool IsTown(const Place& place) {
  return place.kind() == v1::PLACE_KIND_STREET || place.kind() == v1::PLACE_KIND_TOWN;
}

// A new area of the state is another name of a district.
bool MayBeZone(const Place& place) {
  return IsTown(place) || place.kind() == v1::PLACE_KIND_ZONE ||
         place.kind() == v1::PLACE_KIND_DISTRICT;
}

std::vector<std::string> NamesOf(const Place& place) {
  std::vector<std::string> names = {place.display_name()};
  names.insert(names.end(), place.aliases().begin(), place.aliases().end());
  return names;
}

// The city of the pack in which the code lies, or null.
const Place* CityOf(const Pack& pack, absl::string_view region_code) {
  for (const Place& place : pack.proto().places()) {
    if (place.kind() == v1::PLACE_KIND_CITY && absl::StartsWith(region_code, place.id())) {
      return &place;
    }
  }
  return nullptr;
}

// Whether the pack lists places like the one that is called so, and so lists all of them.
bool ListsSuch(const Pack& pack, absl::string_view region_code, absl::string_view key) {
  const bool town = std::any_of(std::begin(kTownEndings), std::end(kTownEndings),
                                [&](absl::string_view end) { return absl::EndsWith(key, end); });
  const Place* district = pack.FindPlace(region_code);
  const auto& places = pack.proto().places();
  return std::any_of(places.begin(), places.end(), [&](const Place& place) {
    if (!town) return place.kind() == v1::PLACE_KIND_ZONE;
    return IsTown(place) && (district == nullptr || place.parent_id() == district->id());
  });
}

// Characters to put in, take out or change.
size_t Distance(const PlaceCharacters& a, const PlaceCharacters& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t before = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = before + (a[i - 1] != b[j - 1]);
      before = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

// What is near to a key; the first is the nearest, and none is twice as far as that.
class Nearest {
 public:
  explicit Nearest(absl::string_view key) : key_(key), characters_(CharactersOfName(key_)) {}

  void Look(const std::string& key, const std::string& shown) {
    const PlaceCharacters other = CharactersOfName(key);
    const size_t distance = Distance(characters_, other);
    // Nothing in common.
    if (distance >= std::max(characters_.size(), other.size())) return;
    found_.emplace_back(distance, shown);
  }

  // "最接近的是“甲”、“乙”", or `otherwise`.
  std::string Sentence(absl::string_view otherwise) && {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> names;
    for (const auto& [distance, shown] : found_) {
      if (names.size() == kNamedPlaces || distance > 2 * found_[0].first) break;
      if (std::find(names.begin(), names.end(), shown) == names.end()) names.push_back(shown);
    }
    return names.empty() ? std::string(otherwise)
                         : absl::StrCat("最接近的是", absl::StrJoin(names, "、"));
  }

 private:
  const std::string key_;
  const PlaceCharacters characters_;
  std::vector<std::pair<size_t, std::string>> found_;
};

}  // namespace

std::string TakeZone(const Pack& pack, absl::string_view region_code, std::string* zone) {
  if (zone->empty()) return "";
  if (!region_code.empty() && CityOf(pack, region_code) == nullptr) return "";
  const std::string key = api::TextKey(*zone);
  const Place* called = pack.places().Named(*zone);
  if (called != nullptr && MayBeZone(*called)) {
    *zone = called->display_name();
    return "";
  }
  if (!ListsSuch(pack, region_code, key)) return "";
  Nearest nearest(key);
  for (const Place& place : pack.proto().places()) {
    if (!MayBeZone(place) || place.kind() == v1::PLACE_KIND_DISTRICT) continue;
    for (const std::string& name : NamesOf(place)) {
      nearest.Look(api::TextKey(name), absl::StrCat("“", place.display_name(), "”"));
    }
  }
  return absl::StrCat("“", *zone, "”不是本市的功能区、街道或镇，",
                      std::move(nearest).Sentence("请按政策包中的名称填写"), "，请核对");
}

std::string WrongRegion(const Pack& pack, absl::string_view region_code) {
  const Place* city = CityOf(pack, region_code);
  if (city == nullptr) return "";
  const absl::string_view rest = region_code.substr(city->id().size());
  if (rest == "00" || rest == "01") return "";
  Nearest nearest(region_code);
  bool any = false;
  for (const Place& place : pack.proto().places()) {
    if (place.kind() != v1::PLACE_KIND_DISTRICT || place.parent_id() != city->id()) continue;
    if (place.id() == region_code) return "";
    any = true;
    nearest.Look(place.id(), absl::StrCat(place.id(), "（", place.display_name(), "）"));
  }
  if (!any) return "";
  return absl::StrCat("行政区划代码 ", region_code, " 不是", city->display_name(),
                      "的区（市、县），",
                      std::move(nearest).Sentence("请填写所在区（市、县）的代码"), "，请核对");
}

}  // namespace chanyan::policy
