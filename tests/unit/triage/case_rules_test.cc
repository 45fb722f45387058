// What a typical case must be, and of which results cases may be shown (TRI-8).
#include "services/triage/case_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/time/civil.h"
#include "services/triage/case_figures.h"

namespace chanyan::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::CivilDay kDayOfCases(2025, 4, 10);

v1::TypicalCase CaseShownOn(const std::vector<absl::CivilDay>& days,
                            v1::TypicalCaseState state = v1::TYPICAL_CASE_STATE_PUBLISHED) {
  v1::TypicalCase row;
  row.set_state(state);
  for (const absl::CivilDay day : days) {
    v1::CasePublicity* one = row.add_publicities();
    one->set_channel("行业媒体");
    *one->mutable_publicize_date() = time::ToProto(day);
  }
  return row;
}

std::vector<std::string> FieldsOfCase(const v1::TypicalCase& row) {
  std::vector<std::string> fields;
  for (const auto& one : CaseViolations(row, kDayOfCases)) fields.push_back(one.field);
  return fields;
}

TEST(CaseRulesTest, WhatIsShownWasShownOnceADayAndOncePublished) {
  EXPECT_THAT(FieldsOfCase(CaseShownOn({})), IsEmpty());
  EXPECT_THAT(FieldsOfCase(CaseShownOn({kDayOfCases, kDayOfCases - 1})), IsEmpty());
  EXPECT_THAT(FieldsOfCase(CaseShownOn({kDayOfCases + 1})),
              ElementsAre("publicities[0].publicize_date"));
  EXPECT_THAT(FieldsOfCase(CaseShownOn({kDayOfCases, kDayOfCases})),
              ElementsAre("publicities[1].channel"));
  v1::TypicalCase two = CaseShownOn({kDayOfCases, kDayOfCases});
  two.mutable_publicities(1)->set_channel("大市场公众号");
  EXPECT_THAT(FieldsOfCase(two), IsEmpty());
  for (const auto state : {v1::TYPICAL_CASE_STATE_DRAFT, v1::TYPICAL_CASE_STATE_WITHDRAWN}) {
    EXPECT_THAT(FieldsOfCase(CaseShownOn({kDayOfCases}, state)), ElementsAre("publicities"));
  }
}

TEST(CaseRulesTest, AnOpenResultThatSomebodyWasContactedAboutMayBeShown) {
  struct Row {
    v1::ResultState state;
    v1::Disclosure disclosure;
    v1::FunnelStage stage;
    size_t wrong;
  };
  const auto published = v1::RESULT_STATE_PUBLISHED;
  const auto open = v1::DISCLOSURE_OPEN;
  for (const Row& row :
       {Row{published, open, v1::FUNNEL_STAGE_CONTACTED, 0},
        Row{published, open, v1::FUNNEL_STAGE_REGISTERED, 0},
        Row{published, open, v1::FUNNEL_STAGE_PUSHED, 1},
        Row{published, v1::DISCLOSURE_LIMITED, v1::FUNNEL_STAGE_CONTRACTED, 1},
        Row{v1::RESULT_STATE_WITHDRAWN, open, v1::FUNNEL_STAGE_CONTRACTED, 1},
        Row{v1::RESULT_STATE_DRAFT, v1::DISCLOSURE_LIMITED, v1::FUNNEL_STAGE_COLLECTED, 3}}) {
    v1::Result result;
    result.set_state(row.state);
    result.set_disclosure(row.disclosure);
    result.set_funnel_stage(row.stage);
    EXPECT_THAT(ShowingViolations(result), SizeIs(row.wrong)) << result.ShortDebugString();
  }
}

TEST(CaseRulesTest, TheOutcomeIsOneLine) {
  EXPECT_EQ(OutcomeText({}), "对接推进中");
  CaseFigures figures;
  figures.contracts = 2;
  figures.contract_yuan = 1'234'500;
  figures.registrations = 1;
  figures.companies = 1;
  figures.financing_yuan = 5'000'000;
  EXPECT_EQ(OutcomeText(figures),
            "签订技术合同2项、123.45万元，技术合同登记1项，成立企业1家，获得融资500万元");
  v1::TypicalCase row;
  WriteFigures(figures, &row);
  EXPECT_EQ(row.contract_yuan(), 1'234'500);
  EXPECT_EQ(row.financing_yuan(), 5'000'000);
  EXPECT_EQ(row.registrations(), 1);
}

}  // namespace
}  // namespace chanyan::triage
