// Two people at the same project: the second is told what the first one changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/changes.pb.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using ::testing::HasSubstr;

class EditorsTest : public ::testing::Test, protected City {
 protected:
  absl::StatusOr<v1::Project> SetContent(const v1::Project& read, const std::string& content,
                                         Role role, const std::string& organization) {
    v1::UpdateProjectRequest request;
    request.mutable_project()->set_name(read.name());
    request.mutable_project()->set_etag(read.etag());
    request.mutable_project()->set_content(content);
    request.mutable_update_mask()->add_paths("content");
    request.set_request_id(api::NewUuid());
    return service.UpdateProject(As(role, organization, "UpdateProject"), request);
  }
};

TEST_F(EditorsTest, OfTwoAtOnceOneWinsAndTheOtherIsToldOfIt) {
  for (int round = 0; round < 8; ++round) {
    AddEnterprise(10 + round, kZone);
    const auto read = Create(NewProject(kLab, 10 + round));
    ASSERT_TRUE(read.ok()) << read.status();
    absl::StatusOr<v1::Project> university;
    absl::StatusOr<v1::Project> enterprise;
    std::thread first([&] { university = SetContent(*read, "校方", ROLE_RESEARCH_OFFICE, kOuc); });
    std::thread second(
        [&] { enterprise = SetContent(*read, "企业", ROLE_ENTERPRISE, Enterprise(10 + round)); });
    first.join();
    second.join();
    ASSERT_NE(university.ok(), enterprise.ok())
        << university.status() << " " << enterprise.status();
    const absl::Status& lost = university.ok() ? enterprise.status() : university.status();
    journal::v1::Changes changes;
    ASSERT_TRUE(status::GetDetail(lost, changes)) << lost;
    ASSERT_EQ(changes.fields_size(), 1);
    EXPECT_EQ(changes.fields(0).label(), "项目内容");
    EXPECT_EQ(changes.fields(0).before(), "共建中试线");
    EXPECT_EQ(changes.fields(0).after(), university.ok() ? "校方" : "企业");
    EXPECT_EQ(changes.fields(0).organization(),
              university.ok() ? std::string(kOuc) : Enterprise(10 + round));
    EXPECT_EQ(Stored(read->name()).content(), changes.fields(0).after());
  }
}

TEST_F(EditorsTest, AVerbOnWhatWasReadBeforeIsToldOfTheStateToo) {
  const auto read = Create(NewProject(kLab, 1));
  ASSERT_TRUE(Do("negotiate", read->name()).ok());
  v1::TerminateProjectRequest request;
  request.set_name(read->name());
  request.set_etag(read->etag());
  request.set_reason("企业转产");
  const auto late =
      service.TerminateProject(As(ROLE_ENTERPRISE, Enterprise(1), "TerminateProject"), request);
  journal::v1::Changes changes;
  ASSERT_TRUE(status::GetDetail(late.status(), changes)) << late.status();
  ASSERT_EQ(changes.fields_size(), 1);
  EXPECT_EQ(changes.fields(0).field(), "state");
  EXPECT_EQ(changes.fields(0).before(), "意向");
  EXPECT_EQ(changes.fields(0).after(), "洽谈");
  EXPECT_EQ(changes.fields(0).kind(), "negotiate");
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("“状态”（organizations/ouc，"));
}

TEST_F(EditorsTest, EveryRecordOfAProjectTellsTheSame) {
  const std::string project = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  v1::CreateProblemRequest raise;
  raise.set_parent(project);
  raise.mutable_problem()->set_content("缺资金");
  const auto problem = problems.CreateProblem(
      As(ROLE_ENTERPRISE, Enterprise(1), "ProblemService.CreateProblem"), raise);
  ASSERT_TRUE(problem.ok()) << problem.status();
  v1::AssignProblemRequest assign;
  assign.set_name(problem->name());
  assign.set_assignee(kTown);
  assign.set_owner("王科长（演示）");
  assign.set_etag(problem->etag());
  const auto call =
      As(ROLE_SECRETARIAT, "organizations/secretariat", "ProblemService.AssignProblem");
  ASSERT_TRUE(problems.AssignProblem(call, assign).ok());
  const auto again = problems.AssignProblem(call, assign);
  journal::v1::Changes changes;
  ASSERT_TRUE(status::GetDetail(again.status(), changes)) << again.status();
  std::vector<std::string> fields;
  for (const auto& field : changes.fields()) fields.push_back(field.field());
  EXPECT_THAT(fields, ::testing::IsSupersetOf({"assignee", "owner", "state", "history"}));
  EXPECT_EQ(changes.fields(0).actor(), "accounts/secretariat") << "one's own, in another window";
}

}  // namespace
}  // namespace chanyan::pairing
