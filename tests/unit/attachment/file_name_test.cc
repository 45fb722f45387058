// Names of files: nothing that leads elsewhere, hides what it is, or no system could save.
#include "common/attachment/file_name.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/text.h"

namespace chanyan::attachment {
namespace {

TEST(FileNameTest, NamesAreMadeFitAndKeepWhatPeopleMeant) {
  struct Case {
    std::string given;
    std::string kept;
  };
  const Case cases[] = {
      {"检测报告.pdf", "检测报告.pdf"},
      {"C:\\成果\\检测 报告?.PDF", "检测 报告_.PDF"},
      {"../../etc/passwd.pdf", "passwd.pdf"},
      {"/abs/path/a.pdf", "a.pdf"},
      {"a<b>c:d\"e|f*.pdf", "a_b_c_d_e_f_.pdf"},
      {"  spaced out .pdf", "spaced out.pdf"},
      {"...hidden.pdf", "hidden.pdf"},
      {".pdf", "pdf"},
      {"trailing.pdf. . ", "trailing.pdf"},
      // U+202E turns "fdp.exe" round on the screen; it goes.
      {"report\xE2\x80\xAE"
       "exe.pdf",
       "reportexe.pdf"},
      {"zero\xE2\x80\x8Bwidth.pdf", "zerowidth.pdf"},
      {std::string("nul\0byte.pdf", 12), "nulbyte.pdf"},
      {"line\nbreak\ttab.pdf", "linebreaktab.pdf"},
      {"CON.pdf", "_CON.pdf"},
      {"com1.pdf", "_com1.pdf"},
      {"nul.tar.pdf", "_nul.tar.pdf"},
      {"confident.pdf", "confident.pdf"},
      {"no-extension", "no-extension"},
      {"v1.2 final version of all", "v1.2 final version of all"},
  };
  for (const Case& one : cases) {
    const auto kept = CleanFileName(one.given, "file_name");
    ASSERT_TRUE(kept.ok()) << one.given << ": " << kept.status();
    EXPECT_EQ(*kept, one.kept) << one.given;
    // What is kept stays as it is.
    EXPECT_EQ(*CleanFileName(*kept, "file_name"), *kept);
  }
}

TEST(FileNameTest, ALongNameKeepsItsExtension) {
  std::string name;
  for (int i = 0; i < 300; ++i) name += "报";
  const auto kept = CleanFileName(name + ".docx", "file_name");
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_LE(api::CodePoints(*kept), static_cast<int64_t>(kMaxFileNameChars));
  EXPECT_GE(api::CodePoints(*kept), static_cast<int64_t>(kMaxFileNameChars) - 1);
  EXPECT_TRUE(absl::EndsWith(*kept, "报.docx"));
  EXPECT_EQ(*CleanFileName(*kept, "file_name"), *kept);
}

// The cut itself may leave a point or a blank at the end.
TEST(FileNameTest, ANameThatWasCutStaysAsItIs) {
  for (const char* gap : {"..", " ", " . ", ". ."}) {
    for (size_t before = kMaxFileNameChars - 4; before <= kMaxFileNameChars; ++before) {
      const std::string given = absl::StrCat(std::string(before, 'a'), gap, std::string(30, 'b'));
      const auto kept = CleanFileName(given, "file_name");
      ASSERT_TRUE(kept.ok()) << kept.status();
      EXPECT_NE(kept->back(), '.') << given;
      EXPECT_NE(kept->back(), ' ') << given;
      EXPECT_EQ(*CleanFileName(*kept, "file_name"), *kept) << given;
    }
  }
}

TEST(FileNameTest, NothingLeftIsRefused) {
  for (const char* name :
       {"", ".", "..", "/", "a/", " . ", "\xE2\x80\x8B", "\xFF.pdf", "a\xC0\x80.pdf"}) {
    EXPECT_FALSE(CleanFileName(name, "file_name").ok()) << name;
  }
}

}  // namespace
}  // namespace chanyan::attachment
