#include "services/cycle/custody_proof.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"

namespace chanyan::cycle {
namespace {

struct Link {
  int64_t number;
  const v1::Handover* handover;
};

// Everything known of one row's way.
struct Trail {
  const Birth* birth = nullptr;
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

Trails Collect(const std::vector<Birth>& births, const std::vector<Standing>& rows,
               const std::vector<Move>& moves, Violations& wrong) {
  Trails trails;
  for (const Birth& birth : births) {
    Trail& trail = trails[birth.row];
    if (trail.birth != nullptr) wrong.Add("行 ", birth.row, " 有两条来源记录");
    trail.birth = &birth;
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

// Follows a row from its first holder through its hand-overs to where it is said to be.
void CheckTrail(absl::string_view row, Trail& trail, Violations& wrong) {
  std::sort(trail.links.begin(), trail.links.end(),
            [](const Link& a, const Link& b) { return a.number < b.number; });
  std::string carrier = trail.birth->holder;
  std::string under_way;
  for (size_t i = 0; i < trail.links.size(); ++i) {
    const v1::Handover& handover = *trail.links[i].handover;
    if (trail.links[i].number != static_cast<int64_t>(i) + 1) {
      wrong.Add("行 ", row, " 的第 ", i + 1, " 次交接缺失或重复");
    }
    if (!under_way.empty()) {
      wrong.Add("行 ", row, " 在交接 ", under_way, " 尚未签收时又被发出");
      under_way.clear();
    }
    if (handover.sender() != carrier) {
      wrong.Add("行 ", row, " 由 ", handover.sender(), " 发出（", handover.name(), "），但当时由 ",
                carrier, " 保管");
    }
    if (handover.state() == v1::HANDOVER_STATE_RECEIVED) carrier = handover.receiver();
    if (handover.state() == v1::HANDOVER_STATE_SENT) under_way = handover.name();
  }
  if (trail.standing == nullptr) return;
  if (trail.standing->holder != carrier) {
    wrong.Add("行 ", row, " 按交接记录应由 ", carrier, " 保管，现登记为 ",
              trail.standing->holder.empty() ? "无人" : trail.standing->holder);
  }
  if (trail.standing->in_transit != under_way) {
    wrong.Add("行 ", row, " 的在途交接登记为“", trail.standing->in_transit, "”，按交接记录应为“",
              under_way, "”");
  }
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
  for (auto& [row, trail] : trails) {
    if (trail.birth == nullptr) {
      wrong.Add("行 ", row, " 没有来源记录");
      continue;
    }
    if (trail.standing == nullptr && !trail.birth->withdrawn) {
      wrong.Add("行 ", row, " 有来源记录，但已不在报表中");
    }
    if (trail.standing != nullptr && trail.birth->withdrawn) {
      wrong.Add("行 ", row, " 已由填报单位撤销，但仍在报表中");
    }
    CheckTrail(row, trail, wrong);
  }
  wrong.Finish();
  proof.set_conserved(proof.violations().empty());
  return proof;
}

}  // namespace chanyan::cycle
