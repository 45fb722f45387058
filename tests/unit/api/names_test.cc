#include "common/api/names.h"
#include "common/api/digest.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

constexpr char kPattern[] = "organizations/{organization}/platforms/{platform}";

TEST(NamesTest, NamesThatDoNotFollowThePatternAreRefused) {
  for (const char* bad :
       {"", "organizations/a", "organizations/a/platforms/", "organizations//platforms/b",
        "projects/a/platforms/b", "organizations/a/platforms/b/c", "organizations/../platforms/b",
        "organizations/海/platforms/b", "organizations/a b/platforms/c",
        "organizations/-/platforms/b"}) {
    EXPECT_EQ(ParseName(kPattern, bad), std::nullopt) << bad;
  }
  EXPECT_EQ(ParseName("a/{a}", "a/" + std::string(64, 'x')), std::nullopt);
}

TEST(NamesTest, ANameComesApartAndTogether) {
  EXPECT_THAT(ParseName(kPattern, "organizations/ouc/platforms/lab.1"),
              Optional(ElementsAre("ouc", "lab.1")));
  EXPECT_THAT(ParseName(kPattern, "organizations/-/platforms/x", true),
              Optional(ElementsAre("-", "x")));
  EXPECT_EQ(FormatName(kPattern, {"ouc", "lab"}), "organizations/ouc/platforms/lab");
  EXPECT_EQ(ParentOfName("organizations/ouc/platforms/lab"), "organizations/ouc");
  EXPECT_EQ(CollectionOfName("organizations/ouc/platforms/lab"), "platforms");
  EXPECT_EQ(IdOfName("organizations/ouc/platforms/lab"), "lab");
  EXPECT_EQ(ParentOfName("organizations/ouc"), "");
}

TEST(NamesTest, NewIdsAreWellFormedAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    EXPECT_TRUE(IsUuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4');
    EXPECT_TRUE(seen.insert(uuid).second);
    EXPECT_TRUE(IsSegment(NewShortId()));
    EXPECT_TRUE(seen.insert(NewShortId()).second);
  }
}

TEST(NamesTest, WhatIsNoUuidIsSeen) {
  EXPECT_TRUE(IsUuid("0af76519-16cd-43dd-8448-eb211c80319c"));
  EXPECT_FALSE(IsUuid("0af7651916cd43dd8448eb211c80319c"));
  EXPECT_FALSE(IsUuid("0af76519-16cd-43dd-8448-eb211c80319g"));
  EXPECT_FALSE(IsUuid("0af76519-16cd-43dd-8448-eb211c80319c "));
}

TEST(DigestTest, IsSha256InLowerCaseHex) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace chanyan::api
