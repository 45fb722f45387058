#include "common/search/feed.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/json.h"
#include "common/journal/chain.h"
#include "common/status/status.h"

namespace chanyan::search {
namespace {

using google::protobuf::Message;
using journal::v1::Entry;

// Owners remembered; beyond it they are asked for again.
constexpr size_t kMaxOwners = 20'000;

absl::Status NotTheSameJournal(const std::string& journal) {
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("服务 ", journal, " 的日志与索引读过的内容不符，须重建索引"));
}

std::string PlaceNote(const std::string& journal) { return absl::StrCat("journal:", journal); }

}  // namespace

absl::StatusOr<Feed::Place> Feed::PlaceIn(const FollowedJournal& journal) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string note, store_.Note(PlaceNote(journal.name)));
  Place place{0, journal::GenesisHash()};
  if (note.empty()) return place;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(note, ' ');
  if (!absl::SimpleAtoi(parts.first, &place.seq) || place.seq < 1) {
    return absl::DataLossError("the place in a journal cannot be read");
  }
  place.hash = std::string(parts.second);
  // A journal that was put back may end before the place and look as if nothing were new.
  if (!confirmed_.contains(journal.name)) {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<Entry> last, journal.source(place.seq - 1, 1));
    if (last.empty() || last[0].seq() != place.seq || last[0].hash() != place.hash) {
      return NotTheSameJournal(journal.name);
    }
  }
  return place;
}

absl::StatusOr<int> Feed::Advance(const FollowedJournal& journal) {
  CHANYAN_ASSIGN_OR_RETURN(Place place, PlaceIn(journal));
  confirmed_.insert(journal.name);
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Entry> entries,
                           journal.source(place.seq, kReadEntries));
  if (entries.empty()) return 0;
  if (entries[0].seq() != place.seq + 1 ||
      entries[0].hash() != journal::ChainHash(place.hash, entries[0])) {
    return NotTheSameJournal(journal.name);
  }
  for (const Entry& entry : entries) {
    if (entry.seq() != ++place.seq) {
      return status::Internal("index: the source left a gap in its sequence");
    }
    CHANYAN_RETURN_IF_ERROR(Apply(entry));
  }
  CHANYAN_RETURN_IF_ERROR(
      store_.SetNote(PlaceNote(journal.name), absl::StrCat(place.seq, " ", entries.back().hash())));
  uncommitted_ += static_cast<int>(entries.size());
  return static_cast<int>(entries.size());
}

absl::Status Feed::Commit() {
  uncommitted_ = 0;
  return store_.Commit();
}

absl::Status Feed::Apply(const Entry& entry) {
  const Source* source = sources_.Find(entry.type());
  if (source == nullptr) return absl::OkStatus();
  if (entry.after_json().empty()) {
    owners_.erase(entry.resource());
    CHANYAN_RETURN_IF_ERROR(store_.Remove(entry.resource()));
    return Rewrite(entry.resource());
  }
  const std::unique_ptr<Message> row = sources_.Restore(entry.type(), "");
  // A newer version of the service may know more fields.
  if (const absl::Status read =
          api::JsonToMessage(entry.after_json(), *row, api::JsonSource::kStored);
      !read.ok()) {
    ++skipped_;
    logger_.Error(
        "journal entry not indexed",
        {{"resource", entry.resource()}, {"seq", entry.seq()}, {"error", read.message()}});
    return absl::OkStatus();
  }
  const Message* before =
      sources_.IsOwner(row->GetDescriptor()) ? OwnerOf(entry.resource()) : nullptr;
  const bool alike = !sources_.IsOwner(row->GetDescriptor()) ||
                     (before != nullptr && sources_.BequeathsAlike(*before, *row));
  owners_.erase(entry.resource());
  CHANYAN_RETURN_IF_ERROR(Write(*row));
  return alike ? absl::OkStatus() : Rewrite(entry.resource());
}

absl::Status Feed::Write(const Message& row) {
  const std::optional<Document> document =
      sources_.Extract(row, [this](const std::string& name) { return OwnerOf(name); });
  if (document) return store_.Put(*document);
  const auto* name = row.GetDescriptor()->FindFieldByName("name");
  return store_.Remove(row.GetReflection()->GetString(row, name));
}

absl::Status Feed::Rewrite(const std::string& owner) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Store::Kept> owned, store_.OwnedBy(owner));
  for (const Store::Kept& kept : owned) {
    const std::unique_ptr<Message> row = sources_.Restore(kept.type, kept.data);
    if (row == nullptr) return absl::DataLossError("a document cannot be read");
    CHANYAN_RETURN_IF_ERROR(Write(*row));
  }
  return absl::OkStatus();
}

const Message* Feed::OwnerOf(const std::string& name) {
  if (owners_.size() >= kMaxOwners) owners_.clear();
  const auto [at, fresh] = owners_.try_emplace(name);
  if (fresh) {
    const absl::StatusOr<Store::Kept> kept = store_.Get(name);
    if (kept.ok()) at->second = sources_.Restore(kept->type, kept->data);
  }
  return at->second.get();
}

}  // namespace chanyan::search
