// Cells that hold a list, an item a line. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/validate.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::sheet {

// Between the parts of a line.
inline constexpr absl::string_view kBetweenParts = " | ";

// Reads one line into an item and answers what is wrong with it, or nothing.
template <class T>
using ReadLine = std::string (*)(absl::string_view line, T* item);

// Lines with something in them.
inline std::vector<std::string> LinesIn(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar("\r\n"), absl::SkipWhitespace());
}

// The lines in place of what was there; they must be good.
template <class T>
void ReadItems(const std::vector<std::string>& lines, ReadLine<T> read,
               google::protobuf::RepeatedPtrField<T>* items) {
  items->Clear();
  for (const std::string& line : lines) read(line, items->Add());
}

// What is wrong with lines of `field`, counted by `counter` ("第 2 份：…").
template <class T>
std::vector<status::Violation> LineViolations(const std::vector<std::string>& lines,
                                              absl::string_view field, absl::string_view counter,
                                              ReadLine<T> read) {
  std::vector<status::Violation> violations;
  int number = 0;
  for (const std::string& line : lines) {
    const std::string where = absl::StrCat("第 ", ++number, " ", counter, "：");
    T item;
    if (std::string problem = read(line, &item); !problem.empty()) {
      violations.push_back({std::string(field), absl::StrCat(where, problem)});
      continue;
    }
    for (const status::Violation& violation : api::Violations(item)) {
      const auto* part = T::descriptor()->FindFieldByName(violation.field);
      violations.push_back(
          {std::string(field),
           absl::StrCat(where, part->options().GetExtension(options::v1::field).label(), "：",
                        violation.description)});
    }
  }
  return violations;
}

}  // namespace chanyan::sheet
