// The demonstration's consortia beside what somebody made by hand before (CON-6): an office that
// cannot put its clock back any more is no failure, anything else is.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/api.h"
#include "tools/quarter_program/consortia.h"
#include "tools/quarter_program/consortia_plan.h"

namespace chanyan::quarter {
namespace {

using boost::asio::ip::tcp;
using ::testing::Contains;
using ::testing::HasSubstr;

// Answers as a gateway with one draft, which its parties find and the office does not see among
// all; one connection.
class Gateway {
 public:
  // `refusal`: the reason with which the clock's beginning is refused, and the HTTP status.
  Gateway(std::string refusal, int status)
      : refusal_(std::move(refusal)),
        status_(status),
        acceptor_(loop_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this] { Serve(); }) {}
  // Once the connection is closed.
  std::vector<std::string> Asked() {
    thread_.join();
    return asked_;
  }
  demo::Endpoint endpoint() const {
    return {"127.0.0.1", absl::StrCat(acceptor_.local_endpoint().port())};
  }

 private:
  // "GET /v1/… HTTP/1.1", a body behind the head.
  void Serve() {
    tcp::socket socket = acceptor_.accept();
    boost::asio::streambuf buffer;
    while (true) {
      boost::system::error_code error;
      const size_t bytes = boost::asio::read_until(socket, buffer, "\r\n\r\n", error);
      if (error) return;
      const std::string head(static_cast<const char*>(buffer.data().data()), bytes);
      buffer.consume(bytes);
      size_t length = 0;
      const size_t at = head.find("Content-Length: ");
      if (at != std::string::npos) {
        const size_t begin = at + std::string("Content-Length: ").size();
        EXPECT_TRUE(absl::SimpleAtoi(head.substr(begin, head.find('\r', begin) - begin), &length));
      }
      if (buffer.size() < length) {
        boost::asio::read(socket, buffer, boost::asio::transfer_exactly(length - buffer.size()),
                          error);
      }
      buffer.consume(length);
      const std::string what = head.substr(0, head.find(" HTTP"));
      asked_.push_back(what);
      boost::asio::write(socket, boost::asio::buffer(AnswerTo(what)), error);
    }
  }
  static std::string Reply(int status, const std::string& body) {
    return absl::StrCat("HTTP/1.1 ", status, " X\r\nContent-Type: application/json\r\n",
                        "Content-Length: ", body.size(), "\r\n\r\n", body);
  }
  static std::string Error(int status, const std::string& code, const std::string& reason) {
    return Reply(
        status,
        absl::StrCat(R"({"error":{"code":)", status, R"(,"message":"不行","status":")", code,
                     R"(","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)",
                     R"("domain":"chanyan","reason":")", reason, R"("}]}})"));
  }
  std::string AnswerTo(const std::string& what) const {
    if (what == "GET /v1/backfills/consortium") return Error(404, "NOT_FOUND", "NOT_FOUND");
    if (what == "POST /v1/backfills/consortium:begin") {
      return Error(status_, "FAILED_PRECONDITION", refusal_);
    }
    if (absl::StartsWith(what, "GET /v1/consortia?filter=")) {
      return Reply(200,
                   R"({"consortia":[{"name":"consortia/a","state":"CONSORTIUM_STATE_DRAFT"}]})");
    }
    return Reply(200, "{}");
  }

  const std::string refusal_;
  const int status_;
  boost::asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

class ConsortiaBackfillTest : public ::testing::Test {
 protected:
  absl::Status Run(const demo::Endpoint& gateway) {
    const std::string path =
        absl::StrCat(::testing::TempDir(), "/quarter_accounts_", ::getpid(), ".json");
    std::ofstream(path) << R"({"accounts":[{"login":"admin","password":"x"},
        {"login":"kjj","password":"x"},{"login":"qdst-gx","password":"x"},
        {"login":"lead","password":"x"}]})";
    Api api(gateway);
    Accounts accounts(api, path, "");
    const absl::Status prepared = accounts.Prepare({});
    EXPECT_TRUE(prepared.ok()) << prepared;
    const ConsortiaPlan plan = {{{"a", "lead", "marine", "水下传感", "draft"}}, {}};
    Consortia consortia(plan, accounts, "kjj");
    const absl::Status done = consortia.Run();
    words_ = consortia.InWords();
    std::remove(path.c_str());
    return done;
  }

  std::string words_;
};

TEST_F(ConsortiaBackfillTest, ADossierThatIsThereAlreadyMeansThatNoClockIsNeeded) {
  Gateway gateway("WRONG_STATE", 400);
  const absl::Status done = Run(gateway.endpoint());
  EXPECT_TRUE(done.ok()) << done;
  EXPECT_THAT(words_, HasSubstr("创新联合体 1 个"));
  EXPECT_THAT(gateway.Asked(), Contains("POST /v1/backfills/consortium:begin").Times(1));
}

TEST_F(ConsortiaBackfillTest, AnyOtherRefusalOfTheClockEndsTheRun) {
  Gateway gateway("CALENDAR_MISSING", 400);
  const absl::Status done = Run(gateway.endpoint());
  EXPECT_EQ(status::ReasonOf(done), options::v1::ERROR_REASON_CALENDAR_MISSING) << done;
  EXPECT_THAT(gateway.Asked(), Contains("POST /v1/backfills/consortium:begin"));
  EXPECT_EQ(words_, "");
}

}  // namespace
}  // namespace chanyan::quarter
