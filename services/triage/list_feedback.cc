// What task forces say to the lines of a list, and what is read and exported of lists.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/export_rows.h"
#include "services/triage/list_lines.h"
#include "services/triage/list_readers.h"
#include "services/triage/list_service.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

absl::Status CheckFeedback(const v1::GiveListFeedbackRequest& request) {
  const bool says_itself = request.kind() == v1::LIST_FEEDBACK_KIND_INTERESTED ||
                           request.kind() == v1::LIST_FEEDBACK_KIND_CONTACTED;
  if (says_itself || !request.text().empty()) return absl::OkStatus();
  return status::InvalidField("text", absl::StrCat("反馈“", policy::LabelOf(request.kind()),
                                                   "”的，请说明原因或需要补充的内容"));
}

}  // namespace

absl::StatusOr<v1::ListFeedback> ListService::GiveListFeedback(
    const rpc::Call& call, const v1::GiveListFeedbackRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckFeedback(request));
  const std::string list_name = ResultOfName(request.name());
  const std::string& unit = call.principal.organization;
  return rpc::Mutate<v1::ListFeedback>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ListFeedback> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::ListLine line,
                                 lines_.Get(change.session(), request.name(),
                                            auth::Readable<v1::ListLine>(call.principal)));
        // The list first, so that it is not corrected meanwhile.
        CHANYAN_ASSIGN_OR_RETURN(const v1::IndustryList list,
                                 lists_.GetForUpdate(change.session(), list_name));
        if (std::find(line.recipients().begin(), line.recipients().end(), unit) ==
            line.recipients().end()) {
          return status::PermissionDenied("该条目由所属产业的专班反馈");
        }
        if (list.state() != v1::INDUSTRY_LIST_STATE_ISSUED) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              list.corrected_by().empty()
                  ? absl::StrCat("清单状态为“", policy::LabelOf(list.state()), "”，不能反馈")
                  : absl::StrCat("该清单已更正，请对新版（", list.corrected_by(), "）反馈"));
        }
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ListDelivery delivery,
            deliveries_.GetForUpdate(change.session(), absl::StrCat(list_name, "/deliveries/",
                                                                    api::DigestId("d", unit))));
        const std::string name = absl::StrCat(line.name(), "/feedbacks/", api::DigestId("f", unit));
        absl::StatusOr<v1::ListFeedback> said = feedbacks_.GetForUpdate(change.session(), name);
        if (said.ok()) {
          const v1::ListFeedback before = *said;
          said->set_kind(request.kind());
          said->set_text(request.text());
          said->set_author(call.principal.account);
          CHANYAN_RETURN_IF_ERROR(feedbacks_.Update(change.session(), change.now(), &*said));
          CHANYAN_RETURN_IF_ERROR(change.Record("changed", &before, &*said));
          return said;
        }
        if (!absl::IsNotFound(said.status())) return said.status();
        v1::ListFeedback row;
        row.set_name(name);
        row.set_kind(request.kind());
        row.set_text(request.text());
        row.set_unit(unit);
        row.set_unit_title(delivery.recipient_title());
        row.set_author(call.principal.account);
        api::SetTime(change.now(), row.mutable_give_time());
        row.set_late(time::IsPastDeadline(change.now(), TimeIn(delivery.due_time())));
        row.set_list_title(list.title());
        row.set_line_title(line.title());
        row.set_subject(line.subject());
        row.set_proprietor(line.proprietor());
        CHANYAN_RETURN_IF_ERROR(feedbacks_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("given", nullptr, &row));
        const v1::ListDelivery before = delivery;
        delivery.set_answered_count(delivery.answered_count() + 1);
        delivery.set_done(delivery.answered_count() >= delivery.line_count());
        CHANYAN_RETURN_IF_ERROR(deliveries_.Update(change.session(), change.now(), &delivery));
        CHANYAN_RETURN_IF_ERROR(change.Record("answered", &before, &delivery));
        return row;
      });
}

absl::StatusOr<v1::ListListLinesResponse> ListService::ListListLines(
    const rpc::Call& call, const v1::ListListLinesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, lines_, request,
                                absl::StrCat(request.parent(), "/lines"), request.filter(),
                                request.order_by().empty() ? "number" : request.order_by(),
                                ListLinesStillOpen(call.principal)));
  v1::ListListLinesResponse response;
  for (v1::ListLine& row : page.rows) *response.add_list_lines() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListListFeedbacksResponse> ListService::ListListFeedbacks(
    const rpc::Call& call, const v1::ListListFeedbacksRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, feedbacks_, request,
                                                     absl::StrCat(request.parent(), "/feedbacks"),
                                                     request.filter(), request.order_by()));
  v1::ListListFeedbacksResponse response;
  for (v1::ListFeedback& row : page.rows) *response.add_list_feedbacks() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListListDeliveriesResponse> ListService::ListListDeliveries(
    const rpc::Call& call, const v1::ListListDeliveriesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, deliveries_, request,
                                                     absl::StrCat(request.parent(), "/deliveries"),
                                                     request.filter(), request.order_by()));
  const absl::Time now = deps_.store.clock.Now();
  v1::ListListDeliveriesResponse response;
  for (v1::ListDelivery& row : page.rows) {
    row.set_overdue(!row.done() && time::IsPastDeadline(now, TimeIn(row.due_time())));
    *response.add_list_deliveries() = std::move(row);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> ListService::ExportIndustryList(
    const rpc::Call& call, const v1::ExportIndustryListRequest& request) {
  v1::IndustryList list;
  std::vector<v1::ListLine> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            list,
            lists_.Get(session, request.name(), auth::Readable<v1::IndustryList>(call.principal)));
        // Published or not, a task force has the file that it was sent.
        const db::Predicate within =
            !ReadsEveryList(call.principal) && WasSentList(call.principal, list)
                ? OwnListLines(call.principal)
                : ListLinesStillOpen(call.principal);
        CHANYAN_ASSIGN_OR_RETURN(
            rows, lines_.Select(session,
                                db::And(db::And(auth::Readable<v1::ListLine>(call.principal),
                                                {kKeptLines, {list.name()}}),
                                        within),
                                "number"));
        return absl::OkStatus();
      }));
  // As they will be numbered.
  for (size_t i = 0; i < rows.size(); ++i) rows[i].set_number(static_cast<int>(i) + 1);
  // Of an issued list the day it was issued, so that it is the same file for ever.
  const absl::Time at = TimeIn(list.has_issue_time() ? list.issue_time() : list.collect_time());
  return rpc::ExportSheet<v1::ListLine>(
      list.kind_title(), at, rows,
      {.title_rows = {list.title(),
                      absl::StrCat(list.has_issue_time() ? "印发日期：" : "草稿，汇总日期：",
                                   time::FormatDateZh(time::DayOf(at)))}});
}

absl::StatusOr<google::api::HttpBody> ListService::ExportListFeedbacks(
    const rpc::Call& call, const v1::ExportListFeedbacksRequest& request) {
  std::vector<v1::ListFeedback> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, feedbacks_.core().Where(request.filter()));
        if (const std::string list = ResultOfName(request.parent()); list != "lists/-") {
          wanted = db::And(std::move(wanted), {"list = ?", {list}});
        }
        if (!absl::EndsWith(request.parent(), "/-")) {
          wanted = db::And(std::move(wanted), Below(request.parent()));
        }
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, feedbacks_,
                             db::And(auth::Readable<v1::ListFeedback>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::ListFeedback>("清单反馈", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
