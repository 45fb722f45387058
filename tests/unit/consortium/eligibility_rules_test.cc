// Which dossier may be filed, rule by rule: Qingdao, Shandong and a city that does not exist
// (CON-2, POL-1, POL-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/policy/verdict.h"
#include "services/consortium/eligibility_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const ConsortiumPack& QingdaoRules() {
  static const auto& pack = *testing::ShippedPack().release();
  static const auto& rules = *new ConsortiumPack(pack);
  return rules;
}

v1::Party PartyNamed(const std::string& id, const std::string& kind) {
  v1::Party party;
  party.set_organization("organizations/" + id);
  party.set_title(id);
  party.set_kind(kind);
  party.set_region_code("370211");
  party.set_active(true);
  return party;
}

struct Case {
  v1::Consortium row;
  Grounds grounds;
};

// All that a dossier can have.
Case Whole(const ConsortiumPack& pack) {
  Case one;
  const auto know = [&one](v1::Party party) {
    const std::string name = party.organization();
    one.grounds.parties[name] = std::move(party);
  };
  v1::Party lead = PartyNamed("lead", "ENTERPRISE");
  lead.add_qualifications("CHAIN_MASTER");
  know(std::move(lead));
  one.grounds.day = absl::CivilDay(2025, 4, 1);
  v1::Consortium& row = one.row;
  row.set_name("consortia/c");
  row.set_lead_unit("organizations/lead");
  row.set_lead_standing("国内领先");
  row.add_industries(pack.Industries().front());
  row.set_track("细分");
  const auto join = [&](const std::string& id, const std::string& kind, v1::MemberKind as) {
    know(PartyNamed(id, kind));
    v1::ConsortiumMember* member = row.add_members();
    member->set_organization("organizations/" + id);
    member->set_kind(as);
    member->set_layer(v1::MEMBER_LAYER_CORE);
    member->set_basis("有");
    member->set_tasks("有");
    member->set_capability("有");
    member->set_resources("有");
  };
  join("e1", "ENTERPRISE", v1::MEMBER_KIND_UPSTREAM);
  join("e2", "ENTERPRISE", v1::MEMBER_KIND_UPSTREAM);
  join("e3", "ENTERPRISE", v1::MEMBER_KIND_DOWNSTREAM);
  join("u1", "UNIVERSITY", v1::MEMBER_KIND_UNIVERSITY);
  join("u2", "RESEARCH_INSTITUTE", v1::MEMBER_KIND_INSTITUTE);
  for (const std::string& name : ParticipantsOf(row)) {
    row.add_signed_by(name);
    row.add_plan_confirmed_by(name);
  }
  row.mutable_agreement()->set_document_sha256(std::string(64, 'a'));
  for (const auto& clause : pack.proto().agreement_clauses()) {
    v1::ClausePlace* place = row.mutable_agreement()->add_clauses();
    place->set_clause(clause.id());
    place->set_place("第一条");
  }
  row.mutable_chief_expert()->set_person("张三");
  row.mutable_chief_expert()->set_unit_title("海洋大学");
  row.mutable_director()->set_person("李四");
  row.mutable_director()->set_appointed_by_lead(true);
  v1::ConstructionPlan* plan = row.mutable_plan();
  plan->set_significance("一");
  plan->set_organisation("二");
  plan->set_schedule("三");
  plan->set_funds("四");
  plan->set_total_funds_yuan(1);
  plan->add_targets()->set_measure("专利");
  plan->mutable_targets(0)->set_value("20件");
  plan->add_topics()->set_title("课题");
  plan->set_acceptance("验收");
  plan->set_property_layout("专利");
  plan->set_talent_layout("培养");
  plan->set_promotion_layout("应用");
  for (const auto& mechanism : pack.proto().mechanisms()) {
    v1::Mechanism* kept = plan->add_mechanisms();
    kept->set_mechanism(mechanism.id());
    kept->set_description("每季度一次");
  }
  row.mutable_pledge()->set_accepted(true);
  return one;
}

policy::v1::Verdicts VerdictsOf(const ConsortiumPack& pack, const Case& one) {
  return Judge(pack, policy::v1::DECISION_CONSORTIUM_ELIGIBILITY,
               FactsOf(pack, one.row, one.grounds), one.row.overrides());
}

std::vector<std::string> FailedIn(const policy::v1::Verdicts& verdicts) {
  std::vector<std::string> failed;
  for (const auto& verdict : verdicts.verdicts()) {
    if (verdict.outcome() == policy::v1::OUTCOME_NOT_SATISFIED) failed.push_back(verdict.rule_id());
  }
  return failed;
}

TEST(EligibilityRulesTest, AWholeDossierFailsNothing) {
  const auto verdicts = VerdictsOf(QingdaoRules(), Whole(QingdaoRules()));
  EXPECT_THAT(FailedIn(verdicts), IsEmpty());
  EXPECT_GE(verdicts.verdicts_size(), 19);
  for (const auto& verdict : verdicts.verdicts()) {
    EXPECT_EQ(verdict.clause().document(), "青科字〔2025〕5号") << verdict.rule_id();
    EXPECT_FALSE(verdict.clause().text().empty()) << verdict.rule_id();
  }
}

TEST(EligibilityRulesTest, AnEmptyDraftFailsEveryRuleThatAsksForSomething) {
  Case one;
  one.grounds.day = absl::CivilDay(2025, 4, 1);
  const auto failed = FailedIn(VerdictsOf(QingdaoRules(), one));
  EXPECT_THAT(failed, ::testing::Contains("consortium.signed"));
  // Nobody is barred, and nothing is renewed.
  EXPECT_THAT(failed, ::testing::Not(::testing::Contains("consortium.nobody-barred")));
  EXPECT_THAT(failed, ::testing::Not(::testing::Contains("consortium.renewal")));
}

TEST(EligibilityRulesTest, EachThingThatIsTakenAwayFailsItsRuleAlone) {
  struct Removal {
    const char* rule;
    std::function<void(Case&)> remove;
  };
  const std::vector<Removal> removals = {
      {"consortium.lead-registered",
       [](Case& c) { c.grounds.parties["organizations/lead"].set_region_code("370102"); }},
      {"consortium.lead-registered",
       [](Case& c) { c.grounds.parties["organizations/lead"].set_kind("UNIVERSITY"); }},
      {"consortium.lead-leading",
       [](Case& c) { c.grounds.parties["organizations/lead"].clear_qualifications(); }},
      {"consortium.lead-leading",
       [](Case& c) {
         c.grounds.parties["organizations/lead"].clear_qualifications();
         c.grounds.parties["organizations/lead"].add_qualifications("ABOVE_SCALE");
       }},
      {"consortium.lead-standing", [](Case& c) { c.row.clear_lead_standing(); }},
      {"consortium.chain-enterprises",
       [](Case& c) { c.row.mutable_members(0)->set_kind(v1::MEMBER_KIND_OTHER); }},
      {"consortium.research-units",
       [](Case& c) { c.row.mutable_members(4)->set_kind(v1::MEMBER_KIND_OTHER); }},
      {"consortium.signed", [](Case& c) { c.row.mutable_signed_by()->RemoveLast(); }},
      {"consortium.signed", [](Case& c) { c.row.mutable_agreement()->clear_document_sha256(); }},
      {"consortium.agreement-clauses",
       [](Case& c) { c.row.mutable_agreement()->mutable_clauses()->RemoveLast(); }},
      {"consortium.topics", [](Case& c) { c.row.mutable_plan()->clear_topics(); }},
      {"consortium.topics", [](Case& c) { c.row.mutable_members(2)->clear_tasks(); }},
      {"consortium.member-bases", [](Case& c) { c.row.mutable_members(3)->clear_basis(); }},
      {"consortium.member-resources",
       [](Case& c) { c.row.mutable_members(2)->set_resources(" "); }},
      {"consortium.active-parties",
       [](Case& c) { c.grounds.parties["organizations/u1"].set_active(false); }},
      {"consortium.active-parties", [](Case& c) { c.grounds.parties.erase("organizations/u1"); }},
      {"consortium.chief-expert", [](Case& c) { c.row.clear_chief_expert(); }},
      {"consortium.chief-expert",
       [](Case& c) { c.row.mutable_chief_expert()->set_unit_title(" "); }},
      {"consortium.agreement-clauses",
       [](Case& c) { c.row.mutable_agreement()->mutable_clauses(0)->clear_place(); }},
      {"consortium.mechanisms",
       [](Case& c) { c.row.mutable_plan()->mutable_mechanisms(0)->clear_description(); }},
      {"consortium.plan-targets",
       [](Case& c) { c.row.mutable_plan()->mutable_targets(0)->clear_value(); }},
      {"consortium.director",
       [](Case& c) { c.row.mutable_director()->set_appointed_by_lead(false); }},
      {"consortium.mechanisms",
       [](Case& c) { c.row.mutable_plan()->mutable_mechanisms()->RemoveLast(); }},
      {"consortium.plan", [](Case& c) { c.row.mutable_plan()->clear_schedule(); }},
      {"consortium.plan", [](Case& c) { c.row.mutable_plan()->set_total_funds_yuan(0); }},
      {"consortium.plan-targets", [](Case& c) { c.row.mutable_plan()->clear_acceptance(); }},
      {"consortium.plan-layout", [](Case& c) { c.row.mutable_plan()->clear_property_layout(); }},
      {"consortium.plan-layout", [](Case& c) { c.row.mutable_plan()->set_talent_layout(" "); }},
      {"consortium.plan-layout", [](Case& c) { c.row.mutable_plan()->clear_promotion_layout(); }},
      {"consortium.plan-joint", [](Case& c) { c.row.mutable_plan_confirmed_by()->RemoveLast(); }},
      {"consortium.member-enterprises",
       [](Case& c) { c.row.mutable_members(1)->clear_capability(); }},
      {"consortium.member-research",
       [](Case& c) { c.row.mutable_members(4)->set_capability(" "); }},
      {"consortium.pledge", [](Case& c) { c.row.mutable_pledge()->set_accepted(false); }},
      {"consortium.nobody-barred", [](Case& c) { c.grounds.barred["organizations/lead"]; }},
      {"consortium.nobody-barred", [](Case& c) { c.grounds.barred["organizations/e2"]; }},
      {"consortium.industry", [](Case& c) { c.row.set_industries(0, "不在体系内"); }},
      {"consortium.industry", [](Case& c) { c.row.clear_track(); }},
      {"consortium.renewal", [](Case& c) { c.row.set_renews("filings/2022-1"); }},
  };
  std::set<std::string> touched;
  for (const Removal& removal : removals) {
    Case one = Whole(QingdaoRules());
    removal.remove(one);
    EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), ElementsAre(removal.rule));
    touched.insert(removal.rule);
  }
  // No rule of the pack is without its case.
  EXPECT_EQ(touched.size(),
            QingdaoRules().pack().RulesFor(policy::v1::DECISION_CONSORTIUM_ELIGIBILITY).size());
}

TEST(EligibilityRulesTest, WhoIsBarredMayBeAnOrdinaryMember) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members(1)->set_layer(v1::MEMBER_LAYER_MEMBER);
  one.grounds.barred["organizations/e2"];
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), IsEmpty());
}

TEST(EligibilityRulesTest, WhoIsBarredIsNamedWithTheTermAndNewsOnce) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members(1)->set_layer(v1::MEMBER_LAYER_MEMBER);
  for (const char* name :
       {"organizations/lead", "organizations/e1", "organizations/e2", "organizations/stranger"}) {
    one.grounds.barred[name].set_organization(name);
  }
  const auto barred = BarredIn(one.row, one.grounds);
  ASSERT_EQ(barred.size(), 2u) << "neither an ordinary member nor a stranger";
  EXPECT_EQ(barred[0].organization(), "organizations/e1");
  EXPECT_EQ(barred[1].organization(), "organizations/lead");
  v1::Consortium before;
  v1::Consortium after;
  EXPECT_STREQ(JudgedKind(before, after, "judged"), "judged");
  *after.add_barred_parties() = barred[0];
  EXPECT_STREQ(JudgedKind(before, after, "judged"), "barred");
  EXPECT_STREQ(JudgedKind(after, after, "judged"), "judged");
  EXPECT_STREQ(JudgedKind(after, before, "judged"), "unbarred");
  before = after;
  after.mutable_barred_parties(0)->mutable_end_date()->set_year(2029);
  EXPECT_STREQ(JudgedKind(before, after, "judged"), "barred") << "a later end";
  *before.add_barred_parties() = barred[1];
  before.mutable_barred_parties()->DeleteSubrange(0, 1);
  *before.add_barred_parties() = after.barred_parties(0);
  EXPECT_STREQ(JudgedKind(before, after, "followed"), "followed") << "one of two is still";
}

TEST(EligibilityRulesTest, ANewLeadIsJudgedByTheRulesAboutTheLeadAndNobodyElseIs) {
  const Case one = Whole(QingdaoRules());
  v1::Supplement supplement;
  supplement.set_new_lead("organizations/lead");
  const auto rules_of = [](const policy::v1::Verdicts& verdicts) {
    std::set<std::string> rules;
    for (const auto& verdict : verdicts.verdicts()) rules.insert(verdict.rule_id());
    return rules;
  };
  const auto facts =
      MemberChangeFacts(QingdaoRules(), supplement, one.row, one.grounds,
                        {.all_signed = true, .has_project = true, .has_document = true});
  const auto with = JudgeChange(QingdaoRules(), facts, true, {});
  const auto without = JudgeChange(QingdaoRules(), facts, false, {});
  EXPECT_THAT(FailedIn(with), IsEmpty());
  std::set<std::string> more = rules_of(with);
  for (const std::string& rule : rules_of(without)) more.erase(rule);
  EXPECT_THAT(more, UnorderedElementsAre("consortium.lead-registered", "consortium.lead-leading",
                                         "consortium.lead-standing"));
  Case weak = one;
  weak.grounds.parties["organizations/lead"].clear_qualifications();
  weak.grounds.parties["organizations/lead"].set_region_code("370102");
  const auto failed = FailedIn(JudgeChange(
      QingdaoRules(),
      MemberChangeFacts(QingdaoRules(), supplement, weak.row, weak.grounds,
                        {.all_signed = true, .has_project = true, .has_document = true}),
      true, {}));
  EXPECT_THAT(failed,
              UnorderedElementsAre("consortium.lead-registered", "consortium.lead-leading"));
}

TEST(EligibilityRulesTest, TheLeadIsNoneOfItsThreeEnterprises) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members()->DeleteSubrange(2, 1);
  one.row.mutable_signed_by()->DeleteSubrange(3, 1);
  one.row.mutable_plan_confirmed_by()->DeleteSubrange(3, 1);
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)),
              ElementsAre("consortium.chain-enterprises"));
}

TEST(EligibilityRulesTest, AnOverrideCountsForSoftRulesAlone) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members(4)->set_kind(v1::MEMBER_KIND_OTHER);
  one.row.mutable_pledge()->set_accepted(false);
  for (const char* rule : {"consortium.research-units", "consortium.pledge"}) {
    v1::RuleOverride* set_aside = one.row.add_overrides();
    set_aside->set_rule_id(rule);
    set_aside->set_role(options::v1::ROLE_DEPARTMENT);
    set_aside->set_reason("专门领域高校院所不足");
  }
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), ElementsAre("consortium.pledge"));
}

TEST(EligibilityRulesTest, AnOverrideLastsAsLongAsItsFacts) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members(4)->set_kind(v1::MEMBER_KIND_OTHER);
  const auto waive = [&](const std::string& rule, const std::string& reason) {
    return Waive(QingdaoRules(), VerdictsOf(QingdaoRules(), one),
                 {rule, reason, "accounts/office", absl::FromUnixSeconds(1'700'000'000)},
                 one.row.mutable_overrides());
  };
  // Nothing to set aside, nobody may, no reason.
  EXPECT_FALSE(waive("consortium.chain-enterprises", "理由").ok());
  EXPECT_FALSE(waive("consortium.no-such-rule", "理由").ok());
  EXPECT_FALSE(waive("consortium.research-units", " ").ok());
  EXPECT_EQ(one.row.overrides_size(), 0);
  ASSERT_TRUE(waive("consortium.research-units", "专门领域高校院所不足").ok());
  ASSERT_EQ(one.row.overrides_size(), 1);
  EXPECT_EQ(one.row.overrides(0).account(), "accounts/office");
  EXPECT_EQ(one.row.overrides(0).facts_sha256().size(), 64u);
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), IsEmpty());
  // Other facts of the dossier do not touch it.
  one.row.set_track("别的赛道");
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), IsEmpty());
  // None where one was: nobody has decided on that.
  Case none = one;
  none.row.mutable_members(3)->set_kind(v1::MEMBER_KIND_OTHER);
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), none)), ElementsAre("consortium.research-units"));
  Overrides kept = one.row.overrides();
  DropStale(VerdictsOf(QingdaoRules(), one), &kept);
  EXPECT_EQ(kept.size(), 1);
  DropStale(VerdictsOf(QingdaoRules(), none), &kept);
  EXPECT_EQ(kept.size(), 0);
  // Decided on again, it stands for what is now; the earlier one is gone.
  one = none;
  ASSERT_TRUE(waive("consortium.research-units", "仍无").ok());
  ASSERT_EQ(one.row.overrides_size(), 1);
  EXPECT_EQ(one.row.overrides(0).reason(), "仍无");
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), IsEmpty());
}

TEST(EligibilityRulesTest, WhatDoesNotSayOnWhichFactsItRestsIsDroppedWhenHandedInAgain) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members(4)->set_kind(v1::MEMBER_KIND_OTHER);
  v1::RuleOverride* old = one.row.add_overrides();
  old->set_rule_id("consortium.research-units");
  old->set_role(options::v1::ROLE_DEPARTMENT);
  old->set_reason("理由");
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), IsEmpty());
  DropStale(VerdictsOf(QingdaoRules(), one), one.row.mutable_overrides());
  EXPECT_THAT(FailedIn(VerdictsOf(QingdaoRules(), one)), ElementsAre("consortium.research-units"));
}

TEST(EligibilityRulesTest, WhatIsMissingCitesItsClauseAndNamesItsFields) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_agreement()->mutable_clauses()->RemoveLast();
  one.row.mutable_members(4)->set_kind(v1::MEMBER_KIND_OTHER);
  const auto missing = MissingOf(QingdaoRules(), VerdictsOf(QingdaoRules(), one));
  ASSERT_EQ(missing.size(), 2u);
  EXPECT_TRUE(missing[0].hard());
  EXPECT_THAT(missing[0].reason(), HasSubstr("缺少解决争议方式"));
  EXPECT_EQ(missing[0].clause().article(), "五、（三）");
  EXPECT_THAT(missing[0].fields(), ElementsAre("agreement.clauses"));
  EXPECT_FALSE(missing[1].hard());
  EXPECT_THAT(missing[1].reason(), HasSubstr("现为1，应不少于2"));
  EXPECT_THAT(missing[1].fields(), ElementsAre("members"));
}

TEST(EligibilityRulesTest, WhatIsHalfWrittenIsOneItemWithEveryPlace) {
  Case one = Whole(QingdaoRules());
  EXPECT_THAT(HalfWrittenOf(one.row), IsEmpty());
  one.row.mutable_members(1)->clear_kind();
  one.row.mutable_members(1)->set_title("乙公司");
  one.row.mutable_members(3)->clear_layer();
  one.row.mutable_agreement()->mutable_clauses(2)->clear_place();
  one.row.mutable_chief_expert()->clear_unit_title();
  one.row.mutable_plan()->mutable_targets(0)->set_value(" ");
  one.row.mutable_plan()->mutable_mechanisms(0)->clear_description();
  const auto half = HalfWrittenOf(one.row);
  ASSERT_EQ(half.size(), 1u);
  EXPECT_TRUE(half[0].hard());
  EXPECT_THAT(half[0].fields(),
              ElementsAre("members[1].kind", "members[3].layer", "agreement.clauses[2].place",
                          "chief_expert.unit_title", "plan.targets[0].value",
                          "plan.mechanisms[0].description"));
  EXPECT_THAT(half[0].reason(), HasSubstr("请选择成员单位“乙公司”的成员类型；"));
}

TEST(EligibilityRulesTest, TheSameFactsAndRulesGiveTheSameBytesUnderAnotherPack) {
  Case one = Whole(QingdaoRules());
  one.row.mutable_members(4)->set_kind(v1::MEMBER_KIND_OTHER);
  v1::RuleOverride* set_aside = one.row.add_overrides();
  set_aside->set_rule_id("consortium.research-units");
  set_aside->set_role(options::v1::ROLE_DEPARTMENT);
  set_aside->set_reason("理由");
  v1::EligibilityCheck check;
  *check.mutable_verdicts() = VerdictsOf(QingdaoRules(), one);
  for (const auto& fact : FactsOf(QingdaoRules(), one.row, one.grounds)) *check.add_facts() = fact;
  for (const auto* rule :
       QingdaoRules().pack().RulesFor(policy::v1::DECISION_CONSORTIUM_ELIGIBILITY)) {
    *check.add_rules() = *rule;
  }
  *check.mutable_overrides() = one.row.overrides();
  const std::string then = policy::Encode(check.verdicts());
  EXPECT_EQ(policy::Encode(Replay(QingdaoRules(), check)), then);
  // Whatever the city decides afterwards.
  const auto later = testing::ShippedPack("shandong");
  EXPECT_EQ(policy::Encode(Replay(ConsortiumPack(*later), check)), then);
  // Also where what was set aside rested on other facts, and so did not count.
  one.row.mutable_overrides(0)->set_facts_sha256(std::string(64, '0'));
  v1::EligibilityCheck stale = check;
  *stale.mutable_overrides() = one.row.overrides();
  *stale.mutable_verdicts() = VerdictsOf(QingdaoRules(), one);
  EXPECT_THAT(FailedIn(stale.verdicts()), ElementsAre("consortium.research-units"));
  EXPECT_EQ(policy::Encode(Replay(ConsortiumPack(*later), stale)),
            policy::Encode(stale.verdicts()));
  // A fact that was touched shows.
  for (auto& fact : *check.mutable_facts()) {
    if (fact.name() == "research_units") fact.set_values(0, "0");
  }
  EXPECT_NE(policy::Encode(Replay(QingdaoRules(), check)), then);
}

TEST(EligibilityRulesTest, ShandongAsksForItsOwn) {
  const auto pack = testing::ShippedPack("shandong");
  const ConsortiumPack rules(*pack);
  Case one = Whole(rules);
  EXPECT_THAT(FailedIn(VerdictsOf(rules, one)), IsEmpty());
  // No chief expert, no pledge, no plan: nobody asks there.
  one.row.clear_chief_expert();
  one.row.clear_pledge();
  one.row.clear_plan();
  EXPECT_THAT(FailedIn(VerdictsOf(rules, one)), IsEmpty());
  one.grounds.parties["organizations/lead"].set_region_code("110101");
  EXPECT_THAT(FailedIn(VerdictsOf(rules, one)), ElementsAre("consortium.lead-registered"));
}

TEST(EligibilityRulesTest, ACityThatDoesNotExistRunsWithoutCode) {
  // Another number, another strictness, another system of industries.
  std::string text = testing::SourceText("deploy/policies/shandong/consortium.textproto");
  text = absl::StrReplaceAll(text, {{"minimum: 1", "minimum: 4"},
                                    {"taxonomies: \"shandong11\"", "taxonomies: \"made-up\""},
                                    {"region_prefixes: \"37\"", "region_prefixes: \"9999\""},
                                    {"place: \"37\"", "place: \"99\""}});
  const auto pack = testing::PackOf(
      absl::StrCat("id: 'test' display_name: '虚构市' version: '1'\n"
                   "effective_from { year: 2025 month: 1 day: 1 }\n"
                   "places { id: '99' display_name: '虚构市' kind: PLACE_KIND_CITY }\n"
                   "taxonomies { id: 'made-up' display_name: '虚构体系' version: '1'\n"
                   "  clause { document: '虚构市〔2025〕1号' article: '一' text: '发展风筝产业' }\n"
                   "  industries { id: 'kites' display_name: '风筝' } }\n",
                   text));
  ASSERT_NE(pack, nullptr);
  const ConsortiumPack rules(*pack);
  Case one = Whole(rules);
  EXPECT_THAT(rules.Industries(), ElementsAre("风筝"));
  EXPECT_THAT(FailedIn(VerdictsOf(rules, one)),
              UnorderedElementsAre("consortium.lead-registered", "consortium.research-units"));
  one.grounds.parties["organizations/lead"].set_region_code("999901");
  EXPECT_THAT(FailedIn(VerdictsOf(rules, one)), ElementsAre("consortium.research-units"));
}

}  // namespace
}  // namespace chanyan::consortium
