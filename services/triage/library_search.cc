#include "services/triage/library_search.h"

#include <memory>
#include <string>
#include <utility>

#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/search/answer.h"
#include "common/status/status.h"

namespace chanyan::triage {
namespace {

constexpr char kJournal[] = "triage";
constexpr char kRegistry[] = "registry";
constexpr char kKindFacet[] = "kind";
constexpr char kIndustryFacet[] = "industry";
constexpr char kStageFacet[] = "stage";
constexpr char kZoneFacet[] = "zone";
constexpr char kDistrictFacet[] = "district";
// A name says more than a list, a list more than a page of text.
constexpr int kName = 6;
constexpr int kList = 3;
constexpr int kText = 1;

// What is published names whose it is, so that where that stands is told with it.
search::SourceOwner StandsWith(const char* field) {
  return {.field = field,
          .type = registry::v1::Organization::descriptor(),
          .inherited = {{kZoneFacet, "zone", ""}, {kDistrictFacet, "region_code", ""}}};
}

}  // namespace

std::vector<search::Source> LibrarySources() {
  // As listing_content.cc has them.
  const std::vector<search::SourceText> shown = {
      {"title", kName},   {"keywords", kList},         {"industries", kList},
      {"fields", kList},  {"university_title", kText}, {"abstract", kText},
      {"benefits", kText}};
  const std::vector<search::SourceFacet> facets = {{kIndustryFacet, "industries"},
                                                   {kStageFacet, "stage"}};
  return {
      {.type = v1::Result::descriptor(),
       .journal = kJournal,
       .findable = "state = PUBLISHED",
       .title = "title",
       .texts = shown,
       .facets = facets,
       .owners = {StandsWith("university")}},
      {.type = v1::Demand::descriptor(),
       .journal = kJournal,
       .findable = "state = PUBLISHED",
       .title = "title",
       .texts = {{"title", kName},
                 {"keywords", kList},
                 {"industries", kList},
                 {"fields", kList},
                 {"kind", kText},
                 {"enterprise_title", kText},
                 {"description", kText}},
       .facets = {{kKindFacet, "kind"}, {kIndustryFacet, "industries"}},
       .owners = {StandsWith("enterprise")},
       .expires = "valid_until"},
      {.type = v1::Listing::descriptor(),
       .journal = kJournal,
       .findable = "listed = true",
       .title = "title",
       .texts = shown,
       .facets = facets},
      {.type = registry::v1::Organization::descriptor(),
       .journal = kRegistry,
       .title = "display_name",
       .only_owner = true},
  };
}

std::vector<rpc::UnaryMethod> LibrarySearchService::Methods() {
  return {rpc::Unary("SearchLibraries", this, &LibrarySearchService::SearchLibraries)};
}

absl::StatusOr<pairing::v1::SearchResponse> LibrarySearchService::SearchLibraries(
    const rpc::Call& call, const v1::SearchLibrariesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(search::Query query,
                           search::ReadRequest(sources_, call.principal, request));
  search::AddFilter(kKindFacet, request.kinds(), &query);
  search::AddFilter(kIndustryFacet, request.industries(), &query);
  search::AddFilter(kStageFacet, request.stages(), &query);
  search::AddFilter(kZoneFacet, request.zones(), &query);
  search::AddFilter(kDistrictFacet, request.districts(), &query);
  const absl::Time as_of = index_.stats().as_of;
  CHANYAN_ASSIGN_OR_RETURN(const search::Matches matches, index_.Search(query, clock_.Now()));
  return search::AnswerOf<pairing::v1::SearchResponse, pairing::v1::SearchHit,
                          pairing::v1::SearchValue>(
      sources_, query, matches, search::BoundOf(request), as_of,
      [this](const search::FacetValue& value, int64_t count) {
        return search::ValueOf<pairing::v1::SearchValue>(sources_, value, count);
      });
}

absl::Status HostLibrarySearch(rpc::Runtime& runtime) {
  CHANYAN_ASSIGN_OR_RETURN(auto made, search::Sources::Make(LibrarySources()));
  search::Sources& sources = runtime.Own(std::move(made));
  search::Index::Options options;
  for (const char* journal : {kJournal, kRegistry}) {
    options.journals.push_back({journal, runtime.JournalOf(journal)});
  }
  CHANYAN_ASSIGN_OR_RETURN(
      auto opened,
      search::Index::Open({sources, runtime.clock(), runtime.log()}, std::move(options)));
  search::Index& index = runtime.Own(std::move(opened));
  for (const char* journal : {kJournal, kRegistry}) {
    runtime.OnSealed(journal, [&index] { index.Ring(); });
  }
  runtime.AddJob([&index] { index.Start(absl::ZeroDuration()); }, [&index] { index.Stop(); });
  auto& service =
      runtime.Own(std::make_unique<LibrarySearchService>(runtime.clock(), sources, index));
  runtime.server().Register("chanyan.triage.v1.LibrarySearchService", service.Methods());
  return absl::OkStatus();
}

}  // namespace chanyan::triage
