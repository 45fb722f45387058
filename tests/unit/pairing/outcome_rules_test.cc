// Rules and life of outcomes, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/time/civil.h"
#include "services/pairing/outcome_life.h"
#include "services/pairing/outcome_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using S = v1::OutcomeState;

TEST(OutcomeLifeTest, EveryStateAndVerb) {
  constexpr S kNo = v1::OUTCOME_STATE_UNSPECIFIED;
  constexpr S kDeclared = v1::OUTCOME_STATE_DECLARED;
  constexpr S kConfirmed = v1::OUTCOME_STATE_CONFIRMED;
  constexpr S kDisputed = v1::OUTCOME_STATE_DISPUTED;
  constexpr S kWithdrawn = v1::OUTCOME_STATE_WITHDRAWN;
  const S states[] = {kDeclared, kConfirmed, kDisputed, kWithdrawn};
  const struct {
    const char* verb;
    S to[4];
  } cases[] = {
      {"update", {kDeclared, kNo, kDeclared, kNo}},
      {"confirm", {kConfirmed, kNo, kConfirmed, kNo}},
      {"dispute", {kDisputed, kDisputed, kNo, kNo}},
      {"withdraw", {kWithdrawn, kNo, kWithdrawn, kNo}},
  };
  ASSERT_EQ(std::size(cases), OutcomeLife().size());
  for (const auto& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      EXPECT_EQ(policy::Next(OutcomeLife(), states[i], one.verb).value_or(kNo), one.to[i])
          << one.verb << " from " << states[i];
    }
  }
}

TEST(OutcomeRulesTest, EveryMistakeIsNamed) {
  const auto pack = testing::ShippedPack();
  const absl::CivilDay today(2025, 4, 1);
  const auto good = [] {
    v1::Outcome outcome;
    outcome.set_kind("发明专利");
    outcome.set_quantity(1);
    outcome.set_reference("ZL1");
    outcome.set_description("密封");
    *outcome.mutable_period_first() = time::ToProto(absl::CivilDay(2025, 1, 1));
    *outcome.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 3, 31));
    outcome.add_evidence()->set_sha256("a");
    return outcome;
  };
  const auto income = [](v1::Outcome& outcome, int64_t units, int32_t nanos) {
    outcome.set_kind("技术合同收入");
    outcome.clear_quantity();
    outcome.mutable_amount()->set_currency_code("CNY");
    outcome.mutable_amount()->set_units(units);
    outcome.mutable_amount()->set_nanos(nanos);
  };
  const struct {
    const char* what;
    std::function<void(v1::Outcome&)> change;
    std::vector<std::string> fields;
  } cases[] = {
      {"good", [](auto&) {}, {}},
      {"until today", [&](auto& o) { *o.mutable_period_last() = time::ToProto(today); }, {}},
      {"money", [&](auto& o) { income(o, 12, 500'000'000); }, {}},
      {"unknown kind", [](auto& o) { o.set_kind("掌声"); }, {"kind"}},
      {"no number", [](auto& o) { o.clear_quantity(); }, {"quantity"}},
      {"money of a patent",
       [](auto& o) { o.mutable_amount()->set_currency_code("CNY"); },
       {"amount"}},
      {"number of an income",
       [&](auto& o) {
         income(o, 1, 0);
         o.set_quantity(1);
       },
       {"quantity"}},
      {"no amount",
       [&](auto& o) {
         income(o, 1, 0);
         o.clear_amount();
       },
       {"amount"}},
      {"nothing earned", [&](auto& o) { income(o, 0, 0); }, {"amount"}},
      {"a tenth of a fen", [&](auto& o) { income(o, 0, 1'000'000); }, {"amount"}},
      {"no patent number", [](auto& o) { o.clear_reference(); }, {"reference"}},
      {"period backwards",
       [](auto& o) { *o.mutable_period_first() = time::ToProto(absl::CivilDay(2025, 4, 1)); },
       {"period_last"}},
      {"in the future",
       [](auto& o) { *o.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 4, 2)); },
       {"period_last"}},
      {"no evidence", [](auto& o) { o.clear_evidence(); }, {"evidence"}},
      {"evidence twice", [](auto& o) { o.add_evidence()->set_sha256("a"); }, {"evidence[1]"}},
  };
  for (const auto& one : cases) {
    v1::Outcome outcome = good();
    one.change(outcome);
    std::vector<std::string> fields;
    for (const auto& violation : OutcomeViolations(*pack, outcome, today)) {
      fields.push_back(violation.field);
    }
    EXPECT_EQ(fields, one.fields) << one.what;
  }
}

TEST(OutcomeRulesTest, WhoDeclaresChangesAndTheOtherSideConfirms) {
  v1::Outcome outcome;
  outcome.set_university("organizations/ouc");
  outcome.set_enterprise("organizations/e1");
  outcome.set_declared_by("organizations/ouc");
  for (const char* verb : {"update", "withdraw"}) {
    EXPECT_TRUE(MayAct(outcome, verb, "organizations/ouc")) << verb;
    EXPECT_FALSE(MayAct(outcome, verb, "organizations/e1")) << verb;
  }
  for (const char* verb : {"confirm", "dispute"}) {
    EXPECT_FALSE(MayAct(outcome, verb, "organizations/ouc")) << verb;
    EXPECT_TRUE(MayAct(outcome, verb, "organizations/e1")) << verb;
    EXPECT_FALSE(MayAct(outcome, verb, "organizations/zone")) << verb << ": no side";
    EXPECT_FALSE(MayAct(outcome, verb, "")) << verb;
  }
}

TEST(OutcomeRulesTest, ADecimalIsMoneyToTheNano) {
  const struct {
    const char* decimal;
    int64_t units;
    int32_t nanos;
  } cases[] = {{"0", 0, 0},
               {"12.34", 12, 340'000'000},
               {"1234.500000000", 1234, 500'000'000},
               {"99999999999.990000000", 99'999'999'999, 990'000'000},
               {"", 0, 0},
               {"0.000000001", 0, 1}};
  for (const auto& one : cases) {
    EXPECT_EQ(MoneyOf(one.decimal).units(), one.units) << one.decimal;
    EXPECT_EQ(MoneyOf(one.decimal).nanos(), one.nanos) << one.decimal;
    EXPECT_EQ(MoneyOf(one.decimal).currency_code(), "CNY");
  }
}

}  // namespace
}  // namespace chanyan::pairing
