// The notifier is killed while there is something to tell (CYC-9): everybody is told once of each,
// and an office system gets every message, whatever is killed, under one id and with one text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/auth/secret.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "tests/fault/under_load/client_notices.h"
#include "tests/fault/under_load/office_system.h"
#include "tests/fault/under_load/scene.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using ::testing::IsEmpty;
using testing::Suite;
using ::testing::UnorderedElementsAreArray;

constexpr int kClients = 2;
constexpr absl::Duration kLength = absl::Seconds(45);
constexpr absl::Duration kAway = absl::Milliseconds(300);
// Between two problems of a client: what is told goes to an office one by one.
constexpr absl::Duration kThink = absl::Milliseconds(300);
// Killed within it after each start: while it reads journals, tells, makes digests and sends.
constexpr int kShortestLife = 50;
constexpr int kLongestLife = 8000;
constexpr int kSettleRounds = 30;
constexpr absl::Duration kSettlePause = absl::Seconds(2);
constexpr int kFewestKills = 4;
constexpr absl::Duration kPatience = absl::Seconds(40);
constexpr size_t kFewestTellings = 20;
constexpr size_t kFewestSentUnderFire = 10;

// A dead owner's lease has run out.
constexpr char kLeasesRunOut[] =
    "UPDATE lease SET expires_at = NOW(6) - INTERVAL 1 SECOND WHERE name LIKE 'cycle-%'";
// The pause after an attempt is over.
constexpr char kPausesAreOver[] =
    "UPDATE webhook_delivery SET next_time = NOW(6) WHERE state = 'PENDING' AND attempts < ?";
constexpr int64_t kAttemptsUnderFire = 3;
constexpr int64_t kAttempts = 7;

using Lines = std::vector<std::vector<std::string>>;

Lines Query(db::Database& database, absl::string_view sql) {
  Lines lines;
  const absl::Status read = database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, {}));
    lines.clear();
    for (const db::Values& row : rows.rows) {
      std::vector<std::string>& line = lines.emplace_back();
      for (const db::Value& value : row) {
        const auto* number = std::get_if<int64_t>(&value);
        const auto* text = std::get_if<std::string>(&value);
        line.push_back(number != nullptr ? absl::StrCat(*number) : text != nullptr ? *text : "");
      }
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << sql << ": " << read;
  return lines;
}

// Someone who is told, and what of.
struct Recipient {
  std::string account;
  std::string organization;
  std::string role;
};

class NoticesTest : public ::testing::Test {
 protected:
  NoticesTest()
      : seed_(std::random_device()()),
        random_(seed_),
        office_(seed_),
        key_file_(absl::StrCat(::testing::TempDir(), "/webhook-", getpid(), ".key")) {
    std::fprintf(stdout, "notices: seed %llu\n", static_cast<unsigned long long>(seed_));
    unlink(key_file_.c_str());
    EXPECT_TRUE(auth::CreateSecretFile(key_file_, auth::NewSecret()).ok());
    suite_ = std::make_unique<Suite>(testing::SuiteOptions{
        .amend_policy = &AddCooperation,
        .flags = {{"cycle",
                   {absl::StrCat("--webhook_key_file=", key_file_),
                    absl::StrCat("--webhook_origins=http://office.example:", office_.port(),
                                 "@127.0.0.1")}}}});
    scene_ = std::make_unique<Scene>(*suite_);
    for (const char* service : {"identity", "pairing", "cycle"}) {
      databases_[service] = db::Database::Open(suite_->DatabaseOf(service)).value();
    }
  }
  ~NoticesTest() override { unlink(key_file_.c_str()); }

  db::Database& Of(const std::string& service) { return *databases_.at(service); }

  void SignUp(const std::string& role, const std::string& organization) {
    suite_->Person(role, organization);
    const std::string login = absl::StrCat("person-", recipients_.size() + 1);
    const Lines found =
        Query(Of("identity"), absl::StrCat("SELECT name FROM account WHERE login = '", login, "'"));
    ASSERT_EQ(found.size(), 1u) << login;
    recipients_.push_back({found[0][0], organization, role});
  }
  void Register(Actor actor, const std::string& organization, const std::string& path) {
    Api api = scene_->ApiOf(actor);
    const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()}};
    testing::HttpReply reply;
    for (int attempt = 0; attempt < 10 && reply.status != 200; ++attempt) {
      reply = api.Post("/v1/webhookEndpoints",
                       absl::StrCat("{\"url\":\"http://office.example:", office_.port(), path,
                                    "\",\"events\":[\"WEBHOOK_EVENT_NOTIFICATION\",",
                                    "\"WEBHOOK_EVENT_DIGEST\"]}"),
                       once);
    }
    ASSERT_EQ(reply.status, 200) << reply.body << reply.failure;
    office_.Know(path, reply.json().At("secret"));
    endpoints_[organization] = reply.json().At("webhookEndpoint.name");
  }
  void Do(absl::string_view sql, const db::Values& params = {}) {
    const absl::Status done = Of("cycle").Transact(
        [&](db::Session& session) { return session.Execute(sql, params).status(); });
    EXPECT_TRUE(done.ok()) << sql << ": " << done;
  }
  void KillAndStart() {
    suite_->Signal("cycle", SIGKILL);
    suite_->Wait("cycle", absl::InfiniteDuration());
    absl::SleepFor(kAway);
    Do(kLeasesRunOut);
    Do(kPausesAreOver, {kAttemptsUnderFire});
    suite_->Start("cycle");
    suite_->WaitReady("cycle");
  }
  // Stopped in order and started, so that its jobs look at once, until there is nothing left.
  bool Settle() {
    for (int round = 0; round < kSettleRounds; ++round) {
      absl::SleepFor(kSettlePause);
      const Lines open =
          Query(Of("cycle"), "SELECT name FROM webhook_delivery WHERE state = 'PENDING'");
      const Lines read =
          Query(Of("cycle"), "SELECT seq FROM `cursor` WHERE follower = 'cycle-notices<pairing'");
      const Lines end = Query(Of("pairing"), "SELECT MAX(seq) FROM journal");
      const Lines unsealed = Query(Of("pairing"), "SELECT id FROM journal WHERE seq = 0");
      if (unsealed.empty() && open.empty() && read == end) return true;
      suite_->Signal("cycle", SIGTERM);
      suite_->Wait("cycle", absl::InfiniteDuration());
      Do(kPausesAreOver, {kAttempts});
      suite_->Start("cycle");
      suite_->WaitReady("cycle");
    }
    return false;
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  OfficeSystem office_;
  const std::string key_file_;
  std::unique_ptr<Suite> suite_;
  std::unique_ptr<Scene> scene_;
  std::map<std::string, std::unique_ptr<db::Database>> databases_;
  std::vector<Recipient> recipients_;
  // Organization → its address.
  std::map<std::string, std::string> endpoints_;
};

TEST_F(NoticesTest, KilledAgainAndAgainTheNotifierTellsEachOnceAndLosesNoMessage) {
  const std::string secretariat = "organizations/secretariat";
  const std::string department = "organizations/qdst-hy";
  for (int i = 0; i < 2; ++i) {
    SignUp("ROLE_SECRETARIAT", secretariat);
    SignUp("ROLE_DEPARTMENT", department);
  }
  Register(Actor::kSecretariat, secretariat, "/secretariat");
  Register(Actor::kDepartment, department, "/department");
  const std::string office = "organizations/qdst-cg";
  Register(Actor::kOffice, office, "/spare");
  // Who is new is known before there is something to tell.
  for (int i = 0; i < kSettleRounds; ++i) {
    if (Query(Of("cycle"), "SELECT account FROM person WHERE roles <> ',11,'").size() >= 4) break;
    KillAndStart();
    absl::SleepFor(kSettlePause);
  }

  std::atomic<bool> stop = false;
  std::vector<std::unique_ptr<NoticeClient>> clients;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    NoticeClient* client = clients.emplace_back(std::make_unique<NoticeClient>(*scene_, i)).get();
    threads.emplace_back([client, &stop] {
      while (!stop) {
        client->Step();
        absl::SleepFor(kThink);
      }
    });
  }
  // An address to which nothing goes gets another secret, and is put out of use and in again.
  const std::string& spare = endpoints_[office];
  int changes = 0;
  std::string refused;
  threads.emplace_back([this, &spare, &changes, &refused, &stop] {
    Api api = scene_->ApiOf(Actor::kOffice);
    while (!stop && refused.empty()) {
      const bool settles = changes % 2 == 1;
      const std::string target =
          absl::StrCat("/v1/", spare, settles ? ":setDisabled" : ":rotateSecret");
      const std::string body =
          settles ? absl::StrCat("{\"disabled\":", changes % 4 == 1 ? "true" : "false", "}") : "{}";
      const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()}};
      testing::HttpReply reply;
      const absl::Time until = absl::Now() + kPatience;
      do {
        reply = api.Post(target, body, once);
        if (reply.status != 200) absl::SleepFor(kThink);
      } while (reply.status != 200 && absl::Now() < until);
      if (reply.status != 200) refused = absl::StrCat(reply.status, " ", reply.body, reply.failure);
      changes += reply.status == 200;
      absl::SleepFor(kThink);
    }
  });
  int kills = 0;
  for (const absl::Time end = absl::Now() + kLength; absl::Now() < end; ++kills) {
    absl::SleepFor(absl::Milliseconds(kShortestLife + random_() % kLongestLife));
    KillAndStart();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const size_t under_fire = office_.received().size();
  office_.AnswerAlways();
  EXPECT_TRUE(Settle()) << "not told, or not sent";

  EXPECT_THAT(refused, IsEmpty());
  EXPECT_GE(changes, kFewestKills);
  EXPECT_EQ(Query(Of("cycle"), absl::StrCat("SELECT secret_generation, version FROM "
                                            "webhook_endpoint WHERE name = '",
                                            spare, "'")),
            (Lines{{absl::StrCat(1 + (changes + 1) / 2), absl::StrCat(1 + changes)}}));

  // What was acknowledged is in pairing's journal, and of that everybody is told.
  std::map<std::string, int> acknowledged;
  for (const auto& client : clients) {
    EXPECT_THAT(client->complaints(), IsEmpty());
    for (const auto& [problem, times] : client->escalated()) acknowledged[problem] += times;
  }
  std::map<std::string, int> journalled;
  std::vector<std::string> expected;
  for (const auto& entry :
       Query(Of("pairing"),
             "SELECT resource, JSON_VALUE(after_json, '$.escalated_to'), request_id FROM journal "
             "WHERE kind = 'escalate' AND type = 'chanyan.pairing.v1.Problem'")) {
    // What is overdue goes up by itself as well.
    if (!entry[2].empty()) ++journalled[entry[0]];
    for (const Recipient& one : recipients_) {
      if (one.role == entry[1]) expected.push_back(absl::StrCat(entry[0], " ", one.account));
    }
  }
  EXPECT_EQ(acknowledged, journalled);
  EXPECT_GE(expected.size(), kFewestTellings);
  EXPECT_GE(kills, kFewestKills);
  EXPECT_GE(under_fire, kFewestSentUnderFire);
  std::vector<std::string> told;
  // Of what else there is, such as what somebody is to do from the scene on.
  std::map<std::string, int> others;
  // Notification or digest → whose.
  std::map<std::string, std::string> messages;
  for (const auto& row :
       Query(Of("cycle"), "SELECT subject, account, name, organization FROM notification")) {
    const std::string telling = absl::StrCat(row[0], " ", row[1]);
    if (absl::StrContains(row[0], "/problems/")) {
      told.push_back(telling);
    } else {
      EXPECT_EQ(++others[telling], 1) << telling;
    }
    messages[row[2]] = row[3];
  }
  EXPECT_THAT(told, UnorderedElementsAreArray(expected)) << "not once each";
  for (const auto& row : Query(Of("cycle"), "SELECT name, organization FROM digest")) {
    messages[row[0]] = row[1];
  }

  // One delivery a message, delivered, and what the office has is that.
  const auto received = office_.received();
  EXPECT_THAT(office_.complaints(), IsEmpty());
  std::map<std::string, int> sent;
  std::set<std::string> ids;
  size_t repeated = 0;
  for (const auto& row :
       Query(Of("cycle"), "SELECT name, subject, state, body FROM webhook_delivery")) {
    ++sent[row[1]];
    const std::vector<std::string> parts = absl::StrSplit(row[0], '/');
    const std::string& id = parts.back();
    ids.insert(id);
    EXPECT_EQ(row[2], "DELIVERED") << row[0];
    const auto came = received.find(id);
    if (came == received.end()) {
      ADD_FAILURE() << "lost: " << row[0];
      continue;
    }
    repeated += came->second.size() > 1;
    EXPECT_EQ(came->second.front(), row[3]) << row[0];
    EXPECT_EQ(absl::StrCat(parts[0], "/", parts[1]), endpoints_[messages[row[1]]]) << row[0];
  }
  // An organization without an endpoint is sent nothing.
  for (const auto& [message, organization] : messages) {
    EXPECT_EQ(sent[message], endpoints_.contains(organization) ? 1 : 0)
        << message << " of " << organization;
  }
  for (const auto& [id, bodies] : received) EXPECT_TRUE(ids.contains(id)) << "unknown: " << id;
  std::fputs(
      absl::StrFormat("notices: %d kills; %d problems, %d tellings, %d messages, %d of them "
                      "sent under fire, %d more than once\n",
                      kills, journalled.size(), told.size(), ids.size(), under_fire, repeated)
          .c_str(),
      stdout);
}

}  // namespace
}  // namespace chanyan::fault
