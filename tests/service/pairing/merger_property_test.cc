// Mergers in any order.
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

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "tests/service/pairing/merger_world.h"

namespace chanyan::pairing {
namespace {

// Projects are begun, moved and ended, reports come in, and organizations merge, all at once. In
// the end every project that was acknowledged is there once, with an enterprise that goes on, and
// of each pair's open ones exactly one takes the reports.
TEST_F(PairingMergerTest, NoOrderOfMergersLosesOrDoublesAProject) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  constexpr int kFirms = 12;
  for (int i = 4; i <= kFirms; ++i) AddEnterprise(i, i % 2 == 0 ? kZone : kTown);
  constexpr int kThreads = 4;
  std::vector<std::set<std::string>> made(kThreads);
  std::vector<std::string> faults(kThreads + 1);
  const auto run = [&](int thread) {
    std::mt19937 random(seed + thread);
    for (int act = 0; act < 30; ++act) {
      const int firm = 1 + static_cast<int>(random() % kFirms);
      const std::string platform = random() % 2 == 0 ? kLab : kCenter;
      const std::string university(api::ParentOfName(platform));
      absl::Status status;
      switch (random() % 5) {
        case 0:
        case 1: {
          const auto done = Create(NewProject(platform, firm), university);
          if (done.ok()) made[thread].insert(done->name());
          status = done.status();
          break;
        }
        case 2: {
          v1::Report report = ReportOf(platform, firm, v1::PROJECT_STATE_SIGNED);
          report.set_row(absl::StrCat(report.row(), "-", thread, "-", act));
          const auto done = Record(absl::StrCat("2025q", 1 + act % 4), {report});
          if (done.ok() && done->outcomes(0).created()) {
            made[thread].insert(done->outcomes(0).project());
          }
          status = done.status();
          break;
        }
        default: {
          if (made[thread].empty()) break;
          auto at = made[thread].begin();
          std::advance(at, random() % made[thread].size());
          status = random() % 3 == 0 ? Settle(*at, options::v1::ROLE_SECRETARIAT, "").status()
                                     : Do("terminate", *at, std::string(kOuc)).status();
        }
      }
      if (absl::IsInternal(status)) faults[thread] = std::string(status.message());
    }
  };
  // The registry's journal, read by one follower: its own small copy of what is merged.
  std::map<std::string, std::vector<std::string>> absorbed;
  std::vector<std::string> living;
  for (int i = 1; i <= kFirms; ++i) living.push_back(Enterprise(i));
  const auto merge = [&] {
    std::mt19937 random(seed + 100);
    while (living.size() > 4) {
      std::shuffle(living.begin(), living.end(), random);
      const std::string from = living.back();
      living.pop_back();
      const std::string into = living[random() % living.size()];
      registry::v1::Organization survivor;
      survivor.set_name(into);
      survivor.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
      survivor.set_display_name("合并后的" + into);
      survivor.set_unit(kZone);
      auto& all = absorbed[into];
      all.insert(all.end(), absorbed[from].begin(), absorbed[from].end());
      all.push_back(from);
      absorbed.erase(from);
      for (const std::string& one : all) survivor.add_absorbed()->set_organization(one);
      absl::Status followed;
      do {
        followed = Follow(Journalled(survivor, into));
      } while (absl::IsAborted(followed) || absl::IsUnavailable(followed));
      if (!followed.ok()) faults[kThreads] = followed.ToString();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  threads.emplace_back(merge);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(faults, ::testing::Each(std::string())) << "seed " << seed;

  std::set<std::string> wanted;
  size_t acknowledged = 0;
  for (const auto& some : made) {
    wanted.insert(some.begin(), some.end());
    acknowledged += some.size();
  }
  EXPECT_EQ(wanted.size(), acknowledged) << "no name was given twice, seed " << seed;
  const auto names = Texts("SELECT name FROM project");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), wanted) << "seed " << seed;
  const std::set<std::string> go_on(living.begin(), living.end());
  std::map<std::string, std::set<std::string>> holders;
  std::map<std::string, std::set<std::string>> doubled;
  for (const std::string& name : names) {
    const v1::Project row = Stored(name);
    EXPECT_TRUE(go_on.count(row.enterprise())) << name << " seed " << seed;
    const bool ended = row.state() == v1::PROJECT_STATE_TERMINATED;
    if (ended) {
      EXPECT_EQ(row.doubled_by(), "") << name << " seed " << seed;
      continue;
    }
    const std::string pair = absl::StrCat(row.platform(), " ", row.enterprise());
    (row.doubled_by().empty() ? holders : doubled)[pair].insert(name);
  }
  for (const auto& [pair, some] : doubled) {
    ASSERT_EQ(holders[pair].size(), 1u) << pair << " seed " << seed;
    for (const std::string& name : some) {
      EXPECT_EQ(Stored(name).doubled_by(), *holders[pair].begin()) << "seed " << seed;
    }
  }
  for (const auto& [pair, some] : holders) EXPECT_LE(some.size(), 1u) << pair << " seed " << seed;
}

}  // namespace
}  // namespace chanyan::pairing
