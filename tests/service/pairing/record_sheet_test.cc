// Contacts, problems and outcomes as .xlsx lists, both ways (PAIR-2, PAIR-5, PAIR-7, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/record_rows.h"
#include "services/pairing/record_sheet_service.h"
#include "tests/service/pairing/city.h"
#include "tests/service/pairing/record_files.h"

namespace chanyan::pairing {
namespace {

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RecordSheetTest : public ::testing::Test, protected City {
 protected:
  RecordSheetTest() {
    Add(kSecretariat, "秘书处（演示）", registry::v1::ORGANIZATION_KIND_SECRETARIAT);
    Add(kBureau, "区科技局（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
    signed_ = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
    begun_ = In(v1::PROJECT_STATE_INTENT, kLab, 2).name();
  }

  v1::ContactRow Note(const std::string& project, int hours_ago,
                      const std::string& content = "讨论中试方案") {
    v1::ContactRow row;
    row.set_project_number(Number(project));
    api::SetTime(clock.now - absl::Hours(hours_ago), row.mutable_contact_time());
    row.set_people("李主任、王经理（演示）");
    row.set_channel(v1::CONTACT_CHANNEL_PHONE);
    row.set_kind(v1::CONTACT_KIND_NOTE);
    row.set_content(content);
    return row;
  }
  v1::ContactRow Approach(const std::string& project, int hours_ago) {
    v1::ContactRow row = Note(project, hours_ago, "请确认中试安排");
    row.set_kind(v1::CONTACT_KIND_APPROACH);
    return row;
  }
  static v1::ProblemRow Problem(const std::string& project, const std::string& content) {
    v1::ProblemRow row;
    row.set_project_number(Number(project));
    row.set_content(content);
    return row;
  }
  static v1::OutcomeRow Outcome(const std::string& project, const std::string& kind) {
    v1::OutcomeRow row;
    row.set_project_number(Number(project));
    row.set_kind(kind);
    *row.mutable_period_first() = time::ToProto(absl::CivilDay(2025, 1, 1));
    *row.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 3, 31));
    row.set_description("首批样品销售（演示）");
    row.set_evidence(
        absl::StrCat("合同|甲乙.pdf | ", std::string(64, 'a'), " | 1024 | application/pdf"));
    return row;
  }
  static v1::OutcomeRow Income(const std::string& project, int64_t yuan) {
    v1::OutcomeRow row = Outcome(project, "技术合同收入");
    row.mutable_amount()->set_currency_code("CNY");
    row.mutable_amount()->set_units(yuan);
    return row;
  }
  static v1::OutcomeRow Patent(const std::string& project, const std::string& number) {
    v1::OutcomeRow row = Outcome(project, "发明专利");
    row.set_quantity(1);
    row.set_reference(number);
    return row;
  }

  absl::StatusOr<v1::ImportRecordsResponse> Contacts(const google::api::HttpBody& file,
                                                     bool dry_run = false,
                                                     Role role = ROLE_RESEARCH_OFFICE,
                                                     const std::string& organization = kOuc,
                                                     const std::string& parent = "projects/-") {
    return records_.ImportContacts(As(role, organization, "RecordSheetService.ImportContacts"),
                                   UploadRequest<v1::ImportContactsRequest>(file, dry_run, parent));
  }
  absl::StatusOr<v1::ImportRecordsResponse> Problems(
      const google::api::HttpBody& file, bool dry_run = false, Role role = ROLE_ENTERPRISE,
      const std::string& organization = Enterprise(1), const std::string& parent = "projects/-") {
    return records_.ImportProblems(As(role, organization, "RecordSheetService.ImportProblems"),
                                   UploadRequest<v1::ImportProblemsRequest>(file, dry_run, parent));
  }
  absl::StatusOr<v1::ImportRecordsResponse> Outcomes(const google::api::HttpBody& file,
                                                     bool dry_run = false,
                                                     Role role = ROLE_RESEARCH_OFFICE,
                                                     const std::string& organization = kOuc,
                                                     const std::string& parent = "projects/-") {
    return records_.ImportOutcomes(As(role, organization, "RecordSheetService.ImportOutcomes"),
                                   UploadRequest<v1::ImportOutcomesRequest>(file, dry_run, parent));
  }
  google::api::HttpBody ExportedContacts(Role role, const std::string& organization) {
    v1::ExportContactsRequest request;
    request.set_parent("projects/-");
    return *contacts.ExportContacts(As(role, organization, "ContactService.ExportContacts"),
                                    request);
  }
  google::api::HttpBody ExportedProblems(Role role, const std::string& organization) {
    v1::ExportProblemsRequest request;
    request.set_parent("projects/-");
    return *problems.ExportProblems(As(role, organization, "ProblemService.ExportProblems"),
                                    request);
  }
  google::api::HttpBody ExportedOutcomes(Role role, const std::string& organization) {
    v1::ExportOutcomesRequest request;
    request.set_parent("projects/-");
    return *outcomes.ExportOutcomes(As(role, organization, "OutcomeService.ExportOutcomes"),
                                    request);
  }
  // All that an import may write.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM contact UNION ALL "
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM problem UNION ALL "
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM outcome UNION ALL "
        "SELECT CONCAT_WS('|', resource, kind, alarm_time) FROM alarm UNION ALL "
        "SELECT CONCAT(COUNT(*), '') FROM journal ORDER BY 1");
  }

  std::string signed_;
  std::string begun_;
  RecordSheetService records_{{{database.db(), clock, nullptr}, *pack, peer.peers()}};
};

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

TEST_F(RecordSheetTest, EveryBadOutcomeIsNamedAtItsCellAndNothingIsWritten) {
  const auto before = Everything();
  std::vector<v1::OutcomeRow> rows(8, Income(signed_, 100));
  for (size_t i = 0; i < rows.size(); ++i) rows[i].set_description(absl::StrCat("成效", i));
  rows[1].set_evidence("合同.pdf");
  rows[2].set_evidence("合同.pdf | 1234 | 10 | application/pdf");
  EXPECT_THAT(Places(Outcomes(Sheet(rows)).status()),
              ElementsAre(HasSubstr("/ N3|第 1 份：应写为“文件名 | SHA-256 | 字节数 | 文件类型”"),
                          HasSubstr("/ N4|第 1 份：文件摘要（SHA-256）")));
  rows[1] = Income(begun_, 100);
  rows[2] = rows[0];
  rows[3].set_kind("喜事");
  rows[4].clear_amount();
  rows[5].set_measure_unit("件");
  rows[6].set_state(v1::OUTCOME_STATE_CONFIRMED);
  *rows[7].mutable_period_last() = time::ToProto(absl::CivilDay(2025, 4, 2));
  EXPECT_THAT(
      Places(Outcomes(Sheet(rows)).status()),
      ElementsAre(
          HasSubstr("/ A3|已签约的项目才能申报成效"), HasSubstr("/ F4|与第 2 行是同一条记录"),
          HasSubstr("/ F5|“喜事”不在成效类别中"), HasSubstr("/ G6|“技术合同收入”须填写金额"),
          HasSubstr("/ I7|“计量单位”不能通过导入填写或修改，现为“元”"),
          HasSubstr("/ O8|“状态”不能通过导入填写或修改"), HasSubstr("/ K9|截止日期不能晚于今天")));
  EXPECT_EQ(Everything(), before);
}

TEST_F(RecordSheetTest, OutcomesAreDeclaredOnceAndChangedByTheirDeclarerAlone) {
  const auto file =
      Sheet(std::vector<v1::OutcomeRow>{Income(signed_, 100), Patent(signed_, "ZL202510000001.1")});
  EXPECT_EQ(Numbers(Outcomes(file, /*dry_run=*/true)), "2 0 0 dry");
  EXPECT_EQ(Count("outcome"), 0);
  EXPECT_EQ(Numbers(Outcomes(file)), "2 0 0");
  const auto after = Everything();
  EXPECT_EQ(Numbers(Outcomes(file)), "0 0 2");
  EXPECT_EQ(Everything(), after);
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', state, declared_by, measure_unit) FROM outcome "
                    "ORDER BY kind"),
              SizeIs(2));
  // A sum that was mistyped: the row is known by what it is about.
  EXPECT_EQ(Numbers(Outcomes(Sheet(std::vector<v1::OutcomeRow>{Income(signed_, 120)}))), "0 1 0");
  EXPECT_THAT(Texts("SELECT CAST(amount_yuan AS INT) FROM outcome WHERE amount_yuan > 0"),
              ElementsAre("120"));
  // The other side sees it and cannot change it, nor count the patent again.
  EXPECT_THAT(Places(Outcomes(Sheet(std::vector<v1::OutcomeRow>{Income(signed_, 130)}), false,
                              ROLE_ENTERPRISE, Enterprise(1))
                         .status()),
              ElementsAre(HasSubstr("由对方单位申报，本单位不能修改")));
  std::vector<v1::OutcomeRow> rows =
      RowsIn<v1::OutcomeRow>(ExportedOutcomes(ROLE_RESEARCH_OFFICE, kOuc));
  ASSERT_THAT(rows, SizeIs(2));
  for (v1::OutcomeRow& row : rows) {
    if (row.kind() != "技术合同收入") continue;
    row.set_kind("发明专利");
    row.clear_amount();
    row.set_quantity(1);
    row.clear_measure_unit();
    row.set_reference("ZL202510000001.1");
  }
  EXPECT_THAT(Places(Outcomes(Sheet(rows)).status()),
              Contains(HasSubstr("本项目已申报编号为“ZL202510000001.1”")));
  // What the other side has confirmed stays.
  v1::ConfirmOutcomeRequest confirm;
  confirm.set_name(Texts("SELECT name FROM outcome WHERE amount_yuan > 0").at(0));
  confirm.set_request_id(api::NewUuid());
  ASSERT_TRUE(outcomes
                  .ConfirmOutcome(
                      As(ROLE_ENTERPRISE, Enterprise(1), "OutcomeService.ConfirmOutcome"), confirm)
                  .ok());
  EXPECT_THAT(Places(Outcomes(Sheet(std::vector<v1::OutcomeRow>{Income(signed_, 140)})).status()),
              ElementsAre(HasSubstr("当前状态为“已确认”，不能修改")));
}

TEST_F(RecordSheetTest, WhatIsExportedImportsAsUnchanged) {
  std::vector<v1::ContactRow> notes = {Note(signed_, 5, "=1+1"), Approach(signed_, 2)};
  notes[0].set_internal(true);
  notes[0].set_next_step("发协议\n征求意见");
  *notes[0].mutable_next_date() = time::ToProto(absl::CivilDay(2025, 4, 10));
  ASSERT_EQ(Numbers(Contacts(Sheet(notes))), "2 0 0");
  v1::AnswerContactRequest answer;
  answer.set_name(Texts("SELECT name FROM contact WHERE state = 'AWAITING'").at(0));
  answer.set_people("王经理（演示）");
  answer.set_channel(v1::CONTACT_CHANNEL_MAIL);
  answer.set_content("同意");
  answer.set_request_id(api::NewUuid());
  clock.now += absl::Milliseconds(1500);
  ASSERT_TRUE(
      contacts
          .AnswerContact(As(ROLE_ENTERPRISE, Enterprise(1), "ContactService.AnswerContact"), answer)
          .ok());
  ASSERT_EQ(Numbers(Problems(Sheet(std::vector<v1::ProblemRow>{Problem(signed_, "缺少中试资金")}))),
            "1 0 0");
  v1::OutcomeRow two = Patent(signed_, "ZL202510000001.1");
  two.set_evidence(absl::StrCat(two.evidence(), "\n受理书.pdf | ", std::string(64, 'b'),
                                " | 2048 | application/pdf"));
  ASSERT_EQ(Numbers(Outcomes(Sheet(std::vector<v1::OutcomeRow>{Income(signed_, 100), two}))),
            "2 0 0");
  EXPECT_THAT(Texts("SELECT JSON_LENGTH(evidence) FROM outcome ORDER BY JSON_LENGTH(evidence)"),
              ElementsAre("1", "2"));
  const auto before = Everything();
  EXPECT_EQ(Numbers(Contacts(ExportedContacts(ROLE_RESEARCH_OFFICE, kOuc))), "0 0 3");
  EXPECT_EQ(Numbers(Contacts(ExportedContacts(ROLE_ENTERPRISE, Enterprise(1)), false,
                             ROLE_ENTERPRISE, Enterprise(1))),
            "0 0 2");
  EXPECT_EQ(Numbers(Problems(ExportedProblems(ROLE_UNIT, kZone), false, ROLE_UNIT, kZone)),
            "0 0 1");
  EXPECT_EQ(Numbers(Outcomes(ExportedOutcomes(ROLE_RESEARCH_OFFICE, kOuc))), "0 0 2");
  EXPECT_EQ(Numbers(Outcomes(ExportedOutcomes(ROLE_ENTERPRISE, Enterprise(1)), false,
                             ROLE_ENTERPRISE, Enterprise(1))),
            "0 0 2");
  EXPECT_EQ(Everything(), before);
}

TEST_F(RecordSheetTest, AgreementsAndWhatCountsForAQuarterComeOutForThoseWhoMaySeeThem) {
  auto sign = v1::SignProjectRequest();
  sign.set_name(begun_);
  sign.set_request_id(api::NewUuid());
  *sign.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 31));
  v1::Agreement& agreement = *sign.mutable_agreement();
  agreement.set_number("青科协〔2025〕1号");
  agreement.set_title("共建协议（演示）");
  agreement.set_content("共建中试线");
  for (const auto& [organization, title, role] :
       {std::tuple(std::string(kOuc), "海洋大学（演示）", "甲方"),
        std::tuple(Enterprise(2), "企业2（演示）", "乙方")}) {
    v1::AgreementParty& party = *agreement.add_parties();
    party.set_organization(organization);
    party.set_display_name(title);
    party.set_role(role);
  }
  *agreement.mutable_effective_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  *agreement.mutable_expire_date() = time::ToProto(absl::CivilDay(2027, 3, 31));
  *agreement.add_documents() = Document("协议.pdf");
  const auto done = service.SignProject(As(ROLE_RESEARCH_OFFICE, kOuc, "SignProject"), sign);
  ASSERT_TRUE(done.ok()) << done.status();
  v1::ExportAgreementsRequest wanted;
  wanted.set_parent("projects/-");
  const auto agreed = [&](Role role, const std::string& organization) {
    return RowsIn<v1::AgreementRow>(*agreements.ExportAgreements(
        As(role, organization, "AgreementService.ExportAgreements"), wanted));
  };
  const auto rows = agreed(ROLE_UNIT, kZone);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].project_number(), Number(begun_));
  EXPECT_EQ(rows[0].number(), "青科协〔2025〕1号");
  EXPECT_THAT(rows[0].documents(), HasSubstr("协议.pdf | "));
  EXPECT_THAT(agreed(ROLE_UNIT, kTown), IsEmpty());
  EXPECT_THAT(agreed(ROLE_ENTERPRISE, Enterprise(1)), IsEmpty());

  ASSERT_TRUE(Record("2025q2", {ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED)}).ok());
  v1::ExportProgressReportsRequest quarter;
  quarter.set_parent("projects/-");
  quarter.set_filter("quarter = \"2025q2\"");
  const auto progress = [&](Role role, const std::string& organization) {
    return RowsIn<v1::ProgressRow>(*reports.ExportProgressReports(
        As(role, organization, "ReportService.ExportProgressReports"), quarter));
  };
  const auto counted = progress(ROLE_ENTERPRISE, Enterprise(1));
  ASSERT_THAT(counted, SizeIs(1));
  EXPECT_EQ(counted[0].project_number(), Number(signed_));
  EXPECT_EQ(counted[0].enterprise_title(), "企业1（演示）");
  EXPECT_EQ(counted[0].progress(), "设备到位");
  EXPECT_THAT(progress(ROLE_ENTERPRISE, Enterprise(2)), IsEmpty());
  quarter.set_parent(begun_);
  EXPECT_THAT(progress(ROLE_SECRETARIAT, kSecretariat), IsEmpty());
}

TEST_F(RecordSheetTest, ARequestForOneProjectTakesItsRowsAlone) {
  v1::ContactRow row = Note(signed_, 1);
  row.clear_project_number();
  EXPECT_EQ(Numbers(Contacts(Sheet(std::vector<v1::ContactRow>{row}), false, ROLE_RESEARCH_OFFICE,
                             kOuc, signed_)),
            "1 0 0");
  EXPECT_EQ(Count(absl::StrCat("contact WHERE project = '", signed_, "'")), 1);
  EXPECT_THAT(Places(Contacts(Sheet(std::vector<v1::ContactRow>{Note(begun_, 1)}), false,
                              ROLE_RESEARCH_OFFICE, kOuc, signed_)
                         .status()),
              ElementsAre(HasSubstr("/ A2|本次只导入项目“")));
}

TEST_F(RecordSheetTest, AFileThatIsNoneIsRefusedByEach) {
  const auto before = Everything();
  google::api::HttpBody broken;
  for (const std::string& bytes : {std::string(), std::string("PK not really"),
                                   std::string("\xd0\xcf\x11\xe0", 4) + std::string(600, '\0')}) {
    broken.set_data(bytes);
    for (const absl::Status& refused :
         {Contacts(broken).status(), Problems(broken).status(), Outcomes(broken).status()}) {
      EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_INVALID_FILE) << refused;
    }
  }
  // A list of one kind is none of another.
  const auto contacts = Sheet(std::vector<v1::ContactRow>{Note(signed_, 1)});
  EXPECT_THAT(Places(Problems(contacts).status()), Contains(HasSubstr("沟通内容")));
  EXPECT_THAT(Places(Outcomes(contacts).status()), Contains(HasSubstr("佐证材料")));
  EXPECT_EQ(Everything(), before);
}

}  // namespace
}  // namespace chanyan::pairing
