#include "common/policy/verdict.h"

#include <iterator>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::HasSubstr;

class VerdictTest : public testing::Test {
 protected:
  const std::unique_ptr<const Pack> pack_ = LoadShipped("qingdao");

  const v1::Verdict& VerdictOf(const v1::Verdicts& verdicts, const std::string& rule) {
    for (const v1::Verdict& verdict : verdicts.verdicts()) {
      if (verdict.rule_id() == rule) {
        return verdict;
      }
    }
    ADD_FAILURE() << rule << " was not asked";
    return v1::Verdict::default_instance();
  }

  Facts NewProject() {
    Facts facts;
    facts.Set("platform", "platforms/p1").Set("enterprise", "organizations/e1");
    facts.Add("co_build_kinds", "pilot-test").Add("co_build_kinds", "order-class");
    return facts;
  }
};

TEST_F(VerdictTest, AViolatedHardRuleStopsTheDecisionWithItsClause) {
  Facts facts = NewProject().Set("existing_project", "projects/9");
  facts.Add("co_build_kinds", "space-elevator");
  const v1::Verdicts verdicts = Evaluate(*pack_, v1::DECISION_PROJECT_CREATE, facts);
  const absl::Status status = RequireSatisfied(verdicts);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(status.message()), HasSubstr("已有记录：projects/9"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("“space-elevator”不在规定范围内"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("《关于组织开展科创平台产学研结对共建活动的函》一、（二），强制规定"));
  v1::Verdicts attached;
  ASSERT_TRUE(status::GetDetail(status, attached));
  EXPECT_EQ(Encode(attached), Encode(verdicts));
  EXPECT_TRUE(HasHardFailure(verdicts));
}

TEST_F(VerdictTest, SatisfiedRulesLetTheDecisionPassAndKeepTheirFacts) {
  const v1::Verdicts verdicts = Evaluate(*pack_, v1::DECISION_PROJECT_CREATE, NewProject());
  EXPECT_TRUE(RequireSatisfied(verdicts).ok());
  EXPECT_EQ(verdicts.pack_id(), "qingdao");
  EXPECT_EQ(verdicts.pack_version(), pack_->version());
  ASSERT_EQ(verdicts.verdicts_size(), 2);
  EXPECT_EQ(verdicts.verdicts(0).rule_id(), "project.kinds");
  EXPECT_EQ(verdicts.verdicts(1).rule_id(), "project.unique");
  const v1::Verdict& unique = verdicts.verdicts(1);
  ASSERT_EQ(unique.facts_size(), 3);
  EXPECT_EQ(unique.facts(0).name(), "enterprise");
  EXPECT_EQ(unique.facts(1).name(), "existing_project");
  EXPECT_EQ(unique.facts(1).values_size(), 0);
}

TEST_F(VerdictTest, TheSameFactsInAnyOrderGiveTheSameBytes) {
  Facts other;
  other.Add("co_build_kinds", "order-class").Add("co_build_kinds", "pilot-test");
  other.Add("co_build_kinds", "order-class").Set("unused", "x");
  other.Set("enterprise", "organizations/e1").Set("platform", "platforms/p1");
  const auto again = LoadShipped("qingdao");
  EXPECT_EQ(Encode(Evaluate(*pack_, v1::DECISION_PROJECT_CREATE, NewProject())),
            Encode(Evaluate(*again, v1::DECISION_PROJECT_CREATE, other)));
}

TEST_F(VerdictTest, EachKindOfRuleJudgesItsBorders) {
  const struct {
    v1::Decision decision;
    const char* rule;
    Facts facts;
    v1::Outcome outcome;
    const char* reason;
  } kCases[] = {
      {v1::DECISION_ENTERPRISE_COVERAGE, "enterprise.coverage",
       Facts().SetNumber("paired_platforms", 0), v1::OUTCOME_NOT_SATISFIED, "现为0，应不少于1"},
      {v1::DECISION_ENTERPRISE_COVERAGE, "enterprise.coverage",
       Facts().SetNumber("paired_platforms", 1), v1::OUTCOME_SATISFIED, "现为1，应不少于1"},
      {v1::DECISION_ENTERPRISE_COVERAGE, "enterprise.coverage", Facts(), v1::OUTCOME_NOT_SATISFIED,
       "没有可读的数量"},
      {v1::DECISION_ENTERPRISE_COVERAGE, "enterprise.coverage",
       Facts().Set("paired_platforms", "许多"), v1::OUTCOME_NOT_SATISFIED, "没有可读的数量"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().SetDate("published_date", absl::CivilDay(2025, 3, 18)), v1::OUTCOME_SATISFIED,
       "应不晚于2025年3月18日"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().SetDate("published_date", absl::CivilDay(2025, 3, 19)), v1::OUTCOME_NOT_SATISFIED,
       "日期为2025年3月19日"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().Set("published_date", "2025-02-30"), v1::OUTCOME_NOT_SATISFIED, "不存在"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().Set("created_date", "2025-03-17").Set("published_date", "2025-03-19"),
       v1::OUTCOME_NOT_SATISFIED, "日期为2025年3月19日"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().Set("created_date", "2025-03-18").Set("published_date", "2025-03-19"),
       v1::OUTCOME_SATISFIED, "2025年3月18日建档，2025年3月18日的期限只适用于此前已建档的"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().Set("created_date", "三月").Set("published_date", "2025-03-18"),
       v1::OUTCOME_NOT_SATISFIED, "（created_date）"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.first-publication",
       Facts().Set("created_date", "2025-03-18"), v1::OUTCOME_NOT_SATISFIED,
       "没有日期（published_date）"},
      {v1::DECISION_PLATFORM_PUBLISH, "platform.content",
       Facts().SetNumber("introduction", 2).SetNumber("services", 1), v1::OUTCOME_NOT_SATISFIED,
       "缺少有联系电话或电子邮箱的联系人"},
      {v1::DECISION_PLATFORM_FRESHNESS, "platform.freshness",
       Facts().Set("confirmed_date", "2025-01-01").Set("as_of_date", "2025-04-03"),
       v1::OUTCOME_SATISFIED, "已92天"},
      {v1::DECISION_PLATFORM_FRESHNESS, "platform.freshness",
       Facts().Set("confirmed_date", "2025-01-01").Set("as_of_date", "2025-04-04"),
       v1::OUTCOME_NOT_SATISFIED, "已93天，应不超过92天"},
      {v1::DECISION_PLATFORM_FRESHNESS, "platform.freshness",
       Facts().Set("as_of_date", "2025-04-04"), v1::OUTCOME_NOT_SATISFIED, "没有日期"},
      {v1::DECISION_PROJECT_SIGN, "project.sign-facts",
       Facts().Set("project_name", "名").Set("signed_date", "2025-04-04").Set("platform", "p"),
       v1::OUTCOME_NOT_SATISFIED, "缺少共建内容、签约企业"},
      {v1::DECISION_FORM_CREATE, "form.unique", Facts().Set("university", "u"),
       v1::OUTCOME_NOT_SATISFIED, "缺少季度，无法判断是否重复"},
      {v1::DECISION_FORM_CREATE, "form.unique",
       Facts().Set("university", "u").Set("cycle", "2025q2"), v1::OUTCOME_SATISFIED, "没有重复"},
      {v1::DECISION_PROJECT_CREATE, "project.kinds", Facts(), v1::OUTCOME_NOT_SATISFIED,
       "至少应选1项"},
  };
  for (const auto& test : kCases) {
    const v1::Verdicts verdicts = Evaluate(*pack_, test.decision, test.facts);
    const v1::Verdict& verdict = VerdictOf(verdicts, test.rule);
    EXPECT_EQ(verdict.outcome(), test.outcome) << verdict.ShortDebugString();
    EXPECT_THAT(verdict.reason(), HasSubstr(test.reason));
    EXPECT_FALSE(verdict.clause().text().empty());
  }
}

TEST_F(VerdictTest, OnlyASoftRuleIsOverriddenByANamedRoleWithAReason) {
  using options::v1::ROLE_ADMINISTRATOR;
  using options::v1::ROLE_SECRETARIAT;
  v1::Verdicts soft =
      Evaluate(*pack_, v1::DECISION_ENTERPRISE_COVERAGE, Facts().SetNumber("paired_platforms", 0));
  const std::string before = Encode(soft);
  EXPECT_EQ(ApplyOverride(*pack_, "no.such", ROLE_SECRETARIAT, "理由", soft).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ApplyOverride(*pack_, "enterprise.coverage", ROLE_ADMINISTRATOR, "理由", soft).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ApplyOverride(*pack_, "enterprise.coverage", ROLE_SECRETARIAT, "  ", soft).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      ApplyOverride(*pack_, "enterprise.coverage", ROLE_SECRETARIAT, std::string(501, 'x'), soft)
          .code(),
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Encode(soft), before) << "a refused override changes nothing";
  EXPECT_FALSE(RequireSatisfied(soft).ok());
  EXPECT_FALSE(HasHardFailure(soft));

  EXPECT_TRUE(
      ApplyOverride(*pack_, "enterprise.coverage", ROLE_SECRETARIAT, "企业拒绝", soft).ok());
  EXPECT_TRUE(RequireSatisfied(soft).ok());
  EXPECT_EQ(soft.verdicts(0).outcome(), v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(soft.verdicts(0).override().reason(), "企业拒绝");
  EXPECT_EQ(status::ReasonOf(
                ApplyOverride(*pack_, "enterprise.coverage", ROLE_SECRETARIAT, "再次", soft)),
            options::v1::ERROR_REASON_WRONG_STATE);

  v1::Verdicts hard = Evaluate(*pack_, v1::DECISION_FORM_CREATE, Facts());
  EXPECT_EQ(status::ReasonOf(ApplyOverride(*pack_, "form.unique", ROLE_SECRETARIAT, "理由", hard)),
            options::v1::ERROR_REASON_RULE_VIOLATED);
}

TEST_F(VerdictTest, AReasonSetsEverySoftRuleAsideThatTheRolesMay) {
  using options::v1::ROLE_ENTERPRISE;
  using options::v1::ROLE_PLATFORM_MANAGER;
  Facts facts;
  facts.Set("project_name", "中试线").Set("project_content", "共建").Set("platform", "p");
  facts.Set("enterprise", "e").SetDate("signed_date", absl::CivilDay(2025, 4, 1));
  const v1::Verdicts asked = Evaluate(*pack_, v1::DECISION_PROJECT_SIGN, facts);
  EXPECT_FALSE(RequireSatisfied(asked).ok()) << "there is no agreement";
  EXPECT_TRUE(RequireHard(asked).ok()) << "which is a soft rule";
  v1::Verdicts verdicts = asked;
  EXPECT_TRUE(SetAside(*pack_, {ROLE_ENTERPRISE}, "", verdicts).ok());
  EXPECT_EQ(Encode(verdicts), Encode(asked)) << "without a reason nothing is set aside";
  EXPECT_EQ(SetAside(*pack_, {ROLE_PLATFORM_MANAGER}, "后补", verdicts).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(SetAside(*pack_, {}, "后补", verdicts).code(), absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(SetAside(*pack_, {ROLE_PLATFORM_MANAGER, ROLE_ENTERPRISE}, "后补", verdicts).ok());
  EXPECT_TRUE(RequireSatisfied(verdicts).ok());
  EXPECT_EQ(VerdictOf(verdicts, "project.agreement").override().role(), ROLE_ENTERPRISE);
  EXPECT_EQ(VerdictOf(verdicts, "project.agreement").override().reason(), "后补");

  // A hard rule stays, and a refusal for it names no soft one.
  facts.Set("project_content", "");
  v1::Verdicts hard = Evaluate(*pack_, v1::DECISION_PROJECT_SIGN, facts);
  ASSERT_TRUE(SetAside(*pack_, {ROLE_ENTERPRISE}, "后补", hard).ok());
  EXPECT_FALSE(RequireSatisfied(hard).ok());
  const absl::Status refused = RequireHard(Evaluate(*pack_, v1::DECISION_PROJECT_SIGN, facts));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("缺少共建内容"));
  EXPECT_THAT(std::string(refused.message()), testing::Not(HasSubstr("协议")));
  v1::Verdicts attached;
  ASSERT_TRUE(status::GetDetail(refused, attached));
  EXPECT_EQ(attached.verdicts_size(), 2) << "the detail has them all";
}

// Whatever the facts, also unreadable ones: every kind of rule, in every shipped city.
TEST_F(VerdictTest, TheShortAnswerIsThatOfTheVerdicts) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const char* names[] = {"platform",        "enterprise",      "existing_project",
                         "co_build_kinds",  "published_date",  "confirmed_date",
                         "as_of_date",      "introduction",    "project_name",
                         "project_content", "signed_date",     "university",
                         "cycle",           "existing_form",   "form",
                         "existing_row",    "paired_platforms"};
  const char* values[] = {"2025-01-01", "2025-03-31", "2026-06-30",  "soon",       "0",
                          "3",          "pilot-test", "order-class", "projects/1", "甲"};
  int satisfied = 0, refused = 0;
  for (const char* city : {"qingdao", "shandong", "linyi"}) {
    const auto pack = LoadShipped(city);
    for (int i = 0; i < 3000; ++i) {
      Facts facts;
      for (const char* name : names) {
        for (int k = static_cast<int>(random() % 3); k > 0; --k) {
          facts.Add(name, values[random() % std::size(values)]);
        }
      }
      for (int d = v1::Decision_MIN; d <= v1::Decision_MAX; ++d) {
        if (!v1::Decision_IsValid(d)) continue;
        const auto decision = static_cast<v1::Decision>(d);
        const bool ok = RequireSatisfied(Evaluate(*pack, decision, facts)).ok();
        ASSERT_EQ(IsSatisfied(*pack, decision, facts), ok) << city << " " << decision;
        ++(ok ? satisfied : refused);
      }
    }
  }
  EXPECT_GT(satisfied, 1000);
  EXPECT_GT(refused, 1000);
}

TEST_F(VerdictTest, ACityWithoutARuleDoesNotAskIt) {
  const auto shandong = LoadShipped("shandong");
  const v1::Verdicts verdicts = Evaluate(*shandong, v1::DECISION_FORM_CREATE, Facts());
  EXPECT_EQ(verdicts.verdicts_size(), 0);
  EXPECT_TRUE(RequireSatisfied(verdicts).ok());
}

}  // namespace
}  // namespace chanyan::policy
