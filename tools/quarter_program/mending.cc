// Files that an earlier run refused, mended since: they come in with a leave for what is late, and
// what was done without them is done again (S0 二).
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

// A leave lasts one working day by the quarter's clock.
constexpr absl::Duration kLeave = absl::Hours(8);
constexpr char kWhyLate[] = "报表文件经更正后补报";

}  // namespace

absl::Status Walk::GrantFormException(const cycle::v1::Form& form) {
  if (form.has_exception_until() && time::ToTime(form.exception_until()) > Now()) {
    return absl::OkStatus();
  }
  cycle::v1::GrantLockExceptionRequest request;
  request.set_name(form.name());
  *request.mutable_until() = time::ToTimestamp(Now() + kLeave);
  request.set_reason(kWhyLate);
  return Secretariat().Post(absl::StrCat("/v1/", form.name(), ":grantLockException"), {}, request,
                            absl::StrCat("mended ", absl::FormatTime(Now(), absl::UTCTimeZone())),
                            nullptr);
}

absl::Status Walk::GrantReturnException(const std::string& enterprise) {
  cycle::v1::GrantReturnExceptionRequest request;
  request.set_name(name_);
  request.set_enterprise(absl::StrCat("organizations/", enterprise));
  *request.mutable_until() = time::ToTimestamp(Now() + kLeave);
  request.set_reason(kWhyLate);
  return Secretariat().Post(
      absl::StrCat("/v1/", name_, ":grantReturnException"), {}, request,
      absl::StrCat("mended ", enterprise, absl::FormatTime(Now(), absl::UTCTimeZone())), nullptr);
}

absl::StatusOr<bool> Walk::BringInForm(const FormPlan& form) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
  const bool fresh = seen.state() == cycle::v1::FORM_STATE_DRAFT;
  const auto send = [&](const char* folder, const char* once) -> absl::StatusOr<bool> {
    const absl::Status sent = SendForm(form, folder, once);
    if (sent.ok()) return true;
    CHANYAN_RETURN_IF_ERROR(Refuse(form.university, FormFile(folder, form.university), sent));
    return false;
  };
  if (fresh || seen.state() == cycle::v1::FORM_STATE_RETURNED) {
    // What cannot even be read gets no leave.
    const char* folder = fresh ? kForms : kCorrections;
    const absl::Status tried = TryForm(form, folder, "mended?");
    if (IsAboutFile(tried)) {
      CHANYAN_RETURN_IF_ERROR(Refuse(form.university, FormFile(folder, form.university), tried));
      return false;
    }
    CHANYAN_RETURN_IF_ERROR(GrantFormException(seen));
  }
  if (fresh) {
    CHANYAN_ASSIGN_OR_RETURN(const bool sent, send(kForms, "mended"));
    if (!sent) return false;
    if (form.reporting == Reporting::kReturned) {
      CHANYAN_RETURN_IF_ERROR(SettleForm(form, /*accept=*/false, "return"));
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form now, GetForm(form.university));
  if (now.state() == cycle::v1::FORM_STATE_RETURNED) {
    CHANYAN_ASSIGN_OR_RETURN(const bool sent, send(kCorrections, "mended correction"));
    if (!sent) return false;
  }
  CHANYAN_RETURN_IF_ERROR(SettleForm(form, /*accept=*/true, "accept"));
  return true;
}

absl::StatusOr<bool> Walk::BringInReturns(const ReturnPlan& plan) {
  absl::StatusOr<std::vector<Refusal>> refused = ImportReturns(plan, "return");
  // What cannot even be read gets no leave.
  if (refused.ok()
          ? refused->empty()
          : status::ReasonOf(refused.status()) == options::v1::ERROR_REASON_WINDOW_CLOSED) {
    CHANYAN_RETURN_IF_ERROR(GrantReturnException(plan.enterprise));
    refused = ImportReturns(plan, "return");
  }
  if (!refused.ok()) return refused.status();
  if (refused->empty()) return SubmitReturn(plan, plan.enterprise);
  CHANYAN_RETURN_IF_ERROR(refusals_.Replace(plan.enterprise, *std::move(refused)));
  return false;
}

absl::Status Walk::BringInMended() {
  // Who stands among the refused until everything is done: a run that is cut short begins again.
  std::vector<std::string> came;
  for (const FormPlan& form : forms_) {
    CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
    if (seen.exception_reason() == kWhyLate) after_.insert(form.university);
  }
  for (const ReturnPlan& plan : plan_.returns) {
    if (!refusals_.HasOf(plan.enterprise) || !IsRegistered(plan.enterprise)) continue;
    CHANYAN_ASSIGN_OR_RETURN(const bool in, BringInReturns(plan));
    if (in) came.push_back(plan.enterprise);
  }
  for (const FormPlan& form : forms_) {
    if (!refusals_.HasOf(form.university)) continue;
    CHANYAN_ASSIGN_OR_RETURN(const bool in, BringInForm(form));
    if (in) came.push_back(form.university);
  }
  if (came.empty()) return absl::OkStatus();
  Say(absl::StrCat("更正后补报 ", came.size(), " 家，重新打包、返回并生成榜单"));
  const std::string once = absl::StrCat("mended ", absl::StrJoin(came, " "));
  CHANYAN_RETURN_IF_ERROR(PackAll(once));
  CHANYAN_RETURN_IF_ERROR(ReturnAll(once));
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_RESEARCH_OFFICE", once));
  CHANYAN_RETURN_IF_ERROR(PublishBoard(once).status());
  for (const std::string& one : came) CHANYAN_RETURN_IF_ERROR(refusals_.Replace(one, {}));
  return CheckConservation("补报");
}

}  // namespace chanyan::quarter
