// What people write in the registry and in pairing, a row a kind: how a record is begun and what is
// done to it then. Clients go along these rows, and the oracle knows from them where the records
// stand. Another kind of write is another row.
#pragma once

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
  // The record on its way; empty at its beginning.
  std::string it;
  int yuan = 0;
  // Which walk of the course it is of this client's, from 0.
  int walk = 0;
};
// {it} {text} {yuan} {project} {platform} {university} {partner} {office} {unit} {outreach} {task}
// {account} {quarter}; {fresh} a quarter that no other walk has, {cycle} the one that {it} is in,
// {morning} of its first days; times {before} {soon} {later} {latest}, days {today} {lastDay} as
// JSON.
std::string Filled(absl::string_view text, const Words& words);

struct Act {
  Actor actor;
  const char* method;
  // Below /v1/. What is done to the record itself begins with {it} and is based on its etag.
  const char* path;
  // JSON; of an import nothing.
  const char* body = "";
  // In the report's words, if not those of the course.
  const char* what = nullptr;
  // Others are in its way, so that it may be refused.
  bool contended = false;
  // It is in time only for a while.
  bool lapses = false;
  // Not before so long after the act before it.
  absl::Duration after = absl::ZeroDuration();
  // List below the record whose first entry the next act is done to.
  const char* goes_on_in = nullptr;
  // What it changes, where the answer does not say so; the next act is done to that.
  const char* names = nullptr;
  // Rows that an import brings: kSheetRows of this sheet.
  std::string (*sheet)(const Words& words) = nullptr;
};
inline constexpr int kSheetRows = 20;

// A column in which the rows of an import are known by their text.
struct Column {
  const char* table = nullptr;
  const char* name = nullptr;
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
};

const std::vector<Course>& Courses();
// Of all of them.
size_t ActsOfCourses();
// Where what they write stands.
std::vector<Table> TablesOfCourses();
// All that the report may say of them.
std::vector<std::string> KindsOfCourses();

}  // namespace chanyan::fault
