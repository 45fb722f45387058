// A service behind the gateway that answers as a test says, over real gRPC.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/wire.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace chanyan::gateway {

class FakeBackend final : public grpc::CallbackGenericService {
 public:
  struct Call {
    std::string method;
    std::map<std::string, std::string> metadata;
    grpc::ByteBuffer request;
    absl::Duration time_left;

    template <class Message>
    Message As() const {
      Message message;
      grpc::ByteBuffer copy(request);
      EXPECT_TRUE(rpc::Parse(&copy, &message).ok());
      return message;
    }
  };
  // Fills the reply, or says why not.
  using Handler = std::function<absl::Status(const Call&, grpc::ByteBuffer* reply)>;

  FakeBackend() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(rpc::kMaxMessageBytes);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeBackend() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }

  void On(const std::string& method, Handler handler) {
    absl::MutexLock lock(&mutex_);
    handlers_[method] = std::move(handler);
  }
  // Answers with a message.
  void Answer(const std::string& method, const google::protobuf::Message& reply) {
    std::shared_ptr<google::protobuf::Message> copy(reply.New());
    copy->CopyFrom(reply);
    On(method, [copy](const Call&, grpc::ByteBuffer* out) { return rpc::Serialize(*copy, out); });
  }
  std::vector<Call> calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(FakeBackend& backend, grpc::GenericCallbackServerContext& context)
        : backend_(backend), context_(context) {
      StartRead(&call_.request);
    }

   private:
    void OnReadDone(bool ok) override {
      call_.method = context_.method();
      call_.time_left = absl::FromChrono(context_.deadline()) - absl::Now();
      for (const auto& [key, value] : context_.client_metadata()) {
        call_.metadata[std::string(key.data(), key.size())] =
            std::string(value.data(), value.size());
      }
      const absl::Status status = backend_.Handle(call_, &reply_);
      if (!status.ok()) return Finish(rpc::ToGrpc(status, "backend"));
      StartWriteAndFinish(&reply_, grpc::WriteOptions(), grpc::Status::OK);
    }
    void OnDone() override { delete this; }

    FakeBackend& backend_;
    grpc::GenericCallbackServerContext& context_;
    Call call_;
    grpc::ByteBuffer reply_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(*this, *context);
  }

  absl::Status Handle(const Call& call, grpc::ByteBuffer* reply) {
    Handler handler;
    {
      absl::MutexLock lock(&mutex_);
      calls_.push_back(call);
      const std::string name = call.method.substr(call.method.rfind('/') + 1);
      const auto it = handlers_.find(name);
      if (it == handlers_.end()) return absl::UnimplementedError("no handler for " + call.method);
      handler = it->second;
    }
    return handler(call, reply);
  }

  mutable absl::Mutex mutex_;
  std::map<std::string, Handler> handlers_ ABSL_GUARDED_BY(mutex_);
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace chanyan::gateway
