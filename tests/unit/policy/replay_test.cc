// Whatever a rule said is said again by the same pack on the facts that it kept (POL-2).
#include "common/policy/replay.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

constexpr int kRounds = 200;

// Names that the rules ask for, whatever their kind: every text field called fact, or facts, of a
// rule.
void FactNames(const google::protobuf::Message& message, std::vector<std::string>* names) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    const bool text = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING;
    const bool fact = field->name().find("fact") != std::string::npos;
    for (int i = 0; i < (field->is_repeated() ? reflection->FieldSize(message, field) : 1); ++i) {
      if (text && fact) {
        names->push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                              : reflection->GetString(message, field));
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        FactNames(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                       : reflection->GetMessage(message, field),
                  names);
      }
    }
  }
}

class ReplayTest : public ::testing::TestWithParam<const char*> {
 protected:
  const std::unique_ptr<const Pack> pack_ = LoadShipped(GetParam());
};

TEST_P(ReplayTest, EveryDecisionOnWhateverFactsComesToTheSameBytes) {
  std::mt19937_64 random(20250401);
  const char* const kValues[] = {"0",          "1",          "7",  "2025-03-18",
                                 "pilot-test", "UNIVERSITY", "甲", "x"};
  int asked = 0;
  int kept = 0;
  for (int decision = v1::Decision_MIN; decision <= v1::Decision_MAX; ++decision) {
    if (!v1::Decision_IsValid(decision)) continue;
    const auto& rules = pack_->RulesFor(static_cast<v1::Decision>(decision));
    std::vector<std::string> names;
    for (const v1::Rule* rule : rules) FactNames(*rule, &names);
    for (int round = 0; round < (rules.empty() ? 0 : kRounds); ++round) {
      Facts facts;
      for (const std::string& name : names) {
        for (size_t values = random() % 3; values > 0; --values) {
          facts.Add(name, kValues[random() % std::size(kValues)]);
        }
      }
      v1::Verdicts verdicts = Evaluate(*pack_, static_cast<v1::Decision>(decision), facts);
      if (round % 2 == 0) {
        kept += SetAside(*pack_, {options::v1::ROLE_SECRETARIAT, options::v1::ROLE_DEPARTMENT},
                         "领导同意", verdicts)
                    .ok();
      }
      const auto again = Replay(*pack_, verdicts);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(Encode(*again), Encode(verdicts)) << verdicts.DebugString();
      ++asked;
    }
  }
  EXPECT_GE(asked, kRounds);
  EXPECT_GT(kept, 0);
}

INSTANTIATE_TEST_SUITE_P(Cities, ReplayTest, ::testing::Values("qingdao", "linyi", "shandong"));

TEST(ReplayOfOneTest, WhatWasTouchedShowsAndAnotherVersionIsRefused) {
  const auto pack = LoadShipped("qingdao");
  Facts facts;
  facts.Set("platform", "platforms/p1").Set("enterprise", "organizations/e1");
  facts.Add("co_build_kinds", "pilot-test");
  const v1::Verdicts verdicts = Evaluate(*pack, v1::DECISION_PROJECT_CREATE, facts);
  v1::Verdicts touched = verdicts;
  touched.mutable_verdicts(0)->mutable_facts(0)->clear_values();
  EXPECT_NE(Encode(*Replay(*pack, touched)), Encode(touched)) << "a fact";
  touched = verdicts;
  touched.mutable_verdicts(0)->set_reason("改过");
  EXPECT_NE(Encode(*Replay(*pack, touched)), Encode(touched)) << "a reason";
  touched = verdicts;
  touched.set_pack_version("2020.1");
  EXPECT_EQ(status::ReasonOf(Replay(*pack, touched).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  touched = verdicts;
  touched.mutable_verdicts(0)->set_rule_id("project.gone");
  EXPECT_EQ(Replay(*pack, touched).status().code(), absl::StatusCode::kNotFound);
  // Nobody sets a satisfied rule aside.
  touched = verdicts;
  touched.mutable_verdicts(0)->set_outcome(v1::OUTCOME_OVERRIDDEN);
  EXPECT_NE(Encode(*Replay(*pack, touched)), Encode(touched));
}

}  // namespace
}  // namespace chanyan::policy
