// Calls that must succeed, one after the other: what measurements are prepared with, and what waits
// for an answer.
#pragma once

#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/operation/v1/operation.grpc.pb.h"
#include "common/api/names.h"
#include "common/db/database.h"
#include "tests/perf/clients.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {

inline constexpr absl::Duration kAskPatience = absl::Seconds(60);

template <class Reply, class Stub, class Method, class Request>
Reply Ask(Stub& stub, Method method, const std::string& token, const Request& request,
          absl::string_view doing, bool may_be_there = false) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kAskPatience));
  if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  Reply reply;
  const grpc::Status status = (stub.*method)(&context, request, &reply);
  if (may_be_there && status.error_code() == grpc::StatusCode::ALREADY_EXISTS) return reply;
  if (!status.ok()) Die(absl::StrCat(doing, ": ", status.error_message()));
  return reply;
}

template <class Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  request.set_request_id(api::NewUuid());
  return request;
}

// Waits until it is done.
inline void Await(operation::v1::OperationService::Stub& operations, const std::string& token,
                  operation::v1::Operation operation) {
  constexpr absl::Duration kPoll = absl::Milliseconds(5);
  operation::v1::GetOperationRequest get;
  get.set_name(operation.name());
  const absl::Time give_up = absl::Now() + absl::Minutes(5);
  while (operation.end_time().seconds() == 0) {
    if (absl::Now() > give_up) Die("an operation does not end");
    absl::SleepFor(kPoll);
    operation = Ask<operation::v1::Operation>(
        operations, &operation::v1::OperationService::Stub::GetOperation, token, get, "looking");
  }
  if (operation.state() != operation::v1::OPERATION_STATE_DONE) {
    Die(absl::StrCat(operation.method(), ": ", operation.error().message()));
  }
}

// The tables of a service, past it.
inline std::unique_ptr<db::Database> OpenTables(const Options& options, const std::string& schema) {
  const std::string url =
      absl::StrCat("mysql://root@localhost/", schema, "?read-timeout=120s&socket=", options.run_dir,
                   "/mariadb.sock");
  return Require(db::Database::Open(Require(db::Config::FromUrl(url), "url")), "connecting");
}

}  // namespace chanyan::perf
