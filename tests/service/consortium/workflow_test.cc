// The way of a dossier: whose step it is, what is recorded, which clock runs, what happens when it
// runs out; rules at every step (CON-2, CON-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class WorkflowTest : public ::testing::Test, public World {
 protected:
  std::vector<std::string> VerbsOf(const std::string& name) {
    std::vector<std::string> verbs;
    for (const v1::Transition& record : TransitionsOf(name)) verbs.push_back(record.verb());
    return verbs;
  }
  absl::StatusOr<v1::Consortium> Override(const std::string& name, const std::string& rule,
                                          const std::string& by = kBureau) {
    auto request = Named<v1::OverrideRuleRequest>(name);
    request.set_rule_id(rule);
    request.set_reason("该领域全省只有一家研究机构。");
    return eligibility.OverrideRule(By(by, "EligibilityService.OverrideRule"), request);
  }
};

TEST_F(WorkflowTest, NobodyTakesTheStepOfAnother) {
  const std::string name = Ready("联合体").name();
  // Before it is handed in, those who will decide do not see it.
  EXPECT_EQ(ReasonOf(Recommend(name)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Accept(name)), ERROR_REASON_NOT_FOUND);
  // A member is no lead.
  EXPECT_EQ(ReasonOf(Submit(name, E(1))), ERROR_REASON_ROLE_NOT_PERMITTED);
  ASSERT_TRUE(Submit(name).ok());
  EXPECT_EQ(ReasonOf(Submit(name)), ERROR_REASON_WRONG_STATE);
  // Not the bureau's turn, another district's nothing.
  EXPECT_EQ(ReasonOf(Accept(name)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Return(name, kBureau)), ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(ReasonOf(Recommend(name, kLaoshan)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Cancel(name)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_DISTRICT_REVIEW);
  EXPECT_THAT(VerbsOf(name), ElementsAre("submit"));
}

TEST_F(WorkflowTest, AStepWithoutItsWordsIsRefused) {
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  EXPECT_EQ(
      ReasonOf(consortia.RecommendConsortium(By(kHuangdao, "ConsortiumService.RecommendConsortium"),
                                             Named<v1::RecommendConsortiumRequest>(name))),
      ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(ReasonOf(consortia.ReturnConsortium(By(kHuangdao, "ConsortiumService.ReturnConsortium"),
                                                Named<v1::ReturnConsortiumRequest>(name))),
            ERROR_REASON_INVALID_FIELD);
}

TEST_F(WorkflowTest, FromDraftToFiledWithEveryRecord) {
  const v1::Consortium row = Filed("联合体");
  EXPECT_EQ(row.state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_THAT(VerbsOf(row.name()), ElementsAre("submit", "recommend", "accept", "inspect", "defend",
                                               "select", "announce", "file"));
  const auto records = TransitionsOf(row.name());
  EXPECT_EQ(records[0].actor_title(), "牵头单位");
  EXPECT_EQ(records[1].actor_organization(), kHuangdao);
  EXPECT_EQ(records[1].words(), "材料齐全，同意推荐。");
  EXPECT_EQ(records[7].actor_title(), "系统");
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].number(), static_cast<int>(i) + 1);
    if (i > 0) {
      EXPECT_EQ(records[i].from_state(), records[i - 1].to_state());
    }
  }
  // Its verdicts were kept at every step that asked.
  EXPECT_GE(ChecksOf(row.name()).size(), 8u);
}

TEST_F(WorkflowTest, AReturnedDossierIsCorrectedAndGoesThroughItsDistrictAgain) {
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Recommend(name).ok());
  const auto returned = Return(name, kBureau);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state_reason(), "请补充经费测算。");
  v1::Consortium update;
  update.set_name(name);
  update.mutable_plan()->set_funds("补充了经费测算。");
  ASSERT_TRUE(Update(update, {"plan.funds"}).ok());
  // The agreement stays signed; the plan is confirmed as it is now.
  EXPECT_EQ(Stored(name).signed_by_size(), 6);
  EXPECT_EQ(ReasonOf(Submit(name)), ERROR_REASON_RULE_VIOLATED);
  for (const std::string& party : ParticipantsOf(Stored(name))) {
    ASSERT_TRUE(Sign(name, party).ok()) << party;
  }
  const auto again = Submit(name);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state(), v1::CONSORTIUM_STATE_DISTRICT_REVIEW);
  EXPECT_THAT(again->state_reason(), IsEmpty());
  EXPECT_THAT(VerbsOf(name), ElementsAre("submit", "recommend", "return", "submit"));
}

TEST_F(WorkflowTest, ClocksRunInWorkdaysAndSilenceDecidesNothing) {
  Go(absl::CivilDay(2025, 4, 30));
  const std::string name = Ready("联合体").name();
  const auto submitted = Submit(name);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(time::DayOf(TimeIn(submitted->due_time())), absl::CivilDay(2025, 5, 19));
  EXPECT_THAT(submitted->due_note(), HasSubstr("劳动节"));
  clock.now = time::EndOfDay(absl::CivilDay(2025, 5, 19));
  RunJobs();
  EXPECT_FALSE(Stored(name).overdue());
  Go(absl::CivilDay(2025, 5, 20));
  RunJobs();
  EXPECT_TRUE(Stored(name).overdue());
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_DISTRICT_REVIEW);
  const std::string etag = Stored(name).etag();
  RunJobs();
  EXPECT_EQ(Stored(name).etag(), etag);
  // Done late, and the record says so; the next clock begins anew.
  ASSERT_TRUE(Recommend(name).ok());
  EXPECT_TRUE(TransitionsOf(name).back().late());
  EXPECT_FALSE(Stored(name).overdue());
}

TEST_F(WorkflowTest, WhatIsNotCorrectedInTimeLapsesOnceWithTwoReplicas) {
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Return(name, kHuangdao).ok());
  Go(time::DayOf(TimeIn(Stored(name).due_time())) + 1);
  // One that has lost its lease to another changes nothing.
  const auto first = JobLease("one");
  ASSERT_TRUE(first->Release().ok());
  const auto second = JobLease("two");
  EXPECT_FALSE(clocks.RunOut(*first).ok());
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_RETURNED);
  EXPECT_TRUE(clocks.RunOut(*second).ok());
  EXPECT_TRUE(clocks.RunOut(*second).ok());
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_LAPSED);
  EXPECT_THAT(VerbsOf(name), ElementsAre("submit", "return", "lapse"));
  EXPECT_EQ(ReasonOf(Submit(name)), ERROR_REASON_WRONG_STATE);
}

TEST_F(WorkflowTest, TheLeadWithdrawsAsLongAsNothingIsFiled) {
  const std::string draft = Ready("草稿").name();
  EXPECT_TRUE(Withdraw(draft).ok());
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Recommend(name).ok());
  ASSERT_TRUE(Accept(name).ok());
  ToNotice(name);
  EXPECT_EQ(ReasonOf(Withdraw(name, E(1))), ERROR_REASON_NOT_FOUND);
  EXPECT_TRUE(Withdraw(name).ok());
  EXPECT_EQ(status::ReasonOf(Step(name, "file", Part::kSystem)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("filing"), 0);
}

TEST_F(WorkflowTest, EachSeesItsOwn) {
  using namespace options::v1;
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  for (const auto& [role, who] : {std::pair{ROLE_ENTERPRISE, kAlpha},
                                  {ROLE_RESEARCH_OFFICE, kOuc},
                                  {ROLE_UNIT, kHuangdao},
                                  {ROLE_DEPARTMENT, kBureau},
                                  {ROLE_LEADER, "organizations/city"}}) {
    EXPECT_TRUE(See(name, role, who).ok()) << who;
  }
  for (const auto& [role, who] : {std::pair{ROLE_ENTERPRISE, kBeta},
                                  {ROLE_UNIT, kLaoshan},
                                  {ROLE_RESEARCH_OFFICE, kUpc},
                                  {ROLE_DEPARTMENT, "organizations/qdst-cg"},
                                  {ROLE_EXPERT, kOuc},
                                  {ROLE_ADMINISTRATOR, kBureau},
                                  {ROLE_AUDITOR, kBureau}}) {
    EXPECT_EQ(ReasonOf(See(name, role, who)), ERROR_REASON_NOT_FOUND) << who;
  }
  EXPECT_THAT(See(name, ROLE_UNIT, kHuangdao)->actions(),
              ElementsAre("recommend", "return", "reject"));
  EXPECT_THAT(See(name, ROLE_DEPARTMENT, kBureau)->actions(), IsEmpty());
  EXPECT_THAT(See(name, ROLE_ENTERPRISE, kAlpha)->actions(), ElementsAre("withdraw"));
  // The records of the draft time are told with the dossier, to the same eyes.
  v1::ListSignaturesRequest list;
  list.set_parent("consortia/-");
  EXPECT_EQ(signatures.ListSignatures(By(kHuangdao, "SignatureService.ListSignatures"), list)
                ->signatures_size(),
            6);
  EXPECT_EQ(signatures.ListSignatures(By(kLaoshan, "SignatureService.ListSignatures"), list)
                ->signatures_size(),
            0);
}

TEST_F(WorkflowTest, TheBureauSetsSoftRulesAsideWithAReason) {
  v1::Consortium dossier = Dossier("联合体");
  dossier.mutable_members()->RemoveLast();
  const std::string name = Ready(dossier).name();
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Recommend(name).ok());
  EXPECT_EQ(ReasonOf(Accept(name)), ERROR_REASON_RULE_VIOLATED);
  // It is satisfied, and a hard rule besides.
  EXPECT_EQ(ReasonOf(Override(name, "consortium.pledge")), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(ReasonOf(Override(name, "consortium.no-such-rule")), ERROR_REASON_NOT_FOUND);
  const auto set_aside = Override(name, "consortium.research-units");
  ASSERT_TRUE(set_aside.ok()) << set_aside.status();
  EXPECT_EQ(set_aside->overrides(0).account(), "accounts/qdst-gx");
  EXPECT_TRUE(Accept(name).ok());
  // The past is judged again to the same bytes.
  for (const v1::EligibilityCheck& check : ChecksOf(name)) {
    v1::ReplayEligibilityCheckRequest request;
    request.set_name(check.name());
    const auto again = eligibility.ReplayEligibilityCheck(
        By(kAlpha, "EligibilityService.ReplayEligibilityCheck"), request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->identical()) << check.name();
  }
}

TEST_F(WorkflowTest, AnExceptionIsOfTheFactsForWhichItWasMade) {
  v1::Consortium dossier = Dossier("联合体");
  dossier.mutable_members()->RemoveLast();
  const std::string name = Ready(dossier).name();
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Recommend(name).ok());
  ASSERT_TRUE(Override(name, "consortium.research-units").ok());
  // Returned and handed in with the same units: it stands.
  ASSERT_TRUE(Return(name, kBureau).ok());
  v1::Consortium update;
  update.set_name(name);
  update.mutable_plan()->set_funds("补充了经费测算。");
  ASSERT_TRUE(Update(update, {"plan.funds"}).ok());
  for (const std::string& party : ParticipantsOf(Stored(name))) {
    ASSERT_TRUE(Sign(name, party).ok()) << party;
  }
  ASSERT_TRUE(Submit(name).ok());
  EXPECT_EQ(Stored(name).overrides_size(), 1);
  ASSERT_TRUE(Recommend(name).ok());
  // Returned and handed in with one unit less: nobody has decided on that.
  ASSERT_TRUE(Return(name, kBureau).ok());
  *update.mutable_members() = dossier.members();
  update.mutable_members()->RemoveLast();
  const auto fewer = Update(update, {"members"});
  ASSERT_TRUE(fewer.ok()) << fewer.status();
  EXPECT_THAT(fewer->missing(), Contains(::testing::Property(&v1::MissingItem::rule_id,
                                                             "consortium.research-units")));
  for (const std::string& party : ParticipantsOf(*fewer)) ASSERT_TRUE(Sign(name, party).ok());
  ASSERT_TRUE(Submit(name).ok());
  EXPECT_EQ(Stored(name).overrides_size(), 0);
  ASSERT_TRUE(Recommend(name).ok());
  EXPECT_EQ(ReasonOf(Accept(name)), ERROR_REASON_RULE_VIOLATED);
  ASSERT_TRUE(Override(name, "consortium.research-units").ok());
  EXPECT_TRUE(Accept(name).ok());
  for (const v1::EligibilityCheck& check : ChecksOf(name)) {
    v1::ReplayEligibilityCheckRequest request;
    request.set_name(check.name());
    const auto again = eligibility.ReplayEligibilityCheck(
        By(kAlpha, "EligibilityService.ReplayEligibilityCheck"), request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->identical()) << check.name();
  }
}

TEST_F(WorkflowTest, AGateThatIsShutKeepsTheDossierWhereItIs) {
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Recommend(name).ok());
  ASSERT_TRUE(Accept(name).ok());
  bool open = false;
  book.SetGate("inspect", [&open](rpc::Change&, const v1::Consortium&) -> absl::Status {
    if (open) return absl::OkStatus();
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "专家评审尚未结束");
  });
  EXPECT_EQ(status::ReasonOf(Step(name, "inspect", Part::kOffice)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_EXPERT_REVIEW);
  open = true;
  EXPECT_TRUE(Step(name, "inspect", Part::kOffice).ok());
}

}  // namespace
}  // namespace chanyan::consortium
