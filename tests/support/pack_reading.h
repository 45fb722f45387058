// A policy pack with another reading of "第N周", or with a further day off.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "common/policy/pack.h"
#include "common/time/civil.h"
#include "google/protobuf/text_format.h"

namespace chanyan::testing {

inline absl::StatusOr<std::unique_ptr<const policy::Pack>> PackOf(
    const policy::v1::PolicyPack& proto) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(proto, &text);
  return policy::Pack::Parse({{"drawn.textproto", text}});
}

inline absl::StatusOr<std::unique_ptr<const policy::Pack>> PackReading(
    const policy::Pack& pack, policy::v1::WeekReading reading) {
  policy::v1::PolicyPack proto = pack.proto();
  proto.mutable_cycle_plan()->set_week_reading(reading);
  return PackOf(proto);
}

inline absl::StatusOr<std::unique_ptr<const policy::Pack>> PackWithDayOff(const policy::Pack& pack,
                                                                          absl::CivilDay day) {
  policy::v1::PolicyPack proto = pack.proto();
  for (policy::v1::CalendarYear& year : *proto.mutable_calendars()) {
    if (year.year() != day.year()) continue;
    policy::v1::Holiday& holiday = *year.add_holidays();
    holiday.set_display_name("补充放假");
    *holiday.mutable_first_date() = time::ToProto(day);
    *holiday.mutable_last_date() = time::ToProto(day);
  }
  proto.set_version("amended");
  return PackOf(proto);
}

}  // namespace chanyan::testing
