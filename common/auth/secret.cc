#include "common/auth/secret.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr size_t kMaxSecretFileBytes = 64 * 1024;

absl::Status FileError(absl::string_view what, const std::string& path) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    absl::StrCat(what, "：", path, "（", strerror(errno), "）"));
}

bool WriteAll(int file, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

std::string RandomBytes(size_t bytes) {
  std::string out(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) != 1) {
    // Without randomness no secret can be made; going on would make guessable ones.
    std::abort();
  }
  return out;
}

std::string NewSecret() {
  std::string bytes = RandomBytes(kSecretBytes);
  std::string out;
  absl::WebSafeBase64Escape(bytes, &out);
  Wipe(&bytes);
  return out;
}

bool ConstantTimeEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Wipe(std::string* secret) {
  if (!secret->empty()) OPENSSL_cleanse(secret->data(), secret->size());
  secret->clear();
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return FileError("密钥文件无法打开", path);
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
    close(file);
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("密钥文件须为普通文件且仅所有者可读写（chmod 600）：", path));
  }
  std::string content(kMaxSecretFileBytes, '\0');
  const ssize_t got = read(file, content.data(), content.size());
  const absl::Status failed = got < 0 ? FileError("密钥文件无法读取", path) : absl::OkStatus();
  close(file);
  if (!failed.ok()) return failed;
  content.resize(static_cast<size_t>(got));
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  return content;
}

absl::Status CreateSecretFile(const std::string& path, absl::string_view content) {
  // Written beside it and linked into place: a reader never sees half a secret, and an existing
  // file wins over us.
  const std::string draft = absl::StrCat(path, ".", getpid(), ".new");
  unlink(draft.c_str());
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return FileError("密钥文件无法创建", draft);
  const bool written = WriteAll(file, content) && fsync(file) == 0;
  close(file);
  absl::Status result;
  if (!written) {
    result = FileError("密钥文件无法写入", draft);
  } else if (link(draft.c_str(), path.c_str()) != 0) {
    result = errno == EEXIST ? status::AlreadyExists(path, absl::StrCat("密钥文件已存在：", path))
                             : FileError("密钥文件无法创建", path);
  }
  unlink(draft.c_str());
  return result;
}

}  // namespace chanyan::auth
