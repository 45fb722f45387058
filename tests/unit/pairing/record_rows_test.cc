// Rules of the rows of contacts, problems, outcomes, agreements and quarterly progress (PAIR-2 to
// PAIR-5, PAIR-7, REG-10).
#include "services/pairing/record_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/record_lines.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<status::Violation>& violations) {
  std::vector<std::string> texts;
  for (const auto& violation : violations) {
    texts.push_back(absl::StrCat(violation.field, "|", violation.description));
  }
  return texts;
}

v1::DocumentReference Document(const std::string& name, char digit) {
  v1::DocumentReference document;
  document.set_file_name(name);
  document.set_sha256(std::string(64, digit));
  document.set_size_bytes(1024);
  document.set_media_type("application/pdf");
  return document;
}

TEST(RecordRowsTest, EvidenceReadsBackWhateverItsNames) {
  v1::Outcome outcome;
  outcome.set_name("projects/j1/outcomes/o1");
  for (const char* name : {"合同.pdf", "甲|乙 | 丙.pdf", "a、b.pdf"}) {
    *outcome.add_evidence() = Document(name, 'a');
  }
  const v1::OutcomeRow row = RowOf(outcome);
  EXPECT_EQ(row.project_number(), "j1");
  EXPECT_EQ(row.outcome_number(), "o1");
  EXPECT_THAT(EvidenceViolations(row.evidence(), "evidence"), IsEmpty());
  v1::Outcome read;
  TakeRow(row, &read);
  ASSERT_EQ(read.evidence_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(read.evidence(i), outcome.evidence(i)))
        << read.evidence(i).ShortDebugString();
  }
}

TEST(RecordRowsTest, EachLineOfEvidenceIsReadByItself) {
  const std::string good = absl::StrCat("甲.pdf|", std::string(64, 'b'), "|7|application/pdf");
  EXPECT_THAT(EvidenceViolations(absl::StrCat(good, "\r\n\r\n  ", good), "evidence"), IsEmpty());
  EXPECT_THAT(
      Texts(EvidenceViolations(absl::StrCat(good, "\n乙.pdf\n丙.pdf|x|十|text/plain"), "evidence")),
      ElementsAre(HasSubstr("evidence|第 2 份：应写为"), HasSubstr("evidence|第 3 份：应写为")));
  EXPECT_THAT(Texts(EvidenceViolations("甲.pdf|AB|0|PDF", "evidence")),
              ElementsAre(HasSubstr("第 1 份：文件摘要（SHA-256）："),
                          HasSubstr("第 1 份：文件大小"), HasSubstr("第 1 份：文件类型：")));
}

TEST(RecordRowsTest, InstantsAreTheSameToTheSecond) {
  v1::ContactRow a;
  v1::ContactRow b;
  a.mutable_contact_time()->set_seconds(1'743'469'200);
  b.mutable_contact_time()->set_seconds(1'743'469'200);
  b.mutable_contact_time()->set_nanos(500'000'000);
  EXPECT_TRUE(SameIn(a, b, {"contact_time", "people"}));
  b.mutable_contact_time()->set_seconds(1'743'469'201);
  EXPECT_FALSE(SameIn(a, b, {"contact_time"}));
  b.clear_contact_time();
  EXPECT_FALSE(SameIn(a, b, {"contact_time"}));
}

TEST(RecordRowsTest, WhatIsDerivedMayBeAsItIsOrEmpty) {
  v1::ProblemRow is;
  is.set_state(v1::PROBLEM_STATE_OPEN);
  is.set_escalation_level(1);
  v1::ProblemRow row;
  EXPECT_THAT(NotImported(row, is, {"state", "escalation_level"}), IsEmpty());
  row.set_state(v1::PROBLEM_STATE_OPEN);
  EXPECT_THAT(NotImported(row, is, {"state", "escalation_level"}), IsEmpty());
  row.set_escalation_level(2);
  EXPECT_THAT(
      Texts(NotImported(row, is, {"state", "escalation_level"})),
      ElementsAre("escalation_level|“提级次数”不能通过导入填写或修改，现为“1”，请照此填写或留空"));
  EXPECT_THAT(Texts(NotImported(row, v1::ProblemRow(), {"state"})),
              ElementsAre("state|“状态”不能通过导入填写或修改，请留空"));
}

TEST(RecordRowsTest, TitlesAreTheProjects) {
  v1::Project project;
  project.set_title("共建中试线");
  project.set_enterprise_title("甲公司");
  project.set_platform_title("实验室");
  v1::OutcomeRow row;
  EXPECT_THAT(TitleViolations(row, project), IsEmpty());
  row.set_project_title("共建中试线");
  row.set_enterprise_title("乙公司");
  row.set_platform_title("中心");
  EXPECT_THAT(Texts(TitleViolations(row, project)),
              ElementsAre(HasSubstr("enterprise_title|该项目的企业名称是“甲公司”"),
                          HasSubstr("platform_title|该项目的科创平台名称是“实验室”")));
  // A record carries them too.
  v1::Problem problem;
  problem.set_project_title("共建中试线");
  problem.set_enterprise_title("甲公司");
  v1::ProblemRow other;
  other.set_project_title("别的");
  EXPECT_THAT(Texts(TitleViolations(other, problem)),
              ElementsAre(HasSubstr("project_title|该项目的项目名称是“共建中试线”")));
}

TEST(RecordRowsTest, AContactNamesTheSideThatAnswers) {
  v1::Project project;
  project.set_university("organizations/ouc");
  project.set_enterprise("organizations/e1");
  v1::ContactRow row;
  row.set_kind(v1::CONTACT_KIND_APPROACH);
  EXPECT_EQ(ContactOf(row, project).respondent(), "");
  for (const auto& [side, organization] :
       {std::pair(v1::ANSWERING_SIDE_UNIVERSITY, "organizations/ouc"),
        std::pair(v1::ANSWERING_SIDE_ENTERPRISE, "organizations/e1")}) {
    row.set_answering_side(side);
    v1::Contact contact = ContactOf(row, project);
    EXPECT_EQ(contact.respondent(), organization);
    contact.set_name("projects/j1/contacts/c1");
    contact.set_university(project.university());
    EXPECT_EQ(RowOf(contact).answering_side(), side);
  }
}

v1::Agreement SomeAgreement() {
  v1::Agreement agreement;
  agreement.set_name("projects/j1/agreements/main");
  agreement.set_kind(v1::AGREEMENT_KIND_MAIN);
  agreement.set_number("2025-1");
  agreement.set_title("共建协议");
  for (const char* name : {"海洋大学", "甲、乙联合体"}) {
    v1::AgreementParty& party = *agreement.add_parties();
    party.set_display_name(name);
    party.set_role("甲方");
    party.set_organization("organizations/x");
  }
  *agreement.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 31));
  *agreement.mutable_expire_date() = time::ToProto(absl::CivilDay(2028, 3, 30));
  agreement.set_content("共建\n中试线");
  *agreement.add_documents() = Document("甲|乙.pdf", 'a');
  agreement.set_contract_kind("技术开发合同");
  agreement.set_contract_variant("委托开发");
  agreement.set_contract_registration_number("2025370211000001");
  agreement.mutable_contract_amount()->set_currency_code("CNY");
  agreement.mutable_contract_amount()->set_units(7);
  v1::ContractFieldValue& field = *agreement.add_contract_fields();
  field.set_field("技术领域");
  field.set_value("海洋 | 装备");
  return agreement;
}

TEST(RecordRowsTest, AnAgreementReadsBackWhole) {
  const v1::Agreement agreement = SomeAgreement();
  const v1::AgreementRow row = RowOf(agreement);
  EXPECT_EQ(row.project_number(), "j1");
  EXPECT_THAT(LineViolations(row), IsEmpty());
  v1::Agreement read = agreement;
  TakeRow(
      row, [](absl::string_view) { return true; }, &read);
  EXPECT_TRUE(MessageDifferencer::Equals(read, agreement)) << read.ShortDebugString();
  // Onto nothing: all but what the list does not show.
  v1::Agreement fresh;
  TakeRow(
      row, [](absl::string_view) { return true; }, &fresh);
  EXPECT_TRUE(
      SameIn(RowOf(fresh), row,
             {"title", "parties", "sign_date", "effective_date", "expire_date", "content",
              "documents", "contract_kind", "contract_variant", "contract_registration_number",
              "contract_amount", "contract_technology_amount", "contract_fields"}));
  EXPECT_EQ(fresh.number(), "");
  EXPECT_EQ(fresh.parties(0).role(), "");
}

TEST(RecordRowsTest, ARowTakesTheFieldsThatItHasAndPartiesKeepWhatTheyWere) {
  v1::Agreement agreement = SomeAgreement();
  v1::AgreementRow row;
  row.set_number("别的编号");
  row.add_parties("新参与方");
  row.add_parties("海洋大学");
  TakeRow(
      row, [](absl::string_view field) { return field == "parties" || field == "expire_date"; },
      &agreement);
  EXPECT_EQ(agreement.number(), "2025-1");
  EXPECT_EQ(agreement.title(), "共建协议");
  EXPECT_FALSE(agreement.has_expire_date()) << "an empty cell says that there is none";
  EXPECT_EQ(agreement.documents_size(), 1);
  ASSERT_EQ(agreement.parties_size(), 2);
  EXPECT_EQ(agreement.parties(0).role(), "");
  EXPECT_EQ(agreement.parties(1).role(), "甲方");
}

TEST(RecordRowsTest, LinesOfAnAgreementAreReadEachByItselfAndCounted) {
  v1::AgreementRow row;
  const std::string document = absl::StrCat("甲.pdf|", std::string(64, 'b'), "|7|application/pdf");
  row.set_documents(absl::StrCat(document, "\n乙.pdf"));
  row.set_contract_fields("技术领域 | 海洋\n没有内容\n | 海洋");
  EXPECT_THAT(Texts(LineViolations(row)),
              ElementsAre(HasSubstr("documents|第 2 份：应写为"),
                          HasSubstr("contract_fields|第 2 项：应写为“登记项 | 登记内容”"),
                          HasSubstr("contract_fields|第 3 项：登记项：")));
  row.clear_contract_fields();
  row.set_documents(document);
  for (int i = 0; i < 20; ++i) row.set_documents(absl::StrCat(row.documents(), "\n", document));
  for (int i = 0; i < 41; ++i) {
    row.set_contract_fields(absl::StrCat(row.contract_fields(), "登记项", i, "|1\n"));
  }
  EXPECT_THAT(Texts(LineViolations(row)),
              ElementsAre(HasSubstr("documents|"), HasSubstr("contract_fields|")));
}

TEST(RecordRowsTest, ARowOfProgressNamesTheVersionThatCounts) {
  v1::Project project;
  project.set_title("共建中试线");
  v1::ProgressReport report;
  report.set_name("projects/j1/reports/2025q2");
  report.set_quarter("2025q2");
  report.set_progress("设备到位\n调试");
  report.set_problem("缺人");
  report.set_counted_version("projects/j1/reports/2025q2/versions/12");
  const v1::ProgressRow row = RowOf(report, project);
  EXPECT_EQ(row.version(), 12);
  const v1::ReportVersion version = VersionOf(row);
  EXPECT_EQ(version.progress(), "设备到位\n调试");
  EXPECT_FALSE(version.no_change());
  EXPECT_EQ(version.problem(), "缺人");
  EXPECT_EQ(version.name(), "");
  report.clear_counted_version();
  EXPECT_EQ(RowOf(report, project).version(), 0);
}

}  // namespace
}  // namespace chanyan::pairing
