// The whole suite as it is run: the real programs on unix sockets, the gateway on a port of its
// own, a schema for each service, secrets made at the first start.
//
//   Suite suite;
//   Api secretariat = suite.As("ROLE_SECRETARIAT", "organizations/secretariat");
//   secretariat.Post("/v1/organizations?organizationId=oucas", R"({"displayName": …})");
//
// Everything ends with it, and with the test's process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "tests/support/suite/http_client.h"
#include "tests/support/suite/process.h"
#include "tests/support/suite/servers.h"
#include "tests/support/test_database.h"

namespace chanyan::testing {

// Somebody at the gateway: a connection and credentials. Used by one thread at a time.
class Api {
 public:
  Api(std::string address, Headers credentials)
      : client_(std::move(address)), credentials_(std::move(credentials)) {}

  HttpReply Get(absl::string_view target, const Headers& headers = {});
  // The content is JSON unless `headers` has a Content-Type.
  HttpReply Post(absl::string_view target, absl::string_view body, const Headers& headers = {});
  HttpReply Patch(absl::string_view target, absl::string_view body, const Headers& headers = {});
  const Headers& credentials() const { return credentials_; }

 private:
  HttpReply Change(absl::string_view method, absl::string_view target, absl::string_view body,
                   const Headers& headers);

  HttpClient client_;
  const Headers credentials_;
};

// A fresh UUID.
std::string NewRequestId();

struct SuiteOptions {
  // A MariaDB of its own, durable, that may be killed; else a schema each on the tests' shared one.
  bool own_mariadb = false;
  bool redis = false;
  // Whose policy pack: a folder of deploy/policies.
  std::string city = "qingdao";
  // What is changed in a copy of it, in this folder.
  std::function<void(const std::string& folder)> amend_policy;
  // From this year on, years whose work calendar nobody has published get a plain one.
  int calendar_years = 3;
  // Those that are not started: a city's pack may leave out what they need.
  std::vector<std::string> without;
  // Service → what is added to its command.
  std::map<std::string, std::vector<std::string>> flags;
  // NAME=value.
  std::vector<std::string> environment;
};

// Used by one thread; Api objects may go to others.
class Suite {
 public:
  // Starts all and waits until they are ready. Ends the test's program with a message if it cannot.
  explicit Suite(SuiteOptions options = {});
  ~Suite();
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  // In the order of starting; the gateway is the last.
  const std::vector<std::string>& services() const { return services_; }
  std::string http_address() const;
  // gRPC target of a service, or of the gateway's pass-through.
  std::string GrpcTarget(const std::string& service) const;
  OwnMariaDb& mariadb() { return *own_mariadb_; }
  OwnRedis& redis() { return *redis_; }

  // Sends a signal to one service.
  void Signal(const std::string& service, int signal);
  // Its exit code once it has ended; nothing if it still runs after `patience`.
  std::optional<int> Wait(const std::string& service, absl::Duration patience);
  // Starts a service that has ended; does not wait.
  void Start(const std::string& service);
  // Services started from now on get no flags of SuiteOptions.
  void DropFlags() { options_.flags.clear(); }
  bool IsReady(const std::string& service);
  // Fails the test's program if it is not ready in time.
  void WaitReady(const std::string& service);

  // Nobody.
  Api Anonymous() const { return Api(http_address(), {}); }
  // The first administrator's first password.
  std::string FirstAdministratorPassword() const;
  // Signed in with a password, by cookie.
  Api SignIn(const std::string& login, const std::string& password) const;
  // The administrator, whose first password has been changed.
  Api& Administrator();
  // A person with an account of their own, signed in, whose first password has been changed.
  Api Person(const std::string& role, const std::string& organization);
  // A program with a bearer token, good for five minutes.
  Api As(const std::string& role, const std::string& organization);
  std::string Token(const std::string& role, const std::string& organization);
  // That of a service itself, with ROLE_SERVICE, which nobody can be given.
  std::string TokenOfService(const std::string& service) const;

  // The schema of one service.
  db::Config DatabaseOf(const std::string& service) const;

 private:
  struct Client {
    std::string name;
    std::string secret;
  };

  void OpenDatabases();
  std::vector<std::string> CommandOf(const std::string& service) const;
  std::string SocketOf(const std::string& service) const;
  std::string UrlOf(const std::string& service) const;
  HttpReply SignInReply(const std::string& login, const std::string& password) const;
  std::string IssueToken(const Client& client) const;

  SuiteOptions options_;
  std::string dir_;
  // The pack's folder.
  std::string policy_;
  std::vector<std::string> services_;
  std::unique_ptr<OwnMariaDb> own_mariadb_;
  std::unique_ptr<OwnRedis> redis_;
  std::map<std::string, std::unique_ptr<TestDatabase>> databases_;
  // Bound and never listened on: it keeps the port ours over restarts of the gateway.
  int port_holder_ = -1;
  int port_ = 0;
  std::map<std::string, std::unique_ptr<Process>> processes_;
  std::unique_ptr<Api> administrator_;
  std::map<std::string, Client> clients_;
  int people_ = 0;
};

}  // namespace chanyan::testing
