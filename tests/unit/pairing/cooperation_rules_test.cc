// Rules and life cycles of frame cooperation, without a database.
#include "services/pairing/cooperation_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/cooperation_life.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

google::type::Date Date(int year, int month, int day) {
  return time::ToProto(absl::CivilDay(year, month, day));
}

std::vector<std::string> FieldsOf(const Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field);
  return fields;
}

// Every state of the life's enum × every verb: `to[i]` of a row is the state after verbs[i], 0 =
// not possible.
template <class State>
void ExpectLife(absl::Span<const policy::Transition<State>> life,
                const std::vector<std::string>& verbs,
                const std::vector<std::pair<State, std::vector<State>>>& rows) {
  EXPECT_EQ(rows.size(),
            static_cast<size_t>(google::protobuf::GetEnumDescriptor<State>()->value_count()) - 1);
  for (const auto& [from, to] : rows) {
    ASSERT_EQ(to.size(), verbs.size());
    for (size_t i = 0; i < verbs.size(); ++i) {
      const auto next = policy::Next(life, from, verbs[i]);
      if (to[i] == State{}) {
        EXPECT_EQ(next.status().code(), absl::StatusCode::kFailedPrecondition)
            << verbs[i] << " from " << policy::LabelOf(from);
      } else {
        ASSERT_TRUE(next.ok()) << verbs[i] << " from " << policy::LabelOf(from);
        EXPECT_EQ(*next, to[i]) << verbs[i] << " from " << policy::LabelOf(from);
      }
    }
  }
}

TEST(FrameAgreementLifeTest, EveryStateAndVerb) {
  using S = v1::FrameAgreementState;
  constexpr S kNo{};
  constexpr S kDraft = v1::FRAME_AGREEMENT_STATE_DRAFT;
  constexpr S kForce = v1::FRAME_AGREEMENT_STATE_IN_FORCE;
  constexpr S kExpired = v1::FRAME_AGREEMENT_STATE_EXPIRED;
  constexpr S kTerminated = v1::FRAME_AGREEMENT_STATE_TERMINATED;
  constexpr S kDiscarded = v1::FRAME_AGREEMENT_STATE_DISCARDED;
  ExpectLife<S>(FrameAgreementLife(), {"sign", "renew", "terminate", "discard", "expire"},
                {{kDraft, {kForce, kNo, kNo, kDiscarded, kNo}},
                 {kForce, {kNo, kForce, kTerminated, kNo, kExpired}},
                 {kExpired, {kNo, kForce, kNo, kNo, kNo}},
                 {kTerminated, {kNo, kNo, kNo, kNo, kNo}},
                 {kDiscarded, {kNo, kNo, kNo, kNo, kNo}}});
}

TEST(ConferenceLifeTest, EveryStateAndVerb) {
  using S = v1::ConferenceState;
  constexpr S kNo{};
  constexpr S kPlanned = v1::CONFERENCE_STATE_PLANNED;
  constexpr S kConvened = v1::CONFERENCE_STATE_CONVENED;
  constexpr S kHeld = v1::CONFERENCE_STATE_HELD;
  constexpr S kIssued = v1::CONFERENCE_STATE_ISSUED;
  constexpr S kCancelled = v1::CONFERENCE_STATE_CANCELLED;
  ExpectLife<S>(ConferenceLife(), {"convene", "postpone", "hold", "issue", "cancel"},
                {{kPlanned, {kConvened, kPlanned, kNo, kNo, kCancelled}},
                 {kConvened, {kNo, kConvened, kHeld, kNo, kCancelled}},
                 {kHeld, {kNo, kNo, kNo, kIssued, kNo}},
                 {kIssued, {kNo, kNo, kNo, kNo, kNo}},
                 {kCancelled, {kNo, kNo, kNo, kNo, kNo}}});
}

TEST(FollowUpLifeTest, EveryStateAndVerb) {
  using S = v1::FollowUpState;
  constexpr S kNo{};
  constexpr S kAssigned = v1::FOLLOW_UP_STATE_ASSIGNED;
  constexpr S kProgress = v1::FOLLOW_UP_STATE_IN_PROGRESS;
  constexpr S kSubmitted = v1::FOLLOW_UP_STATE_SUBMITTED;
  constexpr S kDone = v1::FOLLOW_UP_STATE_DONE;
  constexpr S kCancelled = v1::FOLLOW_UP_STATE_CANCELLED;
  ExpectLife<S>(FollowUpLife(), {"report", "submit", "confirm", "return", "extend", "cancel"},
                {{kAssigned, {kProgress, kSubmitted, kNo, kNo, kAssigned, kCancelled}},
                 {kProgress, {kProgress, kSubmitted, kNo, kNo, kProgress, kCancelled}},
                 {kSubmitted, {kNo, kNo, kDone, kProgress, kNo, kCancelled}},
                 {kDone, {kNo, kNo, kNo, kNo, kNo, kNo}},
                 {kCancelled, {kNo, kNo, kNo, kNo, kNo, kNo}}});
}

TEST(CoBuiltBaseLifeTest, EveryStateAndVerb) {
  using S = v1::CoBuiltBaseState;
  constexpr S kNo{};
  constexpr S kPlanned = v1::CO_BUILT_BASE_STATE_PLANNED;
  constexpr S kBuilding = v1::CO_BUILT_BASE_STATE_BUILDING;
  constexpr S kOperating = v1::CO_BUILT_BASE_STATE_OPERATING;
  constexpr S kClosed = v1::CO_BUILT_BASE_STATE_CLOSED;
  ExpectLife<S>(CoBuiltBaseLife(), {"start", "open", "close"},
                {{kPlanned, {kBuilding, kOperating, kClosed}},
                 {kBuilding, {kNo, kOperating, kClosed}},
                 {kOperating, {kNo, kNo, kClosed}},
                 {kClosed, {kNo, kNo, kNo}}});
}

TEST(CooperationRulesTest, ACityWithoutCooperationIsTold) {
  EXPECT_TRUE(RequireCooperation(*testing::ShippedPack("linyi")).ok());
  EXPECT_EQ(RequireCooperation(*testing::ShippedPack("qingdao")).code(),
            absl::StatusCode::kFailedPrecondition);
}

v1::FrameAgreement Agreement() {
  v1::FrameAgreement row;
  row.set_number("临科协〔2025〕1号");
  row.set_title("市校合作框架协议（演示）");
  row.add_universities("organizations/u");
  row.add_areas("平台建设");
  *row.mutable_start_date() = Date(2025, 1, 1);
  *row.mutable_end_date() = Date(2025, 12, 31);
  row.set_state(v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  return row;
}

TEST(CooperationRulesTest, AnAgreementExpiresAfterItsLastDay) {
  v1::FrameAgreement row = Agreement();
  EXPECT_EQ(StateOn(row, absl::CivilDay(2025, 12, 31)), v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  EXPECT_EQ(StateOn(row, absl::CivilDay(2026, 1, 1)), v1::FRAME_AGREEMENT_STATE_EXPIRED);
  SetExpireTime(&row);
  EXPECT_EQ(time::ToTime(row.expire_time()), time::StartOfDay(absl::CivilDay(2026, 1, 1)));
  row.set_state(v1::FRAME_AGREEMENT_STATE_DRAFT);
  EXPECT_EQ(StateOn(row, absl::CivilDay(2026, 1, 1)), v1::FRAME_AGREEMENT_STATE_DRAFT);
}

TEST(CooperationRulesTest, EveryFaultOfAnAgreementIsNamed) {
  const auto pack = testing::ShippedPack("linyi");
  EXPECT_THAT(AgreementViolations(*pack, Agreement()), IsEmpty());
  v1::FrameAgreement row = Agreement();
  row.add_universities("organizations/u");
  row.add_areas("联谊");
  row.add_areas("平台建设");
  *row.mutable_end_date() = Date(2024, 12, 31);
  EXPECT_THAT(FieldsOf(AgreementViolations(*pack, row)),
              ElementsAre("universities[1]", "areas[1]", "areas[2]", "end_date"));
}

TEST(CooperationRulesTest, AnAgreementInForceKeepsItsPartiesAndItsTerm) {
  v1::FrameAgreement before = Agreement();
  v1::FrameAgreement after = before;
  after.set_content("补充内容");
  after.set_lead("organizations/d");
  after.add_areas("决策咨询服务合作");
  after.add_documents()->set_title("附件");
  EXPECT_THAT(AgreementChangeViolations(before, after), IsEmpty());
  after.set_title("另一个协议");
  after.add_universities("organizations/v");
  *after.mutable_end_date() = Date(2030, 12, 31);
  EXPECT_THAT(FieldsOf(AgreementChangeViolations(before, after)),
              ElementsAre("title", "universities", "end_date"));
  before.set_state(v1::FRAME_AGREEMENT_STATE_DRAFT);
  EXPECT_THAT(AgreementChangeViolations(before, after), IsEmpty());
}

v1::Conference Held() {
  v1::Conference row;
  row.set_name("conferences/c");
  row.set_kind(v1::CONFERENCE_KIND_JOINT);
  row.set_title("市校合作联席会议（演示）");
  *row.mutable_meet_time() =
      time::ToTimestamp(time::StartOfDay(absl::CivilDay(2025, 4, 10)) + absl::Hours(9));
  row.set_place("市科技局");
  row.add_agenda()->set_title("通报工作进展");
  v1::ConferenceAttendee& attendee = *row.add_attendees();
  attendee.set_organization("organizations/u");
  attendee.set_person("李某");
  attendee.set_attendance(v1::ATTENDANCE_PRESENT);
  row.set_minutes("会议通报了进展");
  v1::ConferenceDecision& decision = *row.add_decisions();
  decision.set_number(1);
  decision.set_text("共建产业技术研究院");
  v1::DecisionAssignment& assignment = *decision.add_assignments();
  assignment.set_unit("organizations/d");
  assignment.add_co_units("organizations/u");
  assignment.set_task("提出建设方案");
  *assignment.mutable_due_date() = Date(2025, 6, 30);
  row.set_state(v1::CONFERENCE_STATE_HELD);
  return row;
}

TEST(CooperationRulesTest, EachStateOfAConferenceHasItsFields) {
  const std::vector<std::string> all = {"title",     "place",   "agenda",    "attendees",
                                        "documents", "minutes", "decisions", "meet_time"};
  const struct {
    v1::ConferenceState state;
    std::vector<std::string> free;
  } cases[] = {
      {v1::CONFERENCE_STATE_PLANNED,
       {"title", "place", "agenda", "attendees", "documents", "meet_time"}},
      {v1::CONFERENCE_STATE_CONVENED, {"title", "place", "agenda", "attendees", "documents"}},
      {v1::CONFERENCE_STATE_HELD, {"agenda", "attendees", "documents", "minutes", "decisions"}},
      {v1::CONFERENCE_STATE_ISSUED, {}},
      {v1::CONFERENCE_STATE_CANCELLED, {}},
  };
  v1::Conference changed = Held();
  changed.set_title("改名");
  changed.set_place("改地");
  changed.mutable_agenda(0)->set_title("改议程");
  changed.mutable_attendees(0)->set_person("改人");
  changed.add_documents()->set_title("材料");
  changed.set_minutes("改纪要");
  changed.mutable_decisions(0)->set_text("改决定");
  *changed.mutable_meet_time() = time::ToTimestamp(absl::UnixEpoch());
  for (const auto& one : cases) {
    v1::Conference before = Held();
    before.set_state(one.state);
    const std::vector<std::string> frozen = FieldsOf(ConferenceChangeViolations(before, changed));
    for (const std::string& field : all) {
      const bool free = std::count(one.free.begin(), one.free.end(), field) > 0;
      EXPECT_EQ(std::count(frozen.begin(), frozen.end(), field), free ? 0 : 1)
          << field << " when " << policy::LabelOf(one.state);
    }
  }
}

TEST(CooperationRulesTest, ANoticeNeedsATimeToComeAPlaceAnAgendaAndParticipants) {
  const v1::Conference ready = Held();
  const absl::Time met = time::ToTime(ready.meet_time());
  EXPECT_THAT(ConveneViolations(ready, met - absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(FieldsOf(ConveneViolations(ready, met)), ElementsAre("meet_time"));
  EXPECT_THAT(FieldsOf(ConveneViolations(v1::Conference(), met)),
              ElementsAre("meet_time", "place", "agenda", "attendees"));
}

TEST(CooperationRulesTest, MinutesAreIssuedWhenAllIsSettled) {
  EXPECT_THAT(IssueViolations(Held()), IsEmpty());
  v1::Conference row = Held();
  row.clear_minutes();
  row.mutable_attendees(0)->set_attendance(v1::ATTENDANCE_INVITED);
  *row.add_decisions() = row.decisions(0);
  *row.mutable_decisions(1)->mutable_assignments(0)->mutable_due_date() = Date(2025, 4, 9);
  EXPECT_THAT(FieldsOf(IssueViolations(row)),
              ElementsAre("minutes", "attendees[0].attendance", "decisions[1].number",
                          "decisions[1].assignments[0].due_date"));
}

TEST(CooperationRulesTest, EachAssignmentIsAFollowUp) {
  v1::Conference row = Held();
  v1::DecisionAssignment& second = *row.mutable_decisions(0)->add_assignments();
  second.set_unit("organizations/z");
  second.set_task("落实场地");
  *second.mutable_due_date() = Date(2025, 5, 31);
  row.add_decisions()->set_number(2);
  const std::vector<v1::FollowUp> made = FollowUpsOf(row);
  ASSERT_EQ(made.size(), 2u) << "a decision without assignment asks nobody";
  EXPECT_EQ(made[0].name(), "conferences/c/followUps/1-1");
  EXPECT_EQ(made[0].unit(), "organizations/d");
  EXPECT_EQ(made[0].state(), v1::FOLLOW_UP_STATE_ASSIGNED);
  EXPECT_EQ(made[1].name(), "conferences/c/followUps/1-2");
  EXPECT_EQ(made[1].task(), "落实场地");
  EXPECT_THAT(OrganizationsOf(row), ElementsAre("organizations/u"));
  row.set_convener("organizations/d");
  EXPECT_THAT(OrganizationsOf(row), ElementsAre("organizations/d", "organizations/u"));
}

TEST(CooperationRulesTest, TheNextConferenceIsDueOnTheSameDayOfTheMonthOrItsLast) {
  const struct {
    absl::CivilDay last;
    int months;
    absl::CivilDay due;
  } cases[] = {{absl::CivilDay(2025, 4, 10), 6, absl::CivilDay(2025, 10, 10)},
               {absl::CivilDay(2025, 8, 31), 6, absl::CivilDay(2026, 2, 28)},
               {absl::CivilDay(2027, 8, 31), 6, absl::CivilDay(2028, 2, 29)},
               {absl::CivilDay(2025, 10, 31), 1, absl::CivilDay(2025, 11, 30)},
               {absl::CivilDay(2025, 12, 1), 12, absl::CivilDay(2026, 12, 1)},
               {absl::CivilDay(2025, 1, 31), 1, absl::CivilDay(2025, 2, 28)}};
  for (const auto& one : cases) EXPECT_EQ(NextDue(one.last, one.months), one.due) << one.last;
}

TEST(CooperationRulesTest, AFollowUpIsOverdueUntilItIsSubmittedAndLateAfterwards) {
  v1::FollowUp row;
  *row.mutable_due_date() = Date(2025, 4, 10);
  const absl::CivilDay due(2025, 4, 10);
  for (const auto state : {v1::FOLLOW_UP_STATE_ASSIGNED, v1::FOLLOW_UP_STATE_IN_PROGRESS}) {
    row.set_state(state);
    EXPECT_FALSE(IsOverdue(row, due));
    EXPECT_TRUE(IsOverdue(row, due + 1));
  }
  for (const auto state : {v1::FOLLOW_UP_STATE_SUBMITTED, v1::FOLLOW_UP_STATE_DONE}) {
    row.set_state(state);
    *row.mutable_submit_time() = time::ToTimestamp(time::EndOfDay(due));
    EXPECT_FALSE(IsOverdue(row, due + 30)) << "in time";
    *row.mutable_submit_time() = time::ToTimestamp(time::StartOfDay(due + 1));
    EXPECT_TRUE(IsOverdue(row, due + 30)) << "late";
  }
  row.set_state(v1::FOLLOW_UP_STATE_CANCELLED);
  EXPECT_FALSE(IsOverdue(row, due + 30));
}

TEST(CooperationRulesTest, ABaseIsOfAKindThatIsABaseAndItsDaysAreInOrder) {
  const auto pack = testing::ShippedPack("linyi");
  v1::CoBuiltBase base;
  base.set_title("科技成果转化基地（演示）");
  base.set_kind("科技成果转化基地");
  base.add_universities("organizations/u");
  base.add_industries("新材料");
  EXPECT_THAT(BaseViolations(*pack, base), IsEmpty());
  base.set_kind("人才挂职");
  base.add_industries("炼金");
  base.add_partners("organizations/z");
  base.add_partners("organizations/z");
  EXPECT_THAT(FieldsOf(BaseViolations(*pack, base)),
              ElementsAre("kind", "partners[1]", "industries[1]"));
  const absl::CivilDay today(2025, 4, 10);
  *base.mutable_start_date() = Date(2025, 4, 10);
  EXPECT_THAT(BaseDayViolations(base, today), IsEmpty());
  *base.mutable_open_date() = Date(2025, 4, 9);
  *base.mutable_close_date() = Date(2025, 4, 11);
  EXPECT_THAT(FieldsOf(BaseDayViolations(base, today)), ElementsAre("open_date", "close_date"));
}

v1::CoBuiltBase RecommendedBase(v1::BaseEvaluation evaluation) {
  v1::CoBuiltBase base;
  base.set_evaluation(evaluation);
  base.set_evaluator("某科技评估中心（演示）");
  *base.mutable_evaluation_date() = Date(2025, 3, 1);
  base.set_recommended_as("省级技术创新中心");
  *base.mutable_recommend_date() = Date(2025, 3, 20);
  return base;
}

TEST(CooperationRulesTest, NothingIsRecommendedWithoutAnEvaluation) {
  const absl::CivilDay today(2025, 4, 10);
  v1::CoBuiltBase base = RecommendedBase(v1::BASE_EVALUATION_EXCELLENT);
  EXPECT_THAT(EvaluationViolations(base, today), IsEmpty());
  base.clear_evaluation();
  EXPECT_THAT(FieldsOf(EvaluationViolations(base, today)),
              ElementsAre("evaluation", "recommended_as"))
      << "its result is not told";
  base.clear_evaluator();
  base.clear_evaluation_date();
  EXPECT_THAT(FieldsOf(EvaluationViolations(base, today)), ElementsAre("recommended_as"));
  base.clear_recommend_date();
  base.clear_recommended_as();
  EXPECT_THAT(EvaluationViolations(base, today), IsEmpty());
}

TEST(CooperationRulesTest, AnExcellentBaseIsRecommendedFirstAndAFailedOneNotAtAll) {
  using options::v1::ROLE_DEPARTMENT;
  using options::v1::ROLE_UNIT;
  const auto pack = testing::ShippedPack("linyi");
  const auto broken = [&](v1::BaseEvaluation evaluation) {
    std::vector<std::string> rules;
    const auto verdicts = RecommendVerdicts(*pack, RecommendedBase(evaluation));
    for (const auto& verdict : verdicts.verdicts()) {
      if (verdict.outcome() != policy::v1::OUTCOME_SATISFIED) rules.push_back(verdict.rule_id());
    }
    return rules;
  };
  EXPECT_THAT(broken(v1::BASE_EVALUATION_EXCELLENT), IsEmpty());
  EXPECT_THAT(broken(v1::BASE_EVALUATION_GOOD), ElementsAre("base.recommend-excellent"));
  EXPECT_THAT(broken(v1::BASE_EVALUATION_PASSED), ElementsAre("base.recommend-excellent"));
  for (const auto evaluation : {v1::BASE_EVALUATION_FAILED, v1::BASE_EVALUATION_UNSPECIFIED}) {
    EXPECT_THAT(broken(evaluation),
                ElementsAre("base.recommend-excellent", "base.recommend-passed"));
  }
  const auto judge = [&](v1::BaseEvaluation evaluation, options::v1::Role role,
                         const char* reason) {
    v1::CoBuiltBase base = RecommendedBase(evaluation);
    const absl::Status judged = JudgeRecommendation(*pack, nullptr, {role}, reason, &base);
    EXPECT_EQ(base.has_recommend_verdicts(), judged.ok());
    return judged.ok();
  };
  EXPECT_TRUE(judge(v1::BASE_EVALUATION_EXCELLENT, ROLE_UNIT, ""));
  EXPECT_FALSE(judge(v1::BASE_EVALUATION_GOOD, ROLE_DEPARTMENT, "")) << "without a reason";
  EXPECT_FALSE(judge(v1::BASE_EVALUATION_GOOD, ROLE_UNIT, "省里点名")) << "not by anybody";
  EXPECT_TRUE(judge(v1::BASE_EVALUATION_GOOD, ROLE_DEPARTMENT, "省里点名"));
  EXPECT_FALSE(judge(v1::BASE_EVALUATION_FAILED, ROLE_DEPARTMENT, "省里点名")) << "a hard rule";
}

TEST(CooperationRulesTest, ARecommendationIsJudgedAnewWithItsEvaluationAndGoesWithItsVerdicts) {
  const auto pack = testing::ShippedPack("linyi");
  const std::vector<options::v1::Role> bureau = {options::v1::ROLE_DEPARTMENT};
  v1::CoBuiltBase stored = RecommendedBase(v1::BASE_EVALUATION_GOOD);
  ASSERT_TRUE(JudgeRecommendation(*pack, nullptr, bureau, "省里点名", &stored).ok());
  v1::CoBuiltBase wanted = stored;
  wanted.set_place("别处");
  *wanted.mutable_recommend_date() = Date(2025, 3, 21);
  EXPECT_TRUE(JudgeRecommendation(*pack, &stored, bureau, "", &wanted).ok());
  EXPECT_EQ(policy::Encode(wanted.recommend_verdicts()),
            policy::Encode(stored.recommend_verdicts()))
      << "what was set aside for it stays so";
  wanted.set_evaluation(v1::BASE_EVALUATION_PASSED);
  EXPECT_FALSE(JudgeRecommendation(*pack, &stored, bureau, "", &wanted).ok());
  wanted.set_evaluation(v1::BASE_EVALUATION_EXCELLENT);
  ASSERT_TRUE(JudgeRecommendation(*pack, &stored, bureau, "", &wanted).ok());
  EXPECT_EQ(policy::Encode(wanted.recommend_verdicts()),
            policy::Encode(RecommendVerdicts(*pack, wanted)));
  wanted.clear_recommended_as();
  ASSERT_TRUE(JudgeRecommendation(*pack, &stored, bureau, "", &wanted).ok());
  EXPECT_FALSE(wanted.has_recommend_verdicts());
}

}  // namespace
}  // namespace chanyan::pairing
