// Long work through the gateway: begun, watched as server-sent events and by gRPC, its service
// killed in the middle and started again, and nothing done twice (REG-10, CYC-4).
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/operation/v1/operation.grpc.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/database.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "tests/e2e/through_gateway/city.h"
#include "tests/support/barrier.h"
#include "tests/support/suite/event_stream.h"
#include "tools/demo/uscc.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Json;
using Event = ::chanyan::testing::StreamEvent;
using Stream = ::chanyan::testing::EventStream;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr int kFirst = 100;

// Enterprises as a sheet; of every `wrong`-th the industry is not one (0 = none).
std::string Enterprises(int count, int wrong = 0) {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "单位名录"});
  sheet::TableWriter table(writer, "单位", registry::v1::Organization::descriptor());
  for (int i = 0; i < count; ++i) {
    registry::v1::Organization row;
    row.set_display_name(absl::StrFormat("演示批量企业%05d有限公司", i));
    row.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
    row.set_unified_social_credit_code(
        demo::InventedUscc("370211", static_cast<uint64_t>(kFirst + i)));
    row.add_industries(wrong > 0 && i % wrong == 0 ? "没有的产业" : "人工智能");
    table.Add(row);
  }
  table.Finish();
  return *std::move(writer).Finish();
}

int64_t Number(City& city, const std::string& sql) {
  const auto db = db::Database::Open(city.suite().DatabaseOf("registry"));
  EXPECT_TRUE(db.ok()) << db.status();
  int64_t number = -1;
  const absl::Status read = (*db)->Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
    number = std::get<int64_t>(rows.rows[0][0]);
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return number;
}

std::string Begin(City& city, const std::string& file) {
  const HttpReply begun = city.secretariat().Post(
      "/v1/organizations:beginImport?fileName=companies.xlsx", file, {{"Content-Type", kXlsx}});
  EXPECT_EQ(begun.status, 200) << begun.body << begun.failure;
  EXPECT_EQ(begun.json().At("state"), "OPERATION_STATE_PENDING") << begun.body;
  return begun.json().At("name");
}

HttpReply AwaitEnd(City& city, const std::string& name) {
  HttpReply reply;
  for (int i = 0; i < 600; ++i) {
    reply = city.secretariat().Get(absl::StrCat("/v1/", name));
    const std::string state = reply.json().At("state");
    if (!state.empty() && state != "OPERATION_STATE_PENDING" &&
        state != "OPERATION_STATE_RUNNING") {
      break;
    }
    absl::SleepFor(absl::Milliseconds(100));
  }
  return reply;
}

// Watches an operation by gRPC, at the gateway.
class NativeWatch {
 public:
  // Resumed behind `last`, if it is not empty; as nobody without a token.
  NativeWatch(City& city, const std::string& token, const std::string& name,
              const std::string& last = "")
      : stub_(operation::v1::OperationService::NewStub(grpc::CreateChannel(
            city.suite().GrpcTarget("gateway"), grpc::InsecureChannelCredentials()))) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
    if (!token.empty()) context_.AddMetadata("authorization", "Bearer " + token);
    operation::v1::WatchOperationRequest request;
    request.set_name(name);
    request.set_last_event_id(last);
    reader_ = stub_->WatchOperation(&context_, request);
  }
  // The next event, or one without an id at the end.
  operation::v1::WatchOperationResponse Next() {
    operation::v1::WatchOperationResponse event;
    return reader_->Read(&event) ? event : operation::v1::WatchOperationResponse();
  }
  // How it ended, once there is no event left.
  grpc::StatusCode End() {
    while (!Next().event_id().empty()) {
    }
    return reader_->Finish().error_code();
  }
  void Leave() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<operation::v1::OperationService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<operation::v1::WatchOperationResponse>> reader_;
};

std::string SecretariatsToken(City& city) {
  return city.suite().Token("ROLE_SECRETARIAT", "organizations/secretariat");
}

constexpr char kImported[] =
    "SELECT COUNT(*) FROM organization WHERE display_name LIKE '演示批量企业%'";

TEST(OperationE2eTest, WrongRowsAreAllNamedAndNothingComesIn) {
  City city;
  const std::string name = Begin(city, Enterprises(600, /*wrong=*/3));
  const HttpReply ended = AwaitEnd(city, name);
  const Json json = ended.json();
  EXPECT_EQ(json.At("state"), "OPERATION_STATE_FAILED") << ended.body.substr(0, 500);
  EXPECT_EQ(json.At("error.reason"), "INVALID_FILE");
  EXPECT_EQ(json.Size("error.violations"), 200);
  EXPECT_TRUE(absl::StrContains(json.At("error.violations.0.field"), "companies.xlsx"))
      << ended.body;
  EXPECT_EQ(Number(city, kImported), 0);
  // Nobody else's business.
  testing::Api other = city.suite().As("ROLE_RESEARCH_OFFICE", city.university());
  EXPECT_EQ(other.Get(absl::StrCat("/v1/", name)).status, 404);
  EXPECT_EQ(other.Get(absl::StrCat("/v1/", name, ":watch")).status, 404);
  EXPECT_EQ(city.suite().Anonymous().Get(absl::StrCat("/v1/", name, ":watch")).status, 401);
}

TEST(OperationE2eTest, KilledInTheMiddleItGoesOnAndDoesNothingTwice) {
  constexpr int kRows = 3000;
  City city;
  const auto db = db::Database::Open(city.suite().DatabaseOf("registry"));
  ASSERT_TRUE(db.ok()) << db.status();
  // It stands where its last row goes in.
  testing::Barrier before_last(
      **db, "SELECT name FROM organization WHERE code_key = ? FOR UPDATE",
      {demo::InventedUscc("370211", static_cast<uint64_t>(kFirst + kRows - 1))});
  const std::string name = Begin(city, Enterprises(kRows));
  const std::string target = absl::StrCat("/v1/", name, ":watch");
  std::string last;
  {
    Stream stream(city.suite(), city.secretariat(), target);
    ASSERT_EQ(stream.status(), 200);
    // As soon as it is at work.
    Event event;
    do {
      event = stream.Next();
      ASSERT_EQ(event.name, "watchOperation");
      last = event.id;
    } while (event.data.At("operation.stage").empty() &&
             event.data.At("operation.state") != "OPERATION_STATE_DONE");
    ASSERT_NE(event.data.At("operation.state"), "OPERATION_STATE_DONE") << "too quick to be killed";
    city.suite().Signal("registry", SIGKILL);
    ASSERT_TRUE(city.suite().Wait("registry", absl::Seconds(10)).has_value());
    before_last.Lift();
    while (event.name == "watchOperation") event = stream.Next();
    EXPECT_EQ(event.name, "failure");
    EXPECT_EQ(event.data.At("error.code"), "503");
  }
  EXPECT_EQ(Number(city, kImported), 0) << "one transaction: nothing of it is there";
  city.suite().Start("registry");
  city.suite().WaitReady("registry");
  // The gateway may still wait with connecting.
  Event event;
  for (int i = 0; i < 40 && event.data.At("operation.state") != "OPERATION_STATE_DONE"; ++i) {
    Stream stream(city.suite(), city.secretariat(), target, last);
    if (stream.status() != 200) {
      EXPECT_EQ(stream.status(), 503);
      absl::SleepFor(absl::Milliseconds(500));
      continue;
    }
    for (Event next = stream.Next(); next.name == "watchOperation"; next = stream.Next()) {
      EXPECT_NE(next.id, last) << "what the client has is not sent again";
      event = next;
      last = next.id;
    }
  }
  EXPECT_EQ(event.data.At("operation.state"), "OPERATION_STATE_DONE");
  EXPECT_EQ(event.data.At("operation.percent"), "100");
  EXPECT_EQ(Json::Parse(event.data.At("operation.result")).At("created"), absl::StrCat(kRows));
  EXPECT_EQ(event.data.At("operation.attempts"), "2");
  EXPECT_EQ(Number(city, kImported), kRows);
  EXPECT_EQ(Number(city, "SELECT COUNT(*) FROM journal WHERE kind = 'imported'"), kRows);
  // Whoever has the last event need not come again.
  EXPECT_EQ(Stream(city.suite(), city.secretariat(), target, last).status(), 204);
}

TEST(OperationE2eTest, ByGrpcItIsWatchedToItsEndAndResumed) {
  constexpr int kRows = 3000;
  City city;
  const auto db = db::Database::Open(city.suite().DatabaseOf("registry"));
  ASSERT_TRUE(db.ok()) << db.status();
  testing::Barrier before_last(
      **db, "SELECT name FROM organization WHERE code_key = ? FOR UPDATE",
      {demo::InventedUscc("370211", static_cast<uint64_t>(kFirst + kRows - 1))});
  const std::string token = SecretariatsToken(city);
  const std::string name = Begin(city, Enterprises(kRows));
  NativeWatch watch(city, token, name);
  operation::v1::WatchOperationResponse event = watch.Next();
  const std::string first = event.event_id();
  ASSERT_FALSE(first.empty());
  // Who leaves ends nothing but the watching.
  NativeWatch leaving(city, token, name);
  EXPECT_FALSE(leaving.Next().event_id().empty());
  leaving.Leave();
  EXPECT_EQ(leaving.End(), grpc::StatusCode::CANCELLED);
  while (event.operation().state() == operation::v1::OPERATION_STATE_PENDING) event = watch.Next();
  EXPECT_EQ(event.operation().state(), operation::v1::OPERATION_STATE_RUNNING);
  EXPECT_LT(event.operation().percent(), 100);
  before_last.Lift();
  int percent = 0;
  std::string last;
  for (; !event.event_id().empty(); event = watch.Next()) {
    EXPECT_NE(event.event_id(), last) << "no event comes twice";
    EXPECT_GE(event.operation().percent(), percent);
    EXPECT_EQ(event.operation().name(), name);
    percent = event.operation().percent();
    last = event.event_id();
    if (event.operation().state() == operation::v1::OPERATION_STATE_DONE) {
      EXPECT_EQ(Json::Parse(event.operation().result()).At("created"), absl::StrCat(kRows));
    }
  }
  EXPECT_EQ(percent, 100);
  EXPECT_EQ(watch.End(), grpc::StatusCode::OK);
  EXPECT_EQ(Number(city, kImported), kRows);
  // What came after the first event is sent again, what came after the last is nothing.
  NativeWatch resumed(city, token, name, first);
  event = resumed.Next();
  EXPECT_EQ(event.event_id(), last);
  EXPECT_EQ(event.operation().state(), operation::v1::OPERATION_STATE_DONE);
  EXPECT_EQ(resumed.End(), grpc::StatusCode::OK);
  NativeWatch after(city, token, name, last);
  EXPECT_EQ(after.Next().event_id(), "");
  EXPECT_EQ(after.End(), grpc::StatusCode::OK);
}

TEST(OperationE2eTest, ByGrpcItIsNobodyElsesBusiness) {
  City city;
  const std::string token = SecretariatsToken(city);
  const std::string name = Begin(city, Enterprises(10));
  EXPECT_EQ(NativeWatch(city, "", name).End(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(NativeWatch(city, "forged", name).End(), grpc::StatusCode::UNAUTHENTICATED);
  const std::string others = city.suite().Token("ROLE_RESEARCH_OFFICE", city.university());
  EXPECT_EQ(NativeWatch(city, others, name).End(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(NativeWatch(city, token, name + "0").End(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(NativeWatch(city, token, "services/nobody/operations/o1").End(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(NativeWatch(city, token, name, "no event").End(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(NativeWatch(city, token, name).End(), grpc::StatusCode::OK) << "to its end";
}

TEST(OperationE2eTest, AGatewayThatStopsEndsWhatIsWatchedByGrpc) {
  City city;
  const auto db = db::Database::Open(city.suite().DatabaseOf("registry"));
  ASSERT_TRUE(db.ok()) << db.status();
  testing::Barrier before_last(**db, "SELECT name FROM organization WHERE code_key = ? FOR UPDATE",
                               {demo::InventedUscc("370211", static_cast<uint64_t>(kFirst + 99))});
  const std::string token = SecretariatsToken(city);
  const std::string name = Begin(city, Enterprises(100));
  NativeWatch watch(city, token, name);
  const std::string seen = watch.Next().event_id();
  ASSERT_FALSE(seen.empty());
  city.suite().Signal("gateway", SIGTERM);
  EXPECT_EQ(watch.End(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(city.suite().Wait("gateway", absl::Seconds(15)), 0) << "it does not wait for it";
  before_last.Lift();
  city.suite().Start("gateway");
  city.suite().WaitReady("gateway");
  operation::v1::WatchOperationResponse event, end;
  NativeWatch again(city, token, name, seen);
  while (!(event = again.Next()).event_id().empty()) end = event;
  EXPECT_EQ(again.End(), grpc::StatusCode::OK);
  EXPECT_EQ(end.operation().state(), operation::v1::OPERATION_STATE_DONE);
}

TEST(OperationE2eTest, CancelledItLeavesNothing) {
  City city;
  const std::string name = Begin(city, Enterprises(3000));
  EXPECT_EQ(city.secretariat().Post(absl::StrCat("/v1/", name, ":cancel"), "{}").status, 200);
  const HttpReply ended = AwaitEnd(city, name);
  EXPECT_EQ(ended.json().At("state"), "OPERATION_STATE_CANCELLED") << ended.body;
  EXPECT_EQ(Number(city, kImported), 0);
  EXPECT_EQ(city.secretariat().Post(absl::StrCat("/v1/", name, ":cancel"), "{}").Reason(),
            "WRONG_STATE");
}

}  // namespace
}  // namespace chanyan::e2e
