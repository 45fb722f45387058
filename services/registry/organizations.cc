// Handlers of organizations.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/registry/ids.h"
#include "services/registry/organization_life.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

// Steps from the bottom of the tree of organizations to its top that are looked at.
constexpr int kMaxTreeDepth = 32;

// By what right, from the fields that such requests share.
template <class Request>
absl::StatusOr<Basis> BasisOf(const Request& request, absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day,
                           EffectiveDay(request.effective_date(), time::DayOf(now)));
  return Basis{day, request.reason(), request.document()};
}

}  // namespace

v1::Organization RegistryService::Present(const rpc::Call& call, v1::Organization organization) {
  if (auth::Reaches(call.principal, organization, options::v1::ACCESS_WRITE)) {
    for (std::string& verb :
         rpc::ActionsOf(call, OrganizationLife(), organization.state(), "Organization")) {
      organization.add_actions(std::move(verb));
    }
  }
  return organization;
}

absl::StatusOr<v1::ListOrganizationsResponse> RegistryService::ListOrganizations(
    const rpc::Call& call, const v1::ListOrganizationsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, organizations_, request,
                                                     "", request.filter(), request.order_by()));
  v1::ListOrganizationsResponse response;
  for (v1::Organization& organization : page.rows) {
    *response.add_organizations() = Present(call, std::move(organization));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status RegistryService::FollowReferences(db::Session& session, const v1::Organization* before,
                                               v1::Organization* organization) {
  const auto follow = [&](const std::string& known, std::string* reference) -> absl::Status {
    if (reference->empty() || *reference == known) return absl::OkStatus();
    // Locked, so that it is not merged while something new comes to refer to it.
    const absl::StatusOr<v1::Organization> named = organizations_.GetForUpdate(session, *reference);
    if (absl::IsNotFound(named.status())) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(named.status());
    if (named->state() == v1::ORGANIZATION_STATE_MERGED) *reference = named->merged_into();
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(
      follow(before == nullptr ? "" : before->unit(), organization->mutable_unit()));
  return follow(before == nullptr ? "" : before->parent(), organization->mutable_parent());
}

absl::Status RegistryService::LockReferences(db::Session& session,
                                             std::vector<std::string> organizations) {
  std::sort(organizations.begin(), organizations.end());
  organizations.erase(std::unique(organizations.begin(), organizations.end()), organizations.end());
  for (const std::string& name : organizations) {
    if (name.empty()) continue;
    const auto locked = organizations_.GetForUpdate(session, name);
    // It comes with the same import.
    if (absl::IsNotFound(locked.status())) continue;
    CHANYAN_RETURN_IF_ERROR(locked.status());
    if (locked->state() == v1::ORGANIZATION_STATE_MERGED) {
      return status::Conflict(absl::StrCat("“", locked->display_name(), "”刚刚撤并，请重试"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RegistryService::StandsBelow(db::Session& session, std::string organization,
                                                  const std::string& ancestor) {
  for (int step = 0; step < kMaxTreeDepth && !organization.empty(); ++step) {
    if (organization == ancestor) return true;
    const absl::StatusOr<v1::Organization> above = organizations_.Get(session, organization);
    if (absl::IsNotFound(above.status())) return false;
    CHANYAN_RETURN_IF_ERROR(above.status());
    organization = above->parent();
  }
  return false;
}

absl::Status RegistryService::CheckOrganization(db::Session& session,
                                                const v1::Organization* stored,
                                                v1::Organization* organization) {
  CHANYAN_RETURN_IF_ERROR(CheckContent(session, stored, organization));
  return CheckCode(session, *organization);
}

absl::Status RegistryService::CheckContent(db::Session& session, const v1::Organization* stored,
                                           v1::Organization* wanted) {
  std::vector<status::Violation> violations = TakePlace(deps_.pack, stored, wanted);
  const v1::Organization& organization = *wanted;
  for (status::Violation& violation : OrganizationViolations(organization)) {
    violations.push_back(std::move(violation));
  }
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
    } else if (organization.parent() != organization.name()) {
      CHANYAN_ASSIGN_OR_RETURN(const bool circle,
                               StandsBelow(session, organization.parent(), organization.name()));
      if (circle) violations.push_back({"parent", "上级单位不能是本单位的下级"});
    }
  }
  if (violations.empty()) return absl::OkStatus();
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
                            locked ? db::kByNameLocked : "name"));
  if (holders.empty()) return absl::OkStatus();
  const v1::Organization& holder = holders[0];
  return status::AlreadyExists(
      holder.name(),
      absl::StrCat("统一社会信用代码“", organization.unified_social_credit_code(), "”已登记在“",
                   holder.display_name(), "”（", holder.name(), "）名下，",
                   holder.state() == v1::ORGANIZATION_STATE_MERGED
                       ? absl::StrCat("该单位已并入 ", holder.merged_into(), "，请核对")
                       : "请核对"));
}

absl::Status RegistryService::InsertOrganization(rpc::Change& change, absl::string_view kind,
                                                 v1::Organization* row) {
  if (absl::Status inserted = organizations_.Insert(change.session(), change.now(), row);
      !inserted.ok()) {
    if (!absl::IsAlreadyExists(inserted)) return inserted;
    CHANYAN_RETURN_IF_ERROR(CheckCode(change.session(), *row, /*locked=*/true));
    return inserted;
  }
  CHANYAN_RETURN_IF_ERROR(names_.Write(change.session(), *row, /*fresh=*/true));
  return change.Record(kind, nullptr, row);
}

absl::StatusOr<v1::Organization> RegistryService::InsertAsked(
    const rpc::Call& call, const v1::CreateOrganizationRequest& request, rpc::Change& change) {
  v1::Organization row = request.organization();
  row.set_name(absl::StrCat("organizations/", request.organization_id().empty()
                                                  ? OrganizationId(row)
                                                  : request.organization_id()));
  row.set_state(v1::ORGANIZATION_STATE_ACTIVE);
  CHANYAN_RETURN_IF_ERROR(FollowReferences(change.session(), nullptr, &row));
  CHANYAN_RETURN_IF_ERROR(CheckContent(change.session(), nullptr, &row));
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    return status::PermissionDenied("您的角色不能新增该单位");
  }
  if (request.validate_only()) {
    CHANYAN_RETURN_IF_ERROR(CheckCode(change.session(), row));
    return row;
  }
  // A code that is taken is found by its unique key.
  CHANYAN_RETURN_IF_ERROR(InsertOrganization(change, "created", &row));
  return row;
}

absl::StatusOr<v1::Organization> RegistryService::CreateOrganization(
    const rpc::Call& call, const v1::CreateOrganizationRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Organization organization,
      rpc::Mutate<v1::Organization>(deps_.store, call, request, [&](rpc::Change& change) {
        return InsertAsked(call, request, change);
      }));
  return Present(call, std::move(organization));
}

absl::Status RegistryService::RecordRename(rpc::Change& change, const rpc::Call& call,
                                           const v1::Organization& before,
                                           const v1::Organization& after, const Basis& basis) {
  CHANYAN_RETURN_IF_ERROR(
      RecordEvents(change, events_, {RenameEvent(before, after, basis, call.principal.account)}));
  if (!MayOwnPlatforms(after.kind())) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Platform> owned,
      platforms_.Select(change.session(), {"organization = ?", {after.name()}}, db::kByNameLocked));
  std::vector<v1::Platform> retitled = owned;
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < owned.size(); ++i) {
    if (owned[i].organization_title() == after.display_name()) continue;
    retitled[i].set_organization_title(after.display_name());
    CHANYAN_RETURN_IF_ERROR(platforms_.Update(change.session(), change.now(), &retitled[i]));
    alterations.push_back({&owned[i], &retitled[i]});
  }
  return change.RecordAll("ownerRenamed", alterations);
}

absl::StatusOr<v1::Organization> RegistryService::UpdateOrganization(
    const rpc::Call& call, const v1::UpdateOrganizationRequest& request) {
  const v1::Organization& update = request.organization();
  const auto edit = [&](rpc::Change& change, v1::Organization& row) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(RefuseMerged(row));
    CHANYAN_ASSIGN_OR_RETURN(const Basis basis, BasisOf(request, change.now()));
    v1::Organization wanted = row;
    CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
    const std::string display_name = wanted.display_name();
    wanted.set_display_name(row.display_name());
    const bool renamed = display_name != row.display_name();
    if (renamed) CHANYAN_RETURN_IF_ERROR(CheckRenameDay(row, basis.day));
    Rename(display_name, basis.day, &wanted);
    CHANYAN_RETURN_IF_ERROR(FollowReferences(change.session(), &row, &wanted));
    const bool keeper = call.principal.Has(options::v1::ROLE_SECRETARIAT) ||
                        call.principal.Has(options::v1::ROLE_DEPARTMENT);
    if (!keeper && wanted.unit() != row.unit()) {
      return status::PermissionDenied("责任单位由高校理事会秘书处确定，请联系秘书处调整");
    }
    CHANYAN_RETURN_IF_ERROR(CheckOrganization(change.session(), &row, &wanted));
    if (request.validate_only()) return absl::OkStatus();
    if (renamed) CHANYAN_RETURN_IF_ERROR(RecordRename(change, call, row, wanted, basis));
    if (renamed || wanted.unified_social_credit_code() != row.unified_social_credit_code()) {
      CHANYAN_RETURN_IF_ERROR(names_.Write(change.session(), wanted, /*fresh=*/false));
    }
    row = std::move(wanted);
    return absl::OkStatus();
  };
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Organization organization,
      rpc::Edit<v1::Organization>(deps_.store, call, request, organizations_, update.name(),
                                  update.etag(), "updated", edit));
  return Present(call, std::move(organization));
}

template <class Request>
absl::StatusOr<v1::Organization> RegistryService::ChangeState(const rpc::Call& call,
                                                              const Request& request,
                                                              absl::string_view verb,
                                                              absl::string_view kind,
                                                              v1::OrganizationEventKind event) {
  const auto edit = [&](rpc::Change& change, v1::Organization& row) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(RefuseMerged(row));
    CHANYAN_ASSIGN_OR_RETURN(const v1::OrganizationState next,
                             policy::Next(OrganizationLife(), row.state(), verb));
    CHANYAN_ASSIGN_OR_RETURN(const Basis basis, BasisOf(request, change.now()));
    row.set_state(next);
    row.set_state_reason(basis.reason);
    *row.mutable_state_since() = time::ToProto(basis.day);
    return RecordEvents(change, events_,
                        {EventOf(row, basis, call.principal.account, {.kind = event}, {})});
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::Organization organization,
                           rpc::Edit<v1::Organization>(deps_.store, call, request, organizations_,
                                                       request.name(), request.etag(), kind, edit));
  return Present(call, std::move(organization));
}

absl::StatusOr<v1::Organization> RegistryService::SuspendOrganization(
    const rpc::Call& call, const v1::SuspendOrganizationRequest& request) {
  return ChangeState(call, request, "suspend", "suspended", v1::ORGANIZATION_EVENT_KIND_SUSPENDED);
}

absl::StatusOr<v1::Organization> RegistryService::ResumeOrganization(
    const rpc::Call& call, const v1::ResumeOrganizationRequest& request) {
  return ChangeState(call, request, "resume", "resumed", v1::ORGANIZATION_EVENT_KIND_RESUMED);
}

}  // namespace chanyan::registry
