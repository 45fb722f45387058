#include "common/db/errors.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"

namespace chanyan::db {
namespace {

struct Row {
  int code;
  ErrorKind kind;
};

// Everything absent is kBug. 1205 undoes its statement alone, so the transaction must still be
// rolled back; 1020 comes of snapshot isolation.
constexpr Row kTable[] = {
    {1020, ErrorKind::kConflict},    // ER_CHECKREAD
    {1205, ErrorKind::kConflict},    // ER_LOCK_WAIT_TIMEOUT
    {1213, ErrorKind::kConflict},    // ER_LOCK_DEADLOCK, also Galera certification
    {1040, ErrorKind::kLost},        // ER_CON_COUNT_ERROR
    {1047, ErrorKind::kLost},        // ER_UNKNOWN_COM_ERROR: Galera node is not primary
    {1053, ErrorKind::kLost},        // ER_SERVER_SHUTDOWN
    {1158, ErrorKind::kLost},        // ER_NET_READ_ERROR
    {1159, ErrorKind::kLost},        // ER_NET_READ_INTERRUPTED
    {1160, ErrorKind::kLost},        // ER_NET_ERROR_ON_WRITE
    {1161, ErrorKind::kLost},        // ER_NET_WRITE_INTERRUPTED
    {1180, ErrorKind::kLost},        // ER_ERROR_DURING_COMMIT
    {1290, ErrorKind::kLost},        // ER_OPTION_PREVENTS_STATEMENT: read-only server
    {1317, ErrorKind::kLost},        // ER_QUERY_INTERRUPTED
    {1836, ErrorKind::kLost},        // ER_READ_ONLY_MODE
    {1927, ErrorKind::kLost},        // ER_CONNECTION_KILLED
    {2002, ErrorKind::kLost},        // CR_CONNECTION_ERROR
    {2003, ErrorKind::kLost},        // CR_CONN_HOST_ERROR
    {2006, ErrorKind::kLost},        // CR_SERVER_GONE_ERROR
    {2013, ErrorKind::kLost},        // CR_SERVER_LOST
    {2026, ErrorKind::kLost},        // CR_SSL_CONNECTION_ERROR
    {2055, ErrorKind::kLost},        // CR_SERVER_LOST_EXTENDED
    {1028, ErrorKind::kTimeout},     // ER_FILSORT_ABORT: sort stopped by the time limit
    {1969, ErrorKind::kTimeout},     // ER_STATEMENT_TIMEOUT
    {1021, ErrorKind::kFull},        // ER_DISK_FULL
    {1026, ErrorKind::kFull},        // ER_ERROR_ON_WRITE
    {1114, ErrorKind::kFull},        // ER_RECORD_FILE_FULL
    {1062, ErrorKind::kDuplicate},   // ER_DUP_ENTRY
    {1586, ErrorKind::kDuplicate},   // ER_DUP_ENTRY_WITH_KEY_NAME
    {1451, ErrorKind::kConstraint},  // ER_ROW_IS_REFERENCED_2
    {1452, ErrorKind::kConstraint},  // ER_NO_REFERENCED_ROW_2
    {4025, ErrorKind::kConstraint},  // ER_CONSTRAINT_FAILED
    {3819, ErrorKind::kConstraint},  // ER_CHECK_CONSTRAINT_VIOLATED: the same of MySQL
    {1153, ErrorKind::kBadValue},    // ER_NET_PACKET_TOO_LARGE
    {1264, ErrorKind::kBadValue},    // ER_WARN_DATA_OUT_OF_RANGE
    {1265, ErrorKind::kBadValue},    // WARN_DATA_TRUNCATED
    {1267, ErrorKind::kBadValue},  // ER_CANT_AGGREGATE_2COLLATIONS: not ASCII, for an ASCII column
    {1292, ErrorKind::kBadValue},  // ER_TRUNCATED_WRONG_VALUE
    {1366, ErrorKind::kBadValue},  // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: also invalid UTF-8
    {1406, ErrorKind::kBadValue},  // ER_DATA_TOO_LONG
    {3988, ErrorKind::kBadValue},  // ER_CANNOT_CONVERT_STRING
};

// What stands between the last pair of `quote` in `message`, after its last dot or backtick.
std::string LastQuoted(absl::string_view message, char quote) {
  const size_t end = message.rfind(quote);
  if (end == absl::string_view::npos || end == 0) {
    return "";
  }
  const size_t begin = message.rfind(quote, end - 1);
  return begin == absl::string_view::npos ? ""
                                          : std::string(message.substr(begin + 1, end - begin - 1));
}

// "Data too long for column 'name' at row 1" or "… for column `s`.`t`.`name` at row 1".
std::string ColumnOf(absl::string_view message) {
  constexpr absl::string_view kFor = "for column ";
  const size_t at = message.rfind(kFor);
  if (at == absl::string_view::npos) {
    return "";
  }
  const absl::string_view rest = message.substr(at);
  return LastQuoted(rest, absl::StrContains(rest, '`') ? '`' : '\'');
}

}  // namespace

ErrorKind KindOf(const SqlError& error) {
  const auto* row =
      absl::c_find_if(kTable, [&error](const Row& row) { return row.code == error.code; });
  return row == std::end(kTable) ? ErrorKind::kBug : row->kind;
}

ErrorKind KindOfCommit(const SqlError& error) {
  return KindOf(error) == ErrorKind::kConflict ? ErrorKind::kConflict : ErrorKind::kLost;
}

bool IsRefusal(ErrorKind kind) {
  return kind == ErrorKind::kDuplicate || kind == ErrorKind::kConstraint ||
         kind == ErrorKind::kBadValue;
}

bool LeavesConnectionClean(ErrorKind kind) {
  return kind != ErrorKind::kLost && kind != ErrorKind::kBug;
}

absl::Status ToStatus(const SqlError& error) { return ToStatus(KindOf(error), error); }

absl::Status ToStatus(ErrorKind kind, const SqlError& error) {
  switch (kind) {
    case ErrorKind::kNone:
      return absl::OkStatus();
    case ErrorKind::kConflict:
      return status::Conflict("与其他人的操作发生冲突，请稍后用同一请求编号重试");
    case ErrorKind::kLost:
      return status::Unavailable("数据库连接中断，请稍后用同一请求编号重试");
    case ErrorKind::kTimeout:
      return status::DeadlineExceeded("数据库查询超时，请缩小范围后重试");
    case ErrorKind::kFull:
      return status::Unavailable("数据库存储空间已满，暂不能保存，请联系系统管理员，稍后重试");
    case ErrorKind::kDuplicate:
      return status::AlreadyExists(LastQuoted(error.message, '\''),
                                   "已存在相同的记录，不能重复登记");
    case ErrorKind::kConstraint:
      return status::FailedPrecondition(options::v1::ERROR_REASON_REFERENCED,
                                        "与其他记录的引用关系不符，请先处理相关记录");
    case ErrorKind::kBadValue:
      return status::InvalidField(ColumnOf(error.message),
                                  "取值无法保存：过长、超出范围或含有不允许的字符");
    case ErrorKind::kBug:
      break;
  }
  return status::Internal(absl::StrCat("SQL error ", error.code, ": ", error.message));
}

std::string DuplicateKey(const absl::Status& status) {
  google::rpc::ResourceInfo info;
  if (status.code() != absl::StatusCode::kAlreadyExists || !status::GetDetail(status, info)) {
    return "";
  }
  return info.resource_name();
}

}  // namespace chanyan::db
