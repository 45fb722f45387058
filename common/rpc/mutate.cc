#include "common/rpc/mutate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/api/digest.h"
#include "common/db/company.h"
#include "common/rpc/long_work.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chanyan::rpc {
namespace {

using google::protobuf::Message;

// Of the same request twice at once the second waits here for the first, finds the key taken and is
// undone.
constexpr char kRemember[] =
    "INSERT INTO idempotency (actor, method, request_id, args_sha, state, reply, created_at) "
    "VALUES (?, ?, ?, ?, 'done', ?, ?)";
constexpr char kRecall[] =
    "SELECT args_sha, reply FROM idempotency "
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

// It asks only what would happen; the request that follows may have the same id.
bool OnlyAsks(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("validate_only");
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

Claim ClaimOf(const Call& call, const Message& request) {
  Claim claim;
  claim.actor = call.principal.account;
  claim.method = call.method == nullptr ? "" : call.method->full_name();
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr && !OnlyAsks(request)) {
    claim.request_id = absl::AsciiStrToLower(request.GetReflection()->GetString(request, field));
  }
  if (!claim.request_id.empty()) claim.args_sha = Digest(request);
  return claim;
}

journal::Origin OriginOf(const Call& call, const Claim& claim) {
  return {claim.method, call.principal.account, call.principal.organization, call.request_id,
          std::string(TraceId(call.traceparent))};
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
  if (!reply->ParseFromString(std::get<std::string>(row[1]))) {
    return status::Internal("a remembered reply cannot be read");
  }
  return absl::OkStatus();
}

// False for what says nothing about the request.
bool MayHaveBeenAnswered(const absl::Status& refusal) {
  return !absl::IsUnavailable(refusal) && !absl::IsDeadlineExceeded(refusal) &&
         !absl::IsCancelled(refusal);
}

// A request whose work is long is looked up before it; others find out at the end that they were
// answered before, which costs those who were not a statement less.
bool IsLong(const Call& call) {
  return call.method != nullptr &&
         call.method->options().GetExtension(options::v1::method).lane() == options::v1::LANE_BATCH;
}

absl::Status Run(const StoreDeps& deps, const Call& call, const Claim& claim,
                 const journal::Origin& origin, absl::FunctionRef<absl::Status(Change&)> work,
                 db::Session& session, LongWork& long_work, Message* reply) {
  const absl::Time now = deps.clock.Now();
  reply->Clear();
  Change change(session, now, origin);
  CHANYAN_RETURN_IF_ERROR(long_work.Enter(session));
  CHANYAN_RETURN_IF_ERROR(work(change));
  if (!claim.request_id.empty()) {
    CHANYAN_RETURN_IF_ERROR(
        session.Later(kRemember, {claim.actor, claim.method, claim.request_id, claim.args_sha,
                                  reply->SerializeAsString(), now}));
  }
  CHANYAN_RETURN_IF_ERROR(long_work.Leave(session));
  // The last moment at which nobody waiting means that nothing need happen.
  if (call.cancelled()) return absl::CancelledError("请求已取消");
  return absl::OkStatus();
}

}  // namespace

absl::Status MutateInto(const StoreDeps& deps, const Call& call, const Message& request,
                        absl::FunctionRef<absl::Status(Change&)> work, Message* reply) {
  const Claim claim = ClaimOf(call, request);
  const journal::Origin origin = OriginOf(call, claim);
  const auto recall = [&] {
    return deps.db.Read(call.deadline,
                        [&](db::Session& session) { return Recall(session, claim, reply); });
  };
  if (!claim.request_id.empty() && IsLong(call)) {
    if (absl::Status known = recall(); !absl::IsNotFound(known)) return known;
  }
  // Of this thread; the transaction may have another.
  LongWork& long_work = LongWork::OfThisThread();
  db::TransactOptions options;
  options.deadline = call.deadline;
  options.hopeful = true;
  if (!claim.request_id.empty()) {
    options.committed = [&](db::Session& session) { return Recall(session, claim, reply); };
  }
  const absl::Status done = deps.db.Transact(options, [&](db::Session& session) {
    return Run(deps, call, claim, origin, work, session, long_work, reply);
  });
  if (!done.ok()) {
    if (claim.request_id.empty() || !MayHaveBeenAnswered(done)) return done;
    // What it would change may have changed by itself, earlier.
    const absl::Status known = recall();
    return absl::IsNotFound(known) ? done : known;
  }
  if (deps.changed != nullptr) deps.changed();
  return absl::OkStatus();
}

void MutateTogether(const StoreDeps& deps, absl::Span<Mutation> all) {
  LongWork& long_work = LongWork::OfThisThread();
  std::vector<Claim> claims;
  std::vector<journal::Origin> origins;
  absl::Time deadline = absl::InfiniteFuture();
  for (const Mutation& one : all) {
    claims.push_back(ClaimOf(one.call, one.request));
    origins.push_back(OriginOf(one.call, claims.back()));
    deadline = std::min(deadline, one.call.deadline);
  }
  std::vector<db::Companion> companions;
  for (size_t i = 0; i < all.size(); ++i) {
    companions.push_back({[&, i](db::Session& session) {
                            return Run(deps, all[i].call, claims[i], origins[i], all[i].work,
                                       session, long_work, all[i].reply);
                          },
                          absl::OkStatus()});
  }
  db::TransactTogether(deps.db, deadline, absl::MakeSpan(companions));
  bool changed = false;
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].status = std::move(companions[i].status);
    changed = changed || all[i].status.ok();
    // By its request id it finds out alone what became of it.
    all[i].alone = !all[i].status.ok() &&
                   !(absl::IsUnavailable(all[i].status) && claims[i].request_id.empty());
  }
  if (changed && deps.changed != nullptr) deps.changed();
}

}  // namespace chanyan::rpc
