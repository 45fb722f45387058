// What tests of the frame cooperation have in common: a city whose bureau keeps it, and the calls
// that take a joint conference from its plan to its minutes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {

class BureauWorld : public ::testing::Test, protected City {
 protected:
  BureauWorld() : City("linyi") {
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
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(api::NewUuid());
    return request;
  }
  static v1::ConferenceAttendee Attendee(const std::string& organization,
                                         const std::string& person) {
    v1::ConferenceAttendee attendee;
    attendee.set_organization(organization);
    attendee.set_person(person);
    return attendee;
  }
  v1::CreateConferenceRequest NewConference(absl::Duration ahead = 7 * kDay,
                                            const std::string& title = "市校合作联席会议（演示）") {
    v1::CreateConferenceRequest request;
    v1::Conference& row = *request.mutable_conference();
    row.set_kind(v1::CONFERENCE_KIND_JOINT);
    row.set_title(title);
    row.set_convener(kBureau);
    *row.mutable_meet_time() = time::ToTimestamp(clock.now + ahead);
    row.set_place("市科技局会议室");
    row.add_agenda()->set_title("通报工作进展情况");
    *row.add_attendees() = Attendee(kOuc, "李某");
    *row.add_attendees() = Attendee(kZone, "周某");
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Conference> Plan(const v1::CreateConferenceRequest& request) {
    return cooperation_service.CreateConference(Bureau("CreateConference"), request);
  }
  absl::StatusOr<v1::Conference> GetMeeting(const rpc::Call& call, const std::string& name) {
    return cooperation_service.GetConference(call, Named<v1::GetConferenceRequest>(name));
  }
  absl::StatusOr<v1::Conference> Convene(const std::string& name) {
    return cooperation_service.ConveneConference(Bureau("ConveneConference"),
                                                 Named<v1::ConveneConferenceRequest>(name));
  }
  // The clock must have gone on to its time. All who were called are there.
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
  // Minutes with one decision.
  absl::StatusOr<v1::Conference> Minute(const std::string& name, const std::string& minutes,
                                        const v1::ConferenceDecision& decision) {
    v1::UpdateConferenceRequest request;
    request.mutable_conference()->set_name(name);
    request.mutable_conference()->set_minutes(minutes);
    *request.mutable_conference()->add_decisions() = decision;
    request.mutable_update_mask()->add_paths("minutes");
    request.mutable_update_mask()->add_paths("decisions");
    request.set_request_id(api::NewUuid());
    return cooperation_service.UpdateConference(Bureau("UpdateConference"), request);
  }
  absl::StatusOr<v1::Conference> Issue(const std::string& name) {
    return cooperation_service.IssueConference(Bureau("IssueConference"),
                                               Named<v1::IssueConferenceRequest>(name));
  }
};

}  // namespace chanyan::pairing
