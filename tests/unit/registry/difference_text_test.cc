// What changed, in a cell of a sheet (REG-10).
#include "services/registry/difference_text.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"

namespace chanyan::registry {
namespace {

using Differences = google::protobuf::RepeatedPtrField<v1::FieldDifference>;

void AddOne(const std::string& label, const std::string& before, const std::string& after,
            Differences* differences) {
  v1::FieldDifference* one = differences->Add();
  one->set_label(label);
  one->set_before(before);
  one->set_after(after);
}

TEST(DifferenceTextTest, AFieldALineAndWhatIsNotSetIsSaid) {
  Differences differences;
  EXPECT_EQ(DifferencesText(differences), "");
  AddOne("平台介绍", "旧", "新", &differences);
  AddOne("面向产业", "", "海洋装备", &differences);
  AddOne("联系人", "王老师", "", &differences);
  EXPECT_EQ(DifferencesText(differences),
            "平台介绍：旧 → 新\n面向产业：（空） → 海洋装备\n联系人：王老师 → （空）");
}

TEST(DifferenceTextTest, ACellHoldsNoMoreThanAFileCan) {
  Differences differences;
  std::string text;
  for (int i = 0; i < 1990; ++i) text += "字";
  for (int i = 0; i < 20; ++i) AddOne("平台介绍", text, "x", &differences);
  const std::string cell = DifferencesText(differences);
  size_t characters = 0;
  for (const char c : cell) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  EXPECT_LT(characters, kMaxLinesChars + 10);
  EXPECT_GT(characters, kMaxLinesChars - 2100);
  EXPECT_TRUE(absl::EndsWith(cell, "→ x\n……"));
  // What is full stays so.
  std::string full = cell;
  EXPECT_FALSE(AddCellLine("短", &full));
  EXPECT_EQ(full, cell);
}

}  // namespace
}  // namespace chanyan::registry
