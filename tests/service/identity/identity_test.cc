// Identity on the real database, with a clock that the test moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/password.h"
#include "common/auth/scope.h"
#include "common/auth/secret.h"
#include "common/auth/token.h"
#include "common/status/status.h"
#include "services/identity/account_rules.h"
#include "services/identity/bootstrap.h"
#include "services/identity/identity_service.h"
#include "tests/support/test_database.h"

namespace chanyan::identity {
namespace {

using options::v1::ERROR_REASON_LOGIN_FAILED;
using options::v1::ERROR_REASON_NOT_SIGNED_IN;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class FakeClock final : public time::Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = absl::FromUnixSeconds(1'750'000'000);
};

const std::vector<std::string> kComponents = {"common:common/db/migrations",
                                              "journal:common/journal/migrations",
                                              "identity:services/identity/migrations"};

class IdentityTest : public ::testing::Test {
 protected:
  IdentityTest() : database_(kComponents) {
    secrets_ = absl::StrCat(::testing::TempDir(), "/chanyan-identity-", api::NewUuid());
    std::filesystem::create_directories(secrets_);
    keys_ = *KeyStore::Open(absl::StrCat(secrets_, "/keys"), clock_);
    EXPECT_TRUE(Start().ok());
    service_ = std::make_unique<IdentityService>(
        IdentityService::Deps{{database_.db(), clock_, nullptr}, *keys_});
  }
  ~IdentityTest() override { std::filesystem::remove_all(secrets_); }

  absl::Status Start() {
    return Bootstrap({database_.db(), clock_}, secrets_, "organizations/administration");
  }
  std::string Secret(const std::string& file) {
    return *auth::ReadSecretFile(absl::StrCat(secrets_, "/", file));
  }

  static rpc::Call CallOf(const char* method, auth::Principal principal = {}) {
    rpc::Call call;
    call.principal = std::move(principal);
    call.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        absl::StrCat("chanyan.identity.v1.IdentityService.", method));
    call.request_id = api::NewUuid();
    return call;
  }
  static auth::Principal Administrator() {
    auth::Principal principal;
    principal.account = "accounts/admin";
    principal.organization = "organizations/administration";
    principal.roles = {options::v1::ROLE_ADMINISTRATOR};
    return principal;
  }

  absl::StatusOr<v1::SignInResponse> SignIn(const std::string& login, const std::string& password) {
    v1::SignInRequest request;
    request.set_login(login);
    request.set_password(password);
    request.set_user_agent("测试");
    return service_->SignIn(CallOf("SignIn"), request);
  }
  // The principal that a session's secret gives.
  absl::StatusOr<auth::Principal> Exchange(const std::string& secret) {
    v1::ExchangeSessionRequest request;
    request.set_session_secret(secret);
    auto token = service_->ExchangeSession(CallOf("ExchangeSession"), request);
    if (!token.ok()) return token.status();
    auto claims = auth::VerifyToken(auth::KeySet(keys_->Keys()), token->access_token(), clock_.now);
    if (!claims.ok()) return claims.status();
    return claims->principal;
  }
  static v1::CreateAccountRequest NewAccount(const std::string& login) {
    v1::CreateAccountRequest request;
    request.mutable_account()->set_login(login);
    request.mutable_account()->set_display_name("王老师（演示）");
    request.mutable_account()->set_organization("organizations/university");
    request.mutable_account()->add_roles(options::v1::ROLE_RESEARCH_OFFICE);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::CreateAccountResponse> Create(const v1::CreateAccountRequest& request) {
    return service_->CreateAccount(CallOf("CreateAccount", Administrator()), request);
  }
  absl::Status Change(const auth::Principal& who, const std::string& from, const std::string& to,
                      const std::string& request_id = api::NewUuid()) {
    v1::ChangePasswordRequest request;
    request.set_old_password(from);
    request.set_new_password(to);
    request.set_request_id(request_id);
    return service_->ChangePassword(CallOf("ChangePassword", who), request).status();
  }

  // The first column of a query, as text.
  std::vector<std::string> Texts(const char* sql) {
    std::vector<std::string> out;
    const absl::Status status = database_.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
      for (const db::Values& row : rows.rows) out.push_back(std::get<std::string>(row[0]));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return out;
  }
  std::vector<std::string> JournalKinds() { return Texts("SELECT kind FROM journal ORDER BY id"); }
  // Everything the database holds that could leak a secret.
  std::string Everything() {
    std::string out;
    for (const char* sql :
         {"SELECT HEX(reply) FROM idempotency", "SELECT HEX(args_sha) FROM idempotency",
          "SELECT HEX(CONCAT(before_json, after_json)) FROM journal",
          "SELECT HEX(password_hash) FROM credential", "SELECT HEX(secret_sha256) FROM session",
          "SELECT HEX(secret_sha256) FROM api_client_secret"}) {
      for (const std::string& text : Texts(sql)) absl::StrAppend(&out, text, "\n");
    }
    return out;
  }
  static std::string Hex(const std::string& text) {
    std::string out;
    for (const unsigned char c : text) absl::StrAppend(&out, absl::Hex(c, absl::kZeroPad2));
    return absl::AsciiStrToUpper(out);
  }

  chanyan::testing::TestDatabase database_;
  FakeClock clock_;
  std::string secrets_;
  std::unique_ptr<KeyStore> keys_;
  std::unique_ptr<IdentityService> service_;
};

constexpr char kGood[] = "Kf7m-Xq3w-Tz9p";

TEST_F(IdentityTest, WrongUnknownLockedAndDisabledGetTheSameAnswer) {
  const auto created = Create(NewAccount("wang"));
  ASSERT_TRUE(created.ok()) << created.status();
  const absl::Status wrong = SignIn("wang", "wrong").status();
  const absl::Status unknown = SignIn("nobody", "wrong").status();
  EXPECT_EQ(status::ReasonOf(wrong), ERROR_REASON_LOGIN_FAILED);
  EXPECT_EQ(wrong, unknown);
  for (int i = 1; i < kMaxFailures; ++i) EXPECT_EQ(SignIn("WANG", "wrong").status(), wrong);
  EXPECT_EQ(SignIn("wang", created->first_password()).status(), wrong) << "locked";
  clock_.now += kLockDuration - absl::Seconds(1);
  EXPECT_EQ(SignIn("wang", created->first_password()).status(), wrong) << "still locked";
  clock_.now += absl::Seconds(1);
  EXPECT_TRUE(SignIn("wang", created->first_password()).ok());
  EXPECT_THAT(JournalKinds(), Contains("locked"));
  EXPECT_THAT(JournalKinds(), Contains("sign_in_while_locked"));
  EXPECT_THAT(Texts("SELECT resource FROM journal"), Not(Contains(HasSubstr("nobody"))));
}

TEST_F(IdentityTest, FailuresOfReplicasAddUp) {
  const auto created = Create(NewAccount("wang"));
  IdentityService other(IdentityService::Deps{{database_.db(), clock_, nullptr}, *keys_});
  v1::SignInRequest request;
  request.set_login("wang");
  request.set_password("wrong");
  for (int i = 0; i < kMaxFailures; ++i) {
    EXPECT_FALSE((i % 2 == 0 ? other : *service_).SignIn(CallOf("SignIn"), request).ok());
  }
  EXPECT_FALSE(SignIn("wang", created->first_password()).ok());
}

TEST_F(IdentityTest, APersonChangesTheFirstPasswordAndWorks) {
  const auto created = Create(NewAccount("wang"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_TRUE(created->account().password_change_required());
  const auto first = SignIn("wang", created->first_password());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->password_change_required());
  const auto before = Exchange(first->session_secret());
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_TRUE(before->password_change_required);
  EXPECT_EQ(before->organization, "organizations/university");
  EXPECT_THAT(before->roles, ElementsAre(options::v1::ROLE_RESEARCH_OFFICE));
  const auto elsewhere = SignIn("wang", created->first_password());
  ASSERT_TRUE(Change(*before, created->first_password(), kGood).ok());
  // This session goes on, without the obligation; the other has ended.
  const auto after = Exchange(first->session_secret());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_FALSE(after->password_change_required);
  EXPECT_EQ(status::ReasonOf(Exchange(elsewhere->session_secret()).status()),
            ERROR_REASON_NOT_SIGNED_IN);
  EXPECT_FALSE(SignIn("wang", created->first_password()).ok());
  EXPECT_TRUE(SignIn("wang", kGood).ok());
}

TEST_F(IdentityTest, ChangingThePasswordIsRefusedForReasons) {
  const auto created = Create(NewAccount("wang"));
  const auto session = SignIn("wang", created->first_password());
  const auto who = *Exchange(session->session_secret());
  EXPECT_FALSE(status::ViolationsOf(Change(who, created->first_password(), "short")).empty());
  EXPECT_FALSE(
      status::ViolationsOf(Change(who, created->first_password(), "Xy7-wang-0000")).empty());
  EXPECT_FALSE(
      status::ViolationsOf(Change(who, created->first_password(), created->first_password()))
          .empty());
  for (int i = 0; i < kMaxFailures; ++i) {
    EXPECT_EQ(status::ReasonOf(Change(who, "wrong", kGood)), ERROR_REASON_LOGIN_FAILED);
  }
  // A stolen session is no way to try passwords.
  EXPECT_EQ(status::ReasonOf(Change(who, created->first_password(), kGood)),
            ERROR_REASON_LOGIN_FAILED);
  auth::Principal client;
  client.account = "apiClients/seed";
  EXPECT_EQ(Change(client, "x", kGood).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(IdentityTest, ARepeatedChangeIsAnsweredAndDoneOnce) {
  const auto created = Create(NewAccount("wang"));
  const auto who = *Exchange(SignIn("wang", created->first_password())->session_secret());
  const std::string id = api::NewUuid();
  EXPECT_TRUE(Change(who, created->first_password(), kGood, id).ok());
  EXPECT_TRUE(Change(who, created->first_password(), kGood, id).ok());
  const auto kinds = JournalKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "password_changed"), 1);
}

TEST_F(IdentityTest, ARepeatedCreationDoesNotShowThePasswordAgain) {
  const auto request = NewAccount("wang");
  const auto created = Create(request);
  ASSERT_TRUE(created.ok()) << created.status();
  const auto again = Create(request);
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(absl::StrContains(again.status().message(), "重置密码")) << again.status();
  // The one that was shown still holds.
  EXPECT_TRUE(SignIn("wang", created->first_password()).ok());
}

TEST_F(IdentityTest, AnAmbiguousCommitStillShowsTheRightPassword) {
  db::Faults faults;
  faults.inject_ambiguous_commit_every = 1;
  database_.db().InjectFaults(faults);
  const auto created = Create(NewAccount("wang"));
  database_.db().InjectFaults({});
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_TRUE(SignIn("wang", created->first_password()).ok());
}

TEST_F(IdentityTest, SecretsAreNowhereInTheDatabase) {
  const auto created = Create(NewAccount("wang"));
  const auto session = SignIn("wang", created->first_password());
  const auto who = *Exchange(session->session_secret());
  ASSERT_TRUE(Change(who, created->first_password(), kGood).ok());
  v1::CreateApiClientRequest client;
  client.set_api_client_id("city-exchange");
  client.mutable_api_client()->set_display_name("市数据交换");
  client.mutable_api_client()->set_organization("organizations/university");
  client.mutable_api_client()->add_roles(options::v1::ROLE_RESEARCH_OFFICE);
  client.set_request_id(api::NewUuid());
  const auto made = service_->CreateApiClient(CallOf("CreateApiClient", Administrator()), client);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(
      service_->CreateApiClient(CallOf("CreateApiClient", Administrator()), client).status().code(),
      absl::StatusCode::kAlreadyExists);
  const std::string all = Everything();
  EXPECT_TRUE(absl::StrContains(all, Hex("password_change_required"))) << "the journal is read";
  for (const std::string& secret :
       {created->first_password(), std::string(kGood), session->session_secret(), made->secret(),
        Secret("administrator.password"), Secret("registry.secret")}) {
    EXPECT_FALSE(absl::StrContains(all, Hex(secret)));
  }
}

TEST_F(IdentityTest, SessionsEndWhenIdleAndAfterHalfADay) {
  const auto created = Create(NewAccount("wang"));
  const std::string idle = SignIn("wang", created->first_password())->session_secret();
  clock_.now += kSessionIdle;
  EXPECT_EQ(status::ReasonOf(Exchange(idle).status()), ERROR_REASON_NOT_SIGNED_IN);
  const std::string busy = SignIn("wang", created->first_password())->session_secret();
  const absl::Time end = clock_.now + kSessionLifetime;
  while (clock_.now + absl::Minutes(20) < end) {
    clock_.now += absl::Minutes(20);
    ASSERT_TRUE(Exchange(busy).ok());
  }
  clock_.now = end;
  EXPECT_FALSE(Exchange(busy).ok());
}

TEST_F(IdentityTest, PeopleListAndEndTheirOwnSessionsAlone) {
  const auto wang = Create(NewAccount("wang"));
  const auto li = Create(NewAccount("li.ming"));
  const auto first = SignIn("wang", wang->first_password());
  clock_.now += absl::Seconds(1);
  const auto second = SignIn("wang", wang->first_password());
  const auto who = *Exchange(second->session_secret());
  const auto other = *Exchange(SignIn("li.ming", li->first_password())->session_secret());
  const auto listed = service_->ListSessions(CallOf("ListSessions", who), {});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->sessions_size(), 2);
  EXPECT_TRUE(listed->sessions(0).current());
  EXPECT_EQ(listed->sessions(0).user_agent(), "测试");
  v1::RevokeSessionRequest revoke;
  revoke.set_name(listed->sessions(1).name());
  revoke.set_request_id(api::NewUuid());
  EXPECT_EQ(service_->RevokeSession(CallOf("RevokeSession", other), revoke).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(service_->RevokeSession(CallOf("RevokeSession", who), revoke).ok());
  EXPECT_FALSE(Exchange(first->session_secret()).ok());
  v1::SignOutRequest out;
  out.set_session_secret(second->session_secret());
  EXPECT_TRUE(service_->SignOut(CallOf("SignOut"), out).ok());
  EXPECT_TRUE(service_->SignOut(CallOf("SignOut"), out).ok());
  EXPECT_FALSE(Exchange(second->session_secret()).ok());
}

TEST_F(IdentityTest, TheOldestSessionEndsWhenThereAreTooMany) {
  const auto created = Create(NewAccount("wang"));
  const std::string oldest = SignIn("wang", created->first_password())->session_secret();
  for (int i = 0; i < kMaxSessions; ++i) {
    clock_.now += absl::Seconds(1);
    ASSERT_TRUE(SignIn("wang", created->first_password()).ok());
  }
  EXPECT_FALSE(Exchange(oldest).ok());
}

TEST_F(IdentityTest, DisablingEndsSessionsAndRolesStayApart) {
  const auto created = Create(NewAccount("wang"));
  const std::string secret = SignIn("wang", created->first_password())->session_secret();
  v1::UpdateAccountRequest update;
  *update.mutable_account() = created->account();
  update.mutable_account()->add_roles(options::v1::ROLE_ADMINISTRATOR);
  update.mutable_update_mask()->add_paths("roles");
  update.set_request_id(api::NewUuid());
  const auto call = CallOf("UpdateAccount", Administrator());
  EXPECT_EQ(service_->UpdateAccount(call, update).status().code(),
            absl::StatusCode::kInvalidArgument);
  update.mutable_update_mask()->Clear();
  update.mutable_update_mask()->add_paths("disabled");
  update.mutable_account()->set_disabled(true);
  const auto updated = service_->UpdateAccount(call, update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_FALSE(Exchange(secret).ok());
  EXPECT_EQ(status::ReasonOf(SignIn("wang", created->first_password()).status()),
            ERROR_REASON_LOGIN_FAILED);
  v1::UpdateAccountRequest stale = update;
  stale.set_request_id(api::NewUuid());
  EXPECT_EQ(service_->UpdateAccount(call, stale).status().code(), absl::StatusCode::kAborted);
}

TEST_F(IdentityTest, AnAdministratorCannotRaiseOrDisableTheOwnAccount) {
  v1::UpdateAccountRequest update;
  update.mutable_account()->set_name("accounts/admin");
  update.mutable_account()->add_roles(options::v1::ROLE_SECRETARIAT);
  update.mutable_update_mask()->add_paths("roles");
  update.set_request_id(api::NewUuid());
  const auto call = CallOf("UpdateAccount", Administrator());
  EXPECT_EQ(status::ReasonOf(service_->UpdateAccount(call, update).status()),
            options::v1::ERROR_REASON_RULE_VIOLATED);
}

TEST_F(IdentityTest, ResetLiftsALockAndAsksForAChange) {
  const auto created = Create(NewAccount("wang"));
  for (int i = 0; i < kMaxFailures; ++i) EXPECT_FALSE(SignIn("wang", "wrong").ok());
  v1::ResetPasswordRequest reset;
  reset.set_name("accounts/wang");
  reset.set_request_id(api::NewUuid());
  const auto answer = service_->ResetPassword(CallOf("ResetPassword", Administrator()), reset);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(
      service_->ResetPassword(CallOf("ResetPassword", Administrator()), reset).status().code(),
      absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(SignIn("wang", created->first_password()).ok());
  const auto session = SignIn("wang", answer->first_password());
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_TRUE(session->password_change_required());
}

TEST_F(IdentityTest, AccountsAreListedForAdministratorsAlone) {
  ASSERT_TRUE(Create(NewAccount("wang")).ok());
  v1::ListAccountsRequest request;
  request.set_filter("organization = \"organizations/university\"");
  const auto listed = service_->ListAccounts(CallOf("ListAccounts", Administrator()), request);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->accounts_size(), 1);
  EXPECT_EQ(listed->accounts(0).name(), "accounts/wang");
  auth::Principal secretariat;
  secretariat.account = "accounts/secretariat";
  secretariat.roles = {options::v1::ROLE_SECRETARIAT};
  // Even past the method's own check no row is reached.
  EXPECT_EQ(service_->ListAccounts(CallOf("ListAccounts", secretariat), {})->accounts_size(), 0);
  EXPECT_EQ(Create(NewAccount("wang")).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(IdentityTest, FirstStartLeavesSecretFilesAndRepeatsItselfHarmlessly) {
  for (const char* file : {"registry.secret", "pairing.secret", "cycle.secret", "gateway.secret",
                           "seed.secret", "administrator.password"}) {
    struct stat info;
    ASSERT_EQ(stat(absl::StrCat(secrets_, "/", file).c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << file;
  }
  const size_t entries = JournalKinds().size();
  EXPECT_TRUE(Start().ok());
  EXPECT_EQ(JournalKinds().size(), entries);
  const auto admin = SignIn(kAdministratorLogin, Secret("administrator.password"));
  ASSERT_TRUE(admin.ok()) << admin.status();
  EXPECT_TRUE(admin->password_change_required());
}

TEST_F(IdentityTest, ServicesGetTokensForTheirSecretAlone) {
  v1::IssueTokenRequest request;
  request.set_api_client("apiClients/registry");
  request.set_secret("wrong");
  const absl::Status wrong = service_->IssueToken(CallOf("IssueToken"), request).status();
  EXPECT_EQ(status::ReasonOf(wrong), ERROR_REASON_LOGIN_FAILED);
  request.set_api_client("apiClients/nobody");
  EXPECT_EQ(service_->IssueToken(CallOf("IssueToken"), request).status(), wrong);
  request.set_secret("");
  EXPECT_EQ(service_->IssueToken(CallOf("IssueToken"), request).status(), wrong);
  request.set_api_client("apiClients/registry");
  request.set_secret(Secret("registry.secret"));
  const auto token = service_->IssueToken(CallOf("IssueToken"), request);
  ASSERT_TRUE(token.ok()) << token.status();
  const auto claims =
      auth::VerifyToken(auth::KeySet(keys_->Keys()), token->access_token(), clock_.now);
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->principal.account, "apiClients/registry");
  EXPECT_THAT(claims->principal.roles, ElementsAre(options::v1::ROLE_SERVICE));
  v1::DisableApiClientRequest disable;
  disable.set_name("apiClients/registry");
  disable.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      service_->DisableApiClient(CallOf("DisableApiClient", Administrator()), disable).ok());
  EXPECT_EQ(service_->IssueToken(CallOf("IssueToken"), request).status(), wrong);
}

TEST_F(IdentityTest, TheNewestKeySignsAndTheOldStillVerifies) {
  const auto created = Create(NewAccount("wang"));
  const std::string secret = SignIn("wang", created->first_password())->session_secret();
  const std::string old_id = keys_->Keys().back().id();
  const auth::Key fresh = *auth::Key::Generate();
  const std::string file = absl::StrCat(secrets_, "/keys/99990101T000000Z-new.pem");
  ASSERT_TRUE(auth::CreateSecretFile(file, *fresh.ToPem()).ok());
  clock_.now += kKeyReload;
  const auto jwks = service_->ListKeys(CallOf("ListKeys"), {});
  ASSERT_EQ(jwks->keys_size(), 2);
  v1::ExchangeSessionRequest exchange;
  exchange.set_session_secret(secret);
  const auto token = service_->ExchangeSession(CallOf("ExchangeSession"), exchange);
  EXPECT_EQ(*auth::KeyIdOf(token->access_token()), fresh.id());
  EXPECT_NE(auth::KeySet::FromJwks(*jwks)->Find(old_id), nullptr);
}

class IdentitySchemaTest : public IdentityTest {};

TEST_F(IdentitySchemaTest, MatchesDescriptor) {
  const absl::Status status = database_.db().Read([](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const auto accounts,
                             db::Table<v1::Account>().core().CheckTable(session));
    EXPECT_THAT(accounts, IsEmpty());
    CHANYAN_ASSIGN_OR_RETURN(const auto clients,
                             db::Table<v1::ApiClient>().core().CheckTable(session));
    EXPECT_THAT(clients, IsEmpty());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace chanyan::identity
