// The journal's way from one service to another: sealed, rung through Redis, read over gRPC,
// applied once; with Redis gone it only takes longer.
#include <signal.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/journal/journal.h"
#include "common/redis/subscriber.h"
#include "common/rpc/runtime.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"
#include "tests/unit/redis/private_redis.h"

namespace chanyan::rpc {
namespace {

using ::testing::HasSubstr;

constexpr char kChannel[] = "chanyan.journal.registry";

class EverybodyIsAService final : public auth::Authenticator {
 public:
  absl::StatusOr<auth::Principal> Authenticate(absl::string_view) override {
    auth::Principal principal;
    principal.account = "apiClients/pairing";
    principal.roles = {options::v1::ROLE_SERVICE};
    return principal;
  }
};

class AnyToken final : public TokenSource {
 public:
  absl::StatusOr<std::string> Token(absl::Time) override { return std::string("token"); }
};

class Count {
 public:
  void Add() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  // False if it does not come to `least` in time.
  bool Await(int least) const {
    absl::MutexLock lock(&mutex_);
    const auto there = [this, least]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ >= least; };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(60));
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class FollowingTest : public ::testing::Test {
 protected:
  FollowingTest() {
    signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directories(dir_);
    followed_.Apply("CREATE TABLE effect (id BIGINT AUTO_INCREMENT PRIMARY KEY, seq BIGINT)");
  }
  ~FollowingTest() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<Runtime> Started(const std::string& name, const testing::TestDatabase& database,
                                   std::function<absl::Status(Runtime&)> build) {
    config::Config config;
    config.service = name;
    config.listen = Socket(name);
    config.db = database.Url();
    config.redis = redis_.options().address;
    config.peers = {{"registry", Socket("registry")}};
    config.workers = 2;
    config.log_level = log::Level::kError;
    ServiceSpec spec;
    spec.name = name;
    spec.authenticator = [](Runtime&) -> absl::StatusOr<std::unique_ptr<auth::Authenticator>> {
      return std::make_unique<EverybodyIsAService>();
    };
    spec.build = std::move(build);
    auto runtime = Runtime::Create(spec, config);
    EXPECT_TRUE(runtime.ok()) << runtime.status();
    const absl::Status started = (*runtime)->Start();
    EXPECT_TRUE(started.ok()) << started;
    return *std::move(runtime);
  }
  std::string Socket(const std::string& name) const {
    return absl::StrCat("unix:", dir_, "/", name);
  }

  static void Change(Runtime& registry, int number) {
    registry::v1::Organization after;
    after.set_name(absl::StrCat("organizations/o", number));
    const StoreDeps store = registry.store();
    const absl::Status written = store.db.Transact([&](db::Session& session) {
      return journal::Append(session, store.clock.Now(), {"test", "accounts/a", "", "", ""},
                             "created", nullptr, &after);
    });
    ASSERT_TRUE(written.ok()) << written;
    store.changed();
  }

  const std::string dir_ = absl::StrCat(std::filesystem::temp_directory_path().string(),
                                        "/chanyan-following-", getpid());
  redis::PrivateRedis redis_;
  testing::TestDatabase followed_{
      {"common:common/db/migrations", "journal:common/journal/migrations"}};
  testing::TestDatabase source_{
      {"common:common/db/migrations", "journal:common/journal/migrations"}};
  AnyToken token_;
};

TEST_F(FollowingTest, EntriesArriveOnceWithRedisWithoutAndWithItAgain) {
  Count applied;
  const auto registry = Started("registry", source_, [](Runtime&) { return absl::OkStatus(); });
  const auto pairing = Started("pairing", followed_, [&](Runtime& runtime) {
    runtime.peers().SetTokenSource(&token_);
    runtime.Follow("registry", [&](db::Session& session, absl::Time, const journal::v1::Entry& e) {
      const auto written = session.Execute("INSERT INTO effect (seq) VALUES (?)", {e.seq()});
      if (written.ok()) applied.Add();
      return written.status();
    });
    return absl::OkStatus();
  });

  Count rung;
  redis::Subscriber listener(redis_.options(), log::Logger("test", log::Level::kError),
                             {{kChannel, [&] { rung.Add(); }}});
  listener.Start();
  ASSERT_TRUE(rung.Await(1));
  // The follower's own ear and the one of this test.
  redis::Client client(redis_.options(), log::Logger("test", log::Level::kError));
  absl::StatusOr<redis::Reply> ears;
  do {
    ears = client.Run({"PUBSUB", "NUMSUB", kChannel});
  } while (ears.ok() && ears->elements.at(1).integer < 2);
  ASSERT_TRUE(ears.ok()) << ears.status();
  Change(*registry, 1);
  EXPECT_TRUE(rung.Await(2));
  EXPECT_TRUE(applied.Await(1));

  redis_.Kill();
  Change(*registry, 2);
  EXPECT_TRUE(applied.Await(2));
  redis_.Start();
  Change(*registry, 3);
  EXPECT_TRUE(applied.Await(3));

  // The figures of the read after the last entry.
  while (
      !absl::StrContains(pairing->metrics().Text(), "chanyan_follower_seq{peer=\"registry\"} 3")) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_THAT(pairing->metrics().Text(),
              HasSubstr("chanyan_follower_lag_entries{peer=\"registry\"} 0"));
  EXPECT_THAT(registry->metrics().Text(), HasSubstr("chanyan_journal_last_seq "));
  EXPECT_THAT(registry->metrics().Text(), HasSubstr("chanyan_journal_sealer_lag_seconds "));
  pairing->Stop();
  registry->Stop();
  const auto effects =
      followed_.Connect()->Query("SELECT GROUP_CONCAT(seq ORDER BY id) FROM effect", {});
  EXPECT_EQ(std::get<std::string>(effects->rows.at(0).at(0)), "1,2,3");
}

}  // namespace
}  // namespace chanyan::rpc
