#include "common/search/store.h"

#include <algorithm>
#include <atomic>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/normalize.h"
#include "common/search/terms.h"
#include "common/status/status.h"

namespace chanyan::search {
namespace {

// A term of Xapian may have 245 bytes; what is longer is known by its digest.
constexpr size_t kMaxKeyBytes = 200;
// Terms whose documents are kept as a set in memory: a word in one document of so many, a caller's
// label or a facet's value in so many documents.
constexpr size_t kFrequentShare = 64;
constexpr size_t kFrequentLabel = 512;
constexpr size_t kFrequentValue = 64;
// Sets kept at most; each takes an eighth of a byte a document.
constexpr size_t kMaxFrequent = 2000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

std::string Key(char kind, absl::string_view text) {
  return absl::StrCat(std::string(1, kind),
                      text.size() <= kMaxKeyBytes ? std::string(text) : api::Sha256Hex(text));
}

std::string OwnerTerm(absl::string_view owner) { return Key('O', owner); }

// Eight bytes whose order is that of the number, which is not negative.
std::string Bytes(int64_t number) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * (7 - i)));
  return bytes;
}

int64_t Number(const std::string& bytes) {
  int64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

int64_t Micros(absl::Time time) {
  return time == absl::InfiniteFuture() ? kNever : std::max<int64_t>(0, absl::ToUnixMicros(time));
}

bool IsFrequent(const std::string& term, size_t docs, size_t all) {
  if (term[0] == 'F') return docs >= kFrequentValue;
  return docs >= (term[0] == 'G' ? kFrequentLabel : std::max(kFrequentLabel, all / kFrequentShare));
}

Xapian::Document Build(const Document& document) {
  Xapian::Document out;
  out.set_data(document.data);
  for (const WeightedText& text : document.texts) {
    for (const Term& term : CutTerms(api::Normalize(text.text).text, Cut::kAll)) {
      out.add_term(term.text, static_cast<Xapian::termcount>(text.weight));
    }
  }
  for (const FacetValue& value : document.facets) {
    if (value.value.size() <= kMaxFacetBytes) out.add_boolean_term(FacetTerm(value));
  }
  for (const std::string& label : document.labels) out.add_boolean_term(LabelTerm(label));
  for (const std::string& owner : document.owners) out.add_boolean_term(OwnerTerm(owner));
  out.add_boolean_term(NameTerm(document.name));
  out.add_value(kNameSlot, document.name);
  out.add_value(kTypeSlot, document.type);
  out.add_value(kUpdateSlot, Bytes(Micros(document.update_time)));
  if (document.expire_time != absl::InfiniteFuture()) {
    out.add_value(kExpireSlot, Bytes(Micros(document.expire_time)));
  }
  return out;
}

// Tells one opened store from another, in this process.
uint64_t NextGeneration() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

std::vector<std::string> TermsOf(Xapian::TermIterator at, Xapian::TermIterator end) {
  std::vector<std::string> terms;
  for (; at != end; ++at) terms.push_back(*at);
  return terms;
}

}  // namespace

std::string NameTerm(absl::string_view name) { return Key('Q', name); }
std::string LabelTerm(absl::string_view label) { return Key('G', label); }
std::string FacetPrefix(absl::string_view facet) { return absl::StrCat("F", facet, ":"); }
std::string FacetTerm(const FacetValue& value) {
  return absl::StrCat(FacetPrefix(value.facet), value.value);
}

absl::Status Guarded(absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const Xapian::DatabaseModifiedError& error) {
    return absl::AbortedError(error.get_description());
  } catch (const Xapian::DatabaseLockError& error) {
    return status::Internal(absl::StrCat("index: ", error.get_description()));
  } catch (const Xapian::DatabaseError& error) {
    return absl::DataLossError(error.get_description());
  } catch (const Xapian::SerialisationError& error) {
    return absl::DataLossError(error.get_description());
  } catch (const Xapian::RangeError& error) {
    return absl::DataLossError(error.get_description());
  } catch (const Xapian::Error& error) {
    return status::Internal(absl::StrCat("index: ", error.get_description()));
  }
}

// --- Snapshot

absl::StatusOr<Xapian::Database> Snapshot::Reader() const {
  Xapian::Database reader;
  CHANYAN_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    reader = Xapian::Database(path_);
    if (reader.get_revision() != revision_) return absl::AbortedError("a newer commit");
    return absl::OkStatus();
  }));
  return reader;
}

std::shared_ptr<const DocSet> Snapshot::Docs(const Xapian::Database& reader,
                                             const std::string& term) const {
  {
    absl::MutexLock lock(&mutex_);
    const auto known = frequent_.find(term);
    if (known != frequent_.end()) return known->second;
  }
  auto docs = std::make_shared<DocSet>(last_doc_);
  size_t count = 0;
  const auto end = reader.postlist_end(term);
  for (auto at = reader.postlist_begin(term); at != end; ++at, ++count) docs->Add(*at);
  if (IsFrequent(term, count, size_)) {
    absl::MutexLock lock(&mutex_);
    if (frequent_.size() < kMaxFrequent) frequent_.emplace(term, docs);
  }
  return docs;
}

std::string Snapshot::VersionOf(absl::string_view type) const {
  const auto found = versions_.find(type);
  return absl::StrCat(generation_, ".", found == versions_.end() ? 0 : found->second);
}

// --- Store

Store::Store(std::string path) : path_(std::move(path)), generation_(NextGeneration()) {}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path, Mode mode) {
  std::unique_ptr<Store> store(new Store(path));
  CHANYAN_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    store->db_ = Xapian::WritableDatabase(
        path, mode == Mode::kCreate ? Xapian::DB_CREATE_OR_OVERWRITE : Xapian::DB_OPEN);
    if (mode == Mode::kOpen) store->Load();
    return absl::OkStatus();
  }));
  return store;
}

Xapian::docid Store::Find(const std::string& name_term) const {
  const auto at = db_.postlist_begin(name_term);
  return at == db_.postlist_end(name_term) ? 0 : *at;
}

std::vector<std::string> Store::TermsOf(Xapian::docid doc) const {
  return search::TermsOf(db_.termlist_begin(doc), db_.termlist_end(doc));
}

void Store::Remember(Change change, const std::string& type) {
  ++pending_;
  ++versions_[type];
  if (change.expires != 0 && change.expires != kNever) {
    expiring_[change.doc] = change.expires;
  } else {
    expiring_.erase(change.doc);
  }
  // Before the first snapshot there is none to bring up to date.
  if (published_) changes_.push_back(std::move(change));
}

absl::Status Store::Put(const Document& document) {
  return Guarded([&]() -> absl::Status {
    const Xapian::Document built = Build(document);
    Change change{Find(NameTerm(document.name)),
                  {},
                  {},
                  Micros(document.update_time),
                  Micros(document.expire_time)};
    if (change.doc != 0) {
      if (published_) change.before = TermsOf(change.doc);
      db_.replace_document(change.doc, built);
    } else {
      change.doc = db_.add_document(built);
    }
    if (published_) change.after = search::TermsOf(built.termlist_begin(), built.termlist_end());
    Remember(std::move(change), document.type);
    return absl::OkStatus();
  });
}

absl::Status Store::Remove(absl::string_view name) {
  return Guarded([&]() -> absl::Status {
    Change change{Find(NameTerm(name)), {}, {}, 0, 0};
    if (change.doc == 0) return absl::OkStatus();
    if (published_) change.before = TermsOf(change.doc);
    const std::string type = db_.get_document(change.doc).get_value(kTypeSlot);
    db_.delete_document(change.doc);
    Remember(std::move(change), type);
    return absl::OkStatus();
  });
}

absl::StatusOr<Store::Kept> Store::Get(absl::string_view name) {
  Kept kept;
  CHANYAN_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    const Xapian::docid doc = Find(NameTerm(name));
    if (doc == 0) return status::NotFound(name);
    const Xapian::Document found = db_.get_document(doc);
    kept = {found.get_value(kTypeSlot), found.get_data()};
    return absl::OkStatus();
  }));
  return kept;
}

absl::StatusOr<std::vector<Store::Kept>> Store::OwnedBy(absl::string_view owner) {
  std::vector<Kept> owned;
  CHANYAN_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    const std::string term = OwnerTerm(owner);
    const auto end = db_.postlist_end(term);
    for (auto at = db_.postlist_begin(term); at != end; ++at) {
      const Xapian::Document found = db_.get_document(*at);
      owned.push_back({found.get_value(kTypeSlot), found.get_data()});
    }
    return absl::OkStatus();
  }));
  return owned;
}

absl::StatusOr<std::string> Store::Note(const std::string& key) {
  std::string value;
  CHANYAN_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    value = db_.get_metadata(key);
    return absl::OkStatus();
  }));
  return value;
}

absl::Status Store::SetNote(const std::string& key, const std::string& value) {
  return Guarded([&]() -> absl::Status {
    db_.set_metadata(key, value);
    return absl::OkStatus();
  });
}

absl::Status Store::Commit() {
  return Guarded([&]() -> absl::Status {
    db_.commit();
    pending_ = 0;
    if (published_) Follow();
    return absl::OkStatus();
  });
}

absl::Status Store::Publish() {
  return Guarded([&]() -> absl::Status {
    db_.commit();
    pending_ = 0;
    if (published_) {
      Follow();
    } else {
      Load();
    }
    return absl::OkStatus();
  });
}

void Store::Seal(std::shared_ptr<Snapshot> next) {
  next->path_ = path_;
  next->generation_ = generation_;
  next->revision_ = db_.get_revision();
  next->size_ = db_.get_doccount();
  next->last_doc_ = db_.get_lastdocid();
  next->versions_ = versions_;
  for (const auto& [doc, time] : expiring_) next->expiring_.emplace_back(time, doc);
  std::sort(next->expiring_.begin(), next->expiring_.end());
  published_ = true;
  changes_.clear();
  absl::MutexLock lock(&mutex_);
  snapshot_ = std::move(next);
}

void Store::Load() {
  auto updated = std::make_shared<std::vector<int64_t>>(db_.get_lastdocid() + 1);
  for (auto at = db_.valuestream_begin(kUpdateSlot); at != db_.valuestream_end(kUpdateSlot); ++at) {
    (*updated)[at.get_docid()] = Number(*at);
  }
  expiring_.clear();
  for (auto at = db_.valuestream_begin(kExpireSlot); at != db_.valuestream_end(kExpireSlot); ++at) {
    expiring_[at.get_docid()] = Number(*at);
  }
  auto next = std::make_shared<Snapshot>();
  next->updated_ = std::move(updated);
  Seal(std::move(next));
}

void Store::Follow() {
  const std::shared_ptr<const Snapshot> last = snapshot();
  auto next = std::make_shared<Snapshot>();
  auto updated = std::make_shared<std::vector<int64_t>>(*last->updated_);
  updated->resize(db_.get_lastdocid() + 1);
  for (const Change& change : changes_) (*updated)[change.doc] = change.updated;
  next->updated_ = std::move(updated);
  BringUpToDate(*last, next.get());
  Seal(std::move(next));
}

void Store::BringUpToDate(const Snapshot& last, Snapshot* next) {
  absl::flat_hash_map<std::string, std::shared_ptr<const DocSet>> sets;
  {
    absl::MutexLock lock(&last.mutex_);
    sets = last.frequent_;
  }
  // Sets are shared with readers of the last snapshot: the first change of one makes a copy.
  absl::flat_hash_map<std::string, std::shared_ptr<DocSet>> own;
  const auto own_set = [&](const std::string& term) -> DocSet* {
    const auto known = sets.find(term);
    if (known == sets.end()) return nullptr;
    const auto [at, fresh] = own.try_emplace(term);
    if (fresh) at->second = std::make_shared<DocSet>(*known->second);
    return at->second.get();
  };
  for (const Change& change : changes_) {
    for (const std::string& term : change.before) {
      if (DocSet* set = own_set(term)) set->Remove(change.doc);
    }
    for (const std::string& term : change.after) {
      if (DocSet* set = own_set(term)) set->Add(change.doc);
    }
  }
  for (auto& [term, set] : own) sets[term] = std::move(set);
  absl::MutexLock lock(&next->mutex_);
  next->frequent_ = std::move(sets);
}

std::shared_ptr<const Snapshot> Store::snapshot() const {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

}  // namespace chanyan::search
