#include "common/operation/result.h"

#include <memory>

#include "common/api/json.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::operation {

std::string ResultOf(const google::protobuf::Message& reply) {
  std::string json;
  api::MessageToJson(reply, json);
  if (json.size() <= kLongestResult) return json;
  const std::unique_ptr<google::protobuf::Message> brief(reply.New());
  brief->CopyFrom(reply);
  for (int i = 0; i < reply.GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = reply.GetDescriptor()->field(i);
    if (field->is_repeated()) brief->GetReflection()->ClearField(brief.get(), field);
  }
  json.clear();
  api::MessageToJson(*brief, json);
  return json;
}

}  // namespace chanyan::operation
