#include "tools/demo/tsv.h"

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace chanyan::demo {
namespace {

std::string WrongPlace(absl::string_view text) {
  const auto table = Tsv::Parse(text, "t.tsv", {"a", "b"});
  if (table.ok()) return "";
  return status::ViolationsOf(table.status()).at(0).field;
}

TEST(TsvTest, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(WrongPlace("# c\na\tb\n1\t2\n3\n"), "t.tsv:4");
  EXPECT_EQ(WrongPlace("a\tb\n1\t\xff\n"), "t.tsv:2");
  EXPECT_EQ(WrongPlace("a\tc\n1\t2\n"), "t.tsv");
  EXPECT_EQ(WrongPlace(""), "t.tsv");
}

TEST(TsvTest, ReadsCellsListsAndEmptyCells) {
  const auto table = Tsv::Parse("# comment\nb\ta\n\n乙、丙\t\n", "t.tsv", {"a", "b"});
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->size(), 1u);
  EXPECT_EQ(table->Get(0, "a"), "");
  EXPECT_EQ(table->List(0, "b"), (std::vector<std::string>{"乙", "丙"}));
  EXPECT_TRUE(table->List(0, "a").empty());
  EXPECT_EQ(table->Place(0), "t.tsv:4");
}

TEST(TsvTest, ALineHoldsNoTabOrBreakOfACell) { EXPECT_EQ(TsvLine({"a\tb", "c\nd"}), "a b\tc d\n"); }

}  // namespace
}  // namespace chanyan::demo
