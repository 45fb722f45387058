#include "tests/fault/under_load/scene.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/sheets.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;

constexpr int kShared = 2;
constexpr int kInstruments = 2;
constexpr int kAttempts = 10;
constexpr int kAccounts = 8;
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Milliseconds(100);
// A client has one.
constexpr size_t kCampaigns = 8;
constexpr char kSecretariat[] = "organizations/secretariat";
// Units of the pack, called as it calls them so that nothing is renamed on the way; the office
// keeps what no team serves.
constexpr char kOffice[] = "qdst-cg";
constexpr char kDepartment[] = "qdst-hy";
constexpr char kAgency[] = "qd-agency-3";

// Repeated under one request id, as any client would: COMMITs may be lost already.
std::string MustPost(Api& api, const std::string& target, const std::string& body,
                     const std::string& content_type = "application/json") {
  const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()},
                                 {"Content-Type", content_type}};
  HttpReply reply;
  for (int attempt = 0; attempt < kAttempts && reply.status != 200; ++attempt) {
    reply = api.Post(target, body, once);
  }
  EXPECT_EQ(reply.status, 200) << target << ": " << reply.body << reply.failure;
  return reply.json().At("name");
}

constexpr int kTasks = 8;

// A joint conference of the past whose minutes were issued.
pairing::v1::ConferenceRow PastConference() {
  pairing::v1::ConferenceRow row;
  row.set_kind(pairing::v1::CONFERENCE_KIND_JOINT);
  row.set_title(kConferenceTitle);
  row.set_convener_title(kOfficeTitle);
  *row.mutable_meet_time() =
      time::ToTimestamp(time::StartOfDay(absl::CivilDay(2025, 5, 20)) + absl::Hours(9));
  row.set_place("会议室");
  row.set_agenda("通报进展");
  row.set_attendees(absl::StrCat(kUnitTitle, " | 周某 |  | 到会"));
  row.set_minutes("通报了进展");
  row.set_decisions("1 | 共建研究院");
  *row.mutable_issue_date() = time::ToProto(absl::CivilDay(2025, 6, 1));
  return row;
}

pairing::v1::FollowUpRow Task(int number) {
  pairing::v1::FollowUpRow row;
  row.set_conference_title(kConferenceTitle);
  row.set_decision_number(1);
  row.set_task(absl::StrCat("完成选址", number));
  row.set_unit_title(kUnitTitle);
  *row.mutable_due_date() = time::ToProto(absl::CivilDay(2099, 12, 31));
  return row;
}

// What frame agreements need of a pack.
constexpr char kCooperation[] = R"(
  cooperation {
    areas { id: "platforms" display_name: "平台建设" CLAUSE }
    base_kinds: "transfer-park"
    agreement_reminder_days: 90
    conference { interval_months: 6 CLAUSE origin: ORIGIN_STATED }
  }
}
)";
constexpr char kClause[] = R"(clause { document: "演示文件" article: "一" text: "演示" })";

testing::Headers Bearer(const std::string& token) {
  return {{"Authorization", absl::StrCat("Bearer ", token)}};
}

// The names in a list of the cycle's plans, `fewest` at least. It fills them in when it starts; if
// that COMMIT was lost, when it starts again.
std::vector<std::string> PlansOf(testing::Suite& suite, Api& api, const std::string& collection,
                                 size_t fewest) {
  std::vector<std::string> names;
  for (int attempt = 0; attempt < kAttempts && names.empty(); ++attempt) {
    if (attempt > 0) {
      suite.Signal("cycle", SIGTERM);
      suite.Wait("cycle", absl::InfiniteDuration());
      suite.Start("cycle");
      suite.WaitReady("cycle");
    }
    const absl::Time until = absl::Now() + kPatience;
    while (names.empty() && absl::Now() < until) {
      const HttpReply reply = api.Get(absl::StrCat("/v1/", collection));
      const testing::Json list = reply.json();
      for (int i = 0; i < list.Size(collection); ++i) {
        names.push_back(list.At(absl::StrCat(collection, ".", i, ".name")));
      }
      if (names.empty()) absl::SleepFor(kPause);
    }
  }
  EXPECT_GE(names.size(), fewest) << collection;
  names.resize(std::max(names.size(), fewest), absl::StrCat(collection, "/none"));
  return names;
}

}  // namespace

std::string UnpairedTitle(int i) { return absl::StrCat("演示未结对企业", i); }

void AddCooperation(const std::string& folder) {
  const std::string path = folder + "/pairing_policy.textproto";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::string pairing = text.str();
  // It goes before the last bracket, which ends `pairing`.
  pairing.erase(pairing.rfind('}'));
  std::ofstream(path) << pairing << absl::StrReplaceAll(kCooperation, {{"CLAUSE", kClause}});
}

Scene Scene::Imagined() {
  Scene scene;
  scene.university = "organizations/university";
  scene.partner = "organizations/partner";
  scene.unit = "organizations/unit";
  scene.office = "organizations/office";
  scene.agency = "organizations/agency";
  scene.platform = "organizations/university/platforms/one";
  scene.other_platform = "organizations/other/platforms/one";
  scene.project = "projects/one";
  scene.outreaches = {"outreaches/one"};
  scene.tasks = {"conferences/one/followUps/one"};
  scene.accounts = {"accounts/one"};
  scene.campaigns = {"chainCampaigns/one"};
  scene.other_campaigns = {"chainCampaigns/two"};
  scene.held_campaign = "chainCampaigns/three";
  scene.action_tasks = {"actionTasks/one"};
  return scene;
}

Scene::Scene(testing::Suite& suite) : address(suite.http_address()) {
  const auto act_as = [&](Actor actor, const char* role, const std::string& organization) {
    credentials[static_cast<size_t>(actor)] = Bearer(suite.Token(role, organization));
    return ApiOf(actor);
  };
  const auto organization = [](const std::string& id) {
    return absl::StrCat("/v1/organizations?organizationId=", id);
  };
  Api secretariat = act_as(Actor::kSecretariat, "ROLE_SECRETARIAT", kSecretariat);
  university = MustPost(secretariat, organization("university"),
                        OrganizationBody(kUniversityTitle, "UNIVERSITY"));
  unit =
      MustPost(secretariat, organization("unit"), OrganizationBody(kUnitTitle, "FUNCTIONAL_ZONE"));
  partner = MustPost(secretariat, organization("partner"),
                     EnterpriseBody(kPartnerTitle, kPartnerNumber, unit));
  for (int i = 0; i < kShared; ++i) {
    shared.push_back(MustPost(secretariat, organization(absl::StrCat("shared-", i)),
                              OrganizationBody(absl::StrCat("演示街道", i), "TOWN")));
  }
  Api research_office = act_as(Actor::kResearchOffice, "ROLE_RESEARCH_OFFICE", university);
  act_as(Actor::kPlatformManager, "ROLE_PLATFORM_MANAGER", university);
  act_as(Actor::kEnterprise, "ROLE_ENTERPRISE", partner);
  act_as(Actor::kUnit, "ROLE_UNIT", unit);
  office =
      MustPost(secretariat, organization(kOffice), OrganizationBody(kOfficeTitle, "DEPARTMENT"));
  act_as(Actor::kOffice, "ROLE_DEPARTMENT", office);
  act_as(
      Actor::kDepartment, "ROLE_DEPARTMENT",
      MustPost(secretariat, organization(kDepartment), OrganizationBody("海洋处", "DEPARTMENT")));
  agency = MustPost(secretariat, organization(kAgency),
                    OrganizationBody("第三专班服务机构", "SERVICE_AGENCY"));
  act_as(Actor::kAgency, "ROLE_SERVICE_TEAM", agency);

  const std::string other = MustPost(secretariat, organization("other-university"),
                                     OrganizationBody(kOtherUniversityTitle, "UNIVERSITY"));
  Api other_office = act_as(Actor::kOtherOffice, "ROLE_RESEARCH_OFFICE", other);

  const auto publish = [&](Api& owner, const std::string& of, const std::string& title) {
    const std::string name =
        MustPost(owner, absl::StrCat("/v1/", of, "/platforms"), PlatformBody(title));
    MustPost(owner, absl::StrCat("/v1/", name, ":submit"), "{}");
    MustPost(secretariat, absl::StrCat("/v1/", name, ":publish"), "{}");
    return name;
  };
  platform = publish(research_office, university, kPlatformTitle);
  revised_platform = publish(research_office, university, "演示中试基地");
  other_platform = publish(other_office, other, kOtherPlatformTitle);
  for (int i = 0; i < kInstruments; ++i) {
    instruments.push_back(MustPost(research_office,
                                   absl::StrCat("/v1/", university, "/instruments"),
                                   InstrumentBody(platform, absl::StrCat(i), /*asked=*/false)));
    MustPost(research_office, absl::StrCat("/v1/", instruments.back(), ":open"), "{}");
  }
  project = MustPost(research_office, "/v1/projects", ProjectBody(platform, partner));
  MustPost(research_office, absl::StrCat("/v1/", project, ":sign"),
           R"({"signDate": {"year": 2025, "month": 4, "day": 8}, "overrideReason": "文本用印中"})");
  MustPost(research_office, absl::StrCat("/v1/", project, "/agreements"),
           AgreementBody(university, partner));
  std::vector<pairing::v1::RosterEntry> roster;
  for (int i = 0; i < kUnpaired; ++i) {
    const std::string title = UnpairedTitle(i);
    const std::string name = MustPost(secretariat, organization(absl::StrCat("unpaired-", i)),
                                      EnterpriseBody(title, kPartnerNumber + 1 + i, unit));
    outreaches.push_back(absl::StrReplaceAll(name, {{"organizations/", "outreaches/"}}));
    roster.emplace_back().set_enterprise_title(title);
    roster.back().set_unified_social_credit_code(CodeOf(kPartnerNumber + 1 + i));
  }
  credentials[static_cast<size_t>(Actor::kAdministrator)] = suite.Administrator().credentials();
  Api administrator = ApiOf(Actor::kAdministrator);
  for (int i = 0; i < kAccounts; ++i) {
    const HttpReply created = administrator.Post(
        "/v1/accounts", absl::StrCat("{\"login\":\"drill-", i,
                                     "\",\"displayName\":\"演示账号\",\"organization\":\"", unit,
                                     "\",\"roles\":[\"ROLE_UNIT\"]}"));
    EXPECT_EQ(created.status, 200) << created.body << created.failure;
    accounts.push_back(created.json().At("account.name"));
  }
  MustPost(secretariat, "/v1/rosters/2025-04-01:import?fileName=x.xlsx", SheetOf(roster), kXlsx);
  MustPost(secretariat, "/v1/conferences:import?fileName=x.xlsx",
           SheetOf(std::vector<pairing::v1::ConferenceRow>{PastConference()}), kXlsx);
  std::vector<pairing::v1::FollowUpRow> rows;
  for (int i = 0; i < kTasks; ++i) rows.push_back(Task(i));
  MustPost(secretariat, "/v1/conferences/followUps:import?fileName=x.xlsx", SheetOf(rows), kXlsx);
  const HttpReply listed = secretariat.Get("/v1/conferences/-/followUps");
  EXPECT_EQ(listed.json().Size("followUps"), kTasks) << listed.body << listed.failure;
  for (int i = 0; i < kTasks; ++i) {
    tasks.push_back(listed.json().At(absl::StrCat("followUps.", i, ".name")));
  }
  campaigns = PlansOf(suite, secretariat, "chainCampaigns", kCampaigns + 2);
  action_tasks = PlansOf(suite, secretariat, "actionTasks", 1);
  held_campaign = campaigns.back();
  MustPost(secretariat, absl::StrCat("/v1/", held_campaign, ":hold"),
           R"({"place": "会议室", "summary": "已举办"})");
  other_campaigns.assign(campaigns.begin() + static_cast<ptrdiff_t>(kCampaigns),
                         campaigns.end() - 1);
  campaigns.resize(kCampaigns);
}

Api Scene::ApiOf(Actor actor) const {
  return Api(address, credentials[static_cast<size_t>(actor)]);
}

}  // namespace chanyan::fault
