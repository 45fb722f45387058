// Rules of a row of the projects' sheet (PAIR-1, REG-10): what it makes of a project. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/project_sheet.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Who imports, and why soft rules are set aside.
struct Importing {
  std::vector<options::v1::Role> roles;
  std::string override_reason;
  absl::CivilDay today;
};

// What is wrong with a row by itself, whatever the pack says; fields of ProjectRow.
std::vector<status::Violation> RowViolations(const v1::ProjectRow& row, absl::CivilDay today);

// Whether a project is what the row says already.
bool SaysTheSame(const v1::ProjectRow& row, const v1::Project& project);

// Writes what the row says onto the project: title, kinds, content, day of signing, and the states
// on its way there. The pack judges a new one and one of other kinds as by hand (JudgeKinds). What
// is wrong comes back as violations of ProjectRow, and the project is then of no use; an ended
// project takes nothing but what it is already.
std::vector<status::Violation> TakeRow(const policy::Pack& pack, const v1::ProjectRow& row,
                                       const Importing& importing, bool is_new,
                                       v1::Project* project);

}  // namespace chanyan::pairing
