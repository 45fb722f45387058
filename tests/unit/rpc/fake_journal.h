// A served JournalService whose answers the test decides, with a client that sees what is on the
// wire.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.grpc.pb.h"
#include "common/auth/authenticator.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/server.h"
#include "common/status/status.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace chanyan::rpc::testing {

using journal::v1::ListEntriesRequest;
using journal::v1::ListEntriesResponse;
using journal::v1::ListHistoryRequest;
using journal::v1::ListHistoryResponse;

// Tokens "auditor", "enterprise" and "new" (first password); nothing else.
class FakeAuthenticator final : public auth::Authenticator {
 public:
  absl::StatusOr<auth::Principal> Authenticate(absl::string_view bearer) override {
    auth::Principal principal;
    principal.account = absl::StrCat("accounts/", bearer);
    principal.organization = "organizations/test";
    if (bearer == "enterprise") {
      principal.roles = {options::v1::ROLE_ENTERPRISE};
    } else if (bearer == "auditor" || bearer == "new") {
      principal.roles = {options::v1::ROLE_AUDITOR};
      principal.password_change_required = bearer == "new";
    } else {
      return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN, "请重新登录");
    }
    return principal;
  }
};

// Writes its log into a pipe-like file that the test reads afterwards.
class LogFile {
 public:
  LogFile() : file_(std::tmpfile()) {}
  ~LogFile() { std::fclose(file_); }
  int fd() const { return fileno(file_); }
  std::string Text() const {
    std::string text;
    char buffer[4096];
    off_t offset = 0;
    for (ssize_t n; (n = pread(fd(), buffer, sizeof(buffer), offset)) > 0; offset += n) {
      text.append(buffer, static_cast<size_t>(n));
    }
    return text;
  }

 private:
  std::FILE* file_;
};

class FakeJournal {
 public:
  using Entries =
      std::function<absl::StatusOr<ListEntriesResponse>(const Call&, const ListEntriesRequest&)>;

  explicit FakeJournal(Entries entries, int workers = 2)
      : log_("test", log::Level::kInfo, log_file_.fd()),
        server_({"127.0.0.1:0", workers, 1}, {log_, metrics_, authenticator_}) {
    server_.Register(
        "chanyan.journal.v1.JournalService",
        {Unary<ListEntriesRequest, ListEntriesResponse>("ListEntries", std::move(entries)),
         Unary<ListHistoryRequest, ListHistoryResponse>(
             "ListHistory", [](const Call&, const ListHistoryRequest&) {
               return absl::StatusOr<ListHistoryResponse>(ListHistoryResponse());
             })});
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    channel_ = NewChannel();
    stub_ = journal::v1::JournalService::NewStub(channel_);
  }

  std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxReplyMetadataBytes);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(target(), grpc::InsecureChannelCredentials(), arguments);
  }
  std::string target() const { return absl::StrCat("127.0.0.1:", server_.port()); }

  // A call with a token ("" = none) and time, 0 = without deadline.
  grpc::Status List(absl::string_view token, grpc::ClientContext* context,
                    ListEntriesResponse* reply, absl::Duration timeout = absl::Seconds(5),
                    absl::string_view parent = "journals/test") {
    if (!token.empty()) context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
    if (timeout > absl::ZeroDuration()) {
      context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    }
    ListEntriesRequest request;
    request.set_parent(std::string(parent));
    return stub_->ListEntries(context, request, reply);
  }
  grpc::Status List(absl::string_view token, absl::Duration timeout = absl::Seconds(5),
                    absl::string_view parent = "journals/test") {
    grpc::ClientContext context;
    ListEntriesResponse reply;
    return List(token, &context, &reply, timeout, parent);
  }

  Server& server() { return server_; }
  std::string metrics() const { return metrics_.Text(); }
  std::string log() const { return log_file_.Text(); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  LogFile log_file_;
  log::Logger log_;
  metrics::Registry metrics_;
  FakeAuthenticator authenticator_;
  Server server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<journal::v1::JournalService::Stub> stub_;
};

inline absl::StatusOr<ListEntriesResponse> Empty(const Call&, const ListEntriesRequest&) {
  return ListEntriesResponse();
}

}  // namespace chanyan::rpc::testing
