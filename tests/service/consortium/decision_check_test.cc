// Verdicts on what is in force are kept as those on a dossier are (CON-2, CON-8, POL-2): by which
// rules a consortium ended, by which its members or its lead changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kEnterprisesStay[] = "consortium.change-enterprises";

class DecisionCheckTest : public ::testing::Test, public World {
 protected:
  absl::Status Dissolve(const std::string& name) {
    auto request = Named<v1::DissolveConsortiumRequest>(name);
    request.set_reason("任务完成。");
    return consortia.DissolveConsortium(By(kAlpha, "ConsortiumService.DissolveConsortium"), request)
        .status();
  }
  void ConsentOfAll(const v1::Consortium& row) {
    for (const std::string& party : ParticipantsOf(row)) {
      auto request = Named<v1::SignDissolutionRequest>(row.name());
      request.set_signer("法定代表人");
      const auto signature =
          signatures.SignDissolution(By(party, "SignatureService.SignDissolution"), request);
      ASSERT_TRUE(signature.ok()) << party << signature.status();
    }
  }
  void SignByAll(const v1::Supplement& supplement) {
    for (const std::string& party : supplement.required_units()) {
      const auto signature = SignSupplement(supplement, party);
      ASSERT_TRUE(signature.ok()) << party << signature.status();
    }
  }
  std::vector<v1::EligibilityCheck> Kept(const std::string& name, const std::string& cause) {
    std::vector<v1::EligibilityCheck> kept;
    for (v1::EligibilityCheck& check : ChecksOf(name)) {
      if (check.cause() == cause) kept.push_back(std::move(check));
    }
    return kept;
  }
  static std::vector<std::string> RulesIn(const v1::EligibilityCheck& check) {
    std::vector<std::string> ids;
    for (const policy::v1::Rule& rule : check.rules()) ids.push_back(rule.id());
    return ids;
  }
  static std::vector<std::string> ValuesOf(const v1::EligibilityCheck& check,
                                           const std::string& fact) {
    for (const policy::v1::Fact& one : check.facts()) {
      if (one.name() == fact) return {one.values().begin(), one.values().end()};
    }
    return {};
  }
  // Here, through the service, and by whatever other city's pack: the same bytes. A fact that was
  // touched shows.
  void ExpectReplays(const v1::EligibilityCheck& check, const std::string& touched) {
    const std::string then = policy::Encode(check.verdicts());
    v1::ReplayEligibilityCheckRequest request;
    request.set_name(check.name());
    const auto again = eligibility.ReplayEligibilityCheck(
        By(kBureau, "EligibilityService.ReplayEligibilityCheck"), request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->identical());
    const auto other = testing::ShippedPack("shandong");
    EXPECT_EQ(policy::Encode(Replay(ConsortiumPack(*other), check)), then);
    v1::EligibilityCheck forged = check;
    auto* facts = forged.mutable_facts();
    facts->erase(std::remove_if(facts->begin(), facts->end(),
                                [&](const auto& fact) { return fact.name() == touched; }),
                 facts->end());
    ASSERT_EQ(forged.facts_size() + 1, check.facts_size()) << touched;
    EXPECT_NE(policy::Encode(Replay(rules, forged)), then);
  }
};

TEST_F(DecisionCheckTest, WhatIsRefusedLeavesNoCheck) {
  const v1::Consortium row = Filed("联合体");
  const size_t before = ChecksOf(row.name()).size();
  EXPECT_EQ(status::ReasonOf(Dissolve(row.name())), ERROR_REASON_RULE_VIOLATED);
  v1::Supplement change;
  change.set_held_project(Hold(row.name())->name());
  change.add_leaving(E(2));
  const auto proposed = Propose(row.name(), change);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  // Signed by all it waits for the bureau.
  SignByAll(*proposed);
  EXPECT_EQ(Count("supplement WHERE awaiting_override = 1"), 1);
  EXPECT_THAT(ChecksOf(row.name()), SizeIs(before));
}

TEST_F(DecisionCheckTest, AnEndKeepsTheRulesAndFactsByWhichItCame) {
  const v1::Consortium row = Filed("联合体");
  ConsentOfAll(row);
  ASSERT_TRUE(Dissolve(row.name()).ok());
  const auto all = ChecksOf(row.name());
  const auto kept = Kept(row.name(), "dissolve");
  ASSERT_THAT(kept, SizeIs(1));
  const v1::EligibilityCheck& check = kept.front();
  EXPECT_EQ(check.number(), static_cast<int>(all.size())) << "after all others";
  EXPECT_THAT(RulesIn(check), Contains("consortium.dissolve-consent"));
  EXPECT_THAT(RulesIn(check), Not(Contains("consortium.pledge")));
  EXPECT_EQ(check.rules_size(), check.verdicts().verdicts_size());
  EXPECT_EQ(check.verdicts().pack_version(), pack->version());
  EXPECT_THAT(check.participants(), Contains(kInstitute));
  EXPECT_TRUE(check.overrides().empty());
  ExpectReplays(check, "all_signed");
  // The verdicts of the dossier itself stay those by which it was filed.
  EXPECT_EQ(policy::Encode(Stored(row.name()).verdicts()), policy::Encode(row.verdicts()));
}

TEST_F(DecisionCheckTest, ASupplementKeepsThemWithWhatWasSetAside) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement change;
  change.set_held_project(Hold(row.name())->name());
  *change.add_joining() = Member(kUpc, v1::MEMBER_KIND_UNIVERSITY);
  change.add_leaving(E(2));
  const auto proposed = Propose(row.name(), change);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  SignByAll(*proposed);
  const auto effective = SetAside(*proposed, kEnterprisesStay);
  ASSERT_TRUE(effective.ok()) << effective.status();
  ASSERT_EQ(effective->state(), v1::SUPPLEMENT_STATE_EFFECTIVE);
  const auto kept = Kept(row.name(), "supplement");
  ASSERT_THAT(kept, SizeIs(1));
  const v1::EligibilityCheck& check = kept.front();
  EXPECT_EQ(policy::Encode(check.verdicts()), policy::Encode(effective->verdicts()));
  EXPECT_THAT(ValuesOf(check, "supplement"), ElementsAre(proposed->name()));
  EXPECT_THAT(RulesIn(check), Contains(kEnterprisesStay));
  EXPECT_THAT(RulesIn(check), Not(Contains("consortium.lead-registered")));
  ASSERT_EQ(check.overrides_size(), 1);
  EXPECT_EQ(check.overrides(0).rule_id(), kEnterprisesStay);
  // Who came may read it, who left may not.
  EXPECT_THAT(check.participants(), Contains(kUpc));
  EXPECT_THAT(check.participants(), Not(Contains(E(2))));
  ExpectReplays(check, "all_signed");

  // The next has a check of its own.
  v1::Supplement back;
  back.set_held_project(change.held_project());
  *back.add_joining() = Member(E(2), v1::MEMBER_KIND_UPSTREAM);
  const auto next = Propose(row.name(), back);
  ASSERT_TRUE(next.ok()) << next.status();
  SignByAll(*next);
  const auto both = Kept(row.name(), "supplement");
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_THAT(ValuesOf(both[1], "supplement"), ElementsAre(next->name()));
  EXPECT_EQ(both[1].number(), both[0].number() + 1);
  ExpectReplays(both[1], "all_signed");
  ExpectReplays(both[0], "all_signed");
}

TEST_F(DecisionCheckTest, ANewLeadIsKeptWithTheRulesThatItWasAsked) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  v1::Supplement change;
  change.set_new_lead(E(1));
  *change.add_joining() = Member(kAlpha, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_MEMBER);
  const auto proposed = Propose(row.name(), change, E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  SignByAll(*proposed);
  ASSERT_EQ(Stored(row.name()).lead_unit(), E(1));
  const auto kept = Kept(row.name(), "supplement");
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_THAT(RulesIn(kept.front()), Contains("consortium.lead-registered"));
  EXPECT_EQ(kept.front().lead_unit(), E(1));
  ExpectReplays(kept.front(), "lead_in_city");
}

}  // namespace
}  // namespace chanyan::consortium
