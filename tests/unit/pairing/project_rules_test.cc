// Rules and life cycle of projects, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/time/civil.h"
#include "services/pairing/project_life.h"
#include "services/pairing/project_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using S = v1::ProjectState;

constexpr S kStates[] = {v1::PROJECT_STATE_INTENT,    v1::PROJECT_STATE_NEGOTIATING,
                         v1::PROJECT_STATE_SIGNED,    v1::PROJECT_STATE_BUILDING,
                         v1::PROJECT_STATE_COMPLETED, v1::PROJECT_STATE_TERMINATED};

std::unique_ptr<const policy::Pack> SmallPack() {
  return testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    co_build_kinds {
      id: "joint-research"
      display_name: "技术研发"
      clause { document: "函" article: "一" text: "技术研发" }
    }
    rules {
      id: "project.kinds"
      display_name: "类型"
      clause { document: "函" article: "一" text: "共建" }
      strength: STRENGTH_HARD
      origin: ORIGIN_CHOSEN
      note: "列入"
      decision: DECISION_PROJECT_CREATE
      allowed_values { fact: "co_build_kinds" list: VALUE_LIST_CO_BUILD_KINDS minimum: 1 }
    }
    rules {
      id: "project.sign-facts"
      display_name: "签约"
      clause { document: "函" article: "二" text: "什么时间与哪家企业签约结对共建什么" }
      strength: STRENGTH_HARD
      origin: ORIGIN_STATED
      decision: DECISION_PROJECT_SIGN
      required_facts {
        facts { name: "project_content" display_name: "共建内容" }
        facts { name: "signed_date" display_name: "签约时间" }
      }
    })pb");
}

TEST(ProjectRulesTest, VerbsTowardsTakesEveryPairWhereItIsMeantToGo) {
  constexpr int kCompleted = 4;
  for (int from = 0; from < 6; ++from) {
    for (int to = 0; to < 6; ++to) {
      const auto verbs = VerbsTowards(kStates[from], kStates[to]);
      if (from > kCompleted || to > kCompleted) {
        EXPECT_EQ(status::ReasonOf(verbs.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << from << " to " << to;
        continue;
      }
      ASSERT_TRUE(verbs.ok()) << verbs.status();
      // Walking the life cycle is the oracle.
      S at = kStates[from];
      for (const absl::string_view verb : *verbs) {
        const auto next = policy::Next(ProjectLife(), at, verb);
        ASSERT_TRUE(next.ok()) << from << " to " << to << ": " << next.status();
        at = *next;
      }
      EXPECT_EQ(at, kStates[std::max(from, to)]) << from << " to " << to;
    }
  }
  EXPECT_THAT(*VerbsTowards(v1::PROJECT_STATE_INTENT, v1::PROJECT_STATE_NEGOTIATING),
              ElementsAre("negotiate"));
  EXPECT_THAT(*VerbsTowards(v1::PROJECT_STATE_INTENT, v1::PROJECT_STATE_BUILDING),
              ElementsAre("sign", "start"));
  EXPECT_THAT(*VerbsTowards(v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_COMPLETED),
              ElementsAre("sign", "start", "complete"));
  EXPECT_FALSE(VerbsTowards(v1::PROJECT_STATE_UNSPECIFIED, v1::PROJECT_STATE_SIGNED).ok());
}

TEST(ProjectLifeTest, EveryStateAndVerb) {
  constexpr S kNo = v1::PROJECT_STATE_UNSPECIFIED;
  constexpr S kEnd = v1::PROJECT_STATE_TERMINATED;
  struct Case {
    const char* verb;
    // Result from each of kStates; kNo = refused.
    S to[6];
  };
  const Case cases[] = {
      {"negotiate", {v1::PROJECT_STATE_NEGOTIATING, kNo, kNo, kNo, kNo, kNo}},
      {"sign", {v1::PROJECT_STATE_SIGNED, v1::PROJECT_STATE_SIGNED, kNo, kNo, kNo, kNo}},
      {"start", {kNo, kNo, v1::PROJECT_STATE_BUILDING, kNo, kNo, kNo}},
      {"complete", {kNo, kNo, kNo, v1::PROJECT_STATE_COMPLETED, kNo, kNo}},
      {"terminate", {kEnd, kEnd, kEnd, kEnd, kNo, kNo}},
  };
  EXPECT_EQ(std::size(cases), ProjectLife().size());
  for (const Case& one : cases) {
    for (int i = 0; i < 6; ++i) {
      const auto next = policy::Next(ProjectLife(), kStates[i], one.verb);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << one.verb << " from " << kStates[i];
      } else {
        ASSERT_TRUE(next.ok()) << next.status();
        EXPECT_EQ(*next, one.to[i]) << one.verb << " from " << kStates[i];
      }
    }
  }
}

TEST(ProjectRulesTest, KindsOutsideThePackAreNamedByTheirPlace) {
  const auto pack = SmallPack();
  v1::Project project;
  project.add_kinds("技术研发");
  project.add_kinds("联谊");
  const auto violations = KindViolations(*pack, project.kinds());
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "kinds[1]");
  EXPECT_FALSE(policy::RequireSatisfied(CreateVerdicts(*pack, project, "")).ok());
  project.mutable_kinds()->RemoveLast();
  EXPECT_TRUE(policy::RequireSatisfied(CreateVerdicts(*pack, project, "")).ok());
  project.clear_kinds();
  EXPECT_FALSE(policy::RequireSatisfied(CreateVerdicts(*pack, project, "")).ok());
}

TEST(ProjectRulesTest, KindsAreJudgedOnceAndWhatWasSetAsideHoldsForThoseOfThen) {
  const auto linyi = testing::ShippedPack("linyi");
  const std::vector<options::v1::Role> unit = {options::v1::ROLE_UNIT};
  v1::Project stored;
  stored.set_platform("organizations/ouc/platforms/lab");
  stored.set_enterprise("organizations/e1");
  stored.add_kinds("联谊");
  EXPECT_FALSE(JudgeKinds(*linyi, nullptr, unit, "", &stored).ok()) << "without a reason";
  EXPECT_FALSE(stored.has_create_verdicts());
  ASSERT_TRUE(JudgeKinds(*linyi, nullptr, unit, "县里确定", &stored).ok());
  ASSERT_TRUE(stored.has_create_verdicts());
  v1::Project same = stored;
  same.clear_create_verdicts();
  EXPECT_TRUE(JudgeKinds(*linyi, &stored, {}, "", &same).ok());
  EXPECT_FALSE(same.has_create_verdicts()) << "nothing is judged where nothing changes";
  v1::Project more = stored;
  more.add_kinds("众创空间");
  EXPECT_TRUE(JudgeKinds(*linyi, &stored, {}, "", &more).ok()) << "the pack takes the new one";
  more.add_kinds("茶话会");
  EXPECT_FALSE(JudgeKinds(*linyi, &stored, {}, "", &more).ok());
  EXPECT_TRUE(JudgeKinds(*linyi, &stored, unit, "再次确定", &more).ok());
}

TEST(ProjectRulesTest, APlatformOfItsOwnIsNoPairWhateverIsNotKnown) {
  v1::Project project;
  EXPECT_FALSE(IsOwnPlatform(project)) << "nothing is known of either side";
  project.set_university("organizations/e1");
  EXPECT_FALSE(IsOwnPlatform(project));
  project.set_enterprise("organizations/e10");
  EXPECT_FALSE(IsOwnPlatform(project));
  EXPECT_EQ(OwnPlatformProblem(project), "");
  project.set_enterprise("organizations/e1");
  project.set_enterprise_title("企业1（演示）");
  project.set_platform_title("实验室（演示）");
  EXPECT_TRUE(IsOwnPlatform(project));
  EXPECT_EQ(OwnPlatformProblem(project),
            "“实验室（演示）”是“企业1（演示）”自己的科创平台，企业与本单位的平台不算结对，"
            "不能新增项目");
}

TEST(ProjectRulesTest, SigningAsksForContentAndDay) {
  const auto pack = SmallPack();
  v1::Project project;
  EXPECT_FALSE(policy::RequireSatisfied(SignVerdicts(*pack, project)).ok());
  project.set_content("共建实验线");
  EXPECT_FALSE(policy::RequireSatisfied(SignVerdicts(*pack, project)).ok());
  *project.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  EXPECT_TRUE(policy::RequireSatisfied(SignVerdicts(*pack, project)).ok());
  EXPECT_EQ(policy::Encode(SignVerdicts(*pack, project)),
            policy::Encode(SignVerdicts(*pack, project)));
}

TEST(ProjectRulesTest, OnlyEndedProjectsHaveEnded) {
  for (const S state : kStates) {
    EXPECT_EQ(HasEnded(state),
              state == v1::PROJECT_STATE_COMPLETED || state == v1::PROJECT_STATE_TERMINATED);
  }
}

}  // namespace
}  // namespace chanyan::pairing
