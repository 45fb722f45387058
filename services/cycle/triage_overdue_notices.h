// What people are told once a term of triage has run out, as its service noted it (TRI-4, TRI-10,
// CYC-9): a push that was not received or answered, a matter that was not decided, a task that was
// not done. Told are whom it waits for, with their leaders, and whoever is above them by the
// ladder. Pure.
#pragma once

#include <optional>

#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {

// To whom the row waits for, in place of the reminder of the term; nothing unless the term that the
// row has is one whose passing was noted, and somebody is waited for. `roles` as of the reminder.
std::optional<Notice> OverdueOf(const triage::v1::Push& row, NoticeRoles roles);
std::optional<Notice> OverdueOf(const triage::v1::Escalation& row, NoticeRoles roles);
std::optional<Notice> OverdueOf(const triage::v1::EscalationTask& row, NoticeRoles roles);

// To whoever is above: of a push and a matter the overseer; of a task who gave it and the
// department that sees to it. Nothing unless OverdueOf has something; nobody may be there.
std::optional<Notice> OversightOf(const triage::v1::Push& row);
std::optional<Notice> OversightOf(const triage::v1::Escalation& row);
std::optional<Notice> OversightOf(const triage::v1::EscalationTask& row);
// Of other rows nobody is told.
template <class Row>
std::optional<Notice> OversightOf(const Row&) {
  return std::nullopt;
}

}  // namespace chanyan::cycle
