// What an entry of the log must be (TRI-6).
#include "services/triage/follow_up_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/policy/pack.h"
#include "common/time/civil.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilDay kToday(2025, 4, 1);

const policy::Pack& ShippedOne() {
  static const auto& pack = *testing::ShippedPack().release();
  return pack;
}

void AddField(const std::string& field, const std::string& value, v1::FollowUp* row) {
  v1::ContractFieldValue* one = row->add_contract_fields();
  one->set_field(field);
  one->set_value(value);
}

v1::FollowUp Entry(v1::FollowUpKind kind) {
  v1::FollowUp row;
  row.set_kind(kind);
  row.set_content("对接");
  *row.mutable_happen_date() = time::ToProto(kToday);
  if (kind == v1::FOLLOW_UP_KIND_CONTRACT) {
    row.mutable_contract()->set_kind(v1::CONVERSION_MODE_LICENSE);
    *row.mutable_contract()->mutable_sign_date() = time::ToProto(kToday);
    row.mutable_contract()->set_amount_yuan(100);
  }
  if (kind == v1::FOLLOW_UP_KIND_REGISTRATION) {
    row.set_contract_follow_up("results/a/followUps/b");
    row.set_registration_number("2025370200000001");
    for (const policy::v1::ContractField& field : ShippedOne().proto().contract_fields()) {
      if (!field.required()) continue;
      AddField(field.display_name(),
               field.type() == policy::v1::CONTRACT_FIELD_TYPE_DATE     ? "2025-04-01"
               : field.type() == policy::v1::CONTRACT_FIELD_TYPE_REGION ? "370211"
                                                                        : "演示",
               &row);
    }
  }
  if (kind == v1::FOLLOW_UP_KIND_SPINOUT) {
    *row.mutable_company()->mutable_found_date() = time::ToProto(kToday);
  }
  if (kind == v1::FOLLOW_UP_KIND_FINANCING) {
    row.mutable_financing()->set_amount_yuan(5);
    *row.mutable_financing()->mutable_obtain_date() = time::ToProto(kToday);
  }
  return row;
}

std::vector<std::string> Wrong(const v1::FollowUp& row) {
  std::vector<std::string> fields;
  for (const auto& violation : FollowUpViolations(ShippedOne(), row, kToday)) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(FollowUpRulesTest, EachKindWithWhatItNeedsIsRight) {
  for (int kind = 1; kind <= v1::FollowUpKind_MAX; ++kind) {
    EXPECT_THAT(Wrong(Entry(static_cast<v1::FollowUpKind>(kind))), IsEmpty()) << kind;
  }
}

TEST(FollowUpRulesTest, WhatAKindNeedsMustBeThereAndWhatIsAnothersMustNot) {
  v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_CONTRACT);
  row.clear_contract();
  EXPECT_THAT(Wrong(row), ElementsAre("contract"));
  row = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
  row.clear_registration_number();
  row.clear_contract_follow_up();
  EXPECT_THAT(Wrong(row), ElementsAre("registration_number", "contract_follow_up"));
  row = Entry(v1::FOLLOW_UP_KIND_CONTACT);
  *row.mutable_contract() = Entry(v1::FOLLOW_UP_KIND_CONTRACT).contract();
  *row.mutable_financing() = Entry(v1::FOLLOW_UP_KIND_FINANCING).financing();
  EXPECT_THAT(Wrong(row), ElementsAre("contract", "financing"));
}

TEST(FollowUpRulesTest, ARegistrationHasAllThatThePackAsksForAndWhatIsWrongIsNamedAtOnce) {
  v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
  ASSERT_GT(row.contract_fields_size(), 5);
  row.clear_contract_fields();
  row.clear_registration_number();
  AddField("卖方所在地区代码", "三七零二", &row);
  AddField("合同有效期至", "明年", &row);
  AddField("合同有效期至", "2028-03-31", &row);
  AddField("签约地点", "青岛", &row);
  EXPECT_THAT(Wrong(row),
              ElementsAre("registration_number", "contract_fields[0]", "contract_fields[1]",
                          "contract_fields[2]", "contract_fields[3]", "contract_fields"));
  const auto missing = FollowUpViolations(ShippedOne(), row, kToday).back().description;
  for (const policy::v1::ContractField& field : ShippedOne().proto().contract_fields()) {
    const bool given = field.display_name() == "卖方所在地区代码" ||
                       field.display_name() == "合同有效期至" || !field.required();
    EXPECT_EQ(missing.find(field.display_name()) == std::string::npos, given)
        << field.display_name() << " in " << missing;
  }
  // Another kind has none of them.
  v1::FollowUp contract = Entry(v1::FOLLOW_UP_KIND_CONTRACT);
  AddField("计划来源", "自选", &contract);
  EXPECT_THAT(Wrong(contract), ElementsAre("contract_fields"));
}

TEST(FollowUpRulesTest, ACompanyIsFoundedAtAPlaceOfThePack) {
  v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_SPINOUT);
  for (const char* place : {"火星区", "崂山县", "青岛市", "——", "\xFF"}) {
    row.mutable_company()->set_place(place);
    EXPECT_THAT(Wrong(row), ElementsAre("company.place")) << place;
    TakeNames(ShippedOne(), &row);
    EXPECT_EQ(row.company().place(), place) << "it stays as it was written";
  }
  EXPECT_THAT(FollowUpViolations(ShippedOne(), row, kToday).at(0).description,
              ::testing::HasSubstr("不是本市的区（市）、功能区或镇街"));
  for (const auto& [written, official] :
       {std::pair{"崂山区", "崂山区"}, std::pair{"嶗山區", "崂山区"}, std::pair{"崂山", "崂山区"},
        std::pair{"青岛西海岸新区", "黄岛区"}, std::pair{"青岛高新区", "青岛高新区"},
        std::pair{"泊里镇", "泊里镇"}, std::pair{"", ""}}) {
    row.mutable_company()->set_place(written);
    EXPECT_THAT(Wrong(row), IsEmpty()) << written;
    TakeNames(ShippedOne(), &row);
    EXPECT_EQ(row.company().place(), official) << written;
  }
}

TEST(FollowUpRulesTest, NothingLiesAhead) {
  v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_CONTRACT);
  *row.mutable_happen_date() = time::ToProto(kToday + 1);
  *row.mutable_contract()->mutable_sign_date() = time::ToProto(kToday + 1);
  EXPECT_THAT(Wrong(row), ElementsAre("happen_date", "contract.sign_date"));
}

TEST(FollowUpRulesTest, FoundingACompanyIsNoContractAndTheTechnologyIsPartOfTheAmount) {
  v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_CONTRACT);
  row.mutable_contract()->set_kind(v1::CONVERSION_MODE_SPINOUT);
  row.mutable_contract()->set_technology_amount_yuan(101);
  EXPECT_THAT(Wrong(row), ElementsAre("contract.kind", "contract.technology_amount_yuan"));
}

// An entry of a day in April, called by its number in the log.
v1::FollowUp Written(v1::FollowUpKind kind, int day, const std::string& name = "",
                     const std::string& contract = "") {
  v1::FollowUp row = Entry(kind);
  row.set_name(name);
  row.set_contract_follow_up(contract);
  *row.mutable_happen_date() = time::ToProto(absl::CivilDay(2025, 4, day));
  return row;
}

TEST(FollowUpRulesTest, ALogIsConcludedWhenEveryWayHasComeToItsEnd) {
  const auto contact = [](int day) { return Written(v1::FOLLOW_UP_KIND_CONTACT, day); };
  const auto talk = [](int day) { return Written(v1::FOLLOW_UP_KIND_NEGOTIATION, day); };
  const auto money = [](int day) { return Written(v1::FOLLOW_UP_KIND_FINANCING, day); };
  const auto note = [](int day) { return Written(v1::FOLLOW_UP_KIND_NOTE, day); };
  const auto company = [](int day) { return Written(v1::FOLLOW_UP_KIND_SPINOUT, day); };
  const auto contract = [](int day, const char* name) {
    return Written(v1::FOLLOW_UP_KIND_CONTRACT, day, name);
  };
  const auto registration = [](int day, const char* of) {
    return Written(v1::FOLLOW_UP_KIND_REGISTRATION, day, "", of);
  };
  const struct {
    const char* what;
    std::vector<v1::FollowUp> log;
    bool concluded;
  } kCases[] = {
      {"nothing", {}, false},
      {"contact alone", {contact(1)}, false},
      {"money is no end", {contact(1), money(2)}, false},
      {"contract without registration", {contract(1, "a")}, false},
      {"contract registered", {contact(1), contract(2, "a"), registration(3, "a")}, true},
      {"one of two registered", {contract(1, "a"), contract(2, "b"), registration(3, "a")}, false},
      {"both registered",
       {contract(1, "a"), contract(2, "b"), registration(3, "a"), registration(3, "b")},
       true},
      {"company founded", {talk(1), company(2)}, true},
      {"company founded beside a contract", {contract(1, "a"), company(2)}, false},
      {"notes and money open nothing", {company(2), note(3), money(4)}, true},
      {"contact afterwards", {company(2), contact(3)}, false},
      {"contact on the day of the end", {company(2), contact(2)}, false},
      {"contact before, written later", {company(2), contact(1)}, true},
      {"talk afterwards, then an end", {company(2), talk(3), company(4)}, true},
      {"contract afterwards", {company(2), contract(3, "a")}, false},
      {"contact before the later of two ends", {company(4), company(2), contact(3)}, true},
  };
  for (const auto& one : kCases) EXPECT_EQ(IsConcluded(one.log), one.concluded) << one.what;
}

TEST(FollowUpRulesTest, StagesAndAmounts) {
  EXPECT_EQ(StageOf(v1::FOLLOW_UP_KIND_CONTACT), v1::FUNNEL_STAGE_CONTACTED);
  EXPECT_EQ(StageOf(v1::FOLLOW_UP_KIND_NEGOTIATION), v1::FUNNEL_STAGE_NEGOTIATING);
  EXPECT_EQ(StageOf(v1::FOLLOW_UP_KIND_CONTRACT), v1::FUNNEL_STAGE_CONTRACTED);
  EXPECT_EQ(StageOf(v1::FOLLOW_UP_KIND_REGISTRATION), v1::FUNNEL_STAGE_REGISTERED);
  EXPECT_EQ(StageOf(v1::FOLLOW_UP_KIND_NOTE), v1::FUNNEL_STAGE_UNSPECIFIED);
  EXPECT_EQ(AmountOf(Entry(v1::FOLLOW_UP_KIND_CONTRACT)), 100);
  EXPECT_EQ(AmountOf(Entry(v1::FOLLOW_UP_KIND_FINANCING)), 5);
  EXPECT_EQ(AmountOf(Entry(v1::FOLLOW_UP_KIND_NOTE)), 0);
}

}  // namespace
}  // namespace chanyan::triage
