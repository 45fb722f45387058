#include "services/cycle/follow_through_host.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/auth/secret.h"
#include "common/crypto/keyring.h"
#include "common/objection/quota.h"
#include "common/rpc/leased_job.h"
#include "common/rpc/periodic.h"
#include "common/status/status.h"
#include "services/cycle/calendar_watch.h"
#include "services/cycle/chain_service.h"
#include "services/cycle/clock_host.h"
#include "services/cycle/cycle_deps.h"
#include "services/cycle/deadline_service.h"
#include "services/cycle/event_service.h"
#include "services/cycle/notice_feed.h"
#include "services/cycle/notice_figures.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/notification_service.h"
#include "services/cycle/notifier.h"
#include "services/cycle/part_service.h"
#include "services/cycle/people.h"
#include "services/cycle/trace_service.h"
#include "services/cycle/webhook_service.h"

namespace chanyan::cycle {
namespace {

// Also how soon a new pack's calendar is seen.
constexpr absl::Duration kAlignPeriod = absl::Minutes(10);
constexpr absl::Duration kNotifyPeriod = absl::Seconds(30);
constexpr absl::Duration kDeliverPeriod = absl::Seconds(5);
constexpr absl::Duration kMeasurePeriod = absl::Seconds(15);
constexpr absl::Duration kClearPeriod = absl::Minutes(10);
constexpr absl::Duration kWatchPeriod = absl::Minutes(10);

CycleDeps DepsOf(rpc::Runtime& runtime, const time::Clock& clock) {
  return {StoreBy(clock, runtime), runtime.pack(), runtime.peers()};
}

template <class Service>
Service& Serve(rpc::Runtime& runtime, const time::Clock& clock, const char* name) {
  auto& service = runtime.Own(std::make_unique<Service>(DepsOf(runtime, clock)));
  runtime.server().Register(name, service.Methods());
  return service;
}

void AddJob(rpc::Runtime& runtime, const char* name, absl::Duration period,
            std::function<absl::Status(const db::Lease&)> work) {
  auto& job = runtime.Own(
      std::make_unique<rpc::LeasedJob>(rpc::LeasedJob::Options{.name = name, .period = period},
                                       runtime.db(), runtime.log(), std::move(work)));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

// One job after another, so that who is new is known before he is told something.
void HostNotifier(rpc::Runtime& runtime, DatabaseClock& clock) {
  auto& notifier = runtime.Own(std::make_unique<Notifier>(DepsOf(runtime, clock)));
  using Entries = absl::Span<const journal::v1::Entry* const>;
  const auto tell = [&notifier](db::Session& session, absl::Time now, Entries entries) {
    return notifier.FollowPeer(session, now, entries);
  };
  const auto note = [](db::Session& session, absl::Time, Entries entries) -> absl::Status {
    for (const journal::v1::Entry* entry : entries) {
      CHANYAN_RETURN_IF_ERROR(FollowIdentity(session, *entry));
    }
    return absl::OkStatus();
  };
  std::vector<NoticeFeed> feeds;
  feeds.push_back({"cycle-notices<identity", runtime.JournalOf("identity"), ConcernsPeople, note});
  for (const char* peer : {"registry", "pairing", "consortium", "triage"}) {
    // A city without consortia or triage has no such peer.
    if (!runtime.config().peers.contains(peer)) continue;
    feeds.push_back(
        {absl::StrCat("cycle-notices<", peer), runtime.JournalOf(peer), ConcernsNotices, tell});
  }
  AddJob(runtime, "cycle-notifier", kNotifyPeriod,
         [&runtime, &clock, &notifier,
          feeds = std::move(feeds)](const db::Lease& lease) -> absl::Status {
           // Without the time of the database nobody is told anything.
           CHANYAN_RETURN_IF_ERROR(clock.Align());
           // A peer that is away keeps nobody from being reminded.
           absl::Status outcome;
           for (const NoticeFeed& feed : feeds) {
             outcome.Update(FollowFeed(runtime.db(), clock, lease, feed));
           }
           outcome.Update(notifier.Run(lease));
           return outcome;
         });
}

absl::Status HostWebhooks(rpc::Runtime& runtime, const time::Clock& clock,
                          const FollowThroughOptions& given) {
  auto& figures = runtime.Own(std::make_unique<NoticeFigures>(runtime.db(), runtime.metrics()));
  auto& measure = runtime.Own(std::make_unique<rpc::Periodic>(
      "notice figures", kMeasurePeriod, runtime.log(), [&figures] { return figures.Measure(); }));
  runtime.AddJob([&measure] { measure.Start(); }, [&measure] { measure.Stop(); });
  WebhookService::Options options;
  options.ended = [&figures](DeliveryEnd end) { figures.Ended(end); };
  CHANYAN_ASSIGN_OR_RETURN(options.allowed, ParseAllowedOrigins(given.webhook_origins));
  if (!given.webhook_key_file.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(options.key, auth::ReadSecretFile(given.webhook_key_file));
  }
  auto& service =
      runtime.Own(std::make_unique<WebhookService>(DepsOf(runtime, clock), std::move(options)));
  runtime.server().Register("chanyan.cycle.v1.WebhookService", service.Methods());
  AddJob(runtime, "cycle-webhooks", kDeliverPeriod,
         [&service](const db::Lease& lease) { return service.Deliver(lease); });
  return absl::OkStatus();
}

absl::Status HostObjections(rpc::Runtime& runtime, const time::Clock& clock,
                            const FollowThroughOptions& options) {
  CHANYAN_ASSIGN_OR_RETURN(crypto::Keyring read, crypto::Keyring::FromFile(options.data_key_file));
  const auto& keys = runtime.Own(std::make_unique<crypto::Keyring>(std::move(read)));
  auto& objections = runtime.Own(
      std::make_unique<ObjectionService>(DepsOf(runtime, clock), keys, options.objections));
  runtime.server().Register("chanyan.cycle.v1.ObjectionService", objections.Methods());
  return absl::OkStatus();
}

absl::Status HostClearing(rpc::Runtime& runtime, const time::Clock& clock,
                          const NoticeRetention& retention) {
  CHANYAN_RETURN_IF_ERROR(CheckRetention(retention));
  AddJob(runtime, "cycle-clearing", kClearPeriod,
         [&runtime, &clock, retention](const db::Lease& lease) {
           const absl::Time now = clock.Now();
           absl::Status outcome = objection::ForgetCounts(runtime.db(), now, lease).status();
           outcome.Update(ClearNotices(runtime.db(), now, lease, retention).status());
           return outcome;
         });
  return absl::OkStatus();
}

// The first look is at once: a start is when a new calendar comes.
void HostCalendarWatch(rpc::Runtime& runtime, DatabaseClock& clock) {
  auto& watch = runtime.Own(
      std::make_unique<CalendarWatch>(runtime.db(), clock, runtime.pack(), runtime.metrics()));
  auto& measure = runtime.Own(std::make_unique<rpc::Periodic>(
      "calendar watch", kWatchPeriod, runtime.log(), [&watch] { return watch.Measure(); }));
  runtime.AddJob([&measure] { measure.Start(); }, [&measure] { measure.Stop(); });
  AddJob(runtime, "cycle-calendar", kWatchPeriod,
         [&watch, &clock](const db::Lease& lease) -> absl::Status {
           CHANYAN_RETURN_IF_ERROR(clock.Align());
           return watch.Tell(lease);
         });
}

}  // namespace

absl::Status HostFollowThrough(rpc::Runtime& runtime, DatabaseClock& clock, CycleService& cycles,
                               const FollowThroughOptions& options) {
  Serve<EventService>(runtime, clock, "chanyan.cycle.v1.EventService");
  auto& chains = Serve<ChainService>(runtime, clock, "chanyan.cycle.v1.ChainService");
  AddJob(runtime, "cycle-chains", kAlignPeriod,
         [&chains](const db::Lease& lease) { return chains.Align(lease); });
  auto& deadlines = runtime.Own(std::make_unique<DeadlineService>(
      DepsOf(runtime, clock),
      [&cycles](const rpc::Caller& caller) { return cycles.AskForOpening(caller); }));
  runtime.server().Register("chanyan.cycle.v1.DeadlineService", deadlines.Methods());
  CHANYAN_RETURN_IF_ERROR(HostObjections(runtime, clock, options));
  CHANYAN_RETURN_IF_ERROR(HostClearing(runtime, clock, options.retention));
  Serve<PartService>(runtime, clock, "chanyan.cycle.v1.PartService");
  Serve<TraceService>(runtime, clock, "chanyan.cycle.v1.TraceService");
  Serve<NotificationService>(runtime, clock, "chanyan.cycle.v1.NotificationService");
  HostNotifier(runtime, clock);
  HostCalendarWatch(runtime, clock);
  return HostWebhooks(runtime, clock, options);
}

}  // namespace chanyan::cycle
