// The schema is what the messages say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/cooperation_file.pb.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/discovery.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/pairing/v1/project_file.pb.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::pairing {
namespace {

TEST(PairingSchemaTest, MatchesDescriptor) {
  testing::TestDatabase database(testing::ComponentsOf("pairing"));
  for (const auto* resource : {
           v1::Intent::descriptor(),
           v1::Project::descriptor(),
           v1::ProgressReport::descriptor(),
           v1::Roster::descriptor(),
           v1::RosterEntry::descriptor(),
           v1::Dismissal::descriptor(),
           v1::Outreach::descriptor(),
           v1::ContactAttempt::descriptor(),
           v1::UnpairedEnterprise::descriptor(),
           v1::FrameAgreement::descriptor(),
           v1::Conference::descriptor(),
           v1::FollowUp::descriptor(),
           v1::CoBuiltBase::descriptor(),
           v1::Contact::descriptor(),
           v1::Agreement::descriptor(),
           v1::ReportVersion::descriptor(),
           v1::Problem::descriptor(),
           v1::Outcome::descriptor(),
           v1::ProjectFile::descriptor(),
           v1::CooperationFile::descriptor(),
       }) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::pairing
