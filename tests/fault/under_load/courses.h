// What people write, a row a kind: how a record is begun and what is done to it then. Clients go
// along these rows, and the oracle knows from them where the records stand. Another kind of write
// is another row, in the list of what it is about (course_lists.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/fault/under_load/ledger.h"
#include "tests/fault/under_load/scene.h"

namespace chanyan::fault {

// What stands in the {…} of a row.
struct Words {
  const Scene& scene;
  int client = 0;
  // Never said before.
  std::string text;
  // Of no other enterprise's code.
  int number = 0;
  // The record on its way; empty at its beginning.
  std::string it;
  // What was last made beside it.
  std::string made;
  int yuan = 0;
  // Which walk of the course it is of this client's, from 0.
  int walk = 0;
  // Text and number of the walk's first act.
  std::string first_text;
  int first_number = 0;
  // The course's.
  int lane = 0;

  // Which walk it is of all clients'.
  int WalkOfAll() const;
};
// {it} {made} {text} {yuan} {project} {platform} {university} {partner} {office} {agency} {unit}
// {outreach} {task} {account} {quarter} {first}; {mark} a part of an id and {ownQuarter} one of the
// past that no other walk has, {rosterDay} likewise; {fresh} a quarter to come that no other walk
// has, {cycle} the one that {it} is in, {its} its id, {part} the platform's part of its form,
// {morning} of its first days, {noon} and {afternoon} of its middle, {evening} and {night} of its
// last, and the day {extended} to which its last step may be put off; {campaign} and {actionTask}
// of this client alone, {otherCampaign} of a few, {heldCampaign} of all, and {walkDay} a later one
// each walk; times {before} {soon} {later} {latest}, days {today} {lastDay} {otherDay} as JSON;
// hours of an instrument {nextFrom}–{nextTo}, within the hour, and {thenFrom}–{thenTo}, days ahead.
// Whole bodies: {newPlatform} {newInstrument} {newEnterprise} {newProject} {projectOfMade}
// {newResult} {pdf}.
std::string Filled(absl::string_view text, const Words& words);
// Quarters of the past that this walk has and no other: `number` 0 is {ownQuarter}.
std::string OwnQuarter(const Words& words, int number);
inline constexpr int kOwnQuarters = 3;

struct Act {
  Actor actor;
  const char* method;
  // Below /v1/. What is done to the record itself begins with {it} and is based on its etag.
  const char* path;
  // JSON; of an import nothing.
  const char* body = "";
  // In the report's words, if not those of the course.
  const char* what = nullptr;
  // Whose schema it changes, if not the course's.
  const char* service = nullptr;
  // Of a body that is no JSON.
  const char* media = nullptr;
  // Others are in its way, so that it may be refused.
  bool contended = false;
  // It is in time only for a while.
  bool lapses = false;
  // It takes the record away.
  bool removes = false;
  // It makes something beside the record, which goes on as it was.
  bool beside = false;
  // It is carried out piece by piece, each under a request id of its own: that it was is seen from
  // what it brings and by the rules.
  bool in_pieces = false;
  // Not before so long after the act before it.
  absl::Duration after = absl::ZeroDuration();
  // List below the record whose first entry the next act is done to.
  const char* goes_on_in = nullptr;
  // What it changes, where the answer does not say so; the next act is done to that.
  const char* names = nullptr;
  // What another service, pairing, has afterwards.
  const char* brings = nullptr;
  // The next act waits until this field is filled in, which others see to: of what the act answers
  // with, or, if that is beside the record, of the record.
  const char* until = nullptr;
  // It is done to the record whatever has become of that meanwhile, and names no version of it.
  bool anyhow = false;
  // Rows that an import brings, as the course's column says.
  std::string (*sheet)(const Words& words) = nullptr;
};
inline constexpr int kSheetRows = 20;

// A column in which the rows of an import are known by their text, and how many a file has.
struct Column {
  const char* table = nullptr;
  const char* name = nullptr;
  int rows = kSheetRows;
};

struct Table {
  const char* service;
  const char* name;
  // Each version has an entry of its own. (A platform's version moves with its revision, too.)
  bool every_version_is_told = true;
};

struct Course {
  const char* what;
  const char* service;
  std::vector<const char*> tables;
  std::vector<Act> acts;
  Column rows = {};
  // Sums are made of it.
  bool counts = false;
  // Of the quarters to come, which are its own: one of kLanes.
  int lane = 0;
};
inline constexpr int kLanes = 4;

const std::vector<Course>& Courses();
// Of one walk, one after the other without a pause: so that some records come to their end however
// short the drill.
inline constexpr int kActsAtOnce = 8;
// One round of them, in the order that the seed makes: each course so often that a walk comes to
// its end in it.
std::vector<const Course*> RotaOf(uint64_t seed);
// Where what they write stands.
std::vector<Table> TablesOfCourses();
// All that the report may say of them.
std::vector<std::string> KindsOfCourses();

}  // namespace chanyan::fault
