// A unit's packages as one file (CYC-6), and who gets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/status/status.h"
#include "tests/service/cycle/world.h"
#include "tests/support/zip_part.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BundleTest : public ::testing::Test {
 protected:
  // The zone has handed in the packages of its two enterprises.
  void UntilPackages() {
    ASSERT_TRUE(world_.Open().ok());
    ASSERT_TRUE(world_
                    .Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0),
                                                World::NewProject(kOucCenter, 1)}))
                    .ok());
    ASSERT_TRUE(world_.Submit(kOuc).ok());
    ASSERT_TRUE(world_.Accept(kOuc).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
    ASSERT_TRUE(world_.Distribute().ok());
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
    for (const int enterprise : {0, 1}) ASSERT_TRUE(world_.SubmitReturns(enterprise, kZone).ok());
    ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  }
  absl::StatusOr<google::api::HttpBody> Bundle(Role role, const std::string& own,
                                               const std::string& unit, int part = 0) {
    v1::DownloadBundleRequest request;
    request.set_name(kCycle);
    request.set_unit(unit);
    request.set_part(part);
    return world_.service->DownloadBundle(world_.CallOf("DownloadBundle", role, own), request);
  }
  std::string PackageFile(int enterprise) {
    v1::DownloadPackageRequest request;
    request.set_name(absl::StrCat(kCycle, "/packages/e", enterprise));
    const auto file = world_.service->DownloadPackage(
        world_.CallOf("DownloadPackage", ROLE_SECRETARIAT, kSecretariat), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? file->data() : "";
  }

  World world_;
};

TEST_F(BundleTest, EachPackageIsInItAsItWasHandedIn) {
  UntilPackages();
  const auto bundle = Bundle(ROLE_UNIT, kZone, "");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->content_type(), "application/zip");
  const std::string& bytes = bundle->data();
  const std::string first = absl::StrCat(World::TitleOf(0), "-2025q2企业包.zip");
  const std::string second = absl::StrCat(World::TitleOf(1), "-2025q2企业包.zip");
  EXPECT_THAT(testing::ZipNames(bytes), ElementsAre(first, second, "manifest.json"));
  const std::string manifest = testing::ZipPart(bytes, "manifest.json");
  int enterprise = 0;
  for (const std::string& name : {first, second}) {
    const std::string file = PackageFile(enterprise++);
    EXPECT_EQ(testing::ZipPart(bytes, name), file) << name;
    EXPECT_THAT(manifest, HasSubstr(api::Sha256Hex(file)));
    // Packed once, not twice.
    EXPECT_NE(bytes.find(file), std::string::npos) << name;
  }
  EXPECT_THAT(manifest, HasSubstr("\"parts\": 1"));
  EXPECT_THAT(manifest, HasSubstr("\"unit\": \"organizations/zone\""));
  EXPECT_EQ(Bundle(ROLE_SECRETARIAT, kSecretariat, kZone)->data(), bytes);
}

TEST_F(BundleTest, WhoIsNotConcernedGetsNothing) {
  UntilPackages();
  EXPECT_TRUE(absl::IsNotFound(Bundle(ROLE_UNIT, kTown, kZone).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Bundle(ROLE_UNIT, kTown, "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Bundle(ROLE_SECRETARIAT, kSecretariat, "").status()));
  const absl::Status beyond = Bundle(ROLE_UNIT, kZone, kZone, 2).status();
  EXPECT_TRUE(absl::IsInvalidArgument(beyond)) << beyond;
  EXPECT_TRUE(Bundle(ROLE_UNIT, kZone, kZone, 1).ok());
}

TEST_F(BundleTest, AFileThatIsNotThatOfItsDigestIsNotGivenOut) {
  UntilPackages();
  world_.database.Apply("UPDATE package_file SET data = CONCAT(data, 'x') LIMIT 1");
  EXPECT_TRUE(absl::IsInternal(Bundle(ROLE_UNIT, kZone, "").status()));
}

}  // namespace
}  // namespace chanyan::cycle
