// Taxonomies as the pack has them: read, mapped, exported, and their history from pack to pack
// (REG-7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/db/lease.h"
#include "common/sheet/table.h"
#include "services/registry/reference_service.h"
#include "services/registry/taxonomy_history.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RegistryTaxonomyTest : public ::testing::Test {
 protected:
  RegistryTaxonomyTest()
      : database_(testing::ComponentsOf("registry")),
        pack_(testing::ShippedPack()),
        service_({{database_.db(), clock_, nullptr}, *pack_}) {}

  static rpc::Call As(options::v1::Role role, absl::string_view method) {
    return testing::CallAs(role, role == options::v1::ROLE_PUBLIC ? "" : "organizations/any",
                           absl::StrCat("chanyan.registry.v1.ReferenceService.", method));
  }

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  const std::unique_ptr<const policy::Pack> pack_;
  ReferenceService service_;
};

TEST_F(RegistryTaxonomyTest, TaxonomiesAreReadMappedAndExported) {
  const rpc::Call anybody = As(options::v1::ROLE_PUBLIC, "GetTaxonomy");
  EXPECT_EQ(service_.ListTaxonomies(anybody, {})->taxonomies_size(), 4);
  v1::GetTaxonomyRequest get;
  get.set_name("taxonomies/shandong11");
  const auto chains = service_.GetTaxonomy(anybody, get);
  ASSERT_TRUE(chains.ok()) << chains.status();
  EXPECT_EQ(chains->industry_count(), 44);
  EXPECT_EQ(chains->clause().document(), "鲁工信技〔2022〕203号");
  get.set_name("taxonomies/none");
  EXPECT_EQ(service_.GetTaxonomy(anybody, get).status().code(), absl::StatusCode::kNotFound);

  v1::MapIndustryRequest map;
  map.set_term("新一代信息技术");
  map.set_to_taxonomy("taxonomies/gbt4754");
  const auto mapped = service_.MapIndustry(anybody, map);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_EQ(mapped->pack(), "qingdao");
  // The pioneer industry and the chain of nearly the same name.
  ASSERT_EQ(mapped->matches_size(), 2);
  for (const auto& match : mapped->matches()) {
    EXPECT_TRUE(match.exact());
    EXPECT_GT(match.correspondences_size(), 0);
    for (const auto& line : match.correspondences()) {
      EXPECT_EQ(line.source(), v1::MAPPING_SOURCE_OURS);
      EXPECT_THAT(line.note(), HasSubstr("没有官方对照表"));
      EXPECT_TRUE(absl::StartsWith(line.to_id(), "gbt4754/"));
    }
  }
  map.set_term("炼金");
  EXPECT_EQ(service_.MapIndustry(anybody, map)->matches_size(), 0);
  map.set_from_taxonomy("taxonomies/none");
  EXPECT_EQ(service_.MapIndustry(anybody, map).status().code(), absl::StatusCode::kNotFound);

  const auto file = service_.ExportTaxonomies(As(options::v1::ROLE_UNIT, "ExportTaxonomies"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "产业体系.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  ASSERT_EQ(book->sheets.size(), 5u);
  const sheet::Sheet* lines = book->Find("产业对照");
  ASSERT_NE(lines, nullptr);
  const auto table = sheet::ReadTable<v1::Correspondence>(*book, *lines);
  EXPECT_THAT(table.violations, IsEmpty());
  EXPECT_GT(table.rows.size(), 100u);
  for (const auto& row : table.rows) {
    EXPECT_EQ(row.message.source(), v1::MAPPING_SOURCE_OURS) << row.number;
  }
}

TEST_F(RegistryTaxonomyTest, TaxonomiesHaveAHistoryFromPackToPack) {
  const auto small = [](const char* version, const char* taxonomies) {
    return testing::PackOf(absl::StrCat("id: 'small' display_name: '小' version: '", version,
                                        "' effective_from { year: 2025 month: 1 day: 1 } ",
                                        taxonomies));
  };
  const auto first = small("1",
                           "taxonomies { id: 'a' display_name: '甲体系' version: '1' note: '测试' "
                           "industries { id: 'x' display_name: '船舶' } } "
                           "taxonomies { id: 'b' display_name: '乙体系' version: '1' note: '测试' "
                           "industries { id: 'y' display_name: '设备' } }");
  const auto second = small("2",
                            "taxonomies { id: 'a' display_name: '甲体系' version: '2' note: '测试' "
                            "industries { id: 'x' display_name: '船舶与海工' } }");
  const auto record = [&](const policy::Pack& pack) {
    TaxonomyHistory history({{database_.db(), clock_, nullptr}, pack});
    db::Lease lease(database_.db(), "taxonomy-history", "test", absl::Seconds(30));
    EXPECT_TRUE(lease.Acquire().ok());
    const auto written = history.Record(lease);
    EXPECT_TRUE(written.ok()) << written.status();
    // It looks once.
    EXPECT_EQ(*history.Record(lease), 0);
    EXPECT_TRUE(lease.Release().ok());
    return *written;
  };
  EXPECT_EQ(record(*first), 2);
  EXPECT_EQ(record(*first), 0) << "a restart under the same pack";
  EXPECT_EQ(record(*second), 2);
  const rpc::Call anybody = As(options::v1::ROLE_PUBLIC, "ListReferenceVersions");
  v1::ListReferenceVersionsRequest request;
  request.set_name("taxonomies/a");
  const auto versions = service_.ListReferenceVersions(anybody, request);
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_EQ(versions->versions_size(), 2);
  EXPECT_EQ(versions->versions(0).label(), "随政策包发布");
  EXPECT_EQ(versions->versions(0).taxonomy().industries(0).display_name(), "船舶与海工");
  ASSERT_EQ(versions->versions(0).differences_size(), 2);
  EXPECT_EQ(versions->versions(0).differences(1).before(), "船舶（a/x）");
  EXPECT_EQ(versions->versions(1).taxonomy().version(), "1");
  request.set_name("taxonomies/b");
  const auto gone = service_.ListReferenceVersions(anybody, request);
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->versions(0).label(), "随政策包撤下");
  EXPECT_EQ(gone->versions(0).taxonomy().display_name(), "乙体系");
  request.set_name("taxonomies/never");
  EXPECT_TRUE(absl::IsNotFound(service_.ListReferenceVersions(anybody, request).status()));
}

}  // namespace
}  // namespace chanyan::registry
