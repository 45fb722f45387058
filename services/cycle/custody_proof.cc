#include "services/cycle/custody_proof.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

struct Link {
  int64_t number;
  const v1::Handover* handover;
};

// Everything known of one row's way.
struct Trail {
  // By life.
  std::vector<const Birth*> births;
  const Standing* standing = nullptr;
  std::vector<Link> links;
};

using Trails = std::map<absl::string_view, Trail>;

class Violations {
 public:
  explicit Violations(v1::Conservation* out) : out_(out) {}

  template <class... Parts>
  void Add(const Parts&... parts) {
    if (++count_ <= kMaxConservationViolations) {
      out_->add_violations(absl::StrCat(parts...));
    }
  }
  void Finish() {
    if (count_ > kMaxConservationViolations) {
      out_->add_violations(
          absl::StrCat("另有 ", count_ - kMaxConservationViolations, " 项不一致未逐一列出"));
    }
  }

 private:
  v1::Conservation* out_;
  size_t count_ = 0;
};

// One life after the other, and only the last may go on.
void CheckLives(absl::string_view row, const std::vector<const Birth*>& births, Violations& wrong) {
  for (size_t i = 0; i < births.size(); ++i) {
    if (births[i]->life != static_cast<int64_t>(i) + 1) {
      wrong.Add("行 ", row, " 的第 ", i + 1, " 条来源记录缺失或重复");
    }
    if (i + 1 == births.size()) continue;
    if (!births[i]->withdrawn) wrong.Add("行 ", row, " 有两条来源记录");
    if (births[i]->first_hop > births[i + 1]->first_hop) {
      wrong.Add("行 ", row, " 的来源记录与交接次序不符");
    }
  }
}

Trails Collect(const std::vector<Birth>& births, const std::vector<Standing>& rows,
               const std::vector<Move>& moves, Violations& wrong) {
  Trails trails;
  for (const Birth& birth : births) {
    trails[birth.row].births.push_back(&birth);
  }
  for (auto& [row, trail] : trails) {
    std::sort(trail.births.begin(), trail.births.end(),
              [](const Birth* a, const Birth* b) { return a->life < b->life; });
    CheckLives(row, trail.births, wrong);
  }
  for (const Standing& row : rows) {
    Trail& trail = trails[row.row];
    if (trail.standing != nullptr) wrong.Add("行 ", row.row, " 出现了两次");
    trail.standing = &row;
  }
  for (const Move& move : moves) {
    for (const Hop& hop : move.rows) {
      trails[hop.row].links.push_back({hop.number, &move.handover});
    }
  }
  return trails;
}

void CheckMove(const Move& move, Violations& wrong) {
  const v1::Handover& handover = move.handover;
  if (static_cast<size_t>(handover.row_count()) != move.rows.size()) {
    wrong.Add("交接 ", handover.name(), " 记载 ", handover.row_count(), " 行，实有 ",
              move.rows.size(), " 行");
  }
  std::vector<std::string> names;
  names.reserve(move.rows.size());
  for (const Hop& hop : move.rows) names.push_back(hop.row);
  if (RowSetSha256(std::move(names)) != handover.row_set_sha256()) {
    wrong.Add("交接 ", handover.name(), " 的行集与其摘要不符");
  }
}

// Where a row is, hop by hop.
struct Carriage {
  std::string carrier;
  // Hand-over that has not been answered, or empty.
  std::string under_way;
  // It has not left who put it in, but for a university and its platforms among themselves.
  bool at_home = true;
};

// A row is struck out before it has left home.
void CheckStruck(absl::string_view row, const Birth& birth, const Carriage& at, Violations& wrong) {
  if (at.at_home && at.under_way.empty()) return;
  wrong.Add("行 ", row, " 被撤销时已由 ", birth.holder, " 交出");
}

void Carry(absl::string_view row, const v1::Handover& handover, Carriage& at, Violations& wrong) {
  if (!at.under_way.empty()) {
    wrong.Add("行 ", row, " 在交接 ", at.under_way, " 尚未签收时又被发出");
    at.under_way.clear();
  }
  if (handover.sender() != at.carrier) {
    wrong.Add("行 ", row, " 由 ", handover.sender(), " 发出（", handover.name(), "），但当时由 ",
              at.carrier, " 保管");
  }
  if (handover.state() == v1::HANDOVER_STATE_RECEIVED) {
    at.carrier = handover.receiver();
    at.at_home = at.at_home && (IsPlatform(handover.sender()) || IsPlatform(handover.receiver()));
  }
  if (handover.state() == v1::HANDOVER_STATE_SENT) at.under_way = handover.name();
}

// Follows a row from its first holder through its hand-overs to where it is said to be.
void CheckTrail(absl::string_view row, Trail& trail, Violations& wrong) {
  std::sort(trail.links.begin(), trail.links.end(),
            [](const Link& a, const Link& b) { return a.number < b.number; });
  size_t life = 0;
  Carriage at{.carrier = trail.births[0]->holder, .under_way = ""};
  const auto live_until = [&](int64_t hop) {
    while (life + 1 < trail.births.size() && trail.births[life + 1]->first_hop <= hop) {
      CheckStruck(row, *trail.births[life], at, wrong);
      at = {.carrier = trail.births[++life]->holder, .under_way = ""};
    }
  };
  for (size_t i = 0; i < trail.links.size(); ++i) {
    const int64_t number = trail.links[i].number;
    if (number != static_cast<int64_t>(i) + 1) {
      wrong.Add("行 ", row, " 的第 ", i + 1, " 次交接缺失或重复");
    }
    live_until(number);
    Carry(row, *trail.links[i].handover, at, wrong);
  }
  live_until(static_cast<int64_t>(trail.links.size()) + 1);
  if (life + 1 < trail.births.size()) wrong.Add("行 ", row, " 的来源记录与交接次序不符");
  if (trail.births[life]->withdrawn) CheckStruck(row, *trail.births[life], at, wrong);
  if (trail.standing == nullptr) return;
  if (trail.standing->holder != at.carrier) {
    wrong.Add("行 ", row, " 按交接记录应由 ", at.carrier, " 保管，现登记为 ",
              trail.standing->holder.empty() ? "无人" : trail.standing->holder);
  }
  if (trail.standing->in_transit != at.under_way) {
    wrong.Add("行 ", row, " 的在途交接登记为“", trail.standing->in_transit, "”，按交接记录应为“",
              at.under_way, "”");
  }
}

// 不要合并表格: a row is that of its platform and enterprise and of no other pair.
void CheckKey(const Standing& row, Violations& wrong) {
  const absl::string_view id = api::IdOfName(row.row);
  if (id == RowId(row.platform, row.enterprise)) return;
  if (!row.former_enterprise.empty() && id == RowId(row.platform, row.former_enterprise)) return;
  wrong.Add("行 ", row.row, " 的编号与其平台、企业不符：现为平台 ", row.platform, "、企业 ",
            row.enterprise.empty() ? "（面向全体企业）" : row.enterprise, "，可能被合并到别的行");
}

void CountHolders(const std::vector<Standing>& rows, v1::Conservation* out) {
  std::map<std::string, std::pair<int64_t, int64_t>> holders;
  for (const Standing& row : rows) {
    auto& [count, in_transit] = holders[row.holder];
    ++count;
    if (!row.in_transit.empty()) ++in_transit;
  }
  for (const auto& [organization, counts] : holders) {
    v1::HolderCount* holder = out->add_holders();
    holder->set_organization(organization);
    holder->set_row_count(counts.first);
    holder->set_in_transit(counts.second);
  }
}

}  // namespace

std::string RowSetSha256(std::vector<std::string> row_names) {
  std::sort(row_names.begin(), row_names.end());
  std::string lines;
  for (const std::string& name : row_names) absl::StrAppend(&lines, name, "\n");
  return api::Sha256Hex(lines);
}

v1::Conservation Prove(const std::vector<Birth>& births, const std::vector<Standing>& rows,
                       const std::vector<Move>& moves) {
  v1::Conservation proof;
  Violations wrong(&proof);
  std::vector<std::string> born;
  for (const Birth& birth : births) {
    if (birth.withdrawn) continue;
    born.push_back(birth.row);
    if (birth.origin == "ENTERPRISE") {
      proof.set_from_enterprises(proof.from_enterprises() + 1);
    } else {
      proof.set_from_universities(proof.from_universities() + 1);
    }
  }
  std::vector<std::string> present;
  for (const Standing& row : rows) present.push_back(row.row);
  proof.set_rows(static_cast<int64_t>(present.size()));
  proof.set_handovers(static_cast<int64_t>(moves.size()));
  proof.set_origin_sha256(RowSetSha256(born));
  proof.set_present_sha256(RowSetSha256(present));
  CountHolders(rows, &proof);

  if (born.size() != present.size()) {
    wrong.Add("填入 ", born.size(), " 行，现有 ", present.size(), " 行");
  }
  Trails trails = Collect(births, rows, moves, wrong);
  for (const Move& move : moves) CheckMove(move, wrong);
  for (const Standing& row : rows) CheckKey(row, wrong);
  for (auto& [row, trail] : trails) {
    if (trail.births.empty()) {
      wrong.Add("行 ", row, " 没有来源记录");
      continue;
    }
    const bool withdrawn = trail.births.back()->withdrawn;
    if (trail.standing == nullptr && !withdrawn) {
      wrong.Add("行 ", row, " 有来源记录，但已不在报表中");
    }
    if (trail.standing != nullptr && withdrawn) {
      wrong.Add("行 ", row, " 已由填报单位撤销，但仍在报表中");
    }
    CheckTrail(row, trail, wrong);
  }
  wrong.Finish();
  proof.set_conserved(proof.violations().empty());
  return proof;
}

}  // namespace chanyan::cycle
