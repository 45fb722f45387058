// What all measurements share: how they are asked for, and what they report. Nothing here fails
// because of a figure: a slow machine is no fault. What cannot be measured at all ends the program
// with a message.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::perf {

// Rounds that count; one more comes first and does not.
inline constexpr int kRounds = 5;

struct Options {
  // Sockets ({service}.sock, mariadb.sock), records ({service}.pid) and gateway.http of programs
  // that run, as tools/lib/suite.sh lays them out.
  std::string run_dir;
  // Signing keys of chanyan-identity are in keys/.
  std::string secrets_dir;
  // Time of one side of a measurement, all its rounds together.
  absl::Duration time;
  // Client threads, the same on both sides.
  int clients = 0;
  // Rows of the table that is listed.
  int rows = 0;
  // Enterprises of the quarter that is opened, distributed and packed, and to whom platforms are
  // recommended. A quarter has two and a half times as many rows.
  int enterprises = 0;
  // Documents that are searched.
  int documents = 0;
};

// One line of the report.
struct Figure {
  std::string what;
  // Rate, cost or time of ours and of what it is held against, with their unit.
  std::string ours;
  std::string floor;
  // ours / floor.
  double ratio = 0;
  // "≥ 0.35"; empty for a line that only tells more.
  std::string bound;
};

using Figures = std::vector<Figure>;

// One function a file of that name.
Figures PointRead(const Options& options);
Figures GatewayGet(const Options& options);
Figures ListPages(const Options& options);
Figures DurableCreate(const Options& options);
Figures Packaging(const Options& options);
Figures Ledgers(const Options& options);
Figures SheetRead(const Options& options);
Figures Search(const Options& options);
Figures SearchRpc(const Options& options);
Figures Findable(const Options& options);
Figures Imports(const Options& options);
Figures Booking(const Options& options);
Figures Merger(const Options& options);
Figures Recommend(const Options& options);
Figures Coverage(const Options& options);
Figures Matching(const Options& options);
Figures Funnel(const Options& options);
// Both in quarter.cc.
Figures Opening(const Options& options);
Figures Distribution(const Options& options);
Figures Collection(const Options& options);

// Two sides of a measurement, taken in turns so that a machine that slows down slows both.
struct Compared {
  // Medians over the rounds; `ratio` is the median of each round's ours / floor.
  double ours = 0;
  double floor = 0;
  double ratio = 0;
};
Compared Compare(absl::FunctionRef<double()> ours, absl::FunctionRef<double()> floor);
Compared MedianOf(const std::vector<Compared>& rounds);

// Ends the program.
[[noreturn]] void Die(absl::string_view what);
void Require(const absl::Status& status, absl::string_view doing);
template <typename T>
T Require(absl::StatusOr<T> result, absl::string_view doing) {
  Require(result.status(), doing);
  return *std::move(result);
}

}  // namespace chanyan::perf
