// The district in small with its index: the registry's journal in memory, pairing's own from the
// database, and DiscoveryService over both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chanyan/registry/v1/instrument.pb.h"
#include "services/pairing/discovery_service.h"
#include "services/pairing/discovery_sources.h"
#include "tests/service/pairing/city.h"
#include "tests/unit/search/memory_journal.h"
#include "tests/unit/search/scratch_directory.h"

namespace chanyan::pairing {

inline constexpr char kPilotLine[] = "organizations/ouc/platforms/pilot";

class DiscoveryWorld : public City {
 public:
  DiscoveryWorld();

  static rpc::Call Call(options::v1::Role role, absl::string_view organization,
                        absl::string_view method = "Search");
  // As the registry has it from now on, journal included.
  void Write(const registry::v1::Organization& organization);
  void Write(const registry::v1::Platform& platform);
  void Write(const registry::v1::Instrument& instrument);
  // The rest of a platform of `name`.
  registry::v1::Platform MakePlatform(const std::string& name, const std::string& title);
  // Own journal sealed, index up to date.
  void Settle();

  absl::StatusOr<v1::SearchResponse> Search(const rpc::Call& call,
                                            const v1::SearchRequest& request);
  // Names of what is found.
  std::vector<std::string> Found(options::v1::Role role, absl::string_view organization,
                                 const std::string& query);
  absl::StatusOr<v1::RecommendPlatformsResponse> Recommend(const rpc::Call& call,
                                                           const std::string& subject,
                                                           const std::string& text = "");
  absl::StatusOr<v1::Suggestion> Explain(const rpc::Call& call, const std::string& platform,
                                         const std::string& subject, const std::string& text = "");
  absl::StatusOr<v1::Dismissal> Dismiss(const rpc::Call& call, int enterprise,
                                        const std::string& platform, const std::string& reason);
  // A request of an enterprise, open for a day.
  v1::Intent PublishRequest(int enterprise, const std::string& title, const std::string& content);

  search::MemoryJournal registry_journal;
  search::ScratchDirectory directory;
  std::unique_ptr<search::Sources> sources;
  std::unique_ptr<search::Index> index;
  std::unique_ptr<PlatformAdvice> advice;
  std::unique_ptr<DiscoveryService> discovery;

 private:
  std::unique_ptr<db::Lease> sealer_;
};

}  // namespace chanyan::pairing
