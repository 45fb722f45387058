#include "common/policy/pack_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "common/status/status.h"

namespace chanyan::policy {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".textproto";
// What every city shares, beside the cities' own directories.
constexpr const char* kShared[] = {"calendar", "national"};

absl::StatusOr<PackFile> ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  // An empty file sets failbit on the copy, which is no fault of reading.
  if (!in || (in.peek() != std::ifstream::traits_type::eof() && !(text << in.rdbuf()))) {
    return status::InvalidField(path.string(), "政策包文件无法读取，请检查文件权限",
                                options::v1::ERROR_REASON_INVALID_FILE);
  }
  return PackFile{(path.parent_path().filename() / path.filename()).string(), text.str()};
}

}  // namespace

absl::StatusOr<std::vector<PackFile>> ReadPackFolder(const std::string& folder) {
  std::vector<PackFile> files;
  std::error_code error;
  std::vector<fs::path> paths;
  fs::directory_iterator it(folder, error);
  if (error) {
    return status::InvalidField(folder, "政策包目录不存在或无法读取，请检查路径和权限",
                                options::v1::ERROR_REASON_INVALID_FILE);
  }
  for (; it != fs::directory_iterator(); it.increment(error)) {
    if (it->path().extension() == kExtension && it->is_regular_file(error)) {
      paths.push_back(it->path());
    }
    if (error) {
      return status::InvalidField(folder, "政策包目录读取中断，请重试",
                                  options::v1::ERROR_REASON_INVALID_FILE);
    }
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    CHANYAN_ASSIGN_OR_RETURN(PackFile file, ReadFile(path));
    files.push_back(std::move(file));
  }
  return files;
}

absl::StatusOr<std::vector<PackFile>> ReadCityFiles(const std::string& root,
                                                    const std::string& city) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<PackFile> files,
                           ReadPackFolder((fs::path(root) / city).string()));
  for (const char* shared : kShared) {
    const fs::path folder = fs::path(root) / shared;
    std::error_code error;
    if (!fs::exists(folder, error)) continue;
    CHANYAN_ASSIGN_OR_RETURN(std::vector<PackFile> more, ReadPackFolder(folder.string()));
    std::move(more.begin(), more.end(), std::back_inserter(files));
  }
  return files;
}

}  // namespace chanyan::policy
