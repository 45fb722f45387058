// Rows that jobs find due: one that fails keeps no other waiting, and on tables of a city's size
// each is found through an index (CON-3, CON-6, CON-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/due_rows.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class DueRowsTest : public ::testing::Test, public World {
 protected:
  // Runs `work` on every dossier; what failed goes to failed_.
  absl::StatusOr<int> EachDossier(
      const db::Lease& lease,
      const std::function<absl::StatusOr<bool>(rpc::Change&, const std::string&)>& work) {
    const rpc::StoreDeps store = {database.db(), clock, nullptr};
    const DueFailed failed = [&](DueJob, const std::string& name, const absl::Status&) {
      failed_.push_back(name);
    };
    return ForEachDue({store, failed}, lease, DueJob::kExpire,
                      "SELECT name FROM consortium ORDER BY display_name", {}, work);
  }

  std::vector<std::string> failed_;
};

TEST_F(DueRowsTest, ARowThatFailsIsToldAndLeavesNothingAndTheOthersAreDone) {
  const std::string first = Create(Dossier("一"))->name();
  const std::string bad = Create(Dossier("二"))->name();
  const std::string last = Create(Dossier("三"))->name();
  const auto lease = JobLease();
  const auto touch = [&](rpc::Change& change, const std::string& name) -> absl::StatusOr<bool> {
    CHANYAN_RETURN_IF_ERROR(
        change.session()
            .Execute("UPDATE consortium SET due_note = 'touched' WHERE name = ?", {name})
            .status());
    if (name == bad) return status::Internal("cannot be done");
    return name != last;
  };
  const auto done = EachDossier(*lease, touch);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(*done, 1) << "one was done before";
  EXPECT_THAT(failed_, ElementsAre(bad));
  EXPECT_EQ(Count("consortium WHERE due_note = 'touched'"), 2);
  // And again at the next run.
  ASSERT_TRUE(EachDossier(*lease, touch).ok());
  EXPECT_THAT(failed_, ElementsAre(bad, bad));
}

TEST_F(DueRowsTest, WithoutTheLeaseNothingIsDone) {
  ASSERT_TRUE(Create(Dossier("一")).ok());
  const auto lease = JobLease("one");
  ASSERT_TRUE(lease->Release().ok());
  const auto taken = JobLease("two");
  int worked = 0;
  const auto done =
      EachDossier(*lease, [&](rpc::Change&, const std::string&) -> absl::StatusOr<bool> {
        ++worked;
        return true;
      });
  EXPECT_TRUE(!done.ok() || *done == 0);
  EXPECT_EQ(worked, 0);
  EXPECT_THAT(failed_, IsEmpty()) << "it is another's to do, not a fault of the row";
}

TEST_F(DueRowsTest, TheIndexOfPartiesFollowsEveryChangeOfADossier) {
  const auto named = [&](const std::string& organization) {
    std::vector<std::string> names;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(names, DossiersNaming(session, organization));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return names;
  };
  const v1::Consortium made = *Create(Dossier("一"));
  EXPECT_THAT(named(kAlpha), ElementsAre(made.name()));
  EXPECT_THAT(named(E(2)), ElementsAre(made.name()));
  v1::Consortium fewer = made;
  fewer.mutable_members()->DeleteSubrange(1, 1);
  ASSERT_TRUE(Update(fewer, {"members"}).ok());
  EXPECT_THAT(named(E(2)), IsEmpty());
  // A lead that was removed is still found: a merger follows it.
  const std::string filed = Filed("二").name();
  ASSERT_TRUE(RemoveLead(filed).ok());
  EXPECT_THAT(named(kAlpha), ::testing::UnorderedElementsAre(made.name(), filed));
  EXPECT_EQ(Count("consortium_party p WHERE NOT EXISTS (SELECT 1 FROM consortium c WHERE "
                  "c.name = p.consortium AND (JSON_CONTAINS(c.participants, "
                  "JSON_QUOTE(p.organization)) OR c.former_lead_unit = p.organization))"),
            0);
}

TEST_F(DueRowsTest, TheIndexOfPartiesComesBackWithTheNextWriteAndWithAStart) {
  constexpr char kWrong[] =
      "SELECT (SELECT COUNT(*) FROM consortium_party) - (SELECT SUM(JSON_LENGTH(participants) + "
      "(former_lead_unit <> '')) FROM consortium)";
  const auto spoil = [&](const std::string& sql) {
    const absl::Status spoilt =
        database.db().Transact([&](db::Session& session) { return session.Execute(sql).status(); });
    ASSERT_TRUE(spoilt.ok()) << spoilt;
  };
  const v1::Consortium made = *Create(Dossier("一"));
  const std::string filed = Filed("二").name();
  ASSERT_TRUE(RemoveLead(filed).ok());
  ASSERT_EQ(testing::Texts(database.db(), kWrong).at(0), "0");
  // As a program that does not know of the index left it, and a write that adds nobody.
  spoil("DELETE FROM consortium_party");
  v1::Consortium update = Stored(made.name());
  update.set_lead_standing("技术国内领先，研发人员四百人。");
  const auto updated = Update(update, {"lead_standing"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(Count(absl::StrCat("consortium_party WHERE consortium = '", made.name(), "'")),
            made.participants_size());
  EXPECT_EQ(Count(absl::StrCat("consortium_party WHERE consortium = '", filed, "'")), 0);
  // A start: what is missing, who left, a dossier that is none, nothing more.
  spoil(absl::StrCat("INSERT INTO consortium_party (organization, consortium) VALUES ('", kUpc,
                     "', '", made.name(), "'), ('", kUpc, "', 'consortia/none')"));
  const auto mended = MendIndex(database.db());
  ASSERT_TRUE(mended.ok()) << mended.status();
  EXPECT_EQ(*mended, 3);
  EXPECT_EQ(testing::Texts(database.db(), kWrong).at(0), "0");
  EXPECT_EQ(Count(absl::StrCat("consortium_party WHERE organization = '", kUpc, "'")), 0);
  EXPECT_EQ(Count(absl::StrCat("consortium_party WHERE consortium = '", filed,
                               "' AND organization = '", kAlpha, "'")),
            1);
  const auto again = MendIndex(database.db());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, 0);
}

// 3,000 dossiers of five members each, their filings, reminders, notices and bars.
class DueQueriesTest : public ::testing::Test, public World {
 protected:
  static constexpr int kDossiers = 3000;

  template <class T>
  void Fill(std::vector<T> rows) {
    const db::Table<T> table;
    const absl::Status filled = database.db().Transact(
        [&](db::Session& session) { return table.InsertAll(session, clock.now, &rows); });
    ASSERT_TRUE(filled.ok()) << filled;
  }

  void SetUp() override {
    const v1::Consortium filed = Filed("样本");
    const v1::Filing filing = StoredFiling(filed.filing());
    std::vector<v1::Consortium> dossiers;
    std::vector<v1::Filing> register_rows;
    std::vector<v1::ExpiryReminder> reminders;
    std::vector<v1::Bar> barred;
    std::vector<v1::PublicNotice> on_notice;
    std::vector<v1::NoticeObjection> objections;
    std::vector<v1::ReviewPanel> panels;
    std::vector<v1::ConstructionReport> reports;
    std::vector<v1::CoordinationItem> items;
    const absl::CivilDay start(2025, 1, 1);
    for (int i = 0; i < kDossiers; ++i) {
      const absl::CivilDay last = start + 365 + i % 1096;
      v1::Consortium& one = dossiers.emplace_back(filed);
      one.set_name(absl::StrCat("consortia/c", i));
      one.set_filing(absl::StrCat("filings/2024-", i + 1));
      one.set_state(i % 3 == 0    ? v1::CONSORTIUM_STATE_FILED
                    : i % 50 == 1 ? v1::CONSORTIUM_STATE_EXPERT_REVIEW
                                  : v1::CONSORTIUM_STATE_EXPIRED);
      *one.mutable_valid_until() = time::ToProto(last);
      if (i % 10 == 0) {
        api::SetTime(time::StartOfDay(start + i % 700), one.mutable_due_time());
      }
      one.clear_participants();
      for (int p = 0; p < 6; ++p) {
        one.add_participants(absl::StrCat("organizations/p", (i * 6 + p) % 20'000));
      }
      v1::Filing& row = register_rows.emplace_back(filing);
      row.set_name(one.filing());
      row.set_year(2024);
      row.set_number(i + 1);
      row.set_filing_number(absl::StrCat("第", i + 1, "号"));
      row.set_consortium(one.name());
      *row.mutable_valid_until() = time::ToProto(last);
      for (const int days : {180, 90}) {
        v1::ExpiryReminder& reminder = reminders.emplace_back();
        reminder.set_name(absl::StrCat(row.name(), "/expiryReminders/", days));
        reminder.set_days_before(days);
      }
      v1::Bar& bar = barred.emplace_back();
      bar.set_name(absl::StrCat("bars/b", i));
      bar.set_organization(absl::StrCat("organizations/p", i));
      bar.set_state(i % 4 == 0 ? v1::BAR_STATE_IN_FORCE : v1::BAR_STATE_EXPIRED);
      *bar.mutable_start_date() = time::ToProto(start);
      *bar.mutable_end_date() = time::ToProto(last);
      v1::ReviewPanel& panel = panels.emplace_back();
      panel.set_name(absl::StrCat(one.name(), "/panels/p"));
      panel.set_consortium(one.name());
      panel.set_state(v1::REVIEW_PANEL_STATE_CLOSED);
      v1::ConstructionReport& report = reports.emplace_back();
      report.set_name(absl::StrCat(one.name(), "/constructionReports/2025h1"));
      report.set_state(i % 20 == 0 ? v1::CONSTRUCTION_REPORT_STATE_DUE
                                   : v1::CONSTRUCTION_REPORT_STATE_ACCEPTED);
      api::SetTime(time::StartOfDay(start + i % 700), report.mutable_remind_time());
      api::SetTime(time::EndOfDay(start + i % 700 + 3), report.mutable_due_time());
      v1::CoordinationItem& item = items.emplace_back();
      item.set_name(absl::StrCat(one.name(), "/coordinationItems/i"));
      item.set_state(i % 20 == 0 ? v1::COORDINATION_STATE_ASSIGNED : v1::COORDINATION_STATE_DONE);
      api::SetTime(time::EndOfDay(start + i % 700), item.mutable_due_time());
      v1::PublicNotice& notice = on_notice.emplace_back();
      notice.set_name(absl::StrCat("notices/n", i));
      notice.set_consortium(one.name());
      notice.set_state(i % 50 == 0 ? v1::PUBLIC_NOTICE_STATE_OPEN
                                   : v1::PUBLIC_NOTICE_STATE_CLEARED);
      api::SetTime(time::StartOfDay(start + i % 700), notice.mutable_deadline());
      v1::NoticeObjection& objection = objections.emplace_back();
      objection.set_name(absl::StrCat(notice.name(), "/objections/o"));
      objection.set_notice(notice.name());
      objection.set_receipt_number(absl::StrCat("YY-", i));
      objection.set_state(i % 20 == 0 ? v1::NOTICE_OBJECTION_STATE_OPEN
                                      : v1::NOTICE_OBJECTION_STATE_REJECTED);
      api::SetTime(time::StartOfDay(start + i % 700), objection.mutable_remind_time());
      api::SetTime(time::EndOfDay(start + i % 700), objection.mutable_answer_due_time());
    }
    Fill(std::move(dossiers));
    Fill(std::move(register_rows));
    Fill(std::move(reminders));
    Fill(std::move(barred));
    Fill(std::move(on_notice));
    Fill(std::move(objections));
    Fill(std::move(panels));
    Fill(std::move(reports));
    Fill(std::move(items));
    const absl::Status checked = database.db().Transact([&](db::Session& session) -> absl::Status {
      return session
          .Execute(
              "INSERT INTO panel_check (panel, check_time, rules) "
              "SELECT name, create_time, REPEAT('0', 64) FROM review_panel",
              {})
          .status();
    });
    ASSERT_TRUE(checked.ok()) << checked;
    const absl::Status indexed = database.db().Transact([&](db::Session& session) -> absl::Status {
      return session
          .Execute(
              "INSERT IGNORE INTO consortium_party (organization, consortium) "
              "SELECT part.organization, c.name FROM consortium c, "
              "JSON_TABLE(c.participants, '$[*]' COLUMNS (organization VARCHAR(255) "
              "CHARACTER SET ascii COLLATE ascii_bin PATH '$')) part",
              {})
          .status();
    });
    ASSERT_TRUE(indexed.ok()) << indexed;
  }

  // Tables that the query reads without an index, as EXPLAIN has them: "filing ALL".
  std::vector<std::string> Scanned(absl::string_view sql, const db::Values& params) {
    std::vector<std::string> scanned;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows plan,
                               session.Query(absl::StrCat("EXPLAIN ", sql), params));
      for (const db::Values& row : plan.rows) {
        // id, select_type, table, type, possible_keys, key, …
        const auto text = [&](size_t i) {
          const auto* value = std::get_if<std::string>(&row.at(i));
          return value == nullptr ? std::string() : *value;
        };
        if (text(5).empty() || text(3) == "ALL") {
          scanned.push_back(absl::StrCat(text(2), " ", text(3)));
        }
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return scanned;
  }

  // Rows that a page of dossiers within `scope` reads, as the server counts them; a few hundred are
  // those of the count itself.
  int64_t ReadRows(const db::Predicate& scope) {
    int64_t rows = 0;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      const auto count = [&]() -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows counters,
                                 session.Query("SHOW SESSION STATUS LIKE 'Handler_read%'"));
        rows = -rows;
        for (const db::Values& row : counters.rows) {
          rows += std::stoll(std::get<std::string>(row.at(1)));
        }
        return absl::OkStatus();
      };
      CHANYAN_RETURN_IF_ERROR(count());
      CHANYAN_RETURN_IF_ERROR(
          session
              .Query(absl::StrCat("SELECT name, display_name FROM consortium WHERE ", scope.sql,
                                  " ORDER BY name LIMIT 51"),
                     scope.params)
              .status());
      return count();
    });
    EXPECT_TRUE(read.ok()) << read;
    return rows;
  }
};

TEST_F(DueQueriesTest, AnOrganizationListsItsOwnWithoutReadingThoseOfAllOthers) {
  const rpc::Call own =
      As(options::v1::ROLE_ENTERPRISE, "organizations/p7", "ConsortiumService.ListConsortia");
  const db::Predicate readable = auth::Readable<v1::Consortium>(own.principal);
  EXPECT_LT(ReadRows(db::And(readable, IndexedOf(own.principal))), kDossiers / 2);
  EXPECT_GE(ReadRows(readable), kDossiers) << "that the test can fail";
  const auto listed = consortia.ListConsortia(own, v1::ListConsortiaRequest());
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->consortia_size(), 1);
  EXPECT_EQ(listed->consortia(0).name(), "consortia/c1");
}

TEST_F(DueQueriesTest, EachIsAnsweredThroughAnIndex) {
  const std::string today = "2025-04-01";
  EXPECT_THAT(Scanned(kDueClocks, {clock.now}), IsEmpty());
  EXPECT_THAT(Scanned(OverFilings(), {today}), IsEmpty());
  EXPECT_THAT(
      Scanned(kEndingSoon, {today, std::string("2025-09-28"), std::string("/expiryReminders/180")}),
      IsEmpty());
  EXPECT_THAT(Scanned(kOverBars, {today}), IsEmpty());
  EXPECT_THAT(Scanned(kDueNotices, {clock.now}), IsEmpty());
  EXPECT_THAT(Scanned(kRemindObjections, {clock.now}), IsEmpty());
  EXPECT_THAT(Scanned(kLateObjections, {clock.now}), IsEmpty());
  EXPECT_THAT(
      Scanned(DuePanels(), {std::string(), clock.now, std::string("r"), clock.now, int64_t{50}}),
      IsEmpty());
  EXPECT_THAT(Scanned(UnaskedConsortia(), {today, std::string("/constructionReports/2025h1")}),
              IsEmpty());
  EXPECT_THAT(Scanned(kRemindReports, {clock.now, clock.now}), IsEmpty());
  EXPECT_THAT(Scanned(kLateReports, {clock.now}), IsEmpty());
  EXPECT_THAT(Scanned(kLateCoordination, {clock.now}), IsEmpty());
  EXPECT_THAT(Scanned(OverReports(), {}), IsEmpty());
  for (const std::string& sql :
       {std::string(kNaming), std::string(kNamingNow), std::string(kJoining),
        std::string(kJoiningNow), NamingIn(kOpen), NamingIn(kInForce)}) {
    EXPECT_THAT(Scanned(sql, {std::string("organizations/p7")}), IsEmpty()) << sql;
  }
  EXPECT_THAT(Scanned("SELECT name FROM bar WHERE organization = ? AND state = 'IN_FORCE'",
                      {std::string("organizations/p7")}),
              IsEmpty());
  EXPECT_THAT(Scanned("SELECT name FROM consortium WHERE state = 'FILED' AND district = ?",
                      {std::string(kHuangdao)}),
              IsEmpty());
  EXPECT_THAT(
      Scanned("SELECT name FROM public_notice WHERE consortium = ?", {std::string("consortia/c7")}),
      IsEmpty());
  // That the test can fail: what the follower asked before.
  EXPECT_THAT(Scanned("SELECT name FROM consortium WHERE JSON_CONTAINS(participants, "
                      "JSON_QUOTE(?))",
                      {std::string("organizations/p7")}),
              Not(IsEmpty()));
}

}  // namespace
}  // namespace chanyan::consortium
