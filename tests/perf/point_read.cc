// GetPlatform over gRPC on a unix socket against a prepared statement that reads the same rows.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/perf/clients.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"

namespace chanyan::perf {
namespace {

constexpr int kPlatformsRead = 1000;

// Processor time of servers over all rounds.
struct Cost {
  double seconds = 0;
  int64_t requests = 0;
  double Microseconds() const { return seconds / static_cast<double>(requests) * 1e6; }
};

double Measure(const Options& options, absl::FunctionRef<Load()> run,
               const std::vector<std::string>& servers, Cost& cost) {
  const double before = CpuSeconds(options.run_dir, servers);
  const Load load = run();
  cost.seconds += CpuSeconds(options.run_dir, servers) - before;
  cost.requests += load.done;
  return load.Rate();
}

}  // namespace

Figures PointRead(const Options& options) {
  EnsurePlatforms(options);
  // Each read asks for another row than those under way.
  std::vector<std::string> names;
  for (int i = 0; i < kPlatformsRead; ++i) names.push_back(PlatformName(i));
  std::atomic<size_t> turn = 0;
  const auto next = [&]() -> const std::string& { return names[turn++ % names.size()]; };
  std::vector<std::unique_ptr<RawConnection>> connections;
  std::vector<std::unique_ptr<RawStatement>> statements;
  std::vector<Work> raw_work;
  for (int i = 0; i < options.clients; ++i) {
    connections.push_back(std::make_unique<RawConnection>(options, kRegistrySchema));
    statements.push_back(std::make_unique<RawStatement>(*connections.back(),
                                                        "SELECT * FROM platform WHERE name = ?"));
    raw_work.push_back([&next, statement = statements.back().get()] {
      if (statement->Query({next()}).rows != 1) Die("the row is not there");
    });
  }
  RegistryClient client(options);
  std::string token;
  const absl::Duration round = options.time / kRounds;
  const auto raw = [&] { return RunFor(round, raw_work); };
  const auto service = [&] {
    token = SecretariatToken(options);
    return RunOutstanding(round, options.clients, [&](std::function<void()> done) {
      client.BeginGetPlatform(token, next(), std::move(done));
    });
  };
  const auto health = [&] {
    return RunOutstanding(round, options.clients, [&](std::function<void()> done) {
      client.BeginCheckHealth(std::move(done));
    });
  };
  Cost service_cost, raw_cost, health_cost;
  const Compared rates = Compare(
      [&] {
        return Measure(options, service, {"registry", "mariadb"}, service_cost);
      },
      [&] { return Measure(options, raw, {"mariadb"}, raw_cost); });
  const Compared healths =
      Compare([&] { return Measure(options, health, {"registry"}, health_cost); },
              [&] { return Measure(options, raw, {"mariadb"}, raw_cost); });
  return {{absl::StrFormat("point read, %d at once: GetPlatform by gRPC / prepared SELECT",
                           options.clients),
           absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.0f/s", rates.floor),
           rates.ratio, "≥ 0.35"},
          {"… processor time of the servers a read: registry and MariaDB / MariaDB",
           absl::StrFormat("%.0f µs", service_cost.Microseconds()),
           absl::StrFormat("%.0f µs", raw_cost.Microseconds()),
           service_cost.Microseconds() / raw_cost.Microseconds(), ""},
          {"… gRPC without the database: Check of grpc.health.v1 / prepared SELECT",
           absl::StrFormat("%.0f/s", healths.ours), absl::StrFormat("%.0f/s", healths.floor),
           healths.ratio, ""},
          {"… processor time of the servers: registry, a Check / MariaDB, a SELECT",
           absl::StrFormat("%.0f µs", health_cost.Microseconds()),
           absl::StrFormat("%.0f µs", raw_cost.Microseconds()),
           health_cost.Microseconds() / raw_cost.Microseconds(), ""}};
}

}  // namespace chanyan::perf
