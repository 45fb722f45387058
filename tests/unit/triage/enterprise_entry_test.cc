// Which results an enterprise enters itself by a pack (TRI-1, S3 二(一)).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/triage/library_rules.h"
#include "tests/support/service_test.h"
#include "tests/support/small_triage_city.h"
#include "tests/support/violations.h"

namespace chanyan::triage {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The small city's pack that lets enterprises enter so much.
std::unique_ptr<const policy::Pack> Letting(const std::string& entry) {
  return testing::PackOf(absl::StrReplaceAll(
      testing::kSmallTriageCity,
      {{"  leading_group:",
        absl::StrCat("  enterprise_entry { ", entry,
                     " clause { document: \"甲科发〔2025〕9号\" article: \"十\" text: \"企业可自行"
                     "填报。\" } origin: ORIGIN_STATED }\n  leading_group:")}}));
}

TEST(EnterpriseEntryTest, AFormThatIsNoneIsNamedAndTakesNothing) {
  const auto pack = Letting(R"(forms: "PRODUCT" forms: "ROCKET")");
  ASSERT_NE(pack, nullptr);
  const TriagePack triage(*pack);
  EXPECT_EQ(UnknownForm(triage), "ROCKET");
  v1::Result result;
  for (int form = 0; form < v1::ResultForm_ARRAYSIZE; ++form) {
    result.set_form(static_cast<v1::ResultForm>(form));
    const auto wrong = EnterpriseViolations(triage, result);
    if (form == v1::RESULT_FORM_PRODUCT) {
      EXPECT_THAT(wrong, IsEmpty());
      continue;
    }
    EXPECT_THAT(testing::FieldsOf(wrong), ElementsAre("form")) << form;
  }
}

TEST(EnterpriseEntryTest, WhetherItMustBeNewIsThePacks) {
  const auto any = Letting(R"(forms: "PRODUCT")");
  const auto fresh = Letting(R"(forms: "PRODUCT" novelty: true)");
  ASSERT_NE(any, nullptr);
  ASSERT_NE(fresh, nullptr);
  const TriagePack takes_any(*any);
  const TriagePack takes_fresh(*fresh);
  v1::Result result;
  result.set_form(v1::RESULT_FORM_PRODUCT);
  EXPECT_THAT(EnterpriseViolations(takes_any, result), IsEmpty());
  EXPECT_THAT(testing::FieldsOf(EnterpriseViolations(takes_fresh, result)), ElementsAre("novelty"));
  result.set_novelty(true);
  EXPECT_THAT(EnterpriseViolations(takes_fresh, result), IsEmpty());
}

TEST(EnterpriseEntryTest, QingdaosFormsAreTechnologiesAndProducts) {
  const auto pack = testing::ShippedPack();
  const TriagePack triage(*pack);
  EXPECT_EQ(UnknownForm(triage), "");
  v1::Result result;
  result.set_novelty(true);
  result.set_form(v1::RESULT_FORM_STANDARD);
  const auto wrong = EnterpriseViolations(triage, result);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_THAT(wrong[0].description,
              AllOf(HasSubstr("新技术、新工艺、新产品、新材料、新装备"), Not(HasSubstr("标准"))));
}

}  // namespace
}  // namespace chanyan::triage
