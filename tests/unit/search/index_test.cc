// The index as its owner sees it: what comes is found, what goes is gone, whatever happens to its
// files and to the process.
#include "common/search/index.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/search/world.h"

namespace chanyan::search {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kLab[] = "organizations/ouc/platforms/lab";
constexpr char kCentre[] = "organizations/ouc/platforms/centre";
constexpr absl::Duration kPatience = absl::Seconds(60);

class IndexTest : public ::testing::Test, protected IndexWorld {
 protected:
  template <class Condition>
  static bool Eventually(Condition condition) {
    const absl::Time until = absl::Now() + kPatience;
    while (!condition()) {
      if (absl::Now() > until) return false;
      absl::SleepFor(absl::Milliseconds(2));
    }
    return true;
  }
  // The files of the present generation.
  fs::path Present() const { return fs::path(directory.path()) / "index" / "current"; }
  size_t Generations() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(directory.path()) / "index")) {
      if (absl::StartsWith(entry.path().filename().string(), "generation-")) ++count;
    }
    return count;
  }
};

TEST_F(IndexTest, WithoutAGenerationItSaysThatItIsNotThereYet) {
  const auto index = Open();
  EXPECT_TRUE(absl::IsUnavailable(index->Search(QueryOf(""), Noon()).status()));
  EXPECT_TRUE(absl::IsUnavailable(index->Get(kLab).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(index->Follow()));
}

TEST_F(IndexTest, ADirectoryThatCannotBeUsedIsRefused) {
  const auto index = Open();
  const auto second = TryOpen();
  EXPECT_TRUE(absl::IsInvalidArgument(second.status())) << "another process has it";
  EXPECT_TRUE(absl::StrContains(second.status().ToString(), "--index_dir") ||
              status::ViolationsOf(second.status()).at(0).field == "--index_dir");
  Index::Options options;
  options.dir = "/proc/chanyan-index";
  EXPECT_TRUE(absl::IsInvalidArgument(
      Index::Open({*sources, clock, log::Logger("test", log::Level::kError)}, options).status()));
}

TEST_F(IndexTest, WhatIsPublishedIsFoundAndWhatIsWithdrawnIsGone) {
  const auto index = Built();
  EXPECT_THAT(Names(*index, "海洋装备"), IsEmpty());
  Platform platform = MakePlatform("lab", "海洋装备实验室");
  registry.Write(platform);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, "海洋裝備"), ElementsAre(kLab));
  EXPECT_TRUE(index->Get(kLab).ok());
  platform.set_display_name("低空经济实验室");
  registry.Write(platform);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, "海洋装备"), IsEmpty());
  EXPECT_THAT(Names(*index, "低空"), ElementsAre(kLab));
  platform.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  registry.Write(platform);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, "低空"), IsEmpty());
  EXPECT_THAT(Names(*index, ""), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(index->Get(kLab).status()));
  platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  registry.Write(platform);
  registry.Delete(kLab, Platform::descriptor()->full_name());
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, ""), IsEmpty());
}

TEST_F(IndexTest, AnExpiredIntentIsNotFoundFromTheVeryInstant) {
  pairing.Write(MakeIntent("i1", "需要中试线", "organizations/e1", Noon() + absl::Hours(1)));
  const auto index = Built();
  const Query query = QueryOf("中试");
  const absl::Time end = Noon() + absl::Hours(1);
  EXPECT_EQ(index->Search(query, end - absl::Microseconds(1))->total, 1);
  EXPECT_EQ(index->Search(query, end)->total, 0);
  EXPECT_THAT(Names(*index, query, end), IsEmpty());
  EXPECT_THAT(index->Search(query, end)->counts, IsEmpty());
}

TEST_F(IndexTest, ATitleCountsMoreThanAText) {
  Platform by_text = MakePlatform("lab", "装备研究所");
  by_text.set_introduction("本所还从事腐蚀检测。");
  registry.Write(by_text);
  registry.Write(MakePlatform("centre", "腐蚀检测中心"));
  const auto index = Built();
  EXPECT_THAT(Names(*index, "腐蚀检测"), ElementsAre(kCentre, kLab));
}

TEST_F(IndexTest, EqualsAreInOrderOfTheirNames) {
  for (const char* id : {"p3", "p1", "p2"}) registry.Write(MakePlatform(id, "同名实验室"));
  const auto index = Built();
  const std::vector<std::string> expected = {"organizations/ouc/platforms/p1",
                                             "organizations/ouc/platforms/p2",
                                             "organizations/ouc/platforms/p3"};
  EXPECT_EQ(Names(*index, "实验室"), expected);
  EXPECT_EQ(Names(*index, ""), expected);
}

TEST_F(IndexTest, SomeOfTheWordsSufficeOnlyIfNothingHasAll) {
  registry.Write(MakePlatform("lab", "海洋腐蚀实验室"));
  registry.Write(MakePlatform("centre", "腐蚀检测中心"));
  const auto index = Built();
  EXPECT_THAT(Names(*index, "腐蚀 检测"), ElementsAre(kCentre));
  EXPECT_FALSE(index->Search(QueryOf("腐蚀 检测"), Noon())->any_word);
  EXPECT_THAT(Names(*index, "腐蚀 卫星"), UnorderedElementsAre(kLab, kCentre));
  EXPECT_TRUE(index->Search(QueryOf("腐蚀 卫星"), Noon())->any_word);
  EXPECT_THAT(Names(*index, "卫星 火箭"), IsEmpty());
  // What others may see does not decide: the public is shown some of the words where the
  // secretariat finds all.
  Platform draft = MakePlatform("draft", "卫星腐蚀平台", "organizations/upc");
  draft.set_state(registry::v1::PLATFORM_STATE_DRAFT);
  registry.Write(draft);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_FALSE(index->Search(QueryOf("腐蚀 卫星"), Noon())->any_word);
  const Query query = QueryOf("腐蚀 卫星", As(options::v1::ROLE_PUBLIC));
  EXPECT_TRUE(index->Search(query, Noon())->any_word);
  EXPECT_THAT(Names(*index, query), UnorderedElementsAre(kLab, kCentre));
}

TEST_F(IndexTest, APlatformFollowsWhereItsOwnerIs) {
  Organization owner =
      MakeOrganization("ouc", "海洋大学", registry::v1::ORGANIZATION_KIND_UNIVERSITY, "古镇口");
  registry.Write(owner);
  registry.Write(MakePlatform("lab", "实验室"));
  const auto index = Built();
  Query in_zone = QueryOf("实验室");
  in_zone.filters = {{"zone", {"古镇口"}}};
  EXPECT_THAT(Names(*index, in_zone), ElementsAre(kLab));
  const std::string version = *index->VersionOf(Platform::descriptor()->full_name());
  owner.set_display_name("中国海洋大学");
  registry.Write(owner);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_EQ(*index->VersionOf(Platform::descriptor()->full_name()), version);
  owner.set_zone("青岛蓝谷");
  registry.Write(owner);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, in_zone), IsEmpty());
  in_zone.filters = {{"zone", {"青岛蓝谷", "董家口经济区"}}};
  EXPECT_THAT(Names(*index, in_zone), ElementsAre(kLab));
  EXPECT_NE(*index->VersionOf(Platform::descriptor()->full_name()), version);
}

TEST_F(IndexTest, HostileTextIsOnlyText) {
  registry.Write(MakePlatform("lab", "海洋装备实验室"));
  const auto index = Built();
  std::vector<std::string> hostile = {"海洋 AND NOT 装备",
                                      "海洋 OR XFkind:LABORATORY",
                                      "Gpublic",
                                      "Qorganizations/ouc/platforms/lab",
                                      "Ftype:Platform",
                                      "title:海洋",
                                      "-海洋",
                                      "+海洋",
                                      "海*",
                                      "\"海洋",
                                      "(((((",
                                      "海洋~99999",
                                      "海洋^9999999999",
                                      "NEAR/0",
                                      "..",
                                      "$1..$2",
                                      "%' OR 1=1 --",
                                      "<script>海洋</script>",
                                      std::string("海\0洋", 7),
                                      "\xFF\xFE",
                                      std::string(600, '('),
                                      "海洋\u202E装备"};
  std::string long_text;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&long_text, "腐蚀检测装备海洋");
  hostile.push_back(long_text);
  for (const std::string& text : hostile) {
    for (const auto role : {options::v1::ROLE_PUBLIC, options::v1::ROLE_SECRETARIAT}) {
      const auto matches = index->Search(QueryOf(text, As(role)), Noon());
      ASSERT_TRUE(matches.ok()) << text << ": " << matches.status();
      EXPECT_LE(matches->total, 1) << text;
    }
  }
  EXPECT_THAT(Names(*index, "Ftype:Platform"), IsEmpty()) << "terms of our own cannot be asked for";
  EXPECT_THAT(Names(*index, "-海洋"), ElementsAre(kLab)) << "a sign means nothing";
  Query query = QueryOf("");
  query.filters = {{"kind", {"LABORATORY' OR '1", std::string(5000, 'x'), ""}}};
  EXPECT_THAT(Names(*index, query), IsEmpty());
  query.filters = {{"nothing", {"LABORATORY"}}};
  EXPECT_THAT(Names(*index, query), IsEmpty());
}

TEST_F(IndexTest, AnEntryThatCannotBeReadHoldsNothingUp) {
  registry.Append(kCentre, Platform::descriptor()->full_name(), "{not json");
  registry.Append("x/1", "chanyan.future.v1.Thing", "{\"name\":\"x/1\"}");
  registry.Append(kLab, Platform::descriptor()->full_name(),
                  "{\"name\":\"organizations/ouc/platforms/lab\",\"display_name\":\"实验室\","
                  "\"state\":\"PLATFORM_STATE_PUBLISHED\",\"from_the_future\":[1,2]}");
  const auto index = Built();
  EXPECT_THAT(Names(*index, "实验室"), ElementsAre(kLab));
  EXPECT_EQ(index->stats().skipped, 1);
}

TEST_F(IndexTest, ItGoesOnWhereItStoppedAndReadsNothingTwice) {
  registry.Write(MakePlatform("lab", "实验室"));
  Built().reset();
  std::vector<int64_t> reads;
  registry.BeforeRead([&](int64_t after) {
    reads.push_back(after);
    return absl::OkStatus();
  });
  registry.Write(MakePlatform("centre", "实验中心"));
  const auto index = Open();
  EXPECT_THAT(Names(*index, "实验"), ElementsAre(kLab)) << "at once, from its files";
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, "实验"), UnorderedElementsAre(kLab, kCentre));
  EXPECT_THAT(reads, ElementsAre(0, 1, 2)) << "its last entry to be sure, the new one, the end";
  EXPECT_EQ(index->stats().generations, 0);
}

TEST_F(IndexTest, AJournalThatFailsCostsTimeOnly) {
  registry.Write(MakePlatform("lab", "实验室"));
  const auto index = Built();
  registry.Write(MakePlatform("centre", "实验中心"));
  registry.BeforeRead([](int64_t) { return status::Unavailable("away"); });
  EXPECT_TRUE(absl::IsUnavailable(index->Follow()));
  EXPECT_TRUE(absl::IsUnavailable(index->Rebuild()));
  EXPECT_THAT(Names(*index, "实验"), ElementsAre(kLab));
  EXPECT_EQ(Generations(), 1u) << "nothing is left of what failed";
  registry.BeforeRead(nullptr);
  ASSERT_TRUE(index->Follow().ok());
  EXPECT_THAT(Names(*index, "实验"), UnorderedElementsAre(kLab, kCentre));
}

TEST_F(IndexTest, AJournalThatWasPutBackIsNoticedAtStartAndLater) {
  for (int i = 0; i < 5; ++i) registry.Write(MakePlatform(absl::StrCat("p", i), "实验室"));
  auto index = Built();
  registry.PutBack(3);
  for (int i = 0; i < 4; ++i) registry.Write(MakePlatform(absl::StrCat("q", i), "实验室"));
  EXPECT_TRUE(absl::IsFailedPrecondition(index->Follow())) << "the sixth follows another fifth";
  ASSERT_TRUE(index->Rebuild().ok());
  EXPECT_EQ(index->Search(QueryOf("实验室"), Noon())->total, 7);
  index.reset();
  registry.PutBack(2);
  index = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(index->Follow())) << "nothing new, and what was is gone";
  index->Start(kPatience);
  EXPECT_TRUE(Eventually([&] { return index->Search(QueryOf("实验室"), Noon())->total == 2; }))
      << "it mends itself";
}

TEST_F(IndexTest, OtherRowsMakeAnotherIndexWhileTheOldOneServes) {
  registry.Write(MakePlatform("lab", "实验室"));
  Built().reset();
  std::vector<Source> rows = Rows();
  rows[0].texts.push_back({"college", 1});
  sources = MakeSources(rows);
  const auto index = Open();
  EXPECT_THAT(Names(*index, "实验室"), ElementsAre(kLab));
  index->Start(kPatience);
  EXPECT_TRUE(Eventually([&] { return index->stats().generations == 1; }));
  EXPECT_THAT(Names(*index, "实验室"), ElementsAre(kLab));
}

TEST_F(IndexTest, DamagedFilesAreReplacedByThemselves) {
  for (int i = 0; i < 300; ++i) {
    registry.Write(MakePlatform(absl::StrCat("p", i), absl::StrCat("第", i, "号海洋实验室")));
  }
  Built().reset();
  for (const char* damage : {"no link", "no version file", "postings", "link to nowhere"}) {
    const fs::path files = fs::canonical(Present());
    const std::string what = damage;
    if (what == "no link") fs::remove(Present());
    if (what == "no version file") fs::remove(files / "iamglass");
    if (what == "link to nowhere") fs::remove_all(files);
    if (what == "postings") {
      const auto size = fs::file_size(files / "postlist.glass");
      std::ofstream(files / "postlist.glass", std::ios::in | std::ios::binary)
          << std::string(size, '\x5A');
    }
    const auto index = Open();
    ASSERT_NE(index, nullptr) << damage;
    // Damage within the files shows only when they are read.
    (void)index->Search(QueryOf("海洋"), Noon());
    index->Start(kPatience);
    EXPECT_TRUE(Eventually([&] {
      const auto matches = index->Search(QueryOf("海洋"), Noon());
      return matches.ok() && matches->total == 300;
    })) << damage;
    EXPECT_TRUE(Eventually([&] { return Generations() == 1; })) << damage;
  }
}

TEST_F(IndexTest, SearchesGoOnWhileItIsBuiltAnewAndWritten) {
  for (int i = 0; i < 400; ++i) {
    registry.Write(MakePlatform(absl::StrCat("p", i), absl::StrCat("第", i, "号海洋实验室")));
  }
  const auto index = Built();
  std::atomic<bool> done{false};
  std::atomic<int> searches{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      while (!done) {
        const auto matches = index->Search(QueryOf(i == 0 ? "" : "海洋"), Noon());
        ASSERT_TRUE(matches.ok()) << matches.status();
        // Exactly what was there at some commit: never a part of it.
        ASSERT_GE(matches->total, 400);
        ASSERT_EQ(matches->counts.at(0).value, (FacetValue{"type", "Platform"}));
        ASSERT_EQ(matches->counts.at(0).count, matches->total);
        ++searches;
      }
    });
  }
  std::thread writer([&] {
    for (int i = 400; i < 460; ++i) {
      registry.Write(MakePlatform(absl::StrCat("p", i), absl::StrCat("第", i, "号海洋实验室")));
      ASSERT_TRUE(index->Follow().ok());
    }
  });
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(index->Rebuild().ok());
  writer.join();
  ASSERT_TRUE(Eventually([&] { return searches > 20; }));
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(index->Search(QueryOf("海洋"), Noon())->total, 460);
  EXPECT_EQ(Generations(), 1u);
}

TEST_F(IndexTest, WhatItReadsWhileItIsBuiltIsInTheNewOneToo) {
  registry.SetPage(10);
  for (int i = 0; i < 100; ++i) registry.Write(MakePlatform(absl::StrCat("p", i), "实验室"));
  const auto index = Built();
  // Half way through the reading, one goes and one comes.
  std::atomic<bool> once{false};
  registry.BeforeRead([&](int64_t after) {
    if (after == 50 && !once.exchange(true)) {
      Platform gone = MakePlatform("p10", "实验室");
      gone.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
      registry.Write(gone);
      registry.Write(MakePlatform("p100", "实验室"));
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(index->Rebuild().ok());
  EXPECT_TRUE(once);
  EXPECT_EQ(index->Search(QueryOf("实验室"), Noon())->total, 100);
  EXPECT_TRUE(absl::IsNotFound(index->Get("organizations/ouc/platforms/p10").status()));
}

// Runs `work` in a process of its own and returns how it ended.
template <class Work>
int InAnotherProcess(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int ended = 0;
  EXPECT_EQ(waitpid(child, &ended, 0), child);
  return ended;
}

TEST_F(IndexTest, KilledAtAnyReadOfABuildingTheOldOneServesAndTheNextStartBuilds) {
  registry.SetPage(20);
  for (int i = 0; i < 100; ++i) registry.Write(MakePlatform(absl::StrCat("p", i), "实验室"));
  Built().reset();
  std::vector<Source> rows = Rows();
  rows[0].texts.push_back({"college", 1});
  sources = MakeSources(rows);
  int killed = 0;
  for (int at = 1; at < 20; ++at) {
    const int ended = InAnotherProcess([&] {
      int reads = 0;
      registry.BeforeRead([&](int64_t) {
        if (++reads == at) raise(SIGKILL);
        return absl::OkStatus();
      });
      auto index = TryOpen();
      if (!index.ok() || !(*index)->Rebuild().ok()) _exit(1);
    });
    if (!WIFSIGNALED(ended)) {
      EXPECT_EQ(ended, 0);
      break;
    }
    ++killed;
    const auto index = Open();
    ASSERT_NE(index, nullptr);
    EXPECT_EQ(index->Search(QueryOf("实验室"), Noon())->total, 100) << at;
    EXPECT_EQ(Generations(), 1u) << "what was half built is cleared away";
  }
  EXPECT_GE(killed, 5);
  // The last one was let finish.
  const auto index = Open();
  EXPECT_EQ(index->Search(QueryOf("实验室"), Noon())->total, 100);
  EXPECT_EQ(index->stats().generations, 0);
}

TEST_F(IndexTest, KilledWhileFollowingItGoesOnFromItsLastCommit) {
  registry.SetPage(10);
  registry.Write(MakePlatform("p0", "实验室"));
  Built().reset();
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 30; ++i) {
      registry.Write(MakePlatform(absl::StrCat("p", 1 + round * 30 + i), "实验室"));
    }
    const int ended = InAnotherProcess([&] {
      int reads = 0;
      registry.BeforeRead([&](int64_t) {
        if (++reads == 1 + round) raise(SIGKILL);
        return absl::OkStatus();
      });
      auto index = TryOpen();
      if (!index.ok() || !(*index)->Follow().ok()) _exit(1);
    });
    EXPECT_TRUE(WIFSIGNALED(ended)) << round;
    const auto index = Open();
    ASSERT_NE(index, nullptr);
    ASSERT_TRUE(index->Follow().ok());
    EXPECT_EQ(index->Search(QueryOf("实验室"), Noon())->total, 31 + round * 30);
    EXPECT_EQ(index->stats().generations, 0) << "nothing was built anew";
  }
}

TEST_F(IndexTest, TheThreadsBuildFollowAndEnd) {
  registry.Write(MakePlatform("lab", "实验室"));
  const auto index = Open();
  index->Start(kPatience);
  EXPECT_THAT(Names(*index, "实验室"), ElementsAre(kLab)) << "the start waited for it";
  registry.Write(MakePlatform("centre", "实验中心"));
  index->Ring();
  EXPECT_TRUE(Eventually([&] { return Names(*index, "实验").size() == 2; }));
  EXPECT_EQ(index->stats().documents, 2);
  EXPECT_EQ(index->stats().as_of, Noon());
  index->Stop();
  index->Stop();
}

TEST_F(IndexTest, ATemporaryDirectoryGoesWithIt) {
  const auto count = [] {
    size_t found = 0;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path())) {
      const std::string prefix = "chanyan-index-";
      if (absl::StartsWith(entry.path().filename().string(), prefix)) ++found;
    }
    return found;
  };
  setenv("TMPDIR", directory.path().c_str(), 1);
  {
    Index::Options options;
    options.journals = {{"registry", registry.Source()}, {"pairing", pairing.Source()}};
    auto index = Index::Open({*sources, clock, log::Logger("test", log::Level::kError)}, options);
    ASSERT_TRUE(index.ok()) << index.status();
    ASSERT_TRUE((*index)->Rebuild().ok());
    EXPECT_EQ(count(), 1u);
  }
  EXPECT_EQ(count(), 0u);
  unsetenv("TMPDIR");
}

}  // namespace
}  // namespace chanyan::search
