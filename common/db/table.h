// Rows as messages, derived from the descriptor.
//
// The message has an (chanyan.options.v1.resource) option with its table and the fields `name`,
// `create_time`, `update_time` and `etag`; the table has the same columns, with `version BIGINT` in
// place of `etag`. string → VARCHAR, enum → its short name (ENTERPRISE, not
// ORGANIZATION_KIND_ENTERPRISE; unspecified = ''), Timestamp → DATETIME(6) NULL, Date → DATE NULL,
// bool → TINYINT, integers → BIGINT, double → DOUBLE, other messages and repeated fields → JSON
// (proto JSON of the field, keys spelled as in the .proto, defaults omitted). Fields marked
// `computed` have no column. Messages and `optional` scalars are NULL when absent; all other
// columns are NOT NULL, a repeated field without items is []. A field of the descriptor that the
// table does not know, or the other way round, is found by CheckTable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/db/predicate.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::db {

// What a List call asks for. The strings are the caller's own.
struct ListQuery {
  // Collection: rows whose name begins with `parent` + "/"; empty = all. May hold "-" for one
  // segment of any value: "organizations/-".
  std::string parent;
  std::string filter;
  std::string order_by;
  int32_t page_size = 0;
  std::string page_token;
  // Rows the caller may see.
  Predicate scope = Predicate::Everything();
};

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 200;

// The part that does not depend on the message's type. Immutable, thread-safe.
class TableCore {
 public:
  // CHECK-fails if the message has no resource option or lacks the standard fields.
  explicit TableCore(const google::protobuf::Descriptor* descriptor);
  ~TableCore();
  TableCore(TableCore&&) noexcept;

  // NOT_FOUND if absent or outside `scope`. `for_update` locks the row.
  absl::Status Get(Session& session, absl::string_view name, const Predicate& scope,
                   bool for_update, google::protobuf::Message* row) const;
  // Those of `names` that exist, each once, in no order; repeats and absent ones are no error.
  absl::Status GetAll(Session& session, std::vector<std::string> names,
                      const std::function<google::protobuf::Message*()>& add) const;
  absl::Status Insert(Session& session, absl::Time now,
                      absl::Span<google::protobuf::Message* const> rows) const;
  absl::Status Update(Session& session, absl::Time now, google::protobuf::Message* row) const;
  absl::Status UpdateAll(Session& session, absl::Time now,
                         absl::Span<google::protobuf::Message* const> rows) const;
  absl::Status Delete(Session& session, const google::protobuf::Message& row) const;
  // Appends rows through `add`; sets `next_page_token`.
  absl::Status List(Session& session, const ListQuery& query,
                    const std::function<google::protobuf::Message*()>& add,
                    std::string* next_page_token) const;
  // All rows that hold `where`, ordered by name; no paging: for our own bounded sets.
  absl::Status Select(Session& session, const Predicate& where, absl::string_view order_by_sql,
                      const std::function<google::protobuf::Message*()>& add) const;
  absl::StatusOr<int64_t> Count(Session& session, const Predicate& where) const;
  // AIP-160 filter of the caller over filterable fields → bound SQL.
  absl::StatusOr<Predicate> Where(absl::string_view filter) const;
  // Differences between the descriptor and the schema's table, one sentence each.
  absl::StatusOr<std::vector<std::string>> CheckTable(Session& session) const;

  const std::string& table() const;
  // "`p`.`name`, `p`.`label`, …, `p`.`version`" for a query of the service's own, with `alias` in
  // front of each column if it is not empty.
  std::string SelectColumns(absl::string_view alias = "") const;
  // Number of those columns.
  size_t column_count() const;
  // A row of such a query, whose columns of this table begin at `first`.
  absl::Status Decode(const Values& row, size_t first, google::protobuf::Message* message) const;

  struct Impl;

 private:
  std::unique_ptr<const Impl> impl_;
};

template <class T>
struct Page {
  std::vector<T> rows;
  std::string next_page_token;
};

// `inline const db::Table<Project> kProjects;` is not possible before main: hold one per service.
template <class T>
class Table {
 public:
  Table() : core_(T::descriptor()) {}

  absl::StatusOr<T> Get(Session& session, absl::string_view name,
                        const Predicate& scope = Predicate::Everything()) const {
    return GetInto(session, name, scope, /*for_update=*/false);
  }
  // Locks the row until the transaction ends.
  absl::StatusOr<T> GetForUpdate(Session& session, absl::string_view name,
                                 const Predicate& scope = Predicate::Everything()) const {
    return GetInto(session, name, scope, /*for_update=*/true);
  }
  // Those of `names` that exist, each once, in no order.
  absl::StatusOr<std::vector<T>> GetAll(Session& session,
                                        const std::vector<std::string>& names) const {
    std::vector<T> rows;
    absl::Status status = core_.GetAll(session, names, [&rows] { return &rows.emplace_back(); });
    if (!status.ok()) return status;
    return rows;
  }
  // Sets create_time, update_time and etag in `row`. ALREADY_EXISTS if the name is taken.
  absl::Status Insert(Session& session, absl::Time now, T* row) const {
    google::protobuf::Message* one = row;
    return core_.Insert(session, now, absl::MakeConstSpan(&one, 1));
  }
  // As Insert, many rows in few statements, all or none.
  absl::Status InsertAll(Session& session, absl::Time now, std::vector<T>* rows) const {
    std::vector<google::protobuf::Message*> pointers;
    pointers.reserve(rows->size());
    for (T& row : *rows) pointers.push_back(&row);
    return core_.Insert(session, now, pointers);
  }
  // Writes the whole row if its etag is still the stored one; otherwise ABORTED (StaleEtag), or
  // NOT_FOUND. Sets update_time and the new etag in `row`.
  absl::Status Update(Session& session, absl::Time now, T* row) const {
    return core_.Update(session, now, row);
  }
  // As Update, many rows in few statements, all or none: the error is that of the first row that
  // cannot be written, and then nothing of `rows` has changed. A row is given once.
  absl::Status UpdateAll(Session& session, absl::Time now, std::vector<T>* rows) const {
    std::vector<google::protobuf::Message*> pointers;
    pointers.reserve(rows->size());
    for (T& row : *rows) pointers.push_back(&row);
    return core_.UpdateAll(session, now, pointers);
  }
  // As Update, guarded by the row's etag.
  absl::Status Delete(Session& session, const T& row) const { return core_.Delete(session, row); }

  absl::StatusOr<Page<T>> List(Session& session, const ListQuery& query) const {
    Page<T> page;
    absl::Status status = core_.List(
        session, query, [&page] { return &page.rows.emplace_back(); }, &page.next_page_token);
    if (!status.ok()) return status;
    return page;
  }
  absl::StatusOr<std::vector<T>> Select(Session& session, const Predicate& where,
                                        absl::string_view order_by_sql = "name") const {
    std::vector<T> rows;
    absl::Status status =
        core_.Select(session, where, order_by_sql, [&rows] { return &rows.emplace_back(); });
    if (!status.ok()) return status;
    return rows;
  }
  absl::StatusOr<int64_t> Count(Session& session, const Predicate& where) const {
    return core_.Count(session, where);
  }
  const TableCore& core() const { return core_; }

 private:
  absl::StatusOr<T> GetInto(Session& session, absl::string_view name, const Predicate& scope,
                            bool for_update) const {
    T row;
    absl::Status status = core_.Get(session, name, scope, for_update, &row);
    if (!status.ok()) return status;
    return row;
  }

  TableCore core_;
};

}  // namespace chanyan::db
