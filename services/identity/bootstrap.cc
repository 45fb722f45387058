#include "services/identity/bootstrap.h"

#include <unistd.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/auth/condition.h"
#include "common/auth/password.h"
#include "common/auth/secret.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "services/identity/credentials.h"

namespace chanyan::identity {
namespace {

journal::Origin OwnOrigin() {
  return {"chanyan.identity.bootstrap", "apiClients/identity", "", api::NewUuid(), ""};
}

// The secret in `path`, made at the first time.
absl::StatusOr<std::string> SecretInFile(const std::string& path,
                                         const std::function<std::string()>& make) {
  if (access(path.c_str(), F_OK) != 0) {
    const absl::Status created = auth::CreateSecretFile(path, absl::StrCat(make(), "\n"));
    // Another replica may have been faster; its secret holds.
    if (!created.ok() && created.code() != absl::StatusCode::kAlreadyExists) return created;
  }
  CHANYAN_ASSIGN_OR_RETURN(std::string secret, auth::ReadSecretFile(path));
  if (secret.empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("密钥文件为空：", path, "。请删除该文件后重新启动，系统会重新生成"));
  }
  return secret;
}

absl::Status EnsureClient(const BootstrapDeps& deps, const std::string& secrets_dir,
                          absl::string_view service) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::string secret,
      SecretInFile(absl::StrCat(secrets_dir, "/", service, ".secret"), auth::NewSecret));
  const std::string sha = api::Sha256Hex(secret);
  const db::Table<v1::ApiClient> clients;
  const journal::Origin origin = OwnOrigin();
  return deps.db.Transact([&](db::Session& session) -> absl::Status {
    v1::ApiClient client;
    client.set_name(absl::StrCat("apiClients/", service));
    const absl::Time now = deps.clock.Now();
    const auto stored = clients.GetForUpdate(session, client.name());
    if (!stored.ok() && stored.status().code() != absl::StatusCode::kNotFound) {
      return stored.status();
    }
    if (!stored.ok()) {
      client.set_display_name(absl::StrCat("系统服务 ", service));
      client.add_roles(options::v1::ROLE_SERVICE);
      CHANYAN_RETURN_IF_ERROR(clients.Insert(session, now, &client));
      CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "created", nullptr, &client));
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::string known, ClientSecretSha(session, client.name()));
    if (known == sha) return absl::OkStatus();
    if (stored.ok()) {
      CHANYAN_RETURN_IF_ERROR(
          journal::Append(session, now, origin, "secret_replaced", nullptr, &*stored));
    }
    return SetClientSecretSha(session, client.name(), sha);
  });
}

absl::StatusOr<bool> HasAdministrator(db::Session& session,
                                      const db::Table<v1::Account>& accounts) {
  CHANYAN_ASSIGN_OR_RETURN(
      const auth::Condition administrators,
      auth::Condition::Parse(v1::Account::descriptor(), "roles:ADMINISTRATOR"));
  CHANYAN_ASSIGN_OR_RETURN(const int64_t count, accounts.Count(session, administrators.Sql()));
  return count > 0;
}

absl::Status EnsureAdministrator(const BootstrapDeps& deps, const std::string& secrets_dir,
                                 const std::string& organization) {
  const db::Table<v1::Account> accounts;
  bool present = false;
  CHANYAN_RETURN_IF_ERROR(deps.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(present, HasAdministrator(session, accounts));
    return absl::OkStatus();
  }));
  // Afterwards administrators make administrators; the file plays no part any more.
  if (present) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      const std::string password,
      SecretInFile(absl::StrCat(secrets_dir, "/administrator.password"), auth::NewFirstPassword));
  CHANYAN_ASSIGN_OR_RETURN(const std::string hash, auth::HashPassword(password));
  const journal::Origin origin = OwnOrigin();
  return deps.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(present, HasAdministrator(session, accounts));
    if (present) return absl::OkStatus();
    const absl::Time now = deps.clock.Now();
    v1::Account account;
    account.set_name(absl::StrCat("accounts/", kAdministratorLogin));
    account.set_login(kAdministratorLogin);
    account.set_display_name("系统管理员");
    account.set_organization(organization);
    account.add_roles(options::v1::ROLE_ADMINISTRATOR);
    account.set_password_change_required(true);
    CHANYAN_RETURN_IF_ERROR(accounts.Insert(session, now, &account));
    CHANYAN_RETURN_IF_ERROR(SetPasswordHash(session, account.name(), hash, now));
    return journal::Append(session, now, origin, "created", nullptr, &account);
  });
}

// Lost against a replica that did the same: what it did is what we wanted.
absl::Status Again(const std::function<absl::Status()>& ensure) {
  const absl::Status first = ensure();
  return first.code() == absl::StatusCode::kAlreadyExists ? ensure() : first;
}

}  // namespace

absl::Status Bootstrap(const BootstrapDeps& deps, const std::string& secrets_dir,
                       const std::string& organization) {
  for (const char* service : kServiceClients) {
    CHANYAN_RETURN_IF_ERROR(Again([&] { return EnsureClient(deps, secrets_dir, service); }));
  }
  return Again([&] { return EnsureAdministrator(deps, secrets_dir, organization); });
}

}  // namespace chanyan::identity
