#include "common/rpc/client_token_source.h"

#include <utility>

#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/names.h"
#include "common/rpc/trace.h"
#include "common/status/status.h"

namespace chanyan::rpc {

ClientTokenSource::ClientTokenSource(Peers& peers, const time::Clock& clock, std::string client,
                                     std::string secret)
    : peers_(peers), clock_(clock), client_(std::move(client)), secret_(std::move(secret)) {}

absl::StatusOr<std::string> ClientTokenSource::Token(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = clock_.Now();
  if (now < expires_ - kTokenRenewal) return token_;
  const absl::Status fetched = Fetch(deadline);
  if (!fetched.ok() && now >= expires_) return fetched;
  return token_;
}

absl::Status ClientTokenSource::Fetch(absl::Time deadline) {
  identity::v1::IssueTokenRequest request;
  request.set_api_client(client_);
  request.set_secret(secret_);
  Caller caller;
  caller.request_id = api::NewUuid();
  caller.traceparent = ContinueTrace("");
  caller.deadline = deadline;
  CHANYAN_ASSIGN_OR_RETURN(
      const identity::v1::TokenResponse reply,
      CallPeer<identity::v1::TokenResponse>(
          peers_, "identity", "chanyan.identity.v1.IdentityService.IssueToken", request, caller));
  token_ = reply.access_token();
  expires_ = absl::FromUnixSeconds(reply.expire_time().seconds());
  return absl::OkStatus();
}

}  // namespace chanyan::rpc
