// A record's way through the gateway: created, changed, published, imported, looked back on (GW-1,
// GW-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/sheet/table.h"
#include "tests/e2e/through_gateway/city.h"
#include "tests/support/sample_files.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Json;
using ::chanyan::testing::NewRequestId;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

// Fields (or places) of all violations.
std::vector<std::string> Fields(const HttpReply& reply) {
  std::vector<std::string> fields;
  const Json json = reply.json();
  for (int i = 0; i < json.Size("error.details"); ++i) {
    const Json detail = json.Sub(absl::StrCat("error.details.", i));
    for (int j = 0; j < detail.Size("fieldViolations"); ++j) {
      fields.push_back(detail.At(absl::StrCat("fieldViolations.", j, ".field")));
    }
  }
  return fields;
}

TEST(RecordTest, PlatformGoesFromDraftToThePublic) {
  City city;
  const HttpReply draft = city.research_office().Post(
      absl::StrCat("/v1/", city.university(), "/platforms"), PlatformBody("演示材料实验室"));
  ASSERT_EQ(draft.status, 200) << draft.body;
  const std::string path = "/v1/" + draft.json().At("name");
  Api anyone = city.suite().Anonymous();
  EXPECT_EQ(anyone.Get(path).status, 404) << "a draft is not public";
  // Not before it was handed in.
  const HttpReply early = city.secretariat().Post(path + ":publish", "{}");
  EXPECT_EQ(early.status, 400);
  EXPECT_EQ(early.Reason(), "WRONG_STATE");

  ASSERT_EQ(city.research_office().Post(path + ":submit", "{}").status, 200);
  EXPECT_EQ(city.research_office().Post(path + ":publish", "{}").status, 403);
  const HttpReply published = city.secretariat().Post(path + ":publish", "{}");
  ASSERT_EQ(published.status, 200) << published.body;
  EXPECT_EQ(published.json().At("state"), "PLATFORM_STATE_PUBLISHED");
  const HttpReply shown = anyone.Get(path);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.json().At("displayName"), "演示材料实验室");
}

TEST(RecordTest, AnAttachmentGoesInByItsContentAndComesOutAsADownload) {
  City city;
  const HttpReply draft = city.research_office().Post(
      absl::StrCat("/v1/", city.university(), "/platforms"), PlatformBody("演示材料实验室"));
  ASSERT_EQ(draft.status, 200) << draft.body;
  const std::string platform = "/v1/" + draft.json().At("name");
  const std::string upload = platform + "/attachments?fileName=%E6%8A%A5%E5%91%8A.png";
  const std::string png = testing::SamplePng();
  const auto send = [&](const std::string& bytes, const std::string& type) {
    return city.research_office().Post(upload, bytes, {{"Content-Type", type}});
  };
  EXPECT_EQ(send(png, "text/html").status, 415);
  EXPECT_EQ(send(png, "image/jpeg").Reason(), "INVALID_FILE");
  EXPECT_EQ(send("<svg onload='alert(1)'/>", "image/png").Reason(), "INVALID_FILE");
  EXPECT_EQ(send(png + "<script>", "image/png").Reason(), "INVALID_FILE");
  const HttpReply kept = send(png, "image/png");
  ASSERT_EQ(kept.status, 200) << kept.body;
  EXPECT_EQ(kept.json().At("fileName"), "报告.png");
  EXPECT_EQ(kept.json().At("sha256").size(), 64u);

  const std::string file = "/v1/" + kept.json().At("name") + ":download";
  EXPECT_EQ(city.suite().Anonymous().Get(file).status, 404);
  const HttpReply out = city.research_office().Get(file);
  ASSERT_EQ(out.status, 200) << out.body;
  EXPECT_EQ(out.body, png);
  EXPECT_EQ(out.Header("content-type"), "image/png");
  EXPECT_EQ(out.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(out.Header("content-disposition"),
            "attachment; filename=\"download.png\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.png");
  EXPECT_THAT(out.Header("content-security-policy"), HasSubstr("sandbox"));
}

TEST(RecordTest, VersionsRepeatsAndViolationsAreAnswered) {
  City city;
  Api& secretariat = city.secretariat();
  const std::string path = "/v1/" + city.university();

  const HttpReply read = secretariat.Get(path);
  const std::string etag = read.Header("etag");
  ASSERT_FALSE(etag.empty());
  EXPECT_EQ(secretariat.Get(path, {{"If-None-Match", etag}}).status, 304);

  const std::string update = "{\"zone\":\"古镇口\"}";
  const HttpReply changed =
      secretariat.Patch(path + "?updateMask=zone", update, {{"If-Match", etag}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(changed.Header("etag"), etag);
  EXPECT_EQ(secretariat.Get(path, {{"If-None-Match", etag}}).status, 200);
  const HttpReply stale =
      secretariat.Patch(path + "?updateMask=zone", update, {{"If-Match", etag}});
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.json().At("error.status"), "ABORTED");
  EXPECT_EQ(stale.Reason(), "STALE_ETAG");

  // The same request twice is one request; another under its id is refused.
  const std::string key = NewRequestId();
  const std::string town = "{\"displayName\":\"演示街道\",\"kind\":\"ORGANIZATION_KIND_TOWN\"}";
  const std::string create = "/v1/organizations?organizationId=demo-town";
  const HttpReply once = secretariat.Post(create, town, {{"Idempotency-Key", key}});
  const HttpReply twice = secretariat.Post(create, town, {{"Idempotency-Key", key}});
  ASSERT_EQ(once.status, 200) << once.body;
  EXPECT_EQ(twice.status, 200);
  EXPECT_EQ(twice.body, once.body);
  const HttpReply other =
      secretariat.Post(create, "{\"displayName\":\"另一街道\",\"kind\":\"ORGANIZATION_KIND_TOWN\"}",
                       {{"Idempotency-Key", key}});
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(other.Reason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(secretariat.Post(create, town).status, 409) << "without the id it is a second one";

  // All that is wrong, at once.
  const HttpReply wrong = secretariat.Post(
      "/v1/organizations",
      "{\"kind\":\"ORGANIZATION_KIND_ENTERPRISE\",\"regionCode\":\"37\","
      "\"unifiedSocialCreditCode\":\"91370211YY00000010\",\"contacts\":[{\"phone\":\"abc\"}]}");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.Reason(), "INVALID_FIELD");
  EXPECT_THAT(Fields(wrong),
              IsSupersetOf({HasSubstr("display_name"), HasSubstr("region_code"),
                            HasSubstr("unified_social_credit_code"), HasSubstr("phone")}))
      << wrong.body;
}

std::string Sheet(const std::vector<std::vector<std::string>>& rows) {
  sheet::Writer writer({.title = "单位"});
  sheet::SheetWriter& sheet = writer.AddSheet("单位", {});
  for (const auto& row : rows) {
    sheet.NewRow();
    for (const std::string& cell : row) sheet.Text(cell);
  }
  return std::move(writer).Finish().value();
}

TEST(RecordTest, SheetIsImportedWholeOrRefusedWithItsCells) {
  City city;
  const std::string target = "/v1/organizations:import?fileName=%E5%8D%95%E4%BD%8D.xlsx";
  const std::vector<std::string> header = {"单位名称", "单位类型", "统一社会信用代码"};
  const std::string good = Sheet({header, {"演示高校甲", "高校"}, {"演示高校乙", "高校"}});

  const HttpReply refused = city.secretariat().Post(
      target, Sheet({header, {"演示高校丙", "高校"}, {"演示企业", "企业", "123"}, {"", "大学校"}}),
      {{"Content-Type", kXlsx}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.Reason(), "INVALID_FILE");
  EXPECT_THAT(Fields(refused), Contains("单位.xlsx / 单位 / C3")) << refused.body;
  EXPECT_THAT(Fields(refused), Contains("单位.xlsx / 单位 / B4")) << refused.body;
  const HttpReply none = city.secretariat().Get(
      "/v1/organizations?filter=display_name%3D%22%E6%BC%94%E7%A4%BA"
      "%E9%AB%98%E6%A0%A1%E4%B8%99%22");
  EXPECT_EQ(none.json().Size("organizations"), 0) << "nothing of a refused file is kept";

  const HttpReply taken = city.secretariat().Post(target, good, {{"Content-Type", kXlsx}});
  ASSERT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(taken.json().At("created"), "2");
  const HttpReply again = city.secretariat().Post(target, good, {{"Content-Type", kXlsx}});
  EXPECT_EQ(again.json().At("unchanged"), "2") << again.body;

  const HttpReply file = city.secretariat().Get("/v1/organizations:export");
  ASSERT_EQ(file.status, 200);
  EXPECT_EQ(file.Header("content-type"), kXlsx);
  const auto book = sheet::ReadWorkbook(file.body, "单位.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_GE(book->sheets.at(0).rows.size(), 5u);
}

TEST(RecordTest, AuditorSeesWhoChangedWhat) {
  City city;
  const std::string path = "/v1/" + city.university();
  const std::string key = NewRequestId();
  ASSERT_EQ(city.secretariat()
                .Patch(path + "?updateMask=zone", "{\"zone\":\"古镇口\"}",
                       {{"If-Match", city.secretariat().Get(path).Header("etag")},
                        {"Idempotency-Key", key}})
                .status,
            200);
  const std::string history = "/v1/journals/registry/history?resource=" + city.university();
  Api auditor = city.suite().Person("ROLE_AUDITOR", "organizations/audit");
  const HttpReply seen = auditor.Get(history);
  ASSERT_EQ(seen.status, 200) << seen.body;
  const Json json = seen.json();
  ASSERT_EQ(json.Size("entries"), 2) << seen.body;
  EXPECT_EQ(json.At("entries.0.kind"), "created");
  EXPECT_EQ(json.At("entries.1.kind"), "updated");
  EXPECT_EQ(json.At("entries.1.requestId"), key);
  EXPECT_TRUE(absl::StartsWith(json.At("entries.1.actor"), "apiClients/"));
  EXPECT_THAT(json.At("entries.1.afterJson"), HasSubstr("古镇口"));
  EXPECT_THAT(json.At("entries.1.beforeJson"), ::testing::Not(HasSubstr("古镇口")));
  EXPECT_EQ(city.secretariat().Get(history).status, 403) << "business does not read the journal";
  EXPECT_EQ(auditor.Get(path).status, 404) << "audit does not read business";
}

}  // namespace
}  // namespace chanyan::e2e
