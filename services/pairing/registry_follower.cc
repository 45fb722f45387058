// What pairing keeps of the registry follows the registry's journal: a renamed enterprise, one that
// moved to another unit or became part of another, a platform that was renamed, changed hands or
// was withdrawn.
#include "absl/strings/str_cat.h"
#include "common/journal/entry_message.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "services/pairing/follow.h"
#include "services/pairing/intent_rules.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/registry_reading.h"

namespace chanyan::pairing {
namespace {

constexpr char kOpen[] = " AND state NOT IN ('COMPLETED', 'TERMINATED')";
constexpr char kNotWithdrawn[] = " AND state <> 'WITHDRAWN'";

}  // namespace

absl::Status PairingService::FollowRegistry(db::Session& session, absl::Time now,
                                            const journal::v1::Entry& entry) {
  if (entry.after_json().empty()) return absl::OkStatus();
  const journal::Origin origin = FollowOrigin(entry);
  rpc::Change change(session, now, origin);
  const auto records = [&](const journal::Origin& by, const v1::Project& before,
                           const v1::Project& after) {
    return records_.Follow(session, now, by, before, after);
  };
  if (entry.type() == registry::v1::Organization::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto organization,
                             journal::MessageAfter<registry::v1::Organization>(entry));
    if (!entry.before_json().empty()) {
      CHANYAN_RETURN_IF_ERROR(NoteRegistryChange(session, organization.name(), entry.seq()));
    }
    CHANYAN_RETURN_IF_ERROR(FollowMergers(change, organization));
    // One that has just been made had no other name or unit that anything here could bear, unless
    // it was made of others.
    if (entry.before_json().empty() && organization.absorbed().empty()) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(FollowInto<v1::Intent>(
        session, now, entry, intents_,
        {absl::StrCat("organization = ?", kNotWithdrawn), {organization.name()}},
        [&](v1::Intent& intent) { FollowOrganization(organization, now, &intent); }));
    if (entry.before_json().empty()) return absl::OkStatus();
    if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
      return absl::OkStatus();
    }
    return FollowInto<v1::Project>(
        session, now, entry, projects_,
        {absl::StrCat("enterprise = ?", kOpen), {organization.name()}},
        [&](v1::Project& project) {
          project.set_enterprise_title(organization.display_name());
          project.set_unit(organization.unit());
        },
        records);
  }
  if (entry.type() == registry::v1::Platform::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto platform,
                             journal::MessageAfter<registry::v1::Platform>(entry));
    if (!entry.before_json().empty()) {
      CHANYAN_RETURN_IF_ERROR(NoteRegistryChange(session, platform.name(), entry.seq()));
    }
    CHANYAN_RETURN_IF_ERROR(NotePlatformOwner(session, platform));
    CHANYAN_RETURN_IF_ERROR(FollowInto<v1::Intent>(
        session, now, entry, intents_,
        {absl::StrCat("platform = ?", kNotWithdrawn), {platform.name()}},
        [&](v1::Intent& intent) { FollowPlatform(platform, now, &intent); }));
    return FollowInto<v1::Project>(
        session, now, entry, projects_, {absl::StrCat("platform = ?", kOpen), {platform.name()}},
        [&](v1::Project& project) {
          project.set_platform_title(platform.display_name());
          project.set_university(platform.organization());
        },
        records);
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
