// A database whose process dies at a step that the test names: before a statement, before a COMMIT
// or after one.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"

namespace chanyan::journal {

// Where the child dies: at step `at` of the phase, 0 = nowhere. Steps are counted over the phase.
struct Death {
  std::string phase;
  int at = 0;
};

// Whether it is time to die. Thread-safe but for Enter.
class Fate {
 public:
  explicit Fate(Death death) : death_(std::move(death)) {}

  void Enter(absl::string_view phase) {
    phase_ = std::string(phase);
    step_ = 0;
  }
  void Step() {
    if (phase_ == death_.phase && ++step_ == death_.at) kill(getpid(), SIGKILL);
  }

 private:
  const Death death_;
  std::string phase_;
  std::atomic<int> step_{0};
};

// A step before each statement.
class MortalSession final : public db::Session {
 public:
  MortalSession(db::Session& session, Fate& fate) : session_(session), fate_(fate) {}
  absl::StatusOr<db::Rows> Query(absl::string_view sql, const db::Values& params) override {
    fate_.Step();
    return session_.Query(sql, params);
  }
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const db::Values& params) override {
    fate_.Step();
    return session_.Execute(sql, params);
  }
  // What waits for the next statement or the COMMIT waits in the real session: forwarded as what it
  // is, so that it goes as one statement with that.
  absl::Status Later(absl::string_view sql, db::Values params) override {
    fate_.Step();
    return session_.Later(sql, std::move(params));
  }
  absl::Status Insert(absl::string_view sql, db::Values params) override {
    fate_.Step();
    return session_.Insert(sql, std::move(params));
  }

 private:
  db::Session& session_;
  Fate& fate_;
};

// A step before each COMMIT, with which goes what waited for it, and one after it.
class MortalDatabase final : public db::Database {
 public:
  MortalDatabase(db::Database& database, Fate& fate) : database_(database), fate_(fate) {}

  using db::Database::Read;
  using db::Database::Transact;
  absl::Status Transact(const db::TransactOptions& options,
                        absl::FunctionRef<absl::Status(db::Session&)> work) override {
    const absl::Status done = database_.Transact(options, [&](db::Session& session) {
      MortalSession mortal(session, fate_);
      absl::Status worked = work(mortal);
      fate_.Step();
      return worked;
    });
    fate_.Step();
    return done;
  }
  absl::Status Read(absl::Time deadline,
                    absl::FunctionRef<absl::Status(db::Session&)> work) override {
    return database_.Read(deadline, [&](db::Session& session) {
      MortalSession mortal(session, fate_);
      return work(mortal);
    });
  }
  absl::Status Ping() override { return database_.Ping(); }
  void InjectFaults(const db::Faults& faults) override { database_.InjectFaults(faults); }
  const db::Config& config() const override { return database_.config(); }
  db::Stats stats() const override { return database_.stats(); }

 private:
  db::Database& database_;
  Fate& fate_;
};

}  // namespace chanyan::journal
