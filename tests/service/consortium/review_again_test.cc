// A review whose scores are struck out later carries nothing any more: every step behind it stops,
// a notice is held, and the dossier goes back to be reviewed again (CON-3, CON-4, CON-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/service/consortium/standing_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ReviewAgainTest : public ::testing::Test, protected StandingWorld {};

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
