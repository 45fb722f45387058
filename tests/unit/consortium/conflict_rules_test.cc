// Who may not review whom (CON-4): kind by kind, with the border of each look-back.
#include "services/consortium/conflict_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/time/civil.h"

namespace chanyan::consortium {
namespace {

using absl::CivilDay;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr CivilDay kToday(2025, 11, 3);

policy::v1::ConflictCheck Check(policy::v1::ConflictKind kind, uint32_t months = 0) {
  policy::v1::ConflictCheck check;
  check.set_kind(kind);
  check.set_look_back_months(months);
  check.mutable_clause()->set_document("文号");
  check.mutable_clause()->set_article("五、（六）");
  return check;
}

ConflictChecks Only(policy::v1::ConflictKind kind, uint32_t months = 0) {
  ConflictChecks checks;
  *checks.Add() = Check(kind, months);
  return checks;
}

ConflictChecks All() {
  ConflictChecks checks;
  for (const auto kind :
       {policy::v1::CONFLICT_KIND_EMPLOYER, policy::v1::CONFLICT_KIND_MEMBER,
        policy::v1::CONFLICT_KIND_CO_BUILD, policy::v1::CONFLICT_KIND_SAME_UNIT,
        policy::v1::CONFLICT_KIND_PAST_FUNDING, policy::v1::CONFLICT_KIND_DECLARED,
        policy::v1::CONFLICT_KIND_PARTICIPANT}) {
    *checks.Add() = Check(kind, 36);
  }
  return checks;
}

v1::DrawCandidate Somebody() {
  v1::DrawCandidate expert;
  expert.set_expert("experts/e");
  expert.set_person("张三");
  expert.set_account("accounts/zhang");
  expert.set_employer("organizations/far");
  return expert;
}

v1::ReviewFacts Facts() {
  v1::ReviewFacts facts;
  *facts.mutable_as_of_date() = time::ToProto(kToday);
  v1::ReviewParty* lead = facts.add_parties();
  lead->set_organization("organizations/lead");
  lead->set_title("牵头企业");
  lead->set_lead(true);
  v1::ReviewParty* member = facts.add_parties();
  member->set_organization("organizations/member");
  member->set_title("成员大学");
  facts.add_people("李四");
  facts.add_people("accounts/li");
  return facts;
}

void AddCoBuild(v1::ReviewFacts* facts, const std::string& university,
                const std::string& enterprise, CivilDay last, bool contract = false) {
  v1::CoBuildFact* fact = facts->add_co_builds();
  fact->set_project("projects/p");
  fact->set_university(university);
  fact->set_enterprise(enterprise);
  *fact->mutable_last_date() = time::ToProto(last);
  fact->set_contract(contract);
}

TEST(ConflictRulesTest, MonthsBeforeKeepsToTheMonthsLength) {
  EXPECT_EQ(MonthsBefore(CivilDay(2025, 5, 31), 3), CivilDay(2025, 2, 28));
  EXPECT_EQ(MonthsBefore(CivilDay(2024, 5, 31), 3), CivilDay(2024, 2, 29));
  EXPECT_EQ(MonthsBefore(CivilDay(2025, 1, 15), 1), CivilDay(2024, 12, 15));
  EXPECT_EQ(MonthsBefore(CivilDay(2025, 11, 3), 36), CivilDay(2022, 11, 3));
  EXPECT_EQ(MonthsBefore(CivilDay(2025, 11, 3), 0), CivilDay(2025, 11, 3));
}

TEST(ConflictRulesTest, AStrangerHasNoConflictAndTheProofSaysWhatWasComparedWithWhat) {
  const v1::ReviewFacts facts = Facts();
  EXPECT_THAT(FindConflicts(All(), Somebody(), facts), IsEmpty());
  const v1::NonConflictProof proof = ChecksDone(All(), Somebody(), facts);
  ASSERT_EQ(proof.checks_size(), 7);
  EXPECT_THAT(proof.checks(0).expert_side(), ::testing::ElementsAre("organizations/far"));
  EXPECT_THAT(proof.checks(0).party_side(), ::testing::ElementsAre("organizations/lead"));
  EXPECT_EQ(proof.checks(0).compared(), 1);
  EXPECT_EQ(proof.checks(0).clause(), "文号 五、（六）");
  EXPECT_THAT(proof.checks(6).party_side(), ::testing::ElementsAre("accounts/li", "李四"));
}

TEST(ConflictRulesTest, WhoWorksForTheLeadOrAMemberIsOut) {
  v1::DrawCandidate expert = Somebody();
  expert.set_employer("organizations/lead");
  auto found = FindConflicts(All(), expert, Facts());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind(), policy::v1::CONFLICT_KIND_EMPLOYER);
  EXPECT_EQ(found[0].ground(), "任职于牵头单位：牵头企业（现任职单位）");
  expert.set_employer("organizations/member");
  found = FindConflicts(All(), expert, Facts());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind(), policy::v1::CONFLICT_KIND_MEMBER);
  EXPECT_EQ(found[0].party(), "organizations/member");
}

TEST(ConflictRulesTest, APastEmploymentCountsUpToTheDayOfTheLookBack) {
  v1::DrawCandidate expert = Somebody();
  v1::PastPost* post = expert.add_past_posts();
  post->set_organization("organizations/lead");
  *post->mutable_until_date() = time::ToProto(CivilDay(2022, 11, 3));
  const auto checks = Only(policy::v1::CONFLICT_KIND_EMPLOYER, 36);
  EXPECT_EQ(FindConflicts(checks, expert, Facts()).size(), 1u);
  *post->mutable_until_date() = time::ToProto(CivilDay(2022, 11, 2));
  EXPECT_THAT(FindConflicts(checks, expert, Facts()), IsEmpty());
}

TEST(ConflictRulesTest, ACoBuildPartnerOfEitherSideIsOut) {
  const auto checks = Only(policy::v1::CONFLICT_KIND_CO_BUILD, 36);
  v1::ReviewFacts facts = Facts();
  AddCoBuild(&facts, "organizations/far", "organizations/lead", kToday);
  auto found = FindConflicts(checks, Somebody(), facts);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].evidence(), "projects/p");
  facts = Facts();
  AddCoBuild(&facts, "organizations/member", "organizations/far", CivilDay(2022, 11, 3));
  EXPECT_EQ(FindConflicts(checks, Somebody(), facts).size(), 1u);
  facts = Facts();
  AddCoBuild(&facts, "organizations/member", "organizations/far", CivilDay(2022, 11, 2));
  EXPECT_THAT(FindConflicts(checks, Somebody(), facts), IsEmpty());
}

TEST(ConflictRulesTest, ProjectsOfThePartiesAmongThemselvesAreNobodysConflict) {
  v1::ReviewFacts facts = Facts();
  AddCoBuild(&facts, "organizations/member", "organizations/lead", kToday, true);
  EXPECT_THAT(FindConflicts(All(), Somebody(), facts), IsEmpty());
}

TEST(ConflictRulesTest, SameUnitIsAboveBelowOrBeside) {
  const auto checks = Only(policy::v1::CONFLICT_KIND_SAME_UNIT);
  v1::DrawCandidate expert = Somebody();
  v1::ReviewFacts facts = Facts();
  facts.mutable_parties(0)->add_ancestors("organizations/group");
  EXPECT_THAT(FindConflicts(checks, expert, facts), IsEmpty());
  expert.add_employer_ancestors("organizations/group");
  auto found = FindConflicts(checks, expert, facts);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].ground(), HasSubstr("同属一个上级单位"));
  expert.set_employer("organizations/group");
  expert.clear_employer_ancestors();
  found = FindConflicts(checks, expert, facts);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].ground(), HasSubstr("上下级单位"));
}

TEST(ConflictRulesTest, MoneyIsPastFundingAndOtherInterestsAreDeclared) {
  v1::DrawCandidate expert = Somebody();
  v1::PastInterest* interest = expert.add_interests();
  interest->set_organization("organizations/member");
  interest->set_funding(true);
  auto found = FindConflicts(All(), expert, Facts());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind(), policy::v1::CONFLICT_KIND_PAST_FUNDING);
  interest->set_funding(false);
  found = FindConflicts(All(), expert, Facts());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind(), policy::v1::CONFLICT_KIND_DECLARED);
  *interest->mutable_until_date() = time::ToProto(CivilDay(2022, 11, 2));
  EXPECT_THAT(FindConflicts(All(), expert, Facts()), IsEmpty());
}

TEST(ConflictRulesTest, ATechnologyContractIsPastFundingBesideTheProject) {
  v1::ReviewFacts facts = Facts();
  AddCoBuild(&facts, "organizations/far", "organizations/lead", kToday, true);
  const auto found = FindConflicts(All(), Somebody(), facts);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind(), policy::v1::CONFLICT_KIND_CO_BUILD);
  EXPECT_EQ(found[1].kind(), policy::v1::CONFLICT_KIND_PAST_FUNDING);
}

TEST(ConflictRulesTest, WhoTakesPartIsFoundByAccountAndByName) {
  v1::DrawCandidate expert = Somebody();
  expert.set_account("accounts/li");
  EXPECT_EQ(FindConflicts(All(), expert, Facts()).size(), 1u);
  expert = Somebody();
  expert.set_person("李四");
  EXPECT_EQ(FindConflicts(All(), expert, Facts()).size(), 1u);
}

TEST(ConflictRulesTest, AKindThatThePackDoesNotHaveIsNotLookedAt) {
  v1::DrawCandidate expert = Somebody();
  expert.set_employer("organizations/lead");
  EXPECT_THAT(FindConflicts(Only(policy::v1::CONFLICT_KIND_MEMBER), expert, Facts()), IsEmpty());
}

}  // namespace
}  // namespace chanyan::consortium
