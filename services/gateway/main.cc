#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/config/config.h"
#include "common/status/status.h"
#include "services/gateway/app.h"

ABSL_FLAG(std::string, http, "127.0.0.1:8080", "HTTP address: host:port");
ABSL_FLAG(std::string, static, "", "directory of static files; empty = none");
ABSL_FLAG(std::string, descriptors, "", "descriptor set with comments, for /openapi.json");
ABSL_FLAG(std::string, tls_cert, "", "PEM file of the certificate chain; empty = no TLS");
ABSL_FLAG(std::string, tls_key, "", "PEM file of the private key");
ABSL_FLAG(int, http_threads, chanyan::gateway::kDefaultHttpThreads, "event loops of HTTP");
ABSL_FLAG(double, rate_factor, 1, "multiplies the rate limits; for load tests");

namespace {

// Memory holds tokens and personal data: no core files, no debugger of another process.
void Harden() {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  umask(0007);
  signal(SIGPIPE, SIG_IGN);
}

int Fail(const absl::Status& status) {
  std::string text = absl::StrCat("chanyan-gateway 无法启动：", status.message(), "\n");
  for (const auto& violation : chanyan::status::ViolationsOf(status)) {
    absl::StrAppend(&text, "  ", violation.field, " ", violation.description, "\n");
  }
  std::fputs(text.c_str(), stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Harden();
  // Before the first thread, so that only the wait below gets the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto config = chanyan::config::FromCommandLine("gateway", argc, argv, {.database = false});
  if (!config.ok()) return Fail(config.status());
  chanyan::gateway::AppOptions options;
  options.config = *std::move(config);
  options.http.listen = absl::GetFlag(FLAGS_http);
  options.http.tls_certificate = absl::GetFlag(FLAGS_tls_cert);
  options.http.tls_key = absl::GetFlag(FLAGS_tls_key);
  options.http.threads = absl::GetFlag(FLAGS_http_threads);
  options.static_directory = absl::GetFlag(FLAGS_static);
  options.descriptors = absl::GetFlag(FLAGS_descriptors);
  options.rates *= absl::GetFlag(FLAGS_rate_factor);
  auto app = chanyan::gateway::App::Start(std::move(options));
  if (!app.ok()) return Fail(app.status());
  int signal = 0;
  sigwait(&signals, &signal);
  (*app)->Stop();
  return 0;
}
