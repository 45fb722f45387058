// Lists as drafts: drawn up, refreshed, discarded. They are issued and corrected in list_issue.cc.
#include "services/triage/list_service.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/industry_list_life.h"
#include "services/triage/issue_rules.h"
#include "services/triage/list_lines.h"
#include "services/triage/list_readers.h"
#include "services/triage/openness.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using policy::v1::IndustryListKind;

constexpr char kDropLines[] = "DELETE FROM list_line WHERE list = ?";

absl::Status RefuseOthers(const rpc::Call& call, const TriagePack& pack) {
  if (IsOffice(call, pack.Office())) return absl::OkStatus();
  return status::PermissionDenied("产业清单由成果处编制、印发和更正");
}

// Which of the entries that are open to everybody: what is limited is on no list.
template <class Subject>
db::Predicate OpenAt(absl::Time now);
template <>
db::Predicate OpenAt<v1::Result>(absl::Time) {
  return {kOpenToEverybody, {}};
}
template <>
db::Predicate OpenAt<v1::Demand>(absl::Time now) {
  return {absl::StrCat(kOpenToEverybody, " AND (valid_until IS NULL OR valid_until >= ?)"),
          {time::FormatDate(time::DayOf(now))}};
}

std::string JsonOf(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(api::JsonString(name));
  return absl::StrCat("[", absl::StrJoin(quoted, ","), "]");
}

}  // namespace

std::vector<rpc::UnaryMethod> ListService::Methods() {
  using S = ListService;
  return {
      rpc::Unary("GetIndustryList", this, &S::GetIndustryList),
      rpc::Unary("ListIndustryLists", this, &S::ListIndustryLists),
      rpc::Unary("CreateIndustryList", this, &S::CreateIndustryList),
      rpc::Unary("RefreshIndustryList", this, &S::RefreshIndustryList),
      rpc::Unary("TrimIndustryList", this, &S::TrimIndustryList),
      rpc::Unary("RestoreIndustryList", this, &S::RestoreIndustryList),
      rpc::Unary("ListListOmissions", this, &S::ListListOmissions),
      rpc::Unary("IssueIndustryList", this, &S::IssueIndustryList),
      rpc::Unary("PublishIndustryList", this, &S::PublishIndustryList),
      rpc::Unary("WithdrawIndustryList", this, &S::WithdrawIndustryList),
      rpc::Unary("DiscardIndustryList", this, &S::DiscardIndustryList),
      rpc::Unary("CorrectIndustryList", this, &S::CorrectIndustryList),
      rpc::Unary("ListListLines", this, &S::ListListLines),
      rpc::Unary("GiveListFeedback", this, &S::GiveListFeedback),
      rpc::Unary("ListListFeedbacks", this, &S::ListListFeedbacks),
      rpc::Unary("ListListDeliveries", this, &S::ListListDeliveries),
      rpc::Unary("ExportIndustryList", this, &S::ExportIndustryList),
      rpc::Unary("ExportListFeedbacks", this, &S::ExportListFeedbacks),
  };
}

v1::IndustryList ListService::Present(const rpc::Call& call, v1::IndustryList row) const {
  if (!ReadsEveryList(call.principal) && !WasSentList(call.principal, row)) {
    // The public does not learn who in the office did what, and why.
    row.clear_author();
    row.clear_issuer();
    row.clear_reason();
  }
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) return row;
  for (std::string& verb : rpc::ActionsOf(call, IndustryListLife(), row.state(), "IndustryList")) {
    if (verb == (row.published() ? "publish" : "withdraw")) continue;
    row.add_actions(std::move(verb));
  }
  return row;
}

absl::StatusOr<v1::IndustryList> ListService::GetIndustryList(
    const rpc::Call& call, const v1::GetIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::IndustryList row,
                           rpc::Fetch(deps_.store.db, call, lists_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListIndustryListsResponse> ListService::ListIndustryLists(
    const rpc::Call& call, const v1::ListIndustryListsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, lists_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListIndustryListsResponse response;
  for (v1::IndustryList& row : page.rows) {
    *response.add_industry_lists() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

template <class Subject>
absl::StatusOr<std::vector<v1::ListLine>> ListService::LinesOf(
    db::Session& session, const IndustryListKind& kind, const std::vector<std::string>& industries,
    absl::Time now) const {
  db::Predicate wanted =
      db::And(OpenAt<Subject>(now), {"JSON_OVERLAPS(industries, ?)", {JsonOf(industries)}});
  if (kind.bottleneck()) wanted = db::And(std::move(wanted), {"bottleneck = 1", {}});
  if (kind.novelty()) wanted = db::And(std::move(wanted), {"novelty = 1", {}});
  const db::Table<Subject> table;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<Subject> found,
      table.Select(session, wanted, absl::StrCat("title, name LIMIT ", max_lines_ + 1)));
  std::vector<v1::ListLine> lines;
  for (const Subject& one : found) lines.push_back(LineOf(deps_.pack, one));
  return lines;
}

absl::Status ListService::Collect(rpc::Change& change, v1::IndustryList* row) const {
  const IndustryListKind* kind = deps_.pack.FindListKind(row->kind());
  if (kind == nullptr) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("政策包中已没有清单类别“", row->kind(), "”"));
  }
  const IndustryScope scope = ListedScope(deps_.pack, *kind, row->industry());
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ListLine> lines,
      kind->subject() == policy::v1::LIST_SUBJECT_DEMANDS
          ? LinesOf<v1::Demand>(change.session(), *kind, scope.names, change.now())
          : LinesOf<v1::Result>(change.session(), *kind, scope.names, change.now()));
  if (lines.size() > max_lines_) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("“", row->title(), "”的条目太多：一份清单最多", max_lines_,
                     "条。有更细产业的，请按更细的产业编制；没有的，请先合并重复和撤回过期的条目"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ListOmission> omissions,
                           omissions_.Select(change.session(), {"list = ?", {row->name()}}));
  absl::flat_hash_set<std::string> left_out;
  for (const v1::ListOmission& omission : omissions) left_out.insert(omission.subject());
  for (v1::ListLine& line : lines) line.set_left_out(left_out.contains(line.subject()));
  CHANYAN_RETURN_IF_ERROR(Place(change, lines, row));
  api::SetTime(change.now(), row->mutable_collect_time());
  return absl::OkStatus();
}

absl::Status ListService::Place(rpc::Change& change, std::vector<v1::ListLine>& lines,
                                v1::IndustryList* row) const {
  CHANYAN_RETURN_IF_ERROR(change.session().Execute(kDropLines, {row->name()}).status());
  int number = 0;
  int counted = 0;
  for (v1::ListLine& line : lines) {
    line.set_number(++number);
    line.set_name(absl::StrCat(row->name(), "/lines/", number));
    counted += line.left_out() ? 0 : 1;
  }
  row->set_line_count(counted);
  if (lines.empty()) return absl::OkStatus();
  return lines_.InsertAll(change.session(), change.now(), &lines);
}

v1::IndustryList ListService::NewDraft(const IndustryListKind& kind, const std::string& industry,
                                       const Period& period, const std::string& author) const {
  v1::IndustryList row;
  row.set_name(absl::StrCat("lists/", api::NewShortId()));
  row.set_kind(kind.id());
  row.set_kind_title(kind.display_name());
  row.set_industry(industry);
  row.set_industry_title(ScopeOf(deps_.pack.pack(), industry).title);
  *row.mutable_period_start_date() = time::ToProto(period.first);
  *row.mutable_period_end_date() = time::ToProto(period.last);
  row.set_state(v1::INDUSTRY_LIST_STATE_DRAFT);
  row.set_edition(1);
  row.set_title(ListTitle(row, period.label));
  row.set_author(author);
  row.set_office(deps_.pack.Office());
  return row;
}

absl::StatusOr<v1::IndustryList> ListService::CreateIndustryList(
    const rpc::Call& call, const v1::CreateIndustryListRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RefuseOthers(call, deps_.pack));
  const v1::IndustryList& wanted = request.industry_list();
  const IndustryListKind* kind = deps_.pack.FindListKind(wanted.kind());
  if (kind == nullptr) {
    return status::InvalidField("industry_list.kind",
                                absl::StrCat("政策包中没有清单类别“", wanted.kind(), "”"));
  }
  const IndustryScope scope = ScopeOf(deps_.pack.pack(), wanted.industry());
  if (scope.names.empty() || !MayList(*kind, wanted.industry())) {
    return status::InvalidField(
        "industry_list.industry",
        absl::StrCat("“", wanted.industry(), "”不是", kind->display_name(), "所依的产业分类"));
  }
  return rpc::Mutate<v1::IndustryList>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::IndustryList> {
        const Period period = PeriodOf(kind->period(), time::DayOf(change.now()));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::IndustryList> present,
            lists_.Select(
                change.session(),
                {"kind = ? AND industry = ? AND (state = 'DRAFT' OR (state = 'ISSUED' AND "
                 "period_start_date = ?))",
                 {wanted.kind(), wanted.industry(), time::FormatDate(period.first)}}));
        for (const v1::IndustryList& one : present) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              one.state() == v1::INDUSTRY_LIST_STATE_DRAFT
                  ? absl::StrCat("已有草稿（", one.name(), "），请印发或作废后再编制")
                  : absl::StrCat("本期已印发“", one.title(), "”，有变化的请更正该清单"));
        }
        v1::IndustryList row = NewDraft(*kind, wanted.industry(), period, call.principal.account);
        CHANYAN_RETURN_IF_ERROR(Collect(change, &row));
        CHANYAN_RETURN_IF_ERROR(lists_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::IndustryList> ListService::RefreshIndustryList(
    const rpc::Call& call, const v1::RefreshIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(
          deps_.store, call, request, lists_, IndustryListLife(), request.name(), request.etag(),
          "refresh", [&](rpc::Change& change, v1::IndustryList& list) -> absl::Status {
            return Collect(change, &list);
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::IndustryList> ListService::DiscardIndustryList(
    const rpc::Call& call, const v1::DiscardIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(deps_.store, call, request, lists_, IndustryListLife(),
                                     request.name(), request.etag(), "discard",
                                     [&](rpc::Change&, v1::IndustryList& list) -> absl::Status {
                                       list.set_reason(request.reason());
                                       return absl::OkStatus();
                                     }));
  return Present(call, std::move(row));
}

}  // namespace chanyan::triage
