// The handler's side of a search: from a request to what is asked of the index, and from what was
// found to a page of the answer. Requests and answers are messages with the fields of
// chanyan.pairing.v1.SearchRequest (query, types, page_size, page_token) and SearchResponse.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/principal.h"
#include "common/search/query.h"
#include "common/search/source.h"
#include "common/search/terms.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace chanyan::search {

// Parts of a hit's text, and characters of each.
inline constexpr size_t kExcerpts = 2;
inline constexpr size_t kExcerptLength = 80;

// Words, page and types of a request, within what the caller may see of the sources; the service
// adds its filters. `bound` is the request without its page: what a token may be used with again.
// INVALID_FIELD for a type that is no source or a page that cannot be.
absl::StatusOr<Query> ReadQuery(const Sources& sources, const auth::Principal& principal,
                                absl::string_view text, const std::vector<std::string>& types,
                                int32_t page_size, absl::string_view page_token,
                                const std::string& bound);
void AddFilter(absl::string_view facet,
               const google::protobuf::RepeatedPtrField<std::string>& values, Query* query);
// Token of the page after these; empty at the end.
std::string NextPage(const Query& query, const Matches& matches, const std::string& bound);

template <class Request>
std::string BoundOf(Request request) {
  request.clear_page_size();
  request.clear_page_token();
  return request.SerializeAsString();
}

template <class Request>
absl::StatusOr<Query> ReadRequest(const Sources& sources, const auth::Principal& principal,
                                  const Request& request) {
  return ReadQuery(sources, principal, request.query(),
                   {request.types().begin(), request.types().end()}, request.page_size(),
                   request.page_token(), BoundOf(request));
}

template <class Value>
Value ValueOf(const Sources& sources, const FacetValue& value, int64_t count) {
  Value out;
  out.set_facet(value.facet);
  out.set_value(value.value);
  const ValueLabel label = sources.LabelOf(value);
  out.set_label(label.zh);
  out.set_label_en(label.en);
  out.set_count(static_cast<int32_t>(count));
  return out;
}

template <class Ranges>
void SetMarks(const Snippet& snippet, Ranges* marks) {
  for (const Mark& mark : snippet.marks) {
    auto& range = *marks->Add();
    range.set_begin(static_cast<int32_t>(mark.begin));
    range.set_end(static_cast<int32_t>(mark.end));
  }
}

template <class Hit, class Value>
Hit HitOf(const Sources& sources, const Found& found, const TermSet& terms,
          absl::FunctionRef<Value(const FacetValue&, int64_t)> value_of) {
  Hit hit;
  const auto row = sources.Restore(found.type, found.data);
  if (row == nullptr) return hit;
  const auto* type = row->GetDescriptor();
  const auto* reflection = row->GetReflection();
  hit.set_resource(reflection->GetString(*row, type->FindFieldByName("name")));
  hit.set_type(type->name());
  hit.set_type_label(sources.LabelOf({kTypeFacet, type->name()}).zh);
  hit.set_title(sources.TitleOf(*row));
  bool is_title = true;
  for (const Excerpt& part : sources.Excerpts(*row, terms, kExcerpts, kExcerptLength)) {
    if (std::exchange(is_title, false)) {
      SetMarks(part.snippet, hit.mutable_title_marks());
      continue;
    }
    auto& excerpt = *hit.add_excerpts();
    excerpt.set_field(part.field);
    excerpt.set_label(part.label);
    excerpt.set_text(part.snippet.text);
    SetMarks(part.snippet, excerpt.mutable_marks());
  }
  for (const FacetValue& value : found.values) *hit.add_values() = value_of(value, 0);
  hit.mutable_update_time()->CopyFrom(
      reflection->GetMessage(*row, type->FindFieldByName("update_time")));
  return hit;
}

// `value_of` says how people see a value of a facet; `as_of` was read before the index was asked.
template <class Response, class Hit, class Value>
Response AnswerOf(const Sources& sources, const Query& query, const Matches& matches,
                  const std::string& bound, absl::Time as_of,
                  absl::FunctionRef<Value(const FacetValue&, int64_t)> value_of) {
  Response response;
  const std::vector<std::string> words = QueryTerms(query.text);
  const TermSet terms(words.begin(), words.end());
  for (const Found& found : matches.found) {
    *response.add_hits() = HitOf<Hit, Value>(sources, found, terms, value_of);
  }
  response.set_total_size(static_cast<int32_t>(matches.total));
  response.set_partial(matches.any_word);
  for (const std::string& facet : query.facets) response.add_facets()->set_facet(facet);
  for (const FacetCount& count : matches.counts) {
    for (auto& facet : *response.mutable_facets()) {
      if (facet.facet() == count.value.facet) {
        *facet.add_values() = value_of(count.value, count.count);
      }
    }
  }
  response.set_next_page_token(NextPage(query, matches, bound));
  if (as_of != absl::InfinitePast()) *response.mutable_as_of() = time::ToTimestamp(as_of);
  return response;
}

}  // namespace chanyan::search
