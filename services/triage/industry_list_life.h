// Life cycle of a list (TRI-7). It is corrected by issuing its next version, and not before;
// whether one that is issued is published as well stands beside its state.
#pragma once

#include "absl/types/span.h"
#include "chanyan/triage/v1/list.pb.h"
#include "common/policy/life.h"

namespace chanyan::triage {

inline absl::Span<const policy::Transition<v1::IndustryListState>> IndustryListLife() {
  using policy::Bits;
  static constexpr uint32_t kDraft = Bits(v1::INDUSTRY_LIST_STATE_DRAFT);
  static constexpr policy::Transition<v1::IndustryListState> kLife[] = {
      {"refresh", "刷新", kDraft, v1::INDUSTRY_LIST_STATE_DRAFT},
      {"trim", "剔除条目", kDraft, v1::INDUSTRY_LIST_STATE_DRAFT},
      {"restore", "恢复条目", kDraft, v1::INDUSTRY_LIST_STATE_DRAFT},
      {"issue", "印发", kDraft, v1::INDUSTRY_LIST_STATE_ISSUED},
      {"discard", "作废", kDraft, v1::INDUSTRY_LIST_STATE_DISCARDED},
      {"publish", "公布", Bits(v1::INDUSTRY_LIST_STATE_ISSUED), v1::INDUSTRY_LIST_STATE_ISSUED},
      {"withdraw", "撤下", Bits(v1::INDUSTRY_LIST_STATE_ISSUED), v1::INDUSTRY_LIST_STATE_ISSUED},
      {"correct", "更正", Bits(v1::INDUSTRY_LIST_STATE_ISSUED), v1::INDUSTRY_LIST_STATE_CORRECTED},
  };
  return kLife;
}

}  // namespace chanyan::triage
