// Accounts of people, managed by administrators.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/auth/password.h"
#include "common/auth/scope.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/identity/account_rules.h"
#include "services/identity/identity_service.h"

namespace chanyan::identity {
namespace {

bool SameRoles(const v1::Account& a, const v1::Account& b) {
  return std::equal(a.roles().begin(), a.roles().end(), b.roles().begin(), b.roles().end());
}

// What an administrator must not do to the own account (IDN-1): raise it, or lock everybody out.
absl::Status CheckNotOneself(const rpc::Call& call, const v1::Account& before,
                             const v1::Account& after) {
  if (before.name() != call.principal.account) return absl::OkStatus();
  if (SameRoles(before, after) && before.disabled() == after.disabled()) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_RULE_VIOLATED,
      "管理员不能修改自己的角色或停用自己的账号，请由另一名管理员办理");
}

absl::Status CheckRoles(const v1::Account& account) {
  std::vector<status::Violation> violations = AccountRoleViolations(account);
  if (violations.empty()) return absl::OkStatus();
  return status::InvalidFields(std::move(violations));
}

}  // namespace

absl::Status IdentityService::CheckOurs(const rpc::Call& call, const std::string& account,
                                        const std::string& hash) {
  return deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const auto stored, CredentialOfAccount(session, account));
    if (stored && stored->password_hash == hash) return absl::OkStatus();
    return status::AlreadyExists(
        account, absl::StrCat("该请求此前已办理成功（“", account,
                              "”）；初始密码只显示一次，如未收到，请用新的请求编号重置密码"));
  });
}

absl::StatusOr<v1::Account> IdentityService::GetMe(const rpc::Call& call, const v1::GetMeRequest&) {
  v1::Account me;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        if (!absl::StartsWith(call.principal.account, "apiClients/")) {
          CHANYAN_ASSIGN_OR_RETURN(me, accounts_.Get(session, call.principal.account));
          return absl::OkStatus();
        }
        CHANYAN_ASSIGN_OR_RETURN(const v1::ApiClient client,
                                 clients_.Get(session, call.principal.account));
        me.set_name(client.name());
        me.set_display_name(client.display_name());
        me.set_organization(client.organization());
        *me.mutable_roles() = client.roles();
        me.set_disabled(client.disabled());
        return absl::OkStatus();
      }));
  return me;
}

absl::StatusOr<v1::CreateAccountResponse> IdentityService::CreateAccount(
    const rpc::Call& call, const v1::CreateAccountRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckRoles(request.account()));
  const std::string id =
      request.account_id().empty() ? request.account().login() : request.account_id();
  const std::string first_password = auth::NewFirstPassword();
  CHANYAN_ASSIGN_OR_RETURN(const std::string hash, auth::HashPassword(first_password));
  // What is remembered under the request id holds no password: it is added to the answer after.
  auto reply = rpc::Mutate<v1::CreateAccountResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::CreateAccountResponse> {
        v1::Account account = request.account();
        account.set_name(absl::StrCat("accounts/", id));
        account.set_password_change_required(true);
        CHANYAN_RETURN_IF_ERROR(accounts_.Insert(change.session(), change.now(), &account));
        CHANYAN_RETURN_IF_ERROR(
            SetPasswordHash(change.session(), account.name(), hash, change.now()));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &account));
        v1::CreateAccountResponse created;
        *created.mutable_account() = std::move(account);
        return created;
      });
  CHANYAN_RETURN_IF_ERROR(reply.status());
  CHANYAN_RETURN_IF_ERROR(CheckOurs(call, reply->account().name(), hash));
  reply->set_first_password(first_password);
  return reply;
}

absl::StatusOr<v1::Account> IdentityService::GetAccount(const rpc::Call& call,
                                                        const v1::GetAccountRequest& request) {
  return rpc::Fetch(deps_.store.db, call, accounts_, request.name());
}

absl::StatusOr<v1::ListAccountsResponse> IdentityService::ListAccounts(
    const rpc::Call& call, const v1::ListAccountsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, accounts_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListAccountsResponse reply;
  for (v1::Account& row : page.rows) *reply.add_accounts() = std::move(row);
  reply.set_next_page_token(page.next_page_token);
  return reply;
}

absl::StatusOr<v1::Account> IdentityService::UpdateAccount(
    const rpc::Call& call, const v1::UpdateAccountRequest& request) {
  return rpc::Mutate<v1::Account>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Account> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Account account,
            accounts_.GetForUpdate(session, request.account().name(),
                                   auth::Writable<v1::Account>(call.principal)));
        const v1::Account before = account;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), request.account(), &account));
        CHANYAN_RETURN_IF_ERROR(CheckNotOneself(call, before, account));
        CHANYAN_RETURN_IF_ERROR(CheckRoles(account));
        CHANYAN_RETURN_IF_ERROR(accounts_.Update(session, change.now(), &account));
        // Who may do something else now signs in again for it.
        if (account.disabled() || !SameRoles(before, account) ||
            before.organization() != account.organization()) {
          CHANYAN_RETURN_IF_ERROR(DeleteSessionsOf(session, account.name()));
        }
        CHANYAN_RETURN_IF_ERROR(change.Record("updated", &before, &account));
        return account;
      });
}

absl::StatusOr<v1::ResetPasswordResponse> IdentityService::ResetPassword(
    const rpc::Call& call, const v1::ResetPasswordRequest& request) {
  const std::string first_password = auth::NewFirstPassword();
  CHANYAN_ASSIGN_OR_RETURN(const std::string hash, auth::HashPassword(first_password));
  auto reply = rpc::Mutate<v1::ResetPasswordResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ResetPasswordResponse> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Account account,
            accounts_.GetForUpdate(session, request.name(),
                                   auth::Writable<v1::Account>(call.principal)));
        const v1::Account before = account;
        account.set_password_change_required(true);
        CHANYAN_RETURN_IF_ERROR(accounts_.Update(session, change.now(), &account));
        CHANYAN_RETURN_IF_ERROR(SetPasswordHash(session, account.name(), hash, change.now()));
        CHANYAN_RETURN_IF_ERROR(DeleteSessionsOf(session, account.name()));
        CHANYAN_RETURN_IF_ERROR(AttemptsForUpdate(session, account.login(), change.now()).status());
        CHANYAN_RETURN_IF_ERROR(SaveAttempts(session, account.login(), Attempts{0, change.now()}));
        CHANYAN_RETURN_IF_ERROR(change.Record("password_reset", &before, &account));
        return v1::ResetPasswordResponse();
      });
  CHANYAN_RETURN_IF_ERROR(reply.status());
  CHANYAN_RETURN_IF_ERROR(CheckOurs(call, request.name(), hash));
  reply->set_first_password(first_password);
  return reply;
}

}  // namespace chanyan::identity
