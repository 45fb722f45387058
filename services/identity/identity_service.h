// RPC handlers of chanyan.identity.v1.IdentityService. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/protobuf/empty.pb.h"
#include "services/identity/credentials.h"
#include "services/identity/key_store.h"
#include "services/identity/session_store.h"

namespace chanyan::identity {

class IdentityService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    KeyStore& keys;
  };
  explicit IdentityService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // sign_in.cc
  absl::StatusOr<v1::SignInResponse> SignIn(const rpc::Call& call,
                                            const v1::SignInRequest& request);
  absl::StatusOr<google::protobuf::Empty> ChangePassword(const rpc::Call& call,
                                                         const v1::ChangePasswordRequest& request);

  // sessions.cc
  absl::StatusOr<google::protobuf::Empty> SignOut(const rpc::Call& call,
                                                  const v1::SignOutRequest& request);
  absl::StatusOr<v1::TokenResponse> ExchangeSession(const rpc::Call& call,
                                                    const v1::ExchangeSessionRequest& request);
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const rpc::Call& call,
                                                        const v1::ListSessionsRequest& request);
  absl::StatusOr<google::protobuf::Empty> RevokeSession(const rpc::Call& call,
                                                        const v1::RevokeSessionRequest& request);

  // accounts.cc
  absl::StatusOr<v1::Account> GetMe(const rpc::Call& call, const v1::GetMeRequest& request);
  absl::StatusOr<v1::CreateAccountResponse> CreateAccount(const rpc::Call& call,
                                                          const v1::CreateAccountRequest& request);
  absl::StatusOr<v1::Account> GetAccount(const rpc::Call& call,
                                         const v1::GetAccountRequest& request);
  absl::StatusOr<v1::ListAccountsResponse> ListAccounts(const rpc::Call& call,
                                                        const v1::ListAccountsRequest& request);
  absl::StatusOr<v1::Account> UpdateAccount(const rpc::Call& call,
                                            const v1::UpdateAccountRequest& request);
  absl::StatusOr<v1::ResetPasswordResponse> ResetPassword(const rpc::Call& call,
                                                          const v1::ResetPasswordRequest& request);

  // clients.cc
  absl::StatusOr<v1::TokenResponse> IssueToken(const rpc::Call& call,
                                               const v1::IssueTokenRequest& request);
  absl::StatusOr<v1::CreateApiClientResponse> CreateApiClient(
      const rpc::Call& call, const v1::CreateApiClientRequest& request);
  absl::StatusOr<v1::ListApiClientsResponse> ListApiClients(
      const rpc::Call& call, const v1::ListApiClientsRequest& request);
  absl::StatusOr<v1::ApiClient> DisableApiClient(const rpc::Call& call,
                                                 const v1::DisableApiClientRequest& request);

  // identity_service.cc
  absl::StatusOr<v1::ListKeysResponse> ListKeys(const rpc::Call& call,
                                                const v1::ListKeysRequest& request);

 private:
  struct Attempted;

  // A token for the principal, signed with the newest key.
  absl::StatusOr<v1::TokenResponse> TokenFor(const auth::Principal& principal);
  // One transaction that is journalled but has no request id: sign-ins and sign-outs.
  absl::Status Transact(const rpc::Call& call, absl::FunctionRef<absl::Status(rpc::Change&)> work);
  // Counts one failure of `login` and journals it, against the account if there is one.
  absl::Status CountFailure(rpc::Change& change, absl::string_view login, const Attempts& attempts,
                            const std::string& account);
  absl::Status OpenSession(rpc::Change& change, const v1::SignInRequest& request,
                           const Attempted& attempted, v1::SignInResponse* reply);
  // ALREADY_EXISTS unless the stored hash is `hash`: the reply of an earlier run of the request was
  // found, and the secret that it showed cannot be shown again.
  absl::Status CheckOurs(const rpc::Call& call, const std::string& account,
                         const std::string& hash);

  const Deps deps_;
  const db::Table<v1::Account> accounts_;
  const db::Table<v1::ApiClient> clients_;
};

// The one answer to a wrong name, a wrong password, a locked or a disabled account.
absl::Status LoginFailed();

}  // namespace chanyan::identity
