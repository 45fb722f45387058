// Every HTTP route of the suite, read from the descriptors: nothing here knows an RPC by name.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/gateway/path_matcher.h"

namespace chanyan::gateway {

// Most bytes of a body with a file in it: 10 MB as base64 with what is around it.
inline constexpr size_t kMaxUploadBytes = 14 * 1024 * 1024;
// Longest time of a method that does not say: interactive, and in the batch lane.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(3);
inline constexpr absl::Duration kDefaultBatchDeadline = absl::Seconds(30);

// A method as the gateway calls it.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Message* request = nullptr;
  const google::protobuf::Message* reply = nullptr;
  options::v1::Method policy;
  // "/chanyan.registry.v1.RegistryService/GetOrganization".
  std::string grpc_path;
  // Service that answers, from the package; empty = `request_backend` names it.
  std::string backend;
  absl::Duration deadline;
  // Fields the gateway has a hand in; null if the request has none.
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  const google::protobuf::FieldDescriptor* request_etag = nullptr;
  const google::protobuf::FieldDescriptor* request_session = nullptr;
  const google::protobuf::FieldDescriptor* request_user_agent = nullptr;
  const google::protobuf::FieldDescriptor* reply_etag = nullptr;
  const google::protobuf::FieldDescriptor* reply_session = nullptr;
  // Of a stream from the server; null if it is none.
  const google::protobuf::FieldDescriptor* request_last_event_id = nullptr;
  const google::protobuf::FieldDescriptor* reply_event_id = nullptr;
  // The request's field that names the service, where the package does not: "parent" or "name", as
  // "journals/{service}" or "services/{service}/operations/{operation}".
  const google::protobuf::FieldDescriptor* request_backend = nullptr;
  bool public_call = false;

  bool streams() const { return reply_event_id != nullptr; }
};

// The second segment of a name: who answers for it. Empty if it has none.
std::string BackendOfName(absl::string_view name);

// One google.api.http binding.
struct Route {
  HttpMethod http_method = HttpMethod::kGet;
  std::string path_template;
  // Index into Routes::methods().
  int method = 0;
  // The whole message is the body ("*").
  bool whole_body = false;
  // The field that the body fills; null = none, or the whole.
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  // The field that is answered; null = the whole.
  const google::protobuf::FieldDescriptor* reply_field = nullptr;
  // Where a raw body goes: a google.api.HttpBody or bytes field that is, or is in, the body.
  bool takes_file = false;
  size_t max_body_bytes = 0;
};

// Built once, then immutable and thread-safe.
class Routes {
 public:
  // Of all services in `files` whose package begins with "chanyan.". Error: a template, body or
  // path that does not fit its message, two routes for one path, a stream that is no GET from
  // the server with last_event_id and event_id, or a method without policy.
  static absl::StatusOr<Routes> Build(
      const std::vector<const google::protobuf::FileDescriptor*>& files,
      google::protobuf::MessageFactory& factory);
  // Of everything linked into this program.
  static absl::StatusOr<Routes> FromLinked();

  PathMatcher::Match Find(HttpMethod method, absl::string_view path) const {
    // HEAD is GET whose body stays at home.
    return matcher_.Find(method == HttpMethod::kHead ? HttpMethod::kGet : method, path);
  }
  const std::vector<Route>& routes() const { return routes_; }
  const std::vector<Method>& methods() const { return methods_; }
  // By "/package.Service/Method"; null if there is none.
  const Method* FindGrpc(absl::string_view path) const;
  // Values of a metric's label: "none" and the full name of each method; `method` null = "none".
  std::vector<std::string> MethodLabels() const;
  size_t LabelIndex(const Method* method) const {
    return method == nullptr ? 0 : 1 + static_cast<size_t>(method - methods_.data());
  }
  // Names of the services that answer, sorted.
  const std::vector<std::string>& backends() const { return backends_; }

 private:
  absl::Status AddService(const google::protobuf::ServiceDescriptor& service,
                          google::protobuf::MessageFactory& factory);
  absl::Status AddRule(const google::protobuf::Message& rule, int method);

  std::vector<Method> methods_;
  std::vector<Route> routes_;
  std::vector<std::string> backends_;
  absl::flat_hash_map<std::string, int> by_grpc_path_;
  PathMatcher matcher_;
};

}  // namespace chanyan::gateway
