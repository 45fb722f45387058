#include "tests/support/fake_peer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::testing {
namespace {

// Connections and workers: a test has a few threads.
constexpr int kWorkers = 4;

// A server wants every method of a service.
std::vector<rpc::UnaryMethod> WithTheRest(absl::string_view service,
                                          std::vector<rpc::UnaryMethod> methods) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  EXPECT_NE(descriptor, nullptr) << service;
  for (int i = 0; descriptor != nullptr && i < descriptor->method_count(); ++i) {
    const auto* method = descriptor->method(i);
    if (std::any_of(methods.begin(), methods.end(),
                    [&](const auto& known) { return known.name == method->name(); })) {
      continue;
    }
    rpc::UnaryMethod& rest = methods.emplace_back();
    rest.name = method->name();
    rest.request_prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type());
    rest.reply_type = method->output_type();
    rest.answer = [](const rpc::Call&, const google::protobuf::Message&, grpc::ByteBuffer*) {
      return status::Internal("the fake has no such method");
    };
  }
  return methods;
}

}  // namespace

absl::StatusOr<auth::Principal> FakePeer::AnyAuthenticator::Authenticate(absl::string_view bearer) {
  auth::Principal principal;
  principal.account = "apiClients/test";
  options::v1::Role role = options::v1::ROLE_SERVICE;
  options::v1::Role_Parse(std::string(bearer), &role);
  principal.roles = {role};
  return principal;
}

absl::StatusOr<std::string> FakePeer::AnyToken::Token(absl::Time) { return std::string("token"); }

FakePeer::FakePeer(absl::string_view service, std::vector<rpc::UnaryMethod> methods)
    : FakePeer(std::vector<Service>{{std::string(service), std::move(methods)}}) {}

FakePeer::FakePeer(std::vector<Service> services) {
  // A socket's path may have about 100 characters, which a test's own directory may exceed.
  socket_ = absl::StrCat(std::filesystem::temp_directory_path().string(), "/cy-", api::NewShortId(),
                         ".sock");
  const std::string target = absl::StrCat("unix:", socket_);
  server_ = std::make_unique<rpc::Server>(rpc::Server::Options{target, kWorkers, 1},
                                          rpc::Server::Deps{log_, server_metrics_, authenticator_});
  absl::flat_hash_map<std::string, std::string> targets;
  for (Service& service : services) {
    const std::vector<std::string> parts = absl::StrSplit(service.full_name, '.');
    targets[parts.at(1)] = target;
    server_->Register(service.full_name,
                      WithTheRest(service.full_name, std::move(service.methods)));
  }
  const absl::Status started = server_->Start();
  EXPECT_TRUE(started.ok()) << started;
  server_->SetServing(true);
  peers_ = std::make_unique<rpc::Peers>(targets, rpc::Peers::Deps{clock_, client_metrics_});
  peers_->SetTokenSource(&token_);
}

FakePeer::~FakePeer() {
  peers_.reset();
  Stop();
}

void FakePeer::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(absl::InfinitePast());
  server_.reset();
  unlink(socket_.c_str());
}

}  // namespace chanyan::testing
