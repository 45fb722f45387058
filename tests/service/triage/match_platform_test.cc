// Matching with platforms (TRI-9): what fits one is what it fits, asked from either side.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/service/triage/match_world.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using registry::v1::Platform;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(MatchTest, WhoDoesNotRunAPlatformIsNotToldWhatFitsIt) {
  AddPlatform();
  EXPECT_TRUE(absl::IsNotFound(OfPlatform("organizations/upc/platforms/none").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(OfPlatform(kPlatform, ROLE_RESEARCH_OFFICE, kOuc).status()));
  for (const Role role : {ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER}) {
    EXPECT_TRUE(OfPlatform(kPlatform, role, kUpc).ok()) << role;
  }
  EXPECT_TRUE(OfPlatform(kPlatform, ROLE_LEADER, kCityLeaders).ok());
  // Until platforms are known nobody is told that there is none.
  away_ = true;
  EXPECT_FALSE(OfPlatform("organizations/upc/platforms/other").ok());
}

TEST_F(MatchTest, PlatformsAreSuggestedAsSoonAsTheyAreKnown) {
  const std::string result = InLibrary("海水淡化膜");
  const std::string demand = Publish(Seawater());
  away_ = true;
  AddPlatform();
  auto matches = OfResult(result);
  ASSERT_TRUE(matches.ok()) << matches.status();
  EXPECT_THAT(matches->demands(), SizeIs(1));
  EXPECT_THAT(matches->platforms(), IsEmpty());
  EXPECT_FALSE(matches->has_platforms_as_of());
  away_ = false;
  matches = OfResult(result);
  ASSERT_TRUE(matches.ok()) << matches.status();
  EXPECT_THAT(Names(matches->platforms()), ElementsAre(kPlatform));
  EXPECT_TRUE(matches->has_platforms_as_of());
  EXPECT_THAT(OfDemand(demand)->platforms(), SizeIs(1));
  const auto dismissed = Dismiss(result, kPlatform, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(dismissed.ok()) << dismissed.status();
  matches = OfResult(result);
  EXPECT_THAT(matches->platforms(), IsEmpty());
  EXPECT_THAT(Names(matches->dismissed()), ElementsAre(kPlatform));
  // The demand's own suggestions are another pair.
  EXPECT_THAT(OfDemand(demand)->platforms(), SizeIs(1));
}

TEST_F(MatchTest, ADemandIsSuggestedThePlatformNearItsEnterpriseFirstAlsoAfterAMove) {
  AddPlatform();
  // The same elsewhere, which would come first by its name.
  platforms_.push_back(platforms_[0]);
  platforms_[1].set_name("organizations/ouc/platforms/membrane");
  platforms_[1].set_organization(kOuc);
  const std::string demand = Publish(Seawater());
  const auto place = [](const v1::Match& match) {
    for (const v1::MatchReason& reason : match.reasons()) {
      if (reason.kind() == v1::MATCH_REASON_KIND_PLACE) {
        return absl::StrCat(reason.text(), " ", reason.points());
      }
    }
    return std::string();
  };
  auto found = OfDemand(demand);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(found->platforms()), ElementsAre(platforms_[1].name(), kPlatform))
      << "nobody knows where they are";
  EXPECT_EQ(place(found->platforms(0)), "");

  Settle(kE1, "古镇口", "370211");
  Settle(kUpc, "古镇口", "370211");
  Settle(kOuc, "", "370212");
  found = OfDemand(demand);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(found->platforms()), ElementsAre(kPlatform, platforms_[1].name()));
  EXPECT_EQ(place(found->platforms(0)), "同在古镇口 70");
  EXPECT_EQ(place(found->platforms(1)), "同在青岛市 14");
  EXPECT_EQ(found->platforms(0).score() - found->platforms(1).score(), 56);
  const auto other = OfPlatform(kPlatform);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(OfOne(other->demands(), demand)->score(), found->platforms(0).score());

  Settle(kE1, "", "370212");
  found = OfDemand(demand);
  EXPECT_THAT(Names(found->platforms()), ElementsAre(platforms_[1].name(), kPlatform));
  EXPECT_EQ(place(found->platforms(0)), "同在崂山区 42");
  // A result goes wherever it is wanted.
  Settle(kOuc, "古镇口", "370211");
  const auto of_result = OfResult(InLibrary("海水淡化膜"));
  ASSERT_TRUE(of_result.ok()) << of_result.status();
  EXPECT_THAT(of_result->platforms(), SizeIs(2));
  for (const v1::Match& match : of_result->platforms()) EXPECT_EQ(place(match), "");
}

TEST_F(MatchTest, WhatFitsAPlatformIsWhatItFits) {
  const std::vector<std::string> industries = {"海水淡化与综合利用", "海洋装备", "人工智能"};
  const std::vector<std::string> words = {"反渗透膜", "耐压密封", "海水提锂", "图像识别",
                                          "防腐涂层"};
  for (int i = 0; i < 3; ++i) {
    Platform platform;
    platform.set_name(absl::StrCat("organizations/upc/platforms/p", i));
    platform.set_organization(kUpc);
    platform.set_organization_title("中国石油大学（华东）");
    platform.set_display_name(absl::StrCat(words[i], "平台"));
    platform.set_introduction(absl::StrCat("从事", words[i + 1], "与", words[i + 2], "研究。"));
    platform.set_kind(i == 0 ? registry::v1::PLATFORM_KIND_PILOT_TEST
                             : registry::v1::PLATFORM_KIND_LABORATORY);
    platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
    platform.add_industries(industries[i]);
    *platform.mutable_confirm_time() = time::ToTimestamp(clock.now - absl::Hours(24 * 40 * i));
    platforms_.push_back(platform);
  }
  std::vector<std::string> result_names;
  std::vector<std::string> demand_names;
  for (int i = 0; i < 24; ++i) {
    v1::Result draft = Draft(absl::StrCat(words[i % 5], "成果", i));
    draft.set_industries(0, industries[i % 3]);
    draft.set_abstract(absl::StrCat("已完成", words[i * 7 % 5], "中试。"));
    draft.set_stage(i % 2 == 0 ? v1::STAGE_EARLY : v1::STAGE_MIDDLE);
    // Of two universities; half of one's are on the market.
    if (i % 4 == 3) {
      const auto made = Create(draft, ROLE_RESEARCH_OFFICE, kUpc);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_TRUE(World::Publish(made->name(), kHighTechAgency).ok());
      result_names.push_back(made->name());
    } else if (i % 4 == 1) {
      result_names.push_back(Pushed(draft).name());
    } else {
      const auto made = Create(draft);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_TRUE(World::Publish(made->name()).ok());
      result_names.push_back(made->name());
    }
    v1::Demand demand = Seawater(absl::StrCat("求购", words[(i + 2) % 5], i));
    demand.set_industries(0, industries[(i + 1) % 3]);
    demand.set_description(absl::StrCat("需要", words[i * 3 % 5], "。"));
    demand_names.push_back(Publish(demand));
  }
  int suggested = 0;
  for (const Platform& platform : platforms_) {
    // The oracle: every result and demand is asked what fits it, and those that name the platform
    // are put in order.
    using Expected = std::tuple<int, std::string, std::string>;
    std::vector<Expected> of_results;
    std::vector<Expected> of_demands;
    std::map<std::string, v1::Match> reasons;
    for (const std::string& name : result_names) {
      const auto other = OfResult(name, ROLE_DEPARTMENT, kOffice, 50);
      ASSERT_TRUE(other.ok()) << other.status();
      const v1::Match* match = OfOne(other->platforms(), platform.name());
      if (match == nullptr) continue;
      of_results.emplace_back(-match->score(), Stored(name).title(), name);
      reasons[name] = *match;
    }
    for (const std::string& name : demand_names) {
      const auto other = OfDemand(name, ROLE_DEPARTMENT, kOffice);
      ASSERT_TRUE(other.ok()) << other.status();
      const v1::Match* match = OfOne(other->platforms(), platform.name());
      if (match == nullptr) continue;
      const auto title =
          Texts(absl::StrCat("SELECT title FROM demand WHERE name = '", name, "'"))[0];
      of_demands.emplace_back(-match->score(), title, name);
      reasons[name] = *match;
    }
    std::sort(of_results.begin(), of_results.end());
    std::sort(of_demands.begin(), of_demands.end());
    const auto found = OfPlatform(platform.name(), ROLE_DEPARTMENT, kOffice, 50);
    ASSERT_TRUE(found.ok()) << found.status();
    const auto in_order = [&](const auto& matches) {
      std::vector<Expected> all;
      for (const v1::Match& match : matches) {
        all.emplace_back(-match.score(), match.title(), match.counterpart());
        const v1::Match& other = reasons[match.counterpart()];
        EXPECT_EQ(match.score(), other.score());
        EXPECT_EQ(match.reasons_size(), other.reasons_size());
        for (int i = 0; i < std::min(match.reasons_size(), other.reasons_size()); ++i) {
          EXPECT_TRUE(MessageDifferencer::Equals(match.reasons(i), other.reasons(i)));
        }
      }
      return all;
    };
    EXPECT_EQ(in_order(found->results()), of_results) << platform.name();
    EXPECT_EQ(in_order(found->demands()), of_demands) << platform.name();
    suggested += found->results_size() + found->demands_size();
    // Who runs it is suggested his own and what is on the market.
    const auto own = OfPlatform(platform.name(), options::v1::ROLE_PLATFORM_MANAGER, kUpc, 50);
    ASSERT_TRUE(own.ok()) << own.status();
    std::vector<std::string> expected;
    for (const auto& [score, title, name] : of_results) {
      const v1::Result row = Stored(name);
      if (row.university() == kUpc) {
        expected.push_back(name);
      } else if (!row.listing().empty()) {
        expected.push_back(ListingOf(name));
      }
    }
    EXPECT_THAT(Names(own->results()), ::testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(own->demands_size(), found->demands_size());
    EXPECT_NE(own->pack_version(), "");
    EXPECT_TRUE(own->has_platforms_as_of());
  }
  EXPECT_GT(suggested, 40);
  // No more than is asked for.
  EXPECT_LE(OfPlatform(platforms_[0].name(), ROLE_DEPARTMENT, kOffice, 3)->results_size(), 3);
}

}  // namespace
}  // namespace chanyan::triage
