// A consortium's way through the gateway: dossier, signatures, district, experts who see their own
// sheet alone, site visit, defence, public notice with an objection by anybody (CON-3 to CON-5);
// and a filing under the pack of a province, from the draft to the package (CON-2, CON-6, CON-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/through_gateway/city.h"
#include "tests/support/sample_files.h"
#include "tools/demo/uscc.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kClauses[] =
    R"({"clause":"goals","place":"第一条"},{"clause":"tasks","place":"第二条"},
       {"clause":"duties","place":"第三条"},{"clause":"ownership","place":"第四条"},
       {"clause":"benefits","place":"第五条"},{"clause":"breach","place":"第六条"},
       {"clause":"disputes","place":"第七条"})";
// The figures and texts of a plan without its mechanisms, which are the pack's.
constexpr char kPlan[] =
    R"({"significance":"突破关键技术。","organisation":"理事会制。","schedule":"三年三步。",
        "funds":"总投入三千万元。","totalFundsYuan":"30000000","acceptance":"按年度考核。",
        "propertyLayout":"联合申请专利。","talentLayout":"联合培养。","promotionLayout":"首台套。",
        "targets":[{"measure":"发明专利","value":"20件"}],
        "topics":[{"title":"演示课题","undertakers":["organizations/demo-university"]}]$0})";
constexpr char kMechanisms[] =
    R"(,"mechanisms":[{"mechanism":"decision","description":"每季度一次。"},
          {"mechanism":"research","description":"联合攻关。"},
          {"mechanism":"benefit","description":"按贡献分配。"},
          {"mechanism":"property","description":"共有。"},
          {"mechanism":"standards","description":"共同制定。"},
          {"mechanism":"promotion","description":"共同推广。"},
          {"mechanism":"funding","description":"按年投入。"}])";

// Whose pack, and what in it a dossier names.
struct Place {
  testing::SuiteOptions options = {};
  std::string district = "organizations/qd-st-370211";
  std::string office = "organizations/qdst-gx";
  std::string industry = "人工智能";
  std::string clauses = kClauses;
  std::string mechanisms = kMechanisms;
};

// A province: no pairing, no triage and no quarters of its own, one clause, no mechanisms.
Place Shandong() {
  return {.options = {.city = "shandong", .without = {"pairing", "triage", "cycle"}},
          .district = "organizations/sd-gxj",
          .office = "organizations/sd-gxt",
          .industry = "集成电路",
          .clauses = R"({"clause":"tasks","place":"第二条"})",
          .mechanisms = ""};
}

// A lead, three enterprises, two universities; the offices of district and city; five experts.
class Story {
 public:
  explicit Story(Place where = {})
      : place(std::move(where)),
        city(place.options),
        district(city.suite().As("ROLE_UNIT", place.district)),
        office(city.suite().As("ROLE_DEPARTMENT", place.office)),
        anyone(city.suite().Anonymous()) {
    lead = city.Organization("demo-lead", "ENTERPRISE", "演示领军企业有限公司",
                             absl::StrCat(",\"unifiedSocialCreditCode\":\"", Code(90),
                                          "\",\"regionCode\":\"370211\","
                                          "\"qualifications\":[\"QUALIFICATION_LEADING\"]"));
    for (int i = 2; i <= 4; ++i) members.push_back(city.Enterprise(i));
    members.push_back(city.university());
    members.push_back(city.Organization("demo-institute", "RESEARCH_INSTITUTE", "演示研究所"));
  }

  static std::string Code(int number);
  Api Lead() { return city.suite().As("ROLE_ENTERPRISE", lead); }

  std::string Dossier() const {
    const char* kinds[] = {"UPSTREAM", "UPSTREAM", "DOWNSTREAM", "UNIVERSITY", "INSTITUTE"};
    std::string listed;
    for (size_t i = 0; i < members.size(); ++i) {
      absl::StrAppend(
          &listed, listed.empty() ? "" : ",", "{\"organization\":\"", members[i],
          "\",\"kind\":\"MEMBER_KIND_", kinds[i], "\",\"layer\":\"MEMBER_LAYER_",
          i == 0 ? "CORE" : "MEMBER", "\",\"basis\":\"已有合作。\",\"tasks\":\"承担配套攻关。\",",
          "\"capability\":\"有研发团队和配套能力。\",\"resources\":\"研发人员和试验设备。\"}");
    }
    return absl::StrCat(
        "{\"displayName\":\"演示创新联合体\",\"leadStanding\":\"国内领先。\","
        "\"industries\":[\"",
        place.industry, "\"],\"track\":\"演示赛道\",\"members\":[", listed,
        "],\"agreement\":{\"clauses\":[", place.clauses,
        "]},\"chiefExpert\":{\"person\":\"首席某\",\"unitTitle\":\"演示大学\"},"
        "\"director\":{\"person\":\"负责人\",\"appointedByLead\":true},\"plan\":",
        absl::Substitute(kPlan, place.mechanisms),
        ",\"pledge\":{\"accepted\":true,\"signer\":\"法定代表人\"}}");
  }

  // Complete, signed by all, and handed in; its path.
  std::string HandedIn() {
    Api by = Lead();
    const HttpReply made = by.Post("/v1/consortia", Dossier());
    EXPECT_EQ(made.status, 200) << made.body;
    const std::string path = "/v1/" + made.json().At("name");
    const HttpReply file =
        by.Post(path + "/attachments?fileName=agreement.pdf&kind=ATTACHMENT_KIND_AGREEMENT",
                testing::SamplePdf("协议"), {{"Content-Type", "application/pdf"}});
    EXPECT_EQ(file.status, 200) << file.body;
    const HttpReply saved =
        by.Patch(path + "?updateMask=agreement.document",
                 absl::StrCat("{\"agreement\":{\"document\":\"", file.json().At("name"), "\"}}"));
    EXPECT_EQ(saved.status, 200) << saved.body;
    const std::string sign = absl::StrCat("{\"digest\":\"", saved.json().At("agreement.digest"),
                                          "\",\"signer\":\"法定代表人\"}");
    std::vector<std::string> all = members;
    all.push_back(lead);
    for (const std::string& party : all) {
      const bool enterprise = party.find("enterprise-") != std::string::npos || party == lead;
      const HttpReply signed_by =
          city.suite()
              .As(enterprise ? "ROLE_ENTERPRISE" : "ROLE_RESEARCH_OFFICE", party)
              .Post(path + ":sign", sign);
      EXPECT_EQ(signed_by.status, 200) << party << signed_by.body;
    }
    const HttpReply submitted = by.Post(path + ":submit", "{}");
    EXPECT_EQ(submitted.status, 200) << submitted.body;
    return path;
  }

  // An expert of the pool with an account of his own.
  void AddExpert(const std::string& category) {
    const std::string employer =
        city.Organization(absl::StrCat("expert-unit-", experts.size() + 1), "UNIVERSITY",
                          absl::StrCat("演示专家单位", experts.size() + 1));
    experts.push_back(std::make_unique<Api>(city.suite().Person("ROLE_EXPERT", employer)));
    const HttpReply me = experts.back()->Get("/v1/me");
    const HttpReply added = office.Post(
        "/v1/experts",
        absl::StrCat(
            "{\"person\":\"评审专家", experts.size(), "\",\"account\":\"", me.json().At("name"),
            "\",\"employer\":\"", employer, "\",\"category\":\"", category, "\",\"fields\":[\"",
            place.industry,
            "\"],\"terms\":[{\"startDate\":{\"year\":2024,"
            "\"month\":1,\"day\":1},\"endDate\":{\"year\":2099,\"month\":12,\"day\":31}}]}"));
    EXPECT_EQ(added.status, 200) << added.body;
  }

  // Is not drawn any more.
  void Suspend(Api& expert) {
    const HttpReply own = expert.Get("/v1/experts");
    ASSERT_EQ(own.json().Size("experts"), 1) << own.body;
    const HttpReply done = office.Post("/v1/" + own.json().At("experts.0.name") + ":suspend",
                                       "{\"reason\":\"本人请假\"}");
    ASSERT_EQ(done.status, 200) << done.body;
  }

  // All experts accept, score and hand in; then the office closes.
  void Review(const std::string& path, const std::string& sheet,
              const std::vector<std::pair<std::string, int>>& points) {
    const HttpReply panel = office.Post(
        path + "/panels", absl::StrCat("{\"sheet\":\"", sheet, "\",\"round\":\"2026-1\"}"));
    ASSERT_EQ(panel.status, 200) << panel.body;
    std::string scores;
    for (const auto& [criterion, tenths] : points) {
      absl::StrAppend(&scores, scores.empty() ? "" : ",", "{\"criterion\":\"", criterion,
                      "\",\"pointsTenths\":", tenths, "}");
    }
    for (const auto& expert : experts) {
      const HttpReply mine =
          expert->Get("/v1/consortia/-/panels/-/assignments?filter=" + std::string("sheet%3D%22") +
                      sheet + "%22");
      ASSERT_EQ(mine.json().Size("reviewAssignments"), 1) << mine.body;
      const std::string own = "/v1/" + mine.json().At("reviewAssignments.0.name");
      // For the promise the parties and persons, afterwards the dossier and its files.
      const HttpReply people = expert->Get(own + ":dossier");
      ASSERT_EQ(people.status, 200) << people.body;
      EXPECT_EQ(people.json().Size("members"), static_cast<int>(members.size())) << people.body;
      EXPECT_THAT(people.body, HasSubstr("首席某"));
      EXPECT_THAT(people.body, Not(HasSubstr("significance")));
      EXPECT_EQ(Lead().Get(own + ":dossier").status, 403);
      ASSERT_EQ(expert->Post(own + ":accept", "{\"noConflict\":true}").status, 200);
      const HttpReply dossier = expert->Get(own + ":dossier");
      ASSERT_EQ(dossier.status, 200) << dossier.body;
      EXPECT_THAT(dossier.body, HasSubstr("significance"));
      EXPECT_THAT(dossier.body, Not(HasSubstr("verdicts")));
      const HttpReply file = expert->Get(
          own + ":downloadAttachment?attachment=" + dossier.json().At("files.0.attachment"));
      EXPECT_EQ(file.status, 200) << file.body;
      EXPECT_THAT(file.body, HasSubstr("%PDF"));
      const HttpReply saved = expert->Patch(
          own + "/sheets/main", absl::StrCat("{\"scores\":[", scores, "],\"opinion\":\"可行。\"}"));
      ASSERT_EQ(saved.status, 200) << saved.body;
      EXPECT_EQ(office.Get(own + "/sheets/main").status, 404);
      const HttpReply handed_in = expert->Post(own + "/sheets/main:submit", "{}");
      ASSERT_EQ(handed_in.status, 200) << handed_in.body;
    }
    const HttpReply closed = office.Post("/v1/" + panel.json().At("name") + ":close", "{}");
    ASSERT_EQ(closed.status, 200) << closed.body;
    EXPECT_EQ(closed.json().At("passed"), "true");
    EXPECT_EQ(Lead().Get("/v1/" + panel.json().At("name")).status, 403);
  }

  void Meet(const std::string& path, const std::string& kind, const std::string& answers) {
    const HttpReply planned = office.Post(
        path + "/reviewMeetings",
        absl::StrCat("{\"kind\":\"MEETING_KIND_", kind,
                     "\",\"startTime\":\"2026-12-01T01:00:00Z\",\"place\":\"演示会议室\","
                     "\"visitors\":[\"考察人员甲\"]}"));
    ASSERT_EQ(planned.status, 200) << planned.body;
    const std::string meeting = "/v1/" + planned.json().At("name");
    const HttpReply recorded = office.Post(
        meeting + ":record",
        absl::StrCat("{\"conclusion\":\"MEETING_CONCLUSION_PASSED\",\"answers\":[", answers, "]}"));
    ASSERT_EQ(recorded.status, 200) << recorded.body;
    const HttpReply seen = Lead().Get(meeting);
    EXPECT_EQ(seen.status, 200) << seen.body;
    EXPECT_THAT(seen.body, Not(HasSubstr("考察人员甲")));
  }

  const Place place;
  City city;
  Api district;
  Api office;
  Api anyone;
  std::string lead;
  std::vector<std::string> members;
  std::vector<std::unique_ptr<Api>> experts;
};

std::string Story::Code(int number) { return demo::InventedUscc("370211", number); }

std::string Answers(const std::vector<std::string>& items) {
  std::string answers;
  for (const std::string& item : items) {
    absl::StrAppend(&answers, answers.empty() ? "" : ",", "{\"item\":\"", item,
                    "\",\"satisfied\":true,\"finding\":\"属实\"}");
  }
  return answers;
}

TEST(ConsortiumStoryTest, FromTheDraftThroughTheReviewToAnObjectionByAnybody) {
  Story story;
  const std::string path = story.HandedIn();
  const auto step = [&](Api& by, const std::string& verb) {
    const HttpReply done = by.Post(path + ":" + verb, "{\"opinion\":\"同意。\"}");
    ASSERT_EQ(done.status, 200) << verb << done.body;
  };
  step(story.district, "recommend");
  step(story.office, "accept");
  EXPECT_EQ(story.office.Post(path + ":inspect", "{\"opinion\":\"同意。\"}").status, 400);
  for (const char* category :
       {"technology", "technology", "technology", "industry", "management"}) {
    story.AddExpert(category);
  }
  ASSERT_NO_FATAL_FAILURE(story.Review(path, "document",
                                       {{"goals", 180},
                                        {"resources", 180},
                                        {"organisation", 140},
                                        {"mechanism", 140},
                                        {"plan", 140},
                                        {"guarantee", 140}}));
  const HttpReply ranking = story.office.Get("/v1/consortiumRanking?sheet=document&round=2026-1");
  ASSERT_EQ(ranking.status, 200) << ranking.body;
  EXPECT_EQ(ranking.json().At("ranking.0.scoreThousandths"), "92000");
  const HttpReply outcome = story.Lead().Get(path + ":reviewOutcome");
  EXPECT_EQ(outcome.json().Size("outcomes.0.opinions"), 5) << outcome.body;
  EXPECT_THAT(outcome.body, Not(HasSubstr("评审专家")));
  EXPECT_EQ(story.anyone.Get("/v1/experts").status, 401);
  EXPECT_EQ(story.Lead().Get("/v1/experts").status, 403);

  step(story.office, "inspect");
  ASSERT_NO_FATAL_FAILURE(story.Meet(
      path, "SITE_VISIT", Answers({"registration", "team", "equipment", "cooperation"})));
  step(story.office, "defend");
  ASSERT_NO_FATAL_FAILURE(story.Meet(path, "DEFENCE", Answers({"chief-expert", "plan"})));
  EXPECT_EQ(story.office.Post(path + ":select", "{\"opinion\":\"同意。\"}").status, 400);
  // The defence asks for two of industry and two of technology.
  const HttpReply few =
      story.office.Post(path + "/panels", "{\"sheet\":\"defence\",\"round\":\"2026-1\"}");
  EXPECT_EQ(few.Reason(), "RULE_VIOLATED") << few.body;
  story.AddExpert("industry");
  const auto last = std::move(story.experts[2]);
  story.experts.erase(story.experts.begin() + 2);
  ASSERT_NO_FATAL_FAILURE(story.Suspend(*last));
  ASSERT_NO_FATAL_FAILURE(story.Review(
      path, "defence", {{"presentation", 380}, {"answers", 280}, {"feasibility", 280}}));
  step(story.office, "select");

  const HttpReply notice = story.office.Post(path + ":publishNotice", "{}");
  ASSERT_EQ(notice.status, 200) << notice.body;
  const std::string on_notice = "/v1/" + notice.json().At("name");
  const HttpReply read = story.anyone.Get(on_notice);
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(read.json().At("consortiumTitle"), "演示创新联合体");
  EXPECT_THAT(read.body, Not(HasSubstr("首席某")));
  const HttpReply receipt = story.anyone.Post(on_notice + "/objections:submit",
                                              "{\"content\":\"牵头单位没有实际经营，请核查。\"}");
  ASSERT_EQ(receipt.status, 200) << receipt.body;
  const std::string hash = receipt.json().At("verificationHash");
  const std::string check =
      "/v1/noticeReceipts/" + receipt.json().At("receiptNumber") + "?verificationHash=";
  EXPECT_EQ(story.anyone.Get(check + hash).json().At("state"), "NOTICE_OBJECTION_STATE_OPEN");
  EXPECT_EQ(story.anyone.Get(check + std::string(64, '0')).status, 404);
  const std::string objection = "/v1/" + receipt.json().At("objection");
  const HttpReply evidence =
      story.anyone.Post(objection + "/evidence?fileName=evidence.pdf&verificationHash=" + hash,
                        testing::SamplePdf("证据"), {{"Content-Type", "application/pdf"}});
  EXPECT_EQ(evidence.status, 200) << evidence.body;
  EXPECT_EQ(story.anyone.Get(objection).status, 401);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(story.anyone
                  .Post(on_notice + "/objections:submit",
                        "{\"content\":\"牵头单位没有实际经营，请核查。\"}")
                  .status,
              200);
  }
  EXPECT_EQ(story.anyone
                .Post(on_notice + "/objections:submit",
                      "{\"content\":\"牵头单位没有实际经营，请核查。\"}")
                .status,
            429);
  const HttpReply decided =
      story.office.Post(objection + ":decide", "{\"upheld\":true,\"finding\":\"经核查属实。\"}");
  ASSERT_EQ(decided.status, 200) << decided.body;
  EXPECT_EQ(story.Lead().Get(path).json().At("state"), "CONSORTIUM_STATE_REJECTED");
  EXPECT_EQ(story.anyone.Get(check + hash).json().At("finding"), "经核查属实。");
}

// Asks until the answer is what is waited for, or half a minute is over.
template <class Asked, class Done>
HttpReply Eventually(Asked ask, Done done) {
  const absl::Time until = absl::Now() + absl::Seconds(45);
  HttpReply reply = ask();
  while (!done(reply) && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(200));
    reply = ask();
  }
  return reply;
}

TEST(ShandongStoryTest, AProvincesConsortiumIsFiledByItsOwnRulesWithoutPairing) {
  Story story(Shandong());
  // Entered as of the past, so that a notice of five workdays is over within the test.
  const HttpReply begun =
      story.office.Post("/v1/backfills/consortium:begin",
                        "{\"clockTime\":\"2025-04-07T01:00:00Z\",\"reason\":\"补录演示\"}");
  ASSERT_EQ(begun.status, 200) << begun.body;
  // Bad input first: what another city's pack names is none here.
  Api lead = story.Lead();
  const HttpReply foreign = lead.Post(
      "/v1/consortia",
      absl::StrCat("{\"displayName\":\"外地\",\"agreement\":{\"clauses\":[", kClauses, "]}}"));
  EXPECT_EQ(foreign.status, 400) << foreign.body;
  EXPECT_THAT(foreign.body, HasSubstr("goals"));
  const std::string path = story.HandedIn();
  EXPECT_EQ(lead.Get(path).json().At("district"), "organizations/sd-gxj");
  const auto step = [&](Api& by, const std::string& verb) {
    const HttpReply done = by.Post(path + ":" + verb, "{\"opinion\":\"同意。\"}");
    ASSERT_EQ(done.status, 200) << verb << done.body;
  };
  step(story.district, "recommend");
  step(story.office, "accept");
  for (const char* category :
       {"technology", "technology", "technology", "industry", "management"}) {
    story.AddExpert(category);
  }
  ASSERT_NO_FATAL_FAILURE(story.Review(path, "document",
                                       {{"goals", 180},
                                        {"resources", 180},
                                        {"organisation", 140},
                                        {"mechanism", 140},
                                        {"plan", 140},
                                        {"guarantee", 140}}));
  step(story.office, "inspect");
  ASSERT_NO_FATAL_FAILURE(story.Meet(
      path, "SITE_VISIT", Answers({"registration", "team", "equipment", "cooperation"})));
  step(story.office, "defend");
  ASSERT_NO_FATAL_FAILURE(story.Meet(path, "DEFENCE", Answers({"chief-expert", "plan"})));
  story.AddExpert("industry");
  const auto last = std::move(story.experts[2]);
  story.experts.erase(story.experts.begin() + 2);
  ASSERT_NO_FATAL_FAILURE(story.Suspend(*last));
  ASSERT_NO_FATAL_FAILURE(story.Review(
      path, "defence", {{"presentation", 380}, {"answers", 280}, {"feasibility", 280}}));
  step(story.office, "select");
  const HttpReply notice = story.office.Post(path + ":publishNotice", "{}");
  ASSERT_EQ(notice.status, 200) << notice.body;
  EXPECT_EQ(notice.json().At("deadline"), "2025-04-14T15:59:59Z");
  const HttpReply moved = story.office.Post("/v1/backfills/consortium:advance",
                                            "{\"clockTime\":\"2025-04-15T01:00:00Z\"}");
  ASSERT_EQ(moved.status, 200) << moved.body;
  const HttpReply filed = Eventually(
      [&] { return lead.Get(path); },
      [](const HttpReply& reply) { return reply.json().At("state") == "CONSORTIUM_STATE_FILED"; });
  ASSERT_EQ(filed.json().At("state"), "CONSORTIUM_STATE_FILED") << filed.body;
  const HttpReply filing = story.anyone.Get("/v1/" + filed.json().At("filing"));
  ASSERT_EQ(filing.status, 200) << filing.body;
  EXPECT_EQ(filing.json().At("filingNumber"), "鲁创联2025-0001");
  // Twenty-four months, not Qingdao's thirty-six.
  EXPECT_EQ(filing.json().At("validUntil.year"), "2027");
  EXPECT_EQ(filing.json().At("validUntil.month"), "4");
  EXPECT_EQ(filing.json().At("validUntil.day"), "14");
  for (int i = 0; i < filed.json().Size("verdicts.verdicts"); ++i) {
    EXPECT_EQ(filed.json().At(absl::StrCat("verdicts.verdicts.", i, ".clause.document")),
              "鲁工信技〔2022〕203号");
  }
  // The package of the parties, the same for both; the bureau's for the bureau alone.
  const auto package = [&](Api& by, const std::string& query) {
    return Eventually([&] { return by.Get(path + ":filingPackage" + query); },
                      [](const HttpReply& reply) { return reply.status != 503; });
  };
  const HttpReply theirs = package(lead, "");
  ASSERT_EQ(theirs.status, 200) << theirs.body.substr(0, 400);
  EXPECT_EQ(theirs.body.substr(0, 2), "PK");
  EXPECT_EQ(package(story.office, "").body, theirs.body);
  EXPECT_EQ(package(lead, "?edition=PACKAGE_EDITION_BUREAU").status, 403);
  const HttpReply ours = package(story.office, "?edition=PACKAGE_EDITION_BUREAU");
  ASSERT_EQ(ours.status, 200) << ours.body.substr(0, 400);
  EXPECT_GT(ours.body.size(), theirs.body.size());
}

}  // namespace
}  // namespace chanyan::e2e
