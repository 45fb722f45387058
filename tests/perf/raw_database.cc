#include "tests/perf/raw_database.h"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace chanyan::perf {
namespace {

sql::SQLString ToSql(absl::string_view text) { return sql::SQLString(text.data(), text.size()); }

// Thread-safe by the language, which get_driver_instance() is not.
sql::Driver* DriverInstance() {
  static sql::Driver* const driver = get_driver_instance();
  return driver;
}

}  // namespace

RawConnection::RawConnection(const Options& options, absl::string_view schema) {
  sql::ConnectOptionsMap settings;
  settings["hostName"] = ToSql(absl::StrCat("unix://", options.run_dir, "/mariadb.sock"));
  settings["userName"] = sql::SQLString("root");
  settings["schema"] = ToSql(schema);
  settings["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  connection_.reset(DriverInstance()->connect(settings));
}

RawConnection::~RawConnection() = default;

void RawConnection::Run(absl::string_view sql) {
  const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
  if (!statement->execute(ToSql(sql))) return;
  // Such as of ANALYZE TABLE; left unread, it would stand in the way of the next statement.
  do {
    const std::unique_ptr<sql::ResultSet> drained(statement->getResultSet());
  } while (statement->getMoreResults());
}

RawStatement::RawStatement(RawConnection& connection, absl::string_view sql)
    : statement_(connection.connection_->prepareStatement(ToSql(sql))) {}

RawStatement::~RawStatement() = default;

void RawStatement::Bind(const std::vector<std::string>& parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    statement_->setString(static_cast<unsigned>(i + 1), ToSql(parameters[i]));
  }
}

RawStatement::Result RawStatement::Query(const std::vector<std::string>& parameters) {
  Bind(parameters);
  const std::unique_ptr<sql::ResultSet> rows(statement_->executeQuery());
  const unsigned columns = rows->getMetaData()->getColumnCount();
  Result result;
  for (; rows->next(); ++result.rows) {
    result.last_key = rows->getString(1).asStdString();
    for (unsigned column = 2; column <= columns; ++column) rows->getString(column);
  }
  return result;
}

void RawStatement::Execute(const std::vector<std::string>& parameters) {
  Bind(parameters);
  statement_->executeUpdate();
}

}  // namespace chanyan::perf
