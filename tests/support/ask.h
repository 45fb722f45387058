// A call of one of a service's methods as the server makes it, without a server.
#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/method.h"
#include "common/status/status.h"

namespace chanyan::testing {

// `service` has Methods(), among which is `name`.
template <class Reply, class Service, class Request>
absl::StatusOr<Reply> Ask(Service& service, absl::string_view name, const rpc::Call& call,
                          const Request& request) {
  for (const rpc::UnaryMethod& method : service.Methods()) {
    if (method.name != name) continue;
    grpc::ByteBuffer bytes;
    CHANYAN_RETURN_IF_ERROR(method.answer(call, request, &bytes));
    Reply reply;
    CHANYAN_RETURN_IF_ERROR(rpc::Parse(&bytes, &reply));
    return reply;
  }
  return status::Internal("no such method");
}

}  // namespace chanyan::testing
