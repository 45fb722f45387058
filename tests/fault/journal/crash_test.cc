// A process that dies at any step of write, seal and follow, and what is there afterwards.
//
// The service is a child process; its death is SIGKILL before a statement, before a COMMIT or after
// one, at every such step of the whole run in turn. The parent is its client: it keeps a ledger of
// what was acknowledged and repeats the rest under the same request id.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/lease.h"
#include "common/journal/follower.h"
#include "common/journal/journal.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/journal/verify.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::journal {
namespace {

constexpr int kRequests = 4;
constexpr char kTables[] =
    "CREATE TABLE thing (request_id VARCHAR(64) PRIMARY KEY);"
    // No key on the event: what is applied twice must show.
    "CREATE TABLE effect (id BIGINT AUTO_INCREMENT PRIMARY KEY, seq BIGINT, event_id CHAR(36))";

// Where the child dies: at step `at` of the phase, 0 = nowhere. Steps are counted over the phase.
struct Death {
  std::string phase;
  int at = 0;
};

// What the child tells its parent, and whether it is time to die.
class Fate {
 public:
  explicit Fate(Death death) : death_(std::move(death)) {}

  void Enter(absl::string_view phase) {
    phase_ = std::string(phase);
    step_ = 0;
  }
  void Step() {
    if (phase_ == death_.phase && ++step_ == death_.at) raise(SIGKILL);
  }

 private:
  const Death death_;
  std::string phase_;
  int step_ = 0;
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

 private:
  db::Session& session_;
  Fate& fate_;
};

// A step before each COMMIT and one after it.
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

// One life of the service. Everything it does is safe to do again, as in the suite.
class Service {
 public:
  Service(db::Database& database, int acknowledge_fd)
      : db_(database), acknowledge_fd_(acknowledge_fd) {}

  absl::Status Write(const std::string& request_id) {
    CHANYAN_RETURN_IF_ERROR(db_.Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(
          const int64_t first,
          session.Execute("INSERT IGNORE INTO thing (request_id) VALUES (?)", {request_id}));
      if (first == 0) return absl::OkStatus();
      registry::v1::Organization after;
      after.set_name(absl::StrCat("organizations/", request_id));
      return Append(session, clock_.Now(), {"test", "accounts/a", "", request_id, ""}, "created",
                    nullptr, &after);
    }));
    const std::string line = request_id + "\n";
    return write(acknowledge_fd_, line.data(), line.size()) > 0 ? absl::OkStatus()
                                                                : absl::InternalError("pipe");
  }

  // Until nothing is left. Errors mean that another works on it.
  void Seal() {
    db::Lease lease(db_, "sealer", db::NewLeaseOwner(), absl::Milliseconds(1));
    if (!lease.Acquire().ok()) return;
    while (true) {
      const absl::StatusOr<int> sealed = SealOnce(db_, lease);
      if (!sealed.ok() || *sealed == 0) return;
    }
  }

  void Follow() {
    Follower follower({db_, clock_, log::Logger("test", log::Level::kError),
                       [this](int64_t after, int limit) { return Source(after, limit); },
                       [](db::Session& session, absl::Time, const v1::Entry& entry) {
                         return session
                             .Execute("INSERT INTO effect (seq, event_id) VALUES (?, ?)",
                                      {entry.seq(), entry.event_id()})
                             .status();
                       }},
                      {.name = "test<registry"});
    while (true) {
      const absl::StatusOr<int> done = follower.FollowOnce();
      if (!done.ok() || *done == 0) return;
    }
  }

 private:
  absl::StatusOr<std::vector<v1::Entry>> Source(int64_t after, int limit) {
    std::vector<v1::Entry> entries;
    CHANYAN_RETURN_IF_ERROR(db_.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(entries, SealedAfter(session, after, limit));
      return absl::OkStatus();
    }));
    return entries;
  }

  db::Database& db_;
  const int acknowledge_fd_;
  time::SystemClock clock_;
};

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() { database_.Apply(kTables); }

  // Starts `life` in a process of its own. The parent has no threads and no open connection.
  template <class Life>
  std::pair<pid_t, int> Spawn(Death death, Life life) {
    int fds[2];
    if (pipe(fds) != 0) std::abort();
    const pid_t pid = fork();
    if (pid == 0) {
      close(fds[0]);
      auto real = db::Database::Open(database_.config());
      if (!real.ok()) _exit(2);
      Fate fate(std::move(death));
      MortalDatabase mortal(**real, fate);
      Service service(mortal, fds[1]);
      life(service, fate);
      _exit(0);
    }
    close(fds[1]);
    return {pid, fds[0]};
  }

  // Reads acknowledgements until the child has ended, then notes them. True if it was killed.
  bool Await(std::pair<pid_t, int> child) {
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(child.second, buffer, sizeof(buffer))) > 0;) text.append(buffer, n);
    close(child.second);
    for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      acknowledged_.insert(text.substr(at, end - at));
    }
    int status = 0;
    waitpid(child.first, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
  }

  // One whole life: writes what is not acknowledged, seals, follows. True if it was killed.
  bool Live(Death death) {
    std::vector<std::string> open;
    for (int i = 0; i < kRequests; ++i) {
      const std::string id = absl::StrCat("r", i);
      if (!acknowledged_.contains(id)) open.push_back(id);
    }
    return Await(Spawn(std::move(death), [&](Service& service, Fate& fate) {
      fate.Enter("write");
      for (const std::string& id : open) {
        if (!service.Write(id).ok()) _exit(3);
      }
      fate.Enter("seal");
      service.Seal();
      fate.Enter("follow");
      service.Follow();
    }));
  }

  std::vector<std::string> Texts(const std::string& sql) {
    std::vector<std::string> texts;
    const auto found = database_.Connect()->Query(sql, {});
    for (const db::Values& row : found->rows) {
      texts.push_back(std::get<std::string>(row[0]));
    }
    return texts;
  }
  int64_t Number(const std::string& sql) {
    return std::get<int64_t>(database_.Connect()->Query(sql, {})->rows.at(0).at(0));
  }

  // After the faults have ended and everything was followed.
  void ExpectNothingLostAndNothingTwice(size_t requests) {
    EXPECT_EQ(acknowledged_.size(), requests);
    const std::vector<std::string> journaled = Texts("SELECT request_id FROM journal");
    const std::set<std::string> present(journaled.begin(), journaled.end());
    EXPECT_EQ(journaled.size(), present.size()) << "a request has two entries";
    EXPECT_EQ(Texts("SELECT request_id FROM thing").size(), journaled.size());
    for (const std::string& id : acknowledged_) {
      EXPECT_TRUE(present.contains(id)) << id << " was acknowledged and is missing";
    }
    // Every entry took effect once and in order.
    EXPECT_EQ(Texts("SELECT event_id FROM journal ORDER BY seq"),
              Texts("SELECT event_id FROM effect ORDER BY id"));
    EXPECT_EQ(Number("SELECT seq FROM `cursor`"), static_cast<int64_t>(journaled.size()));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM dead_letter"), 0);
    const auto database = db::Database::Open(database_.config());
    const absl::StatusOr<Verification> chain = Verify(**database, {});
    ASSERT_TRUE(chain.ok()) << chain.status();
    EXPECT_FALSE(chain->broken.has_value()) << chain->broken->text;
    EXPECT_EQ(chain->unsealed, 0);
    EXPECT_EQ(chain->chain.last_seq, static_cast<int64_t>(journaled.size()));
  }

  // Dies at each step of `phase` in turn, each time in a fresh world, until a life survives.
  void DieEverywhere(const std::string& phase, int least) {
    int deaths = 0;
    for (int at = 1;; ++at) {
      SCOPED_TRACE(absl::StrCat(phase, " step ", at));
      database_.Apply(
          "DELETE FROM thing; DELETE FROM effect; DELETE FROM journal; DELETE FROM `cursor`;"
          "DELETE FROM lease");
      acknowledged_.clear();
      const bool killed = Live({phase, at});
      deaths += killed ? 1 : 0;
      // The server may learn of the death late: locks of the dead go with its connection, and the
      // lease by time.
      for (int life = 0; life < 50 && !Settled(); ++life) EXPECT_FALSE(Live({}));
      ExpectNothingLostAndNothingTwice(kRequests);
      if (!killed || HasFailure()) break;
    }
    EXPECT_GE(deaths, least) << "the phase has fewer steps than it must have";
  }

  bool Settled() {
    return acknowledged_.size() == kRequests &&
           Number("SELECT COUNT(*) FROM journal WHERE seq IS NULL") == 0 &&
           Number("SELECT (SELECT COUNT(*) FROM effect) = (SELECT COUNT(*) FROM journal)") == 1;
  }

  testing::TestDatabase database_{
      {"common:common/db/migrations", "journal:common/journal/migrations"}};
  std::set<std::string> acknowledged_;
};

// Before each statement, before COMMIT, and after COMMIT before the reply.
TEST_F(CrashTest, AWriterKilledAtAnyStepLosesAndRepeatsNothing) {
  DieEverywhere("write", 4 * kRequests);
}

// Before sealing, between two entries of a batch, before its COMMIT and after it.
TEST_F(CrashTest, ASealerKilledAtAnyStepLeavesTheChainWhole) {
  DieEverywhere("seal", kRequests + 6);
}

// After the cursor moved, after the effect, before and after their COMMIT.
TEST_F(CrashTest, AFollowerKilledAtAnyStepAppliesEachEntryOnce) {
  DieEverywhere("follow", 4 * kRequests);
}

TEST_F(CrashTest, KilledAtAnyTimeUnderLoadNothingIsLostOrTwice) {
  constexpr int kRounds = 25;
  std::mt19937 random(20260101);
  size_t next = 0;
  std::vector<std::string> unknown;
  for (int round = 0; round < kRounds; ++round) {
    // Two replicas with work of their own; what a killed one left open is its successor's.
    std::vector<std::vector<std::string>> work(2);
    for (size_t i = 0; i < unknown.size(); ++i) work[i % 2].push_back(unknown[i]);
    for (auto& own : work) {
      for (int i = 0; i < 40; ++i) own.push_back(absl::StrCat("load", next++));
    }
    std::vector<std::pair<pid_t, int>> children;
    for (const auto& own : work) {
      children.push_back(Spawn({}, [&](Service& service, Fate&) {
        for (size_t i = 0; i < own.size(); ++i) {
          if (!service.Write(own[i]).ok()) continue;
          if (i % 5 == 4) service.Seal();
          if (i % 5 == 4) service.Follow();
        }
      }));
    }
    // The time of death is what varies; nothing waits for it to be right.
    absl::SleepFor(absl::Milliseconds(5 + random() % 120));
    for (const auto& child : children) kill(child.first, SIGKILL);
    for (const auto& child : children) Await(child);
    unknown.clear();
    for (const auto& own : work) {
      for (const std::string& id : own) {
        if (!acknowledged_.contains(id)) unknown.push_back(id);
      }
    }
  }
  for (int life = 0; life < 50 && !(acknowledged_.size() == next &&
                                    Number("SELECT COUNT(*) FROM journal WHERE seq IS NULL") == 0 &&
                                    Number("SELECT (SELECT COUNT(*) FROM effect) ="
                                           " (SELECT COUNT(*) FROM journal)") == 1);
       ++life) {
    Await(Spawn({}, [&](Service& service, Fate&) {
      for (const std::string& id : unknown) service.Write(id).IgnoreError();
      service.Seal();
      service.Follow();
    }));
  }
  ExpectNothingLostAndNothingTwice(next);
}

}  // namespace
}  // namespace chanyan::journal
