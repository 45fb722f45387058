#include "services/cycle/trace_service.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/differences.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/journal/reader.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/ids.h"
#include "services/cycle/names.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/telling.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

// Hand-overs of one file.
constexpr size_t kMostHandovers = 20000;
// Of disputes the same.
constexpr size_t kMostDisputes = 20000;

constexpr char kHandoversOf[] = "SELECT handover FROM handover_row WHERE form_row = ? ORDER BY hop";

std::string TitleOf(const v1::Row& row) {
  return absl::StrCat(row.platform_title(), "—",
                      row.enterprise_title().empty() ? "（面向全体企业）" : row.enterprise_title());
}

// What people call the kinds of entries.
std::string ActOf(const std::string& kind) {
  static const auto& acts =
      *new std::map<std::string, std::string>{{"born", "填入"},
                                              {"edited", "修改"},
                                              {"withdrawn", "从草稿中删去"},
                                              {"released", "公开"},
                                              {"followed", "随单位合并变更"},
                                              {"sent", "发送"},
                                              {"received", "签收"},
                                              {"refused", "退回"},
                                              {"returned", "退回（本行原因）"}};
  const auto found = acts.find(kind);
  return found == acts.end() ? kind : found->second;
}

template <class T>
absl::StatusOr<T> Parse(const std::string& json) {
  T message;
  if (!json.empty() && !api::JsonToMessage(json, message, api::JsonSource::kStored).ok()) {
    return status::Internal("journal: an entry that cannot be read");
  }
  return message;
}

v1::TraceStep StepOfEntry(const journal::v1::Entry& entry) {
  v1::TraceStep step;
  *step.mutable_time() = entry.time();
  step.set_act(ActOf(entry.kind()));
  step.set_account(entry.actor());
  step.set_organization(entry.organization());
  step.set_event_id(entry.event_id());
  return step;
}

// All entries of a resource, in pages.
absl::StatusOr<std::vector<journal::v1::Entry>> WholeHistory(db::Session& session,
                                                             const std::string& name) {
  std::vector<journal::v1::Entry> all;
  int64_t last = 0;
  while (true) {
    CHANYAN_ASSIGN_OR_RETURN(std::vector<journal::v1::Entry> page,
                             journal::HistoryOf(session, name, last, journal::kMaxEntries, &last));
    const bool more = page.size() == static_cast<size_t>(journal::kMaxEntries);
    all.insert(all.end(), std::make_move_iterator(page.begin()),
               std::make_move_iterator(page.end()));
    if (!more) return all;
  }
}

absl::Status AddOfRow(db::Session& session, const std::string& name,
                      std::vector<v1::TraceStep>* steps) {
  CHANYAN_ASSIGN_OR_RETURN(const auto entries, WholeHistory(session, name));
  for (const journal::v1::Entry& entry : entries) {
    v1::TraceStep step = StepOfEntry(entry);
    CHANYAN_ASSIGN_OR_RETURN(const auto before, Parse<v1::Row>(entry.before_json()));
    CHANYAN_ASSIGN_OR_RETURN(const auto after, Parse<v1::Row>(entry.after_json()));
    std::vector<std::string> changes;
    for (const api::Difference& one : api::Differences(before, after)) {
      changes.push_back(absl::StrCat(one.label, "：", one.before.empty() ? "（空）" : one.before,
                                     "→", one.after.empty() ? "（空）" : one.after));
    }
    step.set_changes(absl::StrJoin(changes, "；"));
    steps->push_back(std::move(step));
  }
  return absl::OkStatus();
}

absl::Status AddOfHandover(db::Session& session, const std::string& name,
                           std::vector<v1::TraceStep>* steps) {
  CHANYAN_ASSIGN_OR_RETURN(const auto entries, WholeHistory(session, name));
  for (const journal::v1::Entry& entry : entries) {
    v1::TraceStep step = StepOfEntry(entry);
    CHANYAN_ASSIGN_OR_RETURN(const auto handover, Parse<v1::Handover>(entry.after_json()));
    if (handover.sent_back() && entry.kind() == "sent") step.set_act("退回");
    step.set_sender(handover.sender());
    step.set_receiver(handover.receiver());
    if (handover.has_receive_time()) {
      *step.mutable_cycle_time() = handover.receive_time();
    } else if (handover.has_send_time()) {
      *step.mutable_cycle_time() = handover.send_time();
    }
    step.set_changes(absl::StrJoin(handover.reasons(), "；"));
    steps->push_back(std::move(step));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<rpc::UnaryMethod> TraceService::Methods() {
  using S = TraceService;
  return {
      rpc::Unary("TraceRow", this, &S::TraceRow),
      rpc::Unary("ExportRowTrace", this, &S::ExportRowTrace),
      rpc::Unary("DisputeRow", this, &S::DisputeRow),
      rpc::Unary("SettleDispute", this, &S::SettleDispute),
      rpc::Unary("ListDisputes", this, &S::ListDisputes),
      rpc::Unary("ExportDisputes", this, &S::ExportDisputes),
      rpc::Unary("ExportHandovers", this, &S::ExportHandovers),
      rpc::Unary("ExportConservation", this, &S::ExportConservation),
  };
}

absl::StatusOr<v1::RowTrace> TraceService::TraceRow(const rpc::Call& call,
                                                    const v1::TraceRowRequest& request) {
  v1::RowTrace trace;
  const auto read = [&](db::Session& session) -> absl::Status {
    trace.Clear();
    CHANYAN_ASSIGN_OR_RETURN(const v1::Row row, rows_.Get(session, request.name(),
                                                          auth::Readable<v1::Row>(call.principal)));
    trace.set_name(row.name());
    trace.set_title(TitleOf(row));
    trace.set_holder(row.holder());
    std::vector<v1::TraceStep> steps;
    CHANYAN_RETURN_IF_ERROR(AddOfRow(session, row.name(), &steps));
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows handovers, session.Query(kHandoversOf, {row.name()}));
    for (const db::Values& one : handovers.rows) {
      CHANYAN_RETURN_IF_ERROR(AddOfHandover(session, std::get<std::string>(one[0]), &steps));
    }
    std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
      return time::ToTime(a.time()) < time::ToTime(b.time());
    });
    for (v1::TraceStep& step : steps) *trace.add_steps() = std::move(step);
    *trace.mutable_as_of() = time::ToTimestamp(deps_.store.clock.Now());
    return absl::OkStatus();
  };
  db::TransactOptions options;
  options.deadline = call.deadline;
  // A transaction, though it only reads: one snapshot of row, hand-overs and journal.
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(options, read));
  CHANYAN_RETURN_IF_ERROR(NameTrace(call, &trace));
  return trace;
}

absl::Status TraceService::NameTrace(const rpc::Call& call, v1::RowTrace* trace) const {
  std::set<std::string> wanted = {trace->holder()};
  for (const v1::TraceStep& step : trace->steps()) {
    wanted.insert({step.account(), step.organization(), step.sender(), step.receiver()});
  }
  CHANYAN_ASSIGN_OR_RETURN(const Names names, FindNames(deps_.store.db, deps_.peers, call,
                                                        CycleOfName(trace->name()), wanted));
  trace->set_holder_title(names.Of(trace->holder()));
  for (v1::TraceStep& step : *trace->mutable_steps()) {
    step.set_account_title(names.Of(step.account()));
    step.set_organization_title(names.Of(step.organization()));
    step.set_sender_title(names.Of(step.sender()));
    step.set_receiver_title(names.Of(step.receiver()));
  }
  return absl::OkStatus();
}

absl::Status TraceService::Present(const rpc::Call& call,
                                   std::vector<v1::RowDispute>* disputes) const {
  std::map<std::string, std::set<std::string>> wanted;
  for (const v1::RowDispute& one : *disputes) {
    wanted[std::string(CycleOfName(one.name()))].insert({one.organization(), one.account()});
  }
  std::map<std::string, Names> names;
  for (const auto& [cycle, its] : wanted) {
    CHANYAN_ASSIGN_OR_RETURN(names[cycle],
                             FindNames(deps_.store.db, deps_.peers, call, cycle, its));
  }
  for (v1::RowDispute& one : *disputes) {
    const Names& known = names[std::string(CycleOfName(one.name()))];
    one.set_organization_title(known.Of(one.organization()));
    one.set_account_title(known.Of(one.account()));
    one = WithActions(call.principal, std::move(one));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::RowDispute> TraceService::PresentOne(const rpc::Call& call,
                                                        v1::RowDispute dispute) const {
  std::vector<v1::RowDispute> one = {std::move(dispute)};
  CHANYAN_RETURN_IF_ERROR(Present(call, &one));
  return std::move(one.front());
}

absl::StatusOr<google::api::HttpBody> TraceService::ExportRowTrace(
    const rpc::Call& call, const v1::ExportRowTraceRequest& request) {
  v1::TraceRowRequest of_row;
  of_row.set_name(request.name());
  CHANYAN_ASSIGN_OR_RETURN(const v1::RowTrace trace, TraceRow(call, of_row));
  sheet::TableLayout layout;
  layout.title_rows = {
      absl::StrCat("报表行溯源：", trace.title()),
      absl::StrCat("现由", trace.holder_title().empty() ? trace.holder() : trace.holder_title(),
                   "保管")};
  return rpc::ExportSheet<v1::TraceStep>("溯源记录", time::ToTime(trace.as_of()), trace.steps(),
                                         layout);
}

absl::StatusOr<v1::RowDispute> TraceService::DisputeRow(const rpc::Call& call,
                                                        const v1::DisputeRowRequest& request) {
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("账号没有所属单位，不能代表单位提出争议");
  const auto put = [&](rpc::Change& change) -> absl::StatusOr<v1::RowDispute> {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Row row, rows_.Get(change.session(), request.name(),
                                                          auth::Readable<v1::Row>(call.principal)));
    CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(
        change.session(), {own, row.university(), row.unit(), row.enterprise()}));
    v1::RowDispute dispute;
    dispute.set_name(absl::StrCat(CycleOfName(row.name()), "/disputes/", api::NewShortId()));
    dispute.set_form_row(row.name());
    dispute.set_row_title(TitleOf(row));
    dispute.set_organization(own);
    dispute.set_account(call.principal.account);
    dispute.set_reason(request.reason());
    dispute.set_state(v1::DISPUTE_STATE_OPEN);
    dispute.set_university(row.university());
    // Nobody learns of a row by a dispute of it.
    if (row.distributed()) dispute.set_unit(row.unit());
    if (row.delivered()) dispute.set_enterprise(row.enterprise());
    CHANYAN_RETURN_IF_ERROR(disputes_.Insert(change.session(), change.now(), &dispute));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &dispute));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             cycles_.Get(change.session(), CycleOfName(row.name())));
    CHANYAN_RETURN_IF_ERROR(TellOfWork(change.session(), change.now(), cycle, dispute.name(),
                                       DisputeRaised(cycle, dispute)));
    return dispute;
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::RowDispute dispute,
                           rpc::Mutate<v1::RowDispute>(deps_.store, call, request, put));
  return PresentOne(call, std::move(dispute));
}

absl::StatusOr<v1::RowDispute> TraceService::SettleDispute(
    const rpc::Call& call, const v1::SettleDisputeRequest& request) {
  const auto settle = [&](rpc::Change& change, v1::RowDispute& row) -> absl::Status {
    if (row.state() != v1::DISPUTE_STATE_OPEN) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        "该争议已办结；有新情况的，请另行提出");
    }
    row.set_state(v1::DISPUTE_STATE_SETTLED);
    row.set_finding(request.finding());
    row.set_settled_by(call.principal.account);
    *row.mutable_settle_time() = time::ToTimestamp(change.now());
    CHANYAN_RETURN_IF_ERROR(Settle(change.session(), change.now(), row.name()));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             cycles_.Get(change.session(), CycleOfName(row.name())));
    return TellOfWork(change.session(), change.now(), cycle, row.name(), DisputeSettled(row));
  };
  CHANYAN_ASSIGN_OR_RETURN(
      v1::RowDispute dispute,
      rpc::Edit<v1::RowDispute>(deps_.store, call, request, disputes_, request.name(),
                                request.etag(), "settle", settle));
  return PresentOne(call, std::move(dispute));
}

absl::StatusOr<v1::ListDisputesResponse> TraceService::ListDisputes(
    const rpc::Call& call, const v1::ListDisputesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, disputes_, request,
                                                     absl::StrCat(request.parent(), "/disputes"),
                                                     request.filter(), "create_time"));
  CHANYAN_RETURN_IF_ERROR(Present(call, &page.rows));
  v1::ListDisputesResponse response;
  for (v1::RowDispute& row : page.rows) *response.add_disputes() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> TraceService::ExportDisputes(
    const rpc::Call& call, const v1::ExportDisputesRequest& request) {
  v1::Cycle cycle;
  std::vector<v1::RowDispute> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        cycle, cycles_.Get(session, request.parent(), auth::Readable<v1::Cycle>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, disputes_.core().Where(request.filter()));
    const db::Predicate its = db::And(db::And(Below(absl::StrCat(cycle.name(), "/disputes")),
                                              auth::Readable<v1::RowDispute>(call.principal)),
                                      wanted);
    CHANYAN_ASSIGN_OR_RETURN(
        rows, disputes_.Select(session, its,
                               absl::StrCat("create_time, name LIMIT ", kMostDisputes + 1)));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  if (rows.size() > kMostDisputes) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("争议超过 ", kMostDisputes, " 件，请按状态或提出单位筛选后分次下载"));
  }
  CHANYAN_RETURN_IF_ERROR(Present(call, &rows));
  sheet::TableLayout layout;
  layout.title_rows = {absl::StrCat("报表行争议台账（", api::IdOfName(cycle.name()), "）",
                                    cycle.rehearsal() ? "（演练或补录）" : "")};
  return rpc::ExportSheet<v1::RowDispute>("报表行争议", TimeInCycle(cycle, deps_.store.clock.Now()),
                                          rows, layout);
}

absl::StatusOr<google::api::HttpBody> TraceService::ExportHandovers(
    const rpc::Call& call, const v1::ExportHandoversRequest& request) {
  v1::Cycle cycle;
  std::vector<v1::Handover> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        cycle, cycles_.Get(session, request.parent(), auth::Readable<v1::Cycle>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, handovers_.core().Where(request.filter()));
    const db::Predicate its = db::And(db::And(Below(absl::StrCat(cycle.name(), "/handovers")),
                                              auth::Readable<v1::Handover>(call.principal)),
                                      wanted);
    CHANYAN_ASSIGN_OR_RETURN(
        rows, handovers_.Select(session, its,
                                absl::StrCat("send_time, name LIMIT ", kMostHandovers + 1)));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  if (rows.size() > kMostHandovers) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("交接记录超过 ", kMostHandovers,
                     " 条，请按步骤、发出单位、接收单位或发送时间筛选后分次下载"));
  }
  CHANYAN_RETURN_IF_ERROR(NameHandovers(deps_.store.db, deps_.peers, call, &rows));
  sheet::TableLayout layout;
  layout.title_rows = {absl::StrCat("报表交接记录（", api::IdOfName(cycle.name()), "）",
                                    cycle.rehearsal() ? "（演练或补录）" : "")};
  return rpc::ExportSheet<v1::Handover>("交接记录", TimeInCycle(cycle, deps_.store.clock.Now()),
                                        rows, layout);
}

absl::StatusOr<google::api::HttpBody> TraceService::ExportConservation(
    const rpc::Call& call, const v1::ExportConservationRequest& request) {
  v1::Cycle cycle;
  v1::Conservation proof;
  absl::Time now;
  db::TransactOptions options;
  options.deadline = call.deadline;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            cycle, cycles_.Get(session, request.name(), auth::Readable<v1::Cycle>(call.principal)));
        now = TimeInCycle(cycle, deps_.store.clock.Now());
        CHANYAN_ASSIGN_OR_RETURN(proof, custody_.Check(session, cycle.name(), now));
        return absl::OkStatus();
      }));
  CHANYAN_RETURN_IF_ERROR(NameHolders(deps_.store.db, deps_.peers, call, cycle.name(), &proof));
  sheet::Writer writer({.created = now, .title = "报表守恒核验表"});
  sheet::SheetWriter& sheet = writer.AddSheet(
      "守恒核验", {.columns = {{.width = 44}, {.width = 24}, {.width = 24}, {.width = 44}}});
  sheet.TitleRow(absl::StrCat("报表守恒核验表（", api::IdOfName(cycle.name()), "）",
                              cycle.rehearsal() ? "（演练或补录）" : ""));
  sheet.TitleRow(
      proof.conserved() ? "核验结论：守恒，无丢失、合并、重复" : "核验结论：不守恒，见下",
      sheet::Look::kPlain);
  const auto line = [&sheet](absl::string_view label, int64_t value) {
    sheet.NewRow();
    sheet.Text(label);
    sheet.Integer(value);
  };
  line("高校院所填入（含结转）", proof.from_universities());
  line("企业填入", proof.from_enterprises());
  line("现有行数（应为上两项之和）", proof.rows());
  line("核验的交接", proof.handovers());
  sheet.NewRow();
  sheet.Text("填入行集摘要");
  sheet.Text(proof.origin_sha256());
  sheet.NewRow();
  sheet.Text("现有行集摘要");
  sheet.Text(proof.present_sha256());
  sheet.NewRow();
  for (const char* header : {"保管单位", "保管行数", "其中在途", "保管单位编号"}) {
    sheet.Text(header, sheet::Look::kHeader);
  }
  for (const v1::HolderCount& holder : proof.holders()) {
    line(holder.title().empty() ? holder.organization() : holder.title(), holder.row_count());
    sheet.Integer(holder.in_transit());
    sheet.Text(holder.organization());
  }
  for (const std::string& violation : proof.violations()) {
    sheet.NewRow();
    sheet.Text(violation, sheet::Look::kWrapped);
  }
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return rpc::SheetBody(std::move(bytes));
}

}  // namespace chanyan::cycle
