// The city's rules change while dossiers are under way (CON-2, CON-3, POL-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "google/protobuf/text_format.h"
#include "services/consortium/eligibility_rules.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using ::testing::HasSubstr;

constexpr char kNewRule[] = "consortium.nine-research-units";
constexpr char kLaterVersion[] = "2099.1";

// The pack's next version, with a rule that no dossier here meets.
std::unique_ptr<const policy::Pack> Later(const policy::Pack& pack) {
  policy::v1::PolicyPack next = pack.proto();
  next.set_version(kLaterVersion);
  policy::v1::Rule rule = *pack.FindRule("consortium.research-units");
  rule.set_id(kNewRule);
  rule.set_display_name("联合高校院所不少于9家");
  rule.set_strength(policy::v1::STRENGTH_HARD);
  rule.clear_override_roles();
  rule.mutable_minimum_count()->set_minimum(9);
  *next.add_rules() = rule;
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(next, &text));
  auto parsed = policy::Pack::Parse({{"later.textproto", text}});
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : nullptr;
}

class PackChangeTest : public ::testing::Test, public World {
 protected:
  PackChangeTest() : later_(Later(*pack)), later_rules_(*later_), later_book_(later_rules_) {}

  // A step after the pack's next version came.
  absl::Status StepLater(const std::string& name, absl::string_view verb, Part part) {
    const journal::Origin origin{.method = "test", .actor = "test"};
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      rpc::Change change(session, clock.now, origin);
      CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, later_book_.LockAny(change, name));
      std::string who;
      if (part == Part::kOffice) who = kBureau;
      if (part == Part::kLead) who = row.lead_unit();
      return later_book_.Step(change, {part, who}, verb, "同意。", &row);
    });
  }
  std::string Recommended(const std::string& title, const std::string& lead = kAlpha) {
    const std::string name = Ready(title, lead).name();
    EXPECT_TRUE(Submit(name, lead).ok());
    EXPECT_TRUE(Recommend(name, lead == kBeta ? kLaoshan : kHuangdao).ok());
    return name;
  }
  std::string Accepted(const std::string& title, const std::string& lead = kAlpha) {
    std::string name = Recommended(title, lead);
    EXPECT_TRUE(Accept(name).ok());
    return name;
  }
  static bool Asks(const policy::v1::Verdicts& verdicts, const std::string& rule) {
    return std::any_of(verdicts.verdicts().begin(), verdicts.verdicts().end(),
                       [&](const auto& verdict) { return verdict.rule_id() == rule; });
  }

  const std::unique_ptr<const policy::Pack> later_;
  const ConsortiumPack later_rules_;
  const ConsortiumBook later_book_;
};

TEST_F(PackChangeTest, WhatTheCityAcceptedGoesOnByTheRulesOfThatDayToItsFiling) {
  const std::string name = Accepted("已受理");
  for (const char* verb : {"inspect", "defend", "select", "announce"}) {
    const absl::Status done = StepLater(name, verb, Part::kOffice);
    ASSERT_TRUE(done.ok()) << verb << ": " << done;
  }
  const absl::Status filed = StepLater(name, "file", Part::kSystem);
  ASSERT_TRUE(filed.ok()) << filed;
  EXPECT_EQ(Stored(name).verdicts().pack_version(), pack->version());
  // Each check says by which rules it was, and gives the same bytes by them under the new pack.
  for (const v1::EligibilityCheck& check : ChecksOf(name)) {
    EXPECT_EQ(check.verdicts().pack_version(), pack->version()) << check.cause();
    EXPECT_FALSE(Asks(check.verdicts(), kNewRule)) << check.cause();
    EXPECT_EQ(policy::Encode(Replay(later_rules_, check)), policy::Encode(check.verdicts()));
  }
}

TEST_F(PackChangeTest, WhatTheCityHasYetToAcceptIsAskedByTheNewRules) {
  const std::string name = Recommended("待受理");
  const absl::Status refused = StepLater(name, "accept", Part::kOffice);
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("9"));
  // It can be sent back to be corrected, so nothing is stuck.
  EXPECT_TRUE(StepLater(name, "return", Part::kOffice).ok());
}

TEST_F(PackChangeTest, TheOldRulesAreAskedOfTodaysFacts) {
  const std::string name = Accepted("已受理");
  ASSERT_TRUE(RemoveLead(Filed("另一个").name()).ok());
  const absl::Status refused = StepLater(name, "inspect", Part::kOffice);
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED) << refused;
  EXPECT_TRUE(Asks(Stored(name).verdicts(), "consortium.nobody-barred"));
}

TEST_F(PackChangeTest, WhatGoesBackToBeCorrectedIsHandedInByTheNewRules) {
  const std::string name = Accepted("公示后退回");
  ToNotice(name);
  ASSERT_TRUE(StepLater(name, "reopen", Part::kOffice).ok());
  const absl::Status refused = StepLater(name, "submit", Part::kLead);
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("9"));
}

}  // namespace
}  // namespace chanyan::consortium
