#include "common/api/mask.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/api/differences.h"
#include "common/api/fields.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;
using status::Violation;

constexpr absl::string_view kAll = "*";

using FieldPath = std::vector<const FieldDescriptor*>;

// Name and etag say which row and which state of it; they are no content.
bool IsHandle(const FieldDescriptor* field) {
  return field->name() == "name" || field->name() == "etag";
}

bool IsOurs(const FieldDescriptor* field) {
  return HasBehavior(field, google::api::OUTPUT_ONLY) || FieldOptions(field).computed();
}

// The fields along a path, or what is wrong with it.
std::string Resolve(const pb::Descriptor* type, absl::string_view path, FieldPath* out) {
  const std::vector<absl::string_view> segments = absl::StrSplit(path, '.');
  if (segments.size() > kMaxMaskDepth) {
    return absl::StrFormat("“%s”超过 %d 层", path, kMaxMaskDepth);
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    const FieldDescriptor* field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(segments[i]));
    if (field == nullptr) return absl::StrCat("没有名为“", path, "”的字段");
    if (IsOurs(field)) return absl::StrCat("“", LabelOf(field), "”由系统生成，不能修改");
    out->push_back(field);
    // Items of a list have no path: a list is replaced as a whole.
    type = field->is_repeated() ? nullptr : field->message_type();
  }
  return "";
}

// Paths as fields; an empty mask and "*" become the fields they stand for.
std::vector<FieldPath> Expand(const pb::FieldMask& mask, const Message& update) {
  std::vector<FieldPath> out;
  const bool all = mask.paths_size() == 1 && mask.paths(0) == kAll;
  if (!all) {
    for (const std::string& path : mask.paths()) {
      Resolve(update.GetDescriptor(), path, &out.emplace_back());
    }
    if (!out.empty()) return out;
  }
  for (int i = 0; i < update.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = update.GetDescriptor()->field(i);
    if (!IsHandle(field) && !IsOurs(field) && (all || IsSet(update, field))) out.push_back({field});
  }
  return out;
}

class Apply {
 public:
  explicit Apply(const Message& update) : prefix_(SnakeCase(update.GetDescriptor()->name())) {}

  void Path(const FieldPath& path, const Message& from, Message* to) {
    const Message* source = &from;
    Message* target = to;
    std::string place = prefix_;
    for (size_t i = 0; i < path.size(); ++i) {
      const FieldDescriptor* field = path[i];
      absl::StrAppend(&place, ".", field->name());
      const bool last = i + 1 == path.size();
      if (HasBehavior(field, google::api::IMMUTABLE) && IsSet(*target, field) &&
          !SameField(*source, *target, field)) {
        violations.push_back({place, absl::StrCat("“", LabelOf(field), "”一经填写不能修改")});
        return;
      }
      if (last) return CopyField(*source, field, target);
      // A path into a message that is absent on both sides changes nothing.
      if (!IsSet(*source, field) && !IsSet(*target, field)) return;
      source = &source->GetReflection()->GetMessage(*source, field);
      target = target->GetReflection()->MutableMessage(target, field);
    }
  }

  std::vector<Violation> violations;

 private:
  const std::string prefix_;
};

std::string StringField(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

}  // namespace

std::vector<Violation> MaskViolations(const pb::Descriptor* resource, const pb::FieldMask& mask,
                                      absl::string_view field) {
  std::vector<Violation> out;
  if (mask.paths_size() > kMaxMaskPaths) {
    out.push_back({std::string(field), absl::StrFormat("修改范围最多 %d 个字段", kMaxMaskPaths)});
    return out;
  }
  if (mask.paths_size() == 1 && mask.paths(0) == kAll) return out;
  for (const std::string& path : mask.paths()) {
    FieldPath ignored;
    std::string wrong =
        path == kAll ? "“*”不能与其他字段同时使用" : Resolve(resource, path, &ignored);
    if (wrong.empty() && IsHandle(ignored.front())) {
      wrong = absl::StrCat("“", LabelOf(ignored.front()), "”不能修改");
    }
    if (!wrong.empty()) out.push_back({std::string(field), std::move(wrong)});
  }
  return out;
}

absl::Status CheckEtag(absl::string_view given, absl::string_view current, absl::string_view name) {
  if (given.empty() || given == current) return absl::OkStatus();
  return status::StaleEtag(name);
}

absl::Status ApplyMask(const pb::FieldMask& mask, const Message& update, Message* row) {
  std::vector<Violation> violations = MaskViolations(update.GetDescriptor(), mask);
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  CHANYAN_RETURN_IF_ERROR(
      CheckEtag(StringField(update, "etag"), StringField(*row, "etag"), StringField(*row, "name")));
  std::unique_ptr<Message> changed(row->New());
  changed->CopyFrom(*row);
  Apply apply(update);
  for (const FieldPath& path : Expand(mask, update)) apply.Path(path, update, changed.get());
  if (!apply.violations.empty()) return status::InvalidFields(std::move(apply.violations));
  row->GetReflection()->Swap(row, changed.get());
  return absl::OkStatus();
}

}  // namespace chanyan::api
