#include "services/cycle/chain_service.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/actions.h"
#include "services/cycle/chain_rules.h"

namespace chanyan::cycle {
namespace {

// Not done, and due before a day.
constexpr char kOverdueTask[] = "in_pack = 1 AND state <> 'DONE' AND due_date < ?";
constexpr char kBySequence[] = "sequence, name";

// Rows of `table` as the pack has them now.
template <class T>
absl::Status AlignTable(db::Session& session, absl::Time now, const journal::Origin& origin,
                        const db::Table<T>& table, const std::vector<T>& said) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<T> stored,
                           table.Select(session, db::Predicate::Everything(), db::kByNameLocked));
  std::map<std::string, const T*> wanted;
  for (const T& one : said) wanted[one.name()] = &one;
  for (const T& before : stored) {
    const auto found = wanted.find(before.name());
    T row = before;
    if (found == wanted.end()) {
      row.set_in_pack(false);
    } else {
      row = Aligned(before, *found->second);
      wanted.erase(found);
    }
    if (google::protobuf::util::MessageDifferencer::Equals(before, row)) continue;
    CHANYAN_RETURN_IF_ERROR(table.Update(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "aligned", &before, &row));
  }
  for (const auto& [name, one] : wanted) {
    T row = *one;
    CHANYAN_RETURN_IF_ERROR(table.Insert(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "aligned", nullptr, &row));
  }
  return absl::OkStatus();
}

void AddDay(const google::type::Date& date, sheet::SheetWriter& list) {
  const auto day = time::ToCivilDay(date);
  if (day.ok()) {
    list.Date(*day);
  } else {
    list.Empty();
  }
}

// A further sheet of a file: one row for each entry of a list that no cell can hold.
sheet::SheetWriter& AddListSheet(sheet::Writer& writer, absl::string_view name,
                                 const std::vector<std::pair<absl::string_view, double>>& columns) {
  sheet::SheetLayout layout;
  for (const auto& [header, width] : columns) layout.columns.push_back({.width = width});
  layout.freeze_rows = 1;
  layout.repeat_rows = 1;
  sheet::SheetWriter& list = writer.AddSheet(name, std::move(layout));
  list.NewRow();
  for (const auto& [header, width] : columns) list.Text(header, sheet::Look::kHeader);
  return list;
}

void WritePostponements(const std::vector<v1::ChainCampaign>& rows, sheet::Writer& writer) {
  sheet::SheetWriter& list = AddListSheet(writer, "延期记录",
                                          {{"序号", 8},
                                           {"产业链名称", 30},
                                           {"延期前开始日", 16},
                                           {"延期前结束日", 16},
                                           {"延期原因", 60},
                                           {"办理时间", 22}});
  for (const v1::ChainCampaign& row : rows) {
    for (const v1::Postponement& one : row.postponements()) {
      list.NewRow();
      list.Integer(row.sequence());
      list.Text(row.chain());
      AddDay(one.first_date(), list);
      AddDay(one.last_date(), list);
      list.Text(one.reason(), sheet::Look::kWrapped);
      list.DateTime(absl::ToCivilSecond(time::ToTime(one.time()), time::Shanghai()));
    }
  }
}

void WriteReports(const std::vector<v1::ActionTask>& rows,
                  const std::map<std::string, std::string>& chains, sheet::Writer& writer) {
  sheet::SheetWriter& list = AddListSheet(writer, "进展记录",
                                          {{"序号", 8},
                                           {"任务内容", 50},
                                           {"报告时间", 22},
                                           {"状态", 10},
                                           {"进展情况", 60},
                                           {"佐证材料", 40},
                                           {"产业链", 30}});
  for (const v1::ActionTask& row : rows) {
    for (const v1::ActionReport& one : row.reports()) {
      list.NewRow();
      list.Integer(row.sequence());
      list.Text(row.content(), sheet::Look::kWrapped);
      list.DateTime(absl::ToCivilSecond(time::ToTime(one.time()), time::Shanghai()));
      list.Text(policy::LabelOf(one.state()));
      list.Text(one.content(), sheet::Look::kWrapped);
      list.Text(absl::StrJoin(one.evidence(), "、"), sheet::Look::kWrapped);
      const auto chain = chains.find(one.chain_campaign());
      list.Text(one.chain_campaign().empty() ? "全部"
                : chain == chains.end()      ? api::IdOfName(one.chain_campaign())
                                             : absl::string_view(chain->second));
    }
  }
}

template <class T>
absl::Status SelectAll(const CycleDeps& deps, const rpc::Call& call, const db::Table<T>& table,
                       const db::Predicate& where, std::vector<T>* rows) {
  return deps.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        *rows,
        table.Select(session, db::And(auth::Readable<T>(call.principal), where), kBySequence));
    return absl::OkStatus();
  });
}

}  // namespace

std::vector<rpc::UnaryMethod> ChainService::Methods() {
  using S = ChainService;
  return {
      rpc::Unary("ListChainCampaigns", this, &S::ListChainCampaigns),
      rpc::Unary("PostponeChainCampaign", this, &S::PostponeChainCampaign),
      rpc::Unary("HoldChainCampaign", this, &S::HoldChainCampaign),
      rpc::Unary("RecordCampaignCases", this, &S::RecordCampaignCases),
      rpc::Unary("ExportChainCampaigns", this, &S::ExportChainCampaigns),
      rpc::Unary("ListActionTasks", this, &S::ListActionTasks),
      rpc::Unary("ReportActionTask", this, &S::ReportActionTask),
      rpc::Unary("SetActionTaskDueDate", this, &S::SetActionTaskDueDate),
      rpc::Unary("ExportActionTasks", this, &S::ExportActionTasks),
  };
}

absl::Status ChainService::Align(const db::Lease& lease) {
  const journal::Origin origin{.method = "chanyan.cycle.AlignChains",
                               .actor = "services/cycle",
                               .organization = "",
                               .request_id = "",
                               .trace_id = ""};
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_RETURN_IF_ERROR(AlignTable(session, now, origin, campaigns_, CampaignsOf(deps_.pack)));
    return AlignTable(session, now, origin, tasks_, TasksOf(deps_.pack));
  }));
  if (deps_.store.changed != nullptr) deps_.store.changed();
  return absl::OkStatus();
}

v1::ChainCampaign ChainService::Present(const rpc::Call& call, v1::ChainCampaign campaign) const {
  campaign.set_overdue(IsOverdue(campaign, time::DayOf(deps_.store.clock.Now())));
  return WithActions(call.principal, std::move(campaign));
}

v1::ActionTask ChainService::Present(const rpc::Call& call, v1::ActionTask task) const {
  task.set_overdue(IsOverdue(task, time::DayOf(deps_.store.clock.Now())));
  if (!task.reports().empty()) task.set_latest(task.reports().rbegin()->content());
  return WithActions(call.principal, std::move(task));
}

absl::StatusOr<v1::ListChainCampaignsResponse> ChainService::ListChainCampaigns(
    const rpc::Call& call, const v1::ListChainCampaignsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, campaigns_, request, "",
                                                     request.filter(), "sequence"));
  v1::ListChainCampaignsResponse response;
  for (v1::ChainCampaign& row : page.rows) {
    *response.add_chain_campaigns() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  *response.mutable_as_of() = time::ToTimestamp(deps_.store.clock.Now());
  return response;
}

absl::StatusOr<v1::ChainCampaign> ChainService::PostponeChainCampaign(
    const rpc::Call& call, const v1::PostponeChainCampaignRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay first, time::ToCivilDay(request.first_date()));
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(request.last_date()));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ChainCampaign campaign,
      rpc::Transit<v1::ChainCampaign>(
          deps_.store, call, request, campaigns_, CampaignLife(), request.name(), request.etag(),
          "postpone", [&](rpc::Change& change, v1::ChainCampaign& row) {
            return PostponeCampaign(first, last, request.reason(), change.now(),
                                    call.principal.account, &row);
          }));
  return Present(call, std::move(campaign));
}

absl::StatusOr<v1::ChainCampaign> ChainService::HoldChainCampaign(
    const rpc::Call& call, const v1::HoldChainCampaignRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ChainCampaign campaign,
      rpc::Transit<v1::ChainCampaign>(
          deps_.store, call, request, campaigns_, CampaignLife(), request.name(), request.etag(),
          "hold", [&](rpc::Change& change, v1::ChainCampaign& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay first,
                                     time::ToCivilDay(row.first_date()));
            if (time::DayOf(change.now()) < first) {
              return status::FailedPrecondition(
                  options::v1::ERROR_REASON_WINDOW_CLOSED,
                  absl::StrCat("“", row.chain(), "”活动自", time::FormatDateZh(first),
                               "起举办，现在还不能登记"));
            }
            row.set_place(request.place());
            row.set_summary(request.summary());
            return absl::OkStatus();
          }));
  return Present(call, std::move(campaign));
}

absl::StatusOr<v1::ChainCampaign> ChainService::RecordCampaignCases(
    const rpc::Call& call, const v1::RecordCampaignCasesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ChainCampaign campaign,
      rpc::Edit<v1::ChainCampaign>(
          deps_.store, call, request, campaigns_, request.name(), request.etag(), "recordCases",
          [&](rpc::Change&, v1::ChainCampaign& row) { return SetCases(request.cases(), &row); }));
  return Present(call, std::move(campaign));
}

absl::StatusOr<google::api::HttpBody> ChainService::ExportChainCampaigns(
    const rpc::Call& call, const v1::ExportChainCampaignsRequest&) {
  std::vector<v1::ChainCampaign> rows;
  CHANYAN_RETURN_IF_ERROR(SelectAll(deps_, call, campaigns_, {"in_pack = 1", {}}, &rows));
  for (v1::ChainCampaign& row : rows) row = Present(call, std::move(row));
  sheet::TableLayout layout;
  layout.title_rows = {"标志性产业链产学研精准对接和新技术新产品推介活动安排表"};
  constexpr absl::string_view kTitle = "活动安排表";
  sheet::Writer writer({.created = deps_.store.clock.Now(), .title = std::string(kTitle)});
  sheet::WriteTable(writer, kTitle, v1::ChainCampaign::descriptor(), rows, layout);
  WritePostponements(rows, writer);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return rpc::SheetBody(std::move(bytes));
}

absl::StatusOr<v1::ListActionTasksResponse> ChainService::ListActionTasks(
    const rpc::Call& call, const v1::ListActionTasksRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = "sequence";
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = auth::Readable<v1::ActionTask>(call.principal);
  if (request.overdue_only()) {
    query.scope =
        db::And(std::move(query.scope), {kOverdueTask, {time::FormatDate(time::DayOf(now))}});
  }
  db::Page<v1::ActionTask> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, tasks_.List(session, query));
        return absl::OkStatus();
      }));
  v1::ListActionTasksResponse response;
  for (v1::ActionTask& row : page.rows)
    *response.add_action_tasks() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  *response.mutable_as_of() = time::ToTimestamp(now);
  return response;
}

absl::StatusOr<v1::ActionTask> ChainService::ReportActionTask(
    const rpc::Call& call, const v1::ReportActionTaskRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ActionTask task,
      rpc::Edit<v1::ActionTask>(
          deps_.store, call, request, tasks_, request.name(), request.etag(), "report",
          [&](rpc::Change& change, v1::ActionTask& row) -> absl::Status {
            if (!request.chain_campaign().empty() &&
                !campaigns_.Get(change.session(), request.chain_campaign()).ok()) {
              return status::InvalidField("chain_campaign", "没有这条产业链的活动");
            }
            v1::ActionReport report;
            *report.mutable_time() = time::ToTimestamp(change.now());
            report.set_account(call.principal.account);
            report.set_organization(call.principal.organization);
            report.set_state(request.state());
            report.set_content(request.content());
            *report.mutable_evidence() = request.evidence();
            report.set_chain_campaign(request.chain_campaign());
            return AddReport(std::move(report), &row);
          }));
  return Present(call, std::move(task));
}

absl::StatusOr<v1::ActionTask> ChainService::SetActionTaskDueDate(
    const rpc::Call& call, const v1::SetActionTaskDueDateRequest& request) {
  CHANYAN_RETURN_IF_ERROR(time::ToCivilDay(request.due_date()).status());
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ActionTask task,
      rpc::Edit<v1::ActionTask>(deps_.store, call, request, tasks_, request.name(), request.etag(),
                                "setDueDate", [&](rpc::Change&, v1::ActionTask& row) {
                                  *row.mutable_due_date() = request.due_date();
                                  row.set_due_basis(request.reason());
                                  row.set_own_due_date(true);
                                  return absl::OkStatus();
                                }));
  return Present(call, std::move(task));
}

absl::StatusOr<google::api::HttpBody> ChainService::ExportActionTasks(
    const rpc::Call& call, const v1::ExportActionTasksRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  const db::Predicate wanted =
      request.overdue_only() ? db::Predicate{kOverdueTask, {time::FormatDate(time::DayOf(now))}}
                             : db::Predicate{"in_pack = 1", {}};
  std::vector<v1::ActionTask> rows;
  CHANYAN_RETURN_IF_ERROR(SelectAll(deps_, call, tasks_, wanted, &rows));
  for (v1::ActionTask& row : rows) row = Present(call, std::move(row));
  sheet::TableLayout layout;
  layout.title_rows = {absl::StrCat("标志性产业链产学研协同创新行动工作任务清单",
                                    request.overdue_only() ? "（逾期事项）" : "")};
  std::vector<v1::ChainCampaign> campaigns;
  CHANYAN_RETURN_IF_ERROR(
      SelectAll(deps_, call, campaigns_, db::Predicate::Everything(), &campaigns));
  std::map<std::string, std::string> chains;
  for (const v1::ChainCampaign& one : campaigns) chains[one.name()] = one.chain();
  constexpr absl::string_view kTitle = "工作任务清单";
  sheet::Writer writer({.created = now, .title = std::string(kTitle)});
  sheet::WriteTable(writer, kTitle, v1::ActionTask::descriptor(), rows, layout);
  WriteReports(rows, chains, writer);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return rpc::SheetBody(std::move(bytes));
}

}  // namespace chanyan::cycle
