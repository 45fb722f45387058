#include "services/registry/import_directory.h"

#include <utility>

#include "common/auth/scope.h"
#include "common/status/status.h"

namespace chanyan::registry {

absl::StatusOr<std::unique_ptr<const Directory>> Directory::Load(
    db::Session& session, const db::Table<v1::Organization>& table, const auth::Principal& caller) {
  std::unique_ptr<Directory> directory(new Directory);
  const db::Predicate seen =
      db::Or(auth::Readable<v1::Organization>(caller), {"name = ?", {caller.organization}});
  CHANYAN_ASSIGN_OR_RETURN(directory->rows_, table.Select(session, seen));
  for (const v1::Organization& row : directory->rows_) {
    if (!row.unified_social_credit_code().empty()) {
      directory->by_code_[row.unified_social_credit_code()] = &row;
    }
    directory->by_name_[row.name()] = &row;
    const auto [titled, fresh] = directory->by_title_.try_emplace(row.display_name(), &row);
    if (!fresh && row.state() != v1::ORGANIZATION_STATE_MERGED) titled->second = &row;
    for (const v1::FormerName& former : row.former_names()) {
      const auto [called, first] =
          directory->by_former_title_.try_emplace(former.display_name(), &row);
      if (!first && called->second != &row) called->second = nullptr;
    }
  }
  return std::unique_ptr<const Directory>(std::move(directory));
}

const v1::Organization* Directory::Resolve(const std::string& title) const {
  const v1::Organization* found = ByTitle(title);
  if (found == nullptr) found = Find(by_former_title_, title);
  if (found == nullptr || found->state() != v1::ORGANIZATION_STATE_MERGED) return found;
  return ByName(found->merged_into());
}

}  // namespace chanyan::registry
