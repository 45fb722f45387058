// Who has how many streams, over HTTP and gRPC together.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/metrics/metrics.h"

namespace chanyan::gateway {

// Streams of all clients at once, and of one credential or, without one, of one address.
inline constexpr int kMaxStreams = 512;
inline constexpr int kMaxStreamsOfOne = 16;
// How soon one comes again after a stream has ended or was refused.
inline constexpr int kRetryMilliseconds = 2000;

// Thread-safe; outlives its slots.
class StreamSlots {
 public:
  explicit StreamSlots(metrics::Registry& metrics);
  // One stream's place, given back when the pointer is gone; RESOURCE_EXHAUSTED if there is none
  // left.
  absl::StatusOr<std::shared_ptr<void>> Take(const std::string& who);

 private:
  void GiveBack(const std::string& who);

  const metrics::Set<metrics::Gauge> open_;
  absl::Mutex mutex_;
  int total_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int> of_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::gateway
