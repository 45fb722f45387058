#include "services/consortium/score_rules.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace chanyan::consortium {
namespace {

// Sheets from which the highest and the lowest are left out.
constexpr size_t kLeastToTrim = 5;
constexpr int64_t kThousandthsPerTenth = 100;

std::string Points(int64_t tenths) {
  return tenths % 10 == 0 ? absl::StrCat(tenths / 10) : absl::StrCat(tenths / 10, ".", tenths % 10);
}

const policy::v1::SheetCriterion* Find(const policy::v1::ReviewSheet& plan, const std::string& id) {
  for (const policy::v1::SheetCriterion& criterion : plan.criteria()) {
    if (criterion.id() == id) return &criterion;
  }
  return nullptr;
}

}  // namespace

std::vector<status::Violation> SheetViolations(const policy::v1::ReviewSheet& plan,
                                               const v1::ScoreSheet& sheet, bool whole) {
  std::vector<status::Violation> wrong;
  std::set<std::string> seen;
  for (int i = 0; i < sheet.scores_size(); ++i) {
    const v1::CriterionScore& score = sheet.scores(i);
    const std::string path = absl::StrCat("scores[", i, "]");
    const policy::v1::SheetCriterion* criterion = Find(plan, score.criterion());
    if (criterion == nullptr) {
      wrong.push_back({path + ".criterion", absl::StrCat("“", plan.display_name(), "”没有评分项“",
                                                         score.criterion(), "”")});
      continue;
    }
    if (!seen.insert(score.criterion()).second) {
      wrong.push_back({path + ".criterion", absl::StrCat("“", criterion->display_name(), "”重复")});
    }
    if (!score.has_points_tenths()) {
      if (whole) {
        wrong.push_back(
            {path + ".points_tenths", absl::StrCat("“", criterion->display_name(), "”尚未评分")});
      }
      continue;
    }
    if (score.points_tenths() < 0 ||
        score.points_tenths() > static_cast<int64_t>(criterion->max_tenths())) {
      wrong.push_back(
          {path + ".points_tenths", absl::StrCat("“", criterion->display_name(), "”应为0至",
                                                 Points(criterion->max_tenths()), "分")});
    }
  }
  if (!whole) return wrong;
  for (const policy::v1::SheetCriterion& criterion : plan.criteria()) {
    if (seen.count(criterion.id()) > 0) continue;
    wrong.push_back({"scores", absl::StrCat("“", criterion.display_name(), "”尚未评分")});
  }
  if (sheet.opinion().empty()) wrong.push_back({"opinion", "请填写总体意见"});
  return wrong;
}

int64_t TotalTenths(const v1::ScoreSheet& sheet) {
  int64_t total = 0;
  for (const v1::CriterionScore& score : sheet.scores()) total += score.points_tenths();
  return total;
}

int64_t ScoreThousandths(policy::v1::ScoreAggregation aggregation,
                         std::vector<int64_t> totals_tenths) {
  if (totals_tenths.empty()) return 0;
  std::sort(totals_tenths.begin(), totals_tenths.end());
  auto first = totals_tenths.begin();
  auto last = totals_tenths.end();
  if (aggregation == policy::v1::SCORE_AGGREGATION_TRIMMED_MEAN &&
      totals_tenths.size() >= kLeastToTrim) {
    ++first;
    --last;
  }
  const int64_t sum = std::accumulate(first, last, int64_t{0}) * kThousandthsPerTenth;
  const int64_t count = last - first;
  return (2 * sum + count) / (2 * count);
}

bool Passes(const policy::v1::ReviewSheet& plan, int64_t score_thousandths) {
  return score_thousandths >= static_cast<int64_t>(plan.pass_tenths()) * kThousandthsPerTenth;
}

std::vector<v1::RankedConsortium> Ranking(const std::vector<v1::ReviewPanel>& panels) {
  absl::flat_hash_map<std::string, const v1::ReviewPanel*> last;
  for (const v1::ReviewPanel& panel : panels) last[panel.consortium()] = &panel;
  std::vector<const v1::ReviewPanel*> order;
  order.reserve(last.size());
  for (const auto& [consortium, panel] : last) order.push_back(panel);
  std::sort(order.begin(), order.end(), [](const v1::ReviewPanel* a, const v1::ReviewPanel* b) {
    if (a->score_thousandths() != b->score_thousandths()) {
      return a->score_thousandths() > b->score_thousandths();
    }
    return a->name() < b->name();
  });
  std::vector<v1::RankedConsortium> ranking;
  ranking.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const v1::ReviewPanel& panel = *order[i];
    v1::RankedConsortium& one = ranking.emplace_back();
    const bool ties = i > 0 && order[i - 1]->score_thousandths() == panel.score_thousandths();
    one.set_rank(ties ? ranking[i - 1].rank() : static_cast<int32_t>(i) + 1);
    one.set_consortium(panel.consortium());
    one.set_consortium_title(panel.consortium_title());
    one.set_panel(panel.name());
    one.set_score_thousandths(panel.score_thousandths());
    one.set_counted_sheets(panel.counted_sheets());
    one.set_struck_out_sheets(panel.struck_out_sheets());
    one.set_passed(panel.passed());
  }
  for (size_t i = 0; i < ranking.size();) {
    size_t end = i;
    while (end < ranking.size() && ranking[end].rank() == ranking[i].rank()) ++end;
    for (size_t j = i; j < end; ++j) ranking[j].set_shared_by(static_cast<int32_t>(end - i));
    i = end;
  }
  return ranking;
}

}  // namespace chanyan::consortium
