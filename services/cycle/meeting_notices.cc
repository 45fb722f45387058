#include "services/cycle/meeting_notices.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/api/json.h"
#include "common/time/civil.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {
namespace {

using triage::v1::WorkMeeting;
using triage::v1::WorkMeetingItem;

// Items that are spelled out in one notice.
constexpr size_t kItemsInNotice = 20;

enum class Pressing { kOpen, kDueSoon, kOverdue };

Pressing PressingOf(const WorkMeetingItem& item) {
  if (item.overdue()) return Pressing::kOverdue;
  return item.due_soon() ? Pressing::kDueSoon : Pressing::kOpen;
}

// Open items, the first due first: last day and task say which it is.
using ItemKey = std::pair<absl::CivilDay, std::string>;
using OpenItems = std::map<ItemKey, Pressing>;
using OpenByOwner = std::map<std::string, OpenItems>;

OpenByOwner OpenItemsOf(const WorkMeeting& row) {
  OpenByOwner open;
  for (const WorkMeetingItem& item : row.items()) {
    const auto due = time::ToCivilDay(item.due_date());
    if (item.has_done_date() || item.owner().empty() || !due.ok()) continue;
    open[item.owner()][{*due, item.task()}] = PressingOf(item);
  }
  return open;
}

WorkMeeting MeetingIn(const std::string& json) {
  WorkMeeting row;
  if (json.empty() || !api::JsonToMessage(json, row, api::JsonSource::kStored).ok()) {
    return WorkMeeting();
  }
  return row;
}

// Whether one of them was not there before, or is more pressing than it was.
bool HasNews(const OpenItems& items, const OpenItems& before) {
  return absl::c_any_of(items, [&before](const auto& item) {
    const auto known = before.find(item.first);
    return known == before.end() || known->second < item.second;
  });
}

const OpenItems& OfOwner(const OpenByOwner& open, const std::string& owner) {
  static const auto& none = *new OpenItems;
  const auto found = open.find(owner);
  return found == open.end() ? none : found->second;
}

std::string ItemsInWords(const OpenItems& items) {
  std::string text;
  size_t number = 0;
  for (const auto& [key, pressing] : items) {
    if (++number > kItemsInNotice) break;
    absl::StrAppend(&text, number == 1 ? "" : "；", number, ". ",
                    Abridged(key.second, kNameInTitle), "（完成期限", time::FormatDateZh(key.first),
                    pressing == Pressing::kOverdue   ? "，已逾期）"
                    : pressing == Pressing::kDueSoon ? "，即将到期）"
                                                     : "）");
  }
  if (items.size() > kItemsInNotice) absl::StrAppend(&text, "；等", items.size(), "项");
  return absl::StrCat(text, "。");
}

Notice NoticeOfItems(const std::string& owner, const WorkMeeting& row, const OpenItems& items) {
  Pressing most = Pressing::kOpen;
  for (const auto& [key, pressing] : items) most = std::max(most, pressing);
  // As the grants of the record.
  NoticeRoles roles = {options::v1::ROLE_DEPARTMENT,      options::v1::ROLE_UNIT,
                       options::v1::ROLE_SERVICE_TEAM,    options::v1::ROLE_BROKER,
                       options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_ENTERPRISE};
  if (most == Pressing::kOverdue) roles.push_back(options::v1::ROLE_LEADER);
  Notice notice = ReminderTo(owner, std::move(roles));
  if (most == Pressing::kOverdue) notice.kind = v1::NOTIFICATION_KIND_OVERDUE;
  notice.due = time::EndOfDay(items.begin()->first.first);
  notice.title = absl::StrCat(Quoted(row.title()), "议定由贵单位承办的事项",
                              most == Pressing::kOverdue   ? "逾期未完成"
                              : most == Pressing::kDueSoon ? "即将到期"
                                                           : "待办理");
  notice.content =
      absl::StrCat(Worded("召集单位", row.organizer_title()), "承办事项：", ItemsInWords(items),
                   most == Pressing::kOverdue ? "已逾期的请尽快完成并报告完成情况。"
                                              : "请按期完成并报告完成情况。");
  return notice;
}

}  // namespace

bool IsOfMeeting(const journal::v1::Entry& entry) {
  return entry.type() == WorkMeeting::descriptor()->full_name();
}

std::vector<Notice> MeetingNoticesOf(const journal::v1::Entry& entry) {
  const WorkMeeting row = MeetingIn(entry.after_json());
  const OpenByOwner before = OpenItemsOf(MeetingIn(entry.before_json()));
  std::vector<Notice> notices;
  for (const auto& [owner, items] : OpenItemsOf(row)) {
    if (HasNews(items, OfOwner(before, owner))) notices.push_back(NoticeOfItems(owner, row, items));
  }
  return notices;
}

std::vector<std::string> SettledOwnersOf(const journal::v1::Entry& entry) {
  const OpenByOwner after = OpenItemsOf(MeetingIn(entry.after_json()));
  std::vector<std::string> settled;
  for (const auto& [owner, items] : OpenItemsOf(MeetingIn(entry.before_json()))) {
    const OpenItems& now = OfOwner(after, owner);
    if (now.empty() || HasNews(now, items)) settled.push_back(owner);
  }
  return settled;
}

}  // namespace chanyan::cycle
