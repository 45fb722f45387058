#include "services/triage/pack_rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/triage/text_rules.h"

namespace chanyan::triage {
namespace {

using policy::v1::Place;

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

// Whether `place` is `in` or lies in it.
bool LiesIn(const policy::Pack& pack, const Place* place, const Place* in) {
  while (place != nullptr && place != in) place = pack.FindPlace(place->parent_id());
  return place != nullptr;
}

}  // namespace

using policy::v1::TriageUnit;

TriagePack::TriagePack(const policy::Pack& pack) : pack_(pack) {
  for (const TriageUnit& unit : proto().units()) {
    units_.emplace(unit.id(), &unit);
    organizations_.emplace(unit.organization(), &unit);
  }
  for (const auto& field : proto().fields()) {
    fields_.emplace(field.display_name(), &field);
    AddName(field.display_name(), &field_names_);
  }
  for (const auto& taxonomy : pack.proto().taxonomies()) {
    for (const auto& industry : taxonomy.industries()) {
      if (pack.FindIndustriesByName(industry.display_name()).empty()) continue;
      AddName(industry.display_name(), &industry_names_);
    }
  }
  for (const auto& place : pack.proto().places()) AddPlace(place);
  for (const auto& scale : proto().maturity_scales()) {
    scales_.emplace(scale.id(), &scale);
    scales_.emplace(scale.display_name(), &scale);
  }
  for (const auto& course : proto().broker_training().courses()) {
    courses_.emplace(course.id(), &course);
  }
  for (const auto& pause : proto().clock().pause_reasons()) pauses_.emplace(pause.id(), &pause);
  for (const auto& kind : proto().list_kinds()) list_kinds_.emplace(kind.id(), &kind);
  for (const auto& kind : proto().report_kinds()) report_kinds_.emplace(kind.id(), &kind);
}

void TriagePack::AddName(absl::string_view name, Names* names) {
  const auto [known, fresh] = names->try_emplace(TextKey(name), name);
  if (!fresh && known->second != name) known->second.clear();
}

std::string TriagePack::CalledSo(const Names& names, absl::string_view name) {
  const auto found = names.find(TextKey(name));
  return std::string(found == names.end() || found->second.empty() ? name : found->second);
}

std::string TriagePack::IndustryName(absl::string_view name) const {
  return pack_.FindIndustriesByName(name).empty() ? CalledSo(industry_names_, name)
                                                  : std::string(name);
}

std::string TriagePack::FieldName(absl::string_view name) const {
  return FindFieldByName(name) == nullptr ? CalledSo(field_names_, name) : std::string(name);
}

void TriagePack::AddPlace(const Place& place) {
  // Of two of which one lies in the other, the wider one is meant.
  const auto add = [&](absl::string_view name, Index<Place>* index) {
    const auto [known, fresh] = index->try_emplace(TextKey(name), &place);
    if (fresh || known->second == nullptr || LiesIn(pack_, &place, known->second)) return;
    known->second = LiesIn(pack_, known->second, &place) ? &place : nullptr;
  };
  std::vector<std::string> names(place.aliases().begin(), place.aliases().end());
  names.push_back(place.display_name());
  for (const std::string& name : names) add(name, &places_);
  // Before the name, each that it lies in, and all of them.
  std::vector<std::string> before = {""};
  std::string all;
  for (const Place* in = pack_.FindPlace(place.parent_id()); in != nullptr;
       in = pack_.FindPlace(in->parent_id())) {
    all = absl::StrCat(in->display_name(), all);
    before.push_back(all);
    before.push_back(in->display_name());
    before.push_back(std::string(WithoutSuffix(in->display_name())));
  }
  for (const std::string& name : names) {
    for (const std::string& prefix : before) {
      add(absl::StrCat(prefix, name), &place_variants_);
      add(absl::StrCat(prefix, WithoutSuffix(name)), &place_variants_);
    }
  }
}

const Place* TriagePack::PlaceCalled(absl::string_view name) const {
  if (const Place* place = pack_.FindPlaceByName(name); place != nullptr) return place;
  const std::string key = TextKey(name);
  const auto full = places_.find(key);
  return full == places_.end() ? Find(place_variants_, key) : full->second;
}

std::string TriagePack::PlaceName(absl::string_view name) const {
  const Place* place = PlaceCalled(name);
  if (place == nullptr || pack_.FindPlaceByName(name) == place) return std::string(name);
  return place->display_name();
}

const std::string& TriagePack::OrganizationOf(absl::string_view unit_id) const {
  static const auto& nobody = *new std::string;
  const TriageUnit* unit = FindUnit(unit_id);
  return unit == nullptr ? nobody : unit->organization();
}

std::vector<const TriageUnit*> TriagePack::UnitsOf(policy::v1::TriageUnitKind kind) const {
  std::vector<const TriageUnit*> found;
  for (const TriageUnit& unit : proto().units()) {
    if (unit.kind() == kind) found.push_back(&unit);
  }
  return found;
}

const policy::v1::DispatchRoute* TriagePack::RouteOf(policy::v1::TriageClass triage_class) const {
  for (const policy::v1::DispatchRoute& route : proto().routes()) {
    if (route.triage_class() == triage_class) return &route;
  }
  return nullptr;
}

const std::string& TriagePack::DeciderAt(int rung, const std::string& department) const {
  const std::string& unit = proto().escalation().rungs(rung).unit();
  return unit.empty() ? department : OrganizationOf(unit);
}

int TriagePack::RungFrom(int from, absl::string_view not_by, const std::string& department) const {
  for (int i = from; i < proto().escalation().rungs_size(); ++i) {
    const std::string& decider = DeciderAt(i, department);
    if (!decider.empty() && decider != not_by) return i;
  }
  return -1;
}

std::string TriagePack::OverseerOf(int from, absl::string_view not_by,
                                   const std::string& department) const {
  const int rung = RungFrom(from, not_by, department);
  return rung < 0 ? "" : DeciderAt(rung, department);
}

std::string TriagePack::DistrictOf(absl::string_view place_name) const {
  const Place* place = PlaceCalled(place_name);
  while (place != nullptr && place->kind() != policy::v1::PLACE_KIND_DISTRICT) {
    place = pack_.FindPlace(place->parent_id());
  }
  return place == nullptr ? "" : place->id();
}

}  // namespace chanyan::triage
