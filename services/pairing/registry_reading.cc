#include "services/pairing/registry_reading.h"

#include "common/journal/cursor.h"
#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr char kFollower[] = "pairing<registry";

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
  CHANYAN_ASSIGN_OR_RETURN(const auto at, journal::LockCursorOf(session, kFollower));
  passed_ = at.value_or(0) != followed_;
  return passed_ ? status::Conflict("单位或平台的信息刚刚更新，请重试") : absl::OkStatus();
}

}  // namespace chanyan::pairing
