#include "tests/fault/under_load/deadlines.h"

#include <algorithm>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/policy_check.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::fault {
namespace {

// Of the gateway, for methods that say nothing: services/gateway/routes.h, which no test of the
// whole suite includes.
constexpr absl::Duration kDeadline = absl::Seconds(3);
constexpr absl::Duration kBatchDeadline = absl::Seconds(30);
// There and back, on a machine that is shared.
constexpr absl::Duration kWay = absl::Milliseconds(500);

struct Route {
  std::string http_method;
  std::regex path;
  absl::Duration deadline;
};

// "/v1/{name=cycles/*}:open" as "/v1/cycles/[^/:]+:open".
std::regex RegexOf(absl::string_view path) {
  std::string text;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '{') {
      text += path[i];
      continue;
    }
    const size_t close = path.find('}', i);
    const absl::string_view variable = path.substr(i + 1, close - i - 1);
    const size_t equals = variable.find('=');
    text += equals == absl::string_view::npos ? "*" : std::string(variable.substr(equals + 1));
    i = close;
  }
  return std::regex(absl::StrReplaceAll(text, {{"**", ".+"}, {"*", "[^/:]+"}, {".", "\\."}}));
}

absl::Duration DeadlineOf(const google::protobuf::MethodDescriptor& method) {
  const auto& policy = method.options().GetExtension(options::v1::method);
  if (policy.deadline_ms() > 0) return absl::Milliseconds(policy.deadline_ms());
  return policy.lane() == options::v1::LANE_BATCH ? kBatchDeadline : kDeadline;
}

void AddRoutes(const google::protobuf::MethodDescriptor& method, const google::api::HttpRule& rule,
               std::vector<Route>* routes) {
  const std::pair<const char*, const std::string*> kPaths[] = {{"GET", &rule.get()},
                                                               {"POST", &rule.post()},
                                                               {"PATCH", &rule.patch()},
                                                               {"PUT", &rule.put()},
                                                               {"DELETE", &rule.delete_()}};
  for (const auto& [http_method, path] : kPaths) {
    if (!path->empty()) routes->push_back({http_method, RegexOf(*path), DeadlineOf(method)});
  }
  for (const google::api::HttpRule& other : rule.additional_bindings()) {
    AddRoutes(method, other, routes);
  }
}

const std::vector<Route>& Routes() {
  static const auto& routes = *[] {
    auto* all = new std::vector<Route>;
    for (const google::protobuf::FileDescriptor* file : auth::LinkedFiles()) {
      for (int s = 0; s < file->service_count(); ++s) {
        for (int m = 0; m < file->service(s)->method_count(); ++m) {
          const auto& method = *file->service(s)->method(m);
          AddRoutes(method, method.options().GetExtension(google::api::http), all);
        }
      }
    }
    return all;
  }();
  return routes;
}

}  // namespace

absl::Duration LongestCall(absl::string_view http_method, absl::string_view target) {
  const std::string path(target.substr(0, target.find('?')));
  absl::Duration longest;
  for (const Route& route : Routes()) {
    if (route.http_method != http_method || route.deadline <= longest) continue;
    if (std::regex_match(path, route.path)) longest = route.deadline;
  }
  return (longest > absl::ZeroDuration() ? longest : kDeadline) + kWay;
}

}  // namespace chanyan::fault
