// What a row of the projects' sheet makes of a project, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/time/civil.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/project_sheet_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using S = v1::ProjectState;

constexpr S kStates[] = {v1::PROJECT_STATE_INTENT,    v1::PROJECT_STATE_NEGOTIATING,
                         v1::PROJECT_STATE_SIGNED,    v1::PROJECT_STATE_BUILDING,
                         v1::PROJECT_STATE_COMPLETED, v1::PROJECT_STATE_TERMINATED};

class ProjectSheetRulesTest : public ::testing::Test {
 protected:
  v1::ProjectRow Row(S state) {
    v1::ProjectRow row;
    row.set_title("中试线");
    row.set_content("共建");
    row.add_kinds("技术研发");
    row.set_state(state);
    if (IsSigned(state)) *row.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 1));
    return row;
  }
  v1::Project Stored(S state) {
    v1::Project project;
    project.set_platform("organizations/ouc/platforms/lab");
    project.set_enterprise("organizations/e1");
    project.set_title("旧名");
    project.add_kinds("技术研发");
    project.set_content("共建");
    project.set_state(state);
    if (IsSigned(state)) *project.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 1));
    return project;
  }

  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
  const Importing importing_ = {{ROLE_RESEARCH_OFFICE}, "补录", absl::CivilDay(2025, 4, 1)};
};

TEST_F(ProjectSheetRulesTest, EveryStateToEveryState) {
  // An ended project is not touched, a project ends by hand, and none goes back.
  for (int from = 0; from < 6; ++from) {
    for (int to = 0; to < 6; ++to) {
      v1::Project project = Stored(kStates[from]);
      const auto wrong = TakeRow(*pack_, Row(kStates[to]), importing_, false, &project);
      const bool allowed = from < 4 && to < 5 && to >= from;
      EXPECT_EQ(wrong.empty(), allowed) << from << " to " << to;
      if (!allowed) continue;
      EXPECT_EQ(project.state(), kStates[to]);
      EXPECT_EQ(project.title(), "中试线");
      EXPECT_EQ(project.has_sign_verdicts(), from < 2 && to >= 2) << from << " to " << to;
    }
  }
}

TEST_F(ProjectSheetRulesTest, ARowThatSaysTheSameIsTakenInAnyState) {
  for (const S state : kStates) {
    v1::Project project = Stored(state);
    project.set_title("中试线");
    const std::string before = project.SerializeAsString();
    EXPECT_TRUE(SaysTheSame(Row(state), project));
    EXPECT_TRUE(TakeRow(*pack_, Row(state), importing_, false, &project).empty());
    EXPECT_EQ(project.SerializeAsString(), before);
  }
}

TEST_F(ProjectSheetRulesTest, ANewProjectCarriesTheVerdictsOfItsWay) {
  v1::Project project = Stored(v1::PROJECT_STATE_INTENT);
  ASSERT_TRUE(
      TakeRow(*pack_, Row(v1::PROJECT_STATE_COMPLETED), importing_, true, &project).empty());
  EXPECT_EQ(project.create_verdicts().verdicts_size(), 2);
  EXPECT_EQ(project.sign_verdicts().verdicts(0).override().reason(), "补录");
  // Without a reason, or by a role that may not, signing waits for its agreement.
  for (const Importing& other : {Importing{{ROLE_RESEARCH_OFFICE}, "", importing_.today},
                                 Importing{{ROLE_PLATFORM_MANAGER}, "补录", importing_.today}}) {
    project = Stored(v1::PROJECT_STATE_INTENT);
    const auto wrong = TakeRow(*pack_, Row(v1::PROJECT_STATE_SIGNED), other, true, &project);
    ASSERT_EQ(wrong.size(), 1u);
    EXPECT_EQ(wrong[0].field, "state");
  }
}

TEST_F(ProjectSheetRulesTest, KindsThatTheRuleRefusesAreSetAsideByWhoMayWithAReason) {
  const auto linyi = testing::ShippedPack("linyi");
  v1::ProjectRow row = Row(v1::PROJECT_STATE_INTENT);
  row.mutable_kinds()->Clear();
  row.add_kinds("联谊");
  const auto take = [&](const Importing& importing, bool is_new, v1::Project* project) {
    const auto wrong = TakeRow(*linyi, row, importing, is_new, project);
    return wrong.empty() ? std::string() : wrong[0].field;
  };
  for (const bool is_new : {true, false}) {
    for (const Importing& other :
         {Importing{{options::v1::ROLE_UNIT}, "", importing_.today},
          Importing{{ROLE_RESEARCH_OFFICE}, "县里确定的合作方式", importing_.today}}) {
      v1::Project project = Stored(v1::PROJECT_STATE_INTENT);
      EXPECT_EQ(take(other, is_new, &project), "kinds") << is_new;
    }
    v1::Project project = Stored(v1::PROJECT_STATE_INTENT);
    ASSERT_EQ(
        take({{options::v1::ROLE_UNIT}, "县里确定的合作方式", importing_.today}, is_new, &project),
        "");
    EXPECT_EQ(project.create_verdicts().verdicts(0).override().reason(), "县里确定的合作方式");
  }
}

TEST_F(ProjectSheetRulesTest, TheAgreementSaysWhenItWasSigned) {
  v1::Project project = Stored(v1::PROJECT_STATE_SIGNED);
  project.set_agreement("projects/j/agreements/main");
  v1::ProjectRow row = Row(v1::PROJECT_STATE_SIGNED);
  *row.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 2));
  EXPECT_EQ(TakeRow(*pack_, row, importing_, false, &project).at(0).field, "sign_date");
  project.clear_agreement();
  EXPECT_TRUE(TakeRow(*pack_, row, importing_, false, &project).empty());
  EXPECT_EQ(project.sign_date().day(), 2);
}

TEST_F(ProjectSheetRulesTest, ARowIsCheckedByItself) {
  const auto fields = [&](const v1::ProjectRow& row) {
    std::vector<std::string> out;
    for (const auto& violation : RowViolations(row, importing_.today)) {
      out.push_back(violation.field);
    }
    return out;
  };
  for (const S state : kStates) EXPECT_TRUE(fields(Row(state)).empty()) << state;
  v1::ProjectRow row = Row(v1::PROJECT_STATE_SIGNED);
  row.clear_sign_date();
  row.add_kinds("联谊");
  EXPECT_EQ(fields(row), std::vector<std::string>{"sign_date"}) << "kinds are the pack's to judge";
  row = Row(v1::PROJECT_STATE_BUILDING);
  *row.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 4, 2));
  EXPECT_EQ(fields(row), std::vector<std::string>{"sign_date"});
  row.set_state(v1::PROJECT_STATE_NEGOTIATING);
  *row.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 2));
  EXPECT_EQ(fields(row), std::vector<std::string>{"sign_date"});
}

}  // namespace
}  // namespace chanyan::pairing
