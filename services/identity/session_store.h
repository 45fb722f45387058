// Sessions of browsers, by their secret's digest. SQL over one session of the database; each call
// belongs to the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/db/database.h"

namespace chanyan::identity {

struct StoredSession {
  std::string name;
  std::string account;
  absl::Time created;
  absl::Time last_used;
  std::string user_agent;

  // As its owner and the journal see it.
  v1::Session ToProto() const;
};

absl::Status InsertSession(db::Session& db, const StoredSession& session, absl::string_view secret);
// Nothing if there is none; an ended one is still found.
absl::StatusOr<std::optional<StoredSession>> SessionOfSecret(db::Session& db,
                                                             absl::string_view secret);
// All of an account, newest first, ended ones too.
absl::StatusOr<std::vector<StoredSession>> SessionsOf(db::Session& db, absl::string_view account);
absl::Status TouchSession(db::Session& db, absl::string_view name, absl::Time now);
absl::Status DeleteSession(db::Session& db, absl::string_view name);
// All of an account but `except` (empty = all).
absl::Status DeleteSessionsOf(db::Session& db, absl::string_view account,
                              absl::string_view except = "");
// Those that began so long ago that they must have ended; some at a time.
absl::Status PruneSessions(db::Session& db, absl::Time now);

}  // namespace chanyan::identity
