// What people are told of what is coordinated for innovation consortia (CON-7, CYC-9).
#include "services/cycle/coordination_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chanyan/consortium/v1/coordination.pb.h"
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
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

consortium::v1::CoordinationItem SeaTrial() {
  consortium::v1::CoordinationItem row;
  row.set_name("consortia/a/coordinationItems/i");
  row.set_content("缺少海上试验场");
  row.set_consortium_title("水下传感联合体");
  row.set_raised_by("organizations/lead");
  row.set_lead_unit("organizations/lead");
  row.set_office("organizations/office");
  row.set_assignee("organizations/zone");
  row.set_assignee_title("功能区（演示）");
  row.set_instruction("请协调试验海域");
  row.set_answer("已落实海域");
  row.set_finding("已解决");
  *row.mutable_due_time() = time::ToTimestamp(time::EndOfDay(absl::CivilDay(2026, 2, 27)));
  return row;
}

TEST(CoordinationNoticesTest, OfNothingAndOfNobodyNobodyIsTold) {
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("followed", SeaTrial())), IsEmpty());
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("updated", SeaTrial())), IsEmpty());
  journal::v1::Entry gone = EntryOf("assign", SeaTrial());
  gone.clear_after_json();
  EXPECT_THAT(ConsortiumNoticesOf(gone), IsEmpty());
  consortium::v1::CoordinationItem row = SeaTrial();
  row.clear_assignee();
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("assign", row)), IsEmpty());
  row.set_raised_by(row.office());
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("created", row)), IsEmpty()) << "it knows";
}

TEST(CoordinationNoticesTest, WhoIsGivenOneIsToldByWhenAndWhatIsAsked) {
  const std::vector<Notice> told = ConsortiumNoticesOf(EntryOf("assign", SeaTrial()));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].organization, "organizations/zone");
  EXPECT_THAT(told[0].roles, ElementsAre(ROLE_UNIT, ROLE_DEPARTMENT));
  EXPECT_EQ(told[0].kind, v1::NOTIFICATION_KIND_REMINDER);
  EXPECT_EQ(time::DayOf(told[0].due), absl::CivilDay(2026, 2, 27));
  EXPECT_THAT(told[0].title, HasSubstr("水下传感联合体"));
  EXPECT_THAT(told[0].content, HasSubstr("请协调试验海域"));
  EXPECT_THAT(told[0].content, HasSubstr("缺少海上试验场"));
}

TEST(CoordinationNoticesTest, WhatIsRaisedOrAnsweredWaitsForTheOfficeAndItsFindingIsNews) {
  for (const char* kind : {"created", "answer"}) {
    const std::vector<Notice> told = ConsortiumNoticesOf(EntryOf(kind, SeaTrial()));
    ASSERT_EQ(told.size(), 1u) << kind;
    EXPECT_EQ(told[0].organization, "organizations/office") << kind;
    EXPECT_THAT(told[0].roles, ElementsAre(ROLE_DEPARTMENT)) << kind;
    EXPECT_EQ(told[0].kind, v1::NOTIFICATION_KIND_REMINDER) << kind;
  }
  EXPECT_THAT(ConsortiumNoticesOf(EntryOf("answer", SeaTrial()))[0].content,
              HasSubstr("已落实海域"));
  const std::vector<Notice> done = ConsortiumNoticesOf(EntryOf("conclude", SeaTrial()));
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].organization, "organizations/lead");
  EXPECT_THAT(done[0].roles, ElementsAre(ROLE_ENTERPRISE));
  EXPECT_EQ(done[0].kind, v1::NOTIFICATION_KIND_NEWS);
  EXPECT_THAT(done[0].content, HasSubstr("已解决"));
  consortium::v1::CoordinationItem vacant = SeaTrial();
  vacant.clear_lead_unit();
  EXPECT_EQ(ConsortiumNoticesOf(EntryOf("conclude", vacant)).at(0).organization,
            "organizations/office");
}

TEST(CoordinationNoticesTest, OfAnOverdueOneUnitAndOfficeAreToldOnceEach) {
  const std::vector<Notice> told = ConsortiumNoticesOf(EntryOf("overdue", SeaTrial()));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].organization, "organizations/zone");
  EXPECT_EQ(told[1].organization, "organizations/office");
  EXPECT_THAT(told[1].content, HasSubstr("功能区（演示）"));
  for (const Notice& one : told) EXPECT_EQ(one.kind, v1::NOTIFICATION_KIND_OVERDUE);
  consortium::v1::CoordinationItem own = SeaTrial();
  own.set_assignee(own.office());
  EXPECT_EQ(ConsortiumNoticesOf(EntryOf("overdue", own)).size(), 1u);
}

TEST(CoordinationNoticesTest, EachStepSettlesWhatWasToldBefore) {
  EXPECT_TRUE(IsConsortiumType(consortium::v1::CoordinationItem::descriptor()->full_name()));
  for (const char* kind : {"assign", "answer", "conclude"}) {
    EXPECT_TRUE(IsConsortiumSettled(EntryOf(kind, SeaTrial()))) << kind;
  }
  for (const char* kind : {"created", "updated", "overdue", "followed"}) {
    EXPECT_FALSE(IsConsortiumSettled(EntryOf(kind, SeaTrial()))) << kind;
  }
}

}  // namespace
}  // namespace chanyan::cycle
