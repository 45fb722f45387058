// The reviewable text of a demonstration (deploy/demo/<city>/README.md), read and checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"

namespace chanyan::seed {

struct Institution {
  std::string name;
  registry::v1::OrganizationKind kind;
  std::string login;
  // Indices into Catalog::fields.
  std::vector<int> fields;
};

// Zone, town or duty unit; the secretariat is one, too.
struct UnitText {
  std::string name;
  registry::v1::OrganizationKind kind;
  std::string login;
  // Empty for duty units, which serve companies of any zone.
  std::string zone;
  std::string region;
  int weight;
};

// What a platform may be about.
struct Field {
  std::string key;
  std::string industry;
  std::string college;
  std::string title;
  registry::v1::PlatformKind kind;
  std::string kind_label;
  registry::v1::PlatformLevel level;
  std::vector<std::string> capabilities;
};

// A large instrument that platforms of a field have.
struct InstrumentText {
  // Index into Catalog::fields.
  int field;
  std::string name;
  std::string name_en;
  std::string model;
  int64_t price_yuan;
  std::vector<std::string> variables;
  // As in the sheet.
  std::string hours;
  std::string charges;
  registry::v1::BookingMode mode;
};

struct Trade {
  std::string industry;
  int weight;
  std::vector<std::string> words;
};

// What is built together; {platform} and {direction} are filled in.
struct ProjectText {
  std::string kind;
  std::string title;
  std::string content;
};

struct AccountText {
  std::string login;
  // Name; empty = the secretariat.
  std::string organization;
  std::string role;
  std::string title;
};

struct Catalog {
  std::vector<Institution> institutions;
  UnitText secretariat;
  std::vector<UnitText> units;
  std::vector<Field> fields;
  std::vector<std::string> directions;
  std::vector<InstrumentText> instruments;
  std::vector<Trade> trades;
  // first, second, form.
  absl::flat_hash_map<std::string, std::vector<std::string>> name_parts;
  std::vector<ProjectText> projects;
  // By part: progress, problem, intent, …; every part that is asked for has one text or more.
  absl::flat_hash_map<std::string, std::vector<std::string>> texts;
  std::vector<AccountText> accounts;
  // events.tsv as it stands.
  std::string events;
};

// Errors name file and line.
absl::StatusOr<Catalog> LoadCatalog(const std::string& directory);

}  // namespace chanyan::seed
