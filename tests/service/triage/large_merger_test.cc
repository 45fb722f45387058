// What a merger of organizations hands over (REG-1, TRI-1, TRI-4, TRI-5) when there is much of it,
// by the journal's follower on the real database: killed in the middle nothing has happened, and
// then everything once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/journal/follower.h"
#include "common/journal/journal.h"
#include "common/log/log.h"
#include "services/triage/parties.h"
#include "services/triage/push_name.h"
#include "services/triage/result_book.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kMany = 1'200;
// Every so many-th is pushed to both agencies.
constexpr int kBothEvery = 3;
constexpr char kFollowName[] = "triage<registry";
// The follower while it reads or waits for pushes.
constexpr char kAtPushes[] =
    "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() "
    "AND info LIKE '%FROM `push`%FOR UPDATE%'";
constexpr absl::Duration kPatience = absl::Seconds(60);

class LargeMergerTest : public ::testing::Test, protected World {
 protected:
  LargeMergerTest()
      : cursor_({database.db(), clock, log::Logger("test", log::Level::kError),
                 [this](int64_t after, int) { return After(after); },
                 [this](db::Session& session, absl::Time now, const journal::v1::Entry& entry) {
                   return follower.Follow(session, now, entry);
                 }},
                {.name = kFollowName}) {}

  absl::StatusOr<std::vector<journal::v1::Entry>> After(int64_t seq) {
    return std::vector<journal::v1::Entry>(entries_.begin() + seq, entries_.end());
  }
  // The registry's entry that `from` is part of `into` now.
  void Merged(const std::string& from, const std::string& from_title, const std::string& into,
              const std::string& into_title) {
    registry::v1::Organization survivor;
    survivor.set_name(into);
    survivor.set_display_name(into_title);
    auto* absorbed = survivor.add_absorbed();
    absorbed->set_organization(from);
    absorbed->set_display_name(from_title);
    journal::v1::Entry& entry = entries_.emplace_back();
    entry.set_seq(static_cast<int64_t>(entries_.size()));
    entry.set_type(registry::v1::Organization::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(survivor));
  }
  // Results of a university that its team's agency holds; results/{id}0, results/{id}1 …
  void Collect(const std::string& id, const std::string& university, const std::string& title,
               const std::string& agency, const std::vector<std::string>& titles) {
    const ResultBook book(triage);
    const journal::Origin origin{.method = "test", .actor = "test"};
    const absl::Status made = database.db().Transact([&](db::Session& session) -> absl::Status {
      rpc::Change change(session, clock.now, origin);
      std::vector<v1::Result> rows;
      for (size_t i = 0; i < titles.size(); ++i) {
        v1::Result& row = rows.emplace_back(Draft(titles[i]));
        row.set_name(absl::StrCat("results/", id, i));
        row.set_university(university);
        row.set_university_title(title);
        row.set_state(v1::RESULT_STATE_PUBLISHED);
        row.set_agency(agency);
        row.set_department(kMarineDepartment);
      }
      return book.Begin(change, {agency, "服务机构", ""}, &rows);
    });
    ASSERT_TRUE(made.ok()) << made;
  }
  // A push like `model` for each of them, but to another agency for some as well.
  void PushAll(const std::string& id, const v1::Push& model) {
    const absl::Status made = database.db().Transact([&](db::Session& session) -> absl::Status {
      const db::Table<v1::Result> results;
      const db::Table<v1::Push> pushes;
      std::vector<v1::Push> rows;
      for (int i = 0; i < kMany; ++i) {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Result result,
                                 results.Get(session, absl::StrCat("results/", id, i)));
        for (const char* agency : {kMarineAgency, kHighTechAgency}) {
          if (agency == kHighTechAgency && i % kBothEvery != 0) continue;
          v1::Push& row = rows.emplace_back(model);
          row.set_name(PushName(result.name(), agency, row.triage_class()));
          row.set_recipient(agency);
          CopyParties(result, &row);
        }
      }
      return pushes.InsertAll(session, clock.now, &rows);
    });
    ASSERT_TRUE(made.ok()) << made;
  }
  // Follows to the end, and says how long it took.
  void FollowAll() {
    const absl::Time begun = absl::Now();
    const auto done = cursor_.FollowOnce();
    ASSERT_TRUE(done.ok()) << done.status();
    std::cout << "followed " << *done << " in " << absl::Now() - begun << "\n";
  }

  std::vector<journal::v1::Entry> entries_;
  journal::Follower cursor_;
};

TEST_F(LargeMergerTest, KilledInTheMiddleAnAgencysThousandGoesOnOnceAndWhole) {
  const v1::Result sample = Pushed(Draft("样本"));
  v1::Push model;
  for (const v1::Push& push : PushesOf(sample.name())) {
    if (push.recipient() == kMarineAgency) model = push;
  }
  ASSERT_NE(model.name(), "");
  std::vector<std::string> titles;
  for (int i = 0; i < kMany; ++i) titles.push_back(absl::StrCat("海水淡化膜", i));
  Collect("many", kOuc, "中国海洋大学", kMarineAgency, titles);
  PushAll("many", model);
  if (HasFatalFailure()) return;
  const std::string theirs = absl::StrCat("push WHERE recipient = '", kMarineAgency, "'");
  const int64_t entries = Count("journal");
  Merged(kMarineAgency, "第三专班服务机构", kHighTechAgency, "第二专班服务机构");

  // Somebody keeps the last push; whoever waits for it is killed, as often as it comes again.
  const std::unique_ptr<db::Connection> keeper = database.Connect();
  const std::unique_ptr<db::Connection> killer = database.Connect();
  ASSERT_TRUE(keeper->Run("BEGIN").ok());
  ASSERT_TRUE(keeper
                  ->Query("SELECT name FROM push WHERE result = ? FOR UPDATE",
                          {absl::StrCat("results/many", kMany - 1)})
                  .ok());
  absl::Status broken;
  std::thread following([&] { broken = cursor_.FollowOnce().status(); });
  std::set<int64_t> killed;
  const absl::Time patience = absl::Now() + kPatience;
  while (killed.size() <= db::kMaxReconnects && absl::Now() < patience) {
    const auto waiting = killer->Query(kAtPushes, {});
    ASSERT_TRUE(waiting.ok()) << waiting.status();
    for (const db::Values& row : waiting->rows) {
      const int64_t id = std::get<int64_t>(row[0]);
      if (killed.contains(id)) continue;
      killed.insert(id);
      EXPECT_TRUE(killer->Run(absl::StrCat("KILL ", id)).ok());
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  following.join();
  EXPECT_TRUE(absl::IsUnavailable(broken)) << broken;
  EXPECT_EQ(Count("journal"), entries);
  EXPECT_EQ(Count("organization_succession"), 0);
  EXPECT_EQ(Count(absl::StrCat("result WHERE holder = '", kMarineAgency, "'")), kMany + 1);
  EXPECT_EQ(Count("`cursor` WHERE seq > 0"), 0);
  ASSERT_TRUE(keeper->Run("ROLLBACK").ok());

  FollowAll();
  if (HasFatalFailure()) return;
  EXPECT_EQ(Count("dead_letter"), 0);
  EXPECT_EQ(Count(absl::StrCat("result r JOIN tenure t ON t.open_result = r.name AND t.tenant = "
                               "r.holder WHERE r.holder = '",
                               kHighTechAgency, "' AND r.agency = r.holder")),
            kMany + 1);
  EXPECT_EQ(Count("tenure WHERE cause = 'SUCCESSION'"), kMany + 1);
  EXPECT_EQ(Count(absl::StrCat("stage_entry WHERE holder = '", kHighTechAgency, "'")),
            Count("stage_entry"));
  // What both were pushed is ended once, all else is the survivor's.
  const int64_t twins = kMany / kBothEvery + 1;
  EXPECT_EQ(Count(theirs), twins);
  EXPECT_EQ(Count(absl::StrCat(theirs, " AND state = 'ENDED'")), twins);
  EXPECT_EQ(Count(absl::StrCat("push WHERE recipient = '", kHighTechAgency, "'")), kMany + 1);
  EXPECT_EQ(Count("push WHERE agency <> 'organizations/qd-agency-2'"), 0);
  // Each with an entry of its own.
  EXPECT_EQ(Count("journal WHERE kind = 'followed' AND type LIKE '%.Result'"), kMany + 1);
  EXPECT_EQ(Count("journal WHERE kind = 'end' AND type LIKE '%.Push'"), twins);
  EXPECT_THAT(Texts("SELECT r.name FROM result r LEFT JOIN journal j ON j.resource = r.name AND "
                    "j.kind = 'followed' GROUP BY r.name HAVING COUNT(j.id) <> 1"),
              IsEmpty());
  const int64_t after = Count("journal");
  Merged(kMarineAgency, "第三专班服务机构", kHighTechAgency, "第二专班服务机构");
  FollowAll();
  EXPECT_EQ(Count("journal"), after);
}

TEST_F(LargeMergerTest, AThousandTitlesOfTwoUniversitiesStayApart) {
  // Longer than what titles are compared by.
  std::string endless;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&endless, "长");
  std::vector<std::string> theirs = {"海水淡化膜", endless};
  std::vector<std::string> own = {"海水淡化膜", "海水淡化膜（原中国海洋大学）", endless};
  for (int i = 0; i < kMany; ++i) {
    theirs.push_back(absl::StrCat("浮标", i));
    if (i % kBothEvery == 0) own.push_back(absl::StrCat("浮标", i));
  }
  Collect("theirs", kOuc, "中国海洋大学", kMarineAgency, theirs);
  Collect("own", kUpc, "中国石油大学（华东）", kHighTechAgency, own);
  if (HasFatalFailure()) return;
  Merged(kOuc, "中国海洋大学", kUpc, "联合大学（演示）");
  FollowAll();
  if (HasFatalFailure()) return;
  EXPECT_EQ(Count("dead_letter"), 0);
  const auto all = static_cast<int64_t>(theirs.size() + own.size());
  EXPECT_EQ(Count(absl::StrCat("result WHERE university = '", kUpc,
                               "' AND university_title = '联合大学（演示）'")),
            all);
  EXPECT_EQ(Count(absl::StrCat("library_key WHERE sole LIKE 'r+", kUpc, "+%'")), all);
  EXPECT_EQ(Count("(SELECT DISTINCT title FROM result) t"), all);
  // What is new is told from what was there, and a name that is taken is not taken again.
  EXPECT_EQ(Stored("results/theirs0").title(), "海水淡化膜（原中国海洋大学，第2项）");
  EXPECT_EQ(Stored("results/theirs1").title(), absl::StrCat("（原中国海洋大学）", endless));
  EXPECT_EQ(Stored("results/theirs2").title(), "浮标0（原中国海洋大学）");
  EXPECT_EQ(Stored("results/theirs3").title(), "浮标1");
  EXPECT_EQ(Stored("results/own0").title(), "海水淡化膜");
  EXPECT_THAT(Texts("SELECT DISTINCT result_title FROM tenure WHERE result = 'results/theirs2'"),
              ElementsAre("浮标0（原中国海洋大学）"));
  // Whoever held them still does.
  EXPECT_EQ(Count(absl::StrCat("result WHERE holder = '", kMarineAgency, "'")),
            static_cast<int64_t>(theirs.size()));
}

}  // namespace
}  // namespace chanyan::triage
