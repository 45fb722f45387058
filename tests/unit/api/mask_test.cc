#include "common/api/mask.h"

#include <string>
#include <vector>

#include "chanyan/registry/v1/registry.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::util::MessageDifferencer;
using registry::v1::Organization;

FieldMask Mask(const std::vector<std::string>& paths) {
  FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

Organization Row() {
  Organization row;
  row.set_name("organizations/x");
  row.set_display_name("旧名");
  row.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  row.set_zone("青岛蓝谷");
  row.set_demonstration(true);
  row.add_industries("海洋装备");
  row.set_etag("e1");
  return row;
}

TEST(MaskTest, MalformedUnknownAndServerOwnedPathsAreRefused) {
  for (const char* path :
       {"", ".", "a..b,,", "nope", "display_name.x", "contacts.person", "displayName",
        "create_time", "state", "name", "etag", "display_name,zone", "a.b.c.d.e.f.g.h.i"}) {
    Organization row = Row();
    const absl::Status status = ApplyMask(Mask({path}), Organization(), &row);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_TRUE(MessageDifferencer::Equals(row, Row())) << path;
  }
  EXPECT_EQ(MaskViolations(Organization::descriptor(), Mask({"*", "zone"})).size(), 1u);
}

TEST(MaskTest, AnImmutableFieldThatWouldChangeIsRefusedAndOneThatStaysIsNot) {
  Organization update;
  update.set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Organization row = Row();
  const absl::Status status = ApplyMask(Mask({"kind", "zone"}), update, &row);
  ASSERT_EQ(status::ViolationsOf(status).size(), 1u);
  EXPECT_EQ(status::ViolationsOf(status)[0].field, "organization.kind");
  EXPECT_TRUE(MessageDifferencer::Equals(row, Row()));
  update.set_kind(row.kind());
  EXPECT_TRUE(ApplyMask(Mask({"kind"}), update, &row).ok());
}

TEST(MaskTest, AnotherEtagIsStale) {
  Organization update;
  update.set_etag("e0");
  Organization row = Row();
  EXPECT_EQ(ApplyMask(Mask({"zone"}), update, &row).code(), absl::StatusCode::kAborted);
}

TEST(MaskTest, NamedFieldsAreWrittenAlsoWhenEmpty) {
  Organization row = Row();
  Organization update;
  update.set_display_name("新名");
  update.set_zone("不在范围内");
  ASSERT_TRUE(ApplyMask(Mask({"display_name", "industries", "demonstration"}), update, &row).ok());
  EXPECT_EQ(row.display_name(), "新名");
  EXPECT_EQ(row.zone(), "青岛蓝谷");
  EXPECT_EQ(row.industries_size(), 0);
  EXPECT_FALSE(row.demonstration());
}

TEST(MaskTest, AnEmptyMaskWritesWhatIsSetAndAStarEverything) {
  Organization update;
  update.set_display_name("新名");
  update.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  Organization row = Row();
  ASSERT_TRUE(ApplyMask(FieldMask(), update, &row).ok());
  EXPECT_EQ(row.display_name(), "新名");
  EXPECT_EQ(row.zone(), "青岛蓝谷");
  ASSERT_TRUE(ApplyMask(Mask({"*"}), update, &row).ok());
  EXPECT_EQ(row.zone(), "");
  EXPECT_EQ(row.name(), "organizations/x");
  EXPECT_EQ(row.etag(), "e1");
}

}  // namespace
}  // namespace chanyan::api
