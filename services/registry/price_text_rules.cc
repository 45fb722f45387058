#include "services/registry/price_text_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/registry/charge_rules.h"
#include "services/registry/unit_rules.h"

namespace chanyan::registry {
namespace {

constexpr int kFenDigits = 2;

}  // namespace

std::string Folded(absl::string_view text) {
  return absl::StrReplaceAll(
      text,
      {{"；", ";"}, {"\r\n", ";"}, {"\n", ";"}, {"，", "、"}, {",", "、"}, {"：", ":"}, {"　", " "},
       {"－", "-"}, {"–", "-"},    {"—", "-"},  {"～", "-"},  {"~", "-"},  {"至", "-"}, {"到", "-"},
       {"／", "/"}, {"．", "."},   {"０", "0"}, {"１", "1"},  {"２", "2"}, {"３", "3"}, {"４", "4"},
       {"５", "5"}, {"６", "6"},   {"７", "7"}, {"８", "8"},  {"９", "9"}});
}

std::string ShortYuan(int64_t fen) {
  const int64_t rest = fen % kFenOfYuan;
  return absl::StrCat(fen / kFenOfYuan, rest == 0 ? "" : absl::StrFormat(".%02d", rest), "元");
}

bool ReadYuan(absl::string_view text, int64_t* fen) {
  absl::ConsumeSuffix(&text, "元");
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('.', 1));
  std::string fraction(parts.second);
  if (parts.first.empty() || fraction.size() > kFenDigits ||
      (absl::StrContains(text, '.') && fraction.empty())) {
    return false;
  }
  fraction.resize(kFenDigits, '0');
  const std::string digits = absl::StrCat(parts.first, fraction);
  return std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(digits, fen) && *fen / kFenOfYuan <= kMaxYuan;
}

const policy::v1::UserType* LeadingUserType(const policy::Pack& pack, absl::string_view* entry) {
  const policy::v1::UserType* found = nullptr;
  for (const auto& type : pack.proto().instrument_policy().user_types()) {
    if (absl::StartsWith(*entry, Folded(type.display_name())) &&
        (found == nullptr || type.display_name().size() > found->display_name().size())) {
      found = &type;
    }
  }
  if (found != nullptr) absl::ConsumePrefix(entry, Folded(found->display_name()));
  return found;
}

std::string UserTypeNames(const policy::Pack& pack) {
  return absl::StrJoin(pack.proto().instrument_policy().user_types(), "、",
                       [](std::string* out, const policy::v1::UserType& type) {
                         absl::StrAppend(out, "“", type.display_name(), "”");
                       });
}

}  // namespace chanyan::registry
