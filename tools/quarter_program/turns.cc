// What does not go straight on: a package that is sent back with reasons and comes again, an
// enterprise that is late by leave, deadlines that are reckoned anew (CYC-1, CYC-4, CYC-5).
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "chanyan/cycle/v1/returning.pb.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

// Of the day on which a leave is granted.
constexpr absl::Duration kLeaveOfADay = absl::Hours(8);
constexpr char kGivenAgain[] = "given again";

std::string EnterpriseOf(const ReturnPlan& plan) {
  return absl::StrCat("organizations/", plan.enterprise);
}

std::string FormOfRow(absl::string_view row) {
  return std::string(row.substr(0, row.find("/rows/")));
}

}  // namespace

absl::Status Walk::SendBack(const ReturnPlan& plan) {
  const std::string path = absl::StrCat("/v1/", name_, "/packages/", plan.enterprise);
  std::set<std::string> rows;
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<cycle::v1::ListRowsResponse>(
      absl::StrCat("/v1/", name_, "/forms/-/rows"),
      {{"filter", absl::StrCat("enterprise = \"", EnterpriseOf(plan), "\"")}},
      [&](const cycle::v1::ListRowsResponse& page) {
        for (const cycle::v1::Row& row : page.rows()) rows.insert(row.name());
      }));
  // Nothing of it went out.
  if (rows.empty()) return absl::OkStatus();
  cycle::v1::ReturnPackageRequest back;
  back.set_name(path.substr(4));
  back.add_reasons(plan_.send_back_reason);
  cycle::v1::RowReason& reason = *back.add_row_reasons();
  reason.set_row(*rows.begin());
  reason.set_reason(plan_.row_reason);
  cycle::v1::Package package;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path + ":return", {}, back, "send back", &package));
  CHANYAN_RETURN_IF_ERROR(Receive(plan_.LoginOf(plan.unit, "ROLE_UNIT"), "sent back"));
  std::set<std::string> forms;
  for (const std::string& row : rows) forms.insert(FormOfRow(row));
  for (const std::string& form : forms) {
    cycle::v1::ReturnToEnterpriseRequest onward;
    onward.set_parent(form);
    onward.set_enterprise(EnterpriseOf(plan));
    onward.add_reasons(plan_.send_back_reason);
    CHANYAN_RETURN_IF_ERROR(
        Unit(plan.unit).Post(absl::StrCat("/v1/", form, "/returns:sendBack"), {}, onward,
                             absl::StrCat("send back ", plan.enterprise), nullptr));
  }
  CHANYAN_ASSIGN_OR_RETURN(std::vector<Refusal> refused, ImportReturns(plan, kGivenAgain));
  CHANYAN_RETURN_IF_ERROR(refusals_.Replace(plan.enterprise, std::move(refused)));
  if (refusals_.HasOf(plan.enterprise)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(
      SubmitReturn(plan, absl::StrCat(plan.enterprise, " ", kGivenAgain)).status());
  Say(absl::StrCat("秘书处退回企业包 ", package.enterprise_title(), "：", plan_.send_back_reason,
                   "；责任单位转退企业，企业重新报送 ", forms.size(), " 张报表"));
  return absl::OkStatus();
}

absl::Status Walk::SendBackPackages() {
  bool any = false;
  for (const ReturnPlan& plan : plan_.returns) {
    if (!plan.sent_back || refusals_.HasOf(plan.enterprise)) continue;
    CHANYAN_RETURN_IF_ERROR(SendBack(plan));
    any = true;
  }
  return any ? PackAll("packages given again") : absl::OkStatus();
}

absl::Status Walk::GrantByUnit(const ReturnPlan& plan) {
  cycle::v1::ListReturnExceptionsResponse granted;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get(
      absl::StrCat("/v1/", name_, "/returnExceptions"),
      {{"filter", absl::StrCat("enterprise = \"", EnterpriseOf(plan), "\"")}}, &granted));
  if (!granted.return_exceptions().empty()) return absl::OkStatus();
  for (const std::string& university : plan.universities) {
    if (!IsAwaited(university)) continue;
    const absl::Status closed = ImportReturn(plan, university, "too late");
    // Refused for what it is, it gets no leave for it yet either.
    if (IsAboutFile(closed)) return absl::OkStatus();
    if (status::ReasonOf(closed) != options::v1::ERROR_REASON_WINDOW_CLOSED) {
      return closed.ok() ? absl::FailedPreconditionError("截止后的企业填报没有被拒绝") : closed;
    }
    Say(absl::StrCat("企业逾期填报，被拒绝：", closed.message()));
    break;
  }
  cycle::v1::GrantReturnExceptionRequest grant;
  grant.set_name(name_);
  grant.set_enterprise(EnterpriseOf(plan));
  *grant.mutable_until() = time::ToTimestamp(MorningOf(4) + kLeaveOfADay);
  grant.set_reason(plan_.exception_reason);
  cycle::v1::ReturnException exception;
  CHANYAN_RETURN_IF_ERROR(
      Unit(plan.unit).Post(absl::StrCat("/v1/", name_, ":grantReturnException"), {}, grant,
                           absl::StrCat("exception ", plan.enterprise), &exception));
  Say(absl::StrCat("责任单位许可逾期补报：", exception.enterprise_title(), "（",
                   plan_.exception_reason, "）"));
  return absl::OkStatus();
}

absl::Status Walk::ReportByException() {
  for (const ReturnPlan& plan : plan_.returns) {
    if (!plan.by_exception) continue;
    if (IsRegistered(plan.enterprise)) CHANYAN_RETURN_IF_ERROR(GrantByUnit(plan));
    absl::StatusOr<std::vector<Refusal>> refused = ImportReturns(plan, "by exception");
    if (!refused.ok()) return refused.status();
    CHANYAN_RETURN_IF_ERROR(refusals_.Replace(plan.enterprise, *std::move(refused)));
    if (refusals_.HasOf(plan.enterprise)) continue;
    CHANYAN_RETURN_IF_ERROR(SubmitReturn(plan, plan.enterprise).status());
  }
  return absl::OkStatus();
}

absl::Status Walk::ReprojectDeadlines() {
  cycle::v1::ReprojectDeadlinesRequest request;
  request.set_name(name_);
  request.set_reason(plan_.amendment);
  request.set_validate_only(true);
  cycle::v1::ReprojectDeadlinesResponse moves;
  const std::string path = absl::StrCat("/v1/", name_, ":reprojectDeadlines");
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path, {}, request, "try to reproject", &moves));
  if (moves.moved().empty()) {
    Say(absl::StrCat("按现行日历（", plan_.amendment, "）重新推算期限：各步不变"));
    return absl::OkStatus();
  }
  request.set_validate_only(false);
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path, {}, request, "reproject", &moves));
  for (const cycle::v1::MovedStep& one : moves.moved()) {
    Say(absl::StrCat("第", one.number(), "步期限顺延：", one.step().derivation()));
  }
  return LoadCycle();
}

}  // namespace chanyan::quarter
