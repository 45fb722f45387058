// What the names of organizations are compared by (REG-10): how people write one name differently
// is taken out. Width, case and script are folded as search folds them (api::CheckTables at
// start).
//
//   Ｈ海洋科技（青岛）有限公司   Name h海洋科技青岛有限公司   Core h海洋科技
//   青岛Ｈ海洋科技有限责任公司   Name 青岛h海洋科技有限责任公司   Core h海洋科技
//   中國海洋大學                 Name 中国海洋大学             no Core: it is no company's name
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/policy/pack.h"

namespace chanyan::registry {

// Raised when the same name gets another key.
inline constexpr int kNameKeysVersion = 1;
// Characters that must be left of a company's name: two that share fewer say nothing.
inline constexpr int kMinCoreCharacters = 2;
// Greatest number of characters of a key; longer ones are cut.
inline constexpr int kMaxKeyCharacters = 255;

// Thread-safe.
class NameKeys {
 public:
  explicit NameKeys(const policy::Pack& pack);

  // Letters and digits of the name: Unicode NFKC and case folding, simplified characters, without
  // blanks, brackets and punctuation.
  std::string Name(absl::string_view title) const;
  // Name without legal form, group and places of the pack (places at the beginning, and places and
  // groups that stand in brackets alone). Empty if the name ends with no legal form or is a
  // branch's (…有限公司青岛分公司), or if fewer than kMinCoreCharacters are left.
  std::string Core(absl::string_view title) const;
  // Changes when keys may change: with the procedure and with the pack's elements. 16 hex digits.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  // Longest first.
  std::vector<std::string> legal_forms_;
  std::vector<std::string> groups_;
  std::vector<std::string> places_;
  std::string fingerprint_;
};

}  // namespace chanyan::registry
