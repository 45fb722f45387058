// Numbers for Prometheus. Label values come from closed sets that are given when a metric is made,
// so nothing a caller sends can become a label.
//
//   Set<Counter> shed = registry.Counters("chanyan_rpc_shed_total", "Calls refused before work.",
//                                         {{"reason", {"queue_full", "queue_wait"}}});
//   shed.At({0}).Increment();
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace chanyan::metrics {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

// A label and all values it can ever have.
struct Label {
  std::string name;
  std::vector<std::string> values;
};

// Seconds, for calls that take half a millisecond to half a minute.
std::vector<double> LatencyBuckets();

// One metric with its labels. Thread-safe; lives as long as the registry.
template <class T>
class Set {
 public:
  // `index` has one position for each label, in order. A series appears in the output when it is
  // first asked for.
  T& At(std::initializer_list<size_t> index) const {
    size_t cell = 0;
    auto label = core_->labels.begin();
    for (const size_t position : index) cell = cell * (label++)->values.size() + position;
    std::atomic<T*>& slot = core_->cells[cell];
    T* metric = slot.load(std::memory_order_acquire);
    if (metric == nullptr) {
      // Racing threads get the same metric: the family knows its labels.
      metric = core_->make(index);
      slot.store(metric, std::memory_order_release);
    }
    return *metric;
  }
  T& One() const { return At({}); }

 private:
  friend class Registry;
  struct Core {
    std::vector<Label> labels;
    std::vector<std::atomic<T*>> cells;
    std::function<T*(std::initializer_list<size_t>)> make;
  };
  explicit Set(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  std::shared_ptr<Core> core_;
};

// All metrics of a process (or of a test). Thread-safe. Names and labels are ours: a wrong one is a
// fault of the program and throws at start.
class Registry {
 public:
  Registry();
  ~Registry();

  Set<Counter> Counters(const std::string& name, const std::string& help,
                        std::vector<Label> labels = {});
  Set<Gauge> Gauges(const std::string& name, const std::string& help,
                    std::vector<Label> labels = {});
  Set<Histogram> Histograms(const std::string& name, const std::string& help,
                            std::vector<Label> labels = {},
                            std::vector<double> buckets = LatencyBuckets());

  // Exposition format 0.0.4.
  std::string Text() const;

 private:
  prometheus::Registry registry_;
};

// Content type of Text().
inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace chanyan::metrics
