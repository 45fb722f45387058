#include "common/api/text.h"

#include <unicode/utf8.h>

#include <array>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/validate.h"
#include "re2/re2.h"

namespace chanyan::api {
namespace {

// GB 32100-2015, table of check characters; GB 11714 for the organization code inside.
constexpr absl::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::array<int, 17> kUsccWeights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                              29, 25, 13, 8,  24, 10, 30, 28};
constexpr std::array<int, 8> kOrganizationWeights = {3, 7, 9, 10, 5, 8, 4, 2};
constexpr size_t kUsccLength = 18;
constexpr size_t kRegionAt = 2;
constexpr size_t kRegionLength = 6;
constexpr size_t kOrganizationAt = 8;
constexpr size_t kEmailMaxLength = 254;

char UsccCheck(absl::string_view code) {
  size_t sum = 0;
  for (size_t i = 0; i < kUsccWeights.size(); ++i) {
    sum += kUsccAlphabet.find(code[i]) * kUsccWeights[i];
  }
  return kUsccAlphabet[(31 - sum % 31) % 31];
}

char OrganizationCheck(absl::string_view code) {
  int sum = 0;
  for (size_t i = 0; i < kOrganizationWeights.size(); ++i) {
    const char c = code[i];
    sum += (absl::ascii_isdigit(c) ? c - '0' : c - 'A' + 10) * kOrganizationWeights[i];
  }
  const int check = 11 - sum % 11;
  if (check == 10) return 'X';
  return check == 11 ? '0' : static_cast<char>('0' + check);
}

std::string CheckUscc(absl::string_view code) {
  if (code.size() != kUsccLength) return "应为 18 位";
  for (size_t i = 0; i < code.size(); ++i) {
    if (kUsccAlphabet.find(code[i]) != absl::string_view::npos) continue;
    if (absl::ascii_islower(code[i])) return absl::StrFormat("第 %d 位的字母应大写", i + 1);
    return absl::StrFormat("第 %d 位只能是数字或除 I、O、S、V、Z 以外的大写字母", i + 1);
  }
  for (char c : code.substr(kRegionAt, kRegionLength)) {
    if (!absl::ascii_isdigit(c)) return "第 3 至 8 位应为六位数字的行政区划码";
  }
  const char organization = OrganizationCheck(code.substr(kOrganizationAt));
  if (code[16] != organization) {
    return absl::StrFormat("第 17 位（组织机构代码校验位）不正确，应为“%c”", organization);
  }
  const char check = UsccCheck(code);
  if (code[17] != check) return absl::StrFormat("校验位不正确，第 18 位应为“%c”", check);
  return "";
}

std::string CheckRegion(absl::string_view code) {
  static const auto* const kShape =
      new RE2("(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}");
  const re2::StringPiece piece(code.data(), code.size());
  return RE2::FullMatch(piece, *kShape) ? "" : "应为六位行政区划代码，如 370211";
}

std::string CheckEmail(absl::string_view text) {
  static const auto* const kShape = new RE2(
      "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
      "([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63}");
  const re2::StringPiece piece(text.data(), text.size());
  if (text.size() <= kEmailMaxLength && text.find('@') <= 64 && RE2::FullMatch(piece, *kShape)) {
    return "";
  }
  return "应为电子邮箱地址，如 name@example.cn";
}

std::string CheckPhone(absl::string_view text) {
  static const auto* const kShape = new RE2(
      "(\\+?86[- ]?)?1[3-9][0-9]{9}"
      "|(\\+?86[- ]?)?(0[0-9]{2,3}[- ]?)?[2-9][0-9]{6,7}(-[0-9]{1,6})?"
      "|[48]00-?[0-9]{3}-?[0-9]{4}");
  const re2::StringPiece piece(text.data(), text.size());
  return RE2::FullMatch(piece, *kShape) ? "" : "应为手机号码，或带区号的固定电话，如 0532-88886666";
}

// Changes the look of text without being seen, or belongs to no text at all.
bool IsHidden(UChar32 c) {
  return c == 0x00AD || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

bool IsControl(UChar32 c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

std::string CheckText(absl::string_view text, bool several_lines) {
  int64_t position = 0;
  for (size_t i = 0; i < text.size();) {
    UChar32 c;
    U8_NEXT(text.data(), i, text.size(), c);
    ++position;
    if (several_lines && (c == '\n' || c == '\r' || c == '\t')) continue;
    if (c == '\n' || c == '\r') return absl::StrFormat("只能有一行，第 %d 个字符是换行", position);
    if (IsControl(c)) {
      return absl::StrFormat("第 %d 个字符是控制字符（U+%04X），请删除", position, c);
    }
    if (IsHidden(c)) {
      return absl::StrFormat("第 %d 个字符不可见（U+%04X），请删除", position, c);
    }
  }
  return "";
}

}  // namespace

int64_t CodePoints(absl::string_view text) {
  int64_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    UChar32 c;
    U8_NEXT(text.data(), i, text.size(), c);
    if (c < 0) return -1;
  }
  return count;
}

size_t CharacterBytes(absl::string_view text, bool* cut) {
  const auto lead = static_cast<unsigned char>(text[0]);
  *cut = false;
  if (lead < 0x80) return 1;
  const size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  for (size_t i = 1; i < length; ++i) {
    if (i >= text.size()) {
      *cut = true;
      return 0;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    // Overlong forms, surrogates and what lies past U+10FFFF show in the second byte.
    const unsigned low = i > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = i > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte < low || byte > high) return 0;
  }
  return length;
}

bool IsValidUtf8(absl::string_view text, bool may_be_cut) {
  size_t at = 0;
  while (at < text.size()) {
    // Most text is ASCII, or begins and ends with it: eight bytes at a time.
    uint64_t eight;
    while (at + sizeof(eight) <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof(eight));
      if ((eight & 0x8080808080808080) != 0) break;
      at += sizeof(eight);
    }
    if (at == text.size()) break;
    bool cut;
    const size_t bytes = CharacterBytes(text.substr(at), &cut);
    if (bytes == 0) return cut && may_be_cut;
    at += bytes;
  }
  return true;
}

std::string CheckFormat(options::v1::Format format, absl::string_view text) {
  switch (format) {
    case options::v1::FORMAT_USCC:
      return CheckUscc(text);
    case options::v1::FORMAT_REGION_CODE:
      return CheckRegion(text);
    case options::v1::FORMAT_EMAIL:
      return CheckEmail(text);
    case options::v1::FORMAT_PHONE:
      return CheckPhone(text);
    case options::v1::FORMAT_LINE:
      return CheckText(text, /*several_lines=*/false);
    case options::v1::FORMAT_TEXT:
      return CheckText(text, /*several_lines=*/true);
    default:
      return "";
  }
}

bool IsUnifiedSocialCreditCode(absl::string_view code) { return CheckUscc(code).empty(); }

}  // namespace chanyan::api
