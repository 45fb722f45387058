// The methods of a service as the server knows them: no generated service class, no code per RPC.
//
//   server.Register("chanyan.pairing.v1.PairingService",
//                   {rpc::Unary("GetProject", this, &PairingService::GetProject),
//                    rpc::Unary("SignProject", this, &PairingService::SignProject)});
//
// with handlers `absl::StatusOr<Project> GetProject(const rpc::Call&, const GetProjectRequest&)`,
// const or not.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/api/personal.h"
#include "common/rpc/call.h"
#include "common/rpc/wire.h"
#include "google/protobuf/message.h"

namespace chanyan::rpc {

// One of several calls of a method that are answered together.
struct Asked {
  const Call& call;
  const google::protobuf::Message& request;
  grpc::ByteBuffer* reply;
  // Set by the handler: how it ended, or that it did nothing for this one, which must be answered
  // by itself.
  absl::Status status;
  bool alone = false;
};

// One handler without its types.
struct UnaryMethod {
  // "GetProject".
  std::string name;
  const google::protobuf::Message* request_prototype = nullptr;
  const google::protobuf::Descriptor* reply_type = nullptr;
  // Runs the handler and serialises its answer. Called by several threads.
  std::function<absl::Status(const Call&, const google::protobuf::Message&, grpc::ByteBuffer*)>
      answer;
  // Null, or what answers several calls at once, each as if it had been alone: calls that come
  // while others of the method are being answered are then handed over together (get.h,
  // create.h).
  std::function<void(absl::Span<Asked>)> answer_together;
};

// An answer's bytes. The public never needs to know whom to call; who is signed in does.
template <class Reply>
absl::Status SendReply(const Call& call, Reply reply, grpc::ByteBuffer* out) {
  if (!call.principal.signed_in() && api::MayHoldPersonal(Reply::descriptor())) {
    api::MaskPersonal(api::Masking::kPartial, &reply);
  }
  return Serialize(reply, out);
}

// Any callable; the types must be named: Unary<GetMeRequest, Account>("GetMe", …).
template <class Request, class Reply, class Handler>
UnaryMethod Unary(absl::string_view name, Handler handler) {
  UnaryMethod method;
  method.name = std::string(name);
  method.request_prototype = &Request::default_instance();
  method.reply_type = Reply::descriptor();
  method.answer = [handler = std::move(handler)](const Call& call,
                                                 const google::protobuf::Message& request,
                                                 grpc::ByteBuffer* out) -> absl::Status {
    absl::StatusOr<Reply> reply = handler(call, static_cast<const Request&>(request));
    if (!reply.ok()) return reply.status();
    return SendReply(call, *std::move(reply), out);
  };
  return method;
}

template <class Service, class Request, class Reply>
UnaryMethod Unary(absl::string_view name, Service* service,
                  absl::StatusOr<Reply> (Service::*handler)(const Call&, const Request&)) {
  return Unary<Request, Reply>(name, [service, handler](const Call& call, const Request& request) {
    return (service->*handler)(call, request);
  });
}

template <class Service, class Request, class Reply>
UnaryMethod Unary(absl::string_view name, const Service* service,
                  absl::StatusOr<Reply> (Service::*handler)(const Call&, const Request&) const) {
  return Unary<Request, Reply>(name, [service, handler](const Call& call, const Request& request) {
    return (service->*handler)(call, request);
  });
}

}  // namespace chanyan::rpc
