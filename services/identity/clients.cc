// API clients: programs that act for an organization, and the services of the suite.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/auth/scope.h"
#include "common/auth/secret.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/identity/account_rules.h"
#include "services/identity/identity_service.h"

namespace chanyan::identity {
namespace {

// Entries about a client that does not exist.
constexpr char kNoClient[] = "apiClients/-";

absl::Status IssueRefused() {
  return status::Unauthenticated(
      options::v1::ERROR_REASON_LOGIN_FAILED,
      "接口客户端编号或密钥不正确，或已停用；请核对后重试，或联系管理员");
}

auth::Principal PrincipalOf(const v1::ApiClient& client) {
  auth::Principal principal;
  principal.account = client.name();
  principal.organization = client.organization();
  for (const int role : client.roles()) principal.roles.push_back(static_cast<auth::Role>(role));
  return principal;
}

}  // namespace

absl::StatusOr<v1::TokenResponse> IdentityService::IssueToken(
    const rpc::Call& call, const v1::IssueTokenRequest& request) {
  v1::ApiClient client;
  bool accepted = false;
  // Without a lock-out: 256 random bits cannot be guessed, and nobody should be able to shut a
  // service out by failing in its name.
  CHANYAN_RETURN_IF_ERROR(Transact(call, [&](rpc::Change& change) -> absl::Status {
    client.Clear();
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(const std::string sha, ClientSecretSha(session, request.api_client()));
    accepted = auth::ConstantTimeEqual(sha, api::Sha256Hex(request.secret()));
    if (!sha.empty()) {
      CHANYAN_ASSIGN_OR_RETURN(client, clients_.Get(session, request.api_client()));
      accepted = accepted && !client.disabled();
    }
    v1::ApiClient about;
    about.set_name(sha.empty() ? kNoClient : client.name());
    return change.Record(accepted ? "token_issued" : "token_refused", nullptr, &about);
  }));
  if (!accepted) return IssueRefused();
  return TokenFor(PrincipalOf(client));
}

absl::StatusOr<v1::CreateApiClientResponse> IdentityService::CreateApiClient(
    const rpc::Call& call, const v1::CreateApiClientRequest& request) {
  std::vector<status::Violation> violations = ApiClientViolations(request.api_client());
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  const std::string secret = auth::NewSecret();
  const std::string sha = api::Sha256Hex(secret);
  // As with accounts, what is remembered holds no secret.
  auto reply = rpc::Mutate<v1::CreateApiClientResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::CreateApiClientResponse> {
        v1::ApiClient client = request.api_client();
        client.set_name(absl::StrCat("apiClients/", request.api_client_id()));
        client.set_disabled(false);
        CHANYAN_RETURN_IF_ERROR(clients_.Insert(change.session(), change.now(), &client));
        CHANYAN_RETURN_IF_ERROR(SetClientSecretSha(change.session(), client.name(), sha));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &client));
        v1::CreateApiClientResponse created;
        *created.mutable_api_client() = std::move(client);
        return created;
      });
  CHANYAN_RETURN_IF_ERROR(reply.status());
  const std::string& name = reply->api_client().name();
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const std::string stored, ClientSecretSha(session, name));
        if (stored == sha) return absl::OkStatus();
        return status::AlreadyExists(
            name, absl::StrCat("该请求此前已办理成功（“", name,
                               "”）；密钥只显示一次，如未收到，请停用后另建接口客户端"));
      }));
  reply->set_secret(secret);
  return reply;
}

absl::StatusOr<v1::ListApiClientsResponse> IdentityService::ListApiClients(
    const rpc::Call& call, const v1::ListApiClientsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, clients_, request));
  v1::ListApiClientsResponse reply;
  for (v1::ApiClient& row : page.rows) *reply.add_api_clients() = std::move(row);
  reply.set_next_page_token(page.next_page_token);
  return reply;
}

absl::StatusOr<v1::ApiClient> IdentityService::DisableApiClient(
    const rpc::Call& call, const v1::DisableApiClientRequest& request) {
  return rpc::Mutate<v1::ApiClient>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ApiClient> {
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ApiClient client,
            clients_.GetForUpdate(change.session(), request.name(),
                                  auth::Writable<v1::ApiClient>(call.principal)));
        const v1::ApiClient before = client;
        client.set_disabled(true);
        CHANYAN_RETURN_IF_ERROR(clients_.Update(change.session(), change.now(), &client));
        CHANYAN_RETURN_IF_ERROR(change.Record("disabled", &before, &client));
        return client;
      });
}

}  // namespace chanyan::identity
