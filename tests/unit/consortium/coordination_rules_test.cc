// What is coordinated for a consortium: who may see to it, by when, and what a report makes of it
// (CON-7).
#include "services/consortium/coordination_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::consortium {
namespace {

using ::testing::HasSubstr;

v1::Party Body(const std::string& kind, bool active = true) {
  v1::Party party;
  party.set_title("演示单位");
  party.set_kind(kind);
  party.set_active(active);
  return party;
}

TEST(CoordinationRulesTest, EnterprisesUniversitiesAndWhatIsNoMoreSeeToNothing) {
  for (const char* kind : {"", "ENTERPRISE", "UNIVERSITY", "RESEARCH_INSTITUTE", "department"}) {
    EXPECT_THAT(AssigneeProblem(Body(kind)), HasSubstr("不能承办")) << kind;
  }
  for (const char* kind : {"FUNCTIONAL_ZONE", "TOWN", "DISTRICT", "DEPARTMENT"}) {
    EXPECT_EQ(AssigneeProblem(Body(kind)), "") << kind;
    EXPECT_THAT(AssigneeProblem(Body(kind, false)), HasSubstr("已停用")) << kind;
  }
}

TEST(CoordinationRulesTest, ADayThatIsOverOrNoneIsRefusedAndTheDayItselfIsWhole) {
  const absl::CivilDay today(2026, 2, 27);
  google::type::Date none;
  none.set_year(2026);
  none.set_month(2);
  none.set_day(30);
  for (const google::type::Date& wrong : {none, time::ToProto(today - 1), google::type::Date()}) {
    const auto refused = CoordinationTerm(wrong, today);
    EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FIELD)
        << wrong.ShortDebugString();
  }
  EXPECT_EQ(*CoordinationTerm(time::ToProto(today), today), time::EndOfDay(today));
}

TEST(CoordinationRulesTest, TheUnitAnswersAndTheOfficeDoesAllElse) {
  v1::CoordinationItem item;
  item.set_office("organizations/office");
  EXPECT_FALSE(MayCoordinate(item, "answer", "")) << "nobody is nobody's unit";
  item.set_assignee("organizations/zone");
  for (const char* verb : {"assign", "conclude"}) {
    EXPECT_TRUE(MayCoordinate(item, verb, "organizations/office")) << verb;
    EXPECT_FALSE(MayCoordinate(item, verb, "organizations/zone")) << verb;
  }
  EXPECT_TRUE(MayCoordinate(item, "answer", "organizations/zone"));
  EXPECT_FALSE(MayCoordinate(item, "answer", "organizations/office"));
}

TEST(CoordinationRulesTest, AReportRaisesWhatNoItemOfItSays) {
  const auto item = [](v1::CoordinationState state, const std::string& content) {
    v1::CoordinationItem one;
    one.set_state(state);
    one.set_content(content);
    return one;
  };
  const std::vector<v1::CoordinationItem> known = {item(v1::COORDINATION_STATE_DONE, "甲"),
                                                   item(v1::COORDINATION_STATE_ASSIGNED, "乙"),
                                                   item(v1::COORDINATION_STATE_OPEN, "丙")};
  EXPECT_EQ(WhatIsRaised(known, "").what, Raising::kNone);
  for (const char* said : {"甲", "乙", "丙"}) {
    EXPECT_EQ(WhatIsRaised(known, said).what, Raising::kNone) << said;
  }
  const Raised reworded = WhatIsRaised(known, "丁");
  EXPECT_EQ(reworded.what, Raising::kReword);
  EXPECT_EQ(reworded.at, 2u);
  EXPECT_EQ(WhatIsRaised({known[0], known[1]}, "丁").what, Raising::kRaise);
  EXPECT_EQ(WhatIsRaised({}, "丁").what, Raising::kRaise);
}

}  // namespace
}  // namespace chanyan::consortium
