// Contents of attachments in the service's own schema, by their SHA-256: the same file is stored
// once however many attachments hold it, and goes with the last of them. The service's migration
// makes the two tables:
//
//   CREATE TABLE attachment_content (
//     sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
//     byte_count BIGINT NOT NULL,
//     holders BIGINT NOT NULL
//   ) ENGINE = InnoDB;
//   CREATE TABLE attachment_chunk (
//     sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
//     number INT NOT NULL,
//     data MEDIUMBLOB NOT NULL,
//     PRIMARY KEY (sha256, number)
//   ) ENGINE = InnoDB;
//
// Who may read a content is the attachment's row to say: nothing here asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"

namespace chanyan::attachment {

// Bytes of one file.
inline constexpr size_t kMaxFileBytes = size_t{10} << 20;
// Bytes of one row: far below the server's packet, so that no statement carries a whole file.
inline constexpr size_t kChunkBytes = size_t{1} << 20;

// What one resource may hold together.
struct Quota {
  int64_t files = 50;
  int64_t bytes = int64_t{100} << 20;
};

// INVALID_ARGUMENT (FILE_TOO_LARGE) if another file of `bytes` does not fit beside those that are
// there.
absl::Status CheckQuota(const Quota& quota, int64_t files, int64_t held_bytes, int64_t bytes);

// One more holder of the content, which is stored if it was not there. In the transaction that
// writes the attachment's row.
absl::Status Hold(db::Session& session, absl::string_view sha256, absl::string_view bytes);
// One holder less; the last one takes the content with it. In the transaction that removes the
// attachment's row.
absl::Status Release(db::Session& session, absl::string_view sha256);
// The content; INTERNAL if it is missing or is not what its digest says.
absl::StatusOr<std::string> Load(db::Session& session, absl::string_view sha256);

}  // namespace chanyan::attachment
