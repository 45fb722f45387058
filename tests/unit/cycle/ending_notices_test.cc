// When nobody need renew any more what was told to be near its end (REG-3, PAIR-3, PAIR-8, CYC-9).
#include <gtest/gtest.h>

#include <vector>

#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "services/cycle/agreement_notices.h"
#include "services/cycle/notice_texts.h"
#include "tests/unit/cycle/entries.h"

namespace chanyan::cycle {
namespace {

template <class T>
bool SettledBy(const T& after, const char* kind) {
  const journal::v1::Entry entry = EntryOf(kind, after);
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

TEST(EndingNoticesTest, AnAgreementOfAProjectHasAnotherTerm) {
  pairing::v1::Agreement agreement;
  agreement.set_name("projects/p/agreements/main");
  agreement.set_reminded_days(60);
  EXPECT_FALSE(SettledBy(agreement, "expiring"));
  EXPECT_FALSE(SettledBy(agreement, "updated")) << "its end is where it was";
  agreement.set_reminded_days(0);
  EXPECT_TRUE(SettledBy(agreement, "prolonged"));
}

TEST(EndingNoticesTest, BothSidesOfAnAgreementAreRemindedOfItsEnd) {
  pairing::v1::Agreement agreement;
  agreement.set_name("projects/p/agreements/main");
  agreement.set_number("海大合字2025-1号");
  agreement.set_project_title("海洋装备联合研发");
  agreement.set_university("organizations/ouc");
  agreement.set_enterprise("organizations/firm");
  EXPECT_TRUE(AgreementNoticesOf(agreement, "expiring").empty()) << "it has no end";
  *agreement.mutable_expire_date() = time::ToProto(absl::CivilDay(2028, 3, 31));
  EXPECT_TRUE(AgreementNoticesOf(agreement, "updated").empty());
  const std::vector<Notice> told = AgreementNoticesOf(agreement, "expiring");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].organization, "organizations/ouc");
  EXPECT_EQ(told[1].organization, "organizations/firm");
  for (const Notice& one : told) {
    EXPECT_EQ(one.kind, v1::NOTIFICATION_KIND_REMINDER);
    EXPECT_EQ(one.title, "共建协议“海大合字2025-1号”将于2028年3月31日到期");
    EXPECT_EQ(one.content.find("终止"), std::string::npos) << "it runs out, nobody ends it";
    EXPECT_EQ(one.due, time::EndOfDay(absl::CivilDay(2028, 3, 31)));
  }
  EXPECT_EQ(told[1].roles, std::vector<options::v1::Role>{options::v1::ROLE_ENTERPRISE});
  agreement.set_title("共建中试线协议");
  EXPECT_EQ(AgreementNoticesOf(agreement, "expiring")[0].title,
            "共建协议“共建中试线协议”将于2028年3月31日到期");
  agreement.clear_enterprise();
  EXPECT_EQ(AgreementNoticesOf(agreement, "expiring").size(), 1u)
      << "an entry without anybody would go to everybody";
}

}  // namespace
}  // namespace chanyan::cycle
