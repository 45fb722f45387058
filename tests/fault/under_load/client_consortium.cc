#include "tests/fault/under_load/client_consortium.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "tests/fault/under_load/ledger.h"
#include "tests/fault/under_load/written.h"
#include "tests/support/sample_files.h"
#include "tools/demo/uscc.h"

namespace chanyan::fault {
namespace {

using consortium::v1::ReviewPanel;
using testing::Api;
using testing::HttpReply;

constexpr absl::Duration kPatience = absl::Seconds(40);
constexpr absl::Duration kPause = absl::Milliseconds(100);
// Every third notice is objected to, and an organization objects three times a day at most.
constexpr int kObjectEvery = 3;
constexpr size_t kMostObjections = 3;
constexpr int kObjectors = 12;
constexpr char kBegin[] = "2025-04-07T01:00:00Z";
// The review is not what is drilled: a dossier that was accepted goes on at its end, with panels
// that passed.
constexpr char kSelected[] =
    "UPDATE consortium SET state = 'SELECTED', version = version + 1 "
    "WHERE name = ? AND state = 'EXPERT_REVIEW'";
constexpr char kOpinion[] = R"({"opinion":"同意。"})";
constexpr char kClauses[] =
    R"([{"clause":"goals","place":"第一条"},{"clause":"tasks","place":"第二条"},
        {"clause":"duties","place":"第三条"},{"clause":"ownership","place":"第四条"},
        {"clause":"benefits","place":"第五条"},{"clause":"breach","place":"第六条"},
        {"clause":"disputes","place":"第七条"}])";
constexpr char kPlan[] =
    R"({"significance":"突破。","organisation":"理事会制。","schedule":"三年。","funds":"三千万元。",
        "totalFundsYuan":"30000000","acceptance":"按年度考核。",
        "propertyLayout":"联合申请。","talentLayout":"联合培养。","promotionLayout":"首台套。",
        "targets":[{"measure":"发明专利","value":"20件"}],
        "topics":[{"title":"演示课题","undertakers":["$0"]}],
        "mechanisms":[{"mechanism":"decision","description":"每季度"},
          {"mechanism":"research","description":"联合"},{"mechanism":"benefit","description":"按贡献"},
          {"mechanism":"property","description":"共有"},{"mechanism":"standards","description":"共同"},
          {"mechanism":"promotion","description":"推广"},{"mechanism":"funding","description":"按年"}]})";

std::string MustPost(Api& api, const std::string& target, const std::string& body) {
  const HttpReply reply = api.Post(target, body, {{"Idempotency-Key", testing::NewRequestId()}});
  EXPECT_EQ(reply.status, 200) << target << ": " << reply.body << reply.failure;
  return reply.json().At("name");
}

std::string DossierOf(const ConsortiumScene& scene, const std::string& title) {
  constexpr const char* kKinds[] = {"UPSTREAM", "UPSTREAM", "DOWNSTREAM", "UNIVERSITY",
                                    "INSTITUTE"};
  std::string members;
  for (size_t i = 1; i < scene.parties.size(); ++i) {
    absl::StrAppend(
        &members, members.empty() ? "" : ",",
        absl::Substitute(R"({"organization":"$0","kind":"MEMBER_KIND_$1","layer":"MEMBER_LAYER_$2",
                             "basis":"已有合作。","tasks":"配套攻关。","capability":"有团队。",
                             "resources":"研发人员。"})",
                         scene.parties[i], kKinds[i - 1], i == 1 ? "CORE" : "MEMBER"));
  }
  return absl::Substitute(
      R"({"displayName":"$0","leadStanding":"国内领先。","industries":["人工智能"],"track":"演示",
          "members":[$1],"agreement":{"clauses":$2},
          "chiefExpert":{"person":"首席某","unitTitle":"演示大学"},
          "director":{"person":"负责人","appointedByLead":true},"plan":$3,
          "pledge":{"accepted":true,"signer":"法定代表人"}})",
      title, members, kClauses, absl::Substitute(kPlan, scene.parties[0]));
}

ReviewPanel PassedPanel(const std::string& consortium, const std::string& sheet) {
  ReviewPanel panel;
  panel.set_name(absl::StrCat(consortium, "/panels/", sheet));
  panel.set_consortium(consortium);
  panel.set_sheet(sheet);
  panel.set_round("2025-1");
  panel.set_state(consortium::v1::REVIEW_PANEL_STATE_CLOSED);
  panel.set_passed(true);
  return panel;
}

}  // namespace

ConsortiumScene::ConsortiumScene(testing::Suite& suite)
    : address(suite.http_address()), database(suite.DatabaseOf("consortium")) {
  const auto bearer = [&](const char* role, const std::string& organization) {
    return testing::Headers{
        {"Authorization", absl::StrCat("Bearer ", suite.Token(role, organization))}};
  };
  Api secretariat = ApiOf(bearer("ROLE_SECRETARIAT", "organizations/secretariat"));
  int code = 0;
  const auto organization = [&](const std::string& id, const std::string& kind,
                                const std::string& more) {
    std::string body = absl::Substitute(
        R"({"displayName":"演示$0","kind":"ORGANIZATION_KIND_$1","demonstration":true$2)", id, kind,
        more);
    if (kind == "ENTERPRISE") {
      absl::StrAppend(&body, R"(,"regionCode":"370211","unifiedSocialCreditCode":")",
                      demo::InventedUscc("370211", 810'000 + ++code), "\"");
    }
    return MustPost(secretariat, absl::StrCat("/v1/organizations?organizationId=", id),
                    absl::StrCat(body, "}"));
  };
  office = bearer("ROLE_DEPARTMENT", organization("qdst-gx", "DEPARTMENT", ""));
  district = bearer("ROLE_UNIT", organization("qd-st-370211", "DEPARTMENT", ""));
  parties.push_back(
      organization("lead", "ENTERPRISE", R"(,"qualifications":["QUALIFICATION_LEADING"])"));
  for (const char* id : {"part-1", "part-2", "part-3"}) {
    parties.push_back(organization(id, "ENTERPRISE", ""));
  }
  parties.push_back(organization("univ", "UNIVERSITY", ""));
  parties.push_back(organization("inst", "RESEARCH_INSTITUTE", ""));
  for (size_t i = 0; i < parties.size(); ++i) {
    signers.push_back(bearer(i < 4 ? "ROLE_ENTERPRISE" : "ROLE_RESEARCH_OFFICE", parties[i]));
  }
  for (int i = 0; i < kObjectors; ++i) {
    objectors.push_back(
        bearer("ROLE_ENTERPRISE", organization(absl::StrCat("objector-", i), "ENTERPRISE", "")));
  }
  Api bureau = ApiOf(office);
  MustPost(bureau, "/v1/backfills/consortium:begin",
           absl::Substitute(R"({"clockTime":"$0","reason":"演练"})", kBegin));
}

ConsortiumClient::ConsortiumClient(const ConsortiumScene& scene, int number)
    : scene_(scene),
      number_(number),
      office_(scene.ApiOf(scene.office)),
      district_(scene.ApiOf(scene.district)),
      database_(db::Database::Open(scene.database).value()) {
  for (const testing::Headers& one : scene.signers) signers_.push_back(scene.ApiOf(one));
}

HttpReply ConsortiumClient::Send(Api& api, const std::string& method, const std::string& target,
                                 const std::string& body, const std::string& type) {
  rpcs.insert(RpcOf(method, target));
  const std::string id = testing::NewRequestId();
  testing::Headers headers = {{"Idempotency-Key", id}};
  if (!type.empty()) headers.emplace_back("Content-Type", type);
  const absl::Time until = absl::Now() + kPatience;
  HttpReply reply;
  while (true) {
    reply = method == "PATCH" ? api.Patch(target, body, headers) : api.Post(target, body, headers);
    const bool unsent = reply.status == 0 && reply.unsent;
    if (!unsent && OutcomeOf(reply) != Outcome::kUnknown) break;
    if (absl::Now() > until) break;
    ++resent;
    absl::SleepFor(kPause);
  }
  if (reply.status == 200) {
    requests.push_back(id);
  } else {
    complaints.push_back(absl::StrCat(target, ": ", reply.status, " ", reply.body, reply.failure));
  }
  return reply;
}

bool ConsortiumClient::Object(const std::string& notice) {
  // Each client has objectors of its own.
  const size_t own = scene_.objectors.size() / 4;
  const size_t one = static_cast<size_t>(number_) * own + receipts.size() / kMostObjections;
  if (receipts.size() >= own * kMostObjections) return true;
  Api objector = scene_.ApiOf(scene_.objectors[one]);
  const HttpReply reply = Send(objector, "POST", absl::StrCat("/v1/", notice, "/objections"),
                               R"({"content":"与在研项目重复，请核查。"})");
  if (reply.status != 200) return false;
  receipts.push_back({reply.json().At("receiptNumber"), reply.json().At("verificationHash")});
  objected.push_back(notice);
  return true;
}

bool ConsortiumClient::MakeOne() {
  const std::string title = absl::StrCat("演示联合体", number_, "-", ++serial_);
  const HttpReply made = Send(signers_[0], "POST", "/v1/consortia", DossierOf(scene_, title));
  if (made.status != 200) return false;
  const std::string name = made.json().At("name");
  const std::string path = "/v1/" + name;
  const HttpReply file =
      Send(signers_[0], "POST",
           path + "/attachments?fileName=agreement.pdf&kind=ATTACHMENT_KIND_AGREEMENT",
           testing::SamplePdf(title), "application/pdf");
  if (file.status != 200) return false;
  const HttpReply saved =
      Send(signers_[0], "PATCH", path + "?updateMask=agreement.document",
           absl::Substitute(R"({"agreement":{"document":"$0"}})", file.json().At("name")));
  if (saved.status != 200) return false;
  const std::string sign = absl::Substitute(R"({"digest":"$0","signer":"法定代表人"})",
                                            saved.json().At("agreement.digest"));
  for (Api& signer : signers_) {
    const HttpReply signature = Send(signer, "POST", path + ":sign", sign);
    if (signature.status != 200) return false;
    signatures.push_back(signature.json().At("name"));
  }
  if (Send(signers_[0], "POST", path + ":submit", "{}").status != 200) return false;
  if (Send(district_, "POST", path + ":recommend", kOpinion).status != 200) return false;
  if (Send(office_, "POST", path + ":accept", kOpinion).status != 200) return false;
  const absl::Status selected = database_->Transact([&](db::Session& session) -> absl::Status {
    const db::Table<ReviewPanel> panels;
    for (const char* sheet : {"document", "defence"}) {
      ReviewPanel panel = PassedPanel(name, sheet);
      CHANYAN_RETURN_IF_ERROR(panels.Insert(session, absl::Now(), &panel));
    }
    return session.Execute(kSelected, {name}).status();
  });
  if (!selected.ok()) {
    complaints.push_back(selected.ToString());
    return false;
  }
  const HttpReply notice = Send(office_, "POST", path + ":publishNotice", "{}");
  if (notice.status != 200) return false;
  notices.push_back(notice.json().At("name"));
  return notices.size() % kObjectEvery != 0 || Object(notices.back());
}

bool ConsortiumClient::ReportProgress(const std::string& report) {
  const std::string path = "/v1/" + report;
  for (const bool taken : {false, true}) {
    const HttpReply draft = Send(signers_[0], "POST", path + "/versions", R"({"noChange":true})");
    if (draft.status != 200) return false;
    const std::string version = "/v1/" + draft.json().At("name");
    if (Send(signers_[0], "PATCH", version + "?updateMask=fundsYuan", R"({"fundsYuan":"3000000"})")
            .status != 200) {
      return false;
    }
    if (Send(signers_[0], "POST", version + ":submit", "{}").status != 200) return false;
    const HttpReply decided =
        taken ? Send(office_, "POST", path + ":accept", "{}")
              : Send(office_, "POST", path + ":return", R"({"reason":"请补充经费支出情况。"})");
    if (decided.status != 200) return false;
  }
  const HttpReply noted =
      Send(office_, "POST", "/v1/creditEntries",
           absl::Substitute(R"({"organization":"organizations/objector-$0","event":"false-material",
                                "description":"演示"})",
                            number_));
  if (noted.status != 200) return false;
  return Send(office_, "POST", absl::StrCat("/v1/", noted.json().At("name"), ":revoke"),
              R"({"reason":"经核实不属实"})")
             .status == 200;
}

void ConsortiumClient::Run(const std::atomic<bool>& stop) {
  while (!stop && MakeOne()) {
  }
}

}  // namespace chanyan::fault
