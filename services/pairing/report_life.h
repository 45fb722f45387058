// Life of a version of a quarterly report (PAIR-4). What is submitted stays as it was submitted.
#pragma once

#include "absl/types/span.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "common/policy/life.h"

namespace chanyan::pairing {

inline absl::Span<const policy::Transition<v1::ReportState>> ReportLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ReportState> kLife[] = {
      {"submit", "提交", Bits(v1::REPORT_STATE_DRAFT), v1::REPORT_STATE_SUBMITTED},
      {"discard", "弃用", Bits(v1::REPORT_STATE_DRAFT), v1::REPORT_STATE_DISCARDED},
  };
  return kLife;
}

}  // namespace chanyan::pairing
