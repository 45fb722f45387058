#include "common/api/personal.h"

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace chanyan::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kHidden[] = "***";
// Types nest deeper only by mistake; what lies below counts as personal.
constexpr int kMaxDepth = 8;

options::v1::PersonalData KindOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).personal();
}

bool Look(const Descriptor* type, int depth) {
  if (depth > kMaxDepth) return true;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (KindOf(field) != options::v1::PERSONAL_DATA_UNSPECIFIED) return true;
    if (field->message_type() != nullptr && Look(field->message_type(), depth + 1)) return true;
  }
  return false;
}

struct KnownTypes {
  absl::Mutex mutex;
  absl::flat_hash_map<const Descriptor*, bool> types ABSL_GUARDED_BY(mutex);
};

}  // namespace

bool MayHoldPersonal(const Descriptor* type) {
  static KnownTypes* const known = new KnownTypes;
  {
    absl::ReaderMutexLock lock(&known->mutex);
    const auto found = known->types.find(type);
    if (found != known->types.end()) return found->second;
  }
  const bool personal = Look(type, 0);
  absl::MutexLock lock(&known->mutex);
  return known->types.try_emplace(type, personal).first->second;
}

std::string MaskValue(options::v1::PersonalData kind, absl::string_view value) {
  constexpr size_t kHead = 3;
  constexpr size_t kTail = 4;
  if (value.empty()) return "";
  if (kind == options::v1::PERSONAL_DATA_EMAIL) {
    const size_t at = value.find('@');
    if (at == absl::string_view::npos || at < 2) return kHidden;
    return absl::StrCat(value.substr(0, 1), kHidden, value.substr(at));
  }
  if (value.size() < kHead + kTail + 1) return kHidden;
  return absl::StrCat(value.substr(0, kHead), "****", value.substr(value.size() - kTail));
}

void MaskPersonal(Masking masking, Message* message) {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const options::v1::PersonalData kind = KindOf(field);
    const int count = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!MayHoldPersonal(field->message_type())) continue;
      for (int i = 0; i < count; ++i) {
        MaskPersonal(masking, field->is_repeated()
                                  ? reflection->MutableRepeatedMessage(message, field, i)
                                  : reflection->MutableMessage(message, field));
      }
    } else if (kind != options::v1::PERSONAL_DATA_UNSPECIFIED &&
               field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const auto mask = [&](const std::string& value) {
        return masking == Masking::kWhole ? std::string(kHidden) : MaskValue(kind, value);
      };
      for (int i = 0; i < count; ++i) {
        if (field->is_repeated()) {
          reflection->SetRepeatedString(message, field, i,
                                        mask(reflection->GetRepeatedString(*message, field, i)));
        } else {
          reflection->SetString(message, field, mask(reflection->GetString(*message, field)));
        }
      }
    }
  }
}

}  // namespace chanyan::api
