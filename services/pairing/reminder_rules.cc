#include "services/pairing/reminder_rules.h"

namespace chanyan::pairing {
namespace {

constexpr absl::Duration kOneDay = absl::Hours(24);

}  // namespace

int DueReminder(const google::protobuf::RepeatedField<uint32_t>& reminder_days,
                absl::Time expire_time, int reminded_days, absl::Time now) {
  if (expire_time <= now) return 0;
  int due = 0;
  for (const uint32_t days : reminder_days) {
    // In descending order: the last one that has been reached is the smallest.
    if (now >= expire_time - days * kOneDay) due = static_cast<int>(days);
  }
  return reminded_days == 0 || due < reminded_days ? due : 0;
}

}  // namespace chanyan::pairing
