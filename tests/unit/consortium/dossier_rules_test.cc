// What a dossier must be in itself, and what is signed (CON-1); supplements (CON-8); evaluation
// (CON-7); districts and clocks (CON-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/clock_rules.h"
#include "services/consortium/digests.h"
#include "services/consortium/dossier_rules.h"
#include "services/consortium/evaluation_rules.h"
#include "services/consortium/supplement_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ConsortiumPack& Qingdao() {
  static const auto& pack = *testing::ShippedPack().release();
  static const auto& rules = *new ConsortiumPack(pack);
  return rules;
}

std::vector<std::string> FieldsOf(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field);
  return fields;
}

v1::ConsortiumMember MemberOf(const std::string& id, v1::MemberKind kind) {
  v1::ConsortiumMember member;
  member.set_organization("organizations/" + id);
  member.set_kind(kind);
  member.set_layer(v1::MEMBER_LAYER_MEMBER);
  return member;
}

v1::Consortium Small() {
  v1::Consortium row;
  row.set_name("consortia/c");
  row.set_display_name("联合体");
  row.set_lead_unit("organizations/lead");
  *row.add_members() = MemberOf("e1", v1::MEMBER_KIND_UPSTREAM);
  *row.add_members() = MemberOf("u1", v1::MEMBER_KIND_UNIVERSITY);
  for (const std::string& name : ParticipantsOf(row)) row.add_participants(name);
  return row;
}

Parties Known() {
  Parties parties;
  for (const auto& [id, kind] :
       {std::pair{"lead", "ENTERPRISE"}, {"e1", "ENTERPRISE"}, {"u1", "UNIVERSITY"}}) {
    v1::Party& party = parties[absl::StrCat("organizations/", id)];
    party.set_kind(kind);
    party.set_title(id);
  }
  return parties;
}

TEST(DossierRulesTest, ContradictionsAreNamedWithTheirPlaceAndGapsAreNone) {
  struct Case {
    std::function<void(v1::Consortium&)> spoil;
    const char* field;
    const char* says;
  };
  EXPECT_THAT(DossierViolations(Qingdao(), Small(), Known()), IsEmpty());
  for (const Case& one : std::vector<Case>{
           {[](auto& row) { row.mutable_members(0)->set_organization("organizations/lead"); },
            "members[0].organization", "是牵头单位"},
           {[](auto& row) { *row.add_members() = row.members(0); }, "members[2].organization",
            "重复"},
           {[](auto& row) { row.mutable_members(1)->set_kind(v1::MEMBER_KIND_UPSTREAM); },
            "members[1].kind", "不是上游企业"},
           {[](auto& row) { row.mutable_members(0)->set_kind(v1::MEMBER_KIND_INSTITUTE); },
            "members[0].kind", "不是科研院所"},
           {[](auto& row) { row.mutable_agreement()->add_clauses()->set_clause("poetry"); },
            "agreement.clauses[0].clause", "不是政策包"},
           {[](auto& row) {
              row.mutable_agreement()->add_clauses()->set_clause("goals");
              row.mutable_agreement()->add_clauses()->set_clause("goals");
            },
            "agreement.clauses[1].clause", "重复"},
           {[](auto& row) { row.mutable_plan()->add_mechanisms()->set_mechanism("magic"); },
            "plan.mechanisms[0].mechanism", "不是政策包"},
           {[](auto& row) {
              row.mutable_plan()->add_topics()->add_undertakers("organizations/stranger");
            },
            "plan.topics[0].undertakers[0]", "不是牵头单位或成员单位"},
           {[](auto& row) {
              row.add_industries("低空经济");
              row.add_industries("低空经济");
            },
            "industries[1]", "重复"},
           {[](auto& row) {
              row.mutable_plan()->set_total_funds_yuan(5);
              row.mutable_members(0)->set_funds_yuan(6);
            },
            "plan.total_funds_yuan", "超过总投入"}}) {
    v1::Consortium row = Small();
    one.spoil(row);
    const auto wrong = DossierViolations(Qingdao(), row, Known());
    ASSERT_EQ(wrong.size(), 1u) << one.field;
    EXPECT_EQ(wrong[0].field, one.field);
    EXPECT_THAT(wrong[0].description, HasSubstr(one.says));
  }
}

TEST(DossierRulesTest, ARequestMaySaveWhatIsHalfWritten) {
  for (const std::function<void(v1::Consortium&)>& write :
       std::vector<std::function<void(v1::Consortium&)>>{
           [](auto& row) { row.mutable_chief_expert()->set_person("张三"); },
           [](auto& row) { row.add_members()->set_organization("organizations/e1"); },
           [](auto& row) { row.mutable_agreement()->add_clauses()->set_clause("goals"); },
           [](auto& row) { row.mutable_plan()->add_targets()->set_measure("发明专利"); },
           [](auto& row) { row.mutable_plan()->add_mechanisms()->set_mechanism("decision"); }}) {
    v1::UpdateConsortiumRequest update;
    update.mutable_consortium()->set_name("consortia/c1");
    write(*update.mutable_consortium());
    EXPECT_THAT(api::Violations(update), IsEmpty()) << update.DebugString();
    v1::CreateConsortiumRequest create;
    create.mutable_consortium()->set_display_name("联合体");
    write(*create.mutable_consortium());
    EXPECT_THAT(api::Violations(create), IsEmpty()) << create.DebugString();
  }
  // What an entry is about is still asked for, and what was written is still looked at.
  v1::UpdateConsortiumRequest update;
  update.mutable_consortium()->set_name("consortia/c1");
  update.mutable_consortium()->mutable_chief_expert()->set_unit_title("海洋大学");
  update.mutable_consortium()->add_members()->set_kind(v1::MEMBER_KIND_OTHER);
  update.mutable_consortium()->mutable_plan()->add_mechanisms()->set_description("无名");
  EXPECT_THAT(FieldsOf(api::Violations(update)),
              ElementsAre("consortium.members[0].organization", "consortium.chief_expert.person",
                          "consortium.plan.mechanisms[0].mechanism"));
}

TEST(DossierRulesTest, WhatIsSignedChangesTheDigestAndNothingElseDoes) {
  const std::string digest = AgreementDigest(Small());
  for (const std::function<void(v1::Consortium&)>& change :
       std::vector<std::function<void(v1::Consortium&)>>{
           [](auto& row) { row.set_display_name("别名"); },
           [](auto& row) { row.set_lead_unit("organizations/other"); },
           [](auto& row) { row.mutable_members()->RemoveLast(); },
           [](auto& row) { row.mutable_members(0)->set_layer(v1::MEMBER_LAYER_CORE); },
           [](auto& row) { row.mutable_members(0)->set_tasks("别的任务"); },
           [](auto& row) { row.mutable_members(0)->set_funds_yuan(1); },
           [](auto& row) { row.mutable_agreement()->set_document_sha256("ab"); },
           [](auto& row) { row.mutable_agreement()->add_clauses()->set_clause("goals"); }}) {
    v1::Consortium row = Small();
    change(row);
    EXPECT_NE(AgreementDigest(row), digest);
  }
  v1::Consortium same = Small();
  same.set_state(v1::CONSORTIUM_STATE_RETURNED);
  same.mutable_plan()->set_significance("改写");
  same.mutable_members(0)->set_title("新名称");
  same.mutable_agreement()->set_digest("x");
  same.add_signed_by("organizations/lead");
  EXPECT_EQ(AgreementDigest(same), digest);
}

TEST(DossierRulesTest, AMembersEditIsThePlan) {
  const v1::Consortium before = Small();
  v1::Consortium after = before;
  after.mutable_plan()->set_funds("新");
  EXPECT_THAT(FieldsOfLead(before, after), IsEmpty());
  after.set_track("别的赛道");
  after.mutable_members(0)->set_layer(v1::MEMBER_LAYER_CORE);
  EXPECT_THAT(FieldsOfLead(before, after), ElementsAre("track", "members"));
}

TEST(DossierRulesTest, AnEndIsConsentedToByThoseOfThatDay) {
  v1::Consortium row = Small();
  const std::string digest = DissolutionDigest(row);
  *row.add_members() = MemberOf("e9", v1::MEMBER_KIND_OTHER);
  EXPECT_NE(DissolutionDigest(row), digest);
}

TEST(PackRulesTest, AnApplicantsDistrictIsItsZonesElseItsRegions) {
  v1::Party party;
  party.set_region_code("370212");
  ASSERT_NE(Qingdao().FindDistrict(party), nullptr);
  EXPECT_EQ(Qingdao().FindDistrict(party)->organization(), "organizations/qd-st-370212");
  // A zone with a department of its own; one without lies in a district; an unknown one counts not.
  party.set_zone("青岛高新区");
  EXPECT_EQ(Qingdao().FindDistrict(party)->organization(), "organizations/qd-st-hightech");
  party.set_zone("经济技术开发区");
  EXPECT_EQ(Qingdao().FindDistrict(party)->organization(), "organizations/qd-st-370211");
  party.set_zone("某某镇");
  EXPECT_EQ(Qingdao().FindDistrict(party)->organization(), "organizations/qd-st-370212");
  party.set_region_code("110101");
  EXPECT_EQ(Qingdao().FindDistrict(party), nullptr);
  EXPECT_FALSE(Qingdao().InCity("110101"));
  EXPECT_TRUE(Qingdao().InCity("370285"));
}

TEST(ClockRulesTest, ClocksRunInWorkdaysOfThePack) {
  // 2025-04-30 is a Wednesday before 劳动节 (1—5 May).
  const auto clock =
      ClockOf(Qingdao(), v1::CONSORTIUM_STATE_DISTRICT_REVIEW, absl::CivilDay(2025, 4, 30));
  ASSERT_TRUE(clock.ok() && clock->has_value()) << clock.status();
  EXPECT_EQ(time::DayOf((*clock)->deadline), absl::CivilDay(2025, 5, 19));
  EXPECT_THAT((*clock)->derivation, HasSubstr("10个工作日"));
  const auto notice =
      ClockOf(Qingdao(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE, absl::CivilDay(2025, 4, 30));
  ASSERT_TRUE(notice.ok() && notice->has_value()) << notice.status();
  EXPECT_EQ(time::DayOf((*notice)->deadline), absl::CivilDay(2025, 5, 12)) << "the pack's window";
  const auto none = ClockOf(Qingdao(), v1::CONSORTIUM_STATE_FILED, absl::CivilDay(2025, 4, 30));
  EXPECT_TRUE(none.ok() && !none->has_value());
  EXPECT_EQ(status::ReasonOf(
                ClockOf(Qingdao(), v1::CONSORTIUM_STATE_CITY_REVIEW, absl::CivilDay(2031, 4, 30))
                    .status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST(ClockRulesTest, WhatIsFiledAfterItsWindowIsLateOnlyWhereItHadToWait) {
  const absl::Time end = time::EndOfDay(absl::CivilDay(2025, 5, 12));
  v1::Consortium row;
  row.set_state(v1::CONSORTIUM_STATE_CITY_REVIEW);
  EXPECT_FALSE(IsLate(row, end)) << "no clock";
  *row.mutable_due_time() = time::ToTimestamp(end);
  EXPECT_FALSE(IsLate(row, end));
  EXPECT_TRUE(IsLate(row, end + absl::Seconds(1)));
  row.set_state(v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  EXPECT_FALSE(IsLate(row, end + absl::Seconds(1)));
  row.set_overdue(true);
  EXPECT_TRUE(IsLate(row, end + absl::Seconds(1)));
}

TEST(PackRulesTest, AProvincesDepartmentRecommendsWhereItsCitiesHaveNone) {
  const auto pack = testing::ShippedPack("shandong");
  const ConsortiumPack shandong(*pack);
  v1::Party party;
  party.set_region_code("110101");
  EXPECT_EQ(shandong.FindDistrict(party), nullptr);
  party.set_region_code("");
  EXPECT_EQ(shandong.FindDistrict(party), nullptr);
  party.set_region_code("370211");
  ASSERT_NE(shandong.FindDistrict(party), nullptr);
  EXPECT_EQ(shandong.FindDistrict(party)->organization(), "organizations/sd-gxj");
}

TEST(SupplementRulesTest, AStandingIsStatedOfANewLeadAlone) {
  v1::Consortium row;
  row.set_state(v1::CONSORTIUM_STATE_FILED);
  row.set_lead_unit("organizations/lead");
  row.set_lead_standing("原牵头单位");
  row.add_members()->set_organization("organizations/e1");
  v1::Supplement supplement;
  supplement.add_leaving("organizations/e1");
  supplement.set_lead_standing("说明");
  const auto wrong = SupplementViolations(row, supplement);
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_EQ(wrong[0].field, "lead_standing");
  row.set_state(v1::CONSORTIUM_STATE_LEAD_VACANT);
  row.clear_lead_unit();
  supplement.clear_leaving();
  supplement.set_new_lead("organizations/e1");
  EXPECT_TRUE(SupplementViolations(row, supplement).empty());
  EXPECT_EQ(AfterSupplement(row, supplement).lead_standing(), "说明");
}

TEST(SupplementRulesTest, BadProposalsAreNamedWithTheirPlace) {
  struct Case {
    v1::ConsortiumState state;
    std::function<void(v1::Supplement&)> fill;
    std::vector<std::string> fields;
  };
  const v1::ConsortiumState filed = v1::CONSORTIUM_STATE_FILED;
  const v1::ConsortiumState vacant = v1::CONSORTIUM_STATE_LEAD_VACANT;
  for (const Case& one : std::vector<Case>{
           {filed, [](auto&) {}, {"joining"}},
           {filed,
            [](auto& s) { *s.add_joining() = MemberOf("e1", v1::MEMBER_KIND_UPSTREAM); },
            {"joining[0].organization"}},
           {filed,
            [](auto& s) {
              *s.add_joining() = MemberOf("e7", v1::MEMBER_KIND_UPSTREAM);
              *s.add_joining() = MemberOf("e7", v1::MEMBER_KIND_UPSTREAM);
            },
            {"joining[1].organization"}},
           {filed,
            [](auto& s) { s.add_joining()->set_organization("organizations/e7"); },
            {"joining[0].kind", "joining[0].layer"}},
           {filed, [](auto& s) { s.add_leaving("organizations/lead"); }, {"leaving[0]"}},
           {filed, [](auto& s) { s.add_leaving("organizations/e7"); }, {"leaving[0]"}},
           {filed, [](auto& s) { s.set_new_lead("organizations/e1"); }, {"new_lead"}},
           {vacant, [](auto& s) { s.add_leaving("organizations/u1"); }, {"new_lead"}},
           {vacant, [](auto& s) { s.set_new_lead("organizations/e7"); }, {"new_lead"}},
           {vacant,
            [](auto& s) {
              s.set_new_lead("organizations/e1");
              s.add_leaving("organizations/e1");
            },
            {"new_lead"}},
           {vacant,
            [](auto& s) {
              s.set_new_lead("organizations/e1");
              *s.add_joining() = MemberOf("u1", v1::MEMBER_KIND_UNIVERSITY);
            },
            {"joining[0].organization"}}}) {
    v1::Consortium row = Small();
    row.set_state(one.state);
    if (one.state == vacant) {
      row.set_former_lead_unit(row.lead_unit());
      row.clear_lead_unit();
    }
    v1::Supplement supplement;
    one.fill(supplement);
    EXPECT_EQ(FieldsOf(SupplementViolations(row, supplement)), one.fields);
  }
}

TEST(SupplementRulesTest, AllSignThoseWhoLeaveAndThoseWhoJoinToo) {
  v1::Consortium row = Small();
  row.set_state(v1::CONSORTIUM_STATE_FILED);
  v1::Supplement supplement;
  supplement.add_leaving("organizations/e1");
  *supplement.add_joining() = MemberOf("e7", v1::MEMBER_KIND_UPSTREAM);
  EXPECT_THAT(SupplementViolations(row, supplement), IsEmpty());
  EXPECT_THAT(RequiredOf(row, supplement), ElementsAre("organizations/e1", "organizations/e7",
                                                       "organizations/lead", "organizations/u1"));
  const v1::Consortium after = AfterSupplement(row, supplement);
  EXPECT_THAT(after.participants(),
              ElementsAre("organizations/lead", "organizations/u1", "organizations/e7"));
}

TEST(SupplementRulesTest, ANewLeadIsNoMemberAnyMore) {
  v1::Consortium row = Small();
  row.set_state(v1::CONSORTIUM_STATE_LEAD_VACANT);
  row.clear_lead_unit();
  v1::Supplement supplement;
  supplement.set_new_lead("organizations/e1");
  EXPECT_THAT(SupplementViolations(row, supplement), IsEmpty());
  const v1::Consortium after = AfterSupplement(row, supplement);
  EXPECT_EQ(after.lead_unit(), "organizations/e1");
  EXPECT_THAT(after.participants(), ElementsAre("organizations/e1", "organizations/u1"));
}

TEST(SupplementRulesTest, WhoWasTheLeadMayComeBackAndWhoJoinsMayLead) {
  v1::Consortium row = Small();
  row.set_state(v1::CONSORTIUM_STATE_LEAD_VACANT);
  row.set_former_lead_unit(row.lead_unit());
  row.clear_lead_unit();
  v1::Supplement supplement;
  *supplement.add_joining() = MemberOf("lead", v1::MEMBER_KIND_OTHER);
  supplement.set_new_lead("organizations/e1");
  EXPECT_THAT(SupplementViolations(row, supplement), IsEmpty());
  EXPECT_THAT(AfterSupplement(row, supplement).participants(),
              ElementsAre("organizations/e1", "organizations/u1", "organizations/lead"));
  supplement.mutable_joining(0)->set_title("甲集团");
  supplement.set_new_lead("organizations/lead");
  EXPECT_THAT(SupplementViolations(row, supplement), IsEmpty());
  const v1::Consortium after = AfterSupplement(row, supplement);
  EXPECT_EQ(after.lead_unit(), "organizations/lead");
  EXPECT_EQ(after.lead_unit_title(), "甲集团");
  EXPECT_EQ(after.members_size(), 2) << "the lead is no member besides";
  EXPECT_THAT(after.participants(),
              ElementsAre("organizations/lead", "organizations/e1", "organizations/u1"));
}

TEST(EvaluationRulesTest, PointsBecomeGradesAtTheBorders) {
  struct Case {
    std::vector<int> points;
    int total;
    v1::EvaluationGrade grade;
  };
  for (const Case& one : {Case{{85, 85, 85}, 85, v1::EVALUATION_GRADE_EXCELLENT},
                          Case{{84, 85, 85}, 84, v1::EVALUATION_GRADE_QUALIFIED},
                          Case{{60, 60, 60}, 60, v1::EVALUATION_GRADE_QUALIFIED},
                          Case{{59, 60, 60}, 59, v1::EVALUATION_GRADE_UNQUALIFIED},
                          Case{{39, 100, 100}, 87, v1::EVALUATION_GRADE_UNQUALIFIED},
                          Case{{40, 100, 100}, 88, v1::EVALUATION_GRADE_EXCELLENT},
                          Case{{0, 0, 0}, 0, v1::EVALUATION_GRADE_UNQUALIFIED},
                          Case{{100, 100, 100}, 100, v1::EVALUATION_GRADE_EXCELLENT}}) {
    v1::Evaluation evaluation;
    for (int i = 0; i < 3; ++i) {
      v1::PartScore* score = evaluation.add_scores();
      score->set_part(Qingdao().proto().evaluation().parts(i).id());
      score->set_points(one.points[static_cast<size_t>(i)]);
    }
    const Graded graded = GradeOf(Qingdao(), evaluation);
    EXPECT_EQ(graded.total, one.total);
    EXPECT_EQ(graded.grade, one.grade) << graded.derivation;
  }
}

TEST(EvaluationRulesTest, PartsAreThePacksEachOnceAndInTheEndAll) {
  v1::Evaluation evaluation;
  evaluation.add_scores()->set_part("mechanism");
  evaluation.add_scores()->set_part("mechanism");
  evaluation.add_scores()->set_part("poetry");
  EXPECT_THAT(FieldsOf(ScoreViolations(Qingdao(), evaluation, false)),
              ElementsAre("scores[1].part", "scores[2].part"));
  evaluation.clear_scores();
  EXPECT_THAT(ScoreViolations(Qingdao(), evaluation, false), IsEmpty());
  EXPECT_EQ(ScoreViolations(Qingdao(), evaluation, true).size(), 3u);
}

}  // namespace
}  // namespace chanyan::consortium
