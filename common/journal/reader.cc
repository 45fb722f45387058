#include "common/journal/reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::journal {

#define CHANYAN_ENTRY_COLUMNS                                                                   \
  "id, seq, event_id, resource, type, kind, method, actor, organization, request_id, trace_id," \
  " time, before_json, after_json, hash"

const char kEntryColumns[] = CHANYAN_ENTRY_COLUMNS;

namespace {

constexpr char kSealedAfter[] =
    "SELECT " CHANYAN_ENTRY_COLUMNS " FROM journal WHERE seq > ? ORDER BY seq LIMIT ?";
constexpr char kHistoryOf[] = "SELECT " CHANYAN_ENTRY_COLUMNS
                              " FROM journal WHERE resource = ? AND id > ? ORDER BY id LIMIT ?";
constexpr char kNewestOf[] =
    "SELECT " CHANYAN_ENTRY_COLUMNS " FROM journal WHERE resource = ? ORDER BY id DESC LIMIT ?";
constexpr char kLastSeq[] = "SELECT MAX(seq) FROM journal";
// By id, which is nearly the order of time, and by the index: in the order of ids it would read
// through all that is sealed.
constexpr char kOldestUnsealed[] =
    "SELECT time FROM journal FORCE INDEX (journal_seq) WHERE seq = 0 ORDER BY id LIMIT 1";
constexpr char kUnsealed[] = "SELECT COUNT(*) FROM journal WHERE seq = 0";

std::string Text(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

int64_t Number(const db::Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

absl::StatusOr<int64_t> OneNumber(db::Session& session, absl::string_view sql) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows result, session.Query(sql));
  return result.rows.empty() ? 0 : Number(result.rows[0][0]);
}

}  // namespace

v1::Entry EntryOf(const db::Values& row) {
  v1::Entry entry;
  entry.set_seq(Number(row[1]));
  entry.set_event_id(Text(row[2]));
  entry.set_resource(Text(row[3]));
  entry.set_type(Text(row[4]));
  entry.set_kind(Text(row[5]));
  entry.set_method(Text(row[6]));
  entry.set_actor(Text(row[7]));
  entry.set_organization(Text(row[8]));
  entry.set_request_id(Text(row[9]));
  entry.set_trace_id(Text(row[10]));
  if (const auto* time = std::get_if<absl::Time>(&row[11])) {
    *entry.mutable_time() = time::ToTimestamp(*time);
  }
  entry.set_before_json(Text(row[12]));
  entry.set_after_json(Text(row[13]));
  entry.set_hash(Text(row[14]));
  return entry;
}

absl::StatusOr<std::vector<v1::Entry>> SealedAfter(db::Session& session, int64_t after_seq,
                                                   int limit) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows result,
      session.Query(kSealedAfter, {after_seq, int64_t{std::clamp(limit, 1, kMaxEntries)}}));
  std::vector<v1::Entry> entries;
  entries.reserve(result.rows.size());
  size_t bytes = 0;
  for (const db::Values& row : result.rows) {
    if (bytes >= kMaxReadBytes) break;
    entries.push_back(EntryOf(row));
    bytes += entries.back().before_json().size() + entries.back().after_json().size();
  }
  return entries;
}

absl::StatusOr<int64_t> LastSeq(db::Session& session) { return OneNumber(session, kLastSeq); }

absl::StatusOr<std::vector<v1::Entry>> HistoryOf(db::Session& session, absl::string_view resource,
                                                 int64_t after_id, int limit, int64_t* last_id) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows result,
                           session.Query(kHistoryOf, {std::string(resource), after_id,
                                                      int64_t{std::clamp(limit, 1, kMaxEntries)}}));
  std::vector<v1::Entry> entries;
  entries.reserve(result.rows.size());
  for (const db::Values& row : result.rows) {
    entries.push_back(EntryOf(row));
    *last_id = Number(row[0]);
  }
  return entries;
}

absl::StatusOr<std::vector<v1::Entry>> NewestOf(db::Session& session, absl::string_view resource,
                                                int limit) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows result,
                           session.Query(kNewestOf, {std::string(resource),
                                                     int64_t{std::clamp(limit, 1, kMaxEntries)}}));
  std::vector<v1::Entry> entries;
  entries.reserve(result.rows.size());
  for (const db::Values& row : result.rows) entries.push_back(EntryOf(row));
  return entries;
}

absl::StatusOr<int64_t> UnsealedCount(db::Session& session) {
  return OneNumber(session, kUnsealed);
}

absl::StatusOr<absl::Time> OldestUnsealed(db::Session& session) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows result, session.Query(kOldestUnsealed));
  if (result.rows.empty()) return absl::InfiniteFuture();
  return std::get<absl::Time>(result.rows[0][0]);
}

}  // namespace chanyan::journal
