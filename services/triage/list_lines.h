// What goes into a list, as what, and to whom (TRI-7). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/list.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// The lines of a list that are not left out.
inline constexpr char kKeptLines[] = "list = ? AND left_out = 0";

// An industry of the pack, "taxonomy/industry", a group with all below it; or a whole taxonomy.
struct IndustryScope {
  std::string title;
  // As results and demands name them, each once; empty = there is no such industry.
  std::vector<std::string> names;
};
IndustryScope ScopeOf(const policy::Pack& pack, absl::string_view industry);

// The same with the industries of the kind's other taxonomies that the pack's tables say
// correspond, where no task force stands for the taxonomy: a chain (产业链) is made of what the
// city calls otherwise.
IndustryScope ListedScope(const TriagePack& pack, const policy::v1::IndustryListKind& kind,
                          absl::string_view industry);

// The chains (产业链) of the kind's taxonomies that no task force speaks for: industries with none
// above them, in the order of the pack.
std::vector<std::string> ChainsOf(const TriagePack& pack, const policy::v1::IndustryListKind& kind);

// What a list of a period is called; with its number and version, once it has them.
std::string ListTitle(const v1::IndustryList& row, const std::string& period);

// Whether the kind has lists of that industry.
bool MayList(const policy::v1::IndustryListKind& kind, absl::string_view industry);

// Task forces that speak for one of these industries, or for one that corresponds to it where
// nobody speaks for its own taxonomy; in the order of the pack.
std::vector<const policy::v1::TriageUnit*> TaskForcesOf(
    const TriagePack& pack, const google::protobuf::RepeatedPtrField<std::string>& industries);

// The public part as a line, without place in a list. What is confidential is a resource of its own
// and is never asked for; entries that are not open to everybody are no lines.
v1::ListLine LineOf(const TriagePack& pack, const v1::Result& result);
v1::ListLine LineOf(const TriagePack& pack, const v1::Demand& demand);

}  // namespace chanyan::triage
