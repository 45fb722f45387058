#include "services/cycle/construction_notices.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "common/journal/entry_message.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {
namespace {

using consortium::v1::ConstructionReport;

constexpr absl::string_view kDoneWithReport[] = {"submit", "accept", "return", "end"};

std::string ReportTitle(const ConstructionReport& row) {
  return absl::StrCat("创新联合体“", row.consortium_title(), "”", row.period_title(),
                      "的建设进展报告");
}

Notice ToReportOffice(const ConstructionReport& row) {
  Notice notice;
  notice.organization = row.office();
  notice.roles = {options::v1::ROLE_DEPARTMENT};
  return notice;
}

Notice ToReportLead(const ConstructionReport& row) {
  if (row.lead_unit().empty()) return ToReportOffice(row);
  Notice notice;
  notice.organization = row.lead_unit();
  notice.roles = {options::v1::ROLE_ENTERPRISE};
  return notice;
}

// What the lead is asked for, by its term.
Notice AskedOfLead(const ConstructionReport& row, absl::string_view what,
                   const std::string& content) {
  Notice notice = ToReportLead(row);
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.due = time::ToTime(row.due_time());
  notice.title = absl::StrCat(ReportTitle(row), what);
  notice.content = absl::StrCat(TermAs("报送期限", notice.due), content);
  return notice;
}

std::vector<Notice> OfOverdueReport(const ConstructionReport& row) {
  Notice lead = AskedOfLead(row, "逾期未报送", "请尽快报送。");
  lead.kind = v1::NOTIFICATION_KIND_OVERDUE;
  Notice office = ToReportOffice(row);
  office.kind = v1::NOTIFICATION_KIND_OVERDUE;
  office.due = lead.due;
  office.title = lead.title;
  office.content = absl::StrCat(TermAs("报送期限", office.due), "请了解情况并督促牵头单位报送。");
  if (row.lead_unit().empty()) return {std::move(office)};
  return {std::move(lead), std::move(office)};
}

std::vector<Notice> ReportNotices(const ConstructionReport& row, absl::string_view kind) {
  if (kind == "created") {
    return {AskedOfLead(row, "请按期报送",
                        "请按绩效评价的内容逐项填写进展；没有变化的，请明确选择“本期无变化”。")};
  }
  if (kind == "remind") return {AskedOfLead(row, "将到报送期限", "请按期报送。")};
  if (kind == "overdue") return OfOverdueReport(row);
  if (kind == "return") {
    return {
        AskedOfLead(row, "已退回修改",
                    absl::StrCat(Worded("退回原因", row.return_reason()), "请修改后重新报送。"))};
  }
  if (kind == "submit") {
    Notice notice = ToReportOffice(row);
    notice.kind = v1::NOTIFICATION_KIND_REMINDER;
    notice.title = absl::StrCat(ReportTitle(row), "已报送，请确认");
    notice.content = row.has_problem() ? "报告提出了困难问题和需协调事项，请予协调。"
                                       : "请确认，或者说明原因退回修改。";
    return {std::move(notice)};
  }
  if (kind == "accept") {
    Notice notice = ToReportLead(row);
    notice.kind = v1::NOTIFICATION_KIND_NEWS;
    notice.title = absl::StrCat(ReportTitle(row), "已确认");
    return {std::move(notice)};
  }
  return {};
}

}  // namespace

bool IsOfConstruction(const journal::v1::Entry& entry) {
  return entry.type() == ConstructionReport::descriptor()->full_name();
}

std::vector<Notice> ConstructionNoticesOf(const journal::v1::Entry& entry) {
  const auto row = journal::AfterIf<ConstructionReport>(entry);
  if (!row) return {};
  std::vector<Notice> notices = ReportNotices(*row, entry.kind());
  // Whom it concerns is always somebody.
  std::erase_if(notices, [](const Notice& one) { return one.organization.empty(); });
  return notices;
}

bool IsConstructionSettled(const journal::v1::Entry& entry) {
  return absl::c_linear_search(kDoneWithReport, entry.kind());
}

}  // namespace chanyan::cycle
