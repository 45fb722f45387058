// Contacts and problems from .xlsx lists (PAIR-2, PAIR-5, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "tests/service/pairing/record_sheet_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(RecordSheetTest, EveryBadContactIsNamedAtItsCellAndNothingIsWritten) {
  const auto before = Everything();
  std::vector<v1::ContactRow> rows(9, Note(signed_, 1));
  rows[1].set_project_number("j0");
  rows[2].clear_project_number();
  rows[3].set_project_title("别的项目");
  rows[4].set_contact_number("c0");
  rows[5] = Note(signed_, -2);
  rows[6].set_content("同一时间另有说法");
  rows[7] = Note(signed_, 3);
  rows[7].set_kind(v1::CONTACT_KIND_ANSWER);
  rows[8] = Note(signed_, 4);
  rows[8].set_state(v1::CONTACT_STATE_ANSWERED);
  const auto refused = Contacts(Sheet(rows));
  // What a row lacks by itself comes first, before anything is looked up.
  EXPECT_THAT(Places(refused.status()),
              ElementsAre(HasSubstr("记录.xlsx / 表 / A4|请填写项目编号")));
  rows[2].set_project_number(Number(begun_));
  EXPECT_THAT(Places(Contacts(Sheet(rows)).status()),
              ElementsAre(HasSubstr("/ A3|没有编号为“j0”的项目"),
                          HasSubstr("/ C5|该项目的项目名称是“共建中试线（演示）”"),
                          HasSubstr("/ B6|该项目没有编号为“c0”的记录"),
                          HasSubstr("/ E7|沟通时间不能晚于现在"),
                          HasSubstr("/ E8|与第 2 行是同一条记录"), HasSubstr("/ H9|答复请在"),
                          HasSubstr("/ N10|“状态”不能通过导入填写或修改，请留空")));
  EXPECT_THAT(Places(Contacts(Sheet(rows), false, ROLE_UNIT, kTown).status()), SizeIs(9))
      << "none of them is another unit's";
  EXPECT_EQ(Everything(), before);
}

TEST_F(RecordSheetTest, ContactsComeInOnceAndApproachesWithTheirDeadline) {
  const auto file =
      Sheet(std::vector<v1::ContactRow>{Note(signed_, 5), Approach(signed_, 2), Note(begun_, 1)});
  const auto before = Everything();
  EXPECT_EQ(Numbers(Contacts(file, /*dry_run=*/true)), "3 0 0 dry");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Numbers(Contacts(file)), "3 0 0");
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', organization, respondent, state, respond_by) "
                    "FROM contact WHERE kind = 'APPROACH'"),
              ElementsAre(HasSubstr("organizations/ouc organizations/e1 AWAITING 2025-04-09")));
  EXPECT_EQ(Count("alarm"), 1);
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 3);
  const auto after = Everything();
  clock.now += absl::Hours(1);
  EXPECT_EQ(Numbers(Contacts(file)), "0 0 3");
  EXPECT_EQ(Everything(), after);
  // The same rows of another writer are the other's own.
  EXPECT_EQ(Numbers(Contacts(Sheet(std::vector<v1::ContactRow>{Note(signed_, 6)}), false,
                             ROLE_ENTERPRISE, Enterprise(1))),
            "1 0 0");
}

TEST_F(RecordSheetTest, AnEntryStaysAsItWasSaid) {
  ASSERT_EQ(Numbers(Contacts(Sheet(std::vector<v1::ContactRow>{Note(signed_, 5)}))), "1 0 0");
  v1::ContactRow row = Note(signed_, 5);
  row.set_content("另一种说法");
  EXPECT_THAT(Places(Contacts(Sheet(std::vector<v1::ContactRow>{row})).status()),
              ElementsAre(AllOf(HasSubstr("/ E2|该项目此条沟通已登记"), HasSubstr("内容不同"))));
  std::vector<v1::ContactRow> exported =
      RowsIn<v1::ContactRow>(ExportedContacts(ROLE_RESEARCH_OFFICE, kOuc));
  ASSERT_THAT(exported, SizeIs(1));
  exported[0].set_people("别人");
  EXPECT_THAT(Places(Contacts(Sheet(exported)).status()),
              ElementsAre(HasSubstr("/ B2|该项目此条沟通已登记")));
  EXPECT_THAT(Texts("SELECT people FROM contact"), ElementsAre("李主任、王经理（演示）"));
}

TEST_F(RecordSheetTest, AUnitSaysWhichSideItAsks) {
  v1::ContactRow row = Approach(signed_, 1);
  EXPECT_THAT(
      Places(Contacts(Sheet(std::vector<v1::ContactRow>{row}), false, ROLE_UNIT, kZone).status()),
      ElementsAre(HasSubstr("/ M2|请选定由高校院所还是企业答复")));
  row.set_answering_side(v1::ANSWERING_SIDE_UNIVERSITY);
  EXPECT_EQ(Numbers(Contacts(Sheet(std::vector<v1::ContactRow>{row}), false, ROLE_UNIT, kZone)),
            "1 0 0");
  EXPECT_THAT(Texts("SELECT respondent FROM contact"), ElementsAre(kOuc));
}

TEST_F(RecordSheetTest, EveryBadProblemIsNamedAtItsCellAndNothingIsWritten) {
  const auto before = Everything();
  std::vector<v1::ProblemRow> rows;
  for (int i = 0; i < 7; ++i) rows.push_back(Problem(signed_, absl::StrCat("问题", i)));
  rows[1].set_problem_number("p0");
  rows[2].set_assignee_title("古镇口（演示）");
  rows[2].set_owner("王科长（演示）");
  rows[3].set_resolution("已解决");
  rows[4].set_state(v1::PROBLEM_STATE_CLOSED);
  rows[5].set_content("问题0");
  rows[6].set_escalation_level(2);
  EXPECT_THAT(Places(Problems(Sheet(rows)).status()),
              ElementsAre(HasSubstr("/ B3|该项目没有编号为“p0”的记录"),
                          HasSubstr("/ H4|只有秘书处和项目的责任单位可以交办"),
                          HasSubstr("/ L5|只有承办单位和秘书处可以办理"),
                          HasSubstr("/ K6|“状态”不能通过导入填写或修改，现为“待交办”"),
                          HasSubstr("/ E7|与第 2 行是同一条记录"),
                          HasSubstr("/ N8|“提级次数”不能通过导入填写或修改")));
  // Of those who assign.
  rows.resize(5);
  for (auto& row : rows) {
    row = Problem(signed_, row.content());
    row.set_assignee_title("古镇口（演示）");
    row.set_owner("王科长（演示）");
  }
  rows[0].clear_owner();
  rows[1].set_assignee_title("无此单位");
  rows[2].set_assignee_title("海洋大学（演示）");
  *rows[3].mutable_due_date() = time::ToProto(absl::CivilDay(2025, 5, 9));
  *rows[4].mutable_due_date() = time::ToProto(absl::CivilDay(2025, 3, 31));
  EXPECT_THAT(
      Places(Problems(Sheet(rows), false, ROLE_UNIT, kZone).status()),
      ElementsAre(HasSubstr("/ I2|交办须填写责任人"), HasSubstr("/ H3|“无此单位”不在单位名录中"),
                  HasSubstr("/ H4|“海洋大学（演示）”不是大功能区"),
                  HasSubstr("/ J5|解决期限最迟为2025年5月8日"),
                  HasSubstr("/ J6|解决期限不能早于今天")));
  EXPECT_THAT(Places(Problems(Sheet(rows), false, ROLE_SECRETARIAT, kSecretariat).status()),
              Contains(HasSubstr("/ E2|问题由高校院所、企业和责任单位提出")));
  EXPECT_EQ(Everything(), before);
}

TEST_F(RecordSheetTest, ProblemsAreRaisedAssignedAndSolvedByThoseWhoMay) {
  const auto raised = Sheet(
      std::vector<v1::ProblemRow>{Problem(signed_, "缺少中试资金"), Problem(signed_, "缺少场地")});
  EXPECT_EQ(Numbers(Problems(raised, /*dry_run=*/true)), "2 0 0 dry");
  EXPECT_EQ(Count("problem"), 0);
  EXPECT_EQ(Numbers(Problems(raised)), "2 0 0");
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', origin, raised_by, state, DATE(due_time)) FROM problem"),
              ElementsAre("RAISED organizations/e1 OPEN 2025-05-08",
                          "RAISED organizations/e1 OPEN 2025-05-08"));
  const int64_t alarms = Count("alarm");
  EXPECT_GT(alarms, 0);

  // The secretariat fills in its export.
  std::vector<v1::ProblemRow> rows =
      RowsIn<v1::ProblemRow>(ExportedProblems(ROLE_SECRETARIAT, kSecretariat));
  ASSERT_THAT(rows, SizeIs(2));
  for (v1::ProblemRow& row : rows) {
    row.set_assignee_title("区科技局（演示）");
    row.set_owner("王科长（演示）");
    *row.mutable_due_date() = time::ToProto(absl::CivilDay(2025, 4, 18));
  }
  const auto assigned = Sheet(rows);
  EXPECT_EQ(Numbers(Problems(assigned, false, ROLE_SECRETARIAT, kSecretariat)), "0 2 0");
  EXPECT_THAT(Texts("SELECT DISTINCT CONCAT_WS(' ', state, assignee, owner, DATE(due_time)) "
                    "FROM problem"),
              ElementsAre("ASSIGNED organizations/bureau 王科长（演示） 2025-04-18"));
  const auto after = Everything();
  EXPECT_EQ(Numbers(Problems(assigned, false, ROLE_SECRETARIAT, kSecretariat)), "0 0 2")
      << "as it was when it was exported";
  EXPECT_EQ(Everything(), after);

  // The bureau does not reach the project, but what it works on.
  rows = RowsIn<v1::ProblemRow>(ExportedProblems(ROLE_DEPARTMENT, kBureau));
  ASSERT_THAT(rows, SizeIs(2));
  rows[0].set_resolution("对接银行授信");
  EXPECT_EQ(Numbers(Problems(Sheet(rows), false, ROLE_DEPARTMENT, kBureau)), "0 1 1");
  EXPECT_EQ(Count("problem WHERE state = 'RESOLVED' AND resolution = '对接银行授信'"), 1);
  EXPECT_EQ(Count("alarm"), Count("alarm WHERE resource IN "
                                  "(SELECT name FROM problem WHERE state = 'ASSIGNED')"))
      << "what is solved rings no more";
  // Who raised them finds them, whatever became of them.
  EXPECT_EQ(Numbers(Problems(raised)), "0 0 2");
  EXPECT_EQ(Count("problem"), 2);
}

}  // namespace
}  // namespace chanyan::pairing
