// The driver as it comes, without common/db: what the services are held against. Its errors are
// exceptions and end the program. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/perf/perf.h"

namespace sql {
class Connection;
class PreparedStatement;
}  // namespace sql

namespace chanyan::perf {

class RawConnection {
 public:
  RawConnection(const Options& options, absl::string_view schema);
  ~RawConnection();

  // One statement as text, results dropped.
  void Run(absl::string_view sql);

 private:
  friend class RawStatement;
  std::unique_ptr<sql::Connection> connection_;
};

// A prepared statement; all parameters are text.
class RawStatement {
 public:
  RawStatement(RawConnection& connection, absl::string_view sql);
  ~RawStatement();

  struct Result {
    int rows = 0;
    // First column of the last row.
    std::string last_key;
  };
  // Reads every column of every row.
  Result Query(const std::vector<std::string>& parameters);
  void Execute(const std::vector<std::string>& parameters);

 private:
  void Bind(const std::vector<std::string>& parameters);

  std::unique_ptr<sql::PreparedStatement> statement_;
};

}  // namespace chanyan::perf
