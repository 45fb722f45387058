// What differs is said in the words of the labels, whatever the field is.
#include "common/api/differences.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using registry::v1::Organization;
using registry::v1::Platform;
using registry::v1::PolicyDividend;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const std::vector<Difference>& differences) {
  std::vector<std::string> out;
  for (const Difference& one : differences) {
    out.push_back(absl::StrCat(one.label, "：", one.before, " → ", one.after));
  }
  return out;
}

TEST(DifferencesTest, EveryTypeIsShownAsPeopleReadIt) {
  Platform before;
  before.set_name("organizations/a/platforms/b");
  before.set_display_name("甲");
  before.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
  before.add_capabilities("试验");
  Platform after = before;
  after.set_name("organizations/a/platforms/other");
  after.set_etag("2");
  after.mutable_update_time()->set_seconds(5);
  after.add_actions("submit");
  EXPECT_THAT(Differences(before, after), IsEmpty()) << "handles and computed fields say nothing";

  after.set_display_name("乙");
  after.set_kind(registry::v1::PLATFORM_KIND_PILOT_TEST);
  after.set_level(registry::v1::PLATFORM_LEVEL_PROVINCIAL);
  after.add_capabilities("检测");
  after.set_demonstration(true);
  after.set_reminder_count(2);
  auto* service = after.add_services();
  service->set_title("送样检测");
  service->set_price("每件 200 元");
  after.add_services()->set_title("上机");
  // 2025-03-18 09:30:00 in China.
  after.mutable_confirm_time()->set_seconds(1'742'261'400);
  EXPECT_THAT(
      Lines(Differences(before, after)),
      ElementsAre("科创平台名称：甲 → 乙", "平台类型：实验室 → 中试验证平台", "平台级别： → 省级",
                  "服务能力：试验 → 试验、检测",
                  "服务目录： → 服务：送样检测，价格说明：每件 200 元；服务：上机",
                  "确认时间： → 2025-03-18 09:30:00", "演示数据：否 → 是", "提醒次数： → 2"));
  // The same the other way round.
  EXPECT_EQ(Differences(after, before)[0].before, "乙");

  PolicyDividend dividend;
  PolicyDividend later;
  later.mutable_effective_from()->set_year(2025);
  later.mutable_effective_from()->set_month(3);
  later.mutable_effective_from()->set_day(6);
  later.add_applicant_kinds(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  later.add_applicant_kinds(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  EXPECT_THAT(Lines(Differences(dividend, later)),
              ElementsAre("申报单位类型： → 企业、高校", "生效日期： → 2025-03-06"));
}

TEST(DifferencesTest, LongTextIsCutAtACharacter) {
  Organization before;
  Organization after;
  std::string text;
  for (size_t i = 0; i < kMaxDifferenceChars; ++i) text += "长";
  after.set_display_name(text);
  EXPECT_EQ(Differences(before, after)[0].after, text);
  after.set_display_name(text + "多");
  const std::string cut = Differences(before, after)[0].after;
  EXPECT_EQ(cut, text + "…");
  EXPECT_EQ(CodePoints(cut), static_cast<int64_t>(kMaxDifferenceChars) + 1);
}

TEST(DifferencesTest, OneFieldIsCopiedWhateverWasThere) {
  Platform from;
  from.add_industries("海洋装备");
  Platform to;
  to.add_industries("人工智能");
  to.add_industries("智能家电");
  to.set_college("学院");
  const auto* industries = Platform::descriptor()->FindFieldByName("industries");
  EXPECT_FALSE(SameField(from, to, industries));
  CopyField(from, industries, &to);
  EXPECT_TRUE(SameField(from, to, industries));
  EXPECT_EQ(to.industries_size(), 1);
  EXPECT_EQ(to.college(), "学院");
  EXPECT_EQ(from.industries_size(), 1) << "the source stays";
}

}  // namespace
}  // namespace chanyan::api
