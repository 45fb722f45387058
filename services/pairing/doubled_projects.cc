#include "services/pairing/doubled_projects.h"

#include <vector>

#include "common/db/predicate.h"
#include "common/status/status.h"

namespace chanyan::pairing {

absl::Status Promote(rpc::Change& change, const db::Table<v1::Project>& projects,
                     const v1::Project& ended) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Project> doubled,
      projects.Select(change.session(), {"doubled_by = ?", {ended.name()}}, db::kByNameLocked));
  for (size_t i = 0; i < doubled.size(); ++i) {
    const v1::Project before = doubled[i];
    doubled[i].set_doubled_by(i == 0 ? "" : doubled[0].name());
    CHANYAN_RETURN_IF_ERROR(projects.Update(change.session(), change.now(), &doubled[i]));
    CHANYAN_RETURN_IF_ERROR(change.Record("settled", &before, &doubled[i]));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
