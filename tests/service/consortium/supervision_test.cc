// After filing: evaluation and its consequence, projects, supplements by all of that day, lead
// removal, bars and appeals, credit file, support (CON-7, CON-8, CON-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
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
using options::v1::ERROR_REASON_STALE_ETAG;
using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class SupervisionTest : public ::testing::Test, public World {
 protected:
  absl::StatusOr<v1::Consortium> Dissolve(const std::string& name) {
    auto request = Named<v1::DissolveConsortiumRequest>(name);
    request.set_reason("任务完成。");
    return consortia.DissolveConsortium(By(kAlpha, "ConsortiumService.DissolveConsortium"),
                                        request);
  }
  absl::StatusOr<v1::Evaluation> Conclude(const std::string& evaluation) {
    return evaluations.ConcludeEvaluation(By(kBureau, "EvaluationService.ConcludeEvaluation"),
                                          Named<v1::ConcludeEvaluationRequest>(evaluation));
  }
  absl::StatusOr<v1::Bar> Appeal(const std::string& bar, const std::string& by) {
    auto request = Named<v1::AppealBarRequest>(bar);
    request.set_grounds("已按协议履约，附验收意见。");
    return bars.AppealBar(By(by, "BarService.AppealBar"), request);
  }
  absl::StatusOr<v1::Bar> Decide(const std::string& bar, bool grant) {
    auto request = Named<v1::DecideAppealRequest>(bar);
    request.set_grant(grant);
    request.set_finding("经核查。");
    return bars.DecideAppeal(By(kBureau, "BarService.DecideAppeal"), request);
  }
  std::vector<std::string> Failing(const std::string& name) {
    std::vector<std::string> failing;
    for (const auto& item : MissingOf(rules, Stored(name).verdicts())) {
      failing.push_back(item.rule_id());
    }
    return failing;
  }
};

TEST_F(SupervisionTest, NothingHereIsForADossierThatIsNotFiled) {
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  EXPECT_EQ(ReasonOf(Hold(name)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Evaluate(name, {80, 80, 80})), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(RemoveLead(name)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Dissolve(name)), ERROR_REASON_WRONG_STATE);
}

TEST_F(SupervisionTest, AnUnqualifiedEvaluationCancelsTheFilingInTheSameStep) {
  const v1::Consortium row = Filed("联合体");
  EXPECT_EQ(ReasonOf(Evaluate("consortia/nothing", {1})), ERROR_REASON_NOT_FOUND);
  const auto half = Evaluate(row.name(), {50});
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_EQ(ReasonOf(Conclude(half->name())), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(ReasonOf(Evaluate(row.name(), {50})), ERROR_REASON_WRONG_STATE) << "one at a time";
  v1::UpdateEvaluationRequest update;
  *update.mutable_evaluation() = *half;
  update.mutable_evaluation()->clear_etag();
  for (const char* part : {"research", "output"}) {
    v1::PartScore* score = update.mutable_evaluation()->add_scores();
    score->set_part(part);
    score->set_points(55);
    score->set_finding("依据材料。");
  }
  update.mutable_update_mask()->add_paths("scores");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      evaluations.UpdateEvaluation(By(kBureau, "EvaluationService.UpdateEvaluation"), update).ok());
  // The parties see it when it is decided.
  v1::ListEvaluationsRequest list;
  list.set_parent(row.name());
  const rpc::Call call = By(kAlpha, "EvaluationService.ListEvaluations");
  EXPECT_EQ(evaluations.ListEvaluations(call, list)->evaluations_size(), 0);
  const auto concluded = Conclude(half->name());
  ASSERT_TRUE(concluded.ok()) << concluded.status();
  EXPECT_EQ(concluded->grade(), v1::EVALUATION_GRADE_UNQUALIFIED);
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_CANCELLED);
  EXPECT_EQ(StoredFiling(row.filing()).state(), v1::FILING_STATE_CANCELLED);
  EXPECT_EQ(evaluations.ListEvaluations(call, list)->evaluations_size(), 1);
  EXPECT_EQ(ReasonOf(Conclude(half->name())), ERROR_REASON_WRONG_STATE);
}

TEST_F(SupervisionTest, AQualifiedOneGoesOn) {
  const v1::Consortium row = Filed("联合体");
  const auto evaluation = Evaluate(row.name(), {90, 90, 90});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  EXPECT_EQ(Conclude(evaluation->name())->grade(), v1::EVALUATION_GRADE_EXCELLENT);
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_FILED);
}

TEST_F(SupervisionTest, NobodyDissolvesWhileAProjectIsHeldOrSomebodyObjects) {
  const v1::Consortium row = Filed("联合体");
  const auto project = Hold(row.name());
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(ReasonOf(Dissolve(row.name())), ERROR_REASON_RULE_VIOLATED);
  const auto consent = [&](const std::string& by) {
    auto request = Named<v1::SignDissolutionRequest>(row.name());
    request.set_signer("法定代表人");
    return signatures.SignDissolution(By(by, "SignatureService.SignDissolution"), request);
  };
  for (const std::string& party : ParticipantsOf(row)) {
    if (party != kInstitute) {
      ASSERT_TRUE(consent(party).ok());
    }
  }
  ASSERT_TRUE(Close(project->name()).ok());
  const auto early = Dissolve(row.name());
  EXPECT_EQ(ReasonOf(early), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(early.status().message()), HasSubstr("全体成员"));
  ASSERT_TRUE(consent(kInstitute).ok());
  const auto held = Hold(row.name());
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(ReasonOf(Dissolve(row.name())), ERROR_REASON_RULE_VIOLATED);
  ASSERT_TRUE(Close(held->name()).ok());
  ASSERT_TRUE(Dissolve(row.name()).ok());
  EXPECT_EQ(StoredFiling(row.filing()).state(), v1::FILING_STATE_DISSOLVED);
  EXPECT_EQ(Count("membership WHERE end_time IS NULL"), 0);
}

TEST_F(SupervisionTest, AProjectAndADissolutionAtOnceDoNotBothHappen) {
  const v1::Consortium row = Filed("联合体");
  for (const std::string& party : ParticipantsOf(row)) {
    auto request = Named<v1::SignDissolutionRequest>(row.name());
    request.set_signer("法定代表人");
    ASSERT_TRUE(
        signatures.SignDissolution(By(party, "SignatureService.SignDissolution"), request).ok());
  }
  bool held = false;
  bool dissolved = false;
  std::thread one([&] { held = Hold(row.name()).ok(); });
  std::thread two([&] { dissolved = Dissolve(row.name()).ok(); });
  one.join();
  two.join();
  EXPECT_NE(held, dissolved);
}

TEST_F(SupervisionTest, MembersChangeWithTheLastSignatureOfAllOfThatDay) {
  const v1::Consortium row = Filed("联合体");
  const auto project = Hold(row.name());
  v1::Supplement change;
  change.set_held_project(project->name());
  *change.add_joining() = Member(kUpc, v1::MEMBER_KIND_UNIVERSITY);
  change.add_leaving(E(2));
  const auto proposed = Propose(row.name(), change, kOuc);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->required_units_size(), 7);
  ASSERT_TRUE(SetAside(*proposed, "consortium.change-enterprises").ok());
  EXPECT_EQ(ReasonOf(Propose(row.name(), change)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(SignSupplement(*proposed, kBeta)), ERROR_REASON_NOT_FOUND);
  v1::Supplement forged = *proposed;
  forged.set_digest(std::string(64, '0'));
  EXPECT_EQ(ReasonOf(SignSupplement(forged, kAlpha)), ERROR_REASON_STALE_ETAG);
  std::vector<std::string> signers = ParticipantsOf(row);
  signers.push_back(kUpc);
  for (size_t i = 0; i < signers.size(); ++i) {
    EXPECT_EQ(Stored(row.name()).members_size(), 5);
    const auto signature = SignSupplement(*proposed, signers[i]);
    ASSERT_TRUE(signature.ok()) << signers[i] << signature.status();
    EXPECT_EQ(signature->state() == v1::SUPPLEMENT_STATE_EFFECTIVE, i + 1 == signers.size());
  }
  const v1::Consortium after = Stored(row.name());
  EXPECT_EQ(after.members_size(), 5);
  EXPECT_THAT(after.participants(), Contains(kUpc));
  EXPECT_THAT(after.participants(), Not(Contains(E(2))));
  EXPECT_EQ(Count("membership WHERE end_time IS NULL"), 6);
  EXPECT_EQ(Count("membership WHERE end_time IS NOT NULL"), 1);
  EXPECT_THAT(StoredFiling(row.filing()).member_titles(), Contains("石油大学（演示）"));
  // The one that left sees the dossier no more, the one that came does.
  EXPECT_EQ(ReasonOf(See(row.name(), options::v1::ROLE_ENTERPRISE, E(2))), ERROR_REASON_NOT_FOUND);
  EXPECT_TRUE(See(row.name(), options::v1::ROLE_RESEARCH_OFFICE, kUpc).ok());
  EXPECT_EQ(ReasonOf(SignSupplement(*proposed, kAlpha)), ERROR_REASON_WRONG_STATE);
}

TEST_F(SupervisionTest, WithoutAProjectMembersDoNotChange) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement change;
  change.add_leaving(E(2));
  const auto proposed = Propose(row.name(), change);
  EXPECT_EQ(ReasonOf(proposed), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Count("supplement"), 0) << "nobody signs in vain";
  EXPECT_EQ(Stored(row.name()).members_size(), 5);
}

TEST_F(SupervisionTest, TwoLastSignaturesAtOnceTakeEffectOnce) {
  const v1::Consortium row = Filed("联合体");
  const auto project = Hold(row.name());
  v1::Supplement change;
  change.set_held_project(project->name());
  change.add_leaving(E(2));
  const auto proposed = Propose(row.name(), change);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(SetAside(*proposed, "consortium.change-enterprises").ok());
  std::vector<std::thread> threads;
  std::atomic<int> effective = 0;
  for (const std::string& party : ParticipantsOf(row)) {
    threads.emplace_back([&, party] {
      const auto signature = SignSupplement(*proposed, party);
      EXPECT_TRUE(signature.ok()) << signature.status();
      effective += signature.ok() && signature->state() == v1::SUPPLEMENT_STATE_EFFECTIVE;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(effective, 1);
  EXPECT_EQ(Stored(row.name()).members_size(), 4);
  EXPECT_EQ(Count("signature WHERE subject = 'SUPPLEMENT'"), 6);
}

TEST_F(SupervisionTest, ALeadThatFailedIsBarredAtOnceInEveryOpenDraft) {
  const v1::Consortium row = Filed("联合体");
  const std::string draft = Ready("另一联合体").name();
  const std::string handed_in = Ready("已申报").name();
  ASSERT_TRUE(Submit(handed_in).ok());
  // Alpha is in the core of somebody else's, and an ordinary member of a third.
  v1::Consortium of_beta = Dossier("乙的联合体");
  *of_beta.add_members() = Member(kAlpha, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  const auto core = Create(of_beta, kBeta);
  ASSERT_TRUE(core.ok()) << core.status();
  of_beta.mutable_members(5)->set_layer(v1::MEMBER_LAYER_MEMBER);
  const auto ordinary = Create(of_beta, kBeta);
  ASSERT_TRUE(ordinary.ok()) << ordinary.status();

  const auto removed = RemoveLead(row.name());
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->state(), v1::CONSORTIUM_STATE_LEAD_VACANT);
  EXPECT_EQ(removed->former_lead_unit(), kAlpha);
  const auto laid = BarsOf(kAlpha);
  ASSERT_EQ(laid.size(), 1u);
  EXPECT_EQ(*time::ToCivilDay(laid[0].end_date()), absl::CivilDay(2028, 3, 31));
  for (const std::string& name : {draft, handed_in, core->name()}) {
    EXPECT_THAT(Failing(name), Contains("consortium.nobody-barred")) << name;
  }
  EXPECT_THAT(Failing(ordinary->name()), Not(Contains("consortium.nobody-barred")));
  // Clear words for whoever tries.
  const auto submitted = Submit(draft);
  EXPECT_EQ(ReasonOf(submitted), ERROR_REASON_RULE_VIOLATED);
  for (const char* words :
       {"2025年4月1日", "2028年3月31日", "未按共建协议履约", "七、（三）", "申诉"}) {
    EXPECT_THAT(std::string(submitted.status().message()), HasSubstr(words));
  }
  EXPECT_EQ(ReasonOf(Create(Dossier("新的"))), ERROR_REASON_RULE_VIOLATED);
  // And at every later check.
  EXPECT_EQ(ReasonOf(Recommend(handed_in)), ERROR_REASON_RULE_VIOLATED);
}

TEST_F(SupervisionTest, ABarEndsWithItsLastDayOrByAppeal) {
  ASSERT_TRUE(RemoveLead(Filed("联合体").name()).ok());
  const std::string draft = [&] {
    v1::Consortium dossier = Dossier("乙的联合体");
    *dossier.add_members() = Member(kAlpha, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
    return Create(dossier, kBeta)->name();
  }();
  const v1::Bar bar = BarsOf(kAlpha)[0];
  EXPECT_EQ(ReasonOf(Decide(bar.name(), true)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Appeal(bar.name(), kBeta)), ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(Failing(draft), Contains("consortium.nobody-barred"));
  // Its last day, and the day after.
  Go(absl::CivilDay(2028, 3, 31));
  RunJobs();
  EXPECT_EQ(BarsOf(kAlpha)[0].state(), v1::BAR_STATE_IN_FORCE);
  EXPECT_EQ(ReasonOf(Create(Dossier("新的"))), ERROR_REASON_RULE_VIOLATED);
  Go(absl::CivilDay(2028, 4, 1));
  EXPECT_TRUE(Create(Dossier("当日")).ok()) << "the day counts, not the job";
  RunJobs();
  EXPECT_EQ(BarsOf(kAlpha)[0].state(), v1::BAR_STATE_EXPIRED);
  EXPECT_THAT(Failing(draft), Not(Contains("consortium.nobody-barred")));
}

TEST_F(SupervisionTest, AnAppealIsMadeOnceInTimeAndLiftsOrUpholds) {
  ASSERT_TRUE(RemoveLead(Filed("联合体").name()).ok());
  const std::string bar = BarsOf(kAlpha)[0].name();
  const auto appealed = Appeal(bar, kAlpha);
  ASSERT_TRUE(appealed.ok()) << appealed.status();
  // It holds meanwhile.
  const auto refused = Create(Dossier("新的"));
  EXPECT_EQ(ReasonOf(refused), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("申诉正在办理"));
  EXPECT_EQ(ReasonOf(Appeal(bar, kAlpha)), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Decide(bar, true).ok());
  EXPECT_EQ(BarsOf(kAlpha)[0].state(), v1::BAR_STATE_LIFTED);
  EXPECT_TRUE(Create(Dossier("新的")).ok());
}

TEST_F(SupervisionTest, TooLateIsTooLate) {
  ASSERT_TRUE(RemoveLead(Filed("联合体").name()).ok());
  const v1::Bar bar = BarsOf(kAlpha)[0];
  Go(time::DayOf(TimeIn(bar.appeal_due_time())) + 1);
  EXPECT_EQ(ReasonOf(Appeal(bar.name(), kAlpha)), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(SupervisionTest, AVacantLeadIsFilledByAllOrTheFilingIsCancelled) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  EXPECT_EQ(ReasonOf(See(row.name(), options::v1::ROLE_ENTERPRISE, kAlpha)),
            ERROR_REASON_NOT_FOUND);
  v1::Supplement change;
  change.set_new_lead(E(1));
  const auto proposed = Propose(row.name(), change, E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->required_units_size(), 5);
  ASSERT_TRUE(SetAside(*proposed, "consortium.change-enterprises").ok());
  for (const std::string& party : {E(1), E(2), E(3), std::string(kOuc), std::string(kInstitute)}) {
    const auto signature = SignSupplement(*proposed, party);
    ASSERT_TRUE(signature.ok()) << party << signature.status();
  }
  const v1::Consortium after = Stored(row.name());
  EXPECT_EQ(after.state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_EQ(after.lead_unit(), E(1));
  EXPECT_EQ(after.members_size(), 4);
  EXPECT_EQ(StoredFiling(row.filing()).lead_unit(), E(1));
  EXPECT_EQ(Count("membership WHERE end_time IS NULL AND is_lead = 1"), 1);

  ASSERT_TRUE(RemoveLead(row.name()).ok());
  Go(time::DayOf(TimeIn(Stored(row.name()).due_time())) + 1);
  RunJobs();
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_CANCELLED);
  EXPECT_EQ(StoredFiling(row.filing()).state(), v1::FILING_STATE_CANCELLED);
}

TEST_F(SupervisionTest, WhoIsBarredBecomesNoLeadAndNoCoreBySupplementEither) {
  ASSERT_TRUE(RemoveLead(Filed("甲的", kBeta).name()).ok());
  const v1::Consortium row = Filed("联合体");
  const auto project = Hold(row.name());
  v1::Supplement change;
  change.set_held_project(project->name());
  *change.add_joining() = Member(kBeta, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  EXPECT_EQ(ReasonOf(Propose(row.name(), change)), ERROR_REASON_RULE_VIOLATED);
  change.mutable_joining(0)->set_layer(v1::MEMBER_LAYER_MEMBER);
  EXPECT_TRUE(Propose(row.name(), change).ok());
}

TEST_F(SupervisionTest, TheBookOfCreditAndSupportIsTheBureaus) {
  const v1::Consortium row = Filed("联合体");
  v1::CreateCreditEntryRequest entry;
  entry.mutable_credit_entry()->set_organization(kAlpha);
  entry.mutable_credit_entry()->set_event("poetry");
  entry.mutable_credit_entry()->set_description("申报材料不实。");
  entry.set_request_id(api::NewUuid());
  const auto create = [&](const std::string& by) {
    return bars.CreateCreditEntry(
        As(options::v1::ROLE_DEPARTMENT, by, "BarService.CreateCreditEntry"), entry);
  };
  EXPECT_EQ(ReasonOf(create(kBureau)), ERROR_REASON_INVALID_FIELD);
  entry.mutable_credit_entry()->set_event("false-material");
  EXPECT_EQ(ReasonOf(create("organizations/qdst-cg")), ERROR_REASON_ROLE_NOT_PERMITTED);
  const auto kept = create(kBureau);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->organization_title(), "甲集团（演示）");
  v1::ListCreditEntriesRequest list;
  EXPECT_EQ(bars.ListCreditEntries(By(kAlpha, "BarService.ListCreditEntries"), list)
                ->credit_entries_size(),
            1);
  EXPECT_EQ(bars.ListCreditEntries(By(kBeta, "BarService.ListCreditEntries"), list)
                ->credit_entries_size(),
            0);

  v1::CreateSupportMeasureRequest support;
  support.set_parent(row.name());
  support.mutable_support_measure()->set_measure("poetry");
  support.mutable_support_measure()->set_description("揭榜挂帅项目");
  support.set_request_id(api::NewUuid());
  const rpc::Call call = By(kBureau, "BarService.CreateSupportMeasure");
  EXPECT_EQ(ReasonOf(bars.CreateSupportMeasure(call, support)), ERROR_REASON_INVALID_FIELD);
  support.mutable_support_measure()->set_measure("platform");
  const auto given = bars.CreateSupportMeasure(call, support);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->measure_title(), "创新平台建设");
}

}  // namespace
}  // namespace chanyan::consortium
