// Search over what pairing's index holds (REG-5).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/labels.h"
#include "common/db/page_token.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/pairing/discovery_service.h"
#include "services/pairing/discovery_sources.h"

namespace chanyan::pairing {
namespace {

constexpr size_t kDefaultHits = 20;
constexpr size_t kMaxHits = 100;
// Parts of a hit's text, and characters of each.
constexpr size_t kExcerpts = 2;
constexpr size_t kExcerptLength = 80;
// What a page token is bound to stands in place of a table.
constexpr char kTokenOf[] = "search";

absl::StatusOr<size_t> PageSize(int32_t asked) {
  if (asked < 0) return status::InvalidField("page_size", "每页条数不能为负数");
  return asked == 0 ? kDefaultHits : std::min<size_t>(static_cast<size_t>(asked), kMaxHits);
}

absl::Status CheckTypes(const search::Sources& sources, const v1::SearchRequest& request) {
  std::vector<std::string> known;
  for (const search::Source& row : sources.rows()) known.push_back(row.type->name());
  std::vector<status::Violation> violations;
  for (int i = 0; i < request.types_size(); ++i) {
    if (sources.FindShort(request.types(i)) == nullptr) {
      violations.push_back({absl::StrCat("types[", i, "]"),
                            absl::StrCat("没有“", request.types(i), "”这种资源，可选：",
                                         absl::StrJoin(known, "、"))});
    }
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return absl::OkStatus();
}

void AddFilter(const char* facet, const google::protobuf::RepeatedPtrField<std::string>& values,
               search::Query* query) {
  if (!values.empty()) query->filters.push_back({facet, {values.begin(), values.end()}});
}

// The request without its page: what a token may be used with again.
std::string Bound(v1::SearchRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  return request.SerializeAsString();
}

absl::Status ReadToken(const v1::SearchRequest& request, search::Query* query) {
  if (request.page_token().empty()) return absl::OkStatus();
  const std::string bound = Bound(request);
  CHANYAN_ASSIGN_OR_RETURN(const db::Values values,
                           db::ReadPageToken({kTokenOf, "", bound, ""}, request.page_token()));
  const auto* offset = values.size() == 2 ? std::get_if<int64_t>(&values[0]) : nullptr;
  const auto* any_word = values.size() == 2 ? std::get_if<int64_t>(&values[1]) : nullptr;
  if (offset == nullptr || any_word == nullptr || *offset < 0 ||
      *offset >= static_cast<int64_t>(search::kMaxReach)) {
    return db::InvalidPageToken();
  }
  query->offset = static_cast<size_t>(*offset);
  query->any_word = *any_word != 0;
  return absl::OkStatus();
}

void SetMarks(const search::Snippet& snippet,
              google::protobuf::RepeatedPtrField<v1::TextRange>* marks) {
  for (const search::Mark& mark : snippet.marks) {
    v1::TextRange& range = *marks->Add();
    range.set_begin(static_cast<int32_t>(mark.begin));
    range.set_end(static_cast<int32_t>(mark.end));
  }
}

}  // namespace

v1::SearchValue DiscoveryService::ValueOf(const search::FacetValue& value, int64_t count) const {
  v1::SearchValue out;
  out.set_facet(value.facet);
  out.set_value(value.value);
  const search::ValueLabel label = deps_.sources.LabelOf(value);
  out.set_label(label.zh);
  out.set_label_en(label.en);
  if (value.facet == kDistrictFacet) {
    const policy::v1::Place* place = deps_.pack.FindPlace(value.value);
    if (place != nullptr) out.set_label(place->display_name());
    out.clear_label_en();
  }
  out.set_count(static_cast<int32_t>(count));
  return out;
}

v1::SearchHit DiscoveryService::HitOf(const search::Found& found,
                                      const search::TermSet& terms) const {
  v1::SearchHit hit;
  const auto row = deps_.sources.Restore(found.type, found.data);
  if (row == nullptr) return hit;
  const auto* type = row->GetDescriptor();
  const auto* reflection = row->GetReflection();
  hit.set_resource(reflection->GetString(*row, type->FindFieldByName("name")));
  hit.set_type(type->name());
  hit.set_type_label(deps_.sources.LabelOf({search::kTypeFacet, type->name()}).zh);
  hit.set_title(deps_.sources.TitleOf(*row));
  bool is_title = true;
  for (const search::Excerpt& part :
       deps_.sources.Excerpts(*row, terms, kExcerpts, kExcerptLength)) {
    if (std::exchange(is_title, false)) {
      SetMarks(part.snippet, hit.mutable_title_marks());
      continue;
    }
    v1::SearchExcerpt& excerpt = *hit.add_excerpts();
    excerpt.set_field(part.field);
    excerpt.set_label(part.label);
    excerpt.set_text(part.snippet.text);
    SetMarks(part.snippet, excerpt.mutable_marks());
  }
  for (const search::FacetValue& value : found.values) *hit.add_values() = ValueOf(value, 0);
  hit.mutable_update_time()->CopyFrom(
      reflection->GetMessage(*row, type->FindFieldByName("update_time")));
  return hit;
}

absl::StatusOr<v1::SearchResponse> DiscoveryService::Search(const rpc::Call& call,
                                                            const v1::SearchRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckTypes(deps_.sources, request));
  search::Query query;
  query.text = request.query();
  CHANYAN_ASSIGN_OR_RETURN(query.limit, PageSize(request.page_size()));
  CHANYAN_RETURN_IF_ERROR(ReadToken(request, &query));
  query.limit = std::min(query.limit, search::kMaxReach - query.offset);
  AddFilter(search::kTypeFacet, request.types(), &query);
  AddFilter(kKindFacet, request.kinds(), &query);
  AddFilter(kIndustryFacet, request.industries(), &query);
  AddFilter(kZoneFacet, request.zones(), &query);
  AddFilter(kDistrictFacet, request.districts(), &query);
  AddFilter(kLevelFacet, request.levels(), &query);
  query.facets = deps_.sources.facets();
  for (const search::Source& row : deps_.sources.rows()) {
    for (std::string& label : auth::CallerLabels(call.principal, row.type)) {
      query.labels.push_back(std::move(label));
    }
  }
  const absl::Time as_of = deps_.index.stats().as_of;
  CHANYAN_ASSIGN_OR_RETURN(const search::Matches matches,
                           deps_.index.Search(query, deps_.store.clock.Now()));

  v1::SearchResponse response;
  const std::vector<std::string> words = search::QueryTerms(request.query());
  const search::TermSet terms(words.begin(), words.end());
  for (const search::Found& found : matches.found) *response.add_hits() = HitOf(found, terms);
  response.set_total_size(static_cast<int32_t>(matches.total));
  response.set_partial(matches.any_word);
  for (const std::string& facet : query.facets) response.add_facets()->set_facet(facet);
  for (const search::FacetCount& count : matches.counts) {
    for (v1::SearchFacet& facet : *response.mutable_facets()) {
      if (facet.facet() == count.value.facet) {
        *facet.add_values() = ValueOf(count.value, count.count);
      }
    }
  }
  const size_t end = query.offset + matches.found.size();
  if (end < static_cast<size_t>(matches.total) && end < search::kMaxReach) {
    const std::string bound = Bound(request);
    response.set_next_page_token(db::MakePageToken(
        {kTokenOf, "", bound, ""}, {static_cast<int64_t>(end), int64_t{matches.any_word ? 1 : 0}}));
  }
  if (as_of != absl::InfinitePast()) {
    *response.mutable_as_of() = time::ToTimestamp(as_of);
  }
  return response;
}

}  // namespace chanyan::pairing
