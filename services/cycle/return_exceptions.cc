// Handlers of exceptions for enterprises that are late (CYC-5): dated, reasoned and journalled;
// what comes by them stays late.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/names.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

// More are asked for in parts.
constexpr size_t kMostExceptions = 20000;

std::string ExceptionsOf(absl::string_view cycle) {
  return absl::StrCat(cycle, "/returnExceptions");
}

// Who serves each enterprise and who granted it, by name.
absl::Status NameExceptions(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                            std::vector<v1::ReturnException>* exceptions) {
  std::map<std::string, std::set<std::string>> wanted;
  for (const v1::ReturnException& one : *exceptions) {
    wanted[std::string(CycleOfName(one.name()))].insert({one.unit(), one.account()});
  }
  std::map<std::string, Names> names;
  for (const auto& [cycle, its] : wanted) {
    CHANYAN_ASSIGN_OR_RETURN(names[cycle], FindNames(db, peers, call, cycle, its));
  }
  for (v1::ReturnException& one : *exceptions) {
    const Names& known = names[std::string(CycleOfName(one.name()))];
    one.set_unit_title(known.Of(one.unit()));
    one.set_account_title(known.Of(one.account()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<absl::Time>> CycleService::ReturnExceptionOf(
    db::Session& session, absl::string_view cycle, absl::string_view enterprise) const {
  // One, or more where others have become part of it: what each was promised it may still use,
  // until a later word brings them in line.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ReturnException> granted,
      return_exceptions_.Select(session, db::And(Below(ExceptionsOf(cycle)),
                                                 {"enterprise = ?", {std::string(enterprise)}})));
  std::optional<absl::Time> until;
  for (const v1::ReturnException& one : granted) {
    until = std::max(until.value_or(absl::InfinitePast()), time::ToTime(one.until()));
  }
  return until;
}

absl::Status CycleService::BringInLine(rpc::Change& change, const v1::ReturnException& granted) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ReturnException> all,
      return_exceptions_.Select(change.session(),
                                db::And(Below(ExceptionsOf(CycleOfName(granted.name()))),
                                        {"enterprise = ?", {granted.enterprise()}}),
                                db::kByNameLocked));
  for (const v1::ReturnException& before : all) {
    if (before.name() == granted.name()) continue;
    v1::ReturnException after = before;
    *after.mutable_until() = granted.until();
    after.set_reason(granted.reason());
    after.set_account(granted.account());
    CHANYAN_RETURN_IF_ERROR(return_exceptions_.Update(change.session(), change.now(), &after));
    CHANYAN_RETURN_IF_ERROR(change.Record("granted", &before, &after));
  }
  return absl::OkStatus();
}

absl::StatusOr<registry::v1::Organization> CycleService::ExceptedEnterprise(
    const rpc::Call& call, absl::string_view enterprise) {
  if (!call.principal.Has(options::v1::ROLE_SECRETARIAT)) return ServedEnterprise(call, enterprise);
  CHANYAN_ASSIGN_OR_RETURN(registry::v1::Organization found,
                           FetchOrganization(deps_.peers, rpc::AsService(call), enterprise));
  if (found.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
    return status::InvalidField(
        "enterprise", absl::StrCat("“", found.display_name(), "”不是企业，请填写企业的单位编号"));
  }
  if (found.unit().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("“", found.display_name(), "”还没有责任单位，请先在单位名录中确定"));
  }
  return found;
}

absl::StatusOr<v1::ReturnException> CycleService::GrantReturnException(
    const rpc::Call& call, const v1::GrantReturnExceptionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization enterprise,
                           ExceptedEnterprise(call, request.enterprise()));
  return rpc::Mutate<v1::ReturnException>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ReturnException> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, request.name()));
        CHANYAN_RETURN_IF_ERROR(
            CheckExceptionEnd(cycle, NowIn(cycle, change.now()), time::ToTime(request.until())));
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(session, {enterprise.name(), enterprise.unit()}));
        const std::string name =
            absl::StrCat(ExceptionsOf(cycle.name()), "/", api::IdOfName(enterprise.name()));
        const absl::StatusOr<v1::ReturnException> before =
            return_exceptions_.GetForUpdate(session, name);
        if (!before.ok() && !absl::IsNotFound(before.status())) return before.status();
        v1::ReturnException exception = before.ok() ? *before : v1::ReturnException();
        exception.set_name(name);
        exception.set_enterprise(enterprise.name());
        exception.set_enterprise_title(enterprise.display_name());
        exception.set_unit(enterprise.unit());
        *exception.mutable_until() = request.until();
        exception.set_reason(request.reason());
        exception.set_account(call.principal.account);
        CHANYAN_RETURN_IF_ERROR(before.ok()
                                    ? return_exceptions_.Update(session, change.now(), &exception)
                                    : return_exceptions_.Insert(session, change.now(), &exception));
        CHANYAN_RETURN_IF_ERROR(
            change.Record("granted", before.ok() ? &*before : nullptr, &exception));
        CHANYAN_RETURN_IF_ERROR(BringInLine(change, exception));
        CHANYAN_RETURN_IF_ERROR(TellOfWork(session, change.now(), cycle, exception.name(),
                                           LeaveForEnterprise(exception)));
        return exception;
      });
}

absl::StatusOr<v1::ListReturnExceptionsResponse> CycleService::ListReturnExceptions(
    const rpc::Call& call, const v1::ListReturnExceptionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, return_exceptions_, request,
                                          ExceptionsOf(request.parent()), request.filter(), ""));
  CHANYAN_RETURN_IF_ERROR(NameExceptions(deps_.store.db, deps_.peers, call, &page.rows));
  v1::ListReturnExceptionsResponse response;
  for (v1::ReturnException& one : page.rows) *response.add_return_exceptions() = std::move(one);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> CycleService::ExportReturnExceptions(
    const rpc::Call& call, const v1::ExportReturnExceptionsRequest& request) {
  v1::Cycle cycle;
  std::vector<v1::ReturnException> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(cycle, LoadCycle(session, call, request.parent()));
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                             return_exceptions_.core().Where(request.filter()));
    CHANYAN_ASSIGN_OR_RETURN(
        rows, return_exceptions_.Select(
                  session,
                  db::And(db::And(Below(ExceptionsOf(cycle.name())),
                                  auth::Readable<v1::ReturnException>(call.principal)),
                          wanted),
                  absl::StrCat("name LIMIT ", kMostExceptions + 1)));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  if (rows.size() > kMostExceptions) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("逾期补报许可超过 ", kMostExceptions, " 条，请按责任单位筛选后分次下载"));
  }
  CHANYAN_RETURN_IF_ERROR(NameExceptions(deps_.store.db, deps_.peers, call, &rows));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(cycle.name()));
  sheet::TableLayout layout;
  layout.title_rows = {absl::StrCat(quarter.LabelZh(), "企业逾期补报许可台账",
                                    cycle.rehearsal() ? "（演练或补录）" : "")};
  return rpc::ExportSheet<v1::ReturnException>("企业逾期补报许可",
                                               NowIn(cycle, deps_.store.clock.Now()), rows, layout);
}

}  // namespace chanyan::cycle
