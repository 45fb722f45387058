#include "common/attachment/store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/status/status.h"

namespace chanyan::attachment {
namespace {

// Either makes the row or locks it, so that a holder who comes and the last one who goes wait for
// each other.
constexpr char kHold[] =
    "INSERT INTO attachment_content (sha256, byte_count, holders) VALUES (?, ?, 1) "
    "ON DUPLICATE KEY UPDATE holders = holders + 1";
constexpr char kHolders[] = "SELECT holders FROM attachment_content WHERE sha256 = ? FOR UPDATE";
constexpr char kAddChunk[] = "INSERT INTO attachment_chunk (sha256, number, data) VALUES (?, ?, ?)";
constexpr char kLetGo[] = "UPDATE attachment_content SET holders = holders - 1 WHERE sha256 = ?";
constexpr char kDropContent[] = "DELETE FROM attachment_content WHERE sha256 = ?";
constexpr char kDropChunks[] = "DELETE FROM attachment_chunk WHERE sha256 = ?";
constexpr char kChunks[] = "SELECT data FROM attachment_chunk WHERE sha256 = ? ORDER BY number";

absl::StatusOr<int64_t> Holders(db::Session& session, const std::string& key) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kHolders, {key}));
  if (found.rows.empty()) return int64_t{0};
  return std::get<int64_t>(found.rows[0][0]);
}

}  // namespace

absl::Status CheckQuota(const Quota& quota, int64_t files, int64_t held_bytes, int64_t bytes) {
  if (files >= quota.files) {
    return status::InvalidField(
        "file", absl::StrCat("附件最多 ", quota.files, " 个，请先删除不再需要的附件"),
        options::v1::ERROR_REASON_FILE_TOO_LARGE);
  }
  if (held_bytes + bytes > quota.bytes) {
    return status::InvalidField("file",
                                absl::StrCat("附件合计最多 ", quota.bytes >> 20, " MB，现有 ",
                                             held_bytes >> 20, " MB，请先删除不再需要的附件"),
                                options::v1::ERROR_REASON_FILE_TOO_LARGE);
  }
  return absl::OkStatus();
}

absl::Status Hold(db::Session& session, absl::string_view sha256, absl::string_view bytes) {
  const std::string key(sha256);
  CHANYAN_RETURN_IF_ERROR(
      session.Execute(kHold, {key, static_cast<int64_t>(bytes.size())}).status());
  CHANYAN_ASSIGN_OR_RETURN(const int64_t holders, Holders(session, key));
  if (holders > 1) return absl::OkStatus();
  int64_t number = 0;
  for (size_t at = 0; at < bytes.size(); at += kChunkBytes) {
    CHANYAN_RETURN_IF_ERROR(
        session.Execute(kAddChunk, {key, number++, std::string(bytes.substr(at, kChunkBytes))})
            .status());
  }
  return absl::OkStatus();
}

absl::Status Release(db::Session& session, absl::string_view sha256) {
  const std::string key(sha256);
  CHANYAN_ASSIGN_OR_RETURN(const int64_t holders, Holders(session, key));
  if (holders < 1) return status::Internal(absl::StrCat("nobody holds the content ", key));
  if (holders > 1) return session.Execute(kLetGo, {key}).status();
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDropChunks, {key}).status());
  return session.Execute(kDropContent, {key}).status();
}

absl::StatusOr<std::string> Load(db::Session& session, absl::string_view sha256) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kChunks, {std::string(sha256)}));
  std::string bytes;
  for (const db::Values& row : found.rows) bytes += std::get<std::string>(row[0]);
  if (api::Sha256Hex(bytes) != std::string(sha256)) {
    return status::Internal(absl::StrCat("content ", sha256, " is missing or damaged"));
  }
  return bytes;
}

}  // namespace chanyan::attachment
