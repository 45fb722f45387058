#include "common/metrics/metrics.h"

#include <stdexcept>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, NameThatPrometheusCannotReadIsRefusedAtStart) {
  Registry registry;
  EXPECT_THROW(registry.Counters("not a name", "x"), std::invalid_argument);
}

TEST(MetricsTest, SeriesAppearWhenUsedWithTheirOwnLabels) {
  Registry registry;
  const Set<Counter> calls = registry.Counters(
      "calls_total", "Calls.", {{"method", {"Get", "List"}}, {"code", {"OK", "NOT_FOUND"}}});
  calls.At({0, 1}).Increment();
  calls.At({1, 0}).Increment();
  calls.At({1, 0}).Increment();
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("calls_total{code=\"NOT_FOUND\",method=\"Get\"} 1"));
  EXPECT_THAT(text, HasSubstr("calls_total{code=\"OK\",method=\"List\"} 2"));
  EXPECT_THAT(text, Not(HasSubstr("code=\"OK\",method=\"Get\"")));
}

TEST(MetricsTest, ThreadsThatAskForANewSeriesAtOnceGetTheSame) {
  Registry registry;
  const Set<Counter> calls = registry.Counters("calls_total", "Calls.");
  constexpr int kThreads = 8;
  constexpr int kEach = 1000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&calls] {
      for (int j = 0; j < kEach; ++j) calls.One().Increment();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls.One().Value(), kThreads * kEach);
}

TEST(MetricsTest, HistogramAndGaugeAreInTheText) {
  Registry registry;
  registry.Histograms("wait_seconds", "Wait.", {}, {0.1, 1}).One().Observe(0.5);
  registry.Gauges("open", "Open.").One().Set(3);
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"0.1\"} 0"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"1\"} 1"));
  EXPECT_THAT(text, HasSubstr("open 3"));
}

}  // namespace
}  // namespace chanyan::metrics
