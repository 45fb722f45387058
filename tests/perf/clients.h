// Clients of the running suite: gRPC straight to a service, HTTP through the gateway.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <functional>
#include <memory>
#include <string>

#include "chanyan/pairing/v1/pairing.grpc.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.grpc.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/follow_up.grpc.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/auth/principal.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {

// A token for one role, signed with identity's own key; it lives for five minutes, so make one a
// round.
std::string TokenOf(const Options& options, auth::Role role, const std::string& organization);
std::string SecretariatToken(const Options& options);

// A connection of its own, even to a service that has one.
std::shared_ptr<grpc::Channel> OwnChannel(const Options& options, absl::string_view service);

// One connection. Thread-safe.
class RegistryClient {
 public:
  explicit RegistryClient(const Options& options);

  registry::v1::Platform GetPlatform(const std::string& token, const std::string& name);
  registry::v1::ListPlatformsResponse ListPlatforms(
      const std::string& token, const registry::v1::ListPlatformsRequest& request);

  // The same without waiting: `done` is called, on a thread of gRPC's, once the answer is there.
  void BeginGetPlatform(const std::string& token, const std::string& name,
                        std::function<void()> done);
  void BeginCreateOrganization(const std::string& token,
                               const registry::v1::CreateOrganizationRequest& request,
                               std::function<void()> done);
  // grpc.health.v1: what gRPC alone costs, as this server answers it without a worker, a token, a
  // log line or the database.
  void BeginCheckHealth(std::function<void()> done);

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<registry::v1::RegistryService::Stub> stub_;
  grpc::GenericStub generic_;
};

// One connection. Thread-safe.
class PairingClient {
 public:
  explicit PairingClient(const Options& options);

  pairing::v1::Coverage QueryCoverage(const std::string& token,
                                      const pairing::v1::QueryCoverageRequest& request);

 private:
  const std::unique_ptr<pairing::v1::PairingService::Stub> stub_;
};

// One connection. Thread-safe.
class FunnelClient {
 public:
  explicit FunnelClient(const Options& options);

  triage::v1::QueryFunnelResponse QueryFunnel(const std::string& token,
                                              const triage::v1::QueryFunnelRequest& request);

 private:
  const std::unique_ptr<triage::v1::FollowUpService::Stub> stub_;
};

// One connection that is kept. Used by one thread.
class HttpClient {
 public:
  explicit HttpClient(const Options& options);
  ~HttpClient();

  // The body; any status but 200 ends the program.
  std::string Get(const std::string& token, const std::string& path);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace chanyan::perf
