// Whoever reaches a service's gRPC port can send it any bytes. It must go on serving the others and
// keep nothing of them (RELIABILITY N5). What gRPC itself does not hold back, as whole floods of
// streams, is the network's business: no stranger reaches the port.
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/unit/rpc/fake_journal.h"
#include "tests/unit/rpc/raw_http2.h"

namespace chanyan::rpc {
namespace {

using testing::BigEndian;
using testing::Empty;
using testing::FakeJournal;
using testing::Frame;
using testing::FrameOfLength;
using testing::Header;
using testing::HeaderFrames;
using testing::HpackInteger;
using testing::HpackLiteral;
using testing::kAck;
using testing::kEndHeaders;
using testing::kEndStream;
using testing::kPadded;
using testing::kPreface;
using testing::RawHttp2;

constexpr char kListEntriesPath[] = "/chanyan.journal.v1.JournalService/ListEntries";
// What the server has to close or answer in; nothing needs it, so it is only waited for where the
// server would close.
constexpr absl::Duration kAWhile = absl::Milliseconds(50);

// How often who comes while the server is busy comes again.
constexpr int kMostRepeats = 200;
constexpr absl::Duration kPause = absl::Milliseconds(50);

// Sanitizers keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif
#else
constexpr bool kMemoryIsOurs = true;
#endif

// Preface and settings of a client, with its word that it has read the server's.
std::string Greeting(bool acknowledged = true) {
  return absl::StrCat(kPreface, Frame(testing::kSettings, 0, 0, ""),
                      acknowledged ? Frame(testing::kSettings, kAck, 0, "") : "");
}

// Of a call, each name once: `others` stand in place of what a call has.
std::string HeadersOfCall(const std::vector<Header>& others, bool indexed = false) {
  std::vector<Header> all = {{":method", "POST"},
                             {":scheme", "http"},
                             {":path", kListEntriesPath},
                             {":authority", "localhost"},
                             {"content-type", "application/grpc"},
                             {"te", "trailers"}};
  std::string block;
  std::vector<Header> rest;
  for (const Header& other : others) {
    bool replaced = false;
    for (Header& header : all) {
      if (header.first == other.first) {
        header.second = other.second;
        replaced = true;
      }
    }
    if (!replaced) rest.push_back(other);
  }
  all.insert(all.end(), rest.begin(), rest.end());
  for (const Header& header : all) block += HpackLiteral(header, indexed);
  return block;
}

std::string CallWith(uint32_t stream, const std::vector<Header>& others, uint8_t flags = 0) {
  return HeaderFrames(stream, HeadersOfCall(others), flags);
}

// A gRPC message that says of itself that it has `length` bytes.
std::string MessageOfLength(uint8_t compressed, uint32_t length, absl::string_view bytes) {
  return absl::StrCat(BigEndian(compressed, 1), BigEndian(length, 4), bytes);
}

int64_t ResidentBytes() {
  int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

bool Overloaded(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

class RawHttp2Test : public ::testing::Test {
 protected:
  void SetUp() override { ExpectServed("at first"); }

  // What waits in the queue meanwhile is worked off, so who is told to come again is served soon.
  void ExpectServed(absl::string_view after) {
    grpc::Status status = journal_.List("auditor");
    for (int again = 0; again < kMostRepeats && Overloaded(status); ++again) {
      absl::SleepFor(kPause);
      status = journal_.List("auditor");
    }
    EXPECT_TRUE(status.ok()) << after << ": " << status.error_message();
  }
  void SendAndExpectServed(absl::string_view what, absl::string_view bytes) {
    RawHttp2 stranger(journal_.server().port());
    stranger.Send(bytes);
    stranger.AwaitClosed(kAWhile);
    ExpectServed(what);
  }

  FakeJournal journal_{Empty};
};

TEST_F(RawHttp2Test, WhatIsSentHereIsACallIfItIsWellFormed) {
  RawHttp2 client(journal_.server().port());
  const std::string call = absl::StrCat(
      Greeting(), CallWith(1, {{"authorization", "Bearer auditor"}}),
      Frame(testing::kData, kEndStream, 1, MessageOfLength(0, 15, "\x0a\x0djournals/test")));
  ASSERT_TRUE(client.Send(call));
  EXPECT_FALSE(client.AwaitClosed(absl::Seconds(1)));
  EXPECT_NE(client.received().find("grpc-status"), std::string::npos);
  EXPECT_NE(client.received().find("x-request-id"), std::string::npos) << "it was answered by us";
}

// CVE-2023-1428: gRPC up to 1.54 ended the process over one of these before a block that is larger
// than it takes.
TEST_F(RawHttp2Test, HeadersThatMakeNoSenseBeforeTooManyEndNobody) {
  const std::vector<Header> nonsense = {{"te", "x"},           {"te", ""},
                                        {":scheme", "x"},      {":scheme", ""},
                                        {":method", "x"},      {"grpclb_client_stats", "x"},
                                        {"grpc-timeout", "x"}, {"grpc-encoding", "x"},
                                        {"content-type", "x"}};
  for (const Header& header : nonsense) {
    // Above 8 KiB, above what we take, and above it by far.
    for (const size_t size : {9'000, 20'000, 200'000}) {
      for (const bool acknowledged : {true, false}) {
        for (const bool indexed : {true, false}) {
          const std::string block =
              HeadersOfCall({header, {"x-large", std::string(size, 'a')}}, indexed);
          SendAndExpectServed(absl::StrCat(header.first, "=", header.second, " and ", size),
                              absl::StrCat(Greeting(acknowledged), HeaderFrames(1, block)));
        }
      }
    }
  }
}

TEST_F(RawHttp2Test, BytesThatAreNoHttp2EndNobody) {
  const std::string zeros(100'000, '\0');
  const std::pair<const char*, std::string> cases[] = {
      {"HTTP/1.1", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"the beginning of TLS", "\x16\x03\x01\x02\x01\x01\x01\xfd\x03\x03"},
      {"half a preface", std::string(kPreface, 12)},
      {"another preface", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"},
      {"zeros", zeros},
      {"zeros behind the greeting", Greeting() + zeros},
  };
  for (const auto& [what, bytes] : cases) SendAndExpectServed(what, bytes);
}

TEST_F(RawHttp2Test, FramesOutOfPlaceEndNobody) {
  const std::string call = CallWith(1, {});
  const std::pair<const char*, std::string> cases[] = {
      {"a frame of 16 MiB", FrameOfLength(0xffffff, testing::kHeaders, 0, 1, "abc")},
      {"data of no stream", Frame(testing::kData, 0, 0, "abc")},
      {"data of a stream that is not open", Frame(testing::kData, 0, 5, "abc")},
      {"a stream of the server's", CallWith(2, {})},
      {"a stream again", call + call},
      {"streams backwards", CallWith(7, {}) + CallWith(3, {})},
      {"a continuation of nothing", Frame(testing::kContinuation, kEndHeaders, 1, "abc")},
      {"a frame within headers",
       Frame(testing::kHeaders, 0, 1, "") + Frame(testing::kPing, 0, 0, "12345678")},
      {"more padding than frame", Frame(testing::kHeaders, kPadded | kEndHeaders, 1, "\xff")},
      {"padding alone", call + Frame(testing::kData, kPadded, 1, "\x05")},
      {"settings of half a setting", Frame(testing::kSettings, 0, 0, "abc")},
      {"settings of a stream", Frame(testing::kSettings, 0, 1, "")},
      {"a window of 4 GiB", Frame(testing::kSettings, 0, 0, BigEndian(4, 2) + BigEndian(~0u, 4))},
      {"frames of a byte", Frame(testing::kSettings, 0, 0, BigEndian(5, 2) + BigEndian(1, 4))},
      {"a ping of three bytes", Frame(testing::kPing, 0, 0, "abc")},
      {"a window that grows by nothing", Frame(testing::kWindowUpdate, 0, 0, BigEndian(0, 4))},
      {"a window that grows too far",
       Frame(testing::kWindowUpdate, 0, 0, BigEndian(0x7fffffff, 4)) +
           Frame(testing::kWindowUpdate, 0, 0, BigEndian(0x7fffffff, 4))},
      {"a reset of what never was", Frame(testing::kRstStream, 0, 9, BigEndian(8, 4))},
      {"a promise of the client's", Frame(testing::kPushPromise, kEndHeaders, 1, BigEndian(2, 4))},
      {"a stream that waits for itself", Frame(testing::kPriority, 0, 1, BigEndian(1, 4) + "a")},
      {"a farewell", Frame(testing::kGoaway, 0, 0, BigEndian(0, 8)) + call},
      {"a kind that does not exist", Frame(0xee, 0xff, 1, std::string(1000, 'x')) + call},
  };
  for (const auto& [what, bytes] : cases) SendAndExpectServed(what, Greeting() + bytes);
}

TEST_F(RawHttp2Test, HeadersThatCannotBeReadEndNobody) {
  const std::pair<const char*, std::string> cases[] = {
      {"index 0", "\x80"},
      {"an index that nothing has", BigEndian(0xff, 1) + "\xff\xff\x0f"},
      {"an index without end", std::string(20, '\xff')},
      {"a table of 4 GiB", BigEndian(0x3f, 1) + "\xff\xff\xff\xff\x0f"},
      {"a name longer than the block", absl::StrCat(BigEndian(0, 1), HpackInteger(1 << 20), "abc")},
      {"a value longer than the block",
       absl::StrCat(BigEndian(0, 1), HpackInteger(1), "a", HpackInteger(~uint64_t{0} >> 1), "abc")},
      {"Huffman's end in the middle", absl::StrCat(BigEndian(0, 1),
                                                   "\x84\xff\xff\xff\xff\x01"
                                                   "a")},
      {"a name with a NUL", HpackLiteral({std::string("a\0b", 3), "c"})},
      {"a value with a line's end", HpackLiteral({"a", "b\r\nc: d"})},
      {"a name of upper case", HpackLiteral({"Te", "trailers"})},
      {"no name", HpackLiteral({"", "x"})},
      {"two paths", HpackLiteral({":path", "/a"}) + HpackLiteral({":path", "/b"})},
  };
  for (const auto& [what, block] : cases) {
    SendAndExpectServed(what, Greeting() + HeaderFrames(1, block));
    SendAndExpectServed(what, Greeting() + HeaderFrames(1, HeadersOfCall({}) + block));
  }
  SendAndExpectServed("binary that is not base64",
                      Greeting() + CallWith(1, {{"x-trash-bin", "!!!!"}}, kEndStream));
  SendAndExpectServed("half a header",
                      Greeting() + Frame(testing::kHeaders, 0, 1, HeadersOfCall({})));
}

TEST_F(RawHttp2Test, MessagesThatAreNotWhatTheySayEndNobody) {
  const std::pair<const char*, std::string> cases[] = {
      {"4 GiB are promised", MessageOfLength(0, 0xffffffff, "abc")},
      {"compressed without a word", MessageOfLength(1, 3, "abc")},
      {"an unknown flag", MessageOfLength(0xff, 3, "abc")},
      {"half of its head", std::string(3, '\0')},
      {"two messages", MessageOfLength(0, 0, "") + MessageOfLength(0, 0, "")},
  };
  for (const auto& [what, message] : cases) {
    for (const uint8_t end : {uint8_t{0}, kEndStream}) {
      SendAndExpectServed(
          what, absl::StrCat(Greeting(), CallWith(1, {}), Frame(testing::kData, end, 1, message)));
    }
  }
}

// Frames of any kind with any content, the same each time.
TEST_F(RawHttp2Test, AnyFramesEndNobody) {
  std::mt19937 random(20231428);
  const auto below = [&random](uint32_t end) { return static_cast<uint32_t>(random() % end); };
  for (int round = 0; round < 100; ++round) {
    std::string bytes = Greeting(below(2) == 0);
    if (below(2) == 0) bytes += CallWith(1, {});
    for (uint32_t frames = below(30); frames > 0; --frames) {
      std::string payload;
      for (uint32_t size = below(below(4) == 0 ? 2000 : 20); size > 0; --size) {
        payload += static_cast<char>(below(256));
      }
      bytes += Frame(static_cast<uint8_t>(below(11)), static_cast<uint8_t>(below(256)), below(8),
                     payload);
    }
    RawHttp2 stranger(journal_.server().port());
    stranger.Send(bytes);
    if (round % 10 == 9) ExpectServed(absl::StrCat("round ", round));
  }
  ExpectServed("all of them");
}

// What is sent again and again costs no more memory the more often it comes: gRPC takes some 150 MB
// while the first few floods go on, and no more afterwards.
TEST_F(RawHttp2Test, FloodsAreNotKept) {
  constexpr int kFrames = 20'000;
  constexpr int kStreams = 1'000;
  constexpr int kFirstRounds = 4;
  constexpr int kRounds = 8;
  constexpr int64_t kMostGrowth = 64 << 20;
  const auto repeated = [](const std::string& frame) {
    std::string frames;
    for (int i = 0; i < kFrames; ++i) frames += frame;
    return Greeting() + frames;
  };
  std::string resets = Greeting(), streams = Greeting(/*acknowledged=*/false);
  for (uint32_t i = 0; i < kStreams; ++i) {
    const std::string call = CallWith(2 * i + 1, {});
    absl::StrAppend(&resets, call, Frame(testing::kRstStream, 0, 2 * i + 1, BigEndian(8, 4)));
    streams += call;
  }
  const std::pair<const char*, std::string> floods[] = {
      {"pings", repeated(Frame(testing::kPing, 0, 0, "12345678"))},
      {"settings",
       repeated(Frame(testing::kSettings, 0, 0, BigEndian(4, 2) + BigEndian(65535, 4)))},
      {"empty continuations",
       Greeting() + Frame(testing::kHeaders, 0, 1, "") +
           repeated(Frame(testing::kContinuation, 0, 1, "")).substr(Greeting().size())},
      {"priorities", repeated(Frame(testing::kPriority, 0, 3, BigEndian(0, 4) + "a"))},
      {"windows", repeated(Frame(testing::kWindowUpdate, 0, 0, BigEndian(1, 4)))},
      {"streams begun and reset", resets},
      {"streams begun, without a word that the settings are read", streams},
  };
  for (const auto& [what, bytes] : floods) {
    int64_t before = 0;
    for (int round = 0; round < kRounds; ++round) {
      if (round == kFirstRounds) before = ResidentBytes();
      SendAndExpectServed(what, bytes);
    }
    if (kMemoryIsOurs) {
      EXPECT_LT(ResidentBytes() - before, kMostGrowth) << what;
    }
  }
}

}  // namespace
}  // namespace chanyan::rpc
