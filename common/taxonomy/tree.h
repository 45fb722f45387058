// Industry taxonomies of the policy pack: trees, and what corresponds to what (REG-7). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "common/policy/pack.h"

namespace chanyan::taxonomy {

namespace v1 = registry::v1;

// Industries found by a part of their name, at most.
inline constexpr size_t kMaxPartialMatches = 20;

// taxonomies/{id} without what it holds.
v1::Taxonomy TaxonomyOf(const policy::v1::Taxonomy& taxonomy);
// The same with its industries, each behind its parent, and what the pack's tables say that they
// correspond to.
v1::Taxonomy WholeTaxonomy(const policy::Pack& pack, const policy::v1::Taxonomy& taxonomy);

// What an industry or group ("taxonomy/industry") corresponds to in `to_taxonomy`, or in every
// other one if that is empty. Where the pack's tables do not name it, what they say of those below
// it counts, and where they say nothing either, of the nearest one above; `through_id` says so.
// Each industry comes once a taxonomy, in the order of the pack.
std::vector<v1::Correspondence> CorrespondencesOf(const policy::Pack& pack, absl::string_view id,
                                                  absl::string_view to_taxonomy);
// Every line of the pack's tables as it stands there.
std::vector<v1::Correspondence> AllCorrespondences(const policy::Pack& pack);

// What `term` means: an id, a code in any taxonomy (37, C37), a whole name (集成电路, also without
// 产业链); only where that is nothing, industries whose name holds the term or is part of it. Only
// of `from_taxonomy` unless that is empty. Without correspondences.
std::vector<v1::IndustryMatch> MatchIndustry(const policy::Pack& pack, absl::string_view term,
                                             absl::string_view from_taxonomy);

}  // namespace chanyan::taxonomy
