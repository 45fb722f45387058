#include "tests/fault/under_load/routes.h"

#include <algorithm>
#include <cstddef>
#include <regex>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/auth/policy_check.h"
#include "google/api/annotations.pb.h"

namespace chanyan::fault {
namespace {

using google::protobuf::MethodDescriptor;

struct Route {
  std::string http_method;
  // What the path begins with, whatever its wildcards: a cheap look before the pattern.
  std::string start;
  std::regex path;
  // Parts of the path that are any.
  std::ptrdiff_t wildcards;
  const MethodDescriptor* method;
};

// "/v1/{name=cycles/*}:open" as "/v1/cycles/*:open".
std::string PlainPath(absl::string_view path) {
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
  return text;
}

void AddRoutes(const MethodDescriptor& method, const google::api::HttpRule& rule,
               std::vector<Route>* routes) {
  const std::pair<const char*, const std::string*> kPaths[] = {{"GET", &rule.get()},
                                                               {"POST", &rule.post()},
                                                               {"PATCH", &rule.patch()},
                                                               {"PUT", &rule.put()},
                                                               {"DELETE", &rule.delete_()}};
  for (const auto& [http_method, path] : kPaths) {
    if (path->empty()) continue;
    const std::string plain = PlainPath(*path);
    routes->push_back(
        {http_method, plain.substr(0, plain.find('*')),
         std::regex(absl::StrReplaceAll(plain, {{"**", ".+"}, {"*", "[^/:]+"}, {".", "\\."}})),
         std::count(plain.begin(), plain.end(), '*'), &method});
  }
  for (const google::api::HttpRule& other : rule.additional_bindings()) {
    AddRoutes(method, other, routes);
  }
}

// Most literal first.
const std::vector<Route>& Routes() {
  static const auto& routes = *[] {
    auto* all = new std::vector<Route>;
    for (const google::protobuf::FileDescriptor* file : auth::LinkedFiles()) {
      for (int s = 0; s < file->service_count(); ++s) {
        for (int m = 0; m < file->service(s)->method_count(); ++m) {
          const MethodDescriptor& method = *file->service(s)->method(m);
          AddRoutes(method, method.options().GetExtension(google::api::http), all);
        }
      }
    }
    std::stable_sort(all->begin(), all->end(),
                     [](const Route& a, const Route& b) { return a.wildcards < b.wildcards; });
    return all;
  }();
  return routes;
}

}  // namespace

std::vector<const MethodDescriptor*> MethodsOf(absl::string_view http_method,
                                               absl::string_view target) {
  const std::string path(target.substr(0, target.find('?')));
  std::vector<const MethodDescriptor*> methods;
  for (const Route& route : Routes()) {
    if (route.http_method != http_method || !absl::StartsWith(path, route.start)) continue;
    if (std::regex_match(path, route.path)) methods.push_back(route.method);
  }
  return methods;
}

}  // namespace chanyan::fault
