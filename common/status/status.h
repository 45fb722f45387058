// Errors as every service makes and reads them (AIP-193).
//
// A status carries google.rpc details as payloads; rpc/ puts them on the wire and the gateway into
// JSON. Every error has a reason of the public ErrorReason enum. Messages are for people and say
// what is wrong, where, and what to do; they must hold nothing secret. InternalError is the
// exception: its text goes to the log and never to a caller.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "google/rpc/status.pb.h"

namespace chanyan::status {

using Reason = options::v1::ErrorReason;

// One thing wrong with a request: `field` is a path such as "project.parties[1].name", or a place
// in a file such as "海洋大学.xlsx / 季度报表 / C7".
struct Violation {
  std::string field;
  std::string description;
};

// INVALID_ARGUMENT with every violation (google.rpc.BadRequest). `violations` must not be empty.
absl::Status InvalidFields(std::vector<Violation> violations,
                           Reason reason = options::v1::ERROR_REASON_INVALID_FIELD);
// INVALID_ARGUMENT with one violation.
absl::Status InvalidField(absl::string_view field, absl::string_view description,
                          Reason reason = options::v1::ERROR_REASON_INVALID_FIELD);

absl::Status NotFound(absl::string_view resource_name);
absl::Status AlreadyExists(absl::string_view resource_name, absl::string_view message);
// FAILED_PRECONDITION: state or rule. `message` says what is needed instead.
absl::Status FailedPrecondition(Reason reason, absl::string_view message);
// The same with ERROR_REASON_WRONG_STATE.
absl::Status WrongState(absl::string_view message);
// ABORTED: the resource changed since the caller read it. `what` names what changed, where it is
// known.
absl::Status StaleEtag(absl::string_view resource_name, absl::string_view what = "");
// ABORTED: lost against another transaction; the same request may be repeated.
absl::Status Conflict(absl::string_view message);
absl::Status Unauthenticated(Reason reason, absl::string_view message);
absl::Status PermissionDenied(absl::string_view message,
                              Reason reason = options::v1::ERROR_REASON_ROLE_NOT_PERMITTED);
// RESOURCE_EXHAUSTED with google.rpc.RetryInfo.
absl::Status Overloaded(absl::string_view message, absl::Duration retry_after);
// UNAVAILABLE: repeat with the same request id.
absl::Status Unavailable(absl::string_view message);
absl::Status DeadlineExceeded(absl::string_view message);
// A fault of ours: `detail` is for the log only.
absl::Status Internal(absl::string_view detail);

// The reason an error carries, or UNSPECIFIED.
Reason ReasonOf(const absl::Status& status);
// The violations an error carries, in order.
std::vector<Violation> ViolationsOf(const absl::Status& status);

// Any message as a detail, one per type.
void SetDetail(absl::Status& status, const google::protobuf::Message& detail);
// False if the error does not carry one.
bool GetDetail(const absl::Status& status, google::protobuf::Message& detail);

// On the wire and back; Internal's text becomes a generic sentence on the way out.
google::rpc::Status ToProto(const absl::Status& status);
absl::Status FromProto(const google::rpc::Status& proto);

}  // namespace chanyan::status

// Returns from the enclosing function with the error, if there is one.
#define CHANYAN_RETURN_IF_ERROR(expr)                   \
  do {                                                  \
    if (absl::Status _status = (expr); !_status.ok()) { \
      return _status;                                   \
    }                                                   \
  } while (false)

#define CHANYAN_STATUS_CONCAT_INNER(a, b) a##b
#define CHANYAN_STATUS_CONCAT(a, b) CHANYAN_STATUS_CONCAT_INNER(a, b)
#define CHANYAN_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                                  \
  if (!tmp.ok()) {                                    \
    return tmp.status();                              \
  }                                                   \
  lhs = *std::move(tmp)
// `CHANYAN_ASSIGN_OR_RETURN(Project project, table.Get(...));`
#define CHANYAN_ASSIGN_OR_RETURN(lhs, expr) \
  CHANYAN_ASSIGN_OR_RETURN_IMPL(CHANYAN_STATUS_CONCAT(_statusor, __LINE__), lhs, expr)
