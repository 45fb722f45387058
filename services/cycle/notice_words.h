// The pieces that notices are put together from, so that none is longer than an inbox shows. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/options.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// Characters of a name within a title, and of what somebody wrote within a content.
inline constexpr int kNameInTitle = 80;
inline constexpr int kWordsInContent = 800;

using NoticeRoles = std::vector<options::v1::Role>;

// At most so many characters, with "…" where some were left out.
std::string Abridged(absl::string_view text, int characters);

// "“甲”".
std::string Quoted(absl::string_view name);

// "退回原因：不属本处职责。"; "" of what nobody wrote.
std::string Worded(absl::string_view label, absl::string_view text);

// "签收期限：2025年4月10日。"; "" of what has none.
std::string TermAs(absl::string_view label, absl::Time due);

// What waits for an organization; without words and term.
Notice ReminderTo(const std::string& organization, NoticeRoles roles);

Notice NewsTo(const std::string& organization, NoticeRoles roles, std::string title,
              std::string content);

}  // namespace chanyan::cycle
