#include "common/attachment/file_name.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/text.h"
#include "common/status/status.h"

namespace chanyan::attachment {
namespace {

constexpr absl::string_view kRefusedByFileSystems = "<>:\"|?*";
// With a number from 1 to 9 behind the last two.
constexpr absl::string_view kDevices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
// Characters of an extension; what is longer belongs to the name.
constexpr size_t kMaxExtensionChars = 10;

absl::string_view LastSegment(absl::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

bool IsDevice(absl::string_view stem) {
  std::string lower = absl::AsciiStrToLower(stem);
  if (lower.size() == 4 && absl::ascii_isdigit(lower[3])) lower.pop_back();
  return std::find(std::begin(kDevices), std::end(kDevices), lower) != std::end(kDevices);
}

// Each character that may stay, one an item.
std::vector<std::string> Characters(absl::string_view name) {
  std::vector<std::string> out;
  for (size_t i = 0; i < name.size();) {
    const size_t start = i;
    UChar32 c;
    U8_NEXT(name.data(), i, name.size(), c);
    const absl::string_view text = name.substr(start, i - start);
    if (!api::CheckFormat(options::v1::FORMAT_LINE, text).empty()) continue;
    out.emplace_back(absl::StrContains(kRefusedByFileSystems, text) ? "_" : text);
  }
  return out;
}

bool IsEdge(const std::string& character) { return character == " " || character == "."; }

std::string Joined(std::vector<std::string>::const_iterator first,
                   std::vector<std::string>::const_iterator last) {
  std::string out;
  for (; first != last; ++first) out += *first;
  return out;
}

// One round: what is cut off may leave another end, another extension or a device's name.
std::string CleanOnce(absl::string_view name) {
  std::vector<std::string> characters = Characters(LastSegment(name));
  while (!characters.empty() && IsEdge(characters.back())) characters.pop_back();
  characters.erase(characters.begin(),
                   std::find_if_not(characters.begin(), characters.end(), IsEdge));
  if (characters.empty()) return "";
  // From the last point on.
  const auto point = std::find(characters.rbegin(), characters.rend(), ".");
  const size_t tail =
      point == characters.rend() ? 0 : static_cast<size_t>(point - characters.rbegin()) + 1;
  const size_t extension = tail > kMaxExtensionChars + 1 ? 0 : tail;
  size_t stem = characters.size() - extension;
  const auto extension_begin = characters.begin() + static_cast<ptrdiff_t>(stem);
  const std::string ending = Joined(extension_begin, characters.end());
  // One is left for the mark of a device.
  stem = std::min(stem, kMaxFileNameChars - 1 - extension);
  std::string out = Joined(characters.begin(), characters.begin() + static_cast<ptrdiff_t>(stem));
  out = std::string(absl::StripTrailingAsciiWhitespace(out));
  if (IsDevice(out.substr(0, out.find('.')))) out.insert(0, "_");
  return absl::StrCat(out, ending);
}

}  // namespace

absl::StatusOr<std::string> CleanFileName(absl::string_view name, absl::string_view field) {
  if (api::CodePoints(name) < 0) {
    return status::InvalidField(field, "文件名不是有效的 UTF-8 文本，请改名后重新上传");
  }
  std::string clean(name);
  for (std::string next = CleanOnce(clean); next != clean; next = CleanOnce(clean)) {
    clean = std::move(next);
  }
  if (clean.empty()) return status::InvalidField(field, "文件名为空，请改名后重新上传");
  return clean;
}

}  // namespace chanyan::attachment
