// Runtime's journal: sealer, followers, doorbell and their figures.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/journal/sealer_lag.h"
#include "common/redis/subscriber.h"
#include "common/rpc/journal_service.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

constexpr absl::Duration kFollowDeadline = absl::Seconds(5);
constexpr absl::Duration kMeasurePeriod = absl::Seconds(5);
constexpr char kParked[] = "SELECT COUNT(*) FROM dead_letter WHERE resolved_at IS NULL";

// Published when entries of the service were sealed.
std::string Channel(absl::string_view service) { return absl::StrCat("chanyan.journal.", service); }

absl::StatusOr<journal::v1::ListEntriesResponse> ReadPeer(Peers& peers, const std::string& peer,
                                                          int64_t after_seq, int limit) {
  journal::v1::ListEntriesRequest request;
  request.set_parent(absl::StrCat("journals/", peer));
  request.set_after_seq(after_seq);
  request.set_page_size(limit);
  return CallPeer<journal::v1::ListEntriesResponse>(
      peers, peer, "chanyan.journal.v1.JournalService.ListEntries", request,
      AsService(absl::Now() + kFollowDeadline));
}

std::vector<journal::v1::Entry> EntriesOf(journal::v1::ListEntriesResponse reply) {
  return {std::make_move_iterator(reply.mutable_entries()->begin()),
          std::make_move_iterator(reply.mutable_entries()->end())};
}

// Reads a peer's journal and keeps the figures of how far behind we are.
struct PeerJournal {
  Peers& peers;
  const std::string peer;
  const metrics::Set<metrics::Gauge> seq;
  const metrics::Set<metrics::Gauge> behind;

  absl::StatusOr<std::vector<journal::v1::Entry>> Read(int64_t after_seq, int limit) const {
    CHANYAN_ASSIGN_OR_RETURN(journal::v1::ListEntriesResponse reply,
                             ReadPeer(peers, peer, after_seq, limit));
    seq.At({0}).Set(static_cast<double>(after_seq));
    behind.At({0}).Set(static_cast<double>(reply.last_seq() - after_seq));
    return EntriesOf(std::move(reply));
  }
};

absl::Status MeasureLag(db::Database& db, absl::Time now, journal::SealerLag& lag,
                        metrics::Registry& metrics) {
  absl::Duration waited = absl::ZeroDuration();
  CHANYAN_RETURN_IF_ERROR(db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(waited, lag.Look(session, now));
    return absl::OkStatus();
  }));
  metrics
      .Gauges("chanyan_journal_sealer_lag_seconds",
              "How long the entry that waits longest for the sealer has waited.")
      .One()
      .Set(absl::ToDoubleSeconds(waited));
  return absl::OkStatus();
}

}  // namespace

absl::Status Runtime::AddJournal() {
  Own(std::make_unique<JournalService>(*db_, config_.service)).Register(*server_);
  journal::Sealer::Options options;
  options.sealed = [this, channel = Channel(config_.service)] {
    if (redis_ != nullptr) redis_->Publish(channel);
    RingAll(channel);
  };
  auto& sealer = Own(std::make_unique<journal::Sealer>(*db_, log_, std::move(options)));
  AddJob([&sealer] { sealer.Start(); }, [&sealer] { sealer.Stop(); });
  OnChange([&sealer] { sealer.Ring(); });
  auto& lag = Own(std::make_unique<journal::SealerLag>(clock_.Now()));
  auto& measure = Own(std::make_unique<Periodic>(
      "journal figures", kMeasurePeriod, log_, [this, &lag]() -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(MeasureJournal());
        return MeasureLag(*db_, clock_.Now(), lag, metrics_);
      }));
  AddJob([&measure] { measure.Start(); }, [&measure] { measure.Stop(); });
  return absl::OkStatus();
}

absl::Status Runtime::MeasureJournal() {
  int64_t last = 0, unsealed = 0, parked = 0;
  CHANYAN_RETURN_IF_ERROR(db_->Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(last, journal::LastSeq(session));
    CHANYAN_ASSIGN_OR_RETURN(unsealed, journal::UnsealedCount(session));
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kParked));
    parked = std::get<int64_t>(rows.rows.at(0).at(0));
    return absl::OkStatus();
  }));
  const auto set = [this](const char* name, const char* help, double value) {
    metrics_.Gauges(name, help).One().Set(value);
  };
  set("chanyan_journal_last_seq", "Greatest sealed place of this service's journal.",
      static_cast<double>(last));
  set("chanyan_journal_unsealed", "Entries that wait for the sealer.",
      static_cast<double>(unsealed));
  set("chanyan_journal_dead_letters", "Entries of peers that were parked and are not resolved.",
      static_cast<double>(parked));
  return absl::OkStatus();
}

void Runtime::Follow(const std::string& peer, journal::EntryEffect effect) {
  auto& source = Own(std::unique_ptr<PeerJournal>(new PeerJournal{
      *peers_, peer,
      metrics_.Gauges("chanyan_follower_seq", "How far this replica has read a peer's journal.",
                      {{"peer", {peer}}}),
      metrics_.Gauges(
          "chanyan_follower_lag_entries",
          "Sealed entries of a peer that this replica had not applied at its last read.",
          {{"peer", {peer}}})}));
  auto& follower = AddFollower(
      peer, [&source](int64_t after_seq, int limit) { return source.Read(after_seq, limit); },
      std::move(effect));
  OnSealed(peer, [&follower] { follower.Ring(); });
}

journal::EntrySource Runtime::JournalOf(const std::string& service) {
  if (service != config_.service) {
    return [this, service](int64_t after_seq,
                           int limit) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
      CHANYAN_ASSIGN_OR_RETURN(journal::v1::ListEntriesResponse reply,
                               ReadPeer(*peers_, service, after_seq, limit));
      return EntriesOf(std::move(reply));
    };
  }
  return [this](int64_t after_seq, int limit) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
    std::vector<journal::v1::Entry> entries;
    CHANYAN_RETURN_IF_ERROR(
        db_->Read(absl::Now() + kFollowDeadline, [&](db::Session& session) -> absl::Status {
          CHANYAN_ASSIGN_OR_RETURN(entries, journal::SealedAfter(session, after_seq, limit));
          return absl::OkStatus();
        }));
    return entries;
  };
}

void Runtime::OnSealed(const std::string& service, std::function<void()> rung) {
  bells_[Channel(service)].push_back(std::move(rung));
}

void Runtime::RingAll(const std::string& channel) const {
  const auto bells = bells_.find(channel);
  if (bells == bells_.end()) return;
  for (const auto& rung : bells->second) rung();
}

void Runtime::FollowOwn(journal::EntryEffect effect) {
  auto& follower = AddFollower(config_.service, JournalOf(config_.service), std::move(effect));
  OnSealed(config_.service, [&follower] { follower.Ring(); });
}

journal::Follower& Runtime::AddFollower(const std::string& of, journal::EntrySource source,
                                        journal::EntryEffect effect) {
  auto& follower = Own(std::make_unique<journal::Follower>(
      journal::Follower::Deps{*db_, clock_, log_, std::move(source), std::move(effect)},
      journal::Follower::Options{.name = absl::StrCat(config_.service, "<", of)}));
  AddJob([&follower] { follower.Start(); }, [&follower] { follower.Stop(); });
  return follower;
}

void Runtime::AddSubscriber() {
  if (redis_ == nullptr || bells_.empty()) return;
  absl::flat_hash_map<std::string, redis::Subscriber::Ring> channels;
  for (const auto& [channel, bells] : bells_) {
    channels[channel] = [this, channel = channel] { RingAll(channel); };
  }
  auto& subscriber = Own(std::make_unique<redis::Subscriber>(
      redis::Options{.address = config_.redis}, log_, std::move(channels)));
  AddJob([&subscriber] { subscriber.Start(); }, [&subscriber] { subscriber.Stop(); });
}

}  // namespace chanyan::rpc
