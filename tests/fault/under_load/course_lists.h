// The lists of courses, by what they are about, and how their acts are written down.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "tests/fault/under_load/courses.h"

namespace chanyan::fault {

// Organizations and what looks like one twice, platforms, instruments and bookings, reference
// lists, and files of all of them.
std::vector<Course> RegistryCourses();
// Projects and what is kept of them, intents, follow-ups of enterprises, dismissals.
std::vector<Course> PairingCourses();
// Frame agreements, conferences and bases.
std::vector<Course> CooperationCourses();
// Files of what pairing keeps.
std::vector<Course> PairingImportCourses();
// Quarters with their forms, parts, packages, events and boards, and the plans beside them.
std::vector<Course> CycleCourses();
// Results and demands of a sheet, accounts.
std::vector<Course> OfficeCourses();
// What is kept beside results: meetings, guides, universities' own teams.
std::vector<Course> TriageCourses();

// A meeting that is called in time and held soon: so long after it was called.
inline constexpr absl::Duration kSoon = absl::Milliseconds(1500);

inline Act Post(Actor actor, const char* path, const char* body = "{}") {
  return {.actor = actor, .method = "POST", .path = path, .body = body};
}
inline Act Patch(Actor actor, const char* path, const char* body) {
  return {.actor = actor, .method = "PATCH", .path = path, .body = body};
}
// Of the record itself.
inline Act Remove(Actor actor) {
  return {.actor = actor, .method = "DELETE", .path = "{it}", .removes = true};
}
// As an operation. The same import of one organization is done once at a time.
inline Act Import(Actor actor, const char* path, std::string (*sheet)(const Words&)) {
  return {.actor = actor, .method = "POST", .path = path, .contended = true, .sheet = sheet};
}

inline Act Of(const char* what, Act act) {
  act.what = what;
  return act;
}
inline Act At(const char* service, Act act) {
  act.service = service;
  return act;
}
inline Act Contended(Act act) {
  act.contended = true;
  return act;
}
inline Act Lapses(Act act) {
  act.lapses = true;
  return act;
}
inline Act Anyhow(Act act) {
  act.anyhow = true;
  return act;
}
inline Act Beside(Act act) {
  act.beside = true;
  return act;
}
inline Act InPieces(Act act) {
  act.in_pieces = true;
  return act;
}
inline Act After(absl::Duration pause, Act act) {
  act.after = pause;
  return act;
}
inline Act GoesOnIn(const char* list, Act act) {
  act.goes_on_in = list;
  return act;
}
inline Act Names(const char* name, Act act) {
  act.names = name;
  return act;
}
inline Act Until(const char* field, Act act) {
  act.until = field;
  return act;
}
inline Act Brings(const char* name, Act act) {
  act.brings = name;
  return act;
}

}  // namespace chanyan::fault
