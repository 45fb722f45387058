#include "common/db/schema_replay.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kReplaySuffix = "_replay";
constexpr char kReplayMark[] = "chanyan-migrate";
constexpr absl::Duration kReplayLimit = absl::Minutes(1);
constexpr int kNoSuchTable = 1146;
constexpr char kSchemaComment[] =
    "SELECT SCHEMA_COMMENT FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?";
constexpr char kSchemaDefaults[] =
    "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME "
    "FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?";

// What a DDL statement is about.
struct ReplayTarget {
  // Tables or views; empty = it is no DDL, or of a kind that is not known here.
  std::vector<std::string> names;
  // It is made from other tables.
  bool is_view = false;
};

bool IsDdl(absl::string_view statement) {
  const absl::string_view verb = statement.substr(0, statement.find_first_of(" \t\r\n"));
  return absl::EqualsIgnoreCase(verb, "CREATE") || absl::EqualsIgnoreCase(verb, "ALTER") ||
         absl::EqualsIgnoreCase(verb, "DROP");
}

// "CREATE TABLE a (…)", "ALTER TABLE a …", "DROP TABLE IF EXISTS a, b", "CREATE … VIEW a AS …",
// "CREATE UNIQUE INDEX i ON a (…)", "DROP INDEX i ON a".
ReplayTarget ReplayTargetOf(absl::string_view statement) {
  constexpr size_t kMostModifiers = 8;
  if (!IsDdl(statement)) return {};
  const std::vector<std::string> words =
      absl::StrSplit(absl::StrReplaceAll(statement, {{"(", " ( "}, {",", " , "}, {"`", ""}}),
                     absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  const auto is = [&words](size_t at, absl::string_view word) {
    return at < words.size() && absl::EqualsIgnoreCase(words[at], word);
  };
  size_t at = 1;
  while (at < kMostModifiers && !is(at, "TABLE") && !is(at, "VIEW") && !is(at, "INDEX")) ++at;
  if (at >= kMostModifiers || at >= words.size()) return {};
  ReplayTarget target;
  target.is_view = is(at, "VIEW");
  const bool is_index = is(at++, "INDEX");
  if (is(at, "IF")) at += is(at + 1, "NOT") ? 3 : 2;
  if (is_index && !is(++at, "ON")) return {};
  if (is_index) ++at;
  if (at >= words.size()) return {};
  target.names.push_back(words[at]);
  const bool many = is(0, "DROP") && !is_index;
  while (many && is(at + 1, ",") && at + 2 < words.size()) target.names.push_back(words[at += 2]);
  return target;
}

bool IsAboutOneOf(absl::string_view statement, const ReplayTarget& target) {
  const ReplayTarget other = ReplayTargetOf(statement);
  return std::any_of(other.names.begin(), other.names.end(), [&target](const std::string& name) {
    return std::find(target.names.begin(), target.names.end(), name) != target.names.end();
  });
}

absl::Status Untold(absl::string_view why) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    absl::StrCat("无法核对：", why));
}

absl::Status RunIn(Connection& connection, const std::string& sql) {
  if (connection.Run(sql).ok()) return absl::OkStatus();
  return Untold(
      absl::StrCat(connection.last_error().message, "（错误 ", connection.last_error().code, "）"));
}

// An empty schema with the defaults of the other.
absl::Status MakeEmpty(Connection& connection, const std::string& model, const std::string& name) {
  CHANYAN_ASSIGN_OR_RETURN(const Rows present, connection.Query(kSchemaComment, {name}));
  if (!present.rows.empty()) {
    if (std::get<std::string>(present.rows[0][0]) != kReplayMark) {
      return Untold(absl::StrCat("库 ", name, " 已存在且不是升级程序所建，请改名"));
    }
    CHANYAN_RETURN_IF_ERROR(RunIn(connection, absl::StrCat("DROP DATABASE `", name, "`")));
  }
  CHANYAN_ASSIGN_OR_RETURN(const Rows defaults, connection.Query(kSchemaDefaults, {model}));
  if (defaults.rows.empty()) return Untold(absl::StrCat("没有库 ", model));
  return RunIn(connection, absl::StrCat("CREATE DATABASE `", name, "` CHARACTER SET ",
                                        std::get<std::string>(defaults.rows[0][0]), " COLLATE ",
                                        std::get<std::string>(defaults.rows[0][1]), " COMMENT '",
                                        kReplayMark, "'"));
}

// The declaration of a table or view in the connection's schema, without what its rows or the
// schema's name have put into it; empty if it is not there.
absl::StatusOr<std::string> DeclarationOf(Connection& connection, const std::string& schema,
                                          const std::string& name) {
  const std::string next_id = " AUTO_INCREMENT=";
  const absl::StatusOr<Rows> rows =
      connection.Query(absl::StrCat("SHOW CREATE TABLE `", name, "`"), {});
  if (!rows.ok() && connection.last_error().code == kNoSuchTable) return "";
  if (!rows.ok()) return Untold(connection.last_error().message);
  std::string text = absl::StrReplaceAll(std::get<std::string>(rows->rows.at(0).at(1)),
                                         {{absl::StrCat("`", schema, "`."), ""}});
  if (const size_t at = text.rfind(next_id); at != std::string::npos) {
    const size_t end = text.find_first_not_of("0123456789", at + next_id.size());
    text.erase(at, std::min(end, text.size()) - at);
  }
  return text;
}

absl::Status CompareDeclarations(Connection& real, const Config& config, Connection& replayed,
                                 const std::string& scratch, const ReplayTarget& target) {
  std::vector<std::string> different;
  for (const std::string& name : target.names) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string is, DeclarationOf(real, config.schema, name));
    CHANYAN_ASSIGN_OR_RETURN(const std::string wanted, DeclarationOf(replayed, scratch, name));
    if (is != wanted) different.push_back(name);
  }
  if (different.empty()) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("库中 ", absl::StrJoin(different, "、"), " 的结构与该语句执行之后应有的不同"));
}

}  // namespace

absl::Status ShowsStatement(const Config& config, absl::Span<const std::string> before,
                            absl::string_view statement) {
  const ReplayTarget target = ReplayTargetOf(statement);
  if (target.names.empty()) return Untold("不知道该语句涉及哪张表");
  Config patient = config;
  patient.read_timeout = std::max(config.read_timeout, kReplayLimit);
  CHANYAN_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> real, Connection::Open(patient));
  const std::string scratch = absl::StrCat(config.schema, kReplaySuffix);
  CHANYAN_RETURN_IF_ERROR(MakeEmpty(*real, config.schema, scratch));
  const absl::Cleanup drop = [&real, &scratch] {
    real->Run(absl::StrCat("DROP DATABASE `", scratch, "`")).IgnoreError();
  };
  patient.schema = scratch;
  CHANYAN_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> replayed, Connection::Open(patient));
  // Tables that others refer to are not made.
  CHANYAN_RETURN_IF_ERROR(RunIn(*replayed, "SET foreign_key_checks = 0"));
  for (const std::string& one : before) {
    if (target.is_view ? IsDdl(one) : IsAboutOneOf(one, target)) {
      CHANYAN_RETURN_IF_ERROR(RunIn(*replayed, absl::StrCat("/* replay */ ", one)));
    }
  }
  CHANYAN_RETURN_IF_ERROR(RunIn(*replayed, absl::StrCat("/* replay */ ", statement)));
  return CompareDeclarations(*real, config, *replayed, scratch, target);
}

}  // namespace chanyan::db
