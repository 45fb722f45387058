// The fuzz target's corpus has a token that is good, so that what is behind the checksum is reached
// from it. It is made here, the same each time.
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "common/db/page_token.h"
#include "gtest/gtest.h"

namespace chanyan::db {
namespace {

std::string InCorpus(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(CHANYAN_SOURCE "/tests/fuzz/corpus/page_token/" + file, std::ios::binary)
              .rdbuf();
  return text.str();
}

TEST(PageTokenCorpusTest, AGoodTokenAndAGoodEtagAreInIt) {
  // The target's own binding.
  const PageBinding binding{"organization", "", "", ""};
  const Values last = {
      std::string("演示单位"),       int64_t{7}, 0.5, Value(), absl::FromUnixMicros(1),
      std::string("organizations/a")};
  const std::string token = MakePageToken(binding, last);
  EXPECT_EQ(InCorpus("valid"), token);
  const auto read = ReadPageToken(binding, InCorpus("valid"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, last);

  const std::string etag = MakeEtag("organization", "organizations/a", 7);
  EXPECT_EQ(InCorpus("valid_etag"), etag);
  EXPECT_EQ(ReadEtag("organization", "organizations/a", InCorpus("valid_etag")), 7);
}

}  // namespace
}  // namespace chanyan::db
