// Calls of one method that are answered together: what comes while others are being answered waits
// for the next round, and the round takes all of it. Nobody waits for company.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/worker_pool.h"
#include "google/protobuf/message.h"

namespace chanyan::rpc {

// Calls of one round.
inline constexpr size_t kMostTogether = 64;

// Thread-safe.
class Gathering final : private WorkerPool::Job {
 public:
  // A call that can wait here.
  class Member {
   public:
    // It leaves the queue.
    virtual Waiting Leave() = 0;
    // The last that is heard of it.
    virtual void End(absl::Status status) = 0;
    // Or this: it must ask the handler itself, on a worker of its own.
    virtual void GoAlone(std::unique_ptr<google::protobuf::Message> request) = 0;

   protected:
    ~Member() = default;
  };

  // At most `rounds` at a time, of workers of `pool`; more than `limit` calls do not wait.
  Gathering(const ServedMethod& method, const Pipeline& pipeline, WorkerPool& pool, int rounds,
            size_t limit);

  // False if there is no room; the call was not taken.
  bool TryAdd(Member* member);

  // As WorkerPool's.
  absl::Duration Stalled() const;

 private:
  void Run() override;
  // Some of the calls that wait; the round ends with the last.
  std::vector<Member*> Next();

  const ServedMethod& method_;
  const Pipeline& pipeline_;
  WorkerPool& pool_;
  const int rounds_;
  const size_t limit_;
  mutable absl::Mutex mutex_;
  std::vector<Member*> waiting_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time moved_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::rpc
