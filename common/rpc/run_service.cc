#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

// Memory holds tokens and personal data: no core files, no debugger of another process.
void Harden() {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  // Sockets for the own user and group only.
  umask(0007);
  signal(SIGPIPE, SIG_IGN);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int Fail(const ServiceSpec& spec, const absl::Status& status) {
  std::string text = absl::StrCat("chanyan-", spec.name, " 无法启动：", status.message(), "\n");
  for (const status::Violation& violation : status::ViolationsOf(status)) {
    absl::StrAppend(&text, "  ", violation.field, " ", violation.description, "\n");
  }
  std::fputs(text.c_str(), stderr);
  return 1;
}

}  // namespace

int RunService(int argc, char** argv, const ServiceSpec& spec) {
  Harden();
  // Debian builds Abseil with its search for lock cycles on, which costs a twentieth of every call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Before the first thread, so that all inherit it and only the wait below gets the signals.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto config = config::FromCommandLine(spec.name, argc, argv, spec.needs);
  if (!config.ok()) return Fail(spec, config.status());
  auto runtime = Runtime::Create(spec, *std::move(config));
  if (!runtime.ok()) return Fail(spec, runtime.status());
  if (absl::Status started = (*runtime)->Start(); !started.ok()) return Fail(spec, started);
  int signal = 0;
  sigwait(&signals, &signal);
  (*runtime)->Stop();
  return 0;
}

}  // namespace chanyan::rpc
