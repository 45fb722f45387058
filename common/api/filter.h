// The filter language of List calls: a subset of AIP-160.
//
//   kind = ENTERPRISE AND (zone = "青岛蓝谷" OR update_time >= 2025-04-01T00:00:00+08:00)
//   display_name:"海洋" AND NOT industries:"海洋装备" AND -disabled = true
//
// A field stands on the left and a literal on the right of = != < <= > >= or `:`. On a text `:` is
// "contains", on a repeated field "has the item", and `field:*` is "is set". As in AIP-160, OR
// binds tighter than AND, and both are written in capitals. Literals: text (in quotes if it holds
// spaces or signs), numbers, true and false, short names of enum values, RFC 3339 times, dates. A
// date for a time stands for its first instant in Asia/Shanghai. Against an absent value only !=
// holds.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::api {

// Bytes of a filter.
inline constexpr size_t kMaxFilterLength = 2000;
// Parentheses and negations inside each other.
inline constexpr int kMaxFilterDepth = 16;
// Comparisons in a filter.
inline constexpr int kMaxFilterTerms = 50;

enum class FilterOp { kEq, kNe, kLt, kLe, kGt, kGe, kHas };

// Right side of a comparison, read as its field asks. monostate: `*`, any value.
using Operand = std::variant<std::monostate, bool, int64_t, double, std::string, absl::Time,
                             absl::CivilDay, const google::protobuf::EnumValueDescriptor*>;

struct Filter {
  // kAll is the empty filter. kNot has one child, kAnd and kOr two or more.
  enum class Kind { kAll, kAnd, kOr, kNot, kCompare };
  Kind kind = Kind::kAll;
  std::vector<Filter> children;

  // Of a comparison, as written; columns count characters from 1.
  std::string field_name;
  int field_column = 0;
  FilterOp op = FilterOp::kEq;
  std::string literal;
  bool quoted = false;
  int literal_column = 0;
  // Of a comparison, after BindFilter.
  const google::protobuf::FieldDescriptor* field = nullptr;
  Operand operand;
};

// INVALID_ARGUMENT (INVALID_FILTER) on `filter` with the place of the fault.
absl::StatusOr<Filter> ParseFilter(absl::string_view text);

// Finds fields and reads literals. INVALID_FILTER for a field that is not marked filterable, with
// the list of those that are, and for an operator or a literal that does not fit the field.
absl::Status BindFilter(const google::protobuf::Descriptor* resource, Filter* filter);

}  // namespace chanyan::api
