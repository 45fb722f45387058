// Bulk import and export of instruments and of declared use (REG-10).
#include <gmock/gmock.h>

#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "services/registry/charge_rules.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using options::v1::Role;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InstrumentImportTest : public InstrumentWorld {
 protected:
  static v1::Instrument Row(const std::string& asset_number) {
    v1::Instrument row;
    row.set_organization_title("ouc（演示）");
    row.set_platform_title("平台lab（演示）");
    row.set_asset_number(asset_number);
    row.set_display_name(absl::StrCat("质谱仪", asset_number, "（演示）"));
    row.set_name_en("Mass spectrometer");
    row.set_maker("演示仪器公司");
    row.set_model("MS-1");
    row.set_origin_country("中国");
    row.mutable_purchase_date()->set_year(2020);
    row.mutable_purchase_date()->set_month(2);
    row.mutable_purchase_date()->set_day(29);
    row.mutable_original_price()->set_currency_code("CNY");
    row.mutable_original_price()->set_units(1'234'567);
    row.mutable_original_price()->set_nanos(890'000'000);
    row.set_department("化学化工学院");
    row.set_room("A楼101");
    row.add_disciplines("分析化学");
    row.add_measured_variables("分子量");
    row.add_measured_variables("元素组成");
    row.set_access_conditions("来样测试\n=不是公式");
    row.set_booking_mode(v1::BOOKING_MODE_APPROVAL);
    row.set_hours_text("周一至周五 08:30-12:00、14:00-17:30；周六 20:00-次日02:00");
    row.set_closed_on_holidays(true);
    row.set_charges_text("校内用户 0元/次；企业用户 200元/小时、20.50元/样品");
    row.set_contact_person("王老师");
    row.set_contact_phone("0532-52345678");
    row.set_demonstration(true);
    return row;
  }
  absl::StatusOr<v1::ImportResult> Import(const google::api::HttpBody& file, bool open = false,
                                          bool dry_run = false,
                                          Role role = options::v1::ROLE_RESEARCH_OFFICE,
                                          const std::string& organization = kOuc) {
    v1::ImportInstrumentsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("仪器.xlsx");
    request.set_open(open);
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return service_.ImportInstruments(As(role, organization, "ImportInstruments"), request);
  }
  static std::string Numbers(const absl::StatusOr<v1::ImportResult>& result) {
    if (!result.ok()) {
      return absl::StrCat(result.status().ToString(), "\n", Places(result.status()));
    }
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  }
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, platform, asset_number, hours, charges, original_price,"
        " purchase_date, disciplines, access_conditions, state, version, update_time)"
        " FROM instrument ORDER BY name");
  }
  static google::api::HttpBody Hand(const std::vector<std::vector<std::string>>& rows) {
    sheet::Writer writer({.created = testing::FakeClock().now, .title = "测试"});
    sheet::SheetWriter& sheet = writer.AddSheet("表", {});
    for (const auto& row : rows) {
      sheet.NewRow();
      for (const std::string& cell : row) sheet.Text(cell);
    }
    google::api::HttpBody file;
    file.set_data(*std::move(writer).Finish());
    return file;
  }
};

TEST_F(InstrumentImportTest, EveryBadRowIsNamedByItsCellAndNothingIsImported) {
  ASSERT_EQ(Numbers(Import(testing::Upload(std::vector<v1::Instrument>{Row("gone")}))), "1 0 0");
  ASSERT_TRUE(Do("retire", Texts("SELECT name FROM instrument").at(0)).ok());
  std::vector<v1::Instrument> rows = {Row("1"), Row("1"), Row("2"), Row("3"), Row("4"),
                                      Row("5"), Row("6"), Row("7"), Row("8"), Row("gone")};
  rows[2].set_organization_title("无此大学");
  rows[3].set_platform_title("无此平台");
  rows[4].set_hours_text("随时");
  rows[5].set_charges_text("企业用户 面议");
  rows[6].set_hours_text("周一 08:00-12:00；周一 11:00-13:00");
  rows[7].mutable_purchase_date()->set_year(2026);
  rows[7].mutable_purchase_date()->set_day(28);
  rows[8].set_organization_title("upc（演示）");
  rows[9].set_room("楼外");
  const auto result = Import(testing::Upload(rows));
  EXPECT_EQ(status::ReasonOf(result.status()), options::v1::ERROR_REASON_INVALID_FILE);
  const std::string places = Places(result.status());
  // The header is row 1; columns as in the proto: C 资产编号, I 购置日期, Q 开放时间, S 收费标准.
  const char* expected[] = {"仪器.xlsx / 表 / C3|与第 2 行是同一仪器",
                            "仪器.xlsx / 表 / A4|依托单位“无此大学”不在单位名录中",
                            "仪器.xlsx / 表 / B5|“ouc（演示）”没有名为“无此平台”的科创平台",
                            "仪器.xlsx / 表 / Q6|“随时”无法识别",
                            "仪器.xlsx / 表 / S7|“企业用户 面议”无法识别",
                            "仪器.xlsx / 表 / Q8|周一的开放时间有重叠",
                            "仪器.xlsx / 表 / I9|购置日期不能晚于今天",
                            "仪器.xlsx / 表 / A10|只能导入本单位的仪器设备",
                            "仪器.xlsx / 表 / C11|该仪器已停用"};
  for (const char* place : expected) EXPECT_THAT(places, HasSubstr(place));
  EXPECT_EQ(status::ViolationsOf(result.status()).size(), std::size(expected)) << places;
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM instrument").at(0), "1");

  std::vector<v1::Instrument> shape = {Row("9")};
  shape[0].set_contact_phone("打不通");
  shape[0].clear_display_name();
  EXPECT_THAT(
      Places(Import(testing::Upload(shape)).status()),
      ::testing::AllOf(HasSubstr("仪器.xlsx / 表 / D2|"), HasSubstr("仪器.xlsx / 表 / U2|")));
}

TEST_F(InstrumentImportTest, WhomToAskIsKeptByEmptyCellsAndTakenAwayByAWord) {
  std::vector<v1::Instrument> rows = {Row("1")};
  rows[0].set_contact_email("wang@example.cn");
  ASSERT_EQ(Numbers(Import(testing::Upload(rows))), "1 0 0");
  const auto stored = [&] {
    return Texts(
               "SELECT CONCAT_WS('|', contact_person, contact_phone, contact_email)"
               " FROM instrument")
        .at(0);
  };
  rows[0].set_contact_phone("打不通");
  EXPECT_FALSE(Import(testing::Upload(rows)).ok());
  rows[0].clear_contact_person();
  rows[0].clear_contact_phone();
  rows[0].clear_contact_email();
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 0 1");
  EXPECT_EQ(stored(), "王老师|0532-52345678|wang@example.cn");
  rows[0].set_contact_person("王老师");
  rows[0].set_contact_phone("0532-52345679");
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 0");
  EXPECT_EQ(stored(), "王老师|0532-52345679|wang@example.cn");
  // Another person has not the telephone of the one before.
  rows[0].set_contact_person("赵老师");
  rows[0].clear_contact_phone();
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 0");
  EXPECT_EQ(stored(), "赵老师||");
  EXPECT_EQ(Numbers(Import(Hand({{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式"},
                                 {"ouc（演示）", "平台lab（演示）", "1", "能谱仪", "预约审批"}}))),
            "0 1 0");
  EXPECT_EQ(stored(), "赵老师||") << "a sheet without the columns says nothing of it";
  rows[0].set_contact_person("（清空）");
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 0");
  EXPECT_EQ(stored(), "||");
}

TEST_F(InstrumentImportTest, HostileAndBrokenFilesAreRefused) {
  google::api::HttpBody file;
  for (const char* bytes : {"", "PK not really", "<html></html>", "PK\x03\x04"}) {
    file.set_data(bytes);
    EXPECT_EQ(status::ReasonOf(Import(file).status()), options::v1::ERROR_REASON_INVALID_FILE)
        << bytes;
  }
  EXPECT_EQ(status::ReasonOf(Import(Hand({{"姓名", "电话"}, {"甲", "1"}})).status()),
            options::v1::ERROR_REASON_INVALID_FILE)
      << "another table";
  EXPECT_THAT(
      Places(Import(Hand({{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式", "密级"},
                          {"ouc（演示）", "平台lab（演示）", "1", "仪", "预约审批", "绝密"}}))
                 .status()),
      HasSubstr("密级"))
      << "an unknown column";
  EXPECT_THAT(Places(Import(Hand({{"依托单位", "所属平台", "仪器名称", "预约方式"},
                                  {"ouc（演示）", "平台lab（演示）", "仪", "预约审批"}}))
                         .status()),
              HasSubstr("资产编号"))
      << "a missing column";
  // Cells that would be formulas elsewhere are text here, and stay so.
  ASSERT_EQ(
      Numbers(Import(Hand({{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式"},
                           {"ouc（演示）", "平台lab（演示）", "=1+1", "@SUM(A1)", "预约审批"}}))),
      "1 0 0");
  EXPECT_THAT(Texts("SELECT CONCAT(asset_number, display_name) FROM instrument"),
              ElementsAre("=1+1@SUM(A1)"));
  EXPECT_THAT(
      Places(Import(Hand({{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式"},
                          {"ouc（演示）", "平台lab（演示）", std::string(61, 'x'), "仪", "随意"}}))
                 .status()),
      ::testing::AllOf(HasSubstr("C2|"), HasSubstr("E2|")));
}

TEST_F(InstrumentImportTest, TheSameFileTwiceChangesNothingAndADryRunNothingAtAll) {
  const auto file = testing::Upload(std::vector<v1::Instrument>{Row("1"), Row("2")});
  const auto dry = Import(file, false, /*dry_run=*/true);
  EXPECT_EQ(Numbers(dry), "2 0 0");
  EXPECT_TRUE(dry->dry_run());
  EXPECT_THAT(Everything(), IsEmpty());
  EXPECT_EQ(Numbers(Import(file)), "2 0 0");
  const auto before = Everything();
  clock_.now += absl::Hours(1);
  EXPECT_EQ(Numbers(Import(file)), "0 0 2");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM journal WHERE kind = 'imported'").at(0), "2");
  EXPECT_THAT(Texts("SELECT DISTINCT state FROM instrument"), ElementsAre("DRAFT"));
  // What is imported can be opened in one go, and then is open already.
  EXPECT_EQ(Numbers(Import(file, /*open=*/true)), "0 2 0");
  EXPECT_THAT(Texts("SELECT DISTINCT state FROM instrument"), ElementsAre("OPEN"));
  EXPECT_EQ(Numbers(Import(file, /*open=*/true)), "0 0 2");
  std::vector<v1::Instrument> unfit = {Row("3")};
  unfit[0].clear_access_conditions();
  EXPECT_THAT(Numbers(Import(testing::Upload(unfit), /*open=*/true)),
              HasSubstr("第 2 行|不符合规定：仪器开放应写明服务方式：缺少开放条件和服务方式"));
  EXPECT_EQ(Numbers(Import(testing::Upload(unfit))), "1 0 0") << "a draft may be unfinished";
}

TEST_F(InstrumentImportTest, WhatIsExportedImportsAsUnchanged) {
  std::vector<v1::Instrument> rows;
  for (int i = 1; i <= 20; ++i) rows.push_back(Row(absl::StrCat("N", i)));
  rows[3].clear_hours_text();
  rows[3].clear_charges_text();
  rows[4].clear_purchase_date();
  rows[4].clear_original_price();
  rows[5].set_hours_text("每天 全天；调休上班日 08:00-16:00");
  ASSERT_EQ(Numbers(Import(testing::Upload(rows))), "20 0 0");
  const auto before = Everything();
  const auto exported = service_.ExportInstruments(Owner("ExportInstruments"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(Import(*exported)), "0 0 20");
  EXPECT_EQ(Numbers(Import(*exported, false, false, options::v1::ROLE_SECRETARIAT, "")), "0 0 20");
  EXPECT_EQ(Everything(), before);
  v1::ExportInstrumentsRequest none;
  none.set_filter("asset_number = \"nothing\"");
  EXPECT_LT(service_.ExportInstruments(Owner("ExportInstruments"), none)->data().size(),
            exported->data().size());
}

TEST_F(InstrumentImportTest, AColumnThatTheSheetDoesNotHaveStaysAsItIs) {
  ASSERT_EQ(Numbers(Import(testing::Upload(std::vector<v1::Instrument>{Row("1")}))), "1 0 0");
  EXPECT_EQ(Numbers(Import(Hand(
                {{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式", "安放地点"},
                 {"ouc（演示）", "平台lab（演示）", "1", "质谱仪1（演示）", "预约审批", "B楼"}}))),
            "0 1 0");
  EXPECT_EQ(Texts("SELECT CONCAT(room, '|', JSON_LENGTH(hours), '|', JSON_LENGTH(charges), '|',"
                  " maker) FROM instrument")
                .at(0),
            "B楼|11|3|演示仪器公司");
  EXPECT_EQ(
      Numbers(Import(Hand({{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式", "开放时间"},
                           {"ouc（演示）", "平台lab（演示）", "1", "质谱仪1（演示）", "预约审批",
                            "周日 10:00-11:00"}}))),
      "0 1 0");
  EXPECT_EQ(Texts("SELECT JSON_LENGTH(hours) FROM instrument").at(0), "1");
}

TEST_F(InstrumentImportTest, ClosuresAndOwnTermsGoOutAndComeBackAsTheyWere) {
  std::vector<v1::Instrument> rows = {Row("1"), Row("2")};
  rows[0].set_closures_text("2025-05-01 至 2025-05-05 | 放假\n2025-04-10 08:30 至 12:00 | 检修");
  rows[0].set_own_terms_text("最短提前小时数 48\n单次最长分钟数 240");
  ASSERT_EQ(Numbers(Import(testing::Upload(rows))), "2 0 0");
  const auto kept = [&] {
    return Texts(
        "SELECT CONCAT_WS('|', asset_number, closures, COALESCE(terms, '-')) FROM instrument"
        " ORDER BY asset_number");
  };
  const std::vector<std::string> before = kept();
  EXPECT_THAT(before[0], ::testing::AllOf(HasSubstr("放假"), HasSubstr("检修"), HasSubstr("240")));
  EXPECT_THAT(before[1], ::testing::StartsWith("2|[]|"));
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 0 2");
  const auto exported = service_.ExportInstruments(Owner("ExportInstruments"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(Import(*exported)), "0 0 2");
  database_.Apply("UPDATE instrument SET closures = '[]', terms = NULL");
  EXPECT_EQ(Numbers(Import(*exported)), "0 1 1");
  EXPECT_EQ(kept(), before);
  // A file of the time before leaves both alone; emptied cells take them away.
  EXPECT_EQ(Numbers(Import(Hand(
                {{"依托单位", "所属平台", "资产编号", "仪器名称", "预约方式", "安放地点"},
                 {"ouc（演示）", "平台lab（演示）", "1", "质谱仪1（演示）", "预约审批", "B楼"}}))),
            "0 1 0");
  EXPECT_EQ(kept(), before);
  EXPECT_EQ(Numbers(Import(testing::Upload(std::vector<v1::Instrument>{Row("1")}))), "0 1 0");
  EXPECT_THAT(kept()[0], ::testing::StartsWith("1|[]|"));
}

TEST_F(InstrumentImportTest, WrongClosuresAndTermsAreNamedByTheirCells) {
  std::vector<v1::Instrument> rows = {Row("1"), Row("2"), Row("3"), Row("4")};
  rows[0].set_closures_text("2025-05-05 至 2025-05-01 | 放假\n2025-05-07 | 检修\n2025-05-08");
  rows[1].set_own_terms_text("提前一天");
  // Beyond what the city lets it set.
  rows[2].set_own_terms_text("最早提前天数 3");
  rows[3].set_own_terms_text("最短提前工作日数 1");
  const auto result = Import(testing::Upload(rows));
  const std::string places = Places(result.status());
  const char* expected[] = {"仪器.xlsx / 表 / X2|第 1 项：结束时间（2025-05-01）应晚于开始时间",
                            "仪器.xlsx / 表 / X2|第 3 项：原因",
                            "仪器.xlsx / 表 / Y3|第 1 项：“提前一天”不是预约规则",
                            "仪器.xlsx / 表 / Y4|“最早提前天数”应在7到366之间",
                            "仪器.xlsx / 表 / Y5|本市统一规定“最短提前工作日数”"};
  for (const char* place : expected) EXPECT_THAT(places, HasSubstr(place));
  EXPECT_EQ(status::ViolationsOf(result.status()).size(), std::size(expected)) << places;
  EXPECT_THAT(Everything(), IsEmpty());
}

TEST_F(InstrumentImportTest, AnImportedClosureKeepsBookingsOut) {
  std::vector<v1::Instrument> rows = {Row("1")};
  ASSERT_EQ(Numbers(Import(testing::Upload(rows), /*open=*/true)), "1 0 0");
  const std::string name = Texts("SELECT name FROM instrument").at(0);
  rows[0].set_closures_text("2025-04-10 | 检修");
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 0");
  EXPECT_FALSE(Book(kE1, name, InChina(4, 10, 9), InChina(4, 10, 11)).ok());
  EXPECT_TRUE(Book(kE1, name, InChina(4, 11, 9), InChina(4, 11, 11)).ok());
}

TEST_F(InstrumentImportTest, AnImportOfAnOpenInstrumentKeepsItFitToBeOpen) {
  ASSERT_EQ(Numbers(Import(testing::Upload(std::vector<v1::Instrument>{Row("1")}), true)), "1 0 0");
  std::vector<v1::Instrument> rows = {Row("1")};
  rows[0].clear_charges_text();
  EXPECT_THAT(Numbers(Import(testing::Upload(rows))), HasSubstr("缺少收费标准"));
  MakePlatform(kOuc, "other");
  rows[0] = Row("1");
  rows[0].set_platform_title("平台other（演示）");
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 0");
  EXPECT_THAT(Texts("SELECT CONCAT(platform, platform_published, state) FROM instrument"),
              ElementsAre("organizations/ouc/platforms/other1OPEN"));
}

// --- Declared use

class UseImportTest : public InstrumentImportTest {
 protected:
  UseImportTest() { EXPECT_EQ(Numbers(Import(testing::Upload(Two()), true)), "2 0 0"); }
  static std::vector<v1::Instrument> Two() { return {Row("1"), Row("2")}; }
  static v1::UseRecord Use(const std::string& asset_number, int year) {
    v1::UseRecord row;
    row.set_organization_title("ouc（演示）");
    row.set_asset_number(asset_number);
    row.set_year(year);
    row.set_teaching_hours(100.5);
    row.set_research_hours(200);
    row.set_open_hours(50);
    row.set_samples(12);
    row.set_papers(3);
    row.mutable_income()->set_currency_code("CNY");
    row.mutable_income()->set_units(1000);
    return row;
  }
  absl::StatusOr<v1::ImportResult> ImportUse(const std::vector<v1::UseRecord>& rows,
                                             bool dry_run = false) {
    v1::ImportUseRecordsRequest request;
    *request.mutable_file() = testing::Upload(rows);
    request.set_file_name("机时.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return service_.ImportUseRecords(Owner("ImportUseRecords"), request);
  }
};

TEST_F(UseImportTest, EveryBadRowIsNamedByItsCellAndNothingIsImported) {
  std::vector<v1::UseRecord> rows = {Use("1", 2024), Use("1", 2024), Use("3", 2024),
                                     Use("2", 2026), Use("2", 1999), Use("2", 2024)};
  rows[5].set_organization_title("无此大学");
  const auto result = ImportUse(rows);
  const char* expected[] = {"机时.xlsx / 表 / B3|与第 2 行是同一仪器的同一年度",
                            "机时.xlsx / 表 / B4|本单位没有资产编号为“3”的仪器设备",
                            "机时.xlsx / 表 / C5|年度应为", "机时.xlsx / 表 / C6|年度应为",
                            "机时.xlsx / 表 / A7|依托单位“无此大学”"};
  for (const char* place : expected) EXPECT_THAT(Places(result.status()), HasSubstr(place));
  EXPECT_EQ(status::ViolationsOf(result.status()).size(), std::size(expected))
      << Places(result.status());
  EXPECT_THAT(Texts("SELECT name FROM use_record"), IsEmpty());
  rows = {Use("1", 2024)};
  rows[0].set_open_hours(300.6);
  EXPECT_THAT(Places(ImportUse(rows).status()), HasSubstr("机时.xlsx / 表 / G2|“其中开放机时”"));
  rows[0].set_open_hours(-1);
  EXPECT_THAT(Places(ImportUse(rows).status()), HasSubstr("机时.xlsx / 表 / G2|"));
}

TEST_F(UseImportTest, TheSameFileTwiceChangesNothing) {
  const std::vector<v1::UseRecord> rows = {Use("1", 2024), Use("2", 2024), Use("1", 2025)};
  EXPECT_EQ(Numbers(ImportUse(rows, /*dry_run=*/true)), "3 0 0");
  EXPECT_EQ(Numbers(ImportUse(rows)), "3 0 0");
  EXPECT_EQ(Numbers(ImportUse(rows)), "0 0 3");
  v1::ListUseRecordsRequest list;
  list.set_parent("organizations/-/instruments/-");
  list.set_filter("year = 2024");
  const auto listed = service_.ListUseRecords(Owner("ListUseRecords"), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->use_records_size(), 2);
  EXPECT_EQ(listed->use_records(0).organization_title(), "ouc（演示）");
  EXPECT_FALSE(listed->use_records(0).asset_number().empty());
  EXPECT_EQ(
      service_.ListUseRecords(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "ListUseRecords"), list)
          ->use_records_size(),
      0);
}

TEST_F(UseImportTest, WhatIsExportedIsImportedUnchanged) {
  ASSERT_EQ(Numbers(ImportUse({Use("1", 2024), Use("2", 2024), Use("1", 2025)})), "3 0 0");
  v1::ExportUseRecordsRequest request;
  const auto file = service_.ExportUseRecords(Owner("ExportUseRecords"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  v1::ImportUseRecordsRequest back;
  *back.mutable_file() = *file;
  back.set_request_id(api::NewUuid());
  EXPECT_EQ(Numbers(service_.ImportUseRecords(Owner("ImportUseRecords"), back)), "0 0 3");
  // A year, and whose records the caller may see.
  request.set_filter("year = 2025");
  const auto rows = [&](const rpc::Call& call) {
    const auto exported = service_.ExportUseRecords(call, request);
    EXPECT_TRUE(exported.ok()) << exported.status();
    const auto book = sheet::ReadWorkbook(exported->data(), "机时.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    return sheet::ReadTable<v1::UseRecord>(*book, *book->FirstVisible()).rows.size();
  };
  EXPECT_EQ(rows(Owner("ExportUseRecords")), 1u);
  EXPECT_EQ(rows(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "ExportUseRecords")), 0u);
}

}  // namespace
}  // namespace chanyan::registry
