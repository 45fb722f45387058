#include "services/consortium/pack_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace chanyan::consortium {

using policy::v1::ConsortiumDistrict;
using policy::v1::ConsortiumItem;

ConsortiumPack::ConsortiumPack(const policy::Pack& pack) : pack_(pack) {
  for (const ConsortiumItem& item : proto().agreement_clauses()) clauses_.emplace(item.id(), &item);
  for (const ConsortiumItem& item : proto().mechanisms()) mechanisms_.emplace(item.id(), &item);
  for (const ConsortiumItem& item : proto().support_measures()) support_.emplace(item.id(), &item);
  for (const ConsortiumItem& item : proto().credit_events()) credit_.emplace(item.id(), &item);
  for (const auto& clock : proto().clocks()) clocks_.emplace(clock.state(), &clock);
  for (const std::string& id : proto().taxonomies()) {
    const policy::v1::Taxonomy* taxonomy = pack_.FindTaxonomy(id);
    if (taxonomy == nullptr) continue;
    for (const policy::v1::Industry& industry : taxonomy->industries()) {
      if (industry.is_group() || !industry_names_.insert(industry.display_name()).second) continue;
      industries_.push_back(industry.display_name());
    }
  }
}

std::string ShortName(v1::ConsortiumState state) {
  constexpr size_t kPrefix = sizeof("CONSORTIUM_STATE_") - 1;
  return v1::ConsortiumState_Name(state).substr(kPrefix);
}

const policy::v1::ConsortiumClock* ConsortiumPack::FindClock(v1::ConsortiumState state) const {
  const auto it = clocks_.find(ShortName(state));
  return it == clocks_.end() ? nullptr : it->second;
}

const ConsortiumDistrict* ConsortiumPack::FindDistrict(const v1::Party& lead) const {
  // From the zone outwards: a zone with a department of its own recommends for itself.
  const ConsortiumDistrict* found = nullptr;
  pack_.places().Outwards(pack_.FindPlaceByName(lead.zone()), [&](const policy::v1::Place& place) {
    for (const ConsortiumDistrict& district : proto().districts()) {
      if (district.place() == place.id()) found = &district;
    }
    return found != nullptr;
  });
  if (found != nullptr) return found;
  // Codes of GB/T 2260 have those of what they lie in as their beginning: the closest one.
  const ConsortiumDistrict* closest = nullptr;
  for (const ConsortiumDistrict& district : proto().districts()) {
    const std::string& code = district.place();
    const bool is_code = std::all_of(code.begin(), code.end(), absl::ascii_isdigit);
    if (code.empty() || !is_code || !absl::StartsWith(lead.region_code(), code)) continue;
    if (closest == nullptr || closest->place().size() < code.size()) closest = &district;
  }
  return closest;
}

bool ConsortiumPack::IsForExcellent(const ConsortiumItem& measure) const {
  const auto& excellent = proto().evaluation().excellent_measures();
  return std::find(excellent.begin(), excellent.end(), measure.id()) != excellent.end();
}

bool ConsortiumPack::InCity(absl::string_view region_code) const {
  return std::any_of(
      proto().region_prefixes().begin(), proto().region_prefixes().end(),
      [&](const std::string& prefix) { return absl::StartsWith(region_code, prefix); });
}

bool ConsortiumPack::IsLeading(const v1::Party& party) const {
  const auto& leading = proto().leading_qualifications();
  return std::any_of(party.qualifications().begin(), party.qualifications().end(),
                     [&](const std::string& qualification) {
                       return std::find(leading.begin(), leading.end(), qualification) !=
                              leading.end();
                     });
}

}  // namespace chanyan::consortium
