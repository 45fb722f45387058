// When nobody need renew any more what was told to be near its end (REG-3, PAIR-8, CYC-9).
#include <gtest/gtest.h>

#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/journal/journal.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {
namespace {

template <class T>
bool SettledBy(const T& after, const char* kind) {
  journal::v1::Entry entry;
  entry.set_type(T::descriptor()->full_name());
  entry.set_resource(after.name());
  entry.set_kind(kind);
  entry.set_after_json(journal::CanonicalJson(after));
  EXPECT_TRUE(ConcernsNotices(entry));
  return IsSettled(entry);
}

TEST(EndingNoticesTest, AnIntentIsRenewedTakenBackOrAProject) {
  pairing::v1::Intent intent;
  intent.set_name("intents/i");
  intent.set_state(pairing::v1::INTENT_STATE_OPEN);
  intent.set_reminded_days(14);
  EXPECT_FALSE(SettledBy(intent, "expiring"));
  EXPECT_FALSE(SettledBy(intent, "updated")) << "its end is where it was";
  intent.set_project("projects/p");
  EXPECT_TRUE(SettledBy(intent, "paired")) << "it takes no verb any more";
  intent.clear_project();
  intent.set_reminded_days(0);
  EXPECT_TRUE(SettledBy(intent, "renewed"));
  intent.set_reminded_days(3);
  intent.set_state(pairing::v1::INTENT_STATE_WITHDRAWN);
  EXPECT_TRUE(SettledBy(intent, "followed")) << "it went with its platform";
}

TEST(EndingNoticesTest, AFrameAgreementIsRenewedOrEnds) {
  pairing::v1::FrameAgreement agreement;
  agreement.set_name("frameAgreements/a");
  agreement.set_state(pairing::v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  agreement.set_reminded_days(90);
  EXPECT_FALSE(SettledBy(agreement, "expiring"));
  EXPECT_FALSE(SettledBy(agreement, "updated"));
  agreement.set_reminded_days(0);
  EXPECT_TRUE(SettledBy(agreement, "renew"));
  agreement.set_reminded_days(30);
  for (const auto ended : {pairing::v1::FRAME_AGREEMENT_STATE_TERMINATED,
                           pairing::v1::FRAME_AGREEMENT_STATE_EXPIRED}) {
    agreement.set_state(ended);
    EXPECT_TRUE(SettledBy(agreement, "terminate"));
  }
}

}  // namespace
}  // namespace chanyan::cycle
