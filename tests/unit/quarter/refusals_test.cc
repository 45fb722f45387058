// Refused files: what counts as one, what is kept of it and found again, and the lists of events
// and problems (CYC-3, CYC-7).
#include "tools/quarter_program/refusals.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/outputs.h"

namespace chanyan::quarter {
namespace {

constexpr char kColumns[] = "file\tsheet\tcell\treason\twrong\tunreported\n";

absl::Status BadCells() {
  return status::InvalidFields({{"forms/o1.xlsx / 季度报表 / C3", "日期不存在"},
                                {"forms/o1.xlsx / 季度报表 / D4", "不接受公式"},
                                {"平台甲 / 企业乙", "不得删除"},
                                {"forms/o1.xlsx", "文件已损坏"}},
                               options::v1::ERROR_REASON_INVALID_FILE);
}

class RefusalsTest : public ::testing::Test {
 protected:
  RefusalsTest() : path_(absl::StrCat(::testing::TempDir(), "/refused-", getpid(), ".tsv")) {
    std::filesystem::remove(path_);
  }
  ~RefusalsTest() override { std::filesystem::remove(path_); }
  std::string Kept() const { return demo::ReadFile(path_).value_or("nothing"); }

  const std::string path_;
};

TEST_F(RefusalsTest, OnlyWhatIsWrongWithAFileIsARefusal) {
  EXPECT_TRUE(IsAboutFile(BadCells()));
  EXPECT_TRUE(IsAboutFile(
      status::InvalidField("a.xlsx", "过大", options::v1::ERROR_REASON_FILE_TOO_LARGE)));
  EXPECT_TRUE(IsAboutFile(
      status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED, "报表还没有内容")));
  EXPECT_FALSE(IsAboutFile(absl::OkStatus()));
  EXPECT_FALSE(IsAboutFile(status::Unavailable("服务不可用")));
  EXPECT_FALSE(IsAboutFile(status::PermissionDenied("无权")));
  EXPECT_FALSE(IsAboutFile(status::NotFound("cycles/2025q2")));
  EXPECT_FALSE(
      IsAboutFile(status::FailedPrecondition(options::v1::ERROR_REASON_WINDOW_CLOSED, "已截止")));
  EXPECT_FALSE(IsAboutFile(absl::UnavailableError("网关没有答复")));
}

TEST_F(RefusalsTest, EachFaultIsKeptAtItsPlaceAndFoundAgain) {
  Refusals refusals(path_);
  ASSERT_TRUE(refusals.SetTried({{"bad.xlsx", {{"表", "A1", "表头"}}, "", "表头写错"}}).ok());
  const std::vector<Fault> faults = FaultsOf(BadCells(), "forms/o1.xlsx");
  ASSERT_TRUE(refusals.Replace("o1", {{"forms/o1.xlsx", faults, "o1", ""}}).ok());
  const std::string kept = Kept();
  EXPECT_EQ(kept, absl::StrCat(kColumns,
                               "bad.xlsx\t表\tA1\t表头\t表头写错\t\n"
                               "forms/o1.xlsx\t季度报表\tC3\t日期不存在\t\to1\n"
                               "forms/o1.xlsx\t季度报表\tD4\t不接受公式\t\to1\n"
                               "forms/o1.xlsx\t\t\t平台甲 / 企业乙：不得删除\t\to1\n"
                               "forms/o1.xlsx\t\t\t文件已损坏\t\to1\n"));

  Refusals later(path_);
  later.Recall();
  EXPECT_TRUE(later.HasOf("o1"));
  EXPECT_TRUE(later.Has("forms/o1.xlsx"));
  EXPECT_TRUE(later.HasTried("bad.xlsx"));
  EXPECT_FALSE(later.Has("bad.xlsx")) << "tried on purpose: nobody has not reported";
  ASSERT_EQ(later.Unreported().size(), 1U);
  EXPECT_EQ(
      FaultsInWords(later.Unreported()[0]),
      "季度报表 C3：日期不存在；季度报表 D4：不接受公式；平台甲 / 企业乙：不得删除；文件已损坏");
  // Only its university's own, and nothing of others.
  ASSERT_TRUE(later.Replace("o2", {}).ok());
  EXPECT_EQ(Kept(), kept);
  ASSERT_TRUE(later.Replace("o1", {}).ok());
  EXPECT_FALSE(later.HasOf("o1"));
  EXPECT_EQ(Kept(), absl::StrCat(kColumns, "bad.xlsx\t表\tA1\t表头\t表头写错\t\n"));
}

TEST_F(RefusalsTest, AListIsRefusedOnNobodysAccountAndIsKnownFromWhatWasTriedOnPurpose) {
  Refusals refusals(path_);
  ASSERT_TRUE(refusals.SetTried({{"roster.xlsx", {{"表", "A3", "重复"}}, "", "两行"}}).ok());
  ASSERT_TRUE(refusals.Replace("o1", {{"forms/o1.xlsx", {{"", "", "没有"}}, "o1", ""}}).ok());
  ASSERT_TRUE(
      refusals.ReplaceList("roster.xlsx", {{"roster.xlsx", {{"表", "C3", "校验位"}}, "", ""}})
          .ok());
  EXPECT_EQ(Kept(), absl::StrCat(kColumns,
                                 "roster.xlsx\t表\tA3\t重复\t两行\t\n"
                                 "forms/o1.xlsx\t\t\t没有\t\to1\n"
                                 "roster.xlsx\t表\tC3\t校验位\t\t\n"));
  Refusals later(path_);
  later.Recall();
  EXPECT_EQ(later.Lists(), 1);
  EXPECT_TRUE(later.Has("roster.xlsx"));
  EXPECT_EQ(later.Unreported().size(), 2U);
  EXPECT_EQ(later.Tried().size(), 1U);
  ASSERT_TRUE(later.Replace("o1", {}).ok());
  EXPECT_EQ(later.Lists(), 1) << "another's file";
  ASSERT_TRUE(later.ReplaceList("roster.xlsx", {}).ok());
  EXPECT_EQ(later.Lists(), 0);
  EXPECT_EQ(Kept(), absl::StrCat(kColumns, "roster.xlsx\t表\tA3\t重复\t两行\t\n"));
}

TEST_F(RefusalsTest, NothingKeptIsNothingRefused) {
  Refusals refusals(path_);
  refusals.Recall();
  EXPECT_TRUE(refusals.Unreported().empty());
  EXPECT_TRUE(refusals.Tried().empty());
}

TEST(ListingsTest, AnEventSaysWhoWasAskedWhoCameAndWhatCameOfIt) {
  Outcome outcome;
  cycle::v1::Event& event = outcome.events.emplace_back();
  event.set_name("cycles/2025q2/events/e1");
  event.set_kind(cycle::v1::EVENT_KIND_ROADSHOW);
  event.set_title("海洋专场");
  *event.mutable_start_time() =
      time::ToTimestamp(time::StartOfDay(absl::CivilDay(2025, 5, 7)) + absl::Hours(14));
  event.set_place("会议中心");
  event.set_state(cycle::v1::EVENT_STATE_HELD);
  event.set_summary("达成\n意向");
  const auto add = [&](const char* title, bool invited, cycle::v1::ParticipantState state) {
    auto& one = outcome.participants[event.name()].emplace_back();
    one.set_organization_title(title);
    one.set_invited(invited);
    one.set_state(state);
  };
  add("甲校", true, cycle::v1::PARTICIPANT_STATE_ATTENDED);
  add("乙企", true, cycle::v1::PARTICIPANT_STATE_ABSENT);
  add("丙镇", false, cycle::v1::PARTICIPANT_STATE_ATTENDED);
  auto& result = outcome.outcomes[event.name()].emplace_back();
  result.set_kind(cycle::v1::EVENT_OUTCOME_KIND_SIGNING);
  result.set_title("成效1");
  result.set_project_title("防腐涂层");
  EXPECT_THAT(EventsTsv(outcome),
              ::testing::EndsWith(
                  "\ne1\t路演\t海洋专场\t2025-05-07\t14:00\t会议中心\t已举办\t2\t2\t甲校、乙企\t"
                  "甲校、丙镇\t签订协议：成效1，项目防腐涂层\t达成 意向\n"));
}

TEST(ListingsTest, AProblemSaysWhoIsAtWorkOnItUntilWhen) {
  Outcome outcome;
  outcome.cycle.set_name("cycles/2025q2");
  const auto line = [&](const char* organization, const char* title) {
    auto& one = *outcome.punctuality.add_lines();
    one.set_organization(organization);
    one.set_title(title);
  };
  line("organizations/u1", "甲校");
  line("organizations/z1", "乙区");
  const auto row = [&](const char* platform, const char* enterprise, const char* problem) {
    cycle::v1::Row& one = outcome.problems.emplace_back();
    one.set_university("organizations/u1");
    one.set_unit("organizations/z1");
    one.set_platform(platform);
    one.set_platform_title(platform);
    one.set_enterprise(enterprise);
    one.set_enterprise_title(enterprise);
    one.set_problem(problem);
  };
  row("p2", "e2", "场地不足");
  row("p1", "e1", "缺少设备");
  pairing::v1::Problem& assigned = outcome.registered.emplace_back();
  assigned.set_platform("p1");
  assigned.set_enterprise("e1");
  assigned.set_content("缺少设备");
  assigned.set_assignee_title("丙局");
  assigned.set_owner("张某");
  assigned.set_state(pairing::v1::PROBLEM_STATE_ASSIGNED);
  *assigned.mutable_due_time() = time::ToTimestamp(time::EndOfDay(absl::CivilDay(2025, 5, 9)));
  // Of others: another company's, and one that was said in another quarter.
  pairing::v1::Problem other = assigned;
  other.set_enterprise("e2");
  other.set_quarter("2025q1");
  outcome.registered.push_back(other);
  EXPECT_EQ(ProblemsTsv(outcome),
            "university\tplatform\tcompany\tproject\tproblem\towner\tdue\tstate\n"
            "甲校\tp1\te1\t\t缺少设备\t丙局 张某\t2025-05-09\t已交办\n"
            "甲校\tp2\te2\t\t场地不足\t乙区\t期限未定\t未立项\n");
}

}  // namespace
}  // namespace chanyan::quarter
