// What pairing keeps of the registry follows the registry's journal: a renamed enterprise, one that
// moved to another unit, a renamed platform.
#include "absl/strings/str_cat.h"
#include "common/journal/entry_message.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/pairing_service.h"

namespace chanyan::pairing {
namespace {

constexpr char kOpen[] = " AND state NOT IN ('COMPLETED', 'TERMINATED')";
constexpr char kNotWithdrawn[] = " AND state <> 'WITHDRAWN'";
constexpr char kLocked[] = "name FOR UPDATE";

// Changes `rows` of the table as `follow` says, each journalled as `followed`.
template <class T>
absl::Status FollowInto(db::Session& session, absl::Time now, const journal::v1::Entry& entry,
                        const db::Table<T>& table, const db::Predicate& rows,
                        absl::FunctionRef<void(T&)> follow) {
  const journal::Origin origin{.method = "chanyan.pairing.FollowRegistry",
                               .actor = "services/pairing",
                               .request_id = entry.request_id(),
                               .trace_id = entry.trace_id()};
  CHANYAN_ASSIGN_OR_RETURN(std::vector<T> found, table.Select(session, rows, kLocked));
  for (T& row : found) {
    const T before = row;
    follow(row);
    if (google::protobuf::util::MessageDifferencer::Equals(before, row)) continue;
    CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "followed", &before, &row));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PairingService::FollowRegistry(db::Session& session, absl::Time now,
                                            const journal::v1::Entry& entry) {
  if (entry.after_json().empty()) return absl::OkStatus();
  if (entry.type() == registry::v1::Organization::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto organization,
                             journal::MessageAfter<registry::v1::Organization>(entry));
    CHANYAN_RETURN_IF_ERROR(FollowInto<v1::Intent>(
        session, now, entry, intents_,
        {absl::StrCat("organization = ?", kNotWithdrawn), {organization.name()}},
        [&](v1::Intent& intent) { intent.set_organization_title(organization.display_name()); }));
    if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
      return absl::OkStatus();
    }
    return FollowInto<v1::Project>(session, now, entry, projects_,
                                   {absl::StrCat("enterprise = ?", kOpen), {organization.name()}},
                                   [&](v1::Project& project) {
                                     project.set_enterprise_title(organization.display_name());
                                     project.set_unit(organization.unit());
                                   });
  }
  if (entry.type() == registry::v1::Platform::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto platform,
                             journal::MessageAfter<registry::v1::Platform>(entry));
    CHANYAN_RETURN_IF_ERROR(FollowInto<v1::Intent>(
        session, now, entry, intents_,
        {absl::StrCat("platform = ?", kNotWithdrawn), {platform.name()}},
        [&](v1::Intent& intent) { intent.set_platform_title(platform.display_name()); }));
    return FollowInto<v1::Project>(
        session, now, entry, projects_, {absl::StrCat("platform = ?", kOpen), {platform.name()}},
        [&](v1::Project& project) { project.set_platform_title(platform.display_name()); });
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
