// A fixed number of threads behind a queue of fixed length. What does not fit is refused at once:
// the refusal is the back pressure.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace chanyan::rpc {

// Thread-safe.
class WorkerPool {
 public:
  // A piece of work; owned by nobody here, so that a call can be its own job.
  class Job {
   public:
    virtual void Run() = 0;

   protected:
    ~Job() = default;
  };

  WorkerPool(int threads, size_t queue_limit);
  // Runs what is queued, then ends the threads.
  ~WorkerPool();

  // False if the queue is full; the job was not taken.
  bool TrySubmit(Job* job);

  // How long the queue has stood still with work in it; zero if it is empty. A large value means
  // that all workers hang.
  absl::Duration Stalled() const;

 private:
  void Work();

  const size_t queue_limit_;
  mutable absl::Mutex mutex_;
  absl::CondVar ready_;
  std::deque<Job*> queue_ ABSL_GUARDED_BY(mutex_);
  int idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time moved_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace chanyan::rpc
