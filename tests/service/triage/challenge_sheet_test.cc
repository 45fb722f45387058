// Challenges (揭榜挂帅) from a sheet and as a sheet (TRI-1, REG-10), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/triage/challenge_columns.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ROLE_SERVICE_TEAM;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ChallengeSheetTest : public ::testing::Test, protected World {
 protected:
  v1::Demand Row(const std::string& title, v1::DemandKind kind) {
    v1::Demand row = DemandDraft(title);
    row.set_enterprise_title("企业一（演示）");
    row.set_kind(kind);
    return row;
  }
  v1::Demand Challenge(const std::string& title) {
    v1::Demand row = Row(title, v1::DEMAND_KIND_CHALLENGE);
    row.set_challenge_conditions("已有试验台。\n已有样机。");
    row.set_challenge_term_months(24);
    row.set_challenge_ip_ownership("双方共有");
    row.set_challenge_bounty_yuan(2'000'000);
    row.set_challenge_bidder_conditions("须有深海工程业绩。");
    return row;
  }
  absl::StatusOr<v1::ImportDemandsResponse> Import(const google::api::HttpBody& file) {
    v1::ImportDemandsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("需求.xlsx");
    request.set_request_id(api::NewUuid());
    return demands.ImportDemands(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.ImportDemands"), request);
  }
  google::api::HttpBody Export() {
    const auto file = demands.ExportDemands(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.ExportDemands"), {});
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  }
  v1::Demand StoredDemand(const std::string& title) {
    const db::Table<v1::Demand> table;
    std::vector<v1::Demand> rows;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(rows, table.Select(session, {"title = ?", {title}}));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_THAT(rows, SizeIs(1)) << title;
    return rows.empty() ? v1::Demand() : rows.front();
  }
};

TEST_F(ChallengeSheetTest, AllFiveFieldsComeInAndGoOutAsTheyCame) {
  const auto first = Import(testing::Upload<v1::Demand>(
      {Challenge("揭榜：深海密封"), Row("普通需求", v1::DEMAND_KIND_DEVELOPMENT)}));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->created(), 2);
  const v1::Demand stored = StoredDemand("揭榜：深海密封");
  EXPECT_EQ(stored.challenge().existing_conditions(), "已有试验台。\n已有样机。");
  EXPECT_EQ(stored.challenge().term_months(), 24);
  EXPECT_EQ(stored.challenge().ip_ownership(), "双方共有");
  EXPECT_EQ(stored.challenge().bounty_yuan(), 2'000'000);
  EXPECT_EQ(stored.challenge().bidder_conditions(), "须有深海工程业绩。");
  EXPECT_FALSE(StoredDemand("普通需求").has_challenge());

  const auto again = Import(Export());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 2);
  EXPECT_EQ(again->created() + again->updated(), 0);
  // What goes out holds the five in their columns: into an empty library they come in as they were.
  const google::api::HttpBody file = Export();
  ASSERT_TRUE(database.Connect()->Run("DELETE FROM demand").ok());
  ASSERT_TRUE(database.Connect()->Run("DELETE FROM library_key").ok());
  const auto back = Import(file);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->created(), 2);
  EXPECT_EQ(StoredDemand("揭榜：深海密封").challenge().SerializeAsString(),
            stored.challenge().SerializeAsString());
}

TEST_F(ChallengeSheetTest, WhatIsWrongIsToldAtItsColumn) {
  v1::Demand timeless = Challenge("揭榜：无期限");
  timeless.clear_challenge_term_months();
  v1::Demand plain = Row("普通需求", v1::DEMAND_KIND_DEVELOPMENT);
  plain.set_challenge_bounty_yuan(1);
  const auto refused = Import(testing::Upload<v1::Demand>({timeless, plain}));
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FILE);
  std::string all;
  for (const auto& violation : status::ViolationsOf(refused.status())) {
    absl::StrAppend(&all, violation.field, "：", violation.description, "\n");
  }
  // The term's column is the 20th, the kind's the 7th.
  EXPECT_THAT(all, AllOf(HasSubstr("需求.xlsx / 表 / T2：揭榜挂帅类需求应填写期限"),
                         HasSubstr("需求.xlsx / 表 / G3：只有揭榜挂帅类需求填写揭榜内容")));
  EXPECT_EQ(Count("demand"), 0);
}

TEST_F(ChallengeSheetTest, AnEmptyCellEmptiesTheFieldAndATailIsSetAside) {
  ASSERT_TRUE(Import(testing::Upload<v1::Demand>({Challenge("揭榜：深海密封")})).ok());
  v1::Demand less = Challenge("揭榜：深海密封");
  less.clear_challenge_ip_ownership();
  less.set_challenge_conditions("已有试验台。\n\n【关闭窗口】 【打印本文】");
  const auto changed = Import(testing::Upload<v1::Demand>({less}));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->updated(), 1);
  ASSERT_THAT(changed->notes(), SizeIs(1));
  EXPECT_THAT(changed->notes(0), HasSubstr("第 2 行“现有基础条件”中的网页转贴的页脚或广告"));
  const v1::Demand stored = StoredDemand("揭榜：深海密封");
  EXPECT_EQ(stored.challenge().ip_ownership(), "");
  EXPECT_EQ(stored.challenge().existing_conditions(), "已有试验台。");
  // As another kind it is no challenge any more.
  const auto plain =
      Import(testing::Upload<v1::Demand>({Row("揭榜：深海密封", v1::DEMAND_KIND_DEVELOPMENT)}));
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_FALSE(StoredDemand("揭榜：深海密封").has_challenge());
}

TEST_F(ChallengeSheetTest, TheColumnsAreTheSheetsAlone) {
  v1::CreateDemandRequest request;
  *request.mutable_demand() = DemandDraft("普通需求");
  request.mutable_demand()->set_enterprise(kE1);
  request.mutable_demand()->set_challenge_bounty_yuan(5);
  request.set_request_id(api::NewUuid());
  const auto made = demands.CreateDemand(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.CreateDemand"), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->has_challenge());
  EXPECT_EQ(made->challenge_bounty_yuan(), 0);
  v1::Demand demand;
  demand.mutable_challenge()->set_bounty_yuan(5);
  WriteChallengeColumns(&demand);
  EXPECT_EQ(demand.challenge_bounty_yuan(), 5);
  demand.clear_challenge();
  ReadChallengeColumns(&demand);
  EXPECT_EQ(demand.challenge().bounty_yuan(), 5);
  EXPECT_EQ(demand.challenge_bounty_yuan(), 0);
  EXPECT_THAT(demand.challenge().ip_ownership(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
