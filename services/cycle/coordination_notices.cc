#include "services/cycle/coordination_notices.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "common/journal/entry_message.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {
namespace {

using consortium::v1::CoordinationItem;

constexpr absl::string_view kDoneWithItem[] = {"assign", "answer", "conclude"};

std::string ItemTitle(const CoordinationItem& row, absl::string_view what) {
  return absl::StrCat("创新联合体", Quoted(row.consortium_title()), "的协调事项", what);
}

Notice ToItemsOffice(const CoordinationItem& row, absl::string_view what) {
  Notice notice = ReminderTo(row.office(), {options::v1::ROLE_DEPARTMENT});
  notice.title = ItemTitle(row, what);
  return notice;
}

// A unit or a department.
Notice ToAssignee(const CoordinationItem& row, absl::string_view what) {
  Notice notice =
      ReminderTo(row.assignee(), {options::v1::ROLE_UNIT, options::v1::ROLE_DEPARTMENT});
  notice.title = ItemTitle(row, what);
  notice.due = time::ToTime(row.due_time());
  return notice;
}

std::vector<Notice> OfRaised(const CoordinationItem& row) {
  // The office knows what it raised itself.
  if (row.raised_by() == row.office()) return {};
  Notice notice = ToItemsOffice(row, "待交办");
  notice.content = absl::StrCat(Worded("困难问题", row.content()), "请交办并定办理期限。");
  return {std::move(notice)};
}

std::vector<Notice> OfAssigned(const CoordinationItem& row) {
  Notice notice = ToAssignee(row, "请办理");
  notice.content =
      absl::StrCat(TermAs("办理期限", notice.due), Worded("交办要求", row.instruction()),
                   Worded("困难问题", row.content()), "请办理并答复。");
  return {std::move(notice)};
}

std::vector<Notice> OfOverdueItem(const CoordinationItem& row) {
  Notice unit = ToAssignee(row, "逾期未答复");
  unit.kind = v1::NOTIFICATION_KIND_OVERDUE;
  unit.content = absl::StrCat(TermAs("办理期限", unit.due), "请尽快办理并答复。");
  if (row.assignee() == row.office()) return {std::move(unit)};
  Notice office = ToItemsOffice(row, "逾期未答复");
  office.kind = v1::NOTIFICATION_KIND_OVERDUE;
  office.due = unit.due;
  office.content = absl::StrCat(TermAs("办理期限", office.due), "承办单位：", row.assignee_title(),
                                "。请督促办理。");
  return {std::move(unit), std::move(office)};
}

std::vector<Notice> OfConcluded(const CoordinationItem& row) {
  const bool led = !row.lead_unit().empty();
  return {NewsTo(led ? row.lead_unit() : row.office(),
                 {led ? options::v1::ROLE_ENTERPRISE : options::v1::ROLE_DEPARTMENT},
                 ItemTitle(row, "已办结"), Worded("办结意见", row.finding()))};
}

std::vector<Notice> ItemNotices(const CoordinationItem& row, absl::string_view kind) {
  if (kind == "created") return OfRaised(row);
  if (kind == "assign") return OfAssigned(row);
  if (kind == "overdue") return OfOverdueItem(row);
  if (kind == "conclude") return OfConcluded(row);
  if (kind != "answer") return {};
  Notice notice = ToItemsOffice(row, "已答复，请办结");
  notice.content = absl::StrCat(Worded("办理情况", row.answer()), "请办结，或者重新交办。");
  return {std::move(notice)};
}

}  // namespace

bool IsOfCoordination(const journal::v1::Entry& entry) {
  return entry.type() == CoordinationItem::descriptor()->full_name();
}

std::vector<Notice> CoordinationNoticesOf(const journal::v1::Entry& entry) {
  const auto row = journal::AfterIf<CoordinationItem>(entry);
  if (!row) return {};
  std::vector<Notice> notices = ItemNotices(*row, entry.kind());
  // Whom it concerns is always somebody.
  std::erase_if(notices, [](const Notice& one) { return one.organization.empty(); });
  return notices;
}

bool IsCoordinationSettled(const journal::v1::Entry& entry) {
  return absl::c_linear_search(kDoneWithItem, entry.kind());
}

}  // namespace chanyan::cycle
