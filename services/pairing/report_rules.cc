#include "services/pairing/report_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

const v1::ReportVersion* Last(const std::vector<v1::ReportVersion>& versions,
                              v1::ReportOrigin origin) {
  const v1::ReportVersion* last = nullptr;
  for (const v1::ReportVersion& version : versions) {
    if (version.state() != v1::REPORT_STATE_SUBMITTED) continue;
    if (origin != v1::REPORT_ORIGIN_UNSPECIFIED && version.origin() != origin) continue;
    if (last == nullptr || last->submission() < version.submission()) last = &version;
  }
  return last;
}

}  // namespace

std::string ProgressText(const v1::ReportVersion& version) {
  return version.no_change() ? "本季度无变化" : version.progress();
}

v1::ReportCategory CategoryOf(const v1::Project& project, time::Quarter quarter) {
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(project.sign_date());
  if (!project.has_sign_date() || !day.ok()) {
    return IsSigned(project.state()) ? v1::REPORT_CATEGORY_ONGOING : v1::REPORT_CATEGORY_INTENT;
  }
  const time::Quarter signed_in = time::Quarter::Of(*day);
  if (signed_in > quarter) return v1::REPORT_CATEGORY_INTENT;
  return signed_in == quarter ? v1::REPORT_CATEGORY_NEW : v1::REPORT_CATEGORY_ONGOING;
}

absl::StatusOr<time::Quarter> QuarterToReport(absl::string_view id, absl::CivilDay today,
                                              absl::string_view field) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, time::Quarter::Parse(id));
  if (quarter <= time::Quarter::Of(today)) return quarter;
  return status::InvalidField(field, absl::StrCat(quarter.LabelZh(), "尚未开始，不能填报"));
}

absl::Status RequireReporting(const v1::Project& project) {
  if (!HasEnded(project.state())) return absl::OkStatus();
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    "项目已结束，不能再填报进展");
}

std::vector<status::Violation> VersionViolations(const v1::ReportVersion& version) {
  std::vector<status::Violation> violations;
  if (version.no_change() && !version.progress().empty()) {
    violations.push_back({"no_change", "最新进展和“本季度无变化”只能填一项"});
  }
  if (!version.no_change() && version.progress().empty()) {
    violations.push_back({"progress", "请填写最新进展；没有进展的，请选“本季度无变化”"});
  }
  return violations;
}

const v1::ReportVersion* CountedOf(const std::vector<v1::ReportVersion>& versions) {
  const v1::ReportVersion* form = Last(versions, v1::REPORT_ORIGIN_FORM);
  return form != nullptr ? form : Last(versions, v1::REPORT_ORIGIN_TYPED);
}

const v1::ReportVersion* NewestOf(const std::vector<v1::ReportVersion>& versions) {
  return Last(versions, v1::REPORT_ORIGIN_UNSPECIFIED);
}

bool SaySame(const v1::ReportVersion& a, const v1::ReportVersion& b) {
  return a.progress() == b.progress() && a.no_change() == b.no_change() &&
         a.problem() == b.problem();
}

std::vector<status::Violation> BaseViolations(const std::vector<v1::ReportVersion>& versions,
                                              absl::string_view base) {
  if (base.empty()) return {};
  for (const v1::ReportVersion& version : versions) {
    if (version.name() == base && version.state() == v1::REPORT_STATE_SUBMITTED) return {};
  }
  return {{"base", "所依据的版本应是本季度报告已提交的版本"}};
}

const v1::ReportVersion* SubmittedSince(const std::vector<v1::ReportVersion>& versions,
                                        absl::string_view base) {
  const v1::ReportVersion* newest = NewestOf(versions);
  return newest != nullptr && newest->name() != base ? newest : nullptr;
}

std::vector<v1::ReportConflict> ConflictsOf(const std::vector<v1::ReportVersion>& versions) {
  std::vector<v1::ReportConflict> conflicts;
  const v1::ReportVersion* counted = Last(versions, v1::REPORT_ORIGIN_FORM);
  const v1::ReportVersion* other = Last(versions, v1::REPORT_ORIGIN_TYPED);
  if (counted == nullptr || other == nullptr) return conflicts;
  const auto compare = [&](const char* field, const char* label, const std::string& a,
                           const std::string& b) {
    if (a == b) return;
    v1::ReportConflict conflict;
    conflict.set_field(field);
    conflict.set_label(label);
    conflict.set_counted(a);
    conflict.set_other(b);
    conflict.set_version(other->name());
    conflicts.push_back(std::move(conflict));
  };
  compare("progress", "最新进展", ProgressText(*counted), ProgressText(*other));
  compare("problem", "痛点难点", counted->problem(), other->problem());
  return conflicts;
}

}  // namespace chanyan::pairing
