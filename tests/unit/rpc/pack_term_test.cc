// A process says whether its policy pack is in force today (POL-1).
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/runtime.h"
#include "common/time/civil.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/rpc/fake_journal.h"

namespace chanyan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kInForce[] = "chanyan_policy_pack_in_force ";
constexpr char kWarned[] = "the policy pack is not in force today";
constexpr absl::Duration kTermLimit = absl::Seconds(20);

std::string DateField(absl::CivilDay day) {
  return absl::StrCat("{ year: ", day.year(), " month: ", day.month(), " day: ", day.day(), " }");
}

std::string MetricsAt(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  constexpr absl::string_view kQuestion = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(send(fd, kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(kQuestion.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
    answer.append(buffer, static_cast<size_t>(n));
  }
  close(fd);
  return answer;
}

class PackTermTest : public ::testing::Test {
 protected:
  PackTermTest() : folder_(absl::StrCat(::testing::TempDir(), "/pack_term_", getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~PackTermTest() override { std::filesystem::remove_all(folder_); }

  // What a process with such a pack shows, and what it logs.
  std::pair<std::string, std::string> Run(const std::string& term) {
    std::ofstream(folder_ + "/pack.textproto") << absl::StrCat(
        "id: 'test' display_name: '试验市' version: '7'\n", term,
        "\ncalendars { year: 2025 note: '试验' holidays { display_name: '元旦' "
        "first_date { year: 2025 month: 1 day: 1 } last_date { year: 2025 month: 1 day: 1 } } }\n");
    ServiceSpec spec;
    spec.name = "test";
    spec.needs.database = false;
    spec.needs.policy = true;
    spec.authenticator = [](Runtime&) -> absl::StatusOr<std::unique_ptr<auth::Authenticator>> {
      return std::make_unique<testing::FakeAuthenticator>();
    };
    spec.build = [](Runtime&) { return absl::OkStatus(); };
    config::Config config;
    config.service = "test";
    config.listen = "127.0.0.1:0";
    config.admin = "127.0.0.1:0";
    config.policy_dirs = {folder_};
    config.workers = 2;
    ::testing::internal::CaptureStderr();
    std::string shown;
    {
      const auto runtime = Runtime::Create(spec, config);
      EXPECT_TRUE(runtime.ok()) << runtime.status();
      if (runtime.ok() && (*runtime)->Start().ok()) {
        const absl::Time limit = absl::Now() + kTermLimit;
        while (!absl::StrContains(shown, kInForce) && absl::Now() < limit) {
          shown = MetricsAt((*runtime)->admin_port());
        }
        (*runtime)->Stop();
      }
    }
    return {std::move(shown), ::testing::internal::GetCapturedStderr()};
  }

  const std::string folder_;
  const absl::CivilDay today_ = time::DayOf(absl::Now());
};

TEST_F(PackTermTest, APackWhoseTermIsOverIsWarnedOfAndGoesOn) {
  const auto [shown, logged] = Run(absl::StrCat(
      "effective_from { year: 2020 month: 1 day: 1 } effective_until ", DateField(today_ - 2)));
  EXPECT_THAT(shown, HasSubstr(absl::StrCat(kInForce, "0")));
  EXPECT_THAT(logged,
              AllOf(HasSubstr(kWarned), HasSubstr("\"pack\":\"test\""),
                    HasSubstr("\"version\":\"7\""), HasSubstr("\"effective_from\":\"2020-01-01\""),
                    HasSubstr(time::FormatDate(today_ - 2)), HasSubstr("\"started\"")));
}

TEST_F(PackTermTest, APackThatHasNotBegunIsWarnedOf) {
  const auto [shown, logged] = Run(absl::StrCat("effective_from ", DateField(today_ + 2)));
  EXPECT_THAT(shown, HasSubstr(absl::StrCat(kInForce, "0")));
  EXPECT_THAT(logged, HasSubstr(kWarned));
}

TEST_F(PackTermTest, APackInForceIsShownAndNothingIsSaid) {
  const auto [shown, logged] = Run("effective_from { year: 2020 month: 1 day: 1 }");
  EXPECT_THAT(shown, HasSubstr(absl::StrCat(kInForce, "1")));
  EXPECT_THAT(logged, Not(HasSubstr(kWarned)));
}

}  // namespace
}  // namespace chanyan::rpc
