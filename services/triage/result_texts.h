// A result's lists as text, for sheets and answers.
#pragma once

#include <string>
#include <vector>

#include "chanyan/triage/v1/result.pb.h"
#include "common/status/status.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Fills in owners_text, people_text, evaluations_text, rights_text and maturity_text.
void WriteTexts(const TriagePack& pack, v1::Result* result);

// Reads the texts that are named into the lists beside them; what is wrong, by the text's field.
std::vector<status::Violation> ReadTexts(const TriagePack& pack, const v1::Result& texts,
                                         const std::vector<std::string>& names, v1::Result* result);
// "owners_text" and the others.
const std::vector<std::string>& TextFields();

}  // namespace chanyan::triage
