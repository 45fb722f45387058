#include "services/triage/changed_content.h"

#include <algorithm>

#include "chanyan/options/v1/options.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::triage {
namespace {

using google::protobuf::FieldDescriptor;

bool IsContent(const FieldDescriptor* field) {
  const auto& options = field->options().GetExtension(options::v1::field);
  if (options.computed() || field->name() == "name" || field->name() == "etag") return false;
  const auto& behaviors = field->options().GetRepeatedExtension(google::api::field_behavior);
  return std::none_of(behaviors.begin(), behaviors.end(), [](int behavior) {
    return behavior == google::api::OUTPUT_ONLY || behavior == google::api::IDENTIFIER;
  });
}

}  // namespace

std::vector<std::string> ChangedContent(const google::protobuf::Message& before,
                                        const google::protobuf::Message& after) {
  std::vector<std::string> changed;
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = before.GetDescriptor()->field(i);
    if (!IsContent(field)) continue;
    google::protobuf::util::MessageDifferencer differencer;
    const std::vector<const FieldDescriptor*> one = {field};
    if (!differencer.CompareWithFields(before, after, one, one)) {
      changed.push_back(field->options().GetExtension(options::v1::field).label());
    }
  }
  return changed;
}

}  // namespace chanyan::triage
