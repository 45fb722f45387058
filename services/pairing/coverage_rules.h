// Rules of coverage (PAIR-6): which projects count by the policy pack, and where a project stood on
// a day that is past. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "common/policy/pack.h"

namespace chanyan::pairing {

// The state of a project that a pack calls a stage.
v1::ProjectState StateOfStage(policy::v1::ProjectStage stage);

// States in which a project makes its platform count for its enterprise.
std::vector<v1::ProjectState> PairedStates(const policy::Pack& pack);
// States in which an enterprise that is not paired is under way.
std::vector<v1::ProjectState> UnderWayStates(const policy::Pack& pack);
// Platforms that an enterprise needs to be paired.
int MinimumPlatforms(const policy::Pack& pack);
// The pack's verdict on an enterprise for which so many platforms count.
policy::v1::Verdicts CoverageVerdicts(const policy::Pack& pack, const std::string& enterprise,
                                      int64_t platforms);
// Sets aside in `verdicts` what an exception set aside, with its role and reason, where the pack
// still lets it and there is still something to set aside.
void ApplyException(const policy::Pack& pack, const policy::v1::Verdicts& exception,
                    policy::v1::Verdicts* verdicts);
// "qingdao 2025.1".
std::string PackLabel(const policy::Pack& pack);

// Part of a whole in tenths of a percent, rounded half up; 0 of nothing.
//   Permille(1, 3) = 333, Permille(2, 3) = 667, Permille(1, 16) = 63
int Permille(int64_t part, int64_t whole);

// A state that a project was recorded to have reached on a day.
struct StageEvent {
  v1::ProjectState state = v1::PROJECT_STATE_UNSPECIFIED;
  absl::CivilDay recorded;

  friend bool operator==(const StageEvent&, const StageEvent&) = default;
};

// The days of one state, from the first one to the one before the last. The same twice: as it was
// recorded, and with the agreement counting from the day on which it was signed. A span without
// days
// (`from` = `until`) says that the state was passed through.
struct StageSpan {
  v1::ProjectState state = v1::PROJECT_STATE_UNSPECIFIED;
  absl::CivilDay recorded_from;
  absl::CivilDay recorded_until;
  absl::CivilDay effective_from;
  absl::CivilDay effective_until;

  friend bool operator==(const StageSpan&, const StageSpan&) = default;
};

// The last day of a state that lasts.
inline constexpr absl::CivilDay kForever(9999, 12, 31);

// Appends what an entry of the journal says of a project: nothing if its state is the last known
// one; SIGNED before BUILDING or COMPLETED if nobody told of it.
void AddStage(v1::ProjectState state, absl::CivilDay recorded, std::vector<StageEvent>* events);

// Spans of a project's events, in order; `signed_on` is the day of its agreement as known now.
//   events INTENT 1 April, SIGNED 10 April, BUILDING 20 April, signed on 3 April:
//     INTENT   recorded 1–10 April, effective 1–3 April
//     SIGNED   recorded 10–20 April, effective 3–20 April
//     BUILDING from 20 April
// An agreement of a later day than it was recorded on counts from the record: it cannot be.
std::vector<StageSpan> SpansOf(const std::vector<StageEvent>& events,
                               std::optional<absl::CivilDay> signed_on);
// The events that spans were made of.
std::vector<StageEvent> EventsOf(const std::vector<StageSpan>& spans);

}  // namespace chanyan::pairing
