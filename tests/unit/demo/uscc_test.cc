#include "tools/demo/uscc.h"

#include <set>

#include "common/api/text.h"
#include "gtest/gtest.h"

namespace chanyan::demo {
namespace {

TEST(UsccTest, CheckCharactersOfKnownCodes) {
  for (const absl::string_view code :
       {"91350100M000100Y43", "91370200264574251E", "91110000802100433B", "914403001922038216"}) {
    EXPECT_EQ(UsccCheck(code.substr(0, 17)), code[17]) << code;
    EXPECT_EQ(OrganizationCheck(code.substr(8, 8)), code[16]) << code;
  }
}

TEST(UsccTest, InventedCodesAreWellFormedDifferentAndRecognisable) {
  std::set<std::string> seen;
  for (uint64_t number = 0; number < 20'000; number += 7) {
    const std::string code = InventedUscc("370211", number);
    EXPECT_EQ(api::CheckFormat(options::v1::FORMAT_USCC, code), "") << code;
    EXPECT_EQ(code.substr(2, 6), "370211");
    EXPECT_EQ(code.substr(8, 2), kInventedPrefix);
    EXPECT_TRUE(seen.insert(code).second) << code;
  }
}

}  // namespace
}  // namespace chanyan::demo
