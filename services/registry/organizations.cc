// Handlers of organizations.
#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/registry/ids.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {

absl::StatusOr<v1::Organization> RegistryService::GetOrganization(
    const rpc::Call& call, const v1::GetOrganizationRequest& request) {
  return rpc::Fetch(deps_.store.db, call, organizations_, request.name());
}

absl::StatusOr<v1::ListOrganizationsResponse> RegistryService::ListOrganizations(
    const rpc::Call& call, const v1::ListOrganizationsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, organizations_, request,
                                                     "", request.filter(), request.order_by()));
  v1::ListOrganizationsResponse response;
  response.mutable_organizations()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status RegistryService::CheckOrganization(db::Session& session,
                                                const v1::Organization& organization) {
  std::vector<status::Violation> violations = OrganizationViolations(organization);
  for (status::Violation& violation : IndustryViolations(deps_.pack, organization.industries())) {
    violations.push_back(std::move(violation));
  }
  if (!organization.unit().empty()) {
    const absl::StatusOr<v1::Organization> unit = organizations_.Get(session, organization.unit());
    if (!unit.ok() && !absl::IsNotFound(unit.status())) return unit.status();
    if (!unit.ok()) {
      violations.push_back({"unit", absl::StrCat("“", organization.unit(), "”不在单位名录中")});
    } else if (!MayBeResponsibleUnit(unit->kind())) {
      violations.push_back({"unit", absl::StrCat("“", unit->display_name(),
                                                 "”不是大功能区、镇街或推进单位，不能作责任单位")});
    }
  }
  if (!organization.parent().empty()) {
    const absl::Status parent = organizations_.Get(session, organization.parent()).status();
    if (absl::IsNotFound(parent)) {
      violations.push_back({"parent", absl::StrCat("“", organization.parent(), "”不在单位名录中")});
    } else if (!parent.ok()) {
      return parent;
    }
  }
  if (violations.empty()) return CheckCode(session, organization);
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("organization.", violation.field);
  }
  return status::InvalidFields(std::move(violations));
}

absl::Status RegistryService::CheckCode(db::Session& session, const v1::Organization& organization,
                                        bool locked) {
  if (organization.unified_social_credit_code().empty()) return absl::OkStatus();
  // Not a locking read: where there is no holder yet it would lock the gap in which every other
  // new code goes. A holder that comes at the same moment is found by the unique
  // key, and then named by the locking one: it runs the transaction again, which sees it.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Organization> holders,
      organizations_.Select(session,
                            {"code_key = ? AND name <> ?",
                             {organization.unified_social_credit_code(), organization.name()}},
                            locked ? "name FOR UPDATE" : "name"));
  if (holders.empty()) return absl::OkStatus();
  return status::AlreadyExists(
      holders[0].name(),
      absl::StrCat("统一社会信用代码“", organization.unified_social_credit_code(), "”已登记在“",
                   holders[0].display_name(), "”（", holders[0].name(), "）名下，请核对"));
}

absl::StatusOr<v1::Organization> RegistryService::CreateOrganization(
    const rpc::Call& call, const v1::CreateOrganizationRequest& request) {
  v1::Organization wanted = request.organization();
  wanted.set_name(absl::StrCat("organizations/", request.organization_id().empty()
                                                     ? OrganizationId(wanted)
                                                     : request.organization_id()));
  wanted.set_state(v1::ORGANIZATION_STATE_ACTIVE);
  return rpc::Mutate<v1::Organization>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Organization> {
        v1::Organization row = wanted;
        CHANYAN_RETURN_IF_ERROR(CheckOrganization(change.session(), row));
        if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
          return status::PermissionDenied("您的角色不能新增该单位");
        }
        if (request.validate_only()) return row;
        if (absl::Status inserted = organizations_.Insert(change.session(), change.now(), &row);
            !inserted.ok()) {
          if (!absl::IsAlreadyExists(inserted)) return inserted;
          CHANYAN_RETURN_IF_ERROR(CheckCode(change.session(), row, /*locked=*/true));
          return inserted;
        }
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::Organization> RegistryService::UpdateOrganization(
    const rpc::Call& call, const v1::UpdateOrganizationRequest& request) {
  const v1::Organization& update = request.organization();
  return rpc::Edit<v1::Organization>(
      deps_.store, call, request, organizations_, update.name(), update.etag(), "updated",
      [&](rpc::Change& change, v1::Organization& row) -> absl::Status {
        v1::Organization wanted = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
        const std::string display_name = wanted.display_name();
        wanted.set_display_name(row.display_name());
        Rename(display_name, time::DayOf(change.now()), &wanted);
        const bool keeper = call.principal.Has(options::v1::ROLE_SECRETARIAT) ||
                            call.principal.Has(options::v1::ROLE_DEPARTMENT);
        if (!keeper && wanted.unit() != row.unit()) {
          return status::PermissionDenied("责任单位由高校理事会秘书处确定，请联系秘书处调整");
        }
        CHANYAN_RETURN_IF_ERROR(CheckOrganization(change.session(), wanted));
        if (!request.validate_only()) row = std::move(wanted);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Organization> RegistryService::SuspendOrganization(
    const rpc::Call& call, const v1::SuspendOrganizationRequest& request) {
  return rpc::Edit<v1::Organization>(deps_.store, call, request, organizations_, request.name(),
                                     request.etag(), "suspended",
                                     [](rpc::Change&, v1::Organization& row) -> absl::Status {
                                       row.set_state(v1::ORGANIZATION_STATE_SUSPENDED);
                                       return absl::OkStatus();
                                     });
}

absl::StatusOr<v1::Organization> RegistryService::ResumeOrganization(
    const rpc::Call& call, const v1::ResumeOrganizationRequest& request) {
  return rpc::Edit<v1::Organization>(deps_.store, call, request, organizations_, request.name(),
                                     request.etag(), "resumed",
                                     [](rpc::Change&, v1::Organization& row) -> absl::Status {
                                       row.set_state(v1::ORGANIZATION_STATE_ACTIVE);
                                       return absl::OkStatus();
                                     });
}

}  // namespace chanyan::registry
