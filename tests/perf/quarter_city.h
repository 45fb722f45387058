// A city in the tables of registry and pairing, its quarter as the cycle's users call it, and who
// reads meanwhile: what the measurements of a quarter share.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.grpc.pb.h"
#include "chanyan/cycle/v1/work.grpc.pb.h"
#include "chanyan/operation/v1/operation.grpc.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/names.h"
#include "common/db/database.h"
#include "google/protobuf/timestamp.pb.h"
#include "grpcpp/grpcpp.h"
#include "tests/perf/clients.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {

inline constexpr char kCycleSchema[] = "chanyan_cycle";
inline constexpr char kSecretariat[] = "organizations/secretariat";
inline constexpr int kUnits = 40;
// Who reads meanwhile, and how often an operation is asked how far it is.
inline constexpr int kReaders = 4;
inline constexpr absl::Duration kPoll = absl::Milliseconds(50);

std::string Unit(int number);
std::unique_ptr<db::Database> OpenSchema(const Options& options, absl::string_view schema);
// Writes 60 universities, 2,000 platforms, 40 units, `options.enterprises` enterprises and their
// projects where they are not there.
void EnsureCity(const Options& options);

// How often who asks for long signs a new token: well before one ends (auth::kTokenLifetime).
inline constexpr absl::Duration kTokenRenewal = absl::Minutes(1);

// Times of reads in milliseconds, taken by several readers for the secretariat until told to stop,
// however long that is.
class Readers {
 public:
  // `options` must outlive it.
  Readers(const Options& options, std::string form) : options_(options), form_(std::move(form)) {
    for (int i = 0; i < kReaders; ++i) {
      threads_.emplace_back([this, channel = OwnChannel(options, "cycle")] {
        const auto stub = cycle::v1::CycleService::NewStub(channel);
        std::vector<double> mine;
        std::string token;
        absl::Time renewal = absl::InfinitePast();
        while (!stop_) {
          if (absl::Now() > renewal) {
            token = TokenOf(options_, options::v1::ROLE_SECRETARIAT, kSecretariat);
            renewal = absl::Now() + kTokenRenewal;
          }
          const Stopwatch watch;
          grpc::ClientContext context;
          context.AddMetadata("authorization", "Bearer " + token);
          context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
          cycle::v1::GetFormRequest request;
          request.set_name(form_);
          cycle::v1::Form reply;
          const grpc::Status status = stub->GetForm(&context, request, &reply);
          if (!status.ok()) Die(absl::StrCat("GetForm: ", status.error_message()));
          mine.push_back(watch.Seconds() * 1000);
        }
        absl::MutexLock lock(&mutex_);
        times_.insert(times_.end(), mine.begin(), mine.end());
      });
    }
  }
  // The 99th of 100.
  double Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    absl::MutexLock lock(&mutex_);
    std::sort(times_.begin(), times_.end());
    if (times_.empty()) Die("nobody read anything");
    return times_[static_cast<size_t>(std::floor(0.99 * static_cast<double>(times_.size() - 1)))];
  }

 private:
  const Options& options_;
  const std::string form_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
  absl::Mutex mutex_;
  std::vector<double> times_ ABSL_GUARDED_BY(mutex_);
};

// The cycle as its users call it.
class Cycle {
 public:
  explicit Cycle(const Options& options)
      : options_(options),
        channel_(OwnChannel(options, "cycle")),
        cycles_(cycle::v1::CycleService::NewStub(channel_)),
        works_(cycle::v1::CycleWorkService::NewStub(channel_)),
        operations_(operation::v1::OperationService::NewStub(channel_)) {}

  std::string TokenFor(options::v1::Role role, const std::string& organization) const {
    return TokenOf(options_, role, organization);
  }
  std::string Secretariat() const { return TokenFor(options::v1::ROLE_SECRETARIAT, kSecretariat); }

  template <class Stub, class Method, class Request, class Reply>
  void Call(const std::unique_ptr<Stub>& stub, Method method, const std::string& token,
            const Request& request, Reply* reply) const {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    const grpc::Status status = ((*stub).*method)(&context, request, reply);
    if (!status.ok()) Die(absl::StrCat("cycle: ", status.error_message()));
  }
  // Waits until the operation is done.
  template <class Method, class Request>
  void Do(Method begin, options::v1::Role role, const std::string& organization,
          Request request) const {
    request.set_request_id(api::NewUuid());
    operation::v1::Operation operation;
    Call(works_, begin, TokenFor(role, organization), request, &operation);
    operation::v1::GetOperationRequest get;
    get.set_name(operation.name());
    const absl::Time give_up = absl::Now() + absl::Minutes(20);
    while (operation.end_time().seconds() == 0) {
      if (absl::Now() > give_up) Die("an operation does not end");
      absl::SleepFor(kPoll);
      // A token of its own each time: the work of a city takes longer than one lasts.
      Call(operations_, &operation::v1::OperationService::Stub::GetOperation,
           TokenFor(role, organization), get, &operation);
    }
    if (operation.state() != operation::v1::OPERATION_STATE_DONE) {
      Die(absl::StrCat(operation.method(), ": ", operation.error().message()));
    }
  }

  const Options& options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<cycle::v1::CycleService::Stub> cycles_;
  const std::unique_ptr<cycle::v1::CycleWorkService::Stub> works_;
  const std::unique_ptr<operation::v1::OperationService::Stub> operations_;
};

// Of the rehearsal: its quarter's first morning, and its n-th day.
google::protobuf::Timestamp DayOf(const std::string& quarter, int day);
int64_t Count(db::Database& db, const std::string& sql, const std::string& value);
// The first quarter that no run has opened; opens it.
std::string OpenNext(const Cycle& cycle, db::Database& db);
// The last quarter that has rows; empty if there is none.
std::string LastOpened(db::Database& db);
// A form of the quarter, to read.
std::string FormOf(const std::string& cycle_name);
// Nothing if it is later already: one who measured before was there.
void AdvanceTo(const Cycle& cycle, const std::string& name, int day);

// Most memory that the cycle's process has had since it was told to forget what it had before, in
// MiB.
void ForgetPeak(const Options& options);
double PeakOfCycleMib(const Options& options);

// With how long four readers waited meanwhile, and what memory the process had.
Figures WithReads(const Options& options, Figures figures, double before, double meanwhile);

}  // namespace chanyan::perf
