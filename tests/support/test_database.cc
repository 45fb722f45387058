#include "tests/support/test_database.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/db/sql_script.h"

extern char** environ;

namespace chanyan::testing {
namespace {

constexpr char kServerVariable[] = "CHANYAN_TEST_DB";
constexpr absl::Duration kStartLimit = absl::Seconds(90);
constexpr absl::Duration kPoll = absl::Milliseconds(20);
// Of sockaddr_un, with its terminating zero.
constexpr size_t kMaxSocketPath = sizeof(sockaddr_un{}.sun_path);

[[noreturn]] void Die(absl::string_view what) {
  std::fprintf(stderr, "test database: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void Require(const absl::Status& status, absl::string_view doing) {
  if (!status.ok()) {
    Die(absl::StrCat(doing, ": ", std::string(status.message())));
  }
}

template <typename T>
T Require(absl::StatusOr<T> result, absl::string_view doing) {
  Require(result.status(), doing);
  return *std::move(result);
}

// An open file with a lock on it: LOCK_SH or LOCK_EX. Closing it lets go.
int LockFile(const std::string& path, int kind) {
  const int fd = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (fd < 0) {
    Die(absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
  }
  while (flock(fd, kind) != 0) {
    if (errno != EINTR) {
      Die(absl::StrCat("cannot lock ", path, ": ", std::strerror(errno)));
    }
  }
  return fd;
}

class ExclusiveLock {
 public:
  explicit ExclusiveLock(const std::string& path) : fd_(LockFile(path, LOCK_EX)) {}
  ~ExclusiveLock() { close(fd_); }

 private:
  const int fd_;
};

bool Answers(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), kMaxSocketPath - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

pid_t SpawnKeeper(const std::string& dir) {
  const std::string script = absl::StrCat(CHANYAN_SOURCE_DIR, "/tests/support/mariadb_keeper.sh");
  const std::string log = absl::StrCat(dir, "/keeper.log");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  // A session of its own: it outlives the test that happened to start it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  const char* const argv[] = {"sh", script.c_str(), dir.c_str(), nullptr};
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, "/bin/sh", &files, &attributes, const_cast<char* const*>(argv), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    Die(absl::StrCat("cannot start ", script, ": ", std::strerror(error)));
  }
  return pid;
}

std::string Directory() {
  std::string dir = CHANYAN_TEST_DIR;
  if (dir.size() + sizeof("/mariadb.sock") > kMaxSocketPath) {
    dir = absl::StrCat(std::filesystem::temp_directory_path().string(), "/chanyan-test-", getuid(),
                       "-", absl::Hex(std::hash<std::string>()(dir)));
  }
  std::filesystem::create_directories(dir);
  return dir;
}

// The schema that is cloned: one for each set of files, whatever test asks first.
std::string TemplateName(const std::vector<db::Component>& components) {
  std::string all;
  for (const db::Component& component : components) {
    absl::StrAppend(&all, component.name, "\n");
    for (const db::Migration& migration :
         Require(db::LoadMigrations(component), "reading migrations")) {
      absl::StrAppend(&all, migration.sha256, "\n");
    }
  }
  return absl::StrCat("template_", absl::Hex(std::hash<std::string>()(all), absl::kZeroPad16));
}

const std::string& Text(const db::Value& value) { return std::get<std::string>(value); }

// Columns that can be written, as a list in backticks.
std::string WritableColumns(db::Connection& connection, const std::string& schema,
                            const std::string& table) {
  const db::Rows rows = Require(
      connection.Query("SELECT CONCAT('`', COLUMN_NAME, '`') FROM information_schema.COLUMNS "
                       "WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND EXTRA NOT LIKE '%GENERATED%' "
                       "ORDER BY ORDINAL_POSITION",
                       {schema, table}),
      "reading columns");
  std::string list;
  for (const db::Values& row : rows.rows) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", Text(row[0]));
  }
  return list;
}

// The statements that make a copy of `schema`, kept in its table clone_script.
void WriteCloneScript(db::Connection& connection, const std::string& schema) {
  // Views after the tables that they read.
  const db::Rows tables = Require(
      connection.Query("SELECT TABLE_NAME, TABLE_TYPE = 'VIEW' FROM information_schema.TABLES "
                       "WHERE TABLE_SCHEMA = ? ORDER BY TABLE_TYPE = 'VIEW'",
                       {schema}),
      "reading tables");
  Require(connection.Run("CREATE TABLE clone_script (statement LONGTEXT NOT NULL)"), "cloning");
  // After the CREATE, which would end it: others see the whole script or none.
  Require(connection.Run("START TRANSACTION"), "cloning");
  for (const db::Values& row : tables.rows) {
    const std::string& table = Text(row[0]);
    const db::Rows create =
        Require(connection.Query(absl::StrCat("SHOW CREATE TABLE `", table, "`"), {}), "cloning");
    constexpr char kKeep[] = "INSERT INTO clone_script (statement) VALUES (?)";
    Require(connection.Execute(kKeep, {Text(create.rows[0][1])}), "cloning");
    if (std::get<int64_t>(row[1]) != 0) continue;
    const std::string columns = WritableColumns(connection, schema, table);
    const db::Rows filled = Require(
        connection.Query(absl::StrCat("SELECT 1 FROM `", table, "` LIMIT 1"), {}), "cloning");
    if (!filled.rows.empty()) {
      Require(connection.Execute(
                  kKeep, {absl::StrCat("INSERT INTO `", table, "` (", columns, ") SELECT ", columns,
                                       " FROM `", schema, "`.`", table, "`")}),
              "cloning");
    }
  }
  Require(connection.Commit(), "cloning");
}

// Empty if the template is not (or not completely) there.
std::vector<std::string> ReadCloneScript(db::Connection& connection, const std::string& schema) {
  const absl::StatusOr<db::Rows> rows =
      connection.Query(absl::StrCat("SELECT statement FROM `", schema, "`.clone_script"), {});
  std::vector<std::string> script;
  if (rows.ok()) {
    for (const db::Values& row : rows->rows) {
      script.push_back(Text(row[0]));
    }
  }
  return script;
}

std::vector<std::string> CloneScript(const PrivateMariaDb& server, db::Connection& connection,
                                     const std::vector<db::Component>& components) {
  const std::string schema = TemplateName(components);
  std::vector<std::string> script = ReadCloneScript(connection, schema);
  if (!script.empty()) {
    return script;
  }
  const ExclusiveLock one_at_a_time(server.dir() + "/template.lock");
  script = ReadCloneScript(connection, schema);
  if (!script.empty()) {
    return script;
  }
  Require(connection.Run(absl::StrCat("DROP DATABASE IF EXISTS `", schema, "`")), "cloning");
  const db::Config config = server.ConfigFor(schema);
  Require(db::Migrate(config, components, {.create = true}), "migrating");
  const auto inside = Require(db::Connection::Open(config), "connecting");
  WriteCloneScript(*inside, schema);
  return ReadCloneScript(connection, schema);
}

std::string NewSchemaName() {
  static std::atomic<int> count{0};
  return absl::StrCat("test_", getpid(), "_", ++count);
}

}  // namespace

PrivateMariaDb::PrivateMariaDb() : dir_(Directory()) {
  if (const char* url = std::getenv(kServerVariable); url != nullptr && *url != '\0') {
    const std::pair<std::string, std::string> parts = absl::StrSplit(url, absl::MaxSplits('?', 1));
    url_head_ = absl::StrCat(parts.first.substr(0, parts.first.rfind('/')), "/");
    url_tail_ = parts.second.empty() ? "" : absl::StrCat("?", parts.second);
    return;
  }
  const std::string socket_path = dir_ + "/mariadb.sock";
  url_head_ = "mysql://root@localhost/";
  // A loaded machine is slow, which is no fault of the code under test.
  url_tail_ =
      absl::StrCat("?socket=", absl::StrReplaceAll(socket_path, {{"%", "%25"}, {"&", "%26"}}),
                   "&read-timeout=20s&acquire-timeout=20s&connect-timeout=20s");
  users_lock_ = LockFile(dir_ + "/users.lock", LOCK_SH);
  if (!Answers(socket_path)) {
    Start();
  }
}

PrivateMariaDb::~PrivateMariaDb() {
  if (users_lock_ >= 0) {
    close(users_lock_);
  }
}

void PrivateMariaDb::Start() {
  const ExclusiveLock one_at_a_time(dir_ + "/start.lock");
  const std::string socket_path = dir_ + "/mariadb.sock";
  if (Answers(socket_path)) {
    return;
  }
  const pid_t keeper = SpawnKeeper(dir_);
  const absl::Time until = absl::Now() + kStartLimit;
  while (!Answers(socket_path)) {
    if (waitpid(keeper, nullptr, WNOHANG) == keeper || absl::Now() > until) {
      Die(absl::StrCat("MariaDB does not start; see keeper.log, install.log and server.log in ",
                       dir_));
    }
    absl::SleepFor(kPoll);
  }
}

std::string PrivateMariaDb::UrlFor(absl::string_view schema) const {
  return absl::StrCat(url_head_, schema, url_tail_);
}

db::Config PrivateMariaDb::ConfigFor(absl::string_view schema) const {
  db::Config config = Require(db::Config::FromUrl(UrlFor("any")), kServerVariable);
  config.schema = std::string(schema);
  return config;
}

TestDatabase::TestDatabase(const std::vector<std::string>& components)
    : config_(server_.ConfigFor(NewSchemaName())) {
  std::vector<db::Component> folders;
  for (const std::string& text : components) {
    folders.push_back(Require(db::Component::Parse(text), "components"));
    folders.back().dir = absl::StrCat(CHANYAN_SOURCE_DIR, "/", folders.back().dir);
  }
  const auto outside = Require(db::Connection::Open(server_.ConfigFor("")), "connecting");
  std::vector<std::string> script;
  if (!folders.empty()) {
    script = CloneScript(server_, *outside, folders);
  }
  // A process id comes again, on a server that lives long.
  Require(outside->Run(absl::StrCat("DROP DATABASE IF EXISTS `", config_.schema, "`")), "cloning");
  Require(outside->Run(absl::StrCat("CREATE DATABASE `", config_.schema,
                                    "` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")),
          "cloning");
  if (!script.empty()) {
    Require(outside->Run(absl::StrCat("USE `", config_.schema, "`")), "cloning");
    Require(outside->Run("SET foreign_key_checks=0"), "cloning");
    for (const std::string& statement : script) {
      Require(outside->Run(statement), "cloning");
    }
  }
}

TestDatabase::~TestDatabase() {
  db_.reset();
  auto outside = db::Connection::Open(server_.ConfigFor(""));
  if (outside.ok()) {
    (*outside)->Run(absl::StrCat("DROP DATABASE IF EXISTS `", config_.schema, "`")).IgnoreError();
  }
}

db::Database& TestDatabase::db() {
  absl::call_once(opened_, [this] { db_ = Require(db::Database::Open(config_), "connecting"); });
  return *db_;
}

void TestDatabase::Apply(absl::string_view script) {
  const auto connection = Connect();
  for (const db::ScriptStatement& statement : Require(db::SplitScript(script), "splitting")) {
    if (!connection->Run(statement.text).ok()) {
      Die(absl::StrCat(statement.text, ": ", connection->last_error().message));
    }
  }
}

std::unique_ptr<db::Connection> TestDatabase::Connect() {
  return Require(db::Connection::Open(config_), "connecting");
}

}  // namespace chanyan::testing
