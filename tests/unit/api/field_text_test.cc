#include "common/api/field_text.h"

#include <string>

#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

constexpr size_t kLong = 100;

std::string Text(const google::protobuf::Message& message, const char* field, size_t most = kLong) {
  return FieldText(message, message.GetDescriptor()->FindFieldByName(field), most);
}

TEST(FieldTextTest, WhatIsAbsentHasNoWords) {
  const pairing::v1::Project project;
  EXPECT_EQ(Text(project, "sign_date"), "");
  EXPECT_EQ(Text(project, "create_time"), "");
  EXPECT_EQ(Text(project, "kinds"), "");
  EXPECT_EQ(Text(project, "title"), "");
  // A message that is no date, time or money is not put into words.
  pairing::v1::Project decided;
  decided.mutable_sign_verdicts()->set_pack_id("qingdao");
  EXPECT_EQ(Text(decided, "sign_verdicts"), "");
}

TEST(FieldTextTest, EveryKindOfFieldReadsAsPeopleWriteIt) {
  pairing::v1::Project project;
  project.set_title("共建中试线");
  project.set_state(pairing::v1::PROJECT_STATE_SIGNED);
  project.add_kinds("技术研发");
  project.add_kinds("订单班");
  project.mutable_sign_date()->set_year(2025);
  project.mutable_sign_date()->set_month(4);
  project.mutable_sign_date()->set_day(1);
  project.mutable_create_time()->set_seconds(1'743'469'200);
  EXPECT_EQ(Text(project, "title"), "共建中试线");
  EXPECT_EQ(Text(project, "state"), "已签约");
  EXPECT_EQ(Text(project, "kinds"), "技术研发、订单班");
  EXPECT_EQ(Text(project, "sign_date"), "2025-04-01");
  EXPECT_EQ(Text(project, "create_time"), "2025-04-01 09:00");

  pairing::v1::Agreement agreement;
  agreement.set_sequence(2);
  EXPECT_EQ(Text(agreement, "sequence"), "2");
  agreement.mutable_contract_amount()->set_currency_code("CNY");
  agreement.mutable_contract_amount()->set_units(1234);
  agreement.mutable_contract_amount()->set_nanos(500'000'000);
  EXPECT_EQ(Text(agreement, "contract_amount"), "1234.50元");
  agreement.mutable_contract_amount()->set_units(-1);
  agreement.mutable_contract_amount()->set_nanos(-10'000'000);
  EXPECT_EQ(Text(agreement, "contract_amount"), "-1.01元");
  agreement.mutable_contract_amount()->set_currency_code("USD");
  EXPECT_EQ(Text(agreement, "contract_amount"), "-1.01 USD");

  pairing::v1::ProgressReport report;
  EXPECT_EQ(Text(report, "no_change"), "否");
  report.set_no_change(true);
  EXPECT_EQ(Text(report, "no_change"), "是");
}

TEST(FieldTextTest, AnEnumWithoutLabelHasItsShortNameAndAnUnknownOneItsNumber) {
  EXPECT_EQ(EnumLabel(policy::v1::ValueList_descriptor(), policy::v1::VALUE_LIST_PLACES), "PLACES");
  EXPECT_EQ(EnumLabel(policy::v1::ValueList_descriptor(), 77), "77");
}

TEST(FieldTextTest, LongTextIsCutAtACharacter) {
  pairing::v1::Project project;
  project.set_content("一二三四五");
  EXPECT_EQ(Text(project, "content", 5), "一二三四五");
  EXPECT_EQ(Text(project, "content", 4), "一二三…");
  EXPECT_EQ(Text(project, "content", 1), "…");
  project.set_content("ab一");
  EXPECT_EQ(Text(project, "content", 2), "a…");
}

}  // namespace
}  // namespace chanyan::api
