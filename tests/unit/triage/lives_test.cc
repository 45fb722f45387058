// Every state and verb of triage's life cycles.
#include <gtest/gtest.h>

#include <string>

#include "services/triage/case_life.h"
#include "services/triage/demand_life.h"
#include "services/triage/escalation_life.h"
#include "services/triage/guide_life.h"
#include "services/triage/handover_life.h"
#include "services/triage/industry_list_life.h"
#include "services/triage/push_life.h"
#include "services/triage/report_life.h"
#include "services/triage/result_life.h"
#include "services/triage/university_team_life.h"
#include "tests/support/expect_life.h"

namespace chanyan::triage {
namespace {

using testing::ExpectLife;

TEST(ProjectGuideLifeTest, EveryStateAndVerb) {
  using S = v1::ProjectGuideState;
  const S draft = v1::PROJECT_GUIDE_STATE_DRAFT, published = v1::PROJECT_GUIDE_STATE_PUBLISHED,
          withdrawn = v1::PROJECT_GUIDE_STATE_WITHDRAWN;
  ExpectLife<S>(ProjectGuideLife(), v1::ProjectGuideState_MAX,
                {{{draft, "publish"}, published},
                 {{draft, "withdraw"}, withdrawn},
                 {{published, "withdraw"}, withdrawn}});
}

TEST(TypicalCaseLifeTest, EveryStateAndVerb) {
  using S = v1::TypicalCaseState;
  const S draft = v1::TYPICAL_CASE_STATE_DRAFT, published = v1::TYPICAL_CASE_STATE_PUBLISHED,
          withdrawn = v1::TYPICAL_CASE_STATE_WITHDRAWN;
  ExpectLife<S>(TypicalCaseLife(), v1::TypicalCaseState_MAX,
                {{{draft, "update"}, draft},
                 {{published, "update"}, published},
                 {{draft, "publish"}, published},
                 {{draft, "withdraw"}, withdrawn},
                 {{published, "withdraw"}, withdrawn}});
}

TEST(UniversityTeamLifeTest, EveryStateAndVerb) {
  using S = v1::UniversityTeamState;
  const S preparing = v1::UNIVERSITY_TEAM_STATE_PREPARING,
          established = v1::UNIVERSITY_TEAM_STATE_ESTABLISHED,
          dissolved = v1::UNIVERSITY_TEAM_STATE_DISSOLVED;
  ExpectLife<S>(UniversityTeamLife(), v1::UniversityTeamState_MAX,
                {{{preparing, "update"}, preparing},
                 {{established, "update"}, established},
                 {{preparing, "guide"}, preparing},
                 {{established, "guide"}, established},
                 {{preparing, "establish"}, established},
                 {{dissolved, "establish"}, established},
                 {{preparing, "dissolve"}, dissolved},
                 {{established, "dissolve"}, dissolved}});
}

TEST(ResultLifeTest, EveryStateAndVerb) {
  using S = v1::ResultState;
  const S draft = v1::RESULT_STATE_DRAFT, submitted = v1::RESULT_STATE_SUBMITTED,
          returned = v1::RESULT_STATE_RETURNED, published = v1::RESULT_STATE_PUBLISHED,
          withdrawn = v1::RESULT_STATE_WITHDRAWN, merged = v1::RESULT_STATE_MERGED;
  ExpectLife<S>(ResultLife(), v1::ResultState_MAX,
                {{{draft, "submit"}, submitted},
                 {{returned, "submit"}, submitted},
                 {{draft, "publish"}, published},
                 {{submitted, "publish"}, published},
                 {{submitted, "return"}, returned},
                 {{draft, "withdraw"}, withdrawn},
                 {{submitted, "withdraw"}, withdrawn},
                 {{returned, "withdraw"}, withdrawn},
                 {{published, "withdraw"}, withdrawn},
                 {{draft, "merge"}, merged},
                 {{submitted, "merge"}, merged},
                 {{returned, "merge"}, merged},
                 {{published, "merge"}, merged}});
}

TEST(DemandLifeTest, EveryStateAndVerb) {
  using S = v1::DemandState;
  const S draft = v1::DEMAND_STATE_DRAFT, published = v1::DEMAND_STATE_PUBLISHED,
          met = v1::DEMAND_STATE_MET, withdrawn = v1::DEMAND_STATE_WITHDRAWN,
          expired = v1::DEMAND_STATE_EXPIRED, merged = v1::DEMAND_STATE_MERGED;
  ExpectLife<S>(DemandLife(), v1::DemandState_MAX,
                {{{draft, "publish"}, published},
                 {{expired, "publish"}, published},
                 {{published, "meet"}, met},
                 {{draft, "withdraw"}, withdrawn},
                 {{published, "withdraw"}, withdrawn},
                 {{expired, "withdraw"}, withdrawn},
                 {{draft, "merge"}, merged},
                 {{published, "merge"}, merged},
                 {{expired, "merge"}, merged}});
}

TEST(PushLifeTest, EveryStateAndVerb) {
  using S = v1::PushState;
  const S sent = v1::PUSH_STATE_SENT, received = v1::PUSH_STATE_RECEIVED,
          accepted = v1::PUSH_STATE_ACCEPTED, declined = v1::PUSH_STATE_DECLINED,
          answered = v1::PUSH_STATE_ANSWERED, ended = v1::PUSH_STATE_ENDED;
  ExpectLife<S>(PushLife(), v1::PushState_MAX,
                {{{sent, "receive"}, received},
                 {{sent, "accept"}, accepted},
                 {{received, "accept"}, accepted},
                 {{sent, "decline"}, declined},
                 {{received, "decline"}, declined},
                 {{accepted, "decline"}, declined},
                 {{received, "answer"}, answered},
                 {{accepted, "answer"}, answered},
                 {{sent, "end"}, ended},
                 {{received, "end"}, ended},
                 {{accepted, "end"}, ended},
                 {{ended, "resend"}, sent}});
}

TEST(HandoverLifeTest, EveryStateAndVerb) {
  using S = v1::HandoverState;
  const S offered = v1::HANDOVER_STATE_OFFERED;
  ExpectLife<S>(HandoverLife(), v1::HandoverState_MAX,
                {{{offered, "accept"}, v1::HANDOVER_STATE_ACCEPTED},
                 {{offered, "decline"}, v1::HANDOVER_STATE_DECLINED},
                 {{offered, "cancel"}, v1::HANDOVER_STATE_CANCELLED},
                 {{offered, "lapse"}, v1::HANDOVER_STATE_LAPSED}});
}

TEST(IndustryListLifeTest, EveryStateAndVerb) {
  using S = v1::IndustryListState;
  const S draft = v1::INDUSTRY_LIST_STATE_DRAFT, issued = v1::INDUSTRY_LIST_STATE_ISSUED;
  ExpectLife<S>(IndustryListLife(), v1::IndustryListState_MAX,
                {{{draft, "refresh"}, draft},
                 {{draft, "trim"}, draft},
                 {{draft, "restore"}, draft},
                 {{draft, "issue"}, issued},
                 {{draft, "discard"}, v1::INDUSTRY_LIST_STATE_DISCARDED},
                 {{issued, "publish"}, issued},
                 {{issued, "withdraw"}, issued},
                 {{issued, "correct"}, v1::INDUSTRY_LIST_STATE_CORRECTED}});
}

TEST(ReportLifeTest, EveryStateAndVerb) {
  using S = v1::ReportState;
  const S draft = v1::REPORT_STATE_DRAFT;
  ExpectLife<S>(ReportLife(), v1::ReportState_MAX,
                {{{draft, "update"}, draft},
                 {{draft, "refresh"}, draft},
                 {{draft, "issue"}, v1::REPORT_STATE_ISSUED},
                 {{draft, "discard"}, v1::REPORT_STATE_DISCARDED}});
}

TEST(EscalationLifeTest, EveryStateAndVerb) {
  using S = v1::EscalationState;
  const S raised = v1::ESCALATION_STATE_RAISED, decided = v1::ESCALATION_STATE_DECIDED,
          going = v1::ESCALATION_STATE_IN_PROGRESS;
  ExpectLife<S>(EscalationLife(), v1::EscalationState_MAX,
                {{{raised, "pass"}, raised},
                 {{raised, "decide"}, decided},
                 {{raised, "withdraw"}, v1::ESCALATION_STATE_WITHDRAWN},
                 {{decided, "receive"}, going},
                 {{going, "close"}, v1::ESCALATION_STATE_CLOSED}});
}

TEST(EscalationTaskLifeTest, EveryStateAndVerb) {
  using S = v1::EscalationTaskState;
  const S open = v1::ESCALATION_TASK_STATE_OPEN;
  ExpectLife<S>(EscalationTaskLife(), v1::EscalationTaskState_MAX,
                {{{open, "complete"}, v1::ESCALATION_TASK_STATE_DONE},
                 {{open, "cancel"}, v1::ESCALATION_TASK_STATE_CANCELLED}});
}

}  // namespace
}  // namespace chanyan::triage
