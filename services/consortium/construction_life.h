// Life cycles of a report of progress and of its versions (CON-7; S2 七(一) 定期跟踪建设进展). What
// was handed in stays as it was; what is returned is handed in again as another version.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

// The lead's turn.
inline constexpr uint32_t kReportDue =
    policy::Bits(v1::CONSTRUCTION_REPORT_STATE_DUE, v1::CONSTRUCTION_REPORT_STATE_RETURNED);

// "end" follows the filing, by the job.
inline absl::Span<const policy::Transition<v1::ConstructionReportState>> ConstructionReportLife() {
  using policy::Bits;
  static constexpr uint32_t kHandedIn = Bits(v1::CONSTRUCTION_REPORT_STATE_SUBMITTED);
  static constexpr policy::Transition<v1::ConstructionReportState> kLife[] = {
      {"submit", "报送", kReportDue, v1::CONSTRUCTION_REPORT_STATE_SUBMITTED},
      {"accept", "确认", kHandedIn, v1::CONSTRUCTION_REPORT_STATE_ACCEPTED},
      {"return", "退回", kHandedIn, v1::CONSTRUCTION_REPORT_STATE_RETURNED},
      {"end", "终止", kReportDue, v1::CONSTRUCTION_REPORT_STATE_ENDED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::ConstructionVersionState>>
ConstructionVersionLife() {
  using policy::Bits;
  static constexpr uint32_t kHandedIn = Bits(v1::CONSTRUCTION_VERSION_STATE_SUBMITTED);
  static constexpr policy::Transition<v1::ConstructionVersionState> kLife[] = {
      {"submit", "报送", Bits(v1::CONSTRUCTION_VERSION_STATE_DRAFT),
       v1::CONSTRUCTION_VERSION_STATE_SUBMITTED},
      {"accept", "确认", kHandedIn, v1::CONSTRUCTION_VERSION_STATE_ACCEPTED},
      {"return", "退回", kHandedIn, v1::CONSTRUCTION_VERSION_STATE_RETURNED},
  };
  return kLife;
}

}  // namespace chanyan::consortium
