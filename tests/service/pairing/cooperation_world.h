// What tests of the frame cooperation have in common: the bureau that keeps it, agreements,
// conferences that were held and their follow-ups.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/bureau_world.h"

namespace chanyan::pairing {

class CooperationTest : public BureauWorld {
 protected:
  static v1::CooperationDocument Document(const std::string& title) {
    v1::CooperationDocument document;
    document.set_title(title);
    document.set_sha256(api::Sha256Hex(title));
    document.set_size_bytes(1000);
    return document;
  }
  // --- Agreements

  static v1::CreateFrameAgreementRequest NewAgreement(const std::string& number = "临科协1号") {
    v1::CreateFrameAgreementRequest request;
    v1::FrameAgreement& row = *request.mutable_frame_agreement();
    row.set_number(number);
    row.set_title("市校合作框架协议（演示）");
    row.add_universities(kOuc);
    row.add_city_parties(kZone);
    row.set_lead(kBureau);
    row.add_areas("平台建设");
    *row.mutable_start_date() = Date(2025, 4, 1);
    *row.mutable_end_date() = Date(2025, 12, 31);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::FrameAgreement> Make(const v1::CreateFrameAgreementRequest& request) {
    return cooperation_service.CreateFrameAgreement(Bureau("CreateFrameAgreement"), request);
  }
  absl::StatusOr<v1::FrameAgreement> Sign(const std::string& name) {
    auto request = Named<v1::SignFrameAgreementRequest>(name);
    *request.mutable_sign_date() = Date(2025, 3, 31);
    *request.add_documents() = Document("协议正本.pdf");
    return cooperation_service.SignFrameAgreement(Bureau("SignFrameAgreement"), request);
  }
  absl::StatusOr<v1::FrameAgreement> RenewUntil(const std::string& name,
                                                const google::type::Date& end) {
    auto request = Named<v1::RenewFrameAgreementRequest>(name);
    *request.mutable_sign_date() = time::ToProto(time::DayOf(clock.now));
    *request.mutable_end_date() = end;
    request.set_note("增加决策咨询");
    return cooperation_service.RenewFrameAgreement(Bureau("RenewFrameAgreement"), request);
  }
  absl::StatusOr<v1::FrameAgreement> GetAgreement(const rpc::Call& call, const std::string& name) {
    v1::GetFrameAgreementRequest request;
    request.set_name(name);
    return cooperation_service.GetFrameAgreement(call, request);
  }
  v1::FrameAgreement Agreement(const std::string& name) {
    const auto row = GetAgreement(Bureau("GetFrameAgreement"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::FrameAgreement();
  }

  // --- Conferences

  // Minutes with one decision that asks something of the zone and of the university.
  absl::StatusOr<v1::Conference> Write(const std::string& name) {
    v1::ConferenceDecision decision;
    decision.set_number(1);
    decision.set_text("共建产业技术研究院");
    for (const char* unit : {kZone, kOuc}) {
      v1::DecisionAssignment& assignment = *decision.add_assignments();
      assignment.set_unit(unit);
      assignment.set_task(absl::StrCat("由", unit, "办理"));
      *assignment.mutable_due_date() = Date(2025, 6, 30);
    }
    decision.mutable_assignments(0)->add_co_units(kTown);
    return Minute(name, "会议通报了进展，研究了阶段性合作计划。", decision);
  }
  // An issued conference; the clock goes on to its day.
  std::string Issued() {
    const std::string name = Plan(NewConference())->name();
    EXPECT_TRUE(Convene(name).ok());
    clock.now += 8 * kDay;
    EXPECT_TRUE(Hold(name).ok());
    EXPECT_TRUE(Write(name).ok());
    const auto issued = Issue(name);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return name;
  }

  // --- Follow-ups

  absl::StatusOr<v1::FollowUp> GetFollowUp(const rpc::Call& call, const std::string& name) {
    v1::GetFollowUpRequest request;
    request.set_name(name);
    return cooperation_service.GetFollowUp(call, request);
  }
  absl::StatusOr<v1::FollowUp> Submit(const std::string& name, const std::string& unit = kZone) {
    auto request = Named<v1::SubmitFollowUpRequest>(name);
    request.set_evidence("已签订共建协议");
    *request.add_documents() = Document("共建协议.pdf");
    return cooperation_service.SubmitFollowUp(By(options::v1::ROLE_UNIT, unit, "SubmitFollowUp"),
                                              request);
  }
  std::vector<std::string> Overdue(const rpc::Call& call) {
    v1::ListFollowUpsRequest request;
    request.set_parent("conferences/-");
    request.set_overdue(true);
    std::vector<std::string> names;
    const auto page = cooperation_service.ListFollowUps(call, request);
    if (!page.ok()) return {page.status().ToString()};
    for (const auto& row : page->follow_ups()) {
      names.push_back(std::string(api::IdOfName(row.name())));
      EXPECT_TRUE(row.overdue());
    }
    return names;
  }
};

}  // namespace chanyan::pairing
