// The end of a public notice (CON-5): filing at the end, exactly once, and what keeps it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/consortium/notice_world.h"
#include "tests/support/zip_part.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PUBLIC;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NoticeEndTest : public ::testing::Test, protected NoticeWorld {};

TEST_F(NoticeEndTest, WithoutObjectionItIsFiledByItselfOnceItsTimeIsOver) {
  const v1::PublicNotice notice = Published("自动备案");
  clock.now = time::ToTime(notice.deadline());
  EXPECT_EQ(End(), 0);
  Pass(notice);
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(End(), 0);
  const v1::PublicNotice ended = Notice(notice.name());
  EXPECT_EQ(ended.state(), v1::PUBLIC_NOTICE_STATE_CLEARED);
  EXPECT_THAT(ended.filing_number(), HasSubstr("2025"));
  EXPECT_THAT(ended.actions(), IsEmpty());
  const v1::Consortium filed = Stored(notice.consortium());
  EXPECT_EQ(filed.state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_EQ(StoredFiling(filed.filing()).filing_number(), ended.filing_number());
}

TEST_F(NoticeEndTest, ItIsFiledForTheMonthsThatWereAnnouncedAndForNoMoreThanThePackHas) {
  const std::string name = Selected("短期备案");
  const auto publish = [&](int months) {
    auto request = Named<v1::PublishNoticeRequest>(name);
    request.set_valid_months(months);
    return notices.PublishNotice(As(ROLE_DEPARTMENT, kBureau, "NoticeService.PublishNotice"),
                                 request);
  };
  const auto longer = publish(37);
  EXPECT_EQ(status::ReasonOf(longer.status()), options::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("最长36个月"));
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("五、（六）"));
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_SELECTED) << "nothing was announced";
  EXPECT_EQ(Count("public_notice"), 0);
  const auto notice = publish(24);
  ASSERT_TRUE(notice.ok()) << notice.status();
  EXPECT_EQ(notice->valid_months(), 24);
  EXPECT_THAT(notice->content(), HasSubstr("（有效期24个月）"));
  Pass(*notice);
  EXPECT_EQ(End(), 1);
  const v1::Consortium row = Stored(name);
  const v1::Filing filing = StoredFiling(row.filing());
  EXPECT_EQ(filing.valid_months(), 24);
  const absl::CivilDay filed = *time::ToCivilDay(filing.file_date());
  EXPECT_EQ(*time::ToCivilDay(filing.valid_until()),
            absl::CivilDay(filed.year() + 2, filed.month(), filed.day()) - 1);
  EXPECT_EQ(*time::ToCivilDay(row.valid_until()), *time::ToCivilDay(filing.valid_until()));
  v1::DownloadCertificateRequest request;
  request.set_name(filing.name());
  const auto paper =
      filings.DownloadCertificate(By(kBureau, "FilingService.DownloadCertificate"), request);
  ASSERT_TRUE(paper.ok()) << paper.status();
  EXPECT_THAT(testing::ZipPart(paper->data(), "word/document.xml"), HasSubstr("24个月，至"));
}

TEST_F(NoticeEndTest, AnOpenObjectionHoldsTheFilingARejectedOneDoesNot) {
  const v1::PublicNotice notice = Published("异议");
  const auto receipt = Object(notice.name());
  ASSERT_TRUE(receipt.ok());
  Pass(notice);
  EXPECT_EQ(End(), 1) << "it waits";
  EXPECT_EQ(Stored(notice.consortium()).state(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  EXPECT_EQ(Decide(receipt->objection(), false, "organizations/qdst-hy").status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(Decide(receipt->objection(), false).ok());
  EXPECT_EQ(status::ReasonOf(Decide(receipt->objection(), true).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(Stored(notice.consortium()).state(), v1::CONSORTIUM_STATE_FILED);
}

TEST_F(NoticeEndTest, AnObjectionThatIsUpheldEndsTheNoticeAndTheApplication) {
  const v1::PublicNotice notice = Published("成立");
  const auto receipt = Object(notice.name());
  const auto other = ObjectAs(E(5), notice.name());
  ASSERT_TRUE(receipt.ok() && other.ok());
  ASSERT_TRUE(Decide(receipt->objection(), true).ok());
  EXPECT_EQ(Notice(notice.name()).state(), v1::PUBLIC_NOTICE_STATE_UPHELD);
  const v1::Consortium row = Stored(notice.consortium());
  EXPECT_EQ(row.state(), v1::CONSORTIUM_STATE_REJECTED);
  EXPECT_THAT(row.state_reason(), HasSubstr("异议经核查成立"));
  EXPECT_EQ(status::ReasonOf(Object(notice.name(), "10.0.0.9").status()), ERROR_REASON_WRONG_STATE);
  // What is left is still answered.
  EXPECT_TRUE(Decide(other->objection(), true).ok());
  Pass(notice);
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(Count("filing"), 0);
}

TEST_F(NoticeEndTest, OnlyWhoObjectedWithdraws) {
  const v1::PublicNotice notice = Published("撤回异议");
  const auto mine = ObjectAs(E(5), notice.name());
  ASSERT_TRUE(mine.ok());
  const auto withdraw = [&](options::v1::Role role, const std::string& organization) {
    return notices
        .WithdrawNoticeObjection(As(role, organization, "NoticeService.WithdrawNoticeObjection"),
                                 Named<v1::WithdrawNoticeObjectionRequest>(mine->objection()))
        .status();
  };
  EXPECT_EQ(withdraw(ROLE_ENTERPRISE, E(6)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(withdraw(ROLE_ENTERPRISE, kAlpha).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(withdraw(ROLE_ENTERPRISE, E(5)).ok());
  Pass(notice);
  EXPECT_EQ(End(), 1);
}

TEST_F(NoticeEndTest, ADossierThatIsWithdrawnTakesItsNoticeAlong) {
  book.SetGate("withdraw", [this](rpc::Change& change, const v1::Consortium& row) {
    return notices.EndWith(change, row);
  });
  const v1::PublicNotice notice = Published("撤回申报");
  ASSERT_TRUE(Withdraw(notice.consortium()).ok());
  EXPECT_EQ(Notice(notice.name()).state(), v1::PUBLIC_NOTICE_STATE_ENDED);
  Pass(notice);
  EXPECT_EQ(End(), 0);
}

TEST_F(NoticeEndTest, ARuleThatHoldsNoMoreHoldsTheFilingAndNobodyElses) {
  const v1::PublicNotice held = Published("名录已停用", kBeta);
  const v1::PublicNotice other = Published("其余");
  registry::v1::Organization lead = Registered(kBeta);
  lead.set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  ASSERT_TRUE(Change(lead).ok());
  Pass(held);
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(Stored(held.consortium()).state(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  EXPECT_EQ(Stored(other.consortium()).state(), v1::CONSORTIUM_STATE_FILED);
  EXPECT_EQ(Notice(held.name()).hold_reason(), "");
  v1::GetPublicNoticeRequest get;
  get.set_name(held.name());
  EXPECT_NE(
      notices.GetPublicNotice(As(ROLE_DEPARTMENT, kBureau, "NoticeService.GetPublicNotice"), get)
          ->hold_reason(),
      "");
}

TEST_F(NoticeEndTest, LostAndAmbiguousCommitsNeitherSkipNorRepeatAFiling) {
  constexpr int kNotices = 5;
  std::vector<v1::PublicNotice> all;
  for (int i = 0; i < kNotices; ++i) {
    all.push_back(Published(absl::StrCat("提交丢失", i), i % 2 == 0 ? kAlpha : kBeta));
  }
  Pass(all.front());
  const auto lease = NoticeLease();
  database.db().InjectFaults({.inject_retry_every = 5,
                              .inject_ambiguous_commit_every = 3,
                              .inject_ambiguous_nocommit_every = 4});
  for (int round = 0; round < 40; ++round) (void)notices.EndDue(*lease);
  database.db().InjectFaults({});
  (void)notices.EndDue(*lease);
  for (const v1::PublicNotice& one : all) {
    EXPECT_EQ(Notice(one.name()).state(), v1::PUBLIC_NOTICE_STATE_CLEARED);
    EXPECT_EQ(Stored(one.consortium()).state(), v1::CONSORTIUM_STATE_FILED);
  }
  EXPECT_EQ(Count("filing"), kNotices);
  EXPECT_EQ(Count("journal WHERE kind = 'clear'"), kNotices);
  EXPECT_EQ(testing::Texts(database.db(), "SELECT CAST(MAX(number) AS CHAR) FROM filing").at(0),
            absl::StrCat(kNotices));
}

// Several replicas and clients that still object at the last second: whatever comes first, a notice
// is filed or has an objection, never both, and numbers have no gap.
TEST_F(NoticeEndTest, SeveralReplicasFileEachOnceWhileOthersObject) {
  constexpr int kNotices = 6;
  std::vector<v1::PublicNotice> all;
  for (int i = 0; i < kNotices; ++i) {
    all.push_back(Published(absl::StrCat("并发", i), i % 2 == 0 ? kAlpha : kBeta));
  }
  Pass(all.front());
  // Whoever objects has a clock that is a second behind.
  testing::FakeClock slow;
  slow.now = time::ToTime(all.front().deadline());
  const Deps behind = {{database.db(), slow, nullptr}, rules, book, peer.peers()};
  NoticeService late(behind, keys);
  std::atomic<int> ended = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      NoticeService replica(deps(), keys);
      db::Lease lease(database.db(), "consortium-notices", absl::StrCat("replica", i),
                      absl::Milliseconds(200));
      for (int round = 0; round < 20; ++round) {
        if (!lease.Acquire().ok()) continue;
        const auto done = replica.EndDue(lease);
        if (done.ok()) ended += *done;
        if (round % 3 == i % 3) (void)lease.Release();
      }
    });
  }
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      v1::SubmitPublicObjectionRequest request;
      request.set_parent(all[i].name());
      request.mutable_objection()->set_content("最后一秒提出的异议，请核查。");
      request.set_request_id(api::NewUuid());
      rpc::Call call = As(ROLE_PUBLIC, "", "NoticeService.SubmitPublicObjection");
      call.client_address = absl::StrCat("10.1.0.", i);
      (void)late.SubmitPublicObjection(call, request);
    });
  }
  for (std::thread& thread : threads) thread.join();
  // The last replica's lease runs out by itself.
  db::Lease last(database.db(), "consortium-notices", "last", absl::Minutes(3));
  for (int i = 0; i < 200 && !last.Acquire().ok(); ++i) absl::SleepFor(absl::Milliseconds(20));
  ASSERT_TRUE(notices.EndDue(last).ok());
  int filed = 0;
  for (const v1::PublicNotice& one : all) {
    const v1::PublicNotice now = Notice(one.name());
    const int64_t objections =
        Count(absl::StrCat("notice_objection WHERE notice = '", one.name(), "'"));
    const bool is_filed = now.state() == v1::PUBLIC_NOTICE_STATE_CLEARED;
    EXPECT_EQ(is_filed, objections == 0) << one.consortium_title();
    EXPECT_EQ(Stored(one.consortium()).state(),
              is_filed ? v1::CONSORTIUM_STATE_FILED : v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
    filed += is_filed ? 1 : 0;
  }
  EXPECT_EQ(Count("filing"), filed);
  EXPECT_EQ(
      testing::Texts(database.db(), "SELECT CAST(COALESCE(MAX(number), 0) AS CHAR) FROM filing")
          .at(0),
      absl::StrCat(filed));
  EXPECT_EQ(Count("journal WHERE kind = 'clear'"), filed);
}

}  // namespace
}  // namespace chanyan::consortium
