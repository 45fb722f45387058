// Proof of row conservation (CYC-4): from who put each row in, the chain of hand-overs it went
// through, and where it is said to be. Pure, so that it can be put before anything that may be
// wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"

namespace chanyan::cycle {

// Violations that are spelled out; one more says how many there are besides.
inline constexpr size_t kMaxConservationViolations = 200;

struct Birth {
  std::string row;
  // Short name of a RowOrigin: UNIVERSITY, CARRIED, ENTERPRISE.
  std::string origin;
  std::string holder;
  // Struck out while it was with its university, or with the platform that fills in its part.
  bool withdrawn = false;
  // From 1; a row that was struck out and put in again has several, the last of which is now's.
  int64_t life = 1;
  // Number of the first hop of this life.
  int64_t first_hop = 1;
};

struct Standing {
  std::string row;
  std::string holder;
  // Hand-over under way, or empty.
  std::string in_transit;
  // What the row's name follows from: one row for each platform and enterprise, or for the platform
  // and the enterprise that has become part of that one.
  std::string platform;
  std::string enterprise;
  std::string former_enterprise;
};

struct Hop {
  std::string row;
  int64_t number = 0;
};

// One hand-over and the rows recorded as in it.
struct Move {
  v1::Handover handover;
  std::vector<Hop> rows;
};

// Hex SHA-256 over the sorted names, one a line.
std::string RowSetSha256(std::vector<std::string> row_names);

// Everything but `as_of`. The order of the arguments' items does not matter.
v1::Conservation Prove(const std::vector<Birth>& births, const std::vector<Standing>& rows,
                       const std::vector<Move>& moves);

}  // namespace chanyan::cycle
