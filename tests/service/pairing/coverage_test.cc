// Rosters and coverage (PAIR-6) against a brute-force count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

class CoverageTest : public ::testing::Test, protected City {
 protected:
  // Projects are read from the index that holds all that is asked of them, the roster in the order
  // of its key: nothing is sorted before it is grouped.
  void ExpectCountedByIndex() {
    const auto connection = database.Connect();
    ASSERT_TRUE(connection->Run("ANALYZE TABLE project, roster_entry").ok());
    const std::string sql = CoverageCounter(*pack).Statement(v1::COVERAGE_GROUPING_UNIT,
                                                             /*past=*/false, /*scope_sql=*/"1");
    const auto plan = connection->Query(
        absl::StrCat("EXPLAIN ", sql),
        {int64_t{1}, int64_t{1}, "rosters/2025-04-01/entries/", "rosters/2025-04-01/entries0"});
    ASSERT_TRUE(plan.ok()) << plan.status();
    // EXPLAIN: id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra.
    constexpr size_t kTable = 2, kKey = 5, kExtra = 9;
    const auto text = [](const db::Values& row, size_t column) {
      const auto* value = std::get_if<std::string>(&row.at(column));
      return value == nullptr ? std::string() : *value;
    };
    std::map<std::string, std::string> keys;
    for (const db::Values& row : plan->rows) {
      const std::string table = text(row, kTable);
      keys[table] = text(row, kKey);
      if (table == "standing") {
        EXPECT_THAT(text(row, kExtra), HasSubstr("Using index"));
      }
      if (table != "roster_entry" && table != "standing") continue;
      EXPECT_THAT(text(row, kExtra), Not(HasSubstr("Using temporary"))) << table;
      EXPECT_THAT(text(row, kExtra), Not(HasSubstr("Using filesort"))) << table;
    }
    EXPECT_EQ(keys["roster_entry"], "PRIMARY");
    EXPECT_EQ(keys["standing"], "project_standing");
  }
  static std::string Line(const v1::CoverageGroup& group) {
    return absl::StrCat(group.key(), " ", group.enterprise_count(), " ", group.paired_count(), " ",
                        group.intent_count());
  }
  static std::vector<std::string> Lines(const v1::Coverage& coverage) {
    std::vector<std::string> lines;
    for (const auto& group : coverage.groups()) lines.push_back(Line(group));
    return lines;
  }
  static std::string KeyOf(const v1::RosterEntry& entry, v1::CoverageGrouping grouping) {
    switch (grouping) {
      case v1::COVERAGE_GROUPING_UNIT:
        return entry.unit();
      case v1::COVERAGE_GROUPING_ZONE:
        return entry.zone();
      case v1::COVERAGE_GROUPING_INDUSTRY:
        return entry.industry();
      case v1::COVERAGE_GROUPING_TOWN:
        return entry.town();
      case v1::COVERAGE_GROUPING_SIZE:
        return entry.size();
      default:
        return "";
    }
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

TEST_F(CoverageTest, TownAndSizeAreThoseOfThePack) {
  std::vector<v1::RosterEntry> rows = {EntryOf(1), EntryOf(2), EntryOf(3)};
  rows[0].set_town("泊里镇");
  rows[0].set_size("小型");
  rows[1].set_town("桃花镇");
  rows[2].set_size("巨型");
  EXPECT_THAT(testing::FieldsOf(ImportRoster(rows).status()),
              ElementsAre("名册.xlsx / 表 / F3", "名册.xlsx / 表 / G4"));
  // A zone is no town.
  rows[1].set_town("古镇口");
  rows[2].set_size("微型");
  EXPECT_FALSE(ImportRoster(rows).ok());
  rows[1].set_town("灵山卫街道");
  ASSERT_TRUE(ImportRoster(rows).ok());
  EXPECT_THAT(Texts("SELECT town FROM roster_entry ORDER BY name"),
              ElementsAre("泊里镇", "灵山卫街道", ""));
  const auto by_size = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_SIZE);
  ASSERT_TRUE(by_size.ok()) << by_size.status();
  EXPECT_THAT(Lines(*by_size), ElementsAre("微型 1 0 0", "小型 1 0 0", " 1 0 0"))
      << "from the smallest; without size at the end";
}

TEST_F(CoverageTest, AZoneIsThePacksSoThatItIsOneGroup) {
  std::vector<v1::RosterEntry> rows = {EntryOf(1), EntryOf(2, "古镇囗"), EntryOf(3, "")};
  const auto wrong = ImportRoster(rows);
  EXPECT_THAT(testing::FieldsOf(wrong.status()), ElementsAre("名册.xlsx / 表 / D3"));
  EXPECT_THAT(status::ViolationsOf(wrong.status()).at(0).description, HasSubstr("“古镇口”"));
  EXPECT_EQ(Count("roster"), 0);
  rows[1].set_zone("海洋科教创新区");
  rows[2].set_zone("古 镇口　");
  ASSERT_TRUE(ImportRoster(rows).ok());
  const auto by_zone = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_ZONE);
  ASSERT_TRUE(by_zone.ok()) << by_zone.status();
  EXPECT_THAT(Lines(*by_zone), ElementsAre("古镇口 3 0 0"));
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
  const auto newest = [this] {
    return Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNSPECIFIED)->roster();
  };
  EXPECT_EQ(newest(), "rosters/2025-04-01") << "the other one does not hold yet";
  clock.now = time::StartOfDay(absl::CivilDay(2025, 7, 1));
  EXPECT_EQ(newest(), "rosters/2025-07-01");
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

TEST_F(CoverageTest, EveryFigureSaysWhatItWasCountedOf) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)}).ok());
  In(v1::PROJECT_STATE_SIGNED, kLab, 1);
  clock.now += absl::Hours(30);
  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNSPECIFIED);
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  EXPECT_EQ(time::FormatDate(*time::ToCivilDay(coverage->roster_date())), "2025-04-01");
  EXPECT_EQ(time::FormatDate(*time::ToCivilDay(coverage->as_of_date())), "2025-04-02");
  EXPECT_EQ(time::ToTime(coverage->as_of()), clock.now);
  EXPECT_EQ(coverage->pack_version(), absl::StrCat("qingdao ", pack->version()));
  EXPECT_EQ(coverage->minimum_platforms(), 1);
  EXPECT_EQ(coverage->total().paired_permille(), 333);
}

// Another city may ask for two platforms and count what is being built only.
TEST_F(CoverageTest, ThePackSaysHowManyPlatformsAndWhichStagesCount) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)}).ok());
  In(v1::PROJECT_STATE_BUILDING, kLab, 1);
  In(v1::PROJECT_STATE_BUILDING, kCenter, 1);
  In(v1::PROJECT_STATE_BUILDING, kLab, 2);
  In(v1::PROJECT_STATE_SIGNED, kCenter, 2);
  In(v1::PROJECT_STATE_INTENT, kLab, 3);
  // The same platform again is no second one.
  const std::string done = In(v1::PROJECT_STATE_BUILDING, kCenter, 3).name();
  ASSERT_TRUE(Do("complete", done, kUpc).ok());
  In(v1::PROJECT_STATE_BUILDING, kCenter, 3);
  const auto strict = testing::PackOf(R"pb(
    id: "strict"
    display_name: "严"
    version: "3"
    effective_from { year: 2025 month: 1 day: 1 }
    rules {
      id: "enterprise.coverage"
      display_name: "两个平台"
      clause { document: "函" article: "一" text: "两个" }
      strength: STRENGTH_HARD
      origin: ORIGIN_STATED
      decision: DECISION_ENTERPRISE_COVERAGE
      minimum_count { fact: "paired_platforms" minimum: 2 }
    }
    pairing {
      coverage {
        paired_stages: PROJECT_STAGE_BUILDING
        paired_stages: PROJECT_STAGE_COMPLETED
        under_way_stages: PROJECT_STAGE_SIGNED
        past_reading: PAST_READING_AS_RECORDED
        clause { document: "函" article: "一" text: "在建" }
        origin: ORIGIN_STATED
      }
      outreach {
        methods { id: "phone" display_name: "电话" }
        results { id: "done" display_name: "已联系" }
        clause { document: "函" article: "一" text: "联系" }
        origin: ORIGIN_STATED
      }
      intents {
        max_life_days: 30
        clause { document: "函" article: "一" text: "更新" }
        origin: ORIGIN_STATED
      }
    })pb");
  ASSERT_NE(strict, nullptr);
  PairingService other({{database.db(), clock, nullptr}, *strict, peer.peers()});
  const auto coverage = other.QueryCoverage(Secretariat("QueryCoverage"), {});
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  EXPECT_EQ(Line(coverage->total()), " 3 1 1")
      << "1 has two; 2 has one and another signed; 3 has one platform twice";
  EXPECT_EQ(coverage->minimum_platforms(), 2);
  EXPECT_EQ(coverage->pack_version(), "strict 3");
  EXPECT_EQ(other.ListUnpaired(Secretariat("ListUnpaired"), {})->entries_size(), 2);
  EXPECT_EQ(Line(Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNIT)->total()),
            " 3 3 0")
      << "by Qingdao's pack";
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
    entry.set_town(draw(3) == 0 ? "" : absl::StrCat("town", draw(6)));
    constexpr const char* kSizes[] = {"", "微型", "小型", "中型", "大型"};
    entry.set_size(kSizes[draw(5)]);
  }
  Store(entries, projects);
  for (const std::string unit : {"", "organizations/u3"}) {
    const rpc::Call call = unit.empty() ? Secretariat("QueryCoverage")
                                        : As(options::v1::ROLE_UNIT, unit, "QueryCoverage");
    for (const auto grouping : {v1::COVERAGE_GROUPING_UNIT, v1::COVERAGE_GROUPING_ZONE,
                                v1::COVERAGE_GROUPING_INDUSTRY, v1::COVERAGE_GROUPING_TOWN,
                                v1::COVERAGE_GROUPING_SIZE, v1::COVERAGE_GROUPING_UNSPECIFIED}) {
      std::map<std::string, v1::CoverageGroup> wanted;
      v1::CoverageGroup total;
      for (const v1::RosterEntry& entry : entries) {
        if (!unit.empty() && entry.unit() != unit) continue;
        const std::string key = KeyOf(entry, grouping);
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
      EXPECT_THAT(Lines(*coverage), UnorderedElementsAreArray(lines)) << unit << " " << grouping;
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
  ExpectCountedByIndex();
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

TEST_F(CoverageTest, RostersAreListedTheNewestFirst) {
  for (const char* name : {"rosters/2024-10-01", "rosters/2025-04-01", "rosters/2025-01-01"}) {
    ASSERT_TRUE(ImportRoster({EntryOf(1)}, name).ok());
  }
  v1::ListRostersRequest request;
  request.set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page = coverage_service.ListRosters(
        As(options::v1::ROLE_UNIT, kZone, "CoverageService.ListRosters"), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Roster& roster : page->rosters()) {
      EXPECT_EQ(roster.entry_count(), 1);
      listed.push_back(roster.name());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, (std::vector<std::string>{"rosters/2025-04-01", "rosters/2025-01-01",
                                              "rosters/2024-10-01"}));
  request.set_filter("effective_date < 2025-01-01");
  const auto before = coverage_service.ListRosters(
      As(options::v1::ROLE_SECRETARIAT, "", "CoverageService.ListRosters"), request);
  ASSERT_TRUE(before.ok()) << before.status();
  ASSERT_EQ(before->rosters_size(), 1);
  EXPECT_EQ(before->rosters(0).name(), "rosters/2024-10-01");
}

}  // namespace
}  // namespace chanyan::pairing
