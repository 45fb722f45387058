// Every state and verb of triage's life cycles.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "services/triage/demand_life.h"
#include "services/triage/handover_life.h"
#include "services/triage/push_life.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

// All that is possible; everything else is WRONG_STATE.
template <class State>
void ExpectLife(absl::Span<const policy::Transition<State>> life, int states,
                const std::map<std::pair<State, std::string>, State>& possible) {
  std::map<std::string, int> verbs;
  for (const auto& transition : life) ++verbs[std::string(transition.verb)];
  for (int i = 1; i <= states; ++i) {
    const auto state = static_cast<State>(i);
    for (const auto& [verb, count] : verbs) {
      const auto expected = possible.find({state, verb});
      const auto next = policy::Next(life, state, verb);
      if (expected == possible.end()) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << i << " " << verb;
      } else {
        ASSERT_TRUE(next.ok()) << i << " " << verb;
        EXPECT_EQ(*next, expected->second) << i << " " << verb;
      }
    }
  }
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
                 {{accepted, "end"}, ended}});
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

}  // namespace
}  // namespace chanyan::triage
