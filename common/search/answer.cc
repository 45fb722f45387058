#include "common/search/answer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/labels.h"
#include "common/db/page_token.h"

namespace chanyan::search {
namespace {

constexpr size_t kDefaultHits = 20;
constexpr size_t kMaxHits = 100;
// What a page token is bound to stands in place of a table.
constexpr char kTokenOf[] = "search";

absl::Status CheckTypes(const Sources& sources, const std::vector<std::string>& types) {
  std::vector<std::string> known;
  for (const Source& row : sources.rows()) {
    if (!row.only_owner) known.push_back(row.type->name());
  }
  std::vector<status::Violation> violations;
  for (size_t i = 0; i < types.size(); ++i) {
    if (std::find(known.begin(), known.end(), types[i]) == known.end()) {
      violations.push_back(
          {absl::StrCat("types[", i, "]"),
           absl::StrCat("没有“", types[i], "”这种资源，可选：", absl::StrJoin(known, "、"))});
    }
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return absl::OkStatus();
}

absl::Status ReadToken(absl::string_view token, const std::string& bound, Query* query) {
  if (token.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const db::Values values,
                           db::ReadPageToken({kTokenOf, "", bound, ""}, token));
  const auto* offset = values.size() == 2 ? std::get_if<int64_t>(&values[0]) : nullptr;
  const auto* any_word = values.size() == 2 ? std::get_if<int64_t>(&values[1]) : nullptr;
  if (offset == nullptr || any_word == nullptr || *offset < 0 ||
      *offset >= static_cast<int64_t>(kMaxReach)) {
    return db::InvalidPageToken();
  }
  query->offset = static_cast<size_t>(*offset);
  query->any_word = *any_word != 0;
  return absl::OkStatus();
}

}  // namespace

void AddFilter(absl::string_view facet,
               const google::protobuf::RepeatedPtrField<std::string>& values, Query* query) {
  if (values.empty()) return;
  query->filters.push_back({std::string(facet), {values.begin(), values.end()}});
}

absl::StatusOr<Query> ReadQuery(const Sources& sources, const auth::Principal& principal,
                                absl::string_view text, const std::vector<std::string>& types,
                                int32_t page_size, absl::string_view page_token,
                                const std::string& bound) {
  CHANYAN_RETURN_IF_ERROR(CheckTypes(sources, types));
  if (page_size < 0) return status::InvalidField("page_size", "每页条数不能为负数");
  Query query;
  query.text = std::string(text);
  query.limit =
      page_size == 0 ? kDefaultHits : std::min<size_t>(static_cast<size_t>(page_size), kMaxHits);
  CHANYAN_RETURN_IF_ERROR(ReadToken(page_token, bound, &query));
  query.limit = std::min(query.limit, kMaxReach - query.offset);
  if (!types.empty()) query.filters.push_back({kTypeFacet, types});
  query.facets = sources.facets();
  for (const Source& row : sources.rows()) {
    for (std::string& label : auth::CallerLabels(principal, row.type)) {
      query.labels.push_back(std::move(label));
    }
  }
  return query;
}

std::string NextPage(const Query& query, const Matches& matches, const std::string& bound) {
  const size_t end = query.offset + matches.found.size();
  if (end >= static_cast<size_t>(matches.total) || end >= kMaxReach) return "";
  return db::MakePageToken({kTokenOf, "", bound, ""},
                           {static_cast<int64_t>(end), int64_t{matches.any_word ? 1 : 0}});
}

}  // namespace chanyan::search
