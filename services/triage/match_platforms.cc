#include "services/triage/match_platforms.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/search/source.h"
#include "common/status/status.h"

namespace chanyan::triage {
namespace {

using registry::v1::Organization;
using registry::v1::Platform;

constexpr char kRegistryService[] = "registry";

template <class Row>
absl::StatusOr<Row> RowOf(const search::Index& index, const std::string& name) {
  CHANYAN_ASSIGN_OR_RETURN(const auto row, index.Get(name));
  if (row->GetDescriptor() != Row::descriptor()) return status::NotFound(name);
  return static_cast<const Row&>(*row);
}

search::Source PlatformRow() {
  return {.type = Platform::descriptor(),
          .journal = kRegistryService,
          .findable = "state = PUBLISHED",
          .title = "display_name",
          .texts = {{"display_name", 1}},
          .facets = {},
          .owners = {{.field = "organization",
                      .type = Organization::descriptor(),
                      .inherited = {{"zone", "zone", ""}, {"district", "region_code", ""}}}}};
}

// Where platforms and demands are.
search::Source OrganizationRow() {
  return {.type = Organization::descriptor(),
          .journal = kRegistryService,
          .title = "display_name",
          .only_owner = true};
}

}  // namespace

PlatformSource PlatformsIn(const search::Index& index) {
  const std::string type = Platform::descriptor()->full_name();
  return {.version = [&index, type]() -> absl::StatusOr<std::string> {
            CHANYAN_ASSIGN_OR_RETURN(const std::string platforms, index.VersionOf(type));
            CHANYAN_ASSIGN_OR_RETURN(const std::string organizations,
                                     index.VersionOf(Organization::descriptor()->full_name()));
            return absl::StrCat(platforms, " ", organizations);
          },
          .each =
              [&index, type](absl::FunctionRef<void(const Platform&)> visit) {
                return index.ForEach(type, [&](const google::protobuf::Message& row) {
                  visit(static_cast<const Platform&>(row));
                });
              },
          .get = [&index](const std::string& name) { return RowOf<Platform>(index, name); },
          .as_of = [&index] { return index.stats().as_of; },
          .organization =
              [&index](const std::string& name) { return RowOf<Organization>(index, name); }};
}

absl::StatusOr<PlatformSource> HostPlatforms(rpc::Runtime& runtime) {
  CHANYAN_ASSIGN_OR_RETURN(auto made, search::Sources::Make({PlatformRow(), OrganizationRow()}));
  search::Sources& sources = runtime.Own(std::move(made));
  search::Index::Options options;
  options.journals.push_back({kRegistryService, runtime.JournalOf(kRegistryService)});
  CHANYAN_ASSIGN_OR_RETURN(
      auto opened,
      search::Index::Open({sources, runtime.clock(), runtime.log()}, std::move(options)));
  search::Index& index = runtime.Own(std::move(opened));
  runtime.OnSealed(kRegistryService, [&index] { index.Ring(); });
  // Nothing waits for it: results and demands are matched meanwhile.
  runtime.AddJob([&index] { index.Start(absl::ZeroDuration()); }, [&index] { index.Stop(); });
  return PlatformsIn(index);
}

}  // namespace chanyan::triage
