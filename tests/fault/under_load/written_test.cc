// Every RPC that changes something is written by a drill, or named with the reason why not (GW-3,
// OPS-5): a new one is in neither, and this says so without running any.
#include "tests/fault/under_load/written.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace chanyan::fault {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;

std::set<std::string> AllWritten() {
  std::vector<std::string> astray;
  std::set<std::string> written = RpcsOfCourses(&astray);
  written.insert(RpcsOfClients().begin(), RpcsOfClients().end());
  written.insert(RpcsOfConsortia().begin(), RpcsOfConsortia().end());
  return written;
}

TEST(WrittenTest, EveryActOfACourseReachesAnRpcThatChangesSomething) {
  std::vector<std::string> astray;
  const std::set<std::string> rpcs = RpcsOfCourses(&astray);
  EXPECT_THAT(astray, IsEmpty());
  EXPECT_THAT(rpcs, IsSubsetOf(MutatingRpcs()));
  // By a path, by a record's name and by what a list goes on in.
  for (const char* one :
       {"chanyan.cycle.v1.CycleService.OpenCycle", "chanyan.cycle.v1.EventService.HoldEvent",
        "chanyan.cycle.v1.TraceService.DisputeRow",
        "chanyan.pairing.v1.CooperationService.ConfirmFollowUp"}) {
    EXPECT_THAT(rpcs, Contains(one));
  }
}

TEST(WrittenTest, EveryRpcThatChangesSomethingIsInADrillOrNamedWithItsReason) {
  const std::set<std::string> written = AllWritten();
  const std::set<std::string> all = MutatingRpcs();
  ASSERT_GT(all.size(), 100u) << "no services are linked";
  for (const std::string& rpc : all) {
    const char* reason = UnwrittenReason(rpc);
    if (written.contains(rpc)) {
      EXPECT_EQ(reason, nullptr) << rpc << " is written by a drill: take it out of unwritten.cc";
    } else {
      EXPECT_NE(reason, nullptr)
          << rpc << " is in no drill: write it in a course (courses_*.cc), or say in unwritten.cc "
          << "why not";
    }
  }
}

TEST(WrittenTest, WhatIsNamedIsThereAndNamedOnce) {
  const std::set<std::string> all = MutatingRpcs();
  std::set<std::string> seen;
  for (const std::string& rpc : AllUnwritten()) {
    EXPECT_TRUE(all.contains(rpc)) << rpc << " is no RPC that changes something";
    EXPECT_TRUE(seen.insert(rpc).second) << rpc << " is named twice";
  }
  EXPECT_THAT(RpcsOfClients(), IsSubsetOf(all));
  EXPECT_THAT(RpcsOfConsortia(), IsSubsetOf(all));
}

}  // namespace
}  // namespace chanyan::fault
