#include "services/cycle/return_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/cycle/cycle_rules.h"

namespace chanyan::cycle {

absl::Status CheckSubmitReturns(const v1::Cycle& cycle, const ReturnDesk& desk, absl::Time now,
                                absl::string_view enterprise_title) {
  // Late is late, but not lost: what comes before the universities get theirs back goes along.
  CHANYAN_RETURN_IF_ERROR(
      RequireReturnWindow(cycle, kReturnStep, desk.exception, now, "报送企业报表"));
  if (desk.has_rows || desk.gave_before) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", enterprise_title,
                   "”手中没有报表行，请先由责任单位发至企业，或导入填好的企业报表"));
}

absl::Status CheckFilledIn(absl::string_view enterprise_title,
                           const std::vector<UnfilledForm>& unfilled) {
  if (unfilled.empty()) return absl::OkStatus();
  std::vector<status::Violation> violations;
  for (const UnfilledForm& form : unfilled) {
    violations.push_back(
        {absl::StrCat(enterprise_title, " / ", form.university_title),
         absl::StrCat("还有 ", form.rows,
                      " 行未填报：请下载企业报表，填好后导入再报送；确无变化的，报送时请注明"
                      "“本季度无变化”")});
  }
  return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_RULE_VIOLATED);
}

absl::Status CheckImportReturn(const v1::Cycle& cycle, std::optional<absl::Time> exception,
                               absl::Time now) {
  return RequireReturnWindow(cycle, kCollectStep, exception, now, "导入企业报表");
}

absl::Status CheckReturnToEnterprise(const v1::Cycle& cycle, std::optional<absl::Time> exception,
                                     absl::Time now) {
  return RequireReturnWindow(cycle, kCollectStep, exception, now, "退回企业");
}

std::string WhyGivenAgain(const std::string& said, const std::vector<std::string>& sent_back_for) {
  if (!said.empty()) return said;
  if (sent_back_for.empty()) return "企业补充填报";
  return absl::StrJoin(sent_back_for, "；");
}

std::string WhyPackedAgain(const v1::Package& before, const std::string& said) {
  if (before.revision() == 0) return "";
  if (!said.empty()) return said;
  if (before.return_reasons().empty()) return "企业补报后重新打包";
  return absl::StrJoin(before.return_reasons(), "；");
}

}  // namespace chanyan::cycle
