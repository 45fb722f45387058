// The actors' accounts: made by the administrator, kept with their passwords in one file (mode
// 0600) so that people can sign in with them and a later run can go on.
//
//   {"accounts":[{"login":"admin","password":"…","title":"系统管理员"}, …]}
//
// An entry also has "first_password" while its password is being changed: whichever of the two the
// server knows, the next run can sign in.
#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "tools/quarter_program/api.h"

namespace chanyan::quarter {

inline constexpr char kAdministrator[] = "admin";

// An account that is wanted.
struct WantedAccount {
  std::string login;
  // Last segment of the organization's name.
  std::string organization;
  // "ROLE_UNIT".
  std::string role;
  std::string title;
};

// Thread-safe.
class Accounts {
 public:
  // `admin_password_file` holds the administrator's first password; read only when the accounts'
  // file does not know the administrator.
  Accounts(Api& api, std::string path, std::string admin_password_file)
      : api_(api), path_(std::move(path)), admin_password_file_(std::move(admin_password_file)) {}

  // Reads the file, signs the administrator in, makes the accounts that are not there yet and
  // changes their first passwords. PERMISSION_DENIED and its like say which account and what to do.
  absl::Status Prepare(const std::vector<WantedAccount>& wanted);

  // The calls of one account; ends the program's work with NOT_FOUND if there is no such account.
  Caller As(absl::string_view login);
  // The calls of somebody without an account.
  Caller Nobody();

 private:
  struct Entry {
    std::string login;
    std::string password;
    std::string first_password;
    std::string title;
  };

  absl::Status Load();
  absl::Status Save() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AddAdministrator();
  absl::Status Create(const WantedAccount& wanted);
  // Signs in with the password, or with the first one and changes it.
  absl::StatusOr<std::string> SignIn(const std::string& login);
  absl::Status ChangePassword(const Entry& entry, const std::string& cookie);
  absl::StatusOr<std::string> Cookie(const std::string& login, bool renew);
  absl::StatusOr<Entry> Find(const std::string& login);

  Api& api_;
  const std::string path_;
  const std::string admin_password_file_;
  absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::string> cookies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::quarter
