#include "common/db/sql_script.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr size_t kUnfinished = absl::string_view::npos;

// Past the end of the quoted text that begins at `at`, or kUnfinished.
size_t EndOfQuoted(absl::string_view script, size_t at) {
  const char quote = script[at];
  for (size_t i = at + 1; i < script.size(); ++i) {
    if (script[i] == '\\' && quote != '`') {
      ++i;
    } else if (script[i] == quote) {
      if (i + 1 < script.size() && script[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return kUnfinished;
}

// Past the end of the comment that begins at `at`; `at` itself if there is none; or kUnfinished.
size_t EndOfComment(absl::string_view script, size_t at) {
  const absl::string_view rest = script.substr(at);
  const bool dashes =
      absl::StartsWith(rest, "--") && (rest.size() == 2 || absl::ascii_isspace(rest[2]));
  if (dashes || absl::StartsWith(rest, "#")) {
    return std::min(script.find('\n', at), script.size());
  }
  if (absl::StartsWith(rest, "/*")) {
    const size_t end = script.find("*/", at + 2);
    return end == absl::string_view::npos ? kUnfinished : end + 2;
  }
  return at;
}

absl::Status Unfinished(absl::string_view script, size_t at) {
  const auto line = 1 + std::count(script.begin(), script.begin() + at, '\n');
  return status::InvalidField(absl::StrCat("第 ", line, " 行"), "引号或注释没有结束");
}

}  // namespace

absl::StatusOr<std::vector<ScriptStatement>> SplitScript(absl::string_view script) {
  std::vector<ScriptStatement> statements;
  ScriptStatement current;
  const auto finish = [&statements, &current] {
    absl::StripTrailingAsciiWhitespace(&current.text);
    if (!current.text.empty()) {
      statements.push_back(std::move(current));
    }
    current = {};
  };
  int line = 1;
  for (size_t at = 0; at < script.size();) {
    size_t end = EndOfComment(script, at);
    const bool comment = end != at;
    if (!comment) {
      const bool quoted = absl::StrContains("'\"`", script.substr(at, 1));
      end = quoted ? EndOfQuoted(script, at) : at + 1;
    }
    if (end == kUnfinished) {
      return Unfinished(script, at);
    }
    const absl::string_view piece = script.substr(at, end - at);
    if (piece == ";") {
      finish();
    } else if (!comment && (!current.text.empty() || !absl::ascii_isspace(piece[0]))) {
      current.line = current.text.empty() ? line : current.line;
      absl::StrAppend(&current.text, piece);
    } else if (comment && !current.text.empty()) {
      current.text.push_back(' ');
    }
    line += static_cast<int>(std::count(piece.begin(), piece.end(), '\n'));
    at = end;
  }
  finish();
  for (const ScriptStatement& statement : statements) {
    if (absl::StartsWithIgnoreCase(statement.text, "DELIMITER")) {
      return status::InvalidField(absl::StrCat("第 ", statement.line, " 行"),
                                  "不支持 DELIMITER，请去掉");
    }
  }
  return statements;
}

}  // namespace chanyan::db
