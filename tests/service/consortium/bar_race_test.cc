// Bars as they reach dossiers: who is named with which term, and of a bar that is laid and a draft
// that begins at once, the second that sees the first (CON-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/again.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using ::testing::IsEmpty;

constexpr int kRounds = 12;

class BarRaceTest : public ::testing::Test, public World {
 protected:
  v1::Consortium With(const std::string& title, const std::string& core,
                      v1::MemberLayer layer = v1::MEMBER_LAYER_CORE) {
    v1::Consortium dossier = Dossier(title);
    *dossier.add_members() = Member(core, v1::MEMBER_KIND_UPSTREAM, layer);
    return dossier;
  }
  std::vector<std::string> BarredIn(const std::string& name) {
    std::vector<std::string> barred;
    const v1::Consortium row = Stored(name);
    for (const v1::BarredParty& party : row.barred_parties()) {
      barred.push_back(party.organization());
    }
    return barred;
  }
  bool Fails(const std::string& name) {
    const v1::Consortium row = Stored(name);
    for (const auto& verdict : row.verdicts().verdicts()) {
      if (verdict.rule_id() == "consortium.nobody-barred") {
        return verdict.outcome() == policy::v1::OUTCOME_NOT_SATISFIED;
      }
    }
    return false;
  }
  int64_t Told(const std::string& name) {
    return Count(absl::StrCat("journal WHERE kind = 'barred' AND resource = '", name, "'"));
  }
  absl::StatusOr<v1::Bar> Lay(rpc::Change& change, const std::string& on) {
    return BarBook(book).Lay(change, on, Registered(on).display_name(), "consortia/other", "失约");
  }
  absl::Status Lay(const std::string& on) {
    return AgainOnConflict([&] {
      return database.db().Transact([&](db::Session& session) -> absl::Status {
        rpc::Change change(session, clock.now, origin_);
        return Lay(change, on).status();
      });
    });
  }
  // An enterprise that nothing else is about.
  std::string Newcomer(int number) {
    return Add(absl::StrCat("organizations/newcomer-", number), absl::StrCat("新单位", number),
               registry::v1::ORGANIZATION_KIND_ENTERPRISE)
        .name();
  }
  // Both at once.
  static void AtOnce(const std::function<void()>& one, const std::function<void()>& other) {
    absl::BlockingCounter ready(2);
    std::thread first([&] {
      ready.DecrementCount();
      ready.Wait();
      one();
    });
    std::thread second([&] {
      ready.DecrementCount();
      other();
    });
    second.join();
    first.join();
  }

  const journal::Origin origin_{.method = "test", .actor = "test"};
};

TEST_F(BarRaceTest, OnlyTheLeadAndTheCoreAreTouchedEachWithNameAndTerm) {
  const std::string core = Create(With("核心层", kBeta))->name();
  const std::string ordinary = Create(With("成员层", kBeta, v1::MEMBER_LAYER_MEMBER))->name();
  const std::string nothing = Create(Dossier("无关"))->name();
  const std::string own = Create(Dossier("自己牵头"), kBeta)->name();
  const std::string handed_in = Ready(With("已申报", kBeta)).name();
  ASSERT_TRUE(Submit(handed_in).ok());
  ASSERT_TRUE(RemoveLead(Filed("乙的联合体", kBeta).name()).ok());
  for (const std::string& name : {core, own, handed_in}) {
    const v1::Consortium row = Stored(name);
    ASSERT_EQ(row.barred_parties_size(), 1) << name;
    const v1::BarredParty& party = row.barred_parties(0);
    EXPECT_EQ(party.organization(), kBeta);
    EXPECT_EQ(party.title(), "乙集团（演示）");
    EXPECT_EQ(*time::ToCivilDay(party.start_date()), absl::CivilDay(2025, 4, 1));
    EXPECT_EQ(*time::ToCivilDay(party.end_date()), absl::CivilDay(2028, 3, 31));
    EXPECT_EQ(party.clause().article(), "七、（三）");
    EXPECT_EQ(Told(name), 1) << name;
  }
  for (const std::string& name : {ordinary, nothing}) {
    EXPECT_THAT(BarredIn(name), IsEmpty()) << name;
    EXPECT_EQ(Told(name), 0) << name;
  }
  // What the lead does about it is not told to the lead again; nor is the end.
  v1::Consortium update = Stored(core);
  update.mutable_members(5)->set_layer(v1::MEMBER_LAYER_MEMBER);
  ASSERT_TRUE(Update(update, {"members"}).ok());
  EXPECT_THAT(BarredIn(core), IsEmpty());
  ASSERT_TRUE(Lift(BarsOf(kBeta)[0].name(), kBeta).ok());
  EXPECT_THAT(BarredIn(handed_in), IsEmpty());
  EXPECT_EQ(Told(core), 1);
  EXPECT_EQ(Told(handed_in), 1);
  // Once it is decided nobody of it is kept out.
  ASSERT_TRUE(Lay(kBeta).ok());
  ASSERT_TRUE(Withdraw(handed_in).ok());
  EXPECT_THAT(BarredIn(handed_in), IsEmpty());
}

TEST_F(BarRaceTest, AMergerThatBringsABarIntoACoreIsToldAsWell) {
  const std::string draft = Create(With("合并", E(4)))->name();
  ASSERT_TRUE(RemoveLead(Filed("乙的联合体", kBeta).name()).ok());
  registry::v1::Organization survivor = Registered(kBeta);
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(E(4));
  absorbed->set_display_name(Registered(E(4)).display_name());
  ASSERT_TRUE(Change(survivor).ok());
  EXPECT_THAT(BarredIn(draft), ::testing::ElementsAre(kBeta));
  EXPECT_EQ(Told(draft), 1);
}

TEST_F(BarRaceTest, ADraftWhoseTransactionBeganBeforeTheBarSeesIt) {
  v1::Consortium draft = With("旧快照", kBeta);
  draft.set_name("consortia/old");
  draft.set_lead_unit(kAlpha);
  ASSERT_TRUE(Create(With("使各方为名录所知", kBeta)).ok());
  bool laid = false;
  const absl::Status begun = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(session.Query("SELECT COUNT(*) FROM bar").status());
    if (!laid) {
      laid = true;
      CHANYAN_RETURN_IF_ERROR(Lay(kBeta));
    }
    rpc::Change change(session, clock.now, origin_);
    v1::Consortium row = draft;
    return book.Begin(change, &row);
  });
  ASSERT_TRUE(begun.ok()) << begun;
  EXPECT_TRUE(Fails("consortia/old"));
  EXPECT_THAT(BarredIn("consortia/old"), ::testing::ElementsAre(kBeta));
}

TEST_F(BarRaceTest, ALeadWhoseTransactionBeganBeforeItsBarIsRefused) {
  bool laid = false;
  const absl::Status refused = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(session.Query("SELECT COUNT(*) FROM bar").status());
    if (!laid) {
      laid = true;
      CHANYAN_RETURN_IF_ERROR(Lay(kBeta));
    }
    rpc::Change change(session, clock.now, origin_);
    return BarBook(book).Refuse(change, kBeta);
  });
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED) << refused;
}

TEST_F(BarRaceTest, ABarWhoseTransactionBeganBeforeTheDraftSeesIt) {
  std::string draft;
  int attempts = 0;
  const auto lay = [&](db::Session& session) -> absl::Status {
    ++attempts;
    CHANYAN_RETURN_IF_ERROR(session.Query("SELECT COUNT(*) FROM consortium_party").status());
    if (draft.empty()) draft = Create(With("后到的草稿", kBeta))->name();
    rpc::Change change(session, clock.now, origin_);
    return Lay(change, kBeta).status();
  };
  const absl::Status laid = AgainOnConflict([&] { return database.db().Transact(lay); });
  ASSERT_TRUE(laid.ok()) << laid;
  EXPECT_EQ(attempts, 2) << "nothing of the first stays: it did not see what was there";
  EXPECT_TRUE(Fails(draft));
  EXPECT_EQ(Told(draft), 1);
  EXPECT_EQ(BarsOf(kBeta).size(), 1u);
}

TEST_F(BarRaceTest, OfADraftAndABarAtOnceNoneMissesTheOther) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string core = Newcomer(round);
    absl::StatusOr<v1::Consortium> made;
    absl::Status laid;
    AtOnce([&] { made = Create(With(absl::StrCat("同时", round), core)); },
           [&] { laid = Lay(core); });
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE(laid.ok()) << laid;
    EXPECT_TRUE(Fails(made->name())) << round;
    EXPECT_THAT(BarredIn(made->name()), ::testing::ElementsAre(core)) << round;
  }
}

TEST_F(BarRaceTest, OfAChangeOfLayerAndABarAtOnceNoneMissesTheOther) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string who = Newcomer(round);
    v1::Consortium draft = *Create(With(absl::StrCat("升级", round), who, v1::MEMBER_LAYER_MEMBER));
    draft.mutable_members(5)->set_layer(v1::MEMBER_LAYER_CORE);
    draft.clear_etag();
    absl::Status updated;
    absl::Status laid;
    AtOnce([&] { updated = Update(draft, {"members"}).status(); }, [&] { laid = Lay(who); });
    ASSERT_TRUE(updated.ok()) << updated;
    ASSERT_TRUE(laid.ok()) << laid;
    EXPECT_TRUE(Fails(draft.name())) << round;
  }
}

TEST_F(BarRaceTest, OfASupplementAndABarAtOnceNoneMissesTheOther) {
  const v1::Consortium row = Filed("变更");
  const std::string project = Hold(row.name())->name();
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string who = Newcomer(round);
    v1::Supplement change;
    change.set_held_project(project);
    *change.add_joining() = Member(who, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
    absl::StatusOr<v1::Supplement> made;
    absl::Status laid;
    AtOnce([&] { made = Propose(row.name(), change); }, [&] { laid = Lay(who); });
    ASSERT_TRUE(laid.ok()) << laid;
    if (!made.ok()) {
      EXPECT_EQ(status::ReasonOf(made.status()), ERROR_REASON_RULE_VIOLATED) << made.status();
      ++refused;
      continue;
    }
    EXPECT_EQ(Count(absl::StrCat("supplement WHERE name = '", made->name(),
                                 "' AND JSON_LENGTH(barred_parties) = 1")),
              1)
        << round;
    auto cancel = Named<v1::CancelSupplementRequest>(made->name());
    cancel.set_reason("单位受限。");
    ASSERT_TRUE(
        supervision.CancelSupplement(By(kAlpha, "SupervisionService.CancelSupplement"), cancel)
            .ok());
  }
  EXPECT_EQ(Count("supplement WHERE state = 'PROPOSED'"), 0);
  EXPECT_EQ(Count("supplement"), kRounds - refused);
}

TEST_F(BarRaceTest, ABarWhoseTransactionBeganBeforeTheSupplementSeesIt) {
  const v1::Consortium row = Filed("变更");
  v1::Supplement change;
  change.set_held_project(Hold(row.name())->name());
  *change.add_joining() = Member(kBeta, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  std::string supplement;
  const auto lay = [&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(session.Query("SELECT COUNT(*) FROM supplement").status());
    if (supplement.empty()) supplement = Propose(row.name(), change)->name();
    rpc::Change lays(session, clock.now, origin_);
    return Lay(lays, kBeta).status();
  };
  const absl::Status laid = AgainOnConflict([&] { return database.db().Transact(lay); });
  ASSERT_TRUE(laid.ok()) << laid;
  EXPECT_EQ(Told(supplement), 1);
}

TEST_F(BarRaceTest, OfADraftAndTheEndOfABarAtOnceNoneIsKeptOutForNothing) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string core = Newcomer(round);
    ASSERT_TRUE(Create(With(absl::StrCat("先知", round), core)).ok());
    ASSERT_TRUE(Lay(core).ok());
    const std::string bar = BarsOf(core)[0].name();
    absl::StatusOr<v1::Consortium> made;
    absl::Status lifted;
    AtOnce([&] { made = Create(With(absl::StrCat("解除", round), core)); },
           [&] { lifted = Lift(bar, core); });
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE(lifted.ok()) << lifted;
    EXPECT_FALSE(Fails(made->name())) << round;
    EXPECT_THAT(BarredIn(made->name()), IsEmpty()) << round;
  }
}

}  // namespace
}  // namespace chanyan::consortium
