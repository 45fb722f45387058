#include "common/metrics/metrics.h"

#include <map>
#include <utility>

#include "prometheus/text_serializer.h"

namespace chanyan::metrics {
namespace {

size_t Cells(const std::vector<Label>& labels) {
  size_t cells = 1;
  for (const Label& label : labels) cells *= label.values.size();
  return cells;
}

std::map<std::string, std::string> Values(const std::vector<Label>& labels,
                                          std::initializer_list<size_t> index) {
  std::map<std::string, std::string> values;
  auto label = labels.begin();
  for (const size_t position : index) {
    values[label->name] = label->values.at(position);
    ++label;
  }
  return values;
}

}  // namespace

std::vector<double> LatencyBuckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

Registry::Registry() = default;
Registry::~Registry() = default;

Set<Counter> Registry::Counters(const std::string& name, const std::string& help,
                                std::vector<Label> labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  auto core = std::make_shared<Set<Counter>::Core>();
  core->cells = std::vector<std::atomic<Counter*>>(Cells(labels));
  core->labels = std::move(labels);
  core->make = [&family, raw = core.get()](std::initializer_list<size_t> index) {
    return &family.Add(Values(raw->labels, index));
  };
  return Set<Counter>(std::move(core));
}

Set<Gauge> Registry::Gauges(const std::string& name, const std::string& help,
                            std::vector<Label> labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
  auto core = std::make_shared<Set<Gauge>::Core>();
  core->cells = std::vector<std::atomic<Gauge*>>(Cells(labels));
  core->labels = std::move(labels);
  core->make = [&family, raw = core.get()](std::initializer_list<size_t> index) {
    return &family.Add(Values(raw->labels, index));
  };
  return Set<Gauge>(std::move(core));
}

Set<Histogram> Registry::Histograms(const std::string& name, const std::string& help,
                                    std::vector<Label> labels, std::vector<double> buckets) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(registry_);
  auto core = std::make_shared<Set<Histogram>::Core>();
  core->cells = std::vector<std::atomic<Histogram*>>(Cells(labels));
  core->labels = std::move(labels);
  core->make = [&family, buckets = std::move(buckets),
                raw = core.get()](std::initializer_list<size_t> index) {
    return &family.Add(Values(raw->labels, index), buckets);
  };
  return Set<Histogram>(std::move(core));
}

std::string Registry::Text() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace chanyan::metrics
