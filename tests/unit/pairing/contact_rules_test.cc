// Rules and life of the contact log, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/time/civil.h"
#include "services/pairing/contact_life.h"
#include "services/pairing/contact_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using S = v1::ContactState;

constexpr char kUniversity[] = "organizations/ouc";
constexpr char kEnterprise[] = "organizations/e1";
constexpr char kUnit[] = "organizations/zone";

v1::Project SomeProject(v1::ProjectState state = v1::PROJECT_STATE_INTENT) {
  v1::Project project;
  project.set_university(kUniversity);
  project.set_enterprise(kEnterprise);
  project.set_unit(kUnit);
  project.set_state(state);
  return project;
}

TEST(ContactLifeTest, EveryStateAndVerb) {
  constexpr S kNo = v1::CONTACT_STATE_UNSPECIFIED;
  const S states[] = {v1::CONTACT_STATE_RECORDED, v1::CONTACT_STATE_AWAITING,
                      v1::CONTACT_STATE_ANSWERED, v1::CONTACT_STATE_WITHDRAWN,
                      v1::CONTACT_STATE_ENDED};
  struct Case {
    const char* verb;
    S to[5];
  };
  const Case cases[] = {
      {"answer", {kNo, v1::CONTACT_STATE_ANSWERED, kNo, kNo, kNo}},
      {"withdraw", {kNo, v1::CONTACT_STATE_WITHDRAWN, kNo, kNo, kNo}},
      {"end", {kNo, v1::CONTACT_STATE_ENDED, kNo, kNo, kNo}},
  };
  ASSERT_EQ(std::size(cases), ContactLife().size());
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      const auto next = policy::Next(ContactLife(), states[i], one.verb);
      EXPECT_EQ(next.value_or(kNo), one.to[i]) << one.verb << " from " << states[i];
    }
  }
}

TEST(ContactRulesTest, TheOtherSideAnswersAndAUnitSaysWhich) {
  const v1::Project project = SomeProject();
  EXPECT_EQ(RespondentOf(project, kUniversity, ""), kEnterprise);
  EXPECT_EQ(RespondentOf(project, kEnterprise, ""), kUniversity);
  EXPECT_EQ(RespondentOf(project, kUnit, ""), "");
  EXPECT_EQ(RespondentOf(project, kUnit, kUniversity), kUniversity);
  EXPECT_EQ(RespondentOf(project, kUnit, kEnterprise), kEnterprise);
  EXPECT_EQ(RespondentOf(project, kUnit, kUnit), "");
}

TEST(ContactRulesTest, EveryMistakeIsNamed) {
  const absl::Time now = time::StartOfDay(absl::CivilDay(2025, 4, 1));
  struct Case {
    v1::ContactKind kind;
    bool internal;
    const char* organization;
    const char* respondent;
    v1::ProjectState state;
    absl::Duration ahead;
    std::vector<std::string> fields;
  };
  constexpr auto kOpen = v1::PROJECT_STATE_INTENT;
  constexpr auto kEnded = v1::PROJECT_STATE_COMPLETED;
  const absl::Duration zero;
  const Case cases[] = {
      {v1::CONTACT_KIND_NOTE, false, kUniversity, "", kOpen, zero, {}},
      {v1::CONTACT_KIND_NOTE, true, kUniversity, "", kOpen, zero, {}},
      {v1::CONTACT_KIND_NOTE, false, kUniversity, "", kEnded, zero, {}},
      {v1::CONTACT_KIND_NOTE, false, kUniversity, kEnterprise, kOpen, zero, {"respondent"}},
      {v1::CONTACT_KIND_NOTE, false, kUniversity, "", kOpen, absl::Seconds(1), {"contact_time"}},
      {v1::CONTACT_KIND_APPROACH, false, kUniversity, "", kOpen, zero, {}},
      {v1::CONTACT_KIND_APPROACH, false, kUniversity, kEnterprise, kOpen, zero, {}},
      {v1::CONTACT_KIND_APPROACH, false, kUniversity, kUniversity, kOpen, zero, {"respondent"}},
      {v1::CONTACT_KIND_APPROACH, true, kUniversity, "", kOpen, zero, {"internal"}},
      {v1::CONTACT_KIND_APPROACH, false, kUniversity, "", kEnded, zero, {"kind"}},
      {v1::CONTACT_KIND_APPROACH, false, kUnit, "", kOpen, zero, {"respondent"}},
      {v1::CONTACT_KIND_APPROACH, false, kUnit, kUniversity, kOpen, zero, {}},
      {v1::CONTACT_KIND_ANSWER, false, kUniversity, "", kOpen, zero, {"kind"}},
  };
  for (const Case& one : cases) {
    v1::Contact contact;
    contact.set_kind(one.kind);
    contact.set_internal(one.internal);
    contact.set_respondent(one.respondent);
    std::vector<std::string> fields;
    for (const auto& violation : ContactViolations(SomeProject(one.state), contact,
                                                   one.organization, now + one.ahead, now)) {
      fields.push_back(violation.field);
    }
    EXPECT_EQ(fields, one.fields) << contact.ShortDebugString();
  }
}

TEST(ContactRulesTest, TheTermIsThePacks) {
  const auto qingdao = testing::ShippedPack("qingdao");
  const auto linyi = testing::ShippedPack("linyi");
  const absl::CivilDay day(2025, 4, 1);
  EXPECT_EQ(AnswerTermOf(*qingdao, day)->last_day, absl::CivilDay(2025, 4, 9));
  EXPECT_EQ(AnswerTermOf(*linyi, day)->last_day, absl::CivilDay(2025, 4, 16));
  const auto none = AnswerTermOf(*testing::ShippedPack("shandong"), day);
  EXPECT_EQ(status::ReasonOf(none.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("没有规定答复期限"));
  EXPECT_EQ(status::ReasonOf(AnswerTermOf(*qingdao, absl::CivilDay(2026, 12, 31)).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST(ContactRulesTest, OnlyTheRespondentAnswersAndOnlyTheWriterWithdraws) {
  v1::Contact contact;
  contact.set_organization(kUniversity);
  contact.set_respondent(kEnterprise);
  EXPECT_TRUE(MayAct(contact, "answer", kEnterprise));
  EXPECT_FALSE(MayAct(contact, "answer", kUniversity));
  EXPECT_TRUE(MayAct(contact, "withdraw", kUniversity));
  EXPECT_FALSE(MayAct(contact, "withdraw", kEnterprise));
  EXPECT_FALSE(MayAct(contact, "end", kUniversity));
  EXPECT_FALSE(MayAct(v1::Contact(), "answer", ""));
}

}  // namespace
}  // namespace chanyan::pairing
