// What people are told of reports of progress of innovation consortia (CON-7, CYC-9).
#include "services/cycle/construction_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chanyan/consortium/v1/construction.pb.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/consortium_notices.h"
#include "services/cycle/notice_texts.h"
#include "tests/unit/cycle/entries.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

consortium::v1::ConstructionReport HalfYear() {
  consortium::v1::ConstructionReport row;
  row.set_name("consortia/a/constructionReports/2025h2");
  row.set_consortium_title("水下传感联合体");
  row.set_period_title("2025年7月至12月");
  row.set_lead_unit("organizations/lead");
  row.set_office("organizations/office");
  row.set_return_reason("请补充经费支出情况");
  *row.mutable_due_time() = time::ToTimestamp(time::EndOfDay(absl::CivilDay(2026, 1, 22)));
  return row;
}

TEST(ConstructionNoticesTest, WhatTheLeadOwesIsToldToTheLeadByItsTerm) {
  for (const char* kind : {"created", "remind", "return"}) {
    const std::vector<Notice> told = ConsortiumNoticesOf(EntryOf(kind, HalfYear()));
    ASSERT_EQ(told.size(), 1u) << kind;
    EXPECT_EQ(told[0].organization, "organizations/lead") << kind;
    EXPECT_THAT(told[0].roles, ElementsAre(ROLE_ENTERPRISE)) << kind;
    EXPECT_EQ(told[0].kind, v1::NOTIFICATION_KIND_REMINDER) << kind;
    EXPECT_EQ(time::DayOf(told[0].due), absl::CivilDay(2026, 1, 22)) << kind;
    EXPECT_THAT(told[0].title, HasSubstr("水下传感联合体")) << kind;
    EXPECT_THAT(told[0].title, HasSubstr("2025年7月至12月")) << kind;
  }
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("return", HalfYear()))[0].content,
              HasSubstr("请补充经费支出情况"));
}

TEST(ConstructionNoticesTest, OfAnOverdueOneLeadAndOfficeAreTold) {
  const std::vector<Notice> told = ConsortiumNoticesOf(EntryOf("overdue", HalfYear()));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].organization, "organizations/lead");
  EXPECT_EQ(told[1].organization, "organizations/office");
  EXPECT_THAT(told[1].roles, ElementsAre(ROLE_DEPARTMENT));
  for (const Notice& one : told) EXPECT_EQ(one.kind, v1::NOTIFICATION_KIND_OVERDUE);
}

TEST(ConstructionNoticesTest, WhatCameWaitsForTheOfficeAndItsDecisionIsNews) {
  consortium::v1::ConstructionReport row = HalfYear();
  row.set_has_problem(true);
  const std::vector<Notice> came = ConsortiumNoticesOf(EntryOf("submit", row));
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(came[0].organization, "organizations/office");
  EXPECT_THAT(came[0].content, HasSubstr("困难问题"));
  const std::vector<Notice> accepted = ConsortiumNoticesOf(EntryOf("accept", row));
  ASSERT_EQ(accepted.size(), 1u);
  EXPECT_EQ(accepted[0].organization, "organizations/lead");
  EXPECT_EQ(accepted[0].kind, v1::NOTIFICATION_KIND_NEWS);
}

TEST(ConstructionNoticesTest, WithoutALeadTheOfficeIsToldOnceAndNobodyInParticularNever) {
  consortium::v1::ConstructionReport row = HalfYear();
  row.clear_lead_unit();
  for (const char* kind : {"created", "remind", "overdue", "return", "accept"}) {
    const std::vector<Notice> told = ConsortiumNoticesOf(EntryOf(kind, row));
    ASSERT_EQ(told.size(), 1u) << kind;
    EXPECT_EQ(told[0].organization, "organizations/office") << kind;
    EXPECT_THAT(told[0].roles, ElementsAre(ROLE_DEPARTMENT)) << kind;
  }
  row.clear_office();
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("overdue", row)), IsEmpty());
}

TEST(ConstructionNoticesTest, EachStepSettlesWhatWasToldBefore) {
  EXPECT_TRUE(IsConsortiumType(consortium::v1::ConstructionReport::descriptor()->full_name()));
  for (const char* kind : {"submit", "accept", "return", "end"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, HalfYear()))) << kind;
  }
  for (const char* kind : {"created", "remind", "overdue", "followed"}) {
    EXPECT_FALSE(IsConsortiumSettled(EntryOf(kind, HalfYear()))) << kind;
  }
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("followed", HalfYear())), IsEmpty());
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("end", HalfYear())), IsEmpty());
  journal::v1::Entry gone = EntryOf("overdue", HalfYear());
  gone.clear_after_json();
  EXPECT_THAT(ConsortiumNoticesOf(gone), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
