// Outcomes from .xlsx lists, and all records out and back (PAIR-2, PAIR-5, PAIR-7, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/record_sheet_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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
