// What the database counts for the funnel (TRI-6) is what counting row by row gives, and is of what
// the caller sees, on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/parties.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::SizeIs;

// One group, counted row by row.
struct Figures {
  std::map<int, int64_t> present;
  std::map<int, std::pair<double, int64_t>> stays;
  // Of the period.
  std::map<int, int64_t> entered;
  int64_t contracts = 0, contract_yuan = 0, companies = 0, financing_yuan = 0;
};

class FunnelTest : public ::testing::Test, protected World {
 protected:
  static constexpr int kResults = 240;
  // What is asked about besides; entries are from January to March.
  static constexpr absl::CivilDay kFirst{2025, 1, 13};
  static constexpr absl::CivilDay kLast{2025, 1, 15};

  // A library at random, written as it would have come to be.
  void Fill(uint32_t seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int among) { return static_cast<int>(random() % among); };
    const std::vector<std::string> industries = {"海洋装备", "海洋药物", "虚拟现实"};
    for (int i = 0; i < kResults; ++i) {
      v1::Result& row = results_.emplace_back();
      row.set_name(absl::StrCat("results/r", i));
      row.set_title(absl::StrCat("成果", i));
      row.set_office(kOffice);
      row.set_university(absl::StrCat("organizations/u", pick(4)));
      row.set_university_title(absl::StrCat("大学", row.university().substr(15)));
      if (pick(5) > 0) {
        row.set_team(absl::StrCat("teams/t", pick(3)));
        row.set_team_title(absl::StrCat("专班", row.team().substr(7)));
        row.set_agency(absl::StrCat("organizations/a", row.team().substr(7)));
      }
      for (const std::string& industry : industries) {
        if (pick(3) == 0) row.add_industries(industry);
      }
      for (const auto one : {policy::v1::TRIAGE_CLASS_TRANSFER, policy::v1::TRIAGE_CLASS_SPINOUT}) {
        if (pick(2) == 0) row.add_classes(one);
      }
      row.set_state(pick(8) == 0   ? v1::RESULT_STATE_MERGED
                    : pick(8) == 0 ? v1::RESULT_STATE_WITHDRAWN
                                   : v1::RESULT_STATE_PUBLISHED);
      row.set_funnel_stage(static_cast<v1::FunnelStage>(1 + pick(v1::FunnelStage_MAX)));
      absl::Time at = clock.now - absl::Hours(2000);
      for (int stage = 1; stage <= row.funnel_stage(); ++stage) {
        v1::StageEntry& entry = stays_.emplace_back();
        entry.set_name(absl::StrCat(row.name(), "/stages/", stage));
        entry.set_stage(static_cast<v1::FunnelStage>(stage));
        api::SetTime(at, entry.mutable_enter_time());
        at += absl::Seconds(1 + pick(500'000));
        if (stage < row.funnel_stage()) api::SetTime(at, entry.mutable_leave_time());
        CopyParties(row, &entry);
      }
      for (int n = pick(4); n > 0; --n) {
        v1::FollowUp& entry = deals_.emplace_back();
        entry.set_name(absl::StrCat(row.name(), "/followUps/f", n));
        entry.set_kind(static_cast<v1::FollowUpKind>(1 + pick(v1::FollowUpKind_MAX)));
        entry.set_state(pick(4) == 0 ? v1::FOLLOW_UP_STATE_VOIDED : v1::FOLLOW_UP_STATE_RECORDED);
        entry.set_amount_yuan(pick(1'000'000'000));
        CopyParties(row, &entry);
      }
    }
    // Two whose industries are told apart by their last alone, behind more than a kilobyte.
    for (int i = 0; i < 2; ++i) {
      results_[i].set_state(v1::RESULT_STATE_PUBLISHED);
      results_[i].clear_industries();
      for (int n = 0; n < 7; ++n) {
        std::string industry = absl::StrCat("长", n);
        while (industry.size() < 177) industry += "业";
        results_[i].add_industries(industry);
      }
      results_[i].add_industries(absl::StrCat("末", i));
    }
    const db::Table<v1::Result> results;
    const db::Table<v1::StageEntry> stays;
    const db::Table<v1::FollowUp> deals;
    const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
      auto rows = results_;
      auto entries = stays_;
      auto log = deals_;
      CHANYAN_RETURN_IF_ERROR(results.InsertAll(session, clock.now, &rows));
      CHANYAN_RETURN_IF_ERROR(stays.InsertAll(session, clock.now, &entries));
      return deals.InsertAll(session, clock.now, &log);
    });
    ASSERT_TRUE(written.ok()) << written;
  }

  static std::vector<std::string> KeysOf(v1::FunnelGrouping grouping, const v1::Result& row) {
    std::vector<std::string> keys;
    switch (grouping) {
      case v1::FUNNEL_GROUPING_TEAM:
        return {row.team()};
      case v1::FUNNEL_GROUPING_UNIVERSITY:
        return {row.university()};
      case v1::FUNNEL_GROUPING_INDUSTRY:
        keys.assign(row.industries().begin(), row.industries().end());
        break;
      case v1::FUNNEL_GROUPING_CLASS:
        for (const int one : row.classes()) {
          keys.push_back(ClassName(static_cast<policy::v1::TriageClass>(one)));
        }
        break;
      default:
        break;
    }
    if (keys.empty()) keys.push_back("");
    return keys;
  }
  // Of those whose agency is `agency`; empty: all.
  std::map<std::string, Figures> Counted(v1::FunnelGrouping grouping, const std::string& agency) {
    std::map<std::string, Figures> groups;
    std::map<std::string, std::vector<std::string>> keys;
    for (const v1::Result& row : results_) {
      if (row.state() == v1::RESULT_STATE_MERGED) continue;
      if (!agency.empty() && row.agency() != agency) continue;
      keys[row.name()] = KeysOf(grouping, row);
      for (const std::string& key : keys[row.name()]) ++groups[key].present[row.funnel_stage()];
    }
    for (const v1::StageEntry& entry : stays_) {
      const absl::CivilDay day = time::DayOf(TimeIn(entry.enter_time()));
      for (const std::string& key : keys[ResultOfName(entry.name())]) {
        groups[key].entered[entry.stage()] += day >= kFirst && day <= kLast ? 1 : 0;
      }
      if (!entry.has_leave_time()) continue;
      for (const std::string& key : keys[ResultOfName(entry.name())]) {
        auto& [hours, number] = groups[key].stays[entry.stage()];
        hours += absl::ToDoubleHours(TimeIn(entry.leave_time()) - TimeIn(entry.enter_time()));
        ++number;
      }
    }
    for (const v1::FollowUp& entry : deals_) {
      if (entry.state() != v1::FOLLOW_UP_STATE_RECORDED) continue;
      for (const std::string& key : keys[ResultOfName(entry.name())]) {
        Figures& group = groups[key];
        if (entry.kind() == v1::FOLLOW_UP_KIND_CONTRACT) {
          ++group.contracts;
          group.contract_yuan += entry.amount_yuan();
        }
        if (entry.kind() == v1::FOLLOW_UP_KIND_SPINOUT) ++group.companies;
        if (entry.kind() == v1::FOLLOW_UP_KIND_FINANCING) {
          group.financing_yuan += entry.amount_yuan();
        }
      }
    }
    return groups;
  }

  v1::QueryFunnelResponse Funnel(v1::FunnelGrouping grouping, Role role,
                                 const std::string& organization) {
    v1::QueryFunnelRequest request;
    request.set_group_by(grouping);
    *request.mutable_period_start_date() = time::ToProto(kFirst);
    *request.mutable_period_end_date() = time::ToProto(kLast);
    const auto funnel =
        follow_ups.QueryFunnel(As(role, organization, "FollowUpService.QueryFunnel"), request);
    EXPECT_TRUE(funnel.ok()) << funnel.status();
    return funnel.ok() ? *funnel : v1::QueryFunnelResponse();
  }
  static void ExpectEqual(const v1::QueryFunnelResponse& funnel,
                          const std::map<std::string, Figures>& counted) {
    ASSERT_THAT(funnel.groups(), SizeIs(static_cast<int>(counted.size())));
    auto expected = counted.begin();
    for (const v1::FunnelGroup& group : funnel.groups()) {
      auto& [key, figures] = *expected++;
      SCOPED_TRACE(key);
      EXPECT_EQ(group.key(), key);
      int64_t reached = 0;
      for (int stage = v1::FunnelStage_MAX; stage >= 1; --stage) {
        const v1::FunnelStep& step = group.steps(stage - 1);
        const auto present = figures.present.find(stage);
        const auto stays = figures.stays.find(stage);
        const int64_t here = present == figures.present.end() ? 0 : present->second;
        EXPECT_EQ(step.present(), here) << stage;
        EXPECT_EQ(step.reached(), reached += here) << stage;
        const auto entered = figures.entered.find(stage);
        EXPECT_EQ(step.entered(), entered == figures.entered.end() ? 0 : entered->second) << stage;
        EXPECT_NEAR(step.average_hours(),
                    stays == figures.stays.end() ? 0 : stays->second.first / stays->second.second,
                    1e-6)
            << stage;
      }
      EXPECT_EQ(group.contracts(), figures.contracts);
      EXPECT_EQ(group.contract_yuan(), figures.contract_yuan);
      EXPECT_EQ(group.companies(), figures.companies);
      EXPECT_EQ(group.financing_yuan(), figures.financing_yuan);
    }
  }

  std::vector<v1::Result> results_;
  std::vector<v1::StageEntry> stays_;
  std::vector<v1::FollowUp> deals_;
};

TEST_F(FunnelTest, EveryGroupingIsWhatCountingRowByRowGives) {
  Fill(20250401);
  for (const v1::FunnelGrouping grouping :
       {v1::FUNNEL_GROUPING_UNSPECIFIED, v1::FUNNEL_GROUPING_NONE, v1::FUNNEL_GROUPING_TEAM,
        v1::FUNNEL_GROUPING_UNIVERSITY, v1::FUNNEL_GROUPING_INDUSTRY, v1::FUNNEL_GROUPING_CLASS}) {
    SCOPED_TRACE(grouping);
    ExpectEqual(Funnel(grouping, ROLE_LEADER, kCityLeaders), Counted(grouping, ""));
    ExpectEqual(Funnel(grouping, ROLE_SERVICE_TEAM, "organizations/a1"),
                Counted(grouping, "organizations/a1"));
  }
  int64_t open = 0;
  for (const v1::Result& row : results_) open += row.state() != v1::RESULT_STATE_MERGED ? 1 : 0;
  EXPECT_EQ(Funnel(v1::FUNNEL_GROUPING_CLASS, ROLE_DEPARTMENT, kOffice).total(), open);
  const auto teams = Funnel(v1::FUNNEL_GROUPING_TEAM, ROLE_LEADER, kCityLeaders);
  EXPECT_EQ(teams.groups(0).title(), "未定专班");
  EXPECT_EQ(teams.groups(1).title(), "专班0");
}

TEST_F(FunnelTest, WhatAPeriodBroughtListsItsEntriesWithinWhatTheCallerSees) {
  Fill(20250402);
  for (const char* reader : {kOffice, "organizations/a1"}) {
    int64_t all = 0;
    const Role role = reader == std::string(kOffice) ? ROLE_DEPARTMENT : ROLE_SERVICE_TEAM;
    const auto teams = Funnel(v1::FUNNEL_GROUPING_TEAM, role, reader);
    for (const v1::FunnelGroup& group : teams.groups()) {
      for (const v1::FunnelStep& step : group.steps()) {
        v1::ListStageEntriesRequest request;
        request.set_parent("results/-");
        request.set_page_size(200);
        request.set_filter(step.entered_filter());
        request.set_result_filter(group.filter());
        const auto rows = follow_ups.ListStageEntries(
            As(role, reader, "FollowUpService.ListStageEntries"), request);
        ASSERT_TRUE(rows.ok()) << rows.status();
        EXPECT_EQ(rows->stage_entries_size(), step.entered()) << step.entered_filter();
        all += step.entered();
      }
    }
    EXPECT_GT(all, 0) << reader;
  }
}

TEST_F(FunnelTest, APeriodHasBothItsDaysAndTheyAreInOrder) {
  const auto refused = [&](std::vector<int> first, std::vector<int> last) {
    v1::QueryFunnelRequest request;
    const auto set = [](const std::vector<int>& from, google::type::Date* day) {
      day->set_year(from[0]);
      day->set_month(from[1]);
      day->set_day(from[2]);
    };
    if (!first.empty()) set(first, request.mutable_period_start_date());
    if (!last.empty()) set(last, request.mutable_period_end_date());
    const auto funnel = follow_ups.QueryFunnel(
        As(ROLE_DEPARTMENT, kOffice, "FollowUpService.QueryFunnel"), request);
    return status::ReasonOf(funnel.status());
  };
  using options::v1::ERROR_REASON_INVALID_FIELD;
  EXPECT_EQ(refused({2025, 4, 1}, {}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({}, {2025, 4, 1}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({2025, 4, 2}, {2025, 4, 1}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({2025, 4, 0}, {2025, 4, 1}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({2025, 2, 29}, {2025, 4, 1}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({1, 1, 1}, {2025, 4, 1}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({2025, 4, 1}, {9999, 12, 31}), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(refused({2025, 4, 1}, {2025, 4, 1}), options::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(refused({}, {}), options::v1::ERROR_REASON_UNSPECIFIED);
}

TEST_F(FunnelTest, WhoReadsResultsAndNotTheirLogDoesNotLearnItsMoneyFromTheFunnel) {
  const v1::Result result = Pushed(Draft("海水淡化膜"));
  v1::CreateFollowUpRequest request;
  request.set_parent(result.name());
  v1::FollowUp& row = *request.mutable_follow_up();
  row.set_kind(v1::FOLLOW_UP_KIND_CONTRACT);
  row.set_content("已签约");
  *row.mutable_happen_date() = time::ToProto(time::DayOf(clock.now));
  row.mutable_contract()->set_kind(v1::CONVERSION_MODE_LICENSE);
  *row.mutable_contract()->mutable_sign_date() = row.happen_date();
  row.mutable_contract()->set_buyer_title("企业一（演示）");
  row.mutable_contract()->set_amount_yuan(800'000);
  request.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      follow_ups
          .CreateFollowUp(As(ROLE_SERVICE_TEAM, kMarineAgency, "FollowUpService.CreateFollowUp"),
                          request)
          .ok());
  const auto team = Funnel(v1::FUNNEL_GROUPING_NONE, ROLE_SERVICE_TEAM, kMarineAgency);
  EXPECT_EQ(team.groups(0).contract_yuan(), 800'000);
  // The investor of the team, and whom it was pushed to.
  for (const char* reader : {kMarineInvestor, kHighTechAgency}) {
    const auto funnel = Funnel(v1::FUNNEL_GROUPING_NONE, ROLE_SERVICE_TEAM, reader);
    ASSERT_THAT(funnel.groups(), SizeIs(1)) << reader;
    EXPECT_EQ(funnel.total(), 1);
    EXPECT_EQ(funnel.groups(0).contracts(), 0);
    EXPECT_EQ(funnel.groups(0).contract_yuan(), 0);
    EXPECT_EQ(funnel.groups(0).steps(0).average_hours(), 0);
  }
}

TEST_F(FunnelTest, AFilterOverResultsNarrowsTheirRecordsAndReachesNoOthers) {
  Fill(7);
  const auto call = As(ROLE_SERVICE_TEAM, "organizations/a1", "FollowUpService.ListFollowUps");
  v1::ListFollowUpsRequest request;
  request.set_parent("results/-");
  request.set_page_size(200);
  request.set_result_filter("industries:\"海洋装备\" AND university = \"organizations/u2\"");
  const auto found = follow_ups.ListFollowUps(call, request);
  ASSERT_TRUE(found.ok()) << found.status();
  std::map<std::string, const v1::Result*> by_name;
  for (const v1::Result& row : results_) by_name[row.name()] = &row;
  int expected = 0;
  for (const v1::FollowUp& entry : deals_) {
    const v1::Result& of = *by_name[ResultOfName(entry.name())];
    bool industry = false;
    for (const std::string& one : of.industries()) industry |= one == "海洋装备";
    expected +=
        industry && of.university() == "organizations/u2" && of.agency() == "organizations/a1" ? 1
                                                                                               : 0;
  }
  EXPECT_GT(expected, 0);
  EXPECT_THAT(found->follow_ups(), SizeIs(expected));
  request.set_result_filter("floor_price_yuan > 1");
  EXPECT_EQ(status::ReasonOf(follow_ups.ListFollowUps(call, request).status()),
            options::v1::ERROR_REASON_INVALID_FILTER);
}

}  // namespace
}  // namespace chanyan::triage
