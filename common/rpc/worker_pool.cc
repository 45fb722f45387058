#include "common/rpc/worker_pool.h"

#include <pthread.h>
#include <sched.h>

#include "absl/time/clock.h"

namespace chanyan::rpc {

WorkerPool::WorkerPool(int threads, size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    ready_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::TrySubmit(Job* job) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= queue_limit_) return false;
  // An empty queue stood still for no one.
  if (queue_.empty()) moved_ = absl::Now();
  queue_.push_back(job);
  if (idle_ > 0) ready_.Signal();
  return true;
}

absl::Duration WorkerPool::Stalled() const {
  absl::MutexLock lock(&mutex_);
  return queue_.empty() ? absl::ZeroDuration() : absl::Now() - moved_;
}

void WorkerPool::Work() {
  // Woken without driving away who woke it: the connection's thread hands over what else has come
  // before it gives up its processor, and calls that meet are answered together. A kernel that
  // refuses loses nothing but that.
  const sched_param plain = {};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &plain);
  while (true) {
    Job* job = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      while (queue_.empty() && !stopping_) {
        ++idle_;
        ready_.Wait(&mutex_);
        --idle_;
      }
      if (queue_.empty()) return;
      job = queue_.front();
      queue_.pop_front();
      if (!queue_.empty()) moved_ = absl::Now();
    }
    job->Run();
  }
}

}  // namespace chanyan::rpc
