// A database that notes what is asked of it: whether two calls take the same work, whatever they
// answer. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"

namespace chanyan::testing {

// In order: each statement with how many rows came back, and after each transaction or reading how
// many rows the server looked at for it.
using Work = std::vector<std::string>;

class CountedSession : public db::Session {
 public:
  CountedSession(db::Session& session, Work& work) : session_(session), work_(work) {}

  absl::StatusOr<db::Rows> Query(absl::string_view sql, const db::Values& params) override {
    absl::StatusOr<db::Rows> rows = session_.Query(sql, params);
    Note(sql, rows.ok() ? static_cast<int64_t>(rows->rows.size()) : -1);
    return rows;
  }
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const db::Values& params) override {
    absl::StatusOr<int64_t> rows = session_.Execute(sql, params);
    Note(sql, rows.value_or(-1));
    return rows;
  }
  absl::Status Later(absl::string_view sql, db::Values params) override {
    Note(sql, 0);
    return session_.Later(sql, std::move(params));
  }
  absl::Status Insert(absl::string_view sql, db::Values params) override {
    Note(sql, 0);
    return session_.Insert(sql, std::move(params));
  }

 private:
  void Note(absl::string_view sql, int64_t rows) {
    work_.push_back(absl::StrCat(sql, " → ", rows));
  }

  db::Session& session_;
  Work& work_;
};

class CountedDatabase : public db::Database {
 public:
  explicit CountedDatabase(db::Database& database) : database_(database) {}

  // What was done since it was last taken.
  Work Take() { return std::exchange(work_, {}); }

  absl::Status Transact(const db::TransactOptions& options,
                        absl::FunctionRef<absl::Status(db::Session&)> work) override {
    return database_.Transact(options, [&](db::Session& session) { return Count(session, work); });
  }
  absl::Status Read(absl::Time deadline,
                    absl::FunctionRef<absl::Status(db::Session&)> work) override {
    return database_.Read(deadline, [&](db::Session& session) { return Count(session, work); });
  }
  absl::Status Ping() override { return database_.Ping(); }
  void InjectFaults(const db::Faults& faults) override { database_.InjectFaults(faults); }
  const db::Config& config() const override { return database_.config(); }
  db::Stats stats() const override { return database_.stats(); }

 private:
  // Rows that the session's statements have read so far; -1 where it does not say.
  static int64_t Looked(db::Session& session) {
    const auto counters = session.Query("SHOW SESSION STATUS LIKE 'Handler_read%'");
    if (!counters.ok()) return -1;
    int64_t sum = 0;
    for (const db::Values& row : counters->rows) sum += std::stoll(std::get<std::string>(row[1]));
    return sum;
  }
  absl::Status Count(db::Session& session, absl::FunctionRef<absl::Status(db::Session&)> work) {
    const int64_t before = Looked(session);
    CountedSession counted(session, work_);
    const absl::Status done = work(counted);
    work_.push_back(absl::StrCat("looked at ", Looked(session) - before));
    return done;
  }

  db::Database& database_;
  Work work_;
};

}  // namespace chanyan::testing
