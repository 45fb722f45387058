#include "services/registry/instrument_following.h"

#include <vector>

#include "common/status/status.h"
#include "services/registry/diary.h"

namespace chanyan::registry {

absl::Status FollowPlatform(rpc::Change& change, const db::Table<v1::Instrument>& instruments,
                            const v1::Platform& platform) {
  CHANYAN_RETURN_IF_ERROR(Touch(change.session(), platform.name()));
  const bool published = IsPublished(platform);
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Instrument> rows,
                           instruments.Select(change.session(),
                                              {"platform = ? AND platform_published <> ?",
                                               {platform.name(), int64_t{published}}},
                                              "name FOR UPDATE"));
  for (v1::Instrument& row : rows) {
    const v1::Instrument before = row;
    row.set_platform_published(published);
    CHANYAN_RETURN_IF_ERROR(instruments.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::registry
