// Every state and verb of filings and of what comes after them: projects that are held,
// supplements, evaluations, coordination, bars, appeals, credit entries (CON-6 to CON-9).
#include <gtest/gtest.h>

#include "services/consortium/bar_life.h"
#include "services/consortium/coordination_life.h"
#include "services/consortium/filing_life.h"
#include "services/consortium/supervision_life.h"
#include "tests/support/expect_life.h"

namespace chanyan::consortium {
namespace {

using testing::ExpectLife;

TEST(SupervisionLifeTest, EveryStateAndVerbOfAFiling) {
  using S = v1::FilingState;
  const S valid = v1::FILING_STATE_VALID, expired = v1::FILING_STATE_EXPIRED;
  ExpectLife<S>(FilingLife(), v1::FilingState_MAX,
                {{{valid, "expire"}, expired},
                 {{valid, "cancel"}, v1::FILING_STATE_CANCELLED},
                 {{valid, "dissolve"}, v1::FILING_STATE_DISSOLVED},
                 {{valid, "renew"}, v1::FILING_STATE_RENEWED},
                 {{expired, "renew"}, expired}});
  for (int state = 1; state <= v1::FilingState_MAX; ++state) {
    EXPECT_EQ(IsRenewable(static_cast<S>(state)), state == valid || state == expired) << state;
  }
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfAHeldProject) {
  using S = v1::HeldProjectState;
  const S open = v1::HELD_PROJECT_STATE_OPEN;
  ExpectLife<S>(HeldProjectLife(), v1::HeldProjectState_MAX,
                {{{open, "close"}, v1::HELD_PROJECT_STATE_CLOSED},
                 {{open, "transfer"}, v1::HELD_PROJECT_STATE_TRANSFERRED}});
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfASupplement) {
  using S = v1::SupplementState;
  const S proposed = v1::SUPPLEMENT_STATE_PROPOSED;
  ExpectLife<S>(SupplementLife(), v1::SupplementState_MAX,
                {{{proposed, "sign"}, proposed},
                 {{proposed, "overrideRule"}, proposed},
                 {{proposed, "effective"}, v1::SUPPLEMENT_STATE_EFFECTIVE},
                 {{proposed, "cancel"}, v1::SUPPLEMENT_STATE_CANCELLED},
                 {{proposed, "lapse"}, v1::SUPPLEMENT_STATE_LAPSED}});
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfAnEvaluation) {
  using S = v1::EvaluationState;
  const S open = v1::EVALUATION_STATE_OPEN;
  ExpectLife<S>(EvaluationLife(), v1::EvaluationState_MAX,
                {{{open, "update"}, open}, {{open, "conclude"}, v1::EVALUATION_STATE_CONCLUDED}});
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfWhatIsCoordinated) {
  using S = v1::CoordinationState;
  const S open = v1::COORDINATION_STATE_OPEN, assigned = v1::COORDINATION_STATE_ASSIGNED,
          answered = v1::COORDINATION_STATE_ANSWERED, done = v1::COORDINATION_STATE_DONE;
  ExpectLife<S>(CoordinationLife(), v1::CoordinationState_MAX,
                {{{open, "assign"}, assigned},
                 {{assigned, "assign"}, assigned},
                 {{answered, "assign"}, assigned},
                 {{assigned, "answer"}, answered},
                 {{open, "conclude"}, done},
                 {{assigned, "conclude"}, done},
                 {{answered, "conclude"}, done}});
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfABar) {
  using S = v1::BarState;
  const S holds = v1::BAR_STATE_IN_FORCE;
  ExpectLife<S>(BarLife(), v1::BarState_MAX,
                {{{holds, "appeal"}, holds},
                 {{holds, "uphold"}, holds},
                 {{holds, "lift"}, v1::BAR_STATE_LIFTED},
                 {{holds, "expire"}, v1::BAR_STATE_EXPIRED}});
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfAnAppeal) {
  using S = v1::AppealState;
  const S pending = v1::APPEAL_STATE_PENDING;
  ExpectLife<S>(AppealLife(), v1::AppealState_MAX,
                {{{v1::APPEAL_STATE_NONE, "appeal"}, pending},
                 {{pending, "uphold"}, v1::APPEAL_STATE_UPHELD},
                 {{pending, "lift"}, v1::APPEAL_STATE_GRANTED}});
}

TEST(SupervisionLifeTest, EveryStateAndVerbOfACreditEntry) {
  using S = v1::CreditEntryState;
  ExpectLife<S>(CreditEntryLife(), v1::CreditEntryState_MAX,
                {{{v1::CREDIT_ENTRY_STATE_STANDING, "revoke"}, v1::CREDIT_ENTRY_STATE_REVOKED}});
}

}  // namespace
}  // namespace chanyan::consortium
