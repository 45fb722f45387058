// A result's way through the gateway: collected by its university, let in, classified, pushed,
// answered, and on the market for anybody (TRI-1, TRI-3, TRI-4); who is asked for something finds
// it in the inbox until it is done (CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kResult[] = R"({
  "title": "演示海水淡化膜", "disclosure": "DISCLOSURE_OPEN", "keywords": ["海水淡化"],
  "stage": "STAGE_MATURE", "industries": ["海水淡化与综合利用"], "fields": ["海洋"],
  "abstract": "已完成中试。\n\n【关闭窗口】 【打印本文】",
  "conversionModes": ["CONVERSION_MODE_LICENSE"],
  "maturity": [{"scale": "trl", "level": 8, "evidence": "中试报告"}],
  "contactPerson": "演示联系人", "contactPhone": "0532-85880000"})";

constexpr absl::Duration kTellingPatience = absl::Minutes(2);
constexpr absl::Duration kTellingRound = absl::Seconds(5);
constexpr absl::Duration kTellingPause = absl::Milliseconds(200);

// Whether somebody comes to have so many notifications in this state. The notifier looks at the
// journals as it starts, so that nobody need wait for its next look.
bool ComesToHave(City& city, Api& somebody, absl::string_view state, int notifications) {
  const std::string inbox = absl::StrCat("/v1/notifications?filter=state%20%3D%20", state);
  for (const absl::Time end = absl::Now() + kTellingPatience; absl::Now() < end;) {
    city.suite().Signal("cycle", SIGTERM);
    city.suite().Wait("cycle", absl::InfiniteDuration());
    city.suite().Start("cycle");
    city.suite().WaitReady("cycle");
    for (const absl::Time round = absl::Now() + kTellingRound; absl::Now() < round;) {
      const HttpReply reply = somebody.Get(inbox);
      if (reply.status == 200 && reply.json().Size("notifications") == notifications) return true;
      absl::SleepFor(kTellingPause);
    }
  }
  return false;
}

TEST(TriageStoryTest, FromTheUniversityToTheMarketAndTheAgencysAnswer) {
  City city;
  Api office = city.suite().As("ROLE_DEPARTMENT", "organizations/qdst-cg");
  Api agency = city.suite().As("ROLE_SERVICE_TEAM", "organizations/qd-agency-1");
  Api stranger = city.suite().As("ROLE_DEPARTMENT", "organizations/qdst-zp");
  Api anyone = city.suite().Anonymous();

  const HttpReply created = city.research_office().Post("/v1/results", kResult);
  ASSERT_EQ(created.status, 200) << created.body;
  const std::string result = created.json().At("name");
  EXPECT_EQ(created.json().At("abstract"), "已完成中试。");
  EXPECT_EQ(created.json().At("holder"), "organizations/qdst-cg");
  EXPECT_EQ(anyone.Get("/v1/" + result).status, 401);
  EXPECT_EQ(stranger.Get("/v1/" + result).status, 404);

  const HttpReply secret = city.research_office().Post(
      "/v1/confidentialParts:set",
      absl::StrCat(R"({"confidentialPart": {"subject": ")", result,
                   R"(", "technicalDetails": "演示配方", "floorPriceYuan": "300000"}})"));
  ASSERT_EQ(secret.status, 200) << secret.body;

  ASSERT_EQ(city.research_office().Post("/v1/" + result + ":submit", "{}").status, 200);
  EXPECT_EQ(agency.Post("/v1/" + result + ":publish", "{}").status, 404);
  const HttpReply published = office.Post("/v1/" + result + ":publish", "{}");
  ASSERT_EQ(published.status, 200) << published.body;
  const HttpReply disposed = office.Post("/v1/" + result + ":dispose", "{}");
  ASSERT_EQ(disposed.status, 200) << disposed.body;
  EXPECT_EQ(disposed.json().At("classes.0"), "TRIAGE_CLASS_TRANSFER");
  const HttpReply dispatched = office.Post("/v1/" + result + ":dispatch", "{}");
  ASSERT_EQ(dispatched.status, 200) << dispatched.body;
  EXPECT_EQ(dispatched.json().Size("recipients"), 6);

  const HttpReply market = anyone.Get("/v1/listings");
  ASSERT_EQ(market.status, 200) << market.body;
  EXPECT_EQ(market.json().At("listings.0.title"), "演示海水淡化膜");
  EXPECT_THAT(market.body, Not(HasSubstr("演示配方")));
  EXPECT_THAT(market.body, Not(HasSubstr("85880000")));

  // The agency sees the result and its push, and nothing that is confidential.
  EXPECT_EQ(agency.Get("/v1/" + result).status, 200);
  EXPECT_EQ(agency.Get("/v1/" + secret.json().At("name")).status, 404);
  const HttpReply pushes = agency.Get("/v1/results/-/pushes");
  ASSERT_EQ(pushes.json().Size("pushes"), 1) << pushes.body;
  const std::string push = pushes.json().At("pushes.0.name");
  ASSERT_EQ(agency.Post("/v1/" + push + ":receive", "{}").status, 200);
  const HttpReply answered =
      agency.Post("/v1/" + push + ":answer", R"({"answer": "已对接三家企业"})");
  ASSERT_EQ(answered.status, 200) << answered.body;
  EXPECT_EQ(answered.json().At("state"), "PUSH_STATE_ANSWERED");
  EXPECT_EQ(agency.Post("/v1/" + push + ":answer", R"({"answer": "再答"})").status, 400);
  EXPECT_EQ(office.Get("/v1/" + push + ":clock").json().At("stopped"), "true");
  EXPECT_EQ(office.Get("/v1/funnel").json().At("groups.0.steps.2.reached"), "1");
}

// The registry looks up whose it is; what is kept is the official name.
TEST(TriageStoryTest, ASheetFindsItsUniversityHoweverItIsWritten) {
  City city;
  Api office = city.suite().As("ROLE_DEPARTMENT", "organizations/qdst-cg");
  triage::v1::Result row;
  row.set_title("演示防腐涂层");
  row.set_university_title("演示大學");
  row.set_disclosure(triage::v1::DISCLOSURE_OPEN);
  row.add_keywords("防腐");
  row.set_stage(triage::v1::STAGE_MATURE);
  row.add_industries("海水淡化與綜合利用");
  row.add_fields("海洋");
  row.set_abstract("已完成中试。");
  row.add_conversion_modes(triage::v1::CONVERSION_MODE_LICENSE);
  const auto import = [&](const triage::v1::Result& one) {
    sheet::Writer writer({.created = absl::Now(), .title = "成果"});
    sheet::TableWriter table(writer, "成果", triage::v1::Result::descriptor());
    table.Add(one);
    table.Finish();
    return office.Post(
        "/v1/results:import?fileName=x.xlsx", *std::move(writer).Finish(),
        {{"Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}});
  };
  const HttpReply imported = import(row);
  ASSERT_EQ(imported.status, 200) << imported.body;
  EXPECT_EQ(imported.json().At("created"), "1") << imported.body;
  const HttpReply kept = office.Get("/v1/results");
  EXPECT_EQ(kept.json().At("results.0.universityTitle"), "演示大学") << kept.body;
  EXPECT_EQ(kept.json().At("results.0.industries.0"), "海水淡化与综合利用");
  row.set_university_title("沒有的大學");
  EXPECT_EQ(import(row).status, 400);
}

TEST(TriageStoryTest, APushIsInItsRecipientsInboxUntilItIsReceived) {
  City city;
  Api office = city.suite().As("ROLE_DEPARTMENT", "organizations/qdst-cg");
  Api agency = city.suite().Person("ROLE_SERVICE_TEAM", "organizations/qd-agency-1");
  Api another = city.suite().Person("ROLE_UNIT", "organizations/qd-incubators");
  const HttpReply created = city.research_office().Post("/v1/results", kResult);
  ASSERT_EQ(created.status, 200) << created.body;
  const std::string result = absl::StrCat("/v1/", created.json().At("name"));
  ASSERT_EQ(city.research_office().Post(result + ":submit", "{}").status, 200);
  for (const char* verb : {":publish", ":dispose", ":dispatch"}) {
    const HttpReply reply = office.Post(result + verb, "{}");
    ASSERT_EQ(reply.status, 200) << verb << reply.body;
  }
  ASSERT_TRUE(ComesToHave(city, agency, "UNREAD", 1));
  const HttpReply inbox = agency.Get("/v1/notifications");
  EXPECT_EQ(inbox.json().At("notifications.0.title"), "成果“演示海水淡化膜”已推送至贵单位，待签收");
  const std::string push = inbox.json().At("notifications.0.subject");
  EXPECT_EQ(inbox.json().At("notifications.0.dueTime"),
            agency.Get("/v1/" + push).json().At("dueTime"));
  EXPECT_EQ(another.Get("/v1/notifications").json().Size("notifications"), 0);
  ASSERT_EQ(agency.Post("/v1/" + push + ":receive", "{}").status, 200);
  EXPECT_TRUE(ComesToHave(city, agency, "SETTLED", 1));
  EXPECT_TRUE(ComesToHave(city, agency, "UNREAD", 0));
}

}  // namespace
}  // namespace chanyan::e2e
