// The world of dossiers with public notices and objections to them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/api/names.h"
#include "common/auth/secret.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/consortium/notice_service.h"
#include "tests/service/consortium/world.h"
#include "tests/support/sample_files.h"

namespace chanyan::consortium {

class NoticeWorld : public World {
 public:
  explicit NoticeWorld(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack())
      : World(std::move(pack)),
        keys(crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret())).value()),
        notices(deps(), keys) {}

  // A dossier that is selected.
  std::string Selected(const std::string& title, const std::string& lead = kAlpha) {
    const std::string name = Ready(title, lead).name();
    EXPECT_TRUE(Submit(name, lead).ok());
    EXPECT_TRUE(Recommend(name, lead == kBeta ? kLaoshan : kHuangdao).ok());
    const auto accepted = Accept(name);
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    for (const char* verb : {"inspect", "defend", "select"}) {
      const absl::Status done = Step(name, verb, Part::kOffice);
      EXPECT_TRUE(done.ok()) << done;
    }
    return name;
  }
  absl::StatusOr<v1::PublicNotice> Publish(const std::string& consortium,
                                           const std::string& by = kBureau) {
    return notices.PublishNotice(
        As(options::v1::ROLE_DEPARTMENT, by, "NoticeService.PublishNotice"),
        Named<v1::PublishNoticeRequest>(consortium));
  }
  v1::PublicNotice Published(const std::string& title, const std::string& lead = kAlpha) {
    const auto notice = Publish(Selected(title, lead));
    EXPECT_TRUE(notice.ok()) << notice.status();
    return notice.ok() ? *notice : v1::PublicNotice();
  }
  absl::StatusOr<v1::ObjectionReceipt> Object(const std::string& notice,
                                              const std::string& address = "10.0.0.1",
                                              const std::string& request_id = api::NewUuid()) {
    v1::SubmitPublicObjectionRequest request;
    request.set_parent(notice);
    request.mutable_objection()->set_content("牵头单位在我市没有实际经营，请核查。");
    request.mutable_objection()->set_contact_person("李群众");
    request.mutable_objection()->set_contact_phone("13812345678");
    request.set_request_id(request_id);
    rpc::Call call = As(options::v1::ROLE_PUBLIC, "", "NoticeService.SubmitPublicObjection");
    call.client_address = address;
    return notices.SubmitPublicObjection(call, request);
  }
  absl::StatusOr<v1::ObjectionReceipt> ObjectAs(const std::string& organization,
                                                const std::string& notice) {
    v1::CreateNoticeObjectionRequest request;
    request.set_parent(notice);
    request.mutable_objection()->set_content("与我单位在研项目重复，请核查。");
    request.set_request_id(api::NewUuid());
    return notices.CreateNoticeObjection(
        As(options::v1::ROLE_ENTERPRISE, organization, "NoticeService.CreateNoticeObjection"),
        request);
  }
  absl::StatusOr<v1::NoticeObjection> Decide(const std::string& objection, bool upheld,
                                             const std::string& by = kBureau) {
    auto request = Named<v1::DecideNoticeObjectionRequest>(objection);
    request.set_upheld(upheld);
    request.set_finding("经现场核查，情况如下。");
    return notices.DecideNoticeObjection(
        As(options::v1::ROLE_DEPARTMENT, by, "NoticeService.DecideNoticeObjection"), request);
  }
  absl::StatusOr<v1::ReceiptStatus> Check(const std::string& number, const std::string& hash) {
    v1::CheckObjectionReceiptRequest request;
    request.set_receipt_number(number);
    request.set_verification_hash(hash);
    return notices.CheckObjectionReceipt(
        As(options::v1::ROLE_PUBLIC, "", "NoticeService.CheckObjectionReceipt"), request);
  }
  absl::StatusOr<v1::ObjectionEvidence> Prove(const rpc::Call& call, const std::string& objection,
                                              const std::string& hash) {
    v1::AddObjectionEvidenceRequest request;
    request.set_parent(objection);
    request.mutable_file()->set_data(testing::SamplePdf(absl::StrCat("证据", ++files)));
    request.set_file_name("证据.pdf");
    request.set_verification_hash(hash);
    request.set_request_id(api::NewUuid());
    return notices.AddObjectionEvidence(call, request);
  }
  v1::PublicNotice Notice(const std::string& name) {
    v1::GetPublicNoticeRequest request;
    request.set_name(name);
    const auto row = notices.GetPublicNotice(
        As(options::v1::ROLE_PUBLIC, "", "NoticeService.GetPublicNotice"), request);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::PublicNotice();
  }
  std::unique_ptr<db::Lease> NoticeLease(const std::string& owner = "one") {
    auto lease =
        std::make_unique<db::Lease>(database.db(), "consortium-notices", owner, absl::Minutes(3));
    EXPECT_TRUE(lease->Acquire().ok());
    return lease;
  }
  int End() {
    const auto ended = notices.EndDue(*NoticeLease());
    EXPECT_TRUE(ended.ok()) << ended.status();
    return ended.ok() ? *ended : -1;
  }
  // A second after the notice's deadline.
  void Pass(const v1::PublicNotice& notice) {
    clock.now = time::ToTime(notice.deadline()) + absl::Seconds(1);
  }

  const crypto::Keyring keys;
  NoticeService notices;
  int files = 0;
};

}  // namespace chanyan::consortium
