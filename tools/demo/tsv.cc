#include "tools/demo/tsv.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/api/text.h"
#include "common/status/status.h"

namespace chanyan::demo {

absl::StatusOr<Tsv> Tsv::Parse(absl::string_view text, absl::string_view name,
                               absl::Span<const absl::string_view> columns) {
  Tsv table;
  table.name_ = std::string(name);
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::string place = absl::StrCat(name, ":", number);
    if (api::CodePoints(line) < 0) return status::InvalidField(place, "不是 UTF-8 文本");
    std::vector<std::string> cells = absl::StrSplit(line, '\t');
    if (table.columns_.empty()) {
      table.columns_ = std::move(cells);
      continue;
    }
    if (cells.size() != table.columns_.size()) {
      return status::InvalidField(
          place, absl::StrCat("有 ", cells.size(), " 列，应有 ", table.columns_.size(), " 列"));
    }
    table.rows_.push_back(std::move(cells));
    table.lines_.push_back(number);
  }
  for (const absl::string_view column : columns) {
    if (std::find(table.columns_.begin(), table.columns_.end(), column) == table.columns_.end()) {
      return status::InvalidField(name, absl::StrCat("缺少“", column, "”列"));
    }
  }
  return table;
}

absl::StatusOr<Tsv> Tsv::Load(const std::string& path,
                              absl::Span<const absl::string_view> columns) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return Parse(text, path, columns);
}

const std::string& Tsv::Get(size_t row, absl::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  return rows_[row][found - columns_.begin()];
}

std::vector<std::string> Tsv::List(size_t row, absl::string_view column) const {
  return absl::StrSplit(Get(row, column), kListSeparator, absl::SkipEmpty());
}

std::string Tsv::Place(size_t row) const { return absl::StrCat(name_, ":", lines_[row]); }

std::string TsvLine(absl::Span<const std::string> cells) {
  std::string line = absl::StrJoin(cells, "\t", [](std::string* out, const std::string& cell) {
    for (const char c : cell) out->push_back(c == '\t' || c == '\n' || c == '\r' ? ' ' : c);
  });
  line.push_back('\n');
  return line;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (!in || !(bytes << in.rdbuf() || in.peek() == EOF)) {
    return absl::NotFoundError(absl::StrCat("读不到文件 ", path, "，请核对路径"));
  }
  return std::move(bytes).str();
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes, int mode) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const std::string beside = absl::StrCat(path, ".new");
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool good = file >= 0;
  for (size_t done = 0; good && done < bytes.size();) {
    const ssize_t wrote = write(file, bytes.data() + done, bytes.size() - done);
    good = wrote > 0;
    done += good ? wrote : 0;
  }
  if (file >= 0) good = close(file) == 0 && good;
  if (good && std::rename(beside.c_str(), path.c_str()) == 0) return absl::OkStatus();
  std::remove(beside.c_str());
  return absl::UnavailableError(absl::StrCat("写不了文件 ", path, "，请检查磁盘空间和权限"));
}

}  // namespace chanyan::demo
