// Step 1: universities report, the secretariat accepts or returns.
#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
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

absl::Status Walk::TryForm(const FormPlan& form, const char* folder, const char* once) {
  const std::string file = FormFile(folder, form.university);
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(file));
  cycle::v1::ImportFormResponse reply;
  return University(form.university)
      .Upload(FormPath(name_, form.university) + ":import",
              {{"file_name", file}, {"validate_only", "true"}}, bytes, kXlsxType, once, &reply);
}

absl::Status Walk::SendForm(const FormPlan& form, const char* folder, const char* once) {
  CHANYAN_RETURN_IF_ERROR(TryForm(form, folder, once));
  const std::string file = FormFile(folder, form.university);
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(file));
  const std::string path = FormPath(name_, form.university);
  Caller university = University(form.university);
  cycle::v1::ImportFormResponse reply;
  CHANYAN_RETURN_IF_ERROR(UploadAsOperation(university, path + ":beginImport",
                                            {{"file_name", file}}, bytes, once, &reply));
  cycle::v1::SubmitFormRequest request;
  request.set_name(path.substr(4));
  return university.Post(path + ":submit", {}, request, once, nullptr);
}

absl::Status Walk::ReportForm(const FormPlan& form, const char* folder, const char* once) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
  if (seen.state() == cycle::v1::FORM_STATE_DRAFT ||
      seen.state() == cycle::v1::FORM_STATE_RETURNED) {
    const absl::Status sent = SendForm(form, folder, once);
    if (!sent.ok()) return Refuse(form.university, FormFile(folder, form.university), sent);
  }
  return refusals_.Replace(form.university, {});
}

absl::Status Walk::ReportForms(Reporting reporting, const char* folder, const char* once) {
  return ParallelFor(forms_.size(), [&](size_t i) -> absl::Status {
    const FormPlan& form = forms_[i];
    if (form.reporting != reporting) return absl::OkStatus();
    // Who has not reported has nothing to correct.
    if (reporting == Reporting::kReturned && refusals_.Has(FormFile(kForms, form.university))) {
      return absl::OkStatus();
    }
    return ReportForm(form, folder, once);
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
  CHANYAN_RETURN_IF_ERROR(ReclaimAPart());
  CHANYAN_RETURN_IF_ERROR(ReportForms(Reporting::kOnTime, kForms, "report"));
  // A form that was returned before this run is not reported as it was again.
  if (Now() < MorningOf(1) + kCorrectionTime) {
    for (const FormPlan& form : forms_) {
      if (form.reporting != Reporting::kReturned) continue;
      CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
      if (seen.state() == cycle::v1::FORM_STATE_DRAFT) {
        CHANYAN_RETURN_IF_ERROR(ReportForm(form, kForms, "report"));
        if (refusals_.HasOf(form.university)) continue;
      }
      CHANYAN_RETURN_IF_ERROR(SettleForm(form, /*accept=*/false, "return"));
      Say(absl::StrCat("秘书处退回 ", seen.university_title(), "：", form.reason));
    }
    CHANYAN_RETURN_IF_ERROR(AdvanceTo(MorningOf(1) + kCorrectionTime));
  }
  CHANYAN_RETURN_IF_ERROR(ReportForms(Reporting::kReturned, kCorrections, "correct"));
  return ParallelFor(forms_.size(), [&](size_t i) -> absl::Status {
    if (forms_[i].reporting == Reporting::kLate) return absl::OkStatus();
    return SettleForm(forms_[i], /*accept=*/true, "accept");
  });
}

absl::Status Walk::ReportLate(const FormPlan& form) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form seen, GetForm(form.university));
  if (seen.state() == cycle::v1::FORM_STATE_DRAFT && !seen.has_exception_until()) {
    const absl::Status closed = SendForm(form, kForms, "too late");
    if (IsAboutFile(closed)) {
      return Refuse(form.university, FormFile(kForms, form.university), closed);
    }
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
  CHANYAN_RETURN_IF_ERROR(ReportForm(form, kForms, "exception"));
  return SettleForm(form, /*accept=*/true, "accept");
}

}  // namespace chanyan::quarter
