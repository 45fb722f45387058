// What a registration asks for, as people write it (PAIR-3, TRI-6).
#include "common/policy/contract_fields.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<const Pack> ContractPack() {
  auto pack = Pack::Parse({{"t/a.textproto", absl::StrCat(kMinimalPack, R"(
      contract_fields { id: "sign-date" display_name: "合同签订日期" type: CONTRACT_FIELD_TYPE_DATE
                        required: true origin: ORIGIN_STATED }
      contract_fields { id: "field" display_name: "技术领域（大类）" type: CONTRACT_FIELD_TYPE_CHOICE
                        choices: "电子信息" choices: "海洋（含船舶）" origin: ORIGIN_STATED })")}});
  EXPECT_TRUE(pack.ok()) << pack.status();
  return *std::move(pack);
}

std::vector<std::string> Said(const Pack& pack, std::vector<FilledContractField> filled) {
  std::vector<std::string> said;
  for (const status::Violation& one : ContractFieldViolations(pack, filled, true, "f")) {
    said.push_back(absl::StrCat(one.field, " ", one.description));
  }
  return said;
}

TEST(ContractFieldsTest, ANameIsKnownHoweverItIsWrittenAndStoredAsThePackCallsIt) {
  const auto pack = ContractPack();
  const FilledContractField kWritten[] = {{"合同簽訂日期", "2025-03-18"},
                                          {" 合同签订日期　", "2025-03-18"},
                                          {"sign-date", "2025-03-18"},
                                          {"合同签订日期", "2025-03-18"}};
  for (FilledContractField one : kWritten) {
    EXPECT_THAT(Said(*pack, {one}), IsEmpty()) << one.field;
    TakeContractField(*pack, &one.field, &one.value);
    EXPECT_EQ(one.field, "合同签订日期");
    EXPECT_EQ(one.value, "2025-03-18");
  }
  FilledContractField choice = {"技术领域(大类)", "海洋 含船舶"};
  EXPECT_THAT(Said(*pack, {{"sign-date", "2025-03-18"}, choice}), IsEmpty());
  TakeContractField(*pack, &choice.field, &choice.value);
  EXPECT_EQ(choice.field, "技术领域（大类）");
  EXPECT_EQ(choice.value, "海洋（含船舶）");
}

TEST(ContractFieldsTest, WhatIsNotKnownIsRefusedWithAllThatIsAndStaysAsItIsWritten) {
  const auto pack = ContractPack();
  for (const char* unknown : {"星座", "", "——", "\xFF"}) {
    FilledContractField one = {unknown, "双鱼"};
    EXPECT_THAT(Said(*pack, {{"sign-date", "2025-03-18"}, one}),
                ElementsAre(AllOf(HasSubstr("f[1] "), HasSubstr("可填写的登记项：合同签订日期、"
                                                                "技术领域（大类）"))));
    TakeContractField(*pack, &one.field, &one.value);
    EXPECT_EQ(one.field, unknown);
    EXPECT_EQ(one.value, "双鱼");
  }
  EXPECT_THAT(Said(*pack, {{"合同签订日期", "2025-03-18"}, {"sign-date", "2025-03-19"}}),
              ElementsAre("f[1] 登记项“sign-date”重复"))
      << "one field by two names";
  EXPECT_THAT(Said(*pack, {{"合同签订日期", "2025-03-18"}, {"field", "农业"}}),
              ElementsAre(AllOf(HasSubstr("f[1] "), HasSubstr("“电子信息”“海洋（含船舶）”之一"))));
  EXPECT_THAT(Said(*pack, {{"field", "电子信息"}}),
              ElementsAre(AllOf(HasSubstr("f "), HasSubstr("合同签订日期"))));
}

}  // namespace
}  // namespace chanyan::policy
