// A platform's service catalogue (REG-2: service, unit price by user type, how to book) as a cell
// of a sheet, a service a line, both ways. Pure.
//
//   盐雾试验 | 企业用户 200元/件；校内用户 100元/件；批量另议 | 电话预约
//   技术咨询 | 面议
//
// Prices come first; what stands behind them is said of the price in words. What is written is read
// back to the same.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::registry {

using Services = google::protobuf::RepeatedPtrField<v1::Service>;

// A kind of user that the pack does not know is shown by its id.
std::string ServicesText(const policy::Pack& pack, const Services& services);

// Reads the cell in place of what was there; nothing is taken if anything is wrong, and every wrong
// line is named ("第 2 项：…"). Violations are of field "services_text".
std::vector<status::Violation> ReadServices(const policy::Pack& pack, absl::string_view text,
                                            Services* services);

// Kinds of user that the pack does not know, prices that are none, a price given twice, and words
// that a sheet would read as something else.
std::vector<status::Violation> ServiceViolations(const policy::Pack& pack,
                                                 const Services& services);

}  // namespace chanyan::registry
