#include "common/log/log.h"

#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace chanyan::log {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Escaped(absl::string_view text) {
  std::string out;
  AppendEscaped(text, &out);
  return out;
}

TEST(LogTest, NothingInAValueCanBreakOrDisguiseTheLine) {
  const struct {
    absl::string_view text;
    absl::string_view shown;
  } kCases[] = {
      {"产研", "产研"},
      {"a\nb", "a\\nb"},
      {"a\r\x1b[31m", "a\\u000d\\u001b[31m"},
      {"\"quoted\\\"", "\\\"quoted\\\\\\\""},
      {"abc\xe2\x80\xae"
       "def",
       "abc\\u202edef"},
      {"zero\xe2\x80\x8bwidth", "zero\\u200bwidth"},
      {"\xc2\x85", "\\u0085"},
      {"\xef\xbb\xbf", "\\ufeff"},
      {absl::string_view("\0", 1), "\\u0000"},
      {"bad\xff", "bad\\ufffd"},
      {"cut\xe4\xba", "cut\\ufffd\\ufffd"},
      {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
  };
  for (const auto& [text, shown] : kCases) EXPECT_EQ(Escaped(text), shown);
}

TEST(LogTest, LineIsOneJsonObject) {
  const std::string line =
      FormatLine(absl::FromUnixMicros(1700000000000042), Level::kWarning, "pairing", "rpc",
                 {{"code", "OK"},
                  {"ms", 1.5},
                  {"entries", int64_t{-3}},
                  {"replayed", true},
                  {"ratio", std::nan("")}});
  EXPECT_EQ(line,
            "{\"time\":\"2023-11-14T22:13:20.000042Z\",\"level\":\"WARNING\","
            "\"service\":\"pairing\",\"message\":\"rpc\",\"code\":\"OK\",\"ms\":1.5,"
            "\"entries\":-3,\"replayed\":true,\"ratio\":null}");
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &parsed).ok());
}

TEST(LogTest, LongValueIsCutAtACharacter) {
  std::string text;
  while (text.size() <= kMaxValueBytes) text += "产";
  const std::string line =
      FormatLine(absl::UnixEpoch(), Level::kInfo, "test", "x", {{"text", text}});
  EXPECT_THAT(line, HasSubstr("产…\""));
  EXPECT_THAT(line, Not(HasSubstr("\\ufffd")));
}

TEST(LogTest, LevelsAreReadByName) {
  EXPECT_EQ(ParseLevel("debug"), Level::kDebug);
  EXPECT_EQ(ParseLevel("error"), Level::kError);
  EXPECT_EQ(ParseLevel("INFO"), std::nullopt);
  EXPECT_EQ(ParseLevel(""), std::nullopt);
}

TEST(LogTest, LinesBelowTheLeastLevelAreNotWritten) {
  std::FILE* file = std::tmpfile();
  const Logger logger("test", Level::kWarning, fileno(file));
  logger.Info("not this");
  logger.Error("this", {{"n", 1}});
  std::rewind(file);
  char line[512] = {};
  ASSERT_NE(std::fgets(line, sizeof(line), file), nullptr);
  EXPECT_THAT(line, HasSubstr("\"message\":\"this\",\"n\":1}\n"));
  EXPECT_EQ(std::fgets(line, sizeof(line), file), nullptr);
  std::fclose(file);
}

}  // namespace
}  // namespace chanyan::log
