// Other services as a test wants them: canned handlers behind a real server on a unix socket, and
// rpc::Peers that call them.
//
//   testing::FakePeer peer("chanyan.registry.v1.RegistryService",
//                          {rpc::Unary<GetPlatformRequest, Platform>("GetPlatform", handler)});
//   PairingService service({…, peer.peers()});
//
// The peer's name is the second part of the service's: "registry". Every other method of the
// service is INTERNAL. Every caller is a service, but one whose bearer is a role's name has that
// role.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/auth/authenticator.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/method.h"
#include "common/rpc/peers.h"
#include "common/rpc/server.h"
#include "common/time/clock.h"

namespace chanyan::testing {

class FakePeer {
 public:
  struct Service {
    std::string full_name;
    std::vector<rpc::UnaryMethod> methods;
  };
  FakePeer(absl::string_view service, std::vector<rpc::UnaryMethod> methods);
  // Several services behind one socket.
  explicit FakePeer(std::vector<Service> services);
  ~FakePeer();
  FakePeer(const FakePeer&) = delete;
  FakePeer& operator=(const FakePeer&) = delete;

  rpc::Peers& peers() { return *peers_; }
  // Nobody answers from now on.
  void Stop();

 private:
  struct AnyAuthenticator final : auth::Authenticator {
    absl::StatusOr<auth::Principal> Authenticate(absl::string_view bearer) override;
  };
  struct AnyToken final : rpc::TokenSource {
    absl::StatusOr<std::string> Token(absl::Time deadline) override;
  };

  time::SystemClock clock_;
  metrics::Registry server_metrics_;
  metrics::Registry client_metrics_;
  log::Logger log_{"fake", log::Level::kError};
  AnyAuthenticator authenticator_;
  AnyToken token_;
  std::string socket_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Peers> peers_;
};

}  // namespace chanyan::testing
