// The demonstration's innovation consortia (deploy/demo/qingdao/consortia.tsv) against the real
// services, played as tools/up plays them: each comes to the state that its row says, by its own
// parties' accounts, and tools/up prints what there is then. Played once more they are left as they
// are (CON-1 to CON-9, OPS-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/db/database.h"
#include "common/policy/life.h"
#include "tests/support/suite/suite.h"
#include "tools/demo/http_client.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/api.h"
#include "tools/quarter_program/consortia.h"
#include "tools/quarter_program/consortia_plan.h"

namespace chanyan::e2e {
namespace {

using consortium::v1::ConsortiumState;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using testing::Suite;

// What the file says of its targets.
const std::map<std::string, ConsortiumState>& StatesOfTargets() {
  static const auto& states = *new std::map<std::string, ConsortiumState>{
      {"draft", consortium::v1::CONSORTIUM_STATE_DRAFT},
      {"district", consortium::v1::CONSORTIUM_STATE_DISTRICT_REVIEW},
      {"returned", consortium::v1::CONSORTIUM_STATE_RETURNED},
      {"city", consortium::v1::CONSORTIUM_STATE_CITY_REVIEW},
      {"review", consortium::v1::CONSORTIUM_STATE_EXPERT_REVIEW},
      {"visit", consortium::v1::CONSORTIUM_STATE_SITE_VISIT},
      {"defence", consortium::v1::CONSORTIUM_STATE_DEFENCE},
      {"selected", consortium::v1::CONSORTIUM_STATE_SELECTED},
      {"notice", consortium::v1::CONSORTIUM_STATE_PUBLIC_NOTICE},
      {"objected", consortium::v1::CONSORTIUM_STATE_PUBLIC_NOTICE},
      {"rejected", consortium::v1::CONSORTIUM_STATE_REJECTED},
      {"withdrawn", consortium::v1::CONSORTIUM_STATE_WITHDRAWN},
      {"filed", consortium::v1::CONSORTIUM_STATE_FILED},
      {"supplement", consortium::v1::CONSORTIUM_STATE_FILED},
      {"vacant", consortium::v1::CONSORTIUM_STATE_LEAD_VACANT},
      {"dissolved", consortium::v1::CONSORTIUM_STATE_DISSOLVED},
      {"cancelled", consortium::v1::CONSORTIUM_STATE_CANCELLED}};
  return states;
}

class ConsortiaDemonstrationTest : public ::testing::Test {
 protected:
  ConsortiaDemonstrationTest()
      : folder_(absl::StrCat(::testing::TempDir(), "/consortia-", getpid())) {
    // As tools/seed lays it out.
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/plan");
    for (const char* file : {"consortia.tsv", "consortium_units.tsv"}) {
      std::filesystem::copy_file(absl::StrCat(CHANYAN_SOURCE, "/deploy/demo/qingdao/", file),
                                 absl::StrCat(folder_, "/plan/", file));
    }
    std::ofstream(PasswordFile()) << suite_.FirstAdministratorPassword() << "\n";
    std::filesystem::permissions(
        PasswordFile(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  ~ConsortiaDemonstrationTest() override { std::filesystem::remove_all(folder_); }

  const std::string folder_;
  // Those that consortia need.
  Suite suite_{testing::SuiteOptions{.without = {"triage", "cycle"}}};

  // What tools/up prints of them.
  std::string Play(const quarter::ConsortiaPlan& plan) {
    const auto endpoint = demo::ParseEndpoint(absl::StrCat("http://", suite_.http_address()));
    EXPECT_TRUE(endpoint.ok()) << endpoint.status();
    if (!endpoint.ok()) return "";
    api_ = std::make_unique<quarter::Api>(*endpoint);
    accounts_ =
        std::make_unique<quarter::Accounts>(*api_, folder_ + "/accounts.json", PasswordFile());
    // Of the accounts besides their own they need these.
    std::vector<quarter::WantedAccount> wanted = {
        {"secretariat", "qd-council-secretariat", "ROLE_SECRETARIAT", "秘书处"},
        {"qdst-gx", "qdst-gx", "ROLE_DEPARTMENT", "高新处"},
        {"qd-st-370211", "qd-st-370211", "ROLE_UNIT", "黄岛区"}};
    for (quarter::WantedAccount& account : plan.Accounts()) wanted.push_back(std::move(account));
    const absl::Status prepared = accounts_->Prepare(wanted);
    EXPECT_TRUE(prepared.ok()) << prepared;
    quarter::Consortia consortia(plan, *accounts_, "secretariat");
    const absl::Status played = consortia.Run();
    EXPECT_TRUE(played.ok()) << played;
    return consortia.InWords();
  }
  // State by its title, as its lead sees it or else the office.
  std::string StateOf(const quarter::ConsortiumPlan& one) {
    for (const std::string& login : {one.lead, std::string(quarter::kOffice)}) {
      consortium::v1::ListConsortiaResponse found;
      const absl::Status asked = accounts_->As(login).Get(
          "/v1/consortia", {{"filter", absl::StrCat("display_name = \"", one.Title(), "\"")}},
          &found);
      EXPECT_TRUE(asked.ok()) << asked;
      if (found.consortia_size() == 1) {
        return consortium::v1::ConsortiumState_Name(found.consortia(0).state());
      }
    }
    return "";
  }
  std::vector<std::string> Query(const std::string& sql) {
    const auto db = db::Database::Open(suite_.DatabaseOf("consortium")).value();
    std::vector<std::string> texts;
    const absl::Status read = db->Read([&](db::Session& session) -> absl::Status {
      const auto rows = session.Query(sql);
      if (!rows.ok()) return rows.status();
      for (const db::Values& row : rows->rows) texts.push_back(std::get<std::string>(row.at(0)));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return texts;
  }

 private:
  std::string PasswordFile() const { return folder_ + "/administrator.password"; }

  std::unique_ptr<quarter::Api> api_;
  std::unique_ptr<quarter::Accounts> accounts_;
};

TEST_F(ConsortiaDemonstrationTest, EachComesToItsTargetAndIsPrintedAndLeftAlone) {
  const auto plan = quarter::LoadConsortiaPlan(folder_);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::map<ConsortiumState, int> expected;
  std::set<std::string> targets;
  for (const quarter::ConsortiumPlan& one : plan->consortia) {
    ASSERT_TRUE(StatesOfTargets().contains(one.target)) << one.target;
    ++expected[StatesOfTargets().at(one.target)];
    targets.insert(one.target);
  }
  EXPECT_EQ(targets.size(), StatesOfTargets().size()) << "every target is shown";

  const std::string words = Play(*plan);
  if (HasFailure()) return;
  for (const quarter::ConsortiumPlan& one : plan->consortia) {
    EXPECT_EQ(StateOf(one), consortium::v1::ConsortiumState_Name(StatesOfTargets().at(one.target)))
        << one.key;
  }
  std::vector<std::string> parts;
  for (const auto& [state, count] : expected) {
    parts.push_back(absl::StrCat(policy::LabelOf(state), " ", count));
  }
  const std::string counted = absl::StrCat("创新联合体 ", plan->consortia.size(), " 个：",
                                           absl::StrJoin(parts, "，"), "\n");
  EXPECT_THAT(words, AllOf(StartsWith(counted), HasSubstr("\n  时钟：2026-01-"),
                           HasSubstr("（补录，随本机走时；qdst-gx 可用 :advance 拨到现在）\n"),
                           HasSubstr("\n  查看：以 qdst-gx（备案单位）登录")));

  // What its rows say besides the state.
  EXPECT_THAT(Query("SELECT CONCAT(number, ' ', state) FROM filing WHERE year = 2025 "
                    "ORDER BY number"),
              ElementsAre(StartsWith("1 "), StartsWith("2 "), StartsWith("3 "), StartsWith("4 "),
                          StartsWith("5 ")));
  EXPECT_THAT(Query("SELECT CONCAT(state, ' ', grade) FROM evaluation ORDER BY grade"),
              ElementsAre("CONCLUDED EXCELLENT", "CONCLUDED UNQUALIFIED"));
  EXPECT_THAT(Query("SELECT JSON_VALUE(reports, '$[0].state') FROM evaluation "
                    "WHERE grade = 'EXCELLENT'"),
              ElementsAre("CONSTRUCTION_REPORT_STATE_ACCEPTED"));
  EXPECT_THAT(Query("SELECT CONCAT(period, ' ', state) FROM construction_report "
                    "WHERE state IN ('ACCEPTED', 'SUBMITTED', 'RETURNED')"),
              ElementsAre("2025h2 ACCEPTED"));
  EXPECT_THAT(Query("SELECT state FROM supplement"), ElementsAre("EFFECTIVE"));
  EXPECT_THAT(Query("SELECT CONCAT(state, ' ', appeal_state) FROM bar"),
              ElementsAre("IN_FORCE PENDING"));
  EXPECT_THAT(Query("SELECT state FROM notice_objection ORDER BY state"),
              ElementsAre("OPEN", "UPHELD"));
  EXPECT_THAT(Query("SELECT state FROM review_panel WHERE state = 'OPEN'"), ElementsAre("OPEN"));
  EXPECT_THAT(Query("SELECT name FROM review_assignment WHERE state = 'REMOVED'"), IsEmpty());

  // Once more: nobody does anything. Jobs and followers go on.
  constexpr char kActs[] =
      "SELECT CONCAT_WS(' ', method, kind, resource) FROM journal "
      "WHERE actor <> 'services/consortium' ORDER BY id";
  const std::vector<std::string> acts = Query(kActs);
  EXPECT_GT(acts.size(), 1000u);
  EXPECT_THAT(Play(*plan), StartsWith(counted));
  const std::vector<std::string> again = Query(kActs);
  EXPECT_EQ(again.size(), acts.size()) << again.back();
}

}  // namespace
}  // namespace chanyan::e2e
