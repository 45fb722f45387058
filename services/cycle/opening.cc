#include "services/cycle/opening.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {
namespace {

// As many as a row takes; what is longer ends in "…".
constexpr int kMostKinds = 10;
constexpr int kMostInTitle = 119;
constexpr int kMostInContent = 3999;

// Nothing was signed yet.
bool IsIntent(const pairing::v1::Project& project) {
  return project.state() == pairing::v1::PROJECT_STATE_INTENT ||
         project.state() == pairing::v1::PROJECT_STATE_NEGOTIATING;
}

// The oldest first.
using Offers = std::vector<const pairing::v1::Intent*>;
std::map<std::string, Offers> OffersByPlatform(const std::vector<pairing::v1::Intent>& all) {
  std::map<std::string, Offers> by_platform;
  for (const pairing::v1::Intent& offer : all) by_platform[offer.platform()].push_back(&offer);
  const auto age = [](const pairing::v1::Intent* offer) {
    return std::make_pair(time::ToTime(offer->create_time()), absl::string_view(offer->name()));
  };
  for (auto& [platform, offers] : by_platform) {
    std::sort(offers.begin(), offers.end(),
              [&age](const auto* a, const auto* b) { return age(a) < age(b); });
  }
  return by_platform;
}

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
  row.set_category(IsIntent(project) ? v1::ROW_CATEGORY_INTENT : v1::ROW_CATEGORY_ONGOING);
  row.set_enterprise(parties.living->name());
  if (parties.named != parties.living) row.set_former_enterprise(parties.named->name());
  row.set_enterprise_title(parties.named->display_name());
  row.set_unified_social_credit_code(parties.named->unified_social_credit_code());
  row.set_unit(parties.living->unit());
  *row.mutable_kinds() = project.kinds();
  row.set_title(project.title());
  row.set_content(project.content());
  if (project.has_sign_date()) *row.mutable_sign_date() = project.sign_date();
  row.set_origin(IsIntent(project) ? v1::ROW_ORIGIN_INTENT : v1::ROW_ORIGIN_CARRIED);
  row.set_holder(row.university());
  return row;
}

// "1. 标题：内容", a line each; of one its content alone.
std::string ContentOf(absl::Span<const pairing::v1::Intent* const> offers) {
  if (offers.size() == 1) return offers[0]->content();
  std::vector<std::string> lines;
  for (const pairing::v1::Intent* offer : offers) {
    lines.push_back(absl::StrCat(lines.size() + 1, ". ", offer->title(),
                                 offer->content().empty() ? "" : "：", offer->content()));
  }
  return Abridged(absl::StrJoin(lines, "\n"), kMostInContent);
}

// What a platform offers to any enterprise has one row, however many offers there are.
v1::Row OfferedRow(const v1::Form& form, const registry::v1::Platform& platform,
                   absl::Span<const pairing::v1::Intent* const> offers) {
  v1::Row row;
  row.set_name(RowName(form.name(), platform.name(), ""));
  row.set_university(form.university());
  row.set_platform(platform.name());
  row.set_platform_title(platform.display_name());
  row.set_college(platform.college());
  row.set_category(v1::ROW_CATEGORY_INTENT);
  std::vector<std::string> titles;
  std::set<std::string> kinds;
  for (const pairing::v1::Intent* offer : offers) {
    titles.push_back(offer->title());
    for (const std::string& kind : offer->kinds()) {
      if (row.kinds_size() < kMostKinds && kinds.insert(kind).second) row.add_kinds(kind);
    }
  }
  row.set_title(Abridged(absl::StrJoin(titles, "；"), kMostInTitle));
  row.set_content(ContentOf(offers));
  row.set_origin(v1::ROW_ORIGIN_INTENT);
  row.set_holder(row.university());
  return row;
}

}  // namespace

std::string ReportingOrganizations(const policy::Pack& pack) {
  std::vector<std::string> kinds;
  for (const std::string& kind : pack.proto().cycle_plan().reporters().organization_kinds()) {
    kinds.push_back(absl::StrCat("kind = ", kind));
  }
  if (kinds.empty()) kinds = {"kind = UNIVERSITY", "kind = RESEARCH_INSTITUTE"};
  return absl::StrCat("state = ACTIVE AND (", absl::StrJoin(kinds, " OR "), ")");
}

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
    if (!owners.contains(university.name())) {
      if (university.kind() == registry::v1::ORGANIZATION_KIND_ENTERPRISE) continue;
      v1::UnpublishedOwner owner;
      owner.set_organization(university.name());
      owner.set_title(university.display_name());
      opening.unpublished.push_back(std::move(owner));
      continue;
    }
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
  const auto carry = [&](v1::Form& form, v1::Row row) {
    if (!carried.insert(row.name()).second) return;
    form.set_row_count(form.row_count() + 1);
    opening.rows.push_back(std::move(row));
  };
  // What is under way first: of a pair that a merger gave both, it is the row.
  for (const bool intents : {false, true}) {
    for (const pairing::v1::Project& project : facts.projects) {
      if (IsIntent(project) != intents) continue;
      const auto found = platforms.find(project.platform());
      const registry::v1::Platform* platform = found == platforms.end() ? nullptr : found->second;
      const auto form = form_of.find(UniversityOf(project, platform));
      const Parties parties = PartiesOf(facts, project);
      if (form == form_of.end() || parties.living == nullptr) continue;
      v1::Form& owner = opening.forms[form->second];
      if (parties.living->name() == owner.university()) continue;
      carry(owner, CarriedRow(owner, project, parties, platform));
    }
  }
  for (const auto& [name, offers] : OffersByPlatform(facts.offers)) {
    const auto platform = platforms.find(name);
    if (platform == platforms.end()) continue;
    const auto form = form_of.find(platform->second->organization());
    if (form == form_of.end()) continue;
    v1::Form& owner = opening.forms[form->second];
    carry(owner, OfferedRow(owner, *platform->second, offers));
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name() < b.name(); };
  std::sort(opening.forms.begin(), opening.forms.end(), by_name);
  std::sort(opening.rows.begin(), opening.rows.end(), by_name);
  std::sort(opening.unpublished.begin(), opening.unpublished.end(),
            [](const auto& a, const auto& b) { return a.organization() < b.organization(); });
  return opening;
}

}  // namespace chanyan::cycle
