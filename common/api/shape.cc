#include "common/api/shape.h"

#include "absl/strings/str_cat.h"
#include "common/api/fields.h"
#include "common/api/names.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/stubs/logging.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

Known KnownType(const FieldDescriptor* field) {
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return Known::kNone;
  const std::string& name = field->message_type()->full_name();
  if (name == "google.protobuf.Timestamp") return Known::kTimestamp;
  if (name == "google.protobuf.Duration") return Known::kDuration;
  if (name == "google.type.Date") return Known::kDate;
  if (name == "google.type.Money") return Known::kMoney;
  if (name == "google.protobuf.FieldMask") return Known::kMask;
  return Known::kNone;
}

bool IsResource(const pb::Descriptor* type) {
  return type->options().HasExtension(google::api::resource) ||
         type->options().HasExtension(options::v1::resource);
}

uint32_t MaxLength(const FieldDescriptor* field, const options::v1::Field& options) {
  if (options.max_length() > 0) return options.max_length();
  if (field->type() == FieldDescriptor::TYPE_BYTES) return kMaxBytesLength;
  return options.format() == options::v1::FORMAT_LINE ? kMaxLineLength : kMaxStringLength;
}

// What a field calls by its type is of its own service, if that has one; a follow-up is a
// conference's in one and a result's in another.
std::vector<std::string> PatternsFor(const FieldDescriptor* field, const std::string& type) {
  for (const pb::Descriptor* resource : LinkedResources()) {
    const auto& one = resource->options().GetExtension(google::api::resource);
    if (one.type() == type && resource->file()->package() == field->file()->package()) {
      return {one.pattern().begin(), one.pattern().end()};
    }
  }
  return PatternsOfType(type);
}

void SetReference(const FieldDescriptor* field, FieldShape* shape) {
  if (field->type() != FieldDescriptor::TYPE_STRING) return;
  if (HasBehavior(field, google::api::IDENTIFIER)) {
    const auto& own = field->containing_type()->options().GetExtension(google::api::resource);
    shape->is_name = true;
    shape->names.assign(own.pattern().begin(), own.pattern().end());
  }
  if (!field->options().HasExtension(google::api::resource_reference)) return;
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  shape->is_name = true;
  shape->wildcards = field->name() == "parent";
  if (!reference.type().empty() && reference.type() != "*") {
    shape->names = PatternsFor(field, reference.type());
  }
  // A child's parent: its pattern without collection and id.
  for (const std::string& pattern : PatternsFor(field, reference.child_type())) {
    const absl::string_view parent = ParentOfName(pattern);
    if (!parent.empty()) shape->names.emplace_back(parent);
  }
}

FieldShape ShapeOfField(const FieldDescriptor* field) {
  const options::v1::Field& options = FieldOptions(field);
  FieldShape shape;
  shape.field = field;
  shape.subject = absl::StrCat("“", LabelOf(field), "”");
  shape.required = HasBehavior(field, google::api::REQUIRED);
  shape.output_only = HasBehavior(field, google::api::OUTPUT_ONLY);
  shape.is_request_id =
      field->name() == "request_id" && field->type() == FieldDescriptor::TYPE_STRING;
  shape.is_page_size = field->name() == "page_size";
  shape.min_length = options.min_length();
  shape.max_length = MaxLength(field, options);
  shape.max_items = options.max_items() > 0 ? options.max_items() : kMaxItems;
  if (options.has_min()) shape.min = options.min();
  if (options.has_max()) shape.max = options.max();
  shape.format = options.format();
  if (!options.pattern().empty()) {
    shape.pattern = std::make_unique<RE2>(options.pattern(), RE2::Quiet);
    GOOGLE_CHECK(shape.pattern->ok()) << field->full_name() << ": " << shape.pattern->error();
  }
  SetReference(field, &shape);
  shape.known = KnownType(field);
  return shape;
}

// The one resource beside `update_mask`.
void SetUpdated(MessageShape* shape) {
  const FieldDescriptor* mask = shape->descriptor->FindFieldByName("update_mask");
  if (mask == nullptr || KnownType(mask) != Known::kMask) return;
  for (int i = 0; i < shape->descriptor->field_count(); ++i) {
    const FieldDescriptor* field = shape->descriptor->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
        IsResource(field->message_type())) {
      shape->updated = field;
      shape->mask = mask;
    }
  }
}

}  // namespace

const MessageShape* Shapes::Add(const pb::Descriptor* descriptor) {
  auto& slot = shapes_[descriptor];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<MessageShape>();
  MessageShape* const shape = slot.get();
  shape->descriptor = descriptor;
  shape->is_resource = IsResource(descriptor);
  SetUpdated(shape);
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    shape->fields.push_back(ShapeOfField(field));
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        shape->fields.back().known == Known::kNone) {
      // A type may hold itself: the slot above already stands for it.
      const MessageShape* nested = Add(field->message_type());
      shape->fields.back().nested = nested;
    }
  }
  return shape;
}

}  // namespace chanyan::api
