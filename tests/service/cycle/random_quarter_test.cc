// Quarters drawn at random (CYC-1 to CYC-5, CYC-7 to CYC-9): which quarter it is and by which
// reading of its weeks, how many universities and enterprises there are, who is late, returned,
// sent back, silent, disputed or merged, which steps are extended or ended early, when the calendar
// is amended, who comes to an event, who objects to the board and whether it is corrected, which
// COMMITs are lost, when the service is started anew and which of two replicas loses its lease.
// Whatever is drawn, no row is lost or doubled, every request has one effect, every deadline is
// that of an oracle that counts days by itself, nobody is reminded of what he has done or told
// twice, no seat is given twice, and every version of the board comes to the same bytes again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/cycle/random_quarter.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::IsEmpty;

// Notifications of terms, not those that say that a part was handed out or sent back.
constexpr char kOfTermsOfParts[] = "title LIKE '科创平台季度报表%'";

}  // namespace

void RandomQuarterTest::Look() {
  std::set<std::string> owing;
  for (const std::string& one : universities_) {
    const v1::FormState state = world_.Form(FormOf(one)).state();
    if (state == v1::FORM_STATE_DRAFT || state == v1::FORM_STATE_RETURNED) owing.insert(one);
  }
  const std::vector<std::string> filling = testing::Texts(
      world_.database.db(),
      "SELECT DISTINCT university FROM platform_part WHERE state IN ('DRAFT', 'RETURNED')");
  const int64_t before = world_.Count("notification");
  Remind();
  if (world_.Count("notification") == before) return;
  const auto told = [&](const std::string& which) {
    return testing::Texts(
        world_.database.db(),
        absl::StrCat("SELECT debtor FROM notification WHERE ", which, " AND create_time = '",
                     absl::FormatTime("%Y-%m-%d %H:%M:%E6S", world_.clock.now, absl::UTCTimeZone()),
                     "'"));
  };
  for (const std::string& debtor :
       told(absl::StrCat("kind <> 'ESCALATION' AND subject = '", world_.cycle, "/steps/1'"))) {
    EXPECT_TRUE(owing.contains(debtor)) << debtor << " had reported";
  }
  for (const std::string& university : told(kOfTermsOfParts)) {
    EXPECT_THAT(filling, ::testing::Contains(university)) << "its platforms had handed in";
  }
}

void RandomQuarterTest::Holds(const char* after) {
  world_.database.db().InjectFaults({});
  const v1::Conservation proof = world_.Check();
  world_.database.db().InjectFaults(faults_);
  EXPECT_THAT(proof.violations(), IsEmpty()) << after;
  EXPECT_EQ(proof.rows(), proof.from_universities() + proof.from_enterprises()) << after;
  EXPECT_EQ(proof.origin_sha256(), proof.present_sha256()) << after;
}

void RandomQuarterTest::NothingWaitsThatCameAgain() {
  const auto waiting = [&](const char* of, const char* still) {
    return world_.Count(
        absl::StrCat("notification WHERE state = 'UNREAD' AND kind = 'REMINDER' "
                     "AND subject LIKE '",
                     of, "' AND NOT EXISTS (SELECT 1 FROM ", still, ")"));
  };
  EXPECT_EQ(waiting("%/forms/%/rows",
                    "form WHERE CONCAT(form.name, '/rows') = subject AND form.state = 'RETURNED'"),
            0);
  EXPECT_EQ(waiting("%/handovers/%",
                    "handover_row h JOIN form_row r ON r.name = h.form_row "
                    "WHERE h.handover = subject AND r.sent_back = 1"),
            0);
  EXPECT_EQ(waiting("%/packages/%",
                    "package WHERE package.name = subject AND package.return_time IS NOT NULL"),
            0);
  EXPECT_EQ(waiting("%/disputes/%",
                    "row_dispute WHERE row_dispute.name = subject AND row_dispute.state = 'OPEN'"),
            0);
}

void RandomQuarterTest::EachOnce() {
  // Each time of a deadline fires once, each firing tells as many as it says, and a day has one
  // digest a person.
  EXPECT_EQ(world_.Count("(SELECT 1 FROM reminder GROUP BY step, kind, schedule_time, deadline, "
                         "name LIKE '%-parts-%' HAVING COUNT(*) > 1) AS doubled"),
            0);
  EXPECT_EQ(testing::Texts(world_.database.db(),
                           "SELECT CAST(COALESCE(SUM(notification_count), 0) AS CHAR) "
                           "FROM reminder"),
            std::vector<std::string>{absl::StrCat(world_.Count(absl::StrCat(
                "notification WHERE subject LIKE '%/steps/%' OR ", kOfTermsOfParts)))});
  // Of parts that are handed in nobody has anything left to do.
  EXPECT_EQ(world_.Count(
                "notification WHERE state = 'UNREAD' AND subject LIKE '%/forms/%' AND "
                "subject NOT LIKE '%/rows' AND debtor NOT IN (SELECT university FROM platform_part "
                "WHERE state IN ('DRAFT', 'RETURNED'))"),
            0);
  NothingWaitsThatCameAgain();
  // Who has to do it is an organization, one of its platforms, or nobody in particular.
  EXPECT_EQ(world_.Count("notification WHERE debtor NOT REGEXP "
                         "'^(organizations/[^/]+(/platforms/[^/]+)?)?$'"),
            0);
  EXPECT_EQ(world_.Count("(SELECT 1 FROM digest GROUP BY account, day HAVING COUNT(*) > 1) AS d"),
            0);
  EXPECT_EQ(world_.Count("row_dispute"), disputes_);
  // Each row that came back is in one effective report to the projects.
  std::map<std::string, int> recorded;
  for (const auto& call : world_.fakes.recorded) {
    for (const auto& report : call.reports()) ++recorded[report.row()];
  }
  for (const auto& [row, times] : recorded) EXPECT_EQ(times, 1) << row;
  for (const auto& [e, time] : gave_) {
    EXPECT_EQ(
        world_.Count(absl::StrCat("enterprise_return WHERE enterprise = '", World::Enterprise(e),
                                  "' AND on_time = ", InTime(3, time) ? 1 : 0)),
        1)
        << World::Enterprise(e) << " gave at " << time;
  }
}

TEST_P(RandomQuarterTest, NothingIsLostDoubledOrLateByMistake) {
  Found();
  faults_ = {.inject_retry_every = Draw(5, 20),
             .inject_ambiguous_commit_every = Draw(7, 30),
             .inject_ambiguous_nocommit_every = Draw(7, 30)};
  world_.database.db().InjectFaults(faults_);
  Open();
  if (HasFatalFailure()) return;
  // What happens when; two things at one instant in the order of their drawing.
  std::multimap<absl::Time, std::pair<const char*, std::function<void()>>> agenda;
  const auto at = [&](absl::Time time, const char* what, std::function<void()> act) {
    agenda.insert({time, {what, std::move(act)}});
  };
  // Later than its beginning, but inside the step, so that it is so under an amended calendar, too.
  const auto inside = [&](int step) {
    return std::min(oracle_.Begin(step) + absl::Hours(24 * 5), oracle_.End(step));
  };
  const absl::Time open = std::max(world_.clock.now, oracle_.Begin(1));
  from_ = {{1, oracle_.Begin(1)}, {2, inside(2)}, {3, inside(3)}, {4, inside(4)}};
  for (const std::string& one : universities_) {
    if (Chance(50)) {
      at(Between(open, oracle_.End(1) - absl::Hours(1)), "hand out", [this, one] { HandOut(one); });
    }
    const int fate = Draw(0, 3);
    const absl::Time in_time =
        Chance(20) ? oracle_.End(1) : Between(open, oracle_.End(1) - absl::Hours(3));
    if (fate <= 1) {
      at(in_time, "report", [this, one] { Report(one); });
      at(in_time, "accept", [this, one] { Accept(one); });
    } else if (fate == 2 && in_time < oracle_.End(1)) {
      at(in_time, "report", [this, one] { Report(one); });
      at(in_time + absl::Hours(1), "return", [this, one] { SendBack(one); });
      at(in_time + absl::Hours(2), "report again", [this, one] { Report(one); });
      at(in_time + absl::Hours(2), "accept", [this, one] { Accept(one); });
    } else {
      const absl::Time late = Between(oracle_.End(1) + absl::Seconds(1), oracle_.End(2));
      at(late, "late", [this, one, late] {
        if (!InTime(1, world_.clock.now)) {
          v1::SubmitFormRequest request;
          request.set_name(FormOf(one));
          EXPECT_EQ(status::ReasonOf(Surely("SubmitForm", &CycleService::SubmitForm,
                                            ROLE_RESEARCH_OFFICE, one, request)
                                         .status()),
                    ERROR_REASON_WINDOW_CLOSED);
          Permit(one, late + absl::Hours(1));
        }
        Report(one);
        Accept(one);
      });
    }
  }
  if (Chance(70)) at(Between(open, oracle_.Begin(4)), "amend", [this] { Amend(); });
  const absl::Time second = from_[2];
  for (int i = Draw(1, 3); i > 0; --i) {
    at(Between(second, oracle_.End(3)), "distribute", [this] { Distribute(); });
  }
  for (int e = 0; e < enterprises_; ++e) {
    if (Chance(80)) {
      at(Chance(20) ? oracle_.End(3) : Between(second, oracle_.End(4)), "give back", [this, e] {
        if (InTime(4, world_.clock.now)) GiveBack(e);
      });
    }
  }
  const absl::Time fourth = from_[4];
  for (int i = Draw(1, 2); i > 0; --i) {
    const absl::Time packed = Between(from_[3], oracle_.End(5));
    if (Chance(50)) {
      at(packed - absl::Hours(2), "to enterprises", [this] { ToEnterprises(); });
      at(packed - absl::Hours(1), "give again", [this] { GiveAgain(); });
    }
    at(packed, "pack", [this] { Pack(); });
    if (Chance(60)) {
      at(packed + absl::Hours(1), "packages back", [this] { ReturnPackages(); });
      at(packed + absl::Hours(2), "to enterprises", [this] { ToEnterprises(); });
      at(packed + absl::Hours(3), "give again", [this] { GiveAgain(); });
      at(packed + absl::Hours(4), "pack again", [this] { Pack(); });
    }
    at(Between(fourth, oracle_.End(6)), "back", [this] { Back(); });
  }
  for (int i = Draw(0, 2); i > 0; --i) {
    at(Between(open, oracle_.End(5)), "merge", [this] { Merge(); });
    at(Between(second, oracle_.End(5)), "dispute", [this] { Dispute(); });
  }
  for (int i = Draw(10, 20); i > 0; --i) {
    at(Between(open, oracle_.End(6)), "look", [this] { Look(); });
  }
  for (int i = Draw(0, 2); i > 0; --i) {
    const int step = Draw(1, 4);
    at(Between(open, oracle_.End(step)), "extend", [this, step] { Extend(step); });
  }
  for (int step = 1; step <= 4; ++step) {
    if (!Chance(20)) continue;
    at(Between(std::max(open, from_[step]), oracle_.End(step)), "close early",
       [this, step] { Close(step); });
  }
  const absl::Time announced = Between(open, oracle_.Begin(4));
  at(announced, "announce", [this] { Announce(); });
  for (int i = Draw(2, 6); i > 0; --i) {
    const std::string& one = universities_[static_cast<size_t>(Draw(0, 2))];
    at(Between(announced, oracle_.End(5)), "sign up", [this, one] { SignUpForEvent(one); });
  }
  for (const int step : {5, 6}) {
    at(Between(oracle_.Begin(5), oracle_.End(step)), "hold", [this] { HoldEvent(); });
  }
  for (int i = Draw(1, 3); i > 0; --i) {
    at(Between(oracle_.Begin(6), oracle_.End(6)), "publish", [this] { PublishABoard(); });
    const std::string& one = universities_[static_cast<size_t>(Draw(0, 2))];
    at(Between(oracle_.Begin(6), oracle_.End(6)), "object", [this, one] { HearAnObjection(one); });
  }
  for (const auto& [time, what] : agenda) {
    SCOPED_TRACE(absl::StrCat(what.first, " at ", absl::FormatTime(time, time::Shanghai())));
    world_.clock.now = time;
    what.second();
    Holds(what.first);
    if (HasFatalFailure()) return;
  }
  world_.database.db().InjectFaults({});
  Look();
  EachOnce();
  EachBoardIsWhatItWas();
  // For whoever asks whether it was put to the test.
  RecordProperty("sent_back", static_cast<int>(world_.Count("handover WHERE sent_back = 1")));
  RecordProperty("closed_early", static_cast<int>(closed_early_.size()));
  RecordProperty("boards", static_cast<int>(boards_.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomQuarterTest, ::testing::Range(1, 17));

}  // namespace chanyan::cycle
