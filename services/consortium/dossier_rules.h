// What a dossier must be in itself, and who may write what of it (CON-1). Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/party.pb.h"
#include "common/status/status.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

// Organizations by organizations/{organization}.
using Parties = std::map<std::string, v1::Party>;

// Lead and members in the order of the dossier, each once; empty names are nobody.
std::vector<std::string> ParticipantsOf(const v1::Consortium& row);

// Everything that contradicts itself or the lists of the pack: members twice or the lead among
// them, kinds that are not the registry's, clauses and mechanisms that the pack does not know,
// topics of strangers, funds beyond the whole. What is merely missing or half written is no
// violation: drafts grow.
std::vector<status::Violation> DossierViolations(const ConsortiumPack& pack,
                                                 const v1::Consortium& row, const Parties& parties);

// Entries that a draft may hold half written and that are whole when it is handed in: members
// without kind or layer, clauses without their place, a chief expert without employer, targets
// without value, mechanisms that say nothing. Where, and what to write.
std::vector<status::Violation> HalfWritten(const v1::Consortium& row);
// Nothing or only space.
bool IsBlank(absl::string_view text);

// Fields other than the plan that differ: a member may not change these (S2 五(五):
// 牵头单位应联合成员 单位共同编制建设方案; all else is the lead's).
std::vector<std::string> FieldsOfLead(const v1::Consortium& before, const v1::Consortium& after);

// Puts the registry's names on lead and members.
void SetTitles(const Parties& parties, v1::Consortium* row);

}  // namespace chanyan::consortium
