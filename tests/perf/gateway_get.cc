// GET of a platform through chanyan-gateway against the same call straight to chanyan-registry:
// what it costs the servers, not how long it takes.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/perf/clients.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {
namespace {

// Cost of one side, a round.
struct Cost {
  double rate = 0;
  double services_us = 0;
  double all_us = 0;
};

Cost Measure(const Options& options, const std::vector<Work>& work,
             const std::vector<std::string>& services) {
  const double services_before = CpuSeconds(options.run_dir, services);
  const double database_before = CpuSeconds(options.run_dir, {"mariadb"});
  const Load load = RunFor(options.time / kRounds, work);
  Cost cost;
  cost.rate = load.Rate();
  const double a_request = 1e6 / static_cast<double>(load.done);
  cost.services_us = (CpuSeconds(options.run_dir, services) - services_before) * a_request;
  cost.all_us =
      cost.services_us + (CpuSeconds(options.run_dir, {"mariadb"}) - database_before) * a_request;
  return cost;
}

Figure Line(const char* what, const char* unit, double Cost::*field,
            const std::vector<Cost>& gateway, const std::vector<Cost>& direct, const char* bound) {
  std::vector<Compared> rounds;
  // The first round warms up.
  for (size_t i = 1; i < gateway.size(); ++i) {
    rounds.push_back({gateway[i].*field, direct[i].*field, 0});
  }
  const Compared median = MedianOf(rounds);
  return {what, absl::StrFormat("%.0f%s", median.ours, unit),
          absl::StrFormat("%.0f%s", median.floor, unit), median.ratio, bound};
}

}  // namespace

Figures GatewayGet(const Options& options) {
  EnsurePlatforms(options);
  const std::string name = PlatformName(0);
  const std::string path = absl::StrCat("/v1/", name);
  std::vector<std::unique_ptr<RegistryClient>> grpc_clients;
  std::vector<std::unique_ptr<HttpClient>> http_clients;
  std::string token;
  std::vector<Work> grpc_work, http_work;
  for (int i = 0; i < options.clients; ++i) {
    grpc_clients.push_back(std::make_unique<RegistryClient>(options));
    grpc_work.push_back(
        [&name, &token, client = grpc_clients.back().get()] { client->GetPlatform(token, name); });
    http_clients.push_back(std::make_unique<HttpClient>(options));
    http_work.push_back(
        [&path, &token, client = http_clients.back().get()] { client->Get(token, path); });
  }
  std::vector<Cost> direct, gateway;
  for (int i = 0; i <= kRounds; ++i) {
    token = SecretariatToken(options);
    direct.push_back(Measure(options, grpc_work, {"registry"}));
    gateway.push_back(Measure(options, http_work, {"gateway", "registry"}));
  }
  return {Line("gateway: processor time of all servers a request, GET by HTTP / gRPC", " µs",
               &Cost::all_us, gateway, direct, "≤ 2.5"),
          Line("… of gateway and registry alone, without MariaDB", " µs", &Cost::services_us,
               gateway, direct, ""),
          Line("… requests a second", "/s", &Cost::rate, gateway, direct, "")};
}

}  // namespace chanyan::perf
