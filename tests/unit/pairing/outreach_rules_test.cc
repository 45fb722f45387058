// What contacts with an enterprise that found no platform come to.
#include "services/pairing/outreach_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = time::StartOfDay(absl::CivilDay(2025, 4, 10)) + absl::Hours(9);

v1::ContactAttempt Contact(const std::string& result, absl::Time when = kNow,
                           const std::string& name = "outreaches/e/attempts/1") {
  v1::ContactAttempt attempt;
  attempt.set_name(name);
  *attempt.mutable_contact_time() = time::ToTimestamp(when);
  attempt.set_contact_person("王某");
  attempt.set_method("phone");
  attempt.set_result(result);
  attempt.set_state(v1::CONTACT_ATTEMPT_STATE_VALID);
  return attempt;
}

std::vector<std::string> FieldsOf(const std::vector<status::Violation>& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field);
  return fields;
}

TEST(OutreachRulesTest, WhatThePackDoesNotKnowAndWhatIsToComeIsRefused) {
  const auto pack = testing::ShippedPack();
  EXPECT_THAT(ContactViolations(*pack, Contact("refused"), kNow), IsEmpty());
  v1::ContactAttempt bad = Contact("sang", kNow + absl::Microseconds(1));
  bad.set_method("telepathy");
  bad.set_reason("mood");
  EXPECT_THAT(FieldsOf(ContactViolations(*pack, bad, kNow)),
              ElementsAre("contact_time", "method", "result", "reason"));
}

TEST(OutreachRulesTest, EveryResultOfThePackSaysWhatItDoesToTheReason) {
  const auto pack = testing::ShippedPack();
  for (const auto& result : pack->proto().pairing().outreach().results()) {
    v1::ContactAttempt attempt = Contact(result.id());
    SettleReason(*pack, &attempt);
    EXPECT_EQ(attempt.reason(), result.reason_id()) << result.id();
    EXPECT_EQ(attempt.reason_effect(), !result.reason_id().empty() ? v1::REASON_EFFECT_SET
                                       : result.clears_reason()    ? v1::REASON_EFFECT_CLEAR
                                                                   : v1::REASON_EFFECT_KEEP)
        << result.id();
    // A reason of its own goes before that of the result.
    attempt = Contact(result.id());
    attempt.set_reason("no-funds");
    SettleReason(*pack, &attempt);
    EXPECT_EQ(attempt.reason(), "no-funds") << result.id();
    EXPECT_EQ(attempt.reason_effect(), v1::REASON_EFFECT_SET) << result.id();
  }
}

TEST(OutreachRulesTest, TheReasonIsThatOfTheLastContactThatSaysSomethingAboutIt) {
  const auto pack = testing::ShippedPack();
  const struct {
    std::vector<std::string> results;
    std::string reason;
    int decided_by;
  } cases[] = {
      {{}, "", 0},
      {{"call-again"}, "", 0},
      {{"refused"}, "refused", 1},
      {{"refused", "call-again"}, "refused", 1},
      {{"refused", "no-answer"}, "unreachable", 2},
      {{"refused", "interested"}, "", 0},
      {{"refused", "interested", "call-again"}, "", 0},
      {{"interested", "meeting-agreed", "recommended"}, "in-talks", 2},
  };
  for (const auto& one : cases) {
    std::vector<v1::ContactAttempt> attempts;
    for (const std::string& result : one.results) {
      attempts.push_back(Contact(result, kNow + absl::Hours(static_cast<int>(attempts.size())),
                                 absl::StrCat("outreaches/e/attempts/", attempts.size())));
      SettleReason(*pack, &attempts.back());
    }
    v1::Outreach outreach;
    Derive(attempts, &outreach);
    EXPECT_EQ(outreach.contact_count(), static_cast<int>(one.results.size()));
    EXPECT_EQ(outreach.reason(), one.reason) << ::testing::PrintToString(one.results);
    EXPECT_EQ(outreach.has_reason_time(), one.decided_by > 0);
    if (one.decided_by > 0) {
      EXPECT_EQ(time::ToTime(outreach.reason_time()), kNow + absl::Hours(one.decided_by - 1));
    }
    if (!one.results.empty()) {
      EXPECT_EQ(outreach.last_result(), one.results.back());
    }
  }
}

TEST(OutreachRulesTest, AVoidedContactCountsAsIfItHadNotBeen) {
  const auto pack = testing::ShippedPack();
  std::vector<v1::ContactAttempt> attempts = {Contact("no-fit"),
                                              Contact("refused", kNow + absl::Hours(1))};
  for (auto& attempt : attempts) SettleReason(*pack, &attempt);
  v1::Outreach without;
  Derive(absl::MakeSpan(attempts).subspan(0, 1), &without);
  attempts[1].set_state(v1::CONTACT_ATTEMPT_STATE_VOIDED);
  v1::Outreach with;
  with.set_reason("refused");
  Derive(attempts, &with);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(with, without));
  EXPECT_EQ(with.reason(), "no-fit");
}

TEST(OutreachRulesTest, AnyOrderOfArrivalComesToTheSame) {
  const auto pack = testing::ShippedPack();
  const auto& results = pack->proto().pairing().outreach().results();
  std::mt19937 random(20250401);
  for (int round = 0; round < 500; ++round) {
    std::vector<v1::ContactAttempt> attempts;
    const int count = static_cast<int>(random() % 8);
    for (int i = 0; i < count; ++i) {
      // Several at the same instant.
      attempts.push_back(Contact(results.Get(static_cast<int>(random() % results.size())).id(),
                                 kNow + absl::Hours(static_cast<int>(random() % 3)),
                                 absl::StrCat("outreaches/e/attempts/", i)));
      SettleReason(*pack, &attempts.back());
      if (random() % 5 == 0) attempts.back().set_state(v1::CONTACT_ATTEMPT_STATE_VOIDED);
    }
    v1::Outreach first;
    Derive(attempts, &first);
    std::shuffle(attempts.begin(), attempts.end(), random);
    v1::Outreach second;
    Derive(attempts, &second);
    ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(first, second)) << round;
  }
}

TEST(OutreachRulesTest, TitlesBecomeIdsAndIdsTitles) {
  const auto pack = testing::ShippedPack();
  v1::ContactAttempt attempt = Contact("refused");
  SettleReason(*pack, &attempt);
  SetTitles(*pack, &attempt);
  EXPECT_EQ(attempt.method_title(), "电话");
  EXPECT_EQ(attempt.result_title(), "企业谢绝");
  EXPECT_EQ(attempt.reason_title(), "企业无合作意愿");
  v1::ContactAttempt read = attempt;
  read.clear_method();
  read.clear_result();
  read.clear_reason();
  EXPECT_THAT(TakeTitles(*pack, &read), IsEmpty());
  EXPECT_EQ(read.method(), "phone");
  EXPECT_EQ(read.result(), "refused");
  EXPECT_EQ(read.reason(), "refused");
  read.set_method_title("托梦");
  read.clear_result_title();
  read.set_reason_title("心情");
  EXPECT_THAT(FieldsOf(TakeTitles(*pack, &read)),
              ElementsAre("result_title", "method_title", "reason_title"));
  EXPECT_EQ(ReasonTitle(*pack, "gone-from-the-pack"), "gone-from-the-pack");
}

}  // namespace
}  // namespace chanyan::pairing
