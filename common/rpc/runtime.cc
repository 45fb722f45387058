#include "common/rpc/runtime.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/names.h"
#include "common/auth/token_authenticator.h"
#include "common/db/migrate.h"
#include "common/db/table.h"
#include "common/rpc/forget_requests.h"
#include "common/rpc/leased_job.h"
#include "common/rpc/pack_archive.h"
#include "common/rpc/periodic.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"

namespace chanyan::rpc {
namespace {

constexpr absl::Duration kForgetPeriod = absl::Minutes(10);
constexpr int kArchiveAttempts = 5;
constexpr absl::Duration kPackPeriod = absl::Minutes(1);

// A batch call may hold its connection for half a minute; a few are enough.
int BatchWorkers(int workers) { return std::max(1, workers / 4); }

// Versions of a component's migrations that the code works with.
struct SchemaRange {
  absl::string_view component;
  int min;
  int max;
};

// What every schema holds besides the service's own component. Common: operations came with 2, kept
// policy packs with 3, the tracestate of operations with 4. Journal: 2 says 0 of an entry that is
// not sealed where 1 said NULL, and who looks for the one never sees the other.
constexpr SchemaRange kSharedSchemas[] = {{"common", 4, 4}, {"journal", 2, 2}};

absl::Status CheckSchemas(db::Database& db, const ServiceSpec& spec) {
  return db.Read(absl::Now() + absl::Seconds(5), [&](db::Session& session) -> absl::Status {
    for (const SchemaRange& shared : kSharedSchemas) {
      CHANYAN_RETURN_IF_ERROR(db::CheckSchema(session, shared.component, shared.min, shared.max));
    }
    return db::CheckSchema(session, spec.name, spec.schema_min, spec.schema_max);
  });
}

// Every resource of the service's proto package has the table that its message describes.
absl::Status CheckTables(db::Database& db, const std::string& service) {
  const std::string package = absl::StrCat("chanyan.", service, ".v1");
  return db.Read(absl::Now() + absl::Seconds(5), [&](db::Session& session) -> absl::Status {
    for (const google::protobuf::Descriptor* resource : api::LinkedResources()) {
      if (resource->file()->package() != package ||
          resource->options().GetExtension(options::v1::resource).table().empty()) {
        continue;
      }
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> differences,
                               db::TableCore(resource).CheckTable(session));
      if (!differences.empty()) {
        return status::FailedPrecondition(
            options::v1::ERROR_REASON_WRONG_STATE,
            absl::StrCat("表结构与 ", resource->full_name(), " 不一致：",
                         absl::StrJoin(differences, "；")));
      }
    }
    return absl::OkStatus();
  });
}

// Decisions are taken by it from now on. Whether a COMMIT whose answer was lost took effect is seen
// by the next attempt.
absl::Status ArchivePack(db::Database& db, absl::Time now, const policy::Pack& pack) {
  absl::Status kept;
  for (int attempt = 0; attempt < kArchiveAttempts; ++attempt) {
    kept = db.Transact([&](db::Session& session) { return KeepPack(session, now, pack).status(); });
    if (kept.ok()) break;
  }
  return kept;
}

// Says whether the pack is in force today, at the start and from the day on which it no longer is.
// Decisions go on: a city may be late with the next one, and verdicts name the pack they are from.
void AddPackTerm(Runtime& runtime) {
  const auto look = [&runtime, warned = false]() mutable -> absl::Status {
    const policy::Pack& pack = runtime.pack();
    const bool in_force = pack.IsEffectiveOn(time::DayOf(runtime.clock().Now()));
    runtime.metrics()
        .Gauges("chanyan_policy_pack_in_force",
                "1 while today lies in the term of the policy pack, else 0.")
        .One()
        .Set(in_force ? 1 : 0);
    if (!in_force && !warned) {
      const policy::v1::PolicyPack& read = pack.proto();
      const std::string from = time::FormatDate(time::DayIn(read.effective_from()));
      const std::string until =
          read.has_effective_until() ? time::FormatDate(time::DayIn(read.effective_until())) : "";
      runtime.log().Warning("the policy pack is not in force today", {{"pack", pack.id()},
                                                                      {"version", pack.version()},
                                                                      {"effective_from", from},
                                                                      {"effective_until", until}});
    }
    warned = !in_force;
    return absl::OkStatus();
  };
  auto& term =
      runtime.Own(std::make_unique<Periodic>("policy pack", kPackPeriod, runtime.log(), look));
  runtime.AddJob([&term] { term.Start(); }, [&term] { term.Stop(); });
}

void AddForgetting(Runtime& runtime) {
  auto& job = runtime.Own(std::make_unique<LeasedJob>(
      LeasedJob::Options{.name = "requests", .period = kForgetPeriod}, runtime.db(), runtime.log(),
      [&runtime](const db::Lease& lease) {
        return ForgetRequests(runtime.db(), runtime.clock().Now(), lease).status();
      }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

absl::StatusOr<auth::KeySet> FetchKeys(Peers& peers) {
  Caller caller;
  caller.request_id = api::NewUuid();
  caller.traceparent = ContinueTrace("");
  caller.deadline = absl::Now() + absl::Seconds(1);
  CHANYAN_ASSIGN_OR_RETURN(const identity::v1::ListKeysResponse keys,
                           CallPeer<identity::v1::ListKeysResponse>(
                               peers, "identity", "chanyan.identity.v1.IdentityService.ListKeys",
                               identity::v1::ListKeysRequest(), caller));
  return auth::KeySet::FromJwks(keys);
}

}  // namespace

Runtime::Runtime(config::Config config)
    : config_(std::move(config)), log_(config_.service, config_.log_level) {}

Runtime::~Runtime() {
  Stop();
  // Not started, or stopped: nobody calls what is owned.
  while (!owned_.empty()) owned_.pop_back();
}

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Create(const ServiceSpec& spec,
                                                         config::Config config) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(config)));
  CHANYAN_RETURN_IF_ERROR(runtime->Open(spec));
  return runtime;
}

absl::Status Runtime::Open(const ServiceSpec& spec) {
  if (spec.needs.policy) {
    CHANYAN_ASSIGN_OR_RETURN(pack_, policy::Pack::Load(config_.policy_dirs));
  }
  if (spec.needs.database) CHANYAN_RETURN_IF_ERROR(OpenDatabase(spec));
  if (pack_ != nullptr && spec.schema_max > 0) {
    CHANYAN_RETURN_IF_ERROR(ArchivePack(*db_, clock_.Now(), *pack_));
  }
  if (!config_.redis.empty()) {
    redis_ = std::make_unique<redis::Client>(redis::Options{.address = config_.redis}, log_);
  }
  CHANYAN_RETURN_IF_ERROR(OpenPeers(spec));
  Server::Options options;
  options.listen = config_.listen;
  options.workers = config_.workers;
  options.batch_workers = BatchWorkers(config_.workers);
  server_ = std::make_unique<Server>(options, Server::Deps{log_, metrics_, *authenticator_});
  if (spec.needs.database) {
    CHANYAN_RETURN_IF_ERROR(AddJournal());
    AddForgetting(*this);
  }
  if (pack_ != nullptr) AddPackTerm(*this);
  CHANYAN_RETURN_IF_ERROR(spec.build(*this));
  AddSubscriber();
  return absl::OkStatus();
}

absl::Status Runtime::OpenDatabase(const ServiceSpec& spec) {
  CHANYAN_ASSIGN_OR_RETURN(db::Config config, db::Config::FromUrl(config_.db));
  config.pool_size = config_.workers + BatchWorkers(config_.workers) + kBackgroundConnections;
  CHANYAN_ASSIGN_OR_RETURN(db_, db::Database::Open(std::move(config)));
  const config::InjectedFaults& faults = config_.faults;
  if (faults.retry + faults.ambiguous_commit + faults.lost_commit > 0) {
    log_.Warning("faults are injected", {{"retry", faults.retry},
                                         {"ambiguous_commit", faults.ambiguous_commit},
                                         {"lost_commit", faults.lost_commit}});
    db_->InjectFaults({faults.retry, faults.ambiguous_commit, faults.lost_commit});
  }
  AddCheck({"database", [this] { return db_->Ping(); }});
  if (spec.schema_max > 0) {
    CHANYAN_RETURN_IF_ERROR(CheckSchemas(*db_, spec));
    CHANYAN_RETURN_IF_ERROR(CheckTables(*db_, spec.name));
    AddCheck({"schema", [this, spec] { return CheckSchemas(*db_, spec); }});
  }
  return absl::OkStatus();
}

absl::Status Runtime::OpenPeers(const ServiceSpec& spec) {
  peers_ = std::make_unique<Peers>(config_.peers, Peers::Deps{clock_, metrics_});
  if (!config_.client_secret.empty()) {
    tokens_ = std::make_unique<ClientTokenSource>(
        *peers_, clock_, absl::StrCat("apiClients/", config_.service), config_.client_secret);
    peers_->SetTokenSource(tokens_.get());
  }
  if (spec.authenticator != nullptr) {
    CHANYAN_ASSIGN_OR_RETURN(authenticator_, spec.authenticator(*this));
    return absl::OkStatus();
  }
  if (!config_.peers.contains("identity")) {
    return status::InvalidField("--peers", "缺少 identity：验证令牌需要它公布的公钥");
  }
  authenticator_ =
      std::make_unique<auth::TokenAuthenticator>(clock_, [this] { return FetchKeys(*peers_); });
  return absl::OkStatus();
}

StoreDeps Runtime::store() {
  return {*db_, clock_, [this] {
            for (const auto& changed : changed_) changed();
          }};
}

void Runtime::AddJob(std::function<void()> start, std::function<void()> stop) {
  jobs_.push_back({std::move(start), std::move(stop)});
}

void Runtime::AddCheck(Readiness::Check check) { checks_.push_back(std::move(check)); }

void Runtime::OnChange(std::function<void()> changed) { changed_.push_back(std::move(changed)); }

absl::Status Runtime::Start() {
  CHANYAN_RETURN_IF_ERROR(server_->Start());
  running_ = true;
  for (const Job& job : jobs_) job.start();
  readiness_ = std::make_unique<Readiness>(log_, checks_,
                                           [this](bool ready) { server_->SetServing(ready); });
  readiness_->Start();
  if (!config_.admin.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(admin_, Admin::Start(config_.admin, [this](absl::string_view path) {
                               return Answer(path);
                             }));
  }
  log_.Info("started", {{"listen", config_.listen}, {"admin", config_.admin}});
  return absl::OkStatus();
}

void Runtime::Stop() {
  if (!std::exchange(running_, false)) return;
  log_.Info("draining");
  if (readiness_ != nullptr) readiness_->Drain();
  // Balancers learn of it while calls are still taken.
  absl::SleepFor(config_.drain_delay);
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) job->stop();
  server_->Shutdown(absl::Now() + kShutdownPatience);
  admin_.reset();
  readiness_.reset();
  log_.Info("stopped");
}

AdminAnswer Runtime::Answer(absl::string_view path) {
  AdminAnswer answer;
  if (path == "/metrics") {
    answer.content_type = metrics::kTextContentType;
    answer.body = metrics_.Text();
  } else if (path == "/healthz") {
    const bool alive = server_->Alive();
    answer.status = alive ? 200 : 503;
    answer.body = alive ? "ok\n" : "workers hang\n";
  } else if (path == "/readyz") {
    const std::vector<Readiness::Failure> failures = readiness_->Failures();
    answer.status = failures.empty() ? 200 : 503;
    answer.content_type = "application/json; charset=utf-8";
    answer.body =
        absl::StrCat("{\"ready\":", failures.empty() ? "true" : "false", ",\"failures\":[");
    for (size_t i = 0; i < failures.size(); ++i) {
      absl::StrAppend(&answer.body, i == 0 ? "" : ",", "{\"check\":\"", failures[i].name,
                      "\",\"detail\":\"");
      log::AppendEscaped(failures[i].text, &answer.body);
      answer.body.append("\"}");
    }
    answer.body.append("]}\n");
  } else {
    answer.status = 404;
    answer.body = "/metrics /healthz /readyz\n";
  }
  return answer;
}

}  // namespace chanyan::rpc
