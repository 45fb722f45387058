// Points → grade, as the pack says (CON-7). Pure.
#pragma once

#include <string>
#include <vector>

#include "chanyan/consortium/v1/evaluation.pb.h"
#include "common/status/status.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

// Parts that the pack does not know, or twice; with `whole` also those that have no points.
std::vector<status::Violation> ScoreViolations(const ConsortiumPack& pack,
                                               const v1::Evaluation& evaluation, bool whole);

struct Graded {
  // Of 100, rounded down.
  int total = 0;
  v1::EvaluationGrade grade = v1::EVALUATION_GRADE_UNSPECIFIED;
  // For people: 管理运行机制 80×20%＋…＝78，不低于合格线60分，为合格.
  std::string derivation;
};

// Of an evaluation without violations. Worked: weights 20, 40, 40 and points 80, 90, 70 are
// 80×20+90×40+70×40 = 8000, 80 points.
Graded GradeOf(const ConsortiumPack& pack, const v1::Evaluation& evaluation);

// What the parties are told of one that is concluded.
v1::EvaluationResult EvaluationResultOf(const v1::Evaluation& evaluation);

}  // namespace chanyan::consortium
