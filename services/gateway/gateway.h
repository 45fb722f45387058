// What happens to a request: route, limits, who is asking, transcoding, the call, the answer, one
// log line. See README.md for the order and why.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"
#include "services/gateway/backends.h"
#include "services/gateway/http_message.h"
#include "services/gateway/rate_limit.h"
#include "services/gateway/routes.h"
#include "services/gateway/sessions.h"
#include "services/gateway/static_files.h"
#include "services/gateway/stream_slots.h"

namespace chanyan::gateway {

// Thread-safe. Everything it refers to must outlive the calls under way.
class Gateway final : public HttpHandler {
 public:
  struct Deps {
    const Routes& routes;
    const StaticFiles& files;
    Backends& backends;
    Sessions& sessions;
    RateLimiter& limiter;
    StreamSlots& slots;
    const time::Clock& clock;
    const log::Logger& log;
    metrics::Registry& metrics;
  };

  explicit Gateway(Deps deps);

  size_t MaxBodyBytes(const RequestHead& head) const override;
  void Handle(std::shared_ptr<const HttpRequest> request, Done done) override;
  HttpReply Refuse(const Reject& reject) override;

 private:
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  void HandleLocal(const ExchangePtr& exchange);
  void Authenticate(const ExchangePtr& exchange);
  void Call(const ExchangePtr& exchange);
  // The answer is a stream of events.
  void Stream(const ExchangePtr& exchange, BackendCall call);
  void OnAnswer(const ExchangePtr& exchange, const grpc::Status& answer, grpc::ByteBuffer bytes);
  void Fail(const ExchangePtr& exchange, const absl::Status& status, int http_status = 0);
  void Finish(const ExchangePtr& exchange, HttpReply reply);

  const Deps deps_;
  const metrics::Set<metrics::Counter> requests_;
  const metrics::Set<metrics::Histogram> latency_;
};

}  // namespace chanyan::gateway
