#include "common/journal/sealer.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/clock.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/status/status.h"

namespace chanyan::journal {
namespace {

constexpr char kHead[] =
    "SELECT seq, hash FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC"
    " LIMIT 1";
// Rows of one UPDATE. Few sizes, so that each connection prepares few statements.
constexpr size_t kSealChunks[] = {64, 8, 1};

std::string SealSql(size_t rows) {
  std::string sql = "UPDATE journal JOIN (SELECT ? AS id, ? AS seq, ? AS hash";
  for (size_t i = 1; i < rows; ++i) sql += " UNION ALL SELECT ?, ?, ?";
  return sql +
         ") AS sealed ON journal.id = sealed.id "
         "SET journal.seq = sealed.seq, journal.hash = sealed.hash WHERE journal.seq IS NULL";
}

// Index as in kSealChunks; the texts are constants for the life of the program.
const std::string& SealSqlOf(size_t chunk) {
  static const std::vector<std::string>* const texts = [] {
    auto* all = new std::vector<std::string>;
    for (size_t rows : kSealChunks) all->push_back(SealSql(rows));
    return all;
  }();
  return (*texts)[chunk];
}

// The SELECT is put together once; the text is a constant for the life of the program.
const std::string& UnsealedSql() {
  static const std::string* const sql =
      new std::string(std::string("SELECT ") + kEntryColumns +
                      " FROM journal WHERE seq IS NULL ORDER BY id LIMIT ?");
  return *sql;
}

// `places` holds id, seq and hash of each row, one after the other.
absl::Status Seal(db::Session& session, const db::Values& places) {
  constexpr size_t kColumns = 3;
  size_t left = places.size() / kColumns;
  for (auto row = places.begin(); left > 0;) {
    size_t chunk = 0;
    while (kSealChunks[chunk] > left) ++chunk;
    const size_t rows = kSealChunks[chunk];
    const auto end = row + static_cast<std::ptrdiff_t>(rows * kColumns);
    CHANYAN_ASSIGN_OR_RETURN(const int64_t found,
                             session.Execute(SealSqlOf(chunk), db::Values(row, end)));
    if (found != static_cast<int64_t>(rows)) {
      return status::Internal("sealer: an entry was sealed by somebody else");
    }
    row = end;
    left -= rows;
  }
  return absl::OkStatus();
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
    db::Values places;
    for (const db::Values& row : open.rows) {
      v1::Entry entry = EntryOf(row);
      entry.set_seq(++seq);
      hash = ChainHash(hash, entry);
      places.insert(places.end(), {row[0], seq, hash});
      ++sealed;
    }
    return Seal(session, places);
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
    absl::SleepFor(options_.pause);
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
