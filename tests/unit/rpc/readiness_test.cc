#include "common/rpc/readiness.h"

#include <vector>

#include "gtest/gtest.h"

namespace chanyan::rpc {
namespace {

const log::Logger& Quiet() {
  static const log::Logger logger("test", log::Level::kError);
  return logger;
}

TEST(ReadinessTest, NotReadyBeforeTheFirstCheck) {
  const Readiness readiness(Quiet(), {}, [](bool) {});
  ASSERT_EQ(readiness.Failures().size(), 1u);
  EXPECT_EQ(readiness.Failures()[0].name, "starting");
}

TEST(ReadinessTest, EveryFailingCheckIsNamed) {
  std::vector<bool> changes;
  Readiness readiness(Quiet(),
                      {{"database", [] { return absl::UnavailableError("down"); }},
                       {"fine", [] { return absl::OkStatus(); }},
                       {"schema", [] { return absl::FailedPreconditionError("old"); }}},
                      [&changes](bool ready) { changes.push_back(ready); });
  readiness.Start();
  const auto failures = readiness.Failures();
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_EQ(failures[0].name, "database");
  EXPECT_EQ(failures[1].text, "old");
  EXPECT_TRUE(changes.empty());
}

TEST(ReadinessTest, DrainingIsNotReadyForGood) {
  std::vector<bool> changes;
  Readiness readiness(Quiet(), {{"fine", [] { return absl::OkStatus(); }}},
                      [&changes](bool ready) { changes.push_back(ready); });
  readiness.Start();
  EXPECT_TRUE(readiness.Failures().empty());
  readiness.Drain();
  ASSERT_EQ(readiness.Failures().size(), 1u);
  EXPECT_EQ(readiness.Failures()[0].name, "draining");
  EXPECT_EQ(changes, (std::vector<bool>{true, false}));
}

}  // namespace
}  // namespace chanyan::rpc
