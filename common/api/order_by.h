// `order_by` of List calls (AIP-132): "update_time desc, display_name".
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::api {

// Fields of one order.
inline constexpr size_t kMaxOrderFields = 3;
// Bytes of an order.
inline constexpr size_t kMaxOrderByLength = 300;

struct OrderField {
  const google::protobuf::FieldDescriptor* field;
  bool descending;
};

// Empty text = no fields. INVALID_ARGUMENT (INVALID_FILTER) on `order_by` for a field that is not
// marked sortable (`name` always is), with the list of those that are, or that is named twice.
absl::StatusOr<std::vector<OrderField>> ParseOrderBy(const google::protobuf::Descriptor* resource,
                                                     absl::string_view text);

}  // namespace chanyan::api
