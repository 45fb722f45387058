// Handlers of taxonomies: all of it is the policy pack's, read when the service starts.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/rpc/export.h"
#include "common/taxonomy/sheet.h"
#include "common/taxonomy/tree.h"
#include "services/registry/reference_service.h"

namespace chanyan::registry {
namespace {

constexpr absl::string_view kCollection = "taxonomies/";

// The pack's own id; NOT_FOUND unless it has the taxonomy. Empty for an empty name.
absl::StatusOr<std::string> TaxonomyId(const policy::Pack& pack, absl::string_view name) {
  if (name.empty()) return std::string();
  const absl::string_view id = absl::StripPrefix(name, kCollection);
  if (pack.FindTaxonomy(id) == nullptr) return status::NotFound(name);
  return std::string(id);
}

}  // namespace

absl::StatusOr<v1::ListTaxonomiesResponse> ReferenceService::ListTaxonomies(
    const rpc::Call&, const v1::ListTaxonomiesRequest&) {
  v1::ListTaxonomiesResponse response;
  for (const policy::v1::Taxonomy& one : deps_.pack.proto().taxonomies()) {
    *response.add_taxonomies() = taxonomy::TaxonomyOf(one);
  }
  return response;
}

absl::StatusOr<v1::Taxonomy> ReferenceService::GetTaxonomy(const rpc::Call&,
                                                           const v1::GetTaxonomyRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string id, TaxonomyId(deps_.pack, request.name()));
  return taxonomy::WholeTaxonomy(deps_.pack, *deps_.pack.FindTaxonomy(id));
}

absl::StatusOr<v1::MapIndustryResponse> ReferenceService::MapIndustry(
    const rpc::Call&, const v1::MapIndustryRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string from, TaxonomyId(deps_.pack, request.from_taxonomy()));
  CHANYAN_ASSIGN_OR_RETURN(const std::string to, TaxonomyId(deps_.pack, request.to_taxonomy()));
  v1::MapIndustryResponse response;
  response.set_pack(deps_.pack.id());
  response.set_pack_version(deps_.pack.version());
  for (v1::IndustryMatch& match : taxonomy::MatchIndustry(deps_.pack, request.term(), from)) {
    const auto found = taxonomy::CorrespondencesOf(deps_.pack, match.id(), to);
    match.mutable_correspondences()->Assign(found.begin(), found.end());
    *response.add_matches() = std::move(match);
  }
  return response;
}

absl::StatusOr<google::api::HttpBody> ReferenceService::ExportTaxonomies(
    const rpc::Call&, const v1::ExportTaxonomiesRequest&) {
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes,
                           taxonomy::WriteTaxonomies(deps_.pack, deps_.store.clock.Now()));
  return rpc::SheetBody(std::move(bytes));
}

}  // namespace chanyan::registry
