// Handlers of cycles, and their opening by the scheduler.
#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/form_verdicts.h"
#include "services/cycle/ids.h"
#include "services/cycle/late_opening_rules.h"
#include "services/cycle/opening.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/step_notices.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

absl::Status AlreadyOpen(absl::string_view name) {
  return status::AlreadyExists(name, absl::StrCat("周期“", api::IdOfName(name), "”已经开启"));
}

// A live cycle runs by the wall clock, so it is that of the quarter we are in.
absl::Status CheckLive(time::Quarter quarter, absl::Time now) {
  if (quarter.Contains(time::DayOf(now))) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WINDOW_CLOSED,
      absl::StrCat(quarter.LabelZh(), "不是当前季度；演练或补录其他季度，请设置演练时钟"));
}

}  // namespace

absl::Time CycleService::NowIn(const v1::Cycle& cycle, absl::Time now) const {
  return cycle.rehearsal() ? time::ToTime(cycle.clock()) : now;
}

absl::StatusOr<v1::Cycle> CycleService::LoadCycle(db::Session& session, const rpc::Call& call,
                                                  absl::string_view name, bool for_update) {
  const db::Predicate scope = auth::Readable<v1::Cycle>(call.principal);
  return for_update ? cycles_.GetForUpdate(session, name, scope)
                    : cycles_.Get(session, name, scope);
}

absl::StatusOr<OpeningFacts> CycleService::AskForOpening(const rpc::Caller& caller) {
  OpeningFacts facts;
  CHANYAN_ASSIGN_OR_RETURN(
      facts.universities,
      ListOrganizations(deps_.peers, caller, ReportingOrganizations(deps_.pack)));
  CHANYAN_ASSIGN_OR_RETURN(facts.platforms,
                           ListPublishedPlatforms(deps_.peers, caller, "organizations/-"));
  CHANYAN_ASSIGN_OR_RETURN(facts.projects,
                           ListProjects(deps_.peers, caller,
                                        "state = INTENT OR state = NEGOTIATING OR state = SIGNED "
                                        "OR state = BUILDING"));
  CHANYAN_ASSIGN_OR_RETURN(facts.offers, ListOpenOffers(deps_.peers, caller));
  if (facts.projects.empty()) return facts;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<registry::v1::Organization> enterprises,
                           ListOrganizations(deps_.peers, caller, "kind = ENTERPRISE"));
  for (registry::v1::Organization& enterprise : enterprises) {
    std::string name = enterprise.name();
    facts.enterprises[std::move(name)] = std::move(enterprise);
  }
  return facts;
}

absl::Status CycleService::WriteOpening(rpc::Change& change, const PlannedCycle& plan,
                                        Opening opening, v1::Cycle* written) {
  const v1::Cycle& planned = plan.cycle;
  *written = planned;
  written->mutable_unpublished()->Assign(opening.unpublished.begin(), opening.unpublished.end());
  const absl::Status inserted = cycles_.Insert(change.session(), change.now(), written);
  if (absl::IsAlreadyExists(inserted)) {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Form> existing,
        forms_.Select(change.session(), Below(absl::StrCat(planned.name(), "/forms"))));
    return WithFormVerdicts(deps_.pack, opening.forms, existing, AlreadyOpen(planned.name()));
  }
  CHANYAN_RETURN_IF_ERROR(inserted);
  CHANYAN_RETURN_IF_ERROR(change.Record("opened", nullptr, written));
  std::vector<std::string> referred = {planned.secretariat()};
  for (const v1::Form& form : opening.forms) referred.push_back(form.university());
  for (const v1::Row& row : opening.rows) {
    referred.insert(referred.end(), {row.enterprise(), row.unit()});
  }
  CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(referred)));
  CHANYAN_RETURN_IF_ERROR(forms_.InsertAll(change.session(), change.now(), &opening.forms));
  std::vector<journal::Alteration> alterations;
  for (const v1::Form& form : opening.forms) alterations.push_back({nullptr, &form});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("created", alterations));
  if (!written->unpublished().empty()) {
    CHANYAN_RETURN_IF_ERROR(TellOfWork(change.session(), change.now(), *written, written->name(),
                                       PlatformsUnpublished(*written)));
  }
  CHANYAN_RETURN_IF_ERROR(custody_.Bear(change, time::ToTime(planned.open_time()), &opening.rows));
  return TellOfLateOpening(change.session(), change.now(), planned, plan.late);
}

absl::StatusOr<CycleService::PlannedCycle> CycleService::PlanCycle(absl::string_view name,
                                                                   absl::Time open_time,
                                                                   bool rehearsal) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(name));
  PlannedCycle planned;
  v1::Cycle& cycle = planned.cycle;
  cycle.set_name(std::string(name));
  cycle.set_state(v1::CYCLE_STATE_OPEN);
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Step> steps, PlanSteps(deps_.pack, quarter));
  cycle.mutable_steps()->Assign(steps.begin(), steps.end());
  cycle.set_pack(absl::StrCat(deps_.pack.id(), "@", deps_.pack.version()));
  cycle.set_rehearsal(rehearsal);
  if (rehearsal) *cycle.mutable_clock() = time::ToTimestamp(open_time);
  *cycle.mutable_open_time() = time::ToTimestamp(open_time);
  // A rehearsal goes by a clock that may be set to any of its days.
  if (rehearsal) return planned;
  CHANYAN_ASSIGN_OR_RETURN(planned.late, RelieveLateSteps(deps_.pack, open_time, &cycle));
  return planned;
}

absl::Status CycleService::RefuseIfOpen(absl::string_view name, absl::Time deadline) {
  return deps_.store.db.Read(deadline, [&](db::Session& session) -> absl::Status {
    const absl::Status found = cycles_.Get(session, name).status();
    if (found.ok()) return AlreadyOpen(name);
    return absl::IsNotFound(found) ? absl::OkStatus() : found;
  });
}

absl::StatusOr<v1::Cycle> CycleService::OpenCycle(const rpc::Call& call,
                                                  const v1::OpenCycleRequest& request) {
  const bool rehearsal = request.has_rehearsal_clock();
  const absl::Time now = deps_.store.clock.Now();
  const absl::Time open_time = rehearsal ? time::ToTime(request.rehearsal_clock()) : now;
  CHANYAN_ASSIGN_OR_RETURN(PlannedCycle plan, PlanCycle(request.name(), open_time, rehearsal));
  v1::Cycle& planned = plan.cycle;
  if (!rehearsal) {
    CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(request.name()));
    CHANYAN_RETURN_IF_ERROR(CheckLive(quarter, now));
  }
  const rpc::Caller caller = rpc::AsService(call);
  planned.set_secretariat(call.principal.organization);
  if (!call.principal.Has(options::v1::ROLE_SECRETARIAT)) {
    CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization secretariat,
                             TheSecretariat(deps_.peers, caller));
    planned.set_secretariat(secretariat.name());
  }
  CHANYAN_ASSIGN_OR_RETURN(OpeningFacts facts, AskForOpening(caller));
  Opening opening = PlanOpening(planned.name(), facts);
  CHANYAN_RETURN_IF_ERROR(JudgeOpening(deps_.pack, &opening));
  // A city's projects are not kept beside the rows that came of them.
  facts = OpeningFacts();
  return rpc::Mutate<v1::Cycle>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Cycle> {
        v1::Cycle written;
        CHANYAN_RETURN_IF_ERROR(WriteOpening(change, plan, opening, &written));
        return WithActions(call.principal, open_time, AsOf(std::move(written), open_time));
      });
}

absl::Status CycleService::OpenRunningQuarter(const db::Lease& lease, absl::Time deadline) {
  const absl::Time now = deps_.store.clock.Now();
  const std::string name = absl::StrCat("cycles/", time::Quarter::Of(time::DayOf(now)).Id());
  CHANYAN_RETURN_IF_ERROR(RefuseIfOpen(name, deadline));
  CHANYAN_ASSIGN_OR_RETURN(PlannedCycle plan, PlanCycle(name, now, /*rehearsal=*/false));
  const rpc::Caller caller = rpc::AsService(deadline);
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization secretariat,
                           TheSecretariat(deps_.peers, caller));
  plan.cycle.set_secretariat(secretariat.name());
  CHANYAN_ASSIGN_OR_RETURN(OpeningFacts facts, AskForOpening(caller));
  Opening opening = PlanOpening(name, facts);
  CHANYAN_RETURN_IF_ERROR(JudgeOpening(deps_.pack, &opening));
  facts = OpeningFacts();
  const journal::Origin origin{.method = "chanyan.cycle.v1.CycleService.OpenCycle",
                               .actor = "apiClients/cycle",
                               .organization = "",
                               .request_id = "",
                               .trace_id = ""};
  db::TransactOptions options;
  options.deadline = deadline;
  // The name is the key: a cycle that is there after a loss at COMMIT is the one that was wanted.
  options.committed = [&](db::Session& session) { return cycles_.Get(session, name).status(); };
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        rpc::Change change(session, now, origin);
        v1::Cycle written;
        return WriteOpening(change, plan, opening, &written);
      }));
  if (deps_.store.changed != nullptr) deps_.store.changed();
  return absl::OkStatus();
}

absl::StatusOr<v1::Cycle> CycleService::GetCycle(const rpc::Call& call,
                                                 const v1::GetCycleRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Cycle cycle,
                           rpc::Fetch(deps_.store.db, call, cycles_, request.name()));
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Cycle> shown, Present(call, {std::move(cycle)}));
  return std::move(shown.front());
}

absl::StatusOr<v1::ListCyclesResponse> CycleService::ListCycles(
    const rpc::Call& call, const v1::ListCyclesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, cycles_, request));
  v1::ListCyclesResponse response;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Cycle> shown, Present(call, std::move(page.rows)));
  response.mutable_cycles()->Assign(shown.begin(), shown.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Cycle> CycleService::EditCycle(const rpc::Call& call,
                                                  const google::protobuf::Message& request,
                                                  const std::string& name, absl::string_view kind,
                                                  CycleEdit edit) {
  absl::Time now = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Cycle cycle,
      rpc::Edit<v1::Cycle>(deps_.store, call, request, cycles_, name, /*etag=*/"", kind,
                           [&](rpc::Change& change, v1::Cycle& row) -> absl::Status {
                             now = change.now();
                             return edit(change, NowIn(row, now), row);
                           }));
  const absl::Time cycle_now = NowIn(cycle, now);
  return WithActions(call.principal, cycle_now, AsOf(std::move(cycle), cycle_now));
}

absl::StatusOr<v1::Cycle> CycleService::AdvanceClock(const rpc::Call& call,
                                                     const v1::AdvanceClockRequest& request) {
  return EditCycle(call, request, request.name(), "clockAdvanced",
                   [&](rpc::Change&, absl::Time now, v1::Cycle& row) -> absl::Status {
                     if (!row.rehearsal()) {
                       return status::FailedPrecondition(
                           options::v1::ERROR_REASON_WRONG_STATE,
                           "该周期按实际时间运行，没有演练时钟；只有演练或补录的周期可以推进时钟");
                     }
                     if (time::ToTime(request.clock()) < now) {
                       return status::InvalidField("clock", "演练时钟只能向前推进");
                     }
                     *row.mutable_clock() = request.clock();
                     return absl::OkStatus();
                   });
}

absl::StatusOr<v1::Cycle> CycleService::CloseStep(const rpc::Call& call,
                                                  const v1::CloseStepRequest& request) {
  return EditCycle(
      call, request, request.name(), "stepClosed",
      [&](rpc::Change& change, absl::Time now, v1::Cycle& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(CloseStepAt(now, request.step(), request.reason(), &row));
        return TellOfStep(change.session(), change.now(), row, request.step(),
                          StepChange::kClosedEarly);
      });
}

absl::StatusOr<v1::Cycle> CycleService::ExtendStep(const rpc::Call& call,
                                                   const v1::ExtendStepRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last_day, time::ToCivilDay(request.last_day()));
  return EditCycle(call, request, request.name(), "stepExtended",
                   [&](rpc::Change& change, absl::Time now, v1::Cycle& row) -> absl::Status {
                     CHANYAN_RETURN_IF_ERROR(ExtendStepTo(deps_.pack.calendar(), last_day, now,
                                                          request.step(), request.reason(), &row));
                     CHANYAN_RETURN_IF_ERROR(CheckExtension(deps_.pack, row, request.step()));
                     return TellOfStep(change.session(), change.now(), row, request.step(),
                                       StepChange::kExtended);
                   });
}

}  // namespace chanyan::cycle
