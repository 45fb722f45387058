#include "common/api/validate.h"

#include <cmath>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/api/fields.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/shape.h"
#include "common/api/text.h"
#include "common/api/well_known.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;
using pb::Reflection;
using status::Violation;

// A hostile message must not make us write a book.
constexpr size_t kMaxViolations = 100;

// Path of the field being looked at, built only when there is something to report.
struct Path {
  const Path* up;
  absl::string_view name;
  int index;  // of an item; -1 if the field is not repeated

  std::string Text() const {
    std::string text = up == nullptr ? "" : absl::StrCat(up->Text(), ".");
    absl::StrAppend(&text, name);
    if (index >= 0) absl::StrAppend(&text, "[", index, "]");
    return text;
  }
};

class Walk {
 public:
  explicit Walk(Direction direction) : direction_(direction) {}

  void Look(const MessageShape& shape, const Message& message, const Path* up, int depth);
  std::vector<Violation> Take() { return std::move(violations_); }

 private:
  void LookAtField(const MessageShape& shape, const FieldShape& field, const Message& message,
                   const Path* up, int depth);
  void LookAtUpdate(const MessageShape& shape, const FieldShape& field, const Message& message,
                    const Path& path, int depth);
  void LookAtItem(const FieldShape& field, const Message& message, const Path& path, int depth);
  void LookAtString(const FieldShape& field, const std::string& value, const Path& path);
  void LookAtName(const FieldShape& field, const std::string& value, const Path& path);
  void LookAtNumber(const FieldShape& field, double value, const Path& path);
  bool IsServerOwned(const MessageShape& shape, const FieldShape& field) const {
    return direction_ == Direction::kInput && field.output_only &&
           !(shape.is_resource && field.field->name() == "name");
  }
  void Add(const Path& path, std::string description) {
    if (violations_.size() < kMaxViolations) {
      violations_.push_back({path.Text(), std::move(description)});
    }
  }

  const Direction direction_;
  // Of the message being updated: only these fields of it count; null = all.
  const absl::flat_hash_set<std::string>* only_ = nullptr;
  // Required fields of the message being updated may be absent.
  bool partial_ = false;
  std::vector<Violation> violations_;
};

// Whether absence shows: a number or a bool without presence is always there.
bool CanBeMissing(const FieldDescriptor* field) {
  return field->is_repeated() || field->has_presence() ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
}

bool IsBlank(const Message& message, const FieldDescriptor* field) {
  if (field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) return false;
  std::string scratch;
  const std::string& text = message.GetReflection()->GetStringReference(message, field, &scratch);
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

void Walk::Look(const MessageShape& shape, const Message& message, const Path* up, int depth) {
  const auto* only = only_;
  const bool partial = partial_;
  for (const FieldShape& field : shape.fields) {
    if (only != nullptr && !only->contains(field.field->name())) continue;
    // What holds for the updated resource holds for its own fields, not for those deeper down.
    only_ = nullptr;
    partial_ = partial;
    LookAtField(shape, field, message, up, depth);
    if (violations_.size() >= kMaxViolations) break;
  }
  only_ = nullptr;
  partial_ = false;
}

void Walk::LookAtField(const MessageShape& shape, const FieldShape& field, const Message& message,
                       const Path* up, int depth) {
  const Path path{up, field.field->name(), -1};
  const bool partial = partial_;
  partial_ = false;
  if (!IsSet(message, field.field)) {
    if (field.required && !partial && CanBeMissing(field.field)) {
      Add(path, absl::StrCat(field.subject, "不能为空"));
      return;
    }
    if (field.field->is_repeated() || field.field->has_presence() ||
        field.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      return;
    }
  } else if (IsServerOwned(shape, field)) {
    Add(path, absl::StrCat(field.subject, "由系统生成，不能填写"));
    return;
  } else if (field.required && IsBlank(message, field.field)) {
    Add(path, absl::StrCat(field.subject, "不能只有空格"));
    return;
  }
  if (field.field == shape.updated) return LookAtUpdate(shape, field, message, path, depth);
  if (field.field == shape.mask) return;
  if (!field.field->is_repeated()) return LookAtItem(field, message, path, depth);
  const int size = message.GetReflection()->FieldSize(message, field.field);
  if (static_cast<uint32_t>(size) > field.max_items) {
    Add(path, absl::StrFormat("%s最多 %d 项，现有 %d 项", field.subject, field.max_items, size));
    return;
  }
  for (int i = 0; i < size; ++i) {
    LookAtItem(field, message, Path{up, field.field->name(), i}, depth);
  }
}

void Walk::LookAtUpdate(const MessageShape& shape, const FieldShape& field, const Message& message,
                        const Path& path, int depth) {
  const auto& mask =
      static_cast<const pb::FieldMask&>(message.GetReflection()->GetMessage(message, shape.mask));
  for (Violation& wrong : MaskViolations(shape.updated->message_type(), mask)) {
    if (violations_.size() < kMaxViolations) violations_.push_back(std::move(wrong));
  }
  absl::flat_hash_set<std::string> only = {"name", "etag"};
  for (const std::string& masked : mask.paths()) only.insert(masked.substr(0, masked.find('.')));
  const bool full = only.contains("*");
  if (!full && mask.paths_size() > 0) only_ = &only;
  partial_ = !full;
  LookAtItem(field, message, path, depth);
  only_ = nullptr;
  partial_ = false;
}

void Walk::LookAtItem(const FieldShape& shape, const Message& message, const Path& path,
                      int depth) {
  const FieldDescriptor* field = shape.field;
  const Reflection* r = message.GetReflection();
  const int i = path.index;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return LookAtString(shape,
                          i < 0 ? r->GetStringReference(message, field, &scratch)
                                : r->GetRepeatedStringReference(message, field, i, &scratch),
                          path);
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return LookAtNumber(
          shape, i < 0 ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, i),
          path);
    case FieldDescriptor::CPPTYPE_INT64:
      return LookAtNumber(
          shape, i < 0 ? r->GetInt64(message, field) : r->GetRepeatedInt64(message, field, i),
          path);
    case FieldDescriptor::CPPTYPE_UINT32:
      return LookAtNumber(
          shape, i < 0 ? r->GetUInt32(message, field) : r->GetRepeatedUInt32(message, field, i),
          path);
    case FieldDescriptor::CPPTYPE_UINT64:
      return LookAtNumber(
          shape, i < 0 ? r->GetUInt64(message, field) : r->GetRepeatedUInt64(message, field, i),
          path);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return LookAtNumber(
          shape, i < 0 ? r->GetFloat(message, field) : r->GetRepeatedFloat(message, field, i),
          path);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return LookAtNumber(
          shape, i < 0 ? r->GetDouble(message, field) : r->GetRepeatedDouble(message, field, i),
          path);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          i < 0 ? r->GetEnumValue(message, field) : r->GetRepeatedEnumValue(message, field, i);
      if (field->enum_type()->FindValueByNumber(number) == nullptr) {
        Add(path, absl::StrFormat("%s没有编号为 %d 的选项", shape.subject, number));
      } else if (number == 0 && i >= 0) {
        Add(path, absl::StrCat(shape.subject, "的每一项都要选定"));
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& item =
          i < 0 ? r->GetMessage(message, field) : r->GetRepeatedMessage(message, field, i);
      if (shape.nested == nullptr) {
        const std::string wrong = CheckKnown(shape.known, item);
        if (!wrong.empty()) Add(path, absl::StrCat(shape.subject, wrong));
      } else if (depth >= kMaxMessageDepth) {
        Add(path, absl::StrFormat("%s嵌套超过 %d 层", shape.subject, kMaxMessageDepth));
      } else {
        Look(*shape.nested, item, &path, depth + 1);
      }
      return;
    }
  }
}

void Walk::LookAtString(const FieldShape& field, const std::string& value, const Path& path) {
  if (field.field->type() == FieldDescriptor::TYPE_BYTES) {
    if (value.size() > field.max_length) {
      Add(path, absl::StrFormat("%s最大 %d 字节", field.subject, field.max_length));
    }
    return;
  }
  // Bytes are never fewer than code points: a short answer for what is far too long.
  const int64_t length =
      value.size() > 4 * size_t{field.max_length} ? INT64_MAX : CodePoints(value);
  if (length < 0 || value.find('\0') != std::string::npos) {
    return Add(path, absl::StrCat(field.subject, "不是有效的 UTF-8 文本"));
  }
  if (length > field.max_length) {
    return Add(path, absl::StrFormat("%s最多 %d 个字符", field.subject, field.max_length));
  }
  if (length < field.min_length) {
    return Add(path, absl::StrFormat("%s至少 %d 个字符", field.subject, field.min_length));
  }
  if (field.is_request_id && !IsUuid(value)) {
    return Add(path, "请求编号应为 UUID，如 0b9c1a3e-6a0f-4d6c-9b1e-2f7c5d8e4a10");
  }
  if (field.pattern != nullptr && !RE2::FullMatch(value, *field.pattern)) {
    return Add(path, absl::StrCat(field.subject, "格式不正确，应符合 ", field.pattern->pattern()));
  }
  if (field.is_name && !value.empty()) return LookAtName(field, value, path);
  const std::string wrong = CheckFormat(field.format, value);
  if (!wrong.empty()) Add(path, absl::StrCat(field.subject, wrong));
}

void Walk::LookAtName(const FieldShape& field, const std::string& value, const Path& path) {
  if (field.names.empty()) {
    if (!IsName(value)) Add(path, absl::StrCat(field.subject, "不是有效的资源名称"));
    return;
  }
  for (const std::string& pattern : field.names) {
    if (ParseName(pattern, value, field.wildcards)) return;
  }
  Add(path, absl::StrCat(field.subject, "应为资源名称，形如 ", absl::StrJoin(field.names, " 或 ")));
}

std::string NumberText(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  return absl::StrCat(number);
}

void Walk::LookAtNumber(const FieldShape& field, double value, const Path& path) {
  if (!std::isfinite(value)) return Add(path, absl::StrCat(field.subject, "应为有限的数值"));
  if (field.is_page_size && value < 0) return Add(path, "每页条数不能为负数");
  if (field.min && value < *field.min) {
    Add(path, absl::StrCat(field.subject, "不能小于 ", NumberText(*field.min)));
  } else if (field.max && value > *field.max) {
    Add(path, absl::StrCat(field.subject, "不能大于 ", NumberText(*field.max)));
  }
}

// Shapes of the generated types live as long as the program; those of a pool made at run time may
// not, and are worked out each time.
const MessageShape* CachedShape(const pb::Descriptor* descriptor) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const shapes ABSL_GUARDED_BY(mutex) = new Shapes;
  thread_local absl::flat_hash_map<const pb::Descriptor*, const MessageShape*> seen;
  const MessageShape*& slot = seen[descriptor];
  if (slot == nullptr) {
    absl::MutexLock lock(&mutex);
    slot = shapes->Add(descriptor);
  }
  return slot;
}

}  // namespace

std::vector<Violation> Violations(const Message& message, Direction direction) {
  const pb::Descriptor* descriptor = message.GetDescriptor();
  Walk walk(direction);
  if (descriptor->file()->pool() == pb::DescriptorPool::generated_pool()) {
    walk.Look(*CachedShape(descriptor), message, nullptr, 0);
  } else {
    Shapes shapes;
    walk.Look(*shapes.Add(descriptor), message, nullptr, 0);
  }
  return walk.Take();
}

absl::Status Validate(const Message& message, Direction direction) {
  std::vector<Violation> violations = Violations(message, direction);
  if (violations.empty()) return absl::OkStatus();
  return status::InvalidFields(std::move(violations));
}

}  // namespace chanyan::api
