// Panels that are looked at again without anybody asking (CON-4): what registry, pairing and pack
// say since the last look is found, nothing is written where nothing is, and one that cannot be
// looked at keeps no other waiting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/consortium/review_hosting.h"
#include "tests/service/consortium/review_world.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PanelRecheckTest : public ::testing::Test, protected ReviewWorld {
 protected:
  PanelRecheckTest() { AddPool(); }

  std::string Drawn(const std::string& consortium = kReviewed) {
    const auto panel = Draw("document", "0123456789abcdef", consortium);
    EXPECT_TRUE(panel.ok()) << panel.status();
    return panel.ok() ? panel->name() : "";
  }
  // A closed panel that passed.
  std::string Closed() {
    const std::string panel = Drawn();
    for (const auto& row : AssignmentsOf(panel)) EXPECT_TRUE(Score(row, 0).ok());
    const auto closed = Close(panel);
    EXPECT_TRUE(closed.ok()) << closed.status();
    return panel;
  }
  std::unique_ptr<db::Lease> RecheckLease(const std::string& owner = "one") {
    auto lease =
        std::make_unique<db::Lease>(database.db(), "consortium-notices", owner, absl::Minutes(3));
    EXPECT_TRUE(lease->Acquire().ok());
    return lease;
  }
  // How many panels were changed.
  int Run() {
    const auto done = reviews.RecheckDue(*RecheckLease());
    EXPECT_TRUE(done.ok()) << done.status();
    return done.ok() ? *done : -1;
  }
  void Age() { clock.now += kFactsAge; }
  std::vector<std::string> KindsSince(int64_t entries) {
    return testing::Texts(
        database.db(),
        absl::StrCat("SELECT kind FROM journal ORDER BY id LIMIT 1000 OFFSET ", entries));
  }
  // As a program wrote it that knew less.
  void Write(const std::string& sql) {
    const absl::Status written = database.db().Transact(
        [&](db::Session& session) { return session.Execute(sql, {}).status(); });
    ASSERT_TRUE(written.ok()) << written;
  }
  template <class T>
  void Store(T row) {
    const db::Table<T> table;
    const absl::Status written = database.db().Transact(
        [&](db::Session& session) { return table.Update(session, clock.now, &row); });
    ASSERT_TRUE(written.ok()) << written;
  }
  int64_t LookedAtNow() {
    return Count(
        absl::StrCat("panel_check WHERE check_time = '",
                     absl::FormatTime("%Y-%m-%d %H:%M:%E6S", clock.now, absl::UTCTimeZone()), "'"));
  }
};

TEST_F(PanelRecheckTest, ARunThatFailsIsToldInTheLogUnderItsOwnName) {
  Closed();
  Age();
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const log::Logger log("consortium", log::Level::kInfo, fileno(file));
  const auto written = [&] {
    std::rewind(file);
    std::string text(4096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    return text;
  };
  // A lease that is nobody's yet: nothing may be done under it.
  const db::Lease none(database.db(), "consortium-notices", "nobody", absl::Minutes(3));
  RecheckPanels(reviews, none, absl::Now(), log);
  EXPECT_THAT(written(), HasSubstr("\"panel-recheck\""));
  EXPECT_EQ(LookedAtNow(), 0);
  const size_t before = written().size();
  RecheckPanels(reviews, *RecheckLease(), absl::Now(), log);
  EXPECT_EQ(written().size(), before) << "one that is done is not worth a line";
  EXPECT_EQ(LookedAtNow(), 1);
  std::fclose(file);
}

TEST_F(PanelRecheckTest, WhereNothingChangedNothingIsWrittenButWhenItWasLookedAt) {
  const std::string panel = Closed();
  const auto rows = AssignmentsOf(panel);
  const int64_t entries = Count("journal");
  // Another builds with a party: no proof says of that.
  Add("organizations/stranger", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  AddProject("organizations/stranger", kLead);
  EXPECT_EQ(Run(), 0);
  for (int day = 0; day < 3; ++day) {
    Age();
    EXPECT_EQ(LookedAtNow(), 0);
    EXPECT_EQ(Run(), 0);
    EXPECT_EQ(LookedAtNow(), 1);
    EXPECT_EQ(Run(), 0);
  }
  EXPECT_EQ(Count("journal"), entries);
  EXPECT_EQ(Count("panel_check"), 1);
  for (const auto& row : rows) {
    EXPECT_EQ(Stored<v1::ReviewAssignment>(row.name()).etag(), row.etag());
  }
  EXPECT_THAT(failed, IsEmpty());
}

TEST_F(PanelRecheckTest, AProjectThatComesAfterTheCloseIsFoundOnceItsFactsAreOld) {
  const std::string panel = Closed();
  const auto rows = AssignmentsOf(panel);
  const int before = Stored<v1::ReviewPanel>(panel).counted_sheets();
  AddProject(rows[0].employer(), kLead);
  EXPECT_EQ(Run(), 0) << "looked at as it was closed";
  Age();
  const int64_t entries = Count("journal");
  EXPECT_EQ(Run(), 1);
  const auto found = Stored<v1::ReviewAssignment>(rows[0].name());
  EXPECT_EQ(found.state(), v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_THAT(found.reason(), HasSubstr("结对共建项目"));
  EXPECT_EQ(SheetOf(rows[0]).state(), v1::SCORE_SHEET_STATE_STRUCK_OUT);
  const auto after = Stored<v1::ReviewPanel>(panel);
  EXPECT_EQ(after.counted_sheets(), before - 1);
  EXPECT_THAT(after.result_note(), HasSubstr("累计剔除评分1份"));
  EXPECT_THAT(KindsSince(entries), ElementsAre("remove", "strike out", "rechecked"));
  EXPECT_EQ(Count("journal WHERE method = 'chanyan.consortium.Jobs/recheck' AND "
                  "actor = 'services/consortium'"),
            3);
  // And once: not at once, nor when it is old again.
  EXPECT_EQ(Run(), 0);
  Age();
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(KindsSince(entries), SizeIs(3));
}

TEST_F(PanelRecheckTest, WhoWorksElsewhereNowIsLookedAtWithTheNextRun) {
  const std::string panel = Closed();
  EXPECT_EQ(Run(), 0);
  const auto row = AssignmentsOf(panel)[0];
  v1::UpdateExpertRequest request;
  request.mutable_expert()->set_name(row.expert());
  request.mutable_expert()->set_employer(kLead);
  request.mutable_update_mask()->add_paths("employer");
  request.set_request_id(api::NewUuid());
  const auto moved = experts.UpdateExpert(Office("ExpertService.UpdateExpert"), request);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(Stored<v1::ReviewAssignment>(row.name()).state(), v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_EQ(Run(), 0);
}

TEST_F(PanelRecheckTest, AnOpenPanelLosesWhoHasAConflictAndTheSeatIsFree) {
  const std::string panel = Drawn();
  const auto rows = AssignmentsOf(panel);
  AddProject(rows[1].employer(), kLead);
  Age();
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(Stored<v1::ReviewPanel>(panel).assignment_count(), static_cast<int>(rows.size()) - 1);
  const auto replaced = reviews.ReplaceReviewer(Office("ReviewService.ReplaceReviewer"),
                                                Named<v1::ReplaceReviewerRequest>(panel));
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  EXPECT_EQ(replaced->assignment_count(), static_cast<int>(rows.size()));
}

TEST_F(PanelRecheckTest, AfterAnUpgradeNoStepWaitsForTheOfficeToAskPanelByPanel) {
  const std::string panel = Closed();
  const auto rows = AssignmentsOf(panel);
  // Proofs did not say what the expert was, and nobody noted when a panel was looked at.
  for (auto row : rows) {
    row = Stored<v1::ReviewAssignment>(row.name());
    row.mutable_latest_proof()->clear_expert_sha256();
    Store(row);
  }
  Write("DELETE FROM panel_check");
  EXPECT_EQ(status::ReasonOf(Gate(&ReviewBook::MayInspect)), options::v1::ERROR_REASON_WRONG_STATE);
  const int64_t entries = Count("journal");
  EXPECT_EQ(Run(), 1);
  const absl::Status possible = Gate(&ReviewBook::MayInspect);
  EXPECT_TRUE(possible.ok()) << possible;
  EXPECT_THAT(KindsSince(entries),
              ElementsAre("rechecked", "rechecked", "rechecked", "rechecked", "rechecked"));
  for (const auto& row : rows) {
    EXPECT_EQ(Stored<v1::ReviewAssignment>(row.name()).proof().SerializeAsString(),
              row.proof().SerializeAsString())
        << "that of the draw stays";
  }
  EXPECT_EQ(Run(), 0);
}

TEST_F(PanelRecheckTest, OtherRulesAreAppliedAtOnceAndOtherWordsAreNone) {
  const std::string panel = Closed();
  EXPECT_EQ(Run(), 0);
  const auto by = [&](const std::string& from, const std::string& to) {
    const auto other = PackWith({{from, to}});
    const ReviewBook its_book(*other);
    ReviewService its_reviews({{database.db(), clock, nullptr}, *other, peer.peers()}, its_book);
    const auto done = its_reviews.RecheckDue(*RecheckLease());
    EXPECT_TRUE(done.ok()) << done.status();
    return done.ok() ? *done : -1;
  };
  const int64_t entries = Count("journal");
  EXPECT_EQ(by("renewal_days: 180", "renewal_days: 90"), 0);
  EXPECT_EQ(Count("journal"), entries);
  EXPECT_EQ(by("look_back_months: 36", "look_back_months: 48"), 1);
  for (const auto& row : AssignmentsOf(panel)) {
    EXPECT_EQ(row.latest_proof().checks(0).look_back_months(), 48u);
    EXPECT_EQ(row.proof().checks(0).look_back_months(), 36u);
  }
  EXPECT_EQ(by("look_back_months: 36", "look_back_months: 48"), 0);
  EXPECT_EQ(Run(), 1) << "and back again";
}

TEST_F(PanelRecheckTest, WhatIsDecidedCancelledOrOfAnotherDossierIsLeftAlone) {
  const std::string panel = Closed();
  AddProject(AssignmentsOf(panel)[0].employer(), kLead);
  Age();
  const int64_t entries = Count("journal");
  for (const auto state : {v1::CONSORTIUM_STATE_FILED, v1::CONSORTIUM_STATE_REJECTED,
                           v1::CONSORTIUM_STATE_RETURNED, v1::CONSORTIUM_STATE_CITY_REVIEW}) {
    SetState(state);
    EXPECT_EQ(Run(), 0) << state;
  }
  SetState(v1::CONSORTIUM_STATE_SELECTED);
  v1::Transition accepted;
  accepted.set_name(absl::StrCat(kReviewed, "/transitions/9"));
  accepted.set_number(9);
  accepted.set_verb("accept");
  const db::Table<v1::Transition> transitions;
  const absl::Status written = database.db().Transact(
      [&](db::Session& session) { return transitions.Insert(session, clock.now, &accepted); });
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_EQ(Run(), 0) << "it was accepted anew since";
  Write("DELETE FROM transition_record");
  Write("UPDATE review_panel SET state = 'CANCELLED'");
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(Count("journal"), entries);
  EXPECT_EQ(LookedAtNow(), 0);
  // That the test can fail.
  Write("UPDATE review_panel SET state = 'CLOSED'");
  EXPECT_EQ(Run(), 1);
}

TEST_F(PanelRecheckTest, OneThatCannotBeLookedAtIsToldAndTheOthersAreDone) {
  SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW, "consortia/c0");
  const std::string bad = Drawn("consortia/c0");
  const std::string good = Drawn();
  std::set<std::string> experts;
  for (const auto& row : AssignmentsOf(good)) experts.insert(row.expert());
  std::string only;
  for (const auto& row : AssignmentsOf(bad)) {
    if (!experts.contains(row.expert())) only = row.expert();
  }
  ASSERT_FALSE(only.empty());
  Write(absl::StrCat("DELETE FROM expert WHERE name = '", only, "'"));
  const auto rows = AssignmentsOf(good);
  AddProject(rows[0].employer(), kLead);
  Age();
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(failed, ElementsAre(bad));
  EXPECT_EQ(Stored<v1::ReviewAssignment>(rows[0].name()).state(),
            v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  // It is due until it can be done.
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(failed, ElementsAre(bad, bad));
}

TEST_F(PanelRecheckTest, ThereAreMoreThanOnePageAndEachIsDoneOnce) {
  constexpr int kPanels = 120;
  std::vector<v1::ReviewPanel> panels;
  for (int i = 0; i < kPanels; ++i) {
    v1::ReviewPanel& panel = panels.emplace_back();
    panel.set_name(absl::StrCat(kReviewed, "/panels/p", i));
    panel.set_consortium(kReviewed);
    panel.set_sheet("document");
    panel.set_state(v1::REVIEW_PANEL_STATE_OPEN);
    panel.set_office(OfficeOf(*pack));
  }
  const absl::Status written = database.db().Transact(
      [&](db::Session& session) { return book.panels().InsertAll(session, clock.now, &panels); });
  ASSERT_TRUE(written.ok()) << written;
  const int64_t entries = Count("journal");
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(LookedAtNow(), kPanels);
  EXPECT_EQ(Count("journal"), entries);
}

TEST_F(PanelRecheckTest, WithoutThePeersOrTheLeaseNothingIsWritten) {
  const std::string panel = Closed();
  AddProject(AssignmentsOf(panel)[0].employer(), kLead);
  Age();
  const int64_t entries = Count("journal");
  const auto lost = RecheckLease("one");
  ASSERT_TRUE(lost->Release().ok());
  const auto taken = RecheckLease("two");
  EXPECT_FALSE(reviews.RecheckDue(*lost).ok());
  peer.Stop();
  EXPECT_TRUE(absl::IsUnavailable(reviews.RecheckDue(*taken).status()));
  EXPECT_EQ(Count("journal"), entries);
  EXPECT_EQ(LookedAtNow(), 0);
  EXPECT_THAT(failed, IsEmpty()) << "neither is a fault of the panel";
}

TEST_F(PanelRecheckTest, ALostCommitLeavesNothingAndTheNextRunDoesItOnce) {
  const std::string panel = Closed();
  AddProject(AssignmentsOf(panel)[0].employer(), kLead);
  Age();
  const int64_t entries = Count("journal");
  const auto lease = RecheckLease();
  database.db().InjectFaults({.inject_ambiguous_nocommit_every = 1});
  EXPECT_TRUE(absl::IsUnavailable(reviews.RecheckDue(*lease).status()));
  database.db().InjectFaults({});
  EXPECT_EQ(Count("journal"), entries);
  database.db().InjectFaults({.inject_ambiguous_commit_every = 1});
  EXPECT_TRUE(absl::IsUnavailable(reviews.RecheckDue(*lease).status()));
  database.db().InjectFaults({});
  EXPECT_THAT(KindsSince(entries), ElementsAre("remove", "strike out", "rechecked"));
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(KindsSince(entries), SizeIs(3));
}

}  // namespace
}  // namespace chanyan::consortium
