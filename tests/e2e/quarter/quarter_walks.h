// Quarters that chanyan-quarter walks through the gateway of a suite, with the files that
// chanyan-seed makes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/support/suite/json.h"
#include "tests/support/suite/process.h"
#include "tests/support/suite/suite.h"

namespace chanyan::e2e {

// Of one walk, on a machine that others use as well.
inline constexpr absl::Duration kLongest = absl::Minutes(5);

// Exit codes of chanyan-quarter besides 0.
inline constexpr int kFailed = 1;
inline constexpr int kFilesRefused = 3;

// What of a demonstration's plan is no part of the quarter, besides the month of triage.
inline constexpr const char* kBesideTheQuarter[] = {"records.tsv", "consortia.tsv",
                                                    "consortium_units.tsv"};

inline std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The running quarter, which the scheduler would open in its own time, is left alone.
inline testing::SuiteOptions NoQuarterOfItsOwn() {
  return {.flags = {{"cycle", {"--open_running_quarter=false"}}}};
}

// By path.
using Files = std::map<std::string, std::string>;

// What is not the same in both, by name.
template <class T>
std::vector<std::string> Differences(const std::map<std::string, T>& a,
                                     const std::map<std::string, T>& b) {
  std::vector<std::string> different;
  for (const auto& [name, value] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second != value) different.push_back(name);
  }
  for (const auto& [name, value] : b) {
    if (!a.contains(name)) different.push_back(name);
  }
  return different;
}

class QuarterWalks : public ::testing::Test {
 protected:
  QuarterWalks() : dir_(absl::StrCat(::testing::TempDir(), "/quarter-", getpid())) {
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
  }
  ~QuarterWalks() override { std::filesystem::remove_all(dir_); }

  // A demonstration of these sizes ("--rows=18" …), without these files of its plan.
  void Seed(const std::vector<std::string>& sizes, const std::vector<std::string>& without) {
    const std::string seed_log = dir_ + "/seed.log";
    std::vector<std::string> command = {
        CHANYAN_SEED, absl::StrCat("--data=", CHANYAN_SOURCE, "/deploy/demo/qingdao"),
        "--size=demo", absl::StrCat("--out=", dir_, "/in")};
    command.insert(command.end(), sizes.begin(), sizes.end());
    const auto seeded = testing::Process::Start(
        {.command = std::move(command), .log = seed_log, .environment = {}});
    ASSERT_EQ(seeded->Wait(kLongest), 0) << ReadFile(seed_log);
    for (const std::string& file : without) {
      std::filesystem::remove(absl::StrCat(dir_, "/in/plan/", file));
    }
  }

  // A walk of suite `name` that has been started; what it says is in log().
  std::unique_ptr<testing::Process> Start(testing::Suite& suite, const std::string& name) {
    const std::string password = absl::StrCat(dir_, "/", name, ".password");
    if (!std::filesystem::exists(password)) {
      std::ofstream(password) << suite.FirstAdministratorPassword() << "\n";
      std::filesystem::permissions(
          password, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    std::filesystem::remove(log());
    return testing::Process::Start(
        {.command = {CHANYAN_QUARTER, "2025q2", absl::StrCat("--in=", dir_, "/in"),
                     absl::StrCat("--out=", dir_, "/", name),
                     absl::StrCat("--gateway=http://", suite.http_address()),
                     absl::StrCat("--accounts=", dir_, "/", name, ".accounts"),
                     absl::StrCat("--admin_password_file=", password)},
         .log = log(),
         .environment = {}});
  }
  // Of an account that a walk of this name made.
  std::string PasswordOf(const std::string& name, const std::string& login) const {
    const auto accounts =
        testing::Json::Parse(ReadFile(absl::StrCat(dir_, "/", name, ".accounts")));
    for (int i = 0; i < accounts.Size("accounts"); ++i) {
      const testing::Json account = accounts.Sub(absl::StrCat("accounts.", i));
      if (account.At("login") == login) return account.At("password");
    }
    ADD_FAILURE() << "no account " << login;
    return "";
  }
  std::string log() const { return dir_ + "/walk.log"; }

  // Walks to the end, which is to say `code`; what it made, by path.
  Files Walk(testing::Suite& suite, const std::string& name, int code = 0) {
    const auto exit = Start(suite, name)->Wait(kLongest);
    EXPECT_EQ(exit, code) << ReadFile(log());
    Files made;
    const std::string out = absl::StrCat(dir_, "/", name);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out)) {
      if (!entry.is_regular_file()) continue;
      made[std::filesystem::relative(entry.path(), out).string()] = ReadFile(entry.path().string());
    }
    return made;
  }

  const std::string dir_;
};

}  // namespace chanyan::e2e
