// Passwords: the only two RPCs that see one. Hashing takes tens of milliseconds and stays outside
// of transactions; what it found is believed only if the stored hash is still the same inside.
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/password.h"
#include "common/auth/secret.h"
#include "common/status/status.h"
#include "services/identity/identity_service.h"

namespace chanyan::identity {

namespace {

// Entries about a name that nobody has; the name itself may be somebody's password.
constexpr char kNobody[] = "accounts/-";

bool Same(const std::optional<Credential>& a, const std::optional<Credential>& b) {
  return a.has_value() && b.has_value() && a->account == b->account &&
         a->password_hash == b->password_hash;
}

}  // namespace

// What was found out about a password before the transaction.
struct IdentityService::Attempted {
  std::optional<Credential> known;
  bool matches = false;
  // At today's cost, if the stored hash has another; else empty.
  std::string rehash;
};

absl::StatusOr<v1::SignInResponse> IdentityService::SignIn(const rpc::Call& call,
                                                           const v1::SignInRequest& request) {
  const std::string login = absl::AsciiStrToLower(request.login());
  Attempted attempted;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, [&](db::Session& session) {
    auto known = CredentialOfLogin(session, login);
    if (known.ok()) attempted.known = *std::move(known);
    return known.status();
  }));
  // An unknown name costs the same time as a known one.
  attempted.matches = auth::VerifyPassword(
      attempted.known ? attempted.known->password_hash : auth::DummyHash(), request.password());
  if (attempted.matches && auth::NeedsRehash(attempted.known->password_hash)) {
    CHANYAN_ASSIGN_OR_RETURN(attempted.rehash, auth::HashPassword(request.password()));
  }
  v1::SignInResponse reply;
  bool accepted = false;
  // A refusal is committed as well: it counts and is journalled.
  CHANYAN_RETURN_IF_ERROR(Transact(call, [&](rpc::Change& change) -> absl::Status {
    reply.Clear();
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(const Attempts attempts,
                             AttemptsForUpdate(session, login, change.now()));
    CHANYAN_ASSIGN_OR_RETURN(const auto current, CredentialOfLogin(session, login));
    accepted =
        attempted.matches && Same(attempted.known, current) && !IsLocked(attempts, change.now());
    if (accepted) {
      CHANYAN_ASSIGN_OR_RETURN(*reply.mutable_account(), accounts_.Get(session, current->account));
      accepted = !reply.account().disabled();
    }
    if (!accepted) {
      return CountFailure(change, login, attempts, current ? current->account : kNobody);
    }
    CHANYAN_RETURN_IF_ERROR(SaveAttempts(session, login, Attempts{0, change.now()}));
    return OpenSession(change, request, attempted, &reply);
  }));
  if (!accepted) return LoginFailed();
  // What is over is cleared away by the way; a failure here is nobody's business.
  db::TransactOptions options;
  options.deadline = call.deadline;
  deps_.store.db
      .Transact(options,
                [&](db::Session& session) -> absl::Status {
                  const absl::Time now = deps_.store.clock.Now();
                  CHANYAN_RETURN_IF_ERROR(PruneAttempts(session, now));
                  return PruneSessions(session, now);
                })
      .IgnoreError();
  return reply;
}

absl::Status IdentityService::CountFailure(rpc::Change& change, absl::string_view login,
                                           const Attempts& attempts, const std::string& account) {
  const Attempts counted = AfterFailure(attempts, change.now());
  CHANYAN_RETURN_IF_ERROR(SaveAttempts(change.session(), login, counted));
  v1::Account about;
  about.set_name(account);
  const bool was_locked = IsLocked(attempts, change.now());
  const bool locks = !was_locked && IsLocked(counted, change.now());
  const char* kind = locks ? "locked" : was_locked ? "sign_in_while_locked" : "sign_in_failed";
  return change.Record(kind, nullptr, &about);
}

absl::Status IdentityService::OpenSession(rpc::Change& change, const v1::SignInRequest& request,
                                          const Attempted& attempted, v1::SignInResponse* reply) {
  db::Session& db = change.session();
  const v1::Account& account = reply->account();
  if (!attempted.rehash.empty()) {
    CHANYAN_RETURN_IF_ERROR(SetPasswordHash(db, account.name(), attempted.rehash, change.now()));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<StoredSession> open, SessionsOf(db, account.name()));
  for (size_t i = kMaxSessions - 1; i < open.size(); ++i) {
    CHANYAN_RETURN_IF_ERROR(DeleteSession(db, open[i].name));
  }
  const std::string secret = auth::NewSecret();
  const StoredSession session{absl::StrCat("sessions/", api::NewUuid()), account.name(),
                              change.now(), change.now(), request.user_agent()};
  CHANYAN_RETURN_IF_ERROR(InsertSession(db, session, secret));
  reply->set_session_secret(secret);
  reply->set_password_change_required(account.password_change_required());
  CHANYAN_RETURN_IF_ERROR(change.Record("signed_in", nullptr, &account));
  const v1::Session shown = session.ToProto();
  return change.Record("created", nullptr, &shown);
}

absl::StatusOr<google::protobuf::Empty> IdentityService::ChangePassword(
    const rpc::Call& call, const v1::ChangePasswordRequest& request) {
  const std::string& account_name = call.principal.account;
  std::optional<Credential> known;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, [&](db::Session& session) {
    auto found = CredentialOfAccount(session, account_name);
    if (found.ok()) known = *std::move(found);
    return found.status();
  }));
  if (!known) {
    return status::PermissionDenied("接口客户端没有密码；如需更换密钥，请由管理员新建接口客户端");
  }
  std::vector<status::Violation> violations;
  for (std::string& problem : auth::PasswordProblems(request.new_password(), known->login)) {
    violations.push_back({"new_password", std::move(problem)});
  }
  if (request.new_password() == request.old_password()) {
    violations.push_back({"new_password", "新密码不能与原密码相同"});
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  const bool matches = auth::VerifyPassword(known->password_hash, request.old_password());
  CHANYAN_ASSIGN_OR_RETURN(const std::string hash, auth::HashPassword(request.new_password()));
  // The digest of the request is stored with its id, so it is taken of one without passwords.
  v1::ChangePasswordRequest bare;
  bare.set_request_id(request.request_id());
  auto reply = rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, bare, [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(const Attempts attempts,
                                 AttemptsForUpdate(session, known->login, change.now()));
        CHANYAN_ASSIGN_OR_RETURN(const auto current, CredentialOfAccount(session, account_name));
        if (!matches || !Same(known, current) || IsLocked(attempts, change.now())) {
          return LoginFailed();
        }
        CHANYAN_ASSIGN_OR_RETURN(v1::Account account,
                                 accounts_.GetForUpdate(session, account_name));
        const v1::Account before = account;
        account.set_password_change_required(false);
        CHANYAN_RETURN_IF_ERROR(accounts_.Update(session, change.now(), &account));
        CHANYAN_RETURN_IF_ERROR(SetPasswordHash(session, account_name, hash, change.now()));
        CHANYAN_RETURN_IF_ERROR(DeleteSessionsOf(session, account_name, call.principal.session));
        CHANYAN_RETURN_IF_ERROR(change.Record("password_changed", &before, &account));
        return google::protobuf::Empty();
      });
  if (status::ReasonOf(reply.status()) == options::v1::ERROR_REASON_LOGIN_FAILED) {
    // Rolled back with the change, so it is counted by itself: a stolen session must not be a way
    // to try passwords.
    CHANYAN_RETURN_IF_ERROR(Transact(call, [&](rpc::Change& change) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const Attempts attempts,
                               AttemptsForUpdate(change.session(), known->login, change.now()));
      return CountFailure(change, known->login, attempts, account_name);
    }));
  }
  return reply;
}

}  // namespace chanyan::identity
