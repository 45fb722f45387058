// Rules of agreements, documents and money, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/pairing/agreement_rules.h"
#include "services/pairing/document_rules.h"
#include "services/pairing/project_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::CivilDay kToday(2025, 4, 1);

google::type::Date Day(int year, int month, int day) {
  return time::ToProto(absl::CivilDay(year, month, day));
}

google::type::Money Yuan(int64_t units, int32_t nanos = 0, const char* currency = "CNY") {
  google::type::Money money;
  money.set_units(units);
  money.set_nanos(nanos);
  money.set_currency_code(currency);
  return money;
}

v1::Project SomeProject() {
  v1::Project project;
  project.set_name("projects/j1");
  project.set_platform("organizations/ouc/platforms/lab");
  project.set_university("organizations/ouc");
  project.set_enterprise("organizations/e1");
  project.set_enterprise_title("企业1（演示）");
  project.set_title("中试线");
  project.set_content("共建");
  *project.mutable_sign_date() = Day(2025, 3, 31);
  return project;
}

v1::Agreement Good() {
  v1::Agreement agreement;
  agreement.set_number("2025-1");
  agreement.add_parties()->set_display_name("海洋大学（演示）");
  agreement.add_parties()->set_display_name("企业1（演示）");
  *agreement.mutable_sign_date() = Day(2025, 3, 31);
  v1::DocumentReference& document = *agreement.add_documents();
  document.set_file_name("协议.pdf");
  document.set_sha256(std::string(64, 'a'));
  return agreement;
}

class AgreementRulesTest : public ::testing::Test {
 protected:
  std::vector<std::string> Fields(const std::function<void(v1::Agreement&)>& change) {
    v1::Agreement agreement = Good();
    change(agreement);
    std::vector<std::string> fields;
    for (const auto& violation : AgreementViolations(*pack_, SomeProject(), agreement, kToday)) {
      fields.push_back(violation.field);
    }
    return fields;
  }

  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
};

TEST_F(AgreementRulesTest, AGoodOneHasNothingWrong) {
  EXPECT_THAT(Fields([](v1::Agreement&) {}), IsEmpty());
  EXPECT_THAT(Fields([](v1::Agreement& a) {
                a.mutable_parties(1)->set_display_name("子公司");
                a.mutable_parties(1)->set_organization("organizations/e1");
              }),
              IsEmpty())
      << "known by its number in the directory";
}

TEST_F(AgreementRulesTest, EveryMistakeIsNamed) {
  struct Case {
    const char* what;
    std::function<void(v1::Agreement&)> change;
    std::vector<std::string> fields;
  };
  const Case cases[] = {
      {"one party", [](auto& a) { a.mutable_parties()->DeleteSubrange(0, 1); }, {"parties"}},
      {"no enterprise",
       [](auto& a) { a.mutable_parties(1)->set_display_name("别的企业"); },
       {"parties"}},
      {"a party twice",
       [](auto& a) { *a.add_parties() = a.parties(0); },
       {"parties[2].display_name"}},
      {"no day", [](auto& a) { a.clear_sign_date(); }, {"sign_date"}},
      {"tomorrow", [](auto& a) { *a.mutable_sign_date() = Day(2025, 4, 2); }, {"sign_date"}},
      {"term backwards",
       [](auto& a) {
         *a.mutable_effective_date() = Day(2026, 1, 1);
         *a.mutable_expire_date() = Day(2025, 12, 31);
       },
       {"expire_date"}},
      {"ends before it is signed",
       [](auto& a) { *a.mutable_expire_date() = Day(2025, 3, 30); },
       {"expire_date"}},
      {"a document twice", [](auto& a) { *a.add_documents() = a.documents(0); }, {"documents[1]"}},
      {"variant without kind",
       [](auto& a) { a.set_contract_variant("委托开发"); },
       {"contract_kind"}},
      {"unknown kind", [](auto& a) { a.set_contract_kind("购销合同"); }, {"contract_kind"}},
      {"variant of another kind",
       [](auto& a) {
         a.set_contract_kind("技术咨询合同");
         a.set_contract_variant("委托开发");
       },
       {"contract_variant"}},
      {"dollars",
       [](auto& a) {
         a.set_contract_kind("技术服务合同");
         *a.mutable_contract_amount() = Yuan(1, 0, "USD");
       },
       {"contract_amount"}},
      {"technology above the whole",
       [](auto& a) {
         a.set_contract_kind("技术服务合同");
         *a.mutable_contract_amount() = Yuan(100);
         *a.mutable_contract_technology_amount() = Yuan(100, 10'000'000);
       },
       {"contract_technology_amount"}},
      {"registered without amount and fields",
       [](auto& a) {
         a.set_contract_kind("技术服务合同");
         a.set_contract_registration_number("2025370211000001");
       },
       {"contract_fields", "contract_amount"}},
      {"unknown field",
       [](auto& a) {
         a.set_contract_kind("技术服务合同");
         a.add_contract_fields()->set_field("星座");
       },
       {"contract_fields[0]"}},
      {"field twice, and no date",
       [](auto& a) {
         a.set_contract_kind("技术服务合同");
         for (int i = 0; i < 2; ++i) {
           a.add_contract_fields()->set_field("合同签订日期");
           a.mutable_contract_fields(i)->set_value(i == 0 ? "2025-03-31" : "三月底");
         }
       },
       {"contract_fields[1]", "contract_fields[1]"}},
      {"region of five digits",
       [](auto& a) {
         a.set_contract_kind("技术服务合同");
         a.add_contract_fields()->set_field("买方所在地区代码");
         a.mutable_contract_fields(0)->set_value("37021");
       },
       {"contract_fields[0]"}},
  };
  for (const Case& one : cases) EXPECT_EQ(Fields(one.change), one.fields) << one.what;
}

TEST_F(AgreementRulesTest, AChoiceIsOneOfThePacks) {
  const auto pack = testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 }
    contract_kinds {
      id: "service"
      display_name: "技术服务合同"
      clause { document: "法" article: "一" text: "技术合同" }
    }
    contract_fields {
      id: "payment"
      display_name: "支付方式"
      type: CONTRACT_FIELD_TYPE_CHOICE
      choices: "一次总算"
      choices: "提成支付"
      origin: ORIGIN_STATED
    })pb");
  v1::Agreement agreement = Good();
  agreement.set_contract_kind("技术服务合同");
  v1::ContractFieldValue& value = *agreement.add_contract_fields();
  value.set_field("支付方式");
  value.set_value("提成支付");
  EXPECT_THAT(AgreementViolations(*pack, SomeProject(), agreement, kToday), IsEmpty());
  value.set_value("赊账");
  EXPECT_THAT(AgreementViolations(*pack, SomeProject(), agreement, kToday).at(0).description,
              HasSubstr("应为“一次总算”“提成支付”之一"));
}

TEST_F(AgreementRulesTest, OrderAndNumbersHoldAmongTheOthers) {
  const auto agreement = [](int sequence, const char* number, absl::CivilDay day) {
    v1::Agreement a = Good();
    a.set_kind(sequence == 0 ? v1::AGREEMENT_KIND_MAIN : v1::AGREEMENT_KIND_SUPPLEMENT);
    a.set_sequence(sequence);
    a.set_number(number);
    *a.mutable_sign_date() = time::ToProto(day);
    return a;
  };
  const absl::CivilDay signed_on(2025, 3, 31);
  const auto fields = [&](const v1::Agreement& a, const std::vector<v1::Agreement>& others) {
    std::vector<std::string> out;
    for (const auto& violation : SequenceViolations(SomeProject(), a, others)) {
      out.push_back(violation.field);
    }
    return out;
  };
  const v1::Agreement main = agreement(0, "主", signed_on);
  const v1::Agreement first = agreement(1, "补1", signed_on + 30);
  EXPECT_THAT(fields(main, {first}), IsEmpty());
  EXPECT_THAT(fields(first, {main}), IsEmpty());
  EXPECT_THAT(fields(agreement(0, "主", signed_on + 1), {}), ElementsAre("sign_date"))
      << "not the project's day";
  EXPECT_THAT(fields(agreement(2, "补2", signed_on + 29), {main, first}), ElementsAre("sign_date"));
  EXPECT_THAT(fields(agreement(2, "补2", signed_on + 30), {main, first}), IsEmpty());
  EXPECT_THAT(
      fields(agreement(1, "补1", signed_on + 60), {main, agreement(2, "补2", signed_on + 59)}),
      ElementsAre("sign_date"))
      << "moved past the one that follows";
  EXPECT_THAT(fields(agreement(2, "补1", signed_on + 31), {main, first}), ElementsAre("number"));
}

TEST_F(AgreementRulesTest, SigningIsJudgedOnTheAgreementToo) {
  const v1::Project project = SomeProject();
  EXPECT_FALSE(policy::RequireSatisfied(SignVerdicts(*pack_, project)).ok());
  v1::Agreement agreement = Good();
  EXPECT_TRUE(policy::RequireSatisfied(SignVerdicts(*pack_, project, &agreement)).ok());
  agreement.clear_documents();
  const policy::v1::Verdicts verdicts = SignVerdicts(*pack_, project, &agreement);
  EXPECT_THAT(std::string(policy::RequireSatisfied(verdicts).message()), HasSubstr("缺少协议文本"));
  EXPECT_TRUE(policy::RequireHard(verdicts).ok());
}

TEST(DocumentRulesTest, MoneyIsInYuanAndWholeFen) {
  EXPECT_EQ(MoneyProblem(Yuan(0)), "");
  EXPECT_EQ(MoneyProblem(Yuan(1, 990'000'000)), "");
  EXPECT_EQ(MoneyProblem(Yuan(99'999'999'999)), "");
  EXPECT_THAT(MoneyProblem(Yuan(100'000'000'000)), HasSubstr("1000亿元"));
  EXPECT_THAT(MoneyProblem(Yuan(1, 1)), HasSubstr("精确到分"));
  EXPECT_THAT(MoneyProblem(Yuan(-1)), HasSubstr("负数"));
  EXPECT_THAT(MoneyProblem(Yuan(0, -10'000'000)), HasSubstr("负数"));
  EXPECT_THAT(MoneyProblem(Yuan(1, 0, "EUR")), HasSubstr("CNY"));
  EXPECT_LT(CompareMoney(Yuan(1), Yuan(1, 10'000'000)), 0);
  EXPECT_GT(CompareMoney(Yuan(2), Yuan(1, 990'000'000)), 0);
  EXPECT_EQ(CompareMoney(Yuan(1, 5), Yuan(1, 5)), 0);
}

TEST_F(AgreementRulesTest, ManyOthersAreNamedOnceBeforeAndOnceAfter) {
  std::vector<v1::Agreement> all;
  for (int i = 0; i < 9; ++i) {
    v1::Agreement& one = all.emplace_back(Good());
    one.set_name(absl::StrCat("projects/j1/agreements/supplement-", i));
    one.set_kind(v1::AGREEMENT_KIND_SUPPLEMENT);
    one.set_sequence(i);
    one.set_number(absl::StrCat("补", i));
    // The newest first: none is where it should be.
    *one.mutable_sign_date() = time::ToProto(kToday - i);
  }
  std::vector<std::string> said;
  for (const auto& violation : SequenceViolations(SomeProject(), all[4], all)) {
    said.push_back(violation.description);
  }
  EXPECT_THAT(said,
              ElementsAre(HasSubstr("“补0”签于2025年4月1日"), HasSubstr("“补8”签于2025年3月24日")));
}

TEST_F(AgreementRulesTest, WhatIsFiledAndChangedByTheStateOfTheProject) {
  v1::Project project = SomeProject();
  for (const auto& [state, main, supplement, change] :
       {std::tuple(v1::PROJECT_STATE_INTENT, false, false, true),
        std::tuple(v1::PROJECT_STATE_NEGOTIATING, false, false, true),
        std::tuple(v1::PROJECT_STATE_SIGNED, true, true, true),
        std::tuple(v1::PROJECT_STATE_BUILDING, true, true, true),
        std::tuple(v1::PROJECT_STATE_COMPLETED, true, false, true),
        std::tuple(v1::PROJECT_STATE_TERMINATED, false, false, false)}) {
    project.set_state(state);
    project.clear_agreement();
    EXPECT_EQ(RequireFiling(project).ok(), main) << state;
    project.set_agreement("projects/j1/agreements/main");
    EXPECT_EQ(RequireFiling(project).ok(), supplement) << state;
    EXPECT_EQ(RequireChangeable(project).ok(), change) << state;
  }
}

}  // namespace
}  // namespace chanyan::pairing
