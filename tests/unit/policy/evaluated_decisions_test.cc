// A rule that no service asks decides nothing: every decision that a shipped pack has rules for is
// named where a service evaluates (POL-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string WithoutComments(const std::string& text) {
  std::string code;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    absl::StrAppend(&code, line.substr(0, line.find("//")), "\n");
  }
  return code;
}

// Decisions that are named in the code of services that evaluate; `sources` is "service/file.cc" →
// text. What main.cc asks of a pack before it starts decides nothing.
std::set<std::string> EvaluatedIn(const std::map<std::string, std::string>& sources) {
  std::set<std::string> evaluating;
  std::map<std::string, std::set<std::string>> named;
  const std::regex decision("DECISION_[A-Z_]+");
  for (const auto& [path, text] : sources) {
    if (absl::EndsWith(path, "/main.cc")) continue;
    const std::string service = path.substr(0, path.find('/'));
    const std::string code = WithoutComments(text);
    if (absl::StrContains(code, "policy::Evaluate(")) evaluating.insert(service);
    for (std::sregex_iterator at(code.begin(), code.end(), decision), end; at != end; ++at) {
      named[service].insert(at->str());
    }
  }
  std::set<std::string> evaluated;
  for (const std::string& service : evaluating) {
    evaluated.insert(named[service].begin(), named[service].end());
  }
  return evaluated;
}

std::map<std::string, std::string> Services() {
  std::map<std::string, std::string> sources;
  const std::filesystem::path root = std::filesystem::path(ShippedRoot()) / "../../services";
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    if (file.path().extension() != ".cc") continue;
    std::ifstream in(file.path());
    std::stringstream text;
    text << in.rdbuf();
    sources[std::filesystem::relative(file.path(), root).generic_string()] = text.str();
  }
  return sources;
}

TEST(EvaluatedDecisionsTest, AMentionAloneIsNoEvaluation) {
  EXPECT_THAT(EvaluatedIn({{"a/x.cc", "// policy::Evaluate(pack, DECISION_A, facts)\n"}}),
              IsEmpty());
  EXPECT_THAT(EvaluatedIn({{"a/x.cc", "pack.RulesFor(DECISION_A)"},
                           {"b/y.cc", "policy::Evaluate(pack, DECISION_B, facts)"}}),
              UnorderedElementsAre("DECISION_B"));
  EXPECT_THAT(EvaluatedIn({{"a/main.cc", "policy::Evaluate(pack, DECISION_A, facts)"}}), IsEmpty());
}

TEST(EvaluatedDecisionsTest, EveryDecisionWithRulesIsEvaluatedBySomeService) {
  const std::set<std::string> evaluated = EvaluatedIn(Services());
  int rules = 0;
  for (const char* city : {"qingdao", "linyi", "shandong"}) {
    const auto pack = LoadShipped(city);
    ASSERT_NE(pack, nullptr);
    for (const v1::Rule& rule : pack->proto().rules()) {
      ++rules;
      EXPECT_THAT(evaluated, Contains(v1::Decision_Name(rule.decision())))
          << city << ": " << rule.id() << " is asked by nobody";
    }
  }
  EXPECT_GT(rules, 10);
  // Nor is there a decision that no service takes.
  for (int decision = v1::Decision_MIN + 1; decision <= v1::Decision_MAX; ++decision) {
    if (!v1::Decision_IsValid(decision)) continue;
    EXPECT_THAT(evaluated, Contains(v1::Decision_Name(static_cast<v1::Decision>(decision))));
  }
}

}  // namespace
}  // namespace chanyan::policy
