#include "services/pairing/registry_reading.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr char kFollowed[] = "SELECT seq FROM `cursor` WHERE follower = 'pairing<registry'";

// 0 before the first entry.
absl::StatusOr<int64_t> FollowedUntil(db::Session& session, absl::string_view lock) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(absl::StrCat(kFollowed, lock)));
  return found.rows.empty() ? 0 : std::get<int64_t>(found.rows[0][0]);
}

}  // namespace

absl::StatusOr<RegistryReading> RegistryReading::Begin(db::Database& database,
                                                       absl::Time deadline) {
  int64_t followed = 0;
  CHANYAN_RETURN_IF_ERROR(database.Read(deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(followed, FollowedUntil(session, ""));
    return absl::OkStatus();
  }));
  return RegistryReading(followed);
}

absl::Status RegistryReading::Hold(db::Session& session) {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t followed, FollowedUntil(session, " FOR UPDATE"));
  passed_ = followed != followed_;
  return passed_ ? status::Conflict("单位或平台的信息刚刚更新，请重试") : absl::OkStatus();
}

}  // namespace chanyan::pairing
