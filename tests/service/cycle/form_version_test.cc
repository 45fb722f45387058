// A form as it was submitted each time (CYC-5).
#include "tests/service/cycle/returning.h"

#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FormVersionTest : public ReturningTest {};

TEST_F(FormVersionTest, EachVersionOfAFormStaysAsItWasSubmitted) {
  ASSERT_TRUE(world_.Open().ok());
  Report();
  const auto versions = [&](Role role, const std::string& own) {
    v1::ListFormVersionsRequest request;
    request.set_parent(kOucForm);
    const auto page =
        world_.service->ListFormVersions(world_.CallOf("ListFormVersions", role, own), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return std::vector<v1::FormVersion>(page->form_versions().begin(), page->form_versions().end());
  };
  ASSERT_EQ(versions(ROLE_RESEARCH_OFFICE, kOuc).size(), 1u);
  const auto first = ExportForm(kOuc, 1);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsNotFound(ExportForm(kOuc, 2).status()));

  ASSERT_TRUE(ReturnForm(kOucForm, {{world_.RowOf(kOucLab, 0).name(), "请补充"}}).ok());
  v1::Row mended = World::Ongoing(kOucLab, 0);
  mended.set_progress("样机已下线");
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({mended, World::NewProject(kOucCenter, 1)})).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 3)).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());

  const std::vector<v1::FormVersion> both = versions(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].revision(), 1);
  EXPECT_EQ(both[0].account(), "accounts/ouc");
  EXPECT_EQ(both[0].row_count(), 2);
  EXPECT_EQ(time::ToTime(both[1].submit_time()), InChina(4, 3));
  EXPECT_NE(both[0].content_sha256(), both[1].content_sha256());
  EXPECT_THAT(versions(ROLE_RESEARCH_OFFICE, kUpc), IsEmpty()) << "another university's";
  // Each hand-over, taken or refused, says which it was given for.
  EXPECT_THAT(testing::Texts(world_.database.db(),
                             absl::StrCat("SELECT versions FROM handover WHERE sender = '", kOuc,
                                          "' ORDER BY name")),
              ElementsAre(absl::StrCat("[\"", kOucForm, "/versions/1\"]"),
                          absl::StrCat("[\"", kOucForm, "/versions/2\"]")));

  const auto again = ExportForm(kOuc, 1);
  const auto second = ExportForm(kOuc, 2);
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(again->data(), first->data()) << "not a byte has changed";
  EXPECT_THAT(Cells(first->data()), Contains("已完成设备安装"));
  EXPECT_THAT(Cells(second->data()), Contains("样机已下线"));
  EXPECT_THAT(Cells(second->data()), ::testing::Not(Contains("已完成设备安装")));

  // What was tampered with is not given out.
  world_.database.Apply(
      "UPDATE form_version SET content_sha256 = REPEAT('0', 64) WHERE revision = 1");
  EXPECT_TRUE(absl::IsInternal(ExportForm(kOuc, 1).status()));
}

TEST_F(FormVersionTest, TheSameContentHasTheSameDigestWhoeverHasCustody) {
  ASSERT_TRUE(world_.Open().ok());
  Report();
  ASSERT_TRUE(ReturnForm(kOucForm, {}).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_EQ(world_.Count("(SELECT DISTINCT content_sha256 FROM form_version WHERE university = "
                         "'organizations/ouc') AS digests"),
            1);
}

}  // namespace
}  // namespace chanyan::cycle
