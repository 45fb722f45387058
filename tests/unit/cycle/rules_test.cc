// Windows to the second, what a row must say, and what each state allows.
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/time/clock.h"
#include "services/cycle/cycle_life.h"
#include "services/cycle/form_life.h"
#include "services/cycle/leaderboard_life.h"
#include "services/cycle/opening.h"
#include "services/cycle/return_rules.h"
#include "tests/support/pack_reading.h"
#include "tests/support/service_test.h"
#include "tests/unit/cycle/matrix.h"

namespace chanyan::cycle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::Time InChina(int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour, minute, second),
                         time::Shanghai());
}

google::type::Date Date(int month, int day) {
  google::type::Date date;
  date.set_year(2025);
  date.set_month(month);
  date.set_day(day);
  return date;
}

// Step n has the n-th week of April, Tuesday to Monday.
v1::Cycle April() {
  v1::Cycle cycle;
  cycle.set_name("cycles/2025q2");
  for (int number = 1; number <= kSteps; ++number) {
    v1::Step* step = cycle.add_steps();
    step->set_number(number);
    step->set_label(absl::StrCat("步骤", number));
    *step->mutable_first_day() = Date(4, number * 4 - 3);
    *step->mutable_last_day() = Date(4, number * 4);
    *step->mutable_deadline() = time::ToTimestamp(InChina(4, number * 4, 23, 59, 59));
  }
  return cycle;
}

TEST(WindowTest, ADeadlineLastsToTheEndOfItsSecond) {
  const v1::Cycle cycle = April();
  EXPECT_EQ(StepStateAt(cycle, 1, InChina(3, 31, 23, 59, 59)), v1::STEP_STATE_PENDING);
  EXPECT_EQ(StepStateAt(cycle, 1, InChina(4, 1)), v1::STEP_STATE_OPEN);
  EXPECT_EQ(StepStateAt(cycle, 1, InChina(4, 4, 23, 59, 59) + absl::Milliseconds(999)),
            v1::STEP_STATE_OPEN);
  EXPECT_EQ(StepStateAt(cycle, 1, InChina(4, 5)), v1::STEP_STATE_CLOSED);
}

// As from a table that somebody has written into by hand.
TEST(WindowTest, AStepThatACycleHasLostIsOver) {
  v1::Cycle cycle = April();
  cycle.mutable_steps()->DeleteSubrange(1, kSteps - 1);
  const absl::Time now = InChina(4, 1);
  EXPECT_EQ(StepStateAt(cycle, 1, now), v1::STEP_STATE_OPEN);
  for (const int number : {0, 2, kSteps, kSteps + 1}) {
    EXPECT_EQ(StepStateAt(cycle, number, now), v1::STEP_STATE_CLOSED) << number;
    EXPECT_FALSE(CloseStepAt(now, number, "提前", &cycle).ok()) << number;
  }
  EXPECT_THAT(RequireWindow(cycle, kDistributeStep, kCollectStep, now, "分发").message(),
              HasSubstr("截止，不能再分发"));
  EXPECT_EQ(AsOf(cycle, now).state(), v1::CYCLE_STATE_OPEN);
  cycle.clear_steps();
  EXPECT_FALSE(RequireWindow(cycle, kReportStep, kReportStep, now, "报送").ok());
}

TEST(WindowTest, ACycleEndsWithItsLastStep) {
  EXPECT_EQ(AsOf(April(), InChina(4, 24, 23)).state(), v1::CYCLE_STATE_OPEN);
  EXPECT_EQ(AsOf(April(), InChina(4, 25)).state(), v1::CYCLE_STATE_CLOSED);
}

TEST(WindowTest, AnExceptionOpensOneFormUntilItsEnd) {
  const v1::Cycle cycle = April();
  v1::Form form;
  EXPECT_FALSE(RequireFormWindow(cycle, form, InChina(4, 5), "报送").ok());
  *form.mutable_exception_until() = time::ToTimestamp(InChina(4, 6, 12));
  EXPECT_TRUE(RequireFormWindow(cycle, form, InChina(4, 6, 12), "报送").ok());
  EXPECT_FALSE(RequireFormWindow(cycle, form, InChina(4, 6, 12, 0, 1), "报送").ok());
}

TEST(WindowTest, OnlyAnOpenStepIsClosedAndAnEndedOneIsNotExtended) {
  struct Case {
    absl::Time now;
    bool closes;
    bool extends;
  };
  const Case cases[] = {{InChina(4, 4), false, true},
                        {InChina(4, 5), true, true},
                        {InChina(4, 8, 23, 59, 59), true, true},
                        {InChina(4, 9), false, false}};
  const auto pack = testing::ShippedPack();
  for (const Case& one : cases) {
    v1::Cycle cycle = April();
    EXPECT_EQ(CloseStepAt(one.now, 2, "原因", &cycle).ok(), one.closes) << one.now;
    cycle = April();
    EXPECT_EQ(
        ExtendStepTo(pack->calendar(), absl::CivilDay(2025, 4, 10), one.now, 2, "原因", &cycle)
            .ok(),
        one.extends)
        << one.now;
  }
}

TEST(WindowTest, AStepIsExtendedToAWorkdayOfAKnownYear) {
  const auto pack = testing::ShippedPack();
  struct Case {
    absl::CivilDay to;
    // Of the refusal; empty = none.
    const char* says;
  };
  const Case cases[] = {
      {absl::CivilDay(2025, 4, 11), ""},
      {absl::CivilDay(2025, 4, 12), "2025年4月14日"},
      {absl::CivilDay(2025, 4, 13), "2025年4月14日"},
      // A Sunday on which people work, and a holiday.
      {absl::CivilDay(2025, 4, 27), ""},
      {absl::CivilDay(2025, 5, 1), "2025年5月6日"},
  };
  for (const Case& one : cases) {
    v1::Cycle cycle = April();
    const v1::Cycle before = cycle;
    const absl::Status status =
        ExtendStepTo(pack->calendar(), one.to, InChina(4, 5), 2, "原因", &cycle);
    if (*one.says == 0) {
      EXPECT_TRUE(status.ok()) << one.to << " " << status;
      continue;
    }
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << one.to << " " << status;
    const std::vector<status::Violation> said = status::ViolationsOf(status);
    ASSERT_EQ(said.size(), 1u) << one.to;
    EXPECT_EQ(said[0].field, "last_day");
    EXPECT_THAT(said[0].description, HasSubstr(one.says));
    EXPECT_EQ(cycle.SerializeAsString(), before.SerializeAsString());
  }
  int unknown = 2026;
  while (pack->calendar().HasYear(unknown)) ++unknown;
  v1::Cycle cycle = April();
  EXPECT_EQ(status::ReasonOf(ExtendStepTo(pack->calendar(), absl::CivilDay(unknown, 1, 5),
                                          InChina(4, 5), 2, "原因", &cycle)),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST(WindowTest, AnExtensionEndsByThePacksLimit) {
  const auto shipped = testing::ShippedPack();
  policy::v1::PolicyPack proto = shipped->proto();
  proto.mutable_cycle_plan()->mutable_extension_limit()->set_end(policy::v1::EXTENSION_END_QUARTER);
  const auto quarterly = testing::PackOf(proto);
  ASSERT_TRUE(quarterly.ok()) << quarterly.status();
  proto.mutable_cycle_plan()->clear_extension_limit();
  const auto unlimited = testing::PackOf(proto);
  ASSERT_TRUE(unlimited.ok()) << unlimited.status();
  struct Case {
    int step;
    int month;
    int day;
    // Of the refusals by the shipped pack and by the one that goes by the quarter; empty = none.
    const char* shipped;
    const char* quarterly;
  };
  const Case cases[] = {
      {2, 4, 12, "", ""},
      {2, 4, 13, "第2步“步骤2”最晚延期至第3步“步骤3”的截止日2025年4月12日", ""},
      {6, 6, 30, "", ""},
      {6, 7, 1, "第6步“步骤6”最晚延期至本季度末日2025年6月30日", "本季度末日2025年6月30日"},
  };
  for (const Case& one : cases) {
    v1::Cycle cycle = April();
    *MutableStepOf(&cycle, one.step)->mutable_last_day() = Date(one.month, one.day);
    for (const auto& [pack, says] : {std::make_pair(shipped.get(), one.shipped),
                                     std::make_pair(quarterly->get(), one.quarterly)}) {
      const absl::Status status = CheckExtension(*pack, cycle, one.step);
      if (*says == 0) {
        EXPECT_TRUE(status.ok()) << one.step << " " << status;
        continue;
      }
      ASSERT_EQ(status::ViolationsOf(status).size(), 1u) << one.step;
      EXPECT_EQ(status::ViolationsOf(status)[0].field, "last_day");
      EXPECT_THAT(status::ViolationsOf(status)[0].description, HasSubstr(says));
    }
    EXPECT_TRUE(CheckExtension(**unlimited, cycle, one.step).ok()) << one.step;
  }
}

TEST(WindowTest, ARefusedExtensionNamesTheLimitThatApplies) {
  const auto says = [](int step, google::type::Date last, google::type::Date next) {
    v1::Cycle cycle = April();
    if (step < kSteps) *MutableStepOf(&cycle, step + 1)->mutable_last_day() = next;
    *MutableStepOf(&cycle, step)->mutable_last_day() = last;
    const absl::Status status = CheckExtension(*testing::ShippedPack(), cycle, step);
    return status.ok() ? "" : status::ViolationsOf(status)[0].description;
  };
  EXPECT_THAT(says(5, Date(4, 25), Date(4, 24)), HasSubstr("24日；仍来不及的，请对有关单位准予"));
  // Of the last step, and where the quarter ends no later than the next step.
  EXPECT_THAT(says(6, Date(7, 1), Date(7, 1)),
              HasSubstr("步骤6”最晚延期至本季度末日2025年6月30日"));
  for (const auto& next : {Date(6, 30), Date(7, 4)}) {
    EXPECT_EQ(says(5, Date(7, 1), next), "第5步“步骤5”最晚延期至本季度末日2025年6月30日");
  }
}

TEST(ReturnReasonTest, WhatIsSaidGoesBeforeWhyItWasSentBack) {
  EXPECT_EQ(WhyGivenAgain("更正金额", {"缺少合同编号"}), "更正金额");
  EXPECT_EQ(WhyGivenAgain("", {"缺少合同编号", "名称有误"}), "缺少合同编号；名称有误");
  EXPECT_EQ(WhyGivenAgain("", {}), "企业补充填报");
  v1::Package package;
  package.add_return_reasons("缺少附件");
  EXPECT_EQ(WhyPackedAgain(package, "补附件"), "") << "the first needs no reason";
  package.set_revision(1);
  EXPECT_EQ(WhyPackedAgain(package, "补附件"), "补附件");
  EXPECT_EQ(WhyPackedAgain(package, ""), "缺少附件");
  package.clear_return_reasons();
  EXPECT_EQ(WhyPackedAgain(package, ""), "企业补报后重新打包");
}

TEST(WindowTest, AnExceptionOfAnEnterpriseOpensItsReturnUntilItsLastSecond) {
  const v1::Cycle cycle = April();
  const absl::Time until = InChina(4, 20, 12);
  for (const int last : {kCollectStep, kReturnStep}) {
    const absl::Time end = EndOf(cycle, last);
    EXPECT_FALSE(RequireReturnWindow(cycle, last, until, InChina(4, 4), "导入").ok())
        << "no exception begins before step 2";
    EXPECT_TRUE(RequireReturnWindow(cycle, last, std::nullopt, InChina(4, 5), "导入").ok());
    EXPECT_TRUE(RequireReturnWindow(cycle, last, std::nullopt, end, "导入").ok());
    const absl::Status late =
        RequireReturnWindow(cycle, last, std::nullopt, end + absl::Seconds(1), "导入");
    EXPECT_EQ(status::ReasonOf(late), options::v1::ERROR_REASON_WINDOW_CLOSED);
    EXPECT_THAT(std::string(late.message()), HasSubstr("企业逾期补报许可"));
    EXPECT_TRUE(RequireReturnWindow(cycle, last, until, end + absl::Seconds(1), "导入").ok());
    EXPECT_TRUE(RequireReturnWindow(cycle, last, until, until, "导入").ok());
    EXPECT_FALSE(RequireReturnWindow(cycle, last, until, until + absl::Seconds(1), "导入").ok());
  }
}

TEST(PlanTest, EachStepSaysWhoAnswersForItAndWhatIsToBeDone) {
  const auto pack = testing::ShippedPack();
  const auto steps = PlanSteps(*pack, time::Quarter(2025, 2));
  ASSERT_TRUE(steps.ok()) << steps.status();
  const options::v1::Role owners[] = {options::v1::ROLE_RESEARCH_OFFICE,
                                      options::v1::ROLE_SECRETARIAT,
                                      options::v1::ROLE_UNIT,
                                      options::v1::ROLE_SECRETARIAT,
                                      options::v1::ROLE_SECRETARIAT,
                                      options::v1::ROLE_SECRETARIAT};
  for (int i = 0; i < kSteps; ++i) {
    EXPECT_EQ((*steps)[i].owner_role(), owners[i]) << i;
    EXPECT_FALSE((*steps)[i].action().empty()) << i;
  }
  EXPECT_THAT((*steps)[1].participant_roles(),
              ElementsAre(options::v1::ROLE_UNIT, options::v1::ROLE_ENTERPRISE));
}

TEST(WindowTest, AnEarlyCloseIsTheBeginningOfTheNextStep) {
  v1::Cycle cycle = April();
  ASSERT_TRUE(CloseStepAt(InChina(4, 3), 1, "原因", &cycle).ok());
  EXPECT_EQ(StepStateAt(cycle, 1, InChina(4, 3)), v1::STEP_STATE_CLOSED);
  EXPECT_EQ(StepStateAt(cycle, 2, InChina(4, 3)), v1::STEP_STATE_OPEN);
  EXPECT_EQ(StepStateAt(cycle, 3, InChina(4, 3)), v1::STEP_STATE_PENDING);
}

TEST(WindowTest, AnExceptionEndsWithinTheQuarter) {
  const v1::Cycle cycle = April();
  const absl::Time now = InChina(4, 6);
  EXPECT_FALSE(CheckExceptionEnd(cycle, now, now).ok());
  EXPECT_TRUE(CheckExceptionEnd(cycle, now, now + absl::Seconds(1)).ok());
  EXPECT_TRUE(CheckExceptionEnd(cycle, now, InChina(6, 30, 23, 59, 59)).ok());
  EXPECT_FALSE(CheckExceptionEnd(cycle, now, InChina(7, 1)).ok());
}

// Every state with every verb.
TEST(FormLifeTest, TheMatrixOfStatesAndVerbs) {
  struct Row {
    v1::FormState from;
    v1::FormState import, submit, accept, back, grant, issue, deliver;
  };
  constexpr v1::FormState kNo = v1::FORM_STATE_UNSPECIFIED;
  const Row matrix[] = {
      {v1::FORM_STATE_DRAFT, v1::FORM_STATE_DRAFT, v1::FORM_STATE_SUBMITTED, kNo, kNo,
       v1::FORM_STATE_DRAFT, v1::FORM_STATE_DRAFT, kNo},
      {v1::FORM_STATE_SUBMITTED, kNo, kNo, v1::FORM_STATE_ACCEPTED, v1::FORM_STATE_RETURNED, kNo,
       kNo, kNo},
      {v1::FORM_STATE_RETURNED, v1::FORM_STATE_RETURNED, v1::FORM_STATE_SUBMITTED, kNo, kNo,
       v1::FORM_STATE_RETURNED, v1::FORM_STATE_RETURNED, kNo},
      {v1::FORM_STATE_ACCEPTED, kNo, kNo, kNo, kNo, kNo, kNo, v1::FORM_STATE_ACCEPTED},
  };
  for (const Row& row : matrix) {
    const std::pair<const char*, v1::FormState> verbs[] = {{"import", row.import},
                                                           {"submit", row.submit},
                                                           {"accept", row.accept},
                                                           {"return", row.back},
                                                           {"grantLockException", row.grant},
                                                           {"issueParts", row.issue},
                                                           {"deliverToPlatforms", row.deliver}};
    for (const auto& [verb, to] : verbs) {
      const auto next = policy::Next(FormLife(), row.from, verb);
      const std::string what = absl::StrCat(v1::FormState_Name(row.from), " ", verb);
      if (to == kNo) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE) << what;
      } else {
        ASSERT_TRUE(next.ok()) << what;
        EXPECT_EQ(*next, to) << what;
      }
    }
  }
}

TEST(HandoverLifeTest, EveryStateAndVerb) {
  constexpr v1::HandoverState kNo = v1::HANDOVER_STATE_UNSPECIFIED;
  ExpectMatrix<v1::HandoverState>(
      HandoverLife(), {"receive", "refuse"},
      {{v1::HANDOVER_STATE_SENT, {v1::HANDOVER_STATE_RECEIVED, v1::HANDOVER_STATE_REFUSED}},
       {v1::HANDOVER_STATE_RECEIVED, {kNo, kNo}},
       {v1::HANDOVER_STATE_REFUSED, {kNo, kNo}}});
}

TEST(StepLifeTest, EveryStateAndVerb) {
  constexpr v1::StepState kNo = v1::STEP_STATE_UNSPECIFIED;
  ExpectMatrix<v1::StepState>(StepLife(), {"closeStep", "extendStep"},
                              {{v1::STEP_STATE_PENDING, {kNo, v1::STEP_STATE_PENDING}},
                               {v1::STEP_STATE_OPEN, {v1::STEP_STATE_CLOSED, v1::STEP_STATE_OPEN}},
                               {v1::STEP_STATE_CLOSED, {kNo, kNo}}});
}

TEST(LeaderboardLifeTest, EveryStateAndVerb) {
  constexpr v1::LeaderboardState kNo = v1::LEADERBOARD_STATE_UNSPECIFIED;
  ExpectMatrix<v1::LeaderboardState>(
      LeaderboardLife(), {"publish"},
      {{v1::LEADERBOARD_STATE_COMPUTED, {v1::LEADERBOARD_STATE_PUBLISHED}},
       {v1::LEADERBOARD_STATE_PUBLISHED, {kNo}}});
}

TEST(ReportTest, CategoryAndProgressSayWhereAProjectStands) {
  v1::Row row;
  row.set_category(v1::ROW_CATEGORY_INTENT);
  EXPECT_EQ(ReportedState(row), pairing::v1::PROJECT_STATE_INTENT);
  EXPECT_EQ(ReportOf(row).title(), "结对共建意向") << "a report has a title";
  row.set_category(v1::ROW_CATEGORY_NEW);
  EXPECT_EQ(ReportedState(row), pairing::v1::PROJECT_STATE_SIGNED);
  row.set_progress("已开工");
  EXPECT_EQ(ReportedState(row), pairing::v1::PROJECT_STATE_BUILDING);
  row.set_category(v1::ROW_CATEGORY_ONGOING);
  row.clear_progress();
  EXPECT_EQ(ReportedState(row), pairing::v1::PROJECT_STATE_BUILDING);
}

TEST(OpeningTest, AProjectOfAnUnknownEnterpriseOrAUniversityWithoutFormIsNotCarried) {
  OpeningFacts facts;
  registry::v1::Organization university;
  university.set_name("organizations/u");
  facts.universities.push_back(university);
  registry::v1::Platform platform;
  platform.set_name("organizations/u/platforms/p");
  platform.set_organization("organizations/u");
  facts.platforms.push_back(platform);
  facts.enterprises["organizations/e"].set_name("organizations/e");
  const auto add = [&](const char* on, const char* enterprise) {
    pairing::v1::Project project;
    project.set_platform(on);
    project.set_enterprise(enterprise);
    facts.projects.push_back(project);
  };
  add("organizations/u/platforms/p", "organizations/e");
  add("organizations/u/platforms/p", "organizations/e");
  add("organizations/u/platforms/p", "organizations/nobody");
  add("organizations/other/platforms/p", "organizations/e");
  const Opening opening = PlanOpening("cycles/2025q2", facts);
  ASSERT_EQ(opening.rows.size(), 1u);
  EXPECT_EQ(opening.rows[0].holder(), "organizations/u");
  ASSERT_EQ(opening.forms.size(), 1u);
  EXPECT_EQ(opening.forms[0].row_count(), 1);
}

// A university with one published platform, and two enterprises.
OpeningFacts SmallFacts() {
  OpeningFacts facts;
  facts.universities.emplace_back().set_name("organizations/u");
  registry::v1::Platform& platform = facts.platforms.emplace_back();
  platform.set_name("organizations/u/platforms/p");
  platform.set_organization("organizations/u");
  platform.set_display_name("平台");
  platform.set_college("学院");
  for (const char* name : {"organizations/e", "organizations/f"}) {
    facts.enterprises[name].set_name(name);
    facts.enterprises[name].set_unit("organizations/zone");
  }
  return facts;
}

pairing::v1::Project ProjectOf(const char* enterprise, pairing::v1::ProjectState state) {
  pairing::v1::Project project;
  project.set_platform("organizations/u/platforms/p");
  project.set_enterprise(enterprise);
  project.set_title("联合研发");
  project.set_state(state);
  return project;
}

pairing::v1::Intent OfferOf(const char* platform, const std::string& title, int64_t created,
                            const std::string& content = "") {
  pairing::v1::Intent offer;
  offer.set_name(absl::StrCat("intents/", title));
  offer.set_side(pairing::v1::INTENT_SIDE_OFFER);
  offer.set_platform(platform);
  offer.set_title(title);
  offer.set_content(content);
  offer.mutable_create_time()->set_seconds(created);
  return offer;
}

TEST(OpeningTest, WhatIsNotSignedYetIsCarriedAsAnIntentThatMayBeStruckOut) {
  OpeningFacts facts = SmallFacts();
  facts.projects = {ProjectOf("organizations/e", pairing::v1::PROJECT_STATE_INTENT),
                    ProjectOf("organizations/f", pairing::v1::PROJECT_STATE_NEGOTIATING)};
  Opening opening = PlanOpening("cycles/2025q2", facts);
  ASSERT_EQ(opening.rows.size(), 2u);
  for (const v1::Row& row : opening.rows) {
    EXPECT_EQ(row.category(), v1::ROW_CATEGORY_INTENT);
    EXPECT_EQ(row.origin(), v1::ROW_ORIGIN_INTENT);
    EXPECT_EQ(row.title(), "联合研发");
    EXPECT_EQ(row.unit(), "organizations/zone");
    EXPECT_EQ(row.holder(), "organizations/u");
  }
  // Beside what is under construction of the same two it is nothing.
  facts.projects.push_back(ProjectOf("organizations/e", pairing::v1::PROJECT_STATE_BUILDING));
  opening = PlanOpening("cycles/2025q2", facts);
  ASSERT_EQ(opening.rows.size(), 2u);
  EXPECT_EQ(std::count_if(opening.rows.begin(), opening.rows.end(),
                          [](const v1::Row& row) {
                            return row.enterprise() == "organizations/e" &&
                                   row.category() == v1::ROW_CATEGORY_ONGOING &&
                                   row.origin() == v1::ROW_ORIGIN_CARRIED;
                          }),
            1);
}

TEST(OpeningTest, WhatAPlatformOffersToAnyEnterpriseIsOneRow) {
  OpeningFacts facts = SmallFacts();
  constexpr char kPlatform[] = "organizations/u/platforms/p";
  facts.offers = {OfferOf(kPlatform, "中试服务", 2, "可承接放大试验"),
                  OfferOf("organizations/u/platforms/draft", "未发布", 1),
                  OfferOf("organizations/other/platforms/p", "别校", 1)};
  facts.offers[0].add_kinds("中试验证");
  Opening opening = PlanOpening("cycles/2025q2", facts);
  ASSERT_EQ(opening.rows.size(), 1u);
  EXPECT_EQ(opening.rows[0].title(), "中试服务");
  EXPECT_EQ(opening.rows[0].content(), "可承接放大试验");
  EXPECT_EQ(opening.rows[0].college(), "学院");
  EXPECT_EQ(opening.rows[0].enterprise(), "");
  EXPECT_EQ(opening.forms[0].row_count(), 1);
  // The older first, whatever the order they come in.
  facts.offers.push_back(OfferOf(kPlatform, "检测认证", 1));
  facts.offers.back().add_kinds("中试验证");
  facts.offers.back().add_kinds("检测认证");
  opening = PlanOpening("cycles/2025q2", facts);
  ASSERT_EQ(opening.rows.size(), 1u);
  EXPECT_EQ(opening.rows[0].title(), "检测认证；中试服务");
  EXPECT_EQ(opening.rows[0].content(), "1. 检测认证\n2. 中试服务：可承接放大试验");
  EXPECT_THAT(opening.rows[0].kinds(), ElementsAre("中试验证", "检测认证"));
  const Opening again = PlanOpening("cycles/2025q2", facts);
  EXPECT_EQ(again.rows[0].SerializeAsString(), opening.rows[0].SerializeAsString());
}

TEST(OpeningTest, OffersOfAnyNumberAndLengthFitTheirRow) {
  OpeningFacts facts = SmallFacts();
  std::string content;
  for (int i = 0; i < 4000; ++i) content += "海";
  for (int i = 0; i < 30; ++i) {
    facts.offers.push_back(OfferOf("organizations/u/platforms/p",
                                   absl::StrCat("服务", i, "：", content.substr(0, 300)), i,
                                   content));
    facts.offers.back().add_kinds(absl::StrCat("类型", i));
  }
  const Opening opening = PlanOpening("cycles/2025q2", facts);
  ASSERT_EQ(opening.rows.size(), 1u);
  EXPECT_EQ(opening.rows[0].kinds_size(), 10);
  for (const status::Violation& violation :
       api::Violations(opening.rows[0], api::Direction::kStored)) {
    ADD_FAILURE() << violation.field << ": " << violation.description;
  }
}

}  // namespace
}  // namespace chanyan::cycle
