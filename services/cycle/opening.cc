#include "services/cycle/opening.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

// The enterprise of a project, as it is called in its row and as the one that goes on.
struct Parties {
  const registry::v1::Organization* named = nullptr;
  const registry::v1::Organization* living = nullptr;
};

// `named` is null if the registry does not know the enterprise. A project that a merger put beside
// another of its pair keeps the name it came with, so that each has its row.
Parties PartiesOf(const OpeningFacts& facts, const pairing::v1::Project& project) {
  const auto find = [&facts](const std::string& name) -> const registry::v1::Organization* {
    const auto found = facts.enterprises.find(name);
    return found == facts.enterprises.end() ? nullptr : &found->second;
  };
  Parties parties;
  parties.living = find(project.enterprise());
  if (parties.living != nullptr &&
      parties.living->state() == registry::v1::ORGANIZATION_STATE_MERGED) {
    parties.living = find(parties.living->merged_into());
  }
  parties.named = parties.living;
  if (!project.doubled_by().empty() && !project.former_enterprises().empty()) {
    const registry::v1::Organization* origin = find(project.former_enterprises(0));
    if (origin != nullptr) parties.named = origin;
  }
  return parties;
}

// Who reports for the platform of a project now.
std::string UniversityOf(const pairing::v1::Project& project,
                         const registry::v1::Platform* platform) {
  if (platform != nullptr) return platform->organization();
  return project.university().empty() ? std::string(OwnerOfPlatform(project.platform()))
                                      : project.university();
}

v1::Row CarriedRow(const v1::Form& form, const pairing::v1::Project& project,
                   const Parties& parties, const registry::v1::Platform* platform) {
  v1::Row row;
  row.set_name(RowName(form.name(), project.platform(), parties.named->name()));
  row.set_university(form.university());
  row.set_platform(project.platform());
  row.set_platform_title(platform == nullptr ? project.platform_title() : platform->display_name());
  if (platform != nullptr) row.set_college(platform->college());
  row.set_category(v1::ROW_CATEGORY_ONGOING);
  row.set_enterprise(parties.living->name());
  if (parties.named != parties.living) row.set_former_enterprise(parties.named->name());
  row.set_enterprise_title(parties.named->display_name());
  row.set_unified_social_credit_code(parties.named->unified_social_credit_code());
  row.set_unit(parties.living->unit());
  *row.mutable_kinds() = project.kinds();
  row.set_title(project.title());
  row.set_content(project.content());
  if (project.has_sign_date()) *row.mutable_sign_date() = project.sign_date();
  row.set_origin(v1::ROW_ORIGIN_CARRIED);
  row.set_holder(row.university());
  return row;
}

}  // namespace

Opening PlanOpening(absl::string_view cycle, const OpeningFacts& facts) {
  absl::flat_hash_set<std::string> owners;
  absl::flat_hash_map<std::string, const registry::v1::Platform*> platforms;
  for (const registry::v1::Platform& platform : facts.platforms) {
    owners.insert(platform.organization());
    platforms[platform.name()] = &platform;
  }
  Opening opening;
  absl::flat_hash_map<std::string, size_t> form_of;
  for (const registry::v1::Organization& university : facts.universities) {
    if (!owners.contains(university.name())) continue;
    v1::Form form;
    form.set_name(FormName(cycle, university.name()));
    form.set_university(university.name());
    form.set_university_title(university.display_name());
    form.set_state(v1::FORM_STATE_DRAFT);
    if (form_of.try_emplace(university.name(), opening.forms.size()).second) {
      opening.forms.push_back(std::move(form));
    }
  }
  absl::flat_hash_set<std::string> carried;
  for (const pairing::v1::Project& project : facts.projects) {
    const auto found = platforms.find(project.platform());
    const registry::v1::Platform* platform = found == platforms.end() ? nullptr : found->second;
    const auto form = form_of.find(UniversityOf(project, platform));
    const Parties parties = PartiesOf(facts, project);
    if (form == form_of.end() || parties.living == nullptr) continue;
    v1::Form& owner = opening.forms[form->second];
    v1::Row row = CarriedRow(owner, project, parties, platform);
    if (!carried.insert(row.name()).second) continue;
    owner.set_row_count(owner.row_count() + 1);
    opening.rows.push_back(std::move(row));
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name() < b.name(); };
  std::sort(opening.forms.begin(), opening.forms.end(), by_name);
  std::sort(opening.rows.begin(), opening.rows.end(), by_name);
  return opening;
}

}  // namespace chanyan::cycle
