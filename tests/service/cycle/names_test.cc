// Names beside the ids in custody tables and exports (CYC-4): of units, platforms and people, and
// without the registry of whom this service knows itself.
#include "services/cycle/names.h"

#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "tests/service/cycle/part_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class NamesTest : public PartWorld {
 protected:
  NamesTest()
      : traces_(
            {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()}) {}

  void Known(const std::string& account, const std::string& name) {
    world_.database.Apply(absl::StrCat(
        "INSERT INTO person (account, organization, roles, disabled, display_name) VALUES ('",
        account, "', '', '', 0, '", name, "')"));
  }
  static rpc::Call CallOf(const char* method, options::v1::Role role, const std::string& own) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.TraceService.", method));
  }
  std::vector<v1::Handover> Handovers(options::v1::Role role, const std::string& own,
                                      const std::string& filter = "") {
    v1::ListHandoversRequest request;
    request.set_parent(kCycle);
    request.set_filter(filter);
    const auto page =
        world_.service->ListHandovers(world_.CallOf("ListHandovers", role, own), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->handovers().begin(), page->handovers().end()};
  }
  // The file of hand-overs, cell by cell.
  std::vector<std::string> Exported(const std::string& filter = "") {
    v1::ExportHandoversRequest request;
    request.set_parent(kCycle);
    request.set_filter(filter);
    const auto file =
        traces_.ExportHandovers(CallOf("ExportHandovers", ROLE_SECRETARIAT, kSecretariat), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? Cells(file->data()) : std::vector<std::string>();
  }

  TraceService traces_;
};

TEST_F(NamesTest, WhoGaveWhatToWhomIsReadByName) {
  Known("accounts/zone", "李四");
  UntilEnterprises();
  const auto own = Handovers(ROLE_UNIT, kZone, "step = 2");
  ASSERT_FALSE(own.empty());
  for (const v1::Handover& one : own) {
    if (one.sender() == kSecretariat) {
      EXPECT_EQ(one.sender_title(), "高校理事会秘书处（演示）");
      EXPECT_EQ(one.receiver_title(), "海洋高新区（演示）");
      EXPECT_EQ(one.receipt_title(), "李四");
      EXPECT_THAT(one.actions(), IsEmpty()) << "it is received";
    } else {
      EXPECT_EQ(one.sender_title(), "海洋高新区（演示）");
      EXPECT_THAT(one.receiver_title(), HasSubstr("演示企业"));
      EXPECT_EQ(one.receipt_title(), "") << "nobody has signed";
    }
  }
  const auto waiting = Handovers(options::v1::ROLE_ENTERPRISE, World::Enterprise(0));
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_THAT(waiting[0].actions(), ElementsAre("receive"));

  const std::vector<std::string> cells = Exported();
  for (const char* cell : {"发出单位", "接收单位", "签收人", "海洋大学（演示）", "李四",
                           "海洋高新区（演示）", "organizations/zone"}) {
    EXPECT_THAT(cells, Contains(std::string(cell)));
  }
  EXPECT_THAT(Exported("receiver = \"organizations/town\""), Not(Contains(std::string("李四"))));
  v1::ExportHandoversRequest bad;
  bad.set_parent(kCycle);
  bad.set_filter("nonsense = 1");
  EXPECT_TRUE(absl::IsInvalidArgument(
      traces_.ExportHandovers(CallOf("ExportHandovers", ROLE_SECRETARIAT, kSecretariat), bad)
          .status()));

  const v1::Conservation proof = world_.Check();
  ASSERT_FALSE(proof.holders().empty());
  for (const v1::HolderCount& holder : proof.holders()) {
    EXPECT_NE(holder.title(), "") << holder.organization();
  }
  v1::ExportConservationRequest request;
  request.set_name(kCycle);
  const auto table = traces_.ExportConservation(
      CallOf("ExportConservation", ROLE_SECRETARIAT, kSecretariat), request);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(Cells(table->data()), Contains(std::string("海洋高新区（演示）")));
}

TEST_F(NamesTest, ARowIsTracedToThePersonAndThePlatformByName) {
  Known("accounts/lab", "王五");
  UntilSubmitted();
  v1::TraceRowRequest request;
  request.set_name(world_.RowOf(kOucLab, 0).name());
  const auto trace = traces_.TraceRow(CallOf("TraceRow", ROLE_RESEARCH_OFFICE, kOuc), request);
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->holder_title(), "海洋大学（演示）");
  std::vector<std::string> ways;
  for (const v1::TraceStep& step : trace->steps()) {
    if (!step.sender().empty()) {
      ways.push_back(absl::StrCat(step.act(), " ", step.sender_title(), " ", step.receiver_title(),
                                  " ", step.account_title()));
    }
  }
  EXPECT_THAT(ways, Contains(absl::StrCat("签收 海洋大学（演示） ", kOucLab, " 王五")));
  EXPECT_THAT(ways, Contains(absl::StrCat("发送 ", kOucLab, " 海洋大学（演示） 王五")));
  v1::ExportRowTraceRequest file;
  file.set_name(request.name());
  const auto sheet =
      traces_.ExportRowTrace(CallOf("ExportRowTrace", ROLE_RESEARCH_OFFICE, kOuc), file);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_THAT(Cells(sheet->data()), Contains(std::string("王五")));

  v1::DisputeRowRequest dispute;
  dispute.set_name(request.name());
  dispute.set_reason("企业不符");
  const auto raised = traces_.DisputeRow(CallOf("DisputeRow", ROLE_RESEARCH_OFFICE, kOuc), dispute);
  ASSERT_TRUE(raised.ok()) << raised.status();
  EXPECT_EQ(raised->organization_title(), "海洋大学（演示）");
  EXPECT_THAT(raised->actions(), IsEmpty()) << "the secretariat settles";
  v1::ListDisputesRequest list;
  list.set_parent(kCycle);
  const auto listed =
      traces_.ListDisputes(CallOf("ListDisputes", ROLE_SECRETARIAT, kSecretariat), list);
  ASSERT_EQ(listed->disputes_size(), 1);
  EXPECT_THAT(listed->disputes(0).actions(), ElementsAre("settle"));
  EXPECT_EQ(listed->disputes(0).organization_title(), "海洋大学（演示）");
}

TEST_F(NamesTest, WhatIsKnownHereIsSaidWithoutTheRegistry) {
  UntilEnterprises();
  metrics::Registry metrics;
  struct AnyToken final : rpc::TokenSource {
    absl::StatusOr<std::string> Token(absl::Time) override { return std::string("token"); }
  } token;
  const time::SystemClock wall;
  // Nobody answers there.
  rpc::Peers nobody({{"registry", "unix:/nowhere.sock"}}, {wall, metrics});
  nobody.SetTokenSource(&token);
  const auto names = FindNames(world_.database.db(), nobody,
                               world_.CallOf("GetCycle", ROLE_SECRETARIAT, kSecretariat), kCycle,
                               {kOuc, kZone, World::Enterprise(0), "accounts/unknown", ""});
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->Of(kOuc), "海洋大学（演示）");
  EXPECT_EQ(names->Of(World::Enterprise(0)), World::TitleOf(0));
  EXPECT_EQ(names->Of(kZone), "");
  EXPECT_EQ(names->Of("accounts/unknown"), "");
}

}  // namespace
}  // namespace chanyan::cycle
