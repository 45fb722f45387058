// What people are told of triage, from the journal of the service that keeps it (TRI-4, TRI-5,
// TRI-7, TRI-8, TRI-10, CYC-9): what waits for somebody, as long as it does, and what has come of
// it. Pure.
//
// | row              | waits for                                   | until                        |
// | Push             | its recipient while SENT                    | received, ended, given back  |
// |                  | the same while its term is past             | answered, given another term |
// |                  | whoever serves the result, once DECLINED    | rerouted, settled            |
// | Handover         | to whom it is offered                       | answered, cancelled, lapsed  |
// | Escalation       | who decides at its rung while RAISED        | passed on, decided, withdrawn|
// |                  | its department once DECIDED                 | received                     |
// | EscalationTask   | its owner                                   | completed, cancelled         |
// | ListDelivery     | its task force                              | answered, superseded         |
// | IdleAlert        | whom the rung names, and who answers for it | somebody acts on the result  |
// | WorkMeeting      | owners of its open items                    | done (meeting_notices.h)     |
//
// When what waits comes to wait for somebody else, or until another day, or its term is noted as
// past (triage_overdue_notices.h), the former reminder is settled and the new one takes its place.
// All else is news: answers, longer terms, refusals, decisions, issued reports.
#pragma once

#include <vector>

#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// Whether an entry is of triage and may be told of, or settle what was told.
bool ConcernsTriageNotices(const journal::v1::Entry& entry);

// No two of them to one organization; none for an entry that nobody waits for.
std::vector<Notice> TriageNoticesOf(const journal::v1::Entry& entry);

// Whether nobody need do any more what was told of the entry's resource.
bool IsTriageSettled(const journal::v1::Entry& entry);

}  // namespace chanyan::cycle
