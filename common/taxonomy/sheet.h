// Taxonomies and what corresponds to what as a workbook, and back (REG-7, REG-10).
//
// A sheet a taxonomy, its rows in the shape of v1::IndustryNode, parents before their children; one
// sheet 产业对照 of v1::Correspondence. A sheet that is left out of a workbook changes nothing.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/policy/pack.h"
#include "common/sheet/workbook.h"

namespace chanyan::taxonomy {

inline constexpr char kCorrespondenceSheet[] = "产业对照";

// All that the pack has.
absl::StatusOr<std::string> WriteTaxonomies(const policy::Pack& pack, absl::Time created);

// What a workbook makes of a pack's taxonomies: only what differs, whole.
struct TaxonomyEdition {
  std::vector<policy::v1::Taxonomy> taxonomies;
  std::vector<policy::v1::TaxonomyMapping> mappings;
  // Ids of those that no line is left of.
  std::vector<std::string> removed_mappings;

  bool empty() const { return taxonomies.empty() && mappings.empty() && removed_mappings.empty(); }
};

// What differs has `version`. Of a taxonomy that is there, name, clause and note stay as the pack
// has them; a new one, of an id that the pack does not know, is called as its sheet is. An id of an
// industry is what it is known by: with another one it is another industry. 层级 and the
// names beside ids follow from the rest and are only compared, if they are there; 对应产业体系 and
// 对照版本 are not read, and a note that is empty stays as it is stored.
//
// INVALID_ARGUMENT (INVALID_FILE) with every violation, each at its cell; a version that one of the
// changed has already is INVALID_ARGUMENT at "version". Whether the whole pack still holds together
// is Pack::Parse's to say.
absl::StatusOr<TaxonomyEdition> ReadTaxonomies(const policy::Pack& pack,
                                               const sheet::Workbook& workbook,
                                               absl::string_view version);

}  // namespace chanyan::taxonomy
