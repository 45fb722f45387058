// What was read of the registry is written only as long as it holds, and whoever holds it keeps
// nobody but the follower waiting (PAIR-1, REG-1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "services/pairing/registry_reading.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

class RegistryReadingTest : public ::testing::Test, protected City {
 protected:
  // The registry says of the resource what `after` says, and pairing follows it.
  absl::Status Follow(const google::protobuf::Message& after, const std::string& name) {
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      journal::v1::Entry entry;
      entry.set_seq(++seq_);
      entry.set_type(after.GetDescriptor()->full_name());
      entry.set_resource(name);
      entry.set_after_json(journal::CanonicalJson(after));
      entry.set_before_json(entry.after_json());
      return service.FollowRegistry(session, clock.Now(), entry);
    });
  }
  absl::Status Rename(int enterprise, const std::string& title) {
    At(Enterprise(enterprise)).set_display_name(title);
    return Follow(At(Enterprise(enterprise)), Enterprise(enterprise));
  }
  RegistryReading Begin() { return *RegistryReading::Begin(database.db(), absl::InfiniteFuture()); }
  absl::Status Hold(RegistryReading& reading) {
    return database.db().Transact([&](db::Session& session) { return reading.Hold(session); });
  }

  int64_t seq_ = 0;
};

TEST_F(RegistryReadingTest, OnlyWhatWasReadAndHasChangedIsReadAgain) {
  RegistryReading reading = Begin();
  reading.Note(Enterprise(1));
  EXPECT_TRUE(Hold(reading).ok()) << "nothing was followed";
  ASSERT_TRUE(Rename(2, "新名2（演示）").ok());
  EXPECT_TRUE(Hold(reading).ok()) << "another's name";
  EXPECT_FALSE(reading.passed());
  ASSERT_TRUE(Rename(1, "新名1（演示）").ok());
  const absl::Status held = Hold(reading);
  EXPECT_EQ(held.code(), absl::StatusCode::kAborted) << held;
  EXPECT_TRUE(reading.passed());
  RegistryReading again = Begin();
  again.Note(Enterprise(1));
  EXPECT_TRUE(Hold(again).ok()) << "as it is now";
}

TEST_F(RegistryReadingTest, OfAWholeListWhatWasUsedCounts) {
  RegistryReading reading = Begin();
  ASSERT_TRUE(Rename(1, "新名1（演示）").ok());
  ASSERT_TRUE(Follow(PlatformAt(kLab), kLab).ok());
  const auto with = [&](const std::vector<std::string>& used) {
    return database.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(reading.Hold(session));
      return reading.Require(used);
    });
  };
  EXPECT_TRUE(with({Enterprise(2), kCenter}).ok());
  EXPECT_EQ(with({Enterprise(2), kLab}).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(with({Enterprise(1)}).code(), absl::StatusCode::kAborted);
}

TEST_F(RegistryReadingTest, ManyHoldAtOnceAndTheFollowerWaitsForAllOfThem) {
  constexpr int kWriters = 4;
  absl::BlockingCounter all_hold(kWriters);
  absl::Notification moving;
  absl::Notification go;
  std::atomic<int> committed = 0;
  std::atomic<int> before_the_move = -1;
  std::vector<std::thread> writers;
  std::vector<absl::Status> results(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      RegistryReading reading = Begin();
      results[i] = database.db().Transact([&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(reading.Hold(session));
        all_hold.DecrementCount();
        go.WaitForNotification();
        ++committed;
        return absl::OkStatus();
      });
    });
  }
  // Were they one after the other, the second would wait for the first for ever.
  all_hold.Wait();
  std::thread follower([&] {
    moving.Notify();
    EXPECT_TRUE(Rename(1, "新名1（演示）").ok());
    before_the_move = committed.load();
  });
  moving.WaitForNotification();
  go.Notify();
  for (std::thread& writer : writers) writer.join();
  follower.join();
  for (const absl::Status& result : results) EXPECT_TRUE(result.ok()) << result;
  EXPECT_EQ(before_the_move, kWriters);
}

TEST_F(RegistryReadingTest, WhatPassedIsReadAgainAndGivenUpAtLast) {
  rpc::StoreDeps store{database.db(), clock, nullptr};
  int readings = 0;
  int passing = 2;
  const auto work = [&](RegistryReading& reading) -> absl::StatusOr<int> {
    ++readings;
    reading.Note(Enterprise(1));
    if (passing-- > 0) {
      EXPECT_TRUE(Rename(1, absl::StrCat("新名", readings, "（演示）")).ok());
    }
    CHANYAN_RETURN_IF_ERROR(Hold(reading));
    return readings;
  };
  const rpc::Call call = Secretariat("CreateProject");
  const auto third = WithRegistry<int>(store, call, work);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(*third, 3);
  readings = 0;
  passing = 100;
  EXPECT_EQ(WithRegistry<int>(store, call, work).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(readings, kMostReadings);
  // Any other refusal is told at once.
  readings = 0;
  const auto refused = WithRegistry<int>(store, call, [&](RegistryReading&) -> absl::StatusOr<int> {
    ++readings;
    return status::WrongState("不行");
  });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(readings, 1);
}

// The registry answers, is renamed and followed, and only then the writer writes.
class OvertakenTest : public RegistryReadingTest {
 protected:
  void RenameOnceAsked(int enterprise, const std::string& title) {
    SetAsked([this, enterprise, title] { ASSERT_TRUE(Rename(enterprise, title).ok()); });
  }
};

TEST_F(OvertakenTest, AProjectBearsTheNewName) {
  RenameOnceAsked(1, "改名企业（演示）");
  const auto made = Create(NewProject(kLab, 1));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(Stored(made->name()).enterprise_title(), "改名企业（演示）");
}

TEST_F(OvertakenTest, AnIntentBearsTheNewName) {
  RenameOnceAsked(1, "改名企业（演示）");
  v1::CreateIntentRequest request;
  request.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
  request.mutable_intent()->add_kinds("技术研发");
  request.mutable_intent()->set_title("需求（演示）");
  request.mutable_intent()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock.now + kDay));
  request.set_request_id(api::NewUuid());
  const auto made = service.CreateIntent(
      As(options::v1::ROLE_ENTERPRISE, Enterprise(1), "CreateIntent"), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->organization_title(), "改名企业（演示）");
}

TEST_F(OvertakenTest, AnImportedProjectBearsTheNewUnit) {
  SetAsked([this] {
    At(Enterprise(1)).set_unit(kTown);
    ASSERT_TRUE(Follow(At(Enterprise(1)), Enterprise(1)).ok());
  });
  v1::ProjectRow row;
  row.set_university_title("海洋大学（演示）");
  row.set_platform_title("lab平台（演示）");
  row.set_enterprise_title("企业1（演示）");
  row.set_unified_social_credit_code(testing::CreditCode(1));
  row.set_title("共建中试线（演示）");
  row.add_kinds("技术研发");
  row.set_content("共建中试线");
  row.set_state(v1::PROJECT_STATE_INTENT);
  v1::ImportProjectsRequest request;
  *request.mutable_file() = testing::Upload(std::vector<v1::ProjectRow>{row});
  request.set_file_name("项目.xlsx");
  request.set_request_id(api::NewUuid());
  const auto imported = sheets.ImportProjects(
      As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "ProjectSheetService.ImportProjects"), request);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 1);
  EXPECT_THAT(Texts("SELECT unit FROM project"), ::testing::ElementsAre(kTown));
}

}  // namespace
}  // namespace chanyan::pairing
