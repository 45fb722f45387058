// Many rows in few statements of a service's own. Their texts are few as well, so that each is
// prepared once a connection. (Tables insert many rows by themselves: Table::InsertAll.)
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/status/status.h"

namespace chanyan::db {

// Items of one statement; a handful goes together.
inline constexpr size_t kStatementChunks[] = {256, 32, 8, 7, 6, 5, 4, 3, 2, 1};

// Calls `work` with consecutive pieces of `left` of a size in kStatementChunks.
template <class T, class Work>
absl::Status InChunks(absl::Span<const T> left, Work work) {
  while (!left.empty()) {
    size_t chunk = 0;
    while (kStatementChunks[chunk] > left.size()) ++chunk;
    CHANYAN_RETURN_IF_ERROR(work(left.first(kStatementChunks[chunk])));
    left.remove_prefix(kStatementChunks[chunk]);
  }
  return absl::OkStatus();
}

template <class T, class Work>
absl::Status InChunks(const std::vector<T>& items, Work work) {
  return InChunks(absl::MakeConstSpan(items), std::move(work));
}

// "item, item, …".
inline std::string Repeat(size_t count, absl::string_view item) {
  std::string text;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "" : ", ", item);
  return text;
}

// "(?, ?, …)".
inline std::string Marks(size_t count) { return absl::StrCat("(", Repeat(count, "?"), ")"); }

}  // namespace chanyan::db
