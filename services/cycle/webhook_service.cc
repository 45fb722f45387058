#include "services/cycle/webhook_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"

namespace chanyan::cycle {
namespace {

// Deliveries of one look.
constexpr int kDeliveriesPerLook = 200;
constexpr size_t kMostFailureBytes = 360;
constexpr char kDue[] = "state = 'PENDING' AND next_time <= ?";

absl::Status NotConfigured() {
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      "尚未启用向办公系统推送；请系统管理员配置推送密钥和允许推送的地址");
}

}  // namespace

std::vector<rpc::UnaryMethod> WebhookService::Methods() {
  using S = WebhookService;
  return {
      rpc::Unary("CreateWebhookEndpoint", this, &S::CreateWebhookEndpoint),
      rpc::Unary("ListWebhookEndpoints", this, &S::ListWebhookEndpoints),
      rpc::Unary("RotateWebhookSecret", this, &S::RotateWebhookSecret),
      rpc::Unary("SetWebhookEndpointDisabled", this, &S::SetWebhookEndpointDisabled),
      rpc::Unary("ListWebhookDeliveries", this, &S::ListWebhookDeliveries),
      rpc::Unary("RetryWebhookDelivery", this, &S::RetryWebhookDelivery),
  };
}

v1::WebhookEndpointSecret WebhookService::WithSecret(const rpc::Call& call,
                                                     v1::WebhookEndpoint endpoint) const {
  v1::WebhookEndpointSecret answer;
  answer.set_secret(SecretOf(options_.key, endpoint.name(), endpoint.secret_generation()));
  *answer.mutable_webhook_endpoint() = WithActions(call.principal, std::move(endpoint));
  return answer;
}

absl::StatusOr<v1::WebhookEndpointSecret> WebhookService::CreateWebhookEndpoint(
    const rpc::Call& call, const v1::CreateWebhookEndpointRequest& request) {
  if (options_.key.empty()) return NotConfigured();
  CHANYAN_RETURN_IF_ERROR(CheckUrl(request.webhook_endpoint().url(), options_.allowed).status());
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("账号没有所属单位，不能登记推送地址");
  // The reply that is remembered under the request id has no secret; the answer gets it afterwards.
  CHANYAN_ASSIGN_OR_RETURN(
      v1::WebhookEndpoint endpoint,
      rpc::Mutate<v1::WebhookEndpoint>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::WebhookEndpoint> {
            CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {own}));
            CHANYAN_ASSIGN_OR_RETURN(
                const std::vector<v1::WebhookEndpoint> present,
                endpoints_.Select(change.session(), {"organization = ?", {own}},
                                  db::kByNameLocked));
            if (present.size() >= kEndpointsPerOrganization) {
              return status::FailedPrecondition(
                  options::v1::ERROR_REASON_WRONG_STATE,
                  absl::StrCat("每个单位最多登记 ", kEndpointsPerOrganization, " 个推送地址"));
            }
            v1::WebhookEndpoint row = request.webhook_endpoint();
            row.set_name(absl::StrCat("webhookEndpoints/", api::NewShortId()));
            row.set_organization(own);
            row.set_disabled(false);
            row.clear_actions();
            row.set_secret_generation(1);
            CHANYAN_RETURN_IF_ERROR(endpoints_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return WithSecret(call, std::move(endpoint));
}

absl::StatusOr<v1::ListWebhookEndpointsResponse> WebhookService::ListWebhookEndpoints(
    const rpc::Call& call, const v1::ListWebhookEndpointsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, endpoints_, request));
  v1::ListWebhookEndpointsResponse response;
  for (v1::WebhookEndpoint& row : page.rows) {
    *response.add_webhook_endpoints() = WithActions(call.principal, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::WebhookEndpointSecret> WebhookService::RotateWebhookSecret(
    const rpc::Call& call, const v1::RotateWebhookSecretRequest& request) {
  if (options_.key.empty()) return NotConfigured();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::WebhookEndpoint endpoint,
      rpc::Edit<v1::WebhookEndpoint>(deps_.store, call, request, endpoints_, request.name(), "",
                                     "rotateSecret", [](rpc::Change&, v1::WebhookEndpoint& row) {
                                       row.set_secret_generation(row.secret_generation() + 1);
                                       return absl::OkStatus();
                                     }));
  return WithSecret(call, std::move(endpoint));
}

absl::StatusOr<v1::WebhookEndpoint> WebhookService::SetWebhookEndpointDisabled(
    const rpc::Call& call, const v1::SetWebhookEndpointDisabledRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::WebhookEndpoint endpoint,
      rpc::Edit<v1::WebhookEndpoint>(deps_.store, call, request, endpoints_, request.name(), "",
                                     "setDisabled", [&](rpc::Change&, v1::WebhookEndpoint& row) {
                                       row.set_disabled(request.disabled());
                                       return absl::OkStatus();
                                     }));
  return WithActions(call.principal, std::move(endpoint));
}

absl::StatusOr<v1::ListWebhookDeliveriesResponse> WebhookService::ListWebhookDeliveries(
    const rpc::Call& call, const v1::ListWebhookDeliveriesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, deliveries_, request,
                                                     absl::StrCat(request.parent(), "/deliveries"),
                                                     request.filter(), "create_time desc"));
  v1::ListWebhookDeliveriesResponse response;
  for (v1::WebhookDelivery& row : page.rows) {
    *response.add_deliveries() = WithActions(call.principal, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::WebhookDelivery> WebhookService::RetryWebhookDelivery(
    const rpc::Call& call, const v1::RetryWebhookDeliveryRequest& request) {
  const auto retry = [](rpc::Change& change, v1::WebhookDelivery& row) -> absl::Status {
    if (row.state() != v1::DELIVERY_STATE_DEAD) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        "只有推送失败的消息可以重新推送");
    }
    row.set_state(v1::DELIVERY_STATE_PENDING);
    row.set_attempts(0);
    *row.mutable_next_time() = time::ToTimestamp(change.now());
    return absl::OkStatus();
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::WebhookDelivery delivery,
                           rpc::Edit<v1::WebhookDelivery>(deps_.store, call, request, deliveries_,
                                                          request.name(), "", "retry", retry));
  return WithActions(call.principal, std::move(delivery));
}

absl::StatusOr<bool> WebhookService::Claim(const db::Lease& lease, const std::string& name,
                                           v1::WebhookDelivery* claimed,
                                           v1::WebhookEndpoint* endpoint) {
  bool due = false;
  const auto claim = [&](db::Session& session) -> absl::Status {
    due = false;
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(v1::WebhookDelivery row, deliveries_.GetForUpdate(session, name));
    if (row.state() != v1::DELIVERY_STATE_PENDING || time::ToTime(row.next_time()) > now) {
      return absl::OkStatus();
    }
    CHANYAN_ASSIGN_OR_RETURN(*endpoint, endpoints_.Get(session, api::ParentOfName(row.name())));
    row.set_attempts(row.attempts() + 1);
    const std::optional<absl::Duration> pause = PauseAfter(row.attempts());
    // Whoever dies in the last attempt leaves it to be tried once more.
    *row.mutable_next_time() = time::ToTimestamp(now + pause.value_or(absl::Hours(12)));
    if (endpoint->disabled()) {
      row.set_state(v1::DELIVERY_STATE_DEAD);
      row.set_failure("推送地址已停用");
    }
    CHANYAN_RETURN_IF_ERROR(deliveries_.Update(session, now, &row));
    due = !endpoint->disabled();
    *claimed = std::move(row);
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(claim));
  return due;
}

absl::StatusOr<DeliveryEnd> WebhookService::Settle(const db::Lease& lease,
                                                   const v1::WebhookDelivery& claimed,
                                                   const absl::Status& sent) {
  DeliveryEnd end = sent.ok() ? DeliveryEnd::kDelivered : DeliveryEnd::kFailed;
  const auto settle = [&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(v1::WebhookDelivery row,
                             deliveries_.GetForUpdate(session, claimed.name()));
    if (row.etag() != claimed.etag()) return absl::OkStatus();
    if (sent.ok()) {
      row.set_state(v1::DELIVERY_STATE_DELIVERED);
      row.clear_failure();
      row.clear_next_time();
      *row.mutable_deliver_time() = time::ToTimestamp(now);
    } else {
      row.set_failure(std::string(sent.message().substr(0, kMostFailureBytes)));
      if (!PauseAfter(row.attempts())) {
        row.set_state(v1::DELIVERY_STATE_DEAD);
        end = DeliveryEnd::kGivenUp;
      }
    }
    return deliveries_.Update(session, now, &row);
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(settle));
  return end;
}

absl::Status WebhookService::Deliver(const db::Lease& lease) {
  std::vector<v1::WebhookDelivery> due;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        due, deliveries_.Select(session, {kDue, {deps_.store.clock.Now()}},
                                absl::StrCat("next_time, name LIMIT ", kDeliveriesPerLook)));
    return absl::OkStatus();
  }));
  for (const v1::WebhookDelivery& one : due) {
    if (!lease.Held()) return absl::OkStatus();
    v1::WebhookDelivery claimed;
    v1::WebhookEndpoint endpoint;
    CHANYAN_ASSIGN_OR_RETURN(const bool try_it, Claim(lease, one.name(), &claimed, &endpoint));
    if (!try_it) continue;
    // The operator may have taken the address off the list since it was registered.
    const absl::StatusOr<AllowedOrigin> origin = CheckUrl(endpoint.url(), options_.allowed);
    absl::Status sent = origin.status();
    if (options_.key.empty()) sent = NotConfigured();
    if (sent.ok()) {
      const absl::Time now = deps_.store.clock.Now();
      const std::string id(api::IdOfName(claimed.name()));
      const std::string secret =
          SecretOf(options_.key, endpoint.name(), endpoint.secret_generation());
      sent = options_.send({endpoint.url(), *origin, id, claimed.body(),
                            SignatureOf(secret, now, id, claimed.body()), now});
    }
    CHANYAN_ASSIGN_OR_RETURN(const DeliveryEnd end, Settle(lease, claimed, sent));
    if (options_.ended != nullptr) options_.ended(end);
  }
  return absl::OkStatus();
}

}  // namespace chanyan::cycle
