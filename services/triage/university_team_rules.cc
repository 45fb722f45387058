#include "services/triage/university_team_rules.h"

#include "common/time/civil.h"
#include "google/type/date.pb.h"

namespace chanyan::triage {
namespace {

bool IsEarlier(const google::type::Date& a, const google::type::Date& b) {
  const auto day = time::ToCivilDay(a);
  const auto other = time::ToCivilDay(b);
  return day.ok() && other.ok() && *day < *other;
}

}  // namespace

std::vector<status::Violation> GuidanceViolations(const v1::TeamGuidance& guidance,
                                                  absl::CivilDay today) {
  std::vector<status::Violation> violations;
  const auto guided = time::ToCivilDay(guidance.guide_date());
  if (guided.ok() && *guided > today) {
    violations.push_back({"guide_date", "指导日期不能晚于今天"});
  }
  if (guidance.step().empty() && guidance.has_due_date()) {
    violations.push_back({"step", "有完成期限的，请填写后续事项"});
  }
  if (!guidance.step().empty() && !guidance.has_due_date()) {
    violations.push_back({"due_date", "有后续事项的，请填写完成期限"});
  }
  if (guidance.has_due_date() && IsEarlier(guidance.due_date(), guidance.guide_date())) {
    violations.push_back({"due_date", "完成期限早于指导日期"});
  }
  return violations;
}

bool IsStepOpen(const v1::TeamGuidance& guidance) {
  return !guidance.step().empty() && !guidance.has_done_date();
}

void SumUpGuidance(v1::UniversityTeam* row) {
  row->clear_last_guide_date();
  row->clear_next_due_date();
  int open = 0;
  for (const v1::TeamGuidance& guidance : row->guidances()) {
    if (!row->has_last_guide_date() || IsEarlier(row->last_guide_date(), guidance.guide_date())) {
      *row->mutable_last_guide_date() = guidance.guide_date();
    }
    if (!IsStepOpen(guidance)) continue;
    ++open;
    if (!row->has_next_due_date() || IsEarlier(guidance.due_date(), row->next_due_date())) {
      *row->mutable_next_due_date() = guidance.due_date();
    }
  }
  row->set_open_steps(open);
}

}  // namespace chanyan::triage
