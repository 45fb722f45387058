// Life tables asked about every state and verb.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "common/policy/life.h"
#include "common/status/status.h"

namespace chanyan::testing {

// `possible` is all that is possible; everything else is WRONG_STATE.
template <class State>
void ExpectLife(absl::Span<const policy::Transition<State>> life, int states,
                const std::map<std::pair<State, std::string>, State>& possible) {
  std::set<std::string> verbs;
  for (const auto& transition : life) verbs.insert(std::string(transition.verb));
  for (const auto& [from, to] : possible) EXPECT_EQ(verbs.count(from.second), 1u) << from.second;
  for (int i = 1; i <= states; ++i) {
    const auto state = static_cast<State>(i);
    for (const std::string& verb : verbs) {
      const auto expected = possible.find({state, verb});
      const auto next = policy::Next(life, state, verb);
      if (expected == possible.end()) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << i << " " << verb;
      } else {
        ASSERT_TRUE(next.ok()) << i << " " << verb;
        EXPECT_EQ(*next, expected->second) << i << " " << verb;
      }
    }
  }
}

}  // namespace chanyan::testing
