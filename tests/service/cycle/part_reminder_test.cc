// Platforms are reminded of the terms of their parts, once each, and not of what is done (CYC-9).
#include <string>
#include <thread>
#include <vector>

#include "common/time/clock.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/part_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::Role;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kLive[] = "cycles/2026q1";
constexpr char kLiveForm[] = "cycles/2026q1/forms/ouc";

// A live quarter: universities report from Sunday 4 January, a workday, until Thursday 8 January.
class PartReminderTest : public PartWorld {
 protected:
  PartReminderTest()
      : notifier_(
            {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()}) {
    world_.clock.now = In2026(4, 8);
  }

  static absl::Time In2026(int day, int hour, int minute = 0) {
    return absl::FromCivil(absl::CivilSecond(2026, 1, day, hour, minute), time::Shanghai());
  }
  void Person(const std::string& id, const std::string& organization, Role role) {
    world_.SignUp(id, organization, {role});
  }
  void Everybody() {
    Person("lab", kOuc, ROLE_PLATFORM_MANAGER);
    Person("center", kOuc, ROLE_PLATFORM_MANAGER);
    Person("office", kOuc, ROLE_RESEARCH_OFFICE);
    Person("leader", kOuc, ROLE_LEADER);
    Person("secretary", kSecretariat, ROLE_SECRETARIAT);
  }
  void OpenLive() {
    const auto opened = world_.OpenLive(kLive);
    ASSERT_TRUE(opened.ok()) << opened.status();
  }
  absl::StatusOr<v1::IssuePartsResponse> IssueLive(const std::vector<std::string>& platforms,
                                                   absl::Time due) {
    v1::IssuePartsRequest request;
    request.set_parent(kLiveForm);
    for (const std::string& platform : platforms) request.add_platforms(platform);
    *request.mutable_due_time() = time::ToTimestamp(due);
    request.set_request_id(World::Uuid());
    return parts_.IssueParts(Office("IssueParts"), request);
  }
  template <class Request>
  static Request LiveOf(const std::string& platform) {
    Request request;
    request.set_name(PartName(kLiveForm, platform));
    request.set_request_id(World::Uuid());
    return request;
  }
  void AssignLive(const std::string& platform, const std::string& account) {
    auto request = LiveOf<v1::AssignPartRequest>(platform);
    request.add_managers(account);
    const auto assigned = parts_.AssignPart(Office("AssignPart"), request);
    ASSERT_TRUE(assigned.ok()) << assigned.status();
  }
  absl::Status SubmitLive(const std::string& platform, const std::string& account) {
    return parts_
        .SubmitPart(Manager("SubmitPart", account), LiveOf<v1::SubmitPartRequest>(platform))
        .status();
  }
  // One part each, with its manager, until noon of 7 January; the lab's is filled in.
  void HandOut() {
    Everybody();
    OpenLive();
    ASSERT_TRUE(IssueLive({kLab, kCenter}, In2026(7, 12)).ok());
    AssignLive(kLab, "accounts/lab");
    AssignLive(kCenter, "accounts/center");
    auto fill = LiveOf<v1::ImportPartRequest>(kLab);
    fill.mutable_file()->set_data(World::Sheet({World::Ongoing(kOucLab, 0)}));
    const auto filled = parts_.ImportPart(Manager("ImportPart", "accounts/lab"), fill);
    ASSERT_TRUE(filled.ok()) << filled.status();
  }
  void LookAt(absl::Time now) {
    world_.clock.now = now;
    db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
    ASSERT_TRUE(lease.Acquire().ok());
    const absl::Status done = notifier_.Run(lease);
    EXPECT_TRUE(done.ok()) << done;
    ASSERT_TRUE(lease.Release().ok());
  }
  // "account kind state" of what was told of parts' terms, not of the step's or as they were handed
  // out.
  std::vector<std::string> OfTerms() {
    return testing::Texts(
        world_.database.db(),
        "SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) FROM notification "
        "WHERE subject LIKE '%/forms/%' AND title LIKE '科创平台季度报表%' ORDER BY create_time, "
        "account, kind");
  }
  std::vector<std::string> Contents(const std::string& account, const std::string& kind) {
    return testing::Texts(
        world_.database.db(),
        absl::StrCat("SELECT content FROM notification WHERE subject LIKE '%/forms/%' AND "
                     "title LIKE '科创平台季度报表%' AND account = 'accounts/",
                     account, "' AND kind = '", kind, "' ORDER BY create_time"));
  }
  std::vector<std::string> Fired() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(name, 25), ' ', outcome, ' ', debtor_count) "
                          "FROM reminder WHERE name LIKE '%-parts-%' ORDER BY schedule_time");
  }
  std::vector<std::string> Unread(const std::string& account) {
    return testing::Texts(world_.database.db(),
                          absl::StrCat("SELECT title FROM notification WHERE state = 'UNREAD' AND "
                                       "subject LIKE '%/forms/%' AND account = 'accounts/",
                                       account, "'"));
  }

  Notifier notifier_;
};

TEST_F(PartReminderTest, EachIsRemindedOnceOfATermAndNobodyOfWhatIsDone) {
  HandOut();
  LookAt(In2026(5, 9) - absl::Seconds(1));
  EXPECT_THAT(OfTerms(), IsEmpty());
  for (int look = 0; look < 3; ++look) LookAt(In2026(5, 9));
  EXPECT_THAT(OfTerms(), ElementsAre("center REMINDER UNREAD", "lab REMINDER UNREAD"));
  ASSERT_THAT(Contents("lab", "REMINDER"), SizeIs(1));
  EXPECT_THAT(Contents("lab", "REMINDER")[0], HasSubstr(absl::StrCat(kOucLab, "共 1 个平台")));
  EXPECT_THAT(Contents("lab", "REMINDER")[0], HasSubstr("请于2026年1月7日12:00:00前填报并报送"));

  ASSERT_TRUE(SubmitLive(kLab, "accounts/lab").ok());
  EXPECT_THAT(Unread("lab"), IsEmpty());
  LookAt(In2026(7, 9));
  LookAt(In2026(8, 9));
  EXPECT_THAT(OfTerms(), UnorderedElementsAre("center REMINDER UNREAD", "lab REMINDER SETTLED",
                                              "center REMINDER UNREAD", "center OVERDUE UNREAD"));
  EXPECT_THAT(Contents("center", "OVERDUE"), ElementsAre(HasSubstr("请抓紧填报并报送学校")));
  // The form's own end has passed as well: the leader is asked, once, and told how it can be done.
  LookAt(In2026(9, 9));
  LookAt(In2026(9, 10));
  EXPECT_THAT(Contents("leader", "ESCALATION"),
              ElementsAre(::testing::AllOf(HasSubstr(absl::StrCat(kOucCenter, "共 1 个平台")),
                                           HasSubstr("请督促办理"), HasSubstr("准予延期"))));
  EXPECT_THAT(Fired(), ElementsAre("1-parts-before-2026010509-20260107120000 SENT 2",
                                   "1-parts-before-2026010709-20260107120000 SENT 1",
                                   "1-parts-after-2026010809-20260107120000 SENT 1",
                                   "1-parts-escalate-2026010909-20260107120000 SENT 1"));
  // Taken back: nobody owes it any more.
  auto reclaim = LiveOf<v1::ReclaimPartRequest>(kCenter);
  reclaim.set_reason("平台负责人出差");
  ASSERT_TRUE(parts_.ReclaimPart(Office("ReclaimPart"), reclaim).ok());
  for (const char* account : {"lab", "center", "leader"}) {
    EXPECT_THAT(Unread(account), IsEmpty()) << account;
  }
  LookAt(In2026(12, 9));
  EXPECT_THAT(Fired(), SizeIs(4)) << "nothing is open, nothing is planned";
}

TEST_F(PartReminderTest, WhatIsSubmittedMeanwhileIsNotLeftUnread) {
  HandOut();
  for (const int day : {5, 7}) {
    world_.clock.now = In2026(day, 9);
    std::thread other([&] { EXPECT_TRUE(SubmitLive(kLab, "accounts/lab").ok()); });
    LookAt(In2026(day, 9));
    other.join();
    EXPECT_THAT(Unread("lab"), IsEmpty()) << day;
    auto back = LiveOf<v1::ReturnPartRequest>(kLab);
    back.add_reasons("请补充进展");
    ASSERT_TRUE(parts_.ReturnPart(Office("ReturnPart"), back).ok());
    EXPECT_THAT(Unread("lab"), SizeIs(1)) << "it is back";
  }
}

TEST_F(PartReminderTest, WhoIsNamedLaterIsToldAtOnceAndPartsThatCameLaterAreNot) {
  HandOut();
  Person("deputy", kOuc, ROLE_PLATFORM_MANAGER);
  EXPECT_THAT(Unread("deputy"), IsEmpty());
  AssignLive(kLab, "accounts/deputy");
  EXPECT_THAT(Unread("deputy"), ElementsAre("请填报科创平台季度报表"));
  EXPECT_THAT(Unread("lab"), IsEmpty()) << "it is another's now";
  AssignLive(kLab, "accounts/deputy");
  EXPECT_THAT(Unread("deputy"), SizeIs(1));

  // Handed out anew after nine: its first reminder is the next one.
  auto reclaim = LiveOf<v1::ReclaimPartRequest>(kCenter);
  reclaim.set_reason("误发");
  ASSERT_TRUE(parts_.ReclaimPart(Office("ReclaimPart"), reclaim).ok());
  world_.clock.now = In2026(5, 10);
  ASSERT_TRUE(IssueLive({kCenter}, In2026(7, 12)).ok());
  LookAt(In2026(5, 10));
  EXPECT_THAT(OfTerms(), ElementsAre("deputy REMINDER UNREAD"));
  LookAt(In2026(7, 9));
  EXPECT_THAT(Contents("center", "REMINDER"), SizeIs(1));
}

TEST_F(PartReminderTest, WhereNobodyFillsInTheUniversityIsToldAndThenTheSecretariat) {
  Person("office", kOuc, ROLE_RESEARCH_OFFICE);
  Person("secretary", kSecretariat, ROLE_SECRETARIAT);
  OpenLive();
  ASSERT_TRUE(IssueLive({kLab}, In2026(7, 12)).ok());
  LookAt(In2026(5, 9));
  EXPECT_THAT(Contents("office", "REMINDER"), ElementsAre(HasSubstr("请指定填报人，或收回自填")));
  LookAt(In2026(9, 9));
  EXPECT_THAT(Contents("office", "ESCALATION"), ElementsAre(HasSubstr("没有可提请督办的负责人")));
  EXPECT_THAT(Contents("secretary", "ESCALATION"), IsEmpty());
  world_.database.Apply("UPDATE person SET disabled = 1 WHERE account = 'accounts/office'");
  LookAt(In2026(12, 9));
  EXPECT_THAT(Contents("secretary", "OVERDUE"),
              ElementsAre(HasSubstr("在系统中没有可提醒的人员，请另行联系")));
  EXPECT_THAT(testing::Texts(world_.database.db(),
                             "SELECT unreachable FROM reminder WHERE name LIKE '%-parts-after-%' "
                             "ORDER BY schedule_time DESC LIMIT 1"),
              ElementsAre(absl::StrCat("[\"", kOuc, "\"]")));
}

// S0 二, fourth week: the university signs, sends on, and its platforms sign.
TEST_F(PartReminderTest, WhatComesBackIsSignedForByThePlatformsThemselves) {
  Everybody();
  world_.clock.now = InChina(4, 1, 8);
  v1::OpenCycleRequest open;
  open.set_name(kCycle);
  open.set_request_id(World::Uuid());
  ASSERT_TRUE(
      world_.service->OpenCycle(world_.CallOf("OpenCycle", ROLE_SECRETARIAT, kSecretariat), open)
          .ok());
  ASSERT_TRUE(Issue().ok());
  ASSERT_TRUE(Assign(kLab, {"accounts/lab"}).ok());
  ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
  ASSERT_TRUE(Fill(kCenter, {World::NewProject(kOucCenter, 1)}).ok());
  for (const char* platform : {kLab, kCenter}) {
    ASSERT_TRUE(SubmitPart(platform).ok());
    ASSERT_TRUE(AcceptPart(platform).ok());
  }
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.Accept(kOuc).ok());
  world_.clock.now = InChina(4, 9);
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.Receive(kZone, options::v1::ROLE_UNIT).ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  world_.clock.now = InChina(4, 16);
  for (const int enterprise : {0, 1}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
  ASSERT_TRUE(world_.Receive(kZone, options::v1::ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  world_.clock.now = InChina(4, 23, 10);
  const auto back = world_.ReturnToUniversities();
  ASSERT_TRUE(back.ok()) << back.status();

  const auto fourth = [&](const char* account, const char* kind) {
    return testing::Texts(
        world_.database.db(),
        absl::StrCat("SELECT CONCAT(state, ' ', content) FROM notification WHERE subject LIKE "
                     "'%/steps/4' AND account = 'accounts/",
                     account, "' AND kind = '", kind, "' ORDER BY create_time, debtor"));
  };
  LookAt(InChina(4, 25, 9));
  EXPECT_THAT(fourth("office", "REMINDER"), ElementsAre(HasSubstr("签收返回的报表（1批待签收）")));
  ASSERT_TRUE(world_.Receive(kOuc, ROLE_RESEARCH_OFFICE).ok());
  LookAt(InChina(4, 28, 9));
  EXPECT_THAT(fourth("office", "REMINDER"),
              ::testing::Contains(HasSubstr("将返回的报表发至科创平台（2行待发）")));
  EXPECT_THAT(fourth("lab", "REMINDER"), IsEmpty());
  ASSERT_TRUE(Deliver().ok());
  LookAt(InChina(4, 29, 9));
  EXPECT_THAT(fourth("lab", "OVERDUE"),
              ElementsAre(HasSubstr("签收返回科创平台的报表（1个平台待签收）"),
                          HasSubstr(absl::StrCat("签收返回“", kOucLab, "”的报表"))));
  EXPECT_THAT(fourth("center", "OVERDUE"), SizeIs(1)) << "the lab has a manager of its own";
  EXPECT_THAT(fourth("office", "OVERDUE"), IsEmpty());
  EXPECT_THAT(fourth("secretary", "OVERDUE"), IsEmpty()) << "everybody could be told";

  ASSERT_TRUE(ReceivePart(kLab).ok());
  LookAt(InChina(4, 29, 10));
  EXPECT_THAT(fourth("lab", "OVERDUE"),
              ElementsAre(::testing::StartsWith("UNREAD"), ::testing::StartsWith("SETTLED")));
  LookAt(InChina(4, 30, 9));
  EXPECT_THAT(fourth("leader", "ESCALATION"), ElementsAre(HasSubstr("本单位未按期完成")));
  ASSERT_TRUE(ReceivePart(kCenter).ok());
  LookAt(InChina(4, 30, 10));
  for (const char* account : {"lab", "center", "office", "leader"}) {
    for (const char* kind : {"REMINDER", "OVERDUE", "ESCALATION"}) {
      for (const std::string& one : fourth(account, kind)) {
        EXPECT_THAT(one, ::testing::StartsWith("SETTLED")) << account;
      }
    }
  }
}

TEST_F(PartReminderTest, AStepThatIsClosedEarlyEndsTheTermsInIt) {
  HandOut();
  world_.clock.now = In2026(6, 8);
  v1::CloseStepRequest close;
  close.set_name(kLive);
  close.set_step(1);
  close.set_reason("各校均已报送");
  const auto closed =
      world_.service->CloseStep(world_.CallOf("CloseStep", ROLE_SECRETARIAT, kSecretariat), close);
  ASSERT_TRUE(closed.ok()) << closed.status();
  LookAt(In2026(7, 9));
  EXPECT_THAT(Contents("lab", "REMINDER"), IsEmpty());
  EXPECT_THAT(Contents("lab", "OVERDUE"), ElementsAre(HasSubstr("准予延期")));
}

}  // namespace
}  // namespace chanyan::cycle
