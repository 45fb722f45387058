#include "services/identity/key_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/secret.h"
#include "common/status/status.h"

namespace chanyan::identity {
namespace {

constexpr char kSuffix[] = ".pem";
constexpr mode_t kOwnerOnly = 0700;

absl::StatusOr<std::vector<std::string>> KeyFiles(const std::string& dir) {
  std::error_code error;
  std::vector<std::string> files;
  std::filesystem::directory_iterator entries(dir, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() == kSuffix) files.push_back(entries->path().string());
  }
  if (error) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("密钥目录无法读取：", dir, "（", error.message(), "）"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::Status MakeFirstKey(const std::string& dir, absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const auth::Key key, auth::Key::Generate());
  CHANYAN_ASSIGN_OR_RETURN(std::string pem, key.ToPem());
  const std::string file =
      absl::StrCat(dir, "/", absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()), "-",
                   key.id().substr(0, 8), kSuffix);
  const absl::Status created = auth::CreateSecretFile(file, pem);
  auth::Wipe(&pem);
  return created;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyStore>> KeyStore::Open(std::string dir,
                                                         const time::Clock& clock) {
  if (mkdir(dir.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("密钥目录无法创建：", dir));
  }
  std::unique_ptr<KeyStore> store(new KeyStore(std::move(dir), clock));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> files, KeyFiles(store->dir_));
  if (files.empty()) CHANYAN_RETURN_IF_ERROR(MakeFirstKey(store->dir_, clock.Now()));
  absl::MutexLock lock(&store->mutex_);
  CHANYAN_RETURN_IF_ERROR(store->Load());
  return store;
}

absl::Status KeyStore::Load() {
  loaded_ = clock_.Now();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> files, KeyFiles(dir_));
  std::vector<auth::Key> keys;
  for (const std::string& file : files) {
    CHANYAN_ASSIGN_OR_RETURN(std::string pem, auth::ReadSecretFile(file));
    absl::StatusOr<auth::Key> key = auth::Key::FromPem(pem);
    auth::Wipe(&pem);
    if (!key.ok()) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        absl::StrCat("不是 P-256 私钥（PKCS#8 PEM）：", file));
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("密钥目录为空：", dir_));
  }
  keys_ = std::move(keys);
  return absl::OkStatus();
}

std::vector<auth::Key> KeyStore::Keys() {
  absl::MutexLock lock(&mutex_);
  // A half-copied key must not stop sign-ins: the keys in force go on.
  if (clock_.Now() - loaded_ >= kKeyReload) Load().IgnoreError();
  return keys_;
}

}  // namespace chanyan::identity
