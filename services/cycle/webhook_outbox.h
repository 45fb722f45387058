// What is to be sent to office systems, put down in the transaction of what it tells of.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "common/db/database.h"
#include "google/protobuf/message.h"

namespace chanyan::cycle {

struct OutboxItem {
  // organizations/{o} whose office systems are told.
  std::string organization;
  v1::WebhookEvent event;
  // Notification or Digest; has a `name`.
  const google::protobuf::Message* message;
};

// One delivery for each item and each address of its organization that wants its event; a name that
// follows from both.
absl::Status PutInOutbox(db::Session& session, absl::Time now,
                         const std::vector<OutboxItem>& items);

}  // namespace chanyan::cycle
