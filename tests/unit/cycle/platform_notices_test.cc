// Who is told that a platform's data are stale: its contacts where they can act, else its
// organization and whom to pass it on to (REG-2, CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/journal/journal.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kUniversity[] = "organizations/ouc";

class PlatformNoticesTest : public ::testing::Test {
 protected:
  PlatformNoticesTest() {
    Add("zhang", "张三", ROLE_PLATFORM_MANAGER);
    Add("li", "李四", ROLE_PLATFORM_MANAGER);
    Add("office", "科研处", ROLE_RESEARCH_OFFICE);
    Add("dean", "院长", ROLE_LEADER);
    // Somebody of the same name elsewhere.
    people_["organizations/upc"].push_back(
        {"other", "organizations/upc", {ROLE_PLATFORM_MANAGER}, "张三"});
  }
  void Add(const char* account, const char* name, Role role) {
    people_[kUniversity].push_back({account, kUniversity, {role}, name});
  }
  template <class T>
  std::vector<v1::Notification> Told(const T& after, const char* kind) {
    journal::v1::Entry entry;
    entry.set_event_id("e");
    entry.set_type(T::descriptor()->full_name());
    entry.set_resource(after.name());
    entry.set_kind(kind);
    entry.set_after_json(journal::CanonicalJson(after));
    std::vector<v1::Notification> tellings;
    AddTellings(entry, NoticesOf(entry), people_, &tellings);
    return tellings;
  }
  static registry::v1::Platform Stale(const std::vector<std::string>& contacts) {
    registry::v1::Platform platform;
    platform.set_name("organizations/ouc/platforms/lab");
    platform.set_organization(kUniversity);
    platform.set_display_name("腐蚀实验室");
    platform.set_stale(true);
    for (const std::string& person : contacts) {
      registry::v1::Contact* contact = platform.add_contacts();
      contact->set_person(person);
      contact->set_phone("0532-85911343");
      contact->set_email("lab@example.cn");
    }
    return platform;
  }
  std::vector<std::string> Who(const std::vector<std::string>& contacts) {
    std::vector<std::string> who;
    for (const v1::Notification& one : Told(Stale(contacts), "reminded")) {
      who.push_back(one.account());
    }
    return who;
  }

  People people_;
};

TEST_F(PlatformNoticesTest, ItsContactsAreToldWhereTheyHaveAnAccount) {
  EXPECT_THAT(Who({"李四"}), ElementsAre("li"));
  EXPECT_THAT(Who({"李四", "张三"}), UnorderedElementsAre("li", "zhang"));
  EXPECT_THAT(Who({"王五", "李四"}), ElementsAre("li")) << "one of them is enough";
  EXPECT_THAT(Told(Stale({"王五", "李四"}), "reminded")[0].content(), Not(HasSubstr("转告")));
}

TEST_F(PlatformNoticesTest, WhoHasNoAccountThatCanActIsNamedToItsOrganization) {
  EXPECT_THAT(Who({}), UnorderedElementsAre("zhang", "li", "office"));
  EXPECT_THAT(Who({"王五"}), UnorderedElementsAre("zhang", "li", "office"));
  EXPECT_THAT(Who({"院长"}), UnorderedElementsAre("zhang", "li", "office"))
      << "a leader confirms no data";
  for (const v1::Notification& one : Told(Stale({"王五", "赵六"}), "reminded")) {
    EXPECT_THAT(one.content(),
                AllOf(HasSubstr("联系人王五、赵六在系统中没有可办理的账号，请转告。"),
                      Not(HasSubstr("85911343")), Not(HasSubstr("@"))));
    EXPECT_EQ(one.organization(), kUniversity);
  }
  for (const v1::Notification& one : Told(Stale({}), "reminded")) {
    EXPECT_THAT(one.content(), Not(HasSubstr("转告"))) << "there is nobody to pass it on to";
  }
}

TEST_F(PlatformNoticesTest, WithoutAnybodyNobodyIsTold) {
  people_.erase(kUniversity);
  EXPECT_THAT(Who({"张三"}), IsEmpty()) << "another organization's people are nobody here";
}

TEST_F(PlatformNoticesTest, AnIntentThatEndsNamesItsPlatform) {
  pairing::v1::Intent intent;
  intent.set_name("intents/i");
  intent.set_organization(kUniversity);
  intent.set_title("提供腐蚀试验");
  intent.set_platform_title("腐蚀实验室");
  intent.set_state(pairing::v1::INTENT_STATE_OPEN);
  intent.mutable_expire_time()->set_seconds(1'750'000'000);
  const auto of_platform = Told(intent, "expiring");
  ASSERT_EQ(of_platform.size(), 3u);
  EXPECT_THAT(of_platform[0].content(), HasSubstr("所属科创平台：腐蚀实验室。到期后不再展示"));
  intent.add_contacts("张三");
  const auto of_contact = Told(intent, "expiring");
  ASSERT_EQ(of_contact.size(), 1u) << "whom the platform names";
  intent.clear_contacts();
  intent.clear_platform_title();
  EXPECT_THAT(Told(intent, "expiring")[0].content(), ::testing::StartsWith("到期后不再展示"));
}

}  // namespace
}  // namespace chanyan::cycle
