#include "services/cycle/package_archive.h"

#include <algorithm>

#include <zlib.h>

#include "common/api/digest.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

PackageHead Head() {
  return {.cycle = "cycles/2025q2",
          .rehearsal = false,
          .unit = "organizations/z0",
          .enterprise = "organizations/e3",
          .enterprise_title = "青岛\"甲/乙\"有限公司",
          .unified_social_credit_code = "91370211MA3C4EXA0X",
          .packed_at = absl::FromUnixSeconds(1'745'366'400)};
}

const UniversityTitles& Titles() {
  static const auto* const titles = new UniversityTitles{{"organizations/u1", "中国海洋大学"},
                                                         {"organizations/u2", "山东科技大学"}};
  return *titles;
}

std::vector<v1::Row> Rows() {
  return {RowOf(2, 1, 3, v1::ROW_CATEGORY_NEW), RowOf(1, 2, 3, v1::ROW_CATEGORY_NEW),
          RowOf(1, 1, 3, v1::ROW_CATEGORY_ONGOING)};
}

uint32_t Number(absl::string_view bytes, size_t at, int width) {
  uint32_t value = 0;
  for (int i = width - 1; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)]);
  }
  return value;
}

// Names and bytes of an archive's entries in order, by walking its local headers.
std::vector<std::pair<std::string, std::string>> Entries(absl::string_view zip) {
  std::vector<std::pair<std::string, std::string>> entries;
  size_t at = 0;
  while (zip.substr(at, 4) == absl::string_view("PK\3\4", 4)) {
    const uint32_t method = Number(zip, at + 8, 2);
    const uint32_t packed = Number(zip, at + 18, 4);
    const uint32_t size = Number(zip, at + 22, 4);
    const uint32_t name = Number(zip, at + 26, 2);
    const absl::string_view data = zip.substr(at + 30 + name, packed);
    std::string bytes(data);
    if (method == 8) {
      bytes.assign(size, '\0');
      z_stream stream = {};
      EXPECT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
      stream.avail_in = packed;
      stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
      stream.avail_out = size;
      EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
      inflateEnd(&stream);
    }
    entries.emplace_back(zip.substr(at + 30, name), std::move(bytes));
    at += 30 + name + packed;
  }
  return entries;
}

TEST(PackageArchiveTest, ACycleThatIsNoQuarterIsRefused) {
  PackageHead head = Head();
  head.cycle = "cycles/spring";
  EXPECT_FALSE(PackForms(head, {}, Titles()).ok());
}

TEST(PackageArchiveTest, OneFormAUniversityUnmergedWithItsDigestInTheManifest) {
  const std::vector<v1::Row> rows = Rows();
  const auto archive = PackForms(Head(), Pointers(rows), Titles());
  ASSERT_TRUE(archive.ok()) << archive.status();
  EXPECT_EQ(archive->form_count, 2);
  EXPECT_EQ(archive->row_count, 3);
  EXPECT_EQ(archive->sha256, api::Sha256Hex(archive->bytes));

  const auto entries = Entries(archive->bytes);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].first, "中国海洋大学-青岛_甲_乙_有限公司-2025q2季度报表.xlsx");
  EXPECT_EQ(entries[1].first, "山东科技大学-青岛_甲_乙_有限公司-2025q2季度报表.xlsx");
  EXPECT_EQ(entries[2].first, "manifest.json");
  const std::string& manifest = entries[2].second;
  EXPECT_THAT(manifest, HasSubstr(R"("title": "青岛\"甲/乙\"有限公司")"));
  EXPECT_THAT(manifest, HasSubstr(R"("packed_at": "2025-04-23T08:00:00+08:00")"));
  EXPECT_THAT(manifest, HasSubstr(R"("version": 1,)"));
  const size_t counts[] = {2, 1};
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_THAT(manifest, HasSubstr(api::Sha256Hex(entries[i].second)));
    const auto book = sheet::ReadWorkbook(entries[i].second, entries[i].first);
    ASSERT_TRUE(book.ok()) << book.status();
    EXPECT_EQ(sheet::ReadTable<v1::Row>(*book, *book->FirstVisible()).rows.size(), counts[i]);
  }
}

TEST(PackageArchiveTest, BytesFollowFromTheRowsInAnyOrder) {
  std::vector<v1::Row> rows = Rows();
  const std::string bytes = PackForms(Head(), Pointers(rows), Titles())->bytes;
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(PackForms(Head(), Pointers(rows), Titles())->bytes, bytes);
  rows[0].set_title("另一个项目");
  EXPECT_NE(PackForms(Head(), Pointers(rows), Titles())->bytes, bytes);
}

TEST(PackageArchiveTest, WhatSaysTheSameHasTheSameDigestWheneverItIsPacked) {
  std::vector<v1::Row> rows = Rows();
  const std::string digest = PackageDigest(Head(), Pointers(rows), Titles());
  PackageHead later = Head();
  later.packed_at += absl::Hours(30);
  later.revision = 2;
  EXPECT_EQ(PackageDigest(later, Pointers(rows), Titles()), digest);
  std::reverse(rows.begin(), rows.end());
  // Custody is no content.
  rows[0].set_holder("organizations/z0");
  rows[0].set_delivered(true);
  EXPECT_EQ(PackageDigest(Head(), Pointers(rows), Titles()), digest);
  const std::vector<v1::Row> fewer(rows.begin(), rows.begin() + 2);
  EXPECT_NE(PackageDigest(Head(), Pointers(fewer), Titles()), digest);
  UniversityTitles renamed = Titles();
  renamed["organizations/u1"] = "海洋大学";
  EXPECT_NE(PackageDigest(Head(), Pointers(rows), renamed), digest);
  PackageHead other = Head();
  other.enterprise_title = "另一公司";
  EXPECT_NE(PackageDigest(other, Pointers(rows), Titles()), digest);
  rows[1].set_progress("又有进展");
  EXPECT_NE(PackageDigest(Head(), Pointers(rows), Titles()), digest);
}

TEST(PackageArchiveTest, LongNamesThatAreCutAlikeGetNumbers) {
  std::string title;
  for (int i = 0; i < 60; ++i) title += "长";
  const UniversityTitles titles = {{"organizations/u1", title + "甲"},
                                   {"organizations/u2", title + "乙"}};
  const std::vector<v1::Row> rows = Rows();
  const auto entries = Entries(PackForms(Head(), Pointers(rows), titles)->bytes);
  EXPECT_THAT(entries[0].first, Not(HasSubstr("-2.xlsx")));
  EXPECT_THAT(entries[1].first, HasSubstr("季度报表-2.xlsx"));
  EXPECT_LE(entries[1].first.size(), 255u);
}

TEST(FileNamePartTest, WhatAFileSystemRefusesIsReplaced) {
  const struct {
    const char* title;
    const char* part;
  } kCases[] = {
      {"", "_"},
      {"..", "_"},
      {" 甲 ", "甲"},
      {"../etc", "_etc"},
      {"a/b\\c:d", "a_b_c_d"},
      {"问?号*<>|\"", "问_号_____"},
      {"换\n行", "换_行"},
      {"甲.", "甲"},
  };
  for (const auto& one : kCases) EXPECT_EQ(FileNamePart(one.title), one.part) << one.title;
}

TEST(FileNamePartTest, CutsBetweenCharacters) {
  std::string title = "a";
  for (int i = 0; i < 60; ++i) title += "海";
  const std::string part = FileNamePart(title);
  EXPECT_LE(part.size(), kMaxTitleBytes);
  EXPECT_EQ((part.size() - 1) % 3, 0u);
}

}  // namespace
}  // namespace chanyan::cycle
