// Supplements whose dossier changes while they are signed: a lead removed, parties merged, projects
// closed (CON-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;

class SupplementTest : public ::testing::Test, public World {
 protected:
  // Proposed for a project that is held.
  v1::Supplement Proposed(const v1::Consortium& row, v1::Supplement change) {
    project_ = Hold(row.name())->name();
    change.set_held_project(project_);
    const auto proposed = Propose(row.name(), change);
    EXPECT_TRUE(proposed.ok()) << proposed.status();
    return proposed.ok() ? *proposed : v1::Supplement();
  }
  static v1::Supplement Leaving(const std::string& organization) {
    v1::Supplement change;
    change.add_leaving(organization);
    return change;
  }
  static v1::Supplement Joining(const std::string& organization) {
    v1::Supplement change;
    *change.add_joining() = Member(organization, v1::MEMBER_KIND_UNIVERSITY);
    return change;
  }
  void SignAll(const v1::Supplement& supplement, const std::vector<std::string>& parties) {
    for (const std::string& party : parties) {
      const auto signature = SignSupplement(supplement, party);
      ASSERT_TRUE(signature.ok()) << party << signature.status();
      ASSERT_EQ(signature->state(), v1::SUPPLEMENT_STATE_PROPOSED);
    }
  }
  void ExpectState(const v1::Supplement& supplement, const std::string& state) {
    EXPECT_EQ(Count(absl::StrCat("supplement WHERE name = '", supplement.name(), "' AND state = '",
                                 state, "'")),
              1);
  }
  absl::Status Merge(const std::string& from, const std::string& into) {
    registry::v1::Organization survivor = Registered(into);
    auto* absorbed = survivor.add_absorbed();
    absorbed->set_organization(from);
    absorbed->set_display_name(Registered(from).display_name());
    return Change(survivor);
  }

  std::string project_;
};

TEST_F(SupplementTest, WhatARemovedLeadProposedLapsesAndANewLeadIsFound) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement proposed = Proposed(row, Joining(kUpc));
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  ExpectState(proposed, "LAPSED");
  EXPECT_EQ(
      Count(absl::StrCat("journal WHERE kind = 'lapse' AND resource = '", proposed.name(), "'")),
      1);
  EXPECT_EQ(status::ReasonOf(SignSupplement(proposed, E(1)).status()), ERROR_REASON_WRONG_STATE);
  v1::Supplement change;
  change.set_new_lead(E(1));
  const auto next = Propose(row.name(), change, E(1));
  ASSERT_TRUE(next.ok()) << next.status();
  for (const std::string& party : ParticipantsOf(Stored(row.name()))) {
    ASSERT_TRUE(SignSupplement(*next, party).ok()) << party;
  }
  EXPECT_EQ(Stored(row.name()).lead_unit(), E(1));
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_FILED);
}

TEST_F(SupplementTest, AProjectThatIsClosedMeanwhileIsNone) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement proposed = Proposed(row, Leaving(E(2)));
  std::vector<std::string> signers = ParticipantsOf(row);
  const std::string last = signers.back();
  signers.pop_back();
  SignAll(proposed, signers);
  ASSERT_TRUE(Close(project_).ok());
  EXPECT_EQ(status::ReasonOf(SignSupplement(proposed, last).status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Stored(row.name()).members_size(), 5);
  ExpectState(proposed, "PROPOSED");
}

TEST_F(SupplementTest, WhatItWasProposedForIsLookedAtAgainWhenItTakesEffect) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement proposed = Proposed(row, Leaving(E(2)));
  std::vector<std::string> signers;
  for (const std::string& party : ParticipantsOf(row)) {
    if (party != E(2)) signers.push_back(party);
  }
  const std::string last = signers.back();
  signers.pop_back();
  SignAll(proposed, signers);
  // The member is gone by another way.
  const journal::Origin origin{.method = "test", .actor = "test"};
  const absl::Status gone = database.db().Transact([&](db::Session& session) -> absl::Status {
    rpc::Change change(session, clock.now, origin);
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium now, book.LockAny(change, row.name()));
    const v1::Consortium before = now;
    now.clear_members();
    now.clear_participants();
    for (const v1::ConsortiumMember& member : before.members()) {
      if (member.organization() != E(2)) *now.add_members() = member;
    }
    for (const std::string& name : ParticipantsOf(now)) now.add_participants(name);
    return book.Save(change, "followed", before, &now);
  });
  ASSERT_TRUE(gone.ok()) << gone;
  EXPECT_EQ(status::ReasonOf(SignSupplement(proposed, last).status()), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(Stored(row.name()).members_size(), 4);
  ExpectState(proposed, "PROPOSED");
}

TEST_F(SupplementTest, AMergerOfAPartyOrOfOneThatJoinsLapsesWhatIsProposed) {
  const v1::Consortium row = Filed("联合体");
  const v1::Consortium other = Filed("另一联合体");
  const v1::Supplement leaves = Proposed(row, Leaving(E(2)));
  const v1::Supplement joins = Proposed(other, Joining(kUpc));
  ASSERT_TRUE(Merge(kUpc, E(6)).ok());
  ExpectState(joins, "LAPSED");
  ExpectState(leaves, "PROPOSED");
  ASSERT_TRUE(Merge(E(2), E(1)).ok());
  ExpectState(leaves, "LAPSED");
  // The way is free for another.
  v1::Supplement change = Leaving(E(3));
  change.set_held_project(project_);
  EXPECT_TRUE(Propose(other.name(), change).ok());
}

}  // namespace
}  // namespace chanyan::consortium
