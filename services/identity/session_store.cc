#include "services/identity/session_store.h"

#include <utility>
#include <variant>

#include "common/api/digest.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/identity/login_rules.h"

namespace chanyan::identity {
namespace {

constexpr char kInsert[] =
    "INSERT INTO session (name, account, secret_sha256, create_time, last_used_time, user_agent) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kBySecret[] =
    "SELECT name, account, create_time, last_used_time, user_agent FROM session "
    "WHERE secret_sha256 = ?";
constexpr char kSessionsOfAccount[] =
    "SELECT name, account, create_time, last_used_time, user_agent FROM session "
    "WHERE account = ? ORDER BY create_time DESC, name";
constexpr char kTouch[] =
    "UPDATE session SET last_used_time = ? WHERE name = ? AND last_used_time < ?";
constexpr char kDelete[] = "DELETE FROM session WHERE name = ?";
constexpr char kDeleteOthers[] = "DELETE FROM session WHERE account = ? AND name <> ?";
constexpr char kPruneSessions[] = "DELETE FROM session WHERE create_time < ? LIMIT 100";

StoredSession FromRow(const db::Values& row) {
  return {std::get<std::string>(row[0]), std::get<std::string>(row[1]),
          std::get<absl::Time>(row[2]), std::get<absl::Time>(row[3]),
          std::get<std::string>(row[4])};
}

}  // namespace

v1::Session StoredSession::ToProto() const {
  v1::Session session;
  session.set_name(name);
  *session.mutable_create_time() = time::ToTimestamp(created);
  *session.mutable_last_used_time() = time::ToTimestamp(last_used);
  session.set_user_agent(user_agent);
  return session;
}

absl::Status InsertSession(db::Session& db, const StoredSession& session,
                           absl::string_view secret) {
  return db
      .Execute(kInsert, {session.name, session.account, api::Sha256Hex(secret), session.created,
                         session.last_used, session.user_agent})
      .status();
}

absl::StatusOr<std::optional<StoredSession>> SessionOfSecret(db::Session& db,
                                                             absl::string_view secret) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, db.Query(kBySecret, {api::Sha256Hex(secret)}));
  if (found.rows.empty()) return std::optional<StoredSession>();
  return std::optional<StoredSession>(FromRow(found.rows.front()));
}

absl::StatusOr<std::vector<StoredSession>> SessionsOf(db::Session& db, absl::string_view account) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           db.Query(kSessionsOfAccount, {std::string(account)}));
  std::vector<StoredSession> sessions;
  for (const db::Values& row : found.rows) sessions.push_back(FromRow(row));
  return sessions;
}

absl::Status TouchSession(db::Session& db, absl::string_view name, absl::Time now) {
  return db.Execute(kTouch, {now, std::string(name), now}).status();
}

absl::Status DeleteSession(db::Session& db, absl::string_view name) {
  return db.Execute(kDelete, {std::string(name)}).status();
}

absl::Status DeleteSessionsOf(db::Session& db, absl::string_view account,
                              absl::string_view except) {
  return db.Execute(kDeleteOthers, {std::string(account), std::string(except)}).status();
}

absl::Status PruneSessions(db::Session& db, absl::Time now) {
  return db.Execute(kPruneSessions, {now - kSessionLifetime}).status();
}

}  // namespace chanyan::identity
