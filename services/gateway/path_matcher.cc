#include "services/gateway/path_matcher.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace chanyan::gateway {
namespace {

constexpr absl::string_view kAnyOne = "*";
constexpr absl::string_view kAnyRest = "**";

absl::Status BadTemplate(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("google.api.http template ", text, ": ", why));
}

}  // namespace

absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text) {
  if (!absl::StartsWith(text, "/")) return BadTemplate(text, "must begin with /");
  PathTemplate out;
  absl::string_view rest = text;
  const size_t brace = rest.rfind('}');
  const size_t slash = rest.rfind('/');
  const size_t from = std::max(slash, brace == absl::string_view::npos ? size_t{0} : brace);
  if (const size_t colon = rest.find(':', from); colon != absl::string_view::npos) {
    out.verb = std::string(rest.substr(colon + 1));
    if (out.verb.empty()) return BadTemplate(text, "empty verb");
    rest = rest.substr(0, colon);
  }
  while (!rest.empty()) {
    if (!absl::ConsumePrefix(&rest, "/")) return BadTemplate(text, "segments are parted by /");
    absl::string_view inner;
    const bool variable = absl::ConsumePrefix(&rest, "{");
    if (variable) {
      const size_t end = rest.find('}');
      if (end == absl::string_view::npos) return BadTemplate(text, "{ without }");
      inner = rest.substr(0, end);
      rest.remove_prefix(end + 1);
      const size_t equals = inner.find('=');
      out.variables.push_back({std::string(inner.substr(0, equals)), out.segments.size(), 0});
      inner = equals == absl::string_view::npos ? kAnyOne : inner.substr(equals + 1);
    } else {
      const size_t end = std::min(rest.find('/'), rest.size());
      inner = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    for (const absl::string_view segment : absl::StrSplit(inner, '/')) {
      if (segment.empty() || absl::StrContains(segment, '{') || absl::StrContains(segment, '}')) {
        return BadTemplate(text, "empty or nested segment");
      }
      if (!out.segments.empty() && out.segments.back() == kAnyRest) {
        return BadTemplate(text, "** must be last");
      }
      out.segments.emplace_back(segment);
    }
    if (variable) {
      out.variables.back().end = out.segments.back() == kAnyRest ? 0 : out.segments.size();
    }
  }
  if (out.segments.size() > kMaxSegments) return BadTemplate(text, "too many segments");
  return out;
}

struct PathMatcher::Target {
  int route;
  PathTemplate path;
};

struct PathMatcher::Node {
  absl::flat_hash_map<std::string, std::unique_ptr<Node>> literals;
  std::unique_ptr<Node> any_one;
  std::unique_ptr<Node> any_rest;
  // By verb, then method.
  absl::flat_hash_map<std::string, std::map<HttpMethod, Target>> targets;
};

PathMatcher::PathMatcher() : root_(std::make_unique<Node>()) {}
PathMatcher::~PathMatcher() = default;
PathMatcher::PathMatcher(PathMatcher&&) noexcept = default;

absl::Status PathMatcher::Add(HttpMethod method, absl::string_view path_template, int route) {
  auto parsed = ParsePathTemplate(path_template);
  if (!parsed.ok()) return parsed.status();
  Node* node = root_.get();
  for (const std::string& segment : parsed->segments) {
    std::unique_ptr<Node>& next = segment == kAnyOne    ? node->any_one
                                  : segment == kAnyRest ? node->any_rest
                                                        : node->literals[segment];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  if (!parsed->verb.empty()) verbs_.insert(parsed->verb);
  const std::string verb = parsed->verb;
  if (!node->targets[verb].emplace(method, Target{route, *std::move(parsed)}).second) {
    return absl::AlreadyExistsError(
        absl::StrCat("two routes for ", HttpMethodName(method), " ", path_template));
  }
  return absl::OkStatus();
}

const PathMatcher::Target* PathMatcher::Walk(const Node& node,
                                             const std::vector<std::string>& segments, size_t at,
                                             absl::string_view verb, HttpMethod method,
                                             Match& match) const {
  const Node* end = at == segments.size() ? &node : nullptr;
  if (end == nullptr) {
    if (const auto it = node.literals.find(segments[at]); it != node.literals.end()) {
      const Target* found = Walk(*it->second, segments, at + 1, verb, method, match);
      if (found != nullptr) return found;
    }
    if (node.any_one != nullptr && !segments[at].empty()) {
      const Target* found = Walk(*node.any_one, segments, at + 1, verb, method, match);
      if (found != nullptr) return found;
    }
    end = node.any_rest.get();
  }
  if (end == nullptr) return nullptr;
  const auto it = end->targets.find(verb);
  if (it == end->targets.end()) return nullptr;
  const auto target = it->second.find(method);
  if (target != it->second.end()) return &target->second;
  for (const auto& [other, unused] : it->second) match.allowed.push_back(other);
  return nullptr;
}

PathMatcher::Match PathMatcher::Find(HttpMethod method, absl::string_view path) const {
  Match match;
  absl::string_view verb;
  const size_t colon = path.rfind(':');
  if (colon != absl::string_view::npos && path.find('/', colon) == absl::string_view::npos &&
      verbs_.contains(path.substr(colon + 1))) {
    verb = path.substr(colon + 1);
    path = path.substr(0, colon);
  }
  std::vector<std::string> segments;
  for (const absl::string_view segment : absl::StrSplit(path.substr(1), '/')) {
    if (segments.size() == kMaxSegments) return match;
    segments.push_back(PercentDecode(segment, false));
  }
  const Target* target = Walk(*root_, segments, 0, verb, method, match);
  if (target == nullptr) return match;
  match.route = target->route;
  match.allowed.clear();
  for (const PathVariable& variable : target->path.variables) {
    const size_t last = variable.end == 0 ? segments.size() : variable.end;
    match.bindings.push_back({&variable, absl::StrJoin(segments.begin() + variable.begin,
                                                       segments.begin() + last, "/")});
  }
  return match;
}

}  // namespace chanyan::gateway
