// What was done in a quarter that runs, for a simulation to go on from (CYC-10). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"

namespace chanyan::cycle {

struct QuarterSoFar {
  struct Gave {
    absl::Time first_time;
    bool on_time = false;
  };
  // Of the cycle.
  std::vector<v1::Handover> handovers;
  // By enterprise, when it gave back first.
  std::map<std::string, Gave> returns;
  // When the last event was held, if none is to come any more.
  std::optional<absl::Time> exchanged;
  // When a board was published first.
  std::optional<absl::Time> published;
};

// When something was sent on, in order.
class Sends {
 public:
  void Add(absl::Time time);
  // Puts them in order.
  void Settle();

  bool any() const { return !times_.empty(); }
  absl::Time first() const { return times_.front(); }
  absl::Time last() const { return times_.back(); }
  // The last that was in time, for what came later was added; the first if none was.
  absl::Time DoneAt(absl::Time end) const;

 private:
  std::vector<absl::Time> times_;
};

// The hand-overs of a cycle, onwards and not refused, by step and who gave to whom.
class Legs {
 public:
  explicit Legs(const std::vector<v1::Handover>& handovers);

  // None if nothing was sent.
  const Sends& Between(int step, const std::string& sender, const std::string& receiver) const;
  // To whomever.
  const Sends& From(int step, const std::string& sender) const;

 private:
  std::map<std::tuple<int, std::string, std::string>, Sends> legs_;
};

// Its enterprise gave it back, filled in or with the word that nothing has changed, and it was not
// sent back to it since.
bool IsGiven(const v1::Row& row);
// Its unit handed it in, and it was not sent back since.
bool IsPacked(const v1::Row& row);
// The secretariat returned it to its university.
bool IsReturned(const v1::Row& row);

}  // namespace chanyan::cycle
