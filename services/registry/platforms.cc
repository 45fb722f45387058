// Handlers of platforms.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/registry/ids.h"
#include "services/registry/instrument_following.h"
#include "services/registry/organization_rules.h"
#include "services/registry/owned_page.h"
#include "services/registry/platform_content.h"
#include "services/registry/platform_life.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

absl::Status CheckEditable(const v1::Platform& row) {
  if (row.state() != v1::PLATFORM_STATE_IN_REVIEW && row.state() != v1::PLATFORM_STATE_WITHDRAWN) {
    return absl::OkStatus();
  }
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                   "”，不能修改；审核中的须等待审核结果，已撤回的请另行新增"));
}

}  // namespace

v1::Platform RegistryService::Present(const rpc::Call& call, v1::Platform platform) {
  if (!SeesInside(call.principal, platform)) {
    platform.clear_open_revision();
    platform.clear_remind_time();
    platform.clear_reminder_count();
    platform.clear_freshness_verdicts();
    platform.clear_freshness_override_until();
  }
  if (auth::Reaches(call.principal, platform, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, PlatformLife(), platform.state(), "Platform")) {
      platform.add_actions(std::move(verb));
    }
  }
  const auto* override_method = v1::Platform::descriptor()
                                    ->file()
                                    ->FindServiceByName("RegistryService")
                                    ->FindMethodByName("OverridePlatformFreshness");
  if (platform.stale() && auth::CheckMethod(call.principal, override_method).ok() &&
      FreshnessSetAside(call.principal, "-", deps_.store.clock.Now(), platform).ok()) {
    platform.add_actions("overrideFreshness");
  }
  return platform;
}

absl::StatusOr<v1::ListPlatformsResponse> RegistryService::ListPlatforms(
    const rpc::Call& call, const v1::ListPlatformsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, FetchOwned(deps_.store.db, call, organizations_, platforms_,
                                                 "platforms", request));
  v1::ListPlatformsResponse response;
  for (v1::Platform& platform : page.rows) {
    *response.add_platforms() = Present(call, std::move(platform));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
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
        CHANYAN_RETURN_IF_ERROR(store_.Check(change.session(), row));
        // So that it is not merged while something new comes to belong to it.
        CHANYAN_RETURN_IF_ERROR(LockReferences(change.session(), {row.organization()}));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Organization owner,
                                 organizations_.Get(change.session(), row.organization()));
        row.set_organization_title(owner.display_name());
        if (request.validate_only()) return Present(call, row);
        CHANYAN_RETURN_IF_ERROR(platforms_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, row);
      });
}

absl::StatusOr<v1::Platform> RegistryService::UpdatePlatform(
    const rpc::Call& call, const v1::UpdatePlatformRequest& request) {
  const v1::Platform& update = request.platform();
  return rpc::Mutate<v1::Platform>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Platform> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Platform row,
            platforms_.GetForUpdate(session, update.name(),
                                    auth::Writable<v1::Platform>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(update.etag(), row.etag(), row.name()));
        CHANYAN_RETURN_IF_ERROR(CheckEditable(row));
        CHANYAN_ASSIGN_OR_RETURN(v1::Platform wanted, store_.WorkingCopy(session, row));
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
        CHANYAN_RETURN_IF_ERROR(store_.Check(session, wanted));
        const bool published = row.state() == v1::PLATFORM_STATE_PUBLISHED;
        if (request.validate_only()) {
          if (published) CHANYAN_RETURN_IF_ERROR(store_.MayRevise(session, row, wanted));
          return Present(call, std::move(row));
        }
        if (published) {
          CHANYAN_RETURN_IF_ERROR(store_.Revise(change, call, wanted, &row).status());
        } else if (!SameContent(row, wanted)) {
          CHANYAN_RETURN_IF_ERROR(platforms_.Update(session, change.now(), &wanted));
          CHANYAN_RETURN_IF_ERROR(change.Record("updated", &row, &wanted));
          row = std::move(wanted);
        }
        return Present(call, std::move(row));
      });
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
                                const bool was_published = IsPublished(row);
                                row.set_state(next);
                                CHANYAN_RETURN_IF_ERROR(edit(change, row));
                                if (IsPublished(row) == was_published) return absl::OkStatus();
                                return FollowPlatform(change, deps_.pack, instruments_, row);
                              }));
  return Present(call, std::move(platform));
}

absl::StatusOr<v1::Platform> RegistryService::SubmitPlatform(
    const rpc::Call& call, const v1::SubmitPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "submit",
                 [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   row.clear_return_reasons();
                   return store_.Check(change.session(), row);
                 });
}

absl::StatusOr<v1::Platform> RegistryService::PublishPlatform(
    const rpc::Call& call, const v1::PublishPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "publish",
                 [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   // The owner may have been suspended since the submission.
                   CHANYAN_RETURN_IF_ERROR(store_.Check(change.session(), row));
                   CHANYAN_RETURN_IF_ERROR(
                       store_.MarkPublished(change.now(), request.override_reason(), &row));
                   return store_.ListAttachments(change, row);
                 });
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
                 [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   row.set_withdraw_reason(request.reason());
                   row.set_stale(false);
                   CHANYAN_RETURN_IF_ERROR(store_.EndOpenRevision(
                       change, call, absl::StrCat("科创平台已撤回：", request.reason()), &row));
                   return store_.ListAttachments(change, row);
                 });
}

absl::StatusOr<v1::Platform> RegistryService::ConfirmPlatform(
    const rpc::Call& call, const v1::ConfirmPlatformRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "confirm",
                 [&](rpc::Change& change, v1::Platform& row) -> absl::Status {
                   api::SetTime(change.now(), row.mutable_confirm_time());
                   row.clear_freshness_override_until();
                   JudgeFreshness(deps_.pack, change.now(), &row);
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Platform> RegistryService::OverridePlatformFreshness(
    const rpc::Call& call, const v1::OverridePlatformFreshnessRequest& request) {
  return rpc::Mutate<v1::Platform>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Platform> {
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Platform row,
            platforms_.GetForUpdate(change.session(), request.name(),
                                    auth::Readable<v1::Platform>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
        if (!IsPublished(row)) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "只有已发布的科创平台才有信息更新期限");
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const absl::CivilDay until,
            ExceptionEnd(deps_.pack, request.until(), time::DayOf(change.now())));
        const v1::Platform before = row;
        CHANYAN_ASSIGN_OR_RETURN(
            *row.mutable_freshness_verdicts(),
            FreshnessSetAside(call.principal, request.reason(), change.now(), row));
        *row.mutable_freshness_override_until() = time::ToProto(until);
        row.set_stale(false);
        CHANYAN_RETURN_IF_ERROR(platforms_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("overrideFreshness", &before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<policy::v1::Verdicts> RegistryService::FreshnessSetAside(
    const auth::Principal& caller, absl::string_view reason, absl::Time now,
    const v1::Platform& platform) const {
  policy::v1::Verdicts verdicts = FreshnessVerdicts(deps_.pack, platform, now);
  const bool all_satisfied =
      std::all_of(verdicts.verdicts().begin(), verdicts.verdicts().end(),
                  [](const policy::v1::Verdict& verdict) {
                    return verdict.outcome() == policy::v1::OUTCOME_SATISFIED;
                  });
  if (all_satisfied) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      "平台信息没有超过更新期限，无需批准例外");
  }
  CHANYAN_RETURN_IF_ERROR(policy::SetAside(deps_.pack, caller.roles, reason, verdicts));
  CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
  return verdicts;
}

}  // namespace chanyan::registry
