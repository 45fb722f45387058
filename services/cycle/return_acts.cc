// What is known of an enterprise's return, for the calls and for what is offered (CYC-5). Which
// unit serves an enterprise is the registry's to say, and the calls ask it; what a unit is offered
// goes by whose the rows and exceptions are here.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/return_rules.h"

namespace chanyan::cycle {
namespace {

// As an enterprise: it may have a form of its own besides.
constexpr absl::string_view kHoldsRows =
    "SELECT 1 FROM form_row WHERE cycle = ? AND holder = ? AND enterprise = ? AND in_transit = '' "
    "LIMIT 1";
constexpr absl::string_view kRowsWait =
    "SELECT 1 FROM handover WHERE receiver = ? AND state = 'SENT' AND step IN (?, ?) "
    "AND row_count > 0 AND name >= ? AND name < ? LIMIT 1";
constexpr absl::string_view kGaveBefore =
    "SELECT 1 FROM enterprise_return WHERE cycle = ? AND enterprise = ?";
// The same of all enterprises of a unit.
constexpr absl::string_view kRowsOfUnit =
    "SELECT 1 FROM form_row WHERE cycle = ? AND unit = ? AND enterprise <> '' AND "
    "((holder = enterprise AND in_transit = '') OR EXISTS (SELECT 1 FROM handover WHERE "
    "handover.name = form_row.in_transit AND handover.receiver = form_row.enterprise)) LIMIT 1";
constexpr absl::string_view kGaveToUnit =
    "SELECT 1 FROM enterprise_return WHERE cycle = ? AND unit = ? LIMIT 1";
constexpr absl::string_view kGivenForms =
    "SELECT DISTINCT SUBSTRING_INDEX(name, '/rows/', 1) FROM form_row WHERE cycle = ? AND "
    "enterprise <> '' AND ";
constexpr absl::string_view kGivenByOne =
    "SELECT DISTINCT SUBSTRING_INDEX(name, '/rows/', 1) FROM form_row WHERE cycle = ? AND "
    "enterprise = ? AND ";

absl::StatusOr<bool> IsThere(db::Session& session, absl::string_view sql,
                             const db::Values& values) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, values));
  return !found.rows.empty();
}

bool ActsAs(const auth::Principal& principal, options::v1::Role role) {
  return !principal.organization.empty() && principal.Has(role);
}

}  // namespace

absl::StatusOr<ReturnDesk> CycleService::ReturnDeskOf(db::Session& session, const v1::Cycle& cycle,
                                                      const std::string& enterprise) const {
  ReturnDesk desk;
  CHANYAN_ASSIGN_OR_RETURN(desk.exception, ReturnExceptionOf(session, cycle.name(), enterprise));
  CHANYAN_ASSIGN_OR_RETURN(desk.has_rows,
                           IsThere(session, kHoldsRows, {cycle.name(), enterprise, enterprise}));
  if (!desk.has_rows) {
    const db::Predicate all = Below(absl::StrCat(cycle.name(), "/handovers"));
    db::Values waiting = {enterprise, int64_t{kDistributeStep}, int64_t{kCollectStep}};
    waiting.insert(waiting.end(), all.params.begin(), all.params.end());
    CHANYAN_ASSIGN_OR_RETURN(desk.has_rows, IsThere(session, kRowsWait, waiting));
  }
  CHANYAN_ASSIGN_OR_RETURN(desk.gave_before,
                           IsThere(session, kGaveBefore, {cycle.name(), enterprise}));
  return desk;
}

absl::StatusOr<std::map<std::string, absl::Time>> CycleService::ExceptionsOfUnit(
    db::Session& session, const v1::Cycle& cycle, const std::string& unit) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ReturnException> granted,
      return_exceptions_.Select(
          session,
          db::And(Below(absl::StrCat(cycle.name(), "/returnExceptions")), {"unit = ?", {unit}})));
  std::map<std::string, absl::Time> until;
  for (const v1::ReturnException& one : granted) {
    absl::Time& last = until.try_emplace(one.enterprise(), absl::InfinitePast()).first->second;
    last = std::max(last, time::ToTime(one.until()));
  }
  return until;
}

absl::StatusOr<bool> CycleService::MaySubmitReturns(db::Session& session,
                                                    const auth::Principal& principal,
                                                    const v1::Cycle& cycle, absl::Time now) const {
  if (cycle.steps_size() != kSteps || now < BeginOf(cycle, kDistributeStep)) return false;
  const std::string& own = principal.organization;
  if (ActsAs(principal, options::v1::ROLE_ENTERPRISE)) {
    CHANYAN_ASSIGN_OR_RETURN(const ReturnDesk desk, ReturnDeskOf(session, cycle, own));
    if (CheckSubmitReturns(cycle, desk, now, "").ok()) return true;
  }
  if (!ActsAs(principal, options::v1::ROLE_UNIT)) return false;
  // While it is open for all, one enterprise is enough; then those that were excepted are few.
  ReturnDesk full;
  full.has_rows = true;
  if (CheckSubmitReturns(cycle, full, now, "").ok()) {
    CHANYAN_ASSIGN_OR_RETURN(const bool rows, IsThere(session, kRowsOfUnit, {cycle.name(), own}));
    if (rows) return true;
    return IsThere(session, kGaveToUnit, {cycle.name(), own});
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto exceptions, ExceptionsOfUnit(session, cycle, own));
  for (const auto& [enterprise, until] : exceptions) {
    CHANYAN_ASSIGN_OR_RETURN(const ReturnDesk desk, ReturnDeskOf(session, cycle, enterprise));
    if (CheckSubmitReturns(cycle, desk, now, "").ok()) return true;
  }
  return false;
}

absl::StatusOr<ReturnOffers> CycleService::ReturnOffersOf(db::Session& session,
                                                          const auth::Principal& principal,
                                                          const v1::Cycle& cycle,
                                                          absl::Time now) const {
  ReturnOffers offers;
  if (cycle.steps_size() != kSteps || now < BeginOf(cycle, kDistributeStep)) return offers;
  const std::string& own = principal.organization;
  if (ActsAs(principal, options::v1::ROLE_ENTERPRISE)) {
    CHANYAN_ASSIGN_OR_RETURN(const std::optional<absl::Time> exception,
                             ReturnExceptionOf(session, cycle.name(), own));
    offers.import = CheckImportReturn(cycle, exception, now).ok();
  }
  if (!ActsAs(principal, options::v1::ROLE_UNIT)) return offers;
  const auto add = [&](absl::string_view forms, db::Values values) -> absl::Status {
    values.push_back(own);
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                             session.Query(absl::StrCat(forms, kGivenRows), values));
    for (const db::Values& row : found.rows) {
      offers.send_back.insert(std::get<std::string>(row[0]));
    }
    return absl::OkStatus();
  };
  offers.import = offers.import || CheckImportReturn(cycle, std::nullopt, now).ok();
  if (CheckReturnToEnterprise(cycle, std::nullopt, now).ok()) {
    CHANYAN_RETURN_IF_ERROR(add(kGivenForms, {cycle.name()}));
    return offers;
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto exceptions, ExceptionsOfUnit(session, cycle, own));
  for (const auto& [enterprise, until] : exceptions) {
    if (CheckImportReturn(cycle, until, now).ok()) offers.import = true;
    if (CheckReturnToEnterprise(cycle, until, now).ok()) {
      CHANYAN_RETURN_IF_ERROR(add(kGivenByOne, {cycle.name(), enterprise}));
    }
  }
  return offers;
}

absl::StatusOr<std::vector<v1::Cycle>> CycleService::Present(const rpc::Call& call,
                                                             std::vector<v1::Cycle> cycles) const {
  std::vector<bool> submits(cycles.size());
  const auto look = [&](db::Session& session) -> absl::Status {
    for (size_t i = 0; i < cycles.size(); ++i) {
      const absl::Time now = NowIn(cycles[i], deps_.store.clock.Now());
      CHANYAN_ASSIGN_OR_RETURN(const bool may,
                               MaySubmitReturns(session, call.principal, cycles[i], now));
      submits[i] = may;
    }
    return absl::OkStatus();
  };
  // All others need not be looked for.
  if (MayCall(call.principal, "CycleService.SubmitReturns")) {
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, look));
  }
  for (size_t i = 0; i < cycles.size(); ++i) {
    const absl::Time now = NowIn(cycles[i], deps_.store.clock.Now());
    cycles[i] = WithActions(call.principal, now, AsOf(std::move(cycles[i]), now), submits[i]);
  }
  return cycles;
}

}  // namespace chanyan::cycle
