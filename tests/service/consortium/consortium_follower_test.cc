// The registry's journal: facts that change are judged at once, names follow, mergers hand over
// (CON-2, CON-8, REG-1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/dossier_index.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using registry::v1::Organization;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class ConsortiumFollowerTest : public ::testing::Test, public World {
 protected:
  std::vector<std::string> Failing(const std::string& name) {
    std::vector<std::string> failing;
    for (const auto& item : MissingOf(rules, Stored(name).verdicts())) {
      failing.push_back(item.rule_id());
    }
    return failing;
  }
  Organization Merged(const std::string& from, const std::string& into) {
    Organization survivor = Registered(into);
    auto* absorbed = survivor.add_absorbed();
    absorbed->set_organization(from);
    absorbed->set_display_name(Registered(from).display_name());
    return survivor;
  }
  absl::Status Merge(const std::string& from, const std::string& into) {
    return Change(Merged(from, into));
  }
  // The follower's transaction has looked at dossiers before it comes to the merger, as it has when
  // other entries are in it, and `meanwhile` comes in between, once.
  absl::Status MergeWithin(const std::string& from, const std::string& into,
                           const std::function<void()>& meanwhile) {
    const journal::v1::Entry entry = Changed(Merged(from, into));
    bool done = false;
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(session.Query("SELECT name FROM consortium").status());
      if (!done) {
        meanwhile();
        // That the test can fail: the snapshot does not show it.
        CHANYAN_ASSIGN_OR_RETURN(const auto naming, DossiersNaming(session, from));
        CHANYAN_ASSIGN_OR_RETURN(const auto joining, DossiersJoinedBy(session, from));
        EXPECT_THAT(naming, ElementsAre());
        EXPECT_THAT(joining, ElementsAre());
      }
      done = true;
      return follower.Follow(session, clock.now, entry);
    });
  }
  int64_t Naming(const std::string& organization) {
    return Count(absl::StrCat("consortium WHERE JSON_CONTAINS(participants, JSON_QUOTE('",
                              organization, "'))")) +
           Count(absl::StrCat("consortium_party WHERE organization = '", organization, "'"));
  }
};

TEST_F(ConsortiumFollowerTest, AFactThatChangesIsJudgedInDraftsAndInReviewsAndKept) {
  const std::string draft = Ready("草稿").name();
  const std::string handed_in = Ready("已申报").name();
  ASSERT_TRUE(Submit(handed_in).ok());
  const size_t checks = ChecksOf(handed_in).size();
  Organization lead = Registered(kAlpha);
  lead.clear_qualifications();
  ASSERT_TRUE(Change(lead).ok());
  for (const std::string& name : {draft, handed_in}) {
    EXPECT_THAT(Failing(name), ElementsAre("consortium.lead-leading"));
  }
  EXPECT_EQ(ChecksOf(handed_in).size(), checks + 1);
  EXPECT_EQ(ChecksOf(handed_in).back().cause(), "registry");
  EXPECT_TRUE(ChecksOf(draft).empty());
  // The same news twice are none.
  const std::string etag = Stored(handed_in).etag();
  ASSERT_TRUE(Change(lead).ok());
  EXPECT_EQ(Stored(handed_in).etag(), etag);
  lead.add_qualifications(registry::v1::QUALIFICATION_LEADING);
  ASSERT_TRUE(Change(lead).ok());
  EXPECT_THAT(Failing(draft), ElementsAre());
}

TEST_F(ConsortiumFollowerTest, AnOldAnswerDoesNotOverwriteNews) {
  // The follower was faster than the handler's answer from before.
  Organization lead = Registered(kAlpha);
  const Organization old = lead;
  lead.clear_qualifications();
  ASSERT_TRUE(Change(lead).ok());
  const journal::Origin origin{.method = "test", .actor = "test"};
  ASSERT_TRUE(database.db()
                  .Transact([&](db::Session& session) -> absl::Status {
                    rpc::Change change(session, clock.now, origin);
                    CHANYAN_ASSIGN_OR_RETURN(const bool news, book.parties().Know(change, old));
                    EXPECT_FALSE(news);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_F(ConsortiumFollowerTest, ASuspendedMemberStopsTheNextStep) {
  const std::string name = Ready("联合体").name();
  ASSERT_TRUE(Submit(name).ok());
  Organization member = Registered(E(3));
  member.set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  ASSERT_TRUE(Change(member).ok());
  EXPECT_EQ(status::ReasonOf(Recommend(name).status()), options::v1::ERROR_REASON_RULE_VIOLATED);
}

TEST_F(ConsortiumFollowerTest, NamesFollowIntoDossierAndRegister) {
  const v1::Consortium row = Filed("联合体");
  Organization member = Registered(kOuc);
  member.set_display_name("海洋大学（新名）");
  ASSERT_TRUE(Change(member).ok());
  EXPECT_THAT(StoredFiling(row.filing()).member_titles(), Contains("海洋大学（新名）"));
  const std::string draft = Ready("草稿").name();
  member.set_display_name("海洋大学（再新）");
  ASSERT_TRUE(Change(member).ok());
  EXPECT_EQ(Stored(draft).members(3).title(), "海洋大学（再新）");
  EXPECT_EQ(Stored(draft).signed_by_size(), 6) << "a name is not what was signed";
}

TEST_F(ConsortiumFollowerTest, AMergerHandsOverAndTwoMembersBecomeOne) {
  const std::string draft = Ready("草稿").name();
  const v1::Consortium filed = Filed("已备案");
  ASSERT_TRUE(Merge(E(2), E(1)).ok());
  for (const std::string& name : {draft, filed.name()}) {
    EXPECT_EQ(Stored(name).members_size(), 4) << name;
    EXPECT_EQ(Stored(name).members(0).layer(), v1::MEMBER_LAYER_CORE);
    EXPECT_THAT(Stored(name).participants(), Not(Contains(E(2))));
  }
  // The draft is another agreement now; what was filed stays filed.
  EXPECT_THAT(Stored(draft).signed_by(), ElementsAre());
  EXPECT_EQ(Stored(filed.name()).state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_EQ(Count("membership WHERE end_time IS NULL"), 5);
  // Told twice, done once.
  const std::string etag = Stored(draft).etag();
  ASSERT_TRUE(Merge(E(2), E(1)).ok());
  EXPECT_EQ(Stored(draft).etag(), etag);
}

TEST_F(ConsortiumFollowerTest, AMergerFindsWhatWasMadeSinceItsTransactionBegan) {
  std::string made;
  const absl::Status merged =
      MergeWithin(E(2), E(1), [&] { made = Create(Dossier("同时"))->name(); });
  ASSERT_TRUE(merged.ok()) << merged;
  EXPECT_EQ(Naming(E(2)), 0);
  EXPECT_THAT(Stored(made).participants(), Contains(E(1)));
}

TEST_F(ConsortiumFollowerTest, AMergerFindsTheSupplementThatWasProposedSinceItsTransactionBegan) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement joining;
  *joining.add_joining() = Member(kUpc, v1::MEMBER_KIND_UNIVERSITY);
  joining.set_held_project(Hold(row.name())->name());
  std::string proposed;
  const absl::Status merged =
      MergeWithin(kUpc, kBeta, [&] { proposed = Propose(row.name(), joining)->name(); });
  ASSERT_TRUE(merged.ok()) << merged;
  EXPECT_EQ(Count(absl::StrCat("supplement WHERE name = '", proposed, "' AND state = 'LAPSED'")),
            1);
}

TEST_F(ConsortiumFollowerTest, OfManyDossiersMadeBesideAMergerNoneNamesWhoIsNoMore) {
  constexpr int kCreators = 6;
  constexpr int kEach = 4;
  std::atomic<int> made = 0;
  std::vector<std::thread> creators;
  for (int i = 0; i < kCreators; ++i) {
    creators.emplace_back([&, i] {
      for (int turn = 0; turn < kEach; ++turn) {
        const auto one = Create(Dossier(absl::StrCat("联合体", i, "-", turn)));
        made += one.ok() ? 1 : 0;
        EXPECT_TRUE(one.ok() || absl::IsAborted(one.status())) << one.status();
      }
    });
  }
  while (made == 0) absl::SleepFor(absl::Milliseconds(1));
  // As the follower does: with another entry in one transaction, and if that fails each alone.
  Organization renamed = Registered(E(3));
  renamed.set_display_name("企业3（新名，演示）");
  const std::vector<journal::v1::Entry> entries = {Changed(renamed), Changed(Merged(E(2), E(1)))};
  const auto follow = [&](absl::Span<const journal::v1::Entry> some) {
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      for (const journal::v1::Entry& entry : some) {
        CHANYAN_RETURN_IF_ERROR(follower.Follow(session, clock.now, entry));
      }
      return absl::OkStatus();
    });
  };
  if (!follow(entries).ok()) {
    for (const journal::v1::Entry& entry : entries) {
      absl::Status alone;
      do {
        alone = follow(absl::MakeConstSpan(&entry, 1));
      } while (absl::IsAborted(alone));
      EXPECT_TRUE(alone.ok()) << alone;
    }
  }
  for (std::thread& creator : creators) creator.join();
  EXPECT_EQ(Naming(E(2)), 0);
  EXPECT_EQ(Count("consortium"), made);
  // And nobody names it from now on.
  EXPECT_TRUE(absl::IsAborted(Create(Dossier("以后")).status()));
}

TEST_F(ConsortiumFollowerTest, WhoNamesAnOrganizationThatIsBeingMergedWaitsWithoutItsDossier) {
  const v1::Consortium made = *Create(Dossier("草稿"));
  const int64_t conflicts = database.db().stats().conflicts;
  absl::Status update;
  std::thread editor;
  const absl::Status merged = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(
        rpc::NoteSuccession(session, clock.now, E(2), {E(1), "企业1", ""}).status());
    editor = std::thread([&] { update = Update(made, {"members"}).status(); });
    // Long enough for it to wait for the note.
    absl::SleepFor(absl::Milliseconds(300));
    return book.table().GetForUpdate(session, made.name()).status();
  });
  editor.join();
  EXPECT_TRUE(merged.ok()) << merged;
  EXPECT_TRUE(absl::IsAborted(update)) << update;
  EXPECT_EQ(database.db().stats().conflicts, conflicts) << "each waited for the other";
}

TEST_F(ConsortiumFollowerTest, ABarFollowsItsOrganizationIntoAnother) {
  ASSERT_TRUE(RemoveLead(Filed("联合体").name()).ok());
  const auto of_beta = Create(Dossier("乙的联合体"), kBeta);
  ASSERT_TRUE(of_beta.ok());
  ASSERT_TRUE(Merge(kAlpha, kBeta).ok());
  EXPECT_EQ(BarsOf(kBeta).size(), 1u);
  EXPECT_THAT(Failing(of_beta->name()), Contains("consortium.nobody-barred"));
}

}  // namespace
}  // namespace chanyan::consortium
