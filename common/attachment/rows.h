// What every service's rows of files have in common: file_name, description, content_type,
// byte_count and sha256, and somebody who holds them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"

namespace chanyan::attachment {

// Where the rows stand: their table, and its column that names the holder. Constants of the code.
struct Rows {
  absl::string_view table;
  absl::string_view holder_column;
};

// INVALID_ARGUMENT (FILE_TOO_LARGE) if another file of `bytes` does not fit beside those of the
// holder, whose row is locked.
absl::Status CheckRoom(db::Session& session, const Rows& rows, absl::string_view holder,
                       const Quota& quota, int64_t bytes);

// What an upload that passed, and its bytes, say of the row.
template <class Row>
void FillRow(const Upload& upload, const google::api::HttpBody& file,
             const std::string& description, Row* row) {
  row->set_file_name(upload.file_name);
  row->set_description(description);
  row->set_content_type(upload.content_type);
  row->set_byte_count(static_cast<int64_t>(file.data().size()));
  row->set_sha256(upload.sha256);
}

// The file of a row that the caller may read. NOT_FOUND if it was deleted since the row was read,
// INTERNAL if its content is lost.
template <class Row>
absl::StatusOr<google::api::HttpBody> Download(db::Session& session, const db::Table<Row>& table,
                                               const Row& row) {
  absl::StatusOr<std::string> bytes = Load(session, row.sha256());
  if (!bytes.ok()) {
    CHANYAN_RETURN_IF_ERROR(table.Get(session, row.name()).status());
    return bytes.status();
  }
  return AsDownload(row.content_type(), row.file_name(), *std::move(bytes));
}

}  // namespace chanyan::attachment
