#include "services/consortium/evaluation_rules.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

std::vector<status::Violation> ScoreViolations(const ConsortiumPack& pack,
                                               const v1::Evaluation& evaluation, bool whole) {
  std::vector<status::Violation> wrong;
  std::set<std::string> known;
  for (const auto& part : pack.proto().evaluation().parts()) known.insert(part.id());
  std::set<std::string> seen;
  for (int i = 0; i < evaluation.scores_size(); ++i) {
    const std::string& part = evaluation.scores(i).part();
    const std::string at = absl::StrCat("scores[", i, "].part");
    if (!known.contains(part)) {
      wrong.push_back({at, absl::StrCat("“", part, "”不是政策包中的评价内容")});
    } else if (!seen.insert(part).second) {
      wrong.push_back({at, absl::StrCat("评价内容“", part, "”重复")});
    }
  }
  if (!whole) return wrong;
  for (const auto& part : pack.proto().evaluation().parts()) {
    if (!seen.contains(part.id())) {
      wrong.push_back({"scores", absl::StrCat("“", part.display_name(), "”尚未评分")});
    }
  }
  return wrong;
}

Graded GradeOf(const ConsortiumPack& pack, const v1::Evaluation& evaluation) {
  const policy::v1::ConsortiumEvaluation& rules = pack.proto().evaluation();
  std::map<std::string, int> points;
  for (const v1::PartScore& score : evaluation.scores()) points[score.part()] = score.points();
  int weighted = 0;
  std::vector<std::string> terms;
  std::string failed;
  for (const policy::v1::EvaluationPart& part : rules.parts()) {
    const int earned = points[part.id()];
    weighted += earned * static_cast<int>(part.weight());
    terms.push_back(absl::StrCat(part.display_name(), earned, "×", part.weight(), "%"));
    if (failed.empty() && earned < static_cast<int>(rules.least_part_points())) {
      failed = part.display_name();
    }
  }
  Graded graded;
  graded.total = weighted / 100;
  std::string why;
  if (!failed.empty()) {
    graded.grade = v1::EVALUATION_GRADE_UNQUALIFIED;
    why = absl::StrCat("“", failed, "”低于", rules.least_part_points(), "分");
  } else if (graded.total >= static_cast<int>(rules.excellent_points())) {
    graded.grade = v1::EVALUATION_GRADE_EXCELLENT;
    why = absl::StrCat("不低于", rules.excellent_points(), "分");
  } else if (graded.total >= static_cast<int>(rules.qualified_points())) {
    graded.grade = v1::EVALUATION_GRADE_QUALIFIED;
    why = absl::StrCat("不低于", rules.qualified_points(), "分");
  } else {
    graded.grade = v1::EVALUATION_GRADE_UNQUALIFIED;
    why = absl::StrCat("低于", rules.qualified_points(), "分");
  }
  graded.derivation = absl::StrCat(absl::StrJoin(terms, "＋"), "＝", graded.total, "分，", why,
                                   "，为", policy::LabelOf(graded.grade));
  return graded;
}

v1::EvaluationResult EvaluationResultOf(const v1::Evaluation& evaluation) {
  v1::EvaluationResult result;
  result.set_evaluation(evaluation.name());
  result.set_period(evaluation.period());
  result.set_evaluator(evaluation.evaluator());
  *result.mutable_scores() = evaluation.scores();
  result.set_total(evaluation.total());
  result.set_grade(evaluation.grade());
  result.set_derivation(evaluation.derivation());
  *result.mutable_conclude_time() = evaluation.conclude_time();
  return result;
}

}  // namespace chanyan::consortium
