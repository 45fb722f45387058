// A review whose scores are struck out later carries nothing any more: every step behind it stops,
// a notice is held, and the dossier goes back to be reviewed again (CON-3, CON-4, CON-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "services/consortium/review_book.h"
#include "services/consortium/review_hosting.h"
#include "services/consortium/review_service.h"
#include "tests/service/consortium/notice_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ReviewAgainTest : public ::testing::Test, protected NoticeWorld {
 protected:
  ReviewAgainTest() : review(*pack), reviews({deps().store, *pack, peer.peers()}, review) {
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
  // A closed panel that passed with as many sheets as it needs, no more.
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
    const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(review.panels().Insert(session, clock.now, &panel));
      CHANYAN_RETURN_IF_ERROR(draws.Insert(session, clock.now, &draw));
      for (int i = 0; i < 3; ++i) {
        v1::ReviewAssignment row;
        row.set_name(absl::StrCat(panel.name(), "/assignments/a", i));
        row.set_consortium(consortium);
        row.set_expert(absl::StrCat("experts/", id, i));
        row.set_state(v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED);
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
  void ExpectFallen(const absl::Status& status, const std::string& review) {
    EXPECT_EQ(status::ReasonOf(status), ERROR_REASON_WRONG_STATE) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(review), HasSubstr("有效评分不足3份"),
                      HasSubstr(absl::StrCat("重新组织", review))));
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

  const ReviewBook review;
  ReviewService reviews;
  int panels_ = 0;
};

TEST_F(ReviewAgainTest, NotWhileEveryReviewStandsAndByTheOfficeAlone) {
  const std::string name = Accepted("评审中");
  EXPECT_EQ(status::ReasonOf(Reexamine(name).status()), ERROR_REASON_WRONG_STATE);
  std::string document;
  std::string defence;
  ToSelected(name, &document, &defence);
  const auto standing = Reexamine(name);
  EXPECT_EQ(status::ReasonOf(standing.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(standing.status().message()), HasSubstr("仍然有效"));
  Strike(document);
  EXPECT_EQ(status::ReasonOf(Reexamine(name, kAlpha).status()), ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(status::ReasonOf(Reexamine(name, kHuangdao).status()), ERROR_REASON_ROLE_NOT_PERMITTED);
  auto wordless = Named<v1::ReexamineConsortiumRequest>(name);
  EXPECT_EQ(
      consortia.ReexamineConsortium(By(kBureau, "ConsortiumService.ReexamineConsortium"), wordless)
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_SELECTED);
  ExpectAgain(name);
}

TEST_F(ReviewAgainTest, EveryStepBehindAFallenExpertReviewStops) {
  const std::string name = Accepted("评审中");
  const std::string first = Reviewed(name, "document");
  ExpectDone(name, "inspect");
  Met(name, policy::v1::MEETING_KIND_SITE_VISIT);
  Strike(first);
  ExpectFallen(Step(name, "defend", Part::kOffice), "专家审查");
  ExpectAgain(name);
  // Nothing carries it on but another review.
  EXPECT_EQ(status::ReasonOf(Step(name, "inspect", Part::kOffice)), ERROR_REASON_WRONG_STATE);
  const std::string second = Reviewed(name, "document");
  ExpectDone(name, "inspect");
  // The visit stands.
  ExpectDone(name, "defend");
  Met(name, policy::v1::MEETING_KIND_DEFENCE);
  Reviewed(name, "defence");
  Strike(second);
  ExpectFallen(Step(name, "select", Part::kOffice), "专家审查");
  EXPECT_TRUE(Step(name, "reject", Part::kOffice).ok());
}

TEST_F(ReviewAgainTest, AFallenDefenceIsDoneAgainAndNothingElse) {
  const std::string name = Accepted("评审中");
  std::string document;
  std::string defence;
  ToSelected(name, &document, &defence);
  Strike(defence);
  ExpectFallen(Publish(name).status(), "答辩评审");
  EXPECT_EQ(Count("public_notice"), 0);
  ExpectAgain(name);
  ExpectDone(name, "inspect");
  ExpectDone(name, "defend");
  EXPECT_EQ(status::ReasonOf(Step(name, "select", Part::kOffice)), ERROR_REASON_WRONG_STATE);
  Reviewed(name, "defence");
  ExpectDone(name, "select");
  EXPECT_TRUE(Publish(name).ok());
}

TEST_F(ReviewAgainTest, ANoticeIsHeldAndSaysWhichReviewAndEndsWhenItIsDoneAgain) {
  const std::string name = Accepted("公示中");
  std::string document;
  std::string defence;
  ToSelected(name, &document, &defence);
  const auto notice = Publish(name);
  ASSERT_TRUE(notice.ok()) << notice.status();
  ASSERT_TRUE(ObjectAs(kBeta, notice->name()).ok());
  Strike(document);
  Pass(*notice);
  EXPECT_EQ(End(), 1) << "it waits";
  const auto waiting = Reexamine(name);
  EXPECT_EQ(status::ReasonOf(waiting.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(waiting.status().message()), HasSubstr("还有1件异议"));
  ASSERT_TRUE(
      Decide(testing::Texts(database.db(), "SELECT name FROM notice_objection").at(0), false).ok());
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(Count("filing"), 0);
  const std::string held =
      testing::Texts(database.db(), "SELECT hold_reason FROM public_notice").at(0);
  EXPECT_THAT(held, AllOf(HasSubstr("专家审查"), HasSubstr("有效评分不足3份"),
                          HasSubstr("重新组织专家审查"), Not(HasSubstr("不予通过"))));
  ExpectAgain(name);
  EXPECT_EQ(Notice(notice->name()).state(), v1::PUBLIC_NOTICE_STATE_ENDED);
  EXPECT_EQ(Notice(notice->name()).hold_reason(), "");
  EXPECT_EQ(End(), 0);
  // Reviewed again it goes the whole way.
  Reviewed(name, "document");
  for (const char* verb : {"inspect", "defend", "select"}) ExpectDone(name, verb);
  const auto another = Publish(name);
  ASSERT_TRUE(another.ok()) << another.status();
  Pass(*another);
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_FILED);
}

TEST_F(ReviewAgainTest, WhatWasReviewedBeforeACorrectionCountsNoMore) {
  const std::string name = Accepted("公示中");
  std::string document;
  std::string defence;
  ToSelected(name, &document, &defence);
  ASSERT_TRUE(Publish(name).ok());
  auto reopen = Named<v1::ReopenConsortiumRequest>(name);
  reopen.set_reason("请补正。");
  ASSERT_TRUE(
      consortia.ReopenConsortium(By(kBureau, "ConsortiumService.ReopenConsortium"), reopen).ok());
  clock.now += absl::Hours(1);
  ASSERT_TRUE(Submit(name).ok());
  ASSERT_TRUE(Recommend(name).ok());
  ASSERT_TRUE(Accept(name).ok());
  const absl::Status refused = Step(name, "inspect", Part::kOffice);
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("尚未抽取专家"));
  Reviewed(name, "document");
  ExpectDone(name, "inspect");
  EXPECT_EQ(status::ReasonOf(Step(name, "defend", Part::kOffice)), ERROR_REASON_WRONG_STATE);
}

TEST_F(ReviewAgainTest, ASheetThatThePackHasNoMoreIsJudgedByItsDraw) {
  const std::string name = Accepted("评审中");
  const std::string panel = Reviewed(name, "document");
  ExpectDone(name, "inspect");
  Met(name, policy::v1::MEETING_KIND_SITE_VISIT);
  const absl::Status renamed = database.db().Transact([&](db::Session& session) {
    return session.Execute("UPDATE review_panel SET sheet = 'former'", {}).status();
  });
  ASSERT_TRUE(renamed.ok()) << renamed;
  EXPECT_EQ(status::ReasonOf(Reexamine(name).status()), ERROR_REASON_WRONG_STATE);
  Strike(panel);
  ExpectFallen(Step(name, "defend", Part::kOffice), "专家审查");
}

}  // namespace
}  // namespace chanyan::consortium
