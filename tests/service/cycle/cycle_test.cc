// A quarter as it goes: windows, forms, the way of the rows there and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/scheduler.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CycleTest : public ::testing::Test {
 protected:
  void Conserved(const char* when) {
    const v1::Conservation proof = world_.Check();
    EXPECT_THAT(proof.violations(), IsEmpty()) << when;
    EXPECT_TRUE(proof.conserved()) << when;
    EXPECT_EQ(proof.origin_sha256(), proof.present_sha256()) << when;
    EXPECT_EQ(proof.rows(), proof.from_universities() + proof.from_enterprises()) << when;
  }
  // Both universities have filled in, reported and been accepted; it is the second week.
  void ReportAll() {
    ASSERT_TRUE(world_.Open().ok());
    const auto imported = world_.Import(
        kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1),
                            World::Intent(kOucCenter)}));
    ASSERT_TRUE(imported.ok()) << imported.status();
    ASSERT_TRUE(
        world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2), World::Intent(kUpcLab, 0)}))
            .ok());
    for (const char* university : {kOuc, kUpc}) {
      const auto submitted = world_.Submit(university);
      ASSERT_TRUE(submitted.ok()) << submitted.status();
      const auto accepted = world_.Accept(university);
      ASSERT_TRUE(accepted.ok()) << accepted.status();
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  }
  void DistributeAll() {
    ReportAll();
    const auto distributed = world_.Distribute();
    ASSERT_TRUE(distributed.ok()) << distributed.status();
    EXPECT_EQ(distributed->unit_count(), 2);
    EXPECT_EQ(distributed->row_count(), 4);
    EXPECT_EQ(distributed->released_count(), 1);
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, options::v1::ROLE_UNIT).ok());
      ASSERT_TRUE(world_.ToEnterprises(unit).ok());
    }
  }

  World world_;
};

TEST_F(CycleTest, OpeningWritesWindowsFormsAndCarriedProjects) {
  const auto cycle = world_.Open();
  ASSERT_TRUE(cycle.ok()) << cycle.status();
  ASSERT_EQ(cycle->steps_size(), 6);
  EXPECT_EQ(time::ToTime(cycle->steps(0).deadline()), InChina(4, 8, 23, 59, 59));
  EXPECT_EQ(cycle->steps(0).state(), v1::STEP_STATE_OPEN);
  EXPECT_EQ(cycle->steps(1).state(), v1::STEP_STATE_PENDING);
  EXPECT_EQ(cycle->secretariat(), kSecretariat);
  EXPECT_TRUE(cycle->rehearsal());
  EXPECT_EQ(world_.Count("form"), 2) << "an institute without published platform has no form";
  const v1::Row carried = world_.RowOf(kOucLab, 0);
  EXPECT_EQ(carried.origin(), v1::ROW_ORIGIN_CARRIED);
  EXPECT_EQ(carried.category(), v1::ROW_CATEGORY_ONGOING);
  EXPECT_EQ(carried.holder(), kOuc);
  EXPECT_EQ(carried.unit(), kZone);
  EXPECT_EQ(carried.college(), "工程学院");
  EXPECT_EQ(carried.unified_social_credit_code(), World::CodeOf(0));
  EXPECT_EQ(carried.progress(), "");
  EXPECT_EQ(world_.Rows().size(), 2u) << "a completed project is not carried";
  Conserved("opened");
}

TEST_F(CycleTest, AnOpenCycleIsNotOpenedAgain) {
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_TRUE(absl::IsAlreadyExists(world_.Open().status()));
}

TEST_F(CycleTest, ALiveCycleOfAnotherQuarterIsRefused) {
  v1::OpenCycleRequest request;
  request.set_name(kCycle);
  const auto opened = world_.service->OpenCycle(
      world_.CallOf("OpenCycle", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("演练时钟"));
}

TEST_F(CycleTest, TheClockOfARehearsalOnlyGoesForward) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 3)).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(world_.MoveTo(InChina(4, 2)).status()));
}

TEST_F(CycleTest, ASecondAfterTheDeadlineIsLate) {
  ASSERT_TRUE(world_.Open().ok());
  const std::string file = World::Sheet({World::Ongoing(kOucLab, 0)});
  ASSERT_TRUE(world_.Import(kOuc, file).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 8, 23, 59, 59)).ok());
  ASSERT_TRUE(world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2)})).ok());
  const auto in_time = world_.Submit(kUpc);
  ASSERT_TRUE(in_time.ok()) << in_time.status();
  EXPECT_TRUE(in_time->on_time());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9, 0, 0, 0)).ok());
  const auto late = world_.Submit(kOuc);
  EXPECT_EQ(status::ReasonOf(late.status()), ERROR_REASON_WINDOW_CLOSED) << late.status();
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("逾期补报许可"));
  EXPECT_EQ(status::ReasonOf(world_.Import(kOuc, file).status()), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(CycleTest, ALockExceptionLetsALateFormInButNotOnTime) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  v1::GrantLockExceptionRequest request;
  request.set_name(kOucForm);
  request.set_reason("因搬迁逾期");
  const auto grant = [&](absl::Time until) {
    *request.mutable_until() = time::ToTimestamp(until);
    return world_.service->GrantLockException(
        world_.CallOf("GrantLockException", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  };
  EXPECT_TRUE(absl::IsInvalidArgument(grant(InChina(4, 8)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(grant(InChina(7, 1)).status()));
  ASSERT_THAT(world_.Form(kOucForm).actions(), ElementsAre("grantLockException"));
  ASSERT_TRUE(grant(InChina(4, 10)).ok());
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  const auto submitted = world_.Submit(kOuc);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_FALSE(submitted->on_time());
  Conserved("late form");
}

TEST_F(CycleTest, AnUnfilledCarriedRowIsNotReported) {
  ASSERT_TRUE(world_.Open().ok());
  const auto submitted = world_.Submit(kOuc);
  ASSERT_FALSE(submitted.ok());
  const auto violations = status::ViolationsOf(submitted.status());
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].field, HasSubstr(kOucLab));
  EXPECT_THAT(violations[0].description, HasSubstr("本季度无变化"));
}

TEST_F(CycleTest, AReturnedFormIsMendedAndStaysOnTime) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(
      world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)}))
          .ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_EQ(status::ReasonOf(world_.Submit(kOuc).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_NE(world_.RowOf(kOucLab, 0).in_transit(), "");
  Conserved("submitted");
  const auto returned = world_.Return(kOuc, "进展过于简略");
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_THAT(returned->return_reasons(), ElementsAre("进展过于简略"));
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kOuc);
  EXPECT_EQ(world_.RowOf(kOucLab, 0).in_transit(), "");
  Conserved("returned");
  // A row is struck out after its hand-over was refused, and put in again.
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  Conserved("struck out");
  ASSERT_TRUE(
      world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucCenter)}))
          .ok());
  Conserved("put in again");
  const auto again = world_.Submit(kOuc);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->revision(), 2);
  EXPECT_TRUE(again->on_time());
  EXPECT_THAT(again->return_reasons(), IsEmpty());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kSecretariat);
  Conserved("accepted");
}

TEST_F(CycleTest, NothingIsDistributedBeforeTheSecondWeek) {
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_EQ(status::ReasonOf(world_.Distribute().status()), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(CycleTest, AStepClosedEarlyLetsTheNextBegin) {
  ASSERT_TRUE(world_.Open().ok());
  v1::CloseStepRequest request;
  request.set_name(kCycle);
  request.set_step(1);
  request.set_reason("各校均已报送");
  const auto close = [&] {
    return world_.service->CloseStep(
        world_.CallOf("CloseStep", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  };
  const auto closed = close();
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->steps(0).state(), v1::STEP_STATE_CLOSED);
  EXPECT_EQ(closed->steps(1).state(), v1::STEP_STATE_OPEN);
  EXPECT_EQ(status::ReasonOf(close().status()), ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(world_.Distribute().ok());
}

TEST_F(CycleTest, AStepIsExtendedToALaterDayOnly) {
  ASSERT_TRUE(world_.Open().ok());
  v1::ExtendStepRequest request;
  request.set_name(kCycle);
  request.set_step(1);
  request.set_reason("台风");
  const auto extend = [&](int day) {
    request.mutable_last_day()->set_year(2025);
    request.mutable_last_day()->set_month(4);
    request.mutable_last_day()->set_day(day);
    return world_.service->ExtendStep(
        world_.CallOf("ExtendStep", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  };
  EXPECT_TRUE(absl::IsInvalidArgument(extend(8).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(extend(12).status())) << "a Saturday";
  const auto extended = extend(10);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(time::ToTime(extended->steps(0).deadline()), InChina(4, 10, 23, 59, 59));
  EXPECT_THAT(extended->steps(0).derivation(), HasSubstr("延期至2025年4月10日"));
}

TEST_F(CycleTest, RowsGoToTheUnitsAndEnterprisesThatTheyConcern) {
  ReportAll();
  Conserved("accepted");
  const auto first = world_.Distribute();
  ASSERT_TRUE(first.ok()) << first.status();
  Conserved("distributed");
  const auto again = world_.Distribute();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->row_count(), 0) << "what is sent is not sent again";
  EXPECT_EQ(again->released_count(), 0);
  // Until it is received the secretariat answers for it, and the unit cannot send it on.
  EXPECT_EQ(world_.RowOf(kOucLab, 0).holder(), kSecretariat);
  EXPECT_EQ(world_.ToEnterprises(kZone)->row_count(), 0);
  const auto received = world_.Receive(kZone, options::v1::ROLE_UNIT);
  ASSERT_TRUE(received.ok());
  EXPECT_EQ(received->handovers(), 1);
  EXPECT_EQ(received->rows(), 3);
  EXPECT_EQ(world_.Receive(kZone, options::v1::ROLE_UNIT)->handovers(), 0);
  const auto delivered = world_.ToEnterprises(kZone);
  ASSERT_TRUE(delivered.ok());
  EXPECT_EQ(delivered->enterprise_count(), 2);
  EXPECT_EQ(delivered->row_count(), 3);
  Conserved("delivered");
  const v1::Row released = world_.RowOf(kOucCenter, -1);
  EXPECT_TRUE(released.released());
  EXPECT_EQ(released.holder(), kSecretariat);
}

TEST_F(CycleTest, ARowWithoutUnitWaitsUntilTheRegistryKnowsOne) {
  world_.fakes.At(World::Enterprise(1)).clear_unit();
  ReportAll();
  EXPECT_EQ(world_.Distribute()->row_count(), 3);
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).holder(), kSecretariat);
  EXPECT_FALSE(world_.RowOf(kOucCenter, 1).distributed());
  world_.fakes.At(World::Enterprise(1)).set_unit(kTown);
  EXPECT_EQ(world_.Distribute()->row_count(), 1);
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).unit(), kTown);
}

TEST_F(CycleTest, AnEnterpriseCompletesItsRowsAndAddsNewOnes) {
  DistributeAll();
  v1::Row filled = World::Ongoing(kOucLab, 0);
  filled.set_progress("企业补充：样机已下线");
  const std::string file = World::Sheet({filled, World::NewProject(kOucCenter, 0)});
  const int64_t untouched = world_.Count("journal");
  const auto tried = world_.GiveBack(kOucForm, 0, file, /*dry_run=*/true);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_EQ(tried->created(), 1);
  EXPECT_EQ(tried->updated(), 1);
  EXPECT_EQ(world_.Count("journal"), untouched);
  const auto imported = world_.GiveBack(kOucForm, 0, file);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 1);
  EXPECT_EQ(imported->updated(), 1);
  EXPECT_TRUE(world_.RowOf(kOucLab, 0).confirmed());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).progress(), "企业补充：样机已下线");
  const v1::Row born = world_.RowOf(kOucCenter, 0);
  EXPECT_EQ(born.origin(), v1::ROW_ORIGIN_ENTERPRISE);
  EXPECT_EQ(born.holder(), World::Enterprise(0));
  Conserved("given back");
  const int64_t entries = world_.Count("journal");
  const auto again = world_.GiveBack(kOucForm, 0, file);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->unchanged(), 2);
  EXPECT_EQ(world_.Count("journal"), entries) << "the same file twice changes nothing";
}

TEST_F(CycleTest, AnEnterpriseIsRefusedWhatIsNotIts) {
  DistributeAll();
  // Another university's platform, another enterprise, a weaker category.
  const auto foreign = world_.GiveBack(kOucForm, 0, World::Sheet({World::NewProject(kUpcLab, 0)}));
  EXPECT_THAT(std::string(status::ViolationsOf(foreign.status()).at(0).description),
              HasSubstr("其他高校"));
  const auto other = world_.GiveBack(kOucForm, 0, World::Sheet({World::NewProject(kOucCenter, 1)}));
  EXPECT_THAT(std::string(status::ViolationsOf(other.status()).at(0).description),
              HasSubstr("其他企业"));
  const auto weaker = world_.GiveBack(kOucForm, 0, World::Sheet({World::Intent(kOucLab, 0)}));
  EXPECT_THAT(std::string(status::ViolationsOf(weaker.status()).at(0).description),
              HasSubstr("不能改为"));
  // The unit of another enterprise sees nothing of it.
  EXPECT_TRUE(absl::IsNotFound(world_.SubmitReturns(0, kTown).status()));
  EXPECT_TRUE(absl::IsNotFound(world_.SubmitReturns(2, kZone).status()));
}

TEST_F(CycleTest, AnEnterpriseGivesBackAfterTheThirdWeekLateButNotForNothing) {
  DistributeAll();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  EXPECT_EQ(status::ReasonOf(
                world_.GiveBack(kOucForm, 0, World::Sheet({World::Ongoing(kOucLab, 0)})).status()),
            ERROR_REASON_WINDOW_CLOSED);
  const auto late = world_.SubmitReturns(0);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->row_count(), 2);
  EXPECT_EQ(late->form_count(), 2);
  EXPECT_EQ(world_.Count("enterprise_return WHERE on_time = 0"), 1);
  EXPECT_EQ(world_.SubmitReturns(0)->row_count(), 0);
  EXPECT_EQ(world_.Count("enterprise_return"), 1);
  Conserved("late return");
}

TEST_F(CycleTest, AUnitReportsForAnEnterpriseAndHasTheRowsAtOnce) {
  DistributeAll();
  const auto submitted = world_.SubmitReturns(1, kZone);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).holder(), kZone);
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).in_transit(), "");
  EXPECT_EQ(world_.SubmitReturns(1)->row_count(), 0);
}

TEST_F(CycleTest, AWholeQuarterComesBackToTheUniversitiesAndIntoTheProjects) {
  DistributeAll();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
  ASSERT_TRUE(world_.GiveBack(kOucForm, 0, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  ASSERT_TRUE(world_.GiveBack(kUpcForm, 0, World::Sheet({World::NewProject(kUpcLab, 0)})).ok());
  for (int enterprise = 0; enterprise < 3; ++enterprise) {
    const auto submitted = world_.SubmitReturns(enterprise);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
    Conserved("submitted to the unit");
  }
  for (const char* unit : {kZone, kTown}) {
    ASSERT_TRUE(world_.Receive(unit, options::v1::ROLE_UNIT).ok());
    const auto packed = world_.SubmitPackages(unit);
    ASSERT_TRUE(packed.ok()) << packed.status();
  }
  ASSERT_TRUE(world_.Receive(kSecretariat, options::v1::ROLE_SECRETARIAT).ok());
  Conserved("collected");
  EXPECT_EQ(status::ReasonOf(world_.ReturnToUniversities().status()), ERROR_REASON_WINDOW_CLOSED);
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  world_.fakes.refused_enterprise = World::Enterprise(2);
  const auto returned = world_.ReturnToUniversities();
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->university_count(), 2);
  EXPECT_EQ(returned->row_count(), 5) << "the open intent goes back too";
  EXPECT_EQ(returned->recorded_count(), 3);
  ASSERT_EQ(returned->refusals_size(), 1);
  EXPECT_THAT(returned->refusals(0), HasSubstr("项目已终止"));
  EXPECT_EQ(world_.ReturnToUniversities()->row_count(), 0);
  for (const char* university : {kOuc, kUpc}) {
    ASSERT_TRUE(world_.Receive(university, options::v1::ROLE_RESEARCH_OFFICE).ok());
  }
  Conserved("back");
  for (const v1::Row& row : world_.Rows()) EXPECT_EQ(row.holder(), row.university());
}

// A city has more rows than one call has time for.
TEST_F(CycleTest, AReturnThatRunsOutOfTimeGoesOnWhereItStopped) {
  ReportAll();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  v1::ReturnToUniversitiesRequest request;
  request.set_name(kCycle);
  request.set_request_id(World::Uuid());
  rpc::Call call =
      world_.CallOf("ReturnToUniversities", options::v1::ROLE_SECRETARIAT, kSecretariat);
  // Enough for a university, too little to begin another.
  call.deadline = absl::Now() + absl::Seconds(9);
  const auto stopped = world_.service->ReturnToUniversities(call, request);
  EXPECT_TRUE(absl::IsUnavailable(stopped.status())) << stopped.status();
  EXPECT_THAT(std::string(stopped.status().message()), HasSubstr("已返回高校院所 1 个、3 行"));
  EXPECT_EQ(world_.Count("handover WHERE step = 4"), 1);
  Conserved("half returned");
  call.deadline = absl::InfiniteFuture();
  for (const char* when : {"the same request again", "and once more"}) {
    const auto returned = world_.service->ReturnToUniversities(call, request);
    ASSERT_TRUE(returned.ok()) << when << returned.status();
    EXPECT_EQ(returned->university_count(), 2) << when;
    EXPECT_EQ(returned->row_count(), 5) << when;
    EXPECT_EQ(returned->recorded_count(), 4) << when;
    EXPECT_EQ(world_.Count("handover WHERE step = 4"), 2) << when;
    EXPECT_EQ(world_.fakes.recorded.size(), size_t{2}) << when << ": nobody is asked twice";
  }
  Conserved("all returned");
}

TEST_F(CycleTest, TheSecretariatReceivesFormsByAcceptingThemOnly) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_EQ(world_.Receive(kSecretariat, options::v1::ROLE_SECRETARIAT)->handovers(), 0);
  EXPECT_EQ(world_.Form(kOucForm).state(), v1::FORM_STATE_SUBMITTED);
}

TEST_F(CycleTest, ARepeatedRequestHasOneEffect) {
  ReportAll();
  v1::DistributeFormsRequest request;
  request.set_name(kCycle);
  request.set_request_id(World::Uuid());
  const rpc::Call call =
      world_.CallOf("DistributeForms", options::v1::ROLE_SECRETARIAT, kSecretariat);
  const auto first = world_.service->DistributeForms(call, request);
  const auto second = world_.service->DistributeForms(call, request);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->row_count(), 4);
  EXPECT_EQ(second->row_count(), 4);
  EXPECT_EQ(world_.Count("handover WHERE step = 2"), 2);
}

TEST_F(CycleTest, EventsAreListedInTheirOrder) {
  ASSERT_TRUE(world_.Open().ok());
  const auto create = [&](const char* id, absl::Time start, const char* organization) {
    v1::CreateEventRequest request;
    request.set_parent(kCycle);
    request.set_event_id(id);
    request.mutable_event()->set_kind(v1::EVENT_KIND_ROADSHOW);
    request.mutable_event()->set_title("成果路演（演示）");
    request.mutable_event()->set_place("古镇口");
    *request.mutable_event()->mutable_start_time() = time::ToTimestamp(start);
    request.mutable_event()->add_organizations(organization);
    return world_.service->CreateEvent(
        world_.CallOf("CreateEvent", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  };
  EXPECT_TRUE(absl::IsInvalidArgument(create("x", InChina(5, 6), "海洋大学").status()));
  ASSERT_TRUE(create("b", InChina(5, 8), kOuc).ok());
  ASSERT_TRUE(create("a", InChina(5, 9), kOuc).ok());
  v1::ListEventsRequest request;
  request.set_parent(kCycle);
  const auto listed = world_.service->ListEvents(
      world_.CallOf("ListEvents", options::v1::ROLE_UNIT, kZone), request);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->events_size(), 2);
  EXPECT_EQ(listed->events(0).name(), "cycles/2025q2/events/b");
}

TEST_F(CycleTest, SeveralSchedulersOpenTheRunningQuarterOnce) {
  metrics::Registry metrics;
  const time::SystemClock wall;
  std::vector<std::unique_ptr<Scheduler>> replicas;
  std::atomic<int> opened = 0;
  for (int i = 0; i < 3; ++i) {
    replicas.push_back(std::make_unique<Scheduler>(Scheduler::Deps{
        world_.database.db(), wall, log::Logger("cycle", log::Level::kError), metrics,
        [&](const db::Lease& lease, absl::Time deadline) {
          const absl::Status status = world_.service->OpenRunningQuarter(lease, deadline);
          if (status.ok()) ++opened;
          return status;
        }}));
  }
  std::vector<std::thread> threads;
  for (auto& replica : replicas) {
    threads.emplace_back([&replica] {
      for (int i = 0; i < 3; ++i) EXPECT_TRUE(replica->Tick().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(world_.Count("cycle WHERE name = 'cycles/2026q1' AND rehearsal = 0"), 1);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'opened'"), 1);
}

TEST_F(CycleTest, AYearWithoutCalendarOpensNothing) {
  world_.clock.now = absl::FromCivil(absl::CivilSecond(2030, 1, 2, 9, 0, 0), time::Shanghai());
  db::Lease lease(world_.database.db(), "test", db::NewLeaseOwner(), absl::Seconds(60));
  ASSERT_TRUE(lease.Acquire().ok());
  const absl::Status opened =
      world_.service->OpenRunningQuarter(lease, absl::Now() + absl::Seconds(30));
  EXPECT_EQ(status::ReasonOf(opened), options::v1::ERROR_REASON_CALENDAR_MISSING) << opened;
  EXPECT_EQ(world_.Count("cycle"), 0);
}

}  // namespace
}  // namespace chanyan::cycle
