// Bookings on the real database, with a clock that the test moves (REG-4).
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "absl/strings/match.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/registry/charge_rules.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BookingTest : public InstrumentWorld {
 protected:
  BookingTest() : instrument_(Opened("A1").name()) {}

  std::vector<std::string> Visible(const rpc::Call& call) {
    v1::ListBookingsRequest request;
    request.set_parent("organizations/-/instruments/-");
    const auto page = service_.ListBookings(call, request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> names;
    if (page.ok()) {
      for (const auto& row : page->bookings()) names.push_back(row.name());
    }
    return names;
  }
  // "04-02 09:00—04-02 20:00" of each free time.
  std::vector<std::string> Free(const rpc::Call& call, absl::Time begin, absl::Time end) {
    auto request = Named<v1::QueryAvailabilityRequest>(instrument_);
    *request.mutable_start_time() = time::ToTimestamp(begin);
    *request.mutable_end_time() = time::ToTimestamp(end);
    const auto free = service_.QueryAvailability(call, request);
    EXPECT_TRUE(free.ok()) << free.status();
    std::vector<std::string> out;
    if (!free.ok()) return out;
    EXPECT_EQ(time::ToTime(free->as_of()), clock_.now);
    for (const auto& one : free->free_times()) {
      const auto text = [](const google::protobuf::Timestamp& time) {
        return absl::FormatTime("%m-%d %H:%M", time::ToTime(time), time::Shanghai());
      };
      out.push_back(absl::StrCat(text(one.start_time()), "—", text(one.end_time())));
    }
    return out;
  }
  std::vector<std::string> JournalKinds() {
    return Texts("SELECT kind FROM journal WHERE type = 'chanyan.registry.v1.Booking' ORDER BY id");
  }

  const std::string instrument_;
};

TEST_F(BookingTest, ATimeThatIsTakenIsRefusedAndTouchingEndsAreNot) {
  Booked(kE1, instrument_, InChina(4, 3, 10), InChina(4, 3, 12));
  for (const auto& [from, to] :
       {std::pair(10, 12), std::pair(9, 11), std::pair(11, 13), std::pair(9, 13)}) {
    const auto refused = Book(kE2, instrument_, InChina(4, 3, from), InChina(4, 3, to));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists) << from << "—" << to;
    EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("organizations/e1")))
        << "whose it is stays unsaid";
    EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("bookings/")));
  }
  EXPECT_TRUE(Book(kE2, instrument_, InChina(4, 3, 9), InChina(4, 3, 10)).ok());
  EXPECT_TRUE(Book(kE2, instrument_, InChina(4, 3, 12), InChina(4, 3, 13)).ok());
}

TEST_F(BookingTest, ARequestThatCannotBeIsRefusedWithItsReason) {
  const auto reason = [&](const std::string& instrument, absl::Time begin, absl::Time end) {
    return status::ReasonOf(Book(kE1, instrument, begin, end).status());
  };
  EXPECT_EQ(reason(instrument_, InChina(4, 3, 7), InChina(4, 3, 9)), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(reason(instrument_, InChina(4, 1, 8), InChina(4, 1, 9)),
            options::v1::ERROR_REASON_INVALID_FIELD)
      << "the past";
  EXPECT_THAT(Places(Book(kE1, instrument_, InChina(4, 3, 10), InChina(4, 3, 9)).status()),
              HasSubstr("booking.end_time|结束时间应晚于开始时间"));
  EXPECT_EQ(reason(Draft("A2").name(), InChina(4, 3, 9), InChina(4, 3, 10)),
            options::v1::ERROR_REASON_NOT_FOUND)
      << "what the public does not see";
  const std::string by_phone = Opened("A3", [](v1::Instrument* row) {
                                 row->set_booking_mode(v1::BOOKING_MODE_CONTACT);
                               }).name();
  EXPECT_EQ(reason(by_phone, InChina(4, 3, 9), InChina(4, 3, 10)), ERROR_REASON_WRONG_STATE);
  const std::string own_only = Opened("A4", [](v1::Instrument* row) {
                                 v1::Charge own = row->charges(0);
                                 row->clear_charges();
                                 *row->add_charges() = own;
                               }).name();
  EXPECT_EQ(reason(own_only, InChina(4, 3, 9), InChina(4, 3, 10)), ERROR_REASON_RULE_VIOLATED);
  EXPECT_TRUE(Book(kOuc, own_only, InChina(4, 3, 9), InChina(4, 3, 10)).ok());
  v1::CreateBookingRequest no_purpose = Asking(instrument_, InChina(4, 3, 9), InChina(4, 3, 10));
  no_purpose.mutable_booking()->clear_purpose();
  EXPECT_FALSE(service_.CreateBooking(Of(kOuc, "CreateBooking"), no_purpose).ok());
  EXPECT_EQ(
      service_.CreateBooking(As(options::v1::ROLE_ENTERPRISE, "", "CreateBooking"), no_purpose)
          .status()
          .code(),
      absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  const auto suspended = Book(kOuc, instrument_, InChina(4, 3, 9), InChina(4, 3, 10));
  EXPECT_THAT(std::string(suspended.status().message()), HasSubstr("“暂停开放”：更换灯丝"));
  EXPECT_EQ(reason(instrument_, InChina(4, 3, 9), InChina(4, 3, 10)),
            options::v1::ERROR_REASON_NOT_FOUND);
}

TEST_F(BookingTest, ABookingKeepsItsPriceItsTermsAndItsVerdicts) {
  const v1::Booking booking = Booked(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 10, 40));
  EXPECT_EQ(booking.state(), v1::BOOKING_STATE_REQUESTED);
  EXPECT_EQ(booking.requester(), kE1);
  EXPECT_EQ(booking.requester_title(), "e1（演示）");
  EXPECT_EQ(booking.instrument_title(), "扫描电镜A1（演示）");
  EXPECT_EQ(booking.user_type(), "enterprise");
  EXPECT_EQ(booking.purpose(), v1::USE_PURPOSE_SERVICE) << "outsiders are served";
  EXPECT_EQ(FenOf(booking.quote().total()), 20'000) << "100 minutes are four half hours";
  EXPECT_EQ(time::ToTime(booking.quote().free_cancellation_time()), InChina(4, 2, 9));
  EXPECT_EQ(booking.verdicts().verdicts_size(), 3);
  EXPECT_TRUE(policy::RequireSatisfied(booking.verdicts()).ok());
  // Later prices do not touch it.
  v1::Instrument row = *Get(Owner("GetInstrument"), instrument_);
  for (v1::Charge& charge : *row.mutable_charges()) charge.mutable_price()->set_units(999);
  ASSERT_TRUE(Update(row, {"charges"}).ok());
  EXPECT_EQ(FenOf(Stored(booking.name()).quote().total()), 20'000);
  EXPECT_EQ(Booked(kOuc, instrument_, InChina(4, 3, 12), InChina(4, 3, 13)).purpose(),
            v1::USE_PURPOSE_RESEARCH);
  v1::CreateBookingRequest dry = Asking(instrument_, InChina(4, 3, 15), InChina(4, 3, 16));
  dry.set_validate_only(true);
  const auto quoted = service_.CreateBooking(Of(kE1, "CreateBooking"), dry);
  ASSERT_TRUE(quoted.ok()) << quoted.status();
  EXPECT_EQ(FenOf(quoted->quote().total()), 99'900);
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM booking").at(0), "2");
}

TEST_F(BookingTest, AnInstrumentMayConfirmAtOnceWhatEveryRuleAllows) {
  const std::string automatic = Opened("A2", [](v1::Instrument* row) {
                                  row->set_booking_mode(v1::BOOKING_MODE_AUTOMATIC);
                                }).name();
  EXPECT_EQ(Booked(kE1, automatic, InChina(4, 3, 9), InChina(4, 3, 10)).state(),
            v1::BOOKING_STATE_APPROVED);
  const v1::Booking urgent = Booked(kE1, automatic, InChina(4, 1, 12), InChina(4, 1, 13));
  EXPECT_EQ(urgent.state(), v1::BOOKING_STATE_REQUESTED) << "less than 24 hours' notice";
  // The owner sets the rule aside with a reason, and only so (POL-3).
  const auto refused = DoAs(kOuc, "approve", urgent.name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_RULE_VIOLATED);
  policy::v1::Verdicts verdicts;
  ASSERT_TRUE(status::GetDetail(refused.status(), verdicts));
  EXPECT_EQ(policy::Encode(verdicts), policy::Encode(urgent.verdicts()));
  auto approve = Named<v1::ApproveBookingRequest>(urgent.name());
  approve.set_override_reason("应急检测");
  const auto approved = service_.ApproveBooking(Owner("ApproveBooking"), approve);
  ASSERT_TRUE(approved.ok()) << approved.status();
  int overridden = 0;
  for (const auto& verdict : approved->verdicts().verdicts()) {
    overridden += verdict.outcome() == policy::v1::OUTCOME_OVERRIDDEN;
  }
  EXPECT_EQ(overridden, 1);
  EXPECT_THAT(approved->verdicts().DebugString(), HasSubstr("override"));
}

TEST_F(BookingTest, RequestersSeeTheirOwnOwnersSeeTheirInstrumentsAndNobodyElseAnything) {
  const std::string first = Booked(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 10)).name();
  const std::string second = Booked(kUpc, instrument_, InChina(4, 3, 10), InChina(4, 3, 11)).name();
  const auto seen = [&](options::v1::Role role, const char* organization) {
    return Visible(As(role, organization, "ListBookings"));
  };
  EXPECT_THAT(seen(options::v1::ROLE_ENTERPRISE, kE1), ElementsAre(first));
  EXPECT_THAT(seen(options::v1::ROLE_ENTERPRISE, kE2), IsEmpty());
  EXPECT_THAT(seen(options::v1::ROLE_RESEARCH_OFFICE, kUpc), ElementsAre(second));
  for (const auto role : {options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER}) {
    EXPECT_THAT(seen(role, kOuc), ::testing::UnorderedElementsAre(first, second));
  }
  for (const auto role :
       {options::v1::ROLE_PUBLIC, options::v1::ROLE_SECRETARIAT, options::v1::ROLE_DEPARTMENT,
        options::v1::ROLE_LEADER, options::v1::ROLE_ADMINISTRATOR, options::v1::ROLE_AUDITOR}) {
    EXPECT_THAT(seen(role, kOuc), IsEmpty()) << role;
  }
  EXPECT_EQ(GetBooking(Of(kE2, "GetBooking"), first).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DoAs(kE2, "cancel", first).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DoAs(kUpc, "approve", second).status().code(), absl::StatusCode::kPermissionDenied)
      << "it is its own, but the owner decides";
  EXPECT_EQ(DoAs(kUpc, "approve", first).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(BookingTest, VerbsAreOfferedToThoseWhoMayCallThemAndInTheirTime) {
  const std::string name =
      ApprovedBooking(kUpc, instrument_, InChina(4, 3, 9), InChina(4, 3, 10)).name();
  const auto actions = [&](const char* organization) {
    const auto row = GetBooking(Of(organization, "GetBooking"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return std::vector<std::string>(row->actions().begin(), row->actions().end());
  };
  EXPECT_THAT(actions(kUpc), ElementsAre("reschedule", "cancel"));
  EXPECT_THAT(actions(kOuc), ElementsAre("reschedule", "cancel"));
  clock_.now = InChina(4, 3, 8);
  EXPECT_THAT(actions(kUpc), ElementsAre("cancel")) << "moving now would go round the price";
  EXPECT_THAT(actions(kOuc), ElementsAre("reschedule", "checkin", "cancel"));
  clock_.now = InChina(4, 3, 9);
  EXPECT_THAT(actions(kUpc), IsEmpty());
  EXPECT_THAT(actions(kOuc), ElementsAre("checkin", "cancel"));
  const auto early = Move(kUpc, name, InChina(4, 5, 9), InChina(4, 5, 10));
  EXPECT_EQ(status::ReasonOf(early.status()), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(BookingTest, EveryStateAndVerbOfABooking) {
  constexpr auto kNo = v1::BOOKING_STATE_UNSPECIFIED;
  constexpr auto kAsked = v1::BOOKING_STATE_REQUESTED;
  const char* verbs[] = {"approve", "decline", "reschedule", "checkin", "complete", "cancel"};
  struct Case {
    std::vector<std::string> walk;
    v1::BookingState to[6];
  };
  const Case cases[] = {
      {{},
       {v1::BOOKING_STATE_APPROVED, v1::BOOKING_STATE_DECLINED, kAsked, kNo, kNo,
        v1::BOOKING_STATE_CANCELLED}},
      // Moved by its owner, it stays agreed to.
      {{"approve"},
       {kNo, kNo, v1::BOOKING_STATE_APPROVED, v1::BOOKING_STATE_CHECKED_IN, kNo,
        v1::BOOKING_STATE_CANCELLED}},
      {{"decline"}, {kNo, kNo, kNo, kNo, kNo, kNo}},
      {{"approve", "checkin"}, {kNo, kNo, kNo, kNo, v1::BOOKING_STATE_COMPLETED, kNo}},
      {{"approve", "checkin", "complete"}, {kNo, kNo, kNo, kNo, kNo, kNo}},
      {{"cancel"}, {kNo, kNo, kNo, kNo, kNo, kNo}},
      {{"approve", "noshow"}, {kNo, kNo, kNo, v1::BOOKING_STATE_CHECKED_IN, kNo, kNo}},
  };
  int hour = 0;
  for (const Case& one : cases) {
    for (int i = 0; i < 6; ++i) {
      clock_.now = InChina(4, 1, 9);
      const std::string instrument = Opened(absl::StrCat("M", ++hour)).name();
      const absl::Time begin = InChina(4, 3, 9);
      const std::string name = Booked(kE1, instrument, begin, begin + absl::Hours(2)).name();
      const auto act = [&](const std::string& verb) -> absl::StatusOr<v1::Booking> {
        if (verb == "checkin" || verb == "complete") clock_.now = begin + absl::Hours(1);
        if (verb == "noshow") {
          clock_.now = begin + absl::Hours(3);
          const auto marked = service_.RunClock();
          if (!marked.ok()) return marked.status();
          return Stored(name);
        }
        if (verb == "reschedule") {
          return Move(kOuc, name, begin + absl::Hours(24), begin + absl::Hours(25));
        }
        return DoAs(kOuc, verb, name);
      };
      for (const std::string& verb : one.walk) {
        const auto done = act(verb);
        ASSERT_TRUE(done.ok()) << verb << done.status();
      }
      const auto done = act(verbs[i]);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE)
            << ::testing::PrintToString(one.walk) << verbs[i] << done.status();
      } else {
        ASSERT_TRUE(done.ok()) << ::testing::PrintToString(one.walk) << verbs[i] << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << ::testing::PrintToString(one.walk) << verbs[i];
      }
    }
  }
}

TEST_F(BookingTest, CompletionSettlesWhatWasUsedAtTheQuotedPrice) {
  const std::string name =
      ApprovedBooking(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 12)).name();
  clock_.now = InChina(4, 3, 7, 59);
  EXPECT_EQ(status::ReasonOf(DoAs(kOuc, "checkin", name).status()), ERROR_REASON_WINDOW_CLOSED);
  clock_.now = InChina(4, 3, 8, 50);
  ASSERT_TRUE(DoAs(kOuc, "checkin", name).ok());
  clock_.now = InChina(4, 3, 10);
  auto complete = Named<v1::CompleteBookingRequest>(name);
  complete.set_used_minutes(71);
  EXPECT_THAT(Places(service_.CompleteBooking(Owner("CompleteBooking"), complete).status()),
              HasSubstr("used_minutes|从开始使用到现在只有70分钟"));
  complete.set_used_minutes(61);
  complete.set_samples(5);
  const auto done = service_.CompleteBooking(Owner("CompleteBooking"), complete);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state(), v1::BOOKING_STATE_COMPLETED);
  EXPECT_EQ(done->used_minutes(), 61);
  EXPECT_EQ(done->samples(), 5);
  EXPECT_EQ(done->settlement().kind(), v1::SETTLEMENT_KIND_USE);
  EXPECT_EQ(FenOf(done->settlement().total()), 15'000);
  EXPECT_EQ(time::ToTime(done->settlement().settle_time()), clock_.now);
}

TEST_F(BookingTest, WhoCancelsWhenDecidesWhatItCosts) {
  const auto cost = [&](const char* by, bool approved, absl::Time at) {
    clock_.now = InChina(4, 1, 9);
    const absl::Time begin = InChina(4, 3, 9);
    const std::string name =
        approved ? ApprovedBooking(kE1, instrument_, begin, begin + absl::Hours(1)).name()
                 : Booked(kE1, instrument_, begin, begin + absl::Hours(1)).name();
    clock_.now = at;
    const auto done = DoAs(by, "cancel", name);
    EXPECT_TRUE(done.ok()) << done.status();
    EXPECT_EQ(done->reason(), "样品未到");
    EXPECT_FALSE(done->settlement().derivation().empty());
    return FenOf(done->settlement().total());
  };
  // The same time each round: what was cancelled is free again.
  EXPECT_EQ(cost(kE1, true, InChina(4, 2, 9)), 0);
  EXPECT_EQ(cost(kE1, true, InChina(4, 2, 9, 1)), 5'000);
  EXPECT_EQ(cost(kE1, false, InChina(4, 3, 8)), 0) << "nobody had agreed";
  EXPECT_EQ(cost(kOuc, true, InChina(4, 3, 8)), 0) << "the owner gives up";
  EXPECT_EQ(cost(kOuc, true, InChina(4, 3, 11)), 0);
}

TEST_F(BookingTest, AMovedBookingIsQuotedAnewAndKeepsWhatItWas) {
  const std::string name =
      ApprovedBooking(kE1, instrument_, InChina(4, 4, 9), InChina(4, 4, 10)).name();
  Booked(kE2, instrument_, InChina(4, 4, 11), InChina(4, 4, 12));
  EXPECT_EQ(Move(kE1, name, InChina(4, 4, 10), InChina(4, 4, 12)).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_APPROVED) << "nothing half done";
  const auto moved = Move(kE1, name, InChina(4, 4, 9, 30), InChina(4, 4, 11));
  ASSERT_TRUE(moved.ok()) << moved.status() << "its own old time is no obstacle";
  EXPECT_EQ(moved->state(), v1::BOOKING_STATE_REQUESTED) << "the owner is asked anew";
  EXPECT_EQ(FenOf(moved->quote().total()), 15'000);
  ASSERT_EQ(moved->earlier_times_size(), 1);
  const v1::EarlierTime& earlier = moved->earlier_times(0);
  EXPECT_EQ(time::ToTime(earlier.start_time()), InChina(4, 4, 9));
  EXPECT_EQ(FenOf(earlier.quoted()), 10'000);
  EXPECT_EQ(earlier.state(), v1::BOOKING_STATE_APPROVED);
  EXPECT_EQ(earlier.changed_by(), kE1);
  EXPECT_EQ(earlier.reason(), "出差");
  EXPECT_FALSE(moved->has_decide_time());
  EXPECT_TRUE(Book(kE2, instrument_, InChina(4, 4, 9), InChina(4, 4, 9, 30)).ok())
      << "what it left is free";
  ASSERT_TRUE(Do("suspend", instrument_).ok());
  EXPECT_FALSE(Move(kE1, name, InChina(4, 5, 9), InChina(4, 5, 10)).ok());
}

TEST_F(BookingTest, FreeTimesAreToldWithoutSayingWhoHasTheOthers) {
  Booked(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 10));
  ApprovedBooking(kE2, instrument_, InChina(4, 3, 10), InChina(4, 3, 11));
  ASSERT_TRUE(
      DoAs(kE1, "cancel", Booked(kE1, instrument_, InChina(4, 3, 15), InChina(4, 3, 16)).name())
          .ok());
  v1::Instrument row = *Get(Owner("GetInstrument"), instrument_);
  v1::Closure& closure = *row.add_closures();
  *closure.mutable_start_time() = time::ToTimestamp(InChina(4, 3, 18));
  *closure.mutable_end_time() = time::ToTimestamp(InChina(4, 4, 12));
  closure.set_reason("停电");
  ASSERT_TRUE(Update(row, {"closures"}).ok());
  const rpc::Call anyone = As(options::v1::ROLE_PUBLIC, "", "QueryAvailability");
  const std::vector<std::string> expected = {"04-02 09:00—04-02 20:00", "04-03 08:00—04-03 09:00",
                                             "04-03 11:00—04-03 18:00", "04-04 12:00—04-04 20:00"};
  EXPECT_EQ(Free(anyone, InChina(4, 1), InChina(4, 5)), expected);
  EXPECT_EQ(Free(Of(kE1, "QueryAvailability"), InChina(4, 1), InChina(4, 5)), expected)
      << "the same for all";
  auto request = Named<v1::QueryAvailabilityRequest>(instrument_);
  *request.mutable_start_time() = time::ToTimestamp(InChina(4, 1));
  *request.mutable_end_time() = time::ToTimestamp(InChina(4, 1) + absl::Hours(63 * 24));
  EXPECT_THAT(Places(service_.QueryAvailability(anyone, request).status()),
              HasSubstr("最多查询62天"));
  *request.mutable_end_time() = request.start_time();
  EXPECT_FALSE(service_.QueryAvailability(anyone, request).ok());
  request.set_name(Draft("A2").name());
  EXPECT_EQ(service_.QueryAvailability(anyone, request).status().code(),
            absl::StatusCode::kInvalidArgument);
  *request.mutable_end_time() = time::ToTimestamp(InChina(4, 2));
  EXPECT_EQ(service_.QueryAvailability(anyone, request).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(BookingTest, EveryFreeTimeCanBeBookedAndThenNoneIsLeft) {
  const rpc::Call anyone = As(options::v1::ROLE_PUBLIC, "", "QueryAvailability");
  Booked(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 10));
  auto request = Named<v1::QueryAvailabilityRequest>(instrument_);
  *request.mutable_start_time() = time::ToTimestamp(InChina(4, 1));
  *request.mutable_end_time() = time::ToTimestamp(InChina(4, 8));
  const auto free = service_.QueryAvailability(anyone, request);
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_EQ(free->free_times_size(), 7);
  for (const auto& one : free->free_times()) {
    Booked(kE2, instrument_, time::ToTime(one.start_time()), time::ToTime(one.end_time()));
  }
  EXPECT_THAT(Free(anyone, InChina(4, 1), InChina(4, 8)), IsEmpty());
}

TEST_F(BookingTest, TheClockMarksWhoDidNotComeOnceHoweverManyReplicasThereAre) {
  std::vector<std::string> names;
  for (int hour = 8; hour < 20; ++hour) {
    names.push_back(
        ApprovedBooking(kE1, instrument_, InChina(4, 3, hour), InChina(4, 3, hour + 1)).name());
  }
  clock_.now = InChina(4, 3, 12, 14);
  ASSERT_TRUE(DoAs(kOuc, "checkin", names[0]).ok());
  // Fifteen minutes after 12:00 those of 9, 10 and 11 o'clock are due, and the one of 8 is there.
  clock_.now = InChina(4, 3, 12, 15);
  InstrumentService replica({{database_.db(), clock_, nullptr}, *pack_});
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      const auto run = (i % 2 == 0 ? service_ : replica).RunClock();
      EXPECT_TRUE(run.ok()) << run.status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Stored(names[0]).state(), v1::BOOKING_STATE_CHECKED_IN);
  for (int i = 1; i <= 3; ++i) {
    const v1::Booking row = Stored(names[i]);
    EXPECT_EQ(row.state(), v1::BOOKING_STATE_NO_SHOW) << i;
    EXPECT_EQ(row.settlement().kind(), v1::SETTLEMENT_KIND_NO_SHOW);
    EXPECT_EQ(FenOf(row.settlement().total()), 10'000);
  }
  EXPECT_EQ(Stored(names[4]).state(), v1::BOOKING_STATE_APPROVED) << "it runs still";
  const auto kinds = JournalKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "noshow"), 3);
  // Those that begin later today were reminded of, once each.
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "reminded"), 7);
  EXPECT_EQ(*service_.RunClock(), 0);
  EXPECT_THAT(Texts("SELECT DISTINCT actor FROM journal WHERE kind IN ('noshow', 'reminded')"),
              ElementsAre("services/registry"));
  // One was there after all.
  const auto back = DoAs(kOuc, "checkin", names[1]);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_FALSE(back->has_settlement());
}

TEST_F(BookingTest, WhatNobodyDecidedLapsesAtItsBeginning) {
  const std::string name = Booked(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 10)).name();
  clock_.now = InChina(4, 3, 9) - absl::Microseconds(1);
  EXPECT_EQ(*service_.RunClock(), 0);
  clock_.now = InChina(4, 3, 9);
  EXPECT_EQ(status::ReasonOf(DoAs(kOuc, "approve", name).status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(*service_.RunClock(), 1);
  EXPECT_EQ(Stored(name).state(), v1::BOOKING_STATE_DECLINED);
  EXPECT_THAT(Stored(name).reason(), HasSubstr("自动失效"));
  EXPECT_THAT(JournalKinds(), ElementsAre("created", "lapse"));
}

TEST_F(BookingTest, ARemindedBookingThatIsMovedIsRemindedOfAgain) {
  const std::string name =
      ApprovedBooking(kE1, instrument_, InChina(4, 3, 9), InChina(4, 3, 10)).name();
  clock_.now = InChina(4, 2, 9) - absl::Microseconds(1);
  EXPECT_EQ(*service_.RunClock(), 0);
  clock_.now = InChina(4, 2, 9);
  EXPECT_EQ(*service_.RunClock(), 1);
  EXPECT_TRUE(Stored(name).has_remind_time());
  EXPECT_EQ(*service_.RunClock(), 0);
  ASSERT_TRUE(Move(kOuc, name, InChina(4, 3, 15), InChina(4, 3, 16)).ok());
  EXPECT_EQ(*service_.RunClock(), 0) << "not yet agreed to, or not yet near";
  clock_.now = InChina(4, 2, 16);
  EXPECT_EQ(*service_.RunClock(), 1);
}

TEST_F(BookingTest, ARequestIsBookedOnce) {
  const auto request = Asking(instrument_, InChina(4, 3, 9), InChina(4, 3, 10));
  const auto first = service_.CreateBooking(Of(kE1, "CreateBooking"), request);
  const auto again = service_.CreateBooking(Of(kE1, "CreateBooking"), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->name(), again->name());
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM booking").at(0), "1");
  const auto exported = service_.ExportBookings(Of(kE1, "ExportBookings"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_GT(exported->data().size(), 1000u);
}

}  // namespace
}  // namespace chanyan::registry
