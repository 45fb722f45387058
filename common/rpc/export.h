// The answer of an export: one .xlsx with one table.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"

namespace chanyan::rpc {

// FAILED_PRECONDITION (FILE_TOO_LARGE) if a reply cannot hold it: ask for less.
absl::StatusOr<google::api::HttpBody> SheetBody(std::string bytes);

// `rows` (of messages) under the labels of T; the same rows at the same time give the same bytes.
template <class T, class Range>
absl::StatusOr<google::api::HttpBody> ExportSheet(absl::string_view title, absl::Time created,
                                                  const Range& rows,
                                                  const sheet::TableLayout& layout = {}) {
  sheet::Writer writer({.created = created, .title = std::string(title)});
  sheet::WriteTable(writer, title, T::descriptor(), rows, layout);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return SheetBody(std::move(bytes));
}

}  // namespace chanyan::rpc
