// Instruments, bookings and times that tests of rules share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/registry/instrument_text_rules.h"
#include "services/registry/opening_rules.h"

namespace chanyan::registry {

inline absl::Time InChina(int year, int month, int day, int hour = 0, int minute = 0,
                          int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second),
                         time::Shanghai());
}

// With hours and prices as a sheet has them.
inline v1::Instrument InstrumentWith(absl::string_view hours, const policy::Pack* pack = nullptr,
                                     absl::string_view charges = "") {
  v1::Instrument instrument;
  instrument.set_name("organizations/ouc/instruments/sem");
  instrument.set_organization("organizations/ouc");
  instrument.set_platform("organizations/ouc/platforms/lab");
  instrument.set_display_name("扫描电镜（演示）");
  instrument.set_asset_number("A1");
  instrument.set_booking_mode(v1::BOOKING_MODE_APPROVAL);
  const auto parsed = ParseHours(hours);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  if (parsed.ok()) instrument.mutable_hours()->Assign(parsed->begin(), parsed->end());
  if (pack != nullptr) {
    const auto prices = ParseCharges(*pack, charges);
    EXPECT_TRUE(prices.ok()) << prices.status();
    if (prices.ok()) instrument.mutable_charges()->Assign(prices->begin(), prices->end());
  }
  return instrument;
}

inline void Close(absl::Time begin, absl::Time end, v1::Instrument* instrument) {
  v1::Closure& closure = *instrument->add_closures();
  *closure.mutable_start_time() = time::ToTimestamp(begin);
  *closure.mutable_end_time() = time::ToTimestamp(end);
  closure.set_reason("维护");
}

// "04-01 08:30—04-01 12:00" of each.
inline std::vector<std::string> InWords(const std::vector<Interval>& intervals) {
  std::vector<std::string> out;
  const auto text = [](absl::Time time) {
    return absl::FormatTime("%m-%d %H:%M", time, time::Shanghai());
  };
  for (const Interval& one : intervals) {
    out.push_back(absl::StrCat(text(one.begin), "—", text(one.end)));
  }
  return out;
}

inline std::vector<std::string> FieldsOf(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const status::Violation& violation : violations) fields.push_back(violation.field);
  return fields;
}

}  // namespace chanyan::registry
