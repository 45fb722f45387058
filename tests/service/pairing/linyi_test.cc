// Pairing runs under Linyi's policy pack as it does under Qingdao's: kinds, industries, coverage,
// reasons and the joint conference are data (POL-1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;

class LinyiTest : public ::testing::Test, protected City {
 protected:
  LinyiTest() : City("linyi") {}

  absl::StatusOr<v1::Intent> Publish(const std::string& kind, const std::string& industry) {
    v1::CreateIntentRequest request;
    v1::Intent& intent = *request.mutable_intent();
    intent.set_side(v1::INTENT_SIDE_OFFER);
    intent.set_platform(kLab);
    intent.add_kinds(kind);
    intent.add_industries(industry);
    intent.set_title(absl::StrCat("共建", kind, "（演示）"));
    *intent.mutable_expire_time() = time::ToTimestamp(clock.now + 40 * kDay);
    request.set_request_id(api::NewUuid());
    return service.CreateIntent(As(ROLE_RESEARCH_OFFICE, kOuc, "CreateIntent"), request);
  }
  v1::CreateProjectRequest NewProjectOf(const std::string& kind, int enterprise) {
    v1::CreateProjectRequest request = NewProject(kLab, enterprise);
    request.mutable_project()->set_kinds(0, kind);
    return request;
  }
  // The reason of the one rule that was set aside; empty if none was.
  static std::string OverriddenOf(const policy::v1::Verdicts& verdicts) {
    std::string reason;
    for (const policy::v1::Verdict& verdict : verdicts.verdicts()) {
      reason += verdict.override().reason();
    }
    return reason;
  }
};

TEST_F(LinyiTest, EveryKindOfItsOwnIsTakenAndQingdaosAreNot) {
  for (const policy::v1::CoBuildKind& kind : pack->proto().co_build_kinds()) {
    const auto intent = Publish(kind.display_name(), "木业产业");
    EXPECT_TRUE(intent.ok()) << kind.display_name() << ": " << intent.status();
  }
  EXPECT_FALSE(Publish("订单班", "木业产业").ok()) << "Qingdao's kind";
  EXPECT_FALSE(Publish("产业协同创新中心", "低空经济").ok()) << "Qingdao's industry";
}

TEST_F(LinyiTest, AKindOutsideTheListIsSetAsideByTheUnitAndStaysSo) {
  auto request = NewProjectOf("联谊", 1);
  EXPECT_EQ(status::ReasonOf(Create(request).status()), ERROR_REASON_RULE_VIOLATED);
  request.set_override_reason("县里确定的合作方式");
  request.set_request_id(api::NewUuid());
  EXPECT_EQ(Create(request).status().code(), absl::StatusCode::kPermissionDenied)
      << "a university sets nothing aside";
  request.set_request_id(api::NewUuid());
  auto project = service.CreateProject(As(ROLE_UNIT, kZone, "CreateProject"), request);
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(OverriddenOf(project->create_verdicts()), "县里确定的合作方式");

  v1::UpdateProjectRequest update;
  *update.mutable_project() = *project;
  const auto change = [&](const std::string& path) {
    update.set_request_id(api::NewUuid());
    update.mutable_project()->clear_etag();
    update.mutable_update_mask()->clear_paths();
    update.mutable_update_mask()->add_paths(path);
    return service.UpdateProject(As(ROLE_RESEARCH_OFFICE, kOuc, "UpdateProject"), update);
  };
  update.mutable_project()->set_content("增设检测线");
  ASSERT_TRUE(change("content").ok()) << "its kind is no obstacle to other changes";
  update.mutable_project()->add_kinds("众创空间");
  project = change("kinds");
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(OverriddenOf(project->create_verdicts()), "县里确定的合作方式");
  EXPECT_EQ(project->create_verdicts().pack_version(), pack->version());
  update.mutable_project()->add_kinds("订单班");
  EXPECT_EQ(status::ReasonOf(change("kinds").status()), options::v1::ERROR_REASON_RULE_VIOLATED)
      << "another one is not set aside with it";
  update.set_override_reason("县里确定的合作方式");
  EXPECT_EQ(status::ReasonOf(change("kinds").status()),
            options::v1::ERROR_REASON_ROLE_NOT_PERMITTED)
      << "nor by whom the rule does not name";
  update.clear_override_reason();
  update.mutable_project()->clear_kinds();
  update.mutable_project()->add_kinds("众创空间");
  project = change("kinds");
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(OverriddenOf(project->create_verdicts()), "") << "now the rule is met";
}

TEST_F(LinyiTest, AnExceptionFromCoverageIsTheUnits) {
  ASSERT_TRUE(ImportRoster({EntryOf(1, "高新区", "新材料")}).ok());
  v1::OverrideEnterpriseCoverageRequest request;
  request.set_name("outreaches/e1");
  request.set_reason("企业停产整顿");
  request.set_request_id(api::NewUuid());
  const auto excepted = coverage_service.OverrideEnterpriseCoverage(
      As(ROLE_UNIT, kZone, "CoverageService.OverrideEnterpriseCoverage"), request);
  ASSERT_TRUE(excepted.ok()) << excepted.status();
  EXPECT_EQ(OverriddenOf(excepted->coverage_verdicts()), "企业停产整顿");
}

TEST_F(LinyiTest, AnIntentBecomesAProjectThatCounts) {
  std::vector<v1::RosterEntry> rows = {EntryOf(1, "高新区", "新材料"),
                                       EntryOf(2, "经济区", "木业产业"),
                                       EntryOf(3, "临港区", "高端化工")};
  // The pack lists no streets or towns: what is written stays.
  rows[0].set_town("罗西街道");
  rows[0].set_size("中型");
  const auto roster = ImportRoster(rows);
  ASSERT_TRUE(roster.ok()) << roster.status();

  const auto intent = Publish("产业技术研究院", "新材料");
  ASSERT_TRUE(intent.ok()) << intent.status();
  auto request = NewProjectOf("产业技术研究院", 1);
  request.set_intent(intent->name());
  const auto project = Create(request);
  ASSERT_TRUE(project.ok()) << project.status();
  ASSERT_TRUE(Create(NewProjectOf("人才挂职", 2)).ok());
  EXPECT_FALSE(Create(NewProjectOf("订单班", 3)).ok()) << "Qingdao's kind";
  const auto done = Do("sign", project->name());
  ASSERT_TRUE(done.ok()) << done.status();

  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_INDUSTRY);
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  EXPECT_EQ(coverage->total().enterprise_count(), 3);
  EXPECT_EQ(coverage->total().paired_count(), 1);
  EXPECT_EQ(coverage->total().intent_count(), 1);
  EXPECT_EQ(coverage->pack_version(), absl::StrCat("linyi ", pack->version()));
  const auto by_town = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_TOWN);
  ASSERT_EQ(by_town->groups_size(), 2);
  EXPECT_EQ(by_town->groups(1).key(), "罗西街道");
}

TEST_F(LinyiTest, ItsUnitsFollowUpWhoFoundNoPlatform) {
  ASSERT_TRUE(ImportRoster({EntryOf(1, "高新区"), EntryOf(3, "临港区")}).ok());
  v1::CreateContactAttemptRequest request;
  request.set_parent("outreaches/e3");
  v1::ContactAttempt& attempt = *request.mutable_contact_attempt();
  *attempt.mutable_contact_time() = time::ToTimestamp(clock.now);
  attempt.set_contact_person("孙某");
  attempt.set_method("visit");
  attempt.set_result("no-fit");
  request.set_request_id(api::NewUuid());
  const auto recorded = coverage_service.CreateContactAttempt(
      As(ROLE_UNIT, kTown, "CoverageService.CreateContactAttempt"), request);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->reason_title(), "暂无适配平台");
}

TEST_F(LinyiTest, ItsIntentsAreRemindedOfInItsOwnDays) {
  const auto& days = pack->proto().pairing().intents().reminder_days();
  ASSERT_THAT(std::vector<uint32_t>(days.begin(), days.end()), ElementsAre(30, 7));
  ASSERT_TRUE(Publish("众创空间", "新材料").ok());
  const auto lease = JobLease();
  EXPECT_EQ(*service.RemindIntents(*lease), 0);
  clock.now += 10 * kDay;
  EXPECT_EQ(*service.RemindIntents(*lease), 1);
  clock.now += 23 * kDay;
  EXPECT_EQ(*service.RemindIntents(*lease), 1);
}

TEST_F(LinyiTest, ItHoldsItsJointConference) {
  const auto call = [](absl::string_view method) {
    return As(ROLE_DEPARTMENT, "organizations/bureau", absl::StrCat("CooperationService.", method));
  };
  v1::CreateConferenceRequest request;
  v1::Conference& row = *request.mutable_conference();
  row.set_kind(v1::CONFERENCE_KIND_JOINT);
  row.set_title("市校合作联席会议（演示）");
  *row.mutable_meet_time() = time::ToTimestamp(clock.now + kDay);
  row.set_place("市科技局");
  row.add_agenda()->set_title("研究确定阶段性合作计划");
  v1::ConferenceAttendee& attendee = *row.add_attendees();
  attendee.set_organization(kOuc);
  attendee.set_person("李某");
  request.set_request_id(api::NewUuid());
  const auto planned = cooperation_service.CreateConference(call("CreateConference"), request);
  ASSERT_TRUE(planned.ok()) << planned.status();
  const auto cadence = cooperation_service.GetConferenceCadence(call("GetConferenceCadence"), {});
  ASSERT_TRUE(cadence.ok()) << cadence.status();
  EXPECT_EQ(cadence->planned_conference(), planned->name());
  EXPECT_EQ(cadence->interval_months(), 6);
}

// The other way round: a city whose document knows no joint conference is told so.
TEST(QingdaoCooperationTest, ACityWithoutFrameCooperationIsTold) {
  City city("qingdao");
  v1::CreateConferenceRequest request;
  EXPECT_EQ(city.cooperation_service
                .CreateConference(City::As(ROLE_DEPARTMENT, "organizations/bureau",
                                           "CooperationService.CreateConference"),
                                  request)
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace chanyan::pairing
