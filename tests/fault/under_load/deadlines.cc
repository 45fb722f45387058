#include "tests/fault/under_load/deadlines.h"

#include <algorithm>

#include "chanyan/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "tests/fault/under_load/routes.h"

namespace chanyan::fault {
namespace {

// Of the gateway, for methods that say nothing: services/gateway/routes.h, which no test of the
// whole suite includes.
constexpr absl::Duration kDeadline = absl::Seconds(3);
constexpr absl::Duration kBatchDeadline = absl::Seconds(30);
// There and back, on a machine that is shared.
constexpr absl::Duration kWay = absl::Milliseconds(500);

absl::Duration DeadlineOf(const google::protobuf::MethodDescriptor& method) {
  const auto& policy = method.options().GetExtension(options::v1::method);
  if (policy.deadline_ms() > 0) return absl::Milliseconds(policy.deadline_ms());
  return policy.lane() == options::v1::LANE_BATCH ? kBatchDeadline : kDeadline;
}

}  // namespace

absl::Duration LongestCall(absl::string_view http_method, absl::string_view target) {
  absl::Duration longest;
  for (const google::protobuf::MethodDescriptor* method : MethodsOf(http_method, target)) {
    longest = std::max(longest, DeadlineOf(*method));
  }
  return (longest > absl::ZeroDuration() ? longest : kDeadline) + kWay;
}

}  // namespace chanyan::fault
