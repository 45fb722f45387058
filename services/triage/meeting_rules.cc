#include "services/triage/meeting_rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"

namespace chanyan::triage {
namespace {

bool IsSameItem(const v1::WorkMeetingItem& a, const v1::WorkMeetingItem& b) {
  return a.task() == b.task() && a.owner() == b.owner() &&
         a.due_date().year() == b.due_date().year() &&
         a.due_date().month() == b.due_date().month() && a.due_date().day() == b.due_date().day();
}

// The day from which on an item's last day is near; nothing where nobody is reminded.
std::optional<absl::CivilDay> NearFrom(const policy::Pack& pack, absl::CivilDay due) {
  const auto& before = pack.proto().notification_plan().before_workdays();
  if (before.empty()) return std::nullopt;
  const int days = static_cast<int>(*std::max_element(before.begin(), before.end()));
  return pack.calendar().AddWorkdays(due, -days).value_or(due - days);
}

}  // namespace

bool IsDone(const v1::WorkMeetingItem& item) { return item.has_done_date(); }

std::vector<status::Violation> MeetingViolations(const v1::WorkMeeting& row, absl::CivilDay today) {
  std::vector<status::Violation> violations;
  const auto held = time::ToCivilDay(row.meet_date());
  if (held.ok() && *held > today) violations.push_back({"meet_date", "会议日期不能晚于今天"});
  std::set<std::string> seen;
  for (int i = 0; i < row.participants_size(); ++i) {
    if (seen.insert(row.participants(i)).second) continue;
    violations.push_back({absl::StrCat("participants[", i, "]"), "参会单位重复"});
  }
  for (int i = 0; i < row.items_size(); ++i) {
    const auto due = time::ToCivilDay(row.items(i).due_date());
    if (held.ok() && due.ok() && *due < *held) {
      violations.push_back({absl::StrCat("items[", i, "].due_date"), "完成期限早于会议日期"});
    }
    for (int j = 0; j < i; ++j) {
      if (!IsSameItem(row.items(i), row.items(j))) continue;
      violations.push_back({absl::StrCat("items[", i, "].task"), "同一单位的跟踪事项重复"});
      break;
    }
  }
  return violations;
}

std::vector<status::Violation> KeepWhatIsDone(const v1::WorkMeeting& before, v1::WorkMeeting* row) {
  std::vector<status::Violation> violations;
  for (v1::WorkMeetingItem& item : *row->mutable_items()) {
    const auto known =
        std::find_if(before.items().begin(), before.items().end(),
                     [&](const v1::WorkMeetingItem& one) { return IsSameItem(one, item); });
    if (known != before.items().end()) {
      item = *known;
      continue;
    }
    item.clear_outcome();
    item.clear_done_date();
    item.clear_due_soon();
    item.clear_overdue();
  }
  for (const v1::WorkMeetingItem& item : before.items()) {
    if (!IsDone(item)) continue;
    const bool kept =
        std::any_of(row->items().begin(), row->items().end(),
                    [&](const v1::WorkMeetingItem& one) { return IsSameItem(one, item); });
    if (!kept) {
      violations.push_back(
          {"items", absl::StrCat("“", item.task(), "”已报告完成，不能修改或删除")});
    }
  }
  return violations;
}

void CountItems(v1::WorkMeeting* row) {
  std::set<std::string> owners;
  int open = 0;
  for (const v1::WorkMeetingItem& item : row->items()) {
    owners.insert(item.owner());
    if (!IsDone(item)) ++open;
  }
  row->mutable_item_owners()->Assign(owners.begin(), owners.end());
  row->set_open_items(open);
}

bool NoteTerms(const policy::Pack& pack, absl::CivilDay today, v1::WorkMeeting* row) {
  bool changed = false;
  std::optional<absl::CivilDay> next;
  const auto wait_until = [&next](absl::CivilDay day) { next = next ? std::min(*next, day) : day; };
  for (v1::WorkMeetingItem& item : *row->mutable_items()) {
    const auto due = time::ToCivilDay(item.due_date());
    if (IsDone(item) || item.overdue() || !due.ok()) continue;
    const std::optional<absl::CivilDay> near = NearFrom(pack, *due);
    if (*due < today) {
      item.set_overdue(true);
      changed = true;
      continue;
    }
    wait_until(*due + 1);
    if (item.due_soon() || !near) continue;
    if (*near > today) {
      wait_until(*near);
      continue;
    }
    item.set_due_soon(true);
    changed = true;
  }
  std::optional<absl::CivilDay> before;
  if (row->has_next_notice_date()) before = time::DayIn(row->next_notice_date());
  row->clear_next_notice_date();
  if (next) *row->mutable_next_notice_date() = time::ToProto(*next);
  return changed || before != next;
}

}  // namespace chanyan::triage
