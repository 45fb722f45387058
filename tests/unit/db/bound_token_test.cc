// Page tokens that are bound to an argument of their list's own.
#include "common/db/bound_token.h"

#include <gtest/gtest.h>

#include <string>

#include "common/db/page_token.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

using options::v1::ERROR_REASON_INVALID_PAGE_TOKEN;

bool IsRefused(absl::string_view token, absl::string_view argument) {
  return status::ReasonOf(UnbindPageToken(token, argument).status()) ==
         ERROR_REASON_INVALID_PAGE_TOKEN;
}

TEST(BoundTokenTest, ATokenIsOfTheArgumentItWasMadeUnder) {
  const PageBinding binding{"follow_up", "results/-", "", ""};
  const std::string own = MakePageToken(binding, {std::string("results/a/followUps/b")});
  const std::string bound = BindPageToken(own, "team = \"teams/a\"");
  EXPECT_NE(bound, own);
  EXPECT_EQ(*UnbindPageToken(bound, "team = \"teams/a\""), own);
  EXPECT_TRUE(IsRefused(bound, "team = \"teams/b\""));
  EXPECT_TRUE(IsRefused(bound, "team = \"teams/a\" "));
  // Without the argument it is no token of the table.
  EXPECT_FALSE(ReadPageToken(binding, *UnbindPageToken(bound, "")).ok());
  // And one without is none of a list with it.
  EXPECT_TRUE(IsRefused(own, "team = \"teams/a\""));
}

TEST(BoundTokenTest, TheFirstPageAndAListWithoutTheArgumentAreAsTheyWere) {
  EXPECT_EQ(BindPageToken("", "x"), "");
  EXPECT_EQ(*UnbindPageToken("", "x"), "");
  EXPECT_EQ(BindPageToken("abc", ""), "abc");
  EXPECT_EQ(*UnbindPageToken("abc", ""), "abc");
}

TEST(BoundTokenTest, WhatWasCutOrAlteredIsRefused) {
  const std::string bound = BindPageToken("abcdef", "x");
  for (size_t i = 0; i < bound.size(); ++i) {
    std::string altered = bound;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(IsRefused(altered, "x")) << i;
  }
  for (size_t i = 1; i < bound.size(); ++i) {
    EXPECT_TRUE(IsRefused(bound.substr(0, i), "x")) << i;
  }
  EXPECT_TRUE(IsRefused(".", "x"));
  EXPECT_TRUE(IsRefused(std::string(kMaxPageTokenLength + 1, 'a'), "x"));
}

}  // namespace
}  // namespace chanyan::db
