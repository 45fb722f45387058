// A service behind the gateway whose streams say what the test says, over real gRPC.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/wire.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace chanyan::gateway {

class FakeStreams final : public grpc::CallbackGenericService {
 public:
  // One stream, driven by the test.
  class Stream final : public grpc::ServerGenericBidiReactor {
   public:
    Stream(FakeStreams& streams, grpc::GenericCallbackServerContext& context)
        : context_(context), streams_(streams) {
      for (const auto& [key, value] : context.client_metadata()) {
        if (key == "authorization") authorization.assign(value.data(), value.size());
        if (key == "x-request-id") request_id_.assign(value.data(), value.size());
      }
      time_left = absl::FromChrono(context.deadline()) - absl::Now();
      StartRead(&request_);
    }

    void Accept() {
      context_.AddInitialMetadata("x-stream", "open");
      StartSendInitialMetadata();
    }
    // Waits until the one before was sent.
    void Send(const google::protobuf::Message& message) {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](bool* writing) { return !*writing; }, &writing_));
      event_.Clear();
      (void)rpc::Serialize(message, &event_);
      writing_ = true;
      StartWrite(&event_);
    }
    // False if the event is still not sent after `patience`: the other end takes no more.
    bool Sent(absl::Duration patience) {
      absl::MutexLock lock(&mutex_);
      return mutex_.AwaitWithTimeout(absl::Condition(
                                         +[](bool* writing) { return !*writing; }, &writing_),
                                     patience);
    }
    // Once; more often does nothing.
    void End(const absl::Status& status) {
      {
        absl::MutexLock lock(&mutex_);
        if (std::exchange(ended_, true)) return;
      }
      Finish(rpc::ToGrpc(status, request_id_));
    }
    bool AwaitCancelled(absl::Duration patience) {
      absl::MutexLock lock(&mutex_);
      return mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), patience);
    }
    template <class Message>
    Message Request() const {
      Message message;
      grpc::ByteBuffer copy(request_);
      (void)rpc::Parse(&copy, &message);
      return message;
    }

    std::string authorization;
    absl::Duration time_left;

   private:
    void OnReadDone(bool) override { streams_.Began(this); }
    void OnWriteDone(bool) override {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
    }
    void OnCancel() override {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
    }
    // The test may still ask: its streams live as long as the service.
    void OnDone() override {}

    grpc::GenericCallbackServerContext& context_;
    FakeStreams& streams_;
    std::string request_id_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer event_;
    absl::Mutex mutex_;
    bool writing_ ABSL_GUARDED_BY(mutex_) = false;
    bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
    bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  };

  // It takes so many calls on one connection; 0 = as many as come.
  explicit FakeStreams(int most_on_a_connection = 0) {
    grpc::ServerBuilder builder;
    if (most_on_a_connection > 0) {
      builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, most_on_a_connection);
    }
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeStreams() override {
    std::vector<Stream*> open;
    {
      absl::MutexLock lock(&mutex_);
      for (const auto& stream : owned_) open.push_back(stream.get());
    }
    for (Stream* stream : open) stream->End(absl::CancelledError(""));
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }
  int port() const { return port_; }
  // The n-th stream, once it has begun; the program ends if it does not.
  Stream& At(size_t number) {
    absl::MutexLock lock(&mutex_);
    wanted_ = number;
    const bool came = mutex_.AwaitWithTimeout(
        absl::Condition(
            +[](FakeStreams* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
              return self->begun_.size() > self->wanted_;
            },
            this),
        absl::Minutes(1));
    if (!came) {
      std::fprintf(stderr, "stream %zu has not begun\n", number);
      std::abort();
    }
    return *begun_[number];
  }
  size_t count() {
    absl::MutexLock lock(&mutex_);
    return begun_.size();
  }

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    absl::MutexLock lock(&mutex_);
    owned_.push_back(std::make_unique<Stream>(*this, *context));
    return owned_.back().get();
  }
  void Began(Stream* stream) {
    absl::MutexLock lock(&mutex_);
    begun_.push_back(stream);
  }

  absl::Mutex mutex_;
  size_t wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Stream>> owned_ ABSL_GUARDED_BY(mutex_);
  std::vector<Stream*> begun_ ABSL_GUARDED_BY(mutex_);
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace chanyan::gateway
