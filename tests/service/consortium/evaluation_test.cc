// What follows an evaluation, and what does not (CON-7, CON-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using ::testing::HasSubstr;

class EvaluationTest : public ::testing::Test, public World {
 protected:
  absl::StatusOr<v1::Evaluation> Conclude(const std::string& evaluation) {
    return evaluations.ConcludeEvaluation(By(kBureau, "EvaluationService.ConcludeEvaluation"),
                                          Named<v1::ConcludeEvaluationRequest>(evaluation));
  }
  absl::StatusOr<v1::Evaluation> Graded(const std::string& name, int points) {
    const auto evaluation = Evaluate(name, {points, points, points});
    if (!evaluation.ok()) return evaluation;
    return Conclude(evaluation->name());
  }
  absl::StatusOr<v1::SupportMeasure> Support(const std::string& name, const std::string& measure) {
    v1::CreateSupportMeasureRequest request;
    request.set_parent(name);
    request.mutable_support_measure()->set_measure(measure);
    request.mutable_support_measure()->set_description("加大支持力度");
    request.set_request_id(api::NewUuid());
    return bars.CreateSupportMeasure(By(kBureau, "BarService.CreateSupportMeasure"), request);
  }
};

TEST_F(EvaluationTest, WhatIsForExcellentOnesAsksForTheLastResult) {
  const v1::Consortium row = Filed("联合体");
  const auto none = Support(row.name(), "excellent");
  EXPECT_EQ(status::ReasonOf(none.status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("还没有确定的评价结果"));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("七、（二）"));
  EXPECT_TRUE(Support(row.name(), "platform").ok()) << "is for all";
  // Begun is not concluded.
  const auto open = Evaluate(row.name(), {90, 90, 90});
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(status::ReasonOf(Support(row.name(), "excellent").status()),
            ERROR_REASON_RULE_VIOLATED);
  ASSERT_TRUE(Conclude(open->name()).ok());
  const auto given = Support(row.name(), "excellent");
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->measure_title(), "绩效评价优秀加大支持");
  // Another's result is none, and an excellent one of the past is not the last.
  const v1::Consortium other = Filed("另一联合体", kBeta);
  EXPECT_EQ(status::ReasonOf(Support(other.name(), "excellent").status()),
            ERROR_REASON_RULE_VIOLATED);
  clock.now += absl::Hours(24);
  ASSERT_EQ(Graded(row.name(), 70)->grade(), v1::EVALUATION_GRADE_QUALIFIED);
  const auto later = Support(row.name(), "excellent");
  EXPECT_EQ(status::ReasonOf(later.status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(later.status().message()), HasSubstr("合格"));
  EXPECT_EQ(Count("support_measure"), 2);
}

TEST_F(EvaluationTest, WhatItCameToStandsInTheDossierForItsPartiesAndNoDraftDoes) {
  const v1::Consortium row = Filed("联合体");
  const auto open = Evaluate(row.name(), {70, 70, 70});
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(Stored(row.name()).evaluation_results_size(), 0);
  ASSERT_TRUE(Conclude(open->name()).ok());
  clock.now += absl::Hours(24);
  const auto failed = Graded(row.name(), 10);
  ASSERT_TRUE(failed.ok()) << failed.status();
  const auto seen = See(row.name(), options::v1::ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(seen.ok()) << seen.status();
  ASSERT_EQ(seen->evaluation_results_size(), 2);
  const v1::EvaluationResult& first = seen->evaluation_results(0);
  EXPECT_EQ(first.evaluation(), open->name());
  EXPECT_EQ(first.grade(), v1::EVALUATION_GRADE_QUALIFIED);
  EXPECT_EQ(first.total(), 70);
  EXPECT_EQ(first.period(), "2025年度");
  ASSERT_EQ(first.scores_size(), 3);
  EXPECT_EQ(first.scores(0).finding(), "依据材料。");
  const v1::EvaluationResult& last = seen->evaluation_results(1);
  EXPECT_EQ(last.grade(), v1::EVALUATION_GRADE_UNQUALIFIED);
  EXPECT_EQ(last.derivation(), failed->derivation());
  EXPECT_TRUE(last.has_conclude_time());
  // Told as the result, and then as the end that follows from it.
  EXPECT_EQ(seen->state(), v1::CONSORTIUM_STATE_CANCELLED);
  const std::string of = absl::StrCat("' AND resource = '", row.name(), "'");
  EXPECT_EQ(Count(absl::StrCat("journal WHERE kind = 'evaluated", of)), 2);
  EXPECT_EQ(Count(absl::StrCat("journal WHERE kind = 'cancel", of)), 1);
}

TEST_F(EvaluationTest, AnUnqualifiedResultOfAFilingThatHasEndedIsKeptAndCancelsNothing) {
  const v1::Consortium row = Filed("联合体");
  const auto half = Evaluate(row.name(), {50});
  ASSERT_TRUE(half.ok()) << half.status();
  const auto evaluation = Evaluate(Filed("另一联合体", kBeta).name(), {50, 50, 50});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  Go(*time::ToCivilDay(row.valid_until()) + 1);
  RunJobs();
  const std::string other = ConsortiumOfName(evaluation->name());
  ASSERT_EQ(Stored(other).state(), v1::CONSORTIUM_STATE_EXPIRED);
  const auto concluded = Conclude(evaluation->name());
  ASSERT_TRUE(concluded.ok()) << concluded.status();
  EXPECT_EQ(concluded->grade(), v1::EVALUATION_GRADE_UNQUALIFIED);
  EXPECT_EQ(concluded->state(), v1::EVALUATION_STATE_CONCLUDED);
  EXPECT_EQ(Stored(other).state(), v1::CONSORTIUM_STATE_EXPIRED);
  EXPECT_EQ(Stored(other).evaluation_results_size(), 1);
  EXPECT_EQ(StoredFiling(Stored(other).filing()).state(), v1::FILING_STATE_EXPIRED);
  // It is still asked for all parts.
  EXPECT_EQ(status::ReasonOf(Conclude(half->name()).status()), ERROR_REASON_INVALID_FIELD);
}

}  // namespace
}  // namespace chanyan::consortium
