#include "common/taxonomy/tree.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace chanyan::taxonomy {
namespace {

// Shorter names are part of too much: bytes of two Chinese characters.
constexpr size_t kLeastPartBytes = 6;

using PolicyTaxonomy = policy::v1::Taxonomy;

std::string IdIn(const PolicyTaxonomy& taxonomy, absl::string_view industry) {
  return absl::StrCat(taxonomy.id(), "/", industry);
}

absl::string_view TaxonomyIdOf(absl::string_view id) { return id.substr(0, id.find('/')); }

std::string TitleOf(const policy::Pack& pack, absl::string_view id) {
  const policy::v1::Industry* industry = pack.FindIndustry(id);
  return industry == nullptr ? "" : industry->display_name();
}

std::string TaxonomyTitleOf(const policy::Pack& pack, absl::string_view id) {
  const PolicyTaxonomy* taxonomy = pack.FindTaxonomy(TaxonomyIdOf(id));
  return taxonomy == nullptr ? "" : taxonomy->display_name();
}

v1::Correspondence Line(const policy::Pack& pack, const policy::v1::TaxonomyMapping& mapping,
                        const std::string& from, const std::string& to) {
  v1::Correspondence line;
  line.set_from_id(from);
  line.set_from_title(TitleOf(pack, from));
  line.set_to_id(to);
  line.set_to_title(TitleOf(pack, to));
  line.set_to_taxonomy_title(TaxonomyTitleOf(pack, to));
  line.set_source(mapping.origin() == policy::v1::ORIGIN_STATED ? v1::MAPPING_SOURCE_OFFICIAL
                                                                : v1::MAPPING_SOURCE_OURS);
  line.set_version(mapping.version());
  line.set_note(mapping.note());
  return line;
}

// What the tables say of this very industry, read both ways.
std::vector<v1::Correspondence> Named(const policy::Pack& pack, const std::string& id,
                                      absl::string_view to_taxonomy) {
  std::vector<v1::Correspondence> out;
  const absl::string_view own = TaxonomyIdOf(id);
  for (const policy::v1::TaxonomyMapping& mapping : pack.proto().mappings()) {
    const bool forth = mapping.from_taxonomy() == own && mapping.to_taxonomy() == to_taxonomy;
    const bool back = mapping.to_taxonomy() == own && mapping.from_taxonomy() == to_taxonomy;
    if (!forth && !back) continue;
    for (const policy::v1::MappingEntry& entry : mapping.entries()) {
      const std::string from = absl::StrCat(mapping.from_taxonomy(), "/", entry.from_id());
      for (const std::string& to_id : entry.to_ids()) {
        const std::string to = absl::StrCat(mapping.to_taxonomy(), "/", to_id);
        if (forth && from == id) {
          out.push_back(Line(pack, mapping, from, to));
        } else if (back && to == id) {
          out.push_back(Line(pack, mapping, to, from));
        }
      }
    }
  }
  return out;
}

// Ids of all that lies below, in the order of the pack: parents stand before their children.
std::vector<std::string> Below(const PolicyTaxonomy& taxonomy, absl::string_view industry) {
  std::set<std::string> inside = {std::string(industry)};
  std::vector<std::string> out;
  for (const policy::v1::Industry& one : taxonomy.industries()) {
    if (inside.count(one.parent_id()) == 0) continue;
    inside.insert(one.id());
    out.push_back(IdIn(taxonomy, one.id()));
  }
  return out;
}

class Correspondences {
 public:
  Correspondences(const policy::Pack& pack, const PolicyTaxonomy& from, absl::string_view industry)
      : pack_(pack), from_(from), industry_(industry), id_(IdIn(from, industry)) {}

  void AddIn(absl::string_view to_taxonomy, std::vector<v1::Correspondence>* out) {
    std::vector<v1::Correspondence> found = Named(pack_, id_, to_taxonomy);
    if (found.empty()) found = Through(Below(from_, industry_), to_taxonomy);
    std::string above = industry_;
    while (found.empty() && !(above = ParentOf(above)).empty()) {
      found = Through({IdIn(from_, above)}, to_taxonomy);
    }
    std::set<std::string> seen;
    for (v1::Correspondence& line : found) {
      if (seen.insert(line.to_id()).second) out->push_back(std::move(line));
    }
  }

 private:
  std::string ParentOf(const std::string& industry) const {
    const policy::v1::Industry* found = pack_.FindIndustry(IdIn(from_, industry));
    return found == nullptr ? "" : found->parent_id();
  }

  // As the tables say of others, said of the one that was asked about.
  std::vector<v1::Correspondence> Through(const std::vector<std::string>& ids,
                                          absl::string_view to_taxonomy) const {
    std::vector<v1::Correspondence> out;
    for (const std::string& id : ids) {
      for (v1::Correspondence& line : Named(pack_, id, to_taxonomy)) {
        line.set_from_id(id_);
        line.set_from_title(TitleOf(pack_, id_));
        line.set_through_id(id);
        out.push_back(std::move(line));
      }
    }
    return out;
  }

  const policy::Pack& pack_;
  const PolicyTaxonomy& from_;
  const std::string industry_;
  const std::string id_;
};

bool MeansExactly(const policy::v1::Industry& industry, absl::string_view id,
                  absl::string_view term) {
  const std::string lower = absl::AsciiStrToLower(term);
  if (absl::string_view(id) == lower || industry.id() == lower) return true;
  // A division with the letter of its section: C37.
  const bool lettered =
      lower.size() > 1 && absl::ascii_isalpha(lower[0]) && absl::ascii_isdigit(lower[1]);
  if (lettered && industry.id() == lower.substr(1)) return true;
  const absl::string_view name = industry.display_name();
  return name == term || absl::StripSuffix(name, "产业链") == term;
}

bool MeansInPart(const policy::v1::Industry& industry, absl::string_view term) {
  const absl::string_view name = industry.display_name();
  return term.size() >= kLeastPartBytes && name.size() >= kLeastPartBytes &&
         (absl::StrContains(name, term) || absl::StrContains(term, name));
}

}  // namespace

v1::Taxonomy TaxonomyOf(const policy::v1::Taxonomy& taxonomy) {
  v1::Taxonomy out;
  out.set_name(absl::StrCat("taxonomies/", taxonomy.id()));
  out.set_display_name(taxonomy.display_name());
  out.set_version(taxonomy.version());
  if (taxonomy.has_clause()) *out.mutable_clause() = taxonomy.clause();
  out.set_note(taxonomy.note());
  int count = 0;
  for (const policy::v1::Industry& industry : taxonomy.industries()) {
    count += industry.is_group() ? 0 : 1;
  }
  out.set_industry_count(count);
  return out;
}

v1::Taxonomy WholeTaxonomy(const policy::Pack& pack, const policy::v1::Taxonomy& taxonomy) {
  v1::Taxonomy out = TaxonomyOf(taxonomy);
  std::map<std::string, int> depths;
  for (const policy::v1::Industry& industry : taxonomy.industries()) {
    const int depth = industry.parent_id().empty() ? 1 : depths[industry.parent_id()] + 1;
    depths[industry.id()] = depth;
    v1::IndustryNode* node = out.add_industries();
    node->set_id(IdIn(taxonomy, industry.id()));
    if (!industry.parent_id().empty()) node->set_parent_id(IdIn(taxonomy, industry.parent_id()));
    node->set_display_name(industry.display_name());
    node->set_depth(depth);
    node->set_is_group(industry.is_group());
    node->set_to_be_verified(industry.to_be_verified());
  }
  for (v1::Correspondence& line : AllCorrespondences(pack)) {
    if (TaxonomyIdOf(line.from_id()) == taxonomy.id()) {
      *out.add_correspondences() = std::move(line);
    }
  }
  return out;
}

std::vector<v1::Correspondence> CorrespondencesOf(const policy::Pack& pack, absl::string_view id,
                                                  absl::string_view to_taxonomy) {
  std::vector<v1::Correspondence> out;
  const absl::string_view own = TaxonomyIdOf(id);
  const PolicyTaxonomy* from = pack.FindTaxonomy(own);
  if (from == nullptr || pack.FindIndustry(id) == nullptr) return out;
  Correspondences all(pack, *from, id.substr(own.size() + 1));
  for (const PolicyTaxonomy& to : pack.proto().taxonomies()) {
    const bool wanted = to_taxonomy.empty() ? to.id() != own : to.id() == to_taxonomy;
    if (wanted) all.AddIn(to.id(), &out);
  }
  return out;
}

std::vector<v1::Correspondence> AllCorrespondences(const policy::Pack& pack) {
  std::vector<v1::Correspondence> out;
  for (const policy::v1::TaxonomyMapping& mapping : pack.proto().mappings()) {
    for (const policy::v1::MappingEntry& entry : mapping.entries()) {
      const std::string from = absl::StrCat(mapping.from_taxonomy(), "/", entry.from_id());
      for (const std::string& to : entry.to_ids()) {
        out.push_back(Line(pack, mapping, from, absl::StrCat(mapping.to_taxonomy(), "/", to)));
      }
    }
  }
  return out;
}

std::vector<v1::IndustryMatch> MatchIndustry(const policy::Pack& pack, absl::string_view term,
                                             absl::string_view from_taxonomy) {
  std::vector<v1::IndustryMatch> exact;
  std::vector<v1::IndustryMatch> partial;
  for (const PolicyTaxonomy& taxonomy : pack.proto().taxonomies()) {
    if (!from_taxonomy.empty() && taxonomy.id() != from_taxonomy) continue;
    for (const policy::v1::Industry& industry : taxonomy.industries()) {
      v1::IndustryMatch match;
      match.set_id(IdIn(taxonomy, industry.id()));
      match.set_display_name(industry.display_name());
      match.set_taxonomy_title(taxonomy.display_name());
      if (MeansExactly(industry, match.id(), term)) {
        match.set_exact(true);
        exact.push_back(std::move(match));
      } else if (partial.size() < kMaxPartialMatches && MeansInPart(industry, term)) {
        partial.push_back(std::move(match));
      }
    }
  }
  return exact.empty() ? partial : exact;
}

}  // namespace chanyan::taxonomy
