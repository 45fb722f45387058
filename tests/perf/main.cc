// chanyan-perf NAME…: measures against a floor in the same run and prints rows of the table in
// README.md. Started by tools/perf, beside programs that run.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "tests/perf/perf.h"

ABSL_FLAG(std::string, run_dir, "", "sockets and records of the running programs");
ABSL_FLAG(std::string, secrets_dir, "", "--secrets_dir of chanyan-identity");
ABSL_FLAG(int, seconds, 10, "time of one side of a measurement");
ABSL_FLAG(int, clients, 64, "client threads on both sides");
ABSL_FLAG(int, rows, 100'000, "rows of the table that is listed");
ABSL_FLAG(
    int, enterprises, 20'000,
    "enterprises of the quarter that is opened, distributed and packed, and to whom platforms "
    "are recommended");
ABSL_FLAG(int, documents, 200'000, "documents that are searched");

namespace chanyan::perf {
namespace {

struct Measurement {
  absl::string_view name;
  Figures (*run)(const Options&);
};

constexpr Measurement kMeasurements[] = {
    {"point_read", PointRead},
    {"gateway_get", GatewayGet},
    {"list_pages", ListPages},
    {"durable_create", DurableCreate},
    {"packaging", Packaging},
    {"ledgers", Ledgers},
    {"sheet_read", SheetRead},
    {"search", Search},
    {"search_rpc", SearchRpc},
    {"findable", Findable},
    {"imports", Imports},
    {"booking", Booking},
    {"merger", Merger},
    {"recommend", Recommend},
    {"coverage", Coverage},
    {"matching", Matching},
    {"funnel", Funnel},
    {"opening", Opening},
    {"distribution", Distribution},
    {"collection", Collection},
};

void Run(absl::string_view name, const Options& options) {
  for (const Measurement& measurement : kMeasurements) {
    if (measurement.name != name) continue;
    for (const Figure& figure : measurement.run(options)) {
      std::printf("| %s | %s | %s | %.2f | %s |\n", figure.what.c_str(), figure.ours.c_str(),
                  figure.floor.c_str(), figure.ratio, figure.bound.c_str());
    }
    std::fflush(stdout);
    return;
  }
  Die(absl::StrCat("no measurement ", name));
}

}  // namespace
}  // namespace chanyan::perf

int main(int argc, char** argv) {
  const std::vector<char*> names = absl::ParseCommandLine(argc, argv);
  chanyan::perf::Options options;
  options.run_dir = absl::GetFlag(FLAGS_run_dir);
  options.secrets_dir = absl::GetFlag(FLAGS_secrets_dir);
  options.time = absl::Seconds(absl::GetFlag(FLAGS_seconds));
  options.clients = absl::GetFlag(FLAGS_clients);
  options.rows = absl::GetFlag(FLAGS_rows);
  options.enterprises = absl::GetFlag(FLAGS_enterprises);
  options.documents = absl::GetFlag(FLAGS_documents);
  for (size_t i = 1; i < names.size(); ++i) chanyan::perf::Run(names[i], options);
  return 0;
}
