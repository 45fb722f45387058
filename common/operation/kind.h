// What long work there is: a row for each RPC that may be done as an operation.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/rpc/method.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::operation {

// A row of a service's table. "Begin" + the method's name is the RPC that begins it, in the
// service's work.proto, with the same request and the same roles.
struct KindRow {
  // Full name of the proto service that has the method.
  absl::string_view service;
  // "SubmitPackages".
  absl::string_view method;
  // What it counts, with the measure word; empty if it is all or nothing.
  absl::string_view unit;
};

// Handlers of one proto service.
struct Handlers {
  std::string service;
  std::vector<rpc::UnaryMethod> methods;
};

// A row that was found in the protos and has its handler. Immutable.
struct Kind {
  const google::protobuf::MethodDescriptor* method = nullptr;
  const google::protobuf::MethodDescriptor* begin = nullptr;
  rpc::UnaryMethod handler;
  std::string unit;
};

// INTERNAL with every row that does not fit: no such method or handler, no RPC that begins it in
// `work_service`, another request, other roles, an answer that is no JSON, or an RPC of
// `work_service` without a row.
absl::StatusOr<std::vector<Kind>> KindsOf(absl::string_view work_service,
                                          absl::Span<const KindRow> rows,
                                          const std::vector<Handlers>& handlers);

}  // namespace chanyan::operation
