// Search over what pairing's index holds (REG-5).
#include "common/search/answer.h"
#include "common/status/status.h"
#include "services/pairing/discovery_service.h"
#include "services/pairing/discovery_sources.h"

namespace chanyan::pairing {

v1::SearchValue DiscoveryService::ValueOf(const search::FacetValue& value, int64_t count) const {
  auto out = search::ValueOf<v1::SearchValue>(deps_.sources, value, count);
  if (value.facet == kDistrictFacet) {
    const policy::v1::Place* place = deps_.pack.FindPlace(value.value);
    if (place != nullptr) out.set_label(place->display_name());
    out.clear_label_en();
  }
  return out;
}

absl::StatusOr<v1::SearchResponse> DiscoveryService::Search(const rpc::Call& call,
                                                            const v1::SearchRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(search::Query query,
                           search::ReadRequest(deps_.sources, call.principal, request));
  search::AddFilter(kKindFacet, request.kinds(), &query);
  search::AddFilter(kIndustryFacet, request.industries(), &query);
  search::AddFilter(kZoneFacet, request.zones(), &query);
  search::AddFilter(kDistrictFacet, request.districts(), &query);
  search::AddFilter(kLevelFacet, request.levels(), &query);
  const absl::Time as_of = deps_.index.stats().as_of;
  CHANYAN_ASSIGN_OR_RETURN(const search::Matches matches,
                           deps_.index.Search(query, deps_.store.clock.Now()));
  return search::AnswerOf<v1::SearchResponse, v1::SearchHit, v1::SearchValue>(
      deps_.sources, query, matches, search::BoundOf(request), as_of,
      [this](const search::FacetValue& value, int64_t count) { return ValueOf(value, count); });
}

}  // namespace chanyan::pairing
