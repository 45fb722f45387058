// Sends one signed message over HTTP, to an address that is allowed and to no other: no redirect is
// followed, no proxy used, and each connection's address is looked at before it is made.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/cycle/webhook_guard.h"

namespace chanyan::cycle {

inline constexpr absl::Duration kWebhookConnect = absl::Seconds(5);
inline constexpr absl::Duration kWebhookAnswer = absl::Seconds(10);

struct WebhookMessage {
  std::string url;
  AllowedOrigin origin;
  // {d} of the delivery.
  std::string delivery;
  std::string body;
  std::string signature;
  absl::Time time;
};

// OK if the answer was 2xx; otherwise UNAVAILABLE that says why in a sentence. Blocks for at most
// kWebhookAnswer. Thread-safe.
absl::Status SendWebhook(const WebhookMessage& message);

}  // namespace chanyan::cycle
