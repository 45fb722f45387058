// A life cycle against a table by hand: every state with every verb.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "gtest/gtest.h"

namespace chanyan::cycle {

// A row says where each verb leads from a state, 0 = nowhere. A verb of the life without a column,
// or a state without a row, fails; the unset state has one if anything begins with it.
template <class State>
void ExpectMatrix(absl::Span<const policy::Transition<State>> life,
                  std::initializer_list<const char*> verbs,
                  std::initializer_list<std::pair<State, std::vector<State>>> matrix) {
  for (const auto& transition : life) {
    EXPECT_TRUE(std::any_of(verbs.begin(), verbs.end(), [&](const char* verb) {
      return transition.verb == verb;
    })) << transition.verb;
  }
  std::set<int> states;
  for (const auto& [from, to] : matrix) {
    states.insert(static_cast<int>(from));
    ASSERT_EQ(to.size(), verbs.size());
    size_t column = 0;
    for (const char* verb : verbs) {
      const State wanted = to.at(column++);
      const auto next = policy::Next(life, from, verb);
      const std::string what = absl::StrCat(policy::LabelOf(from), " ", verb);
      if (static_cast<int>(wanted) == 0) {
        EXPECT_EQ(status::ReasonOf(next.status()), options::v1::ERROR_REASON_WRONG_STATE) << what;
      } else {
        ASSERT_TRUE(next.ok()) << what;
        EXPECT_EQ(*next, wanted) << what;
      }
    }
  }
  const auto* type = google::protobuf::GetEnumDescriptor<State>();
  for (int i = 0; i < type->value_count(); ++i) {
    const int state = type->value(i)->number();
    EXPECT_TRUE(state == 0 || states.count(state) > 0) << type->value(i)->name();
  }
}

}  // namespace chanyan::cycle
