// Opening hours and prices as people write them in a sheet, both ways (REG-10). Pure.
//
//   hours  周一至周五 08:30-12:00、14:00-17:30；周六 20:00-次日02:00；调休上班日 08:30-17:30；每天
//   全天 prices 企业用户 200元/小时、20元/样品；校内用户 0元/次
//
// Entries are separated by ； or line breaks, days and times within one by 、. What is written is
// read back to the same; of what people write, blanks, half and full width, and other dashes are
// taken as well.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/pack.h"

namespace chanyan::registry {

// Days with the same times stand together. Empty without hours.
std::string HoursText(const v1::Instrument& instrument);
// By day and beginning. INVALID_FIELD that says which entry cannot be read and how it should look.
absl::StatusOr<std::vector<v1::OpeningHours>> ParseHours(absl::string_view text);

// Kinds of user in the order in which they stand first. A kind that the pack does not know is shown
// by its id.
std::string ChargesText(const policy::Pack& pack, const v1::Instrument& instrument);
// Kinds of user are those of the pack, by name.
absl::StatusOr<std::vector<v1::Charge>> ParseCharges(const policy::Pack& pack,
                                                     absl::string_view text);

}  // namespace chanyan::registry
