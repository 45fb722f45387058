// The clock under which past filings are entered (CON-6): who may put it back and when, that it
// goes forward only, is the same after a restart, and is over for good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/backfill_service.h"
#include "tests/service/consortium/world.h"
#include "tests/support/ask.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_CALENDAR_MISSING;
using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kName[] = "backfills/consortium";

class BackfillTest : public ::testing::Test, public World {
 protected:
  BackfillTest() : behind(clock), backfill({database.db(), clock, nullptr}, rules, behind) {
    Go(absl::CivilDay(2026, 6, 1));
    book.SetTimekeeper([this](rpc::Change& change) {
      return behind.RequireStill(change.session(), change.now());
    });
  }

  static absl::Time Noon(absl::CivilDay day) { return time::StartOfDay(day) + absl::Hours(12); }
  absl::StatusOr<v1::Backfill> Begin(absl::CivilDay day, const std::string& by = kBureau) {
    auto request = Named<v1::BeginBackfillRequest>(kName);
    *request.mutable_clock_time() = time::ToTimestamp(Noon(day));
    request.set_reason("补录上线前的备案");
    return backfill.BeginBackfill(
        As(options::v1::ROLE_DEPARTMENT, by, "BackfillService.BeginBackfill"), request);
  }
  absl::StatusOr<v1::Backfill> Advance(absl::Time time) {
    auto request = Named<v1::AdvanceBackfillRequest>(kName);
    if (time != absl::InfiniteFuture()) *request.mutable_clock_time() = time::ToTimestamp(time);
    return backfill.AdvanceBackfill(
        As(options::v1::ROLE_DEPARTMENT, kBureau, "BackfillService.AdvanceBackfill"), request);
  }

  // A replica whose clock is this one.
  Deps At(const BackfillClock& other) {
    return {{database.db(), other, nullptr}, rules, book, peer.peers()};
  }
  absl::StatusOr<v1::Consortium> CreateAt(const BackfillClock& other) {
    ConsortiumService entered(At(other));
    v1::CreateConsortiumRequest request;
    *request.mutable_consortium() = Dossier("补录的");
    request.set_request_id(api::NewUuid());
    return entered.CreateConsortium(By(kAlpha, "ConsortiumService.CreateConsortium"), request);
  }

  BackfillClock behind;
  BackfillService backfill;
};

TEST_F(BackfillTest, IsPutBackByTheOfficeAloneIntoAPastThatHasACalendar) {
  EXPECT_EQ(status::ReasonOf(Advance(clock.now).status()), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(Begin(absl::CivilDay(2025, 4, 7), "organizations/qdst-hy").status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(status::ReasonOf(Begin(absl::CivilDay(2026, 6, 1)).status()),
            ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(status::ReasonOf(Begin(absl::CivilDay(2019, 6, 3)).status()),
            ERROR_REASON_CALENDAR_MISSING);
  EXPECT_EQ(behind.Now(), clock.now);
  const auto begun = Begin(absl::CivilDay(2025, 4, 7));
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(behind.Now(), Noon(absl::CivilDay(2025, 4, 7)));
  EXPECT_EQ(status::ReasonOf(Begin(absl::CivilDay(2025, 4, 1)).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(BackfillTest, NotOnceThereIsADossier) {
  ASSERT_TRUE(Create(Dossier("先有的")).ok());
  EXPECT_EQ(status::ReasonOf(Begin(absl::CivilDay(2025, 4, 7)).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(behind.Now(), clock.now);
}

TEST_F(BackfillTest, RunsWithTheMachineAndForwardOnlyAlsoAfterARestart) {
  ASSERT_TRUE(Begin(absl::CivilDay(2025, 4, 7)).ok());
  clock.now += absl::Hours(3);
  EXPECT_EQ(behind.Now(), Noon(absl::CivilDay(2025, 4, 7)) + absl::Hours(3));
  EXPECT_EQ(status::ReasonOf(Advance(Noon(absl::CivilDay(2025, 4, 7))).status()),
            ERROR_REASON_INVALID_FIELD);
  const auto moved = Advance(Noon(absl::CivilDay(2025, 4, 15)));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(time::ToTime(moved->clock_time()), Noon(absl::CivilDay(2025, 4, 15)));
  // Another replica, or this one started anew.
  BackfillClock other(clock);
  ASSERT_TRUE(other.Refresh(database.db()).ok());
  EXPECT_EQ(other.Now(), Noon(absl::CivilDay(2025, 4, 15)));
  v1::GetBackfillRequest get;
  get.set_name(kName);
  const auto shown = testing::Ask<v1::Backfill>(
      backfill, "GetBackfill",
      As(options::v1::ROLE_DEPARTMENT, kBureau, "BackfillService.GetBackfill"), get);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(time::ToTime(shown->clock_time()), Noon(absl::CivilDay(2025, 4, 15)));
}

TEST_F(BackfillTest, WhatIsMadeUnderItIsOfThatDayAndThePresentEndsItForGood) {
  ASSERT_TRUE(Begin(absl::CivilDay(2025, 4, 7)).ok());
  const auto made = CreateAt(behind);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(time::DayOf(time::ToTime(made->create_time())), absl::CivilDay(2025, 4, 7));
  const auto over = Advance(absl::InfiniteFuture());
  ASSERT_TRUE(over.ok()) << over.status();
  EXPECT_EQ(over->state(), v1::BACKFILL_STATE_ENDED);
  EXPECT_EQ(behind.Now(), clock.now);
  EXPECT_EQ(status::ReasonOf(Advance(absl::InfiniteFuture()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Begin(absl::CivilDay(2025, 4, 7)).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(BackfillTest, AReplicaThatDoesNotKnowOfAMoveYetIsToldToRepeat) {
  const BackfillClock late(clock);
  ASSERT_TRUE(Begin(absl::CivilDay(2025, 4, 7)).ok());
  EXPECT_TRUE(absl::IsAborted(CreateAt(late).status())) << "later than all that is entered";
  EXPECT_EQ(Count("consortium"), 0);
  BackfillClock other(clock);
  ASSERT_TRUE(other.Refresh(database.db()).ok());
  const auto made = CreateAt(other);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Advance(Noon(absl::CivilDay(2025, 5, 12))).ok());
  ConsortiumService steps(At(other));
  auto request = Named<v1::WithdrawConsortiumRequest>(made->name());
  request.set_reason("调整方向。");
  const rpc::Call call = By(kAlpha, "ConsortiumService.WithdrawConsortium");
  EXPECT_TRUE(absl::IsAborted(steps.WithdrawConsortium(call, request).status()))
      << "earlier than what was entered since";
  ASSERT_TRUE(other.Refresh(database.db()).ok());
  const auto withdrawn = steps.WithdrawConsortium(call, request);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(time::DayOf(time::ToTime(withdrawn->state_time())), absl::CivilDay(2025, 5, 12));
}

TEST_F(BackfillTest, OfTheClockAndTheFirstDossierAtOnceOneComes) {
  constexpr int kRounds = 12;
  int begun = 0;
  for (int round = 0; round < kRounds; ++round) {
    // Another replica, which has not heard of the clock.
    const BackfillClock late(clock);
    absl::Status clock_back;
    absl::Status first;
    std::thread office([&] { clock_back = Begin(absl::CivilDay(2025, 4, 7)).status(); });
    // Either has a head start in some rounds.
    absl::SleepFor(absl::Milliseconds(round % 4));
    std::thread lead([&] { first = CreateAt(late).status(); });
    office.join();
    lead.join();
    EXPECT_NE(clock_back.ok(), first.ok()) << clock_back << "; " << first;
    EXPECT_EQ(Count("backfill") + Count("consortium"), 1);
    begun += clock_back.ok() ? 1 : 0;
    if (clock_back.ok()) {
      EXPECT_TRUE(absl::IsAborted(first)) << first;
    } else {
      EXPECT_EQ(status::ReasonOf(clock_back), ERROR_REASON_WRONG_STATE) << clock_back;
    }
    const absl::Status cleared = database.db().Transact([](db::Session& session) -> absl::Status {
      for (const char* sql :
           {"DELETE FROM backfill", "DELETE FROM consortium_party", "DELETE FROM consortium"}) {
        CHANYAN_RETURN_IF_ERROR(session.Execute(sql).status());
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(cleared.ok()) << cleared;
    ASSERT_TRUE(behind.Refresh(database.db()).ok());
  }
  RecordProperty("begun", begun);
}

TEST_F(BackfillTest, TheClockWaitsForADossierThatIsBeingMade) {
  absl::Status clock_back;
  std::thread office;
  const journal::Origin origin{.method = "test", .actor = "test"};
  bool begun = false;
  const absl::Status made = database.db().Transact([&](db::Session& session) -> absl::Status {
    rpc::Change change(session, clock.now, origin);
    v1::Consortium row = Dossier("先有的");
    row.set_name("consortia/first");
    row.set_lead_unit(kAlpha);
    CHANYAN_RETURN_IF_ERROR(book.Begin(change, &row));
    if (!begun) {
      office = std::thread([&] { clock_back = Begin(absl::CivilDay(2025, 4, 7)).status(); });
      absl::SleepFor(absl::Milliseconds(300));
    }
    begun = true;
    return absl::OkStatus();
  });
  office.join();
  EXPECT_TRUE(made.ok()) << made;
  EXPECT_EQ(status::ReasonOf(clock_back), ERROR_REASON_WRONG_STATE) << clock_back;
  EXPECT_EQ(Count("backfill"), 0);
}

}  // namespace
}  // namespace chanyan::consortium
