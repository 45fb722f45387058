// Public notice and objections on the real database (CON-5): what is refused first, receipts and
// limits; the end of a notice: notice_end_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/api/digest.h"
#include "common/objection/quota.h"
#include "common/objection/receipt.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/consortium/notice_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_UNIT;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoticeTest : public ::testing::Test, protected NoticeWorld {};

TEST_F(NoticeTest, OnlyTheOfficePublishesAndOnlyWhatIsSelectedAndOnce) {
  const v1::Consortium draft = Ready("未申报");
  EXPECT_EQ(Publish(draft.name()).status().code(), absl::StatusCode::kNotFound);
  const std::string name = Selected("拟备案");
  EXPECT_EQ(Publish(name, "organizations/qdst-hy").status().code(), absl::StatusCode::kNotFound);
  const auto notice = Publish(name);
  ASSERT_TRUE(notice.ok()) << notice.status();
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  EXPECT_EQ(notice->workdays(), 5);
  EXPECT_EQ(status::ReasonOf(Publish(name).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("public_notice"), 1);
}

TEST_F(NoticeTest, ThePublicReadsNamesAndNoPerson) {
  const v1::PublicNotice notice = Notice(Published("公开").name());
  EXPECT_THAT(notice.lead_title(), ::testing::Not(IsEmpty()));
  EXPECT_GE(notice.member_titles_size(), 5);
  EXPECT_THAT(notice.derivation(), HasSubstr("5个工作日"));
  EXPECT_THAT(notice.actions(), ::testing::ElementsAre("object"));
  const v1::Consortium dossier = Stored(notice.consortium());
  EXPECT_THAT(notice.ShortDebugString(),
              ::testing::Not(HasSubstr(dossier.chief_expert().person())));
  v1::ListPublicNoticesRequest list;
  list.set_filter("state = OPEN");
  const auto page =
      notices.ListPublicNotices(As(ROLE_PUBLIC, "", "NoticeService.ListPublicNotices"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->public_notices(), SizeIs(1));
}

TEST_F(NoticeTest, AnObjectionAfterTheLastSecondIsRefused) {
  const v1::PublicNotice notice = Published("期限");
  clock.now = time::ToTime(notice.deadline());
  EXPECT_TRUE(Object(notice.name()).ok());
  Pass(notice);
  EXPECT_EQ(status::ReasonOf(Object(notice.name()).status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_EQ(Object("notices/absent").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(NoticeTest, AReceiptProvesItselfAndOpensOneObjectionAlone) {
  const v1::PublicNotice notice = Published("回执");
  const std::string id = api::NewUuid();
  const auto receipt = Object(notice.name(), "10.0.0.1", id);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  // Asked again with the same words: the same receipt, one objection.
  const auto again = Object(notice.name(), "10.0.0.1", id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->verification_hash(), receipt->verification_hash());
  EXPECT_EQ(Count("notice_objection"), 1);
  EXPECT_EQ(again->nonce(), receipt->nonce());
  EXPECT_EQ(objection::VerificationHash({receipt->receipt_number(), receipt->objection(),
                                         "牵头单位在我市没有实际经营，请核查。",
                                         time::ToTime(receipt->submit_time()), receipt->nonce()}),
            receipt->verification_hash());
  // What the office has does not open it.
  const auto stored = testing::Texts(database.db(), "SELECT receipt_sha256 FROM notice_objection");
  EXPECT_EQ(stored.at(0), api::Sha256Hex(receipt->verification_hash()));

  const auto found = Check(receipt->receipt_number(), receipt->verification_hash());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->state(), v1::NOTICE_OBJECTION_STATE_OPEN);
  const std::string wrong(64, '0');
  const auto refused = Check(receipt->receipt_number(), wrong).status();
  const auto absent = Check("YY-20250401-zzzzzzzzzzzz", wrong).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(
      absl::StrReplaceAll(std::string(refused.message()), {{receipt->receipt_number(), "X"}}),
      absl::StrReplaceAll(std::string(absent.message()), {{"YY-20250401-zzzzzzzzzzzz", "X"}}));
  ASSERT_TRUE(Decide(receipt->objection(), false).ok());
  const auto answered = Check(receipt->receipt_number(), receipt->verification_hash());
  EXPECT_EQ(answered->state(), v1::NOTICE_OBJECTION_STATE_REJECTED);
  EXPECT_THAT(answered->finding(), HasSubstr("经现场核查"));
}

TEST_F(NoticeTest, SoManyADayFromOneSource) {
  const v1::PublicNotice notice = Published("限额");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Object(notice.name()).ok());
  const auto fourth = Object(notice.name());
  EXPECT_EQ(fourth.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(fourth.status().message()), HasSubstr("今日已受理3件"));
  EXPECT_EQ(Count("notice_objection"), 3);
  EXPECT_TRUE(Object(notice.name(), "10.0.0.2").ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ObjectAs(E(5), notice.name()).ok());
  EXPECT_EQ(ObjectAs(E(5), notice.name()).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(ObjectAs(E(6), notice.name()).ok());
  clock.now += absl::Hours(24);
  EXPECT_TRUE(Object(notice.name()).ok());
  // On the last day nobody is told to come tomorrow.
  EXPECT_THAT(std::string(fourth.status().message()), HasSubstr("请明日再提出"));
  clock.now = time::ToTime(notice.deadline());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Object(notice.name()).ok());
  const std::string last(Object(notice.name()).status().message());
  EXPECT_THAT(last, HasSubstr("异议期今日截止"));
  EXPECT_THAT(last, ::testing::Not(HasSubstr("明日")));
}

TEST_F(NoticeTest, CountsShowNoAddressAndGoWhenTheirDaysAreOver) {
  const v1::PublicNotice notice = Published("限额清理");
  ASSERT_TRUE(Object(notice.name()).ok());
  const std::string day = time::FormatDate(time::DayOf(clock.now));
  const auto sources = testing::Texts(database.db(), "SELECT source FROM objection_quota");
  ASSERT_THAT(sources, SizeIs(3)) << "address, network and notice";
  for (const std::string& source : sources) {
    EXPECT_THAT(source, SizeIs(64));
    // Whoever tries all addresses needs the key as well.
    EXPECT_NE(source, api::Sha256Hex(absl::StrCat(day, "\naddress\n10.0.0.1")));
    EXPECT_NE(source, api::Sha256Hex(absl::StrCat(day, "\npublication\n", notice.name())));
  }
  const auto forget = [&] {
    const auto gone = objection::ForgetCounts(database.db(), clock.now, *NoticeLease());
    EXPECT_TRUE(gone.ok()) << gone.status();
    return gone.ok() ? *gone : -1;
  };
  clock.now += absl::Hours(24);
  EXPECT_EQ(forget(), 0) << "yesterday's stay a day";
  ASSERT_TRUE(Object(notice.name()).ok());
  clock.now += absl::Hours(24);
  EXPECT_EQ(forget(), 3);
  EXPECT_EQ(Count("objection_quota"), 3);
  // More than one batch.
  database.Apply("INSERT INTO objection_quota SELECT '2024-01-02', seq, 1 FROM seq_1_to_1201");
  EXPECT_EQ(forget(), 1201);
  auto gone =
      std::make_unique<db::Lease>(database.db(), "consortium-notices", "two", absl::Minutes(3));
  EXPECT_FALSE(gone->Acquire().ok());
  EXPECT_TRUE(objection::ForgetCounts(database.db(), clock.now, *gone).ok());
}

TEST_F(NoticeTest, ContactsAreSealedAtRestAndTheOfficeAloneReadsThem) {
  const v1::PublicNotice notice = Published("联系方式");
  const auto receipt = Object(notice.name());
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const auto stored = testing::Texts(
      database.db(), "SELECT CONCAT_WS('|', contact_person, contact_phone) FROM notice_objection");
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_THAT(stored[0], ::testing::MatchesRegex("enc1\\.k1\\..+\\|enc1\\.k1\\..+"));
  for (const std::string& text : testing::Texts(
           database.db(), "SELECT CONCAT_WS(' ', before_json, after_json) FROM journal")) {
    EXPECT_THAT(text, ::testing::Not(HasSubstr("13812345678")));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("李群众")));
  }
  const auto get = [&](options::v1::Role role, const std::string& own) {
    v1::GetNoticeObjectionRequest request;
    request.set_name(receipt->objection());
    return notices.GetNoticeObjection(As(role, own, "NoticeService.GetNoticeObjection"), request);
  };
  const auto office = get(ROLE_DEPARTMENT, kBureau);
  ASSERT_TRUE(office.ok()) << office.status();
  EXPECT_EQ(office->contact_person(), "李群众");
  EXPECT_EQ(office->contact_phone(), "13812345678");
  const auto leader = get(options::v1::ROLE_LEADER, kBureau);
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_EQ(leader->contact_person(), "");
  EXPECT_EQ(leader->contact_phone(), "");
  const auto decided = Decide(receipt->objection(), false);
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(decided->contact_phone(), "13812345678");
  // Written before there was a key.
  database.Apply(
      "UPDATE notice_objection SET contact_person = '老记录', contact_phone = '0532-85911343'");
  EXPECT_EQ(get(ROLE_DEPARTMENT, kBureau)->contact_phone(), "0532-85911343");
  // Spoilt: the office sees why, and the rest.
  database.Apply("UPDATE notice_objection SET contact_phone = 'enc1.k9.AAAA'");
  const auto spoilt = get(ROLE_DEPARTMENT, kBureau);
  ASSERT_TRUE(spoilt.ok()) << spoilt.status();
  EXPECT_THAT(spoilt->contact_phone(), HasSubstr("没有编号为k9的密钥"));
  EXPECT_EQ(spoilt->contact_person(), "老记录");
}

TEST_F(NoticeTest, WhatIsRememberedOfARequestHoldsNeitherReceiptNorContact) {
  const v1::PublicNotice notice = Published("请求记录");
  v1::SubmitPublicObjectionRequest request;
  request.set_parent(notice.name());
  request.mutable_objection()->set_content("牵头单位在我市没有实际经营，请核查。");
  request.mutable_objection()->set_contact_person("李群众");
  request.mutable_objection()->set_contact_phone("13812345678");
  request.set_request_id(api::NewUuid());
  v1::CreateNoticeObjectionRequest own;
  own.set_parent(notice.name());
  *own.mutable_objection() = request.objection();
  own.set_request_id(api::NewUuid());
  rpc::Call anybody = As(ROLE_PUBLIC, "", "NoticeService.SubmitPublicObjection");
  anybody.client_address = "10.0.0.1";
  const rpc::Call five = As(ROLE_ENTERPRISE, E(5), "NoticeService.CreateNoticeObjection");
  const auto theirs = notices.SubmitPublicObjection(anybody, request);
  const auto mine = notices.CreateNoticeObjection(five, own);
  ASSERT_TRUE(theirs.ok() && mine.ok()) << theirs.status() << mine.status();
  EXPECT_FALSE(crypto::Keyring::IsSealed(theirs->nonce()));
  const auto replies = testing::Texts(
      database.db(), "SELECT HEX(reply) FROM idempotency WHERE method LIKE '%Objection'");
  ASSERT_THAT(replies, SizeIs(2));
  for (const std::string& reply : replies) {
    for (const std::string& secret :
         {theirs->nonce(), theirs->verification_hash(), mine->nonce(), mine->verification_hash(),
          std::string("李群众"), std::string("13812345678")}) {
      EXPECT_THAT(reply,
                  ::testing::Not(HasSubstr(absl::AsciiStrToUpper(absl::BytesToHexString(secret)))));
    }
  }
  // Whoever tries all telephone numbers does not find the one that was given.
  const auto kept = testing::Texts(database.db(), "SELECT LOWER(HEX(args_sha)) FROM idempotency");
  for (const std::string& plain :
       {api::Sha256Hex(request.SerializeAsString()), api::Sha256Hex(own.SerializeAsString())}) {
    EXPECT_THAT(kept, ::testing::Not(::testing::Contains(plain)));
  }
  // Asked again it is the same receipt, and another telephone number is another request.
  const auto again = notices.CreateNoticeObjection(five, own);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), mine->SerializeAsString());
  request.mutable_objection()->set_contact_phone("13812345679");
  EXPECT_EQ(status::ReasonOf(notices.SubmitPublicObjection(anybody, request).status()),
            options::v1::ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(NoticeTest, OfEightAtOnceOneSourceGetsThreeThrough) {
  const v1::PublicNotice notice = Published("并发限额");
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto receipt = Object(notice.name());
      if (receipt.ok()) ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(Count("notice_objection"), 3);
}

TEST_F(NoticeTest, WhoSeesAnObjection) {
  const v1::PublicNotice notice = Published("可见");
  const auto mine = ObjectAs(E(5), notice.name());
  ASSERT_TRUE(mine.ok());
  ASSERT_TRUE(Object(notice.name()).ok());
  const auto listed = [&](options::v1::Role role, const std::string& organization) {
    v1::ListNoticeObjectionsRequest request;
    request.set_parent("notices/-");
    const auto page = notices.ListNoticeObjections(
        As(role, organization, "NoticeService.ListNoticeObjections"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->objections_size() : -1;
  };
  EXPECT_EQ(listed(ROLE_DEPARTMENT, kBureau), 2);
  EXPECT_EQ(listed(ROLE_ENTERPRISE, E(5)), 1);
  // Who is objected to does not see by whom; nor do others.
  EXPECT_EQ(listed(ROLE_ENTERPRISE, kAlpha), 0);
  EXPECT_EQ(listed(ROLE_ENTERPRISE, E(6)), 0);
  EXPECT_EQ(listed(ROLE_UNIT, kHuangdao), 0);
  EXPECT_EQ(listed(ROLE_DEPARTMENT, "organizations/qdst-hy"), 0);
  // The journal holds no telephone number.
  EXPECT_THAT(
      testing::Texts(database.db(),
                     "SELECT after_json FROM journal WHERE after_json LIKE '%13812345678%'"),
      IsEmpty());
}

TEST_F(NoticeTest, EvidenceComesFromWhoObjectedAlone) {
  const v1::PublicNotice notice = Published("证据");
  const auto receipt = Object(notice.name());
  const auto mine = ObjectAs(E(5), notice.name());
  ASSERT_TRUE(receipt.ok() && mine.ok());
  const rpc::Call nobody = As(ROLE_PUBLIC, "", "NoticeService.AddObjectionEvidence");
  const rpc::Call five = As(ROLE_ENTERPRISE, E(5), "NoticeService.AddObjectionEvidence");
  EXPECT_EQ(Prove(nobody, receipt->objection(), "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Prove(nobody, receipt->objection(), std::string(64, '1')).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Prove(five, receipt->objection(), "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Prove(nobody, mine->objection(), receipt->verification_hash()).status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(Prove(nobody, receipt->objection(), receipt->verification_hash()).ok());
  ASSERT_TRUE(Prove(five, mine->objection(), "").ok());
  EXPECT_EQ(Check(receipt->receipt_number(), receipt->verification_hash())->evidence_count(), 1);
  v1::ListObjectionEvidenceRequest list;
  list.set_parent(receipt->objection());
  const auto office = notices.ListObjectionEvidence(
      As(ROLE_DEPARTMENT, kBureau, "NoticeService.ListObjectionEvidence"), list);
  ASSERT_TRUE(office.ok());
  ASSERT_THAT(office->evidence(), SizeIs(1));
  v1::DownloadObjectionEvidenceRequest get;
  get.set_name(office->evidence(0).name());
  EXPECT_TRUE(notices
                  .DownloadObjectionEvidence(
                      As(ROLE_DEPARTMENT, kBureau, "NoticeService.DownloadObjectionEvidence"), get)
                  .ok());
  EXPECT_EQ(notices
                .DownloadObjectionEvidence(
                    As(ROLE_ENTERPRISE, kAlpha, "NoticeService.DownloadObjectionEvidence"), get)
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  for (int i = 1; i < 10; ++i) {
    ASSERT_TRUE(Prove(five, mine->objection(), "").ok()) << i;
  }
  EXPECT_EQ(Prove(five, mine->objection(), "").status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Decide(mine->objection(), false).ok());
  EXPECT_EQ(status::ReasonOf(Prove(five, mine->objection(), "").status()),
            ERROR_REASON_WRONG_STATE);
}

}  // namespace
}  // namespace chanyan::consortium
