// How a unit's packages are cut into parts, and what the parts say.
#include "services/cycle/bundle_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"

namespace chanyan::cycle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Package PackageOf(int number, const std::string& bytes) {
  v1::Package package;
  package.set_name(absl::StrCat("cycles/2025q2/packages/e", number));
  package.set_enterprise(absl::StrCat("organizations/e", number));
  package.set_enterprise_title("青岛某公司");
  package.set_byte_count(static_cast<int64_t>(bytes.size()));
  package.set_sha256(api::Sha256Hex(bytes));
  return package;
}

TEST(BundlePartsTest, NoPartIsLargerThanTheLimitAndNoPackageIsLeftOut) {
  std::mt19937 random(7);
  for (int run = 0; run < 50; ++run) {
    const size_t limit = 200'000;
    std::vector<v1::Package> packages;
    std::vector<std::string> files;
    for (int i = static_cast<int>(random() % 40); i >= 0; --i) {
      files.push_back(std::string(random() % 90'000, 'x'));
      packages.push_back(PackageOf(i, files.back()));
    }
    std::vector<size_t> begins = PartsOf(packages, limit);
    ASSERT_FALSE(begins.empty());
    EXPECT_EQ(begins[0], 0u);
    begins.push_back(packages.size());
    for (size_t part = 0; part + 1 < begins.size(); ++part) {
      ASSERT_LT(begins[part], begins[part + 1]);
      const auto count = begins[part + 1] - begins[part];
      const auto bundle =
          WriteBundle({.cycle = "cycles/2025q2", .unit = "organizations/zone", .packages = 9},
                      absl::MakeSpan(packages).subspan(begins[part], count),
                      absl::MakeSpan(files).subspan(begins[part], count));
      ASSERT_TRUE(bundle.ok()) << bundle.status();
      EXPECT_LE(bundle->size(), limit) << count << " packages";
    }
  }
  EXPECT_THAT(PartsOf({}, 100), IsEmpty());
  const std::vector<v1::Package> large = {PackageOf(1, "a"), PackageOf(2, std::string(9000, 'b')),
                                          PackageOf(3, "c")};
  EXPECT_THAT(PartsOf(large, 8000), ElementsAre(0, 1, 2)) << "one that is too large is alone";
}

TEST(BundleArchiveTest, TheSamePackagesMakeTheSameBytesAndNamesAreUnique) {
  const std::vector<std::string> files = {"eins", "zwei"};
  const std::vector<v1::Package> packages = {PackageOf(1, files[0]), PackageOf(2, files[1])};
  const BundleHead head{.cycle = "cycles/2025q2",
                        .rehearsal = true,
                        .unit = "organizations/zone",
                        .part = 2,
                        .parts = 3,
                        .packages = 7};
  const auto bundle = WriteBundle(head, packages, files);
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(*WriteBundle(head, packages, files), *bundle);
  EXPECT_THAT(*bundle, HasSubstr("青岛某公司-2025q2企业包.zip"));
  EXPECT_THAT(*bundle, HasSubstr("青岛某公司-2025q2企业包-2.zip"));
  const std::vector<std::string> swapped = {files[1], files[0]};
  EXPECT_TRUE(absl::IsInternal(WriteBundle(head, packages, swapped).status()));
}

}  // namespace
}  // namespace chanyan::cycle
