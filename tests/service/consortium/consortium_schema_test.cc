// The schema is what the messages say (CON-1 to CON-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/consortium/v1/attachment.pb.h"
#include "chanyan/consortium/v1/backfill.pb.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "chanyan/consortium/v1/eligibility.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/party.pb.h"
#include "chanyan/consortium/v1/signature.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::consortium {
namespace {

TEST(ConsortiumSchemaTest, MatchesDescriptor) {
  testing::TestDatabase database(testing::ComponentsOf("consortium"));
  for (const auto* resource :
       {v1::Consortium::descriptor(), v1::Transition::descriptor(), v1::Signature::descriptor(),
        v1::ConsortiumAttachment::descriptor(), v1::EligibilityCheck::descriptor(),
        v1::Filing::descriptor(), v1::ExpiryReminder::descriptor(), v1::HeldProject::descriptor(),
        v1::Supplement::descriptor(), v1::Membership::descriptor(), v1::Evaluation::descriptor(),
        v1::Bar::descriptor(), v1::CreditEntry::descriptor(), v1::SupportMeasure::descriptor(),
        v1::ConstructionReport::descriptor(), v1::ConstructionVersion::descriptor(),
        v1::CoordinationItem::descriptor(), v1::Party::descriptor(), v1::Backfill::descriptor()}) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::consortium
