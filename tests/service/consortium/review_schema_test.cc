// The schema of review and notice is what the messages say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/consortium/v1/review_meeting.pb.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::consortium {
namespace {

TEST(ReviewSchemaTest, MatchesDescriptor) {
  testing::TestDatabase database(testing::ComponentsOf("consortium"));
  for (const auto* resource :
       {v1::Expert::descriptor(), v1::ReviewPanel::descriptor(), v1::PanelDraw::descriptor(),
        v1::ReviewAssignment::descriptor(), v1::ScoreSheet::descriptor(),
        v1::ReviewMeeting::descriptor(), v1::PublicNotice::descriptor(),
        v1::NoticeObjection::descriptor(), v1::ObjectionEvidence::descriptor()}) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::consortium
