// RPC handlers of chanyan.cycle.v1.NotificationService (CYC-9). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/cycle/cycle_deps.h"

namespace chanyan::cycle {

class NotificationService {
 public:
  explicit NotificationService(CycleDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListNotificationsResponse> ListNotifications(
      const rpc::Call&, const v1::ListNotificationsRequest&);
  absl::StatusOr<v1::MarkNotificationsReadResponse> MarkNotificationsRead(
      const rpc::Call&, const v1::MarkNotificationsReadRequest&);
  absl::StatusOr<v1::ListDigestsResponse> ListDigests(const rpc::Call&,
                                                      const v1::ListDigestsRequest&);
  absl::StatusOr<v1::ListRemindersResponse> ListReminders(const rpc::Call&,
                                                          const v1::ListRemindersRequest&);

 private:
  const CycleDeps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Reminder> reminders_;
  const db::Table<v1::Notification> notifications_;
  const db::Table<v1::Digest> digests_;
};

}  // namespace chanyan::cycle
