// What a pack says of reminders, objections and due days.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kBasis[] =
    "clause { document: '文' article: '一' text: '原文' } origin: ORIGIN_STATED";

// What a pack is refused for that has `more` beside the minimal one.
std::vector<std::string> ComplaintsAbout(const std::string& more) {
  const auto pack = Pack::Parse({{"t/a.textproto", kMinimalPack}, {"t/b.textproto", more}});
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
    out.push_back(violation.description);
  }
  return out;
}

std::string Reminders(const std::string& parts) {
  return absl::StrCat("notification_plan { ", parts, " ", kBasis, " }");
}

TEST(NoticeCheckTest, WhatIsCompleteIsTaken) {
  EXPECT_THAT(ComplaintsAbout(Reminders("before_workdays: 2 before_workdays: 0 after_workdays: 1 "
                                        "hour: 9 catch_up: CATCH_UP_LATEST catch_up_hours: 72")),
              IsEmpty());
  EXPECT_THAT(ComplaintsAbout(absl::StrCat(
                  "objection_term { workdays: 5 ", kBasis, " }",
                  "action_plan { due_date { year: 2024 month: 10 day: 31 }", kBasis, " }")),
              IsEmpty());
}

TEST(NoticeCheckTest, EachMistakeIsSaid) {
  const struct {
    std::string text;
    const char* complaint;
  } kCases[] = {
      {Reminders("catch_up: CATCH_UP_ALL hour: 24"), "时点应在0至23之间"},
      {Reminders("hour: 9"), "错过的提醒如何补发"},
      {Reminders("catch_up: CATCH_UP_ALL before_workdays: 61"), "工作日数应在0至60之间"},
      {Reminders("catch_up: CATCH_UP_ALL after_workdays: 0"), "工作日数应在1至60之间"},
      {Reminders("catch_up: CATCH_UP_ALL after_workdays: 1 after_workdays: 1"), "重复"},
      {Reminders("catch_up: CATCH_UP_ALL catch_up_hours: 337"), "补发的时限"},
      {Reminders("catch_up: CATCH_UP_ALL escalate_after_workdays: 99"), "提请负责人的工作日数"},
      {"notification_plan { catch_up: CATCH_UP_ALL }", "依据"},
      {absl::StrCat("objection_term { ", kBasis, " }"), "榜单异议期：工作日数应在1至60之间"},
      {absl::StrCat("action_plan { ", kBasis, " }"), "任务完成时限"},
      {absl::StrCat("action_tasks { id: 't' sequence: 1 text: '做' units: '甲' ",
                    "clause { document: '文' article: '一' text: '原文' } }"),
       "未规定任务的完成时限"},
  };
  for (const auto& one : kCases) {
    EXPECT_THAT(ComplaintsAbout(one.text), Contains(HasSubstr(one.complaint))) << one.text;
  }
}

}  // namespace
}  // namespace chanyan::policy
