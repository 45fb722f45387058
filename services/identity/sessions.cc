// Sessions of browsers, and the tokens they are exchanged for.
#include <optional>
#include <utility>

#include "common/auth/token.h"
#include "common/status/status.h"
#include "services/identity/identity_service.h"

namespace chanyan::identity {
namespace {

absl::Status SessionOver() {
  return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN,
                                 "登录已过期或已结束，请重新登录");
}

auth::Principal PrincipalOf(const v1::Account& account, const std::string& session) {
  auth::Principal principal;
  principal.account = account.name();
  principal.organization = account.organization();
  principal.session = session;
  for (const int role : account.roles()) {
    principal.roles.push_back(static_cast<auth::Role>(role));
  }
  principal.password_change_required = account.password_change_required();
  return principal;
}

}  // namespace

absl::StatusOr<google::protobuf::Empty> IdentityService::SignOut(
    const rpc::Call& call, const v1::SignOutRequest& request) {
  CHANYAN_RETURN_IF_ERROR(Transact(call, [&](rpc::Change& change) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const auto found,
                             SessionOfSecret(change.session(), request.session_secret()));
    if (!found) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(DeleteSession(change.session(), found->name));
    const v1::Session before = found->ToProto();
    return change.Record("signed_out", &before, nullptr);
  }));
  return google::protobuf::Empty();
}

absl::StatusOr<v1::TokenResponse> IdentityService::ExchangeSession(
    const rpc::Call& call, const v1::ExchangeSessionRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  std::optional<StoredSession> found;
  v1::Account account;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(found, SessionOfSecret(session, request.session_secret()));
        if (!found) return SessionOver();
        CHANYAN_ASSIGN_OR_RETURN(account, accounts_.Get(session, found->account));
        return absl::OkStatus();
      }));
  if (account.disabled() || SessionEnded(found->created, found->last_used, now)) {
    return SessionOver();
  }
  if (TouchDue(found->last_used, now)) {
    db::TransactOptions options;
    options.deadline = call.deadline;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(
        options, [&](db::Session& session) { return TouchSession(session, found->name, now); }));
  }
  return TokenFor(PrincipalOf(account, found->name));
}

absl::StatusOr<v1::ListSessionsResponse> IdentityService::ListSessions(
    const rpc::Call& call, const v1::ListSessionsRequest&) {
  const absl::Time now = deps_.store.clock.Now();
  v1::ListSessionsResponse reply;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<StoredSession> all,
                                 SessionsOf(session, call.principal.account));
        for (const StoredSession& one : all) {
          if (SessionEnded(one.created, one.last_used, now)) continue;
          v1::Session* shown = reply.add_sessions();
          *shown = one.ToProto();
          shown->set_current(one.name == call.principal.session);
        }
        return absl::OkStatus();
      }));
  return reply;
}

absl::StatusOr<google::protobuf::Empty> IdentityService::RevokeSession(
    const rpc::Call& call, const v1::RevokeSessionRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<StoredSession> own,
                                 SessionsOf(change.session(), call.principal.account));
        for (const StoredSession& one : own) {
          if (one.name != request.name()) continue;
          CHANYAN_RETURN_IF_ERROR(DeleteSession(change.session(), one.name));
          const v1::Session before = one.ToProto();
          CHANYAN_RETURN_IF_ERROR(change.Record("revoked", &before, nullptr));
          return google::protobuf::Empty();
        }
        // Somebody else's session looks like none.
        return status::NotFound(request.name());
      });
}

}  // namespace chanyan::identity
