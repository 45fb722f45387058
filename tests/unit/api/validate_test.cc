#include "common/api/validate.h"

#include <string>
#include <utility>
#include <vector>

#include "chanyan/identity/v1/identity.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/api/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

registry::v1::Organization Good() {
  registry::v1::Organization organization;
  organization.set_display_name("青岛海测科技有限公司");
  organization.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  organization.set_unified_social_credit_code("91370200264574251E");
  return organization;
}

registry::v1::CreateOrganizationRequest Create(registry::v1::Organization organization) {
  registry::v1::CreateOrganizationRequest request;
  *request.mutable_organization() = std::move(organization);
  return request;
}

TEST(ValidateTest, EveryViolationIsReportedAtOnceWithItsPath) {
  registry::v1::Organization organization;
  organization.set_unified_social_credit_code("91350100M000100Y4Z");
  organization.set_unit("platforms/1");
  organization.add_contacts()->set_phone("12");
  organization.set_state(static_cast<registry::v1::OrganizationState>(77));
  std::vector<std::string> lines;
  for (const auto& v : Violations(Create(organization)))
    lines.push_back(v.field + " " + v.description);
  EXPECT_THAT(
      lines,
      ::testing::ElementsAre(
          "organization.display_name “单位名称”不能为空", "organization.kind “单位类型”不能为空",
          HasSubstr("organization.unified_social_credit_code “统一社会信用代码”第 18 位只能是"),
          HasSubstr("organization.unit “责任单位”应为资源名称，形如 organizations/{organization}"),
          "organization.contacts[0].person “联系人”不能为空",
          HasSubstr("organization.contacts[0].phone “联系电话”应为手机号码"),
          "organization.state “状态”由系统生成，不能填写"));
  EXPECT_EQ(Validate(Create(organization)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::ViolationsOf(Validate(Create(organization))), SizeIs(7));
}

TEST(ValidateTest, AWellFormedRequestPasses) {
  auto organization = Good();
  organization.set_name("organizations/x");
  EXPECT_THAT(Violations(Create(organization)), IsEmpty());
}

TEST(ValidateTest, UnknownEnumNumbersAreRefused) {
  auto organization = Good();
  organization.set_kind(static_cast<registry::v1::OrganizationKind>(999));
  organization.add_qualifications(static_cast<registry::v1::Qualification>(999));
  EXPECT_THAT(Violations(organization, Direction::kStored), SizeIs(2));
}

TEST(ValidateTest, ServerOwnedFieldsAreRefusedInARequestAndPassWhenStored) {
  auto organization = Good();
  organization.mutable_create_time()->set_seconds(1);
  EXPECT_THAT(Violations(Create(organization)), SizeIs(1));
  EXPECT_THAT(Violations(organization, Direction::kStored), IsEmpty());
  organization.mutable_create_time()->set_nanos(-1);
  EXPECT_THAT(Violations(organization, Direction::kStored), SizeIs(1));
}

TEST(ValidateTest, LengthsAreCountedInCharactersNotBytes) {
  auto organization = Good();
  std::string name;
  for (int i = 0; i < 120; ++i) name += "海";
  organization.set_display_name(name);
  EXPECT_THAT(Violations(Create(organization)), IsEmpty());
  organization.set_display_name(name + "海");
  ASSERT_THAT(Violations(Create(organization)), SizeIs(1));
  EXPECT_EQ(Violations(Create(organization))[0].description, "“单位名称”最多 120 个字符");
}

TEST(ValidateTest, HiddenAndControlCharactersAreRefusedInALine) {
  for (const std::string bad :
       {"海\u202e洋", "海\u200b洋", "海\n洋", "海\u0007洋", "海\ufeff", "\u2066x\u2069"}) {
    auto organization = Good();
    organization.set_display_name(bad);
    EXPECT_THAT(Violations(Create(organization)), SizeIs(1)) << bad;
  }
  EXPECT_EQ(CheckFormat(options::v1::FORMAT_TEXT, "一行\n又一行"), "");
  EXPECT_NE(CheckFormat(options::v1::FORMAT_TEXT, "\u202e"), "");
}

TEST(ValidateTest, NulAndBrokenUtf8AreRefusedEverywhere) {
  registry::v1::ListOrganizationsRequest request;
  request.set_filter(std::string("a\0b", 3));
  EXPECT_THAT(Violations(request), SizeIs(1));
  request.set_filter("\xff");
  EXPECT_THAT(Violations(request), SizeIs(1));
}

TEST(ValidateTest, TextWithoutALimitOfItsOwnHasOne) {
  registry::v1::ListOrganizationsRequest request;
  request.set_filter(std::string(4000, 'x'));
  EXPECT_THAT(Violations(request), IsEmpty());
  request.set_filter(std::string(4001, 'x'));
  EXPECT_THAT(Violations(request), SizeIs(1));
}

TEST(ValidateTest, PageSizeAndRequestIdHaveShapes) {
  registry::v1::ListOrganizationsRequest list;
  list.set_page_size(-1);
  EXPECT_THAT(Violations(list), SizeIs(1));
  auto create = Create(Good());
  create.set_request_id("1");
  EXPECT_THAT(Violations(create), SizeIs(1));
  create.set_request_id("0b9c1a3e-6a0f-4d6c-9b1e-2f7c5d8e4a10");
  EXPECT_THAT(Violations(create), IsEmpty());
}

TEST(ValidateTest, OnlyMaskedFieldsOfAnUpdateCount) {
  registry::v1::UpdateOrganizationRequest request;
  request.mutable_organization()->set_name("organizations/x");
  request.mutable_organization()->set_zone("青岛蓝谷");
  request.mutable_organization()->mutable_create_time()->set_seconds(5);
  request.mutable_update_mask()->add_paths("zone");
  EXPECT_THAT(Violations(request), IsEmpty());
  request.mutable_update_mask()->add_paths("display_name");
  EXPECT_THAT(Violations(request), IsEmpty()) << "an empty name is refused when it is stored";
  request.mutable_update_mask()->add_paths("a..b,,");
  request.mutable_update_mask()->add_paths("state");
  ASSERT_THAT(Violations(request), SizeIs(2));
  EXPECT_EQ(Violations(request)[0].field, "update_mask");
}

TEST(ValidateTest, CreditCodesNeedBothCheckCharacters) {
  for (const char* good :
       {"91350100M000100Y43", "91370200264574251E", "91110000802100433B", "914403001922038216"}) {
    EXPECT_EQ(CheckFormat(options::v1::FORMAT_USCC, good), "") << good;
    EXPECT_TRUE(IsUnifiedSocialCreditCode(good));
  }
  for (const char* bad :
       {"91350100M000100Y4Z", "911100001000034478", "91350100M000100Y44", "", "91350100M000100Y4",
        "91350100m000100Y43", "9135010OM000100Y43", "91370200264574252E"}) {
    EXPECT_FALSE(IsUnifiedSocialCreditCode(bad)) << bad;
  }
  EXPECT_THAT(CheckFormat(options::v1::FORMAT_USCC, "91350100M000100Y44"),
              HasSubstr("校验位不正确，第 18 位应为“3”"));
}

TEST(ValidateTest, FormatsTellGoodFromBad) {
  using options::v1::Format;
  const struct {
    Format format;
    const char* text;
    bool good;
  } kCases[] = {
      {options::v1::FORMAT_REGION_CODE, "370211", true},
      {options::v1::FORMAT_REGION_CODE, "990211", false},
      {options::v1::FORMAT_REGION_CODE, "37021", false},
      {options::v1::FORMAT_EMAIL, "a.b@ouc.edu.cn", true},
      {options::v1::FORMAT_EMAIL, "a@b", false},
      {options::v1::FORMAT_EMAIL, "a b@ouc.edu.cn", false},
      {options::v1::FORMAT_PHONE, "13800138000", true},
      {options::v1::FORMAT_PHONE, "+8613800138000", true},
      {options::v1::FORMAT_PHONE, "0532-66782730", true},
      {options::v1::FORMAT_PHONE, "400-123-4567", true},
      {options::v1::FORMAT_PHONE, "1380013800", false},
      {options::v1::FORMAT_PHONE, "电话", false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(CheckFormat(c.format, c.text).empty(), c.good) << c.text;
  }
}

TEST(ValidateTest, WhatTwoServicesCallAlikeIsEachOnesOwn) {
  pairing::v1::ListFollowUpsRequest of_conference;
  triage::v1::ListFollowUpsRequest of_result;
  for (const auto& [name, conference] :
       std::vector<std::pair<std::string, bool>>{{"conferences/c1", true}, {"results/r1", false}}) {
    of_conference.set_parent(name);
    of_result.set_parent(name);
    EXPECT_THAT(Violations(of_conference), SizeIs(conference ? 0 : 1)) << name;
    EXPECT_THAT(Violations(of_result), SizeIs(conference ? 1 : 0)) << name;
  }
  pairing::v1::SubmitFollowUpRequest submit;
  submit.set_name("conferences/c1/followUps/f1");
  submit.set_evidence("协议");
  EXPECT_THAT(Violations(submit), IsEmpty());
}

}  // namespace
}  // namespace chanyan::api
