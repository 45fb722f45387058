// Instruments on the real database: who sees them, their life, what follows their platform (REG-4).
#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/match.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/registry/charge_rules.h"
#include "services/registry/instrument_rules.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class InstrumentTest : public InstrumentWorld {
 protected:
  std::vector<std::string> Visible(const rpc::Call& call, const std::string& filter = "") {
    v1::ListInstrumentsRequest request;
    request.set_parent("organizations/-");
    request.set_filter(filter);
    const auto page = service_.ListInstruments(call, request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> numbers;
    if (page.ok()) {
      for (const auto& row : page->instruments()) numbers.push_back(row.asset_number());
    }
    return numbers;
  }
  std::vector<std::string> VisibleToAll(const std::string& filter = "") {
    return Visible(As(options::v1::ROLE_PUBLIC, "", "ListInstruments"), filter);
  }
};

TEST_F(InstrumentTest, ABadInstrumentIsRefusedWithAllThatIsWrong) {
  v1::Instrument row = Sample("A1");
  row.set_platform("organizations/ouc/platforms/nowhere");
  row.mutable_hours(0)->set_end_minute(1);
  row.mutable_charges(0)->set_user_type("nobody");
  row.mutable_terms()->set_notice_workdays(2);
  const auto made = Create(Owner("CreateInstrument"), kOuc, row);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string places = Places(made.status());
  EXPECT_THAT(places, HasSubstr("instrument.platform|“organizations/ouc/platforms/nowhere”不在"));
  EXPECT_THAT(places, HasSubstr("instrument.hours[0]|"));
  EXPECT_THAT(places, HasSubstr("instrument.charges[0].user_type|"));
  EXPECT_THAT(places, HasSubstr("instrument.terms.notice_workdays|本市统一规定"));
  EXPECT_THAT(Texts("SELECT name FROM instrument"), IsEmpty());
}

TEST_F(InstrumentTest, NobodyAddsInstrumentsToAnotherUniversity) {
  EXPECT_EQ(
      Create(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "CreateInstrument"), kOuc, Sample("A1"))
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  v1::Instrument row = Sample("A1");
  EXPECT_THAT(
      Places(Create(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "CreateInstrument"), kUpc, row)
                 .status()),
      HasSubstr("instrument.platform|所属平台应是本单位的科创平台"));
}

TEST_F(InstrumentTest, AnAssetNumberBelongsToOneInstrumentOfAnOwner) {
  const std::string first = Draft("A1").name();
  const auto second = Create(Owner("CreateInstrument"), kOuc, Sample("A1"));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(first));
  v1::Instrument other = Draft("A2");
  other.set_asset_number("A1");
  EXPECT_EQ(Update(other, {"asset_number"}).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(InstrumentTest, OfEightAtOnceOneGetsTheAssetNumber) {
  std::vector<absl::Status> results(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      v1::CreateInstrumentRequest request;
      request.set_parent(kOuc);
      request.set_instrument_id(absl::StrCat("x", i));
      *request.mutable_instrument() = Sample("A1");
      request.set_request_id(api::NewUuid());
      results[i] = service_.CreateInstrument(Owner("CreateInstrument"), request).status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (const absl::Status& result : results) {
    made += result.ok();
    if (!result.ok()) {
      EXPECT_EQ(result.code(), absl::StatusCode::kAlreadyExists) << result;
    }
  }
  EXPECT_EQ(made, 1);
}

TEST_F(InstrumentTest, ThePublicSeesOpenInstrumentsOfPublishedPlatformsOnly) {
  Draft("draft");
  Opened("open");
  ASSERT_TRUE(Do("suspend", Opened("suspended").name()).ok());
  ASSERT_TRUE(Do("retire", Opened("retired").name()).ok());
  EXPECT_THAT(VisibleToAll(), ElementsAre("open"));
  EXPECT_THAT(Visible(As(options::v1::ROLE_ENTERPRISE, kE1, "ListInstruments")),
              ElementsAre("open"));
  EXPECT_THAT(Visible(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "ListInstruments")),
              ElementsAre("open"));
  const std::vector<std::string> all = {"draft", "open", "suspended", "retired"};
  for (const auto role : {options::v1::ROLE_SECRETARIAT, options::v1::ROLE_DEPARTMENT,
                          options::v1::ROLE_LEADER, options::v1::ROLE_SERVICE}) {
    EXPECT_THAT(Visible(As(role, "", "ListInstruments")), ::testing::UnorderedElementsAreArray(all))
        << role;
  }
  EXPECT_THAT(Visible(Owner("ListInstruments")), ::testing::UnorderedElementsAreArray(all));
  EXPECT_THAT(Visible(As(options::v1::ROLE_ADMINISTRATOR, kOuc, "ListInstruments")),
              ElementsAre("open"))
      << "what anybody sees";
}

TEST_F(InstrumentTest, AWithdrawnPlatformTakesItsInstrumentsFromThePublic) {
  MakePlatform(kOuc, "other");
  const std::string mine = Opened("A1").name();
  Opened("A2", [](v1::Instrument* row) { row->set_platform("organizations/ouc/platforms/other"); });
  EXPECT_THAT(VisibleToAll(), UnorderedElementsAre("A1", "A2"));
  ASSERT_TRUE(WithdrawPlatform(kLab).ok());
  EXPECT_THAT(VisibleToAll(), ElementsAre("A2"));
  EXPECT_FALSE(Book(kE1, mine, InChina(4, 3, 9), InChina(4, 3, 10)).ok());
  EXPECT_THAT(Texts("SELECT kind FROM journal ORDER BY id DESC LIMIT 2"), Contains("followed"));
  // An instrument that goes over to a published platform is seen again.
  v1::Instrument row = *Get(Owner("GetInstrument"), mine);
  row.set_platform("organizations/ouc/platforms/other");
  ASSERT_TRUE(Update(row, {"platform"}).ok());
  EXPECT_THAT(VisibleToAll(), UnorderedElementsAre("A1", "A2"));
  row = *Get(Owner("GetInstrument"), mine);
  row.set_platform(kLab);
  EXPECT_THAT(Places(Update(row, {"platform"}).status()), HasSubstr("已撤回"));
}

TEST_F(InstrumentTest, InstrumentsAddedWhileTheirPlatformIsWithdrawnAreNeverLeftInTheOpen) {
  // Each round a new platform is withdrawn while instruments are added to it.
  for (int round = 0; round < 6; ++round) {
    const std::string id = absl::StrCat("p", round);
    MakePlatform(kOuc, id);
    const std::string platform = absl::StrCat(kOuc, "/platforms/", id);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        v1::Instrument row = Sample(absl::StrCat(id, "-", i));
        row.set_platform(platform);
        (void)Create(Owner("CreateInstrument"), kOuc, row);
      });
    }
    threads.emplace_back([&] { EXPECT_TRUE(WithdrawPlatform(platform).ok()); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(Texts(absl::StrCat("SELECT COUNT(*) FROM instrument WHERE platform = '", platform,
                                 "' AND platform_published = 1"))
                  .at(0),
              "0")
        << round;
  }
}

TEST_F(InstrumentTest, WhatIsComputedIsShownToWhomItConcerns) {
  const std::string name = Opened("A1").name();
  const auto row = *Get(As(options::v1::ROLE_PUBLIC, "", "GetInstrument"), name);
  EXPECT_EQ(row.organization_title(), "ouc（演示）");
  EXPECT_EQ(row.platform_title(), "平台lab（演示）");
  EXPECT_EQ(row.hours_text(), "每天 08:00-20:00");
  EXPECT_THAT(row.charges_text(), HasSubstr("企业用户 100元/小时"));
  EXPECT_THAT(row.terms_text(), HasSubstr("提前24小时预约"));
  EXPECT_THAT(row.actions(), IsEmpty());
  EXPECT_THAT(Get(Owner("GetInstrument"), name)->actions(), ElementsAre("suspend", "retire"));
  EXPECT_THAT(Get(As(options::v1::ROLE_SECRETARIAT, "", "GetInstrument"), name)->actions(),
              IsEmpty())
      << "the secretariat imports and does not run instruments";
  EXPECT_THAT(VisibleToAll("maker = \"演示仪器公司\" AND booking_mode = APPROVAL"),
              ElementsAre("A1"));
}

TEST_F(InstrumentTest, EveryStateAndVerbOfAnInstrument) {
  constexpr auto kNo = v1::INSTRUMENT_STATE_UNSPECIFIED;
  const char* verbs[] = {"open", "suspend", "resume", "retire"};
  struct Case {
    std::vector<std::string> walk;
    v1::InstrumentState to[4];
  };
  constexpr auto kRetired = v1::INSTRUMENT_STATE_RETIRED;
  const Case cases[] = {
      {{}, {v1::INSTRUMENT_STATE_OPEN, kNo, kNo, kRetired}},
      {{"open"}, {kNo, v1::INSTRUMENT_STATE_SUSPENDED, kNo, kRetired}},
      {{"open", "suspend"}, {kNo, kNo, v1::INSTRUMENT_STATE_OPEN, kRetired}},
      {{"retire"}, {kNo, kNo, kNo, kNo}},
  };
  int number = 0;
  for (const Case& one : cases) {
    for (int i = 0; i < 4; ++i) {
      const std::string name = Draft(absl::StrCat("A", ++number)).name();
      for (const std::string& verb : one.walk) ASSERT_TRUE(Do(verb, name).ok()) << verb;
      const auto done = Do(verbs[i], name);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE) << number << verbs[i];
      } else {
        ASSERT_TRUE(done.ok()) << number << verbs[i] << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << number << verbs[i];
      }
    }
  }
}

TEST_F(InstrumentTest, OpeningNeedsWhatThePackAsksAndKeepsTheVerdicts) {
  const std::string bare = Draft("A1", [](v1::Instrument* row) {
                             row->clear_charges();
                             row->clear_contact_phone();
                           }).name();
  const auto refused = Do("open", bare);
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("缺少收费标准、联系人"));
  const v1::Instrument opened = Opened("A2");
  ASSERT_EQ(opened.open_verdicts().verdicts_size(), 1);
  EXPECT_EQ(opened.open_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
  EXPECT_EQ(time::ToTime(opened.open_time()), clock_.now);
  v1::Instrument row = opened;
  row.clear_charges();
  EXPECT_EQ(status::ReasonOf(Update(row, {"charges"}).status()),
            options::v1::ERROR_REASON_RULE_VIOLATED)
      << "what is open stays fit to be open";
  row = opened;
  row.set_access_conditions("来样测试，节假日不收样");
  clock_.now += absl::Hours(24);
  const auto changed = Update(row, {"access_conditions"});
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(policy::Encode(changed->open_verdicts()),
            policy::Encode(OpenVerdicts(*pack_, *changed)))
      << "what was judged is what is there";
  EXPECT_NE(policy::Encode(changed->open_verdicts()), policy::Encode(opened.open_verdicts()));
}

TEST_F(InstrumentTest, TheTimeOutOfOrderIsKeptAsAClosure) {
  const std::string name = Opened("A1").name();
  clock_.now = InChina(4, 1, 10) + absl::Seconds(30);
  ASSERT_TRUE(Do("suspend", name).ok());
  clock_.now = InChina(4, 2, 10) + absl::Seconds(30);
  const auto resumed = Do("resume", name);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  ASSERT_EQ(resumed->closures_size(), 1);
  EXPECT_EQ(time::ToTime(resumed->closures(0).start_time()), InChina(4, 1, 10));
  EXPECT_EQ(time::ToTime(resumed->closures(0).end_time()), InChina(4, 2, 10, 1));
  EXPECT_FALSE(resumed->has_suspend_time());
}

TEST_F(InstrumentTest, AnInstrumentWithBookingsToComeIsNotRetired) {
  const std::string name = Opened("A1").name();
  const std::string booking = Booked(kE1, name, InChina(4, 3, 9), InChina(4, 3, 10)).name();
  const auto refused = Do("retire", name);
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_REFERENCED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("还有1个预约"));
  ASSERT_TRUE(DoAs(kE1, "cancel", booking).ok());
  EXPECT_TRUE(Do("retire", name).ok());
  v1::Instrument row = *Get(Owner("GetInstrument"), name);
  row.set_room("楼外");
  EXPECT_EQ(status::ReasonOf(Update(row, {"room"}).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(InstrumentTest, RetiringAndBookingAtOnceLeaveNoBookingOfARetiredInstrument) {
  for (int round = 0; round < 8; ++round) {
    const std::string name = Opened(absl::StrCat("A", round)).name();
    std::thread booking([&] { (void)Book(kE1, name, InChina(4, 3, 9), InChina(4, 3, 10)); });
    std::thread retiring([&] { (void)Do("retire", name); });
    booking.join();
    retiring.join();
    EXPECT_EQ(Texts(absl::StrCat("SELECT COUNT(*) FROM booking JOIN instrument"
                                 " ON instrument.name = booking.instrument"
                                 " WHERE instrument.state = 'RETIRED' AND instrument.name = '",
                                 name, "'"))
                  .at(0),
              "0");
  }
}

TEST_F(InstrumentTest, ASuspendedOwnerOpensNothing) {
  const std::string draft = Draft("A1").name();
  const std::string open = Opened("A2").name();
  v1::SuspendOrganizationRequest suspend;
  suspend.set_name(kOuc);
  suspend.set_reason("合并");
  ASSERT_TRUE(registry_
                  .SuspendOrganization(
                      testing::CallAs(options::v1::ROLE_SECRETARIAT, "",
                                      "chanyan.registry.v1.RegistryService.SuspendOrganization"),
                      suspend)
                  .ok());
  EXPECT_FALSE(Do("open", draft).ok());
  const auto refused = Book(kE1, open, InChina(4, 3, 9), InChina(4, 3, 10));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("已停用"));
}

TEST_F(InstrumentTest, AStaleEtagIsRefusedAndARequestIsDoneOnce) {
  v1::Instrument row = Draft("A1");
  const v1::Instrument stale = row;
  row.set_room("甲");
  ASSERT_TRUE(Update(row, {"room"}).ok());
  EXPECT_EQ(Update(stale, {"room"}).status().code(), absl::StatusCode::kAborted);
  v1::CreateInstrumentRequest request;
  request.set_parent(kOuc);
  *request.mutable_instrument() = Sample("A2");
  request.set_request_id(api::NewUuid());
  const auto first = service_.CreateInstrument(Owner("CreateInstrument"), request);
  const auto again = service_.CreateInstrument(Owner("CreateInstrument"), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  request.set_request_id(api::NewUuid());
  request.mutable_instrument()->set_asset_number("A3");
  request.set_validate_only(true);
  EXPECT_TRUE(service_.CreateInstrument(Owner("CreateInstrument"), request).ok());
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM instrument").at(0), "2");
}

TEST_F(InstrumentTest, PersonalDataIsNotInTheJournal) {
  const std::string name = Opened("A1").name();
  Booked(kE1, name, InChina(4, 3, 9), InChina(4, 3, 10));
  for (const std::string& json : Texts("SELECT COALESCE(after_json, '') FROM journal")) {
    EXPECT_FALSE(absl::StrContains(json, "2345678")) << json;
    EXPECT_FALSE(absl::StrContains(json, "13800138000")) << json;
  }
}

}  // namespace
}  // namespace chanyan::registry
