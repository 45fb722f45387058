// A conflict that an expert declares after the panel was closed (CON-4, CON-5): no step behind the
// score is taken until the panel was looked at again, and a notice is held.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/service/consortium/standing_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ExpertDeclaredTest : public ::testing::Test, protected StandingWorld {
 protected:
  int64_t Told() { return Count("journal WHERE kind = 'declared after scoring'"); }
};

TEST_F(ExpertDeclaredTest, NoStepIsTakenUntilThePanelIsLookedAtAgain) {
  const std::string name = Accepted("评审中");
  const std::string document = Reviewed(name, "document");
  Declare(document, 0, kBeta);
  ExpectUnproven(Step(name, "inspect", Part::kOffice), "专家审查");
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_EXPERT_REVIEW);
  // It is no conflict: nothing but the proof changes.
  const auto looked = Recheck(document);
  ASSERT_TRUE(looked.ok()) << looked.status();
  EXPECT_EQ(looked->result_revision(), 1);
  ExpectDone(name, "inspect");
  Met(name, policy::v1::MEETING_KIND_SITE_VISIT);

  Declare(document, 1, kAlpha);
  ExpectUnproven(Step(name, "defend", Part::kOffice), "专家审查");
  EXPECT_EQ(status::ReasonOf(Reexamine(name).status()), ERROR_REASON_WRONG_STATE)
      << "no score is struck out yet";
  const auto struck = Recheck(document);
  ASSERT_TRUE(struck.ok()) << struck.status();
  EXPECT_EQ(struck->counted_sheets(), 2);
  EXPECT_THAT(struck->result_note(), HasSubstr("剔除评分1份"));
  ExpectFallen(Step(name, "defend", Part::kOffice), "专家审查");
  ExpectAgain(name);
}

TEST_F(ExpertDeclaredTest, OfBothStagesEachIsLookedAtAndSelectionAndNoticeStop) {
  const std::string name = Accepted("评审中");
  const std::string document = Reviewed(name, "document");
  ExpectDone(name, "inspect");
  Met(name, policy::v1::MEETING_KIND_SITE_VISIT);
  ExpectDone(name, "defend");
  Met(name, policy::v1::MEETING_KIND_DEFENCE);
  const std::string defence = Reviewed(name, "defence");
  Declare(document, 0, kBeta);
  Declare(defence, 2, kBeta);
  const absl::Status both = Step(name, "select", Part::kOffice);
  ExpectUnproven(both, "专家审查");
  ExpectUnproven(both, "答辩评审");
  ASSERT_TRUE(Recheck(document).ok());
  const absl::Status one = Step(name, "select", Part::kOffice);
  ExpectUnproven(one, "答辩评审");
  EXPECT_THAT(std::string(one.message()), Not(HasSubstr("专家审查")));
  ASSERT_TRUE(Recheck(defence).ok());
  ExpectDone(name, "select");

  Declare(document, 1, kBeta);
  ExpectUnproven(Publish(name).status(), "专家审查");
  EXPECT_EQ(Count("public_notice"), 0);
  ASSERT_TRUE(Recheck(document).ok());
  EXPECT_TRUE(Publish(name).ok());
}

TEST_F(ExpertDeclaredTest, ANoticeIsHeldForTheOfficeAndClearsOnceThePanelWasLookedAt) {
  const std::string name = Accepted("公示中");
  std::string document;
  std::string defence;
  ToSelected(name, &document, &defence);
  const auto notice = Publish(name);
  ASSERT_TRUE(notice.ok()) << notice.status();
  EXPECT_EQ(Told(), 0);
  Declare(defence, 0, kBeta);
  EXPECT_EQ(Told(), 1);
  Pass(*notice);
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(Count("filing"), 0);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  const std::string held =
      testing::Texts(database.db(), "SELECT hold_reason FROM public_notice").at(0);
  EXPECT_THAT(held, AllOf(HasSubstr("请先复核"), HasSubstr("答辩评审（评审批次2025-1）1名"),
                          Not(HasSubstr("评审某")), Not(HasSubstr("experts/"))));
  EXPECT_EQ(Count("journal WHERE kind = 'held'"), 1);
  EXPECT_EQ(Notice(notice->name()).hold_reason(), "") << "the office's alone";
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'held'"), 1) << "told once";
  ASSERT_TRUE(Recheck(defence).ok());
  EXPECT_EQ(End(), 1);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_FILED);
  // What is decided asks for nothing any more.
  Declare(defence, 1, kBeta);
  EXPECT_EQ(Told(), 1);
}

TEST_F(ExpertDeclaredTest, AScoreThatCountsNoMoreHoldsNothingUp) {
  const std::string name = Accepted("评审中");
  const std::string first = Reviewed(name, "document");
  clock.now += absl::Minutes(1);
  Reviewed(name, "document");
  // The later panel's result counts.
  Declare(first, 0, kAlpha);
  ExpectDone(name, "inspect");
}

}  // namespace
}  // namespace chanyan::consortium
