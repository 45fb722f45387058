// The draw of a panel (CON-4): what cannot be drawn first, then that it is reproducible, fair to
// the limits, and finds a panel wherever there is one.
#include "services/consortium/panel_draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"

namespace chanyan::consortium {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kSeed[] = "0123456789abcdef";

policy::v1::PanelSeat Seat(const std::string& category, uint32_t count) {
  policy::v1::PanelSeat seat;
  seat.set_category(category);
  seat.set_count(count);
  return seat;
}

v1::DrawInput Input(std::vector<policy::v1::PanelSeat> seats, uint32_t max_per_employer = 0) {
  v1::DrawInput input;
  input.set_algorithm(kDrawAlgorithm);
  input.set_seed(kSeed);
  input.set_subject("consortia/c");
  for (const auto& seat : seats) *input.mutable_sheet()->add_seats() = seat;
  input.mutable_sheet()->set_max_per_employer(max_per_employer);
  *input.mutable_facts()->mutable_as_of_date() = time::ToProto(absl::CivilDay(2025, 11, 3));
  v1::ReviewParty* lead = input.mutable_facts()->add_parties();
  lead->set_organization("organizations/lead");
  lead->set_lead(true);
  policy::v1::ConflictCheck* check = input.add_checks();
  check->set_kind(policy::v1::CONFLICT_KIND_EMPLOYER);
  return input;
}

v1::DrawCandidate* Add(v1::DrawInput* input, const std::string& id, const std::string& category,
                       const std::string& employer) {
  v1::DrawCandidate* candidate = input->add_candidates();
  candidate->set_expert(absl::StrCat("experts/", id));
  candidate->set_category(category);
  candidate->set_employer(absl::StrCat("organizations/", employer));
  candidate->set_in_term(true);
  return candidate;
}

std::set<std::string> Names(const Draw& draw) {
  std::set<std::string> names;
  for (const v1::DrawnSeat& seat : draw.drawn) names.insert(seat.expert());
  return names;
}

TEST(PanelDrawTest, ASeedThatIsNoneAndAnUnknownAlgorithmAreRefused) {
  v1::DrawInput input = Input({Seat("t", 1)});
  Add(&input, "a", "t", "x");
  for (const char* bad : {"", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdeg"}) {
    input.set_seed(bad);
    EXPECT_EQ(DrawSeats(input).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  input.set_seed(kSeed);
  input.set_algorithm("coin");
  EXPECT_EQ(DrawSeats(input).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PanelDrawTest, TooFewExpertsAreToldByCategory) {
  v1::DrawInput input = Input({Seat("finance", 1), Seat("technology", 2)}, 1);
  Add(&input, "a", "technology", "x");
  const auto draw = DrawSeats(input);
  ASSERT_EQ(draw.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(draw.status().message()), HasSubstr("“finance”需1名，可抽取0名"));
  EXPECT_THAT(std::string(draw.status().message()), HasSubstr("“technology”需2名，可抽取1名"));
}

TEST(PanelDrawTest, WhoIsLeftOutIsToldWhy) {
  v1::DrawInput input = Input({Seat("t", 1)});
  input.mutable_facts()->add_fields("海洋装备");
  Add(&input, "a", "t", "lead")->add_fields("海洋装备");
  Add(&input, "b", "t", "x")->add_fields("人工智能");
  Add(&input, "c", "t", "x")->add_fields("海洋装备");
  v1::DrawCandidate* gone = Add(&input, "d", "t", "x");
  gone->add_fields("海洋装备");
  gone->set_in_term(false);
  Add(&input, "e", "t", "x")->add_fields("海洋装备");
  v1::SeatTaken* before = input.add_taken();
  before->set_expert("experts/e");
  before->set_category("t");
  before->set_gone(true);
  const auto draw = DrawSeats(input);
  ASSERT_TRUE(draw.ok()) << draw.status();
  EXPECT_EQ(Names(*draw), std::set<std::string>({"experts/c"}));
  ASSERT_EQ(draw->left_out.size(), 4u);
  EXPECT_THAT(draw->left_out[0].reason(), HasSubstr("任职于牵头单位"));
  EXPECT_EQ(draw->left_out[0].conflicts_size(), 1);
  EXPECT_EQ(draw->left_out[1].reason(), "专业领域不符");
  EXPECT_EQ(draw->left_out[2].reason(), "不在聘期内或已暂停");
  EXPECT_EQ(draw->left_out[3].reason(), "已在本组或曾在本组");
}

TEST(PanelDrawTest, TheSameInputGivesTheSameExpertsWhateverTheOrderOfThePool) {
  v1::DrawInput input = Input({Seat("t", 5)});
  for (int i = 0; i < 40; ++i) Add(&input, absl::StrCat("e", i), "t", absl::StrCat("u", i));
  const auto first = DrawSeats(input);
  ASSERT_TRUE(first.ok());
  v1::DrawInput turned = input;
  std::reverse(turned.mutable_candidates()->pointer_begin(),
               turned.mutable_candidates()->pointer_end());
  EXPECT_EQ(Names(*DrawSeats(turned)), Names(*first));
  input.set_seed("fedcba9876543210");
  EXPECT_NE(Names(*DrawSeats(input)), Names(*first));
  input.set_seed(kSeed);
  input.set_subject("consortia/other");
  EXPECT_NE(Names(*DrawSeats(input)), Names(*first));
}

TEST(PanelDrawTest, TheOrderIsTheHashOfSeedSubjectAndExpert) {
  v1::DrawInput input = Input({Seat("t", 1)});
  Add(&input, "a", "t", "x");
  const auto draw = DrawSeats(input);
  ASSERT_TRUE(draw.ok());
  // printf '0123456789abcdef\nconsortia/c\nexperts/a' | sha256sum
  EXPECT_EQ(draw->drawn[0].order_key(),
            "106f69575e3ee7c03f6bbf55755c31debf881d937d68032e045b2a258939471a");
}

// Whether seats can be filled at all, by trying every choice.
bool Possible(const v1::DrawInput& input, int category, int from, std::map<std::string, int> used,
              int missing) {
  if (category == input.sheet().seats_size()) return true;
  const auto& seat = input.sheet().seats(category);
  if (missing == 0) {
    const int next = category + 1;
    return Possible(input, next, 0, used,
                    next < input.sheet().seats_size()
                        ? static_cast<int>(input.sheet().seats(next).count())
                        : 0);
  }
  for (int i = from; i < input.candidates_size(); ++i) {
    const auto& one = input.candidates(i);
    if (one.category() != seat.category()) continue;
    if (used[one.employer()] >= static_cast<int>(input.sheet().max_per_employer())) continue;
    ++used[one.employer()];
    if (Possible(input, category, i + 1, used, missing - 1)) return true;
    --used[one.employer()];
  }
  return false;
}

TEST(PanelDrawTest, APanelIsFoundExactlyWhenThereIsOneAndKeepsTheLimits) {
  std::mt19937 random(7);
  int found = 0;
  int impossible = 0;
  for (int round = 0; round < 400; ++round) {
    v1::DrawInput input = Input(
        {Seat("a", 1 + random() % 2), Seat("b", 1 + random() % 2), Seat("c", 1 + random() % 2)},
        1 + random() % 2);
    input.set_seed(absl::StrCat(absl::Hex(round, absl::kZeroPad16)));
    const int pool = 3 + static_cast<int>(random() % 7);
    for (int i = 0; i < pool; ++i) {
      Add(&input, absl::StrCat("e", i), std::string(1, static_cast<char>('a' + random() % 3)),
          absl::StrCat("u", random() % 4));
    }
    const bool possible =
        Possible(input, 0, 0, {}, static_cast<int>(input.sheet().seats(0).count()));
    const auto draw = DrawSeats(input);
    ASSERT_EQ(draw.ok(), possible) << input.DebugString();
    if (!draw.ok()) {
      ++impossible;
      continue;
    }
    ++found;
    std::map<std::string, uint32_t> seats;
    std::map<std::string, uint32_t> employers;
    for (const v1::DrawnSeat& seat : draw->drawn) {
      ++seats[seat.category()];
      for (const auto& one : input.candidates()) {
        if (one.expert() == seat.expert()) ++employers[one.employer()];
      }
    }
    for (const auto& seat : input.sheet().seats()) EXPECT_EQ(seats[seat.category()], seat.count());
    for (const auto& [employer, count] : employers) {
      EXPECT_LE(count, input.sheet().max_per_employer()) << employer;
    }
  }
  EXPECT_GT(found, 50);
  EXPECT_GT(impossible, 50);
}

TEST(PanelDrawTest, AReplacementFillsTheFreeSeatUnderTheSameLimit) {
  v1::DrawInput input = Input({Seat("t", 2)}, 1);
  for (const char* id : {"a", "b", "c", "d"}) Add(&input, id, "t", id);
  Add(&input, "same", "t", "a");
  v1::SeatTaken* stays = input.add_taken();
  stays->set_expert("experts/a");
  stays->set_employer("organizations/a");
  stays->set_category("t");
  v1::SeatTaken* gone = input.add_taken();
  gone->set_expert("experts/b");
  gone->set_employer("organizations/b");
  gone->set_category("t");
  gone->set_gone(true);
  const auto draw = DrawSeats(input);
  ASSERT_TRUE(draw.ok()) << draw.status();
  ASSERT_EQ(draw->drawn.size(), 1u);
  EXPECT_THAT(draw->drawn[0].expert(), ::testing::AnyOf("experts/c", "experts/d"));
}

TEST(PanelDrawTest, AStoredDrawIsDrawnAgainAndWhatWasChangedIsSeen) {
  v1::PanelDraw stored;
  *stored.mutable_input() = Input({Seat("t", 2)});
  for (const char* id : {"a", "b", "c", "d"}) Add(stored.mutable_input(), id, "t", id);
  stored.set_input_sha256(DigestOf(stored.input()));
  const auto draw = DrawSeats(stored.input());
  ASSERT_TRUE(draw.ok());
  for (const auto& seat : draw->drawn) *stored.add_drawn() = seat;
  EXPECT_EQ(DifferenceFromRedraw(stored), "");
  v1::PanelDraw other = stored;
  other.mutable_drawn(0)->set_expert("experts/friend");
  EXPECT_THAT(DifferenceFromRedraw(other), HasSubstr("结果与记录不同"));
  other = stored;
  other.mutable_input()->set_seed("ffffffffffffffff");
  EXPECT_THAT(DifferenceFromRedraw(other), HasSubstr("摘要"));
}

TEST(PanelDrawTest, AnExpertsOwnDigestIsOfWhatConflictsAreLookedForInAlone) {
  v1::DrawCandidate expert;
  expert.set_expert("experts/a");
  expert.set_person("甲某");
  expert.set_account("accounts/a");
  expert.set_employer("organizations/u");
  const std::string own = OwnDigest(expert);
  EXPECT_EQ(own.size(), 64u);
  v1::DrawCandidate otherwise = expert;
  otherwise.set_employer_title("某大学");
  otherwise.add_employer_ancestors("organizations/above");
  otherwise.set_category("technology");
  otherwise.add_fields("智能装备");
  otherwise.set_in_term(true);
  EXPECT_EQ(OwnDigest(otherwise), own);
  v1::DrawInput input = Input({Seat("technology", 1)});
  EXPECT_EQ(ProofFor(input, otherwise).expert_sha256(), own);
  std::set<std::string> digests = {own};
  const auto differs = [&](auto change) {
    v1::DrawCandidate other = expert;
    change(&other);
    EXPECT_TRUE(digests.insert(OwnDigest(other)).second) << other.ShortDebugString();
  };
  differs([](auto* one) { one->set_person("乙某"); });
  differs([](auto* one) { one->set_employer("organizations/lead"); });
  differs([](auto* one) { one->add_past_posts()->set_organization("organizations/lead"); });
  differs([](auto* one) { one->add_interests()->set_organization("organizations/lead"); });
  differs([](auto* one) {
    one->add_interests()->set_organization("organizations/lead");
    one->mutable_interests(0)->set_funding(true);
  });
  differs([](auto* one) {
    one->add_interests()->set_organization("organizations/lead");
    one->mutable_interests(0)->set_merged("organizations/part");
  });
}

TEST(PanelDrawTest, ProofsAreOfTheSameGroundsWhateverTheDayAndWhatOthersBuild) {
  v1::DrawInput input = Input({Seat("technology", 1)});
  policy::v1::ConflictCheck* check = input.add_checks();
  check->set_kind(policy::v1::CONFLICT_KIND_CO_BUILD);
  check->set_look_back_months(36);
  input.set_pack_version("1");
  v1::DrawCandidate expert;
  expert.set_expert("experts/a");
  expert.set_employer("organizations/u");
  const v1::NonConflictProof proof = ProofFor(input, expert);
  const auto same = [&](auto change) {
    v1::DrawInput other = input;
    v1::DrawCandidate who = expert;
    change(&other, &who);
    return SameGrounds(proof, ProofFor(other, who));
  };
  EXPECT_TRUE(same([](auto* other, auto*) {
    *other->mutable_facts()->mutable_as_of_date() = time::ToProto(absl::CivilDay(2025, 11, 4));
  }));
  EXPECT_TRUE(same([](auto* other, auto*) {
    v1::CoBuildFact* fact = other->mutable_facts()->add_co_builds();
    fact->set_university("organizations/v");
    fact->set_enterprise("organizations/lead");
  }));
  EXPECT_FALSE(same([](auto* other, auto*) { other->set_pack_version("2"); }));
  EXPECT_FALSE(
      same([](auto* other, auto*) { other->mutable_checks(0)->set_look_back_months(48); }));
  EXPECT_FALSE(same([](auto* other, auto*) {
    other->mutable_facts()->add_parties()->set_organization("organizations/member");
  }));
  EXPECT_FALSE(same([](auto*, auto* who) { who->set_employer("organizations/w"); }));
  // One from before it was kept what the expert was.
  v1::NonConflictProof old = proof;
  old.clear_expert_sha256();
  EXPECT_FALSE(SameGrounds(old, proof));
}

TEST(PanelDrawTest, SeedsAreFreshAndFit) {
  const std::string one = NewSeed();
  EXPECT_EQ(one.size(), 64u);
  EXPECT_NE(one, NewSeed());
}

}  // namespace
}  // namespace chanyan::consortium
