// Strangers of the right role who name what is another's (IDN-2): a platform, an enterprise, a
// result, a filing, an office. They are refused, and told nothing that whoever names what is not
// there would not be told; whose it is goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "tests/e2e/through_gateway/asked_apart.h"
#include "tests/e2e/through_gateway/city.h"
#include "tests/e2e/through_gateway/rpc_call.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

// Whose results, reports and lists; whose consortia; a department of neither.
constexpr char kResultOffice[] = "organizations/qdst-cg";
constexpr char kFilingOffice[] = "organizations/qdst-gx";
constexpr char kOtherDepartment[] = "organizations/qdst-zp";

// 演示企业1有限公司, as CreateOrganization is told of it.
constexpr char kEnterpriseTitle[] =
    "%E6%BC%94%E7%A4%BA%E4%BC%81%E4%B8%9A1%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8";

struct Somebody {
  const char* role;
  std::string organization;
};

class StrangersTest : public ::testing::Test {
 protected:
  StrangersTest()
      : university_(city_.university()),
        other_university_(city_.Organization("foreign-university", "UNIVERSITY", "外地演示大学")),
        enterprise_(city_.enterprise()),
        other_enterprise_(city_.Enterprise(2)) {
    const HttpReply draft = city_.research_office().Post(
        absl::StrCat("/v1/", university_, "/platforms"), PlatformBody("演示材料实验室"));
    EXPECT_EQ(draft.status, 200) << draft.body;
    platform_ = draft.json().At("name");
    EXPECT_EQ(city_.research_office().Post("/v1/" + platform_ + ":submit", "{}").status, 200);
    EXPECT_EQ(city_.secretariat().Post("/v1/" + platform_ + ":publish", "{}").status, 200);
  }

  // "{platform}" and the like in a body.
  std::string Filled(const std::string& body) const {
    return absl::StrReplaceAll(
        body,
        {{"{university}", university_},
         {"{enterprise}", enterprise_},
         {"{platform}", platform_},
         {"{later}", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now() + absl::Hours(24 * 30),
                                      absl::UTCTimeZone())}});
  }

  HttpReply Post(const Somebody& by, const std::string& target, const std::string& body) {
    return city_.suite().As(by.role, by.organization).Post(target, Filled(body));
  }

  // Every stranger is refused so, in these words.
  void RefusedTo(const std::string& rpc, const std::vector<Somebody>& strangers,
                 const std::string& target, const std::string& body, int status,
                 const std::string& words) {
    for (const Somebody& stranger : strangers) {
      const HttpReply reply = Post(stranger, target, body);
      const std::string who = absl::StrCat(rpc, " by ", stranger.role, ": ");
      EXPECT_EQ(reply.status, status) << who << reply.body;
      EXPECT_THAT(reply.body, HasSubstr(words)) << who;
    }
    asked_.insert(rpc);
  }
  // And whose it is is not.
  void Refused(const std::string& rpc, const std::vector<Somebody>& strangers,
               const Somebody& owner, const std::string& target, const std::string& body,
               int status, const std::string& words) {
    RefusedTo(rpc, strangers, target, body, status, words);
    const HttpReply own = Post(owner, target, body);
    EXPECT_TRUE(own.status == 200 || own.status == 400 || own.status == 404)
        << rpc << ": " << own.body;
    EXPECT_THAT(own.body, Not(HasSubstr(words))) << rpc;
  }

  // The same with a body of which only its shape matters, for the office is asked about first.
  void RefusedToAllButTheOffice(const std::string& rpc, const std::string& office,
                                const std::string& words) {
    for (const auto* method : AllRpcs()) {
      if (method->full_name() != rpc) continue;
      const RpcCall call = CallOf(method);
      Refused(rpc, {{"ROLE_DEPARTMENT", kOtherDepartment}}, {"ROLE_DEPARTMENT", office},
              call.target, call.body, 403, words);
    }
  }

  HttpReply GetWhenReady(const Somebody& by, const std::string& target, int status) {
    Api api = city_.suite().As(by.role, by.organization);
    HttpReply reply = api.Get(target);
    for (const absl::Time until = absl::Now() + kPatience;
         reply.status != status && absl::Now() < until; reply = api.Get(target)) {
      absl::SleepFor(kPoll);
    }
    return reply;
  }

  City city_;
  const std::string university_;
  const std::string other_university_;
  const std::string enterprise_;
  const std::string other_enterprise_;
  std::string platform_;
  std::set<std::string> asked_;

  void AskPairing();
  void AskTriage();
  void AskTheOffices();
  void AskConsortia();
  void AskWhoLooks();
};

void StrangersTest::AskPairing() {
  const Somebody owner = {"ROLE_RESEARCH_OFFICE", university_};
  const std::vector<Somebody> universities = {{"ROLE_RESEARCH_OFFICE", other_university_},
                                              {"ROLE_PLATFORM_MANAGER", other_university_}};
  std::vector<Somebody> strangers = universities;
  strangers.push_back({"ROLE_ENTERPRISE", other_enterprise_});
  strangers.push_back({"ROLE_UNIT", "organizations/foreign-zone"});
  strangers.push_back({"ROLE_DEPARTMENT", kOtherDepartment});
  Refused("chanyan.pairing.v1.PairingService.CreateProject", strangers, owner,
          "/v1/projects?validateOnly=true",
          R"({"platform": "{platform}", "enterprise": "{enterprise}", "title": "共建中试线（演示）",
              "kinds": ["技术研发"], "content": "共建"})",
          403, "只能为本单位的科创平台或本企业新增项目");
  Refused("chanyan.pairing.v1.PairingService.CreateIntent", universities, owner,
          "/v1/intents?validateOnly=true",
          R"({"side": "INTENT_SIDE_OFFER", "platform": "{platform}", "title": "中试服务（演示）",
              "kinds": ["技术研发平台"], "content": "开放", "expireTime": "{later}"})",
          400, "只能为本单位的科创平台发布意向");
  Refused("chanyan.pairing.v1.DiscoveryService.CreateDismissal",
          {{"ROLE_ENTERPRISE", other_enterprise_}, {"ROLE_UNIT", "organizations/foreign-zone"}},
          {"ROLE_ENTERPRISE", enterprise_}, "/v1/dismissals?validateOnly=true",
          R"({"enterprise": "{enterprise}", "platform": "{platform}", "reason": "方向不符"})", 404,
          "NOT_FOUND");
}

void StrangersTest::AskTriage() {
  const std::string result = R"({
    "university": "{university}", "title": "演示海水淡化膜", "disclosure": "DISCLOSURE_OPEN",
    "keywords": ["海水淡化"], "stage": "STAGE_MATURE", "industries": ["海水淡化与综合利用"],
    "fields": ["海洋"], "abstract": "已完成中试。",
    "conversionModes": ["CONVERSION_MODE_LICENSE"],
    "maturity": [{"scale": "trl", "level": 8, "evidence": "中试报告"}],
    "contactPerson": "演示联系人", "contactPhone": "0532-85880000"})";
  const Somebody owner = {"ROLE_RESEARCH_OFFICE", university_};
  Refused("chanyan.triage.v1.ResultService.CreateResult",
          {{"ROLE_RESEARCH_OFFICE", other_university_},
           {"ROLE_PLATFORM_MANAGER", other_university_},
           {"ROLE_ENTERPRISE", other_enterprise_}},
          owner, "/v1/results?validateOnly=true", result, 400, "只能录入本单位的成果");
  Refused("chanyan.triage.v1.DemandService.CreateDemand", {{"ROLE_ENTERPRISE", other_enterprise_}},
          {"ROLE_ENTERPRISE", enterprise_}, "/v1/demands?validateOnly=true",
          R"({"enterprise": "{enterprise}", "title": "海水提锂吸附剂"})", 400,
          "只能录入本企业的需求");
  const HttpReply made = Post(owner, "/v1/results", result);
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string name = made.json().At("name");
  Refused("chanyan.triage.v1.EscalationService.RaiseEscalation",
          {{"ROLE_DEPARTMENT", kOtherDepartment},
           {"ROLE_SERVICE_TEAM", "organizations/qd-agency-2"},
           {"ROLE_BROKER", "organizations/qd-agency-2"}},
          {"ROLE_DEPARTMENT", kResultOffice}, "/v1/escalations",
          absl::StrCat(R"({"matter": "协调中试场地", "reason": "涉及两个部门", "result": ")", name,
                       R"("})"),
          404, "NOT_FOUND");
  // The platform is known there once the registry's journal has told of it.
  const std::string unsuited = absl::StrCat(
      R"({"counterpart": "{platform}", "reason": "方向不符", "subject": ")", name, R"("})");
  const std::string dismiss = "/v1/matchDismissals:dismiss";
  HttpReply dismissed = Post(owner, dismiss, unsuited);
  for (const absl::Time until = absl::Now() + kPatience;
       dismissed.status != 200 && absl::Now() < until; dismissed = Post(owner, dismiss, unsuited)) {
    absl::SleepFor(kPoll);
  }
  EXPECT_EQ(dismissed.status, 200) << dismissed.body;
  RefusedTo("chanyan.triage.v1.MatchingService.DismissMatch",
            {{"ROLE_RESEARCH_OFFICE", other_university_},
             {"ROLE_ENTERPRISE", other_enterprise_},
             {"ROLE_DEPARTMENT", kOtherDepartment}},
            dismiss, unsuited, 404, "NOT_FOUND");
  Refused("chanyan.triage.v1.CaseService.CreateTypicalCase",
          {{"ROLE_DEPARTMENT", kOtherDepartment},
           {"ROLE_SERVICE_TEAM", "organizations/qd-agency-2"},
           {"ROLE_BROKER", "organizations/qd-agency-2"}},
          {"ROLE_DEPARTMENT", kResultOffice}, "/v1/cases?validateOnly=true",
          absl::StrCat(R"({"title": "演示案例", "practice": "组织中试", )",
                       R"("audience": "CASE_AUDIENCE_PUBLIC", "result": ")", name, R"("})"),
          400, "没有由本单位服务的成果");
  Refused(
      "chanyan.triage.v1.UniversityTeamService.CreateUniversityTeam",
      {{"ROLE_RESEARCH_OFFICE", other_university_}}, owner, "/v1/universityTeams?validateOnly=true",
      R"({"university": "{university}", "displayName": "产研对接专班", "leader": "分管校领导"})",
      403, "由该单位、");
  Refused("chanyan.triage.v1.GuideService.CreateProjectGuide",
          {{"ROLE_DEPARTMENT", kOtherDepartment}}, {"ROLE_DEPARTMENT", kResultOffice},
          "/v1/guides?validateOnly=true",
          R"({"department": "organizations/qdst-cg", "title": "演示项目指南",
              "triageClasses": ["TRIAGE_CLASS_TRANSFER"],
              "applyStartDate": {"year": 2026, "month": 1, "day": 5},
              "applyEndDate": {"year": 2026, "month": 2, "day": 5}})",
          400, "只能录入本处室的项目指南");
  Refused(
      "chanyan.triage.v1.TeamService.CreateBroker",
      {{"ROLE_SERVICE_TEAM", "organizations/qd-agency-2"}, {"ROLE_DEPARTMENT", kOtherDepartment}},
      {"ROLE_SERVICE_TEAM", "organizations/qd-agency-1"}, "/v1/brokers",
      R"({"organization": "organizations/qd-agency-1", "person": "演示经纪人"})", 400,
      "只能登记本机构的技术经纪人");
}

void StrangersTest::AskTheOffices() {
  RefusedToAllButTheOffice("chanyan.triage.v1.ListService.CreateIndustryList", kResultOffice,
                           "产业清单由成果处编制、印发和更正");
  RefusedToAllButTheOffice("chanyan.triage.v1.ReportService.CreateReport", kResultOffice,
                           "报告由成果处牵头编制");
  RefusedToAllButTheOffice("chanyan.triage.v1.TeamService.CreateServiceTeam", kResultOffice,
                           "服务专班由领导小组办公室");
  RefusedToAllButTheOffice("chanyan.consortium.v1.BarService.CreateCreditEntry", kFilingOffice,
                           "由备案单位办理");
  Refused("chanyan.consortium.v1.ExpertService.CreateExpert",
          {{"ROLE_DEPARTMENT", kOtherDepartment}}, {"ROLE_DEPARTMENT", kFilingOffice},
          "/v1/experts",
          R"({"person": "评审专家", "account": "accounts/an-expert", "employer": "{university}",
              "category": "industry", "fields": ["人工智能"],
              "terms": [{"startDate": {"year": 2024, "month": 1, "day": 1},
                         "endDate": {"year": 2099, "month": 12, "day": 31}}]})",
          403, "专家库由备案单位管理");
}

void StrangersTest::AskConsortia() {
  consortium::v1::Filing filing;
  filing.set_name("filings/another");
  filing.set_year(2025);
  filing.set_number(1);
  filing.set_filing_number("演示备案1号");
  filing.set_consortium("consortia/another");
  filing.set_lead_unit(enterprise_);
  filing.set_state(consortium::v1::FILING_STATE_VALID);
  const auto database = db::Database::Open(city_.suite().DatabaseOf("consortium")).value();
  const absl::Status written = database->Transact([&filing](db::Session& session) {
    return db::Table<consortium::v1::Filing>().Insert(session, absl::Now(), &filing);
  });
  ASSERT_TRUE(written.ok()) << written;
  const std::string words = "没有这一备案，或本单位不是其牵头单位";
  Refused("chanyan.consortium.v1.ConsortiumService.CreateConsortium",
          {{"ROLE_ENTERPRISE", other_enterprise_}}, {"ROLE_ENTERPRISE", enterprise_},
          "/v1/consortia", R"({"displayName": "演示创新联合体", "renews": "filings/another"})", 400,
          words);
}

// What is looked for is not found, or nothing is said of it.
void StrangersTest::AskWhoLooks() {
  const Somebody owner = {"ROLE_ENTERPRISE", enterprise_};
  const std::string lookup = absl::StrCat("/v1/organizations:lookup?text=", kEnterpriseTitle);
  EXPECT_EQ(GetWhenReady(owner, lookup, 200).json().Size("matches"), 1);
  const std::vector<Somebody> strangers = {{"ROLE_ENTERPRISE", other_enterprise_},
                                           {"ROLE_RESEARCH_OFFICE", other_university_},
                                           {"ROLE_PLATFORM_MANAGER", other_university_},
                                           {"ROLE_UNIT", "organizations/foreign-zone"},
                                           {"ROLE_EXPERT", other_university_}};
  for (const Somebody& stranger : strangers) {
    const HttpReply found = GetWhenReady(stranger, lookup, 200);
    EXPECT_EQ(found.status, 200) << stranger.role << found.body;
    EXPECT_EQ(found.json().Size("matches"), 0) << stranger.role << found.body;
  }
  asked_.insert("chanyan.registry.v1.DirectoryService.LookupOrganizations");

  const std::string recommend = "/v1/platforms:recommend?subject=";
  const HttpReply own = GetWhenReady(owner, recommend + enterprise_, 200);
  EXPECT_EQ(own.status, 200) << own.body;
  for (const Somebody& stranger : strangers) {
    if (std::string(stranger.role) == "ROLE_EXPERT") continue;
    const HttpReply others = GetWhenReady(stranger, recommend + enterprise_, 404);
    const HttpReply absent = GetWhenReady(stranger, recommend + "organizations/absent-9", 404);
    EXPECT_EQ(others.status, 404) << stranger.role << others.body;
    EXPECT_EQ(absl::StrReplaceAll(others.body,
                                  {{enterprise_, "organizations/absent-9"},
                                   {others.Header("x-request-id"), absent.Header("x-request-id")}}),
              absent.body)
        << stranger.role;
  }
  asked_.insert("chanyan.pairing.v1.DiscoveryService.RecommendPlatforms");
}

TEST_F(StrangersTest, AreRefusedWhatTheyNameOfAnothers) {
  AskPairing();
  AskTriage();
  AskTheOffices();
  AskConsortia();
  AskWhoLooks();
  EXPECT_THAT(asked_, UnorderedElementsAreArray(AskedOfStrangers()));
}

}  // namespace
}  // namespace chanyan::e2e
