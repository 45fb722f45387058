// Rules and life of quarterly reports, without a database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/report_life.h"
#include "services/pairing/report_rules.h"

namespace chanyan::pairing {
namespace {

using ::testing::IsEmpty;

v1::ReportVersion Version(int submission, v1::ReportOrigin origin, const std::string& progress,
                          v1::ReportState state = v1::REPORT_STATE_SUBMITTED) {
  v1::ReportVersion version;
  version.set_name(absl::StrCat("projects/j/reports/2025q2/versions/", submission));
  version.set_submission(state == v1::REPORT_STATE_SUBMITTED ? submission : 0);
  version.set_origin(origin);
  version.set_state(state);
  version.set_progress(progress);
  version.set_no_change(progress.empty());
  return version;
}

TEST(ReportLifeTest, EveryStateAndVerb) {
  constexpr auto kNo = v1::REPORT_STATE_UNSPECIFIED;
  const v1::ReportState states[] = {v1::REPORT_STATE_DRAFT, v1::REPORT_STATE_SUBMITTED,
                                    v1::REPORT_STATE_DISCARDED};
  const struct {
    const char* verb;
    v1::ReportState to[3];
  } cases[] = {
      {"submit", {v1::REPORT_STATE_SUBMITTED, kNo, kNo}},
      {"discard", {v1::REPORT_STATE_DISCARDED, kNo, kNo}},
  };
  ASSERT_EQ(std::size(cases), ReportLife().size());
  for (const auto& one : cases) {
    for (size_t i = 0; i < std::size(states); ++i) {
      EXPECT_EQ(policy::Next(ReportLife(), states[i], one.verb).value_or(kNo), one.to[i])
          << one.verb << " from " << states[i];
    }
  }
}

TEST(ReportRulesTest, TheCategoryFollowsFromTheDayOfSigningAlone) {
  const time::Quarter quarter(2025, 2);
  const struct {
    absl::CivilDay day;
    v1::ReportCategory category;
  } cases[] = {
      {absl::CivilDay(2024, 6, 30), v1::REPORT_CATEGORY_ONGOING},
      {absl::CivilDay(2025, 3, 31), v1::REPORT_CATEGORY_ONGOING},
      {absl::CivilDay(2025, 4, 1), v1::REPORT_CATEGORY_NEW},
      {absl::CivilDay(2025, 6, 30), v1::REPORT_CATEGORY_NEW},
      {absl::CivilDay(2025, 7, 1), v1::REPORT_CATEGORY_INTENT},
      {absl::CivilDay(2026, 4, 1), v1::REPORT_CATEGORY_INTENT},
  };
  for (const auto& one : cases) {
    for (const auto state : {v1::PROJECT_STATE_SIGNED, v1::PROJECT_STATE_BUILDING,
                             v1::PROJECT_STATE_COMPLETED, v1::PROJECT_STATE_TERMINATED}) {
      v1::Project project;
      project.set_state(state);
      *project.mutable_sign_date() = time::ToProto(one.day);
      EXPECT_EQ(CategoryOf(project, quarter), one.category)
          << time::FormatDate(one.day) << " in state " << state;
    }
  }
}

TEST(ReportRulesTest, WithoutADayTheStateSaysWhetherItIsAnIntent) {
  for (const auto state :
       {v1::PROJECT_STATE_INTENT, v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_SIGNED,
        v1::PROJECT_STATE_BUILDING, v1::PROJECT_STATE_COMPLETED, v1::PROJECT_STATE_TERMINATED}) {
    v1::Project project;
    project.set_state(state);
    EXPECT_EQ(CategoryOf(project, time::Quarter(2025, 2)),
              IsSigned(state) ? v1::REPORT_CATEGORY_ONGOING : v1::REPORT_CATEGORY_INTENT);
  }
}

TEST(ReportRulesTest, AVersionSaysWhatHappenedOrThatNothingDid) {
  v1::ReportVersion version;
  EXPECT_EQ(VersionViolations(version).at(0).field, "progress");
  version.set_no_change(true);
  EXPECT_THAT(VersionViolations(version), IsEmpty());
  version.set_progress("到位");
  EXPECT_EQ(VersionViolations(version).at(0).field, "no_change");
  version.set_no_change(false);
  EXPECT_THAT(VersionViolations(version), IsEmpty());
}

TEST(ReportRulesTest, TheFormCountsAndOtherwiseWhatPeopleSubmittedLast) {
  constexpr auto kTyped = v1::REPORT_ORIGIN_TYPED;
  constexpr auto kForm = v1::REPORT_ORIGIN_FORM;
  EXPECT_EQ(CountedOf({}), nullptr);
  EXPECT_EQ(NewestOf({Version(1, kTyped, "草稿", v1::REPORT_STATE_DRAFT)}), nullptr);
  const std::vector<v1::ReportVersion> typed = {
      Version(1, kTyped, "一"), Version(2, kTyped, "二"),
      Version(3, kTyped, "弃", v1::REPORT_STATE_DISCARDED)};
  EXPECT_EQ(CountedOf(typed)->progress(), "二");
  EXPECT_THAT(ConflictsOf(typed), IsEmpty());
  const std::vector<v1::ReportVersion> all = {Version(1, kForm, "表一"), Version(2, kTyped, "二"),
                                              Version(3, kForm, "表二"), Version(4, kTyped, "四")};
  EXPECT_EQ(CountedOf(all)->progress(), "表二");
  EXPECT_EQ(NewestOf(all)->progress(), "四");
  const auto conflicts = ConflictsOf(all);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].counted(), "表二");
  EXPECT_EQ(conflicts[0].other(), "四");
  EXPECT_EQ(conflicts[0].version(), all[3].name());
  // "No change" against progress is a conflict, and is said in words.
  const auto explicit_answer = ConflictsOf({Version(1, kForm, ""), Version(2, kTyped, "二")});
  EXPECT_EQ(explicit_answer.at(0).counted(), "本季度无变化");
  EXPECT_THAT(ConflictsOf({Version(1, kForm, ""), Version(2, kTyped, "")}), IsEmpty());
}

TEST(ReportRulesTest, TheOrderInWhichVersionsAreReadDoesNotMatter) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<v1::ReportVersion> versions;
    const int count = 1 + static_cast<int>(random() % 6);
    for (int i = 1; i <= count; ++i) {
      versions.push_back(
          Version(i, random() % 2 == 0 ? v1::REPORT_ORIGIN_TYPED : v1::REPORT_ORIGIN_FORM,
                  std::string(1, static_cast<char>('a' + random() % 2)),
                  random() % 4 == 0 ? v1::REPORT_STATE_DRAFT : v1::REPORT_STATE_SUBMITTED));
    }
    const v1::ReportVersion* counted = CountedOf(versions);
    const std::string name = counted == nullptr ? "" : counted->name();
    const auto conflicts = ConflictsOf(versions);
    std::shuffle(versions.begin(), versions.end(), random);
    const v1::ReportVersion* again = CountedOf(versions);
    EXPECT_EQ(again == nullptr ? "" : again->name(), name);
    const auto same = ConflictsOf(versions);
    ASSERT_EQ(same.size(), conflicts.size());
    for (size_t i = 0; i < same.size(); ++i) {
      EXPECT_EQ(same[i].SerializeAsString(), conflicts[i].SerializeAsString());
    }
  }
}

TEST(ReportRulesTest, AnOlderQuarterDoesNotHideANewerOne) {
  v1::Project project;
  EXPECT_TRUE(TakeProgress("2025q2", "到位", false, "缺资金", &project));
  EXPECT_FALSE(TakeProgress("2025q1", "更早", false, "", &project));
  EXPECT_EQ(project.progress(), "到位");
  EXPECT_EQ(project.problem(), "缺资金");
  EXPECT_TRUE(TakeProgress("2025q2", "", true, "", &project)) << "the same quarter again";
  EXPECT_EQ(project.progress(), "到位") << "no change leaves it";
  EXPECT_EQ(project.problem(), "");
  EXPECT_TRUE(TakeProgress("2025q3", "验收", false, "", &project));
  EXPECT_EQ(project.progress_quarter(), "2025q3");
}

TEST(ReportRulesTest, AQuarterIsReportedFromItsFirstDay) {
  const absl::CivilDay first(2025, 4, 1);
  EXPECT_EQ(QuarterToReport("2025q2", first, "parent")->Id(), "2025q2");
  EXPECT_EQ(QuarterToReport("2019q1", first, "parent")->Id(), "2019q1");
  const auto early = QuarterToReport("2025q2", first - 1, "parent");
  EXPECT_EQ(status::ViolationsOf(early.status()).at(0).field, "parent");
  EXPECT_FALSE(QuarterToReport("2025Q2", first, "parent").ok());
}

TEST(ReportRulesTest, NothingIsReportedOfWhatHasEnded) {
  v1::Project project;
  for (const auto& [state, open] :
       {std::pair(v1::PROJECT_STATE_INTENT, true), std::pair(v1::PROJECT_STATE_BUILDING, true),
        std::pair(v1::PROJECT_STATE_COMPLETED, false),
        std::pair(v1::PROJECT_STATE_TERMINATED, false)}) {
    project.set_state(state);
    EXPECT_EQ(RequireReporting(project).ok(), open) << state;
  }
}

TEST(ReportRulesTest, ABaseIsASubmittedVersionAndTheNewestOrSomethingCameSince) {
  const std::vector<v1::ReportVersion> versions = {
      Version(1, v1::REPORT_ORIGIN_FORM, "a"), Version(2, v1::REPORT_ORIGIN_TYPED, "b"),
      Version(3, v1::REPORT_ORIGIN_TYPED, "c", v1::REPORT_STATE_DRAFT)};
  EXPECT_THAT(BaseViolations(versions, ""), IsEmpty());
  EXPECT_THAT(BaseViolations(versions, versions[0].name()), IsEmpty());
  EXPECT_EQ(BaseViolations(versions, versions[2].name()).at(0).field, "base") << "a draft";
  EXPECT_EQ(BaseViolations(versions, "projects/j/reports/2025q2/versions/9").size(), 1u);
  EXPECT_EQ(SubmittedSince({}, ""), nullptr);
  EXPECT_EQ(SubmittedSince(versions, versions[1].name()), nullptr);
  EXPECT_EQ(SubmittedSince(versions, versions[0].name()), &versions[1]);
  EXPECT_EQ(SubmittedSince(versions, ""), &versions[1]);
}

TEST(ReportRulesTest, VersionsSayTheSameInAllThatTheySay) {
  const v1::ReportVersion a = Version(1, v1::REPORT_ORIGIN_FORM, "a");
  v1::ReportVersion b = Version(2, v1::REPORT_ORIGIN_TYPED, "a");
  EXPECT_TRUE(SaySame(a, b));
  b.set_problem("缺人");
  EXPECT_FALSE(SaySame(a, b));
  EXPECT_FALSE(SaySame(a, Version(3, v1::REPORT_ORIGIN_TYPED, "")));
}

}  // namespace
}  // namespace chanyan::pairing
