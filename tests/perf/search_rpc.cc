// Search as its callers have it: by gRPC from the running service, over platforms that its index
// has read from the registry's journal, at the index's own size; and what a call costs that asks
// for nothing.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/discovery.grpc.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/normalize.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/search/terms.h"
#include "common/status/status.h"
#include "tests/perf/ask.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/texts.h"

namespace chanyan::perf {
namespace {

using pairing::v1::DiscoveryService;
using registry::v1::Platform;

constexpr uint32_t kSeed = 11;
constexpr size_t kQueries = 500;
constexpr int kRowsPerTransaction = 500;
// One a core.
constexpr int kThreads = 2;
constexpr absl::Duration kIndexing = absl::Minutes(30);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(500);
constexpr char kOwner[] = "organizations/perf-search";

Platform MakeRow(TextMaker& maker, int number) {
  Platform row = maker.MakePlatform(number);
  row.set_name(absl::StrFormat("%s/platforms/s%06d", kOwner, number));
  row.set_organization(kOwner);
  // An organization has no two platforms of a title.
  absl::StrAppend(row.mutable_display_name(), number);
  return row;
}

// Rows and journal entries as an import would have written them; found again by later runs.
void EnsureJournalled(const Options& options) {
  const auto registry = OpenTables(options, kRegistrySchema);
  const db::Table<Platform> table;
  int64_t there = 0;
  Require(registry->Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(there, table.Count(session, {"organization = ?", {kOwner}}));
    return absl::OkStatus();
  }),
          "counting");
  TextMaker maker(kSeed);
  std::vector<Platform> rows;
  for (int number = 1; number <= options.documents; ++number) {
    rows.push_back(MakeRow(maker, number));
    if (rows.size() < kRowsPerTransaction && number < options.documents) continue;
    if (number > there) {
      Require(registry->Transact([&](db::Session& session) -> absl::Status {
        std::vector<Platform> written = rows;
        CHANYAN_RETURN_IF_ERROR(table.InsertAll(session, absl::Now(), &written));
        std::vector<journal::Alteration> alterations;
        for (const Platform& row : written) alterations.push_back({nullptr, &row});
        return journal::AppendAll(session, absl::Now(),
                                  {.method = "chanyan-perf", .actor = "services/perf"}, "imported",
                                  alterations);
      }),
              "writing platforms");
    }
    rows.clear();
  }
}

std::vector<std::string> MakeQueries(const Options& options) {
  TextMaker maker(kSeed);
  TextMaker draw(kSeed + 1);
  std::vector<std::string> queries;
  for (int number = 1; number <= options.documents && queries.size() < kQueries; ++number) {
    const std::u32string text = api::FromUtf8(MakeRow(maker, number).introduction());
    const size_t length = 2 + draw.Draw(5);
    const std::u32string part = text.substr(draw.Draw(text.size() - length), length);
    if (part.find(U'，') == std::u32string::npos) queries.push_back(api::ToUtf8(part));
  }
  return queries;
}

pairing::v1::SearchResponse Search(DiscoveryService::Stub& discovery, const std::string& text) {
  pairing::v1::SearchRequest request;
  request.set_query(text);
  return Ask<pairing::v1::SearchResponse>(discovery, &DiscoveryService::Stub::Search, "", request,
                                          "searching");
}

// Until all of them are found.
void AwaitIndex(DiscoveryService::Stub& discovery, const Options& options) {
  const Stopwatch watch;
  // A character that every introduction has; what else is in the index is found as well.
  TextMaker maker(kSeed);
  std::string last;
  for (int number = 1; number <= options.documents; ++number) {
    last = MakeRow(maker, number).display_name();
  }
  while (true) {
    const pairing::v1::SearchResponse found = Search(discovery, last);
    const auto is_last = [&](const pairing::v1::SearchHit& hit) {
      return hit.resource() == absl::StrFormat("%s/platforms/s%06d", kOwner, options.documents);
    };
    if (std::any_of(found.hits().begin(), found.hits().end(), is_last)) break;
    if (watch.Seconds() > absl::ToDoubleSeconds(kIndexing)) Die("the index does not keep up");
    absl::SleepFor(kBetweenLooks);
  }
  std::fprintf(stderr, "%d platforms are in the index after %.0f s\n", options.documents,
               watch.Seconds());
}

double NinetyNinth(std::vector<double> seconds) {
  if (seconds.empty()) Die("nothing was answered");
  std::sort(seconds.begin(), seconds.end());
  return 1000 * seconds[seconds.size() * 99 / 100];
}

template <class Call>
double Measure(absl::Duration time, Call call) {
  std::vector<std::vector<double>> seconds(kThreads);
  std::vector<Work> workers;
  for (int i = 0; i < kThreads; ++i) {
    workers.push_back([&, i, next = static_cast<size_t>(i) * 97]() mutable {
      const Stopwatch watch;
      call(next++);
      seconds[i].push_back(watch.Seconds());
    });
  }
  RunFor(time, workers);
  std::vector<double> all;
  for (const auto& each : seconds) all.insert(all.end(), each.begin(), each.end());
  return NinetyNinth(std::move(all));
}

}  // namespace

Figures SearchRpc(const Options& options) {
  EnsureJournalled(options);
  const auto channel = OwnChannel(options, "pairing");
  const auto discovery = DiscoveryService::NewStub(channel);
  AwaitIndex(*discovery, options);
  const std::vector<std::string> queries = MakeQueries(options);
  const absl::Duration round = options.time / kRounds;
  const Compared times = Compare(
      [&] {
        return Measure(round, [&](size_t next) {
          if (Search(*discovery, queries[next % queries.size()]).total_size() == 0) {
            Die("nothing is found");
          }
        });
      },
      // Nobody has this word: the call, its checks and an empty answer.
      [&] { return Measure(round, [&](size_t) { Search(*discovery, "犇骉"); }); });
  return {{absl::StrFormat("search by gRPC over %d platforms, 2 callers, ranked with total, facets "
                           "and marks: 99th of 100 times / of a word that nothing has",
                           options.documents),
           absl::StrFormat("%.1f ms", times.ours), absl::StrFormat("%.1f ms", times.floor),
           times.ratio, "ours ≤ 30 ms"}};
}

}  // namespace chanyan::perf
