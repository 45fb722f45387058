// Lists: filter, order, pages.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/api/filter.h"
#include "common/api/names.h"
#include "common/api/order_by.h"
#include "common/db/filter_sql.h"
#include "common/db/keyset.h"
#include "common/db/page_token.h"
#include "common/db/table_impl.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

using google::protobuf::Message;

constexpr absl::string_view kAnySegment = "-";

// Names that begin with a text of ASCII: a range of the primary key.
Predicate BeginsWith(const std::string& prefix) {
  std::string end = prefix;
  ++end.back();
  return {"`name` >= ? AND `name` < ?", {prefix, std::move(end)}};
}

// Rows of one collection, or with "-" of many.
absl::StatusOr<Predicate> Under(absl::string_view parent) {
  if (parent.empty()) return Predicate::Everything();
  if (!api::IsName(parent)) {
    return status::InvalidField("parent", "不是有效的资源名称，应形如 organizations/abc");
  }
  const std::vector<absl::string_view> segments = absl::StrSplit(parent, '/');
  const auto any = std::find(segments.begin(), segments.end(), kAnySegment);
  if (any == segments.end()) return BeginsWith(absl::StrCat(parent, "/"));
  Predicate out = Predicate::Everything();
  if (any != segments.begin()) {
    out = BeginsWith(absl::StrCat(absl::StrJoin(segments.begin(), any, "/"), "/"));
  }
  std::string shape = "^";
  for (absl::string_view segment : segments) {
    // A segment has one character that means something in a pattern: the point.
    absl::StrAppend(
        &shape,
        segment == kAnySegment ? "[^/]+" : absl::StrJoin(absl::StrSplit(segment, '.'), "\\."), "/");
  }
  return And(std::move(out), {"`name` REGEXP ?", {std::move(shape)}});
}

absl::StatusOr<std::vector<SortKey>> KeysOf(const google::protobuf::Descriptor* descriptor,
                                            const Columns& columns, absl::string_view order_by) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<api::OrderField> fields,
                           api::ParseOrderBy(descriptor, order_by));
  std::vector<SortKey> keys;
  for (const api::OrderField& field : fields) {
    keys.push_back({columns.Find(field.field->name()), field.descending});
    // Names are unique: nothing is left to order behind them.
    if (field.field->name() == "name") return keys;
  }
  // In the direction of the others, so that one index serves both.
  const bool descending = !keys.empty() && keys.back().descending;
  keys.push_back({columns.Find("name"), descending});
  return keys;
}

absl::StatusOr<int64_t> PageSize(int32_t asked) {
  if (asked < 0) return status::InvalidField("page_size", "每页条数不能为负数");
  return asked == 0 ? kDefaultPageSize : std::min<int64_t>(asked, kMaxPageSize);
}

}  // namespace

absl::StatusOr<Predicate> TableCore::Where(absl::string_view text) const {
  CHANYAN_ASSIGN_OR_RETURN(api::Filter filter, api::ParseFilter(text));
  CHANYAN_RETURN_IF_ERROR(api::BindFilter(impl_->descriptor, &filter));
  return FilterSql(impl_->columns, filter);
}

absl::Status TableCore::List(Session& session, const ListQuery& query,
                             const std::function<Message*()>& add,
                             std::string* next_page_token) const {
  next_page_token->clear();
  CHANYAN_ASSIGN_OR_RETURN(const int64_t page_size, PageSize(query.page_size));
  CHANYAN_ASSIGN_OR_RETURN(Predicate where, Under(query.parent));
  CHANYAN_ASSIGN_OR_RETURN(const Predicate filter, Where(query.filter));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<SortKey> keys,
                           KeysOf(impl_->descriptor, impl_->columns, query.order_by));
  where = And(And(std::move(where), filter), query.scope);
  const PageBinding binding{impl_->table, query.parent, query.filter, query.order_by};
  if (!query.page_token.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const Values last, ReadPageToken(binding, query.page_token));
    if (!ValuesFit(keys, last)) return InvalidPageToken();
    where = And(std::move(where), AfterSql(keys, last));
  }
  // One row more than asked shows whether there is a next page.
  where.params.push_back(page_size + 1);
  CHANYAN_ASSIGN_OR_RETURN(
      Rows found, session.Query(absl::StrCat(impl_->select, where.sql, " ORDER BY ", OrderSql(keys),
                                             " LIMIT ?"),
                                where.params));
  const bool more = found.rows.size() > static_cast<size_t>(page_size);
  if (more) found.rows.pop_back();
  for (const Values& row : found.rows) {
    CHANYAN_RETURN_IF_ERROR(impl_->DecodeRow(row.data(), add()));
  }
  if (more) {
    Values last;
    for (const SortKey& key : keys) {
      last.push_back(found.rows.back()[impl_->columns.IndexOf(key.column->name)]);
    }
    *next_page_token = MakePageToken(binding, last);
  }
  return absl::OkStatus();
}

}  // namespace chanyan::db
