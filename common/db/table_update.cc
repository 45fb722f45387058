// Table::UpdateAll: the rows are locked and their versions compared first, so that each of them is
// there and unchanged when it is written over.
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/api/well_known.h"
#include "common/db/table_impl.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

using google::protobuf::Message;

// Rows to be written, as they will be.
struct Batch {
  std::vector<std::string> names;
  std::vector<int64_t> versions;
  std::vector<std::unique_ptr<Message>> messages;
  std::vector<Values> encoded;
};

}  // namespace

absl::Status TableCore::Impl::OverwriteChunk(Session& session, size_t chunk,
                                             const std::vector<Values>& rows, size_t first) const {
  Values params;
  params.reserve(kInsertChunks[chunk] * columns.all().size());
  for (size_t i = first; i < first + kInsertChunks[chunk]; ++i) {
    params.insert(params.end(), rows[i].begin(), rows[i].end());
  }
  return session.Execute(overwrites[chunk], params).status();
}

absl::Status TableCore::UpdateAll(Session& session, absl::Time now,
                                  absl::Span<Message* const> rows) const {
  Batch batch;
  for (const Message* row : rows) {
    CHANYAN_ASSIGN_OR_RETURN(const int64_t version, impl_->VersionOf(*row));
    batch.names.push_back(impl_->NameOf(*row));
    batch.versions.push_back(version);
    Message& written = *batch.messages.emplace_back(row->New());
    written.CopyFrom(*row);
    impl_->Stamp(now, version + 1, /*created=*/false, &written);
    // Not written, but a new row would need it.
    if (!written.GetReflection()->HasField(written, impl_->create_time)) {
      api::SetTime(now, written.GetReflection()->MutableMessage(&written, impl_->create_time));
    }
    CHANYAN_RETURN_IF_ERROR(impl_->columns.Encode(written, &batch.encoded.emplace_back()));
  }
  for (size_t first = 0; first < rows.size();) {
    const size_t chunk = Impl::ChunkFrom(batch.encoded, first);
    const size_t end = first + kInsertChunks[chunk];
    CHANYAN_ASSIGN_OR_RETURN(
        const Rows found,
        session.Query(impl_->locks[chunk],
                      Values(batch.names.begin() + static_cast<std::ptrdiff_t>(first),
                             batch.names.begin() + static_cast<std::ptrdiff_t>(end))));
    absl::flat_hash_map<std::string, int64_t> stored;
    for (const Values& row : found.rows) {
      stored[std::get<std::string>(row[0])] = std::get<int64_t>(row[1]);
    }
    for (size_t i = first; i < end; ++i) {
      const auto at = stored.find(batch.names[i]);
      if (at == stored.end()) return status::NotFound(batch.names[i]);
      if (at->second != batch.versions[i]) return status::StaleEtag(batch.names[i]);
      // Given twice, it is stale the second time.
      ++at->second;
    }
    CHANYAN_RETURN_IF_ERROR(impl_->OverwriteChunk(session, chunk, batch.encoded, first));
    first = end;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i]->GetReflection()->Swap(rows[i], batch.messages[i].get());
  }
  return absl::OkStatus();
}

}  // namespace chanyan::db
