// Handlers that send back in step 3 what was given (CYC-4): a unit to its enterprise, the
// secretariat to a unit. Each is a hand-over of its own, backwards and with reasons; what was given
// before stays on record, and so does when it was given first.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/return_rules.h"
#include "services/cycle/row_reasons.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

// What an enterprise gave back, with it or with its unit again after the secretariat sent it back.
constexpr absl::string_view kOfEnterprise = "enterprise = ? AND ";
constexpr absl::string_view kHandedIn =
    "cycle = ? AND enterprise = ? AND holder = ? AND in_transit = ''";

// The enterprise has to say once more that it is filled in.
constexpr absl::string_view kToEnterprise = "sent_back = 1, confirmed = 0";
constexpr absl::string_view kToUnit = "sent_back = 1";

std::vector<std::string> NamesOf(const std::vector<v1::Row>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const v1::Row& row : rows) names.push_back(row.name());
  return names;
}

}  // namespace

absl::StatusOr<v1::ReturnToEnterpriseResponse> CycleService::ReturnToEnterprise(
    const rpc::Call& call, const v1::ReturnToEnterpriseRequest& request) {
  const std::string& unit = call.principal.organization;
  if (unit.empty()) return status::PermissionDenied("您的账号没有所属单位，不能退回企业报表");
  return rpc::Mutate<v1::ReturnToEnterpriseResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ReturnToEnterpriseResponse> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Form form,
            forms_.Get(session, request.parent(), auth::Readable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(session, CycleOfName(form.name())));
        const absl::Time now = NowIn(cycle, change.now());
        CHANYAN_ASSIGN_OR_RETURN(const std::optional<absl::Time> exception,
                                 ReturnExceptionOf(session, cycle.name(), request.enterprise()));
        CHANYAN_RETURN_IF_ERROR(CheckReturnToEnterprise(cycle, exception, now));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> rows,
                                 rows_.Select(session,
                                              db::And(Below(absl::StrCat(form.name(), "/rows")),
                                                      {absl::StrCat(kOfEnterprise, kGivenRows),
                                                       {request.enterprise(), unit}}),
                                              db::kByNameLocked));
        if (rows.empty()) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("贵单位手中没有该企业填报给“", form.university_title(),
                           "”的报表：企业报送的请先签收，已打包报送的请秘书处先退回企业包"));
        }
        CHANYAN_RETURN_IF_ERROR(WriteRowReasons(change, rows_, request.row_reasons(), rows));
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Handover handover,
            custody_.SendBack(change, now, cycle.name(), kCollectStep, unit, request.enterprise(),
                              NamesOf(rows), {request.reasons().begin(), request.reasons().end()},
                              kToEnterprise));
        const absl::Time due =
            std::max(EndOf(cycle, kCollectStep), exception.value_or(absl::InfinitePast()));
        CHANYAN_RETURN_IF_ERROR(TellOfWork(session, change.now(), cycle, handover.name(),
                                           RowsSentBack(form, handover, due)));
        v1::ReturnToEnterpriseResponse response;
        response.set_row_count(handover.row_count());
        response.set_handover(handover.name());
        return response;
      });
}

absl::StatusOr<std::vector<v1::Row>> CycleService::LockRowsOfPackage(db::Session& session,
                                                                     const v1::Cycle& cycle,
                                                                     const v1::Package& package) {
  CHANYAN_ASSIGN_OR_RETURN(const CycleSuccession succession, LoadSuccession(session, cycle.name()));
  const std::string& living = succession.Living(package.enterprise());
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Row> rows,
      rows_.Select(session,
                   db::And({std::string(kHandedIn), {cycle.name(), living, cycle.secretariat()}},
                           CameBack(cycle)),
                   db::kByNameLocked));
  // Of organizations that became one after each had its package: a row is in that of its time, and
  // where that one had none in that of the one that goes on.
  std::vector<std::string> family = {living};
  for (const auto& [gone, successor] : succession.successors) {
    if (successor == living) family.push_back(gone);
  }
  if (family.size() == 1) return rows;
  std::set<std::string> packed;
  for (const std::string& one : family) {
    const auto found =
        packages_.Get(session, absl::StrCat(cycle.name(), "/packages/", api::IdOfName(one)));
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    if (found.ok() && found->superseded_by().empty()) packed.insert(one);
  }
  const std::string& rest = packed.contains(living) ? living : package.enterprise();
  std::erase_if(rows, [&](const v1::Row& row) {
    const std::string& of = row.former_enterprise().empty() ? living : row.former_enterprise();
    return (packed.contains(of) ? of : rest) != package.enterprise();
  });
  return rows;
}

absl::StatusOr<v1::Package> CycleService::ReturnPackage(const rpc::Call& call,
                                                        const v1::ReturnPackageRequest& request) {
  const auto give_back = [&](rpc::Change& change) -> absl::StatusOr<v1::Package> {
    db::Session& session = change.session();
    const db::Predicate scope = auth::Writable<v1::Package>(call.principal);
    CHANYAN_ASSIGN_OR_RETURN(const v1::Package seen, packages_.Get(session, request.name(), scope));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             LoadCycle(session, call, CycleOfName(seen.name())));
    const absl::Time now = NowIn(cycle, change.now());
    CHANYAN_RETURN_IF_ERROR(RequireWindow(cycle, kCollectStep, 0, now, "退回企业包"));
    // Rows before packages, as whoever packs has them.
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> rows,
                             LockRowsOfPackage(session, cycle, seen));
    CHANYAN_ASSIGN_OR_RETURN(v1::Package package,
                             packages_.GetForUpdate(session, request.name(), scope));
    if (!request.etag().empty() && request.etag() != package.etag()) {
      return rpc::StaleEdit(session, call, request.etag(), package);
    }
    if (!package.superseded_by().empty()) {
      return status::FailedPrecondition(
          options::v1::ERROR_REASON_WRONG_STATE,
          absl::StrCat("“", package.enterprise_title(), "”已并入其他企业，其报表行已随 ",
                       package.superseded_by(), " 重新打包，请退回该企业包"));
    }
    if (rows.empty()) {
      return status::FailedPrecondition(
          options::v1::ERROR_REASON_WRONG_STATE,
          absl::StrCat("秘书处手中没有“", package.enterprise_title(),
                       "”报来的报表行：在途的请先签收，已返回高校或已退回的不能再退"));
    }
    CHANYAN_RETURN_IF_ERROR(WriteRowReasons(change, rows_, request.row_reasons(), rows));
    CHANYAN_RETURN_IF_ERROR(
        custody_
            .SendBack(change, now, cycle.name(), kCollectStep, cycle.secretariat(), package.unit(),
                      NamesOf(rows), {request.reasons().begin(), request.reasons().end()}, kToUnit)
            .status());
    const v1::Package before = package;
    *package.mutable_return_reasons() = request.reasons();
    *package.mutable_return_time() = time::ToTimestamp(now);
    CHANYAN_RETURN_IF_ERROR(packages_.Update(session, change.now(), &package));
    CHANYAN_RETURN_IF_ERROR(change.Record("returned", &before, &package));
    CHANYAN_RETURN_IF_ERROR(
        TellOfWork(session, change.now(), cycle, package.name(), PackageSentBack(package)));
    return package;
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::Package package,
                           rpc::Mutate<v1::Package>(deps_.store, call, request, give_back));
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Package> presented, Present(call, {std::move(package)}));
  return std::move(presented.front());
}

}  // namespace chanyan::cycle
