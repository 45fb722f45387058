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
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {

class CooperationTest : public ::testing::Test, protected City {
 protected:
  CooperationTest() : City("linyi") {
    Add(kBureau, "市科技局（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
  }
  static rpc::Call By(options::v1::Role role, const std::string& organization,
                      absl::string_view method, const std::string& account = "accounts/test") {
    rpc::Call call = As(role, organization, absl::StrCat("CooperationService.", method));
    call.principal.account = account;
    return call;
  }
  static rpc::Call Bureau(absl::string_view method) {
    return By(options::v1::ROLE_DEPARTMENT, kBureau, method);
  }
  template <class Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    return request;
  }
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

  v1::CreateConferenceRequest NewConference(absl::Duration ahead = 7 * kDay) {
    v1::CreateConferenceRequest request;
    v1::Conference& row = *request.mutable_conference();
    row.set_kind(v1::CONFERENCE_KIND_JOINT);
    row.set_title("市校合作联席会议（演示）");
    row.set_convener(kBureau);
    *row.mutable_meet_time() = time::ToTimestamp(clock.now + ahead);
    row.set_place("市科技局会议室");
    row.add_agenda()->set_title("通报工作进展情况");
    for (const auto& [organization, person] :
         std::vector<std::pair<std::string, std::string>>{{kOuc, "李某"}, {kZone, "周某"}}) {
      v1::ConferenceAttendee& attendee = *row.add_attendees();
      attendee.set_organization(organization);
      attendee.set_person(person);
    }
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Conference> Plan(const v1::CreateConferenceRequest& request) {
    return cooperation_service.CreateConference(Bureau("CreateConference"), request);
  }
  absl::StatusOr<v1::Conference> Convene(const std::string& name) {
    return cooperation_service.ConveneConference(Bureau("ConveneConference"),
                                                 Named<v1::ConveneConferenceRequest>(name));
  }
  absl::StatusOr<v1::Conference> Hold(const std::string& name) {
    auto request = Named<v1::HoldConferenceRequest>(name);
    const auto called = GetMeeting(Bureau("GetConference"), name);
    if (!called.ok()) return called;
    for (v1::ConferenceAttendee attendee : called->attendees()) {
      attendee.set_attendance(v1::ATTENDANCE_PRESENT);
      *request.add_attendees() = attendee;
    }
    return cooperation_service.HoldConference(Bureau("HoldConference"), request);
  }
  absl::StatusOr<v1::Conference> GetMeeting(const rpc::Call& call, const std::string& name) {
    v1::GetConferenceRequest request;
    request.set_name(name);
    return cooperation_service.GetConference(call, request);
  }
  // Minutes with one decision that asks something of the zone and of the university.
  absl::StatusOr<v1::Conference> Write(const std::string& name) {
    v1::UpdateConferenceRequest request;
    v1::Conference& row = *request.mutable_conference();
    row.set_name(name);
    row.set_minutes("会议通报了进展，研究了阶段性合作计划。");
    v1::ConferenceDecision& decision = *row.add_decisions();
    decision.set_number(1);
    decision.set_text("共建产业技术研究院");
    for (const char* unit : {kZone, kOuc}) {
      v1::DecisionAssignment& assignment = *decision.add_assignments();
      assignment.set_unit(unit);
      assignment.set_task(absl::StrCat("由", unit, "办理"));
      *assignment.mutable_due_date() = Date(2025, 6, 30);
    }
    decision.mutable_assignments(0)->add_co_units(kTown);
    request.mutable_update_mask()->add_paths("minutes");
    request.mutable_update_mask()->add_paths("decisions");
    request.set_request_id(api::NewUuid());
    return cooperation_service.UpdateConference(Bureau("UpdateConference"), request);
  }
  absl::StatusOr<v1::Conference> Issue(const std::string& name) {
    return cooperation_service.IssueConference(Bureau("IssueConference"),
                                               Named<v1::IssueConferenceRequest>(name));
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
