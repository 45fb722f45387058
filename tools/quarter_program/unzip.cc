#include "tools/quarter_program/unzip.h"

#include <zip.h>

#include <memory>

#include "common/status/status.h"

namespace chanyan::quarter {
namespace {

struct Closer {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

absl::Status Damaged() { return absl::DataLossError("压缩包已损坏，请重新下载"); }

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> Unzip(absl::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), /*freep=*/0, &error);
  if (source == nullptr) return Damaged();
  const std::unique_ptr<zip_t, Closer> archive(
      zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (archive == nullptr) {
    zip_source_free(source);
    return Damaged();
  }
  std::map<std::string, std::string> entries;
  size_t total = 0;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive.get(), i, 0, &stat) != 0) return Damaged();
    total += stat.size;
    if (total > kMaxUnzippedBytes) return Damaged();
    const std::unique_ptr<zip_file_t, Closer> file(zip_fopen_index(archive.get(), i, 0));
    std::string content(stat.size, '\0');
    if (file == nullptr ||
        zip_fread(file.get(), content.data(), content.size()) !=
            static_cast<zip_int64_t>(content.size()) ||
        !entries.emplace(stat.name, std::move(content)).second) {
      return Damaged();
    }
  }
  return entries;
}

}  // namespace chanyan::quarter
