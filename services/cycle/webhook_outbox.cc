#include "services/cycle/webhook_outbox.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::cycle {
namespace {

std::string NameOf(const google::protobuf::Message& message) {
  return message.GetReflection()->GetString(message,
                                            message.GetDescriptor()->FindFieldByName("name"));
}

v1::WebhookDelivery DeliveryOf(const v1::WebhookEndpoint& endpoint, const OutboxItem& item,
                               absl::Time now) {
  const std::string subject = NameOf(*item.message);
  v1::WebhookDelivery delivery;
  delivery.set_name(absl::StrCat(endpoint.name(), "/deliveries/",
                                 api::DigestId("d", absl::StrCat(endpoint.name(), "\n", subject))));
  delivery.set_organization(endpoint.organization());
  delivery.set_event(item.event);
  delivery.set_subject(subject);
  std::string body =
      absl::StrCat("{\"event\":\"", v1::WebhookEvent_Name(item.event), "\",\"data\":");
  api::MessageToJson(*item.message, body);
  body += '}';
  delivery.set_body(std::move(body));
  delivery.set_state(v1::DELIVERY_STATE_PENDING);
  *delivery.mutable_next_time() = time::ToTimestamp(now);
  return delivery;
}

}  // namespace

absl::Status PutInOutbox(db::Session& session, absl::Time now,
                         const std::vector<OutboxItem>& items) {
  const db::Table<v1::WebhookEndpoint> endpoints;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::WebhookEndpoint> active,
                           endpoints.Select(session, {"disabled = 0", {}}));
  if (active.empty()) return absl::OkStatus();
  std::map<std::string, std::vector<const v1::WebhookEndpoint*>> by_organization;
  for (const v1::WebhookEndpoint& one : active) by_organization[one.organization()].push_back(&one);
  std::vector<v1::WebhookDelivery> deliveries;
  for (const OutboxItem& item : items) {
    const auto found = by_organization.find(item.organization);
    if (found == by_organization.end()) continue;
    for (const v1::WebhookEndpoint* endpoint : found->second) {
      const auto& wanted = endpoint->events();
      if (std::find(wanted.begin(), wanted.end(), item.event) == wanted.end()) continue;
      deliveries.push_back(DeliveryOf(*endpoint, item, now));
    }
  }
  if (deliveries.empty()) return absl::OkStatus();
  const db::Table<v1::WebhookDelivery> table;
  return table.InsertAll(session, now, &deliveries);
}

}  // namespace chanyan::cycle
