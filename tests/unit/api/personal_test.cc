#include "common/api/personal.h"

#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

TEST(PersonalTest, ValuesKeepOnlyWhatTheOwnerRecognises) {
  struct Case {
    options::v1::PersonalData kind;
    const char* value;
    const char* masked;
  };
  constexpr auto kPhone = options::v1::PERSONAL_DATA_PHONE;
  constexpr auto kEmail = options::v1::PERSONAL_DATA_EMAIL;
  constexpr auto kId = options::v1::PERSONAL_DATA_ID_NUMBER;
  for (const Case& c : {
           Case{kPhone, "13812345678", "138****5678"},
           Case{kPhone, "0532-85911343", "053****1343"},
           Case{kPhone, "1234567", "***"},
           Case{kPhone, "", ""},
           Case{kEmail, "li@example.com", "l***@example.com"},
           Case{kEmail, "l@example.com", "***"},
           Case{kEmail, "not an address", "***"},
           Case{kId, "370202199001011234", "370****1234"},
       }) {
    EXPECT_EQ(MaskValue(c.kind, c.value), c.masked) << c.value;
  }
}

TEST(PersonalTest, EveryPersonalValueOfAMessageIsMaskedAndNothingElse) {
  registry::v1::ListPlatformsResponse page;
  for (int i = 0; i < 2; ++i) {
    auto* contact = page.add_platforms()->add_contacts();
    contact->set_person("联系人");
    contact->set_phone("13812345678");
    contact->set_email("li@example.com");
  }
  ASSERT_TRUE(MayHoldPersonal(page.GetDescriptor()));
  MaskPersonal(Masking::kPartial, &page);
  for (const auto& platform : page.platforms()) {
    EXPECT_EQ(platform.contacts(0).person(), "联系人");
    EXPECT_EQ(platform.contacts(0).phone(), "138****5678");
    EXPECT_EQ(platform.contacts(0).email(), "l***@example.com");
  }
  MaskPersonal(Masking::kWhole, &page);
  EXPECT_EQ(page.platforms(0).contacts(0).phone(), "***");
}

TEST(PersonalTest, ATypeWithoutPersonalFieldsIsKnownAsSuch) {
  EXPECT_FALSE(MayHoldPersonal(pairing::v1::Project::descriptor()));
}

}  // namespace
}  // namespace chanyan::api
