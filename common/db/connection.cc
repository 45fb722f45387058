#include "common/db/connection.h"

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/parameter_metadata.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <mysql_driver.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/db/datetime.h"
#include "common/db/sql_check.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

// The server stops a statement this much before the client gives the connection up, because a
// statement the client gave up would go on running.
constexpr absl::Duration kServerStopsEarlier = absl::Milliseconds(500);
constexpr int kLockWaitSeconds = 2;
constexpr int kMetadataLockWaitSeconds = 5;

sql::SQLString ToSql(absl::string_view text) { return sql::SQLString(text.data(), text.size()); }

// The driver counts in whole seconds and takes nothing but int.
int WholeSeconds(absl::Duration duration) {
  return static_cast<int>(
      std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)))));
}

// Thread-safe by the language, which get_driver_instance() is not.
sql::Driver* DriverInstance() {
  static sql::Driver* const driver = get_driver_instance();
  return driver;
}

sql::ConnectOptionsMap OptionsOf(const Config& config) {
  sql::ConnectOptionsMap options;
  options["hostName"] =
      ToSql(config.socket.empty() ? absl::StrCat("tcp://", config.host, ":", config.port)
                                  : absl::StrCat("unix://", config.socket));
  options["userName"] = ToSql(config.user);
  options["password"] = ToSql(config.password);
  if (!config.schema.empty()) {
    options["schema"] = ToSql(config.schema);
  }
  options["OPT_CONNECT_TIMEOUT"] = WholeSeconds(config.connect_timeout);
  options["OPT_READ_TIMEOUT"] = WholeSeconds(config.read_timeout);
  options["OPT_WRITE_TIMEOUT"] = WholeSeconds(config.read_timeout);
  options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  options["CLIENT_FOUND_ROWS"] = true;
  if (!config.ca_file.empty()) {
    options["sslCA"] = ToSql(config.ca_file);
    options["sslVerify"] = true;
  }
  return options;
}

// Of a statement without a deadline.
absl::Duration LongestStatement(const Config& config) {
  return std::max(config.read_timeout - kServerStopsEarlier, config.read_timeout / 2);
}

std::string SetUpStatement(const Config& config) {
  return absl::StrFormat(
      "SET NAMES utf8mb4, time_zone='+00:00', "
      "sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,"
      "NO_ZERO_DATE,NO_ZERO_IN_DATE', "
      "innodb_snapshot_isolation=ON, max_statement_time=%.3f, innodb_lock_wait_timeout=%d, "
      "lock_wait_timeout=%d",
      absl::ToDoubleSeconds(LongestStatement(config)), kLockWaitSeconds, kMetadataLockWaitSeconds);
}

// Before a statement whose deadline comes before the session's limit; its first parameter is then
// the seconds it has. A parameter, so that the statement is prepared once whatever is left, and in
// front of the statement, so that it costs no round trip; the session's own limit is back after it.
// The server wants a number where it cannot know a parameter's type yet, hence the sum (decision
// 0020).
constexpr absl::string_view kWithinSeconds = "SET STATEMENT max_statement_time=?+0.0 FOR ";

enum class CellKind { kInteger, kUnsigned, kReal, kTime, kText };

// A prepared statement in the cache.
struct Prepared {
  std::unique_ptr<sql::PreparedStatement> statement;
  StatementShape shape;
  size_t parameter_count;
  uint64_t last_used;
  // Of its result's columns, learnt at the first execution.
  std::vector<CellKind> kinds;
};

// Streams that must live until the statement has been executed.
using Streams = std::vector<std::unique_ptr<std::istringstream>>;

absl::Status BindText(sql::PreparedStatement& statement, unsigned index, const std::string& text,
                      Streams& streams) {
  const int64_t size = static_cast<int64_t>(text.size());
  if (size > kMaxValueBytes) {
    return status::InvalidField("", absl::StrCat("内容过大：", size >> 20, " MiB，单项不得超过 ",
                                                 kMaxValueBytes >> 20, " MiB"));
  }
  if (size > kLongDataBytes) {
    streams.push_back(std::make_unique<std::istringstream>(text));
    statement.setBlob(index, streams.back().get());
  } else {
    statement.setString(index, ToSql(text));
  }
  return absl::OkStatus();
}

// `params` follow the parameters that stand before them.
absl::Status Bind(sql::PreparedStatement& statement, size_t before, const Values& params,
                  Streams& streams) {
  for (size_t i = 0; i < params.size(); ++i) {
    const Value& value = params[i];
    const unsigned index = static_cast<unsigned>(before + i + 1);
    if (const auto* integer = std::get_if<int64_t>(&value)) {
      statement.setInt64(index, *integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
      statement.setDouble(index, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      CHANYAN_RETURN_IF_ERROR(BindText(statement, index, *text, streams));
    } else if (const auto* time = std::get_if<absl::Time>(&value)) {
      CHANYAN_ASSIGN_OR_RETURN(const std::string text, FormatDateTime(*time));
      statement.setString(index, ToSql(text));
    } else {
      statement.setNull(index, sql::DataType::SQLNULL);
    }
  }
  return absl::OkStatus();
}

CellKind KindOfColumn(sql::ResultSetMetaData& meta, unsigned column) {
  switch (meta.getColumnType(column)) {
    case sql::DataType::TINYINT:
    case sql::DataType::SMALLINT:
    case sql::DataType::MEDIUMINT:
    case sql::DataType::INTEGER:
    case sql::DataType::BIGINT:
      return meta.isSigned(column) ? CellKind::kInteger : CellKind::kUnsigned;
    case sql::DataType::BIT:
    case sql::DataType::YEAR:
      return CellKind::kUnsigned;
    case sql::DataType::REAL:
    case sql::DataType::DOUBLE:
      return CellKind::kReal;
    case sql::DataType::TIMESTAMP:
      return CellKind::kTime;
    default:
      return CellKind::kText;
  }
}

absl::StatusOr<Value> ReadCell(const sql::ResultSet& result, unsigned column, CellKind kind) {
  if (result.isNull(column)) {
    return Value();
  }
  switch (kind) {
    case CellKind::kInteger:
      return Value(result.getInt64(column));
    case CellKind::kUnsigned: {
      const uint64_t number = result.getUInt64(column);
      if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return status::Internal("an unsigned column holds a number beyond int64");
      }
      return Value(static_cast<int64_t>(number));
    }
    case CellKind::kReal:
      return Value(static_cast<double>(result.getDouble(column)));
    case CellKind::kTime: {
      CHANYAN_ASSIGN_OR_RETURN(const absl::Time time,
                               ParseDateTime(result.getString(column).asStdString()));
      return Value(time);
    }
    case CellKind::kText:
      break;
  }
  return Value(result.getString(column).asStdString());
}

std::vector<CellKind> KindsOf(sql::ResultSet& result) {
  sql::ResultSetMetaData& meta = *result.getMetaData();
  std::vector<CellKind> kinds;
  for (unsigned column = 1; column <= meta.getColumnCount(); ++column) {
    kinds.push_back(KindOfColumn(meta, column));
  }
  return kinds;
}

absl::StatusOr<Rows> ReadAll(sql::ResultSet& result, const std::vector<CellKind>& kinds) {
  Rows rows;
  rows.rows.reserve(result.rowsCount());
  while (result.next()) {
    Values& row = rows.rows.emplace_back();
    row.reserve(kinds.size());
    for (unsigned column = 1; column <= kinds.size(); ++column) {
      CHANYAN_ASSIGN_OR_RETURN(Value cell, ReadCell(result, column, kinds[column - 1]));
      row.push_back(std::move(cell));
    }
  }
  return rows;
}

SqlError ErrorOf(const sql::SQLException& exception) {
  return {exception.getErrorCode(), exception.what()};
}

class DriverConnection final : public Connection {
 public:
  DriverConnection(std::unique_ptr<sql::Connection> connection, absl::Duration longest_statement)
      : connection_(std::move(connection)),
        text_(connection_->createStatement()),
        longest_statement_(longest_statement) {}

  absl::StatusOr<Rows> Query(absl::string_view sql, const Values& params,
                             absl::Time deadline) override {
    return RunPrepared<Rows>(
        sql, params, deadline, StatementShape::kRows,
        [](Prepared& prepared) -> absl::StatusOr<Rows> {
          // Destroyed before the statement, also when reading throws.
          const std::unique_ptr<sql::ResultSet> result(prepared.statement->executeQuery());
          if (prepared.kinds.empty()) prepared.kinds = KindsOf(*result);
          return ReadAll(*result, prepared.kinds);
        });
  }

  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& params,
                                  absl::Time deadline) override {
    return RunPrepared<int64_t>(sql, params, deadline, StatementShape::kCount,
                                [](Prepared& prepared) -> absl::StatusOr<int64_t> {
                                  return prepared.statement->executeUpdate();
                                });
  }

  absl::StatusOr<int64_t> ExecuteTogether(absl::Span<const Statement> statements, bool begin,
                                          bool commit, absl::Time deadline) override {
    std::string sql = begin ? "BEGIN NOT ATOMIC START TRANSACTION; " : "BEGIN NOT ATOMIC ";
    Values params;
    for (const Statement& statement : statements) {
      CHANYAN_RETURN_IF_ERROR(CheckCount(statement.sql));
      absl::StrAppend(&sql, statement.sql, "; ");
      params.insert(params.end(), statement.params.begin(), statement.params.end());
    }
    absl::StrAppend(&sql, commit ? "COMMIT; END" : "END");
    const auto run = [](Prepared& prepared) -> absl::StatusOr<int64_t> {
      return prepared.statement->executeUpdate();
    };
    absl::StatusOr<int64_t> found =
        RunPrepared<int64_t>(sql, params, deadline, StatementShape::kCount, run, /*compound=*/true);
    // What was refused before it was sent has no text of the server's.
    const bool sent = !last_error_.message.empty();
    if (found.ok() || !commit || !sent || IsRefusal(last_error_kind_)) return found;
    if (last_error_kind_ == ErrorKind::kTimeout && InTransaction()) return found;
    // As of a COMMIT: this connection is not asked again.
    usable_ = false;
    return Failed(KindOfCommit(last_error_), last_error_);
  }

  absl::Status Run(absl::string_view sql) override {
    if (const SqlError error = RunText(sql); error.code != 0) {
      return Failed(KindOf(error), error);
    }
    return absl::OkStatus();
  }

  absl::Status Commit(absl::Time deadline) override {
    const double seconds = SecondsUntil(deadline);
    const SqlError error =
        RunText(seconds == 0
                    ? "COMMIT"
                    : absl::StrFormat("SET STATEMENT max_statement_time=%.6f FOR COMMIT", seconds));
    if (error.code != 0) {
      if (KindOf(error) == ErrorKind::kTimeout && InTransaction()) {
        return Failed(ErrorKind::kTimeout, error);
      }
      // Whatever went wrong at COMMIT, this connection is not asked again.
      usable_ = false;
      return Failed(KindOfCommit(error), error);
    }
    return absl::OkStatus();
  }

  ErrorKind last_error_kind() const override { return last_error_kind_; }
  const SqlError& last_error() const override { return last_error_; }
  bool usable() const override { return usable_; }
  int prepared_statements() const override { return static_cast<int>(prepared_.size()); }

 private:
  absl::Status Failed(ErrorKind kind, const SqlError& error) {
    last_error_kind_ = kind;
    last_error_ = error;
    usable_ = usable_ && LeavesConnectionClean(kind);
    return ToStatus(kind, error);
  }

  // A fault found on our side of the wire.
  absl::Status Refused(absl::Status status) {
    last_error_kind_ =
        status.code() == absl::StatusCode::kInternal ? ErrorKind::kBug : ErrorKind::kBadValue;
    last_error_ = {};
    return status;
  }

  // What a statement has if its deadline comes before the session's limit; else 0.
  double SecondsUntil(absl::Time deadline) const {
    if (deadline == absl::InfiniteFuture()) return 0;
    const absl::Duration left = std::max(deadline - absl::Now(), kLeastStatementTime);
    return left < longest_statement_ ? absl::ToDoubleSeconds(left) : 0;
  }

  // False if nobody can say.
  bool InTransaction() {
    try {
      const std::unique_ptr<sql::ResultSet> result(text_->executeQuery("SELECT @@in_transaction"));
      return result->next() && result->getInt(1) == 1;
    } catch (const sql::SQLException&) {
      return false;
    }
  }

  SqlError RunText(absl::string_view sql) {
    try {
      if (text_->execute(ToSql(sql))) {
        do {
          const std::unique_ptr<sql::ResultSet> drained(text_->getResultSet());
        } while (text_->getMoreResults());
      }
      return {};
    } catch (const sql::SQLException& exception) {
      SqlError error = ErrorOf(exception);
      // Code 0 is the driver's own complaint: the connection is closed.
      error.code = error.code == 0 ? kErrServerLost : error.code;
      return error;
    }
  }

  template <typename Result, typename Use>
  absl::StatusOr<Result> RunPrepared(absl::string_view sql, const Values& params,
                                     absl::Time deadline, StatementShape shape, Use use,
                                     bool compound = false) {
    const double seconds = SecondsUntil(deadline);
    const size_t before = seconds == 0 ? 0 : 1;
    const std::string within = seconds == 0 ? "" : absl::StrCat(kWithinSeconds, sql);
    const absl::string_view sent = seconds == 0 ? sql : absl::string_view(within);
    SqlError error;
    try {
      CHANYAN_ASSIGN_OR_RETURN(Prepared * prepared, Prepare(sql, sent, compound));
      if (prepared->shape != shape || prepared->parameter_count != before + params.size()) {
        return Refused(status::Internal(
            absl::StrCat(params.size(), " parameters, or the wrong call, for: ", sql)));
      }
      if (seconds != 0) prepared->statement->setDouble(1, seconds);
      Streams streams;
      if (absl::Status bound = Bind(*prepared->statement, before, params, streams); !bound.ok()) {
        prepared_.erase(sent);
        return Refused(std::move(bound));
      }
      absl::StatusOr<Result> result = use(*prepared);
      if (!streams.empty()) {
        // The driver keeps the streams' addresses; they end here.
        prepared_.erase(sent);
      }
      if (!result.ok()) {
        return Refused(result.status());
      }
      return result;
    } catch (const sql::SQLException& exception) {
      error = ErrorOf(exception);
    }
    // Before any other statement, or closing it would wait for ever.
    prepared_.erase(sent);
    return Failed(KindOf(error), error);
  }

  // Statements of a compound are looked at one by one, each text once.
  absl::Status CheckCount(const std::string& sql) {
    if (checked_.contains(sql)) return absl::OkStatus();
    const absl::StatusOr<StatementShape> shape = CheckStatement(sql);
    if (!shape.ok()) return Refused(shape.status());
    if (*shape != StatementShape::kCount) {
      return Refused(status::Internal(absl::StrCat("not a change: ", sql)));
    }
    if (checked_.size() < kMaxPreparedStatements) checked_.insert(sql);
    return absl::OkStatus();
  }

  // `sql` as it is sent.
  absl::StatusOr<Prepared*> Prepare(absl::string_view sql, absl::string_view sent, bool compound) {
    const auto found = prepared_.find(sent);
    if (found != prepared_.end()) {
      found->second.last_used = ++uses_;
      return &found->second;
    }
    absl::StatusOr<StatementShape> shape = StatementShape::kCount;
    if (!compound) shape = CheckStatement(sql);
    if (!shape.ok()) {
      return Refused(shape.status());
    }
    MakeRoom();
    std::unique_ptr<sql::PreparedStatement> statement(connection_->prepareStatement(ToSql(sent)));
    const size_t count = statement->getParameterMetaData()->getParameterCount();
    Prepared& prepared = prepared_[sent];
    prepared = {std::move(statement), *shape, count, ++uses_, {}};
    return &prepared;
  }

  void MakeRoom() {
    if (prepared_.size() < kMaxPreparedStatements) {
      return;
    }
    prepared_.erase(std::min_element(
        prepared_.begin(), prepared_.end(),
        [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; }));
  }

  // Destroyed last: statements belong to it.
  std::unique_ptr<sql::Connection> connection_;
  std::unique_ptr<sql::Statement> text_;
  // The session's limit.
  const absl::Duration longest_statement_;
  absl::flat_hash_map<std::string, Prepared> prepared_;
  absl::flat_hash_set<std::string> checked_;
  uint64_t uses_ = 0;
  bool usable_ = true;
  ErrorKind last_error_kind_ = ErrorKind::kNone;
  SqlError last_error_;
};

absl::Status CannotConnect(const Config& config, absl::string_view why) {
  const std::string where =
      config.socket.empty() ? absl::StrCat(config.host, ":", config.port) : config.socket;
  return status::Unavailable(absl::StrCat("无法连接数据库 ", where, "（库 ",
                                          config.schema.empty() ? "未指定" : config.schema, "）：",
                                          why));
}

absl::Status AssertEncrypted(Connection& connection, const Config& config) {
  CHANYAN_ASSIGN_OR_RETURN(const Rows rows,
                           connection.Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {}));
  const auto* cipher = rows.rows.empty() ? nullptr : std::get_if<std::string>(&rows.rows[0][1]);
  if (cipher == nullptr || cipher->empty()) {
    return CannotConnect(config, "已指定 CA 证书，但连接未加密，已拒绝");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Config& config) {
  if (!config.ca_file.empty() && access(config.ca_file.c_str(), R_OK) != 0) {
    return CannotConnect(config, absl::StrCat("CA 证书文件不存在或不可读：", config.ca_file));
  }
  std::unique_ptr<Connection> connection;
  try {
    sql::ConnectOptionsMap options = OptionsOf(config);
    connection = std::make_unique<DriverConnection>(
        std::unique_ptr<sql::Connection>(DriverInstance()->connect(options)),
        LongestStatement(config));
  } catch (const sql::SQLException& exception) {
    return CannotConnect(config, exception.what());
  }
  if (absl::Status status = connection->Run(SetUpStatement(config)); !status.ok()) {
    return CannotConnect(config, connection->last_error().message);
  }
  if (!config.ca_file.empty()) {
    CHANYAN_RETURN_IF_ERROR(AssertEncrypted(*connection, config));
  }
  return connection;
}

}  // namespace chanyan::db
