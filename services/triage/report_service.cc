#include "services/triage/report_service.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/issue_number.h"
#include "services/triage/issue_rules.h"
#include "services/triage/parties.h"
#include "services/triage/report_content.h"
#include "services/triage/report_files.h"
#include "services/triage/report_life.h"
#include "services/triage/report_openness.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using policy::v1::ReportKind;

constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr char kDocument[] = "docx";
constexpr char kSheet[] = "xlsx";
constexpr char kKeep[] =
    "INSERT INTO issued_file (report, format, sha256, data) VALUES (?, ?, ?, ?)";
constexpr char kKept[] = "SELECT sha256, data FROM issued_file WHERE report = ? AND format = ?";

Period PeriodOf(const ReportKind& kind, const v1::Report& row) {
  const auto first = api::DayOf(row.period_start_date());
  return triage::PeriodOf(kind.period(), first.value_or(absl::CivilDay()));
}

}  // namespace

std::vector<rpc::UnaryMethod> ReportService::Methods() {
  using S = ReportService;
  return {
      rpc::Unary("GetReport", this, &S::GetReport),
      rpc::Unary("ListReports", this, &S::ListReports),
      rpc::Unary("CreateReport", this, &S::CreateReport),
      rpc::Unary("UpdateReport", this, &S::UpdateReport),
      rpc::Unary("RefreshReport", this, &S::RefreshReport),
      rpc::Unary("IssueReport", this, &S::IssueReport),
      rpc::Unary("DiscardReport", this, &S::DiscardReport),
      rpc::Unary("ExportReport", this, &S::ExportReport),
      rpc::Unary("ExportReportDocument", this, &S::ExportReportDocument),
  };
}

v1::Report ReportService::Present(const rpc::Call& call, v1::Report row) const {
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) return row;
  for (std::string& verb : rpc::ActionsOf(call, ReportLife(), row.state(), "Report")) {
    row.add_actions(std::move(verb));
  }
  return row;
}

absl::StatusOr<const ReportKind*> ReportService::KindOf(const v1::Report& row) const {
  const ReportKind* kind = deps_.pack.FindReportKind(row.kind());
  if (kind != nullptr) return kind;
  return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                    absl::StrCat("政策包中已没有报告类别“", row.kind(), "”"));
}

absl::StatusOr<v1::Report> ReportService::GetReport(const rpc::Call& call,
                                                    const v1::GetReportRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Report row,
                           rpc::Fetch(deps_.store.db, call, reports_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListReportsResponse> ReportService::ListReports(
    const rpc::Call& call, const v1::ListReportsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, reports_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListReportsResponse response;
  for (v1::Report& row : page.rows) {
    // A list shows which there are; what they say is asked one by one.
    row.clear_content();
    *response.add_reports() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ReportContent> ReportService::ReadNow(absl::Time deadline,
                                                         const ReportKind& kind,
                                                         const Period& period) const {
  v1::ReportContent content;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Transact({.deadline = deadline}, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            content, ReadContent(session, deps_.pack, kind, period, deps_.store.clock.Now()));
        return absl::OkStatus();
      }));
  return content;
}

v1::Report ReportService::NewDraft(const ReportKind& kind, const Period& period,
                                   v1::ReportContent content, const std::string& author) const {
  v1::Report row;
  row.set_name(absl::StrCat("reports/", api::NewShortId()));
  row.set_kind(kind.id());
  row.set_kind_title(kind.display_name());
  *row.mutable_period_start_date() = time::ToProto(period.first);
  *row.mutable_period_end_date() = time::ToProto(period.last);
  row.set_title(absl::StrCat(kind.display_name(), "（", period.label, "）"));
  row.set_state(v1::REPORT_STATE_DRAFT);
  row.set_issuer_title(kind.issuer());
  row.set_author(author);
  row.set_office(deps_.pack.Office());
  for (const std::string& heading : kind.narratives()) row.add_narratives()->set_heading(heading);
  Address(kind, &row);
  *row.mutable_content() = std::move(content);
  return row;
}

void ReportService::Address(const ReportKind& kind, v1::Report* row) const {
  for (const policy::v1::ReportRecipient& recipient : kind.recipients()) {
    if (!recipient.unit().empty()) {
      row->add_recipients(deps_.pack.OrganizationOf(recipient.unit()));
    } else {
      for (const auto* unit : deps_.pack.UnitsOf(recipient.kind())) {
        row->add_recipients(unit->organization());
      }
    }
    row->add_recipient_titles(recipient.display_name());
  }
}

absl::StatusOr<v1::Report> ReportService::CreateReport(const rpc::Call& call,
                                                       const v1::CreateReportRequest& request) {
  if (!IsOffice(call, deps_.pack.Office())) {
    return status::PermissionDenied("报告由成果处牵头编制");
  }
  const ReportKind* kind = deps_.pack.FindReportKind(request.report().kind());
  if (kind == nullptr) {
    return status::InvalidField(
        "report.kind", absl::StrCat("政策包中没有报告类别“", request.report().kind(), "”"));
  }
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  const absl::CivilDay day = api::DayOf(request.period_day()).value_or(today);
  if (day > today) return status::InvalidField("period_day", "不能编制以后期间的报告");
  const Period period = PeriodOf(kind->period(), day);
  CHANYAN_ASSIGN_OR_RETURN(const v1::ReportContent content, ReadNow(call.deadline, *kind, period));
  return rpc::Mutate<v1::Report>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Report> {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Report> present,
            reports_.Select(change.session(),
                            {"kind = ? AND period_start_date = ? AND state <> 'DISCARDED'",
                             {kind->id(), time::FormatDate(period.first)}}));
        for (const v1::Report& one : present) {
          if (one.state() == v1::REPORT_STATE_DRAFT) {
            return status::FailedPrecondition(
                ERROR_REASON_WRONG_STATE,
                absl::StrCat("本期已有草稿（", one.name(), "），请印发或作废后再编制"));
          }
          if (request.supplement_reason().empty()) {
            return status::FailedPrecondition(
                ERROR_REASON_WRONG_STATE,
                absl::StrCat("本期报告已印发（", IssueLabel(one.year(), one.number()),
                             "）；确需补发的，请填写补发原因"));
          }
        }
        v1::Report row = NewDraft(*kind, period, content, call.principal.account);
        row.set_supplement_reason(request.supplement_reason());
        if (!request.report().narratives().empty()) {
          *row.mutable_narratives() = request.report().narratives();
        }
        CHANYAN_RETURN_IF_ERROR(reports_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Report> ReportService::UpdateReport(const rpc::Call& call,
                                                       const v1::UpdateReportRequest& request) {
  const v1::Report& update = request.report();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Report row,
      rpc::Transit<v1::Report>(deps_.store, call, request, reports_, ReportLife(), update.name(),
                               update.etag(), "update",
                               [&](rpc::Change&, v1::Report& report) -> absl::Status {
                                 return api::ApplyMask(request.update_mask(), update, &report);
                               }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::Report> ReportService::RefreshReport(const rpc::Call& call,
                                                        const v1::RefreshReportRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Report present,
                           rpc::Fetch(deps_.store.db, call, reports_, request.name()));
  // Of whom it will be refused nothing is read.
  std::optional<v1::ReportContent> content;
  if (present.state() == v1::REPORT_STATE_DRAFT &&
      auth::Reaches(call.principal, present, options::v1::ACCESS_WRITE)) {
    CHANYAN_ASSIGN_OR_RETURN(const ReportKind* kind, KindOf(present));
    CHANYAN_ASSIGN_OR_RETURN(content, ReadNow(call.deadline, *kind, PeriodOf(*kind, present)));
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Report row,
      rpc::Transit<v1::Report>(
          deps_.store, call, request, reports_, ReportLife(), request.name(), request.etag(),
          "refresh", [&](rpc::Change&, v1::Report& report) -> absl::Status {
            if (!content.has_value()) {
              return status::Conflict("报告刚有变化，请刷新页面后重试");
            }
            // Another refresh may have read later and been faster.
            if (TimeIn(report.content().as_of_time()) <= TimeIn(content->as_of_time())) {
              *report.mutable_content() = *content;
            }
            return absl::OkStatus();
          }));
  return Present(call, std::move(row));
}

absl::Status ReportService::Issue(rpc::Change& change, const rpc::Call& call,
                                  v1::Report* row) const {
  CHANYAN_ASSIGN_OR_RETURN(const ReportKind* kind, KindOf(*row));
  const absl::CivilDay as_of = time::DayOf(TimeIn(row->content().as_of_time()));
  const absl::CivilDay today = time::DayOf(change.now());
  if (as_of != today) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("数据截至", time::FormatDateZh(as_of),
                                                   "，请先刷新数据并核对文字，再于当日印发"));
  }
  if (IsOpenOnly(*kind, deps_.pack)) {
    CHANYAN_RETURN_IF_ERROR(CheckOpen(change.session(), row->content()));
  }
  row->set_year(static_cast<int32_t>(today.year()));
  CHANYAN_ASSIGN_OR_RETURN(
      const int number,
      NextIssueNumber(change.session(), absl::StrCat("report/", row->kind()), row->year()));
  row->set_number(number);
  row->set_issuer(call.principal.account);
  api::SetTime(change.now(), row->mutable_issue_time());
  CHANYAN_ASSIGN_OR_RETURN(const std::string document, ReportDocument(*kind, *row));
  CHANYAN_ASSIGN_OR_RETURN(const std::string sheet, ReportSheet(*row));
  row->set_document_sha256(api::Sha256Hex(document));
  row->set_sheet_sha256(api::Sha256Hex(sheet));
  CHANYAN_RETURN_IF_ERROR(
      change.session()
          .Execute(kKeep, {row->name(), std::string(kDocument), row->document_sha256(), document})
          .status());
  return change.session()
      .Execute(kKeep, {row->name(), std::string(kSheet), row->sheet_sha256(), sheet})
      .status();
}

absl::StatusOr<v1::Report> ReportService::IssueReport(const rpc::Call& call,
                                                      const v1::IssueReportRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Report row,
      rpc::Transit<v1::Report>(deps_.store, call, request, reports_, ReportLife(), request.name(),
                               request.etag(), "issue",
                               [&](rpc::Change& change, v1::Report& report) -> absl::Status {
                                 return Issue(change, call, &report);
                               }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::Report> ReportService::DiscardReport(const rpc::Call& call,
                                                        const v1::DiscardReportRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Report row,
      rpc::Transit<v1::Report>(deps_.store, call, request, reports_, ReportLife(), request.name(),
                               request.etag(), "discard",
                               [&](rpc::Change&, v1::Report& report) -> absl::Status {
                                 report.set_discard_reason(request.reason());
                                 return absl::OkStatus();
                               }));
  return Present(call, std::move(row));
}

absl::StatusOr<std::string> ReportService::File(const rpc::Call& call, const std::string& name,
                                                absl::string_view format) const {
  v1::Report report;
  db::Rows kept;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            report, reports_.Get(session, name, auth::Readable<v1::Report>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(kept, session.Query(kKept, {name, std::string(format)}));
        return absl::OkStatus();
      }));
  if (report.state() == v1::REPORT_STATE_ISSUED) {
    if (kept.rows.empty()) return status::Internal(absl::StrCat(name, " has no ", format));
    const std::string& bytes = std::get<std::string>(kept.rows[0][1]);
    if (api::Sha256Hex(bytes) != std::get<std::string>(kept.rows[0][0])) {
      return status::Internal(absl::StrCat("the ", format, " of ", name, " is damaged"));
    }
    return bytes;
  }
  if (format == kSheet) return ReportSheet(report);
  CHANYAN_ASSIGN_OR_RETURN(const ReportKind* kind, KindOf(report));
  return ReportDocument(*kind, report);
}

absl::StatusOr<google::api::HttpBody> ReportService::ExportReport(
    const rpc::Call& call, const v1::ExportReportRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, File(call, request.name(), kSheet));
  return rpc::SheetBody(std::move(bytes));
}

absl::StatusOr<google::api::HttpBody> ReportService::ExportReportDocument(
    const rpc::Call& call, const v1::ExportReportDocumentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, File(call, request.name(), kDocument));
  // The same limit, another type.
  CHANYAN_ASSIGN_OR_RETURN(google::api::HttpBody body, rpc::SheetBody(std::move(bytes)));
  body.set_content_type(kDocx);
  return body;
}

}  // namespace chanyan::triage
