// The world of dossiers whose reviews are over, with the experts who made them: what a later step
// asks of scores, visits and defences.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/expert_rules.h"
#include "services/consortium/expert_service.h"
#include "services/consortium/panel_draw.h"
#include "services/consortium/review_book.h"
#include "services/consortium/review_hosting.h"
#include "services/consortium/review_service.h"
#include "tests/service/consortium/notice_world.h"
#include "tests/support/fake_peer.h"

namespace chanyan::consortium {

class StandingWorld : public NoticeWorld {
 public:
  StandingWorld()
      : asked(AskedPeers()),
        review(*pack),
        reviews({deps().store, *pack, asked.peers()}, review),
        experts({deps().store, *pack, asked.peers()}) {
    SetReviewGates(review, notices, book);
  }

  std::string Accepted(const std::string& title) {
    const std::string name = Ready(title).name();
    EXPECT_TRUE(Submit(name).ok());
    EXPECT_TRUE(Recommend(name).ok());
    const auto accepted = Accept(name);
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    return name;
  }
  // A closed panel that passed with as many sheets as it needs, no more, of experts who have
  // nothing to do with anybody.
  std::string Reviewed(const std::string& consortium, const std::string& sheet) {
    const std::string id = absl::StrCat(sheet, ++panels_);
    v1::ReviewPanel panel;
    panel.set_name(absl::StrCat(consortium, "/panels/", id));
    panel.set_consortium(consortium);
    panel.set_sheet(sheet);
    panel.set_round("2025-1");
    panel.set_state(v1::REVIEW_PANEL_STATE_CLOSED);
    panel.set_counted_sheets(3);
    panel.set_score_thousandths(90'000);
    panel.set_passed(true);
    panel.set_result_revision(1);
    panel.set_office(kBureau);
    v1::PanelDraw draw;
    draw.set_name(absl::StrCat(panel.name(), "/draws/d"));
    *draw.mutable_input()->mutable_sheet() = *review.FindSheet(sheet);
    draw.set_office(kBureau);
    const db::Table<v1::PanelDraw> draws;
    const db::Table<v1::Expert> pool;
    const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(review.panels().Insert(session, clock.now, &panel));
      CHANYAN_RETURN_IF_ERROR(draws.Insert(session, clock.now, &draw));
      for (int i = 0; i < 3; ++i) {
        v1::Expert expert;
        expert.set_name(absl::StrCat("experts/", id, i));
        expert.set_person(absl::StrCat("评审某", id, i));
        expert.set_account(absl::StrCat("accounts/", id, i));
        expert.set_employer(kUpc);
        expert.set_category("technology");
        expert.set_state(v1::EXPERT_STATE_ACTIVE);
        expert.set_office(kBureau);
        CHANYAN_RETURN_IF_ERROR(pool.Insert(session, clock.now, &expert));
        v1::ReviewAssignment row;
        row.set_name(absl::StrCat(panel.name(), "/assignments/a", i));
        row.set_consortium(consortium);
        row.set_expert(expert.name());
        row.set_account(expert.account());
        row.set_employer(expert.employer());
        row.set_state(v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED);
        row.mutable_latest_proof()->set_expert_sha256(
            OwnDigest(CandidateOf(expert, time::DayOf(clock.now), {})));
        row.set_office(kBureau);
        v1::ScoreSheet scores;
        scores.set_name(absl::StrCat(row.name(), "/sheets/main"));
        scores.set_consortium(consortium);
        scores.set_panel(panel.name());
        scores.set_state(v1::SCORE_SHEET_STATE_SUBMITTED);
        scores.set_total_tenths(900);
        scores.set_revealed(true);
        api::SetTime(clock.now, scores.mutable_submit_time());
        scores.set_office(kBureau);
        CHANYAN_RETURN_IF_ERROR(review.assignments().Insert(session, clock.now, &row));
        CHANYAN_RETURN_IF_ERROR(review.sheets().Insert(session, clock.now, &scores));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(written.ok()) << written;
    return panel.name();
  }
  void Met(const std::string& consortium, policy::v1::MeetingKind kind) {
    v1::ReviewMeeting row;
    row.set_name(absl::StrCat(consortium, "/reviewMeetings/m", ++panels_));
    row.set_consortium(consortium);
    row.set_kind(kind);
    row.set_state(v1::REVIEW_MEETING_STATE_RECORDED);
    row.set_conclusion(v1::MEETING_CONCLUSION_PASSED);
    api::SetTime(clock.now, row.mutable_record_time());
    row.set_office(kBureau);
    const db::Table<v1::ReviewMeeting> meetings;
    const absl::Status written = database.db().Transact(
        [&](db::Session& session) { return meetings.Insert(session, clock.now, &row); });
    EXPECT_TRUE(written.ok()) << written;
  }
  // One score of the panel is struck out: one less than it needs.
  void Strike(const std::string& panel) {
    auto remove = Named<v1::RemoveReviewAssignmentRequest>(absl::StrCat(panel, "/assignments/a0"));
    remove.set_reason("查实近亲属任职");
    const auto removed =
        reviews.RemoveReviewAssignment(By(kBureau, "ReviewService.RemoveReviewAssignment"), remove);
    ASSERT_TRUE(removed.ok()) << removed.status();
  }
  // The expert of a seat declares to be a consultant of an organization.
  void Declare(const std::string& panel, int seat, const std::string& organization) {
    const std::string id = absl::StrCat(api::IdOfName(panel), seat);
    auto request = Named<v1::DeclareInterestsRequest>(absl::StrCat("experts/", id));
    v1::DeclaredInterest* interest = request.add_interests();
    interest->set_organization(organization);
    interest->set_kind(v1::INTEREST_KIND_CONSULTING);
    rpc::Call call = As(options::v1::ROLE_EXPERT, kUpc, "ExpertService.DeclareInterests");
    call.principal.account = absl::StrCat("accounts/", id);
    const auto declared = experts.DeclareInterests(call, request);
    ASSERT_TRUE(declared.ok()) << declared.status();
  }
  absl::StatusOr<v1::ReviewPanel> Recheck(const std::string& panel) {
    return reviews.RecheckReviewPanel(By(kBureau, "ReviewService.RecheckReviewPanel"),
                                      Named<v1::RecheckReviewPanelRequest>(panel));
  }
  absl::StatusOr<v1::Consortium> Reexamine(const std::string& name,
                                           const std::string& by = kBureau) {
    auto request = Named<v1::ReexamineConsortiumRequest>(name);
    request.set_reason("评审专家查实利益关系，重新评审。");
    return consortia.ReexamineConsortium(By(by, "ConsortiumService.ReexamineConsortium"), request);
  }
  void ExpectDone(const std::string& name, absl::string_view verb) {
    const absl::Status done = Step(name, verb, Part::kOffice);
    EXPECT_TRUE(done.ok()) << verb << ": " << done;
  }
  // WRONG_STATE that says which review it is and what to do.
  void ExpectFallen(const absl::Status& status, const std::string& stage) {
    EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_WRONG_STATE) << status;
    using ::testing::HasSubstr;
    EXPECT_THAT(std::string(status.message()),
                ::testing::AllOf(HasSubstr(stage), HasSubstr("有效评分不足3份"),
                                 HasSubstr(absl::StrCat("重新组织", stage))));
  }
  // WRONG_STATE that says which panel is to be looked at again, and of nobody who it is.
  void ExpectUnproven(const absl::Status& status, const std::string& stage) {
    EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_WRONG_STATE) << status;
    using ::testing::HasSubstr;
    EXPECT_THAT(std::string(status.message()),
                ::testing::AllOf(HasSubstr("请先复核"),
                                 HasSubstr(absl::StrCat(stage, "（评审批次2025-1）1名")),
                                 ::testing::Not(HasSubstr("评审某"))));
  }
  void ExpectAgain(const std::string& name) {
    clock.now += absl::Minutes(1);
    const auto again = Reexamine(name);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->state(), v1::CONSORTIUM_STATE_EXPERT_REVIEW);
    EXPECT_TRUE(again->has_due_time());
  }
  // From EXPERT_REVIEW to SELECTED; `defence` becomes its panel.
  void ToSelected(const std::string& name, std::string* document, std::string* defence) {
    *document = Reviewed(name, "document");
    ExpectDone(name, "inspect");
    Met(name, policy::v1::MEETING_KIND_SITE_VISIT);
    ExpectDone(name, "defend");
    Met(name, policy::v1::MEETING_KIND_DEFENCE);
    *defence = Reviewed(name, "defence");
    ExpectDone(name, "select");
  }

 private:
  // The registry, asked for many at once, and a pairing where nobody builds with anybody.
  std::vector<testing::FakePeer::Service> AskedPeers() {
    using pairing::v1::ListProjectsRequest;
    using pairing::v1::ListProjectsResponse;
    using registry::v1::ListOrganizationsRequest;
    using registry::v1::ListOrganizationsResponse;
    return {{"chanyan.registry.v1.RegistryService",
             {rpc::Unary<ListOrganizationsRequest, ListOrganizationsResponse>(
                 "ListOrganizations",
                 [this](const rpc::Call&, const ListOrganizationsRequest& request)
                     -> absl::StatusOr<ListOrganizationsResponse> {
                   ListOrganizationsResponse reply;
                   for (const char* name : {kAlpha, kBeta, kOuc, kUpc, kInstitute}) {
                     if (absl::StrContains(request.filter(), absl::StrCat("\"", name, "\""))) {
                       *reply.add_organizations() = Registered(name);
                     }
                   }
                   return reply;
                 })}},
            {"chanyan.pairing.v1.PairingService",
             {rpc::Unary<ListProjectsRequest, ListProjectsResponse>(
                 "ListProjects",
                 [](const rpc::Call&, const ListProjectsRequest&)
                     -> absl::StatusOr<ListProjectsResponse> { return ListProjectsResponse(); })}}};
  }

  int panels_ = 0;

 public:
  testing::FakePeer asked;
  const ReviewBook review;
  ReviewService reviews;
  ExpertService experts;
};

}  // namespace chanyan::consortium
