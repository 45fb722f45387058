// The reader of strangers' .xlsx files, with all its limits, against unpacking the sheet and
// parsing its XML alone.
#include <zip.h>

#include <memory>
#include <pugixml.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/sheet/workbook.h"
#include "common/sheet/writer.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {
namespace {

constexpr int kRows = 100'000;
constexpr int kTextColumns = 4;
constexpr char kSheetPart[] = "xl/worksheets/sheet1.xml";

std::string MakeFile() {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "演示"});
  sheet::SheetWriter& out = writer.AddSheet("数据", {});
  for (int i = 0; i < kRows; ++i) {
    out.NewRow();
    for (int k = 0; k < kTextColumns; ++k) out.Text(absl::StrCat("演示内容", i, "-", k));
    out.Integer(i);
  }
  return Require(std::move(writer).Finish(), "writing the sheet");
}

double ReadOurs(const std::string& bytes) {
  const Stopwatch watch;
  const sheet::Workbook workbook = Require(sheet::ReadWorkbook(bytes, "a.xlsx"), "reading");
  if (workbook.sheets.front().rows.size() != kRows) Die("rows are missing");
  return kRows / watch.Seconds();
}

double ReadFloor(const std::string& bytes) {
  const Stopwatch watch;
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, nullptr);
  zip_stat_t stat;
  if (archive == nullptr || zip_stat(archive, kSheetPart, 0, &stat) != 0) Die("no sheet");
  std::string xml(stat.size, '\0');
  zip_file_t* part = zip_fopen(archive, kSheetPart, 0);
  if (zip_fread(part, xml.data(), xml.size()) != static_cast<zip_int64_t>(xml.size())) {
    Die("the sheet cannot be unpacked");
  }
  zip_fclose(part);
  zip_close(archive);
  pugi::xml_document document;
  if (!document.load_buffer_inplace(xml.data(), xml.size())) Die("the sheet is no XML");
  return kRows / watch.Seconds();
}

}  // namespace

Figures SheetRead(const Options&) {
  const std::string bytes = MakeFile();
  const Compared rates =
      Compare([&bytes] { return ReadOurs(bytes); }, [&bytes] { return ReadFloor(bytes); });
  return {{absl::StrFormat("sheet of %d rows × %d columns: rows a second of the reader / of unzip "
                           "and XML parser alone",
                           kRows, kTextColumns + 1),
           absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.0f/s", rates.floor),
           rates.ratio, ""}};
}

}  // namespace chanyan::perf
