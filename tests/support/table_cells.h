// Where the cells of a sheet's table are, as somebody who types into it finds them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/sheet/workbook.h"

namespace chanyan::testing {

class TableCells {
 public:
  // Of the first sheet that is shown; `first` is a header of the table.
  TableCells(const sheet::Workbook& book, const std::string& first) {
    for (const sheet::Row& row : book.FirstVisible()->rows) {
      for (const sheet::Cell& cell : row.cells) {
        if (cell.text == first) header_ = row.number;
      }
      if (header_ != row.number) continue;
      for (const sheet::Cell& cell : row.cells) columns_[cell.text] = cell.column;
    }
  }
  // "C9" of the `line`th row below the header, from 1; 0 is the header itself.
  std::string At(const std::string& header, uint32_t line) const {
    const auto found = columns_.find(header);
    if (found == columns_.end()) {
      ADD_FAILURE() << "no column " << header;
      return "A1";
    }
    return absl::StrCat(std::string(1, static_cast<char>('A' + found->second)), header_ + line);
  }

 private:
  uint32_t header_ = 0;
  std::map<std::string, uint32_t> columns_;
};

}  // namespace chanyan::testing
