// Accounts, sign-in, tokens and their keys.
#include <sys/stat.h>

#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/auth/token_authenticator.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"
#include "services/identity/bootstrap.h"
#include "services/identity/identity_service.h"

ABSL_FLAG(std::string, secrets_dir, "",
          "directory, mode 0700, of signing keys and of the secrets made at the first start");
ABSL_FLAG(std::string, administrator_organization, "organizations/administration",
          "organization of the first administrator");

namespace chanyan::identity {
namespace {

constexpr int kSchemaMin = 1;
constexpr int kSchemaMax = 1;

absl::Status CheckDirectory(const std::string& dir) {
  struct stat info;
  if (!dir.empty() && stat(dir.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
      (info.st_mode & 077) == 0) {
    return absl::OkStatus();
  }
  return status::InvalidField("--secrets_dir", "须为已有目录，且仅所有者可进入（chmod 700）");
}

// Identity verifies with the keys it signs with; everybody else asks it for them.
absl::StatusOr<std::unique_ptr<auth::Authenticator>> OwnKeys(rpc::Runtime& runtime,
                                                             KeyStore** keys) {
  const std::string dir = absl::GetFlag(FLAGS_secrets_dir);
  CHANYAN_RETURN_IF_ERROR(CheckDirectory(dir));
  CHANYAN_ASSIGN_OR_RETURN(auto store, KeyStore::Open(absl::StrCat(dir, "/keys"), runtime.clock()));
  KeyStore& owned = runtime.Own(std::move(store));
  *keys = &owned;
  return std::make_unique<auth::TokenAuthenticator>(
      runtime.clock(),
      [&owned]() -> absl::StatusOr<auth::KeySet> { return auth::KeySet(owned.Keys()); });
}

absl::Status Build(rpc::Runtime& runtime, KeyStore* keys) {
  CHANYAN_RETURN_IF_ERROR(Bootstrap({runtime.db(), runtime.clock()},
                                    absl::GetFlag(FLAGS_secrets_dir),
                                    absl::GetFlag(FLAGS_administrator_organization)));
  auto& service =
      runtime.Own(std::make_unique<IdentityService>(IdentityService::Deps{runtime.store(), *keys}));
  runtime.server().Register("chanyan.identity.v1.IdentityService", service.Methods());
  return absl::OkStatus();
}

}  // namespace
}  // namespace chanyan::identity

int main(int argc, char** argv) {
  using chanyan::identity::KeyStore;
  KeyStore* keys = nullptr;
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "identity",
                                   .schema_min = chanyan::identity::kSchemaMin,
                                   .schema_max = chanyan::identity::kSchemaMax,
                                   .authenticator =
                                       [&keys](chanyan::rpc::Runtime& runtime) {
                                         return chanyan::identity::OwnKeys(runtime, &keys);
                                       },
                                   .build =
                                       [&keys](chanyan::rpc::Runtime& runtime) {
                                         return chanyan::identity::Build(runtime, keys);
                                       }});
}
