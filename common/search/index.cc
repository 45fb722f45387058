#include "common/search/index.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/api/normalize.h"
#include "common/search/feed.h"
#include "common/search/store.h"
#include "common/status/status.h"

namespace chanyan::search {

// Its files, and what writes them.
struct Generation {
  Generation(std::string name, std::unique_ptr<Store> opened, const Sources& sources,
             const log::Logger& logger)
      : directory(std::move(name)),
        store(std::move(opened)),
        feed(std::make_unique<Feed>(sources, *store, logger)) {}

  // Name within the index's directory.
  const std::string directory;
  const std::unique_ptr<Store> store;
  const std::unique_ptr<Feed> feed;
};

namespace {

namespace fs = std::filesystem;

constexpr char kFlag[] = "--index_dir";
constexpr char kPresent[] = "current";
constexpr char kNext[] = "next";
constexpr char kLock[] = "lock";
constexpr char kGenerationPrefix[] = "generation-";
// Notes of a generation: how its files are laid out, and from which rows it was made. Files of
// another layout are not searched; those of other rows serve until they are replaced.
constexpr char kLayoutNote[] = "layout";
constexpr char kLayout[] = "1";
constexpr char kSourcesNote[] = "sources";
// Changes that make a commit while journals are followed.
constexpr int kFollowBatch = 1000;
// Entries without a document after which the place in the journals is put on disk.
constexpr int kPlaceBatch = 1000;
constexpr absl::Duration kOvertakenPause = absl::Milliseconds(1);

absl::Status Unusable(const std::string& dir, absl::string_view why) {
  return status::InvalidField(kFlag, absl::StrCat("索引目录 ", dir, " ", why));
}

absl::Status Building() { return status::Unavailable("检索索引正在建立，请稍后重试"); }

bool MustBuildAnew(const absl::Status& status) {
  return status.code() == absl::StatusCode::kDataLoss ||
         status.code() == absl::StatusCode::kFailedPrecondition;
}

// So that the link itself outlives a loss of power.
void SyncDirectory(const std::string& dir) {
  const int fd = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Index>> Index::Open(Deps deps, Options options) {
  CHANYAN_RETURN_IF_ERROR(api::CheckTables());
  std::unique_ptr<Index> index(new Index(std::move(deps), std::move(options)));
  CHANYAN_RETURN_IF_ERROR(index->Prepare());
  index->OpenPresent();
  return index;
}

Index::Index(Deps deps, Options options)
    : deps_(std::move(deps)), options_(std::move(options)), dir_(options_.dir) {}

Index::~Index() {
  Stop();
  {
    absl::MutexLock lock(&mutex_);
    present_.reset();
  }
  if (lock_ >= 0) close(lock_);
  std::error_code ignored;
  if (temporary_) fs::remove_all(dir_, ignored);
}

absl::Status Index::Prepare() {
  std::error_code error;
  if (dir_.empty()) {
    dir_ = (fs::temp_directory_path(error) / "chanyan-index-XXXXXX").string();
    if (mkdtemp(dir_.data()) == nullptr) return Unusable(dir_, "无法建立");
    temporary_ = true;
  }
  fs::create_directories(dir_, error);
  if (error) return Unusable(dir_, absl::StrCat("无法建立：", error.message()));
  chmod(dir_.c_str(), 0700);
  lock_ = open(absl::StrCat(dir_, "/", kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return Unusable(dir_, absl::StrCat("不可写：", std::strerror(errno)));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return Unusable(dir_, "正由另一个进程使用，每个副本应有自己的目录");
  }
  return absl::OkStatus();
}

void Index::RemoveOthers(const std::string& kept) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(dir_, error)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (absl::StartsWith(name, kGenerationPrefix) && name != kept) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

void Index::OpenPresent() {
  std::error_code error;
  const std::string name = fs::read_symlink(fs::path(dir_) / kPresent, error).string();
  RemoveOthers(error ? "" : name);
  absl::Status opened = status::NotFound(kPresent);
  std::string layout, sources;
  if (!error && absl::StartsWith(name, kGenerationPrefix)) {
    auto store = Store::Open(absl::StrCat(dir_, "/", name), Store::Mode::kOpen);
    opened = store.status();
    if (opened.ok()) {
      layout = (*store)->Note(kLayoutNote).value_or("");
      sources = (*store)->Note(kSourcesNote).value_or("");
      if (layout == kLayout) {
        absl::MutexLock lock(&mutex_);
        present_ =
            std::make_shared<Generation>(name, *std::move(store), deps_.sources, deps_.logger);
      }
    }
  }
  if (!opened.ok()) return NeedBuilding(opened);
  if (layout != kLayout || sources != deps_.sources.fingerprint()) {
    NeedBuilding(status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "made by another version"));
  }
}

absl::StatusOr<std::shared_ptr<Generation>> Index::NewGeneration() const {
  const std::string name = absl::StrCat(kGenerationPrefix, api::NewShortId());
  CHANYAN_ASSIGN_OR_RETURN(std::unique_ptr<Store> store,
                           Store::Open(absl::StrCat(dir_, "/", name), Store::Mode::kCreate));
  CHANYAN_RETURN_IF_ERROR(store->SetNote(kLayoutNote, kLayout));
  CHANYAN_RETURN_IF_ERROR(store->SetNote(kSourcesNote, deps_.sources.fingerprint()));
  return std::make_shared<Generation>(name, std::move(store), deps_.sources, deps_.logger);
}

absl::StatusOr<int> Index::Advance(Generation& generation, int batch) {
  int entries = 0;
  for (const FollowedJournal& journal : options_.journals) {
    CHANYAN_ASSIGN_OR_RETURN(const int read, generation.feed->Advance(journal));
    entries += read;
    if (generation.store->pending() >= batch) CHANYAN_RETURN_IF_ERROR(generation.feed->Commit());
  }
  return entries;
}

absl::Status Index::CatchUp(Generation& generation, int batch) {
  while (true) {
    const absl::Time begun = deps_.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(const int entries, Advance(generation, batch));
    if (Stopping()) return absl::CancelledError("the index is being closed");
    if (entries > 0) continue;
    if (generation.store->pending() > 0 || generation.feed->uncommitted() >= kPlaceBatch) {
      CHANYAN_RETURN_IF_ERROR(generation.feed->Commit());
    }
    absl::MutexLock lock(&mutex_);
    stats_.as_of = begun;
    stats_.skipped = generation.feed->skipped();
    return absl::OkStatus();
  }
}

absl::Status Index::Follow() {
  absl::MutexLock lock(&follow_mutex_);
  const std::shared_ptr<Generation> generation = present();
  if (generation == nullptr) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, "there is no index");
  }
  const absl::Status followed = CatchUp(*generation, kFollowBatch);
  if (MustBuildAnew(followed)) NeedBuilding(followed);
  return followed;
}

absl::Status Index::Rebuild() {
  absl::MutexLock one_at_a_time(&build_mutex_);
  CHANYAN_ASSIGN_OR_RETURN(std::shared_ptr<Generation> next, NewGeneration());
  const std::string directory = absl::StrCat(dir_, "/", next->directory);
  absl::Status built;
  // The long part, beside which the present generation is followed.
  for (bool more = true; more && built.ok();) {
    const absl::StatusOr<int> entries = Advance(*next, kBuildBatch);
    built = entries.status();
    more = entries.ok() && *entries > 0;
    if (Stopping()) built = absl::CancelledError("the index is being closed");
  }
  if (built.ok()) built = next->feed->Commit();
  absl::MutexLock lock(&follow_mutex_);
  if (built.ok()) built = CatchUp(*next, kBuildBatch);
  if (built.ok()) built = next->store->Publish();
  if (built.ok()) built = PutInPlace(next);
  if (!built.ok()) {
    next.reset();
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
  return built;
}

absl::Status Index::PutInPlace(std::shared_ptr<Generation> next) {
  std::error_code error;
  const fs::path link = fs::path(dir_) / kNext;
  fs::remove(link, error);
  fs::create_symlink(next->directory, link, error);
  if (!error) fs::rename(link, fs::path(dir_) / kPresent, error);
  if (error) return status::Internal(absl::StrCat("index: ", dir_, ": ", error.message()));
  SyncDirectory(dir_);
  const std::string kept = next->directory;
  {
    absl::MutexLock lock(&mutex_);
    present_.swap(next);
    needs_building_ = false;
    ++stats_.generations;
  }
  // Whoever still reads the old files has them open.
  next.reset();
  RemoveOthers(kept);
  deps_.logger.Info("index in place", {{"documents", stats().documents}});
  return absl::OkStatus();
}

std::shared_ptr<Generation> Index::present() const {
  absl::MutexLock lock(&mutex_);
  return present_;
}

void Index::NeedBuilding(const absl::Status& why) const {
  absl::MutexLock lock(&mutex_);
  if (std::exchange(needs_building_, true)) return;
  deps_.logger.Warning("index has to be built", {{"why", why.message()}});
}

bool Index::Stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

// --- Reading

absl::Status Index::Through(absl::FunctionRef<absl::Status(const Snapshot&)> work) const {
  for (int attempt = 0; attempt < kSearchAttempts; ++attempt) {
    const std::shared_ptr<Generation> generation = present();
    if (generation == nullptr) return Building();
    const absl::Status done = work(*generation->store->snapshot());
    if (done.code() == absl::StatusCode::kAborted) {
      absl::SleepFor(kOvertakenPause);
      continue;
    }
    if (done.code() != absl::StatusCode::kDataLoss) return done;
    // The files may be gone because they were replaced.
    if (generation == present()) {
      NeedBuilding(done);
      return Building();
    }
  }
  return status::Unavailable("检索索引更新频繁，请稍后重试");
}

absl::StatusOr<Matches> Index::Search(const Query& query, absl::Time now) const {
  Matches matches;
  CHANYAN_RETURN_IF_ERROR(Through([&](const Snapshot& snapshot) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(matches, Evaluate(snapshot, query, now));
    return absl::OkStatus();
  }));
  return matches;
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Index::Get(
    absl::string_view name) const {
  std::unique_ptr<google::protobuf::Message> row;
  CHANYAN_RETURN_IF_ERROR(Through([&](const Snapshot& snapshot) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const Xapian::Database reader, snapshot.Reader());
    return Guarded([&]() -> absl::Status {
      const std::string term = NameTerm(name);
      const auto at = reader.postlist_begin(term);
      if (at == reader.postlist_end(term)) return status::NotFound(name);
      const Xapian::Document found = reader.get_document(*at);
      row = deps_.sources.Restore(found.get_value(kTypeSlot), found.get_data());
      return row == nullptr ? absl::DataLossError("a document cannot be read") : absl::OkStatus();
    });
  }));
  return row;
}

absl::Status Index::ForEach(absl::string_view type,
                            absl::FunctionRef<void(const google::protobuf::Message&)> visit) const {
  const Source* source = deps_.sources.Find(type);
  if (source == nullptr) return status::Internal(absl::StrCat("no source of ", type));
  const std::string term = FacetTerm({kTypeFacet, source->type->name()});
  std::vector<std::unique_ptr<google::protobuf::Message>> rows;
  CHANYAN_RETURN_IF_ERROR(Through([&](const Snapshot& snapshot) -> absl::Status {
    rows.clear();
    CHANYAN_ASSIGN_OR_RETURN(const Xapian::Database reader, snapshot.Reader());
    return Guarded([&]() -> absl::Status {
      for (auto at = reader.postlist_begin(term); at != reader.postlist_end(term); ++at) {
        rows.push_back(deps_.sources.Restore(type, reader.get_document(*at).get_data()));
        if (rows.back() == nullptr) return absl::DataLossError("a document cannot be read");
      }
      return absl::OkStatus();
    });
  }));
  for (const auto& row : rows) visit(*row);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Index::VersionOf(absl::string_view type) const {
  std::string version;
  CHANYAN_RETURN_IF_ERROR(Through([&](const Snapshot& snapshot) -> absl::Status {
    version = snapshot.VersionOf(type);
    return absl::OkStatus();
  }));
  return version;
}

Index::Stats Index::stats() const {
  absl::MutexLock lock(&mutex_);
  Stats stats = stats_;
  if (present_ != nullptr) {
    stats.documents = static_cast<int64_t>(present_->store->snapshot()->size());
  }
  return stats;
}

// --- Threads

void Index::Start(absl::Duration patience) {
  follower_ = std::thread([this] { Run(); });
  absl::MutexLock lock(&mutex_);
  const auto there = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return present_ != nullptr || stopping_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&there), patience);
}

void Index::Ring() {
  absl::MutexLock lock(&mutex_);
  rung_ = true;
}

void Index::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (follower_.joinable()) follower_.join();
  if (builder_.joinable()) builder_.join();
}

void Index::SeeToBuilding() {
  {
    absl::MutexLock lock(&mutex_);
    if (!needs_building_ || building_ || stopping_) return;
    building_ = true;
  }
  if (builder_.joinable()) builder_.join();
  builder_ = std::thread([this] {
    const absl::Status built = Rebuild();
    if (!built.ok()) {
      deps_.logger.Warning("building the index failed", {{"error", built.message()}});
    }
    absl::MutexLock lock(&mutex_);
    building_ = false;
  });
}

void Index::Run() {
  while (true) {
    SeeToBuilding();
    if (present() != nullptr) {
      const absl::Status followed = Follow();
      if (!followed.ok() && !Stopping()) {
        deps_.logger.Warning("index not up to date", {{"error", followed.message()}});
      }
    }
    absl::MutexLock lock(&mutex_);
    const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return rung_ || stopping_; };
    mutex_.AwaitWithTimeout(absl::Condition(&due), options_.poll);
    rung_ = false;
    if (stopping_) return;
  }
}

}  // namespace chanyan::search
