// The certificate as a document, and the sheets that an office keeps (CON-6 to CON-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "common/api/names.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "google/protobuf/wrappers.pb.h"
#include "services/consortium/export_service.h"
#include "tests/service/consortium/world.h"
#include "tests/support/zip_part.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FILTER;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class ConsortiumOutputsTest : public ::testing::Test, public World {
 protected:
  ConsortiumOutputsTest() : exports(deps()) {}

  absl::StatusOr<std::string> Paper(const std::string& filing, const std::string& by) {
    v1::DownloadCertificateRequest request;
    request.set_name(filing);
    CHANYAN_ASSIGN_OR_RETURN(
        const google::api::HttpBody body,
        filings.DownloadCertificate(By(by, "FilingService.DownloadCertificate"), request));
    EXPECT_THAT(body.content_type(), HasSubstr("wordprocessingml"));
    // It is saved under its number.
    google::protobuf::StringValue file_name;
    EXPECT_TRUE(body.extensions_size() == 1 && body.extensions(0).UnpackTo(&file_name));
    EXPECT_THAT(file_name.value(),
                AllOf(HasSubstr(StoredFiling(filing).filing_number()), EndsWith(".docx")));
    return body.data();
  }
  // What its cells say, row by row, the header first.
  static std::vector<std::vector<std::string>> Cells(
      const absl::StatusOr<google::api::HttpBody>& file) {
    std::vector<std::vector<std::string>> rows;
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return rows;
    const auto book = sheet::ReadWorkbook(file->data(), "a.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    if (!book.ok()) return rows;
    for (const auto& row : book->FirstVisible()->rows) {
      std::vector<std::string>& cells = rows.emplace_back();
      for (const auto& cell : row.cells) cells.push_back(cell.text);
    }
    return rows;
  }
  absl::StatusOr<google::api::HttpBody> Dossiers(const std::string& by,
                                                 const std::string& filter = "") {
    v1::ExportConsortiaRequest request;
    request.set_filter(filter);
    return exports.ExportConsortia(By(by, "ConsortiumExportService.ExportConsortia"), request);
  }

  ExportService exports;
};

TEST_F(ConsortiumOutputsTest, NobodyButThePartiesAndTheOfficeGetsTheCertificate) {
  const std::string filing = Filed("联合体").filing();
  EXPECT_EQ(status::ReasonOf(Paper("filings/2025-9", kAlpha).status()), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(Paper(filing, kBeta).status()), ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(status::ReasonOf(Paper(filing, kUpc).status()), ERROR_REASON_ROLE_NOT_PERMITTED);
  for (const std::string& by :
       {std::string(kAlpha), E(1), std::string(kOuc), std::string(kBureau)}) {
    EXPECT_TRUE(Paper(filing, by).ok()) << by;
  }
}

TEST_F(ConsortiumOutputsTest, TheCertificateSaysWhatIsFiledAndHowToCheckIt) {
  const v1::Consortium row = Filed("水下传感联合体");
  const v1::Filing filing = StoredFiling(row.filing());
  const auto paper = Paper(row.filing(), kAlpha);
  ASSERT_TRUE(paper.ok()) << paper.status();
  const std::string text = testing::ZipPart(*paper, "word/document.xml");
  for (const std::string& words :
       {std::string("青岛市科学技术局"), std::string("青创联备〔2025〕001号"),
        std::string("创新联合体备案证书"), std::string("水下传感联合体"),
        std::string("甲集团（演示）"), std::string("海洋大学（演示）"), std::string("张三"),
        std::string("2025年4月1日"), std::string("2028年3月31日"), filing.verification_code(),
        filing.certificate_sha256()}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
  EXPECT_THAT(text, Not(HasSubstr("不再有效")));
  // The same bytes on another day, and for another.
  Go(absl::CivilDay(2025, 7, 1));
  EXPECT_EQ(*Paper(row.filing(), E(1)), *paper);
  // What it says is what anybody can check.
  v1::VerifyCertificateRequest verify;
  verify.set_filing_number(filing.filing_number());
  verify.set_verification_code(filing.verification_code());
  EXPECT_TRUE(filings
                  .VerifyCertificate(
                      As(options::v1::ROLE_PUBLIC, "", "FilingService.VerifyCertificate"), verify)
                  ->genuine());
  ASSERT_TRUE(Cancel(row.name()).ok());
  const std::string ended = testing::ZipPart(*Paper(row.filing(), kAlpha), "word/document.xml");
  EXPECT_THAT(ended, HasSubstr("本备案已取消，终止日期为2025年7月1日，本证书不再有效"));
}

TEST_F(ConsortiumOutputsTest, ABadFilterIsRefusedInEveryExport) {
  EXPECT_EQ(status::ReasonOf(Dossiers(kBureau, "nothing = 1").status()),
            ERROR_REASON_INVALID_FILTER);
  v1::ExportBarsRequest bars;
  bars.set_filter("reason = \"x\"");
  EXPECT_EQ(
      status::ReasonOf(
          exports.ExportBars(By(kBureau, "ConsortiumExportService.ExportBars"), bars).status()),
      ERROR_REASON_INVALID_FILTER);
}

TEST_F(ConsortiumOutputsTest, DossiersAreExportedAsTheCallerSeesThem) {
  Ready("编制中");
  Filed("甲的");
  ASSERT_TRUE(Submit(Ready("乙的", kBeta).name(), kBeta).ok());
  // The office sees no draft, a district its own, a member what it is part of.
  EXPECT_EQ(Cells(Dossiers(kBureau)).size(), 3u);
  EXPECT_EQ(Cells(Dossiers(kLaoshan)).size(), 2u);
  EXPECT_EQ(Cells(Dossiers(kAlpha)).size(), 3u);
  EXPECT_EQ(Cells(Dossiers(kUpc)).size(), 1u);
  const auto filed = Cells(Dossiers(kBureau, "state = FILED"));
  ASSERT_EQ(filed.size(), 2u);
  EXPECT_THAT(filed[0], ::testing::Contains("创新联合体名称"));
  EXPECT_THAT(filed[1], ::testing::IsSupersetOf({"甲的", "甲集团（演示）", "已备案"}));
  EXPECT_EQ(Dossiers(kBureau)->data(), Dossiers(kBureau)->data());
}

TEST_F(ConsortiumOutputsTest, MembersStandOneARowWithTheLeadFirst) {
  Filed("甲的");
  v1::ExportConsortiumMembersRequest request;
  const auto rows = Cells(exports.ExportConsortiumMembers(
      By(kBureau, "ConsortiumExportService.ExportConsortiumMembers"), request));
  ASSERT_EQ(rows.size(), 7u);
  EXPECT_THAT(rows[1], ::testing::IsSupersetOf({"甲的", "甲集团（演示）", "牵头单位", "核心层"}));
  EXPECT_THAT(rows[2], ::testing::IsSupersetOf(
                           {"企业1（演示）", "上游企业", "核心层", "承担配套部件攻关。"}));
  const auto none = Cells(exports.ExportConsortiumMembers(
      By(kUpc, "ConsortiumExportService.ExportConsortiumMembers"), request));
  EXPECT_EQ(none.size(), 1u);
}

TEST_F(ConsortiumOutputsTest, EvaluationsBarsAndSupportAreLedgers) {
  const v1::Consortium row = Filed("甲的");
  const auto evaluation = Evaluate(row.name(), {90, 80, 70});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  v1::ExportEvaluationsRequest evaluated;
  evaluated.set_parent("consortia/-");
  const auto evaluations = [&](const std::string& by) {
    return Cells(
        exports.ExportEvaluations(By(by, "ConsortiumExportService.ExportEvaluations"), evaluated));
  };
  // Open ones are the office's alone.
  EXPECT_EQ(evaluations(kAlpha).size(), 1u);
  const auto seen = evaluations(kBureau);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[1], ::testing::Contains("管理运行机制 90；科研攻关 80；产出 70"));
  evaluated.set_parent("consortia/other");
  EXPECT_EQ(evaluations(kBureau).size(), 1u);

  v1::CreateSupportMeasureRequest support;
  support.set_parent(row.name());
  support.mutable_support_measure()->set_measure("finance");
  support.mutable_support_measure()->set_description("产业基金投入");
  support.mutable_support_measure()->set_amount_yuan(5'000'000);
  support.mutable_support_measure()->mutable_grant_date()->set_year(2025);
  support.mutable_support_measure()->mutable_grant_date()->set_month(4);
  support.mutable_support_measure()->mutable_grant_date()->set_day(1);
  support.set_request_id(api::NewUuid());
  const auto given =
      bars.CreateSupportMeasure(By(kBureau, "BarService.CreateSupportMeasure"), support);
  ASSERT_TRUE(given.ok()) << given.status();
  v1::ExportSupportMeasuresRequest ledger;
  ledger.set_parent("consortia/-");
  const auto given_rows = Cells(exports.ExportSupportMeasures(
      By(kBureau, "ConsortiumExportService.ExportSupportMeasures"), ledger));
  ASSERT_EQ(given_rows.size(), 2u);
  EXPECT_THAT(given_rows[1], ::testing::Contains("产业基金投入"));

  ASSERT_TRUE(RemoveLead(row.name()).ok());
  v1::ExportBarsRequest barred;
  const auto list = [&](const std::string& by) {
    return Cells(exports.ExportBars(By(by, "ConsortiumExportService.ExportBars"), barred));
  };
  ASSERT_EQ(list(kBureau).size(), 2u);
  EXPECT_THAT(list(kBureau)[1], ::testing::IsSupersetOf({"甲集团（演示）", "限制中"}));
  EXPECT_EQ(list(kAlpha).size(), 2u);
  EXPECT_EQ(list(kBeta).size(), 1u);
}

TEST_F(ConsortiumOutputsTest, TheRegisterOfFilingsIsALedgerForAllWithoutItsCodes) {
  const v1::Filing filing = StoredFiling(Filed("甲的").filing());
  Filed("乙的", kBeta);
  v1::ExportFilingsRequest request;
  const auto rows = [&](const std::string& by) {
    return exports.ExportFilings(By(by, "ConsortiumExportService.ExportFilings"), request);
  };
  request.set_filter("verification_code = \"x\"");
  EXPECT_EQ(status::ReasonOf(rows(kBureau).status()), ERROR_REASON_INVALID_FILTER);
  request.set_filter("");
  for (const std::string& by : {std::string(kBureau), std::string(kUpc), E(6)}) {
    const auto seen = Cells(rows(by));
    ASSERT_EQ(seen.size(), 3u) << by;
    EXPECT_THAT(seen[0], ::testing::IsSupersetOf({"备案编号", "有效期至", "有效期（月）"}));
    EXPECT_THAT(seen[1], ::testing::IsSupersetOf(
                             {"青创联备〔2025〕001号", "甲的", "甲集团（演示）", "有效", "36"}));
    for (const std::string& cell : seen[1]) EXPECT_NE(cell, filing.verification_code());
  }
  request.set_filter("lead_unit = \"organizations/beta\"");
  EXPECT_EQ(Cells(rows(kBureau)).size(), 2u);
}

TEST_F(ConsortiumOutputsTest, TheCreditFileIsALedgerOfWhomItConcerns) {
  const v1::Consortium row = Filed("甲的");
  for (const char* organization : {kAlpha, kBeta}) {
    v1::CreateCreditEntryRequest entry;
    entry.mutable_credit_entry()->set_organization(organization);
    entry.mutable_credit_entry()->set_event("false-material");
    entry.mutable_credit_entry()->set_description("申报材料不实。");
    entry.mutable_credit_entry()->set_consortium(row.name());
    entry.set_request_id(api::NewUuid());
    const auto kept = bars.CreateCreditEntry(By(kBureau, "BarService.CreateCreditEntry"), entry);
    ASSERT_TRUE(kept.ok()) << kept.status();
    clock.now += absl::Seconds(1);
  }
  v1::ExportCreditEntriesRequest request;
  const auto rows = [&](const std::string& by) {
    return exports.ExportCreditEntries(By(by, "ConsortiumExportService.ExportCreditEntries"),
                                       request);
  };
  request.set_filter("description = \"x\"");
  EXPECT_EQ(status::ReasonOf(rows(kBureau).status()), ERROR_REASON_INVALID_FILTER);
  request.set_filter("");
  const auto all = Cells(rows(kBureau));
  ASSERT_EQ(all.size(), 3u);
  const std::string event = rules.FindCreditEvent("false-material")->display_name();
  EXPECT_THAT(all[0], ::testing::IsSupersetOf({"单位", "失信行为", "创新联合体", "状态"}));
  EXPECT_THAT(all[1], ::testing::IsSupersetOf({std::string("甲集团（演示）"), event,
                                               std::string("申报材料不实。"), std::string("甲的"),
                                               std::string("有效")}));
  EXPECT_EQ(Cells(rows(kAlpha)).size(), 2u);
  // Whom it concerns sees it, and of the dossier what he may: nothing.
  const auto others = Cells(rows(kBeta));
  ASSERT_EQ(others.size(), 2u);
  EXPECT_THAT(others[1], ::testing::Contains("乙集团（演示）"));
  EXPECT_THAT(others[1], Not(::testing::Contains("甲的")));
  EXPECT_EQ(Cells(rows(kUpc)).size(), 1u);
}

}  // namespace
}  // namespace chanyan::consortium
