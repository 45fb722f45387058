#include "common/db/table.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/well_known.h"
#include "common/db/in_chunks.h"
#include "common/db/page_token.h"
#include "common/db/table_impl.h"
#include "common/status/status.h"
#include "google/protobuf/stubs/logging.h"

namespace chanyan::db {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;

constexpr absl::string_view kVersion = "`version`";
constexpr int64_t kFirstVersion = 1;
// Names that one statement of GetAll asks for; a power of two.
constexpr size_t kMostNames = 256;

const FieldDescriptor* StandardField(const pb::Descriptor* type, const char* name, bool time) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  GOOGLE_CHECK(field != nullptr && !field->is_repeated() &&
               (time ? api::IsTimestamp(field) : field->type() == FieldDescriptor::TYPE_STRING))
      << type->full_name() << " lacks the standard field " << name;
  return field;
}

std::string TableName(const pb::Descriptor* type) {
  const std::string& table = type->options().GetExtension(options::v1::resource).table();
  GOOGLE_CHECK(!table.empty()) << type->full_name() << " names no table";
  return table;
}

size_t SizeOf(const Values& values) {
  size_t size = 0;
  for (const Value& value : values) {
    const auto* text = std::get_if<std::string>(&value);
    size += text == nullptr ? sizeof(int64_t) : text->size();
  }
  return size;
}

}  // namespace

TableCore::Impl::Impl(const pb::Descriptor* type)
    : descriptor(type),
      table(TableName(type)),
      columns(type),
      name(StandardField(type, "name", false)),
      etag(StandardField(type, "etag", false)),
      create_time(StandardField(type, "create_time", true)),
      update_time(StandardField(type, "update_time", true)) {
  const std::string from = absl::StrCat(" FROM ", Quoted(table), " WHERE ");
  select = absl::StrCat("SELECT ", ColumnList(""), from);
  get = absl::StrCat(select, "`name` = ?");
  get_for_update = absl::StrCat(get, " FOR UPDATE");
  count = absl::StrCat("SELECT COUNT(*)", from);
  exists = absl::StrCat("SELECT ", kVersion, from, "`name` = ?");
  remove = absl::StrCat("DELETE", from, "`name` = ? AND ", kVersion, " = ?");
  std::string row = "(";
  std::string over = absl::StrCat(" ON DUPLICATE KEY UPDATE ", kVersion, " = ", kVersion, " + 1");
  update = absl::StrCat("UPDATE ", Quoted(table), " SET ");
  for (const Column& column : columns.all()) {
    absl::StrAppend(&row, "?, ");
    if (column.field == name || column.field == create_time) continue;
    absl::StrAppend(&update, Quoted(column.name), " = ?, ");
    absl::StrAppend(&over, ", ", Quoted(column.name), " = VALUES(", Quoted(column.name), ")");
  }
  absl::StrAppend(&row, kFirstVersion, ")");
  absl::StrAppend(&update, kVersion, " = ", kVersion, " + 1 WHERE `name` = ? AND ", kVersion,
                  " = ?");
  for (size_t rows : kInsertChunks) {
    std::string& sql = inserts.emplace_back(
        absl::StrCat("INSERT INTO ", Quoted(table), " (", ColumnList(""), ") VALUES ", row));
    for (size_t i = 1; i < rows; ++i) absl::StrAppend(&sql, ", ", row);
    overwrites.push_back(absl::StrCat(sql, over));
    locks.push_back(
        absl::StrCat("SELECT `name`, ", kVersion, from, "`name` IN ", Marks(rows), " FOR UPDATE"));
  }
}

std::string TableCore::Impl::ColumnList(absl::string_view alias) const {
  const std::string prefix = alias.empty() ? "" : absl::StrCat(Quoted(alias), ".");
  std::string out;
  for (const Column& column : columns.all()) {
    absl::StrAppend(&out, prefix, Quoted(column.name), ", ");
  }
  return absl::StrCat(out, prefix, kVersion);
}

absl::Status TableCore::Impl::DecodeRow(const Value* cells, Message* message) const {
  CHANYAN_RETURN_IF_ERROR(columns.Decode(cells, message));
  const auto* version = std::get_if<int64_t>(&cells[columns.all().size()]);
  if (version == nullptr) return status::Internal(absl::StrCat(table, ": version is no integer"));
  message->GetReflection()->SetString(message, etag, MakeEtag(table, NameOf(*message), *version));
  return absl::OkStatus();
}

std::string TableCore::Impl::NameOf(const Message& row) const {
  return row.GetReflection()->GetString(row, name);
}

absl::StatusOr<int64_t> TableCore::Impl::VersionOf(const Message& row) const {
  const std::string text = row.GetReflection()->GetString(row, etag);
  if (text.empty()) {
    return status::InvalidField("etag",
                                "缺少版本（etag），请先读取最新内容，再带上其中的 etag 提交");
  }
  // An etag of another row or of nobody matches no version.
  return ReadEtag(table, NameOf(row), text).value_or(0);
}

void TableCore::Impl::Stamp(absl::Time now, int64_t version, bool created, Message* row) const {
  const pb::Reflection* r = row->GetReflection();
  const absl::Time kept = absl::FromUnixMicros(absl::ToUnixMicros(now));
  if (created) api::SetTime(kept, r->MutableMessage(row, create_time));
  api::SetTime(kept, r->MutableMessage(row, update_time));
  r->SetString(row, etag, MakeEtag(table, NameOf(*row), version));
  // The caller goes on with what the table keeps: microseconds.
  for (const Column& column : columns.all()) {
    if (column.kind != ColumnKind::kTime || !r->HasField(*row, column.field)) continue;
    Message* time = r->MutableMessage(row, column.field);
    if (const auto value = api::TimeOf(*time)) {
      api::SetTime(absl::FromUnixMicros(absl::ToUnixMicros(*value)), time);
    }
  }
}

absl::Status TableCore::Impl::Missed(Session& session, const std::string& row_name) const {
  CHANYAN_ASSIGN_OR_RETURN(Rows found, session.Query(exists, {row_name}));
  return found.rows.empty() ? status::NotFound(row_name) : status::StaleEtag(row_name);
}

TableCore::TableCore(const pb::Descriptor* descriptor)
    : impl_(std::make_unique<const Impl>(descriptor)) {}
TableCore::~TableCore() = default;
TableCore::TableCore(TableCore&&) noexcept = default;

absl::Status TableCore::Get(Session& session, absl::string_view name, const Predicate& scope,
                            bool for_update, Message* row) const {
  std::string scoped;
  Values params = {std::string(name)};
  if (scope.sql != Predicate::Everything().sql) {
    scoped = absl::StrCat(impl_->get, " AND (", scope.sql, ")", for_update ? " FOR UPDATE" : "");
    params.insert(params.end(), scope.params.begin(), scope.params.end());
  }
  const std::string& whole = for_update ? impl_->get_for_update : impl_->get;
  CHANYAN_ASSIGN_OR_RETURN(Rows found, session.Query(scoped.empty() ? whole : scoped, params));
  if (found.rows.empty()) return status::NotFound(name);
  row->Clear();
  return impl_->DecodeRow(found.rows[0].data(), row);
}

absl::Status TableCore::GetAll(Session& session, std::vector<std::string> names,
                               const std::function<Message*()>& add) const {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (size_t first = 0; first < names.size(); first += kMostNames) {
    const auto from = names.begin() + static_cast<std::ptrdiff_t>(first);
    Values params(from,
                  from + static_cast<std::ptrdiff_t>(std::min(kMostNames, names.size() - first)));
    // Filled up with one that is there already: nine statements at most for a connection to keep.
    params.resize(std::bit_ceil(params.size()), params.back());
    const std::string sql = absl::StrCat(impl_->select, "`name` IN ", Marks(params.size()));
    CHANYAN_ASSIGN_OR_RETURN(Rows found, session.Query(sql, params));
    for (const Values& row : found.rows) {
      CHANYAN_RETURN_IF_ERROR(impl_->DecodeRow(row.data(), add()));
    }
  }
  return absl::OkStatus();
}

absl::Status TableCore::Insert(Session& session, absl::Time now,
                               absl::Span<Message* const> rows) const {
  std::vector<Values> encoded;
  for (Message* row : rows) {
    if (impl_->NameOf(*row).empty()) {
      return status::Internal(absl::StrCat("insert into ", impl_->table, " without a name"));
    }
    impl_->Stamp(now, kFirstVersion, /*created=*/true, row);
    CHANYAN_RETURN_IF_ERROR(impl_->columns.Encode(*row, &encoded.emplace_back()));
  }
  size_t first = 0;
  while (first < encoded.size()) {
    const size_t chunk = Impl::ChunkFrom(encoded, first);
    CHANYAN_RETURN_IF_ERROR(impl_->InsertChunk(session, chunk, encoded, first));
    first += kInsertChunks[chunk];
  }
  return absl::OkStatus();
}

size_t TableCore::Impl::ChunkFrom(const std::vector<Values>& rows, size_t first) {
  size_t fit = 0;
  for (size_t bytes = 0; first + fit < rows.size(); ++fit) {
    bytes += SizeOf(rows[first + fit]);
    if (fit > 0 && bytes > kMaxInsertBytes) break;
  }
  size_t chunk = 0;
  while (kInsertChunks[chunk] > fit) ++chunk;
  return chunk;
}

absl::Status TableCore::Impl::InsertChunk(Session& session, size_t chunk,
                                          const std::vector<Values>& rows, size_t first) const {
  Values params;
  params.reserve(kInsertChunks[chunk] * columns.all().size());
  for (size_t i = first; i < first + kInsertChunks[chunk]; ++i) {
    params.insert(params.end(), rows[i].begin(), rows[i].end());
  }
  // Many rows are a round trip well spent.
  return kInsertChunks[chunk] <= kHopefulRows ? session.Insert(inserts[chunk], std::move(params))
                                              : session.Execute(inserts[chunk], params).status();
}

absl::Status TableCore::Update(Session& session, absl::Time now, Message* row) const {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t version, impl_->VersionOf(*row));
  const std::string name = impl_->NameOf(*row);
  // Nothing of `row` changes unless the write succeeds.
  std::unique_ptr<Message> written(row->New());
  written->CopyFrom(*row);
  impl_->Stamp(now, version + 1, /*created=*/false, written.get());
  Values params;
  for (const Column& column : impl_->columns.all()) {
    if (column.field == impl_->name || column.field == impl_->create_time) continue;
    CHANYAN_ASSIGN_OR_RETURN(Value value, Columns::EncodeOne(*written, column));
    params.push_back(std::move(value));
  }
  params.push_back(name);
  params.push_back(version);
  CHANYAN_ASSIGN_OR_RETURN(const int64_t found, session.Execute(impl_->update, params));
  if (found == 0) return impl_->Missed(session, name);
  row->GetReflection()->Swap(row, written.get());
  return absl::OkStatus();
}

absl::Status TableCore::Delete(Session& session, const Message& row) const {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t version, impl_->VersionOf(row));
  const std::string name = impl_->NameOf(row);
  CHANYAN_ASSIGN_OR_RETURN(const int64_t found, session.Execute(impl_->remove, {name, version}));
  return found == 0 ? impl_->Missed(session, name) : absl::OkStatus();
}

absl::Status TableCore::Select(Session& session, const Predicate& where,
                               absl::string_view order_by_sql,
                               const std::function<Message*()>& add) const {
  const std::string sql =
      absl::StrCat(impl_->select, where.sql,
                   order_by_sql.empty() ? "" : absl::StrCat(" ORDER BY ", order_by_sql));
  CHANYAN_ASSIGN_OR_RETURN(Rows found, session.Query(sql, where.params));
  for (const Values& row : found.rows) {
    CHANYAN_RETURN_IF_ERROR(impl_->DecodeRow(row.data(), add()));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> TableCore::Count(Session& session, const Predicate& where) const {
  CHANYAN_ASSIGN_OR_RETURN(Rows found,
                           session.Query(absl::StrCat(impl_->count, where.sql), where.params));
  return std::get<int64_t>(found.rows[0][0]);
}

const std::string& TableCore::table() const { return impl_->table; }
std::string TableCore::SelectColumns(absl::string_view alias) const {
  return impl_->ColumnList(alias);
}
size_t TableCore::column_count() const { return impl_->columns.all().size() + 1; }

absl::Status TableCore::Decode(const Values& row, size_t first, Message* message) const {
  if (first + column_count() > row.size()) {
    return status::Internal(absl::StrCat(impl_->table, ": the row has too few columns"));
  }
  return impl_->DecodeRow(row.data() + first, message);
}

}  // namespace chanyan::db
