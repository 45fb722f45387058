// Handlers of forms and their rows.
#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/form_life.h"
#include "services/cycle/form_versions.h"
#include "services/cycle/ids.h"
#include "services/cycle/part_checks.h"
#include "services/cycle/return_rules.h"
#include "services/cycle/row_reasons.h"
#include "services/cycle/telling.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

// Whether a verb that the state allows is of use at `now`.
bool IsTimely(absl::string_view verb, const v1::Cycle& cycle, const v1::Form& form,
              absl::Time now) {
  const bool open = RequireFormWindow(cycle, form, now, "").ok();
  if (verb == "import" || verb == "submit" || verb == "issueParts") return open;
  if (verb == "deliverToPlatforms") return RequireWindow(cycle, kReturnStep, 0, now, "").ok();
  if (verb == "grantLockException") return !open && !IsInTime(cycle, kReportStep, now);
  return true;
}

// Method of a verb: "submit" is SubmitForm, "grantLockException" GrantLockException; what has to do
// with parts is theirs.
std::string MethodOf(absl::string_view verb) {
  if (verb == "issueParts") return "PartService.IssueParts";
  if (verb == "deliverToPlatforms") return "PartService.DeliverToPlatforms";
  if (verb == "grantLockException") return "CycleService.GrantLockException";
  std::string method(verb);
  method[0] = absl::ascii_toupper(method[0]);
  return absl::StrCat("CycleService.", method, "Form");
}

std::string RowInWords(const v1::Row& row) {
  return absl::StrCat(row.platform_title(), row.enterprise_title().empty() ? "" : " / ",
                      row.enterprise_title());
}

}  // namespace

v1::Form CycleService::Present(const rpc::Call& call, const v1::Cycle& cycle, v1::Form form,
                               const ReturnOffers& offers) {
  form.clear_actions();
  if (offers.import) form.add_actions("importReturn");
  if (offers.send_back.contains(form.name())) form.add_actions("returnToEnterprise");
  if (!auth::Reaches(call.principal, form, options::v1::ACCESS_WRITE)) return form;
  const absl::Time now = NowIn(cycle, deps_.store.clock.Now());
  for (absl::string_view verb : policy::VerbsFrom(FormLife(), form.state())) {
    if (MayCall(call.principal, MethodOf(verb)) && IsTimely(verb, cycle, form, now)) {
      form.add_actions(std::string(verb));
    }
  }
  return form;
}

absl::StatusOr<v1::Form> CycleService::GetForm(const rpc::Call& call,
                                               const v1::GetFormRequest& request) {
  v1::Form form;
  v1::Cycle cycle;
  ReturnOffers offers;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            form, forms_.Get(session, request.name(), auth::Readable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, CycleOfName(form.name())));
        CHANYAN_ASSIGN_OR_RETURN(offers, ReturnOffersOf(session, call.principal, cycle,
                                                        NowIn(cycle, deps_.store.clock.Now())));
        return absl::OkStatus();
      }));
  return Present(call, cycle, std::move(form), offers);
}

absl::StatusOr<v1::ListFormsResponse> CycleService::ListForms(const rpc::Call& call,
                                                              const v1::ListFormsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, forms_, request,
                                                     absl::StrCat(request.parent(), "/forms"),
                                                     request.filter(), request.order_by()));
  // One, unless the parent is cycles/-.
  absl::flat_hash_map<std::string, v1::Cycle> cycles;
  absl::flat_hash_map<std::string, ReturnOffers> offers;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        cycles.clear();
        for (const v1::Form& form : page.rows) {
          const std::string name(CycleOfName(form.name()));
          if (cycles.contains(name)) continue;
          v1::Cycle& cycle = cycles[name];
          CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, name));
          CHANYAN_ASSIGN_OR_RETURN(offers[name],
                                   ReturnOffersOf(session, call.principal, cycle,
                                                  NowIn(cycle, deps_.store.clock.Now())));
        }
        return absl::OkStatus();
      }));
  v1::ListFormsResponse response;
  for (v1::Form& form : page.rows) {
    const std::string name(CycleOfName(form.name()));
    *response.add_forms() = Present(call, cycles[name], std::move(form), offers[name]);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListRowsResponse> CycleService::ListRows(const rpc::Call& call,
                                                            const v1::ListRowsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, rows_, request,
                                                     absl::StrCat(request.parent(), "/rows"),
                                                     request.filter(), request.order_by()));
  v1::ListRowsResponse response;
  for (v1::Row& row : page.rows) {
    *response.add_rows() = WithActions(call.principal, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<std::vector<v1::Row>> CycleService::RowsOf(db::Session& session,
                                                          absl::string_view form,
                                                          bool for_update) const {
  return rows_.Select(
      session,
      {"name >= ? AND name < ?", {absl::StrCat(form, "/rows/"), absl::StrCat(form, "/rows0")}},
      for_update ? db::kByNameLocked : "name");
}

absl::StatusOr<v1::Form> CycleService::Transit(const rpc::Call& call,
                                               const google::protobuf::Message& request,
                                               const std::string& name, absl::string_view etag,
                                               absl::string_view verb, FormEdit edit) {
  v1::Cycle cycle;
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Form form,
      rpc::Edit<v1::Form>(
          deps_.store, call, request, forms_, name, etag, verb,
          [&](rpc::Change& change, v1::Form& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(change.session(), CycleOfName(name)));
            CHANYAN_ASSIGN_OR_RETURN(const v1::FormState next,
                                     policy::Next(FormLife(), row.state(), verb));
            CHANYAN_RETURN_IF_ERROR(edit(change, cycle, NowIn(cycle, change.now()), row));
            row.set_state(next);
            return absl::OkStatus();
          }));
  if (cycle.name().empty()) {
    // A remembered reply: the edit did not run.
    CHANYAN_RETURN_IF_ERROR(
        deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
          CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, CycleOfName(name)));
          return absl::OkStatus();
        }));
  }
  return Present(call, cycle, std::move(form));
}

absl::Status CycleService::HandOverForm(rpc::Change& change, const rpc::Call& call,
                                        const v1::Cycle& cycle, absl::Time now, v1::Form& form) {
  CHANYAN_RETURN_IF_ERROR(RequireGathered(change.session(), form.name()));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> rows,
                           RowsOf(change.session(), form.name(), /*for_update=*/true));
  if (rows.empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED,
                                      "报表还没有内容，请先导入填好的报表再报送");
  }
  std::vector<status::Violation> violations;
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const v1::Row& row : rows) {
    names.push_back(row.name());
    for (status::Violation& violation : RowViolations(deps_.pack, row, time::DayOf(now))) {
      violations.push_back({RowInWords(row), std::move(violation.description)});
    }
  }
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_RULE_VIOLATED);
  }
  CHANYAN_RETURN_IF_ERROR(KeepVersion(change, call, now, form, rows));
  return custody_
      .Send(change, now, cycle.name(), kReportStep, form.university(), cycle.secretariat(), names,
            "return_reason = ''", {NextVersionName(form.name(), form.revision())})
      .status();
}

absl::StatusOr<v1::Form> CycleService::SubmitForm(const rpc::Call& call,
                                                  const v1::SubmitFormRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "submit",
      [&](rpc::Change& change, const v1::Cycle& cycle, absl::Time now,
          v1::Form& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(RequireFormWindow(cycle, row, now, "报送"));
        CHANYAN_RETURN_IF_ERROR(HandOverForm(change, call, cycle, now, row));
        if (row.state() == v1::FORM_STATE_RETURNED) {
          CHANYAN_RETURN_IF_ERROR(Settle(change.session(), change.now(), RowsOfForm(row.name())));
        }
        // The first submission decides; one that is returned and mended stays on time.
        if (row.revision() == 0) row.set_on_time(IsInTime(cycle, kReportStep, now));
        row.set_revision(row.revision() + 1);
        *row.mutable_submit_time() = time::ToTimestamp(now);
        row.clear_return_reasons();
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Form> CycleService::AcceptForm(const rpc::Call& call,
                                                  const v1::AcceptFormRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "accept",
                 [&](rpc::Change& change, const v1::Cycle& cycle, absl::Time now,
                     v1::Form& row) -> absl::Status {
                   CHANYAN_ASSIGN_OR_RETURN(
                       std::vector<v1::Handover> waiting,
                       custody_.WaitingOfForm(change.session(), row.name(), cycle.secretariat()));
                   for (v1::Handover& handover : waiting) {
                     CHANYAN_RETURN_IF_ERROR(custody_.Receive(change, now, call.principal.account,
                                                              std::move(handover)));
                   }
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Form> CycleService::ReturnForm(const rpc::Call& call,
                                                  const v1::ReturnFormRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "return",
      [&](rpc::Change& change, const v1::Cycle& cycle, absl::Time now,
          v1::Form& row) -> absl::Status {
        const std::vector<std::string> reasons(request.reasons().begin(), request.reasons().end());
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> rows,
                                 RowsOf(change.session(), row.name(), /*for_update=*/true));
        CHANYAN_RETURN_IF_ERROR(WriteRowReasons(change, rows_, request.row_reasons(), rows));
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Handover> waiting,
            custody_.WaitingOfForm(change.session(), row.name(), cycle.secretariat()));
        for (v1::Handover& handover : waiting) {
          CHANYAN_RETURN_IF_ERROR(custody_.Refuse(change, now, reasons, std::move(handover)));
        }
        *row.mutable_return_reasons() = request.reasons();
        return TellOfWork(change.session(), change.now(), cycle, RowsOfForm(row.name()),
                          FormSentBack(cycle, row, now));
      });
}

absl::StatusOr<v1::Form> CycleService::GrantLockException(
    const rpc::Call& call, const v1::GrantLockExceptionRequest& request) {
  return Transit(
      call, request, request.name(), /*etag=*/"", "grantLockException",
      [&](rpc::Change& change, const v1::Cycle& cycle, absl::Time now,
          v1::Form& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(CheckExceptionEnd(cycle, now, time::ToTime(request.until())));
        *row.mutable_exception_until() = request.until();
        row.set_exception_reason(request.reason());
        return TellOfWork(change.session(), change.now(), cycle, RowsOfForm(row.name()),
                          LeaveForForm(row));
      });
}

}  // namespace chanyan::cycle
