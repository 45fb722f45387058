// RPC handlers of chanyan.cycle.v1.WebhookService, and the job that sends (CYC-9). Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/cycle/cycle_deps.h"
#include "services/cycle/webhook_client.h"
#include "services/cycle/webhook_guard.h"

namespace chanyan::cycle {

inline constexpr int kEndpointsPerOrganization = 5;

// How one attempt ended.
enum class DeliveryEnd { kDelivered, kFailed, kGivenUp };

class WebhookService {
 public:
  struct Options {
    // Where messages may go to; empty = nowhere.
    std::vector<AllowedOrigin> allowed;
    // Secrets follow from it; empty = no address can be registered.
    std::string key;
    std::function<absl::Status(const WebhookMessage&)> send = SendWebhook;
    // Told of every attempt, once it is written down; may be null.
    std::function<void(DeliveryEnd)> ended;
  };
  WebhookService(CycleDeps deps, Options options)
      : deps_(std::move(deps)), options_(std::move(options)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // Sends what is due, one after another, as long as the lease is held. An attempt is written down
  // before it is made: a replica that dies in it has another follow after the pause, with the same
  // id. On the wire that is at least once; for who looks at the id it is once.
  absl::Status Deliver(const db::Lease& lease);

  absl::StatusOr<v1::WebhookEndpointSecret> CreateWebhookEndpoint(
      const rpc::Call&, const v1::CreateWebhookEndpointRequest&);
  absl::StatusOr<v1::ListWebhookEndpointsResponse> ListWebhookEndpoints(
      const rpc::Call&, const v1::ListWebhookEndpointsRequest&);
  absl::StatusOr<v1::WebhookEndpointSecret> RotateWebhookSecret(
      const rpc::Call&, const v1::RotateWebhookSecretRequest&);
  absl::StatusOr<v1::WebhookEndpoint> SetWebhookEndpointDisabled(
      const rpc::Call&, const v1::SetWebhookEndpointDisabledRequest&);
  absl::StatusOr<v1::ListWebhookDeliveriesResponse> ListWebhookDeliveries(
      const rpc::Call&, const v1::ListWebhookDeliveriesRequest&);
  absl::StatusOr<v1::WebhookDelivery> RetryWebhookDelivery(const rpc::Call&,
                                                           const v1::RetryWebhookDeliveryRequest&);

 private:
  v1::WebhookEndpointSecret WithSecret(const rpc::Call& call, v1::WebhookEndpoint endpoint) const;
  // Notes that the delivery is tried now; false if it is not due any more.
  absl::StatusOr<bool> Claim(const db::Lease& lease, const std::string& name,
                             v1::WebhookDelivery* claimed, v1::WebhookEndpoint* endpoint);
  // Notes how the attempt ended, unless somebody has changed the delivery meanwhile.
  absl::StatusOr<DeliveryEnd> Settle(const db::Lease& lease, const v1::WebhookDelivery& claimed,
                                     const absl::Status& sent);

  const CycleDeps deps_;
  const Options options_;
  const db::Table<v1::WebhookEndpoint> endpoints_;
  const db::Table<v1::WebhookDelivery> deliveries_;
};

}  // namespace chanyan::cycle
