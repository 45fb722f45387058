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
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kEnterprises[] = "consortium.change-enterprises";
constexpr char kResearch[] = "consortium.change-research";

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
  // A member is gone by another way.
  absl::Status WithoutMember(const std::string& name, const std::string& member) {
    const journal::Origin origin{.method = "test", .actor = "test"};
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      rpc::Change change(session, clock.now, origin);
      CHANYAN_ASSIGN_OR_RETURN(v1::Consortium now, book.LockAny(change, name));
      const v1::Consortium before = now;
      now.clear_members();
      now.clear_participants();
      for (const v1::ConsortiumMember& one : before.members()) {
        if (one.organization() != member) *now.add_members() = one;
      }
      for (const std::string& party : ParticipantsOf(now)) now.add_participants(party);
      return book.Save(change, "followed", before, &now);
    });
  }
  static std::vector<std::string> UnmetSoft(const v1::Supplement& supplement) {
    std::vector<std::string> unmet;
    for (const auto& verdict : supplement.verdicts().verdicts()) {
      if (verdict.strength() == policy::v1::STRENGTH_SOFT &&
          verdict.outcome() == policy::v1::OUTCOME_NOT_SATISFIED) {
        unmet.push_back(verdict.rule_id());
      }
    }
    return unmet;
  }
  // Those of which the bureau is told that they wait for it.
  std::vector<std::string> Waiting() {
    v1::ListSupplementsRequest request;
    request.set_parent("consortia/-");
    request.set_filter("awaiting_override = true");
    const auto list =
        supervision.ListSupplements(By(kBureau, "SupervisionService.ListSupplements"), request);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> names;
    for (const auto& one : list->supplements()) names.push_back(one.name());
    return names;
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
  SignAll(*next, ParticipantsOf(Stored(row.name())));
  ASSERT_TRUE(SetAside(*next, kEnterprises).ok());
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
  const absl::Status gone = WithoutMember(row.name(), E(2));
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

TEST_F(SupplementTest, FewerThanThreeEnterprisesWaitForTheBureauAndItsReason) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement proposed = Proposed(row, Leaving(E(2)));
  EXPECT_THAT(UnmetSoft(proposed), ElementsAre(kEnterprises)) << "told from the beginning";
  // Whose it is, which rule, and that there is something to set aside.
  EXPECT_EQ(status::ReasonOf(SetAside(proposed, kEnterprises, "organizations/qdst-cg").status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(SetAside(proposed, "consortium.change-consent").status()),
            ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(status::ReasonOf(SetAside(proposed, kResearch).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(SetAside(proposed, "consortium.no-such-rule").status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(Waiting(), IsEmpty()) << "the parties have yet to sign";
  // All have signed: nothing happens yet, and the bureau is told what it may do.
  SignAll(proposed, ParticipantsOf(row));
  EXPECT_EQ(Stored(row.name()).members_size(), 5);
  ExpectState(proposed, "PROPOSED");
  EXPECT_THAT(Waiting(), ElementsAre(proposed.name()));
  EXPECT_EQ(
      Count(absl::StrCat("journal WHERE kind = 'waits' AND resource = '", proposed.name(), "'")),
      1);
  const auto set_aside = SetAside(proposed, kEnterprises);
  ASSERT_TRUE(set_aside.ok()) << set_aside.status();
  EXPECT_EQ(set_aside->state(), v1::SUPPLEMENT_STATE_EFFECTIVE);
  ASSERT_EQ(set_aside->overrides_size(), 1);
  EXPECT_EQ(set_aside->overrides(0).account(), "accounts/qdst-gx");
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_EQ(Stored(row.name()).members_size(), 4);
  for (const char* kind : {"override", "effective"}) {
    EXPECT_EQ(Count(absl::StrCat("journal WHERE kind = '", kind, "' AND resource = '",
                                 proposed.name(), "'")),
              1)
        << kind;
  }
  EXPECT_EQ(status::ReasonOf(SetAside(proposed, kEnterprises).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(SupplementTest, WhatIsSetAsideBeforehandTakesEffectWithTheLastSignature) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement proposed = Proposed(row, Leaving(kInstitute));
  EXPECT_THAT(UnmetSoft(proposed), ElementsAre(kResearch));
  const auto set_aside = SetAside(proposed, kResearch);
  ASSERT_TRUE(set_aside.ok()) << set_aside.status();
  EXPECT_EQ(set_aside->state(), v1::SUPPLEMENT_STATE_PROPOSED);
  EXPECT_THAT(UnmetSoft(*set_aside), IsEmpty());
  std::vector<std::string> signers = ParticipantsOf(row);
  const std::string last = signers.back();
  signers.pop_back();
  SignAll(proposed, signers);
  EXPECT_EQ(SignSupplement(proposed, last)->state(), v1::SUPPLEMENT_STATE_EFFECTIVE);
}

TEST_F(SupplementTest, WhatWaitsForTheBureauWaitsNoMoreOnceItIsCancelledOrLapses) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement cancelled = Proposed(row, Leaving(E(2)));
  SignAll(cancelled, ParticipantsOf(row));
  auto cancel = Named<v1::CancelSupplementRequest>(cancelled.name());
  cancel.set_reason("不再变更。");
  ASSERT_TRUE(
      supervision.CancelSupplement(By(kAlpha, "SupervisionService.CancelSupplement"), cancel).ok());
  EXPECT_THAT(Waiting(), IsEmpty());
  v1::Supplement again = Leaving(E(2));
  again.set_held_project(project_);
  const auto lapses = Propose(row.name(), again);
  ASSERT_TRUE(lapses.ok()) << lapses.status();
  SignAll(*lapses, ParticipantsOf(row));
  EXPECT_THAT(Waiting(), ElementsAre(lapses->name()));
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  ExpectState(*lapses, "LAPSED");
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(SupplementTest, WhoJoinsSaysWhatTheCooperationRestsOnAndWhatItCanDo) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement change = Joining(kUpc);
  change.mutable_joining(0)->set_capability(" ");
  const v1::Supplement proposed = Proposed(row, change);
  std::vector<std::string> signers =
      proposed.required_units().empty()
          ? std::vector<std::string>()
          : std::vector<std::string>(proposed.required_units().begin(),
                                     proposed.required_units().end());
  ASSERT_FALSE(signers.empty());
  const std::string last = signers.back();
  signers.pop_back();
  SignAll(proposed, signers);
  EXPECT_EQ(status::ReasonOf(SignSupplement(proposed, last).status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Stored(row.name()).members_size(), 5);
}

TEST_F(SupplementTest, WhatIsSetAsideIsOfTheNumberThatItWasSetAsideFor) {
  const v1::Consortium row = Filed("联合体");
  const v1::Supplement proposed = Proposed(row, Leaving(E(2)));
  ASSERT_TRUE(SetAside(proposed, kEnterprises).ok());
  ASSERT_TRUE(WithoutMember(row.name(), E(3)).ok());
  SignAll(proposed, ParticipantsOf(Stored(row.name())));
  ExpectState(proposed, "PROPOSED");
  const auto again = SetAside(proposed, kEnterprises);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->overrides_size(), 1);
  ExpectState(proposed, "EFFECTIVE");
}

}  // namespace
}  // namespace chanyan::consortium
