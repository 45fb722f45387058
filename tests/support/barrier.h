// Locks that a test holds in the database, so that whoever comes to them stands there, however
// quick the machine is.
#pragma once

#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "common/db/database.h"
#include "gtest/gtest.h"

namespace chanyan::testing {

// Of one statement, in a transaction of its own that is rolled back when it is let go: an INSERT of
// what others are to insert, or a SELECT … FOR UPDATE, which holds the gaps as well.
class Barrier {
 public:
  Barrier(db::Database& database, std::string sql, db::Values params)
      : holder_([this, &database, sql = std::move(sql), params = std::move(params)] {
          const absl::Status held = database.Transact([&](db::Session& session) -> absl::Status {
            const absl::Status locked = absl::StartsWith(sql, "SELECT")
                                            ? session.Query(sql, params).status()
                                            : session.Execute(sql, params).status();
            if (!locked.ok()) return locked;
            if (!stands_.HasBeenNotified()) stands_.Notify();
            free_.WaitForNotification();
            return absl::CancelledError("nothing of it stays");
          });
          EXPECT_EQ(held.code(), absl::StatusCode::kCancelled) << held;
          if (!stands_.HasBeenNotified()) stands_.Notify();
        }) {
    stands_.WaitForNotification();
  }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  ~Barrier() { Lift(); }

  void Lift() {
    if (!holder_.joinable()) return;
    free_.Notify();
    holder_.join();
  }

 private:
  absl::Notification stands_;
  absl::Notification free_;
  std::thread holder_;
};

}  // namespace chanyan::testing
