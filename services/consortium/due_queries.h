// What jobs and followers look for. Each is answered through an index, which a test on tables of a
// city's size looks at (DueQueriesTest).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "services/consortium/consortium_life.h"
#include "services/consortium/states_sql.h"

namespace chanyan::consortium {

// Clocks that ran out. Of notices the job of notices sees to it.
inline constexpr char kDueClocks[] =
    "SELECT name FROM consortium WHERE overdue = 0 AND due_time <= ? AND state <> 'PUBLIC_NOTICE' "
    "ORDER BY due_time, name";
// Dossiers whose filing's last day is over.
inline const std::string& OverFilings() {
  static const auto& sql = *new std::string(absl::StrCat(
      "SELECT name FROM consortium WHERE state IN ", StatesSql<v1::ConsortiumState>(kInForce),
      " AND valid_until < ? ORDER BY valid_until, name"));
  return sql;
}
// Filings that end within a step of the pack and were not reminded at that step. A name is compared
// as it is stored, so that the reminder is looked up by its key.
inline constexpr char kEndingSoon[] =
    "SELECT f.name FROM filing f WHERE f.state = 'VALID' AND f.valid_until BETWEEN ? AND ? AND "
    "NOT EXISTS (SELECT 1 FROM expiry_reminder r WHERE r.name = "
    "CONVERT(CONCAT(f.name, ?) USING ascii) COLLATE ascii_bin) ORDER BY f.valid_until, f.name";
// Bars whose last day is over.
inline constexpr char kOverBars[] =
    "SELECT name FROM bar WHERE state = 'IN_FORCE' AND end_date < ? ORDER BY end_date, name";
// Notices whose window is over.
inline constexpr char kDueNotices[] =
    "SELECT name FROM public_notice WHERE state = 'OPEN' AND deadline <= ? "
    "ORDER BY deadline, name";

// Objections that are still open as their last workday but one begins, and as their term is over.
inline constexpr char kRemindObjections[] =
    "SELECT name FROM notice_objection WHERE state = 'OPEN' AND reminded = 0 AND remind_time <= ? "
    "ORDER BY remind_time, name";
inline constexpr char kLateObjections[] =
    "SELECT name FROM notice_objection WHERE state = 'OPEN' AND overdue = 0 AND "
    "answer_due_time <= ? ORDER BY answer_due_time, name";

// In force, filed by a day, the latest filing but one before a renewal, and not asked for the
// report of a period. A name is compared as it is stored.
inline const std::string& UnaskedConsortia() {
  static const auto& sql = *new std::string(
      absl::StrCat("SELECT STRAIGHT_JOIN c.name FROM consortium c FORCE INDEX (consortium_state) "
                   "JOIN filing f ON f.name = c.filing "
                   "LEFT JOIN filing o ON o.name = f.renews WHERE c.state IN ",
                   StatesSql<v1::ConsortiumState>(kInForce),
                   " AND COALESCE(o.file_date, f.file_date) <= ? AND NOT EXISTS "
                   "(SELECT 1 FROM construction_report r WHERE r.name = "
                   "CONVERT(CONCAT(c.name, ?) USING ascii) COLLATE ascii_bin) ORDER BY c.name"));
  return sql;
}
// Reports that are the lead's turn: to be reminded of while there is time, whose term is over, and
// whose filing is in force no more.
inline constexpr char kRemindReports[] =
    "SELECT name FROM construction_report WHERE state IN ('DUE', 'RETURNED') AND reminded = 0 AND "
    "remind_time <= ? AND due_time >= ? ORDER BY remind_time, name";
inline constexpr char kLateReports[] =
    "SELECT name FROM construction_report WHERE state IN ('DUE', 'RETURNED') AND overdue = 0 AND "
    "due_time <= ? ORDER BY due_time, name";
inline const std::string& OverReports() {
  static const auto& sql = *new std::string(absl::StrCat(
      "SELECT r.name FROM construction_report r JOIN consortium c ON c.name = r.consortium "
      "WHERE r.state IN ('DUE', 'RETURNED') AND c.state NOT IN ",
      StatesSql<v1::ConsortiumState>(kInForce), " ORDER BY r.name"));
  return sql;
}
// What is with a unit and past its term.
inline constexpr char kLateCoordination[] =
    "SELECT name FROM coordination_item WHERE state = 'ASSIGNED' AND overdue = 0 AND "
    "due_time <= ? ORDER BY due_time, name";

// Panels, by name, whose results count in a dossier that is not decided, and which were looked at
// never, no later than a time, or by other rules than those, or are to be looked at again by now:
// of dossiers that are accepted, and not from before they were last.
inline const std::string& DuePanels() {
  static const auto& sql = *new std::string(absl::StrCat(
      "SELECT p.name FROM consortium c JOIN review_panel p ON p.consortium = c.name "
      "LEFT JOIN panel_check k ON k.panel = p.name WHERE c.state IN ",
      StatesSql<v1::ConsortiumState>(kAccepted),
      " AND p.state <> 'CANCELLED' AND p.name > ? "
      "AND (k.panel IS NULL OR k.check_time <= ? OR k.rules <> ? OR k.again_time <= ?) "
      "AND NOT EXISTS "
      "(SELECT 1 FROM transition_record t WHERE t.consortium = c.name AND t.verb = 'accept' "
      "AND t.create_time > p.create_time) ORDER BY p.name LIMIT ?"));
  return sql;
}

// Dossiers that name an organization: all, those of some states.
inline constexpr char kNaming[] =
    "SELECT consortium FROM consortium_party WHERE organization = ? ORDER BY consortium";
// The same as of now, whatever the transaction's snapshot shows, and nobody adds one before it
// ends.
inline constexpr char kNamingNow[] =
    "SELECT consortium FROM consortium_party WHERE organization = ? ORDER BY consortium FOR UPDATE";
inline std::string NamingIn(uint32_t states) {
  return absl::StrCat(
      "SELECT c.name FROM consortium_party p JOIN consortium c ON c.name = p.consortium "
      "WHERE p.organization = ? AND c.state IN ",
      StatesSql<v1::ConsortiumState>(states), " ORDER BY c.name");
}

// Dossiers with an open supplement by which an organization would join; and the same as of now.
inline constexpr char kJoining[] =
    "SELECT open_consortium FROM supplement FORCE INDEX (supplement_open) "
    "WHERE open_consortium IS NOT NULL AND JSON_CONTAINS(joiners, JSON_QUOTE(?)) "
    "ORDER BY open_consortium";
inline constexpr char kJoiningNow[] =
    "SELECT open_consortium FROM supplement FORCE INDEX (supplement_open) "
    "WHERE open_consortium IS NOT NULL AND JSON_CONTAINS(joiners, JSON_QUOTE(?)) "
    "ORDER BY open_consortium FOR UPDATE";

}  // namespace chanyan::consortium
