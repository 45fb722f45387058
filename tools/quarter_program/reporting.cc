// Step 1: universities report, the secretariat accepts or returns; broken files are refused.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

const char* TypeOf(const std::string& file) {
  return absl::EndsWith(file, ".csv") ? "text/csv" : kXlsxType;
}

std::string FormPath(const std::string& cycle, const std::string& university) {
  return absl::StrCat("/v1/", cycle, "/forms/", university);
}

// Place and reason as people read them, in one line.
std::string OneLine(const absl::Status& refusal) {
  std::vector<std::string> parts;
  for (const status::Violation& violation : status::ViolationsOf(refusal)) {
    parts.push_back(absl::StrCat(violation.field, "：", violation.description));
  }
  return parts.empty() ? std::string(refusal.message()) : absl::StrJoin(parts, "；");
}

// Whether a refusal says what the plan expects, of the file in question.
bool Says(const absl::Status& refusal, const BrokenPlan& plan) {
  for (const status::Violation& violation : status::ViolationsOf(refusal)) {
    const std::string text = absl::StrCat(violation.field, "：", violation.description);
    if (absl::StrContains(violation.field, plan.file) && absl::StrContains(text, plan.place) &&
        absl::StrContains(text, plan.words)) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<cycle::v1::Form> Walk::GetForm(const std::string& university) {
  cycle::v1::Form form;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get(FormPath(name_, university), {}, &form));
  return form;
}

// Everything that a form and its rows are.
absl::StatusOr<std::string> Walk::FormDigest(const std::string& university) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(university));
  std::string text = form.SerializeAsString();
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<cycle::v1::ListRowsResponse>(
      absl::StrCat(FormPath(name_, university), "/rows"), {},
      [&](const cycle::v1::ListRowsResponse& page) {
        for (const cycle::v1::Row& row : page.rows()) text += row.SerializeAsString();
      }));
  return text;
}

absl::Status Walk::KeepRefusals() {
  std::string text = demo::TsvLine({"file", "wrong", "answer"});
  for (const Refusal& one : refusals_) text += demo::TsvLine({one.file, one.wrong, one.answer});
  return demo::WriteFile(refused_path_, text);
}

void Walk::RecallRefusals() {
  const auto table = demo::Tsv::Load(refused_path_, {"file", "wrong", "answer"});
  if (!table.ok()) return;
  for (size_t i = 0; i < table->size(); ++i) {
    refusals_.push_back({table->Get(i, "file"), table->Get(i, "wrong"), table->Get(i, "answer")});
  }
}

absl::Status Walk::TryBroken() {
  std::vector<Refusal> refused;
  for (const BrokenPlan& broken : plan_.broken) {
    CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(broken.university));
    // A later run would be refused for another reason.
    if (form.state() != cycle::v1::FORM_STATE_DRAFT) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(const std::string before, FormDigest(broken.university));
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string bytes,
        demo::ReadFile(absl::StrCat(plan_.directory, "/broken/", broken.file)));
    cycle::v1::ImportFormResponse reply;
    const absl::Status refusal =
        University(broken.university)
            .Upload(FormPath(name_, broken.university) + ":import", {{"file_name", broken.file}},
                    bytes, TypeOf(broken.file), "broken", &reply);
    if (refusal.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("坏文件 ", broken.file, "（", broken.reason, "）没有被拒绝"));
    }
    if (!Says(refusal, broken)) {
      return absl::FailedPreconditionError(absl::StrCat("坏文件 ", broken.file, "（", broken.reason,
                                                        "）被拒绝的理由不对：", InWords(refusal)));
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::string after, FormDigest(broken.university));
    if (before != after) {
      return absl::DataLossError(absl::StrCat("坏文件 ", broken.file, " 被拒绝，但改动了报表"));
    }
    refused.push_back({broken.file, broken.reason, OneLine(refusal)});
  }
  refusals_ = std::move(refused);
  Say(absl::StrCat("坏文件 ", refusals_.size(), " 个，全部被拒绝，报表未受影响"));
  return KeepRefusals();
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
  CHANYAN_RETURN_IF_ERROR(TryBroken());
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
