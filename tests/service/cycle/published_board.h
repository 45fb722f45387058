// A leaderboard with one entry, published.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/db/table.h"
#include "common/time/timestamp.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {

inline std::string BoardVersion(int number) {
  return absl::StrCat(kCycle, "/leaderboards/v", number);
}

inline void PublishBoard(World& world, int number, absl::Time time) {
  v1::Leaderboard board;
  board.set_name(BoardVersion(number));
  board.set_state(v1::LEADERBOARD_STATE_PUBLISHED);
  *board.mutable_publish_time() = time::ToTimestamp(time);
  v1::Board* one = board.add_boards();
  one->set_id("universities");
  one->set_title("高校贡献度榜");
  one->add_entries()->set_subject(kOuc);
  one->mutable_entries(0)->set_title("海洋大学（演示）");
  const db::Table<v1::Leaderboard> table;
  world.clock.now += absl::Seconds(1);
  const absl::Status put = world.database.db().Transact(
      [&](db::Session& session) { return table.Insert(session, world.clock.now, &board); });
  ASSERT_TRUE(put.ok()) << put;
}

}  // namespace chanyan::cycle
