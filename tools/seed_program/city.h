// An invented city of a given size: who there is and which rows a quarter has. Everything follows
// from catalogue, sizes and seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "tools/seed_program/catalog.h"

namespace chanyan::seed {

struct Sizes {
  int universities = 0;
  int platforms = 0;
  int companies = 0;
  int units = 0;
  // Rows of the quarter, those that companies add included.
  int rows = 0;
};
inline constexpr Sizes kDemoSizes = {12, 60, 200, 15, 320};
inline constexpr Sizes kCitySizes = {60, 2'000, 20'000, 40, 50'000};
// Companies with an account of their own, who send their forms themselves.
inline constexpr int kCompaniesWithAccount = 12;

struct University {
  std::string name;
  // Last segment of its resource name.
  std::string id;
  std::string login;
  registry::v1::OrganizationKind kind;
  std::vector<int> fields;
  bool invented = false;
};

struct Unit {
  const UnitText* text;
  std::string id;
};

struct Platform {
  int university;
  int field;
  std::string direction;
  std::string name;
};

enum class Standing : uint8_t { kNone, kIntent, kPaired };

struct Company {
  std::string name;
  std::string uscc;
  std::string id;
  std::string industry;
  std::string zone;
  std::string region;
  int unit;
  // How it is to stand at the end, if it gives its forms back.
  Standing standing;
  bool returns;
  bool own_account;
};

// One row of the quarter.
struct PlannedRow {
  int platform;
  // −1: an intent that is open to all.
  int company;
  // As the university reports it; UNSPECIFIED when the company adds the row.
  cycle::v1::RowCategory reported;
  // As the company gives it back.
  cycle::v1::RowCategory returned;
};

struct City {
  uint64_t seed;
  absl::CivilDay quarter_begin;
  std::vector<University> universities;
  std::string secretariat_id;
  std::vector<Unit> units;
  std::vector<Platform> platforms;
  std::vector<Company> companies;
  // By platform, so that a university's rows stand together platform by platform.
  std::vector<PlannedRow> rows;
};

// INVALID_ARGUMENT for sizes that cannot be. `catalog` must outlive the city.
absl::StatusOr<City> MakeCity(const Catalog& catalog, const Sizes& sizes, uint64_t seed,
                              absl::CivilDay quarter_begin);

}  // namespace chanyan::seed
