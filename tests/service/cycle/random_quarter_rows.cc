// The ways of the rows in a random quarter: to units and enterprises, back, packed, disputed, home.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/trace_service.h"
#include "tests/service/cycle/random_quarter.h"
#include "tests/service/cycle/unmerged.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::IsEmpty;

}  // namespace

void RandomQuarterTest::Receive(const std::string& own, Role role) {
  v1::ReceiveHandoversRequest request;
  request.set_parent(world_.cycle);
  const auto received =
      Surely("ReceiveHandovers", &CycleService::ReceiveHandovers, role, own, request);
  ASSERT_TRUE(received.ok()) << received.status();
}

void RandomQuarterTest::Distribute() {
  v1::DistributeFormsRequest request;
  request.set_name(world_.cycle);
  const auto sent = Surely("DistributeForms", &CycleService::DistributeForms, ROLE_SECRETARIAT,
                           kSecretariat, request);
  if (!InTime(3, world_.clock.now)) {
    EXPECT_EQ(status::ReasonOf(sent.status()), options::v1::ERROR_REASON_WINDOW_CLOSED);
    return;
  }
  ASSERT_TRUE(sent.ok()) << sent.status();
  for (const char* unit : {kZone, kTown}) {
    Receive(unit, ROLE_UNIT);
    v1::DistributeToEnterprisesRequest on;
    on.set_name(world_.cycle);
    const auto delivered = Surely("DistributeToEnterprises", &CycleService::DistributeToEnterprises,
                                  ROLE_UNIT, unit, on);
    ASSERT_TRUE(delivered.ok()) << delivered.status();
  }
}

void RandomQuarterTest::GiveBack(int e) {
  if (merged_.contains(e)) return;
  // Held by it, or on their way to it.
  const std::string own = World::Enterprise(e);
  const int64_t rows =
      world_.Count(absl::StrCat("form_row LEFT JOIN handover ON handover.name = in_transit WHERE "
                                "(in_transit = '' AND holder = '",
                                own, "') OR (state = 'SENT' AND receiver = '", own, "')"));
  v1::SubmitReturnsRequest request;
  request.set_name(world_.cycle);
  request.set_enterprise(World::Enterprise(e));
  request.set_no_change(true);
  const auto given = Surely("SubmitReturns", &CycleService::SubmitReturns, ROLE_ENTERPRISE,
                            World::Enterprise(e), request);
  if (rows == 0) {
    // Whoever gave before and has nothing now has done his part.
    if (gave_.contains(e)) {
      ASSERT_TRUE(given.ok()) << given.status();
      EXPECT_EQ(given->row_count(), 0);
    } else {
      EXPECT_EQ(status::ReasonOf(given.status()), options::v1::ERROR_REASON_WRONG_STATE);
    }
    return;
  }
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->row_count(), rows);
  gave_.try_emplace(e, world_.clock.now);
}

void RandomQuarterTest::Pack() {
  for (const char* unit : {kZone, kTown}) {
    Receive(unit, ROLE_UNIT);
    v1::SubmitPackagesRequest request;
    request.set_name(world_.cycle);
    const auto packed =
        Surely("SubmitPackages", &CycleService::SubmitPackages, ROLE_UNIT, unit, request);
    ASSERT_TRUE(packed.ok()) << packed.status();
  }
  Receive(kSecretariat, ROLE_SECRETARIAT);
  world_.database.db().InjectFaults({});
  ExpectUnmergedPackages(world_, platforms_);
  for (const char* unit : {kZone, kTown, ""}) ExpectUnmergedLedger(world_, platforms_, unit);
  world_.database.db().InjectFaults(faults_);
}

void RandomQuarterTest::ToEnterprises() {
  for (const char* unit : {kZone, kTown}) Receive(unit, ROLE_UNIT);
  for (int e = 0; e < enterprises_; ++e) {
    if (merged_.contains(e) || !Chance(60)) continue;
    if (!InTime(3, world_.clock.now)) Except(e);
    for (const char* unit : {kZone, kTown}) {
      for (const std::string& university : universities_) SendBackTo(e, unit, university);
    }
  }
}

void RandomQuarterTest::Except(int e) {
  v1::GrantReturnExceptionRequest request;
  request.set_name(world_.cycle);
  request.set_enterprise(World::Enterprise(e));
  request.set_reason("退回后补报");
  *request.mutable_until() = time::ToTimestamp(world_.clock.now + absl::Hours(2));
  const auto granted = Surely("GrantReturnException", &CycleService::GrantReturnException,
                              ROLE_SECRETARIAT, kSecretariat, request);
  ASSERT_TRUE(granted.ok()) << granted.status();
  excepted_[e] = world_.clock.now + absl::Hours(2);
}

void RandomQuarterTest::SendBackTo(int e, const char* unit, const std::string& university) {
  const std::string form = FormOf(university);
  const int64_t given = world_.Count(absl::StrCat(
      "form_row WHERE holder = '", unit, "' AND in_transit = '' AND delivered = 1 AND enterprise",
      " = '", World::Enterprise(e), "' AND name LIKE '", form, "/%'"));
  v1::ReturnToEnterpriseRequest request;
  request.set_parent(form);
  request.set_enterprise(World::Enterprise(e));
  request.add_reasons("缺少佐证材料");
  const auto back =
      Surely("ReturnToEnterprise", &CycleService::ReturnToEnterprise, ROLE_UNIT, unit, request);
  if (world_.Form(form).state() != v1::FORM_STATE_ACCEPTED) {
    EXPECT_TRUE(absl::IsNotFound(back.status())) << back.status();
  } else if (given == 0) {
    EXPECT_EQ(status::ReasonOf(back.status()), options::v1::ERROR_REASON_WRONG_STATE);
  } else {
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->row_count(), given);
  }
}

void RandomQuarterTest::GiveAgain() {
  const absl::Time now = world_.clock.now;
  for (int e = 0; e < enterprises_; ++e) {
    const bool may = InTime(4, now) || (excepted_.contains(e) && now <= excepted_[e]);
    if (may && Chance(80)) GiveBack(e);
  }
}

void RandomQuarterTest::ReturnPackages() {
  Receive(kSecretariat, ROLE_SECRETARIAT);
  for (const std::string& package :
       testing::Texts(world_.database.db(), "SELECT name FROM package ORDER BY name")) {
    if (!Chance(40)) continue;
    v1::ReturnPackageRequest request;
    request.set_name(package);
    request.add_reasons("与合同不符");
    const auto back = Surely("ReturnPackage", &CycleService::ReturnPackage, ROLE_SECRETARIAT,
                             kSecretariat, request);
    if (!back.ok()) {
      // Back at the universities, at its unit, or of one that has become part of another.
      EXPECT_EQ(status::ReasonOf(back.status()), options::v1::ERROR_REASON_WRONG_STATE)
          << back.status();
      continue;
    }
    EXPECT_TRUE(back->has_return_time());
  }
}

void RandomQuarterTest::Back() {
  v1::ReturnToUniversitiesRequest request;
  request.set_name(world_.cycle);
  const auto back = Surely("ReturnToUniversities", &CycleService::ReturnToUniversities,
                           ROLE_SECRETARIAT, kSecretariat, request);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(back->refusals(), IsEmpty());
  for (const std::string& one : universities_) {
    if (Chance(60)) Receive(one, ROLE_RESEARCH_OFFICE);
    if (Chance(60)) parts_.SendOn(one, FormOf(one), PlatformsOf(one));
  }
}

void RandomQuarterTest::Dispute() {
  const std::vector<v1::Row> rows = world_.Rows("distributed = true");
  if (rows.empty()) return;
  const v1::Row& row = rows[static_cast<size_t>(Draw(0, static_cast<int>(rows.size()) - 1))];
  TraceService traces(Deps());
  v1::DisputeRowRequest request;
  request.set_name(row.name());
  request.set_reason("与本单位掌握的情况不符");
  request.set_request_id(World::Uuid());
  absl::Status disputed = status::Unavailable("not yet");
  const rpc::Call call =
      testing::CallAs(ROLE_UNIT, row.unit(), "chanyan.cycle.v1.TraceService.DisputeRow");
  for (int i = 0; i < 20 && Again(disputed); ++i) {
    disputed = traces.DisputeRow(call, request).status();
  }
  ASSERT_TRUE(disputed.ok()) << disputed;
  ++disputes_;
  v1::TraceRowRequest trace;
  trace.set_name(row.name());
  world_.database.db().InjectFaults({});
  const auto traced = traces.TraceRow(
      testing::CallAs(ROLE_UNIT, row.unit(), "chanyan.cycle.v1.TraceService.TraceRow"), trace);
  world_.database.db().InjectFaults(faults_);
  ASSERT_TRUE(traced.ok()) << traced.status();
  EXPECT_GE(traced->steps_size(), 2) << "who put it in, and who sent it";
  for (const v1::TraceStep& step : traced->steps()) EXPECT_NE(step.account(), "");
}

}  // namespace chanyan::cycle
