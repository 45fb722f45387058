// What tests of lists of records have in common: files to import, and what an import answers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/record_sheet.pb.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {

// The number of a record or a project in a sheet.
inline std::string Number(const std::string& name) { return std::string(api::IdOfName(name)); }

template <class Row>
google::api::HttpBody Sheet(const std::vector<Row>& rows) {
  return testing::Upload(rows);
}

// A request to import `file`.
template <class Request>
Request UploadRequest(const google::api::HttpBody& file, bool dry_run, const std::string& parent) {
  Request request;
  request.set_parent(parent);
  *request.mutable_file() = file;
  request.set_file_name("记录.xlsx");
  request.set_validate_only(dry_run);
  request.set_request_id(api::NewUuid());
  return request;
}

template <class Row>
std::vector<Row> RowsIn(const google::api::HttpBody& file) {
  const auto workbook = sheet::ReadWorkbook(file.data(), "导出.xlsx");
  EXPECT_TRUE(workbook.ok()) << workbook.status();
  const auto table = sheet::ReadTable<Row>(*workbook, *workbook->FirstVisible());
  EXPECT_TRUE(table.Check().ok()) << table.Check();
  std::vector<Row> rows;
  for (const auto& row : table.rows) rows.push_back(row.message);
  return rows;
}

// "created updated unchanged", and "dry" if nothing was written; or what is wrong.
inline std::string Numbers(const absl::StatusOr<v1::ImportRecordsResponse>& result) {
  if (!result.ok()) {
    std::string text(result.status().message());
    for (const status::Violation& violation : status::ViolationsOf(result.status())) {
      absl::StrAppend(&text, "\n", violation.field, "|", violation.description);
    }
    return text;
  }
  return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged(),
                      result->dry_run() ? " dry" : "");
}

// "place|what is wrong" for each violation of a refused file.
inline std::vector<std::string> Places(const absl::Status& status) {
  EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_INVALID_FILE) << status;
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(status)) {
    out.push_back(absl::StrCat(violation.field, "|", violation.description));
  }
  return out;
}

}  // namespace chanyan::pairing
