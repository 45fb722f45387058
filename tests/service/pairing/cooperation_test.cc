// Frame cooperation on the real database: agreements, conferences, follow-ups, bases (PAIR-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/rpc/succession.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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
  static rpc::Call Bureau(absl::string_view method) { return By(ROLE_DEPARTMENT, kBureau, method); }
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
    return cooperation_service.SubmitFollowUp(By(ROLE_UNIT, unit, "SubmitFollowUp"), request);
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

// --- Agreements

TEST_F(CooperationTest, EveryFaultOfAnAgreementIsNamedAtOnce) {
  auto request = NewAgreement();
  v1::FrameAgreement& row = *request.mutable_frame_agreement();
  row.add_universities(kZone);
  row.add_universities("organizations/none");
  row.add_city_parties("organizations/nobody");
  row.set_areas(0, "联谊");
  *row.mutable_end_date() = Date(2025, 3, 1);
  EXPECT_THAT(testing::FieldsOf(Make(request).status()),
              ElementsAre("frame_agreement.areas[0]", "frame_agreement.end_date",
                          "frame_agreement.universities[1]", "frame_agreement.universities[2]",
                          "frame_agreement.city_parties[1]"));
  At(kOuc).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_THAT(testing::FieldsOf(Make(NewAgreement()).status()),
              ElementsAre("frame_agreement.universities[0]"));
  EXPECT_EQ(Count("frame_agreement"), 0);
}

TEST_F(CooperationTest, AnAgreementIsSignedRenewedAndEndsWithItsDay) {
  const auto draft = Make(NewAgreement());
  ASSERT_TRUE(draft.ok()) << draft.status();
  const std::string name = draft->name();
  EXPECT_THAT(std::vector<std::string>(draft->university_titles().begin(),
                                       draft->university_titles().end()),
              ElementsAre("海洋大学（演示）"));
  EXPECT_EQ(draft->lead_title(), "市科技局（演示）");
  EXPECT_THAT(std::vector<std::string>(draft->actions().begin(), draft->actions().end()),
              ElementsAre("sign", "discard"));
  EXPECT_EQ(Make(NewAgreement()).status().code(), absl::StatusCode::kAlreadyExists)
      << "the number is its key";
  const auto in_force = Sign(name);
  ASSERT_TRUE(in_force.ok()) << in_force.status();
  EXPECT_EQ(in_force->documents(0).sha256(), api::Sha256Hex("协议正本.pdf"));
  EXPECT_EQ(status::ReasonOf(Sign(name).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(RenewUntil(name, Date(2025, 12, 31)).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "not later";
  clock.now = time::EndOfDay(absl::CivilDay(2025, 12, 31));
  EXPECT_EQ(Agreement(name).state(), v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  clock.now += absl::Seconds(1);
  EXPECT_EQ(Agreement(name).state(), v1::FRAME_AGREEMENT_STATE_EXPIRED)
      << "whether or not the job has marked it";
  const auto lease = JobLease();
  EXPECT_EQ(*cooperation_service.ExpireAgreements(*lease), 1);
  EXPECT_EQ(*cooperation_service.ExpireAgreements(*lease), 0);
  auto end = Named<v1::TerminateFrameAgreementRequest>(name);
  end.set_reason("合作终止");
  EXPECT_EQ(status::ReasonOf(
                cooperation_service.TerminateFrameAgreement(Bureau("TerminateFrameAgreement"), end)
                    .status()),
            ERROR_REASON_WRONG_STATE);
  const auto renewed = RenewUntil(name, Date(2027, 12, 31));
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->state(), v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  ASSERT_EQ(renewed->renewals_size(), 1);
  EXPECT_EQ(renewed->renewals(0).from_end_date().year(), 2025);
  end.set_request_id(api::NewUuid());
  const auto ended =
      cooperation_service.TerminateFrameAgreement(Bureau("TerminateFrameAgreement"), end);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->end_reason(), "合作终止");
}

TEST_F(CooperationTest, AnAgreementInForceKeepsWhatWasSigned) {
  const std::string name = Make(NewAgreement())->name();
  v1::UpdateFrameAgreementRequest request;
  request.mutable_frame_agreement()->set_name(name);
  request.mutable_frame_agreement()->set_title("改名（演示）");
  request.mutable_update_mask()->add_paths("title");
  const auto update = [&] {
    request.set_request_id(api::NewUuid());
    return cooperation_service.UpdateFrameAgreement(Bureau("UpdateFrameAgreement"), request);
  };
  EXPECT_TRUE(update().ok()) << "a draft";
  ASSERT_TRUE(Sign(name).ok());
  request.mutable_frame_agreement()->set_title("又改名（演示）");
  EXPECT_THAT(testing::FieldsOf(update().status()), ElementsAre("frame_agreement.title"));
  request.mutable_update_mask()->set_paths(0, "content");
  request.mutable_frame_agreement()->set_content("共建平台");
  EXPECT_TRUE(update().ok());
  request.mutable_update_mask()->set_paths(0, "number");
  request.mutable_frame_agreement()->set_number("另一号");
  EXPECT_EQ(update().status().code(), absl::StatusCode::kInvalidArgument) << "immutable";
}

TEST_F(CooperationTest, AnEndThatComesNearIsRemindedOfOnceEach) {
  ASSERT_TRUE(Sign(Make(NewAgreement())->name()).ok());
  const auto lease = JobLease();
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 0);
  // 90 and 30 days before 1 January.
  clock.now = time::StartOfDay(absl::CivilDay(2026, 1, 1)) - 90 * kDay;
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 1);
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 0);
  clock.now += 60 * kDay;
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 1);
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'expiring'"), 2);
}

TEST_F(CooperationTest, PartiesSeeTheirAgreementsOnceTheyAreSigned) {
  const std::string name = Make(NewAgreement())->name();
  const auto code = [&](options::v1::Role role, const std::string& organization) {
    return GetAgreement(By(role, organization, "GetFrameAgreement"), name).status().code();
  };
  EXPECT_EQ(code(ROLE_RESEARCH_OFFICE, kOuc), absl::StatusCode::kNotFound) << "a draft";
  ASSERT_TRUE(Sign(name).ok());
  EXPECT_EQ(code(ROLE_RESEARCH_OFFICE, kOuc), absl::StatusCode::kOk);
  EXPECT_EQ(code(ROLE_UNIT, kZone), absl::StatusCode::kOk);
  EXPECT_EQ(code(ROLE_RESEARCH_OFFICE, kUpc), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(ROLE_UNIT, kTown), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(options::v1::ROLE_ADMINISTRATOR, kBureau), absl::StatusCode::kNotFound);
  const auto seen =
      cooperation_service.ListFrameAgreements(By(ROLE_UNIT, kTown, "ListFrameAgreements"), {});
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->frame_agreements_size(), 0);
}

// --- Conferences

TEST_F(CooperationTest, AConferenceIsCalledHeldAndItsMinutesIssued) {
  const auto planned = Plan(NewConference());
  ASSERT_TRUE(planned.ok()) << planned.status();
  const std::string name = planned->name();
  EXPECT_THAT(
      std::vector<std::string>(planned->organizations().begin(), planned->organizations().end()),
      ElementsAre(kBureau, kOuc, kZone));
  EXPECT_THAT(std::vector<std::string>(planned->actions().begin(), planned->actions().end()),
              ElementsAre("convene", "postpone", "cancel"));
  EXPECT_EQ(status::ReasonOf(Hold(name).status()), ERROR_REASON_WRONG_STATE) << "not called";
  ASSERT_TRUE(Convene(name).ok());
  EXPECT_EQ(status::ReasonOf(Hold(name).status()), ERROR_REASON_WRONG_STATE) << "before its time";
  auto later = Named<v1::PostponeConferenceRequest>(name);
  *later.mutable_meet_time() = time::ToTimestamp(clock.now + 10 * kDay);
  later.set_reason("场地冲突");
  const auto postponed =
      cooperation_service.PostponeConference(Bureau("PostponeConference"), later);
  ASSERT_TRUE(postponed.ok()) << postponed.status();
  EXPECT_EQ(postponed->state(), v1::CONFERENCE_STATE_CONVENED);
  EXPECT_EQ(postponed->postponements(0).reason(), "场地冲突");
  EXPECT_EQ(time::ToTime(postponed->postponements(0).from_time()), clock.now + 7 * kDay);
  clock.now += 11 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  EXPECT_THAT(testing::FieldsOf(Issue(name).status()), ElementsAre("minutes"));
  ASSERT_TRUE(Write(name).ok());
  const auto issued = Issue(name);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->issue_date().day(), 12);
  EXPECT_EQ(Count("follow_up"), 2);
  EXPECT_EQ(Count("journal WHERE kind = 'assigned'"), 2);
  EXPECT_EQ(status::ReasonOf(Write(name).status()), ERROR_REASON_WRONG_STATE)
      << "issued minutes are final";
}

TEST_F(CooperationTest, MinutesAndFollowUpsAreIssuedTogetherOrNotAtAll) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  // Something stands where the second follow-up would be.
  const absl::Status stands = database.db().Transact([&](db::Session& session) {
    v1::FollowUp row;
    row.set_name(name + "/followUps/1-2");
    row.set_state(v1::FOLLOW_UP_STATE_ASSIGNED);
    return db::Table<v1::FollowUp>().Insert(session, clock.now, &row);
  });
  ASSERT_TRUE(stands.ok()) << stands;
  EXPECT_FALSE(Issue(name).ok());
  EXPECT_EQ(GetMeeting(Bureau("GetConference"), name)->state(), v1::CONFERENCE_STATE_HELD);
  EXPECT_EQ(Count("follow_up"), 1);
}

TEST_F(CooperationTest, AFollowUpGoesToTheUnitThatGoesOnForTheOneOfTheDecision) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  const absl::Status noted = database.db().Transact([&](db::Session& session) {
    return rpc::NoteSuccession(session, clock.now, kZone, {kTown, "泊里镇（演示）", ""}).status();
  });
  ASSERT_TRUE(noted.ok()) << noted;
  ASSERT_TRUE(Issue(name).ok());
  EXPECT_THAT(
      Texts("SELECT CONCAT(unit, ' ', unit_title) FROM follow_up ORDER BY name"),
      ElementsAre("organizations/town 泊里镇（演示）", "organizations/ouc 海洋大学（演示）"));
}

TEST_F(CooperationTest, ManyAtOnceIssueMinutesOnce) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  std::vector<std::thread> threads;
  std::atomic<int> issued = 0;
  for (int i = 0; i < 6; ++i) threads.emplace_back([&] { issued += Issue(name).ok(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(issued, 1);
  EXPECT_EQ(Count("follow_up"), 2);
}

TEST_F(CooperationTest, ParticipantsSeeAConferenceOnceItIsCalledAndItsMinutesOnceTheyAreIssued) {
  const std::string name = Plan(NewConference())->name();
  const rpc::Call guest = By(ROLE_RESEARCH_OFFICE, kOuc, "GetConference");
  EXPECT_EQ(GetMeeting(guest, name).status().code(), absl::StatusCode::kNotFound) << "planned";
  ASSERT_TRUE(Convene(name).ok());
  EXPECT_TRUE(GetMeeting(guest, name).ok());
  EXPECT_EQ(GetMeeting(By(ROLE_RESEARCH_OFFICE, kUpc, "GetConference"), name).status().code(),
            absl::StatusCode::kNotFound)
      << "not invited";
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  const auto draft = GetMeeting(guest, name);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->minutes(), "");
  EXPECT_EQ(draft->decisions_size(), 0);
  EXPECT_NE(GetMeeting(Bureau("GetConference"), name)->minutes(), "");
  ASSERT_TRUE(Issue(name).ok());
  EXPECT_NE(GetMeeting(guest, name)->minutes(), "");
}

TEST_F(CooperationTest, ThePackSaysWhenTheNextConferenceIsDue) {
  const auto cadence = [this] {
    const auto status =
        cooperation_service.GetConferenceCadence(Bureau("GetConferenceCadence"), {});
    EXPECT_TRUE(status.ok()) << status.status();
    return status.ok() ? *status : v1::ConferenceCadenceStatus();
  };
  v1::ConferenceCadenceStatus now = cadence();
  EXPECT_EQ(now.interval_months(), 6);
  EXPECT_EQ(now.clause().article(), "四、（一）");
  EXPECT_EQ(now.last_conference(), "");
  EXPECT_FALSE(now.has_next_due_date());
  const std::string held = Issued();
  now = cadence();
  EXPECT_EQ(now.last_conference(), held);
  EXPECT_EQ(time::FormatDate(*time::ToCivilDay(now.next_due_date())), "2025-10-08");
  EXPECT_FALSE(now.overdue());
  clock.now = time::EndOfDay(absl::CivilDay(2025, 10, 8));
  EXPECT_FALSE(cadence().overdue());
  clock.now += absl::Seconds(1);
  EXPECT_TRUE(cadence().overdue());
  // An on-site meeting is none.
  auto on_site = NewConference();
  on_site.mutable_conference()->set_kind(v1::CONFERENCE_KIND_ON_SITE);
  ASSERT_TRUE(Plan(on_site).ok());
  EXPECT_EQ(cadence().planned_conference(), "");
  const std::string next = Plan(NewConference())->name();
  EXPECT_EQ(cadence().planned_conference(), next);
}

// --- Follow-ups

TEST_F(CooperationTest, AFollowUpIsDoneWithEvidenceThatAnotherConfirms) {
  const std::string name = absl::StrCat(Issued(), "/followUps/1-1");
  auto report = Named<v1::ReportFollowUpRequest>(name);
  report.set_text("已完成选址");
  const auto reported =
      cooperation_service.ReportFollowUp(By(ROLE_UNIT, kZone, "ReportFollowUp"), report);
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_EQ(reported->state(), v1::FOLLOW_UP_STATE_IN_PROGRESS);
  EXPECT_EQ(reported->reports(0).organization(), kZone);
  EXPECT_THAT(std::vector<std::string>(reported->actions().begin(), reported->actions().end()),
              ElementsAre("report", "submit"))
      << "a unit neither confirms nor extends";
  EXPECT_EQ(Submit(name, kTown).status().code(), absl::StatusCode::kNotFound)
      << "who supports sees it and does not write it";
  EXPECT_TRUE(GetFollowUp(By(ROLE_UNIT, kTown, "GetFollowUp"), name).ok());
  ASSERT_TRUE(Submit(name).ok());
  auto back = Named<v1::ReturnFollowUpRequest>(name);
  back.set_reason("缺少盖章页");
  const auto returned = cooperation_service.ReturnFollowUp(Bureau("ReturnFollowUp"), back);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state(), v1::FOLLOW_UP_STATE_IN_PROGRESS);
  EXPECT_FALSE(returned->has_submit_time());
  ASSERT_TRUE(Submit(name).ok());
  const auto confirm = [&](const std::string& account) {
    return cooperation_service.ConfirmFollowUp(
        By(ROLE_DEPARTMENT, kBureau, "ConfirmFollowUp", account),
        Named<v1::ConfirmFollowUpRequest>(name));
  };
  EXPECT_EQ(confirm("accounts/test").status().code(), absl::StatusCode::kPermissionDenied)
      << "the account that submitted it";
  const auto done = confirm("accounts/other");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state(), v1::FOLLOW_UP_STATE_DONE);
  EXPECT_EQ(done->evidence_documents(0).sha256(), api::Sha256Hex("共建协议.pdf"));
  EXPECT_TRUE(done->has_finish_time());
  EXPECT_THAT(std::vector<std::string>(done->actions().begin(), done->actions().end()), IsEmpty());
}

TEST_F(CooperationTest, WhatIsOverdueIsListedAndJournalledOnceForEachDueDate) {
  const std::string conference = Issued();
  const rpc::Call all = Bureau("ListFollowUps");
  clock.now = time::EndOfDay(absl::CivilDay(2025, 6, 30));
  EXPECT_THAT(Overdue(all), IsEmpty());
  clock.now += absl::Seconds(1);
  EXPECT_THAT(Overdue(all), UnorderedElementsAre("1-1", "1-2"));
  EXPECT_THAT(Overdue(By(ROLE_UNIT, kZone, "ListFollowUps")), ElementsAre("1-1"))
      << "a unit sees its own";
  const auto lease = JobLease();
  EXPECT_EQ(*cooperation_service.NoteOverdue(*lease), 2);
  EXPECT_EQ(*cooperation_service.NoteOverdue(*lease), 0);
  auto extend = Named<v1::ExtendFollowUpRequest>(conference + "/followUps/1-1");
  *extend.mutable_due_date() = Date(2025, 6, 30);
  extend.set_reason("等待批复");
  EXPECT_EQ(cooperation_service.ExtendFollowUp(Bureau("ExtendFollowUp"), extend).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "not later";
  *extend.mutable_due_date() = Date(2025, 7, 15);
  const auto extended = cooperation_service.ExtendFollowUp(Bureau("ExtendFollowUp"), extend);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(extended->extensions(0).from_date().month(), 6);
  EXPECT_THAT(Overdue(all), ElementsAre("1-2"));
  clock.now = time::StartOfDay(absl::CivilDay(2025, 7, 16));
  EXPECT_EQ(*cooperation_service.NoteOverdue(*lease), 1) << "the new due date";
  EXPECT_EQ(Count("journal WHERE kind = 'overdue'"), 3);
  ASSERT_TRUE(Submit(conference + "/followUps/1-1").ok());
  EXPECT_THAT(Overdue(all), ElementsAre("1-2")) << "submitted is not overdue";
  EXPECT_TRUE(GetFollowUp(Bureau("GetFollowUp"), conference + "/followUps/1-1")->overdue())
      << "but it came late";
}

// --- Bases

TEST_F(CooperationTest, ABaseIsPlannedBuiltOpenedAndClosed) {
  v1::CreateCoBuiltBaseRequest request;
  v1::CoBuiltBase& row = *request.mutable_co_built_base();
  row.set_title("科技成果转化基地（演示）");
  row.set_kind("科技成果转化基地");
  row.add_universities(kOuc);
  row.add_partners(Enterprise(1));
  row.set_place("经济开发区");
  row.set_agreement("frameAgreements/none");
  const auto make = [&] {
    request.set_request_id(api::NewUuid());
    return cooperation_service.CreateCoBuiltBase(Bureau("CreateCoBuiltBase"), request);
  };
  EXPECT_THAT(testing::FieldsOf(make().status()), ElementsAre("co_built_base.agreement"));
  row.set_agreement(Make(NewAgreement())->name());
  row.set_kind("人才挂职");
  EXPECT_THAT(testing::FieldsOf(make().status()), ElementsAre("co_built_base.kind"));
  row.set_kind("科技成果转化基地");
  const auto planned = make();
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(make().status().code(), absl::StatusCode::kAlreadyExists);
  auto open = Named<v1::OpenCoBuiltBaseRequest>(planned->name());
  *open.mutable_open_date() = Date(2025, 4, 2);
  EXPECT_THAT(testing::FieldsOf(
                  cooperation_service.OpenCoBuiltBase(Bureau("OpenCoBuiltBase"), open).status()),
              ElementsAre("open_date"))
      << "to come";
  auto start = Named<v1::StartCoBuiltBaseRequest>(planned->name());
  *start.mutable_start_date() = Date(2025, 4, 1);
  ASSERT_TRUE(cooperation_service.StartCoBuiltBase(Bureau("StartCoBuiltBase"), start).ok());
  *open.mutable_open_date() = Date(2025, 3, 1);
  EXPECT_FALSE(cooperation_service.OpenCoBuiltBase(Bureau("OpenCoBuiltBase"), open).ok())
      << "before it was begun";
  *open.mutable_open_date() = Date(2025, 4, 1);
  ASSERT_TRUE(cooperation_service.OpenCoBuiltBase(Bureau("OpenCoBuiltBase"), open).ok());
  v1::GetCoBuiltBaseRequest get;
  get.set_name(planned->name());
  EXPECT_TRUE(
      cooperation_service.GetCoBuiltBase(By(ROLE_ENTERPRISE, Enterprise(1), "GetCoBuiltBase"), get)
          .ok())
      << "a partner";
  EXPECT_EQ(
      cooperation_service.GetCoBuiltBase(By(ROLE_ENTERPRISE, Enterprise(2), "GetCoBuiltBase"), get)
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  auto close = Named<v1::CloseCoBuiltBaseRequest>(planned->name());
  *close.mutable_close_date() = Date(2025, 4, 1);
  close.set_reason("整合");
  const auto closed = cooperation_service.CloseCoBuiltBase(Bureau("CloseCoBuiltBase"), close);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->close_reason(), "整合");
  v1::UpdateCoBuiltBaseRequest update;
  update.mutable_co_built_base()->set_name(planned->name());
  update.mutable_co_built_base()->set_place("别处");
  update.mutable_update_mask()->add_paths("place");
  EXPECT_EQ(
      status::ReasonOf(
          cooperation_service.UpdateCoBuiltBase(Bureau("UpdateCoBuiltBase"), update).status()),
      ERROR_REASON_WRONG_STATE);
}

// --- Sheets

TEST_F(CooperationTest, AgreementsComeFromASheetOnceAndGoBackUnchanged) {
  v1::FrameAgreement row;
  row.set_number("临科协9号");
  row.set_title("历史协议（演示）");
  row.add_university_titles("海洋大学（演示）");
  row.add_university_titles("石油大学（演示）");
  row.add_city_party_titles("泊里镇（演示）");
  row.set_lead_title("市科技局（演示）");
  row.add_areas("平台建设");
  row.add_areas("决策咨询服务合作");
  *row.mutable_start_date() = Date(2024, 1, 1);
  *row.mutable_end_date() = Date(2026, 12, 31);
  *row.mutable_sign_date() = Date(2023, 12, 20);
  const auto import = [&](const google::api::HttpBody& file, bool dry_run) {
    v1::ImportFrameAgreementsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("协议.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return cooperation_service.ImportFrameAgreements(Bureau("ImportFrameAgreements"), request);
  };
  const auto words = [](const absl::StatusOr<v1::ImportFrameAgreementsResponse>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  };
  std::vector<v1::FrameAgreement> bad(4, row);
  bad[0].set_university_titles(0, "没有的大学");
  bad[1].set_number("临科协10号");
  bad[1].set_areas(0, "联谊");
  bad[2].set_number("临科协11号");
  bad[2].set_university_titles(0, "古镇口（演示）");
  *bad[2].mutable_sign_date() = Date(2025, 4, 2);
  const auto refused = import(testing::Upload(bad), false);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(testing::FieldsOf(refused.status()),
              ElementsAre("协议.xlsx / 表 / C2", "协议.xlsx / 表 / F3", "协议.xlsx / 表 / C4",
                          "协议.xlsx / 表 / J4", "协议.xlsx / 表 / A5"));
  EXPECT_EQ(Count("frame_agreement"), 0);
  EXPECT_EQ(words(import(testing::Upload(std::vector<v1::FrameAgreement>{row}), true)), "1 0 0");
  EXPECT_EQ(Count("frame_agreement"), 0) << "a dry run";
  EXPECT_EQ(words(import(testing::Upload(std::vector<v1::FrameAgreement>{row}), false)), "1 0 0");
  EXPECT_EQ(Texts("SELECT state FROM frame_agreement").at(0), "IN_FORCE") << "it was signed";
  ASSERT_TRUE(Make(NewAgreement()).ok());
  const auto file = cooperation_service.ExportFrameAgreements(Bureau("ExportFrameAgreements"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(words(import(*file, false)), "0 0 2");
  row.set_title("换个名字（演示）");
  EXPECT_THAT(testing::FieldsOf(
                  import(testing::Upload(std::vector<v1::FrameAgreement>{row}), false).status()),
              ElementsAre("协议.xlsx / 表 / B2"))
      << "what was signed stays";
}

TEST_F(CooperationTest, BasesComeFromASheetWithTheStateOfTheirDays) {
  std::vector<v1::CoBuiltBase> rows(3);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].set_title(absl::StrCat("基地", i, "（演示）"));
    rows[i].set_kind("大学科技园");
    rows[i].add_university_titles("海洋大学（演示）");
    rows[i].set_place("高新区");
  }
  *rows[1].mutable_start_date() = Date(2024, 5, 1);
  *rows[2].mutable_start_date() = Date(2023, 5, 1);
  *rows[2].mutable_open_date() = Date(2024, 5, 1);
  const auto import = [&](const google::api::HttpBody& file) {
    v1::ImportCoBuiltBasesRequest request;
    *request.mutable_file() = file;
    request.set_file_name("基地.xlsx");
    request.set_request_id(api::NewUuid());
    const auto result =
        cooperation_service.ImportCoBuiltBases(Bureau("ImportCoBuiltBases"), request);
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  };
  EXPECT_EQ(import(testing::Upload(rows)), "3 0 0");
  EXPECT_THAT(Texts("SELECT state FROM co_built_base ORDER BY title"),
              ElementsAre("PLANNED", "BUILDING", "OPERATING"));
  const auto file = cooperation_service.ExportCoBuiltBases(Bureau("ExportCoBuiltBases"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(import(*file), "0 0 3");
  *rows[0].mutable_open_date() = Date(2025, 4, 1);
  EXPECT_EQ(import(testing::Upload(rows)), "0 1 2");
  *rows[1].mutable_start_date() = Date(2024, 6, 1);
  EXPECT_NE(import(testing::Upload(rows)), "0 1 2") << "a day that is known does not change";
  EXPECT_THAT(Texts("SELECT COALESCE(start_date, '') FROM co_built_base ORDER BY title"),
              ElementsAre("", "2024-05-01", "2023-05-01"));
}

TEST_F(CooperationTest, TheLedgerOfFollowUpsShowsEachUnitItsOwn) {
  Issued();
  const auto rows = [&](const rpc::Call& call) {
    const auto file = cooperation_service.ExportFollowUps(call, {});
    EXPECT_TRUE(file.ok()) << file.status();
    const auto workbook = sheet::ReadWorkbook(file->data(), "督办.xlsx");
    EXPECT_TRUE(workbook.ok()) << workbook.status();
    std::vector<std::string> units;
    for (const auto& row :
         sheet::ReadTable<v1::FollowUpRow>(*workbook, *workbook->FirstVisible()).rows) {
      units.push_back(row.message.unit_title());
    }
    return units;
  };
  EXPECT_THAT(rows(Bureau("ExportFollowUps")), ElementsAre("古镇口（演示）", "海洋大学（演示）"));
  EXPECT_THAT(rows(By(ROLE_RESEARCH_OFFICE, kOuc, "ExportFollowUps")),
              ElementsAre("海洋大学（演示）"));
  EXPECT_THAT(rows(By(ROLE_RESEARCH_OFFICE, kUpc, "ExportFollowUps")), IsEmpty());
}

}  // namespace
}  // namespace chanyan::pairing
