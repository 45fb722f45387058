#include "services/pairing/registry_reading.h"

#include <atomic>

namespace chanyan::pairing {
namespace {

// Rows of registry_gate. All say the same between transactions.
constexpr int64_t kSlots = 16;
constexpr char kSeqOf[] = "SELECT seq FROM registry_gate WHERE slot = ?";
constexpr char kHoldSlot[] = "SELECT seq FROM registry_gate WHERE slot = ? FOR UPDATE";
constexpr char kMoveAll[] = "UPDATE registry_gate SET seq = ?";
constexpr char kNoteChange[] =
    "INSERT INTO registry_change (resource, seq) VALUES (?, ?) "
    "ON DUPLICATE KEY UPDATE seq = VALUES(seq)";
// Of now, whatever the transaction's snapshot shows.
constexpr char kChangedSince[] = "SELECT resource FROM registry_change WHERE seq > ? FOR UPDATE";

// Writers of one process take turns; those of two may meet, and wait for each other.
int64_t NextSlot() {
  static std::atomic<uint64_t> turn = 0;
  return static_cast<int64_t>(turn.fetch_add(1, std::memory_order_relaxed) % kSlots);
}

absl::StatusOr<int64_t> SeqIn(db::Session& session, const char* sql, int64_t slot) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, {slot}));
  return std::get<int64_t>(rows.rows.at(0).at(0));
}

}  // namespace

absl::StatusOr<RegistryReading> RegistryReading::Begin(db::Database& database,
                                                       absl::Time deadline) {
  const int64_t slot = NextSlot();
  int64_t followed = 0;
  CHANYAN_RETURN_IF_ERROR(database.Read(deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(followed, SeqIn(session, kSeqOf, slot));
    return absl::OkStatus();
  }));
  return RegistryReading(slot, followed);
}

absl::Status RegistryReading::Hold(db::Session& session) {
  passed_ = false;
  changed_.clear();
  CHANYAN_ASSIGN_OR_RETURN(const int64_t now, SeqIn(session, kHoldSlot, slot_));
  if (now == followed_) return absl::OkStatus();
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
  CHANYAN_RETURN_IF_ERROR(session.Execute(kMoveAll, {seq}).status());
  return session.Execute(kNoteChange, {std::string(resource), seq}).status();
}

}  // namespace chanyan::pairing
