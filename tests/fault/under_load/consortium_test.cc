// Consortia while services are killed (CON-3, CON-5 to CON-7): every signature and receipt that was
// acknowledged is there, none twice; what nobody objected to is filed, each once, under numbers
// without a gap, and asked for one report of its progress, which goes back and forth once (CON-7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "tests/fault/under_load/client_consortium.h"
#include "tests/fault/under_load/written.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using testing::Suite;

constexpr int kClients = 4;
constexpr absl::Duration kLength = absl::Seconds(25);
constexpr absl::Duration kCalm = absl::Seconds(2);
constexpr absl::Duration kAway = absl::Milliseconds(500);
constexpr absl::Duration kFilingLimit = absl::Seconds(90);
constexpr size_t kFewestNotices = 8;
constexpr size_t kMostReports = 6;

constexpr char kLeasesRunOut[] =
    "UPDATE lease SET expires_at = NOW(6) - INTERVAL 1 SECOND WHERE name LIKE 'consortium-%'";

class Books {
 public:
  explicit Books(const db::Config& config) : database_(db::Database::Open(config).value()) {}

  std::vector<std::string> Texts(const std::string& sql) {
    std::vector<std::string> texts;
    const absl::Status read = database_->Read([&](db::Session& session) -> absl::Status {
      texts.clear();
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
      for (const db::Values& row : rows.rows) texts.push_back(std::get<std::string>(row.at(0)));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << sql << ": " << read;
    return texts;
  }
  std::set<std::string> Set(const std::string& sql) {
    const std::vector<std::string> texts = Texts(sql);
    return {texts.begin(), texts.end()};
  }

  // A dead owner's lease has run out.
  void EndLeases() {
    const absl::Status ended = database_->Transact(
        [](db::Session& session) { return session.Execute(kLeasesRunOut).status(); });
    EXPECT_TRUE(ended.ok()) << ended;
  }

 private:
  std::unique_ptr<db::Database> database_;
};

void Kill(Suite& suite, const std::string& service) {
  suite.Signal(service, SIGKILL);
  suite.Wait(service, absl::InfiniteDuration());
  absl::SleepFor(kAway);
  suite.Start(service);
  suite.WaitReady(service);
}

// Until it is known: what is filed depends on it.
void Advance(const ConsortiumScene& scene, const std::string& time) {
  Api office = scene.ApiOf(scene.office);
  const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()}};
  HttpReply reply;
  for (int attempt = 0; attempt < 100 && reply.status != 200; ++attempt) {
    reply = office.Post("/v1/backfills/consortium:advance",
                        absl::StrCat("{\"clockTime\":\"", time, "\"}"), once);
    if (reply.status != 200) absl::SleepFor(absl::Milliseconds(200));
  }
  ASSERT_EQ(reply.status, 200) << reply.body << reply.failure;
}

TEST(ConsortiumUnderLoadTest, SignaturesReceiptsAndFilingsComeOnceWhateverIsKilled) {
  Suite suite;
  const ConsortiumScene scene(suite);
  Books books(scene.database);
  std::vector<std::unique_ptr<ConsortiumClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<ConsortiumClient>(scene, i));
  }
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (const auto& client : clients) {
    threads.emplace_back([&client, &stop] { client->Run(stop); });
  }
  int kills = 0;
  const absl::Time end = absl::Now() + kLength;
  const std::vector<std::string> victims = {"consortium", "gateway", "consortium", "registry"};
  while (absl::Now() < end) {
    absl::SleepFor(kCalm);
    Kill(suite, victims[kills++ % victims.size()]);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();

  std::set<std::string> notices, objected, signatures, requests, rpcs;
  int resent = 0;
  for (const auto& client : clients) {
    EXPECT_THAT(client->complaints, IsEmpty());
    notices.insert(client->notices.begin(), client->notices.end());
    objected.insert(client->objected.begin(), client->objected.end());
    signatures.insert(client->signatures.begin(), client->signatures.end());
    requests.insert(client->requests.begin(), client->requests.end());
    rpcs.insert(client->rpcs.begin(), client->rpcs.end());
    resent += client->resent;
  }
  // The windows end, and the job that files is killed at it.
  Advance(scene, "2025-05-07T01:00:00Z");
  const size_t to_file = notices.size() - objected.size();
  std::mt19937_64 random(std::random_device{}());
  const absl::Time give_up = absl::Now() + kFilingLimit;
  while (books.Texts("SELECT name FROM filing").size() < to_file && absl::Now() < give_up) {
    suite.Signal("consortium", SIGKILL);
    suite.Wait("consortium", absl::InfiniteDuration());
    books.EndLeases();
    suite.Start("consortium");
    suite.WaitReady("consortium");
    ++kills;
    absl::SleepFor(absl::Milliseconds(500 + random() % 3000));
  }

  // The first whole period is over, and the job that asks for reports is killed at it.
  Advance(scene, "2026-01-05T01:00:00Z");
  const absl::Time give_up_asking = absl::Now() + kFilingLimit;
  while (books.Texts("SELECT name FROM construction_report").size() < to_file &&
         absl::Now() < give_up_asking) {
    suite.Signal("consortium", SIGKILL);
    suite.Wait("consortium", absl::InfiniteDuration());
    books.EndLeases();
    suite.Start("consortium");
    suite.WaitReady("consortium");
    ++kills;
    absl::SleepFor(absl::Milliseconds(500 + random() % 3000));
  }
  EXPECT_EQ(books.Set("SELECT SUBSTRING_INDEX(name, '/', 2) FROM construction_report WHERE "
                      "state = 'DUE' AND period = '2025h2'"),
            books.Set("SELECT consortium FROM filing"));
  EXPECT_EQ(books.Texts("SELECT name FROM construction_report").size(), to_file);
  EXPECT_EQ(books
                .Texts("SELECT resource FROM journal WHERE kind = 'created' AND "
                       "type = 'chanyan.consortium.v1.ConstructionReport'")
                .size(),
            to_file);

  // Reports are written, sent back, written again and accepted while services are killed.
  std::vector<std::string> asked =
      books.Texts("SELECT name FROM construction_report ORDER BY name");
  asked.resize(std::min(asked.size(), kMostReports));
  std::atomic<bool> reported = false;
  std::thread reporter([&client = *clients[0], &asked, &reported] {
    for (const std::string& report : asked) {
      if (!client.ReportProgress(report)) break;
    }
    reported = true;
  });
  while (!reported) {
    absl::SleepFor(kCalm);
    Kill(suite, victims[static_cast<size_t>(kills++) % victims.size()]);
  }
  reporter.join();
  EXPECT_THAT(clients[0]->complaints, IsEmpty());
  requests.insert(clients[0]->requests.begin(), clients[0]->requests.end());
  rpcs.insert(clients[0]->rpcs.begin(), clients[0]->rpcs.end());
  EXPECT_THAT(RpcsOfConsortia(), IsSubsetOf(rpcs));
  EXPECT_EQ(books.Texts("SELECT name FROM construction_report WHERE state = 'ACCEPTED' AND "
                        "submissions = 2 ORDER BY name"),
            asked);
  EXPECT_EQ(books.Texts("SELECT name FROM construction_version").size(), 2 * asked.size());

  // Signatures: each acknowledged one is there, and none of an organization twice.
  const std::set<std::string> stored = books.Set("SELECT name FROM signature");
  for (const std::string& one : signatures) EXPECT_EQ(stored.count(one), 1u) << one;
  EXPECT_THAT(books.Texts("SELECT consortium FROM signature GROUP BY consortium, organization, "
                          "digest HAVING COUNT(*) > 1"),
              IsEmpty());
  // Requests: each has its effect, once.
  const std::set<std::string> told =
      books.Set("SELECT DISTINCT request_id FROM journal WHERE request_id <> ''");
  for (const std::string& one : requests) EXPECT_EQ(told.count(one), 1u) << one;
  EXPECT_THAT(books.Texts("SELECT request_id FROM journal WHERE request_id <> '' "
                          "GROUP BY request_id, resource, kind HAVING COUNT(*) > 1"),
              IsEmpty());
  EXPECT_THAT(books.Texts("SELECT request_id FROM journal WHERE request_id <> '' AND "
                          "kind = 'created' GROUP BY request_id, type HAVING COUNT(*) > 1"),
              IsEmpty());
  // Filings: all that nobody objected to, each once, numbered without a gap.
  EXPECT_EQ(books.Set("SELECT name FROM public_notice WHERE state = 'CLEARED'").size(), to_file);
  EXPECT_EQ(books.Texts("SELECT name FROM filing").size(), to_file);
  EXPECT_THAT(books.Texts("SELECT consortium FROM filing GROUP BY consortium HAVING COUNT(*) > 1"),
              IsEmpty());
  EXPECT_THAT(books.Texts("SELECT CAST(year AS CHAR) FROM filing GROUP BY year "
                          "HAVING MIN(number) <> 1 OR MAX(number) <> COUNT(*)"),
              IsEmpty());
  EXPECT_THAT(books.Texts("SELECT f.name FROM filing f LEFT JOIN consortium c ON c.filing = f.name "
                          "WHERE c.name IS NULL OR c.state <> 'FILED'"),
              IsEmpty());
  EXPECT_EQ(books.Set("SELECT name FROM public_notice WHERE state = 'OPEN'"), objected);
  // Receipts: each opens its objection.
  Api anyone = suite.Anonymous();
  for (const auto& client : clients) {
    for (const ConsortiumClient::Receipt& one : client->receipts) {
      const HttpReply reply = anyone.Get(
          absl::StrCat("/v1/noticeReceipts/", one.number, "?verificationHash=", one.hash));
      EXPECT_EQ(reply.status, 200) << one.number << reply.body;
      EXPECT_EQ(reply.json().At("state"), "NOTICE_OBJECTION_STATE_OPEN");
    }
  }
  EXPECT_EQ(books.Texts("SELECT name FROM notice_objection").size(), objected.size());
  EXPECT_GE(notices.size(), kFewestNotices);
  std::fputs(absl::StrFormat("consortia: %d kills, %d requests acknowledged, %d sent again; %d "
                             "signatures, %d notices, %d objections, %d filings\n",
                             kills, requests.size(), resent, signatures.size(), notices.size(),
                             objected.size(), to_file)
                 .c_str(),
             stdout);
}

}  // namespace
}  // namespace chanyan::fault
