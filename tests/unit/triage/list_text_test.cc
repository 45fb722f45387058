// Lists of messages as one cell of a sheet (TRI-1).
#include "services/triage/list_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "chanyan/triage/v1/result.pb.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/library_rules.h"

namespace chanyan::triage {
namespace {

using ::testing::HasSubstr;

const google::protobuf::FieldDescriptor* Field(const char* name) {
  return v1::Result::descriptor()->FindFieldByName(name);
}

TEST(ListTextTest, WhatIsWrittenIsReadUnchanged) {
  v1::Result result;
  v1::Right* right = result.add_rights();
  right->set_kind(v1::RIGHT_KIND_INVENTION);
  right->set_number("ZL202010000000.0");
  right->set_title("一种装置");
  right->set_status(v1::RIGHT_STATUS_GRANTED);
  right = result.add_rights();
  right->set_kind(v1::RIGHT_KIND_KNOW_HOW);
  right->set_status(v1::RIGHT_STATUS_PENDING);
  v1::Evaluation* evaluation = result.add_evaluations();
  evaluation->set_method("会议评价");
  evaluation->set_evaluator("某评价中心（演示）");
  *evaluation->mutable_evaluate_date() = time::ToProto(absl::CivilDay(2025, 3, 1));
  v1::RightsHolder* owner = result.add_owners();
  owner->set_title("海洋大学（演示）");
  owner->set_share_percent(62.5);
  for (const char* list : {"rights", "evaluations", "owners", "people"}) {
    v1::Result read;
    ASSERT_TRUE(ParseListText(ListText(result, Field(list)), Field(list), &read).ok()) << list;
    EXPECT_EQ(ListText(read, Field(list)), ListText(result, Field(list))) << list;
  }
  v1::Result rights;
  ASSERT_TRUE(ParseListText(ListText(result, Field("rights")), Field("rights"), &rights).ok());
  EXPECT_EQ(rights.rights_size(), 2);
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(rights.rights(0), result.rights(0)));
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(rights.rights(1), result.rights(1)));
}

TEST(ListTextTest, PeopleWriteItInMoreThanOneWay) {
  v1::Result result;
  ASSERT_TRUE(ParseListText("甲公司 || 40%\n 乙公司｜｜60 ;", Field("owners"), &result).ok());
  ASSERT_EQ(result.owners_size(), 2);
  EXPECT_EQ(result.owners(0).title(), "甲公司");
  EXPECT_EQ(result.owners(0).share_percent(), 40);
  EXPECT_EQ(result.owners(1).share_percent(), 60);
}

TEST(ListTextTest, WhatCannotBeReadIsNamed) {
  v1::Result result;
  const auto refusal = [&](const char* text, const char* list) {
    const auto violations = status::ViolationsOf(ParseListText(text, Field(list), &result));
    return violations.empty() ? std::string() : violations.front().description;
  };
  EXPECT_THAT(refusal("发明专利｜1；火星专利｜2", "rights"), HasSubstr("第 2 项"));
  EXPECT_THAT(refusal("发明专利｜1；火星专利｜2", "rights"), HasSubstr("知识产权类别“火星专利”"));
  EXPECT_THAT(refusal("甲｜｜一半", "owners"), HasSubstr("权属比例"));
  EXPECT_THAT(refusal("会议｜中心｜2025-02-30", "evaluations"), HasSubstr("评价日期"));
  EXPECT_THAT(refusal("甲｜乙｜丙｜丁", "people"), HasSubstr("依次应为：姓名｜单位｜职称或分工"));
}

TEST(ListTextTest, WhatACellCannotKeepDoesNotFit) {
  EXPECT_TRUE(FitsListText("中国石油大学（华东）、山东科技大学"));
  for (const char* text : {"甲；乙", "甲;乙", "甲｜乙", "甲|乙"}) EXPECT_FALSE(FitsListText(text));
}

}  // namespace
}  // namespace chanyan::triage
