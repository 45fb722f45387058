// The life cycle of a dossier: every state, verb and part; and the README's diagram (CON-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "services/consortium/consortium_life.h"
#include "tests/support/service_test.h"

namespace chanyan::consortium {
namespace {

using S = v1::ConsortiumState;
using P = Part;

constexpr S kDraft = v1::CONSORTIUM_STATE_DRAFT;
constexpr S kDistrict = v1::CONSORTIUM_STATE_DISTRICT_REVIEW;
constexpr S kCity = v1::CONSORTIUM_STATE_CITY_REVIEW;
constexpr S kExpert = v1::CONSORTIUM_STATE_EXPERT_REVIEW;
constexpr S kVisit = v1::CONSORTIUM_STATE_SITE_VISIT;
constexpr S kDefence = v1::CONSORTIUM_STATE_DEFENCE;
constexpr S kSelected = v1::CONSORTIUM_STATE_SELECTED;
constexpr S kNotice = v1::CONSORTIUM_STATE_PUBLIC_NOTICE;
constexpr S kFiled = v1::CONSORTIUM_STATE_FILED;
constexpr S kReturned = v1::CONSORTIUM_STATE_RETURNED;
constexpr S kRejected = v1::CONSORTIUM_STATE_REJECTED;
constexpr S kWithdrawn = v1::CONSORTIUM_STATE_WITHDRAWN;
constexpr S kLapsed = v1::CONSORTIUM_STATE_LAPSED;
constexpr S kCancelled = v1::CONSORTIUM_STATE_CANCELLED;
constexpr S kVacant = v1::CONSORTIUM_STATE_LEAD_VACANT;
constexpr S kExpired = v1::CONSORTIUM_STATE_EXPIRED;
constexpr S kDissolved = v1::CONSORTIUM_STATE_DISSOLVED;
constexpr S kRenewed = v1::CONSORTIUM_STATE_RENEWED;

// Written by hand from S2 and the issue, not from the table.
const std::map<std::tuple<S, std::string, P>, S>& Possible() {
  static const auto& possible = *new std::map<std::tuple<S, std::string, P>, S>{
      {{kDraft, "submit", P::kLead}, kDistrict},
      {{kReturned, "submit", P::kLead}, kDistrict},
      {{kDistrict, "recommend", P::kDistrict}, kCity},
      {{kDistrict, "return", P::kDistrict}, kReturned},
      {{kCity, "return", P::kOffice}, kReturned},
      {{kDistrict, "reject", P::kDistrict}, kRejected},
      {{kCity, "reject", P::kOffice}, kRejected},
      {{kExpert, "reject", P::kOffice}, kRejected},
      {{kVisit, "reject", P::kOffice}, kRejected},
      {{kDefence, "reject", P::kOffice}, kRejected},
      {{kSelected, "reject", P::kOffice}, kRejected},
      {{kCity, "accept", P::kOffice}, kExpert},
      {{kExpert, "inspect", P::kOffice}, kVisit},
      {{kVisit, "defend", P::kOffice}, kDefence},
      {{kDefence, "select", P::kOffice}, kSelected},
      {{kSelected, "announce", P::kOffice}, kNotice},
      {{kNotice, "file", P::kSystem}, kFiled},
      {{kNotice, "sustain", P::kOffice}, kRejected},
      {{kNotice, "reopen", P::kOffice}, kReturned},
      {{kVisit, "reexamine", P::kOffice}, kExpert},
      {{kDefence, "reexamine", P::kOffice}, kExpert},
      {{kSelected, "reexamine", P::kOffice}, kExpert},
      {{kNotice, "reexamine", P::kOffice}, kExpert},
      {{kDraft, "withdraw", P::kLead}, kWithdrawn},
      {{kReturned, "withdraw", P::kLead}, kWithdrawn},
      {{kDistrict, "withdraw", P::kLead}, kWithdrawn},
      {{kCity, "withdraw", P::kLead}, kWithdrawn},
      {{kExpert, "withdraw", P::kLead}, kWithdrawn},
      {{kVisit, "withdraw", P::kLead}, kWithdrawn},
      {{kDefence, "withdraw", P::kLead}, kWithdrawn},
      {{kSelected, "withdraw", P::kLead}, kWithdrawn},
      {{kNotice, "withdraw", P::kLead}, kWithdrawn},
      {{kReturned, "lapse", P::kSystem}, kLapsed},
      {{kFiled, "cancel", P::kOffice}, kCancelled},
      {{kVacant, "cancel", P::kOffice}, kCancelled},
      {{kFiled, "removeLead", P::kOffice}, kVacant},
      {{kVacant, "installLead", P::kSystem}, kFiled},
      {{kVacant, "abandon", P::kSystem}, kCancelled},
      {{kFiled, "dissolve", P::kLead}, kDissolved},
      {{kFiled, "expire", P::kSystem}, kExpired},
      {{kVacant, "expire", P::kSystem}, kExpired},
      {{kFiled, "renew", P::kSystem}, kRenewed},
      {{kVacant, "renew", P::kSystem}, kRenewed},
  };
  return possible;
}

TEST(ConsortiumLifeTest, EveryStateVerbAndPart) {
  std::set<std::string> verbs;
  for (const Step& step : ConsortiumSteps()) verbs.insert(std::string(step.verb));
  size_t taken = 0;
  for (int number = v1::ConsortiumState_MIN + 1; number <= v1::ConsortiumState_MAX; ++number) {
    const auto state = static_cast<S>(number);
    for (const std::string& verb : verbs) {
      bool somebody = false;
      for (const P part : {P::kLead, P::kDistrict, P::kOffice, P::kSystem}) {
        somebody |= Possible().contains({state, verb, part});
      }
      for (const P part : {P::kLead, P::kDistrict, P::kOffice, P::kSystem}) {
        const auto expected = Possible().find({state, verb, part});
        const auto found = FindStep(state, verb, part);
        const std::string which = absl::StrCat(policy::LabelOf(state), " ", verb);
        if (expected != Possible().end()) {
          ASSERT_TRUE(found.ok()) << which << found.status();
          EXPECT_EQ((*found)->to, expected->second) << which;
          ++taken;
        } else {
          EXPECT_EQ(status::ReasonOf(found.status()),
                    somebody ? options::v1::ERROR_REASON_ROLE_NOT_PERMITTED
                             : options::v1::ERROR_REASON_WRONG_STATE)
              << which;
        }
      }
    }
  }
  EXPECT_EQ(taken, Possible().size());
}

TEST(ConsortiumLifeTest, WhatIsOverStaysOver) {
  for (const S state :
       {kRejected, kWithdrawn, kLapsed, kCancelled, kExpired, kDissolved, kRenewed}) {
    for (const Step& step : ConsortiumSteps()) EXPECT_FALSE(In(state, step.from)) << step.verb;
  }
}

TEST(ConsortiumLifeTest, AVerbThatNobodyKnowsIsOurFault) {
  EXPECT_TRUE(absl::IsInternal(FindStep(kDraft, "vanish", P::kLead).status()));
}

TEST(ConsortiumLifeTest, ReadmeShowsTheTable) {
  const std::string text = testing::SourceText("services/consortium/README.md");
  const std::string begin_mark = "<!-- life -->\n";
  const size_t begin = text.find(begin_mark);
  const size_t end = text.find("<!-- /life -->");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const size_t from = begin + begin_mark.size();
  EXPECT_EQ(text.substr(from, end - from), LifeDiagram()) << "put there:\n" << LifeDiagram();
}

}  // namespace
}  // namespace chanyan::consortium
