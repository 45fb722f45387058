#include "services/identity/credentials.h"

#include <utility>
#include <variant>

#include "common/api/digest.h"
#include "common/status/status.h"

namespace chanyan::identity {
namespace {

constexpr char kByLogin[] =
    "SELECT a.name, a.login, c.password_hash FROM account a JOIN credential c ON c.account = "
    "a.name "
    "WHERE a.login = ?";
constexpr char kByAccount[] =
    "SELECT a.name, a.login, c.password_hash FROM account a JOIN credential c ON c.account = "
    "a.name "
    "WHERE a.name = ?";
constexpr char kSetHash[] =
    "INSERT INTO credential (account, password_hash, changed_time) VALUES (?, ?, ?) "
    "ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash), "
    "changed_time = VALUES(changed_time)";
constexpr char kTouchAttempts[] =
    "INSERT INTO login_attempt (subject, failures, window_start, locked_until) "
    "VALUES (?, 0, ?, NULL) ON DUPLICATE KEY UPDATE subject = VALUES(subject)";
constexpr char kLoadAttempts[] =
    "SELECT failures, window_start, locked_until FROM login_attempt WHERE subject = ? FOR UPDATE";
constexpr char kSaveAttempts[] =
    "UPDATE login_attempt SET failures = ?, window_start = ?, locked_until = ? WHERE subject = ?";
constexpr char kPrune[] =
    "DELETE FROM login_attempt WHERE window_start < ? AND (locked_until IS NULL OR locked_until < "
    "?)"
    " LIMIT 100";
constexpr char kClientSha[] = "SELECT secret_sha256 FROM api_client_secret WHERE api_client = ?";
constexpr char kSetClientSha[] =
    "INSERT INTO api_client_secret (api_client, secret_sha256) VALUES (?, ?) "
    "ON DUPLICATE KEY UPDATE secret_sha256 = VALUES(secret_sha256)";

std::string SubjectOf(absl::string_view login) { return api::Sha256Hex(login); }

absl::StatusOr<std::optional<Credential>> Find(db::Session& session, absl::string_view sql,
                                               absl::string_view key) {
  CHANYAN_ASSIGN_OR_RETURN(db::Rows found, session.Query(sql, {std::string(key)}));
  if (found.rows.empty()) return std::optional<Credential>();
  db::Values& row = found.rows.front();
  return std::optional<Credential>(Credential{
      std::get<std::string>(row[0]), std::get<std::string>(row[1]), std::get<std::string>(row[2])});
}

}  // namespace

absl::StatusOr<std::optional<Credential>> CredentialOfLogin(db::Session& session,
                                                            absl::string_view login) {
  return Find(session, kByLogin, login);
}

absl::StatusOr<std::optional<Credential>> CredentialOfAccount(db::Session& session,
                                                              absl::string_view account) {
  return Find(session, kByAccount, account);
}

absl::Status SetPasswordHash(db::Session& session, absl::string_view account,
                             absl::string_view hash, absl::Time now) {
  return session.Execute(kSetHash, {std::string(account), std::string(hash), now}).status();
}

absl::StatusOr<Attempts> AttemptsForUpdate(db::Session& session, absl::string_view login,
                                           absl::Time now) {
  const std::string subject = SubjectOf(login);
  CHANYAN_RETURN_IF_ERROR(session.Execute(kTouchAttempts, {subject, now}).status());
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kLoadAttempts, {subject}));
  if (found.rows.empty()) return status::Conflict("请重试");
  const db::Values& row = found.rows.front();
  Attempts attempts;
  attempts.failures = static_cast<int>(std::get<int64_t>(row[0]));
  attempts.window_start = std::get<absl::Time>(row[1]);
  if (const auto* until = std::get_if<absl::Time>(&row[2])) attempts.locked_until = *until;
  return attempts;
}

absl::Status SaveAttempts(db::Session& session, absl::string_view login, const Attempts& attempts) {
  db::Value until;
  if (attempts.locked_until != absl::InfinitePast()) until = attempts.locked_until;
  return session
      .Execute(kSaveAttempts,
               {int64_t{attempts.failures}, attempts.window_start, until, SubjectOf(login)})
      .status();
}

absl::Status PruneAttempts(db::Session& session, absl::Time now) {
  return session.Execute(kPrune, {now - kFailureWindow, now}).status();
}

absl::StatusOr<std::string> ClientSecretSha(db::Session& session, absl::string_view client) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kClientSha, {std::string(client)}));
  if (found.rows.empty()) return std::string();
  return std::get<std::string>(found.rows.front()[0]);
}

absl::Status SetClientSecretSha(db::Session& session, absl::string_view client,
                                absl::string_view sha256) {
  return session.Execute(kSetClientSha, {std::string(client), std::string(sha256)}).status();
}

}  // namespace chanyan::identity
