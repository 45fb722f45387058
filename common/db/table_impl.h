// What a TableCore works out once. Internal to common/db/table*.cc.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/db/columns.h"
#include "common/db/table.h"

namespace chanyan::db {

// Rows of one INSERT statement. Few sizes, so that each connection prepares few statements.
inline constexpr size_t kInsertChunks[] = {256, 32, 4, 1};
// At most so many rows go in hope (Session::Insert).
inline constexpr size_t kHopefulRows = 4;
// Bytes of values of one INSERT statement (the server takes 16 MiB in one packet).
inline constexpr size_t kMaxInsertBytes = 4 << 20;

struct TableCore::Impl {
  explicit Impl(const google::protobuf::Descriptor* descriptor);

  // Column list with `version` at the end.
  std::string ColumnList(absl::string_view alias) const;
  // A row that begins at `cells`.
  absl::Status DecodeRow(const Value* cells, google::protobuf::Message* message) const;
  std::string NameOf(const google::protobuf::Message& row) const;
  // The version that the row's etag stands for.
  absl::StatusOr<int64_t> VersionOf(const google::protobuf::Message& row) const;
  void Stamp(absl::Time now, int64_t version, bool created, google::protobuf::Message* row) const;
  // After a write that found no row: why.
  absl::Status Missed(Session& session, const std::string& row_name) const;
  // Which of kInsertChunks the statement has that begins with row `first`.
  static size_t ChunkFrom(const std::vector<Values>& rows, size_t first);
  // INSERT of so many rows as kInsertChunks[chunk].
  absl::Status InsertChunk(Session& session, size_t chunk, const std::vector<Values>& rows,
                           size_t first) const;
  // Writes so many rows as kInsertChunks[chunk], all of them stored and locked, over what is there;
  // `rows` are as for InsertChunk.
  absl::Status OverwriteChunk(Session& session, size_t chunk, const std::vector<Values>& rows,
                              size_t first) const;

  const google::protobuf::Descriptor* descriptor;
  std::string table;
  Columns columns;
  const google::protobuf::FieldDescriptor* name;
  const google::protobuf::FieldDescriptor* etag;
  const google::protobuf::FieldDescriptor* create_time;
  const google::protobuf::FieldDescriptor* update_time;
  // SELECT <columns> FROM <table> WHERE
  std::string select;
  std::string get;
  std::string get_for_update;
  // SELECT COUNT(*) FROM <table> WHERE
  std::string count;
  std::vector<std::string> inserts;
  // Of the same sizes: INSERT … ON DUPLICATE KEY UPDATE with the next version, and
  // SELECT `name`, `version` … FOR UPDATE.
  std::vector<std::string> overwrites;
  std::vector<std::string> locks;
  std::string update;
  std::string remove;
  std::string exists;
};

}  // namespace chanyan::db
