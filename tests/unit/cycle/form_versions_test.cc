// What is kept of a form that is submitted: what its rows say, and nothing of who holds them.
#include "services/cycle/form_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "google/protobuf/util/message_differencer.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;

TEST(FormVersionsTest, RowsReadBackAsTheySayAndInTheOrderOfTheirNames) {
  v1::Row full = FullRow();
  full.set_title("换行\n“引号”\\ 与  ");
  v1::Row other = RowOf(1, 1, 1, v1::ROW_CATEGORY_INTENT);
  const std::string text = CanonicalRows({full, other});
  EXPECT_EQ(CanonicalRows({other, full}), text);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const auto rows = ReadCanonicalRows(text);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_TRUE(MessageDifferencer::Equals((*rows)[0], other));
  full.clear_return_reason();
  EXPECT_TRUE(MessageDifferencer::Equals((*rows)[1], full)) << (*rows)[1].DebugString();
}

TEST(FormVersionsTest, CustodyAndTimesAreNotWhatARowSays) {
  const v1::Row row = FullRow();
  v1::Row moved = row;
  moved.set_holder("organizations/zone");
  moved.set_in_transit("cycles/2025q2/handovers/1");
  moved.set_distributed(true);
  moved.set_delivered(true);
  moved.set_released(true);
  moved.set_confirmed(true);
  moved.set_sent_back(true);
  moved.set_return_reason("另一原因");
  moved.set_etag("7");
  moved.mutable_update_time()->set_seconds(5);
  EXPECT_EQ(CanonicalRows({moved}), CanonicalRows({row}));
  moved.set_progress("别的进展");
  EXPECT_NE(CanonicalRows({moved}), CanonicalRows({row}));
}

TEST(FormVersionsTest, WhatIsNoRowIsRefused) {
  EXPECT_TRUE(absl::IsInternal(ReadCanonicalRows("{\"name\": 5}\n").status()));
}

}  // namespace
}  // namespace chanyan::cycle
