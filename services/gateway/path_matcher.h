// Finds the route of a path among google.api.http templates.
//
//   /v1/{name=organizations/*/platforms/*}:archive   POST
//   /v1/organizations/qdu/platforms/p1:archive  →  name = "organizations/qdu/platforms/p1"
//
// A trie of segments: a literal is tried before '*', '*' before '**' (which must be last). A verb
// counts as one only if some template has it, else its colon is part of the segment. Built once,
// then immutable and thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/http_rules.h"

namespace chanyan::gateway {

// Segments of one path.
inline constexpr size_t kMaxSegments = 32;

// A variable of a template and the segments it spans; `end` is exclusive, 0 = to the last one.
struct PathVariable {
  // Field path, e.g. "account.name".
  std::string field;
  size_t begin = 0;
  size_t end = 0;
};

// A template taken apart.
struct PathTemplate {
  // Literals, "*" and "**".
  std::vector<std::string> segments;
  std::string verb;
  std::vector<PathVariable> variables;
};

// INVALID_ARGUMENT if the template is not one.
absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text);

class PathMatcher {
 public:
  struct Binding {
    const PathVariable* variable;
    // Percent-decoded.
    std::string value;
  };
  struct Match {
    // What Add was given; -1 = no route.
    int route = -1;
    std::vector<Binding> bindings;
    // Methods that the path would take, when `route` is -1 for the method alone.
    std::vector<HttpMethod> allowed;
  };

  PathMatcher();
  ~PathMatcher();
  PathMatcher(PathMatcher&&) noexcept;

  // ALREADY_EXISTS if another route takes the same paths with the same method.
  absl::Status Add(HttpMethod method, absl::string_view path_template, int route);
  // `path` as sent, checked by ParseHead.
  Match Find(HttpMethod method, absl::string_view path) const;

 private:
  struct Node;
  struct Target;

  const Target* Walk(const Node& node, const std::vector<std::string>& segments, size_t at,
                     absl::string_view verb, HttpMethod method, Match& match) const;

  std::unique_ptr<Node> root_;
  absl::flat_hash_set<std::string> verbs_;
};

}  // namespace chanyan::gateway
