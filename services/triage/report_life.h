// Life cycle of a report (TRI-8).
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/report.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::ReportState>> ReportLife() {
  using policy::Bits;
  static constexpr uint32_t kDraft = Bits(v1::REPORT_STATE_DRAFT);
  static constexpr policy::Transition<v1::ReportState> kLife[] = {
      {"update", "修改", kDraft, v1::REPORT_STATE_DRAFT},
      {"refresh", "刷新", kDraft, v1::REPORT_STATE_DRAFT},
      {"issue", "印发", kDraft, v1::REPORT_STATE_ISSUED},
      {"discard", "作废", kDraft, v1::REPORT_STATE_DISCARDED},
  };
  return kLife;
}

}  // namespace chanyan::triage
