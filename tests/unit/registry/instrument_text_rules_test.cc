// Opening hours and prices as text, both ways.
#include "services/registry/instrument_text_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "google/protobuf/util/message_differencer.h"
#include "services/registry/charge_rules.h"
#include "services/registry/instrument_rules.h"
#include "tests/support/service_test.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;

// What is read, written again.
std::string Again(absl::string_view text) { return HoursText(InstrumentWith(text)); }

TEST(InstrumentTextTest, HoursAreReadAsPeopleWriteThem) {
  const struct {
    const char* written;
    const char* meant;
  } kCases[] = {
      {"", ""},
      {"周一至周五 08:30-12:00、14:00-17:30；周六 09:00-12:00",
       "周一至周五 08:30-12:00、14:00-17:30；周六 09:00-12:00"},
      {"星期一到星期五８：３０－１２：００，14:00～17:30\n周六9:00—12:00",
       "周一至周五 08:30-12:00、14:00-17:30；周六 09:00-12:00"},
      {"周五、周六 20:00-次日02:00", "周五、周六 20:00-次日02:00"},
      {"每天 全天", "每天 全天"},
      {"每天全天", "每天 全天"},
      {"周五至周一 10:00-24:00", "周一、周五至周日 10:00-24:00"},
      {"周天 00:00-24:00; 调休上班日 08:00-16:00;", "周日 全天；调休上班日 08:00-16:00"},
      {"周三 14:00-15:00；周三 08:00-09:00", "周三 08:00-09:00、14:00-15:00"},
      {"周一 08:00-次日08:00", "周一 08:00-次日08:00"},
  };
  for (const auto& one : kCases) EXPECT_EQ(Again(one.written), one.meant) << one.written;
}

TEST(InstrumentTextTest, HoursThatCannotBeReadSayWhichEntryAndHow) {
  const struct {
    const char* text;
    const char* why;
  } kCases[] = {
      {"周一", "“周一”无法识别：应先写日期后写时段"},
      {"08:30-12:00", "应先写日期"},
      {"周八 08:30-12:00", "“周八”不是日期"},
      {"周一至周九 08:30-12:00", "不是日期"},
      {"周一至调休上班日 08:30-12:00", "不是日期"},
      {"周一- 08:30-12:00", "不是日期"},
      {"周一 08:30", "“08:30”不是时段"},
      {"周一 12:00-08:30", "不是时段"},
      {"周一 08:60-12:00", "不是时段"},
      {"周一 24:00-25:00", "不是时段"},
      {"周一 08:00-24:30", "不是时段"},
      {"周一 08:00-次日08:01", "不超过24小时"},
      {"周一 8-12", "不是时段"},
      {"周一 08:30-12:00 周二 08:30-12:00", "各项之间用“；”分隔"},
      {"周一 08:30-12:00；随时", "“随时”无法识别"},
      {"=1+1", "无法识别"},
  };
  for (const auto& one : kCases) {
    const auto hours = ParseHours(one.text);
    ASSERT_FALSE(hours.ok()) << one.text;
    EXPECT_THAT(status::ViolationsOf(hours.status()).at(0).description, HasSubstr(one.why))
        << one.text;
  }
}

TEST(InstrumentTextTest, WhateverHoursThereAreTheirTextIsReadBackToTheSame) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const auto pack = testing::ShippedPack();
  for (int round = 0; round < 3000; ++round) {
    v1::Instrument instrument = InstrumentWith("");
    for (int n = static_cast<int>(random() % 12); n > 0; --n) {
      v1::OpeningHours& hours = *instrument.add_hours();
      hours.set_day(static_cast<v1::OpeningDay>(1 + random() % 8));
      hours.set_start_minute(static_cast<int>(random() % kMinutesOfDay));
      hours.set_end_minute(hours.start_minute() + 1 + static_cast<int>(random() % kMinutesOfDay));
    }
    Normalize(*pack, &instrument);
    // Two pieces that begin at once have no order of their own.
    if (!OpeningViolations(instrument).empty()) continue;
    v1::Instrument again = InstrumentWith(HoursText(instrument));
    Normalize(*pack, &again);
    ASSERT_TRUE(MessageDifferencer::Equals(instrument, again)) << HoursText(instrument) << "\n"
                                                               << HoursText(again);
  }
}

class ChargesTextTest : public ::testing::Test {
 protected:
  std::string Again(absl::string_view text) {
    return ChargesText(*pack_, InstrumentWith("", pack_.get(), text));
  }
  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
};

TEST_F(ChargesTextTest, PricesAreReadAsPeopleWriteThem) {
  EXPECT_EQ(Again(""), "");
  EXPECT_EQ(Again("企业用户 200元/小时、20.5元/样品；校内用户 0元/次"),
            "企业用户 200元/小时、20.50元/样品；校内用户 0元/次");
  EXPECT_EQ(Again("企业用户２００元／小时，20/样\n其他高校院所  100/时"),
            "企业用户 200元/小时、20元/样品；其他高校院所 100元/小时");
}

TEST_F(ChargesTextTest, PricesThatCannotBeReadSayWhichEntryAndHow) {
  const struct {
    const char* text;
    const char* why;
  } kCases[] = {
      {"路人 200元/小时", "应先写用户类型（“校内用户”、“其他高校院所”、“企业用户”、“其他单位”）"},
      {"企业用户", "没有写单价"},
      {"企业用户 面议", "“面议”不是单价"},
      {"企业用户 200元", "不是单价"},
      {"企业用户 -200元/小时", "不是单价"},
      {"企业用户 2.005元/小时", "最多两位小数"},
      {"企业用户 2.元/小时", "不是单价"},
      {"企业用户 200元/天", "不是单价"},
      {"企业用户 99999999999999元/小时", "不是单价"},
      {"企业用户 2e3元/小时", "不是单价"},
  };
  for (const auto& one : kCases) {
    const auto charges = ParseCharges(*pack_, one.text);
    ASSERT_FALSE(charges.ok()) << one.text;
    EXPECT_THAT(status::ViolationsOf(charges.status()).at(0).description, HasSubstr(one.why))
        << one.text;
  }
}

TEST_F(ChargesTextTest, WhateverPricesThereAreTheirTextIsReadBackToTheSame) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const char* types[] = {"own", "academic", "enterprise", "other"};
  for (int round = 0; round < 2000; ++round) {
    v1::Instrument instrument = InstrumentWith("");
    for (int n = static_cast<int>(random() % 8); n > 0; --n) {
      v1::Charge& charge = *instrument.add_charges();
      charge.set_user_type(types[random() % 4]);
      charge.set_basis(static_cast<v1::ChargeBasis>(1 + random() % 3));
      *charge.mutable_price() = MoneyOf(static_cast<int64_t>(random() % 1'000'000));
    }
    Normalize(*pack_, &instrument);
    v1::Instrument again = InstrumentWith("", pack_.get(), ChargesText(*pack_, instrument));
    Normalize(*pack_, &again);
    ASSERT_TRUE(MessageDifferencer::Equals(instrument, again)) << ChargesText(*pack_, instrument);
  }
}

}  // namespace
}  // namespace chanyan::registry
