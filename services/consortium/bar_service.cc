#include "services/consortium/bar_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/get.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/again.h"
#include "services/consortium/bar_life.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

// Whether bar and appeal both let it.
bool Allows(const v1::Bar& bar, absl::string_view verb) {
  return policy::Next(BarLife(), bar.state(), verb).ok() &&
         policy::Next(AppealLife(), bar.appeal_state(), verb).ok();
}

// The bar and its appeal after `verb`.
absl::Status MoveAppeal(absl::string_view verb, v1::Bar* bar) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::BarState next, policy::Next(BarLife(), bar->state(), verb));
  CHANYAN_ASSIGN_OR_RETURN(const v1::AppealState appeal,
                           policy::Next(AppealLife(), bar->appeal_state(), verb));
  bar->set_state(next);
  bar->set_appeal_state(appeal);
  return absl::OkStatus();
}

v1::Bar Shown(const rpc::Call& call, absl::Time now, v1::Bar row) {
  row.clear_actions();
  const std::string& own = call.principal.organization;
  if (own == row.organization() && Allows(row, "appeal") &&
      !time::IsPastDeadline(now, TimeIn(row.appeal_due_time()))) {
    row.add_actions("appeal");
  }
  if (own == row.office() && Allows(row, "lift")) {
    row.add_actions("decideAppeal");
  }
  return row;
}

// The bureau's own: others of its kind keep no book here.
absl::Status CheckOffice(const ConsortiumPack& pack, const rpc::Call& call) {
  if (call.principal.organization == pack.Office()) return absl::OkStatus();
  return status::PermissionDenied("由备案单位办理");
}

}  // namespace

std::vector<rpc::UnaryMethod> BarService::Methods() {
  using S = BarService;
  return {
      rpc::Get<v1::GetBarRequest>("GetBar", deps_.store.db, bars_.table(),
                                  [this](const rpc::Call& call, v1::Bar row) {
                                    return Shown(call, deps_.store.clock.Now(), std::move(row));
                                  }),
      rpc::Unary("ListBars", this, &S::ListBars),
      rpc::Unary("AppealBar", this, &S::AppealBar),
      rpc::Unary("DecideAppeal", this, &S::DecideAppeal),
      rpc::Unary("CreateCreditEntry", this, &S::CreateCreditEntry),
      rpc::Unary("RevokeCreditEntry", this, &S::RevokeCreditEntry),
      rpc::Unary("ListCreditEntries", this, &S::ListCreditEntries),
      rpc::Unary("CreateSupportMeasure", this, &S::CreateSupportMeasure),
      rpc::Unary("ListSupportMeasures", this, &S::ListSupportMeasures),
  };
}

absl::StatusOr<v1::ListBarsResponse> BarService::ListBars(const rpc::Call& call,
                                                          const v1::ListBarsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, bars_.table(), request,
                                                     "", request.filter(), request.order_by()));
  v1::ListBarsResponse response;
  for (v1::Bar& row : page.rows) {
    *response.add_bars() = Shown(call, deps_.store.clock.Now(), std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Bar> BarService::AppealBar(const rpc::Call& call,
                                              const v1::AppealBarRequest& request) {
  const auto work = [&](rpc::Change& change) -> absl::StatusOr<v1::Bar> {
    CHANYAN_ASSIGN_OR_RETURN(v1::Bar bar,
                             bars_.table().GetForUpdate(change.session(), request.name(),
                                                        auth::Writable<v1::Bar>(call.principal)));
    CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), bar.etag(), bar.name()));
    if (bar.organization() != call.principal.organization) {
      return status::PermissionDenied("申诉由受限单位提出");
    }
    CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
    const v1::Bar before = bar;
    CHANYAN_RETURN_IF_ERROR(MoveAppeal("appeal", &bar));
    if (time::IsPastDeadline(change.now(), TimeIn(bar.appeal_due_time()))) {
      return status::FailedPrecondition(
          options::v1::ERROR_REASON_WINDOW_CLOSED,
          absl::StrCat("申诉期限已于",
                       time::FormatDateZh(time::DayOf(TimeIn(bar.appeal_due_time()))), "届满"));
    }
    bar.set_appeal_grounds(request.grounds());
    api::SetTime(change.now(), bar.mutable_appeal_time());
    CHANYAN_RETURN_IF_ERROR(bars_.Save(change, "appeal", before, &bar));
    return Shown(call, change.now(), std::move(bar));
  };
  return AgainOnConflict([&] { return rpc::Mutate<v1::Bar>(deps_.store, call, request, work); });
}

absl::StatusOr<v1::Bar> BarService::DecideAppeal(const rpc::Call& call,
                                                 const v1::DecideAppealRequest& request) {
  const auto work = [&](rpc::Change& change) -> absl::StatusOr<v1::Bar> {
    CHANYAN_ASSIGN_OR_RETURN(v1::Bar bar,
                             bars_.table().GetForUpdate(change.session(), request.name(),
                                                        auth::Writable<v1::Bar>(call.principal)));
    CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), bar.etag(), bar.name()));
    CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
    const v1::Bar before = bar;
    CHANYAN_RETURN_IF_ERROR(MoveAppeal(request.grant() ? "lift" : "uphold", &bar));
    bar.set_appeal_finding(request.finding());
    if (request.grant()) api::SetTime(change.now(), bar.mutable_lift_time());
    CHANYAN_RETURN_IF_ERROR(
        bars_.Save(change, request.grant() ? "lifted" : "upheld", before, &bar));
    return Shown(call, change.now(), std::move(bar));
  };
  return AgainOnConflict([&] { return rpc::Mutate<v1::Bar>(deps_.store, call, request, work); });
}

absl::StatusOr<v1::CreditEntry> BarService::CreateCreditEntry(
    const rpc::Call& call, const v1::CreateCreditEntryRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckOffice(deps_.pack, call));
  const v1::CreditEntry& wanted = request.credit_entry();
  if (deps_.pack.FindCreditEvent(wanted.event()) == nullptr) {
    return status::InvalidField("credit_entry.event",
                                absl::StrCat("“", wanted.event(), "”不是政策包中的失信行为"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto news, deps_.book.parties().Ask(deps_.store.db, deps_.peers,
                                                                     call, {wanted.organization()},
                                                                     "credit_entry.organization"));
  return rpc::Mutate<v1::CreditEntry>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::CreditEntry> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.organization()}));
        for (const auto& one : news) {
          CHANYAN_RETURN_IF_ERROR(deps_.book.parties().Know(change, one).status());
        }
        if (!wanted.consortium().empty()) {
          const auto dossier =
              deps_.book.table().Get(change.session(), wanted.consortium(),
                                     auth::Readable<v1::Consortium>(call.principal));
          if (absl::IsNotFound(dossier.status())) {
            return status::InvalidField("credit_entry.consortium", "没有这一创新联合体");
          }
          CHANYAN_RETURN_IF_ERROR(dossier.status());
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const Parties parties,
            deps_.book.parties().Of(change.session(), {wanted.organization()}));
        v1::CreditEntry entry = wanted;
        entry.set_name(absl::StrCat("creditEntries/", api::NewShortId()));
        const auto party = parties.find(wanted.organization());
        if (party != parties.end()) entry.set_organization_title(party->second.title());
        entry.set_state(v1::CREDIT_ENTRY_STATE_STANDING);
        entry.set_office(deps_.pack.Office());
        CHANYAN_RETURN_IF_ERROR(credit_.Insert(change.session(), change.now(), &entry));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &entry));
        return entry;
      });
}

absl::StatusOr<v1::CreditEntry> BarService::RevokeCreditEntry(
    const rpc::Call& call, const v1::RevokeCreditEntryRequest& request) {
  return rpc::Edit<v1::CreditEntry>(
      deps_.store, call, request, credit_, request.name(), request.etag(), "revoke",
      [&](rpc::Change&, v1::CreditEntry& entry) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::CreditEntryState next,
                                 policy::Next(CreditEntryLife(), entry.state(), "revoke"));
        entry.set_state(next);
        entry.set_revoke_reason(request.reason());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ListCreditEntriesResponse> BarService::ListCreditEntries(
    const rpc::Call& call, const v1::ListCreditEntriesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, credit_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListCreditEntriesResponse response;
  for (v1::CreditEntry& row : page.rows) *response.add_credit_entries() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status BarService::RequireExcellent(rpc::Change& change, const v1::Consortium& row,
                                          const policy::v1::ConsortiumItem& measure) const {
  db::Predicate concluded = db::And(Below(row.name()), {"state = 'CONCLUDED'", {}});
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Evaluation> last,
                           evaluations_.Select(change.session(), std::move(concluded),
                                               "conclude_time DESC, name LIMIT 1"));
  if (!last.empty() && last.front().grade() == v1::EVALUATION_GRADE_EXCELLENT) {
    return absl::OkStatus();
  }
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_RULE_VIOLATED,
      absl::StrCat("“", measure.display_name(), "”只给予绩效评价结果优秀的创新联合体（",
                   measure.clause().document(), measure.clause().article(), "），该创新联合体",
                   last.empty()
                       ? "还没有确定的评价结果"
                       : absl::StrCat("最近一次评价结果为", policy::LabelOf(last.front().grade())),
                   "，请先确定评价结果或选择其他支持措施"));
}

absl::StatusOr<v1::SupportMeasure> BarService::CreateSupportMeasure(
    const rpc::Call& call, const v1::CreateSupportMeasureRequest& request) {
  const policy::v1::ConsortiumItem* measure =
      deps_.pack.FindSupport(request.support_measure().measure());
  if (measure == nullptr) {
    return status::InvalidField(
        "support_measure.measure",
        absl::StrCat("“", request.support_measure().measure(), "”不是政策包中的支持措施"));
  }
  return rpc::Mutate<v1::SupportMeasure>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::SupportMeasure> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row,
                                 deps_.book.Lock(change, call, request.parent()));
        if (row.filing().empty()) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE, absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                                                     "”，支持措施只对已备案的创新联合体登记"));
        }
        if (deps_.pack.IsForExcellent(*measure)) {
          CHANYAN_RETURN_IF_ERROR(RequireExcellent(change, row, *measure));
        }
        v1::SupportMeasure support = request.support_measure();
        support.set_name(absl::StrCat(row.name(), "/supportMeasures/", api::NewShortId()));
        support.set_measure_title(measure->display_name());
        CopyParties(row, &support);
        CHANYAN_RETURN_IF_ERROR(support_.Insert(change.session(), change.now(), &support));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &support));
        return support;
      });
}

absl::StatusOr<v1::ListSupportMeasuresResponse> BarService::ListSupportMeasures(
    const rpc::Call& call, const v1::ListSupportMeasuresRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, support_, request,
                                          absl::StrCat(request.parent(), "/supportMeasures"),
                                          request.filter(), request.order_by()));
  v1::ListSupportMeasuresResponse response;
  for (v1::SupportMeasure& row : page.rows) *response.add_support_measures() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<int> BarService::Expire(const db::Lease& lease) {
  return ForEachDue(deps_.due(), lease, DueJob::kExpireBar, kOverBars,
                    {time::FormatDate(time::DayOf(deps_.store.clock.Now()))},
                    [&](rpc::Change& change, const std::string& name) -> absl::StatusOr<bool> {
                      CHANYAN_ASSIGN_OR_RETURN(v1::Bar bar,
                                               bars_.table().GetForUpdate(change.session(), name));
                      // Somebody else ended it meanwhile.
                      if (bar.state() != v1::BAR_STATE_IN_FORCE) return false;
                      const v1::Bar before = bar;
                      CHANYAN_ASSIGN_OR_RETURN(const v1::BarState next,
                                               policy::Next(BarLife(), bar.state(), "expire"));
                      bar.set_state(next);
                      CHANYAN_RETURN_IF_ERROR(bars_.Save(change, "expire", before, &bar));
                      return true;
                    });
}

}  // namespace chanyan::consortium
