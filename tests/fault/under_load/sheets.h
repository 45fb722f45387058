// Files as people import them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"

namespace chanyan::fault {

// One sheet with these rows, columns by the labels of the message.
template <class Row>
std::string SheetOf(const std::vector<Row>& rows) {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "表"});
  sheet::TableWriter table(writer, "表", Row::descriptor());
  for (const Row& row : rows) table.Add(row);
  table.Finish();
  return *std::move(writer).Finish();
}

}  // namespace chanyan::fault
