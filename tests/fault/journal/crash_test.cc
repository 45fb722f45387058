// A process that dies at any step of write, seal and follow, and what is there afterwards.
//
// The service is a child process that writes as services do, through rpc::Mutate; its death is
// SIGKILL before a statement, before a COMMIT or after one, at every such step of the whole run in
// turn, CHANYAN_KILLS times at each (1). The parent is its client: it keeps a ledger of what was
// acknowledged, with the answer, and repeats the rest under the same request id.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/db/lease.h"
#include "common/journal/follower.h"
#include "common/journal/journal.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/journal/verify.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fault/journal/mortal.h"
#include "tests/support/kills.h"
#include "tests/support/test_database.h"

namespace chanyan::journal {
namespace {

constexpr int kRequests = 4;
// The request whose entry no follower can apply, where there is one.
constexpr char kPoison[] = "r1";
constexpr char kTables[] =
    // No key on the request or the event: what is done twice must show.
    "CREATE TABLE thing (id BIGINT AUTO_INCREMENT PRIMARY KEY, request_id VARCHAR(64),"
    " answer CHAR(36));"
    "CREATE TABLE effect (id BIGINT AUTO_INCREMENT PRIMARY KEY, seq BIGINT, event_id CHAR(36))";

// Who sends one request.
struct Asker {
  explicit Asker(const std::string& request_id) {
    call.principal.account = "accounts/a";
    call.request_id = request_id;
    request.set_request_id(request_id);
  }
  rpc::Call call;
  registry::v1::CreateOrganizationRequest request;
};

// One life of the service. Everything it does is safe to do again, as in the suite.
class Service {
 public:
  Service(db::Database& database, int acknowledge_fd)
      : db_(database), acknowledge_fd_(acknowledge_fd) {}

  // A create as services make them: what is new, its journal entry and the remembered answer go
  // with the COMMIT in one statement. Each run of the work has an answer of its own, so that an
  // answer which is not the one that was remembered shows. Thread-safe.
  absl::Status Write(const std::string& request_id) {
    const Asker asker(request_id);
    registry::v1::Organization answer;
    CHANYAN_RETURN_IF_ERROR(rpc::MutateInto(
        deps_, asker.call, asker.request,
        [&](rpc::Change& change) { return Make(change, request_id, &answer); }, &answer));
    return Acknowledge(request_id, answer);
  }

  // The same in one transaction, and alone what that did not do.
  bool WriteTogether(const std::vector<std::string>& request_ids) {
    std::vector<Asker> askers(request_ids.begin(), request_ids.end());
    std::vector<registry::v1::Organization> answers(request_ids.size());
    std::vector<rpc::Mutation> mutations;
    for (size_t i = 0; i < request_ids.size(); ++i) {
      mutations.push_back(
          {askers[i].call, askers[i].request,
           [&, i](rpc::Change& change) { return Make(change, request_ids[i], &answers[i]); },
           &answers[i], absl::OkStatus()});
    }
    rpc::MutateTogether(deps_, absl::MakeSpan(mutations));
    bool all = true;
    for (size_t i = 0; i < request_ids.size(); ++i) {
      const absl::Status written = mutations[i].alone ? Write(request_ids[i])
                                   : mutations[i].status.ok()
                                       ? Acknowledge(request_ids[i], answers[i])
                                       : mutations[i].status;
      all = all && written.ok();
    }
    return all;
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

  // Until nothing is left: an entry that fails is tried as often as it takes to be parked.
  void Follow(bool poisoned = false) {
    Follower follower(
        {db_, clock_, log::Logger("test", log::Level::kError),
         [this](int64_t after, int limit) { return Source(after, limit); },
         [poisoned](db::Session& session, absl::Time, const v1::Entry& entry) {
           CHANYAN_RETURN_IF_ERROR(session
                                       .Execute("INSERT INTO effect (seq, event_id) VALUES (?, ?)",
                                                {entry.seq(), entry.event_id()})
                                       .status());
           return poisoned && entry.request_id() == kPoison ? status::InvalidField("entry", "毒")
                                                            : absl::OkStatus();
         }},
        {.name = "test<registry"});
    for (int failures = 0; failures < kMaxEntryAttempts;) {
      const absl::StatusOr<int> done = follower.FollowOnce();
      if (done.ok() && *done == 0) return;
      failures += done.ok() ? 0 : 1;
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

  static absl::Status Make(rpc::Change& change, const std::string& request_id,
                           registry::v1::Organization* after) {
    after->set_name(absl::StrCat("organizations/", request_id));
    after->set_display_name(api::NewUuid());
    CHANYAN_RETURN_IF_ERROR(
        change.session().Insert("INSERT INTO thing (request_id, answer) VALUES (?, ?)",
                                {request_id, after->display_name()}));
    return change.Record("created", nullptr, after);
  }
  absl::Status Acknowledge(const std::string& request_id,
                           const registry::v1::Organization& answer) const {
    const std::string line = absl::StrCat(request_id, " ", answer.display_name(), "\n");
    return write(acknowledge_fd_, line.data(), line.size()) > 0 ? absl::OkStatus()
                                                                : absl::InternalError("pipe");
  }

  db::Database& db_;
  const int acknowledge_fd_;
  time::SystemClock clock_;
  const rpc::StoreDeps deps_{db_, clock_, nullptr};
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
      const std::pair<std::string, std::string> line =
          absl::StrSplit(text.substr(at, end - at), absl::MaxSplits(' ', 1));
      const auto [known, fresh] = acknowledged_.insert(line);
      EXPECT_EQ(known->second, line.second) << line.first << " was answered twice and differently";
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
      fate.Enter(in_company_ ? "company" : "write");
      if (in_company_ && !service.WriteTogether(open)) _exit(3);
      for (const std::string& id : open) {
        if (!in_company_ && !service.Write(id).ok()) _exit(3);
      }
      fate.Enter("seal");
      service.Seal();
      fate.Enter("follow");
      service.Follow(poisoned_);
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
    // What was answered is what was done, and nothing else was.
    std::set<std::string> answers;
    for (const auto& [id, answer] : acknowledged_) {
      EXPECT_TRUE(present.contains(id)) << id << " was acknowledged and is missing";
      answers.insert(absl::StrCat(id, " ", answer));
    }
    const std::vector<std::string> done =
        Texts("SELECT CONCAT(request_id, ' ', answer) FROM thing ORDER BY 1");
    EXPECT_EQ(done, std::vector<std::string>(answers.begin(), answers.end()));
    // Every entry took effect once and in order; what cannot is parked, once, with no trace of the
    // attempts.
    const std::string poison = poisoned_ ? kPoison : "";
    EXPECT_EQ(Texts(absl::StrCat("SELECT event_id FROM journal WHERE request_id <> '", poison,
                                 "' ORDER BY seq")),
              Texts("SELECT event_id FROM effect ORDER BY id"));
    EXPECT_EQ(Number("SELECT seq FROM `cursor`"), static_cast<int64_t>(journaled.size()));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM dead_letter"), poisoned_ ? 1 : 0);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM dead_letter d JOIN journal j ON j.seq = d.seq"
                     " WHERE j.request_id = '" +
                     std::string(kPoison) + "'"),
              poisoned_ ? 1 : 0);
    const auto database = db::Database::Open(database_.config());
    const absl::StatusOr<Verification> chain = Verify(**database, {});
    ASSERT_TRUE(chain.ok()) << chain.status();
    EXPECT_FALSE(chain->broken.has_value()) << chain->broken->text;
    EXPECT_EQ(chain->unsealed, 0);
    EXPECT_EQ(chain->chain.last_seq, static_cast<int64_t>(journaled.size()));
  }

  // Dies at each step of `phase` in turn, each time in a fresh world, until a life survives.
  void DieEverywhere(const std::string& phase, int least) {
    const int kills = testing::Kills();
    int points = 0;
    while (DieAt({phase, points + 1}, kills) && !HasFailure()) ++points;
    std::fprintf(stdout, "%s: %d points, each killed %d times\n", phase.c_str(), points, kills);
    EXPECT_GE(points, least) << "the phase has fewer steps than it must have";
  }

  // False if a life survives.
  bool DieAt(const Death& death, int kills) {
    SCOPED_TRACE(absl::StrCat(death.phase, " step ", death.at));
    bool killed = true;
    for (int i = 0; i < kills && killed && !HasFailure(); ++i) {
      database_.Apply(
          "DELETE FROM thing; DELETE FROM effect; DELETE FROM journal; DELETE FROM `cursor`;"
          "DELETE FROM lease; DELETE FROM idempotency; DELETE FROM dead_letter");
      acknowledged_.clear();
      killed = Live(death);
      // The server may learn of the death late: locks of the dead go with its connection, and the
      // lease by time.
      for (int life = 0; life < 50 && !Settled(); ++life) EXPECT_FALSE(Live({}));
      ExpectNothingLostAndNothingTwice(kRequests);
    }
    return killed;
  }

  bool Settled() {
    return acknowledged_.size() == kRequests &&
           Number("SELECT COUNT(*) FROM journal WHERE seq = 0") == 0 &&
           Number(
               "SELECT (SELECT COUNT(*) FROM effect) + (SELECT COUNT(*) FROM dead_letter) ="
               " (SELECT COUNT(*) FROM journal)") == 1;
  }

  testing::TestDatabase database_{
      {"common:common/db/migrations", "journal:common/journal/migrations"}};
  // Request → answer.
  std::map<std::string, std::string> acknowledged_;
  // How the lives are lived.
  bool in_company_ = false;
  bool poisoned_ = false;
};

// Before what is new, its entry and the remembered answer, before the COMMIT that they go with, and
// after it before the reply.
TEST_F(CrashTest, AWriterKilledAtAnyStepLosesAndRepeatsNothing) {
  DieEverywhere("write", 5 * kRequests);
}

// The same of writers that share a transaction.
TEST_F(CrashTest, WritersInCompanyKilledAtAnyStepLoseAndRepeatNothing) {
  in_company_ = true;
  DieEverywhere("company", 5);
}

// Before sealing, between two entries of a batch, before its COMMIT and after it.
TEST_F(CrashTest, ASealerKilledAtAnyStepLeavesTheChainWhole) {
  DieEverywhere("seal", kRequests + 6);
}

// After the cursor moved, after the effect, before and after their COMMIT.
TEST_F(CrashTest, AFollowerKilledAtAnyStepAppliesEachEntryOnce) {
  DieEverywhere("follow", 4 * kRequests);
}

// One entry fails whenever it is applied: with others, alone, and until it is parked; before and
// after each of it.
TEST_F(CrashTest, AFollowerKilledWhileItParksParksOnceAndGoesOn) {
  poisoned_ = true;
  DieEverywhere("follow", 4 * kRequests + 3 * kMaxEntryAttempts);
}

TEST_F(CrashTest, KilledAtAnyTimeUnderLoadNothingIsLostOrTwice) {
  const int kRounds = testing::Kills(25);
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
        // Alone, and three at a time in company.
        for (size_t i = 0; i < own.size(); i += 4) {
          service.Write(own[i]).IgnoreError();
          const size_t end = std::min(own.size(), i + 4);
          service.WriteTogether({own.begin() + i + 1, own.begin() + end});
          service.Seal();
          service.Follow();
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
                                    Number("SELECT COUNT(*) FROM journal WHERE seq = 0") == 0 &&
                                    Number("SELECT (SELECT COUNT(*) FROM effect) ="
                                           " (SELECT COUNT(*) FROM journal)") == 1);
       ++life) {
    Await(Spawn({}, [&](Service& service, Fate&) {
      for (const std::string& id : unknown) {
        service.Write(id).IgnoreError();
      }
      service.Seal();
      service.Follow();
    }));
  }
  ExpectNothingLostAndNothingTwice(next);
}

}  // namespace
}  // namespace chanyan::journal
