// A real MariaDB for tests: no mock of it exists.
//
//   TestDatabase database({{"common", "common/db/migrations"}});
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

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/db/migrate.h"

namespace chanyan::testing {

// The server, up and held up while this lives. Fails the program if it cannot be started.
class PrivateMariaDb {
 public:
  PrivateMariaDb();
  ~PrivateMariaDb();
  PrivateMariaDb(const PrivateMariaDb&) = delete;
  PrivateMariaDb& operator=(const PrivateMariaDb&) = delete;

  // For `schema`, which need not exist; "" for none.
  db::Config ConfigFor(absl::string_view schema) const;

 private:
  db::Config base_;
  int users_lock_ = -1;
};

class TestDatabase {
 public:
  // Directories are relative to the repository's root. An empty list makes an empty schema.
  explicit TestDatabase(std::vector<db::Component> components = {});
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // Opened at first use.
  db::Database& db();
  const db::Config& config() const { return config_; }
  // For programs under test: mysql://…
  std::string Url() const;
  // Statements of a test's own, DDL too, separated by semicolons. Fails the program on an error.
  void Apply(absl::string_view script);
  // A connection beside the pool, for what a session refuses: locks, KILL, settings.
  std::unique_ptr<db::Connection> Connect();

 private:
  PrivateMariaDb server_;
  db::Config config_;
  std::unique_ptr<db::Database> db_;
};

}  // namespace chanyan::testing
