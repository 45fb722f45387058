// The schema is what the messages say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/registry/v1/directory.pb.h"
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
       }) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::registry
