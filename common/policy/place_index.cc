#include "common/policy/place_index.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/normalize.h"

namespace chanyan::policy {
namespace {

using v1::Place;

// What people leave out of the name of a place, the longest first.
constexpr absl::string_view kPlaceSuffixes[] = {"街道", "区", "市", "县", "镇", "乡"};
// Bytes that are left at least, two characters: 某市 is not called 某.
constexpr size_t kShortestPlace = 6;

absl::string_view WithoutSuffix(absl::string_view name) {
  for (const absl::string_view suffix : kPlaceSuffixes) {
    if (name.size() >= kShortestPlace + suffix.size() && absl::EndsWith(name, suffix)) {
      return absl::StripSuffix(name, suffix);
    }
  }
  return name;
}

}  // namespace

PlaceIndex::PlaceIndex(const google::protobuf::RepeatedPtrField<Place>& places) {
  for (const Place& place : places) {
    ids_.emplace(place.id(), &place);
    names_.emplace(place.display_name(), &place);
    for (const std::string& alias : place.aliases()) names_.emplace(alias, &place);
  }
  for (const Place& place : places) AddPlace(place);
}

bool PlaceIndex::LiesIn(const Place* place, const Place* in) const {
  while (place != nullptr && place != in) place = Find(place->parent_id());
  return place != nullptr;
}

void PlaceIndex::AddKey(absl::string_view name, const Place& place, Index* index) const {
  std::string key = api::TextKey(name);
  if (key.empty()) return;
  const auto [known, fresh] = index->try_emplace(std::move(key), &place);
  if (fresh || known->second == nullptr || LiesIn(&place, known->second)) return;
  known->second = LiesIn(known->second, &place) ? &place : nullptr;
}

void PlaceIndex::AddPlace(const Place& place) {
  std::vector<std::string> names(place.aliases().begin(), place.aliases().end());
  names.push_back(place.display_name());
  for (const std::string& name : names) AddKey(name, place, &full_);
  // Before the name, each that it lies in, and all of them.
  std::vector<std::string> before = {""};
  std::string all;
  for (const Place* in = Find(place.parent_id()); in != nullptr; in = Find(in->parent_id())) {
    all = absl::StrCat(in->display_name(), all);
    before.push_back(all);
    before.push_back(in->display_name());
    before.push_back(std::string(WithoutSuffix(in->display_name())));
  }
  for (const std::string& name : names) {
    for (const std::string& prefix : before) {
      AddKey(absl::StrCat(prefix, name), place, &variants_);
      AddKey(absl::StrCat(prefix, WithoutSuffix(name)), place, &variants_);
    }
  }
}

const Place* PlaceIndex::Named(absl::string_view name) const {
  if (const Place* place = FindByName(name); place != nullptr) return place;
  return At(full_, api::TextKey(name));
}

const Place* PlaceIndex::Called(absl::string_view name) const {
  if (const Place* place = FindByName(name); place != nullptr) return place;
  const std::string key = api::TextKey(name);
  const auto full = full_.find(key);
  return full == full_.end() ? At(variants_, key) : full->second;
}

const Place* PlaceIndex::Outwards(const Place* place,
                                  absl::FunctionRef<bool(const Place&)> wanted) const {
  while (place != nullptr && !wanted(*place)) place = Find(place->parent_id());
  return place;
}

const Place* PlaceIndex::DistrictOf(const Place* place) const {
  return Outwards(place, [](const Place& one) { return one.kind() == v1::PLACE_KIND_DISTRICT; });
}

}  // namespace chanyan::policy
