// What an enterprise gave back each time, and that it is filled in before (CYC-5).
#include "common/status/status.h"
#include "tests/service/cycle/returning.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ReturnVersionTest : public ReturningTest {
 protected:
  static std::string VersionOf(const char* form, int revision) {
    return absl::StrCat(form, "/returns/e0/versions/", revision);
  }
  std::vector<v1::ReturnVersion> Versions(Role role, const std::string& own,
                                          const std::string& form = kOucForm) {
    v1::ListReturnVersionsRequest request;
    request.set_parent(absl::StrCat(form, "/returns/e0"));
    const auto page =
        world_.service->ListReturnVersions(world_.CallOf("ListReturnVersions", role, own), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->return_versions().begin(), page->return_versions().end()};
  }
  absl::StatusOr<google::api::HttpBody> Export(Role role, const std::string& own, int revision,
                                               const std::string& form = kOucForm) {
    v1::ExportReturnRequest request;
    request.set_parent(form);
    request.set_enterprise(World::Enterprise(0));
    request.set_revision(revision);
    return world_.service->ExportReturn(world_.CallOf("ExportReturn", role, own), request);
  }
  std::vector<std::string> HandedOverAs() {
    return testing::Texts(world_.database.db(),
                          absl::StrCat("SELECT versions FROM handover WHERE sender = '",
                                       World::Enterprise(0), "' ORDER BY name"));
  }
  static v1::Row Mended() {
    v1::Row row = World::Ongoing(kOucLab, 0);
    row.set_progress("样机已下线");
    return row;
  }
};

TEST_F(ReturnVersionTest, EachTimeThatAnEnterpriseSaysSomethingElseIsAVersion) {
  UntilEnterprises();
  const auto given = world_.SubmitReturns(0);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_THAT(given->versions(), ElementsAre(VersionOf(kOucForm, 1), VersionOf(kUpcForm, 1)));
  const auto first = Export(ROLE_ENTERPRISE, World::Enterprise(0), 1);
  ASSERT_TRUE(first.ok()) << first.status();

  // The same again is the same version, and the hand-over names it.
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
  const auto same = world_.SubmitReturns(0);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_THAT(same->versions(), ElementsAre(VersionOf(kOucForm, 1)));
  EXPECT_EQ(Versions(ROLE_UNIT, kZone).size(), 1u);

  // Mended, it is a second one, for the reason for which it was sent back.
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 17)).ok());
  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({Mended()})).ok());
  const auto again = world_.SubmitReturns(0, kZone, /*no_change=*/false);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->versions(), ElementsAre(VersionOf(kOucForm, 2)));
  EXPECT_THAT(HandedOverAs(), ElementsAre(absl::StrCat("[\"", VersionOf(kOucForm, 1), "\",\"",
                                                       VersionOf(kUpcForm, 1), "\"]"),
                                          absl::StrCat("[\"", VersionOf(kOucForm, 1), "\"]"),
                                          absl::StrCat("[\"", VersionOf(kOucForm, 2), "\"]")));

  const std::vector<v1::ReturnVersion> both = Versions(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].revision(), 1);
  EXPECT_EQ(both[0].account(), "accounts/e0");
  EXPECT_EQ(both[0].reason(), "");
  EXPECT_TRUE(both[0].no_change()) << "as was said";
  EXPECT_EQ(time::ToTime(both[0].submit_time()), InChina(4, 16));
  EXPECT_EQ(both[1].account(), "accounts/zone") << "the unit for it";
  EXPECT_EQ(both[1].reason(), "请补充佐证材料");
  EXPECT_FALSE(both[1].no_change()) << "it was filled in";
  EXPECT_EQ(both[1].row_count(), 1);
  EXPECT_EQ(time::ToTime(both[1].submit_time()), InChina(4, 17));
  EXPECT_NE(both[0].content_sha256(), both[1].content_sha256());
  EXPECT_EQ(Versions(ROLE_SECRETARIAT, kSecretariat, kUpcForm).size(), 1u);

  EXPECT_EQ(Export(ROLE_UNIT, kZone, 1)->data(), first->data()) << "not a byte has changed";
  EXPECT_THAT(Cells(first->data()), Contains("已完成设备安装"));
  const auto second = Export(ROLE_UNIT, kZone, 2);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(Cells(second->data()), Contains("样机已下线"));
  EXPECT_THAT(Cells(second->data()), Not(Contains("已完成设备安装")));
  Conserved();
}

TEST_F(ReturnVersionTest, WhatIsAddedLaterIsAVersionOfTheWholeForm) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({World::NewProject(kOucCenter, 0)})).ok());
  v1::SubmitReturnsRequest request;
  request.set_name(kCycle);
  request.set_enterprise(World::Enterprise(0));
  request.set_reason("新签一个项目");
  const auto added = world_.service->SubmitReturns(
      world_.CallOf("SubmitReturns", ROLE_ENTERPRISE, World::Enterprise(0)), request);
  ASSERT_TRUE(added.ok()) << added.status();
  const std::vector<v1::ReturnVersion> both = Versions(ROLE_UNIT, kZone);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1].row_count(), 2) << "what was given before, too";
  EXPECT_EQ(both[1].reason(), "新签一个项目");
}

TEST_F(ReturnVersionTest, VersionsOfOthersAndThoseThatAreNotThereAreNotFound) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_EQ(Versions(ROLE_ENTERPRISE, World::Enterprise(0)).size(), 1u);
  EXPECT_THAT(Versions(ROLE_ENTERPRISE, World::Enterprise(1)), IsEmpty());
  EXPECT_THAT(Versions(ROLE_UNIT, kTown), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(Export(ROLE_ENTERPRISE, World::Enterprise(1), 1).status()));
  EXPECT_TRUE(absl::IsNotFound(Export(ROLE_UNIT, kTown, 1).status()));
  EXPECT_TRUE(absl::IsNotFound(Export(ROLE_UNIT, kZone, 2).status()));
  EXPECT_TRUE(absl::IsNotFound(Export(ROLE_ENTERPRISE, World::Enterprise(0), 9).status()));
  // What was tampered with is not given out.
  world_.database.Apply("UPDATE return_version SET content_sha256 = REPEAT('0', 64)");
  EXPECT_TRUE(absl::IsInternal(Export(ROLE_UNIT, kZone, 1).status()));
}

TEST_F(ReturnVersionTest, WhoBecamePartOfAnotherIsReadByIt) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(0), World::Enterprise(1)).ok());
  rpc::Call call = world_.CallOf("ExportReturn", ROLE_ENTERPRISE, World::Enterprise(1));
  call.principal.predecessors = {World::Enterprise(0)};
  v1::ExportReturnRequest request;
  request.set_parent(kOucForm);
  request.set_enterprise(World::Enterprise(0));
  request.set_revision(1);
  EXPECT_TRUE(world_.service->ExportReturn(call, request).ok());
}

TEST_F(ReturnVersionTest, NothingIsGivenBackThatIsNotFilledIn) {
  UntilEnterprises();
  const int64_t handovers = world_.Count("handover");
  const auto none = world_.SubmitReturns(0, "", /*no_change=*/false);
  EXPECT_EQ(status::ReasonOf(none.status()), ERROR_REASON_RULE_VIOLATED) << none.status();
  std::vector<status::Violation> missing = status::ViolationsOf(none.status());
  ASSERT_EQ(missing.size(), 2u) << "each form by name";
  EXPECT_EQ(missing[0].field, absl::StrCat(World::TitleOf(0), " / 海洋大学（演示）"));
  EXPECT_EQ(missing[1].field, absl::StrCat(World::TitleOf(0), " / 石油大学（演示）"));
  EXPECT_THAT(missing[0].description, HasSubstr("1 行未填报"));
  EXPECT_THAT(missing[0].description, HasSubstr("填好后导入")) << "what to do";
  EXPECT_EQ(world_.Count("handover"), handovers);
  EXPECT_EQ(world_.Count("enterprise_return"), 0);
  EXPECT_EQ(world_.Count("return_version"), 0);
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0, kZone, false).status()),
            ERROR_REASON_RULE_VIOLATED)
      << "nor by its unit";

  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({Mended()})).ok());
  missing = status::ViolationsOf(world_.SubmitReturns(0, "", false).status());
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_THAT(missing[0].field, HasSubstr("石油大学"));
  ASSERT_TRUE(world_.GiveBack(kUpcForm, 0, World::Sheet({World::NewProject(kUpcLab, 0)})).ok());
  const auto given = world_.SubmitReturns(0, "", false);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->row_count(), 2);

  // What was sent back is to be filled in once more.
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0, "", false).status()),
            ERROR_REASON_RULE_VIOLATED);
  EXPECT_TRUE(world_.SubmitReturns(0, "", true).ok());
  Conserved();
}

TEST_F(ReturnVersionTest, AFormThatIsFilledInInPartIsNotFilledIn) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_
                  .Import(kOuc, World::Sheet(
                                    {World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 0)}))
                  .ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({Mended()})).ok());
  const auto partly = world_.SubmitReturns(0, "", false);
  const std::vector<status::Violation> missing = status::ViolationsOf(partly.status());
  ASSERT_EQ(missing.size(), 1u) << partly.status();
  EXPECT_THAT(missing[0].description, HasSubstr("1 行未填报"));
  ASSERT_TRUE(
      world_.GiveBack(kOucForm, 0, World::Sheet({Mended(), World::NewProject(kOucCenter, 0)}))
          .ok());
  EXPECT_TRUE(world_.SubmitReturns(0, "", false).ok());
}

}  // namespace
}  // namespace chanyan::cycle
