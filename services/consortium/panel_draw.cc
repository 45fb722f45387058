#include "services/consortium/panel_draw.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/auth/secret.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/conflict_rules.h"

namespace chanyan::consortium {
namespace {

using Categories = std::map<std::string, int>;

// Somebody who may be drawn.
struct Eligible {
  std::string key;
  const v1::DrawCandidate* expert;
};

// Free seats by category; what is taken and not free any more is off.
Categories FreeSeats(const v1::DrawInput& input) {
  Categories free;
  for (const policy::v1::PanelSeat& seat : input.sheet().seats()) {
    free[seat.category()] += static_cast<int>(seat.count());
  }
  for (const v1::SeatTaken& taken : input.taken()) {
    if (!taken.gone()) --free[taken.category()];
  }
  return free;
}

bool SharesField(const v1::DrawCandidate& expert, const v1::ReviewFacts& facts) {
  if (facts.fields().empty()) return true;
  for (const std::string& field : facts.fields()) {
    if (std::find(expert.fields().begin(), expert.fields().end(), field) != expert.fields().end()) {
      return true;
    }
  }
  return false;
}

// Why an expert is not asked; no reason = eligible.
v1::LeftOut Judge(const v1::DrawInput& input, const absl::flat_hash_set<std::string>& before,
                  const v1::DrawCandidate& expert) {
  v1::LeftOut out;
  out.set_expert(expert.expert());
  const std::vector<v1::Conflict> conflicts = FindConflicts(input.checks(), expert, input.facts());
  for (const v1::Conflict& conflict : conflicts) *out.add_conflicts() = conflict;
  std::vector<std::string> reasons;
  if (before.contains(expert.expert())) reasons.push_back("已在本组或曾在本组");
  if (!expert.in_term()) reasons.push_back("不在聘期内或已暂停");
  if (!SharesField(expert, input.facts())) reasons.push_back("专业领域不符");
  if (!conflicts.empty()) reasons.push_back(GroundsOf(conflicts));
  for (const std::string& reason : reasons) {
    out.set_reason(absl::StrCat(out.reason(), out.reason().empty() ? "" : "；", reason));
  }
  return out;
}

// Whether seats can be filled from experts of (category, employer) with at most `limit` an
// employer: a flow of one unit a seat, found by augmenting paths.
class SeatFlow {
 public:
  SeatFlow(const Categories& seats, const absl::flat_hash_map<std::string, int>& employer_room,
           int limit)
      : seats_(seats), room_(employer_room), limit_(limit) {}

  void AddExpert(const std::string& category, const std::string& employer) {
    ++supply_[{category, employer}];
  }

  bool Fills() {
    for (const auto& [category, count] : seats_) {
      for (int i = 0; i < count; ++i) {
        absl::flat_hash_set<std::string> seen;
        if (!Place(category, &seen)) return false;
      }
    }
    return true;
  }

 private:
  int Room(const std::string& employer) const {
    if (limit_ == 0) return 1 << 20;
    const auto it = room_.find(employer);
    return it == room_.end() ? limit_ : it->second;
  }

  // One more expert for `category`, moving others to make room.
  bool Place(const std::string& category, absl::flat_hash_set<std::string>* seen) {
    const auto first = supply_.lower_bound({category, ""});
    for (auto it = first; it != supply_.end() && it->first.first == category; ++it) {
      const std::string& employer = it->first.second;
      if (used_[it->first] >= it->second || !seen->insert(employer).second) continue;
      if (held_[employer] < Room(employer)) {
        ++held_[employer];
        ++used_[it->first];
        return true;
      }
      // Full: whoever is there for another category may go elsewhere.
      for (const auto& [other, unused] : seats_) {
        const std::pair<std::string, std::string> place{other, employer};
        if (other == category || used_[place] == 0) continue;
        if (!Place(other, seen)) continue;
        --used_[place];
        ++used_[it->first];
        return true;
      }
    }
    return false;
  }

  const Categories& seats_;
  const absl::flat_hash_map<std::string, int>& room_;
  const int limit_;
  std::map<std::pair<std::string, std::string>, int> supply_;
  std::map<std::pair<std::string, std::string>, int> used_;
  std::map<std::string, int> held_;
};

// Draws from those who may be drawn, in their order.
class Drawing {
 public:
  Drawing(const v1::DrawInput& input, std::vector<Eligible> order)
      : limit_(static_cast<int>(input.sheet().max_per_employer())),
        free_(FreeSeats(input)),
        order_(std::move(order)) {
    for (const v1::SeatTaken& taken : input.taken()) {
      if (!taken.gone()) Occupy(taken.employer());
    }
  }

  absl::StatusOr<std::vector<v1::DrawnSeat>> Run() {
    if (!CanFill(0)) return Unfilled();
    std::vector<v1::DrawnSeat> drawn;
    for (size_t i = 0; i < order_.size(); ++i) {
      const v1::DrawCandidate& expert = *order_[i].expert;
      int& seats = free_[expert.category()];
      if (seats <= 0 || Room(expert.employer()) <= 0) continue;
      --seats;
      const auto before = room_;
      Occupy(expert.employer());
      if (!CanFill(i + 1)) {
        ++seats;
        room_ = before;
        continue;
      }
      v1::DrawnSeat& seat = drawn.emplace_back();
      seat.set_expert(expert.expert());
      seat.set_category(expert.category());
      seat.set_order_key(order_[i].key);
    }
    return drawn;
  }

 private:
  int Room(const std::string& employer) const {
    if (limit_ == 0) return 1;
    const auto it = room_.find(employer);
    return it == room_.end() ? limit_ : it->second;
  }
  void Occupy(const std::string& employer) {
    if (limit_ > 0) room_.try_emplace(employer, limit_).first->second--;
  }

  // Whether the free seats can be filled from `first` on.
  bool CanFill(size_t first) const {
    SeatFlow flow(free_, room_, limit_);
    for (size_t i = first; i < order_.size(); ++i) {
      flow.AddExpert(order_[i].expert->category(), order_[i].expert->employer());
    }
    return flow.Fills();
  }

  absl::Status Unfilled() const {
    std::string text;
    for (const auto& [category, count] : free_) {
      if (count <= 0) continue;
      const auto available = std::count_if(
          order_.begin(), order_.end(),
          [&name = category](const Eligible& one) { return one.expert->category() == name; });
      absl::StrAppend(&text, text.empty() ? "" : "；", "“", category, "”需", count, "名，可抽取",
                      available, "名");
    }
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        absl::StrCat("专家不足，不能组成评审组：", text,
                     limit_ > 0 ? absl::StrCat("（同一单位至多", limit_, "名）") : "",
                     "。请补充专家库或核对聘期、领域"));
  }

  const int limit_;
  Categories free_;
  const std::vector<Eligible> order_;
  // Experts that an employer may still have.
  absl::flat_hash_map<std::string, int> room_;
};

bool IsSeed(absl::string_view seed) {
  if (seed.size() < 16 || seed.size() > 64) return false;
  return std::all_of(seed.begin(), seed.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string NewSeed() { return api::Sha256Hex(auth::RandomBytes(auth::kSecretBytes)); }

std::string DigestOf(const google::protobuf::Message& message) {
  return api::Sha256Hex(journal::CanonicalJson(message));
}

std::string OwnDigest(v1::DrawCandidate expert) {
  expert.clear_employer_title();
  expert.clear_employer_ancestors();
  expert.clear_category();
  expert.clear_fields();
  expert.clear_in_term();
  return DigestOf(expert);
}

absl::StatusOr<Draw> DrawSeats(const v1::DrawInput& input) {
  if (input.algorithm() != kDrawAlgorithm) {
    return status::InvalidField("algorithm",
                                absl::StrCat("未知的抽取算法“", input.algorithm(), "”"));
  }
  if (!IsSeed(input.seed())) {
    return status::InvalidField("seed", "随机种子应为16至64位小写十六进制数字");
  }
  absl::flat_hash_set<std::string> before;
  for (const v1::SeatTaken& taken : input.taken()) before.insert(taken.expert());
  Draw draw;
  std::vector<Eligible> order;
  for (const v1::DrawCandidate& expert : input.candidates()) {
    v1::LeftOut out = Judge(input, before, expert);
    if (!out.reason().empty()) {
      draw.left_out.push_back(std::move(out));
      continue;
    }
    order.push_back(
        {api::Sha256Hex(absl::StrCat(input.seed(), "\n", input.subject(), "\n", expert.expert())),
         &expert});
  }
  std::sort(order.begin(), order.end(),
            [](const Eligible& a, const Eligible& b) { return a.key < b.key; });
  CHANYAN_ASSIGN_OR_RETURN(draw.drawn, Drawing(input, std::move(order)).Run());
  return draw;
}

v1::NonConflictProof ProofFor(const v1::DrawInput& input, const v1::DrawCandidate& expert) {
  v1::NonConflictProof proof = ChecksDone(input.checks(), expert, input.facts());
  proof.set_facts_sha256(DigestOf(input.facts()));
  proof.set_candidate_sha256(DigestOf(expert));
  proof.set_expert_sha256(OwnDigest(expert));
  proof.set_pack_id(input.pack_id());
  proof.set_pack_version(input.pack_version());
  return proof;
}

bool SameGrounds(const v1::NonConflictProof& a, const v1::NonConflictProof& b) {
  const auto grounds = [](v1::NonConflictProof proof) {
    proof.clear_as_of_date();
    proof.clear_facts_sha256();
    for (v1::ConflictCheckDone& check : *proof.mutable_checks()) check.clear_compared();
    return proof;
  };
  return google::protobuf::util::MessageDifferencer::Equals(grounds(a), grounds(b));
}

std::string DifferenceFromRedraw(const v1::PanelDraw& stored) {
  if (DigestOf(stored.input()) != stored.input_sha256()) return "抽取依据与其摘要不一致";
  const absl::StatusOr<Draw> again = DrawSeats(stored.input());
  if (!again.ok()) return std::string(again.status().message());
  v1::PanelDraw redrawn = stored;
  redrawn.clear_drawn();
  redrawn.clear_left_out();
  for (const v1::DrawnSeat& seat : again->drawn) *redrawn.add_drawn() = seat;
  for (const v1::LeftOut& out : again->left_out) *redrawn.add_left_out() = out;
  using google::protobuf::util::MessageDifferencer;
  if (MessageDifferencer::Equals(stored, redrawn)) return "";
  return "按存档的依据重新抽取，结果与记录不同";
}

}  // namespace chanyan::consortium
