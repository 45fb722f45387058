// States as SQL has them, from the sets that life cycles name (policy::Bits), so that a query and a
// rule cannot come to mean different states.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/fields.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace chanyan::consortium {

// Of those of an enum in the order of their numbers, for IN: "('FILED', 'LEAD_VACANT')".
template <class State>
std::string StatesSql(uint32_t states) {
  const auto* all = google::protobuf::GetEnumDescriptor<State>();
  std::string list;
  for (int i = 0; i < all->value_count(); ++i) {
    if ((states >> all->value(i)->number() & 1) == 0) continue;
    absl::StrAppend(&list, list.empty() ? "('" : ", '", api::ShortName(all->value(i)), "'");
  }
  return list.empty() ? "(NULL)" : absl::StrCat(list, ")");
}

}  // namespace chanyan::consortium
