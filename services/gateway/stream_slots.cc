#include "services/gateway/stream_slots.h"

#include "absl/time/time.h"
#include "common/status/status.h"

namespace chanyan::gateway {

StreamSlots::StreamSlots(metrics::Registry& metrics)
    : open_(metrics.Gauges("chanyan_gateway_streams", "Streams that are open.")) {}

absl::StatusOr<std::shared_ptr<void>> StreamSlots::Take(const std::string& who) {
  {
    absl::MutexLock lock(&mutex_);
    int& of_one = of_[who];
    if (total_ >= kMaxStreams || of_one >= kMaxStreamsOfOne) {
      if (of_one == 0) of_.erase(who);
      return status::Overloaded("同时打开的实时连接过多，请关闭一些后重试",
                                absl::Milliseconds(kRetryMilliseconds));
    }
    ++of_one;
    ++total_;
  }
  open_.One().Increment();
  return std::shared_ptr<void>(
      this, [who](void* slots) { static_cast<StreamSlots*>(slots)->GiveBack(who); });
}

void StreamSlots::GiveBack(const std::string& who) {
  open_.One().Decrement();
  absl::MutexLock lock(&mutex_);
  --total_;
  const auto it = of_.find(who);
  if (it != of_.end() && --it->second == 0) of_.erase(it);
}

}  // namespace chanyan::gateway
