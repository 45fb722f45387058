#include "services/triage/match_platforms.h"

#include <memory>
#include <string>
#include <utility>

#include "common/search/source.h"
#include "common/status/status.h"

namespace chanyan::triage {
namespace {

using registry::v1::Platform;

constexpr char kRegistryService[] = "registry";

search::Source PlatformRow() {
  return {.type = Platform::descriptor(),
          .journal = kRegistryService,
          .findable = "state = PUBLISHED",
          .title = "display_name",
          .texts = {{"display_name", 1}},
          .facets = {}};
}

}  // namespace

PlatformSource PlatformsIn(const search::Index& index) {
  const std::string type = Platform::descriptor()->full_name();
  return {.version = [&index, type] { return index.VersionOf(type); },
          .each =
              [&index, type](absl::FunctionRef<void(const Platform&)> visit) {
                return index.ForEach(type, [&](const google::protobuf::Message& row) {
                  visit(static_cast<const Platform&>(row));
                });
              },
          .get = [&index](const std::string& name) -> absl::StatusOr<Platform> {
            CHANYAN_ASSIGN_OR_RETURN(const auto row, index.Get(name));
            if (row->GetDescriptor() != Platform::descriptor()) return status::NotFound(name);
            return static_cast<const Platform&>(*row);
          },
          .as_of = [&index] { return index.stats().as_of; }};
}

absl::StatusOr<PlatformSource> HostPlatforms(rpc::Runtime& runtime) {
  CHANYAN_ASSIGN_OR_RETURN(auto made, search::Sources::Make({PlatformRow()}));
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
