#include "tools/quarter_program/accounts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/names.h"
#include "common/auth/password.h"
#include "common/auth/secret.h"
#include "common/status/status.h"
#include "google/protobuf/struct.pb.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/parallel.h"

namespace chanyan::quarter {
namespace {

constexpr int kSecretMode = 0600;
constexpr char kAdministratorTitle[] = "系统管理员";

std::string Member(const google::protobuf::Struct& object, const char* name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? "" : found->second.string_value();
}

std::string Quoted(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return ToJson(value).value_or("\"\"");
}

}  // namespace

absl::Status Accounts::Load() {
  const absl::StatusOr<std::string> text = demo::ReadFile(path_);
  if (!text.ok()) return absl::OkStatus();
  google::protobuf::Struct file;
  if (!FromJson(*text, &file).ok() || !file.fields().contains("accounts")) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " 已损坏；请用备份恢复，或用 tools/up --fresh 从头再来"));
  }
  absl::MutexLock lock(&mutex_);
  for (const auto& value : file.fields().at("accounts").list_value().values()) {
    const google::protobuf::Struct& one = value.struct_value();
    entries_.push_back({Member(one, "login"), Member(one, "password"),
                        Member(one, "first_password"), Member(one, "title")});
  }
  return absl::OkStatus();
}

absl::Status Accounts::Save() {
  std::string text = "{\"accounts\":[";
  const char* separator = "\n  ";
  for (const Entry& entry : entries_) {
    absl::StrAppend(&text, separator, "{\"login\":", Quoted(entry.login),
                    ",\"password\":", Quoted(entry.password), ",\"title\":", Quoted(entry.title));
    if (!entry.first_password.empty()) {
      absl::StrAppend(&text, ",\"first_password\":", Quoted(entry.first_password));
    }
    text += "}";
    separator = ",\n  ";
  }
  return demo::WriteFile(path_, absl::StrCat(text, "\n]}\n"), kSecretMode);
}

absl::StatusOr<Accounts::Entry> Accounts::Find(const std::string& login) {
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries_) {
    if (entry.login == login) return entry;
  }
  return absl::NotFoundError(
      absl::StrCat("没有账号 ", login, "，请在输入目录的 plan/accounts.tsv 中加上"));
}

absl::Status Accounts::AddAdministrator() {
  if (Find(kAdministrator).ok()) return absl::OkStatus();
  const absl::StatusOr<std::string> first = auth::ReadSecretFile(admin_password_file_);
  if (!first.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        path_, " 中没有管理员账号，也读不到其初始密码文件 ", admin_password_file_, "（",
        first.status().message(), "）；请用 --admin_password_file 指明，或恢复 ", path_));
  }
  absl::MutexLock lock(&mutex_);
  entries_.push_back({kAdministrator, auth::NewFirstPassword(), *first, kAdministratorTitle});
  return Save();
}

absl::Status Accounts::ChangePassword(const Entry& entry, const std::string& cookie) {
  Caller self(api_, entry.login, [&](bool) -> absl::StatusOr<std::string> { return cookie; });
  identity::v1::ChangePasswordRequest request;
  request.set_old_password(entry.first_password);
  request.set_new_password(entry.password);
  return self.Post("/v1/me:changePassword", {}, request, api::NewUuid(), nullptr);
}

absl::StatusOr<std::string> Accounts::SignIn(const std::string& login) {
  CHANYAN_ASSIGN_OR_RETURN(const Entry entry, Find(login));
  const auto sign_in = [&](const std::string& password,
                           bool* change) -> absl::StatusOr<std::string> {
    identity::v1::SignInRequest request;
    request.set_login(login);
    request.set_password(password);
    request.set_user_agent("chanyan-quarter");
    CHANYAN_ASSIGN_OR_RETURN(const std::string body, ToJson(request));
    CHANYAN_ASSIGN_OR_RETURN(const demo::HttpAnswer answer, api_.Send({"POST",
                                                                       "/v1/sessions:signIn",
                                                                       {{"X-Chanyan-Request", "1"}},
                                                                       "application/json",
                                                                       body}));
    if (answer.status != 200) return ErrorOf(answer);
    identity::v1::SignInResponse reply;
    CHANYAN_RETURN_IF_ERROR(FromJson(answer.body, &reply));
    *change = reply.password_change_required();
    return answer.cookie;
  };
  bool change = false;
  if (!entry.first_password.empty()) {
    const absl::StatusOr<std::string> first = sign_in(entry.first_password, &change);
    if (first.ok() && change) CHANYAN_RETURN_IF_ERROR(ChangePassword(entry, *first));
    if (!first.ok() && !absl::IsUnauthenticated(first.status())) return first;
  }
  absl::StatusOr<std::string> cookie = sign_in(entry.password, &change);
  if (!cookie.ok()) {
    return absl::Status(cookie.status().code(),
                        absl::StrCat("账号 ", login, " 登录不成功：", cookie.status().message(),
                                     "；如密码已在别处修改，请更新 ", path_));
  }
  if (!entry.first_password.empty()) {
    absl::MutexLock lock(&mutex_);
    for (Entry& one : entries_) {
      if (one.login == login) one.first_password.clear();
    }
    CHANYAN_RETURN_IF_ERROR(Save());
  }
  return cookie;
}

absl::StatusOr<std::string> Accounts::Cookie(const std::string& login, bool renew) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = cookies_.find(login);
    if (!renew && found != cookies_.end()) return found->second;
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::string cookie, SignIn(login));
  absl::MutexLock lock(&mutex_);
  cookies_[login] = cookie;
  return cookie;
}

Caller Accounts::As(absl::string_view login) {
  return Caller(api_, std::string(login),
                [this, login = std::string(login)](bool renew) { return Cookie(login, renew); });
}

Caller Accounts::Nobody() {
  return Caller(api_, "", [](bool) -> absl::StatusOr<std::string> { return std::string(); });
}

absl::Status Accounts::Create(const WantedAccount& wanted) {
  if (Find(wanted.login).ok()) return absl::OkStatus();
  Caller administrator = As(kAdministrator);
  identity::v1::Account account;
  account.set_login(wanted.login);
  account.set_display_name(wanted.title);
  account.set_organization(absl::StrCat("organizations/", wanted.organization));
  options::v1::Role role;
  if (!options::v1::Role_Parse(wanted.role, &role)) {
    return absl::InvalidArgumentError(
        absl::StrCat("plan/accounts.tsv：账号 ", wanted.login, " 的角色 ", wanted.role, " 不存在"));
  }
  account.add_roles(role);
  identity::v1::CreateAccountResponse created;
  absl::Status made = administrator.Post("/v1/accounts", {}, account, api::NewUuid(), &created);
  std::string first = created.first_password();
  if (absl::IsAlreadyExists(made)) {
    // Of an earlier run that lost its answer or its file.
    identity::v1::ResetPasswordRequest request;
    identity::v1::ResetPasswordResponse reset;
    const std::string name = absl::StrCat("accounts/", wanted.login);
    request.set_name(name);
    made = administrator.Post(absl::StrCat("/v1/", name, ":resetPassword"), {}, request,
                              api::NewUuid(), &reset);
    first = reset.first_password();
  }
  if (!made.ok()) {
    return absl::Status(made.code(),
                        absl::StrCat("账号 ", wanted.login, " 没有建成：", made.message()));
  }
  absl::MutexLock lock(&mutex_);
  entries_.push_back({wanted.login, auth::NewFirstPassword(), first, wanted.title});
  return Save();
}

absl::Status Accounts::Prepare(const std::vector<WantedAccount>& wanted) {
  CHANYAN_RETURN_IF_ERROR(Load());
  CHANYAN_RETURN_IF_ERROR(AddAdministrator());
  CHANYAN_RETURN_IF_ERROR(Cookie(kAdministrator, false).status());
  CHANYAN_RETURN_IF_ERROR(ParallelFor(wanted.size(), [&](size_t i) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(Create(wanted[i]));
    // Whoever reads the file can sign in: no first password is left in force.
    CHANYAN_ASSIGN_OR_RETURN(const Entry entry, Find(wanted[i].login));
    return entry.first_password.empty() ? absl::OkStatus()
                                        : Cookie(entry.login, /*renew=*/false).status();
  }));
  // The order of the plan, whoever was made first.
  absl::MutexLock lock(&mutex_);
  absl::flat_hash_map<std::string, size_t> place;
  for (size_t i = 0; i < wanted.size(); ++i) place[wanted[i].login] = i + 1;
  std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    const auto at = [&](const Entry& entry) -> size_t {
      if (entry.login == kAdministrator) return 0;
      const auto found = place.find(entry.login);
      return found == place.end() ? place.size() + 1 : found->second;
    };
    return at(a) < at(b);
  });
  return Save();
}

}  // namespace chanyan::quarter
