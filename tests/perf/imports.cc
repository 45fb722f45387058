// An import of 10,000 rows as people do it: as an operation, from its beginning to its end, rows,
// keys and journal written in one transaction. Held against reading the same sheet alone, and
// against an INSERT of the same rows, many a statement, into tables of the same shape.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/registry/v1/work.grpc.pb.h"
#include "common/db/table.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/sheet/writer.h"
#include "tests/perf/ask.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

constexpr int kRows = 10'000;
constexpr int kRowsPerInsert = 200;
constexpr char kColumns[] =
    "INSERT INTO organization (name, display_name, kind, unified_social_credit_code, region_code, "
    "zone, unit, parent, industries, qualifications, contacts, state, former_names, demonstration, "
    "create_time, update_time, version) VALUES ";
constexpr char kRow[] =
    "(?, ?, 'ENTERPRISE', ?, '370211', '', '', '', '[\"海洋装备\"]', '[]', '[]', 'ACTIVE', '[]', "
    "1, NOW(6), NOW(6), 1)";

registry::v1::Organization OrganizationOf(int number) {
  registry::v1::Organization row;
  row.set_display_name(absl::StrCat("青岛导入企业", number, "号有限公司"));
  row.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  row.set_unified_social_credit_code(demo::InventedUscc("370211", static_cast<uint64_t>(number)));
  row.set_region_code("370211");
  row.add_industries("海洋装备");
  row.set_demonstration(true);
  return row;
}

std::string SheetFrom(int first) {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "单位"});
  sheet::TableWriter table(writer, "单位", registry::v1::Organization::descriptor());
  for (int i = first; i < first + kRows; ++i) table.Add(OrganizationOf(i));
  table.Finish();
  return Require(std::move(writer).Finish(), "writing a sheet");
}

double SecondsOfReading(const std::string& file) {
  const Stopwatch watch;
  const auto book = Require(sheet::ReadWorkbook(file, "单位.xlsx"), "reading a workbook");
  const auto table = sheet::ReadTable<registry::v1::Organization>(book, *book.FirstVisible());
  Require(table.Check(), "reading a table");
  if (table.rows.size() != kRows) Die("the sheet has other rows");
  return watch.Seconds();
}

double SecondsOfInserting(RawConnection& connection, RawStatement& insert, int first) {
  const Stopwatch watch;
  connection.Run("BEGIN");
  std::vector<std::string> parameters;
  for (int i = first; i < first + kRows; ++i) {
    const registry::v1::Organization row = OrganizationOf(i);
    parameters.insert(parameters.end(),
                      {absl::StrCat("organizations/", row.unified_social_credit_code()),
                       row.display_name(), row.unified_social_credit_code()});
    if ((i + 1 - first) % kRowsPerInsert != 0) continue;
    insert.Execute(parameters);
    parameters.clear();
  }
  connection.Run("COMMIT");
  return watch.Seconds();
}

}  // namespace

Figures Imports(const Options& options) {
  using Works = registry::v1::RegistryWorkService;
  RawConnection connection(options, kRegistrySchema);
  for (const char* table : {"organization", "organization_key"}) {
    connection.Run(absl::StrCat("TRUNCATE TABLE ", table));
  }
  connection.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  connection.Run(absl::StrCat("DROP TABLE IF EXISTS ", kScratchSchema, ".organization"));
  connection.Run(absl::StrCat("CREATE TABLE ", kScratchSchema, ".organization LIKE organization"));
  connection.Run(absl::StrCat("USE ", kScratchSchema));
  std::string sql = kColumns;
  for (int i = 0; i < kRowsPerInsert; ++i) absl::StrAppend(&sql, i == 0 ? "" : ", ", kRow);
  RawStatement insert(connection, sql);

  const auto channel = OwnChannel(options, "registry");
  const auto works = Works::NewStub(channel);
  const auto operations = operation::v1::OperationService::NewStub(channel);
  int next = 0;
  std::string file;
  std::vector<Compared> to_reading, to_inserting;
  for (int round = 0; round <= kRounds; ++round, next += kRows) {
    file = SheetFrom(next);
    const double reading = SecondsOfReading(file);
    const double inserting = SecondsOfInserting(connection, insert, next);
    const std::string token = SecretariatToken(options);
    registry::v1::ImportOrganizationsRequest request;
    request.mutable_file()->set_data(file);
    request.set_file_name("单位.xlsx");
    request.set_request_id(api::NewUuid());
    const Stopwatch watch;
    Await(*operations, token,
          Ask<operation::v1::Operation>(*works, &Works::Stub::BeginImportOrganizations, token,
                                        request, "importing"));
    const double ours = watch.Seconds();
    if (round == 0) continue;
    to_reading.push_back({ours, reading, ours / reading});
    to_inserting.push_back({ours, inserting, ours / inserting});
  }
  const Compared inserted = MedianOf(to_inserting), read = MedianOf(to_reading);
  const auto seconds = [](double value) { return absl::StrFormat("%.2f s", value); };
  return {{absl::StrFormat("import of %d organizations as an operation / INSERT of the rows, %d a "
                           "statement, one transaction",
                           kRows, kRowsPerInsert),
           seconds(inserted.ours), seconds(inserted.floor), inserted.ratio, ""},
          {"… / reading the sheet alone", seconds(read.ours), seconds(read.floor), read.ratio, ""}};
}

}  // namespace chanyan::perf
