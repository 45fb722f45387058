// Handlers of platforms.
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "google/protobuf/util/time_util.h"
#include "services/registry/ids.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_life.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

// The parent of the platforms of all organizations.
constexpr char kAnyOrganization[] = "organizations/-";

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

}  // namespace

v1::Platform RegistryService::Present(const rpc::Call& call, v1::Platform platform) {
  platform.set_stale(IsStale(deps_.pack, platform, deps_.store.clock.Now()));
  if (auth::Reaches(call.principal, platform, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, PlatformLife(), platform.state(), "Platform")) {
      platform.add_actions(std::move(verb));
    }
  }
  return platform;
}

absl::StatusOr<v1::Platform> RegistryService::GetPlatform(const rpc::Call& call,
                                                          const v1::GetPlatformRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Platform platform,
                           rpc::Fetch(deps_.store.db, call, platforms_, request.name()));
  return Present(call, std::move(platform));
}

absl::StatusOr<v1::ListPlatformsResponse> RegistryService::ListPlatforms(
    const rpc::Call& call, const v1::ListPlatformsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, PlatformsOf(call, request));
  v1::ListPlatformsResponse response;
  for (v1::Platform& platform : page.rows) {
    *response.add_platforms() = Present(call, std::move(platform));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<db::Page<v1::Platform>> RegistryService::PlatformsOf(
    const rpc::Call& call, const v1::ListPlatformsRequest& request) {
  if (!api::ParseName("organizations/{organization}", request.parent(), /*wildcards=*/true)) {
    return status::InvalidField("parent", "应为单位编号，形如 organizations/abc 或 organizations/-");
  }
  if (request.parent() == kAnyOrganization) {
    return rpc::FetchPage(deps_.store.db, call, platforms_, request, "organizations/-/platforms",
                          request.filter(), request.order_by());
  }
  // By owner, not by name: what was taken over keeps the name it had.
  std::string owner = request.parent();
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        const auto found = organizations_.Get(session, request.parent());
        if (absl::IsNotFound(found.status())) return absl::OkStatus();
        CHANYAN_RETURN_IF_ERROR(found.status());
        if (found->state() == v1::ORGANIZATION_STATE_MERGED) owner = found->merged_into();
        return absl::OkStatus();
      }));
  // A part of the filter, so that a page's token belongs to it.
  const std::string filter = absl::StrCat(request.filter(), request.filter().empty() ? "" : " AND ",
                                          "organization = \"", owner, "\"");
  return rpc::FetchPage(deps_.store.db, call, platforms_, request, "", filter, request.order_by());
}

absl::Status RegistryService::CheckPlatform(db::Session& session, const v1::Platform& platform) {
  std::vector<status::Violation> violations = IndustryViolations(deps_.pack, platform.industries());
  const absl::StatusOr<v1::Organization> owner =
      organizations_.Get(session, platform.organization());
  if (!owner.ok() && !absl::IsNotFound(owner.status())) return owner.status();
  if (!owner.ok()) {
    violations.push_back(
        {"organization", absl::StrCat("“", platform.organization(), "”不在单位名录中")});
  } else if (!MayOwnPlatforms(owner->kind())) {
    violations.push_back(
        {"organization",
         absl::StrCat("“", owner->display_name(), "”不是高校、科研机构或企业，不能发布科创平台")});
  } else if (owner->state() == v1::ORGANIZATION_STATE_MERGED) {
    violations.push_back(
        {"organization", absl::StrCat("“", owner->display_name(), "”已撤并，请由其并入的单位（",
                                      owner->merged_into(), "）发布科创平台")});
  } else if (owner->state() != v1::ORGANIZATION_STATE_ACTIVE) {
    violations.push_back(
        {"organization", absl::StrCat("“", owner->display_name(), "”已停用，不能发布科创平台")});
  }
  if (violations.empty()) return absl::OkStatus();
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("platform.", violation.field);
  }
  return status::InvalidFields(std::move(violations));
}

absl::StatusOr<v1::Platform> RegistryService::CreatePlatform(
    const rpc::Call& call, const v1::CreatePlatformRequest& request) {
  v1::Platform wanted = request.platform();
  wanted.set_organization(request.parent());
  wanted.set_name(
      absl::StrCat(request.parent(), "/platforms/",
                   request.platform_id().empty() ? PlatformId(wanted) : request.platform_id()));
  wanted.set_state(v1::PLATFORM_STATE_DRAFT);
  if (!auth::Reaches(call.principal, wanted, options::v1::ACCESS_WRITE)) {
    return status::NotFound(request.parent());
  }
  return rpc::Mutate<v1::Platform>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Platform> {
        v1::Platform row = wanted;
        // Locked, so that it is not merged while something new comes to belong to it.
        const auto owner = organizations_.GetForUpdate(change.session(), row.organization());
        if (!owner.ok() && !absl::IsNotFound(owner.status())) return owner.status();
        CHANYAN_RETURN_IF_ERROR(CheckPlatform(change.session(), row));
        row.set_organization_title(owner->display_name());
        if (request.validate_only()) return Present(call, row);
        CHANYAN_RETURN_IF_ERROR(platforms_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, row);
      });
}

absl::StatusOr<v1::Platform> RegistryService::UpdatePlatform(
    const rpc::Call& call, const v1::UpdatePlatformRequest& request) {
  const v1::Platform& update = request.platform();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Platform platform,
      rpc::Edit<v1::Platform>(
          deps_.store, call, request, platforms_, update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
            if (row.state() == v1::PLATFORM_STATE_IN_REVIEW ||
                row.state() == v1::PLATFORM_STATE_WITHDRAWN) {
              return status::FailedPrecondition(
                  options::v1::ERROR_REASON_WRONG_STATE,
                  absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                               "”，不能修改；审核中的须等待审核结果，已撤回的请另行新增"));
            }
            v1::Platform wanted = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            CHANYAN_RETURN_IF_ERROR(CheckPlatform(change.session(), wanted));
            if (!request.validate_only()) row = std::move(wanted);
            return absl::OkStatus();
          }));
  return Present(call, std::move(platform));
}

absl::StatusOr<v1::Platform> RegistryService::Transit(const rpc::Call& call,
                                                      const google::protobuf::Message& request,
                                                      const std::string& name,
                                                      const std::string& etag,
                                                      absl::string_view verb, RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Platform platform,
      rpc::Edit<v1::Platform>(deps_.store, call, request, platforms_, name, etag, verb,
                              [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                                CHANYAN_ASSIGN_OR_RETURN(
                                    const v1::PlatformState next,
                                    policy::Next(PlatformLife(), row.state(), verb));
                                row.set_state(next);
                                return edit(change, row);
                              }));
  return Present(call, std::move(platform));
}

absl::StatusOr<v1::Platform> RegistryService::SubmitPlatform(
    const rpc::Call& call, const v1::SubmitPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "submit",
                 [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   row.clear_return_reasons();
                   return CheckPlatform(change.session(), row);
                 });
}

absl::StatusOr<v1::Platform> RegistryService::PublishPlatform(
    const rpc::Call& call, const v1::PublishPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "publish",
                 [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   // The owner may have been suspended since the submission.
                   CHANYAN_RETURN_IF_ERROR(CheckPlatform(change.session(), row));
                   return MarkPublished(change.now(), request.override_reason(), &row);
                 });
}

absl::Status RegistryService::MarkPublished(absl::Time now, absl::string_view override_reason,
                                            v1::Platform* row) {
  policy::v1::Verdicts verdicts = PublishVerdicts(deps_.pack, *row, time::DayOf(now));
  // The first round's day is a target, and the letter asks to go on publishing after it (持续发布
  // 新平台): a soft rule that is not met is recorded, and stops nobody.
  if (policy::HasHardFailure(verdicts)) return policy::RequireSatisfied(verdicts);
  if (!override_reason.empty()) {
    const policy::v1::Verdicts asked = verdicts;
    for (const policy::v1::Verdict& verdict : asked.verdicts()) {
      if (verdict.outcome() != policy::v1::OUTCOME_NOT_SATISFIED) continue;
      CHANYAN_RETURN_IF_ERROR(policy::ApplyOverride(
          deps_.pack, verdict.rule_id(), options::v1::ROLE_SECRETARIAT, override_reason, verdicts));
    }
  }
  *row->mutable_publish_verdicts() = std::move(verdicts);
  *row->mutable_confirm_time() = ToTimestamp(now);
  row->clear_return_reasons();
  row->set_state(v1::PLATFORM_STATE_PUBLISHED);
  return absl::OkStatus();
}

absl::StatusOr<v1::Platform> RegistryService::ReturnPlatform(
    const rpc::Call& call, const v1::ReturnPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "return",
                 [&](rpc::Change&, v1::Platform& row) -> absl::Status {
                   *row.mutable_return_reasons() = request.reasons();
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Platform> RegistryService::WithdrawPlatform(
    const rpc::Call& call, const v1::WithdrawPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "withdraw",
                 [](rpc::Change&, v1::Platform&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Platform> RegistryService::ConfirmPlatform(
    const rpc::Call& call, const v1::ConfirmPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "confirm",
                 [](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   *row.mutable_confirm_time() = ToTimestamp(change.now());
                   return absl::OkStatus();
                 });
}

}  // namespace chanyan::registry
