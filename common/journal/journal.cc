#include "common/journal/journal.h"

#include <memory>

#include "chanyan/options/v1/options.pb.h"
#include "common/auth/secret.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/reflection.h"
#include "google/protobuf/util/json_util.h"

namespace chanyan::journal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kAppend[] =
    "INSERT INTO journal (event_id, resource, type, kind, method, actor, organization, request_id,"
    " trace_id, time, before_json, after_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kMask[] = "***";

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).personal() !=
         options::v1::PERSONAL_DATA_UNSPECIFIED;
}

// Whether a message of this type can hold personal data anywhere. Types nest, but do not recurse in
// our protos (check-protos).
bool MayHoldPersonal(const google::protobuf::Descriptor* type, int depth = 0) {
  constexpr int kMaxDepth = 8;
  if (depth > kMaxDepth) return true;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (IsPersonal(field)) return true;
    if (field->message_type() != nullptr && MayHoldPersonal(field->message_type(), depth + 1)) {
      return true;
    }
  }
  return false;
}

void MaskPersonal(Message* message) {
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsPersonal(field) && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (field->is_repeated()) {
        for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
          reflection->SetRepeatedString(message, field, i, kMask);
        }
      } else {
        reflection->SetString(message, field, kMask);
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (field->is_repeated()) {
        for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
          MaskPersonal(reflection->MutableRepeatedMessage(message, field, i));
        }
      } else {
        MaskPersonal(reflection->MutableMessage(message, field));
      }
    }
  }
}

std::string NameOf(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("name");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return "";
  return message.GetReflection()->GetString(message, field);
}

}  // namespace

std::string CanonicalJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (MayHoldPersonal(message.GetDescriptor())) {
    std::unique_ptr<Message> copy(message.New());
    copy->CopyFrom(message);
    MaskPersonal(copy.get());
    (void)google::protobuf::util::MessageToJsonString(*copy, &json, options);
  } else {
    (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  }
  return json;
}

absl::Status Append(db::Session& session, absl::Time now, const Origin& origin,
                    absl::string_view kind, const Message* before, const Message* after) {
  const Message* one = after != nullptr ? after : before;
  if (one == nullptr) return status::Internal("journal: neither before nor after");
  std::string name = NameOf(*one);
  if (name.empty()) {
    return status::Internal("journal: a message without a name: " +
                            one->GetDescriptor()->full_name());
  }
  return session
      .Execute(kAppend,
               {auth::NewUuid(), std::move(name), std::string(one->GetDescriptor()->full_name()),
                std::string(kind), origin.method, origin.actor, origin.organization,
                origin.request_id, origin.trace_id, now,
                before == nullptr ? std::string() : CanonicalJson(*before),
                after == nullptr ? std::string() : CanonicalJson(*after)})
      .status();
}

}  // namespace chanyan::journal
