// The lists of a city for the secretariat to import, and the plan of its quarter.
#pragma once

#include <string>

#include "absl/status/status.h"
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
// files/<name>.xlsx under `out` from files/<name>.tsv in `data`: what records refer to.
absl::Status WriteFiles(const std::string& data, const City& city, const std::string& out);

}  // namespace chanyan::seed
