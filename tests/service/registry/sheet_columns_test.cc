// What people keep of organizations and platforms besides plain values, through their sheets: whom
// to turn to, and what an organization is part of (REG-10).
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "tests/service/registry/platform_city.h"

namespace chanyan::registry {
namespace {

using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPeople[] = "张三 | 主任 | 0532-85911343 | zhang@example.cn\n李四 |  | 13812345678";

v1::Organization RowOf(const std::string& title, v1::OrganizationKind kind, int code = 0,
                       const std::string& parent = "") {
  v1::Organization row;
  row.set_display_name(title);
  row.set_kind(kind);
  if (code > 0) row.set_unified_social_credit_code(testing::CreditCode(code));
  row.set_parent(parent);
  return row;
}

v1::Organization Company(int number, const std::string& parent = "") {
  return RowOf(absl::StrCat("公司", number, "（演示）"), v1::ORGANIZATION_KIND_ENTERPRISE, number,
               parent);
}

class SheetColumnsTest : public PlatformCity {
 protected:
  absl::StatusOr<v1::ImportResult> Import(const google::api::HttpBody& file) {
    v1::ImportOrganizationsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("单位.xlsx");
    request.set_request_id(api::NewUuid());
    return registry_.ImportOrganizations(Secretariat("ImportOrganizations"), request);
  }
  absl::StatusOr<v1::ImportResult> Import(const std::vector<v1::Organization>& rows) {
    return Import(testing::Upload(rows));
  }
  absl::StatusOr<v1::ImportResult> ImportPlatforms(const google::api::HttpBody& file,
                                                   Role role = ROLE_SECRETARIAT,
                                                   const std::string& organization = "",
                                                   const std::string& reason = "") {
    v1::ImportPlatformsRequest request;
    request.set_override_reason(reason);
    *request.mutable_file() = file;
    request.set_file_name("平台.xlsx");
    request.set_request_id(api::NewUuid());
    return registry_.ImportPlatforms(As(role, organization, "ImportPlatforms"), request);
  }
  static std::string Numbers(const absl::StatusOr<v1::ImportResult>& result) {
    if (!result.ok()) return absl::StrCat(Places(result.status()).size(), " wrong");
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  }
  static std::vector<std::string> Places(const absl::Status& status) {
    std::vector<std::string> out;
    for (const status::Violation& violation : status::ViolationsOf(status)) {
      out.push_back(absl::StrCat(violation.field, "|", violation.description));
    }
    return out;
  }
  google::api::HttpBody Exported(Role role, const std::string& organization) {
    const auto file = registry_.ExportOrganizations(As(role, organization, "ExportOrganizations"),
                                                    v1::ExportOrganizationsRequest());
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  }
  google::api::HttpBody ExportedPlatforms(Role role, const std::string& organization) {
    const auto file = registry_.ExportPlatforms(As(role, organization, "ExportPlatforms"),
                                                v1::ExportPlatformsRequest());
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  }
  // The rows of a sheet by their name.
  template <class T>
  static T RowIn(const google::api::HttpBody& file, const std::string& title) {
    const auto book = sheet::ReadWorkbook(file.data(), "导出.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    if (!book.ok()) return T();
    for (auto& row : sheet::ReadTable<T>(*book, *book->FirstVisible()).rows) {
      if (row.message.display_name() == title) return row.message;
    }
    ADD_FAILURE() << "no row of " << title;
    return T();
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
  std::vector<std::string> Tree() {
    return Texts(
        "SELECT CONCAT_WS('|', display_name, parent, contacts) FROM organization ORDER BY name");
  }
  std::string NameOf(const std::string& title) {
    return Texts(absl::StrCat("SELECT name FROM organization WHERE display_name = '", title, "'"))
        .at(0);
  }
};

TEST_F(SheetColumnsTest, ParentAndContactsGoOutAndComeBackAsTheyWere) {
  // The whole comes below its parts, and one of the parts has parts.
  std::vector<v1::Organization> rows = {
      Company(3, "公司2（演示）"), Company(2, "公司1（演示）"), Company(1),
      RowOf("分院（演示）", v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE, 0, "海洋大学（演示）")};
  rows[2].set_contacts_text(kPeople);
  ASSERT_EQ(Numbers(Import(rows)), "4 0 0");
  EXPECT_EQ(Texts("SELECT parent FROM organization WHERE display_name = '公司3（演示）'").at(0),
            NameOf("公司2（演示）"));
  EXPECT_EQ(Texts("SELECT parent FROM organization WHERE display_name = '分院（演示）'").at(0),
            kOuc);
  const std::vector<std::string> before = Tree();
  const google::api::HttpBody file = Exported(ROLE_SECRETARIAT, "");
  EXPECT_EQ(RowIn<v1::Organization>(file, "公司1（演示）").contacts_text(), kPeople);
  EXPECT_EQ(RowIn<v1::Organization>(file, "公司3（演示）").parent(), "公司2（演示）");
  EXPECT_EQ(Numbers(Import(file)), "0 0 6");
  // Whatever was lost comes back from the file.
  database_.Apply("UPDATE organization SET parent = '', contacts = '[]'");
  EXPECT_EQ(Numbers(Import(file)), "0 4 2");
  EXPECT_EQ(Tree(), before);
  // An emptied cell takes a parent away, but nobody's contacts: that takes a word.
  rows[0].clear_parent();
  rows[2].clear_contacts_text();
  EXPECT_EQ(Numbers(Import(rows)), "0 1 3");
  EXPECT_EQ(
      RowIn<v1::Organization>(Exported(ROLE_SECRETARIAT, ""), "公司1（演示）").contacts_text(),
      kPeople);
  rows[2].set_contacts_text("（清空）");
  EXPECT_EQ(Numbers(Import(rows)), "0 1 3");
  EXPECT_EQ(Numbers(Import(rows)), "0 0 4");
  EXPECT_EQ(
      RowIn<v1::Organization>(Exported(ROLE_SECRETARIAT, ""), "公司1（演示）").contacts_text(), "");
}

TEST_F(SheetColumnsTest, AFileOfTheTimeBeforeLeavesParentAndContactsAlone) {
  std::vector<v1::Organization> rows = {Company(1), Company(2, "公司1（演示）")};
  rows[1].set_contacts_text(kPeople);
  ASSERT_EQ(Numbers(Import(rows)), "2 0 0");
  const std::vector<std::string> before = Tree();
  EXPECT_EQ(Numbers(Import(Hand({{"单位名称", "单位类型", "统一社会信用代码", "所在功能区或镇街"},
                                 {"公司2（演示）", "企业", testing::CreditCode(2), "古镇口"}}))),
            "0 1 0");
  EXPECT_EQ(Tree(), before);
  EXPECT_EQ(Texts("SELECT zone FROM organization WHERE display_name = '公司2（演示）'").at(0),
            "古镇口");
}

TEST_F(SheetColumnsTest, BadParentsAndContactsAreNamedByTheirCells) {
  ASSERT_EQ(Numbers(Import({Company(1), Company(2, "公司1（演示）")})), "2 0 0");
  const std::vector<std::string> before = Tree();
  // L 上级单位, M 联系人; the header is row 1.
  std::vector<v1::Organization> rows = {Company(3, "无此公司"),
                                        Company(4, "公司4（演示）"),
                                        Company(5, "公司6（演示）"),
                                        Company(6, "公司7（演示）"),
                                        Company(7, "公司5（演示）"),
                                        Company(8),
                                        Company(9)};
  rows[5].set_contacts_text("张三 | 主任 | 1381234\n李四");
  rows[6].set_contacts_text("甲\n乙\n丙\n丁\n戊\n己");
  EXPECT_THAT(
      Places(Import(rows).status()),
      ::testing::UnorderedElementsAre(
          HasSubstr("单位.xlsx / 表 / L2|上级单位“无此公司”不在单位名录中"),
          HasSubstr("L3|上级单位不能是本单位自己"), AllOf(HasSubstr("L4|"), HasSubstr("循环")),
          AllOf(HasSubstr("L5|"), HasSubstr("循环")), AllOf(HasSubstr("L6|"), HasSubstr("循环")),
          AllOf(HasSubstr("单位.xlsx / 表 / M7|第 1 人：联系电话")),
          HasSubstr("M8|联系人最多填写 5 人")));
  // Half of a circle is there already.
  EXPECT_THAT(Places(Import({Company(1, "公司2（演示）")}).status()),
              ElementsAre(AllOf(HasSubstr("L2|"), HasSubstr("不能是本单位的下级"))));
  // Turned round in one file it is none.
  EXPECT_EQ(Tree(), before) << "nothing of it was imported";
  EXPECT_EQ(Numbers(Import({Company(1, "公司2（演示）"), Company(2)})), "0 2 0");
}

TEST_F(SheetColumnsTest, WhoMayNotChangeItIsNotToldWhomToCallAndSpoilsNothing) {
  const std::string zone = "古镇口管委（演示）";
  ASSERT_EQ(Numbers(Import({RowOf(zone, v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE), Company(1)})),
            "2 0 0");
  v1::Organization served = Company(2, "公司1（演示）");
  served.set_unit(zone);
  served.set_contacts_text(kPeople);
  ASSERT_EQ(Numbers(Import({served})), "1 0 0");
  const std::vector<std::string> before = Tree();
  const google::api::HttpBody file = Exported(ROLE_UNIT, NameOf(zone));
  const v1::Organization row = RowIn<v1::Organization>(file, "公司2（演示）");
  EXPECT_EQ(row.contacts_text(), "（不列出）");
  EXPECT_EQ(row.parent(), NameOf("公司1（演示）")) << "whose title is not the unit's to see";
  EXPECT_EQ(RowIn<v1::Organization>(file, zone).contacts_text(), "") << "its own";
  EXPECT_THAT(Numbers(Import(file)), ::testing::StartsWith("0 0 "));
  EXPECT_EQ(Tree(), before);
}

TEST_F(SheetColumnsTest, OfTwoOfOneNameTheParentStaysTheOneItIs) {
  const v1::OrganizationKind institute = v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE;
  ASSERT_EQ(Numbers(Import({RowOf("研究院（演示）", institute, 11), Company(1)})), "2 0 0");
  const std::string first = NameOf("研究院（演示）");
  database_.Apply(
      absl::StrCat("UPDATE organization SET parent = '", first, "' WHERE kind = 'ENTERPRISE'"));
  ASSERT_EQ(Numbers(Import({RowOf("研究院（演示）", institute, 12)})), "1 0 0");
  const google::api::HttpBody file = Exported(ROLE_SECRETARIAT, "");
  EXPECT_EQ(RowIn<v1::Organization>(file, "公司1（演示）").parent(), "研究院（演示）");
  EXPECT_EQ(Numbers(Import(file)), "0 0 5");
  EXPECT_EQ(Texts("SELECT parent FROM organization WHERE kind = 'ENTERPRISE'").at(0), first);
}

TEST_F(SheetColumnsTest, ContactsOfPlatformsGoOutAndComeBack) {
  v1::Platform row;
  row.set_organization_title("海洋大学（演示）");
  row.set_display_name("腐蚀实验室（演示）");
  row.set_kind(v1::PLATFORM_KIND_LABORATORY);
  row.set_introduction("介绍");
  row.add_capabilities("样机试验");
  row.set_contacts_text(kPeople);
  ASSERT_EQ(Numbers(ImportPlatforms(testing::Upload(std::vector<v1::Platform>{row}))), "1 0 0");
  const auto contacts = [&] { return Texts("SELECT contacts FROM platform").at(0); };
  const std::string before = contacts();
  EXPECT_THAT(before, AllOf(HasSubstr("0532-85911343"), HasSubstr("13812345678")));
  const google::api::HttpBody file = ExportedPlatforms(ROLE_SECRETARIAT, "");
  EXPECT_EQ(RowIn<v1::Platform>(file, "腐蚀实验室（演示）").contacts_text(), kPeople);
  EXPECT_EQ(Numbers(ImportPlatforms(file)), "0 0 1");
  database_.Apply("UPDATE platform SET contacts = '[]'");
  EXPECT_EQ(Numbers(ImportPlatforms(file)), "0 1 0");
  EXPECT_EQ(contacts(), before);
  // Another owner finds it in its own file, but not whom to call.
  const google::api::HttpBody others = ExportedPlatforms(ROLE_RESEARCH_OFFICE, kUpc);
  EXPECT_EQ(RowIn<v1::Platform>(others, "腐蚀实验室（演示）").contacts_text(), "（不列出）");
  EXPECT_EQ(Numbers(ImportPlatforms(others)), "0 0 1");
  EXPECT_EQ(contacts(), before);
  // A file without the column leaves them.
  EXPECT_EQ(Numbers(ImportPlatforms(
                Hand({{"依托单位", "科创平台名称", "平台类型", "所属学院"},
                      {"海洋大学（演示）", "腐蚀实验室（演示）", "实验室", "材料学院"}}))),
            "0 1 0");
  EXPECT_EQ(contacts(), before);
  // So does an empty cell in it; a word empties it.
  row = RowIn<v1::Platform>(ExportedPlatforms(ROLE_SECRETARIAT, ""), "腐蚀实验室（演示）");
  row.clear_contacts_text();
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(std::vector<v1::Platform>{row}))), "0 0 1");
  EXPECT_EQ(contacts(), before);
  row.set_contacts_text("（清空）");
  const auto emptied = testing::Upload(std::vector<v1::Platform>{row});
  EXPECT_THAT(Places(ImportPlatforms(emptied).status()),
              ElementsAre(HasSubstr("缺少有联系电话或电子邮箱的联系人")))
      << "what is published is reached by somebody, unless there is a reason";
  EXPECT_EQ(contacts(), before);
  EXPECT_EQ(Numbers(ImportPlatforms(emptied, ROLE_SECRETARIAT, "", "联系人正在交接")), "0 1 0");
  EXPECT_EQ(contacts(), "[]");
  EXPECT_EQ(Numbers(ImportPlatforms(emptied)), "0 0 1");
}

TEST_F(SheetColumnsTest, AFileNeitherPublishesAnEmptyPlatformNorEmptiesAPublishedOne) {
  const auto row = [](const char* title) {
    v1::Platform platform;
    platform.set_organization_title("海洋大学（演示）");
    platform.set_display_name(title);
    platform.set_kind(v1::PLATFORM_KIND_LABORATORY);
    platform.set_introduction("介绍");
    platform.add_capabilities("样机试验");
    platform.set_contacts_text(kPeople);
    return platform;
  };
  std::vector<v1::Platform> rows = {row("甲"), row("乙")};
  rows[0].clear_introduction();
  rows[1].set_contacts_text("王老师");
  EXPECT_THAT(
      Places(ImportPlatforms(testing::Upload(rows)).status()),
      ElementsAre(AllOf(HasSubstr("平台.xlsx / 表 / 第 2 行|"), HasSubstr("缺少平台介绍（《关于")),
                  AllOf(HasSubstr("第 3 行|"), HasSubstr("缺少有联系电话或电子邮箱的联系人（"))));
  EXPECT_EQ(Texts("SELECT CAST(COUNT(*) AS CHAR) FROM platform").at(0), "0");
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows), ROLE_RESEARCH_OFFICE, kOuc)), "2 0 0")
      << "its owner goes on working on it";
  rows = {row("甲"), row("乙")};
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows))), "0 2 0");
  rows[0].clear_introduction();
  EXPECT_THAT(Places(ImportPlatforms(testing::Upload(rows)).status()),
              ElementsAre(HasSubstr("缺少平台介绍（")));
  EXPECT_EQ(Texts("SELECT introduction FROM platform WHERE display_name = '甲'").at(0), "介绍");
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows), ROLE_SECRETARIAT, "", "介绍正在改写")),
            "0 1 1");
  EXPECT_EQ(Texts("SELECT JSON_VALUE(publish_verdicts, '$.verdicts[0].override.reason') "
                  "FROM platform WHERE display_name = '甲'")
                .at(0),
            "介绍正在改写");
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows))), "0 0 2");
}

TEST_F(SheetColumnsTest, AnOwnersContactsAreReviewedAndWrongOnesNamedByTheirCells) {
  Published("lab");
  v1::Platform row =
      RowIn<v1::Platform>(ExportedPlatforms(ROLE_RESEARCH_OFFICE, kOuc), "实验室lab（演示）");
  EXPECT_EQ(row.contacts_text(), "李老师 |  | 0532-87654321");
  row.set_contacts_text("王五 |  | 0532-8591");
  EXPECT_THAT(Places(ImportPlatforms(testing::Upload(std::vector<v1::Platform>{row}),
                                     ROLE_RESEARCH_OFFICE, kOuc)
                         .status()),
              ElementsAre(HasSubstr("平台.xlsx / 表 / K2|第 1 人：联系电话")));
  row.set_contacts_text("王五 |  | 0532-85911343");
  const auto revised =
      ImportPlatforms(testing::Upload(std::vector<v1::Platform>{row}), ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(revised.ok()) << revised.status();
  EXPECT_EQ(revised->revised(), 1);
  EXPECT_THAT(Texts("SELECT contacts FROM platform").at(0), HasSubstr("0532-87654321"))
      << "until it has passed";
  EXPECT_EQ(RowIn<v1::Platform>(ExportedPlatforms(ROLE_RESEARCH_OFFICE, kOuc), "实验室lab（演示）")
                .contacts_text(),
            "王五 |  | 0532-85911343")
      << "what the owner is working on";
}

}  // namespace
}  // namespace chanyan::registry
