// Leave for an enterprise that is late: dated, reasoned and journalled, and to the second (CYC-5).
#include "tests/service/cycle/returning.h"

#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::HasSubstr;

class ReturnExceptionTest : public ReturningTest {};

TEST_F(ReturnExceptionTest, AnExceptionOpensOneEnterprisesReturnToTheSecond) {
  UntilEnterprises();
  v1::Row mended = World::Ongoing(kOucLab, 0);
  mended.set_progress("逾期补报");
  const std::string sheet = World::Sheet({mended});
  const absl::Time until = InChina(4, 30, 12);
  // Step 3 ends on 22 April, step 4 on 28 April.
  ASSERT_TRUE(world_.MoveTo(InChina(4, 29)).ok());
  EXPECT_EQ(status::ReasonOf(world_.GiveBack(kOucForm, 0, sheet).status()),
            ERROR_REASON_WINDOW_CLOSED);
  const absl::Status late = world_.SubmitReturns(0).status();
  EXPECT_EQ(status::ReasonOf(late), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_THAT(std::string(late.message()), HasSubstr("企业逾期补报许可"));

  // By its unit or the secretariat, until a later instant of the quarter.
  EXPECT_TRUE(absl::IsNotFound(Except(ROLE_UNIT, kTown, 0, until).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Except(ROLE_UNIT, kZone, 0, InChina(4, 29)).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(7, 1)).status()));
  EXPECT_EQ(world_.Count("return_exception"), 0);
  const auto granted = Except(ROLE_UNIT, kZone, 0, until);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(granted->unit(), kZone);
  EXPECT_EQ(granted->account(), "accounts/zone");
  EXPECT_EQ(world_.Count("journal WHERE kind = 'granted'"), 1);

  ASSERT_TRUE(world_.MoveTo(until).ok());
  EXPECT_EQ(status::ReasonOf(world_.GiveBack(kOucForm, 1, sheet).status()),
            ERROR_REASON_WINDOW_CLOSED)
      << "of one enterprise alone";
  const auto filled = world_.GiveBack(kOucForm, 0, sheet);
  ASSERT_TRUE(filled.ok()) << filled.status();
  ASSERT_TRUE(world_.MoveTo(until + absl::Seconds(1)).ok());
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()), ERROR_REASON_WINDOW_CLOSED);

  // Granted again, the later word counts; what comes by it is late.
  ASSERT_TRUE(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(5, 9, 18)).ok());
  EXPECT_EQ(world_.Count("return_exception"), 1);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'granted'"), 2);
  const auto given = world_.SubmitReturns(0);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->row_count(), 2);
  EXPECT_EQ(world_.Count("enterprise_return WHERE on_time = 0"), 1);
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  EXPECT_FALSE(Package(0).on_time());
  Conserved();
}

TEST_F(ReturnExceptionTest, WhoSeesAnException) {
  UntilEnterprises();
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(5, 9, 18)).ok());
  const auto seen = [&](Role role, const std::string& own) {
    v1::ListReturnExceptionsRequest request;
    request.set_parent(kCycle);
    const auto page = world_.service->ListReturnExceptions(
        world_.CallOf("ListReturnExceptions", role, own), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page->return_exceptions_size();
  };
  EXPECT_EQ(seen(ROLE_ENTERPRISE, World::Enterprise(0)), 1);
  EXPECT_EQ(seen(ROLE_ENTERPRISE, World::Enterprise(1)), 0);
  EXPECT_EQ(seen(ROLE_UNIT, kZone), 1);
  EXPECT_EQ(seen(ROLE_UNIT, kTown), 0);
  EXPECT_EQ(seen(ROLE_SECRETARIAT, kSecretariat), 1);
}

TEST_F(ReturnExceptionTest, AnExceptionIsOfTheEnterpriseThatGoesOn) {
  UntilEnterprises();
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 1, InChina(5, 9, 18)).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 29)).ok());
  EXPECT_TRUE(world_.SubmitReturns(0).ok());
  Conserved();
}

TEST_F(ReturnExceptionTest, OfTwoThatBecameOneEachPromiseHoldsUntilALaterWord) {
  UntilEnterprises();
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(4, 30, 18)).ok());
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 1, InChina(5, 9, 18)).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  const std::string sheet = World::Sheet({World::Ongoing(kOucLab, 0)});
  ASSERT_TRUE(world_.MoveTo(InChina(5, 6)).ok());
  EXPECT_TRUE(world_.GiveBack(kOucForm, 0, sheet).ok()) << "what the other was promised";
  // A later word is shorter: it counts for all of it, and both are journalled.
  ASSERT_TRUE(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(5, 6, 12)).ok());
  EXPECT_EQ(world_.Count("journal WHERE kind = 'granted'"), 4);
  ASSERT_TRUE(world_.MoveTo(InChina(5, 6, 12, 0, 1)).ok());
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(ReturnExceptionTest, WhatCannotBeMendedAnyMoreIsNotSentBack) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23, 0)).ok());
  EXPECT_EQ(status::ReasonOf(ToEnterprise(kZone, kOucForm, 0).status()),
            ERROR_REASON_WINDOW_CLOSED);
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(4, 25)).ok());
  EXPECT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
}

}  // namespace
}  // namespace chanyan::cycle
