// Taxonomies as a workbook, and a changed workbook back in the pack's files (REG-7, REG-10).
#include "common/taxonomy/sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/taxonomy/differences.h"
#include "common/taxonomy/text.h"
#include "common/taxonomy/tree.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

using namespace taxonomy;  // NOLINT(google-build-using-namespace)

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kText[] =
    R"txt(# 甲乙两体系。
taxonomies {
  id: "a"
  display_name: "甲体系"
  version: "1"
  note: "测试"
  # 先大类后小类。
  industries { id: "g" display_name: "分组" is_group: true }
  industries { id: "ship" display_name: "船舶制造" parent_id: "g" to_be_verified: true }
  industries { id: "rail" display_name: "轨道交通" parent_id: "g" }
}
# 国家标准，不要改。
taxonomies {
  id: "b"
  display_name: "乙体系"
  version: "1"
  clause { document: "文件" article: "一" text: "原文" }
  industries { id: "37" display_name: "运输设备" }
}
mappings {
  id: "m"
  display_name: "甲乙对照"
  version: "1"
  from_taxonomy: "a"
  to_taxonomy: "b"
  origin: ORIGIN_CHOSEN
  note: "拟定"
  entries { from_id: "ship" to_ids: "37" }
}
)txt";
constexpr char kHead[] = R"txt(id: "small"
display_name: "小"
version: "7"
effective_from { year: 2025 month: 1 day: 1 }
)txt";

// A workbook in the making: what the pack has, changed by the test.
class TaxonomySheetTest : public ::testing::Test {
 protected:
  TaxonomySheetTest() : pack_(testing::PackOf(absl::StrCat(kHead, kText))) {
    for (const char* id : {"a", "b"}) {
      const v1::Taxonomy taxonomy = WholeTaxonomy(*pack_, *pack_->FindTaxonomy(id));
      trees_.emplace_back(taxonomy.display_name(),
                          std::vector<v1::IndustryNode>(taxonomy.industries().begin(),
                                                        taxonomy.industries().end()));
    }
    lines_ = AllCorrespondences(*pack_);
  }

  sheet::Workbook Book() const {
    sheet::Writer writer({.created = absl::UnixEpoch(), .title = "产业体系"});
    for (const auto& [name, nodes] : trees_) {
      sheet::WriteTable(writer, name, v1::IndustryNode::descriptor(), nodes);
    }
    sheet::WriteTable(writer, kCorrespondenceSheet, v1::Correspondence::descriptor(), lines_);
    auto bytes = std::move(writer).Finish();
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    auto book = sheet::ReadWorkbook(*bytes, "产业.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    return *book;
  }
  absl::StatusOr<TaxonomyEdition> Read(absl::string_view version = "2") const {
    return ReadTaxonomies(*pack_, Book(), version);
  }
  // "产业.xlsx / 甲体系 / A4：…" of every fault.
  std::vector<std::string> Wrong(absl::string_view version = "2") const {
    const auto read = Read(version);
    std::vector<std::string> out;
    for (const auto& one : status::ViolationsOf(read.status())) {
      out.push_back(absl::StrCat(one.field, "：", one.description));
    }
    if (read.ok()) out.emplace_back("nothing was wrong");
    return out;
  }
  // All faults are of the file.
  options::v1::ErrorReason Reason() const { return status::ReasonOf(Read().status()); }

  std::vector<v1::IndustryNode>& tree(int index) { return trees_[index].second; }
  static v1::IndustryNode Node(const std::string& id, const std::string& name,
                               const std::string& parent = "") {
    v1::IndustryNode node;
    node.set_id(id);
    node.set_display_name(name);
    node.set_parent_id(parent);
    return node;
  }

  const std::unique_ptr<const policy::Pack> pack_;
  std::vector<std::pair<std::string, std::vector<v1::IndustryNode>>> trees_;
  std::vector<v1::Correspondence> lines_;
};

TEST_F(TaxonomySheetTest, EveryFaultIsSaidAtItsCell) {
  tree(0).push_back(Node("nothing", "没有体系"));
  tree(0).push_back(Node("b/38", "别的体系"));
  tree(0).push_back(Node("a/ship", "又一个船舶"));
  tree(0).push_back(Node("a/x", "", "a/later"));
  tree(0).push_back(Node("a/later", "后来的"));
  tree(0).back().set_depth(3);
  tree(0).push_back(Node("a/Upper", "大写"));
  EXPECT_THAT(
      Wrong(),
      ElementsAre(AllOf(HasSubstr("产业.xlsx / 甲体系 / A5"), HasSubstr("体系编号/产业编号")),
                  AllOf(HasSubstr("A6"), HasSubstr("以上各行属于“a”")),
                  AllOf(HasSubstr("A7"), HasSubstr("与第 3 行重复")),
                  AllOf(HasSubstr("C8"), HasSubstr("必须填写")),
                  AllOf(HasSubstr("B8"), HasSubstr("“a/later”不在本表中，或排在下级之后")),
                  AllOf(HasSubstr("D9"), HasSubstr("层级应为 1")),
                  AllOf(HasSubstr("A10"), HasSubstr("小写字母"))));
  EXPECT_EQ(Reason(), options::v1::ERROR_REASON_INVALID_FILE);
}

TEST_F(TaxonomySheetTest, ATaxonomyStandsOnOneSheet) {
  trees_.emplace_back("甲体系续", std::vector<v1::IndustryNode>{Node("a/new", "新")});
  EXPECT_THAT(Wrong(), ElementsAre(HasSubstr("产业体系“a”已在工作表“甲体系”中")));
}

TEST_F(TaxonomySheetTest, ASheetOfAnotherShapeIsRefused) {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "别的"});
  sheet::WriteTable(writer, "别的表", v1::Correspondence::descriptor(), lines_);
  const auto book = sheet::ReadWorkbook(*std::move(writer).Finish(), "别的.xlsx");
  const auto read = ReadTaxonomies(*pack_, *book, "2");
  EXPECT_EQ(status::ReasonOf(read.status()), options::v1::ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(status::ViolationsOf(read.status()), ::testing::Not(IsEmpty()));
}

TEST_F(TaxonomySheetTest, EveryFaultOfACorrespondenceIsSaidAtItsCell) {
  const auto line = [&](const char* from, const char* to) {
    v1::Correspondence one = lines_[0];
    one.clear_from_title();
    one.clear_to_title();
    one.set_from_id(from);
    one.set_to_id(to);
    return one;
  };
  lines_.push_back(line("a/none", "b/37"));
  lines_.push_back(line("a/g", "b/37"));
  lines_.push_back(line("a/ship", "a/rail"));
  lines_.push_back(line("a/ship", "b/37"));
  lines_.push_back(line("a/rail", "b/37"));
  lines_.back().set_from_title("船舶制造");
  lines_.back().set_source(v1::MAPPING_SOURCE_OFFICIAL);
  lines_.back().set_note("另一个说明");
  lines_.back().set_through_id("a/g");
  EXPECT_THAT(Wrong(), ElementsAre(AllOf(HasSubstr("产业对照 / A3"), HasSubstr("“a/none”")),
                                   AllOf(HasSubstr("A4"), HasSubstr("仅为分组")),
                                   AllOf(HasSubstr("C5"), HasSubstr("另一个产业体系")),
                                   AllOf(HasSubstr("C6"), HasSubstr("与第 2 行重复")),
                                   AllOf(HasSubstr("B7"), HasSubstr("“轨道交通”")),
                                   AllOf(HasSubstr("I7"), HasSubstr("应留空")),
                                   AllOf(HasSubstr("F7"), HasSubstr("对照来源应一致")),
                                   AllOf(HasSubstr("H7"), HasSubstr("对照说明应一致"))));
}

TEST_F(TaxonomySheetTest, WhatChangesNeedsAVersionOfItsOwn) {
  EXPECT_TRUE(Read("").ok()) << "nothing has changed";
  tree(0)[1].set_display_name("船舶与海工");
  lines_.clear();
  EXPECT_THAT(Wrong(""), ElementsAre(AllOf(HasSubstr("version"), HasSubstr("“甲体系”有改动"))));
  EXPECT_THAT(Wrong("1"), ElementsAre(HasSubstr("“甲体系”现在的版本就是 1")));
  EXPECT_TRUE(Read("2").ok());
}

TEST_F(TaxonomySheetTest, WhatIsExportedChangesNothing) {
  const auto same = Read();
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(same->empty());
  const auto shipped = testing::ShippedPack();
  const auto bytes = WriteTaxonomies(*shipped, absl::UnixEpoch());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto book = sheet::ReadWorkbook(*bytes, "产业体系.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  const auto read = ReadTaxonomies(*shipped, *book, "3000.1");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->empty());
}

TEST_F(TaxonomySheetTest, AChangedSheetChangesItsBlockAndNothingElse) {
  tree(0)[1].set_display_name("船舶与“海工”");
  tree(0)[1].set_to_be_verified(false);
  tree(0).erase(tree(0).begin() + 2);
  tree(0).push_back(Node("a/deep", "深海开发"));
  // What was called otherwise may still be called so beside its id.
  lines_.push_back(lines_[0]);
  lines_.back().clear_from_title();
  lines_.back().set_from_id("a/deep");
  const auto edition = Read();
  ASSERT_TRUE(edition.ok()) << edition.status();
  const auto files = RewriteTaxonomies({{"small/x.textproto", kText}}, *edition, "small/new");
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ((*files)[0].text,
            R"txt(# 甲乙两体系。
taxonomies {
  id: "a"
  display_name: "甲体系"
  version: "2"
  note: "测试"
  industries { id: "g" display_name: "分组" is_group: true }
  industries { id: "ship" display_name: "船舶与“海工”" parent_id: "g" }
  industries { id: "deep" display_name: "深海开发" }
}
# 国家标准，不要改。
taxonomies {
  id: "b"
  display_name: "乙体系"
  version: "1"
  clause { document: "文件" article: "一" text: "原文" }
  industries { id: "37" display_name: "运输设备" }
}
mappings {
  id: "m"
  display_name: "甲乙对照"
  version: "2"
  from_taxonomy: "a"
  to_taxonomy: "b"
  origin: ORIGIN_CHOSEN
  note: "拟定"
  entries { from_id: "ship" to_ids: "37" }
  entries { from_id: "deep" to_ids: "37" }
}
)txt");
  const auto after = testing::PackOf(absl::StrCat(kHead, (*files)[0].text));
  std::vector<std::string> said;
  for (const v1::FieldDifference& one :
       TaxonomyDifferences(WholeTaxonomy(*pack_, *pack_->FindTaxonomy("a")),
                           WholeTaxonomy(*after, *after->FindTaxonomy("a")))) {
    said.push_back(absl::StrCat(one.label(), "：", one.before(), "→", one.after()));
  }
  EXPECT_THAT(
      said,
      ElementsAre(
          "版本：1→2", "删除产业：轨道交通（a/rail，上级：分组）→",
          "修改产业：船舶制造（a/ship，上级：分组，待核对）→船舶与“海工”（a/ship，上级：分组）",
          "新增产业：→深海开发（a/deep）", "新增对照：→深海开发（a/deep）对应运输设备（b/37）"));
}

TEST_F(TaxonomySheetTest, ANewTaxonomyIsCalledAsItsSheetAndGoesIntoTheFileForNewOnes) {
  trees_.emplace_back("丙体系", std::vector<v1::IndustryNode>{Node("c/one", "第一")});
  v1::Correspondence line;
  line.set_from_id("c/one");
  line.set_to_id("a/rail");
  lines_ = {line};
  const auto edition = Read();
  ASSERT_TRUE(edition.ok()) << edition.status();
  EXPECT_THAT(edition->removed_mappings, ElementsAre("m"));
  const auto files = RewriteTaxonomies({{"small/x.textproto", kText}}, *edition, "small/new");
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_FALSE(absl::StrContains((*files)[0].text, "mappings"));
  EXPECT_EQ((*files)[1].path, "small/new");
  const auto after = testing::PackOf(absl::StrCat(kHead, (*files)[0].text, (*files)[1].text));
  EXPECT_EQ(after->FindTaxonomy("c")->display_name(), "丙体系");
  EXPECT_EQ(CorrespondencesOf(*after, "a/rail", "c").at(0).to_title(), "第一");
  EXPECT_THAT(CorrespondencesOf(*after, "a/ship", "b"), IsEmpty());
}

TEST_F(TaxonomySheetTest, OtherGroundsAreADifferenceAnotherNameAtTheFarEndIsNone) {
  const v1::Taxonomy before = WholeTaxonomy(*pack_, *pack_->FindTaxonomy("a"));
  v1::Taxonomy after = before;
  after.mutable_correspondences(0)->set_to_title("改名的运输设备");
  after.mutable_correspondences(0)->set_version("9");
  EXPECT_THAT(TaxonomyDifferences(before, after), IsEmpty());
  after.mutable_correspondences(0)->set_note("另有依据");
  const auto differences = TaxonomyDifferences(before, after);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].label(), "修改对照");
  EXPECT_THAT(differences[0].before(), HasSubstr("拟定"));
  EXPECT_THAT(differences[0].after(), HasSubstr("另有依据"));
}

TEST_F(TaxonomySheetTest, WhatStandsInNoBlockIsNotWrittenTwice) {
  tree(0)[1].set_display_name("船舶与海工");
  const auto edition = Read();
  ASSERT_TRUE(edition.ok()) << edition.status();
  const auto files = RewriteTaxonomies(
      {{"small/x.textproto", "taxonomies { id: 'a' display_name: '甲体系' version: '1' }"}},
      *edition, "small/new");
  EXPECT_EQ(status::ReasonOf(files.status()), options::v1::ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(status::ViolationsOf(files.status()).at(0).description, HasSubstr("taxonomies a"));
}

}  // namespace
}  // namespace chanyan::registry
