#include "tests/perf/perf.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace chanyan::perf {
namespace {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

Compared MedianOf(const std::vector<Compared>& rounds) {
  std::vector<double> ours, floor, ratios;
  for (const Compared& round : rounds) {
    ours.push_back(round.ours);
    floor.push_back(round.floor);
    ratios.push_back(round.ours / round.floor);
  }
  return {Median(ours), Median(floor), Median(ratios)};
}

Compared Compare(absl::FunctionRef<double()> ours, absl::FunctionRef<double()> floor) {
  std::vector<Compared> rounds;
  for (int i = 0; i <= kRounds; ++i) {
    Compared round;
    round.floor = floor();
    round.ours = ours();
    if (i > 0) rounds.push_back(round);
  }
  return MedianOf(rounds);
}

void Die(absl::string_view what) {
  std::fprintf(stderr, "chanyan-perf: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

void Require(const absl::Status& status, absl::string_view doing) {
  if (!status.ok()) Die(absl::StrCat(doing, ": ", status.ToString()));
}

}  // namespace chanyan::perf
