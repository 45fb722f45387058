#include "common/api/text.h"

#include <string>

#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

TEST(Utf8Test, MalformedTextIsFoundWhereverItStands) {
  for (absl::string_view bad :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe4\xba", "\xff"}) {
    // Eight bytes are looked at together: each place within them.
    for (size_t before = 0; before <= 9; ++before) {
      for (absl::string_view after : {"", "b", "产研 ✓ 𠮷 and more"}) {
        const std::string text = std::string(before, 'a') + std::string(bad) + std::string(after);
        EXPECT_FALSE(IsValidUtf8(text)) << testing::PrintToString(text);
      }
    }
  }
}

TEST(Utf8Test, WellFormedTextPasses) {
  for (absl::string_view good : {"", "abc", "eight by", "产研 ✓ 𠮷", "\xf0\x9f\x98\x80",
                                 "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf", "long enough, then 产研"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
}

TEST(Utf8Test, OnlyTheLastCharacterMayBeCut) {
  EXPECT_TRUE(IsValidUtf8("产\xE7\xA0", /*may_be_cut=*/true));
  EXPECT_FALSE(IsValidUtf8("产\xE7\xA0"));
  EXPECT_FALSE(IsValidUtf8("\xE7\xA0产", /*may_be_cut=*/true));
}

}  // namespace
}  // namespace chanyan::api
