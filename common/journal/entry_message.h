// The resource that an entry of a journal is about, as a message.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/api/json.h"
#include "common/status/status.h"

namespace chanyan::journal {

// As it was after the change, without the personal data that the journal leaves out; fields of a
// newer version are passed over. INTERNAL if it cannot be read; the entry must have an
// `after_json`.
template <class T>
absl::StatusOr<T> MessageAfter(const v1::Entry& entry) {
  T message;
  if (!api::JsonToMessage(entry.after_json(), message, api::JsonSource::kStored).ok()) {
    return status::Internal("journal: an entry that cannot be read");
  }
  return message;
}

// The same of an entry of any type; nothing unless it says what became of a T that can be read.
template <class T>
std::optional<T> AfterIf(const v1::Entry& entry) {
  if (entry.type() != T::descriptor()->full_name() || entry.after_json().empty()) {
    return std::nullopt;
  }
  absl::StatusOr<T> message = MessageAfter<T>(entry);
  if (!message.ok()) return std::nullopt;
  return *std::move(message);
}

}  // namespace chanyan::journal
