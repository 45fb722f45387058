#include "services/triage/pack_rules.h"

#include "common/api/normalize.h"

namespace chanyan::triage {

using policy::v1::TriageUnit;

TriagePack::TriagePack(const policy::Pack& pack) : pack_(pack) {
  for (const TriageUnit& unit : proto().units()) {
    units_.emplace(unit.id(), &unit);
    organizations_.emplace(unit.organization(), &unit);
    if (unit.kind() == policy::v1::TRIAGE_UNIT_KIND_DISTRICT)
      districts_.emplace(unit.place(), &unit);
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
  const auto [known, fresh] = names->try_emplace(api::TextKey(name), name);
  if (!fresh && known->second != name) known->second.clear();
}

std::string TriagePack::CalledSo(const Names& names, absl::string_view name) {
  const auto found = names.find(api::TextKey(name));
  return std::string(found == names.end() || found->second.empty() ? name : found->second);
}

std::string TriagePack::IndustryName(absl::string_view name) const {
  return pack_.FindIndustriesByName(name).empty() ? CalledSo(industry_names_, name)
                                                  : std::string(name);
}

std::string TriagePack::FieldName(absl::string_view name) const {
  return FindFieldByName(name) == nullptr ? CalledSo(field_names_, name) : std::string(name);
}

std::string TriagePack::PlaceName(absl::string_view name) const {
  const policy::v1::Place* place = pack_.places().Called(name);
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

bool TriagePack::IsInCity(absl::string_view place_name) const {
  const policy::v1::Place* place = pack_.places().Called(place_name);
  return place != nullptr && place->kind() != policy::v1::PLACE_KIND_CITY;
}

std::string TriagePack::DistrictOf(absl::string_view place_name) const {
  const policy::PlaceIndex& places = pack_.places();
  const policy::v1::Place* place = places.Outwards(
      places.Called(place_name),
      [&](const policy::v1::Place& one) { return Find(districts_, one.id()) != nullptr; });
  return place == nullptr ? "" : place->id();
}

}  // namespace chanyan::triage
