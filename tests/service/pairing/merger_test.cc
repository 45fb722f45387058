// What mergers of organizations do to projects and the rows that report to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "tests/service/pairing/merger_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(PairingMergerTest, ProjectsOfAMergedEnterpriseAreTheSurvivorsOnce) {
  const std::string open = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string ended = In(v1::PROJECT_STATE_COMPLETED, kCenter, 1).name();
  At(Enterprise(3)).set_unit(kTown);
  Merge(Enterprise(1), Enterprise(3));
  const v1::Project moved = Stored(open);
  EXPECT_EQ(moved.enterprise(), Enterprise(3));
  EXPECT_EQ(moved.enterprise_title(), "企业3（演示）");
  EXPECT_EQ(moved.unit(), kTown);
  EXPECT_THAT(moved.former_enterprises(), ElementsAre(Enterprise(1)));
  EXPECT_EQ(moved.doubled_by(), "");
  EXPECT_EQ(Stored(ended).enterprise(), Enterprise(3));
  EXPECT_EQ(Stored(ended).enterprise_title(), "企业1（演示）") << "the name of its time";
  EXPECT_EQ(Stored(ended).unit(), kZone);
  const auto before = Texts("SELECT CONCAT(name, version) FROM project ORDER BY name");
  ASSERT_TRUE(Follow(Journalled(At(Enterprise(3)), Enterprise(3))).ok());
  EXPECT_EQ(Texts("SELECT CONCAT(name, version) FROM project ORDER BY name"), before)
      << "the next entry of the survivor says nothing new";
  // On and on: A is in C at once.
  Merge(Enterprise(3), Enterprise(2));
  EXPECT_EQ(Stored(open).enterprise(), Enterprise(2));
  EXPECT_THAT(Stored(open).former_enterprises(), ElementsAre(Enterprise(1), Enterprise(3)));
  EXPECT_THAT(
      Texts("SELECT CONCAT(organization, ' ', successor) FROM organization_succession "
            "ORDER BY organization"),
      ElementsAre("organizations/e1 organizations/e2", "organizations/e3 organizations/e2"));
  const auto mine =
      service.ListProjects(As(options::v1::ROLE_ENTERPRISE, Enterprise(2), "ListProjects"), {});
  EXPECT_EQ(mine->projects_size(), 2) << "the survivor sees both";
}

TEST_F(PairingMergerTest, TwoOpenProjectsOfAPairAreBothKeptUntilSomebodySettles) {
  const std::string first = In(v1::PROJECT_STATE_BUILDING, kLab, 1).name();
  const std::string second = In(v1::PROJECT_STATE_INTENT, kLab, 2).name();
  const std::string third = In(v1::PROJECT_STATE_SIGNED, kLab, 3).name();
  EXPECT_EQ(status::ReasonOf(Settle(second, options::v1::ROLE_RESEARCH_OFFICE, kOuc).status()),
            ERROR_REASON_WRONG_STATE)
      << "there is nothing to settle";
  Merge(Enterprise(1), Enterprise(2));
  Merge(Enterprise(3), Enterprise(2));
  EXPECT_EQ(Stored(second).doubled_by(), "") << "the survivor's own";
  EXPECT_EQ(Stored(first).doubled_by(), second);
  EXPECT_EQ(Stored(third).doubled_by(), second);
  EXPECT_EQ(Stored(first).state(), v1::PROJECT_STATE_BUILDING) << "open, as it was";
  EXPECT_EQ(Create(NewProject(kLab, 2)).status().code(), absl::StatusCode::kAlreadyExists);
  v1::ListProjectsRequest list;
  list.set_filter("doubled_by:*");
  const auto work = service.ListProjects(Secretariat("ListProjects"), list);
  ASSERT_TRUE(work.ok()) << work.status();
  EXPECT_EQ(work->projects_size(), 2) << "a work list";
  EXPECT_THAT(work->projects(0).actions(), ElementsAre("settle"));
  EXPECT_THAT(Actions(second), IsEmpty());

  EXPECT_EQ(Settle(first, options::v1::ROLE_RESEARCH_OFFICE, kUpc).status().code(),
            absl::StatusCode::kNotFound);
  const auto settled = Settle(first, options::v1::ROLE_SECRETARIAT, "organizations/secretariat");
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->doubled_by(), "");
  for (const std::string& name : {second, third}) {
    EXPECT_EQ(Stored(name).state(), v1::PROJECT_STATE_TERMINATED);
    EXPECT_EQ(Stored(name).doubled_by(), "");
    EXPECT_THAT(Stored(name).termination_reason(),
                ::testing::AllOf(HasSubstr(first), HasSubstr("以此项目为准")));
  }
  EXPECT_TRUE(Do("complete", first).ok());
  EXPECT_EQ(status::ReasonOf(Settle(first, options::v1::ROLE_RESEARCH_OFFICE, kOuc).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Create(NewProject(kLab, 2)).ok()) << "the pair may begin again";
}

TEST_F(PairingMergerTest, WhatWasDoubledTakesThePlaceOfTheOneThatEnds) {
  const std::string first = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string second = In(v1::PROJECT_STATE_SIGNED, kLab, 2).name();
  const std::string third = In(v1::PROJECT_STATE_SIGNED, kLab, 3).name();
  Merge(Enterprise(1), Enterprise(2));
  Merge(Enterprise(3), Enterprise(2));
  ASSERT_TRUE(Do("terminate", second).ok());
  std::set<std::string> holders;
  for (const std::string& name : {first, third}) {
    if (Stored(name).doubled_by().empty()) holders.insert(name);
  }
  ASSERT_EQ(holders.size(), 1u);
  const std::string holder = *holders.begin();
  const std::string last = holder == first ? third : first;
  EXPECT_EQ(Stored(last).doubled_by(), holder);
  EXPECT_EQ(Create(NewProject(kLab, 2)).status().code(), absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(Do("terminate", last).ok()) << "the doubled one may end by itself";
  EXPECT_EQ(Stored(last).doubled_by(), "");
  EXPECT_EQ(Stored(holder).doubled_by(), "");
  ASSERT_TRUE(Do("terminate", holder).ok());
  EXPECT_TRUE(Create(NewProject(kLab, 2)).ok());
}

TEST_F(PairingMergerTest, EachRowReportsToItsOwnProject) {
  const std::string first = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string second = In(v1::PROJECT_STATE_SIGNED, kLab, 2).name();
  Merge(Enterprise(1), Enterprise(2));
  v1::Report of_first = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
  of_first.set_enterprise(Enterprise(2));
  of_first.set_former_enterprise(Enterprise(1));
  of_first.set_enterprise_title("企业2（演示）");
  of_first.set_progress("甲的进展");
  v1::Report of_second = ReportOf(kLab, 2, v1::PROJECT_STATE_BUILDING);
  of_second.set_progress("乙的进展");
  const auto recorded = Record("2025q2", {of_first, of_second});
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->outcomes(0).project(), first);
  EXPECT_EQ(recorded->outcomes(1).project(), second);
  EXPECT_EQ(Stored(first).progress(), "甲的进展");
  EXPECT_EQ(Stored(second).progress(), "乙的进展");
  // Settled, the row of the one that ended is not put into the other.
  ASSERT_TRUE(Settle(second, options::v1::ROLE_RESEARCH_OFFICE, kOuc).ok());
  const auto again = Record("2025q2", {of_first, of_second});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcomes(0).project(), first);
  EXPECT_EQ(Stored(second).progress(), "乙的进展");
  EXPECT_EQ(Count("project"), 2);
  EXPECT_EQ(Count("progress_report"), 2);
}

TEST_F(PairingMergerTest, OfTwoRowsOfOneProjectTheSecondIsHandedBack) {
  const std::string project = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  Merge(Enterprise(1), Enterprise(2));
  // The cycle has not heard of the merger: the row still says the one that is no more.
  v1::Report late = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
  late.set_unit(kTown);
  v1::Report other = ReportOf(kLab, 2, v1::PROJECT_STATE_INTENT);
  other.set_progress("另一行");
  const auto recorded = Record("2025q2", {late, other});
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->outcomes(0).project(), project);
  EXPECT_EQ(Stored(project).enterprise(), Enterprise(2));
  EXPECT_EQ(Stored(project).enterprise_title(), "企业2（演示）");
  EXPECT_EQ(Stored(project).unit(), kZone) << "the survivor's";
  EXPECT_THAT(recorded->outcomes(1).refusal(), HasSubstr(late.row()));
  EXPECT_EQ(Stored(project).progress(), "设备到位") << "the first is not hidden";
  EXPECT_EQ(Count("project"), 1);
  // A row for a platform where there was no project begins one of the survivor.
  v1::Report fresh = ReportOf(kCenter, 1, v1::PROJECT_STATE_SIGNED);
  const std::string made = Record("2025q2", {fresh})->outcomes(0).project();
  EXPECT_EQ(Stored(made).enterprise(), Enterprise(2));
  EXPECT_EQ(Stored(made).enterprise_title(), "企业2（演示）");
  EXPECT_THAT(Stored(made).former_enterprises(), ElementsAre(Enterprise(1)));
}

TEST_F(PairingMergerTest, WhatIsBegunWithAMergedEnterpriseIsBegunWithTheSurvivor) {
  const registry::v1::Organization survivor = Merged(Enterprise(1), Enterprise(2));
  const auto made = Create(NewProject(kLab, 1));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->enterprise(), Enterprise(2)) << "the registry says where to go on";
  // Of two at once: the registry answered before the merger, its journal was read after it.
  registry::v1::Organization stale = At(Enterprise(1));
  At(Enterprise(1)).set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  ASSERT_TRUE(Follow(Journalled(survivor, survivor.name())).ok());
  const auto raced = Create(NewProject(kCenter, 1), kUpc);
  EXPECT_EQ(raced.status().code(), absl::StatusCode::kAborted) << raced.status();
  EXPECT_EQ(Count("project"), 1);
  At(Enterprise(1)) = stale;
  EXPECT_TRUE(Create(NewProject(kCenter, 1), kUpc).ok()) << "asked again, it goes on";
  v1::CreateIntentRequest intent;
  intent.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
  intent.mutable_intent()->add_kinds("技术研发");
  intent.mutable_intent()->set_title("需求（演示）");
  intent.mutable_intent()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock.now + absl::Hours(24)));
  const auto refused =
      service.CreateIntent(As(options::v1::ROLE_ENTERPRISE, Enterprise(1), "CreateIntent"), intent);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("企业2（演示）"));
}

TEST_F(PairingMergerTest, WhoFollowsIsKnownToTheService) {
  rpc::Predecessors predecessors(database.db(), clock, rpc::kPredecessorsSql);
  EXPECT_THAT(predecessors.Of(Enterprise(2)), IsEmpty());
  Merge(Enterprise(1), Enterprise(2));
  Merge(Enterprise(3), Enterprise(2));
  EXPECT_THAT(predecessors.Of(Enterprise(2)), IsEmpty()) << "remembered";
  clock.now += rpc::kPredecessorsLife;
  EXPECT_THAT(predecessors.Of(Enterprise(2)), ElementsAre(Enterprise(1), Enterprise(3)));
  EXPECT_THAT(predecessors.Of(Enterprise(1)), IsEmpty());
  EXPECT_THAT(predecessors.Of(""), IsEmpty());
}

}  // namespace
}  // namespace chanyan::pairing
