#include "services/pairing/project_rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "services/pairing/agreement_rules.h"
#include "services/pairing/coverage_rules.h"

namespace chanyan::pairing {
namespace {

// Whether the kinds that are new to a project would do by themselves: what was set aside was set
// aside for those of then.
bool AddsWhatThePackTakes(const policy::Pack& pack, const v1::Project& stored,
                          const v1::Project& wanted) {
  v1::Project added = wanted;
  added.clear_kinds();
  for (const std::string& kind : wanted.kinds()) {
    const auto& known = stored.kinds();
    if (std::find(known.begin(), known.end(), kind) == known.end()) added.add_kinds(kind);
  }
  return added.kinds().empty() || policy::RequireSatisfied(CreateVerdicts(pack, added, "")).ok();
}

}  // namespace

bool HasEnded(v1::ProjectState state) {
  return state == v1::PROJECT_STATE_COMPLETED || state == v1::PROJECT_STATE_TERMINATED;
}

bool IsSigned(v1::ProjectState state) {
  return state == v1::PROJECT_STATE_SIGNED || state == v1::PROJECT_STATE_BUILDING ||
         state == v1::PROJECT_STATE_COMPLETED;
}

bool IsOwnPlatform(const v1::Project& project) {
  return !project.enterprise().empty() && project.university() == project.enterprise();
}

std::string OwnPlatformProblem(const v1::Project& project) {
  if (!IsOwnPlatform(project)) return "";
  return absl::StrCat("“", project.platform_title(), "”是“", project.enterprise_title(),
                      "”自己的科创平台，企业与本单位的平台不算结对，不能新增项目");
}

policy::v1::Verdicts CreateVerdicts(const policy::Pack& pack, const v1::Project& project,
                                    absl::string_view existing) {
  policy::Facts facts;
  facts.Set("platform", project.platform());
  facts.Set("enterprise", project.enterprise());
  facts.Set("existing_project", existing);
  for (const std::string& kind : project.kinds()) {
    const policy::v1::CoBuildKind* known = pack.FindCoBuildKindByName(kind);
    facts.Add("co_build_kinds", known == nullptr ? kind : known->id());
  }
  return policy::Evaluate(pack, policy::v1::DECISION_PROJECT_CREATE, facts);
}

policy::v1::Verdicts SignVerdicts(const policy::Pack& pack, const v1::Project& project,
                                  const v1::Agreement* agreement) {
  policy::Facts facts;
  if (agreement != nullptr) AddAgreementFacts(pack, *agreement, &facts);
  facts.Set("project_name", project.title());
  facts.Set("project_content", project.content());
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(project.sign_date());
  if (day.ok()) facts.SetDate("signed_date", *day);
  facts.Set("platform", project.platform());
  facts.Set("enterprise", project.enterprise());
  return policy::Evaluate(pack, policy::v1::DECISION_PROJECT_SIGN, facts);
}

absl::StatusOr<std::vector<absl::string_view>> VerbsTowards(v1::ProjectState present,
                                                            v1::ProjectState wanted) {
  static constexpr v1::ProjectState kStages[] = {
      v1::PROJECT_STATE_INTENT, v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_SIGNED,
      v1::PROJECT_STATE_BUILDING, v1::PROJECT_STATE_COMPLETED};
  const auto stage = [](v1::ProjectState state) {
    return static_cast<size_t>(std::find(std::begin(kStages), std::end(kStages), state) -
                               std::begin(kStages));
  };
  // The verb that leads to each stage.
  static constexpr absl::string_view kVerbs[] = {"", "negotiate", "sign", "start", "complete"};
  if (stage(present) == std::size(kStages) || stage(wanted) == std::size(kStages)) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("项目当前状态为“", policy::LabelOf(present),
                                                   "”，不能登记为“", policy::LabelOf(wanted), "”"));
  }
  std::vector<absl::string_view> verbs;
  for (size_t at = stage(present) + 1; at <= stage(wanted); ++at) {
    // Who signs need not have negotiated.
    const bool passes_by = kStages[at] == v1::PROJECT_STATE_NEGOTIATING && at < stage(wanted);
    if (!passes_by) verbs.push_back(kVerbs[at]);
  }
  return verbs;
}

bool TakeProgress(absl::string_view quarter, absl::string_view progress, bool no_change,
                  absl::string_view problem, v1::Project* project) {
  if (quarter < project->progress_quarter()) return false;
  project->set_progress_quarter(std::string(quarter));
  if (!no_change) project->set_progress(std::string(progress));
  project->set_problem(std::string(problem));
  return true;
}

std::vector<status::Violation> KindViolations(
    const policy::Pack& pack, const google::protobuf::RepeatedPtrField<std::string>& kinds) {
  std::vector<status::Violation> violations;
  for (int i = 0; i < kinds.size(); ++i) {
    if (pack.FindCoBuildKindByName(kinds[i]) == nullptr) {
      violations.push_back(
          {absl::StrCat("kinds[", i, "]"), absl::StrCat("“", kinds[i], "”不在共建类型目录中")});
    }
  }
  return violations;
}

absl::Status JudgeKinds(const policy::Pack& pack, const v1::Project* stored,
                        const std::vector<options::v1::Role>& roles, absl::string_view reason,
                        v1::Project* wanted) {
  if (stored != nullptr && std::equal(stored->kinds().begin(), stored->kinds().end(),
                                      wanted->kinds().begin(), wanted->kinds().end())) {
    return absl::OkStatus();
  }
  policy::v1::Verdicts verdicts = CreateVerdicts(pack, *wanted, "");
  if (stored != nullptr && AddsWhatThePackTakes(pack, *stored, *wanted)) {
    ApplyException(pack, stored->create_verdicts(), &verdicts);
  }
  CHANYAN_RETURN_IF_ERROR(policy::SetAside(pack, roles, reason, verdicts));
  CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
  *wanted->mutable_create_verdicts() = std::move(verdicts);
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
