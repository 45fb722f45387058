// The schema is what the messages say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/triage/v1/case.pb.h"
#include "chanyan/triage/v1/confidential.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/disposition.pb.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "chanyan/triage/v1/guide.pb.h"
#include "chanyan/triage/v1/list.pb.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "chanyan/triage/v1/report.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "chanyan/triage/v1/team.pb.h"
#include "chanyan/triage/v1/university_team.pb.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::triage {
namespace {

TEST(TriageSchemaTest, MatchesDescriptor) {
  testing::TestDatabase database(testing::ComponentsOf("triage"));
  for (const auto* resource : {
           v1::Result::descriptor(),
           v1::ResultRevision::descriptor(),
           v1::QuarantinedText::descriptor(),
           v1::Demand::descriptor(),
           v1::ConfidentialPart::descriptor(),
           v1::DemandRevision::descriptor(),
           v1::ServiceTeam::descriptor(),
           v1::TeamMembership::descriptor(),
           v1::Broker::descriptor(),
           v1::Disposition::descriptor(),
           v1::Push::descriptor(),
           v1::ProjectGuide::descriptor(),
           v1::Listing::descriptor(),
           v1::Handover::descriptor(),
           v1::Tenure::descriptor(),
           v1::IdleAlert::descriptor(),
           v1::FollowUp::descriptor(),
           v1::StageEntry::descriptor(),
           v1::IndustryList::descriptor(),
           v1::ListLine::descriptor(),
           v1::ListOmission::descriptor(),
           v1::ListFeedback::descriptor(),
           v1::ListDelivery::descriptor(),
           v1::Report::descriptor(),
           v1::Escalation::descriptor(),
           v1::EscalationTask::descriptor(),
           v1::WorkMeeting::descriptor(),
           v1::TypicalCase::descriptor(),
           v1::UniversityTeam::descriptor(),
       }) {
    EXPECT_THAT(testing::TableDifferences(database.db(), resource), ::testing::IsEmpty())
        << resource->full_name();
  }
}

}  // namespace
}  // namespace chanyan::triage
