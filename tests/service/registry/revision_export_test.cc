// Revisions of platforms as a sheet (REG-2, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sheet/table.h"
#include "tests/service/registry/platform_city.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RevisionExportTest : public PlatformCity {
 protected:
  absl::StatusOr<google::api::HttpBody> File(
      const rpc::Call& call, const std::string& filter = "",
      const std::string& parent = "organizations/-/platforms/-") {
    v1::ExportPlatformRevisionsRequest request;
    request.set_parent(parent);
    request.set_filter(filter);
    return revisions_.ExportPlatformRevisions(call, request);
  }
  std::vector<v1::PlatformRevision> Rows(const absl::StatusOr<google::api::HttpBody>& file) {
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return {};
    const auto book = sheet::ReadWorkbook(file->data(), "修订.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    if (!book.ok()) return {};
    std::vector<v1::PlatformRevision> rows;
    for (auto& one : sheet::ReadTable<v1::PlatformRevision>(*book, *book->FirstVisible()).rows) {
      rows.push_back(std::move(one.message));
    }
    return rows;
  }
  static std::vector<std::string> Titles(const std::vector<v1::PlatformRevision>& rows) {
    std::vector<std::string> titles;
    for (const v1::PlatformRevision& row : rows) titles.push_back(row.platform_title());
    return titles;
  }
  std::string Submitted(const std::string& id) {
    const auto edited = Introduce(Published(id).name(), absl::StrCat("新的介绍", id));
    EXPECT_TRUE(edited.ok()) << edited.status();
    clock_.now += absl::Hours(1);
    EXPECT_TRUE(Do("submit", edited->open_revision()).ok());
    return edited->open_revision();
  }
};

TEST_F(RevisionExportTest, TheQueueOfReviewGoesOutWithWhatDiffers) {
  EXPECT_THAT(Rows(File(Secretariat("ExportPlatformRevisions"))), IsEmpty());
  Submitted("b");
  const std::string returned = Submitted("a");
  ASSERT_TRUE(Do("return", returned).ok());
  ASSERT_TRUE(Introduce(Published("c").name(), "从未提交").ok());
  const auto all = Rows(File(Secretariat("ExportPlatformRevisions")));
  EXPECT_THAT(Titles(all), ElementsAre("实验室b（演示）", "实验室a（演示）", "实验室c（演示）"))
      << "first submitted first, the rest last";
  EXPECT_EQ(all[0].organization_title(), "海洋大学（演示）");
  EXPECT_EQ(all[0].number(), 1);
  EXPECT_EQ(all[0].state(), v1::PLATFORM_REVISION_STATE_IN_REVIEW);
  EXPECT_TRUE(all[0].has_submit_time());
  EXPECT_EQ(all[0].differences_text(), "平台介绍：介绍 → 新的介绍b");
  EXPECT_THAT(all[1].steps_text(), HasSubstr(" 退回修订（accounts/reviewer）：介绍过于简略"));
  EXPECT_FALSE(all[2].has_submit_time());
  EXPECT_THAT(Titles(Rows(File(Secretariat("ExportPlatformRevisions"), "state = IN_REVIEW"))),
              ElementsAre("实验室b（演示）"));
  EXPECT_THAT(Titles(Rows(File(Secretariat("ExportPlatformRevisions"), "",
                               absl::StrCat(kOuc, "/platforms/a")))),
              ElementsAre("实验室a（演示）"));
}

TEST_F(RevisionExportTest, OfAnothersNothingGoesOutAndABadQuestionIsRefused) {
  Submitted("lab");
  EXPECT_THAT(Titles(Rows(File(Office("ExportPlatformRevisions")))),
              ElementsAre("实验室lab（演示）"));
  const rpc::Call other = As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "ExportPlatformRevisions");
  EXPECT_THAT(Rows(File(other)), IsEmpty());
  EXPECT_THAT(Rows(File(other, "", absl::StrCat(kOuc, "/platforms/lab"))), IsEmpty());
  EXPECT_EQ(File(Secretariat("ExportPlatformRevisions"), "没有这一项 = 1").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(File(Secretariat("ExportPlatformRevisions"), "", "不是名称").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace chanyan::registry
