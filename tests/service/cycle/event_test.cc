// Exchange events: invited, signed up, came, and what came of it (CYC-7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_service.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kEvent[] = "cycles/2025q2/events/roadshow";

class EventTest : public ::testing::Test {
 protected:
  EventTest()
      : service_(CycleDeps{
            {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()}) {}

  rpc::Call As(options::v1::Role role, const std::string& organization, const char* method) {
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.cycle.v1.EventService.", method));
  }

  // On 8 May at nine, for `capacity` people, with sign-up until the day before.
  absl::StatusOr<v1::Event> Announce(int capacity, const std::vector<std::string>& invited) {
    return world_.service->CreateEvent(world_.CallOf("CreateEvent", ROLE_SECRETARIAT, kSecretariat),
                                       Announcement(capacity, invited));
  }
  static v1::CreateEventRequest Announcement(int capacity,
                                             const std::vector<std::string>& invited) {
    v1::CreateEventRequest request;
    request.set_parent(kCycle);
    request.set_event_id("roadshow");
    v1::Event* event = request.mutable_event();
    event->set_kind(v1::EVENT_KIND_MATCHMAKING);
    event->set_title("供需对接会（演示）");
    event->set_place("古镇口");
    event->set_capacity(capacity);
    *event->mutable_start_time() = time::ToTimestamp(InChina(5, 8, 9));
    *event->mutable_end_time() = time::ToTimestamp(InChina(5, 8, 12));
    *event->mutable_sign_up_until() = time::ToTimestamp(InChina(5, 7, 18));
    for (const std::string& one : invited) event->add_organizations(one);
    return request;
  }
  absl::StatusOr<v1::Event> Create(const v1::CreateEventRequest& request) {
    return world_.service->CreateEvent(world_.CallOf("CreateEvent", ROLE_SECRETARIAT, kSecretariat),
                                       request);
  }
  // "field: description" of the only thing that is wrong.
  static std::string Fault(const absl::Status& status) {
    const std::vector<status::Violation> violations = status::ViolationsOf(status);
    EXPECT_EQ(violations.size(), 1u) << status;
    return violations.empty() ? ""
                              : absl::StrCat(violations[0].field, ": ", violations[0].description);
  }
  absl::StatusOr<v1::EventParticipant> SignUp(options::v1::Role role, const std::string& own,
                                              int people) {
    v1::SignUpRequest request;
    request.set_parent(kEvent);
    request.set_people_count(people);
    return service_.SignUp(As(role, own, "SignUp"), request);
  }
  absl::StatusOr<v1::EventParticipant> Decline(options::v1::Role role, const std::string& own) {
    v1::DeclineInvitationRequest request;
    request.set_parent(kEvent);
    request.set_reason("当日另有安排");
    return service_.DeclineInvitation(As(role, own, "DeclineInvitation"), request);
  }
  absl::StatusOr<v1::RecordAttendanceResponse> Came(const std::vector<std::string>& organizations) {
    v1::RecordAttendanceRequest request;
    request.set_parent(kEvent);
    for (const std::string& one : organizations) request.add_organizations(one);
    return service_.RecordAttendance(As(ROLE_SECRETARIAT, kSecretariat, "RecordAttendance"),
                                     request);
  }
  std::vector<std::string> Participants(options::v1::Role role, const std::string& own) {
    v1::ListEventParticipantsRequest request;
    request.set_parent(kEvent);
    const auto page =
        service_.ListEventParticipants(As(role, own, "ListEventParticipants"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> lines;
    for (const v1::EventParticipant& one : page->participants()) {
      lines.push_back(absl::StrCat(one.organization(), " ", policy::LabelOf(one.state())));
    }
    return lines;
  }
  absl::StatusOr<v1::EventOutcome> Outcome(options::v1::Role role, const std::string& own,
                                           v1::EventOutcomeKind kind, const std::string& project) {
    v1::CreateEventOutcomeRequest request;
    request.set_parent(kEvent);
    request.mutable_outcome()->set_kind(kind);
    request.mutable_outcome()->set_title("现场签约（演示）");
    request.mutable_outcome()->set_project(project);
    return service_.CreateEventOutcome(As(role, own, "CreateEventOutcome"), request);
  }

  World world_;
  EventService service_;
};

TEST_F(EventTest, FromTheInvitationToWhatCameOfIt) {
  ASSERT_TRUE(world_.Open().ok());
  const auto event = Announce(/*capacity=*/10, {kOuc, World::Enterprise(0), kZone});
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->state(), v1::EVENT_STATE_PLANNED);
  EXPECT_THAT(event->actions(), ElementsAre("update", "postpone", "cancel", "hold"));
  ASSERT_TRUE(SignUp(ROLE_RESEARCH_OFFICE, kOuc, 3).ok());
  // Not invited, and welcome.
  ASSERT_TRUE(SignUp(ROLE_ENTERPRISE, World::Enterprise(2), 2).ok());
  ASSERT_TRUE(Decline(ROLE_UNIT, kZone).ok());
  EXPECT_THAT(Participants(ROLE_SECRETARIAT, kSecretariat),
              ElementsAre(absl::StrCat(World::Enterprise(2), " 已报名"), "organizations/e0 已邀请",
                          "organizations/ouc 已报名", "organizations/zone 不参加"));
  EXPECT_THAT(Participants(ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("organizations/ouc 已报名"))
      << "who else comes is the organizer's to know";

  EXPECT_EQ(status::ReasonOf(Came({kOuc}).status()), ERROR_REASON_WINDOW_CLOSED);
  ASSERT_TRUE(world_.MoveTo(InChina(5, 8, 9)).ok());
  const auto came = Came({kOuc, kUpc});
  ASSERT_TRUE(came.ok()) << came.status();
  EXPECT_EQ(came->attended_count(), 2);
  EXPECT_EQ(came->absent_count(), 2);
  EXPECT_THAT(Participants(ROLE_LEADER, "organizations/bureau"),
              ElementsAre(absl::StrCat(World::Enterprise(2), " 未到会"), "organizations/e0 未到会",
                          "organizations/ouc 已到会", "organizations/upc 已到会",
                          "organizations/zone 不参加"));
  // A record that was wrong is corrected.
  ASSERT_TRUE(Came({kOuc, kUpc, World::Enterprise(0)}).ok());

  EXPECT_TRUE(absl::IsInvalidArgument(
      Outcome(ROLE_RESEARCH_OFFICE, kOuc, v1::EVENT_OUTCOME_KIND_SIGNING, "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Outcome(ROLE_RESEARCH_OFFICE, kOuc, v1::EVENT_OUTCOME_KIND_SIGNING, "projects/p2").status()))
      << "another university's project";
  const auto signing =
      Outcome(ROLE_RESEARCH_OFFICE, kOuc, v1::EVENT_OUTCOME_KIND_SIGNING, "projects/p0");
  ASSERT_TRUE(signing.ok()) << signing.status();
  EXPECT_EQ(signing->enterprise(), World::Enterprise(0));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Outcome(ROLE_UNIT, kZone, v1::EVENT_OUTCOME_KIND_PROBLEM_SOLVED, "projects/p0").status()))
      << "a unit that has no part in it";
  ASSERT_TRUE(Outcome(ROLE_SECRETARIAT, kSecretariat, v1::EVENT_OUTCOME_KIND_INTENT, "").ok());

  v1::HoldEventRequest hold;
  hold.set_name(kEvent);
  hold.set_summary("签约1项，达成意向1项");
  const auto held = service_.HoldEvent(As(ROLE_SECRETARIAT, kSecretariat, "HoldEvent"), hold);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_THAT(held->actions(), IsEmpty());

  v1::QueryEventResultsRequest query;
  query.set_name(kCycle);
  const auto results =
      service_.QueryEventResults(As(ROLE_SECRETARIAT, kSecretariat, "QueryEventResults"), query);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->held_count(), 1);
  EXPECT_EQ(results->invited_count(), 3);
  EXPECT_EQ(results->attended_count(), 3);
  EXPECT_EQ(results->absent_count(), 1);
  EXPECT_EQ(results->project_count(), 1);
  ASSERT_EQ(results->outcomes_size(), 2);
  EXPECT_EQ(results->outcomes(0).kind(), v1::EVENT_OUTCOME_KIND_INTENT);

  v1::ListEventOutcomesRequest of_project;
  of_project.set_parent("cycles/2025q2/events/-");
  of_project.set_filter("project = \"projects/p0\"");
  const auto outcomes = service_.ListEventOutcomes(
      As(ROLE_ENTERPRISE, World::Enterprise(0), "ListEventOutcomes"), of_project);
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  ASSERT_EQ(outcomes->outcomes_size(), 1) << "the project's enterprise sees what came of it";
  EXPECT_EQ(outcomes->outcomes(0).name(), signing->name());

  v1::ExportEventParticipantsRequest export_request;
  export_request.set_parent(kEvent);
  const auto list = service_.ExportEventParticipants(
      As(ROLE_SECRETARIAT, kSecretariat, "ExportEventParticipants"), export_request);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(sheet::ReadWorkbook(list->data(), "参会名单.xlsx").ok());
}

TEST_F(EventTest, SignUpEndsToTheSecond) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Announce(0, {kOuc}).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 7, 18)).ok());
  EXPECT_TRUE(SignUp(ROLE_RESEARCH_OFFICE, kOuc, 1).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 7, 18, 0, 1)).ok());
  const auto late = SignUp(ROLE_RESEARCH_OFFICE, kUpc, 1);
  EXPECT_EQ(status::ReasonOf(late.status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("5月7日18:00"));
}

TEST_F(EventTest, NoMorePeopleThanThereIsRoomHoweverManySignUpAtOnce) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Announce(/*capacity=*/5, {}).ok());
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (const std::string& own :
       {std::string(kOuc), std::string(kUpc), World::Enterprise(0), World::Enterprise(1)}) {
    threads.emplace_back([&, own] {
      const auto signed_up = SignUp(ROLE_ENTERPRISE, own, 2);
      if (signed_up.ok()) {
        taken += 2;
      } else {
        EXPECT_EQ(status::ReasonOf(signed_up.status()), ERROR_REASON_WRONG_STATE)
            << signed_up.status();
        EXPECT_THAT(std::string(signed_up.status().message()), HasSubstr("限5人"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 4);
}

TEST_F(EventTest, WhoDeclinesGivesItsPlacesBack) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Announce(/*capacity=*/3, {kOuc}).ok());
  ASSERT_TRUE(SignUp(ROLE_RESEARCH_OFFICE, kOuc, 3).ok());
  // One's own places do not stand in one's own way.
  ASSERT_TRUE(SignUp(ROLE_RESEARCH_OFFICE, kOuc, 2).ok());
  EXPECT_FALSE(SignUp(ROLE_RESEARCH_OFFICE, kUpc, 2).ok());
  ASSERT_TRUE(Decline(ROLE_RESEARCH_OFFICE, kOuc).ok());
  EXPECT_TRUE(SignUp(ROLE_RESEARCH_OFFICE, kUpc, 2).ok());
}

TEST_F(EventTest, APostponedEventKeepsItsSignUpsAndItsDistances) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Announce(0, {kOuc}).ok());
  ASSERT_TRUE(SignUp(ROLE_RESEARCH_OFFICE, kOuc, 1).ok());
  v1::PostponeEventRequest request;
  request.set_name(kEvent);
  request.set_reason("场地检修");
  const auto postpone = [&](absl::Time start) {
    *request.mutable_start_time() = time::ToTimestamp(start);
    return service_.PostponeEvent(As(ROLE_SECRETARIAT, kSecretariat, "PostponeEvent"), request);
  };
  EXPECT_TRUE(absl::IsInvalidArgument(postpone(InChina(3, 1)).status()));
  const auto moved = postpone(InChina(5, 9, 14));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(time::ToTime(moved->end_time()), InChina(5, 9, 17));
  EXPECT_EQ(time::ToTime(moved->sign_up_until()), InChina(5, 8, 23));
  EXPECT_EQ(moved->reason(), "场地检修");
  EXPECT_THAT(Participants(ROLE_SECRETARIAT, kSecretariat),
              ElementsAre("organizations/ouc 已报名"));
}

TEST_F(EventTest, ACancelledEventTakesNobodyIn) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Announce(0, {}).ok());
  v1::CancelEventRequest request;
  request.set_name(kEvent);
  request.set_reason("报名单位不足");
  const auto cancelled =
      service_.CancelEvent(As(ROLE_SECRETARIAT, kSecretariat, "CancelEvent"), request);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(status::ReasonOf(SignUp(ROLE_RESEARCH_OFFICE, kOuc, 1).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Decline(ROLE_RESEARCH_OFFICE, kOuc).status()),
            ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(world_.MoveTo(InChina(5, 8, 10)).ok());
  EXPECT_EQ(status::ReasonOf(Came({kOuc}).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(EventTest, UnknownOrganizationsAreNamedByTheirPlace) {
  ASSERT_TRUE(world_.Open().ok());
  const auto refused = Announce(0, {kOuc, "organizations/nobody"});
  ASSERT_FALSE(refused.ok());
  const auto violations = status::ViolationsOf(refused.status());
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "event.organizations[1]");
  EXPECT_EQ(world_.Count("event"), 0);
}

TEST_F(EventTest, AHolidayIsRefusedByItsName) {
  ASSERT_TRUE(world_.Open().ok());
  v1::CreateEventRequest request = Announcement(0, {});
  v1::Event& event = *request.mutable_event();
  event.clear_sign_up_until();
  *event.mutable_start_time() = time::ToTimestamp(InChina(5, 5, 9));
  *event.mutable_end_time() = time::ToTimestamp(InChina(5, 5, 12));
  EXPECT_EQ(Fault(Create(request).status()),
            "event.start_time: 活动开始日2025年5月5日为劳动节假期，请另选日期，其后的第一个工作日是"
            "2025年5月6日");
  *event.mutable_start_time() = time::ToTimestamp(InChina(4, 30, 9));
  EXPECT_THAT(Fault(Create(request).status()),
              HasSubstr("event.end_time: 活动期间的2025年5月1日为劳动节假期"));
  // The last hour before, and a Saturday, are no holiday.
  *event.mutable_end_time() = time::ToTimestamp(InChina(4, 30, 23, 59, 59));
  ASSERT_TRUE(Create(request).ok());
  v1::PostponeEventRequest postpone;
  postpone.set_name(kEvent);
  postpone.set_reason("场地检修");
  *postpone.mutable_start_time() = time::ToTimestamp(InChina(5, 1, 9));
  EXPECT_THAT(
      Fault(service_.PostponeEvent(As(ROLE_SECRETARIAT, kSecretariat, "PostponeEvent"), postpone)
                .status()),
      HasSubstr("start_time: 活动开始日2025年5月1日为劳动节假期"));
  *postpone.mutable_start_time() = time::ToTimestamp(InChina(5, 10, 9));
  EXPECT_TRUE(
      service_.PostponeEvent(As(ROLE_SECRETARIAT, kSecretariat, "PostponeEvent"), postpone).ok());
}

TEST_F(EventTest, ItIsHeldWithUnitsNotWithThoseWhoAreInvited) {
  ASSERT_TRUE(world_.Open().ok());
  v1::CreateEventRequest request = Announcement(0, {kOuc});
  request.mutable_event()->add_co_hosts("organizations/nobody");
  EXPECT_THAT(Fault(Create(request).status()), HasSubstr("event.co_hosts[0]: "));
  request.mutable_event()->set_co_hosts(0, kZone);
  request.mutable_event()->add_co_hosts(kZone);
  EXPECT_THAT(Fault(Create(request).status()),
              ::testing::AllOf(HasSubstr("event.co_hosts[1]: "), HasSubstr("重复")));
  request.mutable_event()->set_co_hosts(1, World::Enterprise(0));
  EXPECT_THAT(Fault(Create(request).status()), HasSubstr("是受邀的一方，不作会同单位"));
  EXPECT_EQ(world_.Count("event"), 0);
  request.mutable_event()->set_co_hosts(1, kTown);
  // Names are the registry's, not the caller's.
  request.mutable_event()->add_co_host_titles("别的单位");
  const auto event = Create(request);
  ASSERT_TRUE(event.ok()) << event.status();
  ASSERT_EQ(event->co_host_titles_size(), 2);
  EXPECT_EQ(event->co_host_titles(0), "海洋高新区（演示）");
  v1::GetEventRequest get;
  get.set_name(kEvent);
  const auto seen = service_.GetEvent(As(ROLE_UNIT, kZone, "GetEvent"), get);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(seen->co_hosts(), ElementsAre(kZone, kTown));
}

TEST_F(EventTest, WhoGoesOnForACoHostLearnsWhatBecomesOfTheEvent) {
  world_.clock.now = InChina(4, 1, 8);
  world_.SignUp("zone-desk", kZone, {ROLE_UNIT});
  world_.SignUp("town-desk", kTown, {ROLE_UNIT});
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  v1::CreateEventRequest announced = Announcement(0, {});
  announced.mutable_event()->add_co_hosts(kTown);
  ASSERT_TRUE(Create(announced).ok());
  const auto told = [this] {
    return testing::Texts(world_.database.db(),
                          absl::StrCat("SELECT CONCAT(account, ' ', title) FROM notification "
                                       "WHERE subject = '",
                                       kEvent, "' ORDER BY account, title"));
  };
  EXPECT_THAT(told(), ElementsAre("accounts/town-desk 请会同举办“供需对接会（演示）”"));
  ASSERT_TRUE(world_.Merge(kTown, kZone).ok());
  v1::CancelEventRequest request;
  request.set_name(kEvent);
  request.set_reason("报名单位不足");
  const auto cancelled =
      service_.CancelEvent(As(ROLE_SECRETARIAT, kSecretariat, "CancelEvent"), request);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_THAT(told(), ElementsAre("accounts/town-desk 请会同举办“供需对接会（演示）”",
                                  "accounts/zone-desk “供需对接会（演示）”已取消"));
}

TEST_F(EventTest, AllEventsOfACycleAreASheetWithWhoHeldThemAndTypicalCases) {
  v1::ExportEventsRequest request;
  request.set_parent(kCycle);
  const auto exported = [&] {
    return service_.ExportEvents(As(ROLE_LEADER, "organizations/bureau", "ExportEvents"), request);
  };
  EXPECT_TRUE(absl::IsNotFound(exported().status())) << "no such cycle";
  ASSERT_TRUE(world_.Open().ok());
  v1::CreateEventRequest announced = Announcement(0, {kOuc, kUpc});
  announced.mutable_event()->add_co_hosts(kZone);
  ASSERT_TRUE(Create(announced).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 8, 10)).ok());
  ASSERT_TRUE(Came({kOuc}).ok());
  ASSERT_TRUE(Outcome(ROLE_SECRETARIAT, kSecretariat, v1::EVENT_OUTCOME_KIND_INTENT, "").ok());
  ASSERT_TRUE(Outcome(ROLE_UNIT, kZone, v1::EVENT_OUTCOME_KIND_CASE, "").ok());
  const auto file = exported();
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "活动.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> lines;
  for (const sheet::Row& row : book->FirstVisible()->rows) {
    std::string& line = lines.emplace_back();
    for (const sheet::Cell& cell : row.cells) absl::StrAppend(&line, cell.text, "|");
  }
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("2025年第二季度交流活动情况表（演练或补录）"));
  EXPECT_THAT(lines[2], HasSubstr("供需对接会（演示）|"));
  EXPECT_THAT(lines[2], HasSubstr("|古镇口|海洋高新区（演示）|待举办|2|1|2|"));
  // The same cycle at the same time of its own is the same file.
  world_.clock.now += absl::Hours(5);
  EXPECT_EQ(exported()->data(), file->data());
}

}  // namespace
}  // namespace chanyan::cycle
