// A quarter drawn at random, and what is done in it: what there is and changes in
// random_quarter_world.cc, the forms' step in random_quarter_forms.cc, the rows' ways in
// random_quarter_rows.cc, event, board and replicas in random_quarter_outcome.cc. What must be so
// whatever is drawn is in random_quarter_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "common/api/names.h"
#include "common/auth/secret.h"
#include "common/crypto/keyring.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/status/status.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/random_parts.h"
#include "tests/service/cycle/world.h"
#include "tests/support/quarter_oracle.h"

namespace chanyan::cycle {

class RandomQuarterTest : public ::testing::TestWithParam<int> {
 protected:
  RandomQuarterTest()
      : random_(static_cast<unsigned>(GetParam())),
        oracle_(DrawQuarter()),
        notifier_(Deps()),
        other_notifier_(Deps()),
        parts_(Deps(), [this](int percent) { return Chance(percent); }) {}

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }
  int Draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Draw(1, 100) <= percent; }
  // A whole second between two instants, both counted.
  absl::Time Between(absl::Time from, absl::Time to) {
    return from + absl::Seconds(Draw(0, static_cast<int>(absl::ToInt64Seconds(to - from))));
  }

  // --- What there is

  // A quarter of those with a calendar and a reading of its weeks under which each of the six has a
  // workday; the world is set to it.
  testing::QuarterOracle DrawQuarter();

  void Found();

  void AddPlatform(int i);

  void AddProject(const std::string& platform, int enterprise, int number);

  void SignUp(const std::string& organization, options::v1::Role role, const char* suffix = "") {
    world_.SignUp(absl::StrCat(api::IdOfName(organization), suffix), organization, {role});
  }

  // --- What is done

  // One request until it is answered, whatever becomes of its COMMITs: the same id each time.
  template <class Request, class Reply>
  absl::StatusOr<Reply> Surely(const char* method,
                               absl::StatusOr<Reply> (CycleService::*handler)(const rpc::Call&,
                                                                              const Request&),
                               options::v1::Role role, const std::string& own, Request request) {
    request.set_request_id(World::Uuid());
    absl::StatusOr<Reply> reply = status::Unavailable("not yet");
    for (int i = 0; i < 20 && Again(reply.status()); ++i) {
      // A process that was killed is another one now.
      if (Chance(10)) {
        world_.service = std::make_unique<CycleService>(CycleService::Deps{
            {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()});
      }
      reply = (*world_.service.*handler)(world_.CallOf(method, role, own), request);
    }
    return reply;
  }
  static bool Again(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsAborted(status);
  }

  void Open();

  std::string FormOf(const std::string& university) {
    return absl::StrCat(world_.cycle, "/forms/", api::IdOfName(university));
  }

  // Carried rows filled in, and some of its own.
  void FillIn(const std::string& university);

  // Its platforms get their parts and time to fill them in, if the form is still with it.
  void HandOut(const std::string& university);

  void Report(const std::string& university);

  void Accept(const std::string& university);

  void SendBack(const std::string& university);

  void Permit(const std::string& university, absl::Time until);

  void Receive(const std::string& own, options::v1::Role role);

  void Distribute();

  void GiveBack(int e);

  void Pack();

  // Units find what enterprises gave wanting, form by form; whose steps are over gets leave first.
  void ToEnterprises();

  void Except(int e);

  void SendBackTo(int e, const char* unit, const std::string& university);

  void GiveAgain();

  // The secretariat finds packages wanting.
  void ReturnPackages();

  void Back();
  // Display name → name.
  std::map<std::string, std::string> PlatformsOf(const std::string& university);

  void Merge();

  void Dispute();

  // A step that has not ended gets a later day, and not one on which nobody works.
  void Extend(int step);

  // A step that runs ends at once; one that does not is refused.
  void Close(int step);

  // The quarter is opened by the scheduler, of which two replicas run; once, whoever loses the
  // lease.
  void OpenByReplicas();
  // Whoever is to be reminded is, by one of two replicas.
  void Remind();
  // `work` of each replica, when it has the lease; one may lose it to the other meanwhile.
  void OnTwoReplicas(const std::string& lease_name,
                     const std::function<void(int, db::Lease&)>& work);

  // An event of the fifth week with few places; people sign up, and some of them come.
  void Announce();
  void SignUpForEvent(const std::string& university);
  void HoldEvent();

  // Computes a version and publishes it, if it is another than the last one.
  void PublishABoard();
  // Somebody objects, and is answered; what is upheld is corrected by a new version.
  void HearAnObjection(const std::string& university);
  absl::StatusOr<v1::Objection> Object(const std::string& university);
  // The last second in which one may object to what was published then.
  absl::Time ObjectionEnd(absl::Time published) const;

  // A workday that lies ahead becomes a holiday.
  void Amend();
  // Whether it leaves what was planned before possible: no step without a day, none that is over by
  // it, and those that work was planned in have begun by then.
  bool MayBeAmended(const testing::QuarterOracle& amended) const;
  // The deadline of a step as it is now: one that had passed at an amendment stays, and one that
  // was extended is not before that day.
  absl::Time End(int step) const {
    const auto closed = closed_.find(step);
    return closed == closed_.end() ? EndBy(oracle_, step) : closed->second;
  }
  // Whether a step has not ended: an early end is an instant, a deadline the whole of its second.
  bool InTime(int step, absl::Time time) const {
    const auto early = closed_early_.find(step);
    return early == closed_early_.end() ? time <= End(step) : time < early->second;
  }
  absl::Time EndBy(const testing::QuarterOracle& oracle, int step) const {
    const auto extended = extended_.find(step);
    const absl::Time end = oracle.End(step);
    return extended == extended_.end() ? end : std::max(end, extended->second);
  }

  // --- What must be so

  void Look();

  void Holds(const char* after);

  // What was sent back, or disputed, waits for nobody once it is given again or settled.
  void NothingWaitsThatCameAgain();

  void EachOnce();

  // Every version comes to the same bytes again, and objections end with their second.
  void EachBoardIsWhatItWas();

  World world_;
  db::Faults faults_;
  std::mt19937 random_;
  testing::QuarterOracle oracle_;
  Notifier notifier_, other_notifier_;
  RandomParts parts_;
  // Deadlines that had passed when the calendar was amended.
  std::map<int, absl::Time> closed_;
  // The day off of an amendment: what was said by hand goes by the calendar of before.
  absl::CivilDay amended_;
  // Deadlines that steps were given by hand.
  std::map<int, absl::Time> extended_;
  std::vector<std::string> universities_;
  int enterprises_ = 0;
  // By display name: whose it is, and its name where it was drawn.
  std::map<std::string, std::string> platforms_;
  std::map<std::string, std::string> names_;
  // Universities whose platforms were given time to fill in their parts.
  std::set<std::string> handed_out_;
  std::set<int> merged_;
  // When each university reported and each enterprise gave back, the first time.
  std::map<std::string, absl::Time> first_;
  std::map<int, absl::Time> gave_;
  // Until when an enterprise has leave, and a university.
  std::map<int, absl::Time> excepted_;
  std::map<std::string, absl::Time> permitted_;
  // Steps that were ended by hand, and when.
  std::map<int, absl::Time> closed_early_;
  // The event, and how many of each university come.
  absl::Time event_start_, sign_up_until_;
  int event_places_ = 0;
  std::map<std::string, int> signed_up_;
  bool held_ = false;
  // Versions of the board by name, as they were when they were computed.
  std::map<std::string, std::string> boards_;
  std::string in_force_;
  absl::Time objection_end_;
  int64_t objections_ = 0;
  const crypto::Keyring keys_ =
      crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret())).value();
  // When the work of the first four steps is planned from.
  std::map<int, absl::Time> from_;
  int64_t disputes_ = 0;
};

}  // namespace chanyan::cycle
