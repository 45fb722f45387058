// Import of filled forms: a university's own, and what an enterprise gives back.
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/form_intake.h"
#include "services/cycle/form_life.h"
#include "services/cycle/form_verdicts.h"
#include "services/cycle/ids.h"
#include "services/cycle/return_rules.h"

namespace chanyan::cycle {

absl::StatusOr<v1::ImportFormResponse> CycleService::ImportForm(
    const rpc::Call& call, const v1::ImportFormRequest& request) {
  // Who may not write the form learns nothing of it, and nobody is asked on his behalf.
  FormScope scope;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Form seen,
            forms_.Get(session, request.name(), auth::Writable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(scope, ScopeOf(session, forms_, seen));
        return absl::OkStatus();
      }));
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::Row> data,
                           ReadFormSheet(request.file(), request.file_name()));
  CHANYAN_ASSIGN_OR_RETURN(const SheetFacts facts,
                           AskAboutSheet(deps_.peers, rpc::AsService(call), scope, data));
  const std::string sha256 = api::Sha256Hex(request.file().data());

  return rpc::Mutate<v1::ImportFormResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFormResponse> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Form form,
                                 forms_.GetForUpdate(change.session(), request.name(),
                                                     auth::Writable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(change.session(), CycleOfName(form.name())));
        const absl::Time now = NowIn(cycle, change.now());
        CHANYAN_RETURN_IF_ERROR(policy::Next(FormLife(), form.state(), "import").status());
        CHANYAN_RETURN_IF_ERROR(RequireFormWindow(cycle, form, now, "导入报表"));
        CHANYAN_ASSIGN_OR_RETURN(const absl::flat_hash_set<std::string> out,
                                 PartsOut(change.session(), form.name()));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> stored,
                                 RowsOf(change.session(), form.name(), /*for_update=*/true));
        RowPlan plan = PlanForm(deps_.pack, form, data, facts, stored, time::DayOf(now), out);
        CHANYAN_RETURN_IF_ERROR(CheckPlan(plan));
        const v1::Form before = form;
        CHANYAN_RETURN_IF_ERROR(JudgePlan(deps_.pack, stored, plan, &form));
        const v1::ImportFormResponse response = ResponseOf(plan, request.validate_only());
        if (request.validate_only() || (!plan.changes() && form.file_sha256() == sha256)) {
          return response;
        }
        CHANYAN_RETURN_IF_ERROR(WriteRows(change, custody_, rows_, now, form.university(), &plan));
        form.set_file_sha256(sha256);
        form.set_row_count(
            static_cast<int32_t>(stored.size() + plan.creates.size() - plan.removes.size()));
        CHANYAN_RETURN_IF_ERROR(forms_.Update(change.session(), change.now(), &form));
        CHANYAN_RETURN_IF_ERROR(change.Record("imported", &before, &form));
        return response;
      });
}

absl::StatusOr<v1::ImportFormResponse> CycleService::ImportReturn(
    const rpc::Call& call, const v1::ImportReturnRequest& request) {
  FormScope scope;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Form seen,
            forms_.Get(session, request.parent(), auth::Readable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(scope, ScopeOf(session, forms_, seen));
        return absl::OkStatus();
      }));
  ReturnFacts facts;
  CHANYAN_ASSIGN_OR_RETURN(facts.enterprise, ServedEnterprise(call, request.enterprise()));
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::Row> data,
                           ReadFormSheet(request.file(), request.file_name()));
  CHANYAN_ASSIGN_OR_RETURN(facts.sheet,
                           AskAboutSheet(deps_.peers, rpc::AsService(call), scope, data));

  return rpc::Mutate<v1::ImportFormResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFormResponse> {
        // Locked, because rows are added to it and counted.
        CHANYAN_ASSIGN_OR_RETURN(v1::Form form,
                                 forms_.GetForUpdate(change.session(), request.parent(),
                                                     auth::Readable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(change.session(), CycleOfName(form.name())));
        const absl::Time now = NowIn(cycle, change.now());
        const std::string& enterprise = facts.enterprise.name();
        CHANYAN_ASSIGN_OR_RETURN(const std::optional<absl::Time> exception,
                                 ReturnExceptionOf(change.session(), cycle.name(), enterprise));
        CHANYAN_RETURN_IF_ERROR(CheckImportReturn(cycle, exception, now));
        // What was sent to the enterprise is in its hands once it is filled in.
        absl::flat_hash_set<std::string> arriving;
        if (request.validate_only()) {
          CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Handover> waiting,
                                   custody_.Waiting(change.session(), cycle.name(), enterprise));
          for (const v1::Handover& handover : waiting) arriving.insert(handover.name());
        } else {
          CHANYAN_RETURN_IF_ERROR(
              ReceiveAll(change, cycle, now, enterprise, call.principal.account, AsEnterprise())
                  .status());
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Row> stored,
            rows_.Select(change.session(),
                         {"cycle = ? AND enterprise IN (?, '') AND name >= ? AND name < ?",
                          {cycle.name(), enterprise, absl::StrCat(form.name(), "/rows/"),
                           absl::StrCat(form.name(), "/rows0")}},
                         db::kByNameLocked));
        ReturnFacts held = facts;
        for (const v1::Row& row : stored) {
          const bool here = row.holder() == enterprise && row.in_transit().empty();
          if (here || arriving.contains(row.in_transit())) held.held.insert(row.name());
        }
        RowPlan plan = PlanReturn(deps_.pack, form, data, held, stored, time::DayOf(now));
        CHANYAN_RETURN_IF_ERROR(CheckPlan(plan));
        const v1::Form before = form;
        CHANYAN_RETURN_IF_ERROR(JudgePlan(deps_.pack, stored, plan, &form));
        const v1::ImportFormResponse response = ResponseOf(plan, request.validate_only());
        if (request.validate_only() || !plan.changes()) return response;
        CHANYAN_RETURN_IF_ERROR(WriteRows(change, custody_, rows_, now, enterprise, &plan));
        if (!plan.creates.empty()) {
          form.set_row_count(form.row_count() + static_cast<int32_t>(plan.creates.size()));
          CHANYAN_RETURN_IF_ERROR(forms_.Update(change.session(), change.now(), &form));
          CHANYAN_RETURN_IF_ERROR(change.Record("rowsAdded", &before, &form));
        }
        return response;
      });
}

}  // namespace chanyan::cycle
