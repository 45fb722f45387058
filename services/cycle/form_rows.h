// From the rows of a filled sheet to the rows of a form: what each names is found, what is wrong is
// placed on its cell, what is left is new, changed, the same or struck out (CYC-3, CYC-6). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/sheet/table.h"
#include "common/status/status.h"

namespace chanyan::cycle {

// Which platforms a form is for, where mergers and splits moved them while the cycle ran. Without
// them: all of its university.
struct FormScope {
  // cycles/{c}/forms/{f} and its university.
  std::string form;
  std::string university;
  // Other forms of the same university in the cycle → whose they were.
  absl::flat_hash_map<std::string, std::string> siblings;
  // Platforms of the rows that are on it already.
  absl::flat_hash_set<std::string> platforms;
};
// Empty if `platform`, one of the form's university, is for this form; else whose form it is for.
std::string BelongsElsewhere(const FormScope& scope, absl::string_view platform);

// What the registry says of the names in a sheet.
struct SheetFacts {
  // Published platforms of the form's university, by display name.
  absl::flat_hash_map<std::string, registry::v1::Platform> platforms;
  // Owners ("甲大学、乙大学") of published platforms elsewhere, by the display name, to say whose
  // it is.
  absl::flat_hash_map<std::string, std::string> elsewhere;
  // By unified social credit code.
  absl::flat_hash_map<std::string, registry::v1::Organization> enterprises;
  // Those that go on for some of these, by name.
  absl::flat_hash_map<std::string, registry::v1::Organization> survivors;
  // organizations/{o}/platforms/{p} and its name, where its part of the form is read: rows of
  // others are refused, and what is new is in its custody. Empty: the form as a whole.
  std::string only_platform;
  std::string only_platform_title;
};

struct RowPlan {
  std::vector<v1::Row> creates;
  // Before and after.
  std::vector<std::pair<v1::Row, v1::Row>> updates;
  std::vector<v1::Row> removes;
  int unchanged = 0;
  // Empty = the file can be taken; `field` is the place.
  std::vector<status::Violation> violations;
  // What the pack says of the first row whose platform and enterprise have one in the file already.
  policy::v1::Verdicts refused;

  bool changes() const { return !creates.empty() || !updates.empty() || !removes.empty(); }
};

// Whether an organization is or was called so.
bool IsNameOf(const registry::v1::Organization& organization, absl::string_view name);
// Whether the code is or was its own, or of one that has become part of it.
bool IsCodeOf(const registry::v1::Organization& organization, absl::string_view code);

// A university fills its own form: `stored` are all its rows. Rows that the file does not have are
// removed, but not those carried forward: they answer with 本季度无变化. Rows of the platforms
// `out` are with them: the file may show them as they are, and changes nothing of them. With
// `only_platform`, a platform fills its part, and `stored` are the rows of it.
RowPlan PlanForm(const policy::Pack& pack, const v1::Form& form,
                 const sheet::TableData<v1::Row>& data, const SheetFacts& facts,
                 const std::vector<v1::Row>& stored, absl::CivilDay today,
                 const absl::flat_hash_set<std::string>& out = {});

// An enterprise gives back one university's form: `stored` are its rows in that form and the
// released intents there; `held` says which of its rows it may fill. Rows that the file does not
// have stay as they are.
struct ReturnFacts {
  SheetFacts sheet;
  registry::v1::Organization enterprise;
  // Names of rows that the enterprise holds.
  absl::flat_hash_set<std::string> held;
};
RowPlan PlanReturn(const policy::Pack& pack, const v1::Form& form,
                   const sheet::TableData<v1::Row>& data, const ReturnFacts& facts,
                   const std::vector<v1::Row>& stored, absl::CivilDay today);

}  // namespace chanyan::cycle
