// Agreements as .xlsx lists, both ways (PAIR-3, REG-10), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/record_sheet_service.h"
#include "tests/service/pairing/city.h"
#include "tests/service/pairing/record_files.h"

namespace chanyan::pairing {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::CivilDay kSigned(2025, 3, 31);

class AgreementSheetTest : public ::testing::Test, protected City {
 protected:
  AgreementSheetTest()
      : signed_(In(v1::PROJECT_STATE_SIGNED, kLab, 1).name()),
        begun_(In(v1::PROJECT_STATE_INTENT, kLab, 2).name()) {
    clock.now = time::StartOfDay(absl::CivilDay(2025, 6, 30)) + absl::Hours(9);
  }

  static v1::AgreementRow Row(const std::string& project, const std::string& number,
                              absl::CivilDay day) {
    v1::AgreementRow row;
    row.set_project_number(Number(project));
    row.set_number(number);
    row.set_title("共建中试线协议（演示）");
    row.add_parties("海洋大学（演示）");
    row.add_parties("企业1（演示）");
    *row.mutable_sign_date() = time::ToProto(day);
    row.set_documents(
        absl::StrCat(number, "|甲乙.pdf | ", std::string(64, 'a'), " | 1024 | application/pdf"));
    return row;
  }
  // What the pack asks of a registered contract, a line each.
  std::string RegisteredFields() {
    std::string lines;
    for (const auto& field : pack->proto().contract_fields()) {
      if (!field.required()) continue;
      absl::StrAppend(&lines, lines.empty() ? "" : "\n", field.display_name(), " | ",
                      field.type() == policy::v1::CONTRACT_FIELD_TYPE_DATE     ? "2025-03-31"
                      : field.type() == policy::v1::CONTRACT_FIELD_TYPE_REGION ? "370211"
                                                                               : "演示|甲");
    }
    return lines;
  }
  v1::AgreementRow Registered(v1::AgreementRow row) {
    row.set_contract_kind("技术开发合同");
    row.set_contract_variant("委托开发");
    row.set_contract_registration_number("2025370211000001");
    row.mutable_contract_amount()->set_currency_code("CNY");
    row.mutable_contract_amount()->set_units(1'000'000);
    row.set_contract_fields(RegisteredFields());
    return row;
  }

  absl::StatusOr<v1::ImportRecordsResponse> Import(const google::api::HttpBody& file,
                                                   bool dry_run = false,
                                                   Role role = ROLE_RESEARCH_OFFICE,
                                                   const std::string& organization = kOuc,
                                                   const std::string& parent = "projects/-") {
    return records_.ImportAgreements(
        As(role, organization, "RecordSheetService.ImportAgreements"),
        UploadRequest<v1::ImportAgreementsRequest>(file, dry_run, parent));
  }
  absl::StatusOr<v1::ImportRecordsResponse> Import(const std::vector<v1::AgreementRow>& rows,
                                                   bool dry_run = false) {
    return Import(Sheet(rows), dry_run);
  }
  google::api::HttpBody Exported(Role role = ROLE_RESEARCH_OFFICE,
                                 const std::string& organization = kOuc) {
    v1::ExportAgreementsRequest request;
    request.set_parent("projects/-");
    return *agreements.ExportAgreements(As(role, organization, "AgreementService.ExportAgreements"),
                                        request);
  }
  // All that an import may write.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, version, update_time) FROM agreement UNION ALL "
        "SELECT CONCAT_WS('|', name, version, update_time) FROM project UNION ALL "
        "SELECT CONCAT(COUNT(*), '') FROM journal ORDER BY 1");
  }
  std::vector<std::string> InOrder() {
    return Texts(
        "SELECT CONCAT_WS(' ', SUBSTRING_INDEX(name, '/', -1), number, sign_date) FROM agreement "
        "ORDER BY project, sequence");
  }

  const std::string signed_;
  const std::string begun_;
  RecordSheetService records_{{{database.db(), clock, nullptr}, *pack, peer.peers()}};
};

TEST_F(AgreementSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  const auto before = Everything();
  std::vector<v1::AgreementRow> rows;
  for (int i = 0; i < 7; ++i) rows.push_back(Row(signed_, absl::StrCat("补", i), kSigned));
  rows[0].clear_project_number();
  rows[1].clear_number();
  rows[2].set_documents("协议.pdf");
  rows[3].set_contract_fields("技术领域");
  rows[4].clear_parties();
  rows[5].clear_sign_date();
  for (int i = 0; i < 20; ++i) {
    rows[6].set_documents(absl::StrCat(rows[6].documents(), "\n", rows[5].documents()));
  }
  // What a row lacks by itself comes first, before anything is looked up.
  EXPECT_THAT(Places(Import(rows).status()),
              ElementsAre(HasSubstr("记录.xlsx / 表 / A2|请填写项目编号"), HasSubstr("/ F3|"),
                          HasSubstr("/ M4|第 1 份：应写为“文件名 | SHA-256 | 字节数 | 文件类型”"),
                          HasSubstr("/ S5|第 1 项：应写为“登记项 | 登记内容”"), HasSubstr("/ H6|"),
                          HasSubstr("/ I7|"), AllOf(HasSubstr("/ M8|"), HasSubstr("最多 20 项"))));

  rows = {Row(signed_, "主", kSigned)};
  for (int i = 1; i <= 10; ++i) {
    rows.push_back(Row(signed_, absl::StrCat("补", i), kSigned + 30));
  }
  rows[1].set_project_number("j0");
  rows[2].set_project_title("别的项目");
  rows[3].set_project_number(Number(begun_));
  rows[4].set_number("主");
  *rows[5].mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 7, 1));
  rows[6].set_parties(1, "别的公司");
  rows[7].set_contract_kind("买卖合同");
  rows[8].set_kind(v1::AGREEMENT_KIND_MAIN);
  rows[9] = Registered(rows[9]);
  rows[9].clear_contract_amount();
  rows[9].clear_contract_fields();
  rows[10].set_sequence(9);
  EXPECT_THAT(Places(Import(rows).status()),
              ElementsAre(HasSubstr("/ A3|没有编号为“j0”的项目"),
                          HasSubstr("/ B4|该项目的项目名称是“共建中试线（演示）”"),
                          HasSubstr("/ A5|项目尚未签约"), HasSubstr("/ F6|与第 2 行是同一条记录"),
                          HasSubstr("/ I7|签约日期不能晚于今天"),
                          HasSubstr("/ H8|签约各方中没有本项目的企业“企业1（演示）”"),
                          HasSubstr("/ N9|“买卖合同”不是技术合同类型"),
                          HasSubstr("/ D10|“类别”不能通过导入填写或修改，现为“补充协议”"),
                          HasSubstr("/ S11|已有登记编号的技术合同还须填写"),
                          HasSubstr("/ P11|已有登记编号的技术合同须填写合同成交额"),
                          HasSubstr("/ E12|“序号”不能通过导入填写或修改，现为“")));
  // Of another university nothing is to be learnt.
  EXPECT_THAT(Places(Import(Sheet(std::vector<v1::AgreementRow>{Row(signed_, "主", kSigned)}),
                            false, ROLE_RESEARCH_OFFICE, kUpc)
                         .status()),
              ElementsAre(HasSubstr("/ A2|没有编号为“")));
  EXPECT_EQ(Everything(), before);
}

TEST_F(AgreementSheetTest, TheMainAgreementAndItsSupplementsComeInTheOrderOfTheirSigning) {
  // The newest first, as people keep such lists.
  const auto file = Sheet(std::vector<v1::AgreementRow>{Row(signed_, "补2", kSigned + 50),
                                                        Row(signed_, "补1", kSigned + 30),
                                                        Row(signed_, "主", kSigned)});
  const auto before = Everything();
  EXPECT_EQ(Numbers(Import(file, /*dry_run=*/true)), "3 0 0 dry");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Numbers(Import(file)), "3 0 0");
  EXPECT_THAT(InOrder(), ElementsAre("main 主 2025-03-31", "supplement-1 补1 2025-04-30",
                                     "supplement-2 补2 2025-05-20"));
  EXPECT_EQ(Stored(signed_).agreement(), absl::StrCat(signed_, "/agreements/main"));
  EXPECT_THAT(Texts("SELECT parties FROM agreement WHERE kind = 'MAIN'"),
              ElementsAre(AllOf(HasSubstr(kOuc), HasSubstr(Enterprise(1)))))
      << "parties of the directory are found there";
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 3);
  EXPECT_EQ(Count("journal WHERE kind = 'agreed'"), 1);
  const auto after = Everything();
  clock.now += absl::Hours(1);
  EXPECT_EQ(Numbers(Import(file)), "0 0 3");
  EXPECT_EQ(Everything(), after);

  // A later file continues, and does not come in between.
  EXPECT_THAT(Places(Import({Row(signed_, "补3", kSigned + 49)}).status()),
              ElementsAre(HasSubstr("/ I2|签约日期与协议的先后不符：“补2”签于2025年5月20日")));
  EXPECT_EQ(Numbers(Import(Sheet(std::vector<v1::AgreementRow>{Row(signed_, "补3", kSigned + 50)}),
                           false, ROLE_ENTERPRISE, Enterprise(1))),
            "1 0 0");
  EXPECT_EQ(Count("agreement WHERE name LIKE '%/supplement-3'"), 1);
}

TEST_F(AgreementSheetTest, ALateMainAgreementBearsTheDayOfTheSigning) {
  EXPECT_THAT(
      Places(Import({Row(signed_, "主", kSigned + 1)}).status()),
      ElementsAre(HasSubstr("/ I2|共建协议的签约日期应与项目的签约日期（2025年3月31日）一致")));
  EXPECT_EQ(Count("agreement"), 0);
  // Of a completed project the main one may come, but no supplement any more.
  ASSERT_TRUE(Do("start", signed_).ok());
  ASSERT_TRUE(Do("complete", signed_).ok());
  EXPECT_THAT(
      Places(Import({Row(signed_, "补1", kSigned + 1), Row(signed_, "主", kSigned)}).status()),
      ElementsAre(HasSubstr("/ A2|项目已建成，不能再登记补充协议")));
  EXPECT_EQ(Numbers(Import({Row(signed_, "主", kSigned)})), "1 0 0");
  const std::string ended = In(v1::PROJECT_STATE_TERMINATED, kLab, 3).name();
  EXPECT_THAT(Places(Import({Row(ended, "主", kSigned)}).status()),
              ElementsAre(HasSubstr("/ A2|项目已终止，不能再登记协议")));
}

TEST_F(AgreementSheetTest, AKnownNumberChangesWhatTheRulesLetItChange) {
  std::vector<v1::AgreementRow> rows = {Row(signed_, "主", kSigned),
                                        Row(signed_, "补1", kSigned + 30),
                                        Row(signed_, "补2", kSigned + 50)};
  ASSERT_EQ(Numbers(Import(rows)), "3 0 0");
  rows[0] = Registered(rows[0]);
  rows[0].set_title("共建中试线协议（修订，演示）");
  EXPECT_EQ(Numbers(Import(rows, /*dry_run=*/true)), "0 1 2 dry");
  EXPECT_EQ(Numbers(Import(rows)), "0 1 2");
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', title, contract_variant) FROM agreement "
                    "WHERE contract_registration_number = '2025370211000001'"),
              ElementsAre("共建中试线协议（修订，演示） 委托开发"));
  EXPECT_EQ(Numbers(Import(rows)), "0 0 3");

  // The signing is on the day that it was.
  std::vector<v1::AgreementRow> wrong = rows;
  *wrong[0].mutable_sign_date() = time::ToProto(kSigned - 1);
  *wrong[2].mutable_sign_date() = time::ToProto(kSigned + 29);
  EXPECT_THAT(Places(Import(wrong).status()),
              ElementsAre(HasSubstr("/ I2|共建协议的签约日期应与项目的签约日期"),
                          HasSubstr("/ I4|签约日期与协议的先后不符：“补1”")));
  // Rows are judged by what all of them come to.
  *rows[1].mutable_sign_date() = time::ToProto(kSigned + 60);
  EXPECT_THAT(Places(Import({rows[1]}).status()),
              ElementsAre(HasSubstr("/ I2|签约日期与协议的先后不符：“补2”")));
  *rows[2].mutable_sign_date() = time::ToProto(kSigned + 61);
  EXPECT_EQ(Numbers(Import(rows)), "0 2 1");

  // What has been terminated stays, and is no obstacle to what is as it was.
  ASSERT_TRUE(Do("terminate", signed_).ok());
  EXPECT_EQ(Numbers(Import(rows)), "0 0 3");
  rows[1].set_content("改约");
  EXPECT_THAT(Places(Import(rows).status()),
              ElementsAre(HasSubstr("/ A3|项目已终止，协议不能再修改")));
}

TEST_F(AgreementSheetTest, ATermInASheetSpeaksForAgreementsBefore) {
  std::vector<v1::AgreementRow> rows = {Row(signed_, "主", kSigned),
                                        Row(signed_, "补1", kSigned + 30)};
  *rows[0].mutable_effective_date() = time::ToProto(kSigned);
  *rows[0].mutable_expire_date() = time::ToProto(absl::CivilDay(2025, 8, 31));
  ASSERT_EQ(Numbers(Import(rows)), "2 0 0");
  const auto reminded = [this] {
    database.Apply("UPDATE agreement SET reminded_days = 60 WHERE kind = 'MAIN'");
  };
  const auto days = [this] {
    return Texts("SELECT CONCAT(number, ' ', reminded_days) FROM agreement ORDER BY sequence");
  };
  reminded();
  rows[1].set_content("续签");
  EXPECT_EQ(Numbers(Import(rows)), "0 1 1");
  EXPECT_THAT(days(), ElementsAre("主 60", "补1 0")) << "its term is what it was";
  *rows[1].mutable_effective_date() = time::ToProto(kSigned + 30);
  *rows[1].mutable_expire_date() = time::ToProto(absl::CivilDay(2026, 8, 31));
  EXPECT_EQ(Numbers(Import(rows, /*dry_run=*/true)), "0 1 1 dry");
  EXPECT_THAT(days(), ElementsAre("主 60", "补1 0"));
  EXPECT_EQ(Numbers(Import(rows)), "0 1 1");
  EXPECT_THAT(days(), ElementsAre("主 0", "补1 0"));
  EXPECT_EQ(Count("journal WHERE kind = 'prolonged'"), 1);
  // A new one does the same.
  reminded();
  rows.push_back(Row(signed_, "补2", kSigned + 50));
  *rows[2].mutable_effective_date() = time::ToProto(kSigned + 50);
  *rows[2].mutable_expire_date() = time::ToProto(absl::CivilDay(2027, 8, 31));
  EXPECT_EQ(Numbers(Import(rows)), "1 0 2");
  EXPECT_THAT(days(), ElementsAre("主 0", "补1 0", "补2 0"));
}

TEST_F(AgreementSheetTest, WhatIsExportedImportsAsUnchangedAndWhatHasNoColumnStays) {
  v1::AgreementRow main = Registered(Row(signed_, "主", kSigned));
  main.set_content("=1+1\n共建中试线");
  main.mutable_contract_amount()->set_nanos(500'000'000);
  *main.mutable_effective_date() = time::ToProto(kSigned + 1);
  *main.mutable_expire_date() = time::ToProto(absl::CivilDay(2028, 3, 31));
  v1::AgreementRow supplement = Row(signed_, "补1", kSigned + 30);
  supplement.add_parties("甲、乙联合体（演示）");
  ASSERT_EQ(Numbers(Import({main, supplement})), "2 0 0");
  // Somebody fills in by hand what the list does not show.
  v1::UpdateAgreementRequest update;
  update.mutable_agreement()->set_name(absl::StrCat(signed_, "/agreements/main"));
  for (const char* title : {"海洋大学（演示）", "企业1（演示）"}) {
    v1::AgreementParty& party = *update.mutable_agreement()->add_parties();
    party.set_display_name(title);
    party.set_role("甲方");
    party.set_signatory("张主任（演示）");
  }
  update.mutable_update_mask()->add_paths("parties");
  update.set_request_id(api::NewUuid());
  const auto updated = agreements.UpdateAgreement(
      As(ROLE_RESEARCH_OFFICE, kOuc, "AgreementService.UpdateAgreement"), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  const auto before = Everything();
  EXPECT_EQ(Numbers(Import(Exported())), "0 0 2");
  EXPECT_EQ(Numbers(Import(Exported(ROLE_ENTERPRISE, Enterprise(1)), false, ROLE_ENTERPRISE,
                           Enterprise(1))),
            "0 0 2");
  EXPECT_EQ(Everything(), before);

  // A list of few columns.
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "表"});
  sheet::SheetWriter& page = writer.AddSheet("表", {});
  for (const std::vector<std::string>& cells :
       {std::vector<std::string>{"项目编号", "协议编号", "签约各方", "签约日期", "协议名称"},
        std::vector<std::string>{Number(signed_), "主",
                                 "海洋大学（演示）、企业1（演示）、新参与方（演示）", "2025-03-31",
                                 "新名称（演示）"}}) {
    page.NewRow();
    for (const std::string& cell : cells) page.Text(cell);
  }
  google::api::HttpBody few;
  few.set_data(*std::move(writer).Finish());
  EXPECT_EQ(Numbers(Import(few)), "0 1 0");
  EXPECT_THAT(
      Texts("SELECT CONCAT_WS(' ', title, contract_variant, JSON_LENGTH(contract_fields) > 3, "
            "JSON_LENGTH(documents), JSON_LENGTH(parties)) FROM agreement WHERE kind = 'MAIN'"),
      ElementsAre("新名称（演示） 委托开发 1 1 3"));
  EXPECT_THAT(Texts("SELECT parties FROM agreement WHERE kind = 'MAIN'"),
              ElementsAre(HasSubstr("张主任（演示）")));
}

TEST_F(AgreementSheetTest, AFileThatIsNoneIsRefused) {
  google::api::HttpBody broken;
  for (const std::string& bytes : {std::string(), std::string("PK not really")}) {
    broken.set_data(bytes);
    EXPECT_EQ(status::ReasonOf(Import(broken).status()), options::v1::ERROR_REASON_INVALID_FILE);
  }
  EXPECT_THAT(Places(Import(Sheet(std::vector<v1::ProgressRow>(1))).status()),
              ::testing::Contains(HasSubstr("协议编号")));
}

TEST_F(AgreementSheetTest, ThousandsOfSupplementsAreOneImport) {
  std::vector<v1::AgreementRow> rows = {Row(signed_, "主", kSigned)};
  for (int i = 1; i < 3'000; ++i) {
    rows.push_back(Row(signed_, absl::StrCat("补", i), kSigned + i % 90));
  }
  const auto file = Sheet(rows);
  for (const char* expected : {"3000 0 0", "0 0 3000"}) {
    const absl::Time start = absl::Now();
    EXPECT_EQ(Numbers(Import(file)), expected);
    std::cout << "3,000 agreements of one project (" << expected << "): " << absl::Now() - start
              << "\n";
  }
  // Turned round, each is named once before and once after, not with each of the others.
  for (size_t i = 1; i < rows.size(); ++i) {
    *rows[i].mutable_sign_date() = time::ToProto(kSigned + 90 - static_cast<int>(i) % 90);
  }
  EXPECT_LE(Places(Import(rows).status()).size(), 2 * rows.size());
}

}  // namespace
}  // namespace chanyan::pairing
