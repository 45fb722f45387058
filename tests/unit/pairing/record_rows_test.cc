// Rules of the rows of contacts, problems and outcomes (PAIR-2, PAIR-5, PAIR-7, REG-10).
#include "services/pairing/record_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"

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
  EXPECT_THAT(EvidenceViolations(row.evidence()), IsEmpty());
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
  EXPECT_THAT(EvidenceViolations(absl::StrCat(good, "\r\n\r\n  ", good)), IsEmpty());
  EXPECT_THAT(
      Texts(EvidenceViolations(absl::StrCat(good, "\n乙.pdf\n丙.pdf|x|十|text/plain"))),
      ElementsAre(HasSubstr("evidence|第 2 份：应写为"), HasSubstr("evidence|第 3 份：应写为")));
  EXPECT_THAT(Texts(EvidenceViolations("甲.pdf|AB|0|PDF")),
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

}  // namespace
}  // namespace chanyan::pairing
