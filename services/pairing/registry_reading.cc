#include "services/pairing/registry_reading.h"

#include "common/journal/cursor.h"

namespace chanyan::pairing {
namespace {

constexpr char kFollower[] = "pairing<registry";
constexpr char kNoteChange[] =
    "INSERT INTO registry_change (resource, seq) VALUES (?, ?) "
    "ON DUPLICATE KEY UPDATE seq = VALUES(seq)";
// Of now, whatever the transaction's snapshot shows.
constexpr char kChangedSince[] =
    "SELECT resource FROM registry_change WHERE seq > ? LOCK IN SHARE MODE";

}  // namespace

absl::StatusOr<RegistryReading> RegistryReading::Begin(db::Database& database,
                                                       absl::Time deadline) {
  int64_t followed = 0;
  CHANYAN_RETURN_IF_ERROR(database.Read(deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const auto at, journal::CursorOf(session, kFollower));
    followed = at.value_or(0);
    return absl::OkStatus();
  }));
  return RegistryReading(followed);
}

absl::Status RegistryReading::Hold(db::Session& session) {
  passed_ = false;
  changed_.clear();
  CHANYAN_ASSIGN_OR_RETURN(const auto at, journal::HoldCursorOf(session, kFollower));
  if (at.value_or(0) == followed_) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kChangedSince, {followed_}));
  for (const db::Values& row : rows.rows) changed_.insert(std::get<std::string>(row[0]));
  return Require(read_);
}

absl::Status RegistryReading::Require(const std::vector<std::string>& resources) {
  for (const std::string& resource : resources) {
    if (!changed_.contains(resource)) continue;
    passed_ = true;
    return status::Conflict("单位或平台的信息刚刚更新，请重试");
  }
  return absl::OkStatus();
}

absl::Status NoteRegistryChange(db::Session& session, absl::string_view resource, int64_t seq) {
  return session.Execute(kNoteChange, {std::string(resource), seq}).status();
}

}  // namespace chanyan::pairing
