// What results and demands must be, and the facts by which the pack lets them into the library
// (TRI-1). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Everything wrong with a result's or demand's content, fields as in the message.
std::vector<status::Violation> ResultViolations(const TriagePack& pack, const v1::Result& result);
std::vector<status::Violation> DemandViolations(const TriagePack& pack, const v1::Demand& demand);

// Why an enterprise may not enter or change a result itself: it is none of those that the pack lets
// it enter (S3 二(一)); the others are for those who serve it.
std::vector<status::Violation> EnterpriseViolations(const TriagePack& pack,
                                                    const v1::Result& result);

// A form of results that the pack names and that is none; empty if there is none such.
std::string UnknownForm(const TriagePack& pack);

// Industries and fields of a result, a demand or a guide, and where a result is to settle, as the
// pack calls them; what it does not know stays as it is.
template <class Entry>
void UsePackNames(const TriagePack& pack, Entry* entry) {
  for (std::string& name : *entry->mutable_industries()) name = pack.IndustryName(name);
  for (std::string& name : *entry->mutable_fields()) name = pack.FieldName(name);
  if constexpr (requires { entry->settle_place(); }) {
    if (!entry->settle_place().empty()) {
      entry->set_settle_place(pack.PlaceName(entry->settle_place()));
    }
  }
}

// Whether a text can stand in a list that a sheet keeps in one cell (list_text.h).
bool FitsListText(absl::string_view text);

// At DECISION_RESULT_PUBLISH and DECISION_DEMAND_PUBLISH.
policy::Facts PublishFacts(const v1::Result& result);
policy::Facts PublishFacts(const v1::Demand& demand, absl::CivilDay today);

// Whether the last day of a demand has passed.
bool IsExpired(const v1::Demand& demand, absl::CivilDay today);

}  // namespace chanyan::triage
