#include "services/identity/identity_service.h"

#include "common/auth/token.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"
#include "google/protobuf/util/time_util.h"

namespace chanyan::identity {

std::vector<rpc::UnaryMethod> IdentityService::Methods() {
  using Self = IdentityService;
  return {
      rpc::Unary("SignIn", this, &Self::SignIn),
      rpc::Unary("SignOut", this, &Self::SignOut),
      rpc::Unary("ExchangeSession", this, &Self::ExchangeSession),
      rpc::Unary("IssueToken", this, &Self::IssueToken),
      rpc::Unary("ListKeys", this, &Self::ListKeys),
      rpc::Unary("GetMe", this, &Self::GetMe),
      rpc::Unary("ChangePassword", this, &Self::ChangePassword),
      rpc::Unary("CreateAccount", this, &Self::CreateAccount),
      rpc::Unary("GetAccount", this, &Self::GetAccount),
      rpc::Unary("ListAccounts", this, &Self::ListAccounts),
      rpc::Unary("UpdateAccount", this, &Self::UpdateAccount),
      rpc::Unary("ResetPassword", this, &Self::ResetPassword),
      rpc::Unary("CreateApiClient", this, &Self::CreateApiClient),
      rpc::Unary("ListApiClients", this, &Self::ListApiClients),
      rpc::Unary("DisableApiClient", this, &Self::DisableApiClient),
      rpc::Unary("ListSessions", this, &Self::ListSessions),
      rpc::Unary("RevokeSession", this, &Self::RevokeSession),
  };
}

absl::StatusOr<v1::ListKeysResponse> IdentityService::ListKeys(const rpc::Call& call,
                                                               const v1::ListKeysRequest&) {
  v1::ListKeysResponse reply;
  for (const auth::Key& key : deps_.keys.Keys()) *reply.add_keys() = key.ToJwk();
  return reply;
}

absl::StatusOr<v1::TokenResponse> IdentityService::TokenFor(const auth::Principal& principal) {
  const absl::Time now = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(std::string token,
                           auth::SignToken(deps_.keys.Keys().back(), principal, now));
  v1::TokenResponse reply;
  reply.set_access_token(std::move(token));
  *reply.mutable_expire_time() = google::protobuf::util::TimeUtil::SecondsToTimestamp(
      absl::ToUnixSeconds(now + auth::kTokenLifetime));
  return reply;
}

absl::Status IdentityService::Transact(const rpc::Call& call,
                                       absl::FunctionRef<absl::Status(rpc::Change&)> work) {
  const journal::Origin origin{call.method == nullptr ? "" : call.method->full_name(),
                               call.principal.account, call.principal.organization, call.request_id,
                               std::string(rpc::TraceId(call.traceparent))};
  db::TransactOptions options;
  options.deadline = call.deadline;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(options, [&](db::Session& session) {
    rpc::Change change(session, deps_.store.clock.Now(), origin);
    return work(change);
  }));
  if (deps_.store.changed != nullptr) deps_.store.changed();
  return absl::OkStatus();
}

absl::Status LoginFailed() {
  return status::Unauthenticated(options::v1::ERROR_REASON_LOGIN_FAILED,
                                 "登录名或密码不正确，或账号暂时被锁定、已停用；连续失败5次将锁定15"
                                 "分钟，如忘记密码请联系管理员");
}

}  // namespace chanyan::identity
