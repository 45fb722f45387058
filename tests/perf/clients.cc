#include "tests/perf/clients.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/auth/secret.h"
#include "common/auth/token.h"
#include "common/rpc/wire.h"

namespace chanyan::perf {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

constexpr absl::Duration kCallTime = absl::Seconds(30);

void RequireOk(const grpc::Status& status) {
  if (status.ok()) return;
  Die(absl::StrCat("registry: ", static_cast<int>(status.error_code()), " ",
                   status.error_message()));
}

void Prepare(const std::string& token, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
  if (!token.empty()) context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
}

// A call that nobody waits for. Deletes itself.
template <typename Request, typename Reply>
struct PendingCall {
  PendingCall(const std::string& token, std::function<void()> done) : done(std::move(done)) {
    Prepare(token, &context);
  }
  void End(const grpc::Status& status) {
    RequireOk(status);
    const std::function<void()> next = std::move(done);
    delete this;
    next();
  }

  grpc::ClientContext context;
  Request request;
  Reply reply;
  std::function<void()> done;
};

template <typename Request, typename Reply, typename Stub, typename Method>
Reply Call(Stub& stub, Method method, const std::string& token, const Request& request) {
  grpc::ClientContext context;
  Prepare(token, &context);
  Reply reply;
  RequireOk((stub.*method)(&context, request, &reply));
  return reply;
}

}  // namespace

std::shared_ptr<grpc::Channel> OwnChannel(const Options& options, absl::string_view service) {
  grpc::ChannelArguments arguments;
  // Otherwise all channels to one target share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // The ledger of a whole city is larger than gRPC takes by itself.
  arguments.SetMaxReceiveMessageSize(rpc::kMaxMessageBytes);
  return grpc::CreateCustomChannel(absl::StrCat("unix:", options.run_dir, "/", service, ".sock"),
                                   grpc::InsecureChannelCredentials(), arguments);
}

std::string SecretariatToken(const Options& options) {
  return TokenOf(options, options::v1::ROLE_SECRETARIAT, "organizations/secretariat");
}

std::string TokenOf(const Options& options, auth::Role role, const std::string& organization) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(absl::StrCat(options.secrets_dir, "/keys"))) {
    files.push_back(entry.path().string());
  }
  if (files.empty()) Die("identity has no signing key");
  const std::string pem =
      Require(auth::ReadSecretFile(*std::max_element(files.begin(), files.end())), "signing key");
  auth::Principal principal;
  principal.account = "accounts/perf";
  principal.organization = organization;
  principal.roles = {role};
  return Require(
      auth::SignToken(Require(auth::Key::FromPem(pem), "signing key"), principal, absl::Now()),
      "token");
}

RegistryClient::RegistryClient(const Options& options)
    : channel_(OwnChannel(options, "registry")),
      stub_(registry::v1::RegistryService::NewStub(channel_)),
      generic_(channel_) {}

registry::v1::Platform RegistryClient::GetPlatform(const std::string& token,
                                                   const std::string& name) {
  registry::v1::GetPlatformRequest request;
  request.set_name(name);
  return Call<registry::v1::GetPlatformRequest, registry::v1::Platform>(
      *stub_, &registry::v1::RegistryService::Stub::GetPlatform, token, request);
}

registry::v1::ListPlatformsResponse RegistryClient::ListPlatforms(
    const std::string& token, const registry::v1::ListPlatformsRequest& request) {
  return Call<registry::v1::ListPlatformsRequest, registry::v1::ListPlatformsResponse>(
      *stub_, &registry::v1::RegistryService::Stub::ListPlatforms, token, request);
}

void RegistryClient::BeginGetPlatform(const std::string& token, const std::string& name,
                                      std::function<void()> done) {
  using Pending = PendingCall<registry::v1::GetPlatformRequest, registry::v1::Platform>;
  auto* call = new Pending(token, std::move(done));
  call->request.set_name(name);
  stub_->async()->GetPlatform(&call->context, &call->request, &call->reply,
                              [call](const grpc::Status& status) { call->End(status); });
}

void RegistryClient::BeginCreateOrganization(const std::string& token,
                                             const registry::v1::CreateOrganizationRequest& request,
                                             std::function<void()> done) {
  using Pending = PendingCall<registry::v1::CreateOrganizationRequest, registry::v1::Organization>;
  auto* call = new Pending(token, std::move(done));
  call->request = request;
  stub_->async()->CreateOrganization(&call->context, &call->request, &call->reply,
                                     [call](const grpc::Status& status) { call->End(status); });
}

void RegistryClient::BeginCheckHealth(std::function<void()> done) {
  using Pending = PendingCall<grpc::ByteBuffer, grpc::ByteBuffer>;
  auto* call = new Pending("", std::move(done));
  // An empty HealthCheckRequest asks for the server as a whole.
  const grpc::Slice empty;
  call->request = grpc::ByteBuffer(&empty, 1);
  generic_.UnaryCall(&call->context, "/grpc.health.v1.Health/Check", grpc::StubOptions(),
                     &call->request, &call->reply,
                     [call](const grpc::Status& status) { call->End(status); });
}

PairingClient::PairingClient(const Options& options)
    : stub_(pairing::v1::PairingService::NewStub(OwnChannel(options, "pairing"))) {}

pairing::v1::Coverage PairingClient::QueryCoverage(
    const std::string& token, const pairing::v1::QueryCoverageRequest& request) {
  return Call<pairing::v1::QueryCoverageRequest, pairing::v1::Coverage>(
      *stub_, &pairing::v1::PairingService::Stub::QueryCoverage, token, request);
}

FunnelClient::FunnelClient(const Options& options)
    : stub_(triage::v1::FollowUpService::NewStub(OwnChannel(options, "triage"))) {}

triage::v1::QueryFunnelResponse FunnelClient::QueryFunnel(
    const std::string& token, const triage::v1::QueryFunnelRequest& request) {
  return Call<triage::v1::QueryFunnelRequest, triage::v1::QueryFunnelResponse>(
      *stub_, &triage::v1::FollowUpService::Stub::QueryFunnel, token, request);
}

struct HttpClient::Impl {
  explicit Impl(const Options& options) : socket(context) {
    std::ifstream file(absl::StrCat(options.run_dir, "/gateway.http"));
    std::getline(file, host);
    const std::pair<std::string, std::string> address =
        absl::StrSplit(host, absl::MaxSplits(':', 1));
    tcp::resolver resolver(context);
    boost::asio::connect(socket, resolver.resolve(address.first, address.second));
    socket.set_option(tcp::no_delay(true));
  }

  boost::asio::io_context context;
  tcp::socket socket;
  std::string host;
  boost::beast::flat_buffer buffer;
};

HttpClient::HttpClient(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
HttpClient::~HttpClient() = default;

std::string HttpClient::Get(const std::string& token, const std::string& path) {
  http::request<http::empty_body> request(http::verb::get, path, 11);
  request.set(http::field::host, impl_->host);
  request.set(http::field::authorization, absl::StrCat("Bearer ", token));
  http::write(impl_->socket, request);
  http::response<http::string_body> response;
  http::read(impl_->socket, impl_->buffer, response);
  if (response.result() != http::status::ok) {
    Die(absl::StrCat("gateway: ", response.result_int(), " ", response.body()));
  }
  return std::move(response.body());
}

}  // namespace chanyan::perf
