#include "services/registry/platform_content.h"

#include "common/api/differences.h"
#include "common/api/fields.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;

std::vector<const FieldDescriptor*> FindContentFields() {
  std::vector<const FieldDescriptor*> out;
  const auto* type = v1::Platform::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->name() == "name" || field->name() == "etag" ||
        api::HasBehavior(field, google::api::OUTPUT_ONLY)) {
      continue;
    }
    out.push_back(field);
  }
  return out;
}

}  // namespace

const std::vector<const FieldDescriptor*>& ContentFields() {
  static const auto* const kFields = new auto(FindContentFields());
  return *kFields;
}

v1::Platform ContentOf(const v1::Platform& platform) {
  v1::Platform content;
  CopyContent(platform, &content);
  return content;
}

bool SameContent(const v1::Platform& a, const v1::Platform& b) {
  return MessageDifferencer().CompareWithFields(a, b, ContentFields(), ContentFields());
}

void CopyContent(const v1::Platform& from, v1::Platform* to) {
  v1::Platform copy = from;
  to->GetReflection()->SwapFields(&copy, to, ContentFields());
}

bool Rebase(const v1::Platform& published, v1::PlatformRevision* revision) {
  if (SameContent(published, revision->replaced())) return false;
  for (const FieldDescriptor* field : ContentFields()) {
    if (api::SameField(revision->replaced(), revision->proposed(), field)) {
      api::CopyField(published, field, revision->mutable_proposed());
    }
  }
  *revision->mutable_replaced() = ContentOf(published);
  return true;
}

}  // namespace chanyan::registry
