// What an expert of the pool must be (CON-4).
#include "services/consortium/expert_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/time/civil.h"

namespace chanyan::consortium {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr CivilDay kDrawDay(2025, 11, 3);

policy::v1::ConsortiumReview Review() {
  policy::v1::ConsortiumReview review;
  review.add_categories()->set_id("technology");
  return review;
}

void AddTerm(v1::Expert* expert, CivilDay start, CivilDay end) {
  v1::ExpertTerm* term = expert->add_terms();
  *term->mutable_start_date() = time::ToProto(start);
  *term->mutable_end_date() = time::ToProto(end);
}

v1::Expert Good() {
  v1::Expert expert;
  expert.set_category("technology");
  expert.set_employer("organizations/e");
  expert.set_state(v1::EXPERT_STATE_ACTIVE);
  AddTerm(&expert, CivilDay(2025, 1, 1), CivilDay(2026, 12, 31));
  return expert;
}

std::vector<std::string> Paths(const std::vector<status::Violation>& wrong) {
  std::vector<std::string> paths;
  for (const auto& one : wrong) paths.push_back(one.field);
  return paths;
}

TEST(ExpertRulesTest, EverythingWrongIsToldAtOnce) {
  v1::Expert expert = Good();
  expert.set_category("magic");
  AddTerm(&expert, CivilDay(2026, 12, 31), CivilDay(2026, 1, 1));
  for (const auto& [who, day] : {std::pair{"organizations/x", CivilDay(2024, 1, 1)},
                                 std::pair{"organizations/x", CivilDay(2025, 11, 4)},
                                 std::pair{"organizations/e", CivilDay(2024, 1, 1)}}) {
    v1::PastEmployment* past = expert.add_past_employers();
    past->set_organization(who);
    *past->mutable_until_date() = time::ToProto(day);
  }
  EXPECT_THAT(
      Paths(ExpertViolations(Review(), expert, kDrawDay)),
      ElementsAre("category", "terms[1].end_date", "terms[1]", "past_employers[1].organization",
                  "past_employers[1].until_date", "past_employers[2].organization"));
  EXPECT_THAT(ExpertViolations(Review(), Good(), kDrawDay), IsEmpty());
}

TEST(ExpertRulesTest, AnInterestIsOfOneKindOnceAndNotOfTheFuture) {
  v1::DeclareInterestsRequest request;
  for (int i = 0; i < 2; ++i) {
    v1::DeclaredInterest* one = request.add_interests();
    one->set_organization("organizations/x");
    one->set_kind(v1::INTEREST_KIND_OTHER);
  }
  *request.mutable_interests(0)->mutable_until_date() = time::ToProto(kDrawDay + 1);
  EXPECT_THAT(Paths(InterestViolations(request, kDrawDay)),
              ElementsAre("interests[0].until_date", "interests[0].remark", "interests[1]",
                          "interests[1].remark"));
}

TEST(ExpertRulesTest, InOfficeFromTheFirstToTheLastDay) {
  EXPECT_FALSE(InOffice(Good(), CivilDay(2024, 12, 31)));
  EXPECT_TRUE(InOffice(Good(), CivilDay(2025, 1, 1)));
  EXPECT_TRUE(InOffice(Good(), CivilDay(2026, 12, 31)));
  EXPECT_FALSE(InOffice(Good(), CivilDay(2027, 1, 1)));
  v1::Expert suspended = Good();
  suspended.set_state(v1::EXPERT_STATE_SUSPENDED);
  EXPECT_FALSE(InOffice(suspended, kDrawDay));
}

TEST(ExpertRulesTest, ADrawSeesWhatConflictsAreFoundBy) {
  v1::Expert expert = Good();
  expert.set_name("experts/a");
  expert.set_phone("13812345678");
  v1::DeclaredInterest* money = expert.add_interests();
  money->set_organization("organizations/x");
  money->set_kind(v1::INTEREST_KIND_FUNDING);
  const v1::DrawCandidate candidate = CandidateOf(expert, kDrawDay, {});
  EXPECT_TRUE(candidate.in_term());
  ASSERT_EQ(candidate.interests_size(), 1);
  EXPECT_TRUE(candidate.interests(0).funding());
  EXPECT_FALSE(candidate.interests(0).has_until_date());
  EXPECT_THAT(candidate.ShortDebugString(), ::testing::Not(::testing::HasSubstr("13812345678")));
}

TEST(ExpertRulesTest, WhatHasBecomePartOfAnotherIsNamedAsItIsToday) {
  v1::Expert expert = Good();
  expert.clear_past_employers();
  for (const char* name : {"organizations/gone", "organizations/there"}) {
    v1::PastEmployment* past = expert.add_past_employers();
    past->set_organization(name);
    *past->mutable_until_date() = time::ToProto(kDrawDay - 30);
    v1::DeclaredInterest* interest = expert.add_interests();
    interest->set_organization(name);
    interest->set_kind(v1::INTEREST_KIND_FUNDING);
  }
  EXPECT_THAT(NamedBy(expert), ElementsAre("organizations/gone", "organizations/there",
                                           "organizations/gone", "organizations/there"));
  const v1::DrawCandidate candidate =
      CandidateOf(expert, kDrawDay, {{"organizations/gone", "organizations/heir"}});
  EXPECT_EQ(candidate.past_posts(0).organization(), "organizations/heir");
  EXPECT_EQ(candidate.past_posts(0).merged(), "organizations/gone");
  EXPECT_EQ(candidate.past_posts(1).organization(), "organizations/there");
  EXPECT_EQ(candidate.past_posts(1).merged(), "");
  EXPECT_EQ(candidate.interests(0).organization(), "organizations/heir");
  EXPECT_EQ(candidate.interests(0).merged(), "organizations/gone");
  EXPECT_EQ(candidate.interests(1).organization(), "organizations/there");
  EXPECT_EQ(candidate.interests(1).merged(), "");
}

}  // namespace
}  // namespace chanyan::consortium
