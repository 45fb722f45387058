#include "services/gateway/transcoder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/api/fields.h"
#include "common/api/json.h"
#include "common/api/json_scan.h"
#include "common/status/status.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxUserAgentBytes = 200;
// What a file may be sent as; anything else, forms and plain text above all, could come from a page
// of somebody else's without the browser asking first.
constexpr absl::string_view kFileTypes[] = {
    "application/octet-stream",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/x-zip-compressed",
    "application/zip",
    "image/jpeg",
    "image/png",
    "text/csv"};

bool IsJsonType(absl::string_view type) {
  return absl::EqualsIgnoreCase(type, "application/json") ||
         absl::EqualsIgnoreCase(type, "application/json; charset=utf-8") ||
         absl::EqualsIgnoreCase(type, "application/json;charset=utf-8");
}

bool IsFileType(absl::string_view type) {
  const absl::string_view essence = absl::StripAsciiWhitespace(type.substr(0, type.find(';')));
  return std::any_of(std::begin(kFileTypes), std::end(kFileTypes), [&](absl::string_view known) {
    return absl::EqualsIgnoreCase(known, essence);
  });
}

std::string GetString(const Message& message, const FieldDescriptor& field) {
  return message.GetReflection()->GetString(message, &field);
}

absl::Status ReadJson(absl::string_view body, size_t max_bytes, Message& target) {
  api::JsonLimits limits;
  limits.max_bytes = max_bytes;
  if (const auto fault = api::ScanJson(body, limits)) {
    return status::InvalidField("body",
                                absl::StrCat("第 ", fault->offset + 1, " 字节：", fault->message));
  }
  return api::JsonToMessage(body, target);
}

void StoreFile(absl::string_view type, absl::string_view body, const FieldDescriptor& field,
               Message& message) {
  const auto* reflection = message.GetReflection();
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    reflection->SetString(&message, &field, std::string(body));
    return;
  }
  Message& file = *reflection->MutableMessage(&message, &field);
  const Descriptor& shape = *file.GetDescriptor();
  const auto* inner = file.GetReflection();
  inner->SetString(&file, shape.FindFieldByName("content_type"), std::string(type));
  inner->SetString(&file, shape.FindFieldByName("data"), std::string(body));
}

absl::Status ReadBody(const HttpRequest& request, const Route& route, Message& message,
                      int& http_status) {
  const absl::string_view type = request.head.Header("content-type");
  if (!route.whole_body && route.body_field == nullptr) {
    if (request.body.empty()) return absl::OkStatus();
    return status::InvalidField("body", "此方法不接受请求体");
  }
  if (route.takes_file && IsFileType(type)) {
    if (request.body.empty()) return status::InvalidField("body", "文件为空");
    StoreFile(type, request.body, *route.body_field, message);
    return absl::OkStatus();
  }
  // A method without parameters may be called with nothing at all.
  if (request.body.empty() && type.empty() && route.whole_body) return absl::OkStatus();
  if (!IsJsonType(type)) {
    http_status = 415;
    return status::InvalidField("Content-Type", route.takes_file
                                                    ? "必须是 application/json 或所传文件的类型"
                                                    : "必须是 application/json");
  }
  // A file that may be sent as it is needs no room in JSON.
  const size_t max_bytes = route.takes_file ? api::kMaxJsonBytes : route.max_body_bytes;
  if (request.body.size() > max_bytes) {
    http_status = 413;
    return status::InvalidField("body",
                                absl::StrCat("JSON 请求体过大，此方法最多 ", max_bytes / 1024,
                                             " KB；文件请按其类型直接上传，不要放在 JSON 里"),
                                options::v1::ERROR_REASON_FILE_TOO_LARGE);
  }
  if (route.body_field == nullptr) return ReadJson(request.body, max_bytes, message);
  if (route.body_field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    http_status = 415;
    return status::InvalidField("Content-Type", "必须是所传文件的类型");
  }
  return ReadJson(request.body, max_bytes,
                  *message.GetReflection()->MutableMessage(&message, route.body_field));
}

// The message and field a dotted path leads to; null with `error` set if it leads nowhere. Sub-
// messages are made on the way.
const FieldDescriptor* Resolve(absl::string_view path, Message*& message, std::string& error) {
  const std::vector<absl::string_view> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i < names.size(); ++i) {
    const FieldDescriptor* field = api::FindJsonField(*message->GetDescriptor(), names[i]);
    if (field == nullptr) {
      error = "没有这个参数";
      return nullptr;
    }
    if (i + 1 == names.size()) return field;
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      error = "没有这个参数";
      return nullptr;
    }
    message = message->GetReflection()->MutableMessage(message, field);
  }
  return nullptr;
}

absl::Status ReadPath(const PathMatcher::Match& match, Message& message) {
  for (const PathMatcher::Binding& binding : match.bindings) {
    Message* target = &message;
    std::string error;
    const FieldDescriptor* field = Resolve(binding.variable->field, target, error);
    if (field == nullptr) return status::InvalidField(binding.variable->field, error);
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      const std::string given = GetString(*target, *field);
      if (!given.empty() && given != binding.value) {
        return status::InvalidField(binding.variable->field, "与网址中的名称不一致");
      }
    }
    if (!api::SetFieldFromText(*target, *field, binding.value, error)) {
      return status::InvalidField(binding.variable->field, error);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadQuery(absl::string_view query, const Route& route, const PathMatcher::Match& match,
                       Message& message) {
  if (query.empty()) return absl::OkStatus();
  absl::flat_hash_set<std::pair<const Message*, const FieldDescriptor*>> seen;
  size_t count = 0;
  for (const absl::string_view pair : absl::StrSplit(query, '&')) {
    if (++count > kMaxQueryParameters)
      return status::InvalidField("query", "参数过多，最多 100 个");
    const size_t equals = pair.find('=');
    const std::string name = PercentDecode(pair.substr(0, equals), true);
    const std::string value = equals == absl::string_view::npos
                                  ? std::string()
                                  : PercentDecode(pair.substr(equals + 1), true);
    if (route.whole_body) return status::InvalidField(name, "此方法的参数应写在请求体中");
    Message* target = &message;
    std::string error;
    const FieldDescriptor* field = Resolve(name, target, error);
    if (field == nullptr) return status::InvalidField(name, error);
    const FieldDescriptor* first =
        api::FindJsonField(*message.GetDescriptor(), name.substr(0, name.find('.')));
    if (first == route.body_field) return status::InvalidField(name, "此参数应写在请求体中");
    for (const PathMatcher::Binding& binding : match.bindings) {
      if (binding.variable->field == field->name() && target == &message) {
        return status::InvalidField(name, "此参数已在网址路径中给出");
      }
    }
    if (!field->is_repeated() && !seen.emplace(target, field).second) {
      return status::InvalidField(name, "参数重复");
    }
    if (field->is_map() || !api::SetFieldFromText(*target, *field, value, error)) {
      return status::InvalidField(name, error.empty() ? "此字段不能写在网址中" : error);
    }
  }
  return absl::OkStatus();
}

// "abc" of "\"abc\"" or of W/"abc"; as it is when not quoted.
std::string Unquote(absl::string_view tag) {
  absl::ConsumePrefix(&tag, "W/");
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
    tag = tag.substr(1, tag.size() - 2);
  return std::string(tag);
}

absl::Status ReadEtag(absl::string_view if_match, const Route& route, const Method& method,
                      Message& message) {
  if (if_match.empty() || if_match == "*") return absl::OkStatus();
  Message* target = &message;
  const FieldDescriptor* field = method.request_etag;
  if (field == nullptr && route.body_field != nullptr &&
      route.body_field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    target = message.GetReflection()->MutableMessage(&message, route.body_field);
    field = target->GetDescriptor()->FindFieldByName("etag");
  }
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING) {
    return status::InvalidField("If-Match", "此方法不接受版本标识");
  }
  const std::string given = GetString(*target, *field);
  const std::string wanted = Unquote(if_match);
  if (!given.empty() && given != wanted) {
    return status::InvalidField("If-Match", "与请求体中的 etag 不一致");
  }
  target->GetReflection()->SetString(target, field, wanted);
  return absl::OkStatus();
}

absl::Status ReadHeaders(const HttpRequest& request, const Route& route, const Method& method,
                         Message& message) {
  CHANYAN_RETURN_IF_ERROR(ReadEtag(request.head.Header("if-match"), route, method, message));
  const absl::string_view key = request.head.Header("idempotency-key");
  if (!key.empty() && method.policy.mutates() && method.request_id != nullptr) {
    const std::string given = GetString(message, *method.request_id);
    if (!given.empty() && given != key) {
      return status::InvalidField("Idempotency-Key", "与请求体中的 requestId 不一致");
    }
    message.GetReflection()->SetString(&message, method.request_id, std::string(key));
  }
  const absl::string_view last_event_id = request.head.Header("last-event-id");
  if (!last_event_id.empty() && method.request_last_event_id != nullptr) {
    // A browser that comes again sends it beside the address that it had at first.
    message.GetReflection()->SetString(&message, method.request_last_event_id,
                                       std::string(last_event_id));
  }
  if (method.request_user_agent != nullptr &&
      GetString(message, *method.request_user_agent).empty()) {
    std::string agent;
    for (const char c : request.head.Header("user-agent").substr(0, kMaxUserAgentBytes)) {
      agent.push_back(absl::ascii_isprint(c) ? c : '?');
    }
    message.GetReflection()->SetString(&message, method.request_user_agent, agent);
  }
  return absl::OkStatus();
}

HttpReply FileReply(const Message& body) {
  const Descriptor& shape = *body.GetDescriptor();
  const auto* reflection = body.GetReflection();
  HttpReply reply;
  reply.content_type = reflection->GetString(body, shape.FindFieldByName("content_type"));
  if (reply.content_type.empty()) reply.content_type = "application/octet-stream";
  for (char& c : reply.content_type) {
    if (!absl::ascii_isprint(c)) c = '?';
  }
  reply.body = reflection->GetString(body, shape.FindFieldByName("data"));
  std::string name;
  // Through bytes, because the message may be of another factory.
  const FieldDescriptor* extensions = shape.FindFieldByName("extensions");
  for (int i = 0; i < reflection->FieldSize(body, extensions); ++i) {
    google::protobuf::Any any;
    google::protobuf::StringValue value;
    if (any.ParseFromString(
            reflection->GetRepeatedMessage(body, extensions, i).SerializeAsString()) &&
        any.UnpackTo(&value)) {
      name = value.value();
    }
  }
  reply.headers.emplace_back("Content-Disposition", ContentDisposition(name));
  // What a person uploaded is shown to nobody as a page of ours.
  reply.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
  return reply;
}

bool MatchesEtag(absl::string_view header, absl::string_view etag) {
  if (header == "*") return true;
  for (const absl::string_view item : absl::StrSplit(header, ',')) {
    if (Unquote(absl::StripAsciiWhitespace(item)) == etag) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> ToMessage(const HttpRequest& request, const Route& route,
                                                   const Method& method,
                                                   const PathMatcher::Match& match,
                                                   int& http_status) {
  std::unique_ptr<Message> message(method.request->New());
  CHANYAN_RETURN_IF_ERROR(ReadBody(request, route, *message, http_status));
  CHANYAN_RETURN_IF_ERROR(ReadPath(match, *message));
  CHANYAN_RETURN_IF_ERROR(ReadQuery(request.head.query, route, match, *message));
  CHANYAN_RETURN_IF_ERROR(ReadHeaders(request, route, method, *message));
  return message;
}

HttpReply ToReply(const HttpRequest& request, const Route& route, const Method& method,
                  const Message& message) {
  const Message* shown = &message;
  if (route.reply_field != nullptr &&
      route.reply_field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
      !route.reply_field->is_repeated()) {
    shown = &message.GetReflection()->GetMessage(message, route.reply_field);
  }
  if (shown->GetDescriptor()->full_name() == api::kHttpBody) return FileReply(*shown);
  HttpReply reply;
  const bool reads = route.http_method == HttpMethod::kGet;
  if (method.reply_etag != nullptr) {
    const std::string etag = GetString(message, *method.reply_etag);
    const bool plain = std::all_of(etag.begin(), etag.end(),
                                   [](char c) { return absl::ascii_isgraph(c) && c != '"'; });
    if (!etag.empty() && plain) {
      reply.headers.emplace_back("ETag", absl::StrCat("\"", etag, "\""));
      const absl::string_view known = request.head.Header("if-none-match");
      if (reads && !known.empty() && MatchesEtag(known, etag)) {
        reply.status = 304;
        return reply;
      }
    }
  }
  reply.content_type = kJsonContentType;
  reply.body.reserve(message.ByteSizeLong() * 2 + 64);
  api::MessageToJson(*shown, reply.body);
  return reply;
}

std::string ContentDisposition(absl::string_view file_name) {
  if (file_name.empty() || file_name.size() > kMaxFileNameBytes) return "attachment";
  std::string plain, encoded;
  for (const char c : file_name) {
    const bool safe = absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
    if (safe) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
    if (static_cast<unsigned char>(c) < 0x80) plain.push_back(safe ? c : '_');
  }
  if (plain.empty() || plain[0] == '.') plain = "download" + plain;
  return absl::StrCat("attachment; filename=\"", plain, "\"; filename*=UTF-8''", encoded);
}

}  // namespace chanyan::gateway
