// What pairing keeps of the registry follows the registry's journal: a renamed enterprise, one that
// moved to another unit, a renamed platform.
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "services/pairing/pairing_service.h"

namespace chanyan::pairing {
namespace {

constexpr char kRenameEnterprise[] =
    "UPDATE project SET enterprise_title = ?, unit = ?, version = version + 1, update_time = ?"
    " WHERE enterprise = ? AND (enterprise_title <> ? OR unit <> ?)"
    " AND state NOT IN ('COMPLETED', 'TERMINATED')";
constexpr char kRenamePlatform[] =
    "UPDATE project SET platform_title = ?, version = version + 1, update_time = ?"
    " WHERE platform = ? AND platform_title <> ? AND state NOT IN ('COMPLETED', 'TERMINATED')";

// The journal's JSON leaves out personal data and may hold fields of a newer version.
template <class T>
absl::StatusOr<T> After(const journal::v1::Entry& entry) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  T message;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(entry.after_json(), &message, options);
  if (!parsed.ok()) return status::Internal("registry journal: an entry that cannot be read");
  return message;
}

}  // namespace

absl::Status PairingService::FollowRegistry(db::Session& session, absl::Time now,
                                            const journal::v1::Entry& entry) {
  if (entry.after_json().empty()) return absl::OkStatus();
  if (entry.type() == registry::v1::Organization::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto organization, After<registry::v1::Organization>(entry));
    if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
      return absl::OkStatus();
    }
    return session
        .Execute(kRenameEnterprise,
                 {organization.display_name(), organization.unit(), now, organization.name(),
                  organization.display_name(), organization.unit()})
        .status();
  }
  if (entry.type() == registry::v1::Platform::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto platform, After<registry::v1::Platform>(entry));
    return session
        .Execute(kRenamePlatform,
                 {platform.display_name(), now, platform.name(), platform.display_name()})
        .status();
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
