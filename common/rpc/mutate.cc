#include "common/rpc/mutate.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/api/digest.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chanyan::rpc {
namespace {

using google::protobuf::Message;

// Inserted first, so that the same request twice at once waits for itself on the primary key and
// runs once.
constexpr char kClaim[] =
    "INSERT INTO idempotency (actor, method, request_id, args_sha, state, reply, created_at) "
    "VALUES (?, ?, ?, ?, 'open', '', ?)";
constexpr char kRemember[] =
    "UPDATE idempotency SET state = 'done', reply = ? "
    "WHERE actor = ? AND method = ? AND request_id = ?";
constexpr char kRecall[] =
    "SELECT args_sha, state, reply FROM idempotency "
    "WHERE actor = ? AND method = ? AND request_id = ?";

// The row of one request.
struct Claim {
  std::string actor;
  std::string method;
  // Empty: the client gave none and nothing is remembered.
  std::string request_id;
  std::string args_sha;
};

// Maps of a message have no order of their own; this gives the same request the same bytes.
std::string Digest(const Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&out);
  }
  return api::Sha256(bytes);
}

Claim ClaimOf(const Call& call, const Message& request) {
  Claim claim;
  claim.actor = call.principal.account;
  claim.method = call.method == nullptr ? "" : call.method->full_name();
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr) {
    claim.request_id = absl::AsciiStrToLower(request.GetReflection()->GetString(request, field));
  }
  if (!claim.request_id.empty()) claim.args_sha = Digest(request);
  return claim;
}

// NOT_FOUND if the request was not answered before.
absl::Status Recall(db::Session& session, const Claim& claim, Message* reply) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kRecall, {claim.actor, claim.method, claim.request_id}));
  if (found.rows.empty()) return absl::NotFoundError("");
  const db::Values& row = found.rows.front();
  if (std::get<std::string>(row[0]) != claim.args_sha) {
    return status::InvalidField("request_id", "这个请求编号已用于另一个请求，请换一个新的编号",
                                options::v1::ERROR_REASON_REQUEST_ID_REUSED);
  }
  if (std::get<std::string>(row[1]) != "done") {
    return status::Conflict("同一请求正在处理，请稍后用同一请求编号重试");
  }
  if (!reply->ParseFromString(std::get<std::string>(row[2]))) {
    return status::Internal("a remembered reply cannot be read");
  }
  return absl::OkStatus();
}

// True if the request is new and may run; false if `reply` is the remembered one.
absl::StatusOr<bool> Begin(db::Session& session, absl::Time now, const Claim& claim,
                           Message* reply) {
  const absl::Status claimed =
      session.Execute(kClaim, {claim.actor, claim.method, claim.request_id, claim.args_sha, now})
          .status();
  if (claimed.ok()) return true;
  if (claimed.code() != absl::StatusCode::kAlreadyExists) return claimed;
  CHANYAN_RETURN_IF_ERROR(Recall(session, claim, reply));
  return false;
}

absl::Status Run(const StoreDeps& deps, const Call& call, const Claim& claim,
                 const journal::Origin& origin, absl::FunctionRef<absl::Status(Change&)> work,
                 db::Session& session, Message* reply, bool* replayed) {
  const absl::Time now = deps.clock.Now();
  reply->Clear();
  *replayed = false;
  if (!claim.request_id.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const bool is_new, Begin(session, now, claim, reply));
    if (!is_new) {
      *replayed = true;
      return absl::OkStatus();
    }
  }
  Change change(session, now, origin);
  CHANYAN_RETURN_IF_ERROR(work(change));
  if (!claim.request_id.empty()) {
    CHANYAN_RETURN_IF_ERROR(session
                                .Execute(kRemember, {reply->SerializeAsString(), claim.actor,
                                                     claim.method, claim.request_id})
                                .status());
  }
  // The last moment at which nobody waiting means that nothing need happen.
  if (call.cancelled()) return absl::CancelledError("请求已取消");
  return absl::OkStatus();
}

}  // namespace

absl::Status MutateInto(const StoreDeps& deps, const Call& call, const Message& request,
                        absl::FunctionRef<absl::Status(Change&)> work, Message* reply) {
  const Claim claim = ClaimOf(call, request);
  const journal::Origin origin{claim.method, call.principal.account, call.principal.organization,
                               call.request_id, std::string(TraceId(call.traceparent))};
  db::TransactOptions options;
  options.deadline = call.deadline;
  if (!claim.request_id.empty()) {
    options.committed = [&claim, reply](db::Session& session) {
      return Recall(session, claim, reply);
    };
  }
  bool replayed = false;
  CHANYAN_RETURN_IF_ERROR(deps.db.Transact(options, [&](db::Session& session) {
    return Run(deps, call, claim, origin, work, session, reply, &replayed);
  }));
  if (!replayed && deps.changed != nullptr) deps.changed();
  return absl::OkStatus();
}

}  // namespace chanyan::rpc
