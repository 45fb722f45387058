// What use costs, with the sums done by hand.
#include "services/registry/charge_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/time/civil.h"
#include "tests/support/service_test.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPrices[] =
    "校内用户 0元/次；企业用户 200元/小时、20.50元/样品；其他高校院所 99.99元/小时";

class ChargeRulesTest : public ::testing::Test {
 protected:
  v1::Quote Quote(const char* type, int64_t minutes, int64_t samples) {
    const auto quote =
        QuoteFor(*pack_, instrument_, *FindUserType(*pack_, type), kStart, minutes, samples);
    EXPECT_TRUE(quote.ok()) << quote.status();
    return quote.ok() ? *quote : v1::Quote();
  }

  // A Wednesday.
  const absl::Time kStart = InChina(2025, 4, 9, 9);
  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
  v1::Instrument instrument_ = InstrumentWith("每天 全天", pack_.get(), kPrices);
};

TEST_F(ChargeRulesTest, MoneyIsWholeFen) {
  EXPECT_EQ(FenOf(MoneyOf(123'456)), 123'456);
  EXPECT_EQ(YuanText(123'405), "1234.05元");
  google::type::Money money = MoneyOf(5);
  EXPECT_EQ(MoneyProblem(money), "");
  money.set_nanos(1);
  EXPECT_THAT(MoneyProblem(money), HasSubstr("精确到分"));
  money = MoneyOf(-5);
  EXPECT_THAT(MoneyProblem(money), HasSubstr("负数"));
  money = MoneyOf(5);
  money.set_currency_code("USD");
  EXPECT_THAT(MoneyProblem(money), HasSubstr("人民币"));
  money = MoneyOf((kMaxYuan + 1) * 100);
  EXPECT_THAT(MoneyProblem(money), HasSubstr("不能大于"));
}

TEST_F(ChargeRulesTest, EveryKindOfOrganizationIsOneKindOfUser) {
  for (int kind = 1; kind < v1::OrganizationKind_ARRAYSIZE; ++kind) {
    v1::Organization requester;
    requester.set_name("organizations/other");
    requester.set_kind(static_cast<v1::OrganizationKind>(kind));
    const std::string expected =
        kind == v1::ORGANIZATION_KIND_UNIVERSITY || kind == v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE
            ? "academic"
        : kind == v1::ORGANIZATION_KIND_ENTERPRISE ? "enterprise"
                                                   : "other";
    EXPECT_EQ(UserTypeOf(*pack_, ClassOf(instrument_, requester))->id(), expected) << kind;
    requester.set_name(instrument_.organization());
    EXPECT_EQ(UserTypeOf(*pack_, ClassOf(instrument_, requester))->id(), "own") << kind;
  }
  // A city that puts them together.
  const auto linyi = testing::ShippedPack("linyi");
  EXPECT_EQ(UserTypeOf(*linyi, policy::v1::REQUESTER_CLASS_OTHER)->id(), "local");
  const auto shandong = testing::ShippedPack("shandong");
  EXPECT_EQ(UserTypeOf(*shandong, policy::v1::REQUESTER_CLASS_OTHER), nullptr);
}

TEST_F(ChargeRulesTest, PricesThatCannotBeAreNamedByTheirPlaces) {
  EXPECT_THAT(ChargeViolations(*pack_, instrument_), IsEmpty());
  *instrument_.add_charges() = instrument_.charges(1);
  instrument_.mutable_charges(0)->set_user_type("nobody");
  *instrument_.mutable_charges(3)->mutable_price() = MoneyOf(-1);
  EXPECT_THAT(FieldsOf(ChargeViolations(*pack_, instrument_)),
              ElementsAre("charges[0].user_type", "charges[3].price", "charges[4]"));
}

TEST_F(ChargeRulesTest, BegunStepsCountWhole) {
  EXPECT_EQ(ChargedMinutes(0, 30), 0);
  EXPECT_EQ(ChargedMinutes(1, 30), 30);
  EXPECT_EQ(ChargedMinutes(30, 30), 30);
  EXPECT_EQ(ChargedMinutes(61, 30), 90);
  EXPECT_EQ(ChargedMinutes(61, 1), 61);
}

TEST_F(ChargeRulesTest, AQuoteIsTheSumOfItsLinesAndSaysHow) {
  // 2 h 10 min in half hours are 2.5 h: 2.5 × 200 + 3 × 20.50 = 561.50.
  const v1::Quote quote = Quote("enterprise", 130, 3);
  EXPECT_EQ(quote.user_type_title(), "企业用户");
  ASSERT_EQ(quote.lines_size(), 2);
  EXPECT_EQ(quote.lines(0).quantity(), 150);
  EXPECT_EQ(FenOf(quote.lines(0).amount()), 50'000);
  EXPECT_EQ(quote.lines(1).quantity(), 3);
  EXPECT_EQ(FenOf(quote.lines(1).amount()), 6'150);
  EXPECT_EQ(FenOf(quote.total()), 56'150);
  EXPECT_EQ(quote.pack_id(), "qingdao");
  EXPECT_EQ(quote.pack_version(), pack_->version());
  EXPECT_EQ(
      quote.derivation(),
      "企业用户：2.5小时×200.00元/小时＋3个样品×20.50元/样品＝561.50元（时间以30分钟为单位计）；"
      "2025-04-08 09:00以前取消不收费，此后收取50%，未到收取100%");
  EXPECT_EQ(FenOf(Quote("own", 130, 3).total()), 0) << "free is a price, too";
  // 1.5 × 99.99 = 149.985, half up.
  EXPECT_EQ(FenOf(Quote("academic", 90, 0).total()), 14'999);
}

TEST_F(ChargeRulesTest, AKindOfUserWithoutPriceIsNotServed) {
  const auto quote = QuoteFor(*pack_, instrument_, *FindUserType(*pack_, "other"), kStart, 60, 0);
  EXPECT_EQ(status::ReasonOf(quote.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(quote.status().message()), HasSubstr("没有面向“其他单位”的收费标准"));
}

TEST_F(ChargeRulesTest, UseIsSettledAtTheQuotedPrices) {
  const v1::Quote quote = Quote("enterprise", 120, 1);
  // Prices that rise later do not touch what was agreed.
  *instrument_.mutable_charges(1)->mutable_price() = MoneyOf(999'999);
  const v1::Settlement settlement = SettleUse(quote, 185, 4, kStart);
  EXPECT_EQ(settlement.kind(), v1::SETTLEMENT_KIND_USE);
  EXPECT_EQ(FenOf(settlement.total()), 7 * 10'000 + 4 * 2'050);
  EXPECT_EQ(settlement.derivation(),
            "实际使用185分钟、样品4个：3.5小时×200.00元/小时＋4个样品×20.50元/样品＝782.00元");
  EXPECT_EQ(FenOf(SettleUse(quote, 1, 0, kStart).total()), 10'000) << "the step that was begun";
}

TEST_F(ChargeRulesTest, GivingBackCostsNothingUntilItsHourAndThenAShare) {
  const v1::Quote quote = Quote("enterprise", 61, 0);
  ASSERT_EQ(FenOf(quote.total()), 30'000);
  const absl::Time until = kStart - absl::Hours(24);
  EXPECT_EQ(FenOf(SettleCancellation(quote, until).total()), 0);
  EXPECT_EQ(FenOf(SettleCancellation(quote, until + absl::Milliseconds(999)).total()), 0);
  const v1::Settlement late = SettleCancellation(quote, until + absl::Seconds(1));
  EXPECT_EQ(FenOf(late.total()), 15'000);
  EXPECT_EQ(late.derivation(),
            "2025-04-08 09:00取消，晚于2025-04-08 09:00：报价300.00元×50%＝150.00元");
  EXPECT_EQ(FenOf(SettleNoShow(quote, kStart).total()), 30'000);
  EXPECT_EQ(FenOf(SettleFree("管理单位取消", kStart).total()), 0);
}

TEST_F(ChargeRulesTest, AnInstrumentSetsItsOwnTermsWithinTheBounds) {
  instrument_.mutable_terms()->set_free_cancellation_hours(2);
  instrument_.mutable_terms()->set_late_cancellation_percent(0);
  v1::Quote quote = Quote("enterprise", 60, 0);
  EXPECT_EQ(time::ToTime(quote.free_cancellation_time()), kStart - absl::Hours(2));
  EXPECT_EQ(quote.late_cancellation_percent(), 0);
  // What was stored before the pack narrowed its bounds counts as the nearest of them.
  instrument_.mutable_terms()->set_free_cancellation_hours(5000);
  quote = Quote("enterprise", 60, 0);
  EXPECT_EQ(time::ToTime(quote.free_cancellation_time()), kStart - absl::Hours(168));
}

TEST_F(ChargeRulesTest, ACityMayCountWorkdaysInstead) {
  const auto linyi = testing::ShippedPack("linyi");
  const v1::Instrument instrument =
      InstrumentWith("每天 全天", linyi.get(), "本市研发及生产单位 60元/小时");
  const struct {
    absl::Time start;
    absl::Time until;
  } kCases[] = {
      // Wednesday: the end of Tuesday.
      {InChina(2025, 4, 9, 9), InChina(2025, 4, 8, 23, 59, 59)},
      // The Monday after Qingming: the end of Thursday 3 April.
      {InChina(2025, 4, 7, 0), InChina(2025, 4, 3, 23, 59, 59)},
      // The make-up Sunday's Monday: the end of that Sunday.
      {InChina(2025, 4, 28, 9), InChina(2025, 4, 27, 23, 59, 59)},
  };
  for (const auto& one : kCases) {
    const auto quote =
        QuoteFor(*linyi, instrument, *FindUserType(*linyi, "local"), one.start, 61, 0);
    ASSERT_TRUE(quote.ok()) << quote.status();
    EXPECT_EQ(time::ToTime(quote->free_cancellation_time()), one.until) << one.start;
    EXPECT_EQ(FenOf(quote->total()), 12'000) << "whole hours there";
    EXPECT_EQ(FenOf(SettleCancellation(*quote, one.until + absl::Milliseconds(999)).total()), 0);
    EXPECT_EQ(FenOf(SettleCancellation(*quote, one.until + absl::Seconds(1)).total()), 2'400);
    EXPECT_EQ(FenOf(SettleNoShow(*quote, one.start).total()), 6'000);
  }
  const auto unknown =
      QuoteFor(*linyi, instrument, *FindUserType(*linyi, "local"), InChina(2027, 1, 4), 60, 0);
  EXPECT_EQ(status::ReasonOf(unknown.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
}

}  // namespace
}  // namespace chanyan::registry
