// Yearly figures of use and the rate of utilisation (REG-4). Pure.
//
// Hours of use are teaching + research + service; open hours are those of them that users from
// outside the owner's organization had (其中开放机时), and no hours besides. The rate is hours of
// use over hours it was to be open, or over rated hours, as the pack says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "services/registry/opening_rules.h"

namespace chanyan::registry {

// What completed bookings of one instrument and year came to, in minutes and fen.
struct BookedUse {
  int64_t teaching_minutes = 0;
  int64_t research_minutes = 0;
  int64_t service_minutes = 0;
  // Of requesters other than the owner.
  int64_t open_minutes = 0;
  int64_t samples = 0;
  // Use, cancellations and no-shows: what was settled.
  int64_t income_fen = 0;
};

// The instants of a calendar year in China.
Interval YearOf(int year);

// More hours than a year has, open hours above the hours they are part of, an income that is none.
std::vector<status::Violation> UseRecordViolations(const v1::UseRecord& record);

// Minutes of the year up to `as_of` in which the instrument was to be open: by the hours of each
// time, from the day it was first opened until it was retired, less closures and the present
// suspension.
absl::StatusOr<int64_t> OpenMinutesOf(const policy::Pack& pack, const v1::Instrument& instrument,
                                      int year, absl::Time as_of);

// The figure of one instrument; `declared` may be an empty record.
v1::Utilisation UtilisationOf(const policy::Pack& pack, const v1::Instrument& instrument, int year,
                              const BookedUse& booked, const v1::UseRecord& declared,
                              absl::Time as_of);

// Adds one instrument's figure to a group's. Hours of instruments without a denominator are in the
// group's hours and not in its rate.
class UtilisationSum {
 public:
  UtilisationSum(int year, absl::Time as_of);

  void Add(const v1::Utilisation& one);
  // The group's figure; key and titles are the caller's to fill.
  v1::Utilisation Done(const policy::Pack& pack) const;

 private:
  v1::Utilisation sum_;
  // Of instruments with a denominator.
  double rated_hours_used_ = 0;
  double available_hours_ = 0;
  int with_denominator_ = 0;
};

}  // namespace chanyan::registry
