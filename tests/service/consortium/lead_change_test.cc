// Another lead: who may become it once a bar is lifted, and what goes with it (CON-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;

// Hard rules that a refusal names as not met.
std::vector<std::string> BrokenRulesOf(const absl::Status& refusal) {
  policy::v1::Verdicts verdicts;
  std::vector<std::string> broken;
  if (!status::GetDetail(refusal, verdicts)) return broken;
  for (const policy::v1::Verdict& verdict : verdicts.verdicts()) {
    if (verdict.strength() == policy::v1::STRENGTH_HARD &&
        verdict.outcome() != policy::v1::OUTCOME_SATISFIED) {
      broken.push_back(verdict.rule_id());
    }
  }
  return broken;
}

class LeadChangeTest : public ::testing::Test, public World {
 protected:
  static v1::Supplement BackAs(v1::MemberLayer layer, const std::string& lead) {
    v1::Supplement change;
    *change.add_joining() = Member(kAlpha, v1::MEMBER_KIND_UPSTREAM, layer);
    change.set_new_lead(lead);
    return change;
  }
  // The dossier and what is below it are Laoshan's to see and Huangdao's no more.
  void ExpectLaoshans(const std::string& name) {
    const v1::Consortium row = Stored(name);
    EXPECT_EQ(row.district(), kLaoshan);
    EXPECT_EQ(row.district_title(), "崂山区科技主管部门");
    EXPECT_TRUE(See(name, ROLE_UNIT, kLaoshan).ok());
    EXPECT_EQ(status::ReasonOf(See(name, ROLE_UNIT, kHuangdao).status()), ERROR_REASON_NOT_FOUND);
    for (const char* table : {"transition_record", "held_project", "membership"}) {
      EXPECT_GT(Count(absl::StrCat(table, " WHERE district = '", kLaoshan, "'")), 0) << table;
      EXPECT_EQ(Count(absl::StrCat(table, " WHERE district <> '", kLaoshan, "'")), 0) << table;
    }
  }
  void SignByAll(const v1::Supplement& supplement) {
    for (const std::string& party : supplement.required_units()) {
      const auto signature = SignSupplement(supplement, party);
      ASSERT_TRUE(signature.ok()) << party << signature.status();
    }
  }
};

// A new lead is asked what a first one is asked: of the city, a leading enterprise, its standing.
TEST_F(LeadChangeTest, ANewLeadIsAskedWhatAFirstOneIsAsked) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement early;
  early.set_held_project(Hold(row.name())->name());
  early.add_leaving(E(2));
  early.set_lead_standing("没有新牵头单位。");
  EXPECT_EQ(status::ReasonOf(Propose(row.name(), early).status()),
            options::v1::ERROR_REASON_INVALID_FIELD)
      << "nobody becomes the lead";
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  const registry::v1::Organization leading = Registered(E(1));
  struct Lack {
    const char* rule;
    std::function<void(registry::v1::Organization&, v1::Supplement&)> lacks;
  };
  const std::vector<Lack> lacks = {
      {"consortium.lead-registered", [](auto& who, auto&) { who.set_region_code("370102"); }},
      {"consortium.lead-leading", [](auto& who, auto&) { who.clear_qualifications(); }},
      {"consortium.lead-standing", [](auto&, auto& change) { change.set_lead_standing(" "); }},
  };
  for (const Lack& lack : lacks) {
    registry::v1::Organization who = leading;
    v1::Supplement change;
    change.set_new_lead(E(1));
    lack.lacks(who, change);
    ASSERT_TRUE(Change(who).ok());
    const auto proposed = Propose(row.name(), change, E(1));
    EXPECT_EQ(status::ReasonOf(proposed.status()), ERROR_REASON_RULE_VIOLATED) << lack.rule;
    EXPECT_THAT(BrokenRulesOf(proposed.status()), ElementsAre(lack.rule));
    EXPECT_EQ(Count("supplement"), 0) << "nobody signs in vain";
    EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_LEAD_VACANT);
    ASSERT_TRUE(Change(leading).ok());
  }
}

TEST_F(LeadChangeTest, TheStandingIsTheNewLeads) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  v1::Supplement change = BackAs(v1::MEMBER_LAYER_MEMBER, E(1));
  change.set_lead_standing("传感器细分领域国内领先。");
  const auto proposed = Propose(row.name(), change, E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  SignByAll(*proposed);
  EXPECT_EQ(Stored(row.name()).lead_unit(), E(1));
  EXPECT_EQ(Stored(row.name()).lead_standing(), "传感器细分领域国内领先。");
}

TEST_F(LeadChangeTest, ABarKeepsTheFormerLeadFromLeadAndCoreAndFromNothingElse) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  for (const auto& change :
       {BackAs(v1::MEMBER_LAYER_CORE, E(1)), BackAs(v1::MEMBER_LAYER_MEMBER, kAlpha)}) {
    const auto refused = Propose(row.name(), change, E(1));
    EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_RULE_VIOLATED) << refused.status();
  }
  const auto proposed = Propose(row.name(), BackAs(v1::MEMBER_LAYER_MEMBER, E(1)), E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  SignByAll(*proposed);
  const v1::Consortium after = Stored(row.name());
  EXPECT_EQ(after.state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_EQ(after.lead_unit(), E(1));
  EXPECT_THAT(after.participants(), ::testing::Contains(kAlpha));
}

TEST_F(LeadChangeTest, ABarThatIsLiftedBindsNobodyAndTheFormerLeadMayLeadAgain) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  ASSERT_TRUE(Lift(BarsOf(kAlpha)[0].name(), kAlpha).ok());
  const auto proposed = Propose(row.name(), BackAs(v1::MEMBER_LAYER_CORE, kAlpha), E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_THAT(proposed->required_units(), ::testing::Contains(kAlpha));
  SignByAll(*proposed);
  const v1::Consortium after = Stored(row.name());
  EXPECT_EQ(after.state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_EQ(after.lead_unit(), kAlpha);
  EXPECT_EQ(after.lead_unit_title(), row.lead_unit_title());
  EXPECT_EQ(after.members_size(), 5);
  EXPECT_EQ(StoredFiling(row.filing()).lead_unit(), kAlpha);
  EXPECT_EQ(Count("membership WHERE end_time IS NULL AND is_lead = 1"), 1);
}

TEST_F(LeadChangeTest, TheDistrictOfTheNewLeadSeesItAndTheFormerOneNoMore) {
  registry::v1::Organization moved = Registered(E(1));
  moved.set_region_code("370212");
  ASSERT_TRUE(Change(moved).ok());
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(Hold(row.name()).ok());
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  EXPECT_EQ(Stored(row.name()).district(), kHuangdao) << "until there is another";
  const auto proposed = Propose(row.name(), BackAs(v1::MEMBER_LAYER_MEMBER, E(1)), E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  SignByAll(*proposed);
  ExpectLaoshans(row.name());
}

TEST_F(LeadChangeTest, AMergerMovesWhatIsInForceToTheDistrictOfItsNewLead) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(Hold(row.name()).ok());
  registry::v1::Organization survivor = Registered(kBeta);
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(kAlpha);
  absorbed->set_display_name(Registered(kAlpha).display_name());
  ASSERT_TRUE(Change(survivor).ok());
  EXPECT_EQ(Stored(row.name()).lead_unit(), kBeta);
  ExpectLaoshans(row.name());
}

}  // namespace
}  // namespace chanyan::consortium
