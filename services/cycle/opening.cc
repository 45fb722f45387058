#include "services/cycle/opening.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

v1::Row CarriedRow(absl::string_view form, const pairing::v1::Project& project,
                   const registry::v1::Organization& enterprise,
                   const registry::v1::Platform* platform) {
  v1::Row row;
  row.set_name(RowName(form, project.platform(), project.enterprise()));
  row.set_university(std::string(OwnerOfPlatform(project.platform())));
  row.set_platform(project.platform());
  row.set_platform_title(platform == nullptr ? project.platform_title() : platform->display_name());
  if (platform != nullptr) row.set_college(platform->college());
  row.set_category(v1::ROW_CATEGORY_ONGOING);
  row.set_enterprise(project.enterprise());
  row.set_enterprise_title(enterprise.display_name());
  row.set_unified_social_credit_code(enterprise.unified_social_credit_code());
  row.set_unit(enterprise.unit());
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
    const auto form = form_of.find(OwnerOfPlatform(project.platform()));
    const auto enterprise = facts.enterprises.find(project.enterprise());
    if (form == form_of.end() || enterprise == facts.enterprises.end()) continue;
    v1::Form& owner = opening.forms[form->second];
    const auto platform = platforms.find(project.platform());
    v1::Row row = CarriedRow(owner.name(), project, enterprise->second,
                             platform == platforms.end() ? nullptr : platform->second);
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
