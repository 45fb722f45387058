// Handlers that move rows on: to the units, to the enterprises, and back (CYC-4).
#include <algorithm>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/names.h"
#include "services/cycle/return_rules.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kRelease =
    "UPDATE form_row SET released = 1, update_time = ?, version = version + 1 "
    "WHERE cycle = ? AND holder = ? AND in_transit = '' AND enterprise = '' AND released = 0";
// Rows go to the unit that serves the enterprise now, whoever distributed them.
constexpr absl::string_view kFollowUnit =
    "UPDATE form_row SET unit = ?, update_time = ?, version = version + 1 "
    "WHERE cycle = ? AND holder = ? AND in_transit = '' AND unit <> ?";
constexpr absl::string_view kUnitless =
    "SELECT DISTINCT enterprise FROM form_row "
    "WHERE cycle = ? AND holder = ? AND in_transit = '' AND unit = '' AND enterprise <> ''";
constexpr absl::string_view kFindUnit =
    "UPDATE form_row SET unit = ?, update_time = ?, version = version + 1 "
    "WHERE cycle = ? AND enterprise = ? AND holder = ? AND in_transit = '' AND unit = ''";
// What an enterprise holds, filled in or not, and what it gave back.
constexpr absl::string_view kGivenOrHeld =
    "cycle = ? AND enterprise = ? AND ((holder = ? AND in_transit = '') OR "
    "(confirmed = 1 AND sent_back = 0))";
constexpr absl::string_view kGaveBack =
    "INSERT INTO enterprise_return (cycle, enterprise, unit, first_time, on_time) "
    "VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE first_time = first_time";

absl::StatusOr<std::string> OrganizationOf(const rpc::Call& call) {
  if (!call.principal.organization.empty()) return call.principal.organization;
  return status::PermissionDenied("该账号不属于任何单位，不能收发报表");
}

// As what an organization signs for what comes to it: rows that return to a university come in
// step 4, all others before.
bool Signs(const v1::Handover& handover, const SignsAs& as) {
  // A form is received by accepting it.
  if (handover.step() == kReportStep) return false;
  return handover.step() == kReturnStep ? as.university : as.enterprise_or_office;
}

int CountRows(const Custody::Groups& groups) {
  size_t rows = 0;
  for (const auto& [key, names] : groups) rows += names.size();
  return static_cast<int>(rows);
}

}  // namespace

absl::StatusOr<CycleService::Sent> CycleService::SendGroups(rpc::Change& change,
                                                            const v1::Cycle& cycle, absl::Time now,
                                                            int step, absl::string_view sender,
                                                            const Custody::Groups& groups,
                                                            absl::string_view set_sql) {
  CHANYAN_RETURN_IF_ERROR(
      custody_.SendAll(change, now, cycle.name(), step, sender, groups, set_sql));
  return Sent{static_cast<int>(groups.size()), CountRows(groups)};
}

absl::StatusOr<CycleService::UnitsByEnterprise> CycleService::NewlyServed(
    const rpc::Call& call, const std::string& cycle_name) {
  std::vector<std::string> names;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, cycle_name));
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                                 session.Query(kUnitless, {cycle.name(), cycle.secretariat()}));
        for (const db::Values& row : found.rows) names.push_back(std::get<std::string>(row[0]));
        return absl::OkStatus();
      }));
  CHANYAN_ASSIGN_OR_RETURN(const auto enterprises,
                           OrganizationsByName(deps_.peers, rpc::AsService(call), names));
  UnitsByEnterprise units;
  for (const auto& [name, enterprise] : enterprises) {
    if (!enterprise.unit().empty()) units[name] = enterprise.unit();
  }
  return units;
}

absl::StatusOr<v1::DistributeFormsResponse> CycleService::DistributeForms(
    const rpc::Call& call, const v1::DistributeFormsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const UnitsByEnterprise units, NewlyServed(call, request.name()));
  return rpc::Mutate<v1::DistributeFormsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::DistributeFormsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 LoadCycle(change.session(), call, request.name()));
        const absl::Time now = NowIn(cycle, change.now());
        CHANYAN_RETURN_IF_ERROR(
            RequireWindow(cycle, kDistributeStep, kCollectStep, now, "分发报表"));
        // Rows whose enterprise has no unit yet stay here until the registry knows one.
        for (const auto& [enterprise, unit] : units) {
          CHANYAN_RETURN_IF_ERROR(change.session()
                                      .Execute(kFindUnit, {unit, change.now(), cycle.name(),
                                                           enterprise, cycle.secretariat()})
                                      .status());
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const Custody::Groups groups,
            custody_.HeldBy(change.session(), cycle.name(), cycle.secretariat(), "unit",
                            {"distributed = 0 AND unit <> ''", {}}));
        CHANYAN_ASSIGN_OR_RETURN(
            const Sent sent, SendGroups(change, cycle, now, kDistributeStep, cycle.secretariat(),
                                        groups, "distributed = 1"));
        CHANYAN_RETURN_IF_ERROR(
            TellOfArrivals(change.session(), change.now(), cycle, Arrival::kAtUnit, groups));
        CHANYAN_ASSIGN_OR_RETURN(const int released, ReleaseIntents(change, cycle));
        v1::DistributeFormsResponse response;
        response.set_unit_count(sent.receivers);
        response.set_row_count(sent.rows);
        response.set_released_count(released);
        return response;
      });
}

absl::StatusOr<int> CycleService::ReleaseIntents(rpc::Change& change, const v1::Cycle& cycle) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Row> before,
      rows_.Select(change.session(),
                   {"cycle = ? AND holder = ? AND in_transit = '' AND enterprise = '' "
                    "AND released = 0",
                    {cycle.name(), cycle.secretariat()}},
                   db::kByNameLocked));
  CHANYAN_ASSIGN_OR_RETURN(
      const int64_t released,
      change.session().Execute(kRelease, {change.now(), cycle.name(), cycle.secretariat()}));
  if (released != static_cast<int64_t>(before.size())) {
    return status::Internal("released other intents than were locked");
  }
  std::vector<v1::Row> after = before;
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < after.size(); ++i) {
    after[i].set_released(true);
    *after[i].mutable_update_time() = time::ToTimestamp(change.now());
    after[i].clear_etag();
    alterations.push_back({&before[i], &after[i]});
  }
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("released", alterations));
  return static_cast<int>(released);
}

absl::StatusOr<v1::DistributeToEnterprisesResponse> CycleService::DistributeToEnterprises(
    const rpc::Call& call, const v1::DistributeToEnterprisesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string unit, OrganizationOf(call));
  return rpc::Mutate<v1::DistributeToEnterprisesResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::DistributeToEnterprisesResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 LoadCycle(change.session(), call, request.name()));
        const absl::Time now = NowIn(cycle, change.now());
        CHANYAN_RETURN_IF_ERROR(
            RequireWindow(cycle, kDistributeStep, kCollectStep, now, "发至企业"));
        CHANYAN_ASSIGN_OR_RETURN(const Custody::Groups groups,
                                 custody_.HeldBy(change.session(), cycle.name(), unit, "enterprise",
                                                 {"distributed = 1 AND delivered = 0", {}}));
        CHANYAN_ASSIGN_OR_RETURN(const Sent sent, SendGroups(change, cycle, now, kDistributeStep,
                                                             unit, groups, "delivered = 1"));
        CHANYAN_RETURN_IF_ERROR(
            TellOfArrivals(change.session(), change.now(), cycle, Arrival::kAtEnterprise, groups));
        v1::DistributeToEnterprisesResponse response;
        response.set_enterprise_count(sent.receivers);
        response.set_row_count(sent.rows);
        return response;
      });
}

absl::StatusOr<v1::ReceiveHandoversResponse> CycleService::ReceiveAll(
    rpc::Change& change, const v1::Cycle& cycle, absl::Time now, absl::string_view receiver,
    absl::string_view account, const SignsAs& as) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> waiting,
                           custody_.Waiting(change.session(), cycle.name(), receiver));
  waiting.erase(std::remove_if(waiting.begin(), waiting.end(),
                               [&as](const v1::Handover& one) { return !Signs(one, as); }),
                waiting.end());
  v1::ReceiveHandoversResponse response;
  response.set_handovers(static_cast<int32_t>(waiting.size()));
  for (const v1::Handover& handover : waiting) {
    response.set_rows(response.rows() + handover.row_count());
  }
  CHANYAN_RETURN_IF_ERROR(custody_.ReceiveAll(change, now, account, std::move(waiting)));
  return response;
}

absl::StatusOr<v1::ReceiveHandoversResponse> CycleService::ReceiveHandovers(
    const rpc::Call& call, const v1::ReceiveHandoversRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string receiver, OrganizationOf(call));
  SignsAs as;
  as.university = call.principal.Has(options::v1::ROLE_RESEARCH_OFFICE);
  as.enterprise_or_office = call.principal.Has(options::v1::ROLE_ENTERPRISE) ||
                            call.principal.Has(options::v1::ROLE_UNIT) ||
                            call.principal.Has(options::v1::ROLE_SECRETARIAT);
  return rpc::Mutate<v1::ReceiveHandoversResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ReceiveHandoversResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 LoadCycle(change.session(), call, request.parent()));
        return ReceiveAll(change, cycle, NowIn(cycle, change.now()), receiver,
                          call.principal.account, as);
      });
}

absl::StatusOr<v1::ListHandoversResponse> CycleService::ListHandovers(
    const rpc::Call& call, const v1::ListHandoversRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, handovers_, request,
                                                     absl::StrCat(request.parent(), "/handovers"),
                                                     request.filter(), request.order_by()));
  CHANYAN_RETURN_IF_ERROR(NameHandovers(deps_.store.db, deps_.peers, call, &page.rows));
  v1::ListHandoversResponse response;
  for (v1::Handover& handover : page.rows) {
    *response.add_handovers() = WithActions(call.principal, std::move(handover));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<registry::v1::Organization> CycleService::ServedEnterprise(
    const rpc::Call& call, absl::string_view enterprise) {
  const std::string& own = call.principal.organization;
  CHANYAN_ASSIGN_OR_RETURN(registry::v1::Organization found,
                           FetchOrganization(deps_.peers, rpc::AsService(call), enterprise));
  const bool itself = call.principal.Has(options::v1::ROLE_ENTERPRISE) && own == found.name();
  const bool its_unit = call.principal.Has(options::v1::ROLE_UNIT) && own == found.unit();
  if (own.empty() || (!itself && !its_unit)) return status::NotFound(enterprise);
  if (found.unit().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("“", found.display_name(), "”还没有责任单位，请联系高校理事会秘书处确定"));
  }
  return found;
}

absl::StatusOr<v1::SubmitReturnsResponse> CycleService::SubmitReturns(
    const rpc::Call& call, const v1::SubmitReturnsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization enterprise,
                           ServedEnterprise(call, request.enterprise()));
  return rpc::Mutate<v1::SubmitReturnsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::SubmitReturnsResponse> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, request.name()));
        const absl::Time now = NowIn(cycle, change.now());
        CHANYAN_ASSIGN_OR_RETURN(const ReturnDesk desk,
                                 ReturnDeskOf(session, cycle, enterprise.name()));
        CHANYAN_RETURN_IF_ERROR(CheckSubmitReturns(cycle, desk, now, enterprise.display_name()));
        CHANYAN_RETURN_IF_ERROR(ReceiveAll(change, cycle, now, enterprise.name(),
                                           call.principal.account, AsEnterprise())
                                    .status());
        // Not what it holds of a form of its own.
        CHANYAN_ASSIGN_OR_RETURN(
            const Custody::Groups groups,
            custody_.HeldBy(session, cycle.name(), enterprise.name(), "university",
                            {"enterprise = ? AND delivered = 1", {enterprise.name()}}));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> versions,
                                 GiveBack(change, call, request, cycle, now, enterprise, groups));
        v1::SubmitReturnsResponse response;
        response.set_row_count(CountRows(groups));
        response.set_form_count(static_cast<int32_t>(groups.size()));
        response.mutable_versions()->Assign(versions.begin(), versions.end());
        return response;
      });
}

absl::StatusOr<GivenBack> CycleService::CollectGiven(db::Session& session, const v1::Cycle& cycle,
                                                     const registry::v1::Organization& enterprise,
                                                     const Custody::Groups& groups,
                                                     bool no_change) const {
  absl::flat_hash_set<std::string> held;
  // By form, how many are not filled in.
  std::map<std::string, int> forms;
  for (const auto& [university, names] : groups) {
    held.insert(names.begin(), names.end());
    for (const std::string& name : names) forms.try_emplace(std::string(FormOfName(name)), 0);
  }
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Row> rows,
      rows_.Select(session, {std::string(kGivenOrHeld),
                             {cycle.name(), enterprise.name(), enterprise.name()}}));
  GivenBack given;
  for (v1::Row& row : rows) {
    const auto form = forms.find(std::string(FormOfName(row.name())));
    if (form == forms.end()) continue;
    if (held.contains(row.name()) && !row.confirmed()) ++form->second;
    given.rows[form->first].push_back(std::move(row));
  }
  if (no_change) return given;
  std::vector<UnfilledForm> unfilled;
  for (const auto& [name, count] : forms) {
    if (count == 0) continue;
    CHANYAN_ASSIGN_OR_RETURN(const v1::Form form, forms_.Get(session, name));
    unfilled.push_back({form.university_title(), count});
  }
  CHANYAN_RETURN_IF_ERROR(CheckFilledIn(enterprise.display_name(), unfilled));
  return given;
}

absl::StatusOr<std::vector<std::string>> CycleService::GiveBack(
    rpc::Change& change, const rpc::Call& call, const v1::SubmitReturnsRequest& request,
    const v1::Cycle& cycle, absl::Time now, const registry::v1::Organization& enterprise,
    const Custody::Groups& groups) {
  if (groups.empty()) return std::vector<std::string>();
  std::vector<std::string> rows;
  for (const auto& [university, names] : groups)
    rows.insert(rows.end(), names.begin(), names.end());
  CHANYAN_RETURN_IF_ERROR(change.session()
                              .Execute(kFollowUnit, {enterprise.unit(), change.now(), cycle.name(),
                                                     enterprise.name(), enterprise.unit()})
                              .status());
  CHANYAN_ASSIGN_OR_RETURN(GivenBack given, CollectGiven(change.session(), cycle, enterprise,
                                                         groups, request.no_change()));
  given.enterprise = enterprise.name();
  given.enterprise_title = enterprise.display_name();
  given.unit = enterprise.unit();
  given.account = call.principal.account;
  given.reason = request.reason();
  given.time = now;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<std::string> versions, KeepReturnVersions(change, given));
  for (const auto& [form, its_rows] : given.rows) {
    CHANYAN_RETURN_IF_ERROR(SettleSentBack(change.session(), change.now(), its_rows));
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Handover handover,
      custody_.Send(change, now, cycle.name(), kCollectStep, enterprise.name(), enterprise.unit(),
                    rows, "confirmed = 1, sent_back = 0, return_reason = ''", versions));
  if (call.principal.organization == enterprise.unit()) {
    CHANYAN_RETURN_IF_ERROR(
        custody_.Receive(change, now, call.principal.account, std::move(handover)));
  }
  const int64_t on_time = IsInTime(cycle, kCollectStep, now) ? 1 : 0;
  CHANYAN_RETURN_IF_ERROR(
      change.session()
          .Execute(kGaveBack, {cycle.name(), enterprise.name(), enterprise.unit(), now, on_time})
          .status());
  return versions;
}

absl::StatusOr<v1::Conservation> CycleService::CheckConservation(
    const rpc::Call& call, const v1::CheckConservationRequest& request) {
  v1::Conservation proof;
  db::TransactOptions options;
  options.deadline = call.deadline;
  // A transaction, though it only reads: one snapshot of births, hand-overs and rows.
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, request.name()));
        CHANYAN_ASSIGN_OR_RETURN(
            proof, custody_.Check(session, cycle.name(), NowIn(cycle, deps_.store.clock.Now())));
        return absl::OkStatus();
      }));
  CHANYAN_RETURN_IF_ERROR(NameHolders(deps_.store.db, deps_.peers, call, request.name(), &proof));
  return proof;
}

}  // namespace chanyan::cycle
