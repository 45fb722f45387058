// Supplements whose dossier changes while they are signed: a lead removed, parties merged, projects
// closed (CON-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"
#include "tests/support/violations.h"

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

  absl::Status Lay(const std::string& on) {
    const journal::Origin origin{.method = "test", .actor = "test"};
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      rpc::Change change(session, clock.now, origin);
      return BarBook(book)
          .Lay(change, on, Registered(on).display_name(), "consortia/other", "失约")
          .status();
    });
  }
  v1::Supplement Kept(const std::string& name) {
    v1::Supplement row;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(row, db::Table<v1::Supplement>().Get(session, name));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return row;
  }
  int64_t Entries(const v1::Supplement& supplement, const std::string& kind) {
    return Count(
        absl::StrCat("journal WHERE kind = '", kind, "' AND resource = '", supplement.name(), "'"));
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
  change.set_held_project(Hold(row.name())->name());
  const absl::Status refused = Propose(row.name(), change).status();
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("新增成员的研发配套能力"));
  EXPECT_EQ(Count("supplement"), 0) << "nobody signs in vain";
  EXPECT_EQ(Stored(row.name()).members_size(), 5);
}

TEST_F(SupplementTest, ItsDocumentIsASupplementAndNoOtherFile) {
  const v1::Consortium row = Filed("联合体");
  v1::CreateSupplementRequest request;
  request.set_parent(row.name());
  *request.mutable_supplement() = Leaving(E(2));
  request.mutable_supplement()->set_held_project(Hold(row.name())->name());
  request.mutable_supplement()->set_reason("项目需要。");
  request.mutable_supplement()->set_document(Stored(row.name()).agreement().document());
  request.set_request_id(api::NewUuid());
  const absl::Status refused =
      supervision.CreateSupplement(By(kAlpha, "SupervisionService.CreateSupplement"), request)
          .status();
  EXPECT_THAT(testing::FieldsOf(refused), ElementsAre("supplement.document"));
  EXPECT_EQ(Count("supplement"), 0);
}

TEST_F(SupplementTest, WhoIsBarredIsNamedWithEverythingElseThatIsWrong) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(Lay(kBeta).ok());
  ASSERT_TRUE(Lay(E(5)).ok());
  v1::Supplement change;
  change.set_held_project(absl::StrCat(row.name(), "/heldProjects/none"));
  *change.add_joining() = Member(kBeta, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  *change.add_joining() = Member(E(4), v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  *change.add_joining() = Member(E(5), v1::MEMBER_KIND_DOWNSTREAM, v1::MEMBER_LAYER_CORE);
  change.add_leaving(E(6));
  const absl::Status all = Propose(row.name(), change).status();
  EXPECT_EQ(status::ReasonOf(all), ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(
      testing::FieldsOf(all),
      ElementsAre("supplement.held_project", "supplement.leaving[0]",
                  "supplement.joining[0].organization", "supplement.joining[2].organization"));
  // With bars alone it is the rule that is not met.
  change.clear_leaving();
  change.set_held_project(Hold(row.name())->name());
  const absl::Status bars_alone = Propose(row.name(), change).status();
  EXPECT_EQ(status::ReasonOf(bars_alone), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(testing::FieldsOf(bars_alone).size(), 2u);
  const auto violations = status::ViolationsOf(bars_alone);
  ASSERT_FALSE(violations.empty());
  EXPECT_THAT(violations[0].description, ::testing::HasSubstr("2028年3月31日"));
  EXPECT_EQ(Count("supplement"), 0);
}

TEST_F(SupplementTest, WhoIsBarredMeanwhileIsToldAtOnceAndNobodySignsInVain) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement change;
  *change.add_joining() = Member(kBeta, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  const v1::Supplement proposed = Proposed(row, change);
  EXPECT_THAT(proposed.barred_parties(), IsEmpty());
  ASSERT_TRUE(SignSupplement(proposed, kAlpha).ok());
  ASSERT_TRUE(Lay(kBeta).ok());
  const v1::Supplement told = Kept(proposed.name());
  ASSERT_EQ(told.barred_parties_size(), 1);
  EXPECT_EQ(told.barred_parties(0).organization(), kBeta);
  EXPECT_EQ(Entries(proposed, "barred"), 1);
  // The first that would sign now learns it, and so does whoever would set a rule aside.
  const absl::Status refused = SignSupplement(proposed, E(1)).status();
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(testing::FieldsOf(refused), ElementsAre("supplement.joining[0].organization"));
  EXPECT_EQ(status::ReasonOf(SetAside(proposed, kEnterprises).status()),
            ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Count("signature WHERE subject = 'SUPPLEMENT'"), 1);
  // A stranger to the agreement learns nothing of it.
  EXPECT_EQ(status::ReasonOf(SignSupplement(proposed, E(6)).status()), ERROR_REASON_NOT_FOUND);
  // Over by time: all goes on.
  Go(absl::CivilDay(2028, 3, 31));
  RunJobs();
  EXPECT_EQ(Kept(proposed.name()).barred_parties_size(), 1) << "the last day";
}

TEST_F(SupplementTest, OnceABarIsLiftedTheSupplementGoesOn) {
  const v1::Consortium row = Filed("联合体");
  v1::Supplement change;
  *change.add_joining() = Member(kBeta, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  const v1::Supplement proposed = Proposed(row, change);
  ASSERT_TRUE(Lay(kBeta).ok());
  ASSERT_TRUE(Lift(BarsOf(kBeta)[0].name(), kBeta).ok());
  EXPECT_THAT(Kept(proposed.name()).barred_parties(), IsEmpty());
  EXPECT_EQ(Entries(proposed, "barred"), 1);
  EXPECT_EQ(Entries(proposed, "unbarred"), 1);
  const std::vector<std::string> required(proposed.required_units().begin(),
                                          proposed.required_units().end());
  for (const std::string& party : required) {
    const auto signature = SignSupplement(proposed, party);
    ASSERT_TRUE(signature.ok()) << party << signature.status();
  }
  ExpectState(proposed, "EFFECTIVE");
}

TEST_F(SupplementTest, ANewLeadThatIsBarredMeanwhileIsToldAtOnceToo) {
  const v1::Consortium row = Filed("联合体");
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  v1::Supplement change;
  change.set_new_lead(E(1));
  const auto proposed = Propose(row.name(), change, E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  // A bar on somebody else is none of its business.
  ASSERT_TRUE(Lay(kBeta).ok());
  EXPECT_EQ(Entries(*proposed, "barred") + Entries(*proposed, "judged"), 0);
  ASSERT_TRUE(Lay(E(1)).ok());
  EXPECT_EQ(Entries(*proposed, "barred"), 1);
  EXPECT_THAT(testing::FieldsOf(SignSupplement(*proposed, E(2)).status()),
              ElementsAre("supplement.new_lead"));
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
