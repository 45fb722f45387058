// Files that must be refused, each for one reason.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/seed_program/catalog.h"
#include "tools/seed_program/city.h"

namespace chanyan::seed {

// One file, and how it must be refused.
struct BrokenFile {
  std::string name;
  absl::StatusOr<std::string> bytes;
  // What it is handed in as: "form", "return", or the list of that name.
  const char* list;
  // Of a form and a return.
  std::string university;
  std::string enterprise;
  // Sheet and cell; empty = the file as a whole.
  std::string place;
  std::string words;
  // For the table that people read.
  std::string reason;
};

// A good row and a bad one for each list that the secretariat imports.
std::vector<BrokenFile> BrokenLists(const City& city);

// broken/ under `out` with expected.tsv, which says of each file what it is handed in as and what
// the refusal must name.
absl::Status WriteBroken(const Catalog& catalog, const City& city, const std::string& out);

}  // namespace chanyan::seed
