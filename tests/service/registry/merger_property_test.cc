// Mergers under concurrency.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>
#include "tests/service/registry/merger_world.h"

namespace chanyan::registry {
namespace {

// Mergers, renames, new enterprises and new platforms at once: afterwards everybody that was made
// is there once, every reference leads to one that goes on, and no path is longer than a step.
TEST_F(MergerTest, NoOrderOfMergersLosesAnything) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  constexpr int kUniversities = 8;
  constexpr int kTowns = 6;
  std::vector<std::string> universities;
  std::vector<std::string> towns;
  for (int i = 0; i < kUniversities; ++i) {
    universities.push_back(Make(absl::StrCat("u", i), absl::StrCat("大学", i), kUniversity));
  }
  for (int i = 0; i < kTowns; ++i) {
    towns.push_back(Make(absl::StrCat("t", i), absl::StrCat("镇", i), kTown));
  }
  constexpr int kThreads = 6;
  constexpr int kActs = 25;
  std::vector<std::set<std::string>> made(kThreads);
  std::vector<int> merged(kThreads, 0);
  std::vector<std::string> faults(kThreads);
  const auto run = [&](int thread) {
    std::mt19937 random(seed + thread);
    const auto one_of = [&](const std::vector<std::string>& all) {
      return all[random() % all.size()];
    };
    for (int act = 0; act < kActs; ++act) {
      absl::Status status;
      const int number = 1000 + thread * 100 + act;
      switch (random() % 6) {
        case 0: {
          const auto done = Merge(one_of(universities), one_of(universities));
          merged[thread] += done.ok();
          status = done.status();
          break;
        }
        case 1: {
          const auto done = Merge(one_of(towns), one_of(towns));
          merged[thread] += done.ok();
          status = done.status();
          break;
        }
        case 2:
          status = Rename(one_of(universities), absl::StrCat("大学改", number)).status();
          break;
        case 3: {
          const auto done = Create(absl::StrCat("n", number), absl::StrCat("企业", number),
                                   kCompany, number, one_of(towns));
          if (done.ok()) made[thread].insert(done->name());
          status = done.status();
          break;
        }
        default: {
          // Half of them under names that others have too.
          const auto done = CreatePlatform(one_of(universities), absl::StrCat("p", number),
                                           absl::StrCat("平台", number % 4));
          if (done.ok()) made[thread].insert(done->name());
          status = done.status();
        }
      }
      if (absl::IsInternal(status)) faults[thread] = std::string(status.message());
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(faults, ::testing::Each(std::string())) << "seed " << seed;

  std::map<std::string, v1::Organization> all;
  for (const std::string& name : Texts("SELECT name FROM organization")) all[name] = At(name);
  int gone = 0;
  for (const auto& [name, row] : all) {
    const bool is_merged = row.state() == v1::ORGANIZATION_STATE_MERGED;
    gone += is_merged;
    EXPECT_EQ(is_merged, !row.merged_into().empty()) << name;
    if (is_merged) {
      EXPECT_NE(all[row.merged_into()].state(), v1::ORGANIZATION_STATE_MERGED) << "seed " << seed;
      const auto& absorbed = all[row.merged_into()].absorbed();
      EXPECT_EQ(
          std::count_if(absorbed.begin(), absorbed.end(),
                        [&name = name](const auto& one) { return one.organization() == name; }),
          1)
          << name << ", seed " << seed;
      EXPECT_EQ(row.absorbed_size(), 0) << name;
    }
    if (!row.unit().empty()) {
      EXPECT_NE(all[row.unit()].state(), v1::ORGANIZATION_STATE_MERGED)
          << name << " is served by nobody, seed " << seed;
    }
  }
  int acknowledged = 0;
  std::set<std::string> wanted;
  for (int i = 0; i < kThreads; ++i) {
    acknowledged += merged[i];
    wanted.insert(made[i].begin(), made[i].end());
  }
  EXPECT_GT(acknowledged, 3) << "seed " << seed;
  EXPECT_EQ(gone, acknowledged) << "seed " << seed;
  std::set<std::string> present;
  for (const std::string& name :
       Texts("SELECT name FROM organization WHERE kind = 'ENTERPRISE' UNION SELECT name FROM "
             "platform")) {
    present.insert(name);
  }
  EXPECT_EQ(present, wanted) << "seed " << seed;
  for (const std::string& owner : Texts("SELECT DISTINCT organization FROM platform")) {
    EXPECT_NE(all[owner].state(), v1::ORGANIZATION_STATE_MERGED) << owner << ", seed " << seed;
  }
  EXPECT_EQ(Count("organization_event WHERE kind = 'MERGED'"), acknowledged);
  EXPECT_EQ(Count("organization_event WHERE kind = 'ABSORBED'"), acknowledged);
}

}  // namespace
}  // namespace chanyan::registry
