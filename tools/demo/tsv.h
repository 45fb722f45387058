// Tables as text: one row a line, columns separated by tabs, '#' in the first place of a line for
// a comment, the first other line for the columns' names.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace chanyan::demo {

// What separates values in one cell.
inline constexpr absl::string_view kListSeparator = "、";

class Tsv {
 public:
  // INVALID_ARGUMENT with `name` and line for a row of another width, a missing column or text
  // that is not UTF-8. `columns` must all be there; others may be.
  static absl::StatusOr<Tsv> Parse(absl::string_view text, absl::string_view name,
                                   absl::Span<const absl::string_view> columns);
  // NOT_FOUND if the file cannot be read.
  static absl::StatusOr<Tsv> Load(const std::string& path,
                                  absl::Span<const absl::string_view> columns);

  size_t size() const { return rows_.size(); }
  // The cell of a column that Parse was asked for.
  const std::string& Get(size_t row, absl::string_view column) const;
  std::vector<std::string> List(size_t row, absl::string_view column) const;
  // "fields.tsv:12" of a row, for messages.
  std::string Place(size_t row) const;

 private:
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<int> lines_;
};

// Cells joined to one line; tabs and line breaks in them become blanks.
std::string TsvLine(absl::Span<const std::string> cells);

absl::StatusOr<std::string> ReadFile(const std::string& path);
// Makes the folders above, writes beside and renames, so that a reader never sees half of it.
absl::Status WriteFile(const std::string& path, absl::string_view bytes, int mode = 0644);

}  // namespace chanyan::demo
