// What is kept of the answer of an RPC that was done as an operation.
#pragma once

#include <cstddef>
#include <string>

#include "google/protobuf/message.h"

namespace chanyan::operation {

// Bytes of the longest `result` of an operation, which each of its watchers is sent.
inline constexpr size_t kLongestResult = 1'000'000;

// The answer as its JSON; of one that is longer, without what is repeated: whoever wants that reads
// what the answer names.
std::string ResultOf(const google::protobuf::Message& reply);

}  // namespace chanyan::operation
