// Life cycle of a university's own team (TRI-2, S1 二(一)). One that was dissolved may be
// established again.
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/university_team.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::UniversityTeamState>> UniversityTeamLife() {
  using policy::Bits;
  static constexpr uint32_t kPreparing = Bits(v1::UNIVERSITY_TEAM_STATE_PREPARING);
  static constexpr uint32_t kEstablished = Bits(v1::UNIVERSITY_TEAM_STATE_ESTABLISHED);
  static constexpr uint32_t kDissolved = Bits(v1::UNIVERSITY_TEAM_STATE_DISSOLVED);
  static constexpr policy::Transition<v1::UniversityTeamState> kLife[] = {
      {"update", "修改", kPreparing, v1::UNIVERSITY_TEAM_STATE_PREPARING},
      {"update", "修改", kEstablished, v1::UNIVERSITY_TEAM_STATE_ESTABLISHED},
      {"guide", "登记指导", kPreparing, v1::UNIVERSITY_TEAM_STATE_PREPARING},
      {"guide", "登记指导", kEstablished, v1::UNIVERSITY_TEAM_STATE_ESTABLISHED},
      {"establish", "成立", kPreparing | kDissolved, v1::UNIVERSITY_TEAM_STATE_ESTABLISHED},
      {"dissolve", "撤销", kPreparing | kEstablished, v1::UNIVERSITY_TEAM_STATE_DISSOLVED},
  };
  return kLife;
}

}  // namespace chanyan::triage
