// Sets of states as queries have them.
#include "services/consortium/states_sql.h"

#include <gtest/gtest.h>

#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "services/consortium/consortium_life.h"

namespace chanyan::consortium {
namespace {

TEST(StatesSqlTest, NamesEachStateOfTheSetOnce) {
  EXPECT_EQ(StatesSql<v1::ConsortiumState>(0), "(NULL)");
  EXPECT_EQ(StatesSql<v1::ConsortiumState>(kInForce), "('FILED', 'LEAD_VACANT')");
  EXPECT_EQ(StatesSql<v1::ConsortiumState>(kAccepted),
            "('EXPERT_REVIEW', 'SITE_VISIT', 'DEFENCE', 'SELECTED', 'PUBLIC_NOTICE')");
  EXPECT_EQ(StatesSql<v1::ReviewAssignmentState>(policy::Bits(
                v1::REVIEW_ASSIGNMENT_STATE_REMOVED, v1::REVIEW_ASSIGNMENT_STATE_DECLINED)),
            "('DECLINED', 'REMOVED')");
}

}  // namespace
}  // namespace chanyan::consortium
