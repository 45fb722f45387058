#include "services/cycle/gzip.h"

#include <algorithm>

#include "common/status/status.h"
#include "google/protobuf/io/gzip_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chanyan::cycle {

absl::StatusOr<std::string> Gzip(absl::string_view text) {
  std::string packed;
  google::protobuf::io::StringOutputStream bytes(&packed);
  google::protobuf::io::GzipOutputStream gzip(&bytes);
  void* room = nullptr;
  int size = 0;
  while (!text.empty()) {
    if (!gzip.Next(&room, &size)) return status::Internal("text cannot be packed");
    const size_t some = std::min(text.size(), static_cast<size_t>(size));
    std::copy_n(text.data(), some, static_cast<char*>(room));
    gzip.BackUp(size - static_cast<int>(some));
    text.remove_prefix(some);
  }
  if (!gzip.Close()) return status::Internal("text cannot be packed");
  return packed;
}

absl::StatusOr<std::string> Gunzip(absl::string_view packed) {
  google::protobuf::io::ArrayInputStream bytes(packed.data(), static_cast<int>(packed.size()));
  google::protobuf::io::GzipInputStream gzip(&bytes);
  std::string text;
  const void* some = nullptr;
  int size = 0;
  while (gzip.Next(&some, &size)) {
    text.append(static_cast<const char*>(some), static_cast<size_t>(size));
  }
  if (gzip.ZlibErrorCode() != Z_STREAM_END) return status::Internal("packed text is damaged");
  return text;
}

}  // namespace chanyan::cycle
