#include "services/triage/case_rules.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"

namespace chanyan::triage {

std::vector<status::Violation> CaseViolations(const v1::TypicalCase& row, absl::CivilDay today) {
  std::vector<status::Violation> violations;
  if (row.publicities_size() > 0 && row.state() != v1::TYPICAL_CASE_STATE_PUBLISHED) {
    violations.push_back({"publicities", "案例发布后才能登记宣传情况"});
  }
  std::set<std::pair<absl::CivilDay, std::string>> seen;
  for (int i = 0; i < row.publicities_size(); ++i) {
    const v1::CasePublicity& one = row.publicities(i);
    const auto day = time::ToCivilDay(one.publicize_date());
    if (!day.ok()) continue;
    if (*day > today) {
      violations.push_back(
          {absl::StrCat("publicities[", i, "].publicize_date"), "宣传日期不能晚于今天"});
    }
    if (!seen.insert({*day, one.channel()}).second) {
      violations.push_back(
          {absl::StrCat("publicities[", i, "].channel"), "同日同一渠道的宣传重复"});
    }
  }
  return violations;
}

std::vector<status::Violation> ShowingViolations(const v1::Result& result) {
  std::vector<status::Violation> violations;
  if (result.state() != v1::RESULT_STATE_PUBLISHED) {
    violations.push_back({"result", "成果不在成果库中，案例不能发布"});
  }
  if (result.disclosure() != v1::DISCLOSURE_OPEN) {
    violations.push_back({"result", "成果限定公开范围，案例不能发布"});
  }
  if (result.funnel_stage() < v1::FUNNEL_STAGE_CONTACTED) {
    violations.push_back({"result", "成果尚无对接记录，不能作为典型案例发布"});
  }
  return violations;
}

}  // namespace chanyan::triage
