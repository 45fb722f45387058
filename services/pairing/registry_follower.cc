// What pairing keeps of the registry follows the registry's journal: a renamed enterprise, one that
// moved to another unit or became part of another, a platform that was renamed or changed hands.
#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/pairing_service.h"

namespace chanyan::pairing {
namespace {

constexpr char kOpen[] = " AND state NOT IN ('COMPLETED', 'TERMINATED')";
constexpr char kLocked[] = "name FOR UPDATE";

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
  const journal::Origin origin{.method = "chanyan.pairing.FollowRegistry",
                               .actor = "services/pairing",
                               .request_id = entry.request_id(),
                               .trace_id = entry.trace_id()};
  rpc::Change change(session, now, origin);
  if (entry.type() == registry::v1::Organization::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto organization, After<registry::v1::Organization>(entry));
    CHANYAN_RETURN_IF_ERROR(FollowMergers(change, organization));
    if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
      return absl::OkStatus();
    }
    return FollowInto(change, {absl::StrCat("enterprise = ?", kOpen), {organization.name()}},
                      [&](v1::Project& project) {
                        project.set_enterprise_title(organization.display_name());
                        project.set_unit(organization.unit());
                      });
  }
  if (entry.type() == registry::v1::Platform::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto platform, After<registry::v1::Platform>(entry));
    CHANYAN_RETURN_IF_ERROR(NotePlatformOwner(session, platform));
    return FollowInto(change, {absl::StrCat("platform = ?", kOpen), {platform.name()}},
                      [&](v1::Project& project) {
                        project.set_platform_title(platform.display_name());
                        project.set_university(platform.organization());
                      });
  }
  return absl::OkStatus();
}

absl::Status PairingService::FollowInto(rpc::Change& change, const db::Predicate& rows,
                                        absl::FunctionRef<void(v1::Project&)> follow) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Project> projects,
                           projects_.Select(change.session(), rows, kLocked));
  for (v1::Project& project : projects) {
    const v1::Project before = project;
    follow(project);
    if (google::protobuf::util::MessageDifferencer::Equals(before, project)) continue;
    CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &project));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &project));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
