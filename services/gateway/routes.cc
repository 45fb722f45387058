#include "services/gateway/routes.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/fields.h"
#include "common/api/json_scan.h"
#include "common/status/status.h"
#include "google/api/annotations.pb.h"
#include "google/api/http.pb.h"
#include "google/protobuf/descriptor_database.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr absl::string_view kPackagePrefix = "chanyan.";
// Served by several services, each for its own; the request says which.
constexpr absl::string_view kSharedPackages[] = {"chanyan.journal.v1", "chanyan.operation.v1"};

const FieldDescriptor* StringField(const Descriptor& type, const char* name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  const bool fits =
      field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING;
  return fits ? field : nullptr;
}

bool IsFile(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  return field.type() == FieldDescriptor::TYPE_BYTES ||
         (field.type() == FieldDescriptor::TYPE_MESSAGE &&
          field.message_type()->full_name() == api::kHttpBody);
}

bool HasFile(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsFile(*type.field(i))) return true;
  }
  return false;
}

// Whether a path variable names a string field, through singular messages.
bool IsPathField(const Descriptor& type, absl::string_view path) {
  const Descriptor* at = &type;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i < names.size(); ++i) {
    const FieldDescriptor* field = at->FindFieldByName(names[i]);
    if (field == nullptr || field->is_repeated()) return false;
    if (i + 1 == names.size()) return field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return false;
    at = field->message_type();
  }
  return false;
}

absl::Duration DeadlineOf(const options::v1::Method& policy) {
  if (policy.deadline_ms() > 0) return absl::Milliseconds(policy.deadline_ms());
  return policy.lane() == options::v1::LANE_BATCH ? kDefaultBatchDeadline : kDefaultDeadline;
}

absl::StatusOr<Method> MakeMethod(const MethodDescriptor& descriptor, MessageFactory& factory) {
  if (!descriptor.options().HasExtension(options::v1::method)) {
    return absl::InternalError(absl::StrCat(descriptor.full_name(), " has no policy"));
  }
  Method method;
  method.descriptor = &descriptor;
  method.request = factory.GetPrototype(descriptor.input_type());
  method.reply = factory.GetPrototype(descriptor.output_type());
  method.policy = descriptor.options().GetExtension(options::v1::method);
  method.grpc_path = absl::StrCat("/", descriptor.service()->full_name(), "/", descriptor.name());
  const std::string& package = descriptor.file()->package();
  const Descriptor& in = *descriptor.input_type();
  const Descriptor& out = *descriptor.output_type();
  if (std::find(std::begin(kSharedPackages), std::end(kSharedPackages), package) !=
      std::end(kSharedPackages)) {
    method.request_backend = StringField(in, "parent");
    if (method.request_backend == nullptr) method.request_backend = StringField(in, "name");
    if (method.request_backend == nullptr) {
      return absl::InternalError(absl::StrCat(descriptor.full_name(), " names no service"));
    }
  } else {
    const std::vector<std::string> parts = absl::StrSplit(package, '.');
    method.backend = parts.size() > 1 ? parts[1] : "";
  }
  method.deadline = DeadlineOf(method.policy);
  if (descriptor.server_streaming()) {
    method.request_last_event_id = StringField(in, "last_event_id");
    method.reply_event_id = StringField(out, "event_id");
  }
  method.request_id = StringField(in, "request_id");
  method.request_etag = StringField(in, "etag");
  method.request_session = StringField(in, "session_secret");
  method.request_user_agent = StringField(in, "user_agent");
  method.reply_etag = StringField(out, "etag");
  method.reply_session = StringField(out, "session_secret");
  for (const int role : method.policy.roles()) {
    if (role == options::v1::ROLE_PUBLIC) method.public_call = true;
  }
  return method;
}

// Method and template of a rule; false if it has none the gateway serves.
bool PatternOf(const google::api::HttpRule& rule, HttpMethod& method, std::string& path) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      method = HttpMethod::kGet, path = rule.get();
      return true;
    case google::api::HttpRule::kPut:
      method = HttpMethod::kPut, path = rule.put();
      return true;
    case google::api::HttpRule::kPost:
      method = HttpMethod::kPost, path = rule.post();
      return true;
    case google::api::HttpRule::kDelete:
      method = HttpMethod::kDelete, path = rule.delete_();
      return true;
    case google::api::HttpRule::kPatch:
      method = HttpMethod::kPatch, path = rule.patch();
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string BackendOfName(absl::string_view name) {
  const size_t first = name.find('/');
  if (first == absl::string_view::npos) return "";
  const absl::string_view rest = name.substr(first + 1);
  return std::string(rest.substr(0, rest.find('/')));
}

absl::Status Routes::AddRule(const google::protobuf::Message& message, int method) {
  const auto& rule = static_cast<const google::api::HttpRule&>(message);
  const MethodDescriptor& descriptor = *methods_[method].descriptor;
  const auto bad = [&](absl::string_view why) {
    return absl::InternalError(absl::StrCat(descriptor.full_name(), ": ", why));
  };
  Route route;
  route.method = method;
  if (!PatternOf(rule, route.http_method, route.path_template)) return bad("no HTTP pattern");
  const bool fits = !descriptor.server_streaming() ||
                    (route.http_method == HttpMethod::kGet && methods_[method].streams() &&
                     methods_[method].request_last_event_id != nullptr);
  if (descriptor.client_streaming() || !fits) {
    return bad("a stream with a route is a GET from the server with last_event_id and event_id");
  }
  const Descriptor& in = *descriptor.input_type();
  route.whole_body = rule.body() == "*";
  if (!rule.body().empty() && !route.whole_body) {
    route.body_field = in.FindFieldByName(rule.body());
    if (route.body_field == nullptr) return bad(absl::StrCat("no field ", rule.body()));
    const bool message_body = route.body_field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                              !route.body_field->is_repeated();
    if (!message_body && !IsFile(*route.body_field)) return bad("body must be a message or a file");
    route.takes_file = IsFile(*route.body_field);
  }
  if (route.whole_body || route.body_field != nullptr) {
    const bool large = route.takes_file || (route.whole_body && HasFile(in));
    route.max_body_bytes = large ? kMaxUploadBytes : api::kMaxJsonBytes;
  }
  if (!rule.response_body().empty()) {
    route.reply_field = descriptor.output_type()->FindFieldByName(rule.response_body());
    if (route.reply_field == nullptr) return bad("no field for response_body");
  }
  if (route.http_method == HttpMethod::kGet && methods_[method].policy.mutates()) {
    return bad("a method that mutates cannot be a GET");
  }
  CHANYAN_ASSIGN_OR_RETURN(const PathTemplate path, ParsePathTemplate(route.path_template));
  for (const PathVariable& variable : path.variables) {
    if (!IsPathField(in, variable.field)) return bad(absl::StrCat("no field ", variable.field));
  }
  CHANYAN_RETURN_IF_ERROR(
      matcher_.Add(route.http_method, route.path_template, static_cast<int>(routes_.size())));
  routes_.push_back(std::move(route));
  return absl::OkStatus();
}

absl::Status Routes::AddService(const google::protobuf::ServiceDescriptor& service,
                                MessageFactory& factory) {
  for (int i = 0; i < service.method_count(); ++i) {
    CHANYAN_ASSIGN_OR_RETURN(Method made, MakeMethod(*service.method(i), factory));
    const int index = static_cast<int>(methods_.size());
    by_grpc_path_[made.grpc_path] = index;
    if (!made.backend.empty()) backends_.push_back(made.backend);
    methods_.push_back(std::move(made));
    const auto& options = service.method(i)->options();
    if (!options.HasExtension(google::api::http)) continue;
    const google::api::HttpRule& rule = options.GetExtension(google::api::http);
    CHANYAN_RETURN_IF_ERROR(AddRule(rule, index));
    for (const auto& more : rule.additional_bindings()) {
      CHANYAN_RETURN_IF_ERROR(AddRule(more, index));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Routes> Routes::Build(const std::vector<const FileDescriptor*>& files,
                                     MessageFactory& factory) {
  Routes routes;
  for (const FileDescriptor* file : files) {
    if (!absl::StartsWith(file->package(), kPackagePrefix)) continue;
    for (int i = 0; i < file->service_count(); ++i) {
      CHANYAN_RETURN_IF_ERROR(routes.AddService(*file->service(i), factory));
    }
  }
  std::sort(routes.backends_.begin(), routes.backends_.end());
  routes.backends_.erase(std::unique(routes.backends_.begin(), routes.backends_.end()),
                         routes.backends_.end());
  return routes;
}

absl::StatusOr<Routes> Routes::FromLinked() {
  std::vector<std::string> names;
  // The only way to ask what is linked; generated_pool() itself answers by name alone.
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, "chanyan/")) continue;
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file != nullptr) files.push_back(file);
  }
  return Build(files, *MessageFactory::generated_factory());
}

std::vector<std::string> Routes::MethodLabels() const {
  std::vector<std::string> names = {"none"};
  for (const Method& method : methods_) names.push_back(method.descriptor->full_name());
  return names;
}

const Method* Routes::FindGrpc(absl::string_view path) const {
  const auto it = by_grpc_path_.find(path);
  return it == by_grpc_path_.end() ? nullptr : &methods_[it->second];
}

}  // namespace chanyan::gateway
