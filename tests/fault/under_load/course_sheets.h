// Files that courses import: rows that are known by the walk's text, or a form.
#pragma once

#include <string>

#include "tests/fault/under_load/courses.h"

namespace chanyan::fault {

// "演示3-17-e": the walk's text and which of its rows. A letter, because what differs in hyphens
// alone is one to some.
std::string TextOf(const Words& words, int row);

// Towns: organization.display_name.
std::string Streets(const Words& words);
// Drafts of the university's: platform.display_name.
std::string Platforms(const Words& words);
// Of its platform: instrument.display_name.
std::string Instruments(const Words& words);
// Of the instrument that the walk began with, a year each: use_record.note.
std::string Uses(const Words& words);
// Of one industry: industry_duty.lead_unit.
std::string Duties(const Words& words);
// Of one task force: task_force_member.unit.
std::string Members(const Words& words);
// policy_dividend.display_name.
std::string Dividends(const Words& words);

// Intents of the platform: intent.title.
std::string Offers(const Words& words);
// Contacts with the client's own unpaired enterprise: contact_attempt.content.
std::string Calls(const Words& words);
// The work list with that enterprise alone: outreach.assignee.
std::string Arrangement(const Words& words);
// All that are unpaired, kUnpaired: roster_entry.industry.
std::string Roster(const Words& words);
// The project of the enterprise that the walk began with, one: project.title.
std::string Pairs(const Words& words);
// Of the one project: notes (contact.content), problems (problem.content), outcomes of {yuan} each
// (outcome.description), supplements (agreement.number), and what became of quarters that no other
// walk has, kProgressRows (report_version.progress).
std::string Notes(const Words& words);
std::string Problems(const Words& words);
std::string Outcomes(const Words& words);
std::string Supplements(const Words& words);
std::string Progress(const Words& words);
inline constexpr int kProgressRows = kOwnQuarters - 1;
// Drafts: frame_agreement.title.
std::string FrameAgreements(const Words& words);
// Planned ones: conference.title.
std::string Conferences(const Words& words);
// Of the past conference's decision: follow_up.task.
std::string Tasks(const Words& words);
// co_built_base.title.
std::string Bases(const Words& words);

// Drafts of the university's: result.title.
std::string Results(const Words& words);
// Drafts of the partner's: demand.title.
std::string Demands(const Words& words);
// The form that a quarter opens with: what is carried over, with what came of it since.
std::string Form(const Words& words);

}  // namespace chanyan::fault
