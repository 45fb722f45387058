// A filtered list walked from its first page to its last: pages at the end cost what those at the
// start do. Beside it the same SQL by the driver.
#include <numeric>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_format.h"
#include "tests/perf/clients.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"

namespace chanyan::perf {
namespace {

constexpr int kPageSize = 50;
// Pages at each end that are compared.
constexpr size_t kPages = 20;

// Milliseconds of a page at the start, at the end, and of all.
struct Walk {
  double first = 0;
  double last = 0;
  double mean = 0;
};

// `next_page` reads one page and returns whether another one follows.
Walk WalkPages(absl::FunctionRef<bool()> next_page) {
  std::vector<double> pages;
  for (bool more = true; more;) {
    const Stopwatch watch;
    more = next_page();
    pages.push_back(watch.Seconds() * 1000);
  }
  // The last one may not be full.
  pages.pop_back();
  if (pages.size() < 2 * kPages) Die("too few pages: give more --rows");
  const auto mean = [](auto begin, auto end) {
    return std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
  };
  return {mean(pages.begin(), pages.begin() + kPages), mean(pages.end() - kPages, pages.end()),
          mean(pages.begin(), pages.end())};
}

Walk WalkService(const Options& options) {
  RegistryClient client(options);
  const std::string token = SecretariatToken(options);
  registry::v1::ListPlatformsRequest request;
  request.set_parent("organizations/-");
  request.set_filter("state = PUBLISHED AND level = PROVINCIAL");
  request.set_page_size(kPageSize);
  return WalkPages([&] {
    const registry::v1::ListPlatformsResponse page = client.ListPlatforms(token, request);
    request.set_page_token(page.next_page_token());
    return !page.next_page_token().empty();
  });
}

Walk WalkRaw(const Options& options) {
  RawConnection connection(options, kRegistrySchema);
  RawStatement statement(connection,
                         absl::StrFormat("SELECT * FROM platform WHERE state = ? AND level = ? AND "
                                         "name >= ? ORDER BY name LIMIT %d",
                                         kPageSize + 1));
  std::string after;
  return WalkPages([&] {
    const RawStatement::Result page = statement.Query({"PUBLISHED", "PROVINCIAL", after});
    // The row beyond the page tells that there is another one, and begins it.
    after = page.last_key;
    return page.rows > kPageSize;
  });
}

Figure Ends(const char* what, const std::vector<Walk>& walks, const char* bound) {
  std::vector<Compared> rounds;
  for (const Walk& walk : walks) rounds.push_back({walk.last, walk.first, 0});
  const Compared median = MedianOf(rounds);
  return {what, absl::StrFormat("%.2f ms", median.ours), absl::StrFormat("%.2f ms", median.floor),
          median.ratio, bound};
}

}  // namespace

Figures ListPages(const Options& options) {
  EnsurePlatforms(options);
  std::vector<Walk> service, raw;
  std::vector<Compared> means;
  for (int i = 0; i <= kRounds; ++i) {
    raw.push_back(WalkRaw(options));
    service.push_back(WalkService(options));
    means.push_back({service.back().mean, raw.back().mean, 0});
  }
  const Compared mean = MedianOf(means);
  return {Ends(absl::StrFormat("list of 50 with a filter over %d rows: last 20 pages / first 20, "
                               "milliseconds a page",
                               options.rows)
                   .c_str(),
               service, "≈ 1"),
          Ends("… the same SQL by the driver: last 20 pages / first 20", raw, ""),
          {"… a page over all of the list: ListPlatforms / the same SQL by the driver",
           absl::StrFormat("%.2f ms", mean.ours), absl::StrFormat("%.2f ms", mean.floor),
           mean.ratio, ""}};
}

}  // namespace chanyan::perf
