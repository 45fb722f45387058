// What comes of a random quarter beside its rows: an event and who came, the board with objections
// and corrections; and the two replicas that all of it is done by.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/secret.h"
#include "common/db/lease.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_service.h"
#include "services/cycle/objection_service.h"
#include "tests/service/cycle/random_quarter.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;

// Of the pack (CYC-8): workdays after the day of publication.
constexpr int kObjectionDays = 5;
// How often a replica looks whether the lease is free, and how long it sleeps between.
constexpr int kLeaseLooks = 10;
constexpr absl::Duration kBetweenLeaseLooks = absl::Milliseconds(1);

constexpr char kFree[] =
    "UPDATE lease SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name = '";

rpc::Call EventCall(Role role, const std::string& own, const char* method) {
  return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.EventService.", method));
}

rpc::Call ObjectionCall(Role role, const std::string& own, const char* method) {
  return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.ObjectionService.", method));
}

// The same request until it is answered.
template <class Reply, class Service, class Request>
absl::StatusOr<Reply> Insist(Service& service,
                             absl::StatusOr<Reply> (Service::*handler)(const rpc::Call&,
                                                                       const Request&),
                             const rpc::Call& call, Request request) {
  request.set_request_id(World::Uuid());
  absl::StatusOr<Reply> reply = status::Unavailable("not yet");
  for (int i = 0;
       i < 20 && (absl::IsUnavailable(reply.status()) || absl::IsAborted(reply.status())); ++i) {
    reply = (service.*handler)(call, request);
  }
  return reply;
}

std::string BytesOf(const google::protobuf::RepeatedPtrField<v1::Board>& boards) {
  std::string bytes;
  for (const v1::Board& board : boards) absl::StrAppend(&bytes, board.SerializeAsString(), "\n");
  return bytes;
}

}  // namespace

// --- Two replicas

void RandomQuarterTest::OnTwoReplicas(const std::string& lease_name,
                                      const std::function<void(int, db::Lease&)>& work) {
  // Drawn before there are threads.
  const bool stolen = Chance(50);
  const absl::Duration after = absl::Microseconds(Draw(0, 5000));
  std::vector<std::thread> replicas;
  for (int i = 0; i < 2; ++i) {
    replicas.emplace_back([this, i, &lease_name, &work] {
      db::Lease lease(world_.database.db(), lease_name, db::NewLeaseOwner(), absl::Minutes(2));
      for (int look = 0; look < kLeaseLooks; ++look) {
        if (lease.Acquire().ok()) return work(i, lease);
        absl::SleepFor(kBetweenLeaseLooks);
      }
    });
  }
  // Whoever is at work loses it to the other.
  if (stolen) {
    absl::SleepFor(after);
    world_.database.Apply(absl::StrCat(kFree, lease_name, "'"));
  }
  for (std::thread& replica : replicas) replica.join();
  world_.database.Apply(absl::StrCat("DELETE FROM lease WHERE name = '", lease_name, "'"));
}

void RandomQuarterTest::OpenByReplicas() {
  CycleService second(CycleService::Deps{
      {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()});
  OnTwoReplicas("cycle-scheduler", [&](int replica, db::Lease& lease) {
    CycleService& service = replica == 0 ? *world_.service : second;
    (void)service.OpenRunningQuarter(lease, absl::Now() + absl::Minutes(1));
  });
  // Whatever became of those: a later tick finds it open, or opens it.
  absl::Status ticked = status::Unavailable("not yet");
  for (int i = 0; i < 20 && !ticked.ok() && !absl::IsAlreadyExists(ticked); ++i) {
    db::Lease lease(world_.database.db(), "cycle-scheduler", db::NewLeaseOwner(), absl::Minutes(2));
    ticked = lease.Acquire();
    if (ticked.ok()) {
      ticked = world_.service->OpenRunningQuarter(lease, absl::Now() + absl::Minutes(1));
    }
    world_.database.Apply("DELETE FROM lease WHERE name = 'cycle-scheduler'");
  }
  EXPECT_TRUE(ticked.ok() || absl::IsAlreadyExists(ticked)) << ticked;
  EXPECT_EQ(world_.Count("cycle"), 1);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'opened'"), 1);
  EXPECT_EQ(world_.Count("form"), static_cast<int64_t>(universities_.size()));
}

void RandomQuarterTest::Remind() {
  OnTwoReplicas("cycle-notifier", [&](int replica, db::Lease& lease) {
    (void)(replica == 0 ? notifier_ : other_notifier_).Run(lease);
  });
}

// --- An event

void RandomQuarterTest::Announce() {
  const std::vector<absl::CivilDay> days = oracle_.Days(5);
  const absl::CivilDay day = days[static_cast<size_t>(Draw(0, static_cast<int>(days.size()) - 1))];
  event_start_ = time::StartOfDay(day) + absl::Hours(9);
  sign_up_until_ = event_start_ - absl::Hours(Draw(1, 48));
  event_places_ = Draw(2, 6);
  v1::CreateEventRequest request;
  request.set_parent(world_.cycle);
  request.set_event_id("roadshow");
  v1::Event& event = *request.mutable_event();
  event.set_kind(v1::EVENT_KIND_MATCHMAKING);
  event.set_title("供需对接会（演示）");
  event.set_place("古镇口");
  event.set_capacity(event_places_);
  *event.mutable_start_time() = time::ToTimestamp(event_start_);
  *event.mutable_sign_up_until() = time::ToTimestamp(sign_up_until_);
  for (const std::string& one : universities_) event.add_organizations(one);
  const auto created =
      Surely("CreateEvent", &CycleService::CreateEvent, ROLE_SECRETARIAT, kSecretariat, request);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(world_.Count("event"), 1);
  EXPECT_EQ(world_.Count("event_participant WHERE invited = 1"),
            static_cast<int64_t>(universities_.size()));
}

void RandomQuarterTest::SignUpForEvent(const std::string& university) {
  EventService service(Deps());
  v1::SignUpRequest request;
  request.set_parent(world_.cycle + "/events/roadshow");
  request.set_people_count(Draw(1, 3));
  const auto signed_up = Insist(service, &EventService::SignUp,
                                EventCall(ROLE_RESEARCH_OFFICE, university, "SignUp"), request);
  int taken = 0;
  for (const auto& [other, people] : signed_up_) {
    if (other != university) taken += people;
  }
  if (held_) {
    EXPECT_EQ(status::ReasonOf(signed_up.status()), ERROR_REASON_WRONG_STATE);
  } else if (world_.clock.now > sign_up_until_) {
    EXPECT_EQ(status::ReasonOf(signed_up.status()), ERROR_REASON_WINDOW_CLOSED);
  } else if (taken + request.people_count() > event_places_) {
    EXPECT_EQ(status::ReasonOf(signed_up.status()), ERROR_REASON_WRONG_STATE);
  } else {
    ASSERT_TRUE(signed_up.ok()) << signed_up.status();
    signed_up_[university] = request.people_count();
  }
}

void RandomQuarterTest::HoldEvent() {
  if (held_) return;
  EventService service(Deps());
  v1::RecordAttendanceRequest attendance;
  attendance.set_parent(world_.cycle + "/events/roadshow");
  for (const auto& [university, people] : signed_up_) {
    if (Chance(70)) attendance.add_organizations(university);
  }
  const auto recorded =
      Insist(service, &EventService::RecordAttendance,
             EventCall(ROLE_SECRETARIAT, kSecretariat, "RecordAttendance"), attendance);
  v1::HoldEventRequest hold;
  hold.set_name(attendance.parent());
  hold.set_summary("对接三项（演示）");
  const auto held = Insist(service, &EventService::HoldEvent,
                           EventCall(ROLE_SECRETARIAT, kSecretariat, "HoldEvent"), hold);
  if (world_.clock.now < event_start_) {
    EXPECT_EQ(status::ReasonOf(recorded.status()), ERROR_REASON_WINDOW_CLOSED);
    EXPECT_EQ(status::ReasonOf(held.status()), ERROR_REASON_WINDOW_CLOSED);
    return;
  }
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  ASSERT_TRUE(held.ok()) << held.status();
  held_ = true;
  // All were invited and none said no; each is there once.
  const int came = attendance.organizations_size();
  EXPECT_EQ(recorded->attended_count(), came);
  EXPECT_EQ(recorded->absent_count(), static_cast<int>(universities_.size()) - came);
  EXPECT_EQ(world_.Count("event_participant WHERE state = 'ATTENDED'"), came);
  EXPECT_EQ(world_.Count("event_participant"), static_cast<int64_t>(universities_.size()));
  EXPECT_EQ(world_.Count("journal WHERE kind = 'attend'"), came);
}

// --- The board

// By the calendar that the service still has: an amendment is told to the deadlines alone.
absl::Time RandomQuarterTest::ObjectionEnd(absl::Time published) const {
  absl::CivilDay day = time::DayOf(published);
  for (int worked = 0; worked < kObjectionDays;) {
    ++day;
    if (oracle_.Works(day) || day == amended_) ++worked;
  }
  return time::EndOfDay(day);
}

void RandomQuarterTest::PublishABoard() {
  v1::ComputeLeaderboardRequest compute;
  compute.set_parent(world_.cycle);
  const auto version = Surely("ComputeLeaderboard", &CycleService::ComputeLeaderboard,
                              ROLE_SECRETARIAT, kSecretariat, compute);
  if (world_.clock.now < oracle_.Begin(6)) {
    EXPECT_EQ(status::ReasonOf(version.status()), ERROR_REASON_WINDOW_CLOSED);
    return;
  }
  ASSERT_TRUE(version.ok()) << version.status();
  const std::string bytes = BytesOf(version->boards());
  const auto [known, fresh] = boards_.try_emplace(version->name(), bytes);
  EXPECT_EQ(known->second, bytes) << version->name() << " is what it was";
  EXPECT_EQ(world_.Count("leaderboard"), static_cast<int64_t>(boards_.size()));
  if (!fresh) return;
  EXPECT_EQ(version->name(), absl::StrCat(world_.cycle, "/leaderboards/v", boards_.size()));
  v1::PublishLeaderboardRequest publish;
  publish.set_name(version->name());
  const auto published = Surely("PublishLeaderboard", &CycleService::PublishLeaderboard,
                                ROLE_SECRETARIAT, kSecretariat, publish);
  ASSERT_TRUE(published.ok()) << published.status();
  in_force_ = version->name();
  objection_end_ = ObjectionEnd(world_.clock.now);
  EXPECT_EQ(time::ToTime(published->objection_deadline()), objection_end_) << in_force_;
}

absl::StatusOr<v1::Objection> RandomQuarterTest::Object(const std::string& university) {
  ObjectionService service(Deps(), keys_, {});
  v1::CreateObjectionRequest request;
  request.set_parent(in_force_);
  request.mutable_objection()->set_board("universities");
  request.mutable_objection()->set_content("漏计一个新增项目");
  return Insist(service, &ObjectionService::CreateObjection,
                ObjectionCall(ROLE_RESEARCH_OFFICE, university, "CreateObjection"), request);
}

void RandomQuarterTest::HearAnObjection(const std::string& university) {
  if (in_force_.empty()) return;
  const auto objection = Object(university);
  if (world_.clock.now > objection_end_) {
    EXPECT_EQ(status::ReasonOf(objection.status()), ERROR_REASON_WINDOW_CLOSED);
    return;
  }
  ASSERT_TRUE(objection.ok()) << objection.status();
  ObjectionService service(Deps(), keys_, {});
  const bool upheld = Chance(50);
  v1::DecideObjectionRequest decide;
  decide.set_name(objection->name());
  decide.set_upheld(upheld);
  decide.set_finding("经核查（演示）");
  const auto decided =
      Insist(service, &ObjectionService::DecideObjection,
             ObjectionCall(ROLE_SECRETARIAT, kSecretariat, "DecideObjection"), decide);
  ASSERT_TRUE(decided.ok()) << decided.status();
  ++objections_;
  EXPECT_EQ(world_.Count("objection"), objections_);
  if (!upheld) return;
  // What was missing is there now, and a corrected version says so.
  const int number = 100 + static_cast<int>(objections_);
  pairing::v1::Project completed;
  completed.set_name(absl::StrCat("projects/c", number));
  completed.set_platform("organizations/ouc/platforms/lab");
  completed.set_platform_title(kOucLab);
  completed.set_university(kOuc);
  completed.set_enterprise(World::Enterprise(Draw(0, 2)));
  completed.set_title("建成项目（演示）");
  completed.set_state(pairing::v1::PROJECT_STATE_COMPLETED);
  completed.set_progress_quarter(world_.cycle.substr(std::string("cycles/").size()));
  world_.fakes.Add(completed);
  const size_t before = boards_.size();
  PublishABoard();
  EXPECT_EQ(boards_.size(), before + 1) << "a correction is a version of its own";
}

void RandomQuarterTest::EachBoardIsWhatItWas() {
  for (const auto& [version, bytes] : boards_) {
    v1::ReplayLeaderboardRequest request;
    request.set_name(version);
    const auto again = world_.service->ReplayLeaderboard(
        world_.CallOf("ReplayLeaderboard", ROLE_SECRETARIAT, kSecretariat), request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->same()) << version;
    EXPECT_EQ(BytesOf(again->boards()), bytes) << version;
  }
  if (in_force_.empty()) return;
  // To the last second, and not after it.
  world_.clock.now = objection_end_;
  EXPECT_TRUE(Object(universities_.front()).ok()) << objection_end_;
  world_.clock.now = objection_end_ + absl::Seconds(1);
  EXPECT_EQ(status::ReasonOf(Object(universities_.front()).status()), ERROR_REASON_WINDOW_CLOSED);
}

}  // namespace chanyan::cycle
