// The schema is what the messages say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/cycle/v1/chain.pb.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "chanyan/cycle/v1/trace.pb.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::cycle {
namespace {

TEST(CycleSchemaTest, MatchesDescriptor) {
  testing::TestDatabase database(testing::ComponentsOf("cycle"));
  for (const auto* resource : {
           v1::Cycle::descriptor(),
           v1::Form::descriptor(),
           v1::Row::descriptor(),
           v1::Handover::descriptor(),
           v1::Package::descriptor(),
           v1::ReturnException::descriptor(),
           v1::FormVersion::descriptor(),
           v1::ReturnVersion::descriptor(),
           v1::PackageVersion::descriptor(),
           v1::PlatformPart::descriptor(),
           v1::PartVersion::descriptor(),
           v1::Event::descriptor(),
           v1::EventParticipant::descriptor(),
           v1::EventOutcome::descriptor(),
           v1::ChainCampaign::descriptor(),
           v1::ActionTask::descriptor(),
           v1::Leaderboard::descriptor(),
           v1::Notification::descriptor(),
           v1::Digest::descriptor(),
           v1::Reminder::descriptor(),
           v1::WebhookEndpoint::descriptor(),
           v1::WebhookDelivery::descriptor(),
           v1::Objection::descriptor(),
           v1::ObjectionEvidence::descriptor(),
           v1::RowDispute::descriptor(),
       }) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::cycle
