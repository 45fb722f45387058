// Files of a directory, read once at start and served from memory: nothing a client sends becomes a
// path of the file system.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/http_message.h"

namespace chanyan::gateway {

inline constexpr size_t kMaxStaticFileBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaxStaticFiles = 2000;

// Filled at start, then immutable and thread-safe.
class StaticFiles {
 public:
  // Every regular file below `directory`; names that begin with a dot and links are left out.
  // INVALID_ARGUMENT if it cannot be read or is too large.
  absl::Status Load(const std::string& directory);
  // One more, e.g. made at start. `path` begins with '/'.
  void Add(absl::string_view path, absl::string_view content_type, std::string content);

  // Whether there is such a path; "/" is index.html.
  bool Has(absl::string_view path) const;
  // 200, or 304 by If-None-Match. Has(path) must hold.
  HttpReply Serve(absl::string_view path, const RequestHead& head) const;

 private:
  struct File {
    std::string content_type;
    std::string content;
    // Empty if it does not get smaller.
    std::string packed;
    // With quotes, of the content's SHA-256.
    std::string etag;
    bool immutable = false;
  };

  const File* Find(absl::string_view path) const;

  absl::flat_hash_map<std::string, File> files_;
};

}  // namespace chanyan::gateway
