// Feedback on recommendations (REG-6): "not suitable because …", kept and respected.
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/mask.h"
#include "common/journal/entry_message.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/pairing/discovery_service.h"
#include "services/pairing/follow.h"

namespace chanyan::pairing {
namespace {

// One resource as the registry has it.
template <class T, class Request>
absl::StatusOr<T> FromRegistry(rpc::Peers& peers, const rpc::Call& call, absl::string_view method,
                               const std::string& name) {
  Request request;
  request.set_name(name);
  return rpc::CallPeer<T>(peers, "registry",
                          absl::StrCat("chanyan.registry.v1.RegistryService.", method), request,
                          rpc::AsService(call));
}

}  // namespace

absl::StatusOr<v1::Dismissal> DiscoveryService::CreateDismissal(
    const rpc::Call& call, const v1::CreateDismissalRequest& request) {
  return WithRegistry<v1::Dismissal>(deps_.store, call, [&](RegistryReading& reading) {
    return DismissAsRead(call, request, reading);
  });
}

absl::StatusOr<v1::Dismissal> DiscoveryService::DismissAsRead(
    const rpc::Call& call, const v1::CreateDismissalRequest& request, RegistryReading& reading) {
  v1::Dismissal wanted = request.dismissal();
  reading.Note(wanted.platform());
  const auto organization = [&](const std::string& name) {
    reading.Note(name);
    return FromRegistry<registry::v1::Organization, registry::v1::GetOrganizationRequest>(
        deps_.peers, call, "GetOrganization", name);
  };
  CHANYAN_ASSIGN_OR_RETURN(auto enterprise, organization(wanted.enterprise()));
  if (enterprise.state() == registry::v1::ORGANIZATION_STATE_MERGED) {
    CHANYAN_ASSIGN_OR_RETURN(enterprise, organization(enterprise.merged_into()));
    wanted.set_enterprise(enterprise.name());
  }
  wanted.set_unit(enterprise.unit());
  wanted.set_organization(call.principal.organization);
  if (enterprise.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE ||
      !auth::Reaches(call.principal, wanted, options::v1::ACCESS_WRITE)) {
    // Not told apart from one that is not there.
    return status::NotFound(wanted.enterprise());
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto platform,
                           (FromRegistry<registry::v1::Platform, registry::v1::GetPlatformRequest>(
                               deps_.peers, call, "GetPlatform", wanted.platform())));
  if (platform.state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    return status::NotFound(wanted.platform());
  }
  wanted.set_enterprise_title(enterprise.display_name());
  wanted.set_platform_title(platform.display_name());
  wanted.set_name(
      absl::StrCat("dismissals/",
                   api::DigestId("d", absl::StrCat(wanted.enterprise(), "\n", wanted.platform()))));
  return rpc::Mutate<v1::Dismissal>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Dismissal> {
        v1::Dismissal row = wanted;
        CHANYAN_RETURN_IF_ERROR(reading.Hold(change.session()));
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(change.session(), {row.enterprise(), row.unit()}));
        absl::StatusOr<v1::Dismissal> existing =
            dismissals_.GetForUpdate(change.session(), row.name());
        if (absl::IsNotFound(existing.status())) {
          // One that came with a merger has the name of its time.
          CHANYAN_ASSIGN_OR_RETURN(
              const std::vector<v1::Dismissal> others,
              dismissals_.Select(change.session(), {"enterprise = ? AND platform = ?",
                                                    {row.enterprise(), row.platform()}}));
          if (!others.empty()) existing = others.front();
        }
        if (!existing.ok() && !absl::IsNotFound(existing.status())) return existing.status();
        if (existing.ok()) {
          return status::AlreadyExists(existing->name(),
                                       absl::StrCat("该平台已反馈为不合适（", existing->reason(),
                                                    "），如需修改请先撤销原反馈"));
        }
        if (request.validate_only()) return row;
        CHANYAN_RETURN_IF_ERROR(dismissals_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::ListDismissalsResponse> DiscoveryService::ListDismissals(
    const rpc::Call& call, const v1::ListDismissalsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, dismissals_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListDismissalsResponse response;
  response.mutable_dismissals()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> DiscoveryService::ExportDismissals(
    const rpc::Call& call, const v1::ExportDismissalsRequest& request) {
  std::vector<v1::Dismissal> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                             dismissals_.core().Where(request.filter()));
    CHANYAN_ASSIGN_OR_RETURN(
        rows,
        dismissals_.Select(session, db::And(auth::Readable<v1::Dismissal>(call.principal), wanted),
                           "enterprise, create_time, name"));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return rpc::ExportSheet<v1::Dismissal>("不合适反馈", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::protobuf::Empty> DiscoveryService::DeleteDismissal(
    const rpc::Call& call, const v1::DeleteDismissalRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Dismissal row,
            dismissals_.GetForUpdate(change.session(), request.name(),
                                     auth::Writable<v1::Dismissal>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
        CHANYAN_RETURN_IF_ERROR(dismissals_.Delete(change.session(), row));
        CHANYAN_RETURN_IF_ERROR(change.Record("deleted", &row, nullptr));
        return google::protobuf::Empty();
      });
}

absl::Status DiscoveryService::FollowRegistry(db::Session& session, absl::Time now,
                                              const journal::v1::Entry& entry) {
  // Of what has just been made nothing was dismissed.
  if (entry.after_json().empty() || entry.before_json().empty()) return absl::OkStatus();
  if (entry.type() == registry::v1::Organization::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto organization,
                             journal::MessageAfter<registry::v1::Organization>(entry));
    return FollowInto<v1::Dismissal>(session, now, entry, dismissals_,
                                     {"enterprise = ?", {organization.name()}},
                                     [&](v1::Dismissal& row) {
                                       row.set_enterprise_title(organization.display_name());
                                       row.set_unit(organization.unit());
                                     });
  }
  if (entry.type() == registry::v1::Platform::descriptor()->full_name()) {
    CHANYAN_ASSIGN_OR_RETURN(const auto platform,
                             journal::MessageAfter<registry::v1::Platform>(entry));
    return FollowInto<v1::Dismissal>(
        session, now, entry, dismissals_, {"platform = ?", {platform.name()}},
        [&](v1::Dismissal& row) { row.set_platform_title(platform.display_name()); });
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
