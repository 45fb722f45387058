// Step 1: universities report, the secretariat accepts or returns.
#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/parallel.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

// After the returned forms came back, and how long a late university has.
constexpr absl::Duration kCorrectionTime = absl::Hours(6);
constexpr absl::Duration kExceptionTime = absl::Hours(8);

std::string FormPath(const std::string& cycle, const std::string& university) {
  return absl::StrCat("/v1/", cycle, "/forms/", university);
}

}  // namespace

absl::StatusOr<cycle::v1::Form> Walk::GetForm(const std::string& university) {
  cycle::v1::Form form;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get(FormPath(name_, university), {}, &form));
  return form;
}

absl::Status Walk::ReportForm(const FormPlan& form, const char* folder, const char* once) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
  if (seen.state() != cycle::v1::FORM_STATE_DRAFT &&
      seen.state() != cycle::v1::FORM_STATE_RETURNED) {
    return absl::OkStatus();
  }
  const std::string file = absl::StrCat(folder, "/", form.university, ".xlsx");
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                           demo::ReadFile(absl::StrCat(plan_.directory, "/", file)));
  const std::string path = FormPath(name_, form.university);
  Caller university = University(form.university);
  cycle::v1::ImportFormResponse reply;
  CHANYAN_RETURN_IF_ERROR(university.Upload(path + ":import",
                                            {{"file_name", file}, {"validate_only", "true"}}, bytes,
                                            kXlsxType, once, &reply));
  CHANYAN_RETURN_IF_ERROR(
      university.Upload(path + ":import", {{"file_name", file}}, bytes, kXlsxType, once, &reply));
  cycle::v1::SubmitFormRequest request;
  request.set_name(path.substr(4));
  return university.Post(path + ":submit", {}, request, once, nullptr);
}

absl::Status Walk::ReportForms(Reporting reporting, const char* folder, const char* once) {
  return ParallelFor(plan_.forms.size(), [&](size_t i) -> absl::Status {
    if (plan_.forms[i].reporting != reporting) return absl::OkStatus();
    return ReportForm(plan_.forms[i], folder, once);
  });
}

absl::Status Walk::SettleForm(const FormPlan& form, bool accept, const char* once) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
  if (seen.state() != cycle::v1::FORM_STATE_SUBMITTED) return absl::OkStatus();
  const std::string path = FormPath(name_, form.university);
  if (accept) {
    cycle::v1::AcceptFormRequest request;
    request.set_name(path.substr(4));
    return Secretariat().Post(path + ":accept", {}, request, once, nullptr);
  }
  cycle::v1::ReturnFormRequest request;
  request.set_name(path.substr(4));
  request.add_reasons(form.reason);
  return Secretariat().Post(path + ":return", {}, request, once, nullptr);
}

absl::Status Walk::Report() {
  CHANYAN_RETURN_IF_ERROR(Simulate());
  CHANYAN_RETURN_IF_ERROR(TryBrokenReports());
  CHANYAN_RETURN_IF_ERROR(ReportAPart());
  CHANYAN_RETURN_IF_ERROR(ReportForms(Reporting::kOnTime, "forms", "report"));
  // A form that was returned before this run is not reported as it was again.
  if (Now() < MorningOf(1) + kCorrectionTime) {
    for (const FormPlan& form : plan_.forms) {
      if (form.reporting != Reporting::kReturned) continue;
      CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
      if (seen.state() == cycle::v1::FORM_STATE_DRAFT) {
        CHANYAN_RETURN_IF_ERROR(ReportForm(form, "forms", "report"));
      }
      CHANYAN_RETURN_IF_ERROR(SettleForm(form, /*accept=*/false, "return"));
      Say(absl::StrCat("秘书处退回 ", seen.university_title(), "：", form.reason));
    }
    CHANYAN_RETURN_IF_ERROR(AdvanceTo(MorningOf(1) + kCorrectionTime));
  }
  CHANYAN_RETURN_IF_ERROR(ReportForms(Reporting::kReturned, "corrections", "correct"));
  return ParallelFor(plan_.forms.size(), [&](size_t i) -> absl::Status {
    if (plan_.forms[i].reporting == Reporting::kLate) return absl::OkStatus();
    return SettleForm(plan_.forms[i], /*accept=*/true, "accept");
  });
}

absl::Status Walk::ReportLate(const FormPlan& form) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
  if (seen.state() == cycle::v1::FORM_STATE_DRAFT && !seen.has_exception_until()) {
    const absl::Status closed = ReportForm(form, "forms", "too late");
    if (status::ReasonOf(closed) != options::v1::ERROR_REASON_WINDOW_CLOSED) {
      return closed.ok() ? absl::FailedPreconditionError("截止后的报送没有被拒绝") : closed;
    }
    Say(absl::StrCat(seen.university_title(), "逾期，被拒绝：", closed.message()));
    cycle::v1::GrantLockExceptionRequest request;
    request.set_name(seen.name());
    *request.mutable_until() = time::ToTimestamp(MorningOf(2) + kExceptionTime);
    request.set_reason(form.reason);
    CHANYAN_RETURN_IF_ERROR(
        Secretariat().Post(FormPath(name_, form.university) + ":grantLockException", {}, request,
                           "exception", nullptr));
  }
  CHANYAN_RETURN_IF_ERROR(ReportForm(form, "forms", "exception"));
  return SettleForm(form, /*accept=*/true, "accept");
}

}  // namespace chanyan::quarter
