// Revisions of platforms without a database: who may do what when, and what of a platform they are
// about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/platform_content.h"
#include "services/registry/platform_revision_life.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using S = v1::PlatformRevisionState;

constexpr S kNo = v1::PLATFORM_REVISION_STATE_UNSPECIFIED;
constexpr S kDraft = v1::PLATFORM_REVISION_STATE_DRAFT;
constexpr S kInReview = v1::PLATFORM_REVISION_STATE_IN_REVIEW;
constexpr S kReturned = v1::PLATFORM_REVISION_STATE_RETURNED;
constexpr S kPublished = v1::PLATFORM_REVISION_STATE_PUBLISHED;
constexpr S kWithdrawn = v1::PLATFORM_REVISION_STATE_WITHDRAWN;

TEST(PlatformRevisionLifeTest, EveryStateAndVerb) {
  const S states[] = {kNo, kDraft, kInReview, kReturned, kPublished, kWithdrawn};
  EXPECT_EQ(std::size(states), static_cast<size_t>(v1::PlatformRevisionState_ARRAYSIZE));
  struct Case {
    const char* verb;
    // Result from each of `states`; kNo = refused.
    S to[6];
  };
  const Case cases[] = {
      {"submit", {kNo, kInReview, kNo, kInReview, kNo, kNo}},
      {"publish", {kNo, kNo, kPublished, kNo, kNo, kNo}},
      {"return", {kNo, kNo, kReturned, kNo, kNo, kNo}},
      {"withdraw", {kNo, kWithdrawn, kWithdrawn, kWithdrawn, kNo, kNo}},
  };
  EXPECT_EQ(std::size(cases), PlatformRevisionLife().size());
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      const auto next = policy::Next(PlatformRevisionLife(), states[i], one.verb);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << one.verb << " from " << states[i];
      } else {
        ASSERT_TRUE(next.ok()) << next.status();
        EXPECT_EQ(*next, one.to[i]) << one.verb << " from " << states[i];
      }
    }
  }
  for (const S state : states) EXPECT_EQ(MayEdit(state), state == kDraft || state == kReturned);
}

TEST(PlatformContentTest, ContentIsWhatPeopleFillIn) {
  std::vector<std::string> names;
  for (const auto* field : ContentFields()) names.push_back(field->name());
  EXPECT_THAT(
      names, ElementsAre("display_name", "kind", "level", "college", "introduction", "capabilities",
                         "services", "industries", "contacts", "demonstration", "attachments"));
  v1::Platform platform;
  platform.set_name("organizations/a/platforms/b");
  platform.set_state(v1::PLATFORM_STATE_PUBLISHED);
  platform.set_stale(true);
  platform.set_college("学院");
  platform.add_contacts()->set_person("王");
  const v1::Platform content = ContentOf(platform);
  EXPECT_TRUE(content.name().empty());
  EXPECT_FALSE(content.stale());
  EXPECT_EQ(content.contacts_size(), 1);
  EXPECT_TRUE(SameContent(platform, content));
  v1::Platform other;
  other.set_name("organizations/a/platforms/c");
  other.set_introduction("旧");
  CopyContent(platform, &other);
  EXPECT_EQ(other.name(), "organizations/a/platforms/c");
  EXPECT_TRUE(other.introduction().empty()) << "what is not filled in is content, too";
  EXPECT_EQ(other.college(), "学院");
}

// A platform with any content of a few values.
v1::Platform AnyPlatform(std::mt19937& random) {
  const auto pick = [&](const char* prefix) {
    const auto number = random() % 3;
    return number == 0 ? std::string() : absl::StrCat(prefix, number);
  };
  v1::Platform platform;
  platform.set_display_name(pick("名"));
  platform.set_kind(static_cast<v1::PlatformKind>(random() % 3));
  platform.set_college(pick("学院"));
  platform.set_introduction(pick("介绍"));
  for (unsigned i = 0; i < random() % 3; ++i) platform.add_capabilities(pick("能力"));
  for (unsigned i = 0; i < random() % 2; ++i) platform.add_services()->set_title(pick("服务"));
  platform.set_demonstration(random() % 2 == 0);
  return platform;
}

// Against a rebase written field by field: what the revision changed it keeps, all else follows.
TEST(PlatformContentTest, ARebaseKeepsWhatTheRevisionChangesAndFollowsInTheRest) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  for (int round = 0; round < 2000; ++round) {
    v1::PlatformRevision revision;
    *revision.mutable_replaced() = AnyPlatform(random);
    *revision.mutable_proposed() = random() % 4 == 0 ? revision.replaced() : AnyPlatform(random);
    v1::Platform published = random() % 4 == 0 ? revision.replaced() : AnyPlatform(random);
    published.set_state(v1::PLATFORM_STATE_PUBLISHED);
    const v1::PlatformRevision before = revision;
    const bool moved = Rebase(published, &revision);
    EXPECT_EQ(moved, !SameContent(published, before.replaced()));
    EXPECT_TRUE(SameContent(published, revision.replaced()));
    const auto& base = before.replaced();
    const auto& mine = before.proposed();
    const auto& now = revision.proposed();
    const auto expected = [](const auto& was, const auto& wanted, const auto& follows) {
      return was == wanted ? follows : wanted;
    };
    EXPECT_EQ(now.display_name(),
              expected(base.display_name(), mine.display_name(), published.display_name()));
    EXPECT_EQ(now.kind(), expected(base.kind(), mine.kind(), published.kind()));
    EXPECT_EQ(now.college(), expected(base.college(), mine.college(), published.college()));
    EXPECT_EQ(now.introduction(),
              expected(base.introduction(), mine.introduction(), published.introduction()));
    EXPECT_EQ(now.demonstration(),
              expected(base.demonstration(), mine.demonstration(), published.demonstration()));
    const auto list = [](const v1::Platform& platform) {
      return std::vector<std::string>(platform.capabilities().begin(),
                                      platform.capabilities().end());
    };
    EXPECT_EQ(list(now), expected(list(base), list(mine), list(published)));
    EXPECT_EQ(now.state(), v1::PLATFORM_STATE_UNSPECIFIED) << "only content";
    v1::PlatformRevision again = revision;
    EXPECT_FALSE(Rebase(published, &again));
    EXPECT_TRUE(MessageDifferencer::Equals(again, revision)) << "twice is once";
  }
}

}  // namespace
}  // namespace chanyan::registry
