#include "common/operation/operations.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::operation {
namespace {

constexpr char kUnderWay[] = "SELECT name FROM operation WHERE under_way = ?";
constexpr char kKeepInput[] =
    "INSERT INTO operation_input (operation, request, roles, predecessors, traceparent, "
    "tracestate) VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kInput[] =
    "SELECT request, roles, predecessors, traceparent, tracestate FROM operation_input "
    "WHERE operation = ?";
constexpr char kDropInput[] = "DELETE FROM operation_input WHERE operation = ?";
constexpr char kDropPace[] = "DELETE FROM operation_pace WHERE operation = ?";
constexpr char kWaiting[] =
    "SELECT o.name FROM operation o LEFT JOIN lease l "
    "ON l.name = CONCAT('operation/', SUBSTRING_INDEX(o.name, '/', -1)) "
    "WHERE o.state IN ('PENDING', 'RUNNING') AND (l.name IS NULL OR l.expires_at < NOW(6)) "
    "AND (o.create_time < ? OR o.method IN ";
constexpr char kOldestFirst[] = ") ORDER BY o.create_time LIMIT ?";
// One that this process does not know is another's, of a newer release, for so long.
constexpr absl::Duration kStrange = absl::Hours(24);
// What one request may be to be kept: the greatest value of a statement, with room for the rest.
constexpr size_t kMaxInputBytes = 7 << 20;
constexpr char kPutDown[] =
    "UPDATE operation SET attempts = attempts - 1 WHERE name = ? AND state = 'RUNNING'";
constexpr char kAddDone[] =
    "UPDATE operation SET done_units = done_units + ?, "
    "total_units = GREATEST(total_units, done_units), update_time = ?, version = version + 1 "
    "WHERE name = ? AND state = 'RUNNING'";
constexpr char kSetLeft[] =
    "UPDATE operation SET total_units = done_units + ?, update_time = ?, version = version + 1 "
    "WHERE name = ? AND state = 'RUNNING'";
constexpr char kCancelRequested[] = "SELECT cancel_requested FROM operation WHERE name = ?";
constexpr char kWritePace[] =
    "INSERT INTO operation_pace (operation, stage, done, total, beat) VALUES (?, ?, ?, ?, 1) "
    "ON DUPLICATE KEY UPDATE stage = VALUES(stage), done = VALUES(done), total = VALUES(total), "
    "beat = beat + 1";
constexpr char kReadPace[] =
    "SELECT stage, done, total, beat FROM operation_pace WHERE operation = ?";
constexpr char kClear[] =
    "DELETE FROM operation WHERE end_time < ? AND state NOT IN ('PENDING', 'RUNNING') LIMIT 500";
constexpr char kClearPace[] =
    "DELETE FROM operation_pace WHERE operation NOT IN "
    "(SELECT name FROM operation WHERE state IN ('PENDING', 'RUNNING'))";
// Expired since long: nobody who held one of these still works.
constexpr char kClearLeases[] =
    "DELETE FROM lease WHERE name LIKE 'operation/%' AND expires_at < NOW(6) - INTERVAL 1 HOUR "
    "AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.state IN ('PENDING', 'RUNNING') "
    "AND lease.name = CONCAT('operation/', SUBSTRING_INDEX(o.name, '/', -1)))";

// The thing the request is about: its name, or else the collection's parent.
std::string TargetOf(const google::protobuf::Message& request) {
  for (const char* name : {"name", "parent"}) {
    const auto* field = request.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated() ||
        field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) {
      continue;
    }
    return request.GetReflection()->GetString(request, field);
  }
  return "";
}

}  // namespace

std::string ParentOf(absl::string_view service) { return absl::StrCat("services/", service); }

std::string LeaseOf(absl::string_view operation) {
  return absl::StrCat("operation/", api::IdOfName(operation));
}

absl::StatusOr<v1::Operation> Insert(rpc::Change& change, const OperationTable& table,
                                     const std::string& service, const Kind& kind,
                                     const rpc::Call& call,
                                     const google::protobuf::Message& request) {
  std::string input = request.SerializeAsString();
  if (input.size() > kMaxInputBytes) {
    return status::InvalidField("file",
                                absl::StrCat("文件过大：后台任务最多收 ", kMaxInputBytes >> 20,
                                             " MiB，请拆成几个文件，或直接导入"));
  }
  v1::Operation operation;
  operation.set_name(absl::StrCat(ParentOf(service), "/operations/", api::NewUuid()));
  operation.set_method(kind.method->full_name());
  operation.set_title(kind.method->options().GetExtension(options::v1::method).label());
  operation.set_target(TargetOf(request));
  operation.set_creator(call.principal.account);
  operation.set_organization(call.principal.organization);
  operation.set_state(v1::OPERATION_STATE_PENDING);
  operation.set_unit(kind.unit);
  const auto refuse = [&operation](absl::string_view name) {
    return status::AlreadyExists(name, absl::StrCat("“", operation.title(), "”正在进行中（", name,
                                                    "），请等它结束，或先取消"));
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows present,
      change.session().Query(kUnderWay, {absl::StrCat(operation.method(), " ", operation.target(),
                                                      " ", operation.organization())}));
  if (!present.rows.empty()) return refuse(std::get<std::string>(present.rows[0][0]));
  const absl::Status inserted = table.Insert(change.session(), change.now(), &operation);
  if (absl::IsAlreadyExists(inserted)) return refuse(ParentOf(service));
  CHANYAN_RETURN_IF_ERROR(inserted);
  CHANYAN_RETURN_IF_ERROR(
      change.session()
          .Execute(kKeepInput, {operation.name(), std::move(input),
                                absl::StrJoin(call.principal.roles, ",",
                                              [](std::string* out, auth::Role role) {
                                                absl::StrAppend(out, static_cast<int>(role));
                                              }),
                                absl::StrJoin(call.principal.predecessors, " "), call.traceparent,
                                call.tracestate})
          .status());
  CHANYAN_RETURN_IF_ERROR(change.Record("begun", nullptr, &operation));
  return operation;
}

absl::StatusOr<Input> LoadInput(db::Session& session, const v1::Operation& operation,
                                const Kind& kind) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kInput, {operation.name()}));
  if (found.rows.empty()) return status::Internal(absl::StrCat(operation.name(), " has no input"));
  const db::Values& row = found.rows[0];
  Input input;
  input.request.reset(kind.handler.request_prototype->New());
  if (!input.request->ParseFromString(std::get<std::string>(row[0]))) {
    return status::Internal(absl::StrCat(operation.name(), " has an input that cannot be read"));
  }
  input.principal.account = operation.creator();
  input.principal.organization = operation.organization();
  for (const absl::string_view text :
       absl::StrSplit(std::get<std::string>(row[1]), ',', absl::SkipEmpty())) {
    int role = 0;
    if (!absl::SimpleAtoi(text, &role)) return status::Internal("a role that is no number");
    input.principal.roles.push_back(static_cast<auth::Role>(role));
  }
  input.principal.predecessors =
      absl::StrSplit(std::get<std::string>(row[2]), ' ', absl::SkipEmpty());
  input.traceparent = std::get<std::string>(row[3]);
  input.tracestate = std::get<std::string>(row[4]);
  return input;
}

absl::StatusOr<std::vector<std::string>> Waiting(db::Session& session, absl::Span<const Kind> kinds,
                                                 absl::Time now, int most) {
  db::Values values = {now - kStrange};
  for (const Kind& kind : kinds) values.push_back(std::string(kind.method->full_name()));
  values.push_back(int64_t{most});
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat(kWaiting, db::Marks(kinds.size()), kOldestFirst), values));
  std::vector<std::string> names;
  for (const db::Values& row : found.rows) names.push_back(std::get<std::string>(row[0]));
  return names;
}

absl::StatusOr<v1::Operation> TakeUp(db::Session& session, const OperationTable& table,
                                     absl::Time now, absl::string_view name) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Operation operation, table.GetForUpdate(session, name));
  if (HasEnded(operation.state())) return operation;
  operation.set_state(v1::OPERATION_STATE_RUNNING);
  operation.set_attempts(operation.attempts() + 1);
  if (!operation.has_start_time()) *operation.mutable_start_time() = time::ToTimestamp(now);
  // What a run before this one said of itself.
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDropPace, {operation.name()}).status());
  CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &operation));
  return operation;
}

absl::Status PutDown(db::Session& session, absl::string_view name) {
  return session.Execute(kPutDown, {std::string(name)}).status();
}

absl::Status End(rpc::Change& change, const OperationTable& table, const v1::Operation& ended) {
  db::Session& session = change.session();
  CHANYAN_ASSIGN_OR_RETURN(v1::Operation operation, table.GetForUpdate(session, ended.name()));
  if (HasEnded(operation.state())) return absl::OkStatus();
  v1::Operation before = operation;
  operation.set_state(ended.state());
  if (ended.has_error()) *operation.mutable_error() = ended.error();
  operation.set_result(ended.result());
  *operation.mutable_end_time() = time::ToTimestamp(change.now());
  CHANYAN_RETURN_IF_ERROR(table.Update(session, change.now(), &operation));
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDropInput, {ended.name()}).status());
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDropPace, {ended.name()}).status());
  if (operation.has_error()) KeepFewViolations(&operation);
  return change.Record("ended", &before, &operation);
}

absl::Status AddDone(db::Session& session, absl::Time now, absl::string_view name, int64_t units) {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t found,
                           session.Execute(kAddDone, {units, now, std::string(name)}));
  return found == 1 ? absl::OkStatus()
                    : status::Internal(absl::StrCat(name, " moved on while it did not run"));
}

absl::Status SetLeft(db::Session& session, absl::Time now, absl::string_view name, int64_t left) {
  return session.Execute(kSetLeft, {left, now, std::string(name)}).status();
}

absl::StatusOr<bool> CancelRequested(db::Session& session, absl::string_view name) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kCancelRequested, {std::string(name)}));
  return !found.rows.empty() && std::get<int64_t>(found.rows[0][0]) != 0;
}

absl::Status WritePace(db::Session& session, absl::string_view name, const Pace& pace) {
  return session
      .Execute(kWritePace, {std::string(name), int64_t{pace.stage}, pace.done, pace.total})
      .status();
}

absl::StatusOr<Pace> ReadPace(db::Session& session, absl::string_view name) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kReadPace, {std::string(name)}));
  Pace pace;
  if (found.rows.empty()) return pace;
  const db::Values& row = found.rows[0];
  pace.stage = static_cast<int>(std::get<int64_t>(row[0]));
  pace.done = std::get<int64_t>(row[1]);
  pace.total = std::get<int64_t>(row[2]);
  pace.beat = std::get<int64_t>(row[3]);
  return pace;
}

absl::StatusOr<int64_t> Clear(db::Session& session, absl::Time before) {
  CHANYAN_RETURN_IF_ERROR(session.Execute(kClearPace).status());
  CHANYAN_RETURN_IF_ERROR(session.Execute(kClearLeases).status());
  return session.Execute(kClear, {before});
}

}  // namespace chanyan::operation
