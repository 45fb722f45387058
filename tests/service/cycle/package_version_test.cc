// A package as it was handed in each time (CYC-6).
#include "common/api/digest.h"
#include "common/status/status.h"
#include "tests/service/cycle/returning.h"
#include "tests/support/zip_part.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PackageVersionTest : public ReturningTest {
 protected:
  absl::StatusOr<google::api::HttpBody> Download(Role role, const std::string& own,
                                                 int revision = 0) {
    v1::DownloadPackageRequest request;
    request.set_name(PackageOf(0));
    request.set_revision(revision);
    return world_.service->DownloadPackage(world_.CallOf("DownloadPackage", role, own), request);
  }
  std::string Bytes(int revision = 0) {
    const auto file = Download(ROLE_SECRETARIAT, kSecretariat, revision);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? file->data() : "";
  }
  std::vector<v1::PackageVersion> Versions(Role role, const std::string& own) {
    v1::ListPackageVersionsRequest request;
    request.set_parent(PackageOf(0));
    const auto page = world_.service->ListPackageVersions(
        world_.CallOf("ListPackageVersions", role, own), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->package_versions().begin(), page->package_versions().end()};
  }
  std::string VersionOf(int enterprise, int revision) {
    return absl::StrCat(PackageOf(enterprise), "/versions/", revision);
  }
  // All of enterprise 0 is back with it.
  void SendItBack() {
    ASSERT_TRUE(ReturnPackage(0).ok());
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    for (const char* form : {kOucForm, kUpcForm}) ASSERT_TRUE(ToEnterprise(kZone, form, 0).ok());
  }
  absl::StatusOr<v1::SubmitPackagesResponse> PackBecause(const std::string& reason) {
    v1::SubmitPackagesRequest request;
    request.set_name(kCycle);
    request.set_request_id(World::Uuid());
    request.set_reason(reason);
    return world_.service->SubmitPackages(world_.CallOf("SubmitPackages", ROLE_UNIT, kZone),
                                          request);
  }
  // Of the zone's packages in the order in which they were handed in, with who took receipt.
  std::vector<std::string> Receipts() {
    return testing::Texts(
        world_.database.db(),
        absl::StrCat("SELECT CONCAT(receipt, ' ', versions) FROM handover WHERE "
                     "sender = '",
                     kZone, "' AND receiver = '", kSecretariat, "' ORDER BY name"));
  }
  void FillIn(const std::string& progress) {
    v1::Row row = World::Ongoing(kOucLab, 0);
    row.set_progress(progress);
    const auto filled = world_.GiveBack(kOucForm, 0, World::Sheet({row}));
    ASSERT_TRUE(filled.ok()) << filled.status();
  }
};

TEST_F(PackageVersionTest, WhatSaysTheSameIsTheSameVersion) {
  UntilPackages();
  const v1::Package packed = Package(0);
  EXPECT_EQ(packed.revision(), 1);
  const std::string bytes = Bytes();
  EXPECT_THAT(testing::ZipPart(bytes, "manifest.json"), HasSubstr("\"version\": 1,"));
  SendItBack();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 17)).ok());
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  const auto again = world_.SubmitPackages(kZone);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->package_count(), 1);
  EXPECT_EQ(again->version_count(), 0);
  EXPECT_EQ(Bytes(), bytes);
  const v1::Package same = Package(0);
  EXPECT_EQ(same.revision(), 1);
  EXPECT_EQ(same.sha256(), packed.sha256());
  EXPECT_EQ(same.pack_time().seconds(), packed.pack_time().seconds()) << "as it says itself";
  EXPECT_FALSE(same.has_return_time()) << "it is handed in again";
  EXPECT_EQ(Versions(ROLE_UNIT, kZone).size(), 1u);
  EXPECT_EQ(world_.Count("package_file"), 2);
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  EXPECT_THAT(Receipts(),
              ElementsAre(absl::StrCat("accounts/secretariat [\"", VersionOf(0, 1), "\",\"",
                                       VersionOf(1, 1), "\"]"),
                          absl::StrCat("accounts/secretariat [\"", VersionOf(0, 1), "\"]")));
  Conserved();
}

TEST_F(PackageVersionTest, AChangedRowMakesTheSecondAndTheFirstStaysAsItWas) {
  UntilPackages();
  const std::string first = Bytes();
  const std::string first_sha256 = Package(0).sha256();
  SendItBack();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 17)).ok());
  FillIn("样机已下线");
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  const auto packed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->version_count(), 1);

  const std::string second = Bytes();
  EXPECT_NE(second, first);
  EXPECT_EQ(Bytes(1), first) << "not a byte has changed";
  EXPECT_EQ(Bytes(2), second) << "the latest is what is given without a number";
  EXPECT_THAT(testing::ZipPart(second, "manifest.json"), HasSubstr("\"version\": 2,"));
  const std::vector<v1::PackageVersion> both = Versions(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].sha256(), first_sha256);
  EXPECT_EQ(both[0].sha256(), api::Sha256Hex(first));
  EXPECT_EQ(both[0].reason(), "");
  EXPECT_EQ(time::ToTime(both[0].pack_time()), InChina(4, 16));
  EXPECT_EQ(both[1].sha256(), api::Sha256Hex(second));
  EXPECT_EQ(both[1].byte_count(), static_cast<int64_t>(second.size()));
  EXPECT_EQ(both[1].reason(), "请补充佐证材料") << "for which it was sent back";
  EXPECT_EQ(both[1].account(), "accounts/zone");
  EXPECT_EQ(time::ToTime(both[1].pack_time()), InChina(4, 17));
  EXPECT_EQ(Package(0).revision(), 2);
  EXPECT_EQ(Package(0).sha256(), both[1].sha256());
  EXPECT_EQ(Package(1).revision(), 1) << "nobody else's";
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  ASSERT_EQ(Receipts().size(), 2u);
  EXPECT_EQ(Receipts()[1], absl::StrCat("accounts/secretariat [\"", VersionOf(0, 2), "\"]"));

  // As it was the first time is something else than the second time: a third, for a reason of its
  // own.
  SendItBack();
  FillIn("已完成设备安装");
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_TRUE(PackBecause("恢复首次报送的内容").ok());
  const std::vector<v1::PackageVersion> three = Versions(ROLE_ENTERPRISE, World::Enterprise(0));
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(three[2].content_sha256(), three[0].content_sha256());
  EXPECT_EQ(three[2].reason(), "恢复首次报送的内容");
  EXPECT_EQ(Bytes(1), first);
  Conserved();
}

TEST_F(PackageVersionTest, WhatComesLaterIsANewVersionAndSaysSo) {
  UntilPackages();
  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({World::NewProject(kOucCenter, 0)})).ok());
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  const std::vector<v1::PackageVersion> both = Versions(ROLE_UNIT, kZone);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1].row_count(), 3);
  EXPECT_EQ(both[1].reason(), "企业补报后重新打包");
}

TEST_F(PackageVersionTest, VersionsOfOthersAndThoseThatAreNotThereAreNotFound) {
  UntilPackages();
  for (const int revision : {0, 1}) {
    EXPECT_TRUE(
        absl::IsNotFound(Download(ROLE_ENTERPRISE, World::Enterprise(1), revision).status()));
    EXPECT_TRUE(absl::IsNotFound(Download(ROLE_UNIT, kTown, revision).status()));
  }
  EXPECT_THAT(Versions(ROLE_ENTERPRISE, World::Enterprise(1)), IsEmpty());
  EXPECT_THAT(Versions(ROLE_UNIT, kTown), IsEmpty());
  EXPECT_TRUE(Download(ROLE_ENTERPRISE, World::Enterprise(0), 1).ok());
  EXPECT_TRUE(absl::IsNotFound(Download(ROLE_UNIT, kZone, 2).status()));
  EXPECT_TRUE(absl::IsNotFound(Download(ROLE_SECRETARIAT, kSecretariat, 10000).status()));
}

TEST_F(PackageVersionTest, AFileThatIsNotThatOfItsDigestIsNotGivenOut) {
  UntilPackages();
  world_.database.Apply("UPDATE package_file SET data = CONCAT(data, 'x')");
  EXPECT_TRUE(absl::IsInternal(Download(ROLE_UNIT, kZone).status()));
}

}  // namespace
}  // namespace chanyan::cycle
