#include "common/journal/sealer.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/db/in_chunks.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/status/status.h"

namespace chanyan::journal {
namespace {

constexpr char kHead[] = "SELECT seq, hash FROM journal WHERE seq > 0 ORDER BY seq DESC LIMIT 1";
// Rows of one UPDATE. Few sizes, so that each connection prepares few statements.
constexpr size_t kSealChunks[] = {64, 8, 1};

// By the primary key, so that each row is changed where it was found.
std::string SealSql(size_t rows) {
  const std::string marks = db::Repeat(rows, "?");
  return absl::StrCat("UPDATE journal FORCE INDEX (PRIMARY) SET seq = ? + FIELD(id, ", marks,
                      "), hash = ELT(FIELD(id, ", marks, "), ", marks, ") WHERE id IN (", marks,
                      ") AND seq = 0");
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

// The SELECT is put together once; the text is a constant for the life of the program. By the
// index, where those that are open stand together in the order of ids.
const std::string& UnsealedSql() {
  static const std::string* const sql =
      new std::string(absl::StrCat("SELECT ", kEntryColumns,
                                   " FROM journal FORCE INDEX (journal_seq) WHERE seq = 0 "
                                   "ORDER BY id LIMIT ?"));
  return *sql;
}

// Rows in the order of their places, the first of which is behind `last_seq`.
struct Places {
  int64_t last_seq = 0;
  db::Values ids;
  db::Values hashes;
};

absl::Status Seal(db::Session& session, const Places& places) {
  for (size_t done = 0; done < places.ids.size();) {
    size_t chunk = 0;
    while (kSealChunks[chunk] > places.ids.size() - done) ++chunk;
    const size_t rows = kSealChunks[chunk];
    const auto ids = absl::MakeConstSpan(places.ids).subspan(done, rows);
    const auto hashes = absl::MakeConstSpan(places.hashes).subspan(done, rows);
    db::Values values = {places.last_seq + static_cast<int64_t>(done)};
    for (const auto& part : {ids, ids, hashes, ids}) {
      values.insert(values.end(), part.begin(), part.end());
    }
    CHANYAN_ASSIGN_OR_RETURN(const int64_t found, session.Execute(SealSqlOf(chunk), values));
    if (found != static_cast<int64_t>(rows)) {
      return status::Internal("sealer: an entry was sealed by somebody else");
    }
    done += rows;
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
    Places places{.last_seq = seq};
    for (const db::Values& row : open.rows) {
      v1::Entry entry = EntryOf(row);
      entry.set_seq(++seq);
      hash = ChainHash(hash, entry);
      places.ids.push_back(row[0]);
      places.hashes.push_back(hash);
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
