#include "services/triage/list_lines.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/taxonomy/tree.h"
#include "services/triage/issue_rules.h"
#include "services/triage/listing_content.h"

namespace chanyan::triage {
namespace {

using policy::v1::Industry;
using policy::v1::Taxonomy;
using policy::v1::TriageUnit;

const Industry* FindIn(const Taxonomy& taxonomy, absl::string_view id) {
  for (const Industry& industry : taxonomy.industries()) {
    if (industry.id() == id) return &industry;
  }
  return nullptr;
}

// Whether an industry is `id` or lies below it.
bool IsBelow(const Taxonomy& taxonomy, const Industry* industry, absl::string_view id) {
  while (industry != nullptr) {
    if (industry->id() == id) return true;
    industry = FindIn(taxonomy, industry->parent_id());
  }
  return false;
}

// "trl" and 6 as "技术就绪水平6级".
std::string MaturityText(const TriagePack& pack,
                         const google::protobuf::RepeatedPtrField<v1::Maturity>& all) {
  std::vector<std::string> parts;
  for (const v1::Maturity& one : all) {
    const auto* scale = pack.FindScale(one.scale());
    parts.push_back(
        absl::StrCat(scale == nullptr ? one.scale() : scale->display_name(), one.level(), "级"));
  }
  return absl::StrJoin(parts, "、");
}

absl::string_view TaxonomyOfId(absl::string_view industry) {
  return industry.substr(0, industry.find('/'));
}

bool HasTaskForce(const TriagePack& pack, absl::string_view taxonomy) {
  for (const TriageUnit* unit : pack.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_TASK_FORCE)) {
    for (const std::string& of : unit->industries()) {
      if (TaxonomyOfId(of) == taxonomy) return true;
    }
  }
  return false;
}

// What industries of `taxonomy` that correspond to this one are called; of a whole taxonomy to any
// of it.
std::vector<std::string> Corresponding(const policy::Pack& pack, absl::string_view industry,
                                       absl::string_view taxonomy) {
  std::vector<std::string> ids;
  const Taxonomy* whole = pack.FindTaxonomy(industry);
  if (whole == nullptr) {
    ids.emplace_back(industry);
  } else {
    for (const Industry& one : whole->industries()) {
      ids.push_back(absl::StrCat(whole->id(), "/", one.id()));
    }
  }
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    for (const auto& line : taxonomy::CorrespondencesOf(pack, id, taxonomy)) {
      if (!absl::c_linear_search(names, line.to_title())) names.push_back(line.to_title());
    }
  }
  return names;
}

void AddRecipients(const TriagePack& pack, v1::ListLine* line) {
  for (const TriageUnit* unit : TaskForcesOf(pack, line->industries())) {
    line->add_recipients(unit->organization());
  }
}

}  // namespace

IndustryScope ScopeOf(const policy::Pack& pack, absl::string_view industry) {
  IndustryScope scope;
  const size_t slash = industry.find('/');
  const Taxonomy* taxonomy = pack.FindTaxonomy(industry.substr(0, slash));
  if (taxonomy == nullptr) return scope;
  const bool whole = slash == absl::string_view::npos;
  const absl::string_view id = whole ? "" : industry.substr(slash + 1);
  const Industry* root = whole ? nullptr : FindIn(*taxonomy, id);
  if (!whole && root == nullptr) return scope;
  scope.title = whole ? taxonomy->display_name() : root->display_name();
  for (const Industry& one : taxonomy->industries()) {
    if (one.is_group() || !(whole || IsBelow(*taxonomy, &one, id))) continue;
    if (std::find(scope.names.begin(), scope.names.end(), one.display_name()) ==
        scope.names.end()) {
      scope.names.push_back(one.display_name());
    }
  }
  return scope;
}

IndustryScope ListedScope(const TriagePack& pack, const policy::v1::IndustryListKind& kind,
                          absl::string_view industry) {
  IndustryScope scope = ScopeOf(pack.pack(), industry);
  const absl::string_view own = TaxonomyOfId(industry);
  if (scope.names.empty() || HasTaskForce(pack, own)) return scope;
  for (const std::string& taxonomy : kind.taxonomies()) {
    if (taxonomy == own) continue;
    for (std::string& name : Corresponding(pack.pack(), industry, taxonomy)) {
      if (!absl::c_linear_search(scope.names, name)) scope.names.push_back(std::move(name));
    }
  }
  return scope;
}

std::vector<std::string> ChainsOf(const TriagePack& pack,
                                  const policy::v1::IndustryListKind& kind) {
  std::vector<std::string> chains;
  for (const std::string& id : kind.taxonomies()) {
    const Taxonomy* taxonomy = pack.pack().FindTaxonomy(id);
    if (taxonomy == nullptr || HasTaskForce(pack, id)) continue;
    for (const Industry& one : taxonomy->industries()) {
      if (one.parent_id().empty()) chains.push_back(absl::StrCat(id, "/", one.id()));
    }
  }
  return chains;
}

std::string ListTitle(const v1::IndustryList& row, const std::string& period) {
  return absl::StrCat(row.industry_title(), row.kind_title(), "（", period, "）",
                      row.number() > 0 ? IssueLabel(row.year(), row.number()) : "",
                      row.edition() > 1 ? absl::StrCat("（第", row.edition(), "版）") : "");
}

bool MayList(const policy::v1::IndustryListKind& kind, absl::string_view industry) {
  const absl::string_view taxonomy = industry.substr(0, industry.find('/'));
  return std::find(kind.taxonomies().begin(), kind.taxonomies().end(), taxonomy) !=
         kind.taxonomies().end();
}

std::vector<const TriageUnit*> TaskForcesOf(
    const TriagePack& pack, const google::protobuf::RepeatedPtrField<std::string>& industries) {
  // As their own taxonomies call them.
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (!absl::c_linear_search(names, name)) names.push_back(name);
  };
  for (const std::string& name : industries) {
    add(name);
    for (const std::string& id : pack.pack().FindIndustriesByName(name)) {
      if (HasTaskForce(pack, TaxonomyOfId(id))) continue;
      for (const Taxonomy& taxonomy : pack.pack().proto().taxonomies()) {
        if (!HasTaskForce(pack, taxonomy.id())) continue;
        for (const std::string& other : Corresponding(pack.pack(), id, taxonomy.id())) add(other);
      }
    }
  }
  std::vector<const TriageUnit*> found;
  for (const TriageUnit* unit : pack.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_TASK_FORCE)) {
    const bool speaks = absl::c_any_of(unit->industries(), [&](const std::string& of) {
      return absl::c_any_of(ScopeOf(pack.pack(), of).names, [&](const std::string& name) {
        return absl::c_linear_search(names, name);
      });
    });
    if (speaks) found.push_back(unit);
  }
  return found;
}

v1::ListLine LineOf(const TriagePack& pack, const v1::Result& result) {
  // By way of what the market shows, so that there is one answer to what is public.
  v1::Listing open;
  FillListing(result, &open);
  v1::ListLine line;
  line.set_subject(result.name());
  line.set_subject_revision(result.revision());
  line.set_title(open.title());
  line.set_owner_title(open.university_title());
  *line.mutable_industries() = open.industries();
  *line.mutable_fields() = open.fields();
  *line.mutable_keywords() = open.keywords();
  if (open.stage() != v1::STAGE_UNSPECIFIED) line.set_stage(policy::LabelOf(open.stage()));
  line.set_maturity(MaturityText(pack, open.maturity()));
  *line.mutable_modes() = open.conversion_modes();
  line.set_amount_yuan(open.price_yuan());
  line.set_summary(open.abstract());
  line.set_bottleneck(result.bottleneck());
  line.set_novelty(result.novelty());
  line.set_proprietor(result.university());
  line.set_office(result.office());
  AddRecipients(pack, &line);
  return line;
}

v1::ListLine LineOf(const TriagePack& pack, const v1::Demand& demand) {
  v1::ListLine line;
  line.set_subject(demand.name());
  line.set_subject_revision(demand.revision());
  line.set_title(demand.title());
  line.set_owner_title(demand.enterprise_title());
  *line.mutable_industries() = demand.industries();
  *line.mutable_fields() = demand.fields();
  *line.mutable_keywords() = demand.keywords();
  if (demand.kind() != v1::DEMAND_KIND_UNSPECIFIED) line.set_stage(policy::LabelOf(demand.kind()));
  *line.mutable_modes() = demand.cooperation_modes();
  line.set_amount_yuan(demand.budget_yuan());
  line.set_summary(demand.description());
  line.set_bottleneck(demand.bottleneck());
  line.set_proprietor(demand.enterprise());
  line.set_office(demand.office());
  AddRecipients(pack, &line);
  return line;
}

}  // namespace chanyan::triage
