#include "common/journal/sealer.h"

#include <utility>
#include <variant>
#include <vector>

#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/status/status.h"

namespace chanyan::journal {
namespace {

constexpr char kHead[] =
    "SELECT seq, hash FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC"
    " LIMIT 1";
constexpr char kSeal[] = "UPDATE journal SET seq = ?, hash = ? WHERE id = ? AND seq IS NULL";

// The SELECT is put together once; the text is a constant for the life of the program.
const std::string& UnsealedSql() {
  static const std::string* const sql =
      new std::string(std::string("SELECT ") + kEntryColumns +
                      " FROM journal WHERE seq IS NULL ORDER BY id LIMIT ?");
  return *sql;
}

}  // namespace

absl::StatusOr<int> SealOnce(db::Database& database, const db::Lease& lease) {
  int sealed = 0;
  const absl::Status status = database.Transact([&](db::Session& session) -> absl::Status {
    sealed = 0;
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows head, session.Query(kHead));
    int64_t seq = 0;
    std::string hash = GenesisHash();
    if (!head.rows.empty()) {
      seq = std::get<int64_t>(head.rows[0][0]);
      hash = std::get<std::string>(head.rows[0][1]);
    }
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows open,
                             session.Query(UnsealedSql(), {int64_t{kSealBatch}}));
    for (const db::Values& row : open.rows) {
      v1::Entry entry = EntryOf(row);
      entry.set_seq(++seq);
      hash = ChainHash(hash, entry);
      CHANYAN_ASSIGN_OR_RETURN(const int64_t found, session.Execute(kSeal, {seq, hash, row[0]}));
      if (found != 1) return status::Internal("sealer: an entry was sealed by somebody else");
      ++sealed;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return sealed;
}

Sealer::Sealer(db::Database& database, log::Logger logger, Options options)
    : database_(database),
      logger_(logger),
      options_(std::move(options)),
      lease_(database, "sealer", db::NewLeaseOwner(), options_.lease_ttl) {}

Sealer::~Sealer() { Stop(); }

void Sealer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Sealer::Ring() {
  absl::MutexLock lock(&mutex_);
  rung_ = true;
}

void Sealer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Sealer::Run() {
  absl::Time renew_at = absl::InfinitePast();
  while (true) {
    bool stopping;
    {
      absl::MutexLock lock(&mutex_);
      const auto due = [this]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return rung_ || stopping_; };
      mutex_.AwaitWithTimeout(absl::Condition(&due), options_.poll);
      rung_ = false;
      stopping = stopping_;
    }
    if (!lease_.Held() || absl::Now() >= renew_at) {
      if (lease_.Acquire().ok()) renew_at = absl::Now() + options_.lease_ttl / 3;
    }
    if (lease_.Held()) SealAll();
    if (stopping) break;
  }
  (void)lease_.Release();
}

// Sealing touches the lease; an idle service must not write twice a second for that.
bool Sealer::NothingToSeal() {
  absl::StatusOr<absl::Time> oldest = absl::InfinitePast();
  const absl::Status read = database_.Read([&](db::Session& session) -> absl::Status {
    oldest = OldestUnsealed(session);
    return oldest.status();
  });
  return read.ok() && *oldest == absl::InfiniteFuture();
}

void Sealer::SealAll() {
  while (!NothingToSeal()) {
    const absl::StatusOr<int> sealed = SealOnce(database_, lease_);
    if (!sealed.ok()) {
      logger_.Warning("sealing failed", {{"error", sealed.status().message()}});
      return;
    }
    if (*sealed > 0 && options_.sealed) options_.sealed();
    if (*sealed < kSealBatch) return;
  }
}

}  // namespace chanyan::journal
