// The pack's part on triage, looked up by what people and rows call things. Immutable, thread-safe;
// pointers live as long as the pack.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/policy/pack.h"

namespace chanyan::triage {

class TriagePack {
 public:
  // The pack must have a part on triage; it outlives this.
  explicit TriagePack(const policy::Pack& pack);

  const policy::Pack& pack() const { return pack_; }
  const policy::v1::TriagePolicy& proto() const { return pack_.proto().triage(); }

  const policy::v1::TriageUnit* FindUnit(absl::string_view id) const { return Find(units_, id); }
  // By organizations/{organization}.
  const policy::v1::TriageUnit* FindOrganization(absl::string_view name) const {
    return Find(organizations_, name);
  }
  // organizations/{organization} of a unit of the pack.
  const std::string& OrganizationOf(absl::string_view unit_id) const;
  // The office of the leading group (成果处).
  const std::string& Office() const { return OrganizationOf(proto().office()); }
  std::vector<const policy::v1::TriageUnit*> UnitsOf(policy::v1::TriageUnitKind kind) const;

  const policy::v1::TechnologyField* FindFieldByName(absl::string_view name) const {
    return Find(fields_, name);
  }
  // What the pack calls an industry or a field that somebody calls so, or so but for traditional
  // characters, width and case (api::TextKey); as it is given if the pack has none or several.
  std::string IndustryName(absl::string_view name) const;
  std::string FieldName(absl::string_view name) const;
  // By id, or by what people call it.
  const policy::v1::MaturityScale* FindScale(absl::string_view id) const {
    return Find(scales_, id);
  }
  const policy::v1::TrainingCourse* FindCourse(absl::string_view id) const {
    return Find(courses_, id);
  }
  const policy::v1::PauseReason* FindPauseReason(absl::string_view id) const {
    return Find(pauses_, id);
  }
  const policy::v1::IndustryListKind* FindListKind(absl::string_view id) const {
    return Find(list_kinds_, id);
  }
  const policy::v1::ReportKind* FindReportKind(absl::string_view id) const {
    return Find(report_kinds_, id);
  }
  // Null if nobody gets the results of a class.
  const policy::v1::DispatchRoute* RouteOf(policy::v1::TriageClass triage_class) const;
  // Who decides at a rung of the ladder what belongs to `department`; empty if that is nobody.
  const std::string& DeciderAt(int rung, const std::string& department) const;
  // The lowest rung from `from` on that somebody else than `not_by` decides; -1 if there is none.
  int RungFrom(int from, absl::string_view not_by, const std::string& department) const;
  // Who decides there; empty if there is none.
  std::string OverseerOf(int from, absl::string_view not_by, const std::string& department) const;
  // What the pack calls a place that people call so (policy::PlaceIndex::Called); as it is given if
  // the pack has none, or several that do not lie in one another.
  std::string PlaceName(absl::string_view name) const;
  // Whether a place below the city, of the pack, is called so.
  bool IsInCity(absl::string_view place_name) const;
  // The place whose department of science and technology (a unit of the pack) takes what settles in
  // the place that is called so: its own, else the next one outwards; empty if none does.
  std::string DistrictOf(absl::string_view place_name) const;

 private:
  template <typename T>
  using Index = absl::flat_hash_map<std::string, const T*>;
  template <typename T>
  static const T* Find(const Index<T>& index, absl::string_view key) {
    const auto it = index.find(key);
    return it == index.end() ? nullptr : it->second;
  }

  // By TextKey; those of several names are empty.
  using Names = absl::flat_hash_map<std::string, std::string>;
  static void AddName(absl::string_view name, Names* names);
  static std::string CalledSo(const Names& names, absl::string_view name);

  const policy::Pack& pack_;
  Names industry_names_;
  Names field_names_;
  Index<policy::v1::TriageUnit> units_;
  Index<policy::v1::TriageUnit> organizations_;
  // By place, of departments of districts and zones.
  Index<policy::v1::TriageUnit> districts_;
  Index<policy::v1::TechnologyField> fields_;
  Index<policy::v1::MaturityScale> scales_;
  Index<policy::v1::TrainingCourse> courses_;
  Index<policy::v1::PauseReason> pauses_;
  Index<policy::v1::IndustryListKind> list_kinds_;
  Index<policy::v1::ReportKind> report_kinds_;
};

}  // namespace chanyan::triage
