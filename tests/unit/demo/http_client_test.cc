#include "tools/demo/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace chanyan::demo {
namespace {

using boost::asio::ip::tcp;

// Answers in order, one list a connection.
using Script = std::vector<std::vector<std::string>>;

// Answers request heads with what it was given, one connection for each inner list.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script)
      : acceptor_(loop_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this, script = std::move(script)] {
          for (const auto& answers : script) {
            tcp::socket socket = acceptor_.accept();
            boost::asio::streambuf heads;
            for (const std::string& answer : answers) {
              boost::system::error_code error;
              const size_t bytes = boost::asio::read_until(socket, heads, "\r\n\r\n", error);
              if (error) break;
              const auto* begin = static_cast<const char*>(heads.data().data());
              seen_.emplace_back(begin, bytes);
              heads.consume(bytes);
              boost::asio::write(socket, boost::asio::buffer(answer), error);
            }
          }
        }) {}
  // The heads it saw; call when all answers were given.
  std::vector<std::string> Seen() {
    thread_.join();
    return seen_;
  }
  Endpoint endpoint() const {
    return {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port())};
  }

 private:
  boost::asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::vector<std::string> seen_;
  std::thread thread_;
};

constexpr char kShort[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";

TEST(HttpClientTest, AddressesThatAreNoneAreRefused) {
  for (const char* url : {"", "127.0.0.1:80", "https://a:1", "http://", "http://a:0",
                          "http://a:70000", "http://a:1/path", "http://u@a:1"}) {
    EXPECT_FALSE(ParseEndpoint(url).ok()) << url;
  }
  const auto good = ParseEndpoint("http://127.0.0.1:8080/");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->host, "127.0.0.1");
  EXPECT_EQ(good->port, "8080");
  EXPECT_EQ(ParseEndpoint("http://chanyan")->port, "80");
}

TEST(HttpClientTest, ValuesOfQueriesAreEncoded) {
  EXPECT_EQ(PercentEncode("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(PercentEncode("a b&c=/海"), "a%20b%26c%3D%2F%E6%B5%B7");
}

TEST(HttpClientTest, NobodyListeningIsUnavailable) {
  HttpClient client({"127.0.0.1", "1"});
  EXPECT_EQ(client.Ask({"GET", "/"}, absl::Seconds(5)).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(HttpClientTest, ASilentServerIsGivenUp) {
  ScriptedServer server(Script{{""}});
  HttpClient client(server.endpoint());
  EXPECT_FALSE(client.Ask({"GET", "/"}, absl::Milliseconds(200)).ok());
  server.Seen();
}

TEST(HttpClientTest, KeepsItsConnectionAndReadsWhatMatters) {
  ScriptedServer server(
      Script{{kShort,
              "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\nRetry-After: 3\r\n"
              "Set-Cookie: __Host-chanyan=s1; Path=/; Secure\r\n\r\n4\r\nbusy\r\n0\r\n\r\n"}});
  HttpClient client(server.endpoint());
  const auto first = client.Ask({"GET", "/a?b=c"}, absl::Seconds(20));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->body, "ok");
  EXPECT_EQ(first->content_type, "text/plain");
  const auto second = client.Ask({"POST", "/d", {{"X-Chanyan-Request", "1"}}}, absl::Seconds(20));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->status, 503);
  EXPECT_EQ(second->retry_after, absl::Seconds(3));
  EXPECT_EQ(second->cookie, "__Host-chanyan=s1");
  EXPECT_EQ(second->body, "busy");
  const std::vector<std::string> seen = server.Seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].substr(0, 22), "GET /a?b=c HTTP/1.1\r\nH");
  EXPECT_NE(seen[1].find("X-Chanyan-Request: 1\r\n"), std::string::npos);
  EXPECT_NE(seen[1].find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(HttpClientTest, FollowsAnAnswerBitByBitAndStopsWhenItHasEnough) {
  constexpr char kStream[] =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n";
  constexpr char kRefused[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone";
  ScriptedServer server(Script{{kStream, kRefused, kStream}, {kShort}});
  HttpClient client(server.endpoint());
  std::string seen;
  const auto take = [&](absl::string_view piece) {
    seen.append(piece.data(), piece.size());
    return true;
  };
  const auto whole = client.Follow({"GET", "/"}, absl::Seconds(20), take);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(seen, "firstsecond");
  EXPECT_EQ(whole->body, "") << "it was given bit by bit";
  // An error is an answer as others are.
  const auto refused = client.Follow({"GET", "/"}, absl::Seconds(20), take);
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->status, 404);
  EXPECT_EQ(refused->body, "none");
  EXPECT_EQ(seen, "firstsecond");
  const auto enough =
      client.Follow({"GET", "/"}, absl::Seconds(20), [](absl::string_view) { return false; });
  EXPECT_TRUE(absl::IsCancelled(enough.status())) << enough.status();
  // What is left of it is not taken for the next answer.
  const auto next = client.Ask({"GET", "/"}, absl::Seconds(20));
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->body, "ok");
  server.Seen();
}

TEST(HttpClientTest, AConnectionClosedBetweenRequestsIsOpenedAnew) {
  ScriptedServer server(Script{{kShort}, {kShort}});
  HttpClient client(server.endpoint());
  ASSERT_TRUE(client.Ask({"GET", "/"}, absl::Seconds(20)).ok());
  const auto again = client.Ask({"GET", "/"}, absl::Seconds(20));
  EXPECT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(server.Seen().size(), 2u);
}

}  // namespace
}  // namespace chanyan::demo
