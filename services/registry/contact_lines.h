// Persons to turn to as a cell of a sheet, a person a line, both ways (REG-10). Pure.
//
//   张三 | 主任 | 0532-85911343 | zhang@example.cn
//   李四 |  | 13812345678
//
// Name, position, telephone and e-mail stand in this order; what is missing at the end is left out.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::registry {

using Contacts = google::protobuf::RepeatedPtrField<v1::Contact>;

// Stands in the cell of those whom a caller is not told in bulk.
inline constexpr absl::string_view kContactsUntold = "（不列出）";
// Is written into the cell by who wants those that are stored taken away: an empty cell is one that
// nobody filled in.
inline constexpr absl::string_view kContactsCleared = "（清空）";

std::string ContactsText(const Contacts& contacts);

// Reads the cell in place of what is stored. An empty cell, one as ContactsText() writes what is
// stored, or one that says kContactsUntold leaves it as it is; kContactsCleared takes it away.
// Nothing is taken if anything is wrong, and every wrong line is named ("第 2 人：…"). Violations
// are of field "contacts_text".
std::vector<status::Violation> ReadContacts(absl::string_view text, Contacts* contacts);

}  // namespace chanyan::registry
