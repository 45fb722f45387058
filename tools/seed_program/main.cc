// Writes the .xlsx files of one quarter of an invented city (deploy/demo/qingdao/README.md).
//   chanyan-seed --data=deploy/demo/qingdao --size=demo|city --out=DIR
// or those of a city that is all in its tables (deploy/demo/linyi/README.md):
//   chanyan-seed --data=deploy/demo/linyi --tables --out=DIR
#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tools/seed_program/broken.h"
#include "tools/seed_program/catalog.h"
#include "tools/seed_program/city.h"
#include "tools/seed_program/forms.h"
#include "tools/seed_program/lists.h"

ABSL_FLAG(std::string, data, "", "directory of the demonstration's text");
ABSL_FLAG(std::string, out, "", "directory to write; what a former run left there is removed");
ABSL_FLAG(bool, tables, false, "only what stands in the tables: accounts, records and files");
ABSL_FLAG(std::string, size, "demo", "demo or city");
ABSL_FLAG(std::string, quarter, "2025q2", "quarter of the forms");
ABSL_FLAG(uint64_t, seed, 1, "another seed makes another city");
ABSL_FLAG(int, universities, 0, "number of universities; 0 = as in --size, and so below");
ABSL_FLAG(int, platforms, 0, "number of platforms");
ABSL_FLAG(int, companies, 0, "number of companies");
ABSL_FLAG(int, units, 0, "number of responsible units");
ABSL_FLAG(int, rows, 0, "number of rows, those that companies add included");

namespace chanyan::seed {
namespace {

// Nothing of an earlier run may be taken for ours.
constexpr const char* kWritten[] = {"forms", "corrections", "returns", "broken", "plan", "files"};

absl::StatusOr<Sizes> WantedSizes() {
  const std::string size = absl::GetFlag(FLAGS_size);
  if (size != "demo" && size != "city") {
    return status::InvalidField("--size", "只能是 demo 或 city");
  }
  Sizes sizes = size == "demo" ? kDemoSizes : kCitySizes;
  const auto set = [](int wanted, int* number) {
    if (wanted > 0) *number = wanted;
  };
  set(absl::GetFlag(FLAGS_universities), &sizes.universities);
  set(absl::GetFlag(FLAGS_platforms), &sizes.platforms);
  set(absl::GetFlag(FLAGS_companies), &sizes.companies);
  set(absl::GetFlag(FLAGS_units), &sizes.units);
  set(absl::GetFlag(FLAGS_rows), &sizes.rows);
  return sizes;
}

absl::Status Run() {
  const std::string out = absl::GetFlag(FLAGS_out);
  if (out.empty()) return status::InvalidField("--out", "请写明输出目录");
  CHANYAN_ASSIGN_OR_RETURN(const Sizes sizes, WantedSizes());
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(absl::GetFlag(FLAGS_quarter)));
  if (absl::GetFlag(FLAGS_tables)) {
    CHANYAN_RETURN_IF_ERROR(WriteTablePlan(absl::GetFlag(FLAGS_data), out));
    return WriteFiles(absl::GetFlag(FLAGS_data), quarter.FirstDay(), out);
  }
  CHANYAN_ASSIGN_OR_RETURN(const Catalog catalog, LoadCatalog(absl::GetFlag(FLAGS_data)));
  CHANYAN_ASSIGN_OR_RETURN(const City city,
                           MakeCity(catalog, sizes, absl::GetFlag(FLAGS_seed), quarter.FirstDay()));
  for (const char* folder : kWritten) {
    std::error_code ignored;
    std::filesystem::remove_all(absl::StrCat(out, "/", folder), ignored);
  }
  CHANYAN_RETURN_IF_ERROR(WriteLists(catalog, city, out));
  CHANYAN_RETURN_IF_ERROR(WriteReferenceLists(absl::GetFlag(FLAGS_data), city, out));
  CHANYAN_RETURN_IF_ERROR(WriteForms(catalog, city, out));
  CHANYAN_RETURN_IF_ERROR(WriteReturns(catalog, city, out));
  CHANYAN_RETURN_IF_ERROR(WriteBroken(catalog, city, out));
  CHANYAN_RETURN_IF_ERROR(WritePlan(catalog, city, absl::GetFlag(FLAGS_data), out));
  CHANYAN_RETURN_IF_ERROR(WriteFiles(absl::GetFlag(FLAGS_data), quarter.FirstDay(), out));
  std::printf("高校院所 %zu 个，科创平台 %zu 个，企业 %zu 家，责任单位 %zu 个，报表行 %zu 行\n",
              city.universities.size(), city.platforms.size(), city.companies.size(),
              city.units.size(), city.rows.size());
  return absl::OkStatus();
}

}  // namespace
}  // namespace chanyan::seed

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = chanyan::seed::Run();
  if (status.ok()) return 0;
  for (const auto& violation : chanyan::status::ViolationsOf(status)) {
    std::fprintf(stderr, "%s：%s\n", violation.field.c_str(), violation.description.c_str());
  }
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
