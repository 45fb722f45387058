// Coverage of days that are past, against the journal as it was written (PAIR-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CoverageHistoryTest : public ::testing::Test, protected City {
 protected:
  absl::StatusOr<v1::Coverage> On(absl::CivilDay day, const std::string& roster = "",
                                  const rpc::Call& call = Secretariat("QueryCoverage")) {
    v1::QueryCoverageRequest request;
    request.set_roster(roster);
    *request.mutable_as_of_date() = time::ToProto(day);
    return service.QueryCoverage(call, request);
  }
  static std::string Figures(const absl::StatusOr<v1::Coverage>& coverage) {
    if (!coverage.ok()) return coverage.status().ToString();
    return absl::StrCat(coverage->total().enterprise_count(), " ", coverage->total().paired_count(),
                        " ", coverage->total().intent_count());
  }
  std::string Signed(int enterprise, absl::CivilDay day) {
    const std::string name = Create(NewProject(kLab, enterprise))->name();
    v1::SignProjectRequest request;
    request.set_name(name);
    *request.mutable_sign_date() = time::ToProto(day);
    request.set_override_reason("协议后补");
    const auto done =
        service.SignProject(As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "SignProject"), request);
    EXPECT_TRUE(done.ok()) << done.status();
    return name;
  }
};

TEST_F(CoverageHistoryTest, ADayToComeAndADayWithoutRosterAreRefused) {
  ASSERT_TRUE(ImportRoster({EntryOf(1)}).ok());
  EXPECT_EQ(On(absl::CivilDay(2025, 4, 2)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(On(absl::CivilDay(2025, 3, 31)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(On(absl::CivilDay(2025, 4, 31)).status().code(), absl::StatusCode::kInvalidArgument)
      << "there is no such day";
}

TEST_F(CoverageHistoryTest, AProjectCountsFromTheDayItWasSignedUntilItEnds) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)}).ok());
  clock.now += 9 * kDay;  // 10 April
  const std::string project = Signed(1, absl::CivilDay(2025, 4, 3));
  clock.now += 2 * kDay;
  ASSERT_TRUE(Create(NewProject(kLab, 2)).ok());
  clock.now += 5 * kDay;  // 17 April
  ASSERT_TRUE(Do("terminate", project).ok());
  clock.now += 3 * kDay;
  FollowOwnJournal();
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 2))), "3 0 0");
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 3))), "3 1 0") << "signed then, told later";
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 11))), "3 1 0");
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 12))), "3 1 1");
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 16))), "3 1 1");
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 17))), "3 0 1") << "broken off on that day";
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 20))), "3 0 1") << "today";
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 16), "",
                       As(options::v1::ROLE_UNIT, kTown, "QueryCoverage"))),
            "1 0 0")
      << "a unit counts its own enterprises only, also of past days";
}

TEST_F(CoverageHistoryTest, ADayWhoseEntriesAreNotYetSeenIsNotGuessed) {
  ASSERT_TRUE(ImportRoster({EntryOf(1)}).ok());
  Signed(1, absl::CivilDay(2025, 4, 1));
  clock.now += kDay;
  EXPECT_EQ(On(absl::CivilDay(2025, 4, 1)).status().code(), absl::StatusCode::kUnavailable);
  FollowOwnJournal();
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 1))), "1 1 0");
  // What happens today does not make yesterday incomplete.
  ASSERT_TRUE(Create(NewProject(kCenter, 1), kUpc).ok());
  EXPECT_EQ(Figures(On(absl::CivilDay(2025, 4, 1))), "1 1 0");
}

TEST_F(CoverageHistoryTest, TheHistoryIsMadeAgainFromTheJournal) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2)}).ok());
  In(v1::PROJECT_STATE_COMPLETED, kLab, 1);
  In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2);
  clock.now += kDay;
  const std::string sql =
      "SELECT CONCAT_WS(' ', project, position, enterprise, platform, state, recorded_from,"
      " recorded_until, effective_from, effective_until) FROM project_span ORDER BY project,"
      " position";
  FollowOwnJournal();
  const std::vector<std::string> first = Texts(sql);
  // INTENT, SIGNED, BUILDING, COMPLETED; INTENT, NEGOTIATING.
  EXPECT_EQ(first.size(), 6u);
  const absl::Status emptied = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(session.Execute("DELETE FROM project_span").status());
    return session.Execute("UPDATE `cursor` SET seq = 0 WHERE follower = 'pairing<pairing'")
        .status();
  });
  ASSERT_TRUE(emptied.ok()) << emptied;
  FollowOwnJournal();
  EXPECT_EQ(Texts(sql), first);
}

TEST_F(CoverageHistoryTest, ATrendHasAPointForEachQuarterWithARoster) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2)}, "rosters/2025-04-01").ok());
  Signed(1, absl::CivilDay(2025, 4, 1));
  clock.now = time::StartOfDay(absl::CivilDay(2025, 8, 1)) + absl::Hours(9);
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)}, "rosters/2025-07-01").ok());
  Signed(2, absl::CivilDay(2025, 7, 31));
  FollowOwnJournal();
  const rpc::Call call = Secretariat("CoverageService.QueryCoverageTrend");
  v1::QueryCoverageTrendRequest request;
  request.set_first_quarter("2025q1");
  request.set_last_quarter("2025q3");
  const auto lines = [&] {
    std::vector<std::string> out;
    const auto trend = coverage_service.QueryCoverageTrend(call, request);
    if (!trend.ok()) return std::vector<std::string>{trend.status().ToString()};
    for (const v1::CoveragePoint& point : trend->points()) {
      out.push_back(absl::StrCat(point.quarter(), " ", point.coverage().roster(), " ",
                                 Figures(point.coverage())));
    }
    return out;
  };
  EXPECT_THAT(lines(),
              ElementsAre("2025q2 rosters/2025-04-01 2 1 0", "2025q3 rosters/2025-07-01 3 2 0"))
      << "before the first roster there is no point; the running quarter is as of today";
  request.set_roster("rosters/2025-07-01");
  EXPECT_THAT(lines(),
              ElementsAre("2025q1 rosters/2025-07-01 3 0 0", "2025q2 rosters/2025-07-01 3 1 0",
                          "2025q3 rosters/2025-07-01 3 2 0"));
  request.set_last_quarter("2025q4");
  EXPECT_EQ(coverage_service.QueryCoverageTrend(call, request).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "to come";
  request.set_last_quarter("2024q4");
  EXPECT_EQ(coverage_service.QueryCoverageTrend(call, request).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "before the first";
  request.set_first_quarter("2020q3");
  request.set_last_quarter("2025q3");
  EXPECT_EQ(coverage_service.QueryCoverageTrend(call, request).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "too many";
}

// Random courses of projects, journalled as handlers do; each day's figures by looking at all that
// had been written.
TEST_F(CoverageHistoryTest, EveryDayEqualsACountByHandFromWhatWasWritten) {
  std::mt19937 random(20250401);
  const auto draw = [&random](int below) { return static_cast<int>(random() % below); };
  constexpr v1::ProjectState kCourse[] = {
      v1::PROJECT_STATE_INTENT,   v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_SIGNED,
      v1::PROJECT_STATE_BUILDING, v1::PROJECT_STATE_COMPLETED,   v1::PROJECT_STATE_TERMINATED};
  constexpr int kEnterprises = 40;
  constexpr int kDays = 60;
  const absl::CivilDay first(2025, 4, 1);
  struct Course {
    v1::Project project;
    // Day from the first → state written on it.
    std::map<int, v1::ProjectState> written;
    int at = 0;
  };
  std::vector<Course> courses(120);
  for (size_t i = 0; i < courses.size(); ++i) {
    courses[i].project.set_name(absl::StrCat("projects/p", i));
    courses[i].project.set_platform(absl::StrCat("organizations/ouc/platforms/p", i));
    courses[i].project.set_enterprise(absl::StrCat("organizations/x", draw(kEnterprises + 5)));
    courses[i].at = -1;
  }
  const absl::Time start = clock.now;
  for (int day = 0; day < kDays; ++day) {
    clock.now = start + day * kDay;
    const absl::Status stored = database.db().Transact([&](db::Session& session) -> absl::Status {
      for (Course& course : courses) {
        if (draw(12) != 0 || course.at >= 5) continue;
        course.at = std::min(5, course.at + 1 + draw(3));
        // COMPLETED ends the course as TERMINATED does.
        const v1::ProjectState state = kCourse[course.at];
        if (course.at == 4) course.at = 5;
        course.project.set_state(state);
        if (state >= v1::PROJECT_STATE_SIGNED && state <= v1::PROJECT_STATE_COMPLETED &&
            !course.project.has_sign_date()) {
          *course.project.mutable_sign_date() = time::ToProto(first + (day - draw(20)));
        }
        course.written[day] = state;
        CHANYAN_RETURN_IF_ERROR(
            journal::Append(session, clock.now, {}, "reported", nullptr, &course.project));
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(stored.ok()) << stored;
  }
  clock.now = start + kDays * kDay;
  v1::Roster roster;
  roster.set_name("rosters/2025-04-01");
  *roster.mutable_effective_date() = time::ToProto(first);
  std::vector<v1::RosterEntry> entries(kEnterprises);
  for (int i = 0; i < kEnterprises; ++i) {
    entries[i].set_name(absl::StrCat("rosters/2025-04-01/entries/x", i));
    entries[i].set_enterprise(absl::StrCat("organizations/x", i));
  }
  const absl::Status listed = database.db().Transact([&](db::Session& session) -> absl::Status {
    v1::Roster head = roster;
    std::vector<v1::RosterEntry> rows = entries;
    CHANYAN_RETURN_IF_ERROR(db::Table<v1::Roster>().Insert(session, clock.now, &head));
    return db::Table<v1::RosterEntry>().InsertAll(session, clock.now, &rows);
  });
  ASSERT_TRUE(listed.ok()) << listed;
  FollowOwnJournal();

  for (int day = 0; day < kDays; ++day) {
    std::set<std::string> paired;
    std::set<std::string> under_way;
    for (const Course& course : courses) {
      v1::ProjectState state = v1::PROJECT_STATE_UNSPECIFIED;
      for (const auto& [written, what] : course.written) {
        if (written <= day) state = what;
      }
      // From its signing date on it was signed, whenever that was written.
      const bool before_record =
          state == v1::PROJECT_STATE_UNSPECIFIED || state <= v1::PROJECT_STATE_NEGOTIATING;
      if (before_record && course.project.has_sign_date() &&
          *time::ToCivilDay(course.project.sign_date()) <= first + day) {
        state = v1::PROJECT_STATE_SIGNED;
      }
      if (state >= v1::PROJECT_STATE_SIGNED && state <= v1::PROJECT_STATE_COMPLETED) {
        paired.insert(course.project.enterprise());
      } else if (state == v1::PROJECT_STATE_INTENT || state == v1::PROJECT_STATE_NEGOTIATING) {
        under_way.insert(course.project.enterprise());
      }
    }
    int paired_count = 0;
    int under_way_count = 0;
    for (const v1::RosterEntry& entry : entries) {
      const bool is_paired = paired.count(entry.enterprise()) > 0;
      paired_count += is_paired;
      under_way_count += !is_paired && under_way.count(entry.enterprise()) > 0;
    }
    EXPECT_EQ(Figures(On(first + day)),
              absl::StrCat(kEnterprises, " ", paired_count, " ", under_way_count))
        << "day " << day;
  }
}

}  // namespace
}  // namespace chanyan::pairing
