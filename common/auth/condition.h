// The `where` of a grant: the part of AIP-160 that a grant needs, over a resource's own fields.
//
//   state = PUBLISHED AND NOT (secret = true OR level > 3) AND zones:"高新区"
//
// Comparison of a string, enum, bool or integer field with a constant (=, !=, <, <=, >, >=; the
// ordered ones for integers), `:` for "a repeated string or enum field contains", AND, OR, NOT and
// parentheses; as in AIP-160, OR binds tighter than AND. Enum constants are short names, as in the
// table. It is one tree with two readings: SQL for rows, Holds for messages.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/predicate.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::auth {

// Immutable, thread-safe.
class Condition {
 public:
  enum class Operator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas };

  // INVALID_ARGUMENT (INVALID_FILTER) that says where it stops making sense.
  static absl::StatusOr<Condition> Parse(const google::protobuf::Descriptor* resource,
                                         absl::string_view text);
  // `owner`'s grant: the field equals `value`, or contains it if it is repeated. INVALID_ARGUMENT
  // if the resource has no such string field.
  static absl::StatusOr<Condition> Owned(const google::protobuf::Descriptor* resource,
                                         absl::string_view field, absl::string_view value);

  db::Predicate Sql() const;
  bool Holds(const google::protobuf::Message& row) const;

 private:
  friend class ConditionParser;
  enum class Kind { kCompare, kAnd, kOr, kNot };

  Kind kind_ = Kind::kCompare;
  std::vector<Condition> children_;
  // Of a comparison: the field and a constant of its type (enum short name in `text_`).
  const google::protobuf::FieldDescriptor* field_ = nullptr;
  Operator operator_ = Operator::kEqual;
  std::string text_;
  int64_t number_ = 0;
};

// ORGANIZATION_KIND_ENTERPRISE is ENTERPRISE in tables and filters; the zero value is "".
std::string ShortName(const google::protobuf::EnumValueDescriptor* value);

}  // namespace chanyan::auth
