// The long work of a quarter, killed with -9 in the middle and taken up again (CYC-2, CYC-4):
// opening by the scheduler, distribution and packing. Nothing is lost and nothing happens twice;
// whoever watches goes on behind the last event that he has, whether the service was killed or the
// gateway.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/database.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/support/barrier.h"
#include "tests/support/kills.h"
#include "tests/support/suite/event_stream.h"
#include "tests/support/suite/suite.h"
#include "tools/demo/uscc.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::EventStream;
using testing::HttpReply;
using testing::Json;
using testing::StreamEvent;
using testing::Suite;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr char kCycle[] = "cycles/2025q2";
constexpr char kForm[] = "cycles/2025q2/forms/university";
constexpr char kSecretariat[] = "organizations/secretariat";
constexpr char kUnit[] = "organizations/unit";
constexpr char kUniversity[] = "organizations/university";
constexpr char kPlatform[] = "演示实验室";
// More than two chunks of packages, 256 each.
constexpr int kEnterprises = 560;
constexpr int kChunk = 256;
// Of a scheduler, in milliseconds, behind its start or once it is ready; and how many it has, or
// CHANYAN_KILLS, and at most so many more.
constexpr int kLongestLife = 250;
constexpr int kFewestLives = 4;
constexpr int kMoreLives = 8;
constexpr char kWaitsForALock[] =
    "SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p "
    "ON p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE() AND t.trx_state = 'LOCK WAIT'";

std::string Title(int i) { return absl::StrFormat("演示批量企业%05d有限公司", i); }
std::string CodeOf(int i) { return demo::InventedUscc("370211", static_cast<uint64_t>(500 + i)); }
std::string EnterpriseOf(int i) {
  return absl::StrCat("organizations/", absl::AsciiStrToLower(CodeOf(i)));
}

template <class T>
std::string SheetOf(const std::vector<T>& rows) {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "演示"});
  sheet::WriteTable(writer, "演示", T::descriptor(), rows, {});
  return *std::move(writer).Finish();
}

class KilledWorkTest : public ::testing::Test {
 protected:
  KilledWorkTest()
      : seed_(std::random_device()()),
        random_(seed_),
        suite_({.flags = {{"cycle", {"--open_running_quarter=false"}}}}),
        secretariat_(suite_.As("ROLE_SECRETARIAT", kSecretariat)) {
    std::fprintf(stdout, "killed work: seed %llu\n", static_cast<unsigned long long>(seed_));
    for (const char* service : {"cycle", "registry"}) {
      databases_[service] = db::Database::Open(suite_.DatabaseOf(service)).value();
    }
  }

  int64_t Number(const std::string& sql, const char* service = "cycle") {
    int64_t number = -1;
    const absl::Status read = databases_[service]->Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
      number = std::get<int64_t>(rows.rows.at(0).at(0));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << sql << ": " << read;
    return number;
  }
  // Posts what must succeed, under one request id until it is answered.
  Json Must(Api& api, const std::string& target, const std::string& body,
            const std::string& type = "application/json") {
    const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()},
                                   {"Content-Type", type}};
    HttpReply reply;
    for (int i = 0; i < 60 && reply.status != 200; ++i) {
      reply = api.Post(target, body, once);
      if (reply.status != 200 && reply.status != 503) break;
      if (reply.status != 200) absl::SleepFor(absl::Milliseconds(250));
    }
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body.substr(0, 600) << reply.failure;
    return reply.json();
  }
  void Organization(const std::string& id, const std::string& kind, const std::string& title) {
    Must(secretariat_, absl::StrCat("/v1/organizations?organizationId=", id),
         absl::StrCat("{\"displayName\":\"", title, "\",\"kind\":\"ORGANIZATION_KIND_", kind,
                      "\",\"demonstration\":true}"));
  }
  void Platform(const std::string& university, const std::string& title) {
    Api office = suite_.As("ROLE_RESEARCH_OFFICE", university);
    const std::string name =
        Must(office, absl::StrCat("/v1/", university, "/platforms"),
             absl::StrCat("{\"displayName\":\"", title,
                          "\",\"kind\":\"PLATFORM_KIND_LABORATORY\","
                          "\"level\":\"PLATFORM_LEVEL_PROVINCIAL\",\"introduction\":\"演示用。\","
                          "\"capabilities\":[\"检测认证\"],\"services\":[{\"title\":\"检测\","
                          "\"price\":\"面议\",\"booking\":\"电话预约\"}],"
                          "\"industries\":[\"人工智能\"],\"contacts\":[{\"person\":\"演示\","
                          "\"phone\":\"0532-85880000\"}]}"))
            .At("name");
    Must(office, absl::StrCat("/v1/", name, ":submit"), "{}");
    Must(secretariat_, absl::StrCat("/v1/", name, ":publish"), "{}");
  }
  void MoveTo(const std::string& day) {
    Must(secretariat_, absl::StrCat("/v1/", kCycle, ":advanceClock"),
         absl::StrCat("{\"clock\":\"", day, "T01:00:00Z\"}"));
  }
  // A university with a row for each of the unit's enterprises; its form is accepted.
  void UntilAccepted() {
    Organization("university", "UNIVERSITY", "演示大学");
    Organization("unit", "FUNCTIONAL_ZONE", "演示功能区");
    std::vector<registry::v1::Organization> enterprises;
    std::vector<cycle::v1::Row> rows;
    for (int i = 0; i < kEnterprises; ++i) {
      registry::v1::Organization& enterprise = enterprises.emplace_back();
      enterprise.set_display_name(Title(i));
      enterprise.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
      enterprise.set_unified_social_credit_code(CodeOf(i));
      enterprise.set_unit("演示功能区");
      cycle::v1::Row& row = rows.emplace_back();
      row.set_platform_title(kPlatform);
      row.set_category(cycle::v1::ROW_CATEGORY_NEW);
      row.set_enterprise_title(Title(i));
      row.set_unified_social_credit_code(CodeOf(i));
      row.add_kinds("技术研发");
      row.set_title("演示项目");
      row.set_content("共建中试线");
      row.mutable_sign_date()->set_year(2025);
      row.mutable_sign_date()->set_month(3);
      row.mutable_sign_date()->set_day(20);
    }
    Must(secretariat_, "/v1/organizations:import?fileName=companies.xlsx", SheetOf(enterprises),
         kXlsx);
    ASSERT_EQ(Number("SELECT COUNT(*) FROM organization WHERE unit <> ''", "registry"),
              kEnterprises);
    Platform(kUniversity, kPlatform);
    Must(secretariat_, absl::StrCat("/v1/", kCycle, ":open"),
         R"({"rehearsalClock":"2025-04-01T01:00:00Z"})");
    Api office = suite_.As("ROLE_RESEARCH_OFFICE", kUniversity);
    Must(office, absl::StrCat("/v1/", kForm, ":import?fileName=form.xlsx"), SheetOf(rows), kXlsx);
    Must(office, absl::StrCat("/v1/", kForm, ":submit"), "{}");
    Must(secretariat_, absl::StrCat("/v1/", kForm, ":accept"), "{}");
    MoveTo("2025-04-09");
  }
  void Conserved() {
    const HttpReply proof = secretariat_.Get(absl::StrCat("/v1/", kCycle, ":checkConservation"));
    EXPECT_EQ(proof.json().At("conserved"), "true") << proof.body.substr(0, 2000);
  }

  void Kill(const std::string& service) {
    suite_.Signal(service, SIGKILL);
    ASSERT_TRUE(suite_.Wait(service, absl::Seconds(10)).has_value());
    suite_.Start(service);
    suite_.WaitReady(service);
  }
  // A program, and what of an operation must be seen for it to be killed.
  using Blow = std::pair<std::string, std::function<bool(const Json&)>>;
  // Watches an operation to its end; strikes the blows one after the other, each when its time has
  // come. What is sent again after an event that was had is a complaint.
  Json Watch(const Api& who, const std::string& operation, std::deque<Blow> blows = {}) {
    const std::string target = absl::StrCat("/v1/", operation, ":watch");
    std::string last;
    Json seen;
    for (int i = 0; i < 240; ++i) {
      EventStream stream(suite_, who, target, last);
      if (stream.status() == 204) return seen;
      if (stream.status() != 200) {
        absl::SleepFor(absl::Milliseconds(250));
        continue;
      }
      for (StreamEvent event = stream.Next(); event.name == "watchOperation";
           event = stream.Next()) {
        EXPECT_NE(event.id, last) << "what he has is not sent again";
        last = event.id;
        seen = event.data.Sub("operation");
        ++events_;
        if (!blows.empty() && blows.front().second(seen)) {
          Kill(blows.front().first);
          blows.pop_front();
        }
      }
      const std::string state = seen.At("state");
      if (!state.empty() && state != "OPERATION_STATE_PENDING" &&
          state != "OPERATION_STATE_RUNNING") {
        EXPECT_TRUE(blows.empty()) << "too quick to be killed";
        return seen;
      }
    }
    ADD_FAILURE() << operation << " does not end";
    return seen;
  }
  // Whoever died has left its lease.
  void ExpireSchedulersLease() {
    ASSERT_TRUE(databases_["cycle"]
                    ->Transact([](db::Session& session) {
                      return session
                          .Execute(
                              "UPDATE lease SET expires_at = NOW(6) - INTERVAL 1 SECOND "
                              "WHERE name = 'cycle-scheduler'",
                              {})
                          .status();
                    })
                    .ok());
  }
  // Starts the scheduler, which has its lease and stands before what it opens, and kills it there.
  void KillBeforeItOpens() {
    const testing::Barrier before_it_opens(*databases_["cycle"],
                                           "SELECT name FROM cycle FOR UPDATE", {});
    ExpireSchedulersLease();
    suite_.Start("cycle");
    int64_t waiting = 0;
    for (int i = 0; i < 150 && waiting == 0; ++i) {
      absl::SleepFor(absl::Milliseconds(200));
      waiting = Number(kWaitsForALock);
    }
    ASSERT_EQ(waiting, 1) << "nobody opens";
    suite_.Signal("cycle", SIGKILL);
    ASSERT_TRUE(suite_.Wait("cycle", absl::Seconds(10)).has_value());
    EXPECT_EQ(Number("SELECT COUNT(*) FROM cycle"), 0);
  }
  std::string Begin(Api& api, const std::string& verb) {
    return Must(api, absl::StrCat("/v1/", kCycle, ":", verb), "{}").At("name");
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  Suite suite_;
  Api secretariat_;
  std::map<std::string, std::unique_ptr<db::Database>> databases_;
  int events_ = 0;
};

TEST_F(KilledWorkTest, DistributionAndPackingGoOnWhereTheyStopped) {
  UntilAccepted();
  Api unit = suite_.As("ROLE_UNIT", kUnit);

  // All or nothing, each: killed as soon as it is begun, it is done once.
  const std::string distribution = Begin(secretariat_, "beginDistributeForms");
  Kill("cycle");
  const Json distributed = Watch(secretariat_, distribution);
  EXPECT_EQ(distributed.At("state"), "OPERATION_STATE_DONE");
  EXPECT_EQ(Number("SELECT COUNT(*) FROM handover WHERE step = 2"), 1);
  EXPECT_EQ(Number("SELECT SUM(row_count) DIV 1 FROM handover WHERE step = 2"), kEnterprises);
  Conserved();
  Must(unit, absl::StrCat("/v1/", kCycle, "/handovers:receive"), "{}");
  const std::string delivery = Begin(unit, "beginDistributeToEnterprises");
  Kill("cycle");
  const Json delivered = Watch(unit, delivery);
  EXPECT_EQ(delivered.At("state"), "OPERATION_STATE_DONE");
  EXPECT_EQ(Number("SELECT COUNT(*) FROM handover WHERE step = 2"), 1 + kEnterprises);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM form_row WHERE delivered = 1"), kEnterprises);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal WHERE kind = 'sent' AND type LIKE '%Handover'"),
            // step 1, step 2 to the unit, step 2 to each enterprise
            2 + kEnterprises);
  Conserved();

  // The unit says for each of them that nothing has changed.
  MoveTo("2025-04-16");
  for (int i = 0; i < kEnterprises; ++i) {
    Must(unit, absl::StrCat("/v1/", kCycle, ":submitReturns"),
         absl::StrCat("{\"enterprise\":\"", EnterpriseOf(i), "\",\"noChange\":true}"));
    if (::testing::Test::HasFailure()) return;
  }
  // Packing is done in chunks: killed behind the first, it goes on behind it. Then the gateway
  // goes: the work does not notice, and who watches goes on behind what he has. The last package
  // waits at a barrier until both are down.
  std::string last;
  for (int i = 0; i < kEnterprises; ++i) last = std::max(last, absl::AsciiStrToLower(CodeOf(i)));
  testing::Barrier before_last(*databases_["cycle"],
                               "INSERT INTO package_file (package_version, data) VALUES (?, '')",
                               {absl::StrCat(kCycle, "/packages/", last, "/versions/1")});
  int64_t packed_when_killed = 0;
  const Json packed = Watch(unit, Begin(unit, "beginSubmitPackages"),
                            {{"cycle",
                              [&](const Json& operation) {
                                const std::string done = operation.At("doneUnits");
                                if (done.empty() || done == "0") return false;
                                packed_when_killed = Number("SELECT COUNT(*) FROM package");
                                return true;
                              }},
                             {"gateway", [&](const Json& operation) {
                                if (std::stoi("0" + operation.At("attempts")) < 2) return false;
                                before_last.Lift();
                                return true;
                              }}});
  EXPECT_EQ(packed.At("state"), "OPERATION_STATE_DONE");
  EXPECT_GE(packed_when_killed, kChunk);
  EXPECT_LT(packed_when_killed, kEnterprises);
  EXPECT_GE(std::stoi("0" + packed.At("attempts")), 2);
  EXPECT_EQ(Json::Parse(packed.At("result")).At("packageCount"), absl::StrCat(kEnterprises));
  EXPECT_EQ(Json::Parse(packed.At("result")).At("rowCount"), absl::StrCat(kEnterprises));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM package"), kEnterprises);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM package_file"), kEnterprises);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal WHERE kind = 'packed'"), kEnterprises)
      << "each once";
  EXPECT_EQ(Number("SELECT COUNT(*) FROM (SELECT form_row FROM handover_row r JOIN handover h ON "
                   "h.name = r.handover WHERE h.step = 3 AND h.receiver = "
                   "'organizations/secretariat' GROUP BY form_row HAVING COUNT(*) <> 1) AS twice"),
            0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM handover_row r JOIN handover h ON h.name = r.handover "
                   "WHERE h.step = 3 AND h.receiver = 'organizations/secretariat'"),
            kEnterprises);
  Conserved();
  std::fprintf(stdout,
               "killed work: %lld of %d packages were there when it was killed, %d events\n",
               static_cast<long long>(packed_when_killed), kEnterprises, events_);
}

TEST_F(KilledWorkTest, TheRunningQuarterIsOpenedOnceHoweverOftenTheSchedulerIsKilled) {
  constexpr int kUniversities = 12;
  Organization("secretariat", "SECRETARIAT", "演示秘书处");
  for (int i = 0; i < kUniversities; ++i) {
    Organization(absl::StrCat("u", i), "UNIVERSITY", absl::StrCat("演示大学", i));
    Platform(absl::StrCat("organizations/u", i), absl::StrCat("演示实验室", i));
  }
  ASSERT_EQ(Number("SELECT COUNT(*) FROM cycle"), 0);
  suite_.DropFlags();
  suite_.Signal("cycle", SIGKILL);
  ASSERT_TRUE(suite_.Wait("cycle", absl::Seconds(10)).has_value());
  for (int i = 0; i < testing::Kills(); ++i) {
    KillBeforeItOpens();
    if (HasFatalFailure()) return;
  }
  const int fewest = testing::Kills(kFewestLives);
  int kills = 0;
  for (int life = 0; life < fewest + kMoreLives; ++life) {
    ExpireSchedulersLease();
    suite_.Start("cycle");
    // While it starts, or while it opens.
    if (life % 2 == 0) suite_.WaitReady("cycle");
    absl::SleepFor(absl::Milliseconds(random_() % kLongestLife));
    suite_.Signal("cycle", SIGKILL);
    ASSERT_TRUE(suite_.Wait("cycle", absl::Seconds(10)).has_value());
    if (++kills >= fewest && Number("SELECT COUNT(*) FROM cycle") > 0) break;
  }
  ExpireSchedulersLease();
  suite_.Start("cycle");
  suite_.WaitReady("cycle");
  for (int i = 0; i < 300 && Number("SELECT COUNT(*) FROM cycle") == 0; ++i) {
    absl::SleepFor(absl::Milliseconds(500));
  }
  const std::string quarter = time::Quarter::Of(time::DayOf(absl::Now())).Id();
  EXPECT_EQ(Number(absl::StrCat("SELECT COUNT(*) FROM cycle WHERE name = 'cycles/", quarter, "'")),
            1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM cycle"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM form"), kUniversities);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal WHERE kind = 'opened'"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal WHERE kind = 'created' AND type LIKE '%Form'"),
            kUniversities);
  std::fprintf(stdout, "killed work: opened once over %d kills, and %d before it opened\n", kills,
               testing::Kills());
}

}  // namespace
}  // namespace chanyan::fault
