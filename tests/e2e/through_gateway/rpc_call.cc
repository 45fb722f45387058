#include "tests/e2e/through_gateway/rpc_call.h"

#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/json.h"
#include "common/auth/policy_check.h"
#include "google/api/annotations.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "tools/demo/uscc.h"

namespace chanyan::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Collections whose ids have a shape of their own: what exists, what does not.
const std::map<std::string, std::pair<std::string, std::string>>& ShapedIds() {
  static const auto& ids = *new std::map<std::string, std::pair<std::string, std::string>>{
      {"cycles", {"2025q2", "2024q1"}},
      {"useRecords", {"2025", "2019"}},
      {"rosters", {"2025-04-01", "2019-04-01"}},
      // The services that keep a journal and operations.
      {"journals", {"registry", "registry"}},
      {"services", {"registry", "registry"}},
  };
  return ids;
}

std::string IdIn(const std::string& collection, const std::string& id) {
  const auto shaped = ShapedIds().find(collection);
  if (shaped == ShapedIds().end()) return id;
  return id == kAbsentId ? shaped->second.second : shaped->second.first;
}

// A value for each pattern that the protos have.
std::string OfPattern(const std::string& pattern) {
  static const auto& samples = *new std::map<std::string, std::string>{
      {"[0-9a-f]{64}", std::string(64, 'a')},
      {"[0-9a-f]{16,64}", std::string(16, 'a')},
      {"[0-9]{4}q[1-4]", "2025q2"},
      {"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2025-04-01"},
      {"accounts/[A-Za-z0-9._~-]+", absl::StrCat("accounts/", kId)},
      {"(results|demands)/[A-Za-z0-9._~-]+", absl::StrCat("results/", kId)},
      {"(frameAgreements|conferences|coBuiltBases)/[A-Za-z0-9._~-]+(/followUps/[A-Za-z0-9._~-]+)?",
       absl::StrCat("frameAgreements/", kId)},
      {"https?://[!-~]+", "https://chanyan.test/"},
      {"[a-z]+/[a-z0-9][a-z0-9.+-]*", "application/pdf"}};
  if (const auto known = samples.find(pattern); known != samples.end()) return known->second;
  return absl::StrContains(pattern, "/") ? absl::StrCat("results/", kId) : "abc";
}

const Descriptor* TypeNamed(const std::string& type) {
  for (const Descriptor* resource : StoredTypes()) {
    if (resource->options().GetExtension(google::api::resource).type() == type) return resource;
  }
  return nullptr;
}

std::string SampleText(const FieldDescriptor* field) {
  const auto& shape = field->options().GetExtension(options::v1::field);
  if (!shape.pattern().empty()) return OfPattern(shape.pattern());
  const auto& reference = field->options().GetExtension(google::api::resource_reference);
  if (const Descriptor* type = TypeNamed(reference.type()); type != nullptr) {
    return NameOf(StarsOf(type));
  }
  if (!reference.type().empty()) return absl::StrCat("organizations/", kId);
  switch (shape.format()) {
    case options::v1::FORMAT_USCC:
      return demo::InventedUscc("370211", 77);
    case options::v1::FORMAT_REGION_CODE:
      return "370211";
    case options::v1::FORMAT_EMAIL:
      return "nobody@chanyan.test";
    case options::v1::FORMAT_PHONE:
      return "0532-85880000";
    default:
      return std::string(std::max<uint32_t>(shape.min_length(), 3), 'x');
  }
}

void Fill(Message* message, int depth);

void FillMessage(Message* inner, int depth) {
  const std::string& type = inner->GetDescriptor()->full_name();
  std::string error;
  if (type == "google.type.Date") {
    for (const auto& [part, number] : {std::pair("year", 2025), {"month", 6}, {"day", 3}}) {
      inner->GetReflection()->SetInt32(inner, inner->GetDescriptor()->FindFieldByName(part),
                                       number);
    }
  } else if (type == "google.protobuf.Timestamp") {
    const auto* seconds = inner->GetDescriptor()->FindFieldByName("seconds");
    inner->GetReflection()->SetInt64(inner, seconds, 1'750'000'000);
  } else if (type == api::kHttpBody) {
    const auto* shape = inner->GetDescriptor();
    inner->GetReflection()->SetString(inner, shape->FindFieldByName("content_type"),
                                      "application/pdf");
    inner->GetReflection()->SetString(inner, shape->FindFieldByName("data"), "x");
  } else if (depth < 8) {
    Fill(inner, depth + 1);
  }
}

void FillField(Message* message, const FieldDescriptor* field, int depth) {
  const auto* reflection = message->GetReflection();
  const bool many = field->is_repeated();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return FillMessage(
        many ? reflection->AddMessage(message, field) : reflection->MutableMessage(message, field),
        depth);
  }
  std::string text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ? SampleText(field)
                     : field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? "true"
                                                                          : "";
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    text = field->enum_type()->value(1)->name();
  } else if (text.empty()) {
    const auto& shape = field->options().GetExtension(options::v1::field);
    text = absl::StrFormat("%d", static_cast<int64_t>(std::max(shape.min(), 1.0)));
  }
  std::string error;
  if (field->type() == FieldDescriptor::TYPE_BYTES) {
    reflection->SetString(message, field, "x");
  } else {
    api::SetFieldFromText(*message, *field, text, error);
  }
}

void Fill(Message* message, int depth) {
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (api::HasBehavior(field, google::api::REQUIRED)) FillField(message, field, depth);
  }
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || absl::StrContains("-._~", absl::string_view(&c, 1))) {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// What is set, as parameters of a query.
void AppendQuery(const Message& message, const std::string& prefix,
                 std::vector<std::string>* query) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const std::string name = prefix + field->name();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
        field->message_type()->full_name() != "google.protobuf.Timestamp") {
      AppendQuery(message.GetReflection()->GetMessage(message, field), name + ".", query);
      continue;
    }
    std::string json;
    api::FieldToJson(message, *field, json);
    if (absl::StartsWith(json, "[")) json = json.substr(1, json.size() - 2);
    if (absl::StartsWith(json, "\"")) json = json.substr(1, json.size() - 2);
    query->push_back(absl::StrCat(name, "=", Escaped(json)));
  }
}

// The field that a dotted path leads to, in its message.
std::pair<Message*, const FieldDescriptor*> Leaf(Message* message, const std::string& path) {
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    message = message->GetReflection()->MutableMessage(
        message, message->GetDescriptor()->FindFieldByName(names[i]));
  }
  return {message, message->GetDescriptor()->FindFieldByName(names.back())};
}

}  // namespace

std::vector<const MethodDescriptor*> AllRpcs() {
  std::vector<const MethodDescriptor*> rpcs;
  for (const auto* file : auth::LinkedFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        rpcs.push_back(file->service(s)->method(m));
      }
    }
  }
  return rpcs;
}

std::vector<const Descriptor*> StoredTypes() {
  std::vector<const Descriptor*> types;
  for (const auto* file : auth::LinkedFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor* type = file->message_type(i);
      if (!type->options().GetExtension(options::v1::resource).table().empty() &&
          !StarsOf(type).empty()) {
        types.push_back(type);
      }
    }
  }
  return types;
}

std::string StarsOf(const Descriptor* resource) {
  const auto& said = resource->options().GetExtension(google::api::resource);
  if (said.pattern_size() == 0) return "";
  std::vector<std::string> segments = absl::StrSplit(said.pattern(0), '/');
  for (std::string& segment : segments) {
    if (absl::StartsWith(segment, "{")) segment = "*";
  }
  return absl::StrJoin(segments, "/");
}

std::string NameOf(const std::string& stars, const std::string& id) {
  std::vector<std::string> segments = absl::StrSplit(stars, '/');
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] != "*") continue;
    segments[i] = IdIn(i == 0 ? "" : segments[i - 1], i + 1 == segments.size() ? id : kId);
  }
  return absl::StrJoin(segments, "/");
}

std::unique_ptr<Message> WellFormed(const Descriptor* type) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  Fill(message.get(), 0);
  return message;
}

void FillMessages(Message* message) {
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    const bool one = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated();
    if (one && api::HasBehavior(field, google::api::REQUIRED)) FillField(message, field, 0);
  }
}

RpcCall CallOf(const MethodDescriptor* rpc, const std::string& id) {
  RpcCall call;
  const auto& rule = rpc->options().GetExtension(google::api::http);
  const std::map<std::string, std::string> verbs = {{"GET", rule.get()},
                                                    {"POST", rule.post()},
                                                    {"PATCH", rule.patch()},
                                                    {"PUT", rule.put()},
                                                    {"DELETE", rule.delete_()}};
  std::string path;
  for (const auto& [verb, template_path] : verbs) {
    if (template_path.empty()) continue;
    call.verb = verb;
    path = template_path;
  }
  if (call.verb.empty()) return call;
  const std::unique_ptr<Message> request = WellFormed(rpc->input_type());
  const size_t open = path.find('{');
  if (open != std::string::npos) {
    const size_t close = path.find('}', open);
    const std::pair<std::string, std::string> variable =
        absl::StrSplit(path.substr(open + 1, close - open - 1), absl::MaxSplits('=', 1));
    call.stars = variable.second.empty() ? "*" : variable.second;
    const std::string rest = path.substr(close + 1);
    if (absl::StartsWith(rest, "/")) {
      call.below = absl::StrCat(call.stars, rest.substr(0, rest.find(':')), "/*");
    }
    path = absl::StrCat(path.substr(0, open), NameOf(call.stars, id), rest);
    const auto [holder, field] = Leaf(request.get(), variable.first);
    holder->GetReflection()->ClearField(holder, field);
  }
  const auto* reflection = request->GetReflection();
  if (rule.body() == "*") {
    api::MessageToJson(*request, call.body);
    call.content_type = "application/json";
  } else if (!rule.body().empty()) {
    const FieldDescriptor* field = request->GetDescriptor()->FindFieldByName(rule.body());
    if (field->type() == FieldDescriptor::TYPE_BYTES ||
        field->message_type()->full_name() == api::kHttpBody) {
      call.body = "x";
      call.content_type = "application/octet-stream";
    } else {
      api::MessageToJson(reflection->GetMessage(*request, field), call.body);
      call.content_type = "application/json";
    }
    reflection->ClearField(request.get(), field);
  }
  std::vector<std::string> query;
  if (rule.body() != "*") AppendQuery(*request, "", &query);
  // What is named besides is another, later in the order: nothing is merged into itself.
  if (!call.stars.empty()) {
    call.body =
        absl::StrReplaceAll(call.body, {{absl::StrCat("\"", NameOf(call.stars), "\""),
                                         absl::StrCat("\"", NameOf(call.stars, "other-1"), "\"")}});
  }
  call.target = absl::StrCat(path, query.empty() ? "" : "?", absl::StrJoin(query, "&"));
  return call;
}

}  // namespace chanyan::e2e
