#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/api/digest.h"
#include "common/db/migrate.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr size_t kVersionDigits = 4;
constexpr absl::string_view kSuffix = ".sql";

bool IsWord(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

// "0001_common.sql" is 1; 0 if the name is not of that form.
int VersionOf(absl::string_view file) {
  if (file.size() <= kVersionDigits + kSuffix.size() || file[kVersionDigits] != '_' ||
      !absl::EndsWith(file, kSuffix) || !IsWord(file.substr(0, file.size() - kSuffix.size()))) {
    return 0;
  }
  int version = 0;
  const absl::string_view digits = file.substr(0, kVersionDigits);
  return absl::c_all_of(digits, absl::ascii_isdigit) && absl::SimpleAtoi(digits, &version) ? version
                                                                                           : 0;
}

}  // namespace

absl::StatusOr<Component> Component::Parse(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  if (!IsWord(parts.first) || parts.second.empty()) {
    return status::InvalidField("component", absl::StrCat("“", text,
                                                          "”格式不正确，应为 组件:目录，例如 "
                                                          "registry:services/registry/migrations"));
  }
  return Component{std::string(parts.first), std::string(parts.second)};
}

absl::StatusOr<std::vector<Migration>> LoadMigrations(const Component& component) {
  std::vector<Migration> migrations;
  std::vector<status::Violation> violations;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(component.dir, error)) {
    const std::string file = entry.path().filename().string();
    if (!absl::EndsWith(file, kSuffix)) {
      continue;
    }
    const int version = VersionOf(file);
    if (version == 0) {
      violations.push_back({absl::StrCat(component.dir, "/", file),
                            "文件名应为四位序号、下划线和小写名称，例如 0001_common.sql"});
      continue;
    }
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string sql{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
      violations.push_back({absl::StrCat(component.dir, "/", file), "文件不可读"});
      continue;
    }
    std::string sha = api::Sha256Hex(sql);
    migrations.push_back({version, file, std::move(sql), std::move(sha)});
  }
  if (error) {
    violations.push_back({component.dir, absl::StrCat("目录不存在或不可读：", error.message())});
  }
  std::sort(migrations.begin(), migrations.end(),
            [](const Migration& a, const Migration& b) { return a.file < b.file; });
  for (size_t i = 0; i < migrations.size() && violations.empty(); ++i) {
    if (const int expected = static_cast<int>(i) + 1; migrations[i].version != expected) {
      violations.push_back({absl::StrCat(component.dir, "/", migrations[i].file),
                            absl::StrFormat("序号不连续或重复，此处应为 %04d", expected)});
    }
  }
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations));
  }
  return migrations;
}

}  // namespace chanyan::db
