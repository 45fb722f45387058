// The lists of a city for the secretariat to import, and the plan of its quarter.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "tools/seed_program/catalog.h"
#include "tools/seed_program/city.h"

namespace chanyan::seed {

// organizations.xlsx, platforms.xlsx, instruments.xlsx and roster.xlsx under `out`.
absl::Status WriteLists(const Catalog& catalog, const City& city, const std::string& out);
// duties.xlsx, task_forces.xlsx and dividends.xlsx from the tables of the same names in `data`,
// whose columns are those of the sheets. Of no size: a city has these once.
absl::Status WriteReferenceLists(const std::string& data, const City& city, const std::string& out);
// plan/*.tsv under `out`; records.tsv as it stands in `data`.
absl::Status WritePlan(const Catalog& catalog, const City& city, const std::string& data,
                       const std::string& out);
// files/<name>.xlsx under `out` from files/<name>.tsv in `data`: what records refer to or import.
// \n in a cell begins another line of it.
absl::Status WriteFiles(const std::string& data, absl::CivilDay day, const std::string& out);
// Of a city that is all in its tables: plan/accounts.tsv, whose organizations are called by their
// names in the directory or by organizations/…, and plan/records.tsv as it stands.
absl::Status WriteTablePlan(const std::string& data, const std::string& out);

}  // namespace chanyan::seed
