#include "services/pairing/discovery_host.h"

#include <memory>
#include <set>
#include <utility>

#include "common/rpc/periodic.h"
#include "common/search/index.h"
#include "common/status/status.h"
#include "services/pairing/discovery_sources.h"

namespace chanyan::pairing {
namespace {

constexpr absl::Duration kMeasurePeriod = absl::Seconds(5);

absl::Status Measure(rpc::Runtime& runtime, const search::Index& index) {
  const search::Index::Stats stats = index.stats();
  const auto set = [&runtime](const char* name, const char* help, double value) {
    runtime.metrics().Gauges(name, help).One().Set(value);
  };
  set("chanyan_search_documents", "Documents of this replica's index.",
      static_cast<double>(stats.documents));
  set("chanyan_search_generations", "Times that this process has built its index anew.",
      static_cast<double>(stats.generations));
  set("chanyan_search_skipped_entries", "Journal entries that could not be indexed.",
      static_cast<double>(stats.skipped));
  if (stats.as_of != absl::InfinitePast()) {
    set("chanyan_search_age_seconds", "Time since all journals were last read to their end.",
        absl::ToDoubleSeconds(runtime.clock().Now() - stats.as_of));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Discovery> HostDiscovery(rpc::Runtime& runtime, const std::string& index_dir) {
  CHANYAN_ASSIGN_OR_RETURN(auto made, search::Sources::Make(DiscoverySources()));
  search::Sources& sources = runtime.Own(std::move(made));
  search::Index::Options options;
  options.dir = index_dir;
  std::set<std::string> journals;
  for (const search::Source& row : sources.rows()) {
    if (journals.insert(row.journal).second) {
      options.journals.push_back({row.journal, runtime.JournalOf(row.journal)});
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(
      auto opened,
      search::Index::Open({sources, runtime.clock(), runtime.log()}, std::move(options)));
  search::Index& index = runtime.Own(std::move(opened));
  for (const std::string& journal : journals) {
    runtime.OnSealed(journal, [&index] { index.Ring(); });
  }
  runtime.AddJob([&index] { index.Start(kIndexPatience); }, [&index] { index.Stop(); });
  auto& measure = runtime.Own(
      std::make_unique<rpc::Periodic>("index figures", kMeasurePeriod, runtime.log(),
                                      [&runtime, &index] { return Measure(runtime, index); }));
  runtime.AddJob([&measure] { measure.Start(); }, [&measure] { measure.Stop(); });

  CHANYAN_ASSIGN_OR_RETURN(auto advice_made,
                           PlatformAdvice::Make({runtime.store(), runtime.pack(), index}));
  PlatformAdvice& advice = runtime.Own(std::move(advice_made));
  auto& service = runtime.Own(std::make_unique<DiscoveryService>(DiscoveryService::Deps{
      runtime.store(), runtime.pack(), runtime.peers(), sources, index, advice}));
  runtime.server().Register("chanyan.pairing.v1.DiscoveryService", service.Methods());
  return Discovery{service, advice};
}

}  // namespace chanyan::pairing
