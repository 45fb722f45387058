// Entries of journals as other services write them.
#pragma once

#include <string>

#include "common/journal/journal.h"
#include "google/protobuf/message.h"

namespace chanyan::cycle {

// What became of a resource by an act of that kind.
template <class T>
journal::v1::Entry EntryOf(const std::string& kind, const T& after) {
  journal::v1::Entry entry;
  entry.set_type(T::descriptor()->full_name());
  entry.set_resource(after.name());
  entry.set_kind(kind);
  entry.set_after_json(journal::CanonicalJson(after));
  return entry;
}

}  // namespace chanyan::cycle
