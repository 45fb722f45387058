// The schema is what the messages say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/registry/v1/directory.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/platform_attachment.pb.h"
#include "chanyan/registry/v1/platform_revision.pb.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {
namespace {

TEST(RegistrySchemaTest, MatchesDescriptor) {
  testing::TestDatabase database(testing::ComponentsOf("registry"));
  for (const auto* resource : {
           v1::Organization::descriptor(),
           v1::Platform::descriptor(),
           v1::OrganizationEvent::descriptor(),
           v1::DistinctPair::descriptor(),
           v1::Instrument::descriptor(),
           v1::Booking::descriptor(),
           v1::UseRecord::descriptor(),
           v1::PlatformRevision::descriptor(),
           v1::PlatformAttachment::descriptor(),
           v1::IndustryDuty::descriptor(),
           v1::TaskForceMember::descriptor(),
           v1::PolicyDividend::descriptor(),
       }) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::registry
