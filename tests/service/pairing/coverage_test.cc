// Rosters and coverage (PAIR-6) against a brute-force count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CoverageTest : public ::testing::Test, protected City {
 protected:
  static std::string Line(const v1::CoverageGroup& group) {
    return absl::StrCat(group.key(), " ", group.enterprise_count(), " ", group.paired_count(), " ",
                        group.intent_count());
  }
  static std::vector<std::string> Lines(const v1::Coverage& coverage) {
    std::vector<std::string> lines;
    for (const auto& group : coverage.groups()) lines.push_back(Line(group));
    return lines;
  }
  // Roster entries and projects without the checks of their handlers.
  void Store(std::vector<v1::RosterEntry> entries, std::vector<v1::Project> projects,
             const std::string& name = "rosters/2025-04-01") {
    v1::Roster roster;
    roster.set_name(name);
    *roster.mutable_effective_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
    roster.set_entry_count(static_cast<int>(entries.size()));
    const absl::Status status = database.db().Transact([&](db::Session& session) -> absl::Status {
      v1::Roster row = roster;
      std::vector<v1::RosterEntry> rows = entries;
      std::vector<v1::Project> more = projects;
      CHANYAN_RETURN_IF_ERROR(db::Table<v1::Roster>().Insert(session, clock.now, &row));
      CHANYAN_RETURN_IF_ERROR(db::Table<v1::RosterEntry>().InsertAll(session, clock.now, &rows));
      return more.empty() ? absl::OkStatus()
                          : db::Table<v1::Project>().InsertAll(session, clock.now, &more);
    });
    ASSERT_TRUE(status.ok()) << status;
  }
};

TEST_F(CoverageTest, WithoutARosterThereIsNoCoverage) {
  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNSPECIFIED);
  EXPECT_EQ(coverage.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(CoverageTest, EveryBadRowOfARosterIsNamedAndNothingIsImported) {
  std::vector<v1::RosterEntry> rows = {EntryOf(1), EntryOf(9), EntryOf(1), EntryOf(2), EntryOf(3)};
  rows[3].set_enterprise_title("别的名字（演示）");
  rows[4].set_unit_title("古镇口（演示）");
  const auto roster = ImportRoster(rows);
  EXPECT_EQ(status::ReasonOf(roster.status()), options::v1::ERROR_REASON_INVALID_FILE);
  std::vector<std::string> places;
  for (const auto& violation : status::ViolationsOf(roster.status())) {
    places.push_back(absl::StrCat(violation.field, "|", violation.description));
  }
  EXPECT_THAT(
      places,
      ElementsAre(HasSubstr("名册.xlsx / 表 / B3|代码"), HasSubstr("名册.xlsx / 表 / B4|与第 2 行"),
                  HasSubstr("名册.xlsx / 表 / A5|该代码在单位名录中的企业名称是“企业2"),
                  HasSubstr("名册.xlsx / 表 / C6|该企业在单位名录中的责任单位是“泊里镇")));
  EXPECT_EQ(Count("roster"), 0);
  EXPECT_EQ(Count("roster_entry"), 0);
  EXPECT_EQ(ImportRoster({EntryOf(1)}, "rosters/2025-02-30").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CoverageTest, ARosterIsReplacedAsAWholeAndTheSameFileChangesNothing) {
  EXPECT_TRUE(ImportRoster({EntryOf(1), EntryOf(2)}, "rosters/2025-04-01", true).ok());
  EXPECT_EQ(Count("roster"), 0) << "a dry run";
  const auto first = ImportRoster({EntryOf(1), EntryOf(2)});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->entry_count(), 2);
  EXPECT_THAT(Texts("SELECT unit_title FROM roster_entry"), Contains("古镇口（演示）"));
  clock.now += absl::Hours(1);
  EXPECT_EQ(ImportRoster({EntryOf(1), EntryOf(2)})->etag(), first->etag());
  EXPECT_EQ(Count("journal"), 1);
  ASSERT_TRUE(ImportRoster({EntryOf(2), EntryOf(3)}).ok());
  EXPECT_THAT(Texts("SELECT enterprise FROM roster_entry ORDER BY enterprise"),
              ElementsAre(Enterprise(2), Enterprise(3)));
  ASSERT_TRUE(ImportRoster({EntryOf(1)}, "rosters/2025-07-01").ok());
  EXPECT_EQ(Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNSPECIFIED)->roster(),
            "rosters/2025-07-01")
      << "the newest";
  EXPECT_EQ(Count("roster_entry"), 3);
}

TEST_F(CoverageTest, AnEnterpriseIsPairedByAContract) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)}).ok());
  In(v1::PROJECT_STATE_SIGNED, kLab, 1);
  In(v1::PROJECT_STATE_INTENT, kCenter, 1);
  In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2);
  In(v1::PROJECT_STATE_TERMINATED, kLab, 3);
  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNIT);
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  EXPECT_EQ(Line(coverage->total()), " 3 1 1");
  EXPECT_THAT(Lines(*coverage),
              ElementsAre(absl::StrCat(kTown, " 1 0 0"), absl::StrCat(kZone, " 2 1 1")));
  const auto mine =
      Coverage(As(options::v1::ROLE_UNIT, kTown, "QueryCoverage"), v1::COVERAGE_GROUPING_UNIT);
  EXPECT_THAT(Lines(*mine), ElementsAre(absl::StrCat(kTown, " 1 0 0")));
  const auto unpaired = service.ListUnpaired(Secretariat("ListUnpaired"), {});
  ASSERT_TRUE(unpaired.ok()) << unpaired.status();
  ASSERT_EQ(unpaired->entries_size(), 2);
  EXPECT_EQ(unpaired->entries(0).enterprise(), Enterprise(2));
  EXPECT_EQ(
      service.ListUnpaired(As(options::v1::ROLE_UNIT, kTown, "ListUnpaired"), {})->entries_size(),
      1);
}

TEST_F(CoverageTest, EveryGroupingEqualsACountByHand) {
  std::mt19937 random(20250401);
  const auto draw = [&random](int below) { return static_cast<int>(random() % below); };
  constexpr v1::ProjectState kStates[] = {
      v1::PROJECT_STATE_INTENT,   v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_SIGNED,
      v1::PROJECT_STATE_BUILDING, v1::PROJECT_STATE_COMPLETED,   v1::PROJECT_STATE_TERMINATED};
  // Enterprise → 2 paired, 1 under way.
  std::map<std::string, int> best;
  std::vector<v1::Project> projects;
  for (int i = 0; i < 500; ++i) {
    v1::Project& project = projects.emplace_back();
    project.set_name(absl::StrCat("projects/p", i));
    project.set_platform(absl::StrCat("organizations/ouc/platforms/p", i));
    // Some are of enterprises that the roster does not have.
    project.set_enterprise(absl::StrCat("organizations/x", draw(400)));
    project.set_state(kStates[draw(6)]);
    const bool paired = project.state() >= v1::PROJECT_STATE_SIGNED &&
                        project.state() <= v1::PROJECT_STATE_COMPLETED;
    const bool intent = project.state() <= v1::PROJECT_STATE_NEGOTIATING;
    int& value = best[project.enterprise()];
    value = std::max(value, paired ? 2 : intent ? 1 : 0);
  }
  std::vector<v1::RosterEntry> entries;
  for (int i = 0; i < 300; ++i) {
    v1::RosterEntry& entry = entries.emplace_back();
    entry.set_name(absl::StrCat("rosters/2025-04-01/entries/x", i));
    entry.set_enterprise(absl::StrCat("organizations/x", i));
    entry.set_unit(absl::StrCat("organizations/u", draw(5)));
    entry.set_unit_title(absl::StrCat("单位", entry.unit()));
    entry.set_zone(absl::StrCat("zone", draw(7)));
    entry.set_industry(draw(4) == 0 ? "" : absl::StrCat("industry", draw(9)));
  }
  Store(entries, projects);
  for (const std::string unit : {"", "organizations/u3"}) {
    const rpc::Call call = unit.empty() ? Secretariat("QueryCoverage")
                                        : As(options::v1::ROLE_UNIT, unit, "QueryCoverage");
    for (const auto grouping :
         {v1::COVERAGE_GROUPING_UNIT, v1::COVERAGE_GROUPING_ZONE, v1::COVERAGE_GROUPING_INDUSTRY,
          v1::COVERAGE_GROUPING_UNSPECIFIED}) {
      std::map<std::string, v1::CoverageGroup> wanted;
      v1::CoverageGroup total;
      for (const v1::RosterEntry& entry : entries) {
        if (!unit.empty() && entry.unit() != unit) continue;
        const std::string key = grouping == v1::COVERAGE_GROUPING_UNIT   ? entry.unit()
                                : grouping == v1::COVERAGE_GROUPING_ZONE ? entry.zone()
                                                                         : entry.industry();
        wanted[key].set_key(key);
        for (v1::CoverageGroup* group : {&total, &wanted[key]}) {
          group->set_enterprise_count(group->enterprise_count() + 1);
          group->set_paired_count(group->paired_count() + (best[entry.enterprise()] == 2));
          group->set_intent_count(group->intent_count() + (best[entry.enterprise()] == 1));
        }
      }
      std::vector<std::string> lines;
      for (const auto& [key, group] : wanted) lines.push_back(Line(group));
      if (grouping == v1::COVERAGE_GROUPING_UNSPECIFIED) lines.clear();
      const auto coverage = Coverage(call, grouping);
      ASSERT_TRUE(coverage.ok()) << coverage.status();
      EXPECT_EQ(Lines(*coverage), lines) << unit << " " << grouping;
      EXPECT_EQ(Line(coverage->total()), Line(total)) << unit << " " << grouping;
    }
  }
}

TEST_F(CoverageTest, TwentyThousandEnterprisesAreCountedRight) {
  constexpr int kAll = 20'000;
  std::vector<v1::RosterEntry> entries(kAll);
  std::vector<v1::Project> projects;
  for (int i = 0; i < kAll; ++i) {
    entries[i].set_name(absl::StrCat("rosters/2025-04-01/entries/x", i));
    entries[i].set_enterprise(absl::StrCat("organizations/x", i));
    entries[i].set_unit(absl::StrCat("organizations/u", i % 40));
    if (i % 4 > 1) continue;
    v1::Project& project = projects.emplace_back();
    project.set_name(absl::StrCat("projects/p", i));
    project.set_platform(kLab);
    project.set_enterprise(entries[i].enterprise());
    project.set_state(i % 4 == 0 ? v1::PROJECT_STATE_BUILDING : v1::PROJECT_STATE_INTENT);
  }
  Store(entries, projects);
  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNIT);
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  EXPECT_EQ(Line(coverage->total()), " 20000 5000 5000");
  EXPECT_EQ(coverage->groups_size(), 40);
  std::set<std::string> seen;
  v1::ListUnpairedRequest request;
  request.set_page_size(200);
  do {
    const auto page = service.ListUnpaired(Secretariat("ListUnpaired"), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& entry : page->entries()) seen.insert(entry.enterprise());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), 15'000u);
}

}  // namespace
}  // namespace chanyan::pairing
