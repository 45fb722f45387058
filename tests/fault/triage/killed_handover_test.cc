// A thousand results handed over and a team dissolved as operations (TRI-2, TRI-5), with kill -9 in
// the middle of the transaction: nothing of it stays, and the program that starts next does all of
// it, once.
#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/database.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "tests/support/barrier.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;
using testing::Json;
using testing::Suite;

constexpr char kXlsxType[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr char kGiver[] = "organizations/qd-agency-3";
constexpr char kTaker[] = "organizations/qd-agency-2";
constexpr int kResults = 1000;

class KilledHandoverTest : public ::testing::Test {
 protected:
  KilledHandoverTest()
      : giver_(suite_.As("ROLE_SERVICE_TEAM", kGiver)),
        taker_(suite_.As("ROLE_SERVICE_TEAM", kTaker)),
        office_(suite_.As("ROLE_DEPARTMENT", "organizations/qdst-cg")),
        database_(db::Database::Open(suite_.DatabaseOf("triage")).value()) {}

  std::vector<std::string> Texts(const std::string& sql) {
    std::vector<std::string> texts;
    const absl::Status read = database_->Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
      texts.clear();
      for (const db::Values& row : rows.rows) texts.push_back(std::get<std::string>(row.at(0)));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << sql << ": " << read;
    return texts;
  }
  int64_t Number(const std::string& from) {
    const auto texts = Texts(absl::StrCat("SELECT CAST(COUNT(*) AS CHAR) FROM ", from));
    return texts.empty() ? -1 : std::stoll(texts[0]);
  }
  static bool Until(const std::function<bool()>& so) {
    const absl::Time until = absl::Now() + absl::Seconds(90);
    // Who waits for whom is answered from before if it is asked oftener.
    while (!so() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(200));
    return so();
  }
  // Posts what must succeed.
  Json Must(Api& api, const std::string& target, const std::string& body,
            const std::string& type = "application/json") {
    const HttpReply reply = api.Post(
        target, body, {{"Idempotency-Key", testing::NewRequestId()}, {"Content-Type", type}});
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body.substr(0, 600) << reply.failure;
    return reply.json();
  }

  // A university of the third team, with a library.
  void Found() {
    Api secretariat = suite_.As("ROLE_SECRETARIAT", "organizations/secretariat");
    Must(secretariat, "/v1/organizations?organizationId=ouc",
         R"({"displayName":"中国海洋大学","kind":"ORGANIZATION_KIND_UNIVERSITY",)"
         R"("demonstration":true})");
    ASSERT_TRUE(Until([&] { return Number("service_team WHERE state = 'ACTIVE'") >= 3; }));
    std::vector<triage::v1::Result> rows;
    for (int i = 0; i < kResults; ++i) {
      triage::v1::Result& row = rows.emplace_back();
      row.set_title(absl::StrCat("演示成果", i));
      row.set_university_title("中国海洋大学");
      row.set_disclosure(triage::v1::DISCLOSURE_OPEN);
      row.add_keywords("海水淡化");
      row.set_stage(triage::v1::STAGE_MIDDLE);
      row.add_industries("海水淡化与综合利用");
      row.add_fields("海洋");
      row.set_abstract("已完成中试。");
      row.add_conversion_modes(triage::v1::CONVERSION_MODE_LICENSE);
    }
    sheet::Writer writer({.created = absl::UnixEpoch(), .title = "演示"});
    sheet::WriteTable(writer, "演示", triage::v1::Result::descriptor(), rows, {});
    Must(giver_, "/v1/results:import?fileName=results.xlsx", *std::move(writer).Finish(),
         kXlsxType);
    ASSERT_EQ(Number(absl::StrCat("result WHERE holder = '", kGiver, "'")), kResults);
  }

  // Begins it; its transaction is brought to stand before the last result's record, the program is
  // killed there, and started again. What the operation came to.
  Json KilledInTheMiddle(Api& who, const std::string& target, const std::string& body,
                         const std::string& unchanged) {
    SCOPED_TRACE(target);
    const int64_t before = Number(unchanged);
    std::string operation;
    {
      const testing::Barrier held(*database_,
                                  "SELECT name FROM stage_entry ORDER BY name DESC LIMIT 1 "
                                  "FOR UPDATE",
                                  {});
      operation = Must(who, target, body).At("name");
      EXPECT_TRUE(Until([&] {
        return Number(
                   "information_schema.innodb_trx t JOIN information_schema.processlist p ON "
                   "p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE() AND "
                   "t.trx_state = 'LOCK WAIT'") > 0;
      }));
      suite_.Signal("triage", SIGKILL);
      EXPECT_TRUE(suite_.Wait("triage", absl::Seconds(10)).has_value());
    }
    EXPECT_TRUE(Until([&] {
      return Number(
                 "information_schema.innodb_trx t JOIN information_schema.processlist p ON "
                 "p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE()") == 0;
    }));
    EXPECT_EQ(Number(unchanged), before) << "nothing of it stays";
    suite_.Start("triage");
    suite_.WaitReady("triage");
    Json seen;
    EXPECT_TRUE(Until([&] {
      const HttpReply reply = who.Get(absl::StrCat("/v1/", operation));
      if (reply.status != 200) return false;
      seen = reply.json();
      const std::string state = seen.At("state");
      return state != "OPERATION_STATE_PENDING" && state != "OPERATION_STATE_RUNNING";
    })) << operation;
    EXPECT_EQ(seen.At("state"), "OPERATION_STATE_DONE") << seen.At("error.message");
    EXPECT_GE(std::stoi("0" + seen.At("attempts")), 2);
    return seen;
  }
  void EachHasOneHolder(const std::string& holder, int tenures) {
    EXPECT_EQ(Number(absl::StrCat("result r JOIN tenure t ON t.open_result = r.name AND "
                                  "t.tenant = r.holder WHERE r.holder = '",
                                  holder, "'")),
              kResults);
    EXPECT_EQ(Number("tenure"), kResults * tenures);
    EXPECT_EQ(Number("tenure a JOIN tenure b ON a.result = b.result AND b.number = a.number + 1 "
                     "WHERE a.end_time IS NULL OR a.end_time <> b.start_time"),
              0);
  }

  Suite suite_;
  Api giver_;
  Api taker_;
  Api office_;
  std::unique_ptr<db::Database> database_;
};

TEST_F(KilledHandoverTest, AThousandAreAcceptedAndATeamIsDissolvedOnce) {
  Found();
  if (HasFatalFailure()) return;
  const std::vector<std::string> names = Texts("SELECT name FROM result ORDER BY name");
  Must(giver_, "/v1/handovers:beginOffer",
       absl::StrCat("{\"results\":[\"", absl::StrJoin(names, "\",\""), "\"],\"toHolder\":\"",
                    kTaker, "\",\"reason\":\"专班分工调整\"}"));
  // Killed as soon as it is begun.
  suite_.Signal("triage", SIGKILL);
  ASSERT_TRUE(suite_.Wait("triage", absl::Seconds(10)).has_value());
  suite_.Start("triage");
  suite_.WaitReady("triage");
  ASSERT_TRUE(Until([&] { return Number("handover WHERE state = 'OFFERED'") == kResults; }));
  const std::vector<std::string> batches = Texts("SELECT DISTINCT batch FROM handover");
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(Number("journal WHERE kind = 'offered' AND type LIKE '%Handover'"), kResults);

  KilledInTheMiddle(taker_, "/v1/handovers:beginAccept",
                    absl::StrCat("{\"batch\":\"", batches[0], "\"}"),
                    "handover WHERE state = 'OFFERED'");
  EXPECT_EQ(Number("handover WHERE state = 'ACCEPTED'"), kResults);
  EXPECT_EQ(Number("journal WHERE kind = 'accept' AND type LIKE '%Handover'"), kResults);
  EachHasOneHolder(kTaker, 2);

  KilledInTheMiddle(office_, "/v1/teams/team-hy:beginDissolve",
                    R"({"reason":"机构调整","toOffice":true})",
                    "service_team WHERE state = 'ACTIVE'");
  EXPECT_EQ(Number("service_team WHERE state = 'DISSOLVED'"), 1);
  EXPECT_EQ(Number("result WHERE team = ''"), kResults);
  EXPECT_EQ(Number("journal WHERE kind = 'dissolve'"), 1);
  // Others held them, and go on.
  EachHasOneHolder(kTaker, 2);
}

}  // namespace
}  // namespace chanyan::fault
