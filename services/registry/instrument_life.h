// Life cycle of an instrument (REG-4).
#pragma once

#include "absl/types/span.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/life.h"

namespace chanyan::registry {

inline absl::Span<const policy::Transition<v1::InstrumentState>> InstrumentLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::InstrumentState> kLife[] = {
      {"open", "开放", Bits(v1::INSTRUMENT_STATE_DRAFT), v1::INSTRUMENT_STATE_OPEN},
      {"suspend", "暂停开放", Bits(v1::INSTRUMENT_STATE_OPEN), v1::INSTRUMENT_STATE_SUSPENDED},
      {"resume", "恢复开放", Bits(v1::INSTRUMENT_STATE_SUSPENDED), v1::INSTRUMENT_STATE_OPEN},
      {"retire", "停用",
       Bits(v1::INSTRUMENT_STATE_DRAFT, v1::INSTRUMENT_STATE_OPEN, v1::INSTRUMENT_STATE_SUSPENDED),
       v1::INSTRUMENT_STATE_RETIRED},
  };
  return kLife;
}

}  // namespace chanyan::registry
