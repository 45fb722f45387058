// Two who edit a dossier see each other's changes through the gateway, as server-sent events and by
// gRPC, and go on where they were (CON-1).
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/consortium.grpc.pb.h"
#include "tests/e2e/through_gateway/city.h"
#include "tests/support/suite/event_stream.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::EventStream;
using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Json;
using ::chanyan::testing::StreamEvent;

// A draft of the city's enterprise, with its university as a member.
std::string BeginDraft(City& city, Api& lead) {
  const HttpReply made = lead.Post(
      "/v1/consortia",
      absl::StrCat("{\"displayName\":\"演示创新联合体\",\"members\":[{\"organization\":\"",
                   city.university(),
                   "\",\"kind\":\"MEMBER_KIND_UNIVERSITY\",\"layer\":\"MEMBER_LAYER_CORE\"}]}"));
  EXPECT_EQ(made.status, 200) << made.body << made.failure;
  return made.json().At("name");
}

void SetSchedule(Api& by, const std::string& path, const std::string& text) {
  const HttpReply saved = by.Patch(path + "?updateMask=plan.schedule",
                                   absl::StrCat("{\"plan\":{\"schedule\":\"", text, "\"}}"));
  EXPECT_EQ(saved.status, 200) << saved.body;
}

// Who changed a field, as an event tells it; "" if it was not changed.
std::string ChangedBy(const Json& event, const std::string& field) {
  for (int i = 0; i < event.Size("changes.fields"); ++i) {
    const std::string at = absl::StrCat("changes.fields.", i, ".");
    if (event.At(at + "field") == field) return event.At(at + "organization");
  }
  return "";
}

// Watches a dossier by gRPC, at the gateway.
class DossierWatch {
 public:
  DossierWatch(City& city, const std::string& token, const std::string& name,
               const std::string& last = "", absl::Duration patience = absl::Minutes(1))
      : stub_(consortium::v1::ConsortiumService::NewStub(grpc::CreateChannel(
            city.suite().GrpcTarget("gateway"), grpc::InsecureChannelCredentials()))) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + patience));
    if (!token.empty()) context_.AddMetadata("authorization", "Bearer " + token);
    consortium::v1::WatchConsortiumRequest request;
    request.set_name(name);
    request.set_last_event_id(last);
    reader_ = stub_->WatchConsortium(&context_, request);
  }
  // The next event, or one without an id at the end.
  consortium::v1::WatchConsortiumResponse Next() {
    consortium::v1::WatchConsortiumResponse event;
    return reader_->Read(&event) ? event : consortium::v1::WatchConsortiumResponse();
  }
  grpc::StatusCode End() {
    while (!Next().event_id().empty()) {
    }
    return reader_->Finish().error_code();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<consortium::v1::ConsortiumService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<consortium::v1::WatchConsortiumResponse>> reader_;
};

TEST(ConsortiumWatchE2eTest, EachSeesWhatTheOtherSavesAndGoesOnAfterABreak) {
  City city;
  Api lead = city.suite().As("ROLE_ENTERPRISE", city.enterprise());
  Api& member = city.research_office();
  const std::string name = BeginDraft(city, lead);
  const std::string path = "/v1/" + name;
  std::string last;
  {
    EventStream stream(city.suite(), lead, path + ":watch");
    ASSERT_EQ(stream.status(), 200);
    StreamEvent event = stream.Next();
    ASSERT_EQ(event.name, "watchConsortium");
    EXPECT_EQ(event.data.At("consortium.name"), name);
    EXPECT_EQ(event.data.Size("changes.fields"), 0);
    SetSchedule(member, path, "三年三步");
    event = stream.Next();
    ASSERT_EQ(event.name, "watchConsortium");
    EXPECT_EQ(event.data.At("consortium.plan.schedule"), "三年三步");
    EXPECT_EQ(ChangedBy(event.data, "plan"), city.university());
    last = event.id;
  }
  // Nobody listens meanwhile.
  SetSchedule(member, path, "两年两步");
  const HttpReply renamed =
      lead.Patch(path + "?updateMask=displayName", R"({"displayName":"演示新名联合体"})");
  EXPECT_EQ(renamed.status, 200) << renamed.body;
  EventStream resumed(city.suite(), lead, path + ":watch", last);
  ASSERT_EQ(resumed.status(), 200);
  StreamEvent event = resumed.Next();
  EXPECT_EQ(event.data.At("consortium.plan.schedule"), "两年两步");
  EXPECT_EQ(ChangedBy(event.data, "plan"), city.university());
  EXPECT_EQ(ChangedBy(event.data, "display_name"), city.enterprise());
  EXPECT_NE(event.id, last);
  // The end of the dossier is the last event, and the end of the stream.
  EXPECT_EQ(lead.Post(path + ":withdraw", R"({"reason":"不再申报"})").status, 200);
  event = resumed.Next();
  EXPECT_EQ(event.data.At("consortium.state"), "CONSORTIUM_STATE_WITHDRAWN");
  last = event.id;
  EXPECT_NE(resumed.Next().name, "watchConsortium");
  EXPECT_EQ(EventStream(city.suite(), lead, path + ":watch", last).status(), 204);
}

TEST(ConsortiumWatchE2eTest, ByGrpcItIsWatchedResumedAndEndsAtItsDeadline) {
  City city;
  Api lead = city.suite().As("ROLE_ENTERPRISE", city.enterprise());
  const std::string name = BeginDraft(city, lead);
  const std::string path = "/v1/" + name;
  const std::string token = city.suite().Token("ROLE_RESEARCH_OFFICE", city.university());
  std::string last;
  {
    DossierWatch watch(city, token, name);
    last = watch.Next().event_id();
    ASSERT_FALSE(last.empty());
    SetSchedule(lead, path, "三年三步");
    const consortium::v1::WatchConsortiumResponse event = watch.Next();
    EXPECT_EQ(event.consortium().plan().schedule(), "三年三步");
    ASSERT_GT(event.changes().fields_size(), 0);
    for (const auto& change : event.changes().fields()) {
      EXPECT_EQ(change.organization(), city.enterprise()) << change.field();
      EXPECT_EQ(change.actor(), "") << "another's account is told to nobody";
    }
  }
  DossierWatch resumed(city, token, name, last, absl::Seconds(5));
  EXPECT_EQ(resumed.Next().consortium().plan().schedule(), "三年三步");
  EXPECT_EQ(resumed.End(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(ConsortiumWatchE2eTest, ItIsNobodyElsesBusiness) {
  City city;
  Api lead = city.suite().As("ROLE_ENTERPRISE", city.enterprise());
  const std::string name = BeginDraft(city, lead);
  const std::string target = absl::StrCat("/v1/", name, ":watch");
  EXPECT_EQ(city.suite().Anonymous().Get(target).status, 401);
  EXPECT_EQ(city.secretariat().Get(target).status, 403);
  Api other = city.suite().As("ROLE_ENTERPRISE", city.Enterprise(7));
  EXPECT_EQ(other.Get(target).status, 404);
  // A draft is not the office's yet.
  EXPECT_EQ(city.suite().As("ROLE_DEPARTMENT", "organizations/qdst-gx").Get(target).status, 404);
  EXPECT_EQ(DossierWatch(city, "", name).End(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(
      DossierWatch(city, city.suite().Token("ROLE_ENTERPRISE", "organizations/none"), name).End(),
      grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace chanyan::e2e
