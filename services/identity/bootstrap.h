// The first start: what must exist before anybody can sign in. Nothing has a default and nothing is
// printed; every secret is a file of its own that only the owner may read.
//
//   secrets_dir/keys/*.pem              signing keys (key_store.h)
//   secrets_dir/{service}.secret        secret of apiClients/{service}
//   secrets_dir/administrator.password  first password of accounts/admin; must be changed, and the
//                                       file may be deleted then
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/db/database.h"
#include "common/time/clock.h"

namespace chanyan::identity {

// Services of the suite that call others in their own name.
inline constexpr const char* kServiceClients[] = {"registry",   "pairing", "cycle", "triage",
                                                  "consortium", "gateway", "seed"};
inline constexpr char kAdministratorLogin[] = "admin";

struct BootstrapDeps {
  db::Database& db;
  const time::Clock& clock;
};

// Idempotent, and safe when replicas that share `secrets_dir` start at once. A secret's file is the
// truth: a lost row is made again from it, and a new file replaces the stored digest. An
// administrator is made only while there is none; `organization` is theirs.
absl::Status Bootstrap(const BootstrapDeps& deps, const std::string& secrets_dir,
                       const std::string& organization);

}  // namespace chanyan::identity
