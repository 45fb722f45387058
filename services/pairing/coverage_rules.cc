#include "services/pairing/coverage_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"

namespace chanyan::pairing {
namespace {

template <class Stages>
std::vector<v1::ProjectState> StatesOf(const Stages& stages) {
  std::vector<v1::ProjectState> states;
  for (const int stage : stages) {
    states.push_back(StateOfStage(static_cast<policy::v1::ProjectStage>(stage)));
  }
  return states;
}

bool IsBeyondSigning(v1::ProjectState state) {
  return state == v1::PROJECT_STATE_BUILDING || state == v1::PROJECT_STATE_COMPLETED;
}

}  // namespace

v1::ProjectState StateOfStage(policy::v1::ProjectStage stage) {
  switch (stage) {
    case policy::v1::PROJECT_STAGE_INTENT:
      return v1::PROJECT_STATE_INTENT;
    case policy::v1::PROJECT_STAGE_NEGOTIATING:
      return v1::PROJECT_STATE_NEGOTIATING;
    case policy::v1::PROJECT_STAGE_SIGNED:
      return v1::PROJECT_STATE_SIGNED;
    case policy::v1::PROJECT_STAGE_BUILDING:
      return v1::PROJECT_STATE_BUILDING;
    case policy::v1::PROJECT_STAGE_COMPLETED:
      return v1::PROJECT_STATE_COMPLETED;
    default:
      return v1::PROJECT_STATE_UNSPECIFIED;
  }
}

std::vector<v1::ProjectState> PairedStates(const policy::Pack& pack) {
  return StatesOf(pack.proto().pairing().coverage().paired_stages());
}

std::vector<v1::ProjectState> UnderWayStates(const policy::Pack& pack) {
  return StatesOf(pack.proto().pairing().coverage().under_way_stages());
}

int MinimumPlatforms(const policy::Pack& pack) {
  // A pack that says anything of pairing has exactly one such rule.
  const auto rules = pack.RulesFor(policy::v1::DECISION_ENTERPRISE_COVERAGE);
  return rules.empty() ? 1 : static_cast<int>(rules.front()->minimum_count().minimum());
}

policy::v1::Verdicts CoverageVerdicts(const policy::Pack& pack, const std::string& enterprise,
                                      int64_t platforms) {
  policy::Facts facts;
  facts.Set("enterprise", enterprise);
  facts.SetNumber("paired_platforms", platforms);
  return policy::Evaluate(pack, policy::v1::DECISION_ENTERPRISE_COVERAGE, facts);
}

void ApplyException(const policy::Pack& pack, const policy::v1::Verdicts& exception,
                    policy::v1::Verdicts* verdicts) {
  for (const policy::v1::Verdict& verdict : exception.verdicts()) {
    if (verdict.outcome() != policy::v1::OUTCOME_OVERRIDDEN) continue;
    // Refused, the verdict stays what it is: the enterprise is paired by now, or the rule is hard.
    policy::ApplyOverride(pack, verdict.rule_id(), verdict.override().role(),
                          verdict.override().reason(), *verdicts)
        .IgnoreError();
  }
}

std::string PackLabel(const policy::Pack& pack) {
  return absl::StrCat(pack.id(), " ", pack.version());
}

int Permille(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<int>((2000 * part + whole) / (2 * whole));
}

void AddStage(v1::ProjectState state, absl::CivilDay recorded, std::vector<StageEvent>* events) {
  if (!events->empty() && events->back().state == state) return;
  const bool told = std::any_of(events->begin(), events->end(), [](const StageEvent& event) {
    return event.state == v1::PROJECT_STATE_SIGNED;
  });
  if (IsBeyondSigning(state) && !told) {
    events->push_back({v1::PROJECT_STATE_SIGNED, recorded});
  }
  events->push_back({state, recorded});
}

std::vector<StageSpan> SpansOf(const std::vector<StageEvent>& events,
                               std::optional<absl::CivilDay> signed_on) {
  std::vector<StageSpan> spans;
  for (const StageEvent& event : events) {
    StageSpan span{event.state, event.recorded, kForever, event.recorded, kForever};
    // What goes on after an end is no older than that.
    const bool anew = std::any_of(spans.begin(), spans.end(), [](const StageSpan& one) {
      return one.state == v1::PROJECT_STATE_TERMINATED;
    });
    if (event.state == v1::PROJECT_STATE_SIGNED && signed_on && !anew) {
      span.effective_from = std::min(*signed_on, event.recorded);
    }
    if (!spans.empty()) {
      StageSpan& before = spans.back();
      before.recorded_until = span.recorded_from;
      before.effective_until = span.effective_from;
    }
    spans.push_back(span);
  }
  // What came before the agreement ends with it, or has no days at all.
  for (size_t i = spans.size(); i-- > 1;) {
    StageSpan& before = spans[i - 1];
    before.effective_until = std::min(before.effective_until, spans[i].effective_from);
    before.effective_from = std::min(before.effective_from, before.effective_until);
  }
  return spans;
}

std::vector<StageEvent> EventsOf(const std::vector<StageSpan>& spans) {
  std::vector<StageEvent> events;
  for (const StageSpan& span : spans) events.push_back({span.state, span.recorded_from});
  return events;
}

}  // namespace chanyan::pairing
