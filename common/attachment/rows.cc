#include "common/attachment/rows.h"

#include <variant>

#include "absl/strings/str_cat.h"

namespace chanyan::attachment {
namespace {

constexpr absl::string_view kHeldHead =
    "SELECT COUNT(*), CAST(COALESCE(SUM(byte_count), 0) AS SIGNED) FROM ";

}  // namespace

absl::Status CheckRoom(db::Session& session, const Rows& rows, absl::string_view holder,
                       const Quota& quota, int64_t bytes) {
  const std::string held =
      absl::StrCat(kHeldHead, rows.table, " WHERE ", rows.holder_column, " = ?");
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(held, {std::string(holder)}));
  return CheckQuota(quota, std::get<int64_t>(found.rows.at(0).at(0)),
                    std::get<int64_t>(found.rows.at(0).at(1)), bytes);
}

}  // namespace chanyan::attachment
