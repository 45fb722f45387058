// One form a university and quarter, one row a platform and enterprise: what the pack's rules say
// of them (POL-2, CYC-3).
#include "services/cycle/form_verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/replay.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "services/cycle/ids.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;

constexpr char kForm[] = "cycles/2025q2/forms/u";
constexpr char kLab[] = "organizations/u/platforms/lab";

// The shipped rules, or others.
std::unique_ptr<const policy::Pack> PackOfRules(const std::string& rules) {
  auto pack = policy::Pack::Parse(
      {{"test.textproto",
        absl::StrCat(rules,
                     "id: 'test' display_name: '测试' version: '1' "
                     "effective_from { year: 2025 month: 1 day: 1 } "
                     "calendars { year: 2025 note: '试验' holidays { display_name: '元旦' "
                     "first_date { year: 2025 month: 1 day: 1 } "
                     "last_date { year: 2025 month: 1 day: 1 } } }")}});
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

v1::Row PairOf(const std::string& platform, const std::string& enterprise,
               const std::string& name = "") {
  v1::Row row;
  row.set_name(name.empty() ? RowName(kForm, platform, enterprise) : name);
  row.set_platform(platform);
  row.set_enterprise(enterprise);
  return row;
}

class FormVerdictsTest : public ::testing::Test {
 protected:
  absl::StatusOr<policy::v1::Verdicts> Judge(const std::vector<v1::Row>& present,
                                             const std::vector<v1::Row>& born) {
    std::vector<const v1::Row*> there, fresh;
    for (const v1::Row& row : present) there.push_back(&row);
    for (const v1::Row& row : born) fresh.push_back(&row);
    return JudgeRows(*pack_, kForm, there, fresh);
  }
  // The verdict that comes with a refusal.
  static policy::v1::Verdict RefusedBy(const absl::Status& refused) {
    EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_RULE_VIOLATED) << refused;
    policy::v1::Verdicts verdicts;
    EXPECT_TRUE(status::GetDetail(refused, verdicts));
    for (const policy::v1::Verdict& verdict : verdicts.verdicts()) {
      if (verdict.outcome() == policy::v1::OUTCOME_NOT_SATISFIED) return verdict;
    }
    ADD_FAILURE() << "nothing refuses: " << verdicts.DebugString();
    return {};
  }

  std::unique_ptr<const policy::Pack> pack_ =
      PackOfRules(testing::SourceText("deploy/policies/qingdao/rules.textproto") +
                  testing::SourceText("deploy/policies/qingdao/co_build_kinds.textproto"));
};

TEST_F(FormVerdictsTest, ASecondRowOfAPairIsRefusedWithTheClauseWhateverItIsCalled) {
  const v1::Row first = PairOf(kLab, "organizations/e");
  const v1::Row other = PairOf(kLab, "organizations/e", absl::StrCat(kForm, "/rows/other"));
  for (const auto& judged : {Judge({first}, {other}), Judge({}, {first, other})}) {
    const policy::v1::Verdict verdict = RefusedBy(judged.status());
    EXPECT_EQ(verdict.rule_id(), "form-row.unmerged");
    EXPECT_THAT(verdict.clause().text(), HasSubstr("不要合并表格"));
    EXPECT_THAT(verdict.reason(), HasSubstr(first.name()));
    EXPECT_EQ(verdict.strength(), policy::v1::STRENGTH_HARD);
  }
  EXPECT_EQ(RefusedBy(Judge({}, {PairOf("", "organizations/e")}).status()).rule_id(),
            "form-row.unmerged")
      << "nobody knows whether it is the second";
}

TEST_F(FormVerdictsTest, ASecondFormOfAUniversityIsRefusedWithTheClause) {
  Opening opening;
  for (const char* name : {"cycles/2025q2/forms/u", "cycles/2025q2/forms/u-again"}) {
    v1::Form& form = opening.forms.emplace_back();
    form.set_name(name);
    form.set_university("organizations/u");
  }
  const policy::v1::Verdict verdict = RefusedBy(JudgeOpening(*pack_, &opening));
  EXPECT_EQ(verdict.rule_id(), "form.unique");
  EXPECT_THAT(verdict.clause().text(), HasSubstr("一个高校研所一张表、一个季度填一次"));
  EXPECT_THAT(verdict.reason(), HasSubstr("cycles/2025q2/forms/u"));
  // What was refused for another reason says it too, if it is so.
  policy::v1::Verdicts said;
  EXPECT_FALSE(status::GetDetail(
      WithFormVerdicts(*pack_, opening.forms, {}, status::WrongState("已开启")), said));
  const absl::Status refused = WithFormVerdicts(*pack_, {opening.forms[1]}, {opening.forms[0]},
                                                status::WrongState("已开启"));
  ASSERT_TRUE(status::GetDetail(refused, said));
  EXPECT_EQ(refused.message(), "已开启");
  EXPECT_TRUE(policy::HasHardFailure(said));
}

TEST_F(FormVerdictsTest, RowsAreOnRecordTogetherAndOneByItself) {
  const auto none = Judge({PairOf(kLab, "organizations/e")}, {});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->verdicts_size(), 0);
  const auto one = Judge({PairOf(kLab, "organizations/f")}, {PairOf(kLab, "organizations/e")});
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_EQ(one->verdicts_size(), 1);
  EXPECT_THAT(one->verdicts(0).reason(), HasSubstr("企业organizations/e"));
  const auto open = Judge({}, {PairOf(kLab, "")});
  ASSERT_TRUE(open.ok()) << "an intent is open to all";
  EXPECT_THAT(open->verdicts(0).reason(), HasSubstr("全体企业"));
  const auto all =
      Judge({}, {PairOf(kLab, "organizations/e"), PairOf(kLab, "organizations/f"),
                 PairOf("organizations/u/platforms/center", "organizations/e"), PairOf(kLab, "")});
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->verdicts_size(), 1);
  EXPECT_EQ(all->verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
  EXPECT_THAT(all->verdicts(0).reason(), HasSubstr("科创平台2个（4行）、企业2家和全体企业"));
  for (const auto& verdicts : {*one, *open, *all}) {
    const auto again = policy::Replay(*pack_, verdicts);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(policy::Encode(*again), policy::Encode(verdicts));
  }
}

TEST_F(FormVerdictsTest, ARowOfAnEnterpriseThatIsPartOfAnotherKeepsItsPair) {
  v1::Row former = PairOf(kLab, "organizations/e");
  former.set_former_enterprise("organizations/gone");
  EXPECT_TRUE(Judge({former}, {PairOf(kLab, "organizations/e")}).ok());
  v1::Row again = former;
  again.set_name(absl::StrCat(kForm, "/rows/again"));
  EXPECT_FALSE(Judge({former}, {again}).ok());
}

TEST_F(FormVerdictsTest, APlanIsJudgedBesideWhatStays) {
  const v1::Row there = PairOf(kLab, "organizations/e", absl::StrCat(kForm, "/rows/there"));
  v1::Form form;
  form.set_name(kForm);
  RowPlan plan;
  ASSERT_TRUE(JudgePlan(*pack_, {there}, plan, &form).ok());
  EXPECT_FALSE(form.has_row_verdicts()) << "nothing was put on it";
  plan.creates.push_back(PairOf(kLab, "organizations/e"));
  EXPECT_FALSE(JudgePlan(*pack_, {there}, plan, &form).ok());
  plan.removes.push_back(there);
  ASSERT_TRUE(JudgePlan(*pack_, {there}, plan, &form).ok()) << "it is struck out";
  EXPECT_EQ(form.row_verdicts().verdicts_size(), 1);
}

TEST_F(FormVerdictsTest, WhatASoftRuleSaysIsOnRecordAndACityMayHaveNone) {
  constexpr char kSoft[] =
      "rules { id: 'soft' display_name: '一行' clause { document: '文' article: '一' text: '条' } "
      "strength: STRENGTH_SOFT origin: ORIGIN_STATED override_roles: ROLE_SECRETARIAT "
      "decision: DECISION_FORM_ROW_CREATE unique_key { key { name: 'platform' "
      "display_name: '平台' } existing_fact: 'existing_row' } }";
  pack_ = PackOfRules(kSoft);
  const auto judged = Judge({PairOf(kLab, "organizations/e")},
                            {PairOf(kLab, "organizations/f"),
                             PairOf(kLab, "organizations/e", absl::StrCat(kForm, "/rows/other"))});
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_EQ(judged->verdicts(0).outcome(), policy::v1::OUTCOME_NOT_SATISFIED);
  pack_ = PackOfRules("");
  const auto unasked = Judge({}, {PairOf(kLab, "organizations/e")});
  ASSERT_TRUE(unasked.ok());
  EXPECT_EQ(unasked->verdicts_size(), 0);
}

}  // namespace
}  // namespace chanyan::cycle
