// What a university's file may not say, each refusal at its cell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/status/status.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FormImportTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(world_.Open().ok()); }
  // Violations of a file that has the carried row and these.
  std::vector<status::Violation> Refused(std::vector<v1::Row> rows) {
    rows.insert(rows.begin(), World::Ongoing(kOucLab, 0));
    const int64_t entries = world_.Count("journal");
    const auto imported = world_.Import(kOuc, World::Sheet(rows));
    EXPECT_TRUE(absl::IsInvalidArgument(imported.status())) << imported.status();
    EXPECT_EQ(world_.Count("journal"), entries) << "all or nothing";
    return status::ViolationsOf(imported.status());
  }

  World world_;
};

struct Refusal {
  const char* name;
  std::function<void(v1::Row&)> spoil;
  // Column of the second row of data, which is row 4 of the sheet.
  const char* cell;
  const char* words;
};

TEST_F(FormImportTest, EveryWrongCellIsNamed) {
  const std::vector<Refusal> refusals = {
      {"platform unknown", [](v1::Row& row) { row.set_platform_title("不存在的平台"); }, "A4",
       "已发布的科创平台"},
      {"platform of another university", [](v1::Row& row) { row.set_platform_title(kUpcLab); },
       "A4", "属于其他高校（石油大学（演示））"},
      {"code with a bad check character",
       [](v1::Row& row) {
         std::string code = row.unified_social_credit_code();
         code.back() = code.back() == '1' ? '2' : '1';
         row.set_unified_social_credit_code(code);
       },
       "E4", "“统一社会信用代码”校验位不正确，第 18 位应为“"},
      {"code that nobody has",
       [](v1::Row& row) { row.set_unified_social_credit_code(Code("7777")); }, "E4",
       "不在单位名录中"},
      {"name without code", [](v1::Row& row) { row.clear_unified_social_credit_code(); }, "E4",
       "统一社会信用代码"},
      {"name of another", [](v1::Row& row) { row.set_enterprise_title("另一家公司"); }, "D4",
       "在单位名录中是“演示企业1”"},
      {"no title", [](v1::Row& row) { row.clear_title(); }, "G4", "项目名称"},
      {"no kind", [](v1::Row& row) { row.clear_kinds(); }, "F4", "共建类型"},
      {"unknown kind", [](v1::Row& row) { row.set_kinds(0, "联谊活动"); }, "F4", "共建类型目录"},
      {"no date", [](v1::Row& row) { row.clear_sign_date(); }, "I4", "签约日期"},
      {"date to come", [](v1::Row& row) { row.mutable_sign_date()->set_month(6); }, "I4",
       "不能晚于"},
      {"progress and no change",
       [](v1::Row& row) {
         row.set_progress("有进展");
         row.set_no_change(true);
       },
       "K4", "只能填一项"},
      {"under construction without progress",
       [](v1::Row& row) { row.set_category(v1::ROW_CATEGORY_ONGOING); }, "J4", "最新进展"},
  };
  for (const Refusal& refusal : refusals) {
    v1::Row row = World::NewProject(kOucCenter, 1);
    refusal.spoil(row);
    const auto violations = Refused({row});
    ASSERT_FALSE(violations.empty()) << refusal.name;
    EXPECT_EQ(violations[0].field, std::string("报表.xlsx / 季度报表 / ") + refusal.cell)
        << refusal.name;
    EXPECT_THAT(violations[0].description, HasSubstr(refusal.words)) << refusal.name;
  }
}

TEST_F(FormImportTest, APlatformOfSeveralOthersNamesThemAll) {
  registry::v1::Platform namesake;
  namesake.set_name(absl::StrCat(kSecretariat, "/platforms/namesake"));
  namesake.set_organization(kSecretariat);
  namesake.set_organization_title("高校理事会秘书处（演示）");
  namesake.set_display_name(kUpcLab);
  namesake.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  world_.fakes.Add(namesake);
  const auto violations = Refused({World::NewProject(kUpcLab, 1)});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].description,
              HasSubstr("属于其他高校（石油大学（演示）、高校理事会秘书处（演示））"));
}

TEST_F(FormImportTest, ASecondRowOfTheSamePairNamesTheFirst) {
  const auto violations = Refused({World::NewProject(kOucCenter, 1), World::Intent(kOucCenter, 1)});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].description, HasSubstr("与第 4 行"));
}

TEST_F(FormImportTest, EverythingWrongComesAtOnce) {
  v1::Row row = World::NewProject("不存在的平台", 1);
  row.set_enterprise_title("另一家公司");
  EXPECT_EQ(Refused({row, World::NewProject(kUpcLab, 1)}).size(), 3u);
}

TEST_F(FormImportTest, ACarriedProjectIsNotLeftOut) {
  const auto imported = world_.Import(kOuc, World::Sheet({World::Intent(kOucCenter)}));
  const auto violations = status::ViolationsOf(imported.status());
  ASSERT_EQ(violations.size(), 1u) << imported.status();
  EXPECT_THAT(violations[0].description, HasSubstr("结转的在建项目不得删除"));
}

TEST_F(FormImportTest, ACarriedProjectStaysUnderConstruction) {
  const auto imported = world_.Import(kOuc, World::Sheet({World::Intent(kOucLab, 0)}));
  EXPECT_THAT(status::ViolationsOf(imported.status()).at(0).description, HasSubstr("在建"));
}

TEST_F(FormImportTest, NoChangeIsAnAnswer) {
  v1::Row row = World::Ongoing(kOucLab, 0);
  row.clear_progress();
  row.set_no_change(true);
  const auto imported = world_.Import(kOuc, World::Sheet({row}));
  EXPECT_TRUE(imported.ok()) << imported.status();
}

TEST_F(FormImportTest, AFormerNameIsTheSameEnterprise) {
  v1::Row row = World::NewProject(kOucCenter, 1);
  row.set_enterprise_title("演示企业曾用名1");
  const auto imported = world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), row}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).enterprise_title(), "演示企业1");
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).unit(), kZone);
}

TEST_F(FormImportTest, ADryRunSaysWhatWouldBeAndWritesNothing) {
  const int64_t entries = world_.Count("journal");
  const auto imported = world_.Import(
      kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)}), true);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_TRUE(imported->dry_run());
  EXPECT_EQ(imported->created(), 1);
  EXPECT_EQ(imported->updated(), 1);
  EXPECT_EQ(world_.Count("journal"), entries);
}

TEST_F(FormImportTest, TheSameFileTwiceChangesNothing) {
  const std::string file = World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)});
  ASSERT_TRUE(world_.Import(kOuc, file).ok());
  const v1::Form form = world_.Form(kOucForm);
  EXPECT_EQ(form.row_count(), 2);
  const int64_t entries = world_.Count("journal");
  const auto again = world_.Import(kOuc, file);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 2);
  EXPECT_EQ(world_.Form(kOucForm).etag(), form.etag());
  EXPECT_EQ(world_.Count("journal"), entries);
}

TEST_F(FormImportTest, ARowThatIsLeftOutOfADraftIsStruckOut) {
  ASSERT_TRUE(
      world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)}))
          .ok());
  const auto imported = world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->removed(), 1);
  EXPECT_EQ(world_.Form(kOucForm).row_count(), 1);
  EXPECT_THAT(world_.Check().violations(), IsEmpty());
}

TEST_F(FormImportTest, AnotherUniversitysFormDoesNotExistForOne) {
  v1::ImportFormRequest request;
  request.set_name(kOucForm);
  request.mutable_file()->set_data(World::Sheet({World::Intent(kUpcLab)}));
  const auto imported = world_.service->ImportForm(
      world_.CallOf("ImportForm", options::v1::ROLE_RESEARCH_OFFICE, kUpc), request);
  EXPECT_TRUE(absl::IsNotFound(imported.status())) << imported.status();
}

TEST_F(FormImportTest, ASubmittedFormIsNotImportedOver) {
  const std::string file = World::Sheet({World::Ongoing(kOucLab, 0)});
  ASSERT_TRUE(world_.Import(kOuc, file).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_EQ(status::ReasonOf(world_.Import(kOuc, file).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
}

}  // namespace
}  // namespace chanyan::cycle
