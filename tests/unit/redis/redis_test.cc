// Redis may freeze, die and come back: callers wait no longer than they said, and no reply is ever
// another command's.
#include <atomic>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/redis/client.h"
#include "common/redis/subscriber.h"
#include "gtest/gtest.h"
#include "tests/unit/redis/private_redis.h"

namespace chanyan::redis {
namespace {

// What a loaded machine may add to a time limit.
constexpr absl::Duration kSlack = absl::Seconds(2);

log::Logger Quiet() { return log::Logger("test", log::Level::kError); }

class RedisTest : public ::testing::Test {
 protected:
  RedisTest() { signal(SIGPIPE, SIG_IGN); }

  PrivateRedis server_;
};

// Counts rings and waits for them.
class Bell {
 public:
  void Ring() {
    absl::MutexLock lock(&mutex_);
    ++rings_;
  }
  int rings() const {
    absl::MutexLock lock(&mutex_);
    return rings_;
  }
  // False if it does not ring more than `before` times in time.
  bool AwaitMoreThan(int before) const {
    absl::MutexLock lock(&mutex_);
    const auto rung = [this, before]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return rings_ > before; };
    return mutex_.AwaitWithTimeout(absl::Condition(&rung), absl::Seconds(30));
  }

 private:
  mutable absl::Mutex mutex_;
  int rings_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(RedisTest, RepliesOfEveryKindAreRead) {
  Client client(server_.options(), Quiet());
  EXPECT_EQ(client.Run({"SET", "k", absl::string_view("a\0b\r\n", 5)})->text, "OK");
  EXPECT_EQ(client.Run({"GET", "k"})->text, std::string("a\0b\r\n", 5));
  EXPECT_EQ(client.Run({"GET", "none"})->kind, Reply::Kind::kNil);
  EXPECT_EQ(client.Run({"INCR", "n"})->integer, 1);
  EXPECT_EQ(client.Run({"SET", "empty", ""})->text, "OK");
  const absl::StatusOr<Reply> list = client.Run({"MGET", "k", "none", "empty"});
  ASSERT_EQ(list->elements.size(), 3u);
  EXPECT_EQ(list->elements[1].kind, Reply::Kind::kNil);
  EXPECT_EQ(list->elements[2].text, "");
}

TEST_F(RedisTest, ARefusalOfRedisIsAnErrorAndTheConnectionStays) {
  Client client(server_.options(), Quiet());
  ASSERT_TRUE(client.Run({"SET", "k", "text"}).ok());
  EXPECT_EQ(client.Run({"INCR", "k"}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client.Run({"NOSUCHCOMMAND"}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client.Run({"GET", "k"})->text, "text");
}

TEST_F(RedisTest, NobodyThereIsUnavailable) {
  for (const char* address : {"unix:/nowhere/redis.sock", "127.0.0.1:1"}) {
    Options options = server_.options();
    options.address = address;
    EXPECT_EQ(Client(options, Quiet()).Run({"PING"}).status().code(),
              absl::StatusCode::kUnavailable);
  }
  Options options = server_.options();
  options.address = "no-port";
  EXPECT_EQ(Client(options, Quiet()).Run({"PING"}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(RedisTest, APasswordIsReadFromItsFileForEachConnection) {
  const std::string file = server_.dir() + "/password";
  const auto with = [&](absl::string_view query) {
    Options options = server_.options();
    absl::StrAppend(&options.address, "?", query, "password-file=", file);
    return Connection::Open(options).status();
  };
  auto first = Connection::Open(server_.options());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE((*first)->Run({"CONFIG", "SET", "requirepass", "geheim"}).ok());
  ASSERT_TRUE((*first)->Run({"ACL", "SETUSER", "chanyan", "on", ">eigen", "+@all", "~*"}).ok());

  EXPECT_EQ(with("").code(), absl::StatusCode::kInvalidArgument) << "no file";
  std::ofstream(file) << "falsch\n";
  EXPECT_EQ(with("").code(), absl::StatusCode::kUnavailable);
  std::ofstream(file) << "geheim\n";
  EXPECT_TRUE(with("").ok()) << with("");
  EXPECT_EQ(with("user=chanyan&").code(), absl::StatusCode::kUnavailable);
  std::ofstream(file) << "eigen\n";
  EXPECT_TRUE(with("user=chanyan&").ok()) << with("user=chanyan&");
}

// The trap: a connection that timed out hands the late reply to the next command.
TEST_F(RedisTest, AReplyThatComesTooLateIsNobodyElses) {
  Client client(server_.options(), Quiet());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.Run({"SET", absl::StrCat("k", i), absl::StrCat("v", i)}).ok());
  }
  for (int round = 0; round < 3; ++round) {
    const absl::Time started = absl::Now();
    EXPECT_EQ(client.Run({"DEBUG", "SLEEP", "0.5"}).status().code(),
              absl::StatusCode::kUnavailable);
    EXPECT_LT(absl::Now() - started, server_.options().command_timeout + kSlack);
    int answered = 0;
    for (int i = 0; i < 5 || answered == 0; ++i) {
      const absl::StatusOr<Reply> reply = client.Run({"GET", absl::StrCat("k", i % 5)});
      if (!reply.ok()) continue;
      ++answered;
      ASSERT_EQ(reply->text, absl::StrCat("v", i % 5));
    }
  }
}

TEST_F(RedisTest, ThreadsSharingAClientGetTheirOwnRepliesWhateverHappensToRedis) {
  Client client(server_.options(), Quiet());
  std::atomic<int> right{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        const std::string text = absl::StrCat(t, "-", i);
        const absl::StatusOr<Reply> reply = client.Run({"ECHO", text});
        if (!reply.ok()) continue;
        ASSERT_EQ(reply->text, text);
        ++right;
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    server_.Freeze();
    absl::SleepFor(server_.options().command_timeout * 2);
    server_.Thaw();
    server_.Kill();
    server_.Start();
    const int before = right;
    while (right < before + 100) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_F(RedisTest, AFrozenRedisIsNotWaitedForAgainDuringThePause) {
  Options options = server_.options();
  options.first_pause = options.longest_pause = absl::Hours(1);
  Client client(options, Quiet());
  server_.Freeze();
  EXPECT_FALSE(client.Run({"PING"}).ok());
  const absl::Time started = absl::Now();
  for (int i = 0; i < 10000; ++i) client.Publish("c");
  // Each would take the time limit otherwise: over half an hour.
  EXPECT_LT(absl::Now() - started, kSlack);
  server_.Thaw();
}

TEST_F(RedisTest, ARestartCostsAPublisherNothing) {
  Client client(server_.options(), Quiet());
  Bell bell;
  ASSERT_TRUE(client.Run({"PING"}).ok());
  server_.Kill();
  server_.Start();
  Subscriber subscriber(server_.options(), Quiet(), {{"c", [&] { bell.Ring(); }}});
  subscriber.Start();
  ASSERT_TRUE(bell.AwaitMoreThan(0));
  const int before = bell.rings();
  // The client's connection is the dead one of before.
  client.Publish("c");
  EXPECT_TRUE(bell.AwaitMoreThan(before));
}

TEST_F(RedisTest, ASubscriberIsRungOnItsOwnChannelsOnly) {
  Bell one, other;
  Subscriber subscriber(server_.options(), Quiet(),
                        {{"one", [&] { one.Ring(); }}, {"other", [&] { other.Ring(); }}});
  subscriber.Start();
  // Once at the start, because of what may have been missed.
  ASSERT_TRUE(one.AwaitMoreThan(0));
  ASSERT_TRUE(other.AwaitMoreThan(0));
  Client client(server_.options(), Quiet());
  client.Publish("third");
  client.Publish("one");
  ASSERT_TRUE(one.AwaitMoreThan(1));
  EXPECT_EQ(one.rings(), 2);
  EXPECT_EQ(other.rings(), 1);
}

TEST_F(RedisTest, RingsResumeAfterAKillAndAfterAFreeze) {
  Bell bell;
  Subscriber subscriber(server_.options(), Quiet(), {{"c", [&] { bell.Ring(); }}},
                        /*ask_again=*/absl::Milliseconds(20));
  subscriber.Start();
  Client client(server_.options(), Quiet());
  for (int round = 0; round < 3; ++round) {
    int before = bell.rings();
    server_.Kill();
    server_.Start();
    // The new connection rings by itself.
    ASSERT_TRUE(bell.AwaitMoreThan(before));
    server_.Freeze();
    // Longer than it takes to notice.
    absl::SleepFor(server_.options().command_timeout * 2);
    before = bell.rings();
    server_.Thaw();
    ASSERT_TRUE(bell.AwaitMoreThan(before));
    before = bell.rings();
    while (bell.rings() == before) client.Publish("c");
  }
}

TEST_F(RedisTest, AQuietChannelKeepsItsConnection) {
  Bell bell;
  Subscriber subscriber(server_.options(), Quiet(), {{"c", [&] { bell.Ring(); }}},
                        /*ask_again=*/absl::Milliseconds(1));
  subscriber.Start();
  ASSERT_TRUE(bell.AwaitMoreThan(0));
  Client client(server_.options(), Quiet());
  // Many questions later it is still the first connection.
  const auto pings = [&] {
    const std::string stats = client.Run({"INFO", "commandstats"})->text;
    const size_t at = stats.find("cmdstat_ping:calls=");
    return at == std::string::npos ? 0 : std::atoi(stats.c_str() + at + 19);
  };
  const int before = pings();
  while (pings() < before + 50) std::this_thread::yield();
  EXPECT_EQ(bell.rings(), 1);
}

TEST_F(RedisTest, ASubscriberStopsAtOnceWhileRedisIsAwayOrFrozen) {
  for (const bool away : {true, false}) {
    Options options = server_.options();
    options.first_pause = options.longest_pause = absl::Hours(1);
    Bell bell;
    Subscriber subscriber(options, Quiet(), {{"c", [&] { bell.Ring(); }}});
    subscriber.Start();
    ASSERT_TRUE(bell.AwaitMoreThan(0));
    const absl::Time started = absl::Now();
    away ? server_.Kill() : server_.Freeze();
    subscriber.Stop();
    EXPECT_LT(absl::Now() - started, kSlack);
    away ? server_.Start() : server_.Thaw();
  }
}

}  // namespace
}  // namespace chanyan::redis
