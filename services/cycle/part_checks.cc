#include "services/cycle/part_checks.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_life.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/part_life.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

// Parts that are spelled out in one refusal.
constexpr size_t kPartsNamed = 20;

constexpr absl::string_view kNotGathered =
    "SELECT platform_title, state FROM platform_part WHERE "
    "state IN ('DRAFT', 'SUBMITTED', 'RETURNED') AND ";

std::string StateInWords(const std::string& state) {
  if (state == "SUBMITTED") return "已报送，待学校接收";
  return state == "RETURNED" ? "已退回平台" : "平台填报中";
}

// Verbs of those who put the form together, by its window and state.
bool IsPartVerbTimely(absl::string_view verb, const v1::Cycle& cycle, const v1::Form& form,
                      absl::Time now) {
  if (!RequireWithUniversity(form, "").ok()) return false;
  return verb == "accept" || verb == "reclaim" || RequireFormWindow(cycle, form, now, "").ok();
}

}  // namespace

absl::Time FormEnd(const v1::Cycle& cycle, const v1::Form& form) {
  const absl::Time end = EndOf(cycle, kReportStep);
  return form.has_exception_until() ? std::max(end, time::ToTime(form.exception_until())) : end;
}

absl::StatusOr<absl::Time> PartDue(const v1::Cycle& cycle, const v1::Form& form, absl::Time now,
                                   absl::Time wanted) {
  const absl::Time end = FormEnd(cycle, form);
  if (wanted == absl::InfinitePast()) return end;
  if (wanted <= now) {
    return status::InvalidField("due_time",
                                absl::StrCat("填报截止须晚于现在（", SpokenToTheSecond(now), "）"));
  }
  if (wanted > end) {
    return status::InvalidField(
        "due_time", absl::StrCat("填报截止不得晚于学校报送截止（", SpokenToTheSecond(end), "）"));
  }
  return wanted;
}

absl::Status RequireWithUniversity(const v1::Form& form, absl::string_view what) {
  if (policy::Next(FormLife(), form.state(), "issueParts").ok()) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", form.university_title(), "”的报表为“", policy::LabelOf(form.state()),
                   "”，不在学校手中，不能", what, "；确需修改的，请先由秘书处退回报表"));
}

absl::Status RequireManager(const auth::Principal& principal, const v1::PlatformPart& part) {
  const auto& managers = part.managers();
  if (managers.empty() ||
      std::find(managers.begin(), managers.end(), principal.account) != managers.end()) {
    return absl::OkStatus();
  }
  return status::PermissionDenied(absl::StrCat("您的账号不是“", part.platform_title(),
                                               "”的填报人，请由学校指定的填报人办理，"
                                               "或请学校科研管理部门改指定"));
}

std::vector<status::Violation> ManagerViolations(
    const google::protobuf::RepeatedPtrField<std::string>& managers,
    const std::vector<Person>& people) {
  std::vector<status::Violation> violations;
  std::set<absl::string_view> seen;
  for (int i = 0; i < managers.size(); ++i) {
    const std::string place = absl::StrCat("managers[", i, "]");
    if (!seen.insert(managers[i]).second) {
      violations.push_back({place, absl::StrCat("账号 ", managers[i], " 重复，请只填一次")});
      continue;
    }
    const bool known = std::any_of(people.begin(), people.end(), [&](const Person& person) {
      return person.account == managers[i] && person.Has(options::v1::ROLE_PLATFORM_MANAGER);
    });
    if (known) continue;
    violations.push_back(
        {place, absl::StrCat("账号 ", managers[i],
                             " 不是贵单位在用的平台管理账号，请核对，或请系统管理员先开通")});
  }
  return violations;
}

absl::Status RequireGathered(db::Session& session, absl::string_view form) {
  const db::Predicate parts = Below(absl::StrCat(form, "/parts"));
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat(kNotGathered, parts.sql, " ORDER BY name FOR UPDATE"),
                    parts.params));
  if (found.rows.empty()) return absl::OkStatus();
  std::vector<std::string> named;
  for (const db::Values& row : found.rows) {
    if (named.size() == kPartsNamed) break;
    named.push_back(absl::StrCat("“", std::get<std::string>(row[0]), "”（",
                                 StateInWords(std::get<std::string>(row[1])), "）"));
  }
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("还有 ", found.rows.size(), " 个科创平台的填报部分未汇总：",
                   absl::StrJoin(named, "、"), found.rows.size() > named.size() ? "等" : "",
                   "；请先接收，或收回自填，再报送"));
}

v1::PlatformPart WithActions(const auth::Principal& principal, const v1::Cycle& cycle,
                             const v1::Form& form, absl::Time now, v1::PlatformPart part) {
  part.clear_actions();
  if (!auth::Reaches(principal, part, options::v1::ACCESS_WRITE)) return part;
  const bool manages = RequireManager(principal, part).ok();
  for (const absl::string_view verb : policy::VerbsFrom(PartLife(), part.state())) {
    std::string method(verb);
    method[0] = absl::ascii_toupper(method[0]);
    const bool of_platform = verb == "import" || verb == "submit";
    if (of_platform && !manages) continue;
    if (MayCall(principal,
                absl::StrCat("PartService.", method, verb == "issue" ? "Parts" : "Part")) &&
        IsPartVerbTimely(verb, cycle, form, now)) {
      part.add_actions(std::string(verb));
    }
  }
  if (MayCall(principal, "PartService.AssignPart")) part.add_actions("assign");
  const bool filling =
      part.state() == v1::PART_STATE_DRAFT || part.state() == v1::PART_STATE_RETURNED;
  const bool delivered = part.has_deliver_time() &&
                         (!part.has_receive_time() ||
                          time::ToTime(part.receive_time()) < time::ToTime(part.deliver_time()));
  if (manages && (filling || delivered) && MayCall(principal, "PartService.ReceivePart")) {
    part.add_actions("receive");
  }
  return part;
}

}  // namespace chanyan::cycle
