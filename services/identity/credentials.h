// Rows that stay inside the service: password hashes, failed sign-ins, secrets of API clients. SQL
// over one session; each call belongs to the caller's transaction.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "services/identity/login_rules.h"

namespace chanyan::identity {

struct Credential {
  std::string account;
  std::string login;
  std::string password_hash;
};

// Nothing if nobody has the login name (in lower case).
absl::StatusOr<std::optional<Credential>> CredentialOfLogin(db::Session& session,
                                                            absl::string_view login);
absl::StatusOr<std::optional<Credential>> CredentialOfAccount(db::Session& session,
                                                              absl::string_view account);
absl::Status SetPasswordHash(db::Session& session, absl::string_view account,
                             absl::string_view hash, absl::Time now);

// Locks the row, which is made if it is absent.
absl::StatusOr<Attempts> AttemptsForUpdate(db::Session& session, absl::string_view login,
                                           absl::Time now);
absl::Status SaveAttempts(db::Session& session, absl::string_view login, const Attempts& attempts);
// Forgets names whose window and lock are over; some at a time.
absl::Status PruneAttempts(db::Session& session, absl::Time now);

// Empty if the client has none.
absl::StatusOr<std::string> ClientSecretSha(db::Session& session, absl::string_view client);
absl::Status SetClientSecretSha(db::Session& session, absl::string_view client,
                                absl::string_view sha256);

}  // namespace chanyan::identity
