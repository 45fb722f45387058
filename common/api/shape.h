// The checks of a message type, worked out once from its descriptor. Internal to common/api.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "re2/re2.h"

namespace chanyan::api {

// Characters of a string that names no max_length of its own.
inline constexpr uint32_t kMaxLineLength = 200;
inline constexpr uint32_t kMaxStringLength = 4000;
// Bytes of a `bytes` field without max_length: a packed sheet and some room.
inline constexpr uint32_t kMaxBytesLength = 16 << 20;
// Items of a repeated field without max_items.
inline constexpr uint32_t kMaxItems = 1000;
// Levels of messages inside messages.
inline constexpr int kMaxMessageDepth = 32;

struct MessageShape;

enum class Known { kNone, kTimestamp, kDuration, kDate, kMoney, kMask };

struct FieldShape {
  const google::protobuf::FieldDescriptor* field;
  // “label”, ready for a sentence.
  std::string subject;
  bool required = false;
  bool output_only = false;
  bool is_request_id = false;
  bool is_page_size = false;
  uint32_t min_length = 0;
  uint32_t max_length = 0;
  uint32_t max_items = 0;
  std::optional<double> min;
  std::optional<double> max;
  options::v1::Format format = options::v1::FORMAT_UNSPECIFIED;
  std::unique_ptr<RE2> pattern;
  // Patterns one of which the value must follow; empty with `is_name` = any name.
  std::vector<std::string> names;
  bool is_name = false;
  // "-" is allowed as a segment (parents of lists).
  bool wildcards = false;
  // Of a message field that is walked into.
  const MessageShape* nested = nullptr;
  Known known = Known::kNone;
};

struct MessageShape {
  const google::protobuf::Descriptor* descriptor;
  bool is_resource = false;
  std::vector<FieldShape> fields;
  // Of an update request (AIP-134): the resource and the mask that says which of it counts.
  const google::protobuf::FieldDescriptor* updated = nullptr;
  const google::protobuf::FieldDescriptor* mask = nullptr;
};

// Shapes of a type and of all it holds.
class Shapes {
 public:
  const MessageShape* Add(const google::protobuf::Descriptor* descriptor);

 private:
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessageShape>> shapes_;
};

}  // namespace chanyan::api
