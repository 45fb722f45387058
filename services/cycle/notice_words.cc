#include "services/cycle/notice_words.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/text.h"
#include "common/time/civil.h"

namespace chanyan::cycle {

std::string Abridged(absl::string_view text, int characters) {
  size_t end = 0;
  for (int i = 0; i < characters && end < text.size(); ++i) {
    bool cut = false;
    const size_t bytes = api::CharacterBytes(text.substr(end), &cut);
    if (bytes == 0) break;
    end += bytes;
  }
  return end == text.size() ? std::string(text) : absl::StrCat(text.substr(0, end), "…");
}

std::string Quoted(absl::string_view name) {
  return absl::StrCat("“", Abridged(name, kNameInTitle), "”");
}

std::string Worded(absl::string_view label, absl::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat(label, "：", Abridged(absl::StripSuffix(text, "。"), kWordsInContent), "。");
}

std::string TermAs(absl::string_view label, absl::Time due) {
  if (due == absl::InfinitePast()) return "";
  return absl::StrCat(label, "：", time::FormatDateZh(time::DayOf(due)), "。");
}

Notice ReminderTo(const std::string& organization, NoticeRoles roles) {
  Notice notice;
  notice.organization = organization;
  notice.roles = std::move(roles);
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  return notice;
}

Notice NewsTo(const std::string& organization, NoticeRoles roles, std::string title,
              std::string content) {
  Notice notice = ReminderTo(organization, std::move(roles));
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = std::move(title);
  notice.content = std::move(content);
  return notice;
}

}  // namespace chanyan::cycle
