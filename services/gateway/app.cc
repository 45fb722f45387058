#include "services/gateway/app.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "services/gateway/openapi.h"

namespace chanyan::gateway {
namespace {

constexpr char kExchangePath[] = "/chanyan.identity.v1.IdentityService/ExchangeSession";

}  // namespace

App::App(AppOptions options)
    : options_(std::move(options)),
      log_(options_.config.service, options_.config.log_level),
      limiter_(options_.rates),
      slots_(metrics_) {}

App::~App() { Stop(); }

absl::StatusOr<std::unique_ptr<App>> App::Start(AppOptions options) {
  std::unique_ptr<App> app(new App(std::move(options)));
  CHANYAN_RETURN_IF_ERROR(app->Open());
  return app;
}

absl::Status App::Open() {
  CHANYAN_ASSIGN_OR_RETURN(Routes routes, Routes::FromLinked());
  routes_ = std::make_unique<Routes>(std::move(routes));
  CHANYAN_ASSIGN_OR_RETURN(std::string openapi, OpenApiJson(*routes_, options_.descriptors));
  files_.Add("/openapi.json", kJsonContentType, std::move(openapi));
  if (!options_.static_directory.empty()) {
    CHANYAN_RETURN_IF_ERROR(files_.Load(options_.static_directory));
  }
  backends_ = std::make_unique<Backends>(options_.config.peers, Backends::Deps{clock_, metrics_});
  sessions_ = std::make_unique<Sessions>(
      Sessions::Deps{*backends_, clock_, routes_->FindGrpc(kExchangePath)});
  gateway_ = std::make_unique<Gateway>(Gateway::Deps{*routes_, files_, *backends_, *sessions_,
                                                     limiter_, slots_, clock_, log_, metrics_});
  CHANYAN_ASSIGN_OR_RETURN(
      proxy_,
      GrpcProxy::Start(options_.config.listen, GrpcProxy::Deps{*routes_, *backends_, limiter_,
                                                               slots_, clock_, log_, metrics_}));
  CHANYAN_ASSIGN_OR_RETURN(http_,
                           HttpServer::Start(options_.http, HttpServer::Deps{*gateway_, metrics_}));
  ready_ = true;
  if (!options_.config.admin.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(
        admin_, rpc::Admin::Start(options_.config.admin,
                                  [this](absl::string_view path) { return Answer(path); }));
  }
  // Connects before the first request asks.
  backends_->States();
  log_.Info("started", {{"http", options_.http.listen},
                        {"listen", options_.config.listen},
                        {"routes", routes_->routes().size()}});
  return absl::OkStatus();
}

void App::Stop() {
  if (!ready_.exchange(false)) return;
  log_.Info("draining");
  // Balancers learn of it while requests are still taken.
  absl::SleepFor(options_.config.drain_delay);
  const absl::Time deadline = absl::Now() + kStopPatience;
  http_->Drain(deadline);
  proxy_->Drain(deadline);
  log_.Info("stopped");
}

rpc::AdminAnswer App::Answer(absl::string_view path) {
  rpc::AdminAnswer answer;
  if (path == "/metrics") {
    answer.content_type = metrics::kTextContentType;
    answer.body = metrics_.Text();
  } else if (path == "/healthz") {
    answer.body = "ok\n";
  } else if (path == "/readyz") {
    // Not of the services: a gateway taken out for one of them would take the others out too.
    answer.status = ready_ ? 200 : 503;
    answer.content_type = kJsonContentType;
    answer.body = absl::StrCat("{\"ready\":", ready_ ? "true" : "false", ",\"failures\":[]}\n");
  } else {
    answer.status = 404;
    answer.body = "/metrics /healthz /readyz\n";
  }
  return answer;
}

}  // namespace chanyan::gateway
