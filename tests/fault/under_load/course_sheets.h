// Files that courses import: kSheetRows rows that are known by the walk's text, or a form.
#pragma once

#include <string>

#include "tests/fault/under_load/courses.h"

namespace chanyan::fault {

// Towns: organization.display_name.
std::string Streets(const Words& words);
// Of one industry: industry_duty.lead_unit.
std::string Duties(const Words& words);
// Intents of the platform: intent.title.
std::string Offers(const Words& words);
// Contacts with the client's own unpaired enterprise: contact_attempt.content.
std::string Calls(const Words& words);
// The work list with that enterprise alone: outreach.assignee.
std::string Arrangement(const Words& words);
// Drafts of the university's: result.title.
std::string Results(const Words& words);
// The form that a quarter opens with: what is carried over, with what came of it since.
std::string Form(const Words& words);

}  // namespace chanyan::fault
