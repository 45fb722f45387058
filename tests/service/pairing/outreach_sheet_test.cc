// The work list of enterprises that are not paired, filled in and imported back (PAIR-6, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Row = v1::UnpairedEnterprise;

constexpr char kEnterprises[] = "企业名称";
constexpr char kCodes[] = "统一社会信用代码";

class OutreachSheetTest : public ::testing::Test, protected City {
 protected:
  void SetUp() override {
    for (int number = 4; number <= 6; ++number) AddEnterprise(number, kZone);
    std::vector<v1::RosterEntry> rows;
    for (int number = 1; number <= 6; ++number) rows.push_back(EntryOf(number));
    const auto roster = ImportRoster(rows);
    ASSERT_TRUE(roster.ok()) << roster.status();
  }
  static rpc::Call Unit(absl::string_view method, const std::string& unit = kZone) {
    return As(ROLE_UNIT, unit, absl::StrCat("CoverageService.", method));
  }
  static Row RowOf(int enterprise, const std::string& assignee, int day = 0) {
    Row row;
    row.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
    row.set_unified_social_credit_code(testing::CreditCode(enterprise));
    row.set_assignee(assignee);
    if (day > 0) *row.mutable_next_action_date() = Date(2025, 4, day);
    return row;
  }
  absl::StatusOr<v1::ImportOutreachResponse> Send(const google::api::HttpBody& file,
                                                  const rpc::Call& call, bool dry_run = false) {
    v1::ImportOutreachRequest request;
    *request.mutable_file() = file;
    request.set_file_name("清单.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return coverage_service.ImportOutreach(call, request);
  }
  absl::StatusOr<v1::ImportOutreachResponse> Import(const std::vector<Row>& rows,
                                                    bool dry_run = false,
                                                    const std::string& unit = kZone) {
    return Send(testing::Upload(rows), Unit("ImportOutreach", unit), dry_run);
  }
  // "created updated unchanged", or what is wrong.
  static std::string InWords(const absl::StatusOr<v1::ImportOutreachResponse>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  }
  static std::vector<std::string> Places(const absl::Status& status) {
    EXPECT_EQ(status::ReasonOf(status), ERROR_REASON_INVALID_FILE) << status;
    return testing::FieldsOf(status);
  }
  // "e1 赵某 2025-04-09 1", by enterprise; the last is the number of contacts.
  std::vector<std::string> Stored() {
    return Texts(
        "SELECT CONCAT_WS(' ', SUBSTRING_INDEX(name, '/', -1), assignee,"
        " next_action_date, contact_count) FROM outreach ORDER BY name");
  }
  google::api::HttpBody Exported() {
    const auto file =
        coverage_service.ExportUnpairedEnterprises(Unit("ExportUnpairedEnterprises"), {});
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  }
};

TEST_F(OutreachSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  // By its shape.
  std::vector<Row> rows = {RowOf(1, std::string(41, 'a')), RowOf(2, "钱某"), RowOf(4, "孙某", 9)};
  rows[1].set_unified_social_credit_code("91370211MA0000000X");
  EXPECT_THAT(Places(Import(rows).status()),
              ElementsAre("清单.xlsx / 表 / I2", "清单.xlsx / 表 / B3"));
  // By what is in the roster, and of whom.
  rows = {RowOf(3, "赵某"), RowOf(1, "钱某"), RowOf(99, "孙某"), Row(),
          RowOf(2, "李某"), RowOf(2, "周某"), RowOf(4, "吴某")};
  rows[1].set_enterprise_title("别的企业（演示）");
  rows[2].clear_unified_social_credit_code();
  rows[3].set_assignee("无名");
  const auto refused = Import(rows);
  EXPECT_THAT(Places(refused.status()),
              ElementsAre("清单.xlsx / 表 / B2", "清单.xlsx / 表 / A3", "清单.xlsx / 表 / A4",
                          "清单.xlsx / 表 / A5", "清单.xlsx / 表 / A7"));
  const auto violations = status::ViolationsOf(refused.status());
  EXPECT_THAT(violations[0].description, HasSubstr("不由本单位负责"));
  EXPECT_THAT(violations[4].description, HasSubstr("与第 6 行是同一企业"));
  EXPECT_EQ(Count("outreach"), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'imported' AND type LIKE '%Outreach'"), 0);
}

TEST_F(OutreachSheetTest, ASheetThatHasNothingToSayIsRefused) {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "表"});
  sheet::SheetWriter& page = writer.AddSheet("表", {.columns = {{}, {}}});
  page.NewRow();
  page.Text(kEnterprises);
  page.Text(kCodes);
  page.NewRow();
  page.Text("企业1（演示）");
  page.Text(testing::CreditCode(1));
  google::api::HttpBody file;
  file.set_data(*std::move(writer).Finish());
  const auto refused = Send(file, Unit("ImportOutreach"));
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(status::ViolationsOf(refused.status())[0].description,
              HasSubstr("应有“责任人”或“下次行动日期”列"));
}

TEST_F(OutreachSheetTest, WhatIsExportedAndFilledInComesBackOnce) {
  const google::api::HttpBody exported = Exported();
  EXPECT_EQ(InWords(Send(exported, Unit("ImportOutreach"))), "0 0 5") << "its title rows and all";
  EXPECT_EQ(Count("outreach"), 0) << "nobody is in charge yet, so nothing begins";
  const auto workbook = sheet::ReadWorkbook(exported.data(), "清单.xlsx");
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  const auto table = sheet::ReadTable<Row>(*workbook, *workbook->FirstVisible());
  ASSERT_EQ(table.rows.size(), 5u);
  std::vector<Row> rows;
  for (const auto& row : table.rows) rows.push_back(row.message);
  rows[0].set_assignee("赵某");
  *rows[0].mutable_next_action_date() = Date(2025, 4, 9);
  *rows[1].mutable_next_action_date() = Date(2025, 4, 20);
  // What the list tells of itself is not read.
  rows[0].set_contact_count(7);
  rows[0].set_reason_title("企业无合作意愿");

  const auto dry = Import(rows, /*dry_run=*/true);
  EXPECT_EQ(InWords(dry), "2 0 3");
  EXPECT_TRUE(dry->dry_run());
  EXPECT_EQ(Count("outreach"), 0) << "it was only tried";
  EXPECT_EQ(InWords(Import(rows)), "2 0 3");
  EXPECT_THAT(Stored(), ElementsAre("e1 赵某 2025-04-09 0", "e2  2025-04-20 0"));
  EXPECT_THAT(Texts("SELECT unit FROM outreach"), ElementsAre(kZone, kZone));
  const int64_t journal = Count("journal");
  EXPECT_EQ(InWords(Import(rows)), "0 0 5");
  EXPECT_EQ(InWords(Send(Exported(), Unit("ImportOutreach"))), "0 0 5");
  EXPECT_EQ(Count("journal"), journal) << "the same again";
  // An empty cell clears; a row that is left out stays.
  rows[0].clear_assignee();
  rows.resize(1);
  EXPECT_EQ(InWords(Import(rows)), "0 1 0");
  EXPECT_THAT(Stored(), ElementsAre("e1  2025-04-09 0", "e2  2025-04-20 0"));
  EXPECT_EQ(Count("journal WHERE kind = 'imported' AND type LIKE '%Outreach'"), 3);
}

TEST_F(OutreachSheetTest, ContactsAndReasonsOfAFollowUpStayAsTheyAre) {
  v1::CreateContactAttemptRequest contact;
  contact.set_parent("outreaches/e1");
  v1::ContactAttempt& attempt = *contact.mutable_contact_attempt();
  *attempt.mutable_contact_time() = time::ToTimestamp(clock.now - absl::Hours(1));
  attempt.set_contact_person("王某");
  attempt.set_method("phone");
  attempt.set_result("refused");
  contact.set_request_id(api::NewUuid());
  ASSERT_TRUE(coverage_service.CreateContactAttempt(Unit("CreateContactAttempt"), contact).ok());
  EXPECT_EQ(InWords(Import({RowOf(1, "赵某", 9)})), "0 1 0");
  EXPECT_THAT(Stored(), ElementsAre("e1 赵某 2025-04-09 1"));
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', last_result, reason) FROM outreach"),
              ElementsAre("refused refused"));
}

TEST_F(OutreachSheetTest, AUnitArrangesItsOwnAndTheSecretariatAll) {
  EXPECT_EQ(Places(Import({RowOf(1, "赵某")}, false, kTown).status()).size(), 1u);
  EXPECT_EQ(InWords(Import({RowOf(3, "钱某")}, false, kTown)), "1 0 0");
  EXPECT_EQ(InWords(Send(testing::Upload<Row>({RowOf(1, "赵某"), RowOf(3, "孙某")}),
                         Secretariat("CoverageService.ImportOutreach"))),
            "1 1 0");
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', assignee, unit) FROM outreach ORDER BY name"),
              ElementsAre(absl::StrCat("赵某 ", kZone), absl::StrCat("孙某 ", kTown)));
  // A follow-up to which the roster has not come yet is the other unit's.
  const absl::Status moved = database.db().Transact([](db::Session& session) {
    return session.Execute("UPDATE outreach SET unit = ? WHERE name = 'outreaches/e1'", {kTown})
        .status();
  });
  ASSERT_TRUE(moved.ok()) << moved;
  const auto foreign = Import({RowOf(2, "李某"), RowOf(1, "李某")});
  EXPECT_THAT(Places(foreign.status()), ElementsAre("清单.xlsx / 表 / A3"));
  EXPECT_THAT(status::ViolationsOf(foreign.status())[0].description, HasSubstr("由其他单位负责"));
  EXPECT_EQ(Count("outreach"), 2) << "all or nothing";
}

TEST_F(OutreachSheetTest, ManyImportsOfOneSheetAtOnceBeginEachFollowUpOnce) {
  std::vector<Row> rows;
  for (int enterprise : {1, 2, 4, 5, 6}) rows.push_back(RowOf(enterprise, "赵某", 9));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { (void)Import(rows); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(InWords(Import(rows)), "0 0 5");
  EXPECT_EQ(Count("outreach"), 5);
  EXPECT_EQ(Count("journal WHERE kind = 'imported' AND type LIKE '%Outreach'"), 5);
}

}  // namespace
}  // namespace chanyan::pairing
