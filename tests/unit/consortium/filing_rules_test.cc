// Term, number, certificate and reminders of a filing (CON-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/digests.h"
#include "services/consortium/filing_rules.h"

namespace chanyan::consortium {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FilingRulesTest, TheLastDayIsTheOneBeforeTheAnniversary) {
  struct Case {
    CivilDay first;
    int months;
    CivilDay last;
  };
  for (const Case& one : {Case{CivilDay(2025, 3, 6), 36, CivilDay(2028, 3, 5)},
                          Case{CivilDay(2025, 1, 1), 36, CivilDay(2027, 12, 31)},
                          Case{CivilDay(2025, 3, 1), 36, CivilDay(2028, 2, 29)},
                          Case{CivilDay(2024, 2, 29), 36, CivilDay(2027, 2, 28)},
                          Case{CivilDay(2024, 2, 29), 48, CivilDay(2028, 2, 28)},
                          Case{CivilDay(2025, 1, 31), 1, CivilDay(2025, 2, 28)},
                          Case{CivilDay(2025, 10, 31), 1, CivilDay(2025, 11, 30)},
                          Case{CivilDay(2025, 12, 15), 1, CivilDay(2026, 1, 14)}}) {
    EXPECT_EQ(LastDayOf(one.first, one.months), one.last) << one.first << " " << one.months;
  }
}

TEST(FilingRulesTest, NoTermOfThirtySixMonthsIsLongerThanThreeYears) {
  for (CivilDay first(2024, 1, 1); first < CivilDay(2029, 1, 1); ++first) {
    const CivilDay last = LastDayOf(first, 36);
    EXPECT_LE(last - first, 366 + 365 + 365 - 1) << first;
    EXPECT_GE(last - first, 3 * 365 - 2) << first;
  }
}

policy::v1::ConsortiumFilingTerm Term() {
  policy::v1::ConsortiumFilingTerm term;
  term.set_number_format("青创联备〔{year}〕{number}号");
  term.set_number_digits(3);
  for (const int days : {180, 90, 30}) term.add_reminder_days(days);
  return term;
}

TEST(FilingRulesTest, MoreMonthsThanThePackHasAreRefusedWithItsClauseAndFewerHold) {
  policy::v1::ConsortiumFilingTerm term = Term();
  term.set_max_months(36);
  term.mutable_clause()->set_document("青科字〔2025〕5号");
  term.mutable_clause()->set_article("五、（六）");
  term.mutable_clause()->set_text("备案有效期一般不超过3年");
  for (const int months : {37, 1200}) {
    const absl::Status refused = CheckMonths(term, months);
    EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_INVALID_FIELD) << months;
    for (const char* words : {"36个月", "五、（六）", "一般不超过3年"}) {
      EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr(words));
    }
  }
  for (const int months : {0, 1, 36}) EXPECT_TRUE(CheckMonths(term, months).ok()) << months;
  EXPECT_EQ(MonthsFor(term, 24), 24);
  EXPECT_EQ(MonthsFor(term, 0), 36) << "none was named";
  term.set_max_months(12);
  EXPECT_EQ(MonthsFor(term, 24), 12) << "the pack has fewer since";
}

TEST(FilingRulesTest, NumbersAreAsThePackPrintsThem) {
  EXPECT_EQ(FilingNumber(Term(), 2025, 7), "青创联备〔2025〕007号");
  EXPECT_EQ(FilingNumber(Term(), 2025, 1234), "青创联备〔2025〕1234号");
}

TEST(FilingRulesTest, RemindersFallDueOneAfterTheOtherAndNeverAfterTheEnd) {
  const CivilDay last(2028, 3, 5);
  EXPECT_THAT(RemindersDue(Term(), last, last - 181), IsEmpty());
  EXPECT_THAT(RemindersDue(Term(), last, last - 180), ElementsAre(180));
  EXPECT_THAT(RemindersDue(Term(), last, last - 90), ElementsAre(180, 90));
  EXPECT_THAT(RemindersDue(Term(), last, last - 29), ElementsAre(180, 90, 30));
  EXPECT_THAT(RemindersDue(Term(), last, last), ElementsAre(180, 90, 30));
  EXPECT_THAT(RemindersDue(Term(), last, last + 1), IsEmpty());
}

TEST(FilingRulesTest, ACertificateIsItsDataAndAnyChangeShows) {
  v1::Filing filing;
  filing.set_filing_number("青创联备〔2025〕001号");
  filing.set_consortium_title("水下传感创新联合体");
  filing.set_lead_unit_title("甲集团");
  filing.add_member_titles("企业一");
  *filing.mutable_file_date() = time::ToProto(CivilDay(2025, 4, 1));
  *filing.mutable_valid_until() = time::ToProto(CivilDay(2028, 3, 31));
  filing.set_verification_code("abc");
  const v1::Certificate one = CertificateOf(filing, "张三", "青岛市科学技术局");
  EXPECT_EQ(one.certificate_sha256().size(), 64u);
  EXPECT_EQ(one.certificate_sha256(),
            CertificateOf(filing, "张三", "青岛市科学技术局").certificate_sha256());
  EXPECT_NE(one.certificate_sha256(),
            CertificateOf(filing, "李四", "青岛市科学技术局").certificate_sha256());
  // The code proves, and is no part of what is proved.
  filing.set_verification_code("other");
  EXPECT_EQ(one.certificate_sha256(),
            CertificateOf(filing, "张三", "青岛市科学技术局").certificate_sha256());
  filing.add_member_titles("企业二");
  EXPECT_NE(one.certificate_sha256(),
            CertificateOf(filing, "张三", "青岛市科学技术局").certificate_sha256());
}

}  // namespace
}  // namespace chanyan::consortium
