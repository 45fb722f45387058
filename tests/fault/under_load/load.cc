#include "tests/fault/under_load/load.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tools/demo/uscc.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;

// Between two calls of a client, so that eight of them leave the machine to the suite.
constexpr absl::Duration kThink = absl::Milliseconds(5);
constexpr int kShared = 2;
constexpr int kSetUpAttempts = 10;
constexpr int kCodesPerClient = 100'000;
constexpr char kSecretariat[] = "organizations/secretariat";

std::string OrganizationBody(const std::string& title, const std::string& kind,
                             const std::string& more = "") {
  return absl::StrCat("{\"displayName\":\"", title, "\",\"kind\":\"ORGANIZATION_KIND_", kind,
                      "\",\"demonstration\":true", more, "}");
}

// Under faults already: repeated under one request id, as any client would.
std::string MustCreate(Api& api, const std::string& target, const std::string& body) {
  const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()}};
  HttpReply reply;
  for (int attempt = 0; attempt < kSetUpAttempts && reply.status != 200; ++attempt) {
    reply = api.Post(target, body, once);
  }
  EXPECT_EQ(reply.status, 200) << target << ": " << reply.body << reply.failure;
  return reply.json().At("name");
}

testing::Headers Bearer(const std::string& token) {
  return {{"Authorization", absl::StrCat("Bearer ", token)}};
}

}  // namespace

// One client, on a thread of its own.
class Load::Client {
 public:
  Client(const Load& load, Ledger& ledger, int number, uint64_t seed)
      : load_(load),
        ledger_(ledger),
        number_(number),
        random_(seed),
        secretariat_(load.ApiOf(Actor::kSecretariat)),
        research_office_(load.ApiOf(Actor::kResearchOffice)) {}

  void Run() {
    while (!load_.stop_) {
      Step();
      absl::SleepFor(kThink);
    }
  }

 private:
  // A resource of this client's own, as last acknowledged.
  struct Known {
    std::string name;
    std::string etag;
  };

  void Step() {
    const int dice = Pick(100);
    if (dice < 70) {
      Read(dice);
    } else if (dice < 80) {
      CreateOrganization();
    } else if (dice < 86) {
      Update(&organizations_, "registry", Actor::kSecretariat, "zone");
    } else if (dice < 90) {
      UpdateShared();
    } else if (dice < 97) {
      CreateProject();
    } else {
      Update(&projects_, "pairing", Actor::kResearchOffice, "title");
    }
  }

  int Pick(size_t count) { return static_cast<int>(random_() % count); }
  Api& ApiOf(Actor actor) { return actor == Actor::kSecretariat ? secretariat_ : research_office_; }

  HttpReply Get(Api& api, const std::string& target) {
    const absl::Time start = absl::Now();
    HttpReply reply = api.Get(target);
    ledger_.Note(reply, absl::StrCat("GET ", target), absl::Now() - start);
    return reply;
  }

  void Read(int dice) {
    if (dice < 35 && !organizations_.empty()) {
      Check(secretariat_, organizations_[Pick(organizations_.size())]);
    } else if (dice < 60 && !projects_.empty()) {
      Check(research_office_, projects_[Pick(projects_.size())]);
    } else {
      Get(secretariat_, "/v1/organizations?pageSize=5");
    }
  }

  // Nobody else changes it: what was acknowledged is what is read.
  void Check(Api& api, const Known& known) {
    const HttpReply reply = Get(api, "/v1/" + known.name);
    if (reply.status == 404 || (reply.status == 200 && reply.json().At("etag") != known.etag)) {
      ledger_.Complain(absl::StrCat(known.name, ": acknowledged ", known.etag, ", read ",
                                    reply.status, " ", reply.body));
    }
  }

  // Sends, and writes down what came of it. The answer is empty unless it was OK.
  testing::Json Send(Change change) {
    change.request_id = testing::NewRequestId();
    testing::Headers headers = {{"Idempotency-Key", change.request_id}};
    if (!change.base.empty())
      headers.emplace_back("If-Match", absl::StrCat("\"", change.base, "\""));
    change.start = absl::Now();
    Api& api = ApiOf(change.actor);
    const HttpReply reply = change.method == "POST"
                                ? api.Post(change.target, change.body, headers)
                                : api.Patch(change.target, change.body, headers);
    change.end = absl::Now();
    change.outcome = OutcomeOf(reply);
    if (change.outcome == Outcome::kOk && reply.json().At("name").empty()) {
      ledger_.Complain(absl::StrCat(change.method, " ", change.target, ": OK and nothing in “",
                                    reply.body, "”"));
    }
    ledger_.Note(reply, absl::StrCat(change.method, " ", change.target), change.end - change.start);
    last_ = change.outcome;
    testing::Json json;
    if (change.outcome == Outcome::kOk) {
      json = reply.json();
      change.resource = json.At("name");
      change.etag = json.At("etag");
    } else if (change.outcome == Outcome::kFail && !reply.unsent &&
               reply.Reason() != "STALE_ETAG") {
      ledger_.Complain(absl::StrCat(change.method, " ", change.target, ": ", reply.status, " ",
                                    reply.body, reply.failure));
    }
    ledger_.Add(std::move(change));
    return json;
  }

  void CreateOrganization() {
    const int serial = ++serial_;
    Change change{.service = "registry", .method = "POST"};
    const std::string title = absl::StrCat("演示单位", number_, "-", serial);
    const bool enterprise = serial % 3 != 0;
    change.target = absl::StrCat("/v1/organizations?organizationId=c", number_, "-", serial);
    change.body =
        enterprise
            ? OrganizationBody(
                  title, "ENTERPRISE",
                  absl::StrCat(",\"unifiedSocialCreditCode\":\"",
                               demo::InventedUscc("370211", number_ * kCodesPerClient + serial),
                               "\""))
            : OrganizationBody(title, "TOWN");
    const testing::Json reply = Send(std::move(change));
    if (last_ != Outcome::kOk) return;
    organizations_.push_back({reply.At("name"), reply.At("etag")});
    if (enterprise) unpaired_.push_back(reply.At("name"));
  }

  void CreateProject() {
    if (unpaired_.empty()) return CreateOrganization();
    Change change{.service = "pairing", .actor = Actor::kResearchOffice, .method = "POST"};
    change.target = "/v1/projects";
    change.body =
        absl::StrCat("{\"platform\":\"", load_.platform_, "\",\"enterprise\":\"", unpaired_.front(),
                     "\",\"title\":\"演示项目\",\"kinds\":[\"技术研发平台\"]}");
    unpaired_.pop_front();
    const testing::Json reply = Send(std::move(change));
    if (last_ == Outcome::kOk) projects_.push_back({reply.At("name"), reply.At("etag")});
  }

  void Update(std::vector<Known>* mine, const std::string& service, Actor actor,
              const std::string& field) {
    if (mine->empty()) return CreateOrganization();
    const int index = Pick(mine->size());
    Known& known = (*mine)[index];
    const testing::Json reply =
        Send({.service = service,
              .actor = actor,
              .method = "PATCH",
              .target = absl::StrCat("/v1/", known.name, "?updateMask=", field),
              .body = absl::StrCat("{\"", field, "\":\"演示", ++serial_, "\"}"),
              .base = known.etag});
    if (last_ == Outcome::kOk) {
      known.etag = reply.At("etag");
    } else if (last_ == Outcome::kUnknown) {
      // Left alone until it is known: an etag that is in doubt is no base.
      mine->erase(mine->begin() + index);
    }
  }

  void UpdateShared() {
    const std::string& name = load_.shared_[Pick(load_.shared_.size())];
    const HttpReply read = Get(secretariat_, "/v1/" + name);
    if (read.status != 200) return;
    Send({.service = "registry",
          .method = "PATCH",
          .target = absl::StrCat("/v1/", name, "?updateMask=zone"),
          .body = absl::StrCat("{\"zone\":\"演示", number_, "-", ++serial_, "\"}"),
          .base = read.json().At("etag"),
          .contended = true});
  }

  const Load& load_;
  Ledger& ledger_;
  const int number_;
  std::mt19937_64 random_;
  Api secretariat_;
  Api research_office_;
  int serial_ = 0;
  Outcome last_ = Outcome::kUnknown;
  std::vector<Known> organizations_;
  std::vector<Known> projects_;
  std::deque<std::string> unpaired_;
};

Load::Load(testing::Suite& suite, uint64_t seed, Ledger& ledger)
    : address_(suite.http_address()), ledger_(ledger) {
  credentials_[0] = Bearer(suite.Token("ROLE_SECRETARIAT", kSecretariat));
  Api secretariat = ApiOf(Actor::kSecretariat);
  const std::string university =
      MustCreate(secretariat, "/v1/organizations?organizationId=university",
                 OrganizationBody("演示大学", "UNIVERSITY"));
  for (int i = 0; i < kShared; ++i) {
    shared_.push_back(MustCreate(secretariat,
                                 absl::StrCat("/v1/organizations?organizationId=shared-", i),
                                 OrganizationBody(absl::StrCat("演示街道", i), "TOWN")));
  }
  credentials_[1] = Bearer(suite.Token("ROLE_RESEARCH_OFFICE", university));
  Api research_office = ApiOf(Actor::kResearchOffice);
  platform_ =
      MustCreate(research_office, absl::StrCat("/v1/", university, "/platforms"),
                 "{\"displayName\":\"演示实验室\",\"kind\":\"PLATFORM_KIND_LABORATORY\","
                 "\"introduction\":\"演示用的实验室。\",\"services\":[{\"title\":\"检测\"}],"
                 "\"contacts\":[{\"person\":\"演示联系人\",\"phone\":\"0532-85880000\"}]}");
  MustCreate(research_office, absl::StrCat("/v1/", platform_, ":submit"), "{}");
  MustCreate(secretariat, absl::StrCat("/v1/", platform_, ":publish"), "{}");
  for (int i = 0; i < kClients; ++i) {
    threads_.emplace_back([this, i, seed] { Client(*this, ledger_, i, seed + i).Run(); });
  }
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Api Load::ApiOf(Actor actor) const {
  return Api(address_, credentials_[actor == Actor::kSecretariat ? 0 : 1]);
}

}  // namespace chanyan::fault
