// Prices as people type them (REG-4).
#include "services/registry/price_text_rules.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/registry/charge_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

TEST(PriceTextTest, WhatIsNoAmountIsRefused) {
  for (const std::string& text : {
           std::string(),
           std::string("元"),
           std::string("."),
           std::string(".5"),
           std::string("1."),
           std::string("1.元"),
           std::string("1.234"),
           std::string("1.2.3"),
           std::string("-1"),
           std::string("+1"),
           std::string("1e3"),
           std::string("1,000"),
           std::string(" 1"),
           std::string("1 元"),
           std::string("1元元"),
           std::string("１２"),
           std::string("二百"),
           std::string("1\0", 2),
           std::string("99999999999999999999"),
           absl::StrCat(kMaxYuan + 1),
       }) {
    int64_t fen = 0;
    EXPECT_FALSE(ReadYuan(text, &fen)) << text;
  }
}

TEST(PriceTextTest, AnAmountIsWholeFen) {
  struct Case {
    std::string text;
    int64_t fen;
  };
  for (const Case& one : {Case{"0", 0}, Case{"0.01", 1}, Case{"0.1", 10}, Case{"12.5元", 1250},
                          Case{"200", 20000}, Case{"007", 700}, Case{"99.99元", 9999},
                          Case{absl::StrCat(kMaxYuan, "元"), kMaxYuan * 100}}) {
    int64_t fen = -1;
    EXPECT_TRUE(ReadYuan(one.text, &fen)) << one.text;
    EXPECT_EQ(fen, one.fen) << one.text;
  }
}

TEST(PriceTextTest, WhatIsWrittenIsReadAgain) {
  EXPECT_EQ(ShortYuan(20000), "200元");
  EXPECT_EQ(ShortYuan(1250), "12.50元");
  EXPECT_EQ(ShortYuan(5), "0.05元");
  EXPECT_EQ(ShortYuan(0), "0元");
  for (const int64_t fen :
       {int64_t{0}, int64_t{1}, int64_t{99}, int64_t{100}, int64_t{12345}, kMaxYuan * 100}) {
    int64_t again = -1;
    EXPECT_TRUE(ReadYuan(ShortYuan(fen), &again)) << fen;
    EXPECT_EQ(again, fen);
  }
}

TEST(PriceTextTest, TheManySignsThatPeopleTypeAreOne) {
  EXPECT_EQ(Folded("企业用户：２００元／小时；"), "企业用户:200元/小时;");
  EXPECT_EQ(Folded("a\r\nb\nc"), "a;b;c") << "a line is an entry";
  EXPECT_EQ(Folded("8－9，9–10,10—11～12~13至14到15"), "8-9、9-10、10-11-12-13-14-15");
  EXPECT_EQ(Folded(""), "");
}

TEST(PriceTextTest, AnEntryBeginsWithItsKindOfUserAndTheLongestNameWins) {
  const std::unique_ptr<const policy::Pack> pack = testing::ShippedPack();
  absl::string_view entry = "其他高校院所 99元/小时";
  const policy::v1::UserType* type = LeadingUserType(*pack, &entry);
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->id(), "academic");
  EXPECT_EQ(entry, " 99元/小时");
  for (const char* none : {"", "用户 1元", "火星用户 1元", " 企业用户 1元"}) {
    entry = none;
    EXPECT_EQ(LeadingUserType(*pack, &entry), nullptr) << none;
    EXPECT_EQ(entry, none) << "nothing is taken off";
  }
  EXPECT_EQ(UserTypeNames(*pack), "“校内用户”、“其他高校院所”、“企业用户”、“其他单位”");
}

}  // namespace
}  // namespace chanyan::registry
