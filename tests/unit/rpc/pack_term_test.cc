// A process says whether its policy pack is in force today (POL-1).
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
#include "tests/unit/rpc/raw_http.h"

namespace chanyan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kInForce[] = "chanyan_policy_pack_in_force ";
constexpr char kWarned[] = "the policy pack is not in force today";
constexpr char kAskMetrics[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr absl::Duration kTermLimit = absl::Seconds(20);

std::string DateField(absl::CivilDay day) {
  return absl::StrCat("{ year: ", day.year(), " month: ", day.month(), " day: ", day.day(), " }");
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
          shown = testing::AskRaw((*runtime)->admin_port(), kAskMetrics);
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
