// What a service is made of besides its own code, and the order in which it starts and ends. Each
// main.cc is one call:
//
//   int main(int argc, char** argv) {
//     return chanyan::rpc::RunService(
//         argc, argv,
//         {.name = "pairing",
//          .needs = {.policy = true, .peers = {"registry"}},
//          .schema_min = 1, .schema_max = 1,
//          .build = [](chanyan::rpc::Runtime& runtime) -> absl::Status {
//            auto& service = runtime.Own(std::make_unique<PairingService>(
//                PairingService::Deps{runtime.store(), runtime.peers()}));
//            service.Register(runtime.server());
//            return absl::OkStatus();
//          }});
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/authenticator.h"
#include "common/config/config.h"
#include "common/db/database.h"
#include "common/journal/follower.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/policy/pack.h"
#include "common/redis/client.h"
#include "common/rpc/admin.h"
#include "common/rpc/client_token_source.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/rpc/readiness.h"
#include "common/rpc/server.h"
#include "common/time/clock.h"

namespace chanyan::rpc {

// Calls under way at a stop may go on this long.
inline constexpr absl::Duration kShutdownPatience = absl::Seconds(20);
// Connections for what is not a call: readiness, sealer, followers.
inline constexpr int kBackgroundConnections = 4;

class Runtime;

struct ServiceSpec {
  // "pairing"; also the name of its client, apiClients/pairing, and of its schema's component.
  std::string name;
  config::Needs needs;
  // Versions of the service's own migrations that the code works with; 0 = it has none.
  int schema_min = 0;
  int schema_max = 0;
  // Who verifies tokens; by default the keys that the peer "identity" publishes.
  std::function<absl::StatusOr<std::unique_ptr<auth::Authenticator>>(Runtime&)> authenticator;
  // Makes the service, registers its handlers, adds jobs and checks.
  std::function<absl::Status(Runtime&)> build;
};

// Used by one thread.
class Runtime {
 public:
  // Opens what `spec` needs and builds the service; calls nobody yet. An error is for the operator.
  static absl::StatusOr<std::unique_ptr<Runtime>> Create(const ServiceSpec& spec,
                                                         config::Config config);
  ~Runtime();

  // For `build`.
  const config::Config& config() const { return config_; }
  const log::Logger& log() const { return log_; }
  metrics::Registry& metrics() { return metrics_; }
  const time::Clock& clock() const { return clock_; }
  // Only if the service needs a database.
  db::Database& db() { return *db_; }
  // The database as handlers that change something want it: a commit wakes the sealer.
  StoreDeps store();
  Peers& peers() { return *peers_; }
  // Only if the service needs a policy pack.
  const policy::Pack& pack() const { return *pack_; }
  auth::Authenticator& authenticator() { return *authenticator_; }
  Server& server() { return *server_; }

  // Keeps an object until calls have ended; the last comes first to its end.
  template <class T>
  T& Own(std::unique_ptr<T> object) {
    T& reference = *object;
    owned_.push_back(std::shared_ptr<void>(std::move(object)));
    return reference;
  }
  // A job beside the calls: started after the server, stopped before it, in reverse order.
  void AddJob(std::function<void()> start, std::function<void()> stop);
  // A further condition of readiness.
  void AddCheck(Readiness::Check check);
  // Called after each commit of this process; a sealer's doorbell.
  void OnChange(std::function<void()> changed);
  // Follows `peer`'s journal exactly once, with the cursor "{service}<{peer}": `effect` runs for
  // each entry. Once a peer. Redis, where there is one, rings as soon as the peer has sealed.
  void Follow(const std::string& peer, journal::EntryEffect effect);
  // For what every replica keeps for itself: reads the journal of a peer, or of this service.
  journal::EntrySource JournalOf(const std::string& service);
  // Called when this process has sealed entries of its own service, and for any service where Redis
  // tells of it; from any thread. A slow poll belongs beside it.
  void OnSealed(const std::string& service, std::function<void()> rung);
  // The same with the service's own journal, for what is derived from it; the cursor is
  // "{service}<{service}".
  void FollowOwn(journal::EntryEffect effect);

  // Takes calls.
  absl::Status Start();
  // In this order: not ready, wait for `drain_delay`, jobs, calls, the rest.
  void Stop();
  // Port of the admin listener, for tests.
  int admin_port() const { return admin_ == nullptr ? 0 : admin_->port(); }

 private:
  struct Job {
    std::function<void()> start;
    std::function<void()> stop;
  };

  explicit Runtime(config::Config config);
  absl::Status Open(const ServiceSpec& spec);
  absl::Status OpenDatabase(const ServiceSpec& spec);
  absl::Status OpenPeers(const ServiceSpec& spec);
  absl::Status AddJournal();
  // Starts and stops with the other jobs.
  journal::Follower& AddFollower(const std::string& of, journal::EntrySource source,
                                 journal::EntryEffect effect);
  void AddSubscriber();
  void RingAll(const std::string& channel) const;
  absl::Status MeasureJournal();
  AdminAnswer Answer(absl::string_view path);

  // Destroyed from the bottom: first what calls, last what is called.
  const config::Config config_;
  const log::Logger log_;
  metrics::Registry metrics_;
  time::SystemClock clock_;
  std::unique_ptr<const policy::Pack> pack_;
  std::unique_ptr<db::Database> db_;
  // Null without Redis.
  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<ClientTokenSource> tokens_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::vector<std::function<void()>> changed_;
  std::vector<std::shared_ptr<void>> owned_;
  std::vector<Job> jobs_;
  // Channel → doorbells of those who follow. Complete before the first thread starts.
  absl::flat_hash_map<std::string, std::vector<std::function<void()>>> bells_;
  std::vector<Readiness::Check> checks_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Readiness> readiness_;
  std::unique_ptr<Admin> admin_;
  bool running_ = false;
};

// The whole program: flags, Runtime, until SIGTERM or SIGINT. Returns the exit code: 0 after a stop
// that was asked for, 1 if it could not start, with the reason on stderr.
int RunService(int argc, char** argv, const ServiceSpec& spec);

}  // namespace chanyan::rpc
