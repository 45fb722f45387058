#include "common/db/migrate.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/db/connection.h"
#include "common/db/lease.h"
#include "common/db/schema_replay.h"
#include "common/db/sql_script.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kLeaseName = "migrate";
constexpr absl::Duration kLeaseTtl = absl::Seconds(15);
constexpr absl::Duration kPoll = absl::Milliseconds(200);
// An index over a large table takes its time.
constexpr absl::Duration kStatementLimit = absl::Hours(6);

constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " component VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " version INT NOT NULL,"
    " name VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " done INT NOT NULL,"
    " begun INT NOT NULL DEFAULT 0,"
    " applied_at DATETIME(6) NULL,"
    " PRIMARY KEY (component, version)"
    ") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
// Of a program before the one that notes it.
constexpr char kHasBegun[] =
    "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? "
    "AND TABLE_NAME = 'schema_migration' AND COLUMN_NAME = 'begun'";
constexpr char kAddBegun[] =
    "ALTER TABLE schema_migration "
    "ADD COLUMN IF NOT EXISTS begun INT NOT NULL DEFAULT 0 AFTER done";
constexpr char kReadApplied[] =
    "SELECT version, name, sha256, done, begun, applied_at IS NOT NULL FROM schema_migration "
    "WHERE component = ? ORDER BY version";
constexpr char kBegin[] =
    "INSERT INTO schema_migration (component, version, name, sha256, done, applied_at) "
    "VALUES (?, ?, ?, ?, 0, NULL) ON DUPLICATE KEY UPDATE name = VALUES(name), "
    "sha256 = VALUES(sha256)";
// The number of the statement that is run, from 1.
constexpr char kBeginStatement[] =
    "UPDATE schema_migration SET begun = ? WHERE component = ? AND version = ?";
// It failed: nothing of it is there.
constexpr char kGiveUpStatement[] =
    "UPDATE schema_migration SET begun = done WHERE component = ? AND version = ?";
constexpr char kAdvance[] =
    "UPDATE schema_migration SET done = ? WHERE component = ? AND version = ?";
constexpr char kFinish[] =
    "UPDATE schema_migration SET applied_at = NOW(6) WHERE component = ? AND version = ?";

// What a statement says when it had been executed before the run was cut short, though not then
// alone: table, view, column or key is there, or is gone already, or has its new name.
constexpr int kAlreadyDone[] = {1050, 1051, 1054, 1060, 1061, 1091, 1826, 4092};
// The same of a foreign key that an ALTER adds: an error that says this in its text alone.
constexpr int kCannotCreateTable = 1005;
constexpr absl::string_view kDuplicateKey = "errno: 121 ";

// Renews the lease until destroyed, so that a long statement does not lose it.
class Heartbeat {
 public:
  explicit Heartbeat(Lease& lease) : thread_([this, &lease] { Beat(lease); }) {}
  ~Heartbeat() {
    {
      absl::MutexLock lock(&mutex_);
      stop_ = true;
    }
    thread_.join();
  }

 private:
  void Beat(Lease& lease) {
    absl::MutexLock lock(&mutex_);
    while (!mutex_.AwaitWithTimeout(absl::Condition(&stop_), kLeaseTtl / 3)) {
      mutex_.Unlock();
      lease.Acquire().IgnoreError();
      mutex_.Lock();
    }
  }

  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

struct MigrationRow {
  int64_t version;
  std::string name;
  std::string sha256;
  int64_t done;
  int64_t begun;
  bool finished;
};

absl::StatusOr<std::vector<MigrationRow>> ReadApplied(Connection& connection,
                                                      const std::string& component) {
  CHANYAN_ASSIGN_OR_RETURN(Rows rows, connection.Query(kReadApplied, {component}));
  std::vector<MigrationRow> out;
  for (Values& row : rows.rows) {
    out.push_back({std::get<int64_t>(row[0]), std::get<std::string>(std::move(row[1])),
                   std::get<std::string>(std::move(row[2])), std::get<int64_t>(row[3]),
                   std::get<int64_t>(row[4]), std::get<int64_t>(row[5]) != 0});
  }
  return out;
}

// A migration that is still to be done, from `done` on.
struct Pending {
  Component component;
  Migration migration;
  std::vector<ScriptStatement> statements;
  int64_t done = 0;
  // The number of the statement in which an earlier run was cut off; none if it is not above
  // `done`.
  int64_t begun = 0;
};

std::string Where(const Component& component, const Migration& migration) {
  return absl::StrCat(component.dir, "/", migration.file);
}

// Compares files and table; appends what is to be done.
void Plan(const Component& component, std::vector<Migration> files,
          const std::vector<MigrationRow>& rows, std::vector<Pending>& pending,
          std::vector<std::string>& faults) {
  for (const MigrationRow& row : rows) {
    if (row.version > static_cast<int64_t>(files.size())) {
      faults.push_back(absl::StrCat("库中已应用 ", component.name, " 的 ", row.name,
                                    "，但目录中没有此文件；请使用不低于该版本的程序"));
    }
  }
  for (Migration& file : files) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&file](const MigrationRow& row) {
      return row.version == file.version;
    });
    const bool known = row != rows.end();
    // What has not begun to take effect may still be corrected.
    if (known && row->sha256 != file.sha256 && (row->finished || row->done > 0)) {
      faults.push_back(
          absl::StrCat(Where(component, file),
                       " 在应用之后被改动（校验和不符）；请恢复原文件，新的改动另写一个序号"));
      continue;
    }
    if (known && row->finished) {
      continue;
    }
    absl::StatusOr<std::vector<ScriptStatement>> statements = SplitScript(file.sql);
    if (!statements.ok()) {
      faults.push_back(absl::StrCat(Where(component, file), " ", statements.status().message()));
      continue;
    }
    pending.push_back({component, std::move(file), *std::move(statements), known ? row->done : 0,
                       known ? row->begun : 0});
  }
}

// One run over one schema, with the lease held.
class Runner {
 public:
  Runner(const Config& config, Connection& connection, const std::string& owner, int64_t token)
      : config_(config), connection_(connection), owner_(owner), token_(token) {}

  absl::StatusOr<std::vector<Applied>> Run(const std::vector<Component>& components) {
    std::vector<Pending> pending;
    std::vector<std::string> faults;
    for (const Component& component : components) {
      CHANYAN_ASSIGN_OR_RETURN(std::vector<Migration> files, LoadMigrations(component));
      for (const Migration& file : files) all_.emplace_back(component.name, file);
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<MigrationRow> rows,
                               ReadApplied(connection_, component.name));
      Plan(component, std::move(files), rows, pending, faults);
    }
    if (!faults.empty()) {
      std::string message;
      for (const std::string& fault : faults) {
        absl::StrAppend(&message, message.empty() ? "" : "\n", fault);
      }
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, message);
    }
    std::vector<Applied> applied;
    for (const Pending& one : pending) {
      CHANYAN_RETURN_IF_ERROR(Apply(one));
      applied.push_back({one.component.name, one.migration.file,
                         static_cast<int>(one.statements.size()) - static_cast<int>(one.done)});
    }
    return applied;
  }

 private:
  absl::Status Apply(const Pending& one) {
    const Migration& migration = one.migration;
    const Values key = {one.component.name, int64_t{migration.version}};
    CHANYAN_RETURN_IF_ERROR(Fenced([&]() -> absl::Status {
      return connection_
          .Execute(kBegin, {one.component.name, int64_t{migration.version}, migration.file,
                            migration.sha256})
          .status();
    }));
    for (size_t i = one.done; i < one.statements.size(); ++i) {
      CHANYAN_RETURN_IF_ERROR(Step(one, i));
    }
    return Fenced([&]() -> absl::Status { return connection_.Execute(kFinish, key).status(); });
  }

  absl::Status Step(const Pending& one, size_t at) {
    const ScriptStatement& statement = one.statements[at];
    const auto number = static_cast<int64_t>(at + 1);
    const bool cut_off = at == static_cast<size_t>(one.done) && one.begun == number;
    const Values values = {number, one.component.name, int64_t{one.migration.version}};
    bool failed = false;
    absl::Status done = Fenced([&]() -> absl::Status {
      // DDL commits this before it begins.
      CHANYAN_RETURN_IF_ERROR(connection_.Execute(kBeginStatement, values).status());
      if (!connection_.Run(statement.text).ok()) {
        if (!cut_off || !IsAlreadyDone(statement)) {
          // A server that is gone has not said what became of it.
          failed = connection_.last_error_kind() != ErrorKind::kLost;
          return Explain(one, statement);
        }
        CHANYAN_RETURN_IF_ERROR(CheckDone(one, at));
      }
      return connection_.Execute(kAdvance, values).status();
    });
    if (failed && !cut_off) {
      Fenced([&]() -> absl::Status {
        return connection_
            .Execute(kGiveUpStatement, {one.component.name, int64_t{one.migration.version}})
            .status();
      }).IgnoreError();
    }
    return done;
  }

  // Of a statement that an earlier run began and that now finds its work there: whether it is its
  // work.
  absl::Status CheckDone(const Pending& one, size_t at) const {
    std::vector<std::string> before;
    for (const auto& [component, migration] : all_) {
      if (component == one.component.name && migration.version == one.migration.version) break;
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<ScriptStatement> script,
                               SplitScript(migration.sql));
      for (const ScriptStatement& statement : script) before.push_back(statement.text);
    }
    for (size_t i = 0; i < at; ++i) before.push_back(one.statements[i].text);
    const absl::Status shown = ShowsStatement(config_, before, one.statements[at].text);
    if (shown.ok()) return shown;
    const SqlError& error = connection_.last_error();
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat(
            Where(one.component, one.migration), " 第 ", one.statements[at].line,
            " 行的语句上次执行时中断，这次报错（错误 ", error.code, "）：", error.message, "。",
            shown.message(),
            "，因此不能当作已经完成；请把该表恢复为该语句执行之前或之后的样子，再重新运行"));
  }

  bool IsAlreadyDone(const ScriptStatement& statement) const {
    const SqlError& error = connection_.last_error();
    if (error.code == kCannotCreateTable) {
      return absl::StartsWithIgnoreCase(statement.text, "ALTER TABLE") &&
             absl::StrContains(error.message, kDuplicateKey);
    }
    return std::find(std::begin(kAlreadyDone), std::end(kAlreadyDone), error.code) !=
           std::end(kAlreadyDone);
  }

  absl::Status Explain(const Pending& one, const ScriptStatement& statement) const {
    const SqlError& error = connection_.last_error();
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat(Where(one.component, one.migration), " 第 ", statement.line,
                     " 行执行失败（错误 ", error.code, "）：", error.message,
                     "。此前的语句已生效并已记录，处理后重新运行即可从此处继续"));
  }

  // One transaction under the lease. A DDL statement inside ends it early, and then the count that
  // follows commits by itself.
  absl::Status Fenced(absl::FunctionRef<absl::Status()> work) {
    CHANYAN_RETURN_IF_ERROR(connection_.Run("START TRANSACTION"));
    absl::Status done = Touch();
    if (done.ok()) {
      done = work();
    }
    if (!done.ok()) {
      connection_.Run("ROLLBACK").IgnoreError();
      return done;
    }
    return connection_.Commit();
  }

  absl::Status Touch() {
    CHANYAN_ASSIGN_OR_RETURN(
        const int64_t found,
        connection_.Execute(
            "UPDATE lease SET beat = beat + 1 WHERE name = ? AND token = ? AND owner = ?",
            {std::string(kLeaseName), token_, owner_}));
    if (found != 1) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_CONFLICT,
                                        "数据库升级已由另一进程接手，本进程停止");
    }
    return absl::OkStatus();
  }

  const Config& config_;
  Connection& connection_;
  const std::string& owner_;
  const int64_t token_;
  // Of all components, in order.
  std::vector<std::pair<std::string, Migration>> all_;
};

absl::Status CreateSchema(const Config& config) {
  Config server = config;
  server.schema.clear();
  CHANYAN_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(server));
  if (!connection
           ->Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS `", config.schema,
                              "` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
           .ok()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("无法创建库 ", config.schema, "：", connection->last_error().message));
  }
  return absl::OkStatus();
}

absl::Status WaitForLease(Lease& lease, absl::Duration wait) {
  const absl::Time until = absl::Now() + wait;
  while (true) {
    absl::Status status = lease.Acquire();
    if (status.code() != absl::StatusCode::kFailedPrecondition) {
      return status;
    }
    if (absl::Now() + kPoll > until) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_CONFLICT,
                                        "另一进程正在升级此库，等待超时，请稍后再试");
    }
    absl::SleepFor(kPoll);
  }
}

}  // namespace

absl::StatusOr<std::vector<Applied>> Migrate(const Config& config,
                                             const std::vector<Component>& components,
                                             const MigrateOptions& options) {
  if (options.create) {
    CHANYAN_RETURN_IF_ERROR(CreateSchema(config));
  }
  Config slow = config;
  slow.read_timeout = kStatementLimit;
  CHANYAN_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(slow));
  CHANYAN_RETURN_IF_ERROR(connection->Run(kCreateLeaseTable));
  CHANYAN_RETURN_IF_ERROR(connection->Run(kCreateTable));
  CHANYAN_ASSIGN_OR_RETURN(const Rows has_begun, connection->Query(kHasBegun, {config.schema}));
  if (std::get<int64_t>(has_begun.rows.at(0).at(0)) == 0) {
    CHANYAN_RETURN_IF_ERROR(connection->Run(kAddBegun));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Database::Open(config));
  const std::string owner = NewLeaseOwner();
  Lease lease(*database, std::string(kLeaseName), owner, kLeaseTtl);
  CHANYAN_RETURN_IF_ERROR(WaitForLease(lease, options.wait));
  absl::StatusOr<std::vector<Applied>> applied;
  {
    const Heartbeat heartbeat(lease);
    applied = Runner(config, *connection, owner, lease.token()).Run(components);
  }
  lease.Release().IgnoreError();
  return applied;
}

absl::Status CheckSchema(Session& session, absl::string_view component, int min, int max) {
  constexpr char kVersions[] =
      "SELECT COALESCE(MAX(version), 0), COALESCE(SUM(applied_at IS NULL), 0) + 0e0 "
      "FROM schema_migration WHERE component = ?";
  const absl::StatusOr<Rows> rows = session.Query(kVersions, {std::string(component)});
  if (!rows.ok()) {
    // Absent table: never migrated.
    return rows.status().code() != absl::StatusCode::kInternal
               ? rows.status()
               : status::FailedPrecondition(
                     options::v1::ERROR_REASON_WRONG_STATE,
                     absl::StrCat("库未初始化（组件 ", component, "），请先运行 chanyan-migrate"));
  }
  const int64_t version = std::get<int64_t>(rows->rows.at(0).at(0));
  if (std::get<double>(rows->rows.at(0).at(1)) > 0) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("组件 ", component, " 的升级中途停止，请重新运行 chanyan-migrate"));
  }
  if (version < min || version > max) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("组件 ", component, " 的库版本为 ", version, "，本程序需要 ", min, " 至 ", max,
                     version < min ? "，请先运行 chanyan-migrate" : "，请使用更新的程序"));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::db
