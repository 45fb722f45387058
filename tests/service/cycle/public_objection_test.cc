// Objections to a leaderboard without an account (CYC-8, IDN-4): what is refused first, limits,
// receipts, and contacts that nobody but the secretariat reads, at rest neither.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/api/digest.h"
#include "common/api/validate.h"
#include "common/auth/secret.h"
#include "common/objection/receipt.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/objection_service.h"
#include "tests/service/cycle/published_board.h"
#include "tests/service/cycle/world.h"
#include "tests/support/sample_files.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kContent[] = "该校新增项目少计一个，附合同编号。";
constexpr char kPhone[] = "13812345678";
constexpr char kMail[] = "li.qunzhong@example.com";

class PublicObjectionTest : public ::testing::Test {
 protected:
  PublicObjectionTest()
      : keys_(crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret())).value()),
        service_(
            CycleDeps{
                {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()},
            keys_, {.per_address = 3, .per_version = 5}) {}

  void SetUp() override {
    ASSERT_TRUE(world_.Open().ok());
    ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
    PublishBoard(world_, 1, InChina(5, 14));
  }
  static rpc::Call As(options::v1::Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.ObjectionService.", method));
  }
  static v1::SubmitPublicObjectionRequest Request(int version = 1) {
    v1::SubmitPublicObjectionRequest request;
    request.set_parent(BoardVersion(version));
    request.mutable_objection()->set_board("universities");
    request.mutable_objection()->set_subject(kOuc);
    request.mutable_objection()->set_content(kContent);
    request.mutable_objection()->set_contact_person("李群众");
    request.mutable_objection()->set_contact_phone(kPhone);
    request.mutable_objection()->set_contact_email(kMail);
    request.set_request_id(World::Uuid());
    return request;
  }
  absl::StatusOr<v1::ObjectionReceipt> Send(const v1::SubmitPublicObjectionRequest& request,
                                            const std::string& address = "10.0.0.1") {
    rpc::Call call = As(ROLE_PUBLIC, "", "SubmitPublicObjection");
    call.client_address = address;
    return service_.SubmitPublicObjection(call, request);
  }
  absl::StatusOr<v1::ObjectionReceiptStatus> Check(const std::string& number,
                                                   const std::string& hash) {
    v1::CheckObjectionReceiptRequest request;
    request.set_receipt_number(number);
    request.set_verification_hash(hash);
    return service_.CheckObjectionReceipt(As(ROLE_PUBLIC, "", "CheckObjectionReceipt"), request);
  }
  std::vector<v1::Objection> List(options::v1::Role role, const std::string& own) {
    v1::ListObjectionsRequest list;
    list.set_parent(BoardVersion(1));
    const auto page = service_.ListObjections(As(role, own, "ListObjections"), list);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->objections().begin(), page->objections().end()};
  }
  absl::StatusOr<v1::Objection> Decide(const std::string& name, bool upheld) {
    v1::DecideObjectionRequest request;
    request.set_name(name);
    request.set_upheld(upheld);
    request.set_finding("经核查，该项目于上季度签约");
    return service_.DecideObjection(As(ROLE_SECRETARIAT, kSecretariat, "DecideObjection"), request);
  }

  World world_;
  const crypto::Keyring keys_;
  ObjectionService service_;
};

TEST_F(PublicObjectionTest, AllThatIsWrongWithARequestIsSaidAtOnce) {
  v1::SubmitPublicObjectionRequest request = Request();
  v1::Objection& objection = *request.mutable_objection();
  objection.set_board("");
  std::string long_text;
  for (int i = 0; i < 2001; ++i) long_text += "长";
  objection.set_content(long_text);
  objection.set_contact_person("李\u202E群众\n");
  objection.set_contact_phone("12345");
  objection.set_contact_email("li@@example");
  std::vector<std::string> fields;
  for (const status::Violation& one : status::ViolationsOf(api::Validate(request))) {
    fields.push_back(one.field);
  }
  for (const char* field : {"objection.board", "objection.content", "objection.contact_person",
                            "objection.contact_phone", "objection.contact_email"}) {
    EXPECT_THAT(fields, Contains(field));
  }
  v1::CheckObjectionReceiptRequest check;
  check.set_receipt_number("YY-1' OR 1");
  check.set_verification_hash("AB");
  EXPECT_THAT(status::ViolationsOf(api::Validate(check)), SizeIs(2));
  EXPECT_TRUE(api::Validate(Request()).ok());
}

TEST_F(PublicObjectionTest, WhatIsNotThereIsRefusedAndCountsNothing) {
  EXPECT_TRUE(absl::IsNotFound(Send(Request(7)).status()));
  v1::SubmitPublicObjectionRequest request = Request();
  request.mutable_objection()->set_board("nothing");
  EXPECT_TRUE(absl::IsInvalidArgument(Send(request).status()));
  request = Request();
  request.mutable_objection()->set_subject(kUpc);
  EXPECT_TRUE(absl::IsInvalidArgument(Send(request).status()));
  EXPECT_EQ(world_.Count("objection_quota"), 0);
  EXPECT_EQ(world_.Count("objection"), 0);
}

TEST_F(PublicObjectionTest, TheWindowIsOpenToTheLastSecondAndToTheVersionInForce) {
  ASSERT_TRUE(world_.MoveTo(InChina(5, 21, 23, 59, 59)).ok());
  EXPECT_TRUE(Send(Request()).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 22, 0)).ok());
  EXPECT_EQ(status::ReasonOf(Send(Request()).status()), ERROR_REASON_WINDOW_CLOSED);
  PublishBoard(world_, 2, InChina(5, 22, 0));
  EXPECT_EQ(status::ReasonOf(Send(Request()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Send(Request(2)).ok());
}

TEST_F(PublicObjectionTest, SoManyADayFromOneAddressAndToOneVersion) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Send(Request()).ok());
  const auto fourth = Send(Request());
  EXPECT_EQ(fourth.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(fourth.status().message()), HasSubstr("同一来源今日已受理3件"));
  EXPECT_EQ(world_.Count("objection"), 3);
  const auto neighbour = Send(Request(), "10.0.0.2");
  EXPECT_THAT(std::string(neighbour.status().message()),
              HasSubstr("本榜单对同一网络今日已受理3件异议，请明日再提出"));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Send(Request(), "10.0.1.2").ok());
  const auto sixth = Send(Request(), "10.0.2.3");
  EXPECT_THAT(std::string(sixth.status().message()), HasSubstr("本榜单今日已受理5件"));
  // Organizations go on.
  v1::CreateObjectionRequest own;
  own.set_parent(BoardVersion(1));
  *own.mutable_objection() = Request().objection();
  own.set_request_id(World::Uuid());
  EXPECT_TRUE(
      service_.CreateObjection(As(ROLE_RESEARCH_OFFICE, kOuc, "CreateObjection"), own).ok());
  world_.clock.now += absl::Hours(24);
  EXPECT_TRUE(Send(Request()).ok());
}

TEST_F(PublicObjectionTest, AddressesOfOneConnectionAreOneSource) {
  ASSERT_TRUE(Send(Request(), "10.0.0.1").ok());
  ASSERT_TRUE(Send(Request(), "::ffff:10.0.0.1").ok());
  ASSERT_TRUE(Send(Request(), "::ffff:a00:1").ok());
  EXPECT_THAT(std::string(Send(Request(), "10.0.0.1").status().message()),
              HasSubstr("同一来源今日已受理3件"));
  ASSERT_TRUE(Send(Request(), "2001:db8:1:2::1").ok());
  ASSERT_TRUE(Send(Request(), "2001:db8:1:2:ffff::2").ok());
  EXPECT_EQ(world_.Count("objection_quota"), 5) << "two addresses, two networks, one version";
}

TEST_F(PublicObjectionTest, OnTheLastDayNobodyIsToldToComeTomorrow) {
  ASSERT_TRUE(world_.MoveTo(InChina(5, 20, 10)).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Send(Request()).ok());
  EXPECT_THAT(std::string(Send(Request()).status().message()), HasSubstr("请明日再提出"));
  ASSERT_TRUE(world_.MoveTo(InChina(5, 21)).ok());
  const std::string refused(Send(Request()).status().message());
  EXPECT_THAT(refused, HasSubstr("异议期今日截止"));
  EXPECT_THAT(refused, Not(HasSubstr("明日")));
}

TEST_F(PublicObjectionTest, OfEightAtOnceOneAddressGetsThreeThrough) {
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (Send(Request()).ok()) ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(world_.Count("objection"), 3);
}

TEST_F(PublicObjectionTest, AReceiptProvesItselfAndAnotherOpensNothing) {
  const v1::SubmitPublicObjectionRequest request = Request();
  const auto receipt = Send(request);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const auto again = Send(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->verification_hash(), receipt->verification_hash());
  EXPECT_EQ(world_.Count("objection"), 1);
  EXPECT_EQ(objection::VerificationHash({receipt->receipt_number(), receipt->objection(), kContent,
                                         time::ToTime(receipt->submit_time()), receipt->nonce()}),
            receipt->verification_hash());
  const auto other = Send(Request(), "10.0.0.2");
  ASSERT_TRUE(other.ok()) << other.status();

  const std::string wrong(64, '0');
  const auto refused = Check(receipt->receipt_number(), wrong).status();
  const auto absent = Check("YY-20250401-zzzzzzzzzzzz", wrong).status();
  EXPECT_TRUE(absl::IsNotFound(refused));
  EXPECT_EQ(
      absl::StrReplaceAll(std::string(refused.message()), {{receipt->receipt_number(), "X"}}),
      absl::StrReplaceAll(std::string(absent.message()), {{"YY-20250401-zzzzzzzzzzzz", "X"}}));
  EXPECT_TRUE(
      absl::IsNotFound(Check(receipt->receipt_number(), other->verification_hash()).status()));
  // What is kept opens nothing.
  const auto kept = testing::Texts(world_.database.db(), "SELECT receipt_sha256 FROM objection");
  EXPECT_THAT(kept, Contains(api::Sha256Hex(receipt->verification_hash())));
  EXPECT_TRUE(absl::IsNotFound(Check(receipt->receipt_number(), kept[0]).status()));

  const auto open = Check(receipt->receipt_number(), receipt->verification_hash());
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->state(), v1::OBJECTION_STATE_OPEN);
  EXPECT_EQ(open->leaderboard(), BoardVersion(1));
  ASSERT_TRUE(Decide(receipt->objection(), false).ok());
  const auto answered = Check(receipt->receipt_number(), receipt->verification_hash());
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_EQ(answered->state(), v1::OBJECTION_STATE_REJECTED);
  EXPECT_THAT(answered->finding(), HasSubstr("上季度签约"));
}

TEST_F(PublicObjectionTest, EvidenceComesWithTheReceiptOrFromWhoObjectedWhileItIsOpen) {
  const auto receipt = Send(Request());
  const auto other = Send(Request(), "10.0.0.2");
  ASSERT_TRUE(receipt.ok() && other.ok());
  const auto prove = [&](const rpc::Call& call, const std::string& hash, const std::string& data,
                         const std::string& file_name = "证据.pdf") {
    v1::AddObjectionEvidenceRequest request;
    request.set_parent(receipt->objection());
    request.mutable_file()->set_data(data);
    request.set_file_name(file_name);
    request.set_verification_hash(hash);
    request.set_request_id(World::Uuid());
    return service_.AddObjectionEvidence(call, request);
  };
  const std::string& hash = receipt->verification_hash();
  const rpc::Call anybody = As(ROLE_PUBLIC, "", "AddObjectionEvidence");
  const std::string pdf = testing::SamplePdf("证据");
  EXPECT_TRUE(absl::IsInvalidArgument(prove(anybody, hash, "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(prove(anybody, hash, "MZ program", "a.exe").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(prove(anybody, hash, pdf, "证据.docx").status()));
  EXPECT_TRUE(absl::IsNotFound(prove(anybody, "", pdf).status()));
  EXPECT_TRUE(absl::IsNotFound(prove(anybody, other->verification_hash(), pdf).status()));
  EXPECT_TRUE(absl::IsNotFound(
      prove(As(ROLE_RESEARCH_OFFICE, kOuc, "AddObjectionEvidence"), "", pdf).status()));
  for (int i = 0; i < 10; ++i) {
    const auto added = prove(anybody, hash, testing::SamplePdf(absl::StrCat("证据", i)));
    ASSERT_TRUE(added.ok()) << added.status();
  }
  EXPECT_TRUE(absl::IsInvalidArgument(prove(anybody, hash, pdf).status())) << "ten and no more";
  EXPECT_EQ(Check(receipt->receipt_number(), hash)->evidence_count(), 10);

  v1::ListObjectionEvidenceRequest list;
  list.set_parent(receipt->objection());
  const auto files = service_.ListObjectionEvidence(
      As(ROLE_SECRETARIAT, kSecretariat, "ListObjectionEvidence"), list);
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_THAT(files->evidence(), SizeIs(10));
  v1::DownloadObjectionEvidenceRequest download;
  download.set_name(files->evidence(0).name());
  const auto file = service_.DownloadObjectionEvidence(
      As(ROLE_SECRETARIAT, kSecretariat, "DownloadObjectionEvidence"), download);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(api::Sha256Hex(file->data()), files->evidence(0).sha256());
  EXPECT_TRUE(absl::IsNotFound(
      service_
          .DownloadObjectionEvidence(As(ROLE_RESEARCH_OFFICE, kOuc, "DownloadObjectionEvidence"),
                                     download)
          .status()))
      << "the public's is not an organization's";
  ASSERT_TRUE(Decide(receipt->objection(), false).ok());
  EXPECT_EQ(status::ReasonOf(prove(anybody, hash, pdf).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(PublicObjectionTest, AnObjectionOfThePublicKeepsTheVersionFromStanding) {
  const auto receipt = Send(Request());
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  ASSERT_TRUE(world_.MoveTo(InChina(5, 22, 9)).ok());
  v1::GetObjectionWindowRequest request;
  request.set_name(BoardVersion(1));
  const auto state = [&] {
    const auto window =
        service_.GetObjectionWindow(As(ROLE_PUBLIC, "", "GetObjectionWindow"), request);
    EXPECT_TRUE(window.ok()) << window.status();
    return window.ok() ? window->state() : v1::WINDOW_STATE_UNSPECIFIED;
  };
  EXPECT_EQ(state(), v1::WINDOW_STATE_DECIDING);
  ASSERT_TRUE(Decide(receipt->objection(), true).ok());
  EXPECT_EQ(state(), v1::WINDOW_STATE_CORRECTING);
}

TEST_F(PublicObjectionTest, ContactsAreSealedAndTheSecretariatAloneReadsThem) {
  const auto receipt = Send(Request());
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  v1::CreateObjectionRequest own;
  own.set_parent(BoardVersion(1));
  *own.mutable_objection() = Request().objection();
  own.mutable_objection()->set_receipt_number("forged");
  own.mutable_objection()->set_organization(kUpc);
  own.set_request_id(World::Uuid());
  const auto mine =
      service_.CreateObjection(As(ROLE_RESEARCH_OFFICE, kOuc, "CreateObjection"), own);
  ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_EQ(mine->receipt_number(), "");
  EXPECT_EQ(mine->organization(), kOuc);
  EXPECT_EQ(mine->contact_phone(), "");

  for (const char* sql :
       {"SELECT CONCAT_WS('|', contact_person, contact_phone, contact_email) FROM objection",
        "SELECT CONCAT_WS(' ', before_json, after_json) FROM journal",
        "SELECT HEX(reply) FROM idempotency"}) {
    const auto at_rest = testing::Texts(world_.database.db(), sql);
    EXPECT_THAT(at_rest, Not(IsEmpty())) << sql;
    for (const std::string& text : at_rest) {
      for (const char* secret : {kPhone, kMail, "李群众", "10.0.0.1"}) {
        EXPECT_THAT(text, Not(HasSubstr(secret))) << sql;
        EXPECT_THAT(text, Not(HasSubstr(absl::AsciiStrToUpper(absl::BytesToHexString(secret)))))
            << sql;
      }
    }
  }
  const auto office = List(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_THAT(office, SizeIs(2));
  for (const v1::Objection& row : office) {
    EXPECT_EQ(row.contact_person(), "李群众");
    EXPECT_EQ(row.contact_phone(), kPhone);
    EXPECT_EQ(row.contact_email(), kMail);
  }
  for (const auto role : {ROLE_DEPARTMENT, ROLE_LEADER}) {
    const auto seen = List(role, "organizations/bureau");
    ASSERT_THAT(seen, SizeIs(2));
    for (const v1::Objection& row : seen) {
      EXPECT_THAT(absl::StrCat(row.contact_person(), row.contact_phone(), row.contact_email()),
                  IsEmpty());
    }
  }
  EXPECT_THAT(List(ROLE_RESEARCH_OFFICE, kOuc), SizeIs(1)) << "the public's is nobody's";
  EXPECT_THAT(List(ROLE_RESEARCH_OFFICE, kUpc), IsEmpty());
  const auto decided = Decide(receipt->objection(), true);
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(decided->contact_phone(), kPhone);
}

TEST_F(PublicObjectionTest, WhatIsRememberedOfARequestHoldsNeitherReceiptNorContact) {
  v1::SubmitPublicObjectionRequest request = Request();
  const auto receipt = Send(request);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  v1::CreateObjectionRequest own;
  own.set_parent(BoardVersion(1));
  *own.mutable_objection() = request.objection();
  own.set_request_id(World::Uuid());
  const rpc::Call office = As(ROLE_RESEARCH_OFFICE, kOuc, "CreateObjection");
  ASSERT_TRUE(service_.CreateObjection(office, own).ok());
  EXPECT_FALSE(crypto::Keyring::IsSealed(receipt->nonce()));
  const auto replies = testing::Texts(
      world_.database.db(), "SELECT HEX(reply) FROM idempotency WHERE method LIKE '%Objection'");
  ASSERT_THAT(replies, SizeIs(2));
  for (const std::string& reply : replies) {
    for (const std::string& secret : {receipt->nonce(), receipt->verification_hash(),
                                      std::string(kPhone), std::string(kMail)}) {
      EXPECT_THAT(reply, Not(HasSubstr(absl::AsciiStrToUpper(absl::BytesToHexString(secret)))));
    }
  }
  // Whoever tries all telephone numbers does not find the one that was given.
  const auto kept =
      testing::Texts(world_.database.db(), "SELECT LOWER(HEX(args_sha)) FROM idempotency");
  for (const std::string& plain :
       {api::Sha256Hex(request.SerializeAsString()), api::Sha256Hex(own.SerializeAsString())}) {
    EXPECT_THAT(kept, Not(Contains(plain)));
  }
  // Asked again it is the same receipt, and another telephone number is another request.
  const auto again = Send(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), receipt->SerializeAsString());
  EXPECT_TRUE(service_.CreateObjection(office, own).ok());
  request.mutable_objection()->set_contact_phone("13812345679");
  EXPECT_EQ(status::ReasonOf(Send(request).status()), options::v1::ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(PublicObjectionTest, SpoiltContactsSayWhyAndKeepNobodyFromAnswering) {
  const auto receipt = Send(Request());
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  world_.database.Apply("UPDATE objection SET contact_phone = contact_email");
  world_.database.Apply("UPDATE objection SET contact_person = 'enc1.k9.AAAA'");
  const auto seen = List(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].contact_phone(), AllOf(HasSubstr("无法解密"), HasSubstr("被改动")));
  EXPECT_THAT(seen[0].contact_person(), HasSubstr("没有编号为k9的密钥"));
  EXPECT_EQ(seen[0].contact_email(), kMail);
  EXPECT_TRUE(Decide(receipt->objection(), false).ok());
}

}  // namespace
}  // namespace chanyan::cycle
