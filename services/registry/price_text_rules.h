// Prices by kind of user as people write them in a sheet: "企业用户 200元/小时". Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/policy/pack.h"

namespace chanyan::registry {

// One sign for each of the many that people type: ; between entries, 、 within, - for a span.
std::string Folded(absl::string_view text);

// 20000 fen are "200元", 1250 are "12.50元".
std::string ShortYuan(int64_t fen);
// "200", "12.5元" → fen. At most two places behind the point, at most kMaxYuan.
bool ReadYuan(absl::string_view text, int64_t* fen);

// The kind of user that a folded entry begins with, taken off; the longest name wins. Null if there
// is none.
const policy::v1::UserType* LeadingUserType(const policy::Pack& pack, absl::string_view* entry);
// "“校内用户”、“企业用户”".
std::string UserTypeNames(const policy::Pack& pack);

}  // namespace chanyan::registry
