#include "common/api/fields.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor_database.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;

constexpr absl::string_view kZeroSuffix = "UNSPECIFIED";

absl::string_view EnumPrefix(const pb::EnumDescriptor* type) {
  const pb::EnumValueDescriptor* zero = type->FindValueByNumber(0);
  if (zero == nullptr || !absl::EndsWith(zero->name(), kZeroSuffix)) return "";
  return absl::StripSuffix(zero->name(), kZeroSuffix);
}

std::vector<const pb::Descriptor*> FindResources() {
  std::vector<std::string> names;
  // The generated pool is filled lazily; only its database knows every file of the program.
  pb::DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::vector<const pb::Descriptor*> out;
  for (const std::string& name : names) {
    const pb::FileDescriptor* file = pb::DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; file != nullptr && i < file->message_type_count(); ++i) {
      const pb::Descriptor* type = file->message_type(i);
      if (type->options().HasExtension(google::api::resource)) out.push_back(type);
    }
  }
  std::sort(out.begin(), out.end(), [](const pb::Descriptor* a, const pb::Descriptor* b) {
    return a->full_name() < b->full_name();
  });
  return out;
}

absl::flat_hash_map<std::string, std::vector<std::string>> FindPatterns() {
  absl::flat_hash_map<std::string, std::vector<std::string>> out;
  for (const pb::Descriptor* type : LinkedResources()) {
    const auto& resource = type->options().GetExtension(google::api::resource);
    // Two services may call what they have alike.
    std::vector<std::string>& patterns = out[resource.type()];
    patterns.insert(patterns.end(), resource.pattern().begin(), resource.pattern().end());
  }
  return out;
}

}  // namespace

const options::v1::Field& FieldOptions(const pb::FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field);
}

bool HasBehavior(const pb::FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const pb::FieldOptions& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

std::string LabelOf(const pb::FieldDescriptor* field) {
  const std::string& label = FieldOptions(field).label();
  return label.empty() ? field->name() : label;
}

bool IsSet(const pb::Message& message, const pb::FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

bool IsTimestamp(const pb::FieldDescriptor* field) {
  return field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

bool IsDate(const pb::FieldDescriptor* field) {
  return field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == "google.type.Date";
}

absl::string_view ShortName(const pb::EnumValueDescriptor* value) {
  if (value->number() == 0) return "";
  return absl::StripPrefix(value->name(), EnumPrefix(value->type()));
}

const pb::EnumValueDescriptor* EnumByName(const pb::EnumDescriptor* type, absl::string_view name) {
  if (name.empty() || name == kZeroSuffix) return type->FindValueByNumber(0);
  const auto* value = type->FindValueByName(absl::StrCat(EnumPrefix(type), name));
  return value != nullptr ? value : type->FindValueByName(std::string(name));
}

const std::vector<const pb::Descriptor*>& LinkedResources() {
  static const auto* const kResources = new std::vector<const pb::Descriptor*>(FindResources());
  return *kResources;
}

const std::vector<std::string>& PatternsOfType(absl::string_view type) {
  static const auto* const kPatterns = new auto(FindPatterns());
  static const auto* const kNone = new std::vector<std::string>();
  const auto it = kPatterns->find(type);
  return it == kPatterns->end() ? *kNone : it->second;
}

std::string SnakeCase(absl::string_view camel) {
  std::string out;
  for (char c : camel) {
    if (absl::ascii_isupper(c) && !out.empty()) out += '_';
    out += absl::ascii_tolower(c);
  }
  return out;
}

}  // namespace chanyan::api
