// The proof of conservation accepts every honest history and finds every tampering.
#include "services/cycle/custody_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string PlatformOf(const std::string& label) { return absl::StrCat("u/platforms/", label); }

// The name of a row as the service makes it: of its platform and its enterprise, which have the
// label.
std::string NameOf(const std::string& label) { return RowId(PlatformOf(label), label); }

// Everything that is known of a cycle's rows, made by moves as the service makes them.
struct History {
  std::vector<Birth> births;
  std::vector<Standing> rows;
  std::vector<Move> moves;

  void Bear(const std::string& label, const std::string& holder) {
    const std::string row = NameOf(label);
    births.push_back({row, "UNIVERSITY", holder, false, LivesOf(row) + 1, HopsOf(row) + 1});
    rows.push_back({row, holder, "", PlatformOf(label), label, ""});
  }
  // What its first holder put in and has in its hands.
  void Strike(size_t place) {
    BirthOf(rows[place].row).withdrawn = true;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(place));
  }
  int64_t LivesOf(const std::string& row) const {
    return std::count_if(births.begin(), births.end(),
                         [&](const Birth& birth) { return birth.row == row; });
  }
  // The last one.
  Birth& BirthOf(const std::string& row) {
    return *std::find_if(births.rbegin(), births.rend(),
                         [&](const Birth& birth) { return birth.row == row; });
  }
  int64_t HopsOf(const std::string& row) const {
    int64_t hops = 0;
    for (const Move& move : moves) {
      for (const Hop& hop : move.rows) hops += hop.row == row ? 1 : 0;
    }
    return hops;
  }
  // Whether somebody else has had it in this life.
  bool HasLeft(const std::string& row) {
    const int64_t first = BirthOf(row).first_hop;
    for (const Move& move : moves) {
      for (const Hop& hop : move.rows) {
        if (hop.row == row && hop.number >= first &&
            move.handover.state() == v1::HANDOVER_STATE_RECEIVED) {
          return true;
        }
      }
    }
    return false;
  }
  // Sends the rows at these places, which one organization holds.
  void Send(const std::vector<size_t>& places, const std::string& receiver) {
    Move move;
    move.handover.set_name(absl::StrCat("h", moves.size()));
    move.handover.set_sender(rows[places[0]].holder);
    move.handover.set_receiver(receiver);
    move.handover.set_state(v1::HANDOVER_STATE_SENT);
    move.handover.set_row_count(static_cast<int32_t>(places.size()));
    std::vector<std::string> names;
    for (const size_t place : places) {
      move.rows.push_back({rows[place].row, HopsOf(rows[place].row) + 1});
      names.push_back(rows[place].row);
      rows[place].in_transit = move.handover.name();
    }
    move.handover.set_row_set_sha256(RowSetSha256(names));
    moves.push_back(std::move(move));
  }
  void Answer(size_t which, bool receive) {
    v1::Handover& handover = moves[which].handover;
    handover.set_state(receive ? v1::HANDOVER_STATE_RECEIVED : v1::HANDOVER_STATE_REFUSED);
    for (Standing& row : rows) {
      if (row.in_transit != handover.name()) continue;
      row.in_transit.clear();
      if (receive) row.holder = handover.receiver();
    }
  }
  v1::Conservation Proof() const { return Prove(births, rows, moves); }
};

// Some dozens of random sends and answers; the same seed, the same history.
History RandomHistory(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  History history;
  for (size_t i = 0; i < 12; ++i) history.Bear(absl::StrCat("r", i), absl::StrCat("o", below(4)));
  for (int i = 0; i < 40; ++i) {
    const std::string sender = absl::StrCat("o", below(4));
    std::vector<size_t> places;
    for (size_t place = 0; place < history.rows.size(); ++place) {
      const Standing& row = history.rows[place];
      if (row.holder == sender && row.in_transit.empty() && below(2) == 0) places.push_back(place);
    }
    if (!places.empty()) history.Send(places, absl::StrCat("o", below(4)));
    for (size_t move = 0; move < history.moves.size(); ++move) {
      if (history.moves[move].handover.state() == v1::HANDOVER_STATE_SENT && below(3) == 0) {
        history.Answer(move, below(4) != 0);
      }
    }
  }
  return history;
}

TEST(CustodyProofTest, EveryHonestHistoryIsConserved) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    const v1::Conservation proof = RandomHistory(seed).Proof();
    ASSERT_THAT(proof.violations(), IsEmpty()) << "seed " << seed;
    EXPECT_EQ(proof.origin_sha256(), proof.present_sha256());
    EXPECT_EQ(proof.rows(), 12);
  }
}

TEST(CustodyProofTest, EveryTamperingIsFound) {
  const std::pair<const char*, std::function<void(History&)>> tamperings[] = {
      {"a row vanishes", [](History& h) { h.rows.erase(h.rows.begin() + 3); }},
      {"a row is doubled", [](History& h) { h.rows.push_back(h.rows[3]); }},
      {"a row comes from nowhere",
       [](History& h) {
         h.rows.push_back({NameOf("rx"), "o0", "", PlatformOf("rx"), "rx", ""});
       }},
      {"another holder", [](History& h) { h.rows[3].holder = "o9"; }},
      {"no holder", [](History& h) { h.rows[3].holder.clear(); }},
      {"transit that is not", [](History& h) { h.rows[3].in_transit = "h999"; }},
      {"a hand-over lost", [](History& h) { h.moves.erase(h.moves.begin() + 1); }},
      {"a row taken out of a hand-over", [](History& h) { h.moves[0].rows.pop_back(); }},
      {"a count changed",
       [](History& h) { h.moves[0].handover.set_row_count(h.moves[0].handover.row_count() + 1); }},
      {"another birthplace", [](History& h) { h.births[3].holder = "o9"; }},
      {"a birth lost", [](History& h) { h.births.erase(h.births.begin() + 3); }},
      {"struck out and still there", [](History& h) { h.births[3].withdrawn = true; }},
      {"merged into another enterprise's",
       [](History& h) { h.rows[3].enterprise = h.rows[4].enterprise; }},
      {"moved to another platform", [](History& h) { h.rows[3].platform = h.rows[4].platform; }},
      {"taken over by nobody that it was of",
       [](History& h) {
         h.rows[3].enterprise = "survivor";
         h.rows[3].former_enterprise = "other";
       }},
  };
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& [name, tamper] : tamperings) {
      History history = RandomHistory(seed);
      tamper(history);
      const v1::Conservation proof = history.Proof();
      EXPECT_FALSE(proof.conserved()) << name << ", seed " << seed;
    }
  }
}

TEST(CustodyProofTest, AViolationSaysWhichRowAndWhoShouldHaveIt) {
  History history;
  history.Bear("r1", "o1");
  history.Send({0}, "o2");
  history.Answer(0, true);
  history.rows[0].holder = "o3";
  EXPECT_THAT(history.Proof().violations(),
              Contains(HasSubstr(absl::StrCat(NameOf("r1"), " 按交接记录应由 o2 保管"))));
}

TEST(CustodyProofTest, ARowOfAnEnterpriseThatBecamePartOfAnotherKeepsItsName) {
  History history;
  history.Bear("r1", "o1");
  history.rows[0].former_enterprise = history.rows[0].enterprise;
  history.rows[0].enterprise = "survivor";
  EXPECT_THAT(history.Proof().violations(), IsEmpty());
  history.rows[0].former_enterprise.clear();
  EXPECT_THAT(history.Proof().violations(),
              Contains(HasSubstr(absl::StrCat(NameOf("r1"), " 的编号与其平台、企业不符"))));
}

TEST(CustodyProofTest, AStruckOutRowIsNoLoss) {
  History history;
  history.Bear("r1", "o1");
  history.Bear("r2", "o1");
  history.Send({0}, "o2");
  history.Answer(0, false);
  history.rows.erase(history.rows.begin());
  history.births[0].withdrawn = true;
  const v1::Conservation proof = history.Proof();
  EXPECT_THAT(proof.violations(), IsEmpty());
  EXPECT_EQ(proof.rows(), 1);
}

TEST(CustodyProofTest, WhatAUniversityAndItsPlatformsHadAloneMayBeStruckOut) {
  // Handed to the platform and back, and struck out by either; a refused hand-over leaves it at
  // home.
  for (const int moves : {0, 1, 2}) {
    History history;
    history.Bear("r", "organizations/u");
    for (int i = 0; i < moves; ++i) {
      history.Send({0}, i % 2 == 0 ? "organizations/u/platforms/p" : "organizations/u");
      history.Answer(static_cast<size_t>(i), true);
    }
    history.Send({0}, "organizations/s");
    history.Answer(history.moves.size() - 1, false);
    history.Strike(0);
    EXPECT_THAT(history.Proof().violations(), IsEmpty()) << moves;
  }
  // Once anybody else has had it, it is not struck out any more, wherever it is now.
  History history;
  history.Bear("r", "organizations/u/platforms/p");
  history.Send({0}, "organizations/u");
  history.Answer(0, true);
  history.Send({0}, "organizations/s");
  history.Answer(1, true);
  history.Send({0}, "organizations/u");
  history.Answer(2, true);
  history.Send({0}, "organizations/u/platforms/p");
  history.Answer(3, true);
  history.Strike(0);
  EXPECT_THAT(history.Proof().violations(), Contains(HasSubstr("被撤销时已由")));
  // Nor what is on its way.
  History under_way;
  under_way.Bear("r", "organizations/u");
  under_way.Send({0}, "organizations/u/platforms/p");
  under_way.Strike(0);
  EXPECT_FALSE(under_way.Proof().conserved());
}

TEST(CustodyProofTest, ARowThatWasStruckOutMayBePutInAgainByAnother) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    History history = RandomHistory(seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 60; ++i) {
      const size_t place = random() % history.rows.size();
      const Standing row = history.rows[place];
      const bool own = !history.HasLeft(row.row) && row.in_transit.empty();
      if (own && random() % 2 == 0) {
        history.Strike(place);
        history.Bear(row.enterprise, absl::StrCat("o", random() % 4));
      } else if (row.in_transit.empty()) {
        history.Send({place}, absl::StrCat("o", random() % 4));
        if (random() % 3 != 0) history.Answer(history.moves.size() - 1, random() % 2 == 0);
      }
    }
    const v1::Conservation proof = history.Proof();
    ASSERT_THAT(proof.violations(), IsEmpty()) << "seed " << seed;
    EXPECT_EQ(proof.rows(), 12);
    EXPECT_EQ(proof.origin_sha256(), proof.present_sha256());
  }
}

TEST(CustodyProofTest, EveryTamperingWithEarlierLivesIsFound) {
  const std::pair<const char*, std::function<void(History&)>> tamperings[] = {
      {"the first life lost", [](History& h) { h.births.erase(h.births.begin()); }},
      {"the second life lost", [](History& h) { h.births.pop_back(); }},
      {"the first life goes on", [](History& h) { h.births[0].withdrawn = false; }},
      {"another first holder", [](History& h) { h.births[0].holder = "o9"; }},
      {"a life twice", [](History& h) { h.births[1].life = 1; }},
      {"the second life begins too early", [](History& h) { h.births[1].first_hop = 1; }},
      {"the second life begins too late", [](History& h) { h.births[1].first_hop = 3; }},
      {"the second life never begins", [](History& h) { h.births[1].first_hop = 9; }},
      {"struck out of other hands",
       [](History& h) { h.moves[0].handover.set_state(v1::HANDOVER_STATE_RECEIVED); }},
      {"struck out on its way",
       [](History& h) { h.moves[0].handover.set_state(v1::HANDOVER_STATE_SENT); }},
      {"the last life struck out of other hands",
       [](History& h) {
         h.births[1].withdrawn = true;
         h.rows.clear();
       }},
  };
  for (const auto& [name, tamper] : tamperings) {
    History history;
    history.Bear("r1", "university");
    history.Send({0}, "secretariat");
    history.Answer(0, false);
    history.Strike(0);
    history.Bear("r1", "enterprise");
    history.Send({0}, "unit");
    history.Answer(1, true);
    ASSERT_THAT(history.Proof().violations(), IsEmpty());
    tamper(history);
    EXPECT_FALSE(history.Proof().conserved()) << name;
  }
}

TEST(CustodyProofTest, ManyViolationsAreCounted) {
  History history;
  for (int i = 0; i < 500; ++i) {
    const std::string label = absl::StrCat("r", i);
    history.rows.push_back({NameOf(label), "o", "", PlatformOf(label), label, ""});
  }
  const v1::Conservation proof = history.Proof();
  EXPECT_EQ(proof.violations_size(), static_cast<int>(kMaxConservationViolations) + 1);
}

}  // namespace
}  // namespace chanyan::cycle
