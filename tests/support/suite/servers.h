// Servers of a test's own, to be killed and started again: MariaDB as a city would run it (what is
// acknowledged is on disk), and Redis.
#pragma once

#include <memory>
#include <string>

#include "tests/support/suite/process.h"

namespace chanyan::testing {

class OwnMariaDb {
 public:
  // Makes the data in `dir`, starts and waits until it answers on dir/mariadb.sock.
  explicit OwnMariaDb(std::string dir);

  // mysql://… of a schema.
  std::string UrlFor(const std::string& schema) const;
  void Start();
  // kill -9, and gone.
  void Kill();

 private:
  const std::string dir_;
  std::unique_ptr<Process> process_;
};

class OwnRedis {
 public:
  // Starts on dir/redis.sock and waits until it answers.
  explicit OwnRedis(std::string dir);

  std::string address() const;
  void Start();
  void Kill();

 private:
  const std::string dir_;
  std::unique_ptr<Process> process_;
};

}  // namespace chanyan::testing
