// What people are told of the quarter's own work (CYC-9): what was sent back, leave, disputes and
// objections. Each is told once, and settled by whoever does it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/secret.h"
#include "common/crypto/keyring.h"
#include "common/time/timestamp.h"
#include "services/cycle/objection_service.h"
#include "services/cycle/trace_service.h"
#include "tests/service/cycle/published_board.h"
#include "tests/service/cycle/returning.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class WorkNoticeTest : public ReturningTest {
 protected:
  WorkNoticeTest()
      : keys_(crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret())).value()),
        traces_(Deps()),
        objections_(Deps(), keys_, {}) {
    world_.clock.now = InChina(4, 1, 8);
    world_.SignUp("ouc-office", kOuc, {ROLE_RESEARCH_OFFICE});
    world_.SignUp("upc-office", kUpc, {ROLE_RESEARCH_OFFICE});
    world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
    world_.SignUp("zone-desk", kZone, {ROLE_UNIT});
    world_.SignUp("company", World::Enterprise(0), {ROLE_ENTERPRISE});
    world_.SignUp("neighbour", World::Enterprise(1), {ROLE_ENTERPRISE});
  }

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }
  static rpc::Call As(options::v1::Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.", method));
  }
  void OpenAndReport() {
    ASSERT_TRUE(world_.OpenLive(kCycle).ok());
    Report();
  }
  // The third week; enterprise 0 has rows of both universities.
  void WithEnterprises() {
    OpenAndReport();
    for (const char* university : {kOuc, kUpc}) ASSERT_TRUE(world_.Accept(university).ok());
    world_.clock.now = InChina(4, 9);
    ASSERT_TRUE(world_.Distribute().ok());
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
    world_.clock.now = InChina(4, 16);
  }
  // "account kind state" of all there are; of what is not about arrivals.
  std::vector<std::string> Everything(const char* which = "1 = 1") {
    return testing::Texts(world_.database.db(),
                          absl::StrCat("SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) "
                                       "FROM notification WHERE ",
                                       which, " ORDER BY create_time, account"));
  }
  std::vector<std::string> All() { return Everything("subject NOT LIKE '%/handovers'"); }
  std::vector<std::string> Contents() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(title, '|', content) FROM notification "
                          "ORDER BY create_time, account");
  }
  absl::StatusOr<v1::Objection> Object(const std::string& own) {
    v1::CreateObjectionRequest request;
    request.set_parent(BoardVersion(1));
    request.mutable_objection()->set_board("universities");
    request.mutable_objection()->set_subject(kOuc);
    request.mutable_objection()->set_content("漏计一个新增项目");
    request.set_request_id(World::Uuid());
    return objections_.CreateObjection(
        As(ROLE_RESEARCH_OFFICE, own, "ObjectionService.CreateObjection"), request);
  }

  const crypto::Keyring keys_;
  TraceService traces_;
  ObjectionService objections_;
};

TEST_F(WorkNoticeTest, AFormThatIsSentBackWaitsUntilItIsReportedAgain) {
  OpenAndReport();
  EXPECT_THAT(All(), IsEmpty());
  ASSERT_TRUE(world_.Return(kOuc, "缺少合同编号").ok());
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER UNREAD"));
  EXPECT_THAT(Contents(), ElementsAre("季度报表已退回，请修改后重新报送|退回原因：缺少合同编号。"
                                      "请于2025年4月8日23:59:59前修改并重新报送。"));
  EXPECT_EQ(world_.Count(absl::StrCat("notification WHERE subject = '", kOucForm, "/rows'")), 1);
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER SETTLED"));

  // After the term it is said that leave is needed; the leave is news of its own.
  world_.clock.now = InChina(4, 9);
  ASSERT_TRUE(world_.Return(kUpc, "项目名称有误").ok());
  EXPECT_THAT(Contents().back(),
              AllOf(HasSubstr("先向高校理事会秘书处申请逾期补报许可"), Not(HasSubstr("请于"))));
  EXPECT_EQ(world_.Count("notification WHERE due_time IS NULL"), 1);
  v1::GrantLockExceptionRequest leave;
  leave.set_name(kUpcForm);
  leave.set_reason("人员变动");
  leave.set_request_id(World::Uuid());
  *leave.mutable_until() = time::ToTimestamp(InChina(4, 11, 18));
  world_.clock.now = InChina(4, 10);
  const auto granted = world_.service->GrantLockException(
      world_.CallOf("GrantLockException", ROLE_SECRETARIAT, kSecretariat), leave);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_THAT(Contents().back(), HasSubstr("可补报至2025年4月11日18:00:00，仍计为逾期。原因："
                                           "人员变动。"));
  // The same request again tells nobody again.
  ASSERT_TRUE(world_.service
                  ->GrantLockException(
                      world_.CallOf("GrantLockException", ROLE_SECRETARIAT, kSecretariat), leave)
                  .ok());
  ASSERT_TRUE(world_.Submit(kUpc).ok());
  EXPECT_THAT(All(), ElementsAre("ouc-office REMINDER SETTLED", "upc-office REMINDER SETTLED",
                                 "upc-office NEWS UNREAD"));
}

TEST_F(WorkNoticeTest, WhatGoesBackInTheThirdWeekWaitsUntilItIsGivenAgain) {
  WithEnterprises();
  for (const int enterprise : {0, 1}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
  EXPECT_THAT(All(), ElementsAre("company REMINDER UNREAD"));
  EXPECT_THAT(Contents().back(),
              AllOf(HasSubstr("填报给“海洋大学（演示）”的报表已退回"), HasSubstr("共 1 行。"),
                    HasSubstr("请于2025年4月22日23:59:59前")));
  // Of another form it is another matter.
  world_.clock.now += absl::Seconds(1);
  ASSERT_TRUE(ToEnterprise(kZone, kUpcForm, 0).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 1).ok());
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER UNREAD", "company REMINDER UNREAD",
                                          "neighbour REMINDER UNREAD"));
  // By whoever gives it: here the unit in its place.
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  EXPECT_THAT(All(), UnorderedElementsAre("company REMINDER SETTLED", "company REMINDER SETTLED",
                                          "neighbour REMINDER UNREAD"));
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());

  // A package waits for its unit until it is packed again, whatever is done before.
  world_.clock.now += absl::Seconds(1);
  ASSERT_TRUE(world_.ReturnPackage(0).ok());
  EXPECT_EQ(All().back(), "zone-desk REMINDER UNREAD");
  EXPECT_THAT(Contents().back(), HasSubstr("“演示企业0”的企业包已退回|退回原因：与合同不符。"));
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitReturns(1).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  EXPECT_EQ(All().back(), "zone-desk REMINDER UNREAD") << "another enterprise's package";
  world_.clock.now += absl::Seconds(1);
  for (const char* form : {kOucForm, kUpcForm}) ASSERT_TRUE(ToEnterprise(kZone, form, 0).ok());
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  EXPECT_EQ(world_.Count("notification WHERE state = 'UNREAD' AND kind = 'REMINDER'"), 0);
}

TEST_F(WorkNoticeTest, WhatArrivesIsNewsToWhomItIsSent) {
  OpenAndReport();
  for (const char* university : {kOuc, kUpc}) ASSERT_TRUE(world_.Accept(university).ok());
  world_.clock.now = InChina(4, 9);
  ASSERT_TRUE(world_.Distribute().ok());
  EXPECT_THAT(Everything(), ElementsAre("zone-desk NEWS UNREAD")) << "the town has no account";
  EXPECT_THAT(Contents(),
              ElementsAre(AllOf(HasSubstr("本季度报表已发至贵单位，请签收并发至企业|共 3 行"),
                                HasSubstr("请于2025年4月15日23:59:59前发至企业"))));
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  // Nothing is sent on twice, and nobody is told twice.
  world_.clock.now = InChina(4, 16);
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  EXPECT_THAT(Everything(),
              ElementsAre("zone-desk NEWS UNREAD", "company NEWS UNREAD", "neighbour NEWS UNREAD"));
  EXPECT_THAT(Contents()[1], AllOf(HasSubstr("共 2 行，请于2025年4月22日23:59:59前填报"),
                                   HasSubstr("不要合并表格")));
  EXPECT_THAT(Contents()[2], HasSubstr("共 1 行"));
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  // After the fourth week's end there is no term to name.
  world_.clock.now = InChina(4, 30);
  ASSERT_TRUE(world_.ReturnToUniversities().ok());
  EXPECT_THAT(Everything(),
              ElementsAre("zone-desk NEWS UNREAD", "company NEWS UNREAD", "neighbour NEWS UNREAD",
                          "ouc-office NEWS UNREAD", "upc-office NEWS UNREAD"));
  EXPECT_THAT(Contents().back(), AllOf(HasSubstr("企业填报的报表已返回"),
                                       HasSubstr("请尽快发至学院等科创平台管理单位")));
}

TEST_F(WorkNoticeTest, AnEnterprisesLeaveIsNewsToItAlone) {
  WithEnterprises();
  world_.clock.now = InChina(4, 29);
  const auto granted = Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(4, 30, 12));
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_THAT(All(), ElementsAre("company NEWS UNREAD"));
  EXPECT_THAT(Contents().back(), HasSubstr("可补报至2025年4月30日12:00:00"));
  // What is refused tells nobody.
  EXPECT_FALSE(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(7, 1)).ok());
  EXPECT_THAT(All(), ElementsAre("company NEWS UNREAD"));
}

TEST_F(WorkNoticeTest, ADisputeWaitsForTheSecretariatAndItsEndIsNews) {
  WithEnterprises();
  v1::DisputeRowRequest request;
  request.set_name(world_.RowOf(kOucLab, 0).name());
  request.set_reason("该项目未与本单位辖区企业签约");
  request.set_request_id(World::Uuid());
  const auto dispute = traces_.DisputeRow(As(ROLE_UNIT, kZone, "TraceService.DisputeRow"), request);
  ASSERT_TRUE(dispute.ok()) << dispute.status();
  EXPECT_THAT(All(), ElementsAre("secretary REMINDER UNREAD"));
  EXPECT_THAT(Contents().back(), HasSubstr("争议内容：该项目未与本单位辖区企业签约。"));
  world_.clock.now += absl::Hours(1);
  v1::SettleDisputeRequest settle;
  settle.set_name(dispute->name());
  settle.set_finding("经核实，企业注册地在本辖区");
  ASSERT_TRUE(
      traces_
          .SettleDispute(As(ROLE_SECRETARIAT, kSecretariat, "TraceService.SettleDispute"), settle)
          .ok());
  EXPECT_THAT(All(), ElementsAre("secretary REMINDER SETTLED", "zone-desk NEWS UNREAD"));
  EXPECT_THAT(Contents().back(), HasSubstr("办理结果：经核实，企业注册地在本辖区。"));
}

TEST_F(WorkNoticeTest, ObjectionsAreOneMatterUntilTheLastIsAnswered) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  world_.clock.now = InChina(5, 14);
  PublishBoard(world_, 1, InChina(5, 14));
  const auto first = Object(kOuc);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Object(kUpc);
  ASSERT_TRUE(second.ok()) << second.status();
  v1::SubmitPublicObjectionRequest anybody;
  anybody.set_parent(BoardVersion(1));
  anybody.mutable_objection()->set_board("universities");
  anybody.mutable_objection()->set_subject(kOuc);
  anybody.mutable_objection()->set_content("合同金额与公示不符");
  anybody.mutable_objection()->set_contact_person("王某某");
  anybody.mutable_objection()->set_contact_phone("13800000000");
  anybody.set_request_id(World::Uuid());
  rpc::Call call = As(options::v1::ROLE_PUBLIC, "", "ObjectionService.SubmitPublicObjection");
  call.client_address = "203.0.113.7";
  const auto receipt = objections_.SubmitPublicObjection(call, anybody);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_THAT(All(), ElementsAre("secretary REMINDER UNREAD")) << "one, however many object";
  EXPECT_THAT(Contents().back(), AllOf(HasSubstr("“海洋大学（演示）”"), Not(HasSubstr("王某某")),
                                       Not(HasSubstr("合同金额"))));

  // What comes after it was read is told.
  world_.database.Apply("UPDATE notification SET state = 'READ'");
  world_.clock.now += absl::Seconds(1);
  const auto third = Object(kOuc);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_THAT(All(), ElementsAre("secretary REMINDER READ", "secretary REMINDER UNREAD"));

  v1::WithdrawObjectionRequest withdraw;
  withdraw.set_name(second->name());
  ASSERT_TRUE(
      objections_
          .WithdrawObjection(As(ROLE_RESEARCH_OFFICE, kUpc, "ObjectionService.WithdrawObjection"),
                             withdraw)
          .ok());
  const auto decide = [&](const std::string& name) {
    world_.clock.now += absl::Seconds(1);
    v1::DecideObjectionRequest request;
    request.set_name(name);
    request.set_finding("经核查，该项目于上季度签约");
    const auto decided = objections_.DecideObjection(
        As(ROLE_SECRETARIAT, kSecretariat, "ObjectionService.DecideObjection"), request);
    EXPECT_TRUE(decided.ok()) << decided.status();
  };
  decide(first->name());
  EXPECT_THAT(All(), ElementsAre("secretary REMINDER READ", "secretary REMINDER UNREAD",
                                 "ouc-office NEWS UNREAD"));
  EXPECT_THAT(Contents().back(), HasSubstr("答复：经核查，该项目于上季度签约。"));
  decide(third->name());
  EXPECT_EQ(All()[1], "secretary REMINDER UNREAD") << "one of the public is open";
  const std::vector<std::string> open =
      testing::Texts(world_.database.db(), "SELECT name FROM objection WHERE state = 'OPEN'");
  ASSERT_EQ(open.size(), 1u);
  decide(open.front());
  EXPECT_THAT(All(), ElementsAre("secretary REMINDER READ", "secretary REMINDER SETTLED",
                                 "ouc-office NEWS UNREAD", "ouc-office NEWS UNREAD"))
      << "who objected without an account reads it by the receipt";
}

TEST_F(WorkNoticeTest, ARehearsalTellsNobody) {
  UntilPackages();
  ASSERT_TRUE(world_.ReturnPackage(0).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
  EXPECT_THAT(Everything(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
