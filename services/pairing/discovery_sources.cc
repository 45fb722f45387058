#include "services/pairing/discovery_sources.h"

#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"

namespace chanyan::pairing {
namespace {

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

std::vector<search::Source> DiscoverySources() {
  return {
      {.type = registry::v1::Platform::descriptor(),
       .journal = "registry",
       .findable = "state != WITHDRAWN",
       .title = "display_name",
       .texts = {{"display_name", kName},
                 {"capabilities", kList},
                 {"services.title", kList},
                 {"industries", kList},
                 {"kind", kText},
                 {"level", kText},
                 {"organization_title", kText},
                 {"college", kText},
                 {"introduction", kText}},
       .facets = {{kKindFacet, "kind"}, {kIndustryFacet, "industries"}, {kLevelFacet, "level"}},
       .owners = {StandsWith("organization")}},
      {.type = registry::v1::Instrument::descriptor(),
       .journal = "registry",
       .findable = "state != RETIRED",
       .title = "display_name",
       .texts = {{"display_name", kName},
                 {"name_en", kList},
                 {"measured_variables", kList},
                 {"disciplines", kList},
                 {"model", kList},
                 {"maker", kText},
                 {"department", kText},
                 {"access_conditions", kText}},
       .facets = {},
       .owners = {StandsWith("organization"),
                  {.field = "platform",
                   .type = registry::v1::Platform::descriptor(),
                   .inherited = {{kKindFacet, "kind", ""},
                                 {kIndustryFacet, "industries", ""},
                                 {kLevelFacet, "level", ""}}}}},
      // One that is part of another is found as the other, by its name too.
      {.type = registry::v1::Organization::descriptor(),
       .journal = "registry",
       .findable = "state != MERGED",
       .title = "display_name",
       .texts = {{"display_name", kName},
                 {"former_names.display_name", kList},
                 {"absorbed.display_name", kList},
                 {"industries", kList},
                 {"kind", kText},
                 {"qualifications", kText},
                 {"zone", kText},
                 {"unified_social_credit_code", kText}},
       .facets = {{kKindFacet, "kind"},
                  {kIndustryFacet, "industries"},
                  {kZoneFacet, "zone"},
                  {kDistrictFacet, "region_code"}}},
      {.type = v1::Intent::descriptor(),
       .journal = "pairing",
       .findable = "state = OPEN",
       .title = "title",
       .texts = {{"title", kName},
                 {"kinds", kList},
                 {"industries", kList},
                 {"side", kText},
                 {"organization_title", kText},
                 {"platform_title", kText},
                 {"content", kText}},
       .facets = {{kKindFacet, "kinds"}, {kIndustryFacet, "industries"}},
       .owners = {StandsWith("organization")},
       .expires = "expire_time"},
      // Results: found by those who may see them, under the name of what they came of.
      {.type = v1::Outcome::descriptor(),
       .journal = "pairing",
       .findable = "state != WITHDRAWN",
       .title = "project_title",
       .texts = {{"project_title", kName},
                 {"kind", kList},
                 {"reference", kList},
                 {"description", kList},
                 {"platform_title", kText},
                 {"enterprise_title", kText}},
       .facets = {{kKindFacet, "kind"}},
       .owners = {{.field = "platform",
                   .type = registry::v1::Platform::descriptor(),
                   .inherited = {{kIndustryFacet, "industries", ""}, {kLevelFacet, "level", ""}}},
                  StandsWith("university")}},
  };
}

}  // namespace chanyan::pairing
