// A real MariaDB for tests: no mock of it exists.
//
//   TestDatabase database({"common:common/db/migrations", "journal:common/journal/migrations"});
//   database.db().Transact(…);
//
// All test programs of one build directory share one private server on a unix socket, started by
// the first and ended a few seconds after the last. CHANYAN_TEST_DB=mysql://user@host/any uses a
// running server instead. Each TestDatabase has a schema of its own: cloned from one that was
// migrated once, dropped at the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/db/migrate.h"

namespace chanyan::testing {

// The server, up and held up while this lives. Ends the program with a message if it cannot be had.
class PrivateMariaDb {
 public:
  PrivateMariaDb();
  ~PrivateMariaDb();
  PrivateMariaDb(const PrivateMariaDb&) = delete;
  PrivateMariaDb& operator=(const PrivateMariaDb&) = delete;

  // For `schema`, which need not exist; "" for none.
  db::Config ConfigFor(absl::string_view schema) const;
  std::string UrlFor(absl::string_view schema) const;
  // Locks and the private server's files; ca.pem there is the certificate it shows.
  const std::string& dir() const { return dir_; }

 private:
  void Start();

  std::string dir_;
  // Before and after the schema's name.
  std::string url_head_;
  std::string url_tail_;
  int users_lock_ = -1;
};

class TestDatabase {
 public:
  // "component:directory", as chanyan-migrate takes them, from the repository's root. An empty list
  // makes an empty schema.
  explicit TestDatabase(const std::vector<std::string>& components = {});
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // Opened at first use. Thread-safe.
  db::Database& db();
  const db::Config& config() const { return config_; }
  // For programs under test: mysql://…
  std::string Url() const { return server_.UrlFor(config_.schema); }
  const PrivateMariaDb& server() const { return server_; }
  // Statements of a test's own, DDL too, separated by semicolons. Fails the program on an error.
  void Apply(absl::string_view script);
  // A connection beside the pool, for what a session refuses: locks, KILL, settings.
  std::unique_ptr<db::Connection> Connect();

 private:
  PrivateMariaDb server_;
  db::Config config_;
  absl::once_flag opened_;
  std::unique_ptr<db::Database> db_;
};

}  // namespace chanyan::testing
